"""Ask the command line for reports."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.model.indicators import IndicatorId
from tests.houses import copy_house
from webui.cli import cli

PERIOD = ("--from", "2026-01-01", "--to", "2026-12-31")
REGISTERS = [
    "register-outgoing",
    "register-arrivals",
    "register-follow-up",
    "register-copies",
]


@pytest.fixture(scope="module")
def data_dir(installation: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("reports") / "data"
    copy_house(installation, folder).close()
    return str(folder)


def call(data_dir: str, *words: str) -> Result:
    return CliRunner().invoke(cli, ["report", *words, "--data", data_dir])


@pytest.mark.parametrize("name", list(IndicatorId))
def test_indicator_prints_lines_csv_and_json(data_dir: str, name: str) -> None:
    plain = call(data_dir, name, *PERIOD)
    table = call(data_dir, name, *PERIOD, "--csv")
    found = call(data_dir, name, *PERIOD, "--json")

    assert (plain.exit_code, table.exit_code, found.exit_code) == (0, 0, 0)
    assert "2026" in plain.output
    assert table.stdout_bytes.startswith(b"\xef\xbb\xbf")
    value = json.loads(found.output)
    assert value["report"] == name
    assert value["definition_vi"]
    assert value["definition_en"]
    assert (value["from"], value["to"]) == ("2026-01-01", "2026-12-31")


@pytest.mark.parametrize("name", REGISTERS)
def test_register_prints_lines_csv_and_json(data_dir: str, name: str) -> None:
    words = (name, *PERIOD, "--agency", "snv")

    assert call(data_dir, *words).exit_code == 0
    rows = list(csv.reader(io.StringIO(call(data_dir, *words, "--csv").output)))
    assert len(rows) == 1
    assert json.loads(call(data_dir, *words, "--json").output)["lines"] == []


def test_list_names_every_report(data_dir: str) -> None:
    named = json.loads(call(data_dir, "list", "--json").output)["reports"]

    assert [each["name"] for each in named] == [*IndicatorId, *REGISTERS]
    assert call(data_dir, "list").output.count("\n") == len(named)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("khong-co", *PERIOD), "report.unknown"),
        (("between", "--from", "2026-02-01", "--to", "2026-01-01"), "period.reversed"),
        (("between", "--from", "1900-01-01", "--to", "2026-01-01"), "period.out_of_range"),
        (("between", *PERIOD, "--agency", "Sở Không Có"), "agency.not_found"),
        (("register-outgoing", *PERIOD), "report.agency_missing"),
    ],
)
def test_report_is_refused_by_code_when_asked_wrongly(
    data_dir: str, words: tuple[str, ...], code: str
) -> None:
    answer = call(data_dir, *words)

    assert answer.exit_code == 1
    assert getattr(answer.exception, "code", "") == code


@pytest.mark.parametrize(
    "words",
    [
        ("between",),
        ("between", "--from", "2026-01-01"),
        ("between", "--from", "hôm qua", "--to", "2026-01-01"),
        ("between", *PERIOD, "--csv", "--json"),
    ],
)
def test_report_explains_its_usage_when_called_wrongly(
    data_dir: str, words: tuple[str, ...]
) -> None:
    answer = call(data_dir, *words)

    assert answer.exit_code == 2
    assert "Usage" in answer.output or "Usage" in answer.stderr
