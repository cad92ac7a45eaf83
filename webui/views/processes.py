"""Show an administrator the procedures: their versions, what waits where, and moving along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from engine.errors import ErrorCode, NotFoundError
from engine.permissions import Permission
from engine.ports import UnitOfWork
from engine.process.definitions import Definition
from engine.process.deployment import lint_definition
from engine.process.migration import MigrationPlan
from engine.process.nodes import Node
from engine.process_queries import HeatRow, SubjectRow, VersionRow
from webui import process_words
from webui.filenames import inline_name
from webui.i18n import current_locale, gettext
from webui.lint_texts import lint_remedy, lint_sentence
from webui.login import current_actor, requires, the_house, use_cases
from webui.process_tabs import process_tabs
from webui.shell import use_frame
from webui.versions import (
    get_version,
    is_forked,
    list_changes,
    load_definition,
    table_view,
    waiting_nodes,
)

bp = Blueprint("processes", __name__)

#: Rows of a dry run that are shown; the counts above them are of all.
SHOWN_PLANS = 200


@bp.app_context_processor
def _words() -> dict[str, object]:
    """Give the words of these pages to the templates."""
    locale = current_locale()
    return {
        "process_words": process_words,
        "sentence": partial(lint_sentence, locale=locale),
        "remedy": partial(lint_remedy, locale=locale),
    }


@dataclass(frozen=True)
class HeatView:
    """Hold one node of a version with what waits there; `row` is None when nothing does."""

    node: Node
    row: HeatRow | None
    level: int


@dataclass(frozen=True)
class PlanView:
    """Hold one row of a dry run in words."""

    about: SubjectRow
    plan: MigrationPlan


@bp.get("/quan-tri/quy-trinh")
@requires(Permission.PROCESS_ADMINISTER)
def index() -> ResponseReturnValue:
    """List the procedures with what runs and waits in each."""
    use_frame(current="processes")
    now = the_house().clock.now()
    with the_house().start_reading() as work:
        rows = work.queries.list_procedures(now)
        names = {row.digest: load_definition(work, row.digest).diagram.name for row in rows}
        tabs = process_tabs(work, now, "processes")
    return render_template("pages/process_index.html", rows=rows, names=names, tabs=tabs, now=now)


@bp.get("/quan-tri/quy-trinh/<procedure_id>")
@requires(Permission.PROCESS_ADMINISTER)
def procedure(procedure_id: str) -> ResponseReturnValue:
    """List the versions of a procedure."""
    use_frame(current="processes")
    with the_house().start_reading() as work:
        rows = _versions(work, procedure_id)
        name = load_definition(work, rows[0].digest).diagram.name
    return render_template(
        "pages/process_procedure.html", rows=rows, name=name, procedure_id=procedure_id
    )


@bp.get("/quan-tri/quy-trinh/<procedure_id>/<number>")
@requires(Permission.PROCESS_ADMINISTER)
def version(procedure_id: str, number: str) -> ResponseReturnValue:
    """Show one version: its diagram with the heat, the linter's result, its tables."""
    use_frame(current="processes")
    now = the_house().clock.now()
    with the_house().start_reading() as work:
        row = get_version(work, procedure_id, number)
        definition = load_definition(work, row.digest)
        heat = _heat(work, definition, now)
        findings = lint_definition(definition, work.processes.procedures)
    return render_template(
        "pages/process_version.html",
        version=row,
        diagram=definition.diagram,
        has_tables=bool(definition.dmn),
        heat=heat,
        findings=findings,
        tables=[table_view(each) for each in definition.decisions.values()],
        now=now,
    )


@bp.get("/quan-tri/quy-trinh/<procedure_id>/<number>/so-do")
@requires(Permission.PROCESS_ADMINISTER)
def diagram(procedure_id: str, number: str) -> ResponseReturnValue:
    """Give the drawing and how hot each node is."""
    now = the_house().clock.now()
    with the_house().start_reading() as work:
        row = get_version(work, procedure_id, number)
        definition = load_definition(work, row.digest)
        heat = _heat(work, definition, now)
    return jsonify(
        {
            "xml": definition.xml.decode("utf-8"),
            "done": [],
            "now": [],
            "heat": [_heat_mark(each, now) for each in heat if each.row is not None],
        }
    )


@bp.get("/quan-tri/quy-trinh/<procedure_id>/<number>/tep/<kind>")
@requires(Permission.PROCESS_ADMINISTER)
def download(procedure_id: str, number: str, kind: str) -> ResponseReturnValue:
    """Give a file of the version exactly as it was put into force."""
    with the_house().start_reading() as work:
        row = get_version(work, procedure_id, number)
        definition = load_definition(work, row.digest)
    content = {"bpmn": definition.xml, "dmn": definition.dmn}.get(kind, b"")
    if not content:
        abort(404)
    response = Response(content, content_type="application/xml; charset=utf-8")
    name = inline_name(f"{procedure_id}-{row.number}.{kind}")
    response.headers["Content-Disposition"] = name.replace("inline", "attachment", 1)
    return response


@bp.post("/quan-tri/quy-trinh/<procedure_id>/<number>/hieu-luc")
@requires(Permission.PROCESS_ADMINISTER)
def put_back(procedure_id: str, number: str) -> ResponseReturnValue:
    """Put an older version back into force."""
    with the_house().start_reading() as work:
        row = get_version(work, procedure_id, number)
        definition = load_definition(work, row.digest)
    use_cases().deploy_definition(
        definition.xml, definition.dmn, current_actor(), source=row.source, note=row.note
    )
    flash(gettext("Từ nay hồ sơ mới chạy theo phiên bản %(number)s.", number=row.number), "good")
    return redirect(url_for("processes.procedure", procedure_id=procedure_id), 303)


@bp.get("/quan-tri/quy-trinh/<procedure_id>/chuyen")
@requires(Permission.PROCESS_ADMINISTER)
def plan_migration(procedure_id: str) -> ResponseReturnValue:
    """Compare two versions and show what moving each instance would do."""
    use_frame(current="processes")
    with the_house().start_reading() as work:
        rows = _versions(work, procedure_id)
        frame = {
            "rows": rows,
            "procedure_id": procedure_id,
            "name": load_definition(work, rows[0].digest).diagram.name,
        }
        chosen = _chosen(rows, request.args)
        if chosen is None:
            return render_template("pages/process_migration.html", old=None, **frame)
        old, new = (load_definition(work, row.digest) for row in chosen)
    plans = use_cases().migrate_instances.plan(old.digest, new.digest, current_actor())
    # What stays is what has to be looked at, so it comes first.
    shown = sorted(plans, key=lambda plan: plan.is_possible)[:SHOWN_PLANS]
    with the_house().start_reading() as work:
        about = work.queries.list_subjects(procedure_id, {plan.business_key for plan in shown})
    return render_template(
        "pages/process_migration.html",
        **frame,
        old=chosen[0],
        new=chosen[1],
        changes=list_changes(old, new),
        nodes={**old.diagram.nodes, **new.diagram.nodes},
        plans=[PlanView(about[plan.business_key], plan) for plan in shown],
        total=len(plans),
        possible=sum(plan.is_possible for plan in plans),
    )


@bp.post("/quan-tri/quy-trinh/<procedure_id>/chuyen")
@requires(Permission.PROCESS_ADMINISTER)
def migrate(procedure_id: str) -> ResponseReturnValue:
    """Move every instance that can move."""
    with the_house().start_reading() as work:
        chosen = _chosen(_versions(work, procedure_id), request.form)
    if chosen is None:
        abort(404)
    old, new = chosen
    report = use_cases().migrate_instances(old.digest, new.digest, current_actor())
    said = gettext(
        "Đã chuyển %(moved)s hồ sơ sang phiên bản %(number)s; %(stayed)s hồ sơ ở lại.",
        moved=len(report.moved),
        number=new.number,
        stayed=len(report.stayed) + len(report.overtaken),
    )
    flash(said, "wait" if report.stayed or report.overtaken else "good")
    return redirect(url_for("processes.procedure", procedure_id=procedure_id), 303)


def _versions(work: UnitOfWork, procedure_id: str) -> Sequence[VersionRow]:
    rows = work.queries.list_versions(procedure_id)
    if not rows:
        raise NotFoundError(f"no procedure {procedure_id}", code=ErrorCode.PROCESS_UNKNOWN)
    return rows


def _chosen(
    rows: Sequence[VersionRow], values: Mapping[str, str]
) -> tuple[VersionRow, VersionRow] | None:
    """Return the version to leave and the one to move to; None unless both are chosen."""
    by_number = {str(row.number): row for row in rows}
    old, new = by_number.get(values.get("tu", "")), by_number.get(values.get("den", ""))
    return None if old is None or new is None or old == new else (old, new)


def _heat(work: UnitOfWork, definition: Definition, now: datetime) -> list[HeatView]:
    rows = {
        row.node_id: row
        for row in work.queries.list_heat(
            definition.digest, now, is_forked=is_forked(definition.diagram)
        )
    }
    return [
        HeatView(node, row, _level(row, now) if row else 0)
        for node in waiting_nodes(definition.diagram)
        for row in [rows.get(node.id)]
    ]


def _level(row: HeatRow, now: datetime) -> int:
    return process_words.age_level(row.oldest_at, row.overdue, now)


def _heat_mark(view: HeatView, now: datetime) -> dict[str, object]:
    row = view.row
    if row is None:
        raise ValueError(view.node.id)
    age = process_words.span(now - row.oldest_at)
    return {"id": view.node.id, "level": view.level, "text": f"{row.waiting} · {age}"}
