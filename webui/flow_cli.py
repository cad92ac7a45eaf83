"""Answer `trinhky flow`: check, deploy, list and show procedures, move instances, import files."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from engine.process.deployment import lint_files
from engine.process.diagram import MAX_BYTES
from engine.process.findings import DiagramRefusedError, Finding
from engine.process.importing import ChangeKind, Imported, normalise
from engine.process.model import DefinitionSource
from webui.bootstrap import PROCEDURES, House
from webui.flow_migration import migrate
from webui.flow_reports import (
    change_lines,
    change_report,
    definition_lines,
    definition_report,
    finding_lines,
    finding_report,
    version_lines,
    version_report,
)
from webui.flow_versions import find_version, list_all_versions, load_version
from webui.reports import Json
from webui.terminal import (
    EXIT_NOT_PASSED,
    actor_of,
    as_option,
    data_option,
    json_option,
    opened_house,
    read_limited,
    show,
    show_file,
    show_json,
    visible,
)

_file = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
file_argument = click.argument("file", type=_file)
dmn_option = click.option(
    "--dmn",
    "dmn_file",
    type=_file,
    help="Bảng quyết định; mặc định là tệp .dmn cùng tên bên cạnh / decision tables; "
    "by default the .dmn file of the same name beside it.",
)


@click.group(name="flow")
def flow() -> None:
    """Xem, kiểm tra và đổi quy trình / see, check and change procedures."""


flow.add_command(migrate)


@flow.command()
@file_argument
@dmn_option
@json_option
def lint(*, file: Path, dmn_file: Path | None, as_json: bool) -> None:
    """Kiểm tra một tệp BPMN / check a BPMN file; nothing is deployed."""
    findings = lint_files(_read(file), _read_dmn(file, dmn_file), PROCEDURES)
    if as_json:
        show_json(_lint_report(file, findings))
    else:
        _show_findings(str(file), findings)
    sys.exit(EXIT_NOT_PASSED if findings else 0)


@flow.command()
@click.argument("file", type=_file, required=False)
@dmn_option
@click.option(
    "--version",
    "version_id",
    default="",
    help="Áp dụng lại một phiên bản cũ, thay cho tệp / put an older version back, not a file.",
)
@as_option
@click.option("--note", default="", help="Vì sao đổi / why.")
@data_option
def deploy(
    *,
    file: Path | None,
    dmn_file: Path | None,
    version_id: str,
    login: str,
    note: str,
    data_dir: Path,
) -> None:
    """Áp dụng một phiên bản từ nay / put a version into force for what starts from now on."""
    if (file is None) == (not version_id):
        raise click.UsageError("FILE hoặc / or --version ID")
    with opened_house(data_dir) as house:
        if file is None:
            xml, dmn = _files_of(house, version_id)
        else:
            xml, dmn = _read(file), _read_dmn(file, dmn_file)
        try:
            stored = house.use_cases.deploy_definition(
                xml, dmn, actor_of(house, login), source=DefinitionSource.FILE, note=note
            )
        except DiagramRefusedError as error:
            _show_findings(str(file or version_id), error.findings)
            sys.exit(EXIT_NOT_PASSED)
    show(f"{stored.procedure_id}/{stored.number}  {stored.digest}")


@flow.command(name="list")
@data_option
@json_option
def list_versions(*, data_dir: Path, as_json: bool) -> None:
    """Liệt kê các phiên bản của mỗi quy trình / list the versions of each procedure."""
    with opened_house(data_dir) as house, house.start_reading() as work:
        versions = list_all_versions(work)
    if as_json:
        show_json({"versions": [version_report(each) for each in versions]})
        return
    for line in version_lines(versions):
        show(line)


@flow.command(name="show")
@click.argument("version_id", metavar="ID")
@data_option
@click.option("--xml", "as_xml", is_flag=True, help="In tệp BPMN / print the BPMN file.")
@click.option("--dmn", "as_dmn", is_flag=True, help="In tệp DMN / print the DMN file.")
@json_option
def show_version(
    *, version_id: str, data_dir: Path, as_xml: bool, as_dmn: bool, as_json: bool
) -> None:
    """Xem một phiên bản: tên quy trình, TÊN/SỐ hoặc đầu mã / show a version by its name."""
    if as_xml + as_dmn + as_json > 1:
        raise click.UsageError("--xml, --dmn, --json: một thôi / only one")
    with opened_house(data_dir) as house, house.start_reading() as work:
        version = find_version(work, version_id)
        definition = load_version(work, version)
    if as_xml or as_dmn:
        show_file(definition.xml if as_xml else definition.dmn)
    elif as_json:
        show_json(version_report(version) | definition_report(definition))
    else:
        for line in (*version_lines([version]), *definition_lines(definition)):
            show(line)


@flow.command(name="import")
@file_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Mặc định TÊN.trinhky.bpmn bên cạnh / by default beside the original.",
)
@dmn_option
@click.option("--force", is_flag=True, help="Ghi đè tệp kết quả đã có / overwrite the result.")
@json_option
def import_file(
    *, file: Path, output: Path | None, dmn_file: Path | None, force: bool, as_json: bool
) -> None:
    """Đưa BPMN của phần mềm khác về dạng dùng được / bring foreign BPMN into our subset.

    Không áp dụng gì cả / nothing is deployed.
    """
    target = output or file.with_name(f"{file.stem}.trinhky.bpmn")
    if target.exists() and (not force or target.samefile(file)):
        raise click.UsageError(visible(f"đã có tệp / the file exists: {target}"))
    try:
        imported = normalise(_read(file))
    except DiagramRefusedError as error:
        _show_refusal(file, error.findings, as_json=as_json)
        sys.exit(EXIT_NOT_PASSED)
    _write(target, imported.xml)
    findings = lint_files(imported.xml, _read_dmn(file, dmn_file), PROCEDURES)
    if as_json:
        show_json(_import_report(file, target, imported, findings))
    else:
        _show_import(target, imported, findings)
    needs_a_person = any(c.kind is ChangeKind.NEEDS_ATTENTION for c in imported.changes)
    sys.exit(EXIT_NOT_PASSED if findings or needs_a_person else 0)


def _read(file: Path) -> bytes:
    return read_limited(file, MAX_BYTES)


def _read_dmn(file: Path, dmn_file: Path | None) -> bytes:
    """Return the decision tables named, or those beside the file under its name."""
    beside = file.with_suffix(".dmn")
    found = dmn_file or (beside if beside.is_file() else None)
    return _read(found) if found else b""


def _files_of(house: House, version_id: str) -> tuple[bytes, bytes]:
    with house.start_reading() as work:
        definition = load_version(work, find_version(work, version_id))
    return definition.xml, definition.dmn


def _write(target: Path, content: bytes) -> None:
    try:
        target.write_bytes(content)
    except OSError as error:
        raise click.UsageError(
            visible(f"không ghi được / cannot be written: {target}: {error.strerror}")
        ) from error


def _lint_report(file: Path, findings: Sequence[Finding]) -> dict[str, Json]:
    return {
        "file": str(file),
        "clean": not findings,
        "findings": [finding_report(finding) for finding in findings],
    }


def _import_report(
    file: Path, target: Path, imported: Imported, findings: Sequence[Finding]
) -> dict[str, Json]:
    return _lint_report(file, findings) | {
        "written": str(target),
        "changes": [change_report(change) for change in imported.changes],
    }


def _show_findings(name: str, findings: Sequence[Finding]) -> None:
    if not findings:
        show(f"{name}: dùng được / sound")
        return
    show(f"{name}: {len(findings)} lỗi / findings")
    for line in finding_lines(findings):
        show(line)


def _show_refusal(file: Path, findings: Sequence[Finding], *, as_json: bool) -> None:
    """Say why a file cannot be imported at all; nothing has been written."""
    if as_json:
        show_json(_lint_report(file, findings) | {"written": None, "changes": []})
    else:
        _show_findings(str(file), findings)


def _show_import(target: Path, imported: Imported, findings: Sequence[Finding]) -> None:
    for line in change_lines(imported.changes):
        show(line)
    show(f"{len(imported.changes)} thay đổi / changes → {target}")
    _show_findings(str(target), findings)
