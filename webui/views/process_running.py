"""Show an administrator what runs: instances, incidents, and what the scheduler will do."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendar.working_time import WorkingCalendar
from engine.clock import local
from engine.permissions import Permission
from engine.ports import UnitOfWork
from engine.process.nodes import Node
from engine.process_queries import (
    IncidentRow,
    InstanceFilter,
    InstanceRow,
    InstanceState,
    TimerRow,
)
from webui.i18n import gettext
from webui.i18n import mark as _l
from webui.login import current_actor, requires, the_house, use_cases
from webui.process_tabs import process_tabs
from webui.process_words import node_name
from webui.shell import use_frame
from webui.versions import load_definition, load_nodes, waiting_nodes

bp = Blueprint("process_running", __name__)

Namer = Callable[[InstanceRow | IncidentRow | TimerRow, str], str]

#: Days since the start that a list can be narrowed to, and their words.
AGES: Mapping[str, str] = {
    "1": _l("Hơn 1 ngày"),
    "7": _l("Hơn 1 tuần"),
    "30": _l("Hơn 1 tháng"),
    "90": _l("Hơn 3 tháng"),
}
#: Deadlines of today may reach into the next year.
_YEARS_AHEAD = 1


@bp.get("/quan-tri/ho-so")
@requires(Permission.PROCESS_ADMINISTER)
def instances() -> ResponseReturnValue:
    """List instances by state, age, procedure and the node they wait at."""
    use_frame(current="processes")
    now = the_house().clock.now()
    asked = {name: request.args.get(name, "") for name in ("qt", "tt", "tuoi", "buoc", "pb")}
    state = InstanceState(asked["tt"]) if asked["tt"] in list(InstanceState) else None
    with the_house().start_reading() as work:
        procedures = work.queries.list_procedures(now)
        wanted = InstanceFilter(
            state=state or InstanceState.RUNNING,
            procedure_id=asked["qt"],
            digest=_digest(work, asked["qt"], asked["pb"]),
            node_id=asked["buoc"],
            started_before=now - timedelta(days=int(asked["tuoi"]))
            if asked["tuoi"] in AGES
            else None,
        )
        page = work.queries.list_instances(wanted, now, cursor=request.args.get("sau", ""))
        nodes = load_nodes(work, {row.digest for row in page.rows})
        current = {
            row.procedure_id: load_definition(work, row.digest).diagram for row in procedures
        }
        tabs = process_tabs(work, now, "instances")
    return render_template(
        "pages/process_instances.html",
        rows=page.rows,
        place_name=_namer(nodes),
        procedures={key: diagram.name for key, diagram in current.items()},
        nodes=waiting_nodes(current[asked["qt"]]) if asked["qt"] in current else (),
        ages=AGES,
        states=InstanceState,
        wanted=wanted,
        asked=asked,
        next_url=_next("process_running.instances", page.next_cursor, asked),
        tabs=tabs,
        now=now,
    )


@bp.get("/quan-tri/su-co")
@requires(Permission.PROCESS_ADMINISTER)
def incidents() -> ResponseReturnValue:
    """List steps that failed: the open ones, or those that are over."""
    use_frame(current="processes")
    now = the_house().clock.now()
    is_over = request.args.get("tt") == "xong"
    with the_house().start_reading() as work:
        page = work.queries.list_incidents(is_over=is_over, cursor=request.args.get("sau", ""))
        nodes = load_nodes(work, {row.digest for row in page.rows})
        tabs = process_tabs(work, now, "incidents")
    asked = {"tt": "xong"} if is_over else {}
    return render_template(
        "pages/process_incidents.html",
        rows=page.rows,
        is_over=is_over,
        place_name=_namer(nodes),
        next_url=_next("process_running.incidents", page.next_cursor, asked),
        tabs=tabs,
        now=now,
    )


@bp.post("/quan-tri/su-co/<incident_id>/thu-lai")
@requires(Permission.PROCESS_ADMINISTER)
def retry(incident_id: str) -> ResponseReturnValue:
    """Let what failed be tried again at once."""
    use_cases().retry_incident(incident_id, current_actor())
    flash(gettext("Đang thử lại."), "good")
    return redirect(url_for("process_running.incidents"), 303)


@bp.get("/quan-tri/hen-gio")
@requires(Permission.PROCESS_ADMINISTER)
def timers() -> ResponseReturnValue:
    """List what the scheduler will do, and the days off that deadlines are counted with."""
    use_frame(current="processes")
    now = the_house().clock.now()
    this_year = local(now).year
    asked = request.args.get("nam", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else this_year
    with the_house().start_reading() as work:
        page = work.queries.list_timers(cursor=request.args.get("sau", ""))
        nodes = load_nodes(work, {row.digest for row in page.rows})
        calendar = work.processes.calendar
        tabs = process_tabs(work, now, "timers")
    return render_template(
        "pages/process_timers.html",
        rows=page.rows,
        place_name=_namer(nodes),
        next_url=_next("process_running.timers", page.next_cursor, {"nam": asked}),
        year=year,
        days=calendar.list_days(year),
        is_covered=calendar.covers(year),
        uncovered=_uncovered(calendar, this_year),
        years=range(this_year - 1, this_year + 3),
        tabs=tabs,
        now=now,
    )


def _digest(work: UnitOfWork, procedure_id: str, number: str) -> str:
    """Return the digest of the version asked for; "" for all of them."""
    if not number:
        return ""
    rows = work.queries.list_versions(procedure_id)
    # A number nobody gave finds nothing rather than everything.
    return next((row.digest for row in rows if str(row.number) == number), number)


def _uncovered(calendar: WorkingCalendar, this_year: int) -> Iterable[int]:
    years = range(this_year, this_year + _YEARS_AHEAD + 1)
    return [year for year in years if not calendar.covers(year)]


def _namer(nodes: Mapping[str, Mapping[str, Node]]) -> Namer:
    """Return what names a node of a row as its own version draws it."""

    def name(row: InstanceRow | IncidentRow | TimerRow, node_id: str) -> str:
        node = nodes.get(row.digest, {}).get(node_id)
        return node_name(row.procedure_id, node) if node is not None else node_id

    return name


def _next(endpoint: str, cursor: str, asked: Mapping[str, str]) -> str | None:
    if not cursor:
        return None
    values = {name: value for name, value in asked.items() if value}
    return f"{url_for(endpoint)}?{urlencode({**values, 'sau': cursor})}"
