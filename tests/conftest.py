"""Share what every kind of test needs: a small installation, copied for each test."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from engine.clock import FixedClock
from tests.houses import Stage, copy_house, install_small, standing_clock
from webui.bootstrap import House

# No example is wrong because the machine is busy. Which ones there are is left as it was.
hypothesis.settings.register_profile(
    "steady",
    parent=hypothesis.settings.default,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("steady")


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


@pytest.fixture(scope="session")
def installation_in_december(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the small city as installed on Monday, 7 December 2026, before work begins.

    For stories told on days whose working days are known: certificates are of that day too.
    """
    data_dir = tmp_path_factory.mktemp("december") / "data"
    install_small(data_dir, FixedClock(datetime(2026, 12, 7, 0, 0, tzinfo=UTC)))
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
