"""Hold the use cases of reports, ready to call."""

from dataclasses import dataclass

from engine.clock import Clock
from engine.model.organisation import AgencyId
from engine.ports import StartWork
from workflows.reading.export_register import ExportRegister
from workflows.reading.scopes import Watch
from workflows.reading.set_assumptions import SetAssumptions
from workflows.reading.view_behind import ViewBehind
from workflows.reading.view_indicators import ViewIndicators


@dataclass(frozen=True, kw_only=True)
class ReportCases:
    """Hold what people do with reports."""

    view_indicators: ViewIndicators
    view_behind: ViewBehind
    set_assumptions: SetAssumptions
    export_register: ExportRegister


def report_cases(
    start_work: StartWork,
    start_reading: StartWork,
    clock: Clock,
    city_agencies: frozenset[AgencyId],
) -> ReportCases:
    """Return the use cases over one database."""
    watch = Watch(city_agencies=city_agencies)
    return ReportCases(
        view_indicators=ViewIndicators(start_reading=start_reading, watch=watch, clock=clock),
        view_behind=ViewBehind(start_reading=start_reading, watch=watch, clock=clock),
        set_assumptions=SetAssumptions(start_work=start_work, clock=clock),
        export_register=ExportRegister(start_work=start_work, clock=clock),
    )
