"""The commands on incidents: what failed, and trying it again."""

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from engine.errors import NotFoundError, NotPermittedError
from engine.process.model import NO_TASK, DueEntry, DueKind
from tests.houses import Stage
from webui.bootstrap import open_house
from webui.cli import cli
from webui.settings import Settings

ADMINISTRATOR = "vpub.quantri"

Call = Callable[..., None]


@pytest.fixture
def data_dir(installation: Path, tmp_path: Path) -> Path:
    """Return an installation where a message was due that is not there."""
    data_dir = shutil.copytree(installation, tmp_path / "data")
    house = open_house(Settings(data_dir=data_dir))
    stage = Stage(house)
    document_id = stage.draft()
    now = house.clock.now()
    with house.start_work() as work:
        entry = DueEntry(
            id="lost",
            kind=DueKind.MESSAGE,
            instance_id=work.processes.get_instance_id("outgoing", document_id),
            task_id=NO_TASK,
            node_id="draft",
            subject_id="not\x1b[2Jthere",
            due_at=now,
        )
        work.processes.store.add_due([entry])
        work.commit()
    house.jobs.wait_until_idle(120)
    house.close()
    return data_dir


@pytest.fixture
def call(data_dir: Path) -> Call:
    return lambda *arguments: cli([*arguments, "--data", str(data_dir)], standalone_mode=False)


def listed(call: Call, capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    capsys.readouterr()
    call("incidents", "--json")
    found: list[dict[str, str]] = json.loads(capsys.readouterr().out)["incidents"]
    return found


def test_incidents_lists_what_failed_in_both_forms(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    (incident,) = listed(call, capsys)
    assert (incident["procedure"], incident["node"], incident["kind"]) == (
        "outgoing",
        "draft",
        "message",
    )
    assert incident["can_retry"]
    call("incidents")
    (line,) = capsys.readouterr().out.splitlines()
    assert incident["id"] in line
    assert "outgoing.draft" in line
    assert "\x1b" not in line


def test_incidents_retry_makes_the_step_due_at_once(
    call: Call, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (incident,) = listed(call, capsys)
    call("incidents", "retry", incident["id"], "--as", ADMINISTRATOR)
    (again,) = listed(call, capsys)
    assert datetime.fromisoformat(again["next_try_at"]) < datetime.fromisoformat(
        incident["next_try_at"]
    )
    house = open_house(Settings(data_dir=data_dir))
    with house.start_reading() as work:
        due = work.processes.schedule.list_due(house.clock.now())
    house.close()
    assert [entry.id for entry in due] == ["lost"]


def test_incidents_retry_is_for_administrators_and_needs_an_incident(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    (incident,) = listed(call, capsys)
    with pytest.raises(NotPermittedError):
        call("incidents", "retry", incident["id"], "--as", "snv.vanthu")
    with pytest.raises(NotFoundError):
        call("incidents", "retry", "nothing", "--as", ADMINISTRATOR)


def test_incidents_is_empty_when_nothing_failed(
    installation: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data_dir = shutil.copytree(installation, tmp_path / "other")
    cli(["incidents", "--data", str(data_dir)], standalone_mode=False)
    assert capsys.readouterr().out == ""
