"""Keep the books of the agencies, with dense numbers."""

from collections.abc import Sequence

import sqlalchemy as sa

from engine.errors import ConflictError, ErrorCode
from engine.model.organisation import AgencyId
from engine.model.register import EntryState, RegisterBook, RegisterEntry
from storage.errors import unique
from storage.repositories.base import Repository, missing
from storage.tables import documents as tables

_counter = tables.counter
_entry = tables.register_entry

_KEY = ("agency_id", "book", "series", "year")
_TAKE_NEXT = (
    sa.update(_counter)
    .where(*(_counter.c[name] == sa.bindparam(f"key_{name}") for name in _KEY))
    .values(last=_counter.c.last + 1)
    .returning(_counter.c.last)
)


class SqlRegisters(Repository):
    """Keep registers; a number taken in a transaction that rolls back is given again."""

    def take_next(self, agency_id: AgencyId, book: RegisterBook, series: str, year: int) -> int:
        """Return the next number; call it late, a rollback gives the number back."""
        book_key = dict(zip(_KEY, (agency_id, book, series, year), strict=True))
        values = {f"key_{name}": value for name, value in book_key.items()}
        taken = self._connection.execute(_TAKE_NEXT, values).scalar_one_or_none()
        if taken is None:
            # The first number of a year; whoever else opens the book meanwhile is harmless.
            self._insert_once(_counter, {**book_key, "last": 0})
            taken = self._connection.execute(_TAKE_NEXT, values).scalar_one()
        return int(taken)

    def add(self, entry: RegisterEntry) -> None:
        """Add a line to the book.

        Raises:
            ConflictError: code REGISTER_NUMBER_TAKEN, also when the subject has a number.
        """
        with unique(ErrorCode.REGISTER_NUMBER_TAKEN, f"{entry.agency_id}: {entry.symbol}"):
            self._insert(_entry, dict(vars(entry)))

    def save(self, entry: RegisterEntry) -> None:
        """Write what became of a bound number; nothing else of it ever changes.

        Raises:
            NotFoundError: there is no such entry.
            ConflictError: code REGISTER_ENTRY_CLOSED; the number is issued or void already.
        """
        key = [column == getattr(entry, column.name) for column in _entry.primary_key]
        # Whoever read the entry before somebody else closed it must not undo that.
        bound = sa.update(_entry).where(*key, _entry.c.state == EntryState.BOUND)
        if self._changed(bound.values(state=entry.state, reason=entry.reason)):
            return
        state = self._connection.execute(sa.select(_entry.c.state).where(*key)).scalar()
        if state is None:
            missing("register entry", entry.symbol)
        raise ConflictError(f"{entry.symbol} is {state}", code=ErrorCode.REGISTER_ENTRY_CLOSED)

    def find_for(self, book: RegisterBook, subject_id: str) -> RegisterEntry | None:
        """Return the entry of a subject that is not void."""
        # The literal lets the partial index be used; a bound value would not.
        live = _entry.c.state != sa.literal_column(f"'{EntryState.VOID.value}'")
        query = sa.select(_entry).where(
            _entry.c.book == book, _entry.c.subject_id == subject_id, live
        )
        return self._find(RegisterEntry, query)

    def list_entries(
        self, agency_id: AgencyId, book: RegisterBook, year: int
    ) -> Sequence[RegisterEntry]:
        """Return the book of a year in the order of its numbers, void ones included."""
        query = (
            sa.select(_entry)
            .where(_entry.c.agency_id == agency_id, _entry.c.book == book, _entry.c.year == year)
            .order_by(_entry.c.series, _entry.c.number, _entry.c.suffix)
        )
        return self._list(RegisterEntry, query)
