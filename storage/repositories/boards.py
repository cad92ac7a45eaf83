"""Answer the questions of the boards from the tallies."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from engine.model.assignment import Standing
from engine.model.organisation import Actor
from engine.paging import Page
from engine.ports_boards import (
    Assigner,
    BoardHead,
    BoardQuery,
    BoardTable,
    TallyFault,
    Waiting,
    WaitingRow,
)
from engine.ports_direction import AssignmentRow
from storage import tally
from storage.queries import boards
from storage.repositories.base import Repository


class SqlBoards(Repository):
    """Answer each question at the same cost however many assignments there are."""

    def read_board(self, query: BoardQuery, today: date) -> BoardTable:
        """Return the board as it stands on `today`."""
        return boards.read_board(self._connection, query, today)

    def list_cell(
        self,
        query: BoardQuery,
        today: date,
        *,
        row_key: str = "",
        standing: Standing | None = None,
        reader: Actor | None = None,
        cursor: str = "",
        limit: int = 50,
    ) -> Page[AssignmentRow]:
        """Return the assignments behind a cell: the longest overdue first, else the newest."""
        return boards.list_cell(
            self._connection,
            query,
            today,
            row_key=row_key,
            standing=standing,
            reader=reader,
            cursor=cursor,
            limit=limit,
        )

    def list_waiting(
        self, assigners: Collection[Assigner], waiting: Waiting, today: date, *, limit: int = 50
    ) -> Sequence[WaitingRow]:
        """Return what waits for a word of the assigners, the oldest first."""
        return boards.list_waiting(self._connection, assigners, waiting, today, limit)

    def count_waiting(self, assigners: Collection[Assigner]) -> Mapping[Waiting, int]:
        """Return how much waits for a word of the assigners."""
        return boards.count_waiting(self._connection, assigners)

    def read_head(self, query: BoardQuery) -> BoardHead:
        """Return how the board's scope is called and who gave what it counts."""
        return boards.read_head(self._connection, query)

    def check_tally(self) -> Sequence[TallyFault]:
        """Count everything anew and return what the tally says otherwise."""
        return tally.check(self._connection)

    def rebuild_tally(self) -> int:
        """Count everything anew and keep that; return how many assignments were counted."""
        return tally.rebuild(self._connection)
