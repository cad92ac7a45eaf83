"""Install the city a quarter ago and act every day since; then it is an office of today."""

import random
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from engine.calendar.working_time import load_calendar
from engine.clock import VIETNAM, FixedClock, SystemClock, local
from webui.bootstrap import House
from webui.city import shipped_tables
from webui.demo import DEMO_PASSWORD, DEMO_PIN
from webui.install import install
from webui.progress import progress_bar, say
from webui.quarter import absences, arrivals, letters, meetings, orders, weeks
from webui.quarter.outcome import has_quarter, mark_acted, mark_begun, was_cut_short
from webui.quarter.story import Life, Story
from webui.quarter.town import Town
from webui.settings import Settings

WEEKS = 13
LETTERS_A_DAY = 5
_SEED = 2015
_COMMITTEE_SHARE = 6
_BEGINS_AT = time(7, 30)


def with_quarter(settings: Settings) -> Settings:
    """Return settings whose data directory holds a quarter; act it where none is.

    A quarter lies in the past, so it cannot be added to an installation of today: one that holds
    something else is left alone, and the quarter goes beside it.
    """
    if was_cut_short(settings.data_dir):
        shutil.rmtree(settings.data_dir)
    if settings.is_installed() and not has_quarter(settings.data_dir):
        beside = settings.data_dir.with_name(f"{settings.data_dir.name}-quy")
        say(f"{settings.data_dir} đã có dữ liệu, dùng / holds other data, using {beside}")
        return with_quarter(replace(settings, data_dir=beside))
    if not has_quarter(settings.data_dir):
        act_quarter(settings, password=DEMO_PASSWORD, pin=DEMO_PIN)
    return settings


def act_quarter(
    settings: Settings,
    *,
    password: str,
    pin: str,
    tables: Mapping[str, bytes] | None = None,
    weeks_acted: int = WEEKS,
    letters_a_day: int = LETTERS_A_DAY,
) -> Mapping[str, int]:
    """Act the weeks up to now on an empty data directory; return what was done how often.

    Args:
        tables: of the city; the demo's own when it is not told.
        weeks_acted: 1 to 13.
        letters_a_day: begun on each working day, in the whole city.

    Raises:
        ConflictError: the directory holds an installation already.
        StoreUnavailableError: background work did not finish.
    """
    now = SystemClock().now()
    first = _first_day(now, weeks_acted)
    clock = FixedClock(datetime.combine(first, _BEGINS_AT, VIETNAM))
    tables = tables or shipped_tables(people=True)
    house = install(settings, tables, password=password, pin=pin, clock=clock)
    mark_begun(settings.data_dir)
    house.jobs.start()
    try:
        story = Story(
            house=house,
            pin=pin,
            clock=clock,
            town=Town(house=house, day=first),
            calendar=load_calendar(*settings.calendar_paths()),
            receive=arrivals.live,
            chance=random.Random(_SEED),  # noqa: S311 nothing secret is drawn
        )
        story.begin(_every_day(story, letters_a_day), clock.now())
        story.begin(weeks.live(story), clock.now())
        with progress_bar("Diễn một quý / acting a quarter") as progress:
            for day in story.run(now):
                progress(day.isoformat(), (day - first).days + 1, weeks_acted * 7)
    finally:
        house.jobs.stop()
        house.close()
    mark_acted(settings.data_dir, first, story.counts, story.stopped)
    return story.counts


def _every_day(story: Story, letters_a_day: int) -> Life:
    """Begin on each working day what people begin on their own."""
    while True:
        if story.calendar.is_working_day(story.day()):
            _begin_day(story, letters_a_day)
        _refresh_revocations(story.house)
        yield datetime.combine(story.day() + timedelta(days=1), _BEGINS_AT, VIETNAM)


def _begin_day(story: Story, letters_a_day: int) -> None:
    agencies = [agency.id for agency in story.town.agencies()]
    # Most of a city's work begins at its committee.
    agencies += [story.town.committee()] * _COMMITTEE_SHARE
    for _each in range(letters_a_day):
        story.follow(letters.live_some(story, story.chance.choice(agencies)))
    for begin, share in ((meetings.live, 0.6), (orders.live, 0.6), (absences.live, 0.25)):
        if story.happens(share):
            story.follow(begin(story, story.chance.choice(agencies)))


def _refresh_revocations(house: House) -> None:
    with house.start_work() as work:
        key = f"refresh_revocations:{house.clock.now().isoformat()}"
        work.jobs.enqueue("refresh_revocations", key, {})
        work.commit()


def _first_day(now: datetime, weeks_acted: int) -> date:
    monday = local(now).date() - timedelta(days=local(now).weekday())
    return monday - timedelta(weeks=weeks_acted)
