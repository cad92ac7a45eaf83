"""Two weeks of a small city, acted day by day the way `demo --full` acts a quarter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import local
from engine.errors import ConflictError
from engine.model.schedule import WeekState, monday_of
from tests.houses import PASSWORD, PIN, small_tables
from webui.bootstrap import House, open_house
from webui.quarter.outcome import (
    QuarterOutcome,
    has_quarter,
    mark_begun,
    read_outcome,
    was_cut_short,
)
from webui.quarter.run import act_quarter
from webui.settings import Settings


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("quarter") / "data"
    act_quarter(
        Settings(data_dir=path),
        password=PASSWORD,
        pin=PIN,
        tables=small_tables(),
        weeks_acted=2,
        letters_a_day=1,
    )
    return path


@pytest.fixture(scope="module")
def house(data_dir: Path) -> Iterator[House]:
    opened = open_house(Settings(data_dir=data_dir))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def outcome(house: House) -> QuarterOutcome:
    return read_outcome(house)


def test_everything_people_do_is_done(outcome: QuarterOutcome) -> None:
    done = {name for name, times in outcome.acted.items() if times > 0}
    assert done >= {
        "documents",
        "registered",
        "directed",
        "assignments",
        "assignments completed",
        "reports",
        "meetings held",
        "replies",
        "schedules",
        "delegations",
    }


def test_no_life_is_cut_short(outcome: QuarterOutcome) -> None:
    assert outcome.stopped == []


def test_procedures_count_what_was_acted(outcome: QuarterOutcome) -> None:
    counted = outcome.summary()["procedures"]
    assert isinstance(counted, dict)
    for row in counted.values():
        assert 0 <= row["completed"] <= row["instances"]
    assert counted["outgoing"]["instances"] == outcome.acted["drafts"]
    assert counted["direction"]["instances"] == outcome.acted["assignments"]
    assert counted["meeting"]["instances"] == outcome.acted["meetings"]


def test_indicators_agree_with_what_was_acted(outcome: QuarterOutcome) -> None:
    values = {each.id.value: each for each in outcome.indicators}
    assert values["documents"].value == outcome.acted["documents"] + outcome.acted["registered"]
    shares = [values[name].value for name in ("within", "between", "steps-on-time")]
    assert all(share is not None and 0 <= share <= 1 for share in shares)
    hours = values["step-times"].value
    assert hours is not None
    assert 0 < hours < 24 * 14


def test_nothing_is_stuck_and_no_step_failed(house: House) -> None:
    with house.start_reading() as work:
        assert list(work.queries.list_stuck(house.clock.now())) == []
        assert work.queries.count_incidents() == 0


def test_the_week_that_began_last_has_a_published_schedule(house: House) -> None:
    monday = monday_of(local(house.clock.now()).date())
    with house.start_reading() as work:
        committee = next(
            each.id for each in work.organisation.list_agencies(monday) if each.parent_id is None
        )
        versions = work.schedules.list_week(committee, monday)
    assert WeekState.PUBLISHED in {each.state for each in versions}


def test_a_quarter_that_was_cut_short_is_not_taken_for_one(tmp_path: Path) -> None:
    mark_begun(tmp_path)
    assert was_cut_short(tmp_path)
    assert not has_quarter(tmp_path)


def test_a_quarter_is_not_acted_over_something_else(data_dir: Path) -> None:
    assert has_quarter(data_dir)
    with pytest.raises(ConflictError):
        act_quarter(Settings(data_dir=data_dir), password=PASSWORD, pin=PIN, weeks_acted=1)
