"""Show a board, and the assignments behind one of its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.clock import Clock, local
from engine.model.assignment import Standing
from engine.model.organisation import Actor
from engine.paging import Page
from engine.ports import StartWork
from engine.ports_boards import BoardHead, BoardQuery, BoardTable
from engine.ports_direction import AssignmentRow
from workflows.boards.sight import BoardTab, Sight


@dataclass(frozen=True, kw_only=True)
class BoardView:
    """Hold what the page of a board shows.

    Args:
        tabs: boards the reader may turn to.
        at: when it was counted.
    """

    query: BoardQuery
    head: BoardHead
    table: BoardTable
    tabs: Sequence[BoardTab]
    today: date
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CellView:
    """Hold what the list behind a number shows."""

    head: BoardHead
    page: Page[AssignmentRow]
    today: date


@dataclass(frozen=True, kw_only=True)
class ViewBoard:
    """Use case: somebody looks at how assignments stand."""

    start_reading: StartWork
    clock: Clock
    sight: Sight

    def __call__(self, actor: Actor, query: BoardQuery) -> BoardView:
        """Return the board as it stands now.

        Raises:
            NotFoundError: code AGENCY_NOT_FOUND; there is no such agency, unit or person.
            NotPermittedError: it is not the actor's to see.
        """
        now = self.clock.now()
        today = local(now).date()
        with self.start_reading() as work:
            head, seen = self.sight.check(work, actor, query, today)
            return BoardView(
                query=query,
                head=head,
                table=work.boards.read_board(seen, today),
                tabs=self.sight.list_tabs(work, actor),
                today=today,
                at=now,
            )

    def first_tab(self, actor: Actor) -> BoardTab:
        """Return the board a person begins with."""
        with self.start_reading() as work:
            return self.sight.list_tabs(work, actor)[0]

    def list_cell(
        self,
        actor: Actor,
        query: BoardQuery,
        *,
        row_key: str = "",
        standing: Standing | None = None,
        cursor: str = "",
        limit: int = 50,
    ) -> CellView:
        """Return one page of the assignments behind a number.

        Raises:
            NotFoundError: code AGENCY_NOT_FOUND.
            NotPermittedError: the board is not the actor's to see.
            InvalidInputError: no line of this board, or a cursor of another list.
        """
        today = local(self.clock.now()).date()
        with self.start_reading() as work:
            head, seen = self.sight.check(work, actor, query, today)
            page = work.boards.list_cell(
                seen,
                today,
                row_key=row_key,
                standing=standing,
                reader=actor,
                cursor=cursor,
                limit=limit,
            )
            return CellView(head=head, page=page, today=today)
