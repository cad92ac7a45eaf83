"""Making an installation, and never unmaking one."""

from datetime import timedelta
from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.errors import ConflictError, ErrorCode, NotFoundError
from engine.model.verification import Verdict
from tests.houses import PASSWORD, PIN, Stage, copy_house, install_small, small_tables
from webui.bootstrap import open_house
from webui.install import install
from webui.settings import Settings


def test_open_house_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        open_house(Settings(data_dir=tmp_path))
    assert caught.value.code is ErrorCode.INSTALLATION_MISSING


def test_install_refuses_a_directory_in_use_even_when_its_marker_is_lost(
    installation: Path, tmp_path: Path
) -> None:
    house = copy_house(installation, tmp_path / "data")
    settings = house.settings
    house.close()
    for _ in range(2):
        before = settings.database_path.read_bytes()
        with pytest.raises(ConflictError) as caught:
            install(settings, small_tables(), password=PASSWORD, pin=PIN)
        assert caught.value.code is ErrorCode.INSTALLATION_EXISTS
        assert settings.database_path.read_bytes() == before
        settings.marker_path.unlink(missing_ok=True)


def test_install_starts_again_after_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(BaseException):
        pass

    def cut(*_args: object, **_kwargs: object) -> int:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr("workflows.organisation.issue_certificates.IssueCertificates.__call__", cut)
        with pytest.raises(PowerCut):
            install_small(tmp_path / "data")
    install_small(tmp_path / "data")
    house = open_house(Settings(data_dir=tmp_path / "data"))
    with house.start_reading() as work:
        assert work.certificates.count() > 50
    house.close()


def test_nobody_else_on_the_machine_can_read_the_data(installation: Path) -> None:
    assert installation.stat().st_mode & 0o077 == 0
    assert (installation / "trinhky.db").stat().st_mode & 0o077 == 0


def test_an_installation_left_alone_for_a_month_signs_and_verifies_again(
    stage: Stage, clock: FixedClock
) -> None:
    settings = stage.house.settings
    clock.move(timedelta(days=30))
    house = open_house(settings, clock=clock)
    again = Stage(house)
    document_id = again.issue()
    _digest, pdf = house.use_cases.read_pdf(document_id, again.actor("snv.vanthu"))
    assert house.judge.verify(pdf).verdict is Verdict.PASSED
    house.close()
