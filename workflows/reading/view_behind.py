"""List the documents, steps and assignments behind a number of the indicators."""

from dataclasses import dataclass

from engine.clock import Clock, local
from engine.model.indicators import IndicatorId, Period, Side
from engine.model.organisation import Actor, Agency, AgencyId
from engine.paging import Page
from engine.ports import StartWork
from engine.ports_reports import BehindQuery, BehindRow
from workflows.reading.scopes import Watch


@dataclass(frozen=True, kw_only=True)
class BehindView:
    """Hold one page of what is behind a number; `agency` None stands for the city."""

    agency: Agency | None
    page: Page[BehindRow]


@dataclass(frozen=True, kw_only=True)
class ViewBehind:
    """Use case: somebody follows a number to the things it counts."""

    start_reading: StartWork
    watch: Watch
    clock: Clock

    def __call__(
        self,
        actor: Actor,
        indicator: IndicatorId,
        period: Period,
        agency_id: AgencyId | None,
        *,
        part: str = "",
        side: Side = Side.ALL,
        cursor: str = "",
    ) -> BehindView:
        """Return one page, the newest first.

        Raises:
            NotFoundError: the actor may not see this agency's numbers.
            NotPermittedError: nor the city's.
            InvalidInputError: the cursor is of another list.
        """
        with self.start_reading() as work:
            scope = self.watch.find_scope(work, actor, period, agency_id)
            query = BehindQuery(
                indicator=indicator,
                period=period,
                agency_ids=scope.ids(),
                part=part,
                side=side,
                today=local(self.clock.now()).date(),
                is_city=scope.is_city,
                reader=actor,
            )
            page = work.reports.list_behind(query, cursor=cursor)
        return BehindView(agency=scope.agency(), page=page)
