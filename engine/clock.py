"""Tell the time: the one place that asks the machine."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """Give the current time."""

    def now(self) -> datetime:
        """Return the current time, aware, UTC."""
        ...


class SystemClock:
    """Clock of the machine."""

    def now(self) -> datetime:
        """Return the machine's time, aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 the one allowed place


class FixedClock:
    """Clock that stands still until it is moved; for tests and for replays."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the set time."""
        return self.at

    def move(self, by: timedelta) -> None:
        """Move the clock by `by`."""
        self.at += by


def end_of_day(day: date) -> datetime:
    """Return the last minute of a day in Việt Nam: a deadline of a day ends with the day."""
    return datetime.combine(day, time(23, 59), VIETNAM)


def local(at: datetime) -> datetime:
    """Return `at` in Việt Nam's zone (+07:00), as it is shown to people."""
    return at.astimezone(VIETNAM)
