"""Share what every kind of test needs: a small installation, copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import FixedClock
from tests.houses import Stage, copy_house, install_small, standing_clock
from webui.bootstrap import House


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--differential",
        type=int,
        default=400,
        metavar="N",
        help="compare the engine with the token model on N random processes (default: 400)",
    )


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an installation of the small city; copy it, do not write into it."""
    data_dir = tmp_path_factory.mktemp("city") / "data"
    install_small(data_dir)
    return data_dir


@pytest.fixture
def clock() -> FixedClock:
    return standing_clock()


@pytest.fixture
def house(installation: Path, tmp_path: Path, clock: FixedClock) -> Iterator[House]:
    opened = copy_house(installation, tmp_path / "data", clock)
    yield opened
    opened.close()


@pytest.fixture
def stage(house: House) -> Stage:
    return Stage(house)
