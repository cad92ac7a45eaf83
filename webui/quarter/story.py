"""Run many lives at once by one clock that is moved, never waited for."""

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from engine.calendar.working_time import WorkingCalendar
from engine.clock import VIETNAM, FixedClock, local
from engine.errors import StoreUnavailableError, TrinhKyError
from webui.bootstrap import House
from webui.quarter.town import Town

#: What one life does next: after so many working hours, or at a time.
Wait = float | datetime
Life = Iterator[Wait]

JOBS_TIMEOUT_SECONDS = 120.0
#: Background work of the house catches up at these hours of each day.
_CATCH_UP = (time(10, 0), time(13, 0), time(15, 30), time(18, 0))


@dataclass(kw_only=True)
class Story:
    """Hold the clock, the people and every life that goes on.

    Args:
        pin: of every software key of the city.
        clock: the house's own; it stands at the beginning of the story.
        chance: decides what happens; seeded, so that a story can be told again.
        receive: begins the life of an arrival, which letters lead to and which leads to letters.
        counts: how often something was done, for the summary.
        stopped: lives that could not go on, each with when and why.
    """

    house: House
    clock: FixedClock
    town: Town
    calendar: WorkingCalendar
    chance: random.Random
    receive: Callable[..., Life]
    pin: str = field(repr=False)
    counts: dict[str, int] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    _lives: list[tuple[datetime, int, Life]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)

    def begin(self, life: Life, at: datetime) -> None:
        """Let a life begin at a time."""
        heapq.heappush(self._lives, (at, next(self._order), life))

    def follow(self, life: Life) -> None:
        """Let a life begin within the next working hours."""
        self.begin(life, self.after(self.chance.uniform(0.2, 3)))

    def after(self, hours: float) -> datetime:
        """Return the time so many working hours from now."""
        return self.calendar.add_working_hours(self.clock.now(), timedelta(hours=hours))

    def day(self) -> date:
        """Return today in the story."""
        return local(self.clock.now()).date()

    def note(self, what: str) -> None:
        """Count something that was done."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def happens(self, share: float) -> bool:
        """Decide by chance, true in `share` of all cases."""
        return self.chance.random() < share

    def run(self, until: datetime) -> Iterator[date]:
        """Run every life up to a time; yield each day that is over.

        Raises:
            StoreUnavailableError: background work did not finish.
        """
        for at in self._times(until):
            while self._lives and self._lives[0][0] <= at:
                self._step(*heapq.heappop(self._lives))
            self.clock.at = at
            self._catch_up()
            if local(at).time() == _CATCH_UP[-1]:
                yield local(at).date()

    def _times(self, until: datetime) -> Iterator[datetime]:
        day = self.day()
        while True:
            for hour in _CATCH_UP:
                at = datetime.combine(day, hour, VIETNAM)
                if at > until:
                    yield until
                    return
                if at > self.clock.now():
                    yield at
            day += timedelta(days=1)

    def _step(self, at: datetime, _order: int, life: Life) -> None:
        self.clock.at = max(at, self.clock.now())
        try:
            wait = next(life, None)
        except TrinhKyError as error:
            # One life that cannot go on must not end the others; the summary names it.
            self.stopped.append(f"{local(at):%d/%m/%Y %H:%M} {error}")
            return
        if wait is not None:
            self.begin(life, wait if isinstance(wait, datetime) else self.after(wait))

    def _catch_up(self) -> None:
        if not self.house.jobs.wait_until_idle(JOBS_TIMEOUT_SECONDS):
            raise StoreUnavailableError("background work did not finish")
