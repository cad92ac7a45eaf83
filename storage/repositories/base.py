"""Share what every repository does: run a statement, turn rows into records."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.errors import ErrorCode, NotFoundError

Record = TypeVar("Record")


class Repository:
    """Hold the connection of one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def _insert(self, table: sa.Table, values: dict[str, Any] | Sequence[dict[str, Any]]) -> None:
        self._connection.execute(sa.insert(table), values)

    def _insert_once(
        self,
        table: sa.Table,
        values: dict[str, Any],
        *,
        key: Sequence[sa.Column[Any]] | None = None,
    ) -> bool:
        """Insert a row unless its key is there; return whether it was inserted.

        Args:
            key: the one that is meant; any that is unique unless told.
        """
        dialect = self._connection.dialect.name
        insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
        done = self._connection.execute(
            insert(table).on_conflict_do_nothing(index_elements=key), values
        )
        return done.rowcount > 0

    def _find(
        self, make: Callable[..., Record], query: sa.Select[Any], **values: Any
    ) -> Record | None:
        row = self._connection.execute(query, values).first()
        return None if row is None else make(**row._mapping)

    def _list(
        self, make: Callable[..., Record], query: sa.Select[Any], **values: Any
    ) -> list[Record]:
        return [make(**row) for row in self._connection.execute(query, values).mappings()]

    def _changed(self, statement: sa.Update, values: Mapping[str, Any] | None = None) -> int:
        return self._connection.execute(statement, values).rowcount


def by_key(column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that `column` is the value given as `key` when the query runs.

    The queries of every step are built once: building one costs more than running it.
    """
    return column == sa.bindparam("key", type_=column.type)


def missing(what: str, key: str, code: ErrorCode = ErrorCode.DOCUMENT_NOT_FOUND) -> NoReturn:
    """Say that there is no such row.

    Raises:
        NotFoundError: with `code`.
    """
    raise NotFoundError(f"no {what} {key}", code=code)
