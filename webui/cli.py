"""Answer `trinhky demo|serve|init|verify|register|report|audit|flow|incidents|agent`."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from engine.errors import ErrorCode, InvalidInputError, NotFoundError, TrinhKyError
from engine.model.keys import KeyType
from engine.model.register import RegisterBook
from engine.model.verification import Verdict
from webui.agent.command import agent
from webui.bootstrap import judge_for
from webui.city import read_tables, shipped_tables
from webui.demo import run_demo
from webui.errors import describe_error
from webui.flow_cli import flow
from webui.incident_cli import incidents
from webui.install import install
from webui.progress import say
from webui.quarter.outcome import read_outcome
from webui.quarter.run import with_quarter
from webui.report_cli import report
from webui.reports import audit_line, file_report, register_csv, register_rows
from webui.serving import serve
from webui.settings import DEFAULT_PORT, Settings
from webui.terminal import (
    EXIT_NOT_PASSED,
    EXIT_USAGE,
    actor_of,
    as_option,
    data_option,
    json_option,
    opened_house,
    show,
    visible,
)
from webui.trust_cli import certificate, trust

#: NIST SP 800-63B-4: an activation secret of six, a password of eight characters at least.
MIN_PIN_CHARS = 6
MIN_PASSWORD_CHARS = 8

port_option = click.option("--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT)
key_type_option = click.option(
    "--key-type", type=click.Choice(list(KeyType)), default=KeyType.P256, show_default=True
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Trình Ký: văn bản, chỉ đạo điều hành và ký số / documents, direction and signatures."""


cli.add_command(agent)
cli.add_command(flow)
cli.add_command(incidents)
cli.add_command(report)
cli.add_command(trust)
cli.add_command(certificate)


def main() -> None:
    """Run the command line; every error of the house ends as a sentence, not as a traceback."""
    # Databases, keys and documents are for the account that runs this alone.
    os.umask(0o077)
    try:
        cli(standalone_mode=False)
    except click.UsageError as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except TrinhKyError as error:
        # Names out of a hostile file may be in it.
        say(visible(describe_error(error, "vi")))
        say(visible(describe_error(error, "en")))
        sys.exit(EXIT_NOT_PASSED)


@cli.command()
@click.option("--once", is_flag=True, help="Kết thúc sau khi diễn xong / exit instead of serving.")
@click.option("--full", is_flag=True, help="Diễn trước cả một quý / act a whole quarter before.")
@data_option
@port_option
@key_type_option
@json_option
def demo(
    *, once: bool, full: bool, data_dir: Path, port: int, key_type: KeyType, as_json: bool
) -> None:
    """Diễn trọn đường đi của văn bản / act the life of a letter with the demo's people."""
    settings = Settings(data_dir=data_dir, port=port, key_type=KeyType(key_type))
    if full:
        settings = with_quarter(settings)
    outcome = run_demo(settings)
    summary = dict(outcome.summary())
    if full:
        with opened_house(settings.data_dir) as house:
            quarter = read_outcome(house)
        quarter.say()
        summary |= quarter.summary()
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False))
    if once:
        sys.exit(0 if outcome.is_complete() else EXIT_NOT_PASSED)
    outcome.say_accounts()
    serve(settings)


@cli.command(name="serve")
@data_option
@port_option
def serve_command(*, data_dir: Path, port: int) -> None:
    """Mở trang web trên 127.0.0.1 / serve the pages."""
    serve(Settings(data_dir=data_dir, port=port))


@cli.command()
@data_option
@key_type_option
@click.option(
    "--city",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Thư mục có agencies.csv, units.csv, people.csv, posts.csv, authority.csv.",
)
@click.option("--password", prompt=True, hide_input=True, envvar="TRINHKY_FIRST_PASSWORD")
@click.option("--pin", prompt=True, hide_input=True, envvar="TRINHKY_FIRST_PIN")
def init(
    *, data_dir: Path, key_type: KeyType, folders: tuple[Path, ...], password: str, pin: str
) -> None:
    """Cài đặt từ các bảng dữ liệu / make an installation from tables."""
    if len(pin) < MIN_PIN_CHARS or len(password) < MIN_PASSWORD_CHARS:
        raise click.UsageError(
            f"PIN ≥ {MIN_PIN_CHARS}, mật khẩu / password ≥ {MIN_PASSWORD_CHARS} ký tự / characters"
        )
    tables = read_tables(*folders) if folders else shipped_tables(people=False)
    settings = Settings(data_dir=data_dir, key_type=KeyType(key_type))
    house = install(settings, tables, password=password, pin=pin)
    house.close()
    say(f"Đã cài đặt / installed: {data_dir}")


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--trust-root",
    "trust_roots",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@data_option
@click.option("--json", "as_json", is_flag=True, help="Mỗi tệp một dòng JSON / one object a line.")
def verify(
    *, paths: tuple[Path, ...], trust_roots: tuple[Path, ...], data_dir: Path, as_json: bool
) -> None:
    """Kiểm tra chữ ký của các tệp PDF / judge the signatures of PDF files."""
    try:
        judge = judge_for(Settings(data_dir=data_dir), trust_roots)
    except (InvalidInputError, NotFoundError) as error:
        # Nothing was judged: that is no verdict on any file.
        raise click.UsageError(
            f"{describe_error(error, 'vi')}\n{describe_error(error, 'en')}"
        ) from error
    files = list(_files(paths))
    if not files:
        raise click.UsageError("không có tệp PDF nào / no PDF file")
    all_passed = True
    for path in files:
        report = judge.verify(path.read_bytes())
        all_passed = all_passed and report.verdict is Verdict.PASSED
        found = file_report(str(path), report)
        if as_json:
            click.echo(json.dumps(found, ensure_ascii=False))
        else:
            line = f"{report.verdict:<14} {path}  {report.reason or ''} {report.message}"
            show(line)  # field names of a hostile file reach the message
    sys.exit(0 if all_passed else EXIT_NOT_PASSED)


@cli.command()
@click.argument("agency")
@click.argument("year", type=click.IntRange(1900, 9999))
@data_option
@click.option("--csv", "as_csv", is_flag=True)
@click.option("--arrivals", is_flag=True, help="Sổ văn bản đến / the book of arrivals.")
def register(*, agency: str, year: int, data_dir: Path, as_csv: bool, arrivals: bool) -> None:
    """In sổ đăng ký văn bản đi của một cơ quan / print a register."""
    book = RegisterBook.ARRIVALS if arrivals else RegisterBook.OUTGOING
    with opened_house(data_dir) as house, house.start_reading() as work:
        found = work.organisation.find_agency(agency)
        if found is None:
            raise NotFoundError(agency, code=ErrorCode.AGENCY_NOT_FOUND, agency=agency)
        entries = work.registers.list_entries(found.id, book, year)
    if as_csv:
        click.echo(register_csv(entries), nl=False)
        return
    for row in register_rows(entries):
        click.echo("  ".join(cell for cell in row if cell))


@cli.command()
@click.argument("document")
@data_option
def audit(*, document: str, data_dir: Path) -> None:
    """In vết của một văn bản (mã hoặc số, ký hiệu) / print a document's trail."""
    with opened_house(data_dir) as house, house.start_reading() as work:
        found = work.queries.find_document(document)
        if found is None:
            raise NotFoundError(document, code=ErrorCode.DOCUMENT_NOT_FOUND)
        leaves = work.audit.list_group(found)
    for leaf in leaves:
        click.echo(audit_line(leaf))


@cli.command()
@click.argument("holder")
@click.argument(
    "reason", type=click.Choice(["key_compromise", "affiliation_changed", "superseded"])
)
@as_option
@data_option
def revoke(*, holder: str, reason: str, login: str, data_dir: Path) -> None:
    """Thu hồi chứng thư của một người hoặc cơ quan / revoke a holder's certificate."""
    with opened_house(data_dir) as house:
        house.use_cases.revoke_certificate.of_holder(holder, actor_of(house, login), reason)
    say(f"Đã thu hồi / revoked: {holder}")


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix.lower() == ".pdf")
        else:
            yield path
