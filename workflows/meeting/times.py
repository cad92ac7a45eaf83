"""Tell when people are reminded: of an answer a working day before, of a meeting a day before."""

from datetime import datetime, timedelta

from engine.calendar.working_time import WorkingCalendar
from engine.clock import local

_A_DAY = timedelta(days=1)
#: No table of days off has as many in a row; beyond it the day before counts as worked.
_MOST_DAYS_OFF = 14


def reply_reminder(calendar: WorkingCalendar, now: datetime, reply_by: datetime) -> datetime:
    """Return when who has not answered is reminded: the same hour one working day before.

    When that is over already it is half of the time that is left.
    """
    day = reply_by - _A_DAY
    for _ in range(_MOST_DAYS_OFF):
        if calendar.is_working_day(local(day).date()):
            break
        day -= _A_DAY
    return day if day > now else now + (reply_by - now) / 2


def reminder_before(now: datetime, starts_at: datetime) -> datetime:
    """Return when who comes is reminded: a day before, or half of the time that is left."""
    at = starts_at - _A_DAY
    return at if at > now else now + (starts_at - now) / 2
