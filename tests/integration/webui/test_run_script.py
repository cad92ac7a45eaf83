import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = ("demo", "serve", "trinhky", "test", "check", "bench", "setup", "help")


def run(*words, script=ROOT / "run", **options):
    shell = shutil.which("dash") or "/bin/sh"
    return subprocess.run(  # noqa: S603 - our own script
        [shell, str(script), *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
        **options,
    )


def test_help_names_every_command_when_called_from_elsewhere(tmp_path):
    answer = run("help", cwd=tmp_path)

    assert answer.returncode == 0
    assert [name for name in COMMANDS if f"./run {name}" not in answer.stdout] == []
    assert answer.stderr == ""


def test_run_complains_in_both_languages_when_the_command_is_unknown():
    answer = run("dance")

    assert answer.returncode == 1
    assert "không có lệnh: dance" in answer.stderr
    assert "no such command: dance" in answer.stderr
    assert answer.stdout == ""


def test_run_refuses_when_bench_has_no_name():
    assert run("bench").returncode == 1


def test_run_says_what_to_install_when_python_is_too_old(tmp_path):
    copy = tmp_path / "a folder with spaces"
    copy.mkdir()
    for name in ("run", "setup.cfg", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, copy)
    (copy / "webui").mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "webui" / name, copy / "webui")
    for name in ("assets", "templates", "static", "translations"):
        (copy / "webui" / name).mkdir()
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("python3", *(f"python3.{minor}" for minor in (11, 12, 13, 14))):
        (tools / name).write_text("#!/bin/sh\nexit 1\n")
        (tools / name).chmod(0o755)

    answer = run("serve", script=copy / "run", env={"PATH": f"{tools}:/usr/bin:/bin"})

    assert answer.returncode == 1
    assert "Python 3.11" in answer.stderr
    assert answer.stdout == ""


@pytest.mark.parametrize("name", ["package-lock.json", "package.json"])
def test_lock_pins_exact_versions_and_names_no_download_address(name):
    text = (ROOT / "webui" / name).read_text(encoding="utf-8")

    assert '"resolved"' not in text
    assert "registry" not in text


def test_constraints_pin_exactly_when_setup_cfg_only_gives_ranges():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()

    loose = [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+|#.*", line)]
    assert loose == []


def test_ci_runs_the_tests_when_a_check_fails(tmp_path):
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
    script = tmp_path / "run"
    script.write_text('#!/bin/sh\necho "$* $REQUIRE_BACKENDS"\n[ "$1" != check ]\n')
    script.chmod(0o755)

    answer = run("-q", script=tmp_path / ".ci" / "run")

    assert answer.returncode == 1
    assert answer.stdout.splitlines() == ["setup test check 1", "check 1", "test -q 1"]
