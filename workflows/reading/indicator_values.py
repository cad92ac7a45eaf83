"""Make indicators of the counts the rows give: shares, weeks, means and medians."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime

from engine.clock import local
from engine.model.indicators import (
    INDICATORS,
    Assumptions,
    IndicatorId,
    IndicatorValue,
    Period,
    Slice,
    median_minutes,
    share,
)
from engine.model.organisation import Agency, AgencyId, AgencyKind
from engine.model.register import RegisterBook
from engine.ports import UnitOfWork
from engine.ports_reports import AgencyCount, EntryCount, StepCount
from engine.process.library import Library
from workflows.reading.scopes import Scope

MINUTES_AN_HOUR = 60


class Count:
    """Hold the counts of one computation; each is read once, when the first asks for it."""

    def __init__(
        self,
        *,
        work: UnitOfWork,
        period: Period,
        scope: Scope,
        assumptions: Assumptions,
        now: datetime,
    ) -> None:
        self.work = work
        self.period = period
        self.scope = scope
        self.assumptions = assumptions
        self.now = now
        self.today: date = local(now).date()
        self._entries: Sequence[EntryCount] | None = None
        self._steps: Sequence[StepCount] | None = None
        self._sent: Sequence[AgencyCount] | None = None

    def entries(self) -> Sequence[EntryCount]:
        """Return the numbers given in each week."""
        if self._entries is None:
            weeks = self.period.weeks()
            self._entries = self.work.reports.count_entries(self.scope.ids(), weeks)
        return self._entries

    def steps(self) -> Sequence[StepCount]:
        """Return the steps people ended."""
        if self._steps is None:
            self._steps = self.work.reports.count_steps(self.scope.ids(), self.period)
        return self._steps

    def sent(self) -> Sequence[AgencyCount]:
        """Return what each agency sent, and what was registered of it."""
        if self._sent is None:
            self._sent = self.work.reports.count_sent(self.scope.ids(), self.period)
        return self._sent

    def step_names(self, keys: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
        """Return the names of steps as the versions in force call them."""
        processes = self.work.processes
        library = Library(
            store=processes.store,
            procedures=processes.procedures,
            definitions=processes.definitions,
        )
        names = {}
        for procedure_id, node_id in keys:
            nodes = (
                library.current(procedure_id, self.now).diagram.nodes
                if procedure_id in processes.procedures
                else {}
            )
            node = nodes.get(node_id)
            names[procedure_id, node_id] = node.name if node is not None else node_id
        return names


def _regular_use(count: Count) -> IndicatorValue:
    """Return how many agencies issued or registered enough, in enough different weeks.

    The People's Committee itself is served by its office and is not one of the agencies.
    """
    documents: dict[AgencyId, int] = defaultdict(int)
    weeks: dict[AgencyId, set[date]] = defaultdict(set)
    for entry in count.entries():
        documents[entry.agency_id] += entry.count
        weeks[entry.agency_id].add(entry.since)
    needed_weeks = min(count.assumptions.regular_weeks, len(count.period.weeks()))
    needed_documents = count.assumptions.regular_documents
    agencies = [
        agency
        for agency in count.scope.agencies
        if agency.kind is not AgencyKind.PEOPLES_COMMITTEE or not count.scope.is_city
    ]
    slices = []
    for agency in agencies:
        is_regular = (
            documents[agency.id] >= needed_documents and len(weeks[agency.id]) >= needed_weeks
        )
        slices.append(
            Slice(
                key=agency.id,
                name=agency.name,
                value=float(is_regular),
                counted=documents[agency.id],
                total=len(weeks[agency.id]),
            )
        )
    regular = sum(each.value == 1 for each in slices)
    return IndicatorValue(
        id=IndicatorId.REGULAR_USE,
        value=regular,
        counted=regular,
        total=len(slices),
        target=len(slices),
        slices=tuple(slices),
    )


def _within(count: Count) -> IndicatorValue:
    counts = count.work.reports.count_forwarded(count.scope.ids(), count.period)
    return _shares(IndicatorId.WITHIN, count, counts)


def _between(count: Count) -> IndicatorValue:
    return _shares(IndicatorId.BETWEEN, count, count.sent())


def _assignments(count: Count) -> IndicatorValue:
    counts = count.work.reports.count_assignments(count.scope.ids(), count.period, count.today)
    return _shares(IndicatorId.ASSIGNMENTS_ON_TIME, count, counts)


def _shares(indicator: IndicatorId, count: Count, counts: Sequence[AgencyCount]) -> IndicatorValue:
    """Return a share for each agency and for all of them."""
    by_agency = {each.agency_id: each for each in counts}
    slices = []
    for agency in count.scope.agencies:
        found = by_agency.get(agency.id)
        counted, total = (found.counted, found.total) if found else (0, 0)
        slices.append(
            Slice(
                key=agency.id,
                name=agency.name,
                value=share(counted, total),
                counted=counted,
                total=total,
            )
        )
    counted = sum(each.counted for each in slices)
    total = sum(each.total for each in slices)
    return IndicatorValue(
        id=indicator,
        value=share(counted, total),
        counted=counted,
        total=total,
        target=INDICATORS[indicator].target,
        slices=tuple(slices),
    )


def _certificates(count: Count) -> IndicatorValue:
    agencies = None if count.scope.is_city else count.scope.ids()
    counts = count.work.reports.count_certificates(agencies, count.period)
    slices = tuple(
        Slice(key=each.kind, name="", value=each.until, counted=each.within, total=each.until)
        for each in sorted(counts, key=lambda each: each.kind)
    )
    until = sum(each.total for each in slices)
    return IndicatorValue(
        id=IndicatorId.CERTIFICATES,
        value=until,
        counted=sum(each.counted for each in slices),
        total=until,
        slices=slices,
    )


def _documents(count: Count) -> IndicatorValue:
    """Return what was issued and registered, per agency and per week."""
    issued: dict[str, int] = defaultdict(int)
    received: dict[str, int] = defaultdict(int)
    weeks = {week.since: [0, 0] for week in count.period.weeks()}
    for entry in count.entries():
        is_issued = entry.book is RegisterBook.OUTGOING
        (issued if is_issued else received)[entry.agency_id] += entry.count
        weeks[entry.since][0 if is_issued else 1] += entry.count
    slices = tuple(
        Slice(
            key=agency.id,
            name=agency.name,
            value=issued[agency.id] + received[agency.id],
            counted=issued[agency.id],
            total=received[agency.id],
        )
        for agency in count.scope.agencies
    )
    both = sum(issued.values()), sum(received.values())
    return IndicatorValue(
        id=IndicatorId.DOCUMENTS,
        value=sum(both),
        counted=both[0],
        total=both[1],
        slices=slices,
        weeks=tuple((since, out, came) for since, (out, came) in weeks.items()),
    )


def _savings(count: Count) -> IndicatorValue:
    """Return the estimate: every copy a recipient registered is one that was not printed."""
    slices = tuple(
        Slice(
            key=agency.id,
            name=agency.name,
            value=count.assumptions.savings(copies),
            counted=copies,
            total=copies,
        )
        for agency, copies in _copies(count)
    )
    copies = sum(each.counted for each in slices)
    return IndicatorValue(
        id=IndicatorId.SAVINGS,
        value=count.assumptions.savings(copies),
        counted=copies,
        total=copies,
        slices=slices,
    )


def _copies(count: Count) -> list[tuple[Agency, int]]:
    by_agency = {each.agency_id: each.counted for each in count.sent()}
    return [(agency, by_agency.get(agency.id, 0)) for agency in count.scope.agencies]


def _steps_on_time(count: Count) -> IndicatorValue:
    return _step_shares(IndicatorId.STEPS_ON_TIME, count, lambda step: (step.on_time, step.due))


def _returns(count: Count) -> IndicatorValue:
    return _step_shares(
        IndicatorId.RETURNS,
        count,
        lambda step: (step.returned, step.count),
    )


def _step_shares(
    indicator: IndicatorId, count: Count, numbers: Callable[[StepCount], tuple[int, int]]
) -> IndicatorValue:
    """Return a share for each step of each procedure and for all of them."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for step in count.steps():
        counted, total = numbers(step)
        sums[step.procedure_id, step.node_id][0] += counted
        sums[step.procedure_id, step.node_id][1] += total
    known = sorted(key for key, (_, total) in sums.items() if total)
    names = count.step_names(known)
    slices = tuple(
        Slice(
            key=".".join(key),
            name=names[key],
            value=share(*sums[key]),
            counted=sums[key][0],
            total=sums[key][1],
        )
        for key in known
    )
    counted = sum(each.counted for each in slices)
    total = sum(each.total for each in slices)
    return IndicatorValue(
        id=indicator,
        value=share(counted, total),
        counted=counted,
        total=total,
        slices=slices,
    )


def _step_times(count: Count) -> IndicatorValue:
    """Return the mean and the median time of each step."""
    stretches: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    minutes: dict[tuple[str, str], int] = defaultdict(int)
    for step in count.steps():
        key = step.procedure_id, step.node_id
        stretches[key][step.stretch] = step.count
        minutes[key] += step.minutes
    names = count.step_names(sorted(stretches))
    slices = []
    for key in sorted(stretches):
        number = sum(stretches[key].values())
        slices.append(
            Slice(
                key=".".join(key),
                name=names[key],
                value=minutes[key] / number / MINUTES_AN_HOUR,
                counted=number,
                total=number,
                median_hours=median_minutes(stretches[key]) / MINUTES_AN_HOUR,
            )
        )
    number = sum(each.counted for each in slices)
    whole = sum(minutes.values()) / MINUTES_AN_HOUR
    return IndicatorValue(
        id=IndicatorId.STEP_TIMES,
        value=whole / number if number else None,
        counted=number,
        total=number,
        slices=tuple(slices),
    )


COMPUTED: Mapping[IndicatorId, Callable[[Count], IndicatorValue]] = {
    IndicatorId.REGULAR_USE: _regular_use,
    IndicatorId.WITHIN: _within,
    IndicatorId.BETWEEN: _between,
    IndicatorId.CERTIFICATES: _certificates,
    IndicatorId.STEPS_ON_TIME: _steps_on_time,
    IndicatorId.ASSIGNMENTS_ON_TIME: _assignments,
    IndicatorId.STEP_TIMES: _step_times,
    IndicatorId.DOCUMENTS: _documents,
    IndicatorId.RETURNS: _returns,
    IndicatorId.SAVINGS: _savings,
}
