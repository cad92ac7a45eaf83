"""Let an administrator bring or draw a version: looked at first, put into force when sound."""

from flask import (
    Blueprint,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from engine.errors import InvalidInputError
from engine.permissions import Permission
from engine.process.definitions import Definition, DefinitionCache, definition_digest
from engine.process.deployment import lint_files
from engine.process.diagram import MAX_BYTES
from engine.process.findings import DiagramRefusedError, Finding, LintRule
from engine.process.model import DefinitionSource, StoredDefinition
from webui.carrying import pack, unpack
from webui.forms import note_refusal
from webui.i18n import current_locale, gettext
from webui.limits import UPLOAD_LIMIT, by_person, limiter
from webui.lint_texts import lint_remedy, lint_sentence
from webui.login import current_actor, requires, the_house, use_cases
from webui.modeler_texts import modeler_choices, modeler_texts
from webui.process_forms import DeployForm, FilesForm
from webui.shell import use_frame
from webui.versions import get_version, list_changes, load_definition, table_view

bp = Blueprint("process_editing", __name__)

#: What these rules object to cannot be drawn either.
_NOT_DRAWN = frozenset(
    {
        LintRule.XML_TOO_LARGE,
        LintRule.XML_NOT_UTF8,
        LintRule.XML_DOCTYPE,
        LintRule.XML_BROKEN,
        LintRule.NOT_BPMN,
    }
)


@bp.get("/quan-tri/quy-trinh/tai-len")
@requires(Permission.PROCESS_ADMINISTER)
def upload_form() -> ResponseReturnValue:
    """Ask for the files of a version."""
    use_frame(current="processes")
    return render_template("pages/process_upload.html", form=FilesForm())


@bp.post("/quan-tri/quy-trinh/tai-len")
@requires(Permission.PROCESS_ADMINISTER)
@limiter.limit(UPLOAD_LIMIT, key_func=by_person)
def upload() -> ResponseReturnValue:
    """Show what the linter says of the files; nothing is stored."""
    form = FilesForm(request.form)
    xml = _uploaded("bpmn")
    if not xml:
        use_frame(current="processes")
        form.bpmn.errors = [gettext("Hãy chọn tệp sơ đồ.")]
        return render_template("pages/process_upload.html", form=form), 422
    return _show_lint(xml, _uploaded("dmn"), DeployForm())


@bp.post("/quan-tri/quy-trinh/dua-vao")
@requires(Permission.PROCESS_ADMINISTER)
@limiter.limit(UPLOAD_LIMIT, key_func=by_person)
def deploy() -> ResponseReturnValue:
    """Put the files that were looked at into force."""
    form = DeployForm(request.form)
    xml, dmn = (
        unpack(request.form.get(name, ""), max_bytes=MAX_BYTES) for name in ("bpmn", "dmn")
    )
    try:
        stored = _deploy(xml, dmn, DefinitionSource.FILE, form.note.data or "")
    except DiagramRefusedError:
        return _show_lint(xml, dmn, form), 422
    except InvalidInputError as error:
        messages, status = note_refusal(form, error)
        return _show_lint(xml, dmn, form, messages), status
    return redirect(_version_url(stored), 303)


@bp.get("/quan-tri/quy-trinh/<procedure_id>/<number>/sua")
@requires(Permission.PROCESS_ADMINISTER)
def edit(procedure_id: str, number: str) -> ResponseReturnValue:
    """Show the editor with a version in it."""
    use_frame(current="processes")
    with the_house().start_reading() as work:
        row = get_version(work, procedure_id, number)
        definition = load_definition(work, row.digest)
    return render_template(
        "pages/process_edit.html", version=row, name=definition.diagram.name, form=DeployForm()
    )


@bp.get("/quan-tri/quy-trinh/<procedure_id>/<number>/ban-ve")
@requires(Permission.PROCESS_ADMINISTER)
def drawing(procedure_id: str, number: str) -> ResponseReturnValue:
    """Give the editor the drawing, what may be chosen in it, and its words."""
    with the_house().start_reading() as work:
        row = get_version(work, procedure_id, number)
        definition = load_definition(work, row.digest)
        procedures = work.processes.procedures
    return jsonify(
        xml=definition.xml.decode("utf-8"),
        choices=modeler_choices(procedures[procedure_id], definition, procedures),
        texts=modeler_texts(),
    )


@bp.post("/quan-tri/quy-trinh/<procedure_id>/<number>/kiem-tra")
@requires(Permission.PROCESS_ADMINISTER)
@limiter.limit(UPLOAD_LIMIT, key_func=by_person)
def check(procedure_id: str, number: str) -> ResponseReturnValue:
    """Say what the linter finds in the editor's drawing; nothing is stored."""
    base = _base(procedure_id, number)
    findings = _lint(_uploaded("bpmn"), base.dmn)
    return jsonify(findings=[_finding(each) for each in findings])


@bp.post("/quan-tri/quy-trinh/<procedure_id>/<number>/luu")
@requires(Permission.PROCESS_ADMINISTER)
@limiter.limit(UPLOAD_LIMIT, key_func=by_person)
def save(procedure_id: str, number: str) -> ResponseReturnValue:
    """Put the editor's drawing into force as a new version."""
    base = _base(procedure_id, number)
    note = DeployForm(request.form).note.data or ""
    try:
        stored = _deploy(_uploaded("bpmn"), base.dmn, DefinitionSource.EDITOR, note)
    except DiagramRefusedError as error:
        refused = jsonify(findings=[_finding(each) for each in error.findings])
        return make_response(refused, 422)
    return make_response(jsonify(url=_version_url(stored)), 201)


def _deploy(xml: bytes, dmn: bytes, source: DefinitionSource, note: str) -> StoredDefinition:
    stored = use_cases().deploy_definition(xml, dmn, current_actor(), source=source, note=note)
    said = gettext("Từ nay hồ sơ mới chạy theo phiên bản %(number)s.", number=stored.number)
    flash(said, "good")
    return stored


def _lint(xml: bytes, dmn: bytes) -> list[Finding]:
    """Look at files with no transaction open: a large drawing may take a second."""
    with the_house().start_reading() as work:
        procedures = work.processes.procedures
    return lint_files(xml, dmn, procedures)


def _show_lint(xml: bytes, dmn: bytes, form: DeployForm, messages: list[str] | None = None) -> str:
    use_frame(current="processes")
    digest = definition_digest(xml, dmn)
    findings = _lint(xml, dmn)
    with the_house().start_reading() as work:
        # Its own cache: what is only looked at must not stay in memory.
        definition = None if findings else DefinitionCache().load(xml, dmn)
        known = work.processes.store.find_definition(digest)
        current = None
        if definition is not None:
            in_force = work.processes.store.find_current_digest(definition.diagram.process_id)
            current = load_definition(work, in_force) if in_force else None
    is_drawn = not any(finding.rule in _NOT_DRAWN for finding in findings)
    return render_template(
        "pages/process_lint.html",
        form=form,
        messages=messages or [],
        findings=findings,
        drawing=_drawing(xml, findings) if is_drawn else None,
        definition=definition,
        tables=[table_view(each) for each in definition.decisions.values()] if definition else [],
        known=known,
        changes=list_changes(current, definition) if current and definition else [],
        has_current=current is not None,
        digest=digest,
        packed={"bpmn": pack(xml), "dmn": pack(dmn)},
    )


def _drawing(xml: bytes, findings: list[Finding]) -> dict[str, object]:
    bad = sorted({finding.element_id for finding in findings if finding.element_id})
    return {"xml": xml.decode("utf-8"), "done": [], "now": [], "bad": bad}


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "element": finding.element_id,
        "text": lint_sentence(finding, current_locale()),
        "mend": lint_remedy(finding, current_locale()),
    }


def _uploaded(name: str) -> bytes:
    """Return a file of the form, cut off one byte after what the linter takes; b"" for none."""
    file = request.files.get(name)
    return file.read(MAX_BYTES + 1) if file is not None else b""


def _base(procedure_id: str, number: str) -> Definition:
    with the_house().start_reading() as work:
        row = get_version(work, procedure_id, number)
        return load_definition(work, row.digest)


def _version_url(stored: StoredDefinition) -> str:
    return url_for(
        "processes.version", procedure_id=stored.procedure_id, number=str(stored.number)
    )
