"""The main job on the whole city, through the command line, as the README promises it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TRINHKY = (sys.executable, "-m", "webui")


def trinhky(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 our own command line
        [*TRINHKY, *arguments], capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    data_dir = tmp_path_factory.mktemp("demo") / "city"
    run = trinhky("demo", "--once", "--json", "--data", str(data_dir))
    assert run.returncode == 0, run.stderr
    return data_dir, json.loads(run.stdout)


def test_demo_takes_five_documents_all_the_way(first: tuple[Path, dict[str, Any]]) -> None:
    _data_dir, summary = first
    assert summary["certificates"] == 1020
    assert [d["kind"] for d in summary["documents"]] == [
        "cong_van", "giay_moi", "thong_bao", "cong_van", "cong_van",
    ]  # fmt: skip
    letter = summary["documents"][0]
    assert (letter["recipients"], letter["registered"], letter["refused"]) == (31, 31, 0)
    assert sum(d["refused"] for d in summary["documents"]) == 1
    assert {d["verdict"] for d in summary["documents"]} == {"PASSED"}


def test_verify_trusts_the_given_root_and_says_so(first: tuple[Path, dict[str, Any]]) -> None:
    _data_dir, summary = first
    pdfs = [document["pdf"] for document in summary["documents"]]
    run = trinhky("verify", *pdfs, "--trust-root", summary["trust_root"], "--json")
    assert run.returncode == 0, run.stderr
    reports = [json.loads(line) for line in run.stdout.splitlines()]
    assert [r["sha256"] for r in reports] == [d["sha256"] for d in summary["documents"]]
    for report in reports:
        assert report["integrity"] == "intact"
        assert [(s["role"], s["level"], s["changes"]) for s in report["signatures"]] == [
            ("leader", "B-T", "form_filling"),
            ("seal", "B-T", "none"),
        ]


def test_verify_exits_1_when_a_byte_was_changed_and_2_on_wrong_usage(
    first: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    data_dir, summary = first
    content = bytearray(Path(summary["documents"][0]["pdf"]).read_bytes())
    content[2000] ^= 1
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(content)
    run = trinhky("verify", str(changed), "--data", str(data_dir), "--json")
    assert run.returncode == 1
    assert json.loads(run.stdout)["verdict"] == "FAILED"
    assert trinhky("verify").returncode == 2
    assert trinhky("verify", str(tmp_path / "none.pdf")).returncode == 2


def test_a_second_run_goes_on_with_the_registers(first: tuple[Path, dict[str, Any]]) -> None:
    data_dir, _summary = first
    run = trinhky("demo", "--once", "--json", "--data", str(data_dir))
    assert run.returncode == 0, run.stderr
    symbols = [d["symbol"] for d in json.loads(run.stdout)["documents"]]
    assert symbols[0] == "02/SNV-CCHC"
    year = json.loads(run.stdout)["documents"][0]["pdf"].split("snv-")[1][:4]
    register = trinhky("register", "SNV", year, "--csv", "--data", str(data_dir))
    assert [line.split(",")[0] for line in register.stdout.splitlines()] == ["number", "1", "2"]


def test_audit_prints_the_trail(first: tuple[Path, dict[str, Any]]) -> None:
    data_dir, summary = first
    returned = summary["documents"][3]
    run = trinhky("audit", returned["symbol"], "--data", str(data_dir))
    assert run.returncode == 0, run.stderr
    events = [line.split()[1] for line in run.stdout.splitlines()]
    assert events.count("document.task.return") == 1
    assert events.index("document.task.return") < events.index("document.signing.complete")
    assert "delivery.register.complete" in events


def test_commands_say_what_to_do_when_nothing_is_installed(tmp_path: Path) -> None:
    run = trinhky("register", "SNV", "2026", "--data", str(tmp_path / "empty"))
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert "init" in run.stderr
