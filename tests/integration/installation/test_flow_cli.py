"""The commands on procedures: check, deploy, list, show, go back, move instances, import."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
from lxml import etree

from engine.audit import AuditEvent
from engine.errors import NotFoundError, NotPermittedError
from engine.model.document import DocumentId, DocumentStatus
from engine.model.verification import Verdict
from engine.process.definitions import definition_digest
from engine.process.findings import LintRule
from tests.houses import Stage
from webui import flow_migration
from webui.bootstrap import PROCEDURES, open_house
from webui.cli import cli, main
from webui.settings import Settings
from workflows.administration import migrate_instances

ADMINISTRATOR = "vpub.quantri"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
EXT = "{urn:trinhky:bpmn:1}"
SHIPPED = PROCEDURES["outgoing"]
FOREIGN = Path(__file__).parents[2] / "unit" / "process" / "foreign"

Call = Callable[..., int]


@pytest.fixture
def data_dir(installation: Path, tmp_path: Path) -> Path:
    return shutil.copytree(installation, tmp_path / "data")


@pytest.fixture
def call(data_dir: Path) -> Call:
    """Return what runs a command and gives its exit status."""

    def run(*arguments: str | Path, with_data: bool = True) -> int:
        data = ["--data", str(data_dir)] if with_data else []
        try:
            cli([*map(str, arguments), *data], standalone_mode=False)
        except SystemExit as stopped:
            return int(stopped.code or 0)
        return 0

    return run


@contextmanager
def on_stage(data_dir: Path) -> Iterator[Stage]:
    house = open_house(Settings(data_dir=data_dir))
    try:
        yield Stage(house)
    finally:
        house.close()


def edited(*without: str) -> bytes:
    """Return the shipped flow with some nodes left out; what led to one goes on behind it."""
    root = etree.fromstring(SHIPPED.bpmn)
    for node_id in without:
        _leave_out(root, node_id)
    for task in root.iter(f"{BPMN}userTask"):
        targets = task.get(f"{EXT}returnsTo", "").split()
        task.set(f"{EXT}returnsTo", " ".join(each for each in targets if each not in without))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _leave_out(root: etree._Element, node_id: str) -> None:
    flows = list(root.iter(f"{BPMN}sequenceFlow"))
    leaving = [flow for flow in flows if flow.get("sourceRef") == node_id]
    ahead = next((flow for flow in leaving if len(flow)), leaving[0])  # the way of consent
    for flow in flows:
        if flow.get("targetRef") == node_id:
            flow.set("targetRef", ahead.get("targetRef", ""))
    references = [each for each in root.iter(f"{BPMN}flowNodeRef") if each.text == node_id]
    nodes = root.findall(f"{BPMN}process/*[@id='{node_id}']")
    for element in (*leaving, *references, *nodes):
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)


@pytest.fixture
def short_flow(tmp_path: Path) -> Path:
    """Return a flow of letters that no head of division reviews, with its decision tables."""
    file = tmp_path / "khong-duyet.bpmn"
    file.write_bytes(edited("review", "is_approved"))
    file.with_suffix(".dmn").write_bytes(SHIPPED.dmn)
    return file


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_flow_lint_needs_no_installation_when_a_flow_is_sound(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.bpmn"
    file.write_bytes(SHIPPED.bpmn)
    (tmp_path / "tables.dmn").write_bytes(SHIPPED.dmn)
    assert (
        call("flow", "lint", file, "--dmn", tmp_path / "tables.dmn", "--json", with_data=False)
        == 0
    )
    assert printed(capsys) == {"file": str(file), "clean": True, "findings": []}


def test_flow_lint_takes_the_tables_beside_the_file_when_none_are_named(
    call: Call, short_flow: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("flow", "lint", short_flow, with_data=False) == 0
    assert "dùng được / sound" in capsys.readouterr().out
    short_flow.with_suffix(".dmn").unlink()
    assert call("flow", "lint", short_flow, "--json", with_data=False) == 1
    rules = {finding["rule"] for finding in printed(capsys)["findings"]}
    assert LintRule.DECISION_UNKNOWN in rules


def test_flow_lint_says_what_to_mend_in_both_languages_when_a_step_is_missing(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.bpmn"
    file.write_bytes(edited("sign", "is_signed"))
    file.with_suffix(".dmn").write_bytes(SHIPPED.dmn)
    assert call("flow", "lint", file, "--json", with_data=False) == 1
    report = printed(capsys)
    assert report["clean"] is False
    findings = report["findings"]
    assert {each["rule"] for each in findings} >= {LintRule.STEP_MISSING}
    for each in findings:
        assert set(each) == {
            "rule", "element", "message_vi", "message_en", "mend_vi", "mend_en", "detail"
        }  # fmt: skip
        assert each["message_vi"] != each["message_en"]
        assert each["mend_vi"] != each["mend_en"]
    assert call("flow", "lint", file, with_data=False) == 1
    text = capsys.readouterr().out
    for each in findings:
        assert each["message_vi"] in text
        assert each["mend_en"] in text


HOSTILE_ID = "a\x9b31m\u202e"


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(
    "content",
    [
        b"\x1b[2J\x1b]0;pwned\x07 not xml",
        b"\xff\xfe\x00",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        SHIPPED.bpmn.replace(b'id="review"', f'id="{HOSTILE_ID}"'.encode()),
        SHIPPED.bpmn.replace(b"approved == True", "approved == '\x9b2J\u202e'".encode()),
        b"",
    ],
)
def test_flow_lint_prints_nothing_that_drives_a_terminal_when_a_file_is_hostile(
    call: Call,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    *,
    as_json: bool,
) -> None:
    file = tmp_path / "a.bpmn"
    file.write_bytes(content)
    file.with_suffix(".dmn").write_bytes(SHIPPED.dmn)
    assert call("flow", "lint", file, *(["--json"] if as_json else []), with_data=False) == 1
    out = capsys.readouterr().out
    assert all(char.isprintable() or char == "\n" for char in out)
    assert len(out.splitlines()) == (1 if as_json else out.count("\n"))
    assert "root:" not in out


def test_flow_lint_keeps_what_a_hostile_file_says_when_it_prints_json(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.bpmn"
    file.write_bytes(SHIPPED.bpmn.replace(b'id="review"', f'id="{HOSTILE_ID}"'.encode()))
    assert call("flow", "lint", file, "--json", with_data=False) == 1
    findings = printed(capsys)["findings"]
    assert HOSTILE_ID in {each["element"] for each in findings}


def test_flow_lint_reads_no_more_than_it_must_when_a_file_never_ends(
    call: Call, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    endless = tmp_path / "endless.bpmn"
    with endless.open("wb") as file:
        file.truncate(10**12)  # a hole: it takes no room on the disk
    assert call("flow", "lint", endless, "--json", with_data=False) == 1
    (finding,) = printed(capsys)["findings"]
    assert finding["rule"] == LintRule.XML_TOO_LARGE


@pytest.mark.parametrize(
    ("file", "status"), [("sound.bpmn", 0), ("broken.bpmn", 1), ("nothing.bpmn", 2)]
)
def test_flow_lint_tells_a_script_by_its_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, status: int
) -> None:
    (tmp_path / "sound.bpmn").write_bytes(SHIPPED.bpmn)
    (tmp_path / "sound.dmn").write_bytes(SHIPPED.dmn)
    (tmp_path / "broken.bpmn").write_bytes(b"<a>")
    monkeypatch.setattr("sys.argv", ["trinhky", "flow", "lint", str(tmp_path / file)])
    umask = os.umask(0o077)
    try:
        with pytest.raises(SystemExit) as caught:
            main()
    finally:
        os.umask(umask)
    assert caught.value.code == status


@pytest.mark.parametrize("name", ["nothing.bpmn", "."])
def test_flow_lint_is_wrong_usage_when_there_is_no_file(
    call: Call, tmp_path: Path, name: str
) -> None:
    with pytest.raises(click.UsageError):
        call("flow", "lint", tmp_path / name, with_data=False)


def deploy(call: Call, file: Path, *more: str | Path) -> int:
    return call("flow", "deploy", file, "--as", ADMINISTRATOR, *more)


def versions(call: Call, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert call("flow", "list", "--json") == 0
    found: list[dict[str, Any]] = printed(capsys)["versions"]
    return found


def test_flow_deploy_puts_a_version_into_force_when_the_review_is_left_out(
    call: Call, data_dir: Path, short_flow: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy(call, short_flow, "--note", "Bỏ bước duyệt") == 0
    digest = definition_digest(short_flow.read_bytes(), SHIPPED.dmn)
    assert capsys.readouterr().out == f"outgoing/2  {digest}\n"
    found = [each for each in versions(call, capsys) if each["procedure"] == "outgoing"]
    assert [(each["version"], each["in_force"], each["source"]) for each in found] == [
        (2, True, "file"),
        (1, False, "release"),
    ]
    assert found[0]["note"] == "Bỏ bước duyệt"
    assert found[0]["digest"] == digest
    with on_stage(data_dir) as stage, stage.house.start_reading() as work:
        assert found[0]["added_by"] == stage.actor(ADMINISTRATOR).full_name
        leaves = work.audit.list_group("")
        told = [leaf for leaf in leaves if leaf.event is AuditEvent.PROCESS_DEPLOY]
        assert [leaf.subject for leaf in told] == ["procedure:outgoing"]


def test_document_goes_out_without_review_when_an_edited_flow_is_in_force(
    call: Call, data_dir: Path, short_flow: Path
) -> None:
    assert deploy(call, short_flow) == 0
    with on_stage(data_dir) as stage:
        document_id = stage.draft()
        stage.submit(document_id)
        assert stage.document(document_id).status is DocumentStatus.IN_CHECK
        stage.check(document_id)
        stage.sign(document_id)
        stage.number(document_id)
        stage.seal(document_id)
        stage.run_jobs()
        document = stage.document(document_id)
        assert document.status is DocumentStatus.DISPATCHED
        _digest, pdf = stage.house.use_cases.read_pdf(document_id, stage.actor("snv.vanthu"))
        assert stage.house.judge.verify(pdf).verdict is Verdict.PASSED
        with stage.house.start_reading() as work:
            instance_id = work.processes.get_instance_id("outgoing", document_id)
            done = [entry.node_id for entry in work.processes.list_history(instance_id)]
    assert "review" not in done
    assert {"draft", "check_form", "sign", "number", "seal", "dispatch"} <= set(done)


def test_flow_deploy_changes_nothing_when_the_linter_refuses(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.bpmn"
    file.write_bytes(edited("sign", "is_signed", "seal"))
    file.with_suffix(".dmn").write_bytes(SHIPPED.dmn)
    assert deploy(call, file) == 1
    out = capsys.readouterr().out
    assert out.count(LintRule.STEP_MISSING) >= 2  # all findings, not the first
    assert len([v for v in versions(call, capsys) if v["procedure"] == "outgoing"]) == 1


def test_flow_deploy_is_for_administrators(call: Call, short_flow: Path) -> None:
    with pytest.raises(NotPermittedError):
        call("flow", "deploy", short_flow, "--as", "snv.lanhdao")
    with pytest.raises(NotFoundError):
        call("flow", "deploy", short_flow, "--as", "nobody")


def test_flow_deploy_wants_a_file_or_a_version_and_not_both(call: Call, short_flow: Path) -> None:
    for arguments in ((), (short_flow, "--version", "outgoing/1")):
        with pytest.raises(click.UsageError):
            call("flow", "deploy", *arguments, "--as", ADMINISTRATOR)


def test_flow_deploy_goes_back_when_an_older_version_is_named(
    call: Call, short_flow: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy(call, short_flow) == 0
    assert call("flow", "deploy", "--version", "outgoing/1", "--as", ADMINISTRATOR) == 0
    assert "outgoing/1" in capsys.readouterr().out
    found = versions(call, capsys)
    in_force = {each["procedure"]: each["version"] for each in found if each["in_force"]}
    assert in_force == dict.fromkeys(PROCEDURES, 1)


def test_flow_list_counts_what_runs(
    call: Call, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with on_stage(data_dir) as stage:
        stage.draft()
        stage.draft()
    found = versions(call, capsys)
    counts = {each["procedure"]: each["running"] for each in found}
    assert counts == {**dict.fromkeys(PROCEDURES, 0), "outgoing": 2}
    assert call("flow", "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("* outgoing/1") and "running: 2" in line for line in lines)


def test_flow_show_gives_the_files_exactly_when_they_go_into_a_pipe(
    call: Call, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert call("flow", "show", "outgoing", "--xml") == 0
    assert capfdbinary.readouterr().out == SHIPPED.bpmn
    assert call("flow", "show", "outgoing/1", "--dmn") == 0
    assert capfdbinary.readouterr().out == SHIPPED.dmn


def test_flow_show_tells_steps_in_order_with_lane_deadline_and_conditions(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = definition_digest(SHIPPED.bpmn, SHIPPED.dmn)
    assert call("flow", "show", digest[:8]) == 0
    out = capsys.readouterr().out
    names = [node.split()[1] for node in out.splitlines() if node.strip()[:1].isdigit()]
    wanted = ["start", "draft", "set_deadlines", "review", "is_approved", "check_form"]
    assert names[: len(wanted)] == wanted
    for text in ("Văn thư (van_thu)", "step_hours working hours", "approved == True", "urgency"):
        assert text in out


def test_flow_show_json_has_every_node_with_what_it_says(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("flow", "show", "outgoing", "--json") == 0
    found = printed(capsys)
    nodes = found["nodes"]
    review = next(node for node in nodes if node["id"] == "review")
    assert review == {
        "id": "review",
        "name": "Trưởng phòng duyệt",
        "kind": "userTask",
        "lane": "lanh_dao_phong",
        "rule": "review",
        "due": "step_hours working hours",
        "returns_to": ["draft"],
        "next": [{"to": "is_approved", "condition": "", "default": False}],
    }
    (decision,) = found["decisions"]
    assert (decision["reads"], decision["writes"]) == (["kind", "urgency"], ["step_hours"])


def test_flow_show_keeps_a_file_from_driving_the_terminal_it_is_printed_on(
    call: Call,
    short_flow: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short_flow.write_bytes(short_flow.read_bytes().replace(b"So\xe1\xba\xa1n", b"So\xc2\x9bn", 1))
    assert deploy(call, short_flow) == 0
    capsys.readouterr()
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert call("flow", "show", "outgoing/2", "--xml") == 0
    out = capsys.readouterr().out
    assert "So?n" in out
    assert "\x9b" not in out
    assert len(out.splitlines()) > 100


@pytest.mark.parametrize("procedure_id", PROCEDURES)
def test_flow_show_tells_every_procedure_of_the_house(
    call: Call, capsys: pytest.CaptureFixture[str], procedure_id: str
) -> None:
    assert call("flow", "show", procedure_id, "--json") == 0
    nodes = {node["id"]: node for node in printed(capsys)["nodes"]}
    assert call("flow", "show", procedure_id) == 0
    out = capsys.readouterr().out
    for node_id, node in nodes.items():
        assert f". {node_id}  {node['name']}" in out
        for told in (node.get("timer"), node.get("message"), node.get("attached_to")):
            assert not told or told in out


def test_flow_show_prints_one_form_at_a_time(call: Call) -> None:
    with pytest.raises(click.UsageError):
        call("flow", "show", "outgoing", "--xml", "--json")


@pytest.mark.parametrize("name", ["outgoing/9", "nothing", "abcdef0", "", "\x1b[2J", "outgoing/²"])
def test_flow_show_is_wrong_usage_when_there_is_no_such_version(call: Call, name: str) -> None:
    with pytest.raises(click.UsageError) as caught:
        call("flow", "show", name)
    assert "\x1b" not in caught.value.message


def running_by_version(call: Call, capsys: pytest.CaptureFixture[str]) -> dict[object, object]:
    capsys.readouterr()
    found = versions(call, capsys)
    return {each["version"]: each["running"] for each in found if each["procedure"] == "outgoing"}


@pytest.fixture
def running(data_dir: Path) -> dict[str, DocumentId]:
    """Return documents that stand at different steps of the first version."""
    with on_stage(data_dir) as stage:
        found = {"draft": stage.draft(), "review": stage.draft(), "sign": stage.to_signature()}
        stage.submit(found["review"])
    return found


def move(call: Call, *more: str) -> int:
    return call("flow", "migrate", "outgoing/1", "outgoing/2", "--as", ADMINISTRATOR, *more)


def test_flow_migrate_writes_nothing_when_it_is_a_dry_run(
    call: Call,
    short_flow: Path,
    running: dict[str, DocumentId],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert deploy(call, short_flow) == 0
    capsys.readouterr()
    assert move(call, "--dry-run", "--json") == 1
    report = printed(capsys)
    instances = {each["business_key"]: each for each in report["instances"]}
    assert {key: each["moves"] for key, each in instances.items()} == {
        running["draft"]: True,
        running["review"]: False,
        running["sign"]: True,
    }
    stays = instances[running["review"]]
    assert [(each["problem"], each["node"]) for each in stays["problems"]] == [
        ("step_gone", "review")
    ]
    assert stays["waits_at"] == ["review"]
    assert "báo cáo tình hình" in stays["label"]
    assert instances[running["draft"]]["dropped"] == ["review"]
    assert report["dry_run"] is True
    assert running_by_version(call, capsys) == {1: 3, 2: 0}


def test_flow_migrate_says_one_line_an_instance_when_it_is_a_dry_run(
    call: Call,
    short_flow: Path,
    running: dict[str, DocumentId],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert deploy(call, short_flow) == 0
    capsys.readouterr()
    assert move(call, "--dry-run") == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(running) + 1
    (stays,) = [line for line in lines if running["review"] in line]
    assert "Trưởng phòng duyệt" in stays
    assert "can move: 2" in lines[-1]
    assert "stay: 1" in lines[-1]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate_instances, "BATCH", 2)
    monkeypatch.setattr(flow_migration, "PAGE_ROWS", 2)


@pytest.mark.usefixtures("small_batches")
def test_flow_migrate_moves_all_it_can_when_it_is_told_to(
    call: Call,
    data_dir: Path,
    short_flow: Path,
    running: dict[str, DocumentId],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert deploy(call, short_flow) == 0
    capsys.readouterr()
    assert move(call, "--yes", "--json") == 1
    report = printed(capsys)
    assert len(report["moved"]) == 2
    (stayed,) = report["stayed"]
    assert stayed["business_key"] == running["review"]
    assert stayed["problems"][0]["message_vi"] != stayed["problems"][0]["message_en"]
    assert running_by_version(call, capsys) == {1: 1, 2: 2}
    # The one that stayed goes on as it began; those that moved skip the review.
    with on_stage(data_dir) as stage:
        stage.review(running["review"])
        stage.submit(running["draft"])
        assert stage.document(running["draft"]).status is DocumentStatus.IN_CHECK
        stage.sign(running["sign"])
    assert move(call, "--yes") == 0
    assert "moved: 1; " in capsys.readouterr().out.splitlines()[-1]


def test_flow_migrate_does_nothing_when_the_person_says_no(
    call: Call,
    short_flow: Path,
    running: dict[str, DocumentId],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert running
    assert deploy(call, short_flow) == 0
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _prompt: "n")
    with pytest.raises(click.Abort):
        move(call)
    capsys.readouterr()
    assert running_by_version(call, capsys) == {1: 3, 2: 0}


def test_flow_migrate_is_refused_when_it_makes_no_sense(call: Call, short_flow: Path) -> None:
    with pytest.raises(click.UsageError):
        call("flow", "migrate", "outgoing", "outgoing/1", "--as", ADMINISTRATOR)
    assert deploy(call, short_flow) == 0
    with pytest.raises(NotPermittedError):
        call("flow", "migrate", "outgoing/1", "outgoing/2", "--as", "snv.vanthu", "--dry-run")


def test_flow_import_writes_beside_the_original_and_never_twice(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "quy-trinh.bpmn"
    original = (FOREIGN / "camunda_modeler.bpmn").read_bytes()
    file.write_bytes(original)
    assert call("flow", "import", file, "--json", with_data=False) == 1
    report = printed(capsys)
    result = tmp_path / "quy-trinh.trinhky.bpmn"
    assert report["written"] == str(result)
    assert {"made_executable", "mapped_lane", "needs_attention"} & {
        change["kind"] for change in report["changes"]
    }
    for change in report["changes"]:
        assert change["message_vi"] != change["message_en"]
    assert file.read_bytes() == original
    written = result.read_bytes()
    with pytest.raises(click.UsageError):
        call("flow", "import", file, with_data=False)
    assert call("flow", "import", file, "--force", with_data=False) == 1
    assert result.read_bytes() == written
    with pytest.raises(click.UsageError):
        call("flow", "import", file, "-o", file, "--force", with_data=False)
    assert file.read_bytes() == original


def test_flow_import_is_clean_when_a_file_is_ours_already(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.bpmn"
    file.write_bytes(SHIPPED.bpmn)
    file.with_suffix(".dmn").write_bytes(SHIPPED.dmn)
    assert call("flow", "import", file, with_data=False) == 0
    assert "dùng được / sound" in capsys.readouterr().out
    assert (tmp_path / "a.trinhky.bpmn").is_file()


@pytest.mark.parametrize("file", sorted(FOREIGN.glob("*.bpmn")), ids=lambda file: file.stem)
def test_flow_import_prints_its_report_in_both_languages(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    assert call("flow", "import", file, "-o", tmp_path / "a.bpmn", with_data=False) == 1
    out = capsys.readouterr().out
    assert "…" not in out  # no sentence asks for a detail that is not there
    assert all(char.isprintable() or char == "\n" for char in out)


def test_flow_import_writes_nothing_when_a_file_cannot_be_read(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.bpmn"
    file.write_bytes(b"\x1b[2J not xml")
    assert call("flow", "import", file, "--json", with_data=False) == 1
    report = printed(capsys)
    assert report["written"] is None
    assert report["findings"]
    assert [path.name for path in tmp_path.glob("*.bpmn")] == ["a.bpmn"]
    assert call("flow", "import", file, with_data=False) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_flow_import_is_wrong_usage_when_the_place_cannot_be_written(
    call: Call, tmp_path: Path
) -> None:
    with pytest.raises(click.UsageError):
        call(
            "flow",
            "import",
            FOREIGN / "adonis.bpmn",
            "-o",
            tmp_path / "nowhere" / "a.bpmn",
            with_data=False,
        )
