"""Compute the indicators of a period from the rows as they are now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.clock import Clock
from engine.model.indicators import (
    INDICATORS,
    Assumptions,
    IndicatorId,
    IndicatorValue,
    Period,
)
from engine.model.organisation import Actor, Agency, AgencyId
from engine.ports import StartWork, UnitOfWork
from workflows.reading.indicator_values import COMPUTED, Count
from workflows.reading.scopes import Scope, Watch, agencies_of


@dataclass(frozen=True, kw_only=True)
class IndicatorsView:
    """Hold what the pages of indicators show.

    Args:
        agency: the one asked for, None for the whole city.
        choices: agencies the reader may choose; `may_see_city` whether all together too.
    """

    period: Period
    agency: Agency | None
    choices: Sequence[Agency]
    may_see_city: bool
    assumptions: Assumptions
    values: Sequence[IndicatorValue]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ViewIndicators:
    """Use case: somebody looks at the indicators of their agency, or of the city."""

    start_reading: StartWork
    watch: Watch
    clock: Clock

    def __call__(
        self,
        actor: Actor,
        period: Period,
        agency_id: AgencyId | None,
        *,
        wanted: Iterable[IndicatorId] = tuple(IndicatorId),
    ) -> IndicatorsView:
        """Return the indicators of an agency, or of the city when `agency_id` is None.

        Raises:
            NotFoundError: code AGENCY_NOT_FOUND; there is none, or the actor may not see it.
            NotPermittedError: the city's are not for this actor.
        """
        now = self.clock.now()
        with self.start_reading() as work:
            scope = self.watch.find_scope(work, actor, period, agency_id)
            assumptions = work.reports.get_assumptions()
            return IndicatorsView(
                period=period,
                agency=scope.agency(),
                choices=self.watch.list_choices(work, actor, period),
                may_see_city=self.watch.may_see_city(actor),
                assumptions=assumptions,
                values=indicators(
                    work, period, scope=scope, assumptions=assumptions, now=now, wanted=wanted
                ),
                at=now,
            )


def indicators(
    work: UnitOfWork,
    period: Period,
    *,
    scope: Scope | None = None,
    assumptions: Assumptions | None = None,
    now: datetime,
    wanted: Iterable[IndicatorId] = tuple(IndicatorId),
) -> list[IndicatorValue]:
    """Return the indicators of a period, in the order they are shown.

    Every table is walked once, whatever number of indicators reads it.

    Args:
        scope: the whole city unless told.
        assumptions: those in force unless told.
    """
    scope = scope or Scope(agencies=agencies_of(work, period), is_city=True)
    count = Count(
        work=work,
        period=period,
        scope=scope,
        assumptions=assumptions or work.reports.get_assumptions(),
        now=now,
    )
    chosen = set(wanted)
    return [COMPUTED[each](count) for each in INDICATORS if each in chosen]


def procedures(work: UnitOfWork, now: datetime) -> dict[str, dict[str, int]]:
    """Return per procedure its instances, those completed, and those overdue at `now`."""
    return {
        row.procedure_id: {
            "instances": row.instances,
            "completed": row.completed,
            "overdue": row.overdue,
        }
        for row in work.reports.count_procedures(now)
    }
