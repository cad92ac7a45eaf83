"""The command line on a small installation."""

import shutil
from pathlib import Path

import click
import pytest

from engine.errors import ErrorCode, NotFoundError, NotPermittedError
from webui.cli import cli


@pytest.fixture
def data_dir(installation: Path, tmp_path: Path) -> str:
    return str(shutil.copytree(installation, tmp_path / "data"))


def call(*arguments: str) -> None:
    cli(list(arguments), standalone_mode=False)


def test_revoke_is_for_administrators_and_needs_a_holder(data_dir: str) -> None:
    call("revoke", "snv.lanhdao", "key_compromise", "--as", "vpub.quantri", "--data", data_dir)
    call("revoke", "Sở Nội vụ", "superseded", "--as", "vpub.quantri", "--data", data_dir)
    with pytest.raises(NotPermittedError):
        call("revoke", "stc.lanhdao", "superseded", "--as", "stc.vanthu", "--data", data_dir)
    with pytest.raises(NotFoundError) as caught:
        call("revoke", "nobody", "superseded", "--as", "vpub.quantri", "--data", data_dir)
    assert caught.value.code is ErrorCode.CERTIFICATE_MISSING


@pytest.mark.parametrize(("pin", "password"), [("12345", "mat-khau-dai"), ("123456", "ngan")])
def test_init_refuses_a_short_pin_or_password(tmp_path: Path, pin: str, password: str) -> None:
    with pytest.raises(Exception, match="PIN ≥ 6"):
        call("init", "--data", str(tmp_path / "new"), "--pin", pin, "--password", password)
    assert not (tmp_path / "new").exists()


def test_verify_of_a_folder_without_pdf_is_wrong_usage(data_dir: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(Exception, match="PDF"):
        call("verify", str(empty), "--data", data_dir)


def test_verify_finds_pdfs_whatever_their_case_and_prints_nothing_that_drives_a_terminal(
    data_dir: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "A.PDF").write_bytes(b"%PDF-1.7\n\x1b[2J")
    with pytest.raises(SystemExit) as caught:
        call("verify", str(tmp_path), "--data", data_dir)
    assert caught.value.code == 1
    out = capsys.readouterr().out
    assert "FAILED" in out
    assert "\x1b" not in out


def test_register_of_an_unknown_agency_says_so(data_dir: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        call("register", "Sở Không Có", "2026", "--data", data_dir)
    assert caught.value.code is ErrorCode.AGENCY_NOT_FOUND


def test_verify_without_a_root_to_trust_is_wrong_usage(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF-1.7")
    for arguments in (("--data", str(tmp_path / "none")), ("--trust-root", str(file))):
        with pytest.raises(click.UsageError):
            call("verify", str(file), *arguments)
