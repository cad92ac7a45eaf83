"""Read the timer texts of a diagram and say when they are due.

`P3D`, `P1W` and `PT4H` are clock time, absolute: a day is 24 hours also when summer time begins.
`3 working days` and `4 working hours` are working time of the installation's calendar, where the
number may be the name of process data. `at NAME` is a moment in process data.

A date without offset is refused, always. SpiffWorkflow would read it with the one offset the
worker had when it started, and be an hour wrong in the other half of the year.

Source: ISO 8601-1:2019, 5.5.2.2 (durations; years and months are left out, for their length is not
fixed) and 5.4.2 (moments).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from engine.calendar.working_time import WorkingCalendar
from engine.errors import ErrorCode, InvalidInputError
from engine.process.model import Plain
from engine.process.reasons import Reason, Refusal, RefusedError

MAX_CHARS = 100
MAX_WAIT = timedelta(days=3653)
MAX_WORKING_DAYS = MAX_WAIT.days
MAX_WORKING_HOURS = MAX_WAIT.days * 24

_NAME = r"[a-z][a-z0-9_]{0,62}"
_CLOCK = re.compile(
    r"P(?=\d|T\d)(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    r"(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?",
    re.ASCII,
)
_WORKING = re.compile(rf"(?:(\d{{1,9}})|({_NAME})) working (days|hours)", re.ASCII)
_AT = re.compile(rf"at ({_NAME})", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII
)


class DeadlineKind(StrEnum):
    """Say what a deadline counts."""

    CLOCK = "clock"
    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"
    MOMENT = "moment"


class _UnfitError(RefusedError):
    """Tell that a number or a moment is none; it never leaves this module."""


_MOST = {
    DeadlineKind.WORKING_DAYS: MAX_WORKING_DAYS,
    DeadlineKind.WORKING_HOURS: MAX_WORKING_HOURS,
}


@dataclass(frozen=True)
class FromData:
    """Stand for an amount or a moment that process data holds."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """Hold one timer text, read and checked; made by `parse` or `parse_moment`.

    Args:
        text: as written in the diagram.
        amount: clock time, a number of working days or hours, or a moment, aware UTC.
    """

    text: str
    kind: DeadlineKind
    amount: timedelta | int | datetime | FromData

    @staticmethod
    def parse(text: str) -> "Deadline":
        """Return the deadline in a `timeDuration` or `trinhky:due`, read once.

        Args:
            text: at most 100 characters of the forms this module names.

        Raises:
            InvalidInputError: it is none of them; code `PROCESS_INVALID`.
        """
        return _parse(text)

    @property
    def names(self) -> frozenset[str]:
        """Return the process data it reads."""
        return frozenset({self.amount.name} if isinstance(self.amount, FromData) else ())

    def due(
        self, opened_at: datetime, data: Mapping[str, Plain], calendar: WorkingCalendar
    ) -> datetime:
        """Return when it is due, aware UTC; what is due in the past is due at once.

        Args:
            opened_at: when what has the deadline was opened; aware.
            data: process data of the instance.

        Raises:
            InvalidInputError: code `PROCESS_DATA`: the data is missing, is no whole number or
                no moment with an offset, or the deadline is more than ten years away.
        """
        if opened_at.utcoffset() is None:
            raise _unfit(self.text, Refusal(Reason.DEADLINE_OPENING))
        opened_at = opened_at.astimezone(UTC)
        amount = (
            self._read(self.amount, data) if isinstance(self.amount, FromData) else self.amount
        )
        if isinstance(amount, datetime):
            due_at = amount
        elif isinstance(amount, timedelta):
            due_at = opened_at + amount
        elif self.kind is DeadlineKind.WORKING_DAYS:
            due_at = calendar.add_working_days(opened_at, amount)
        else:
            due_at = calendar.add_working_hours(opened_at, amount)
        if due_at - opened_at > MAX_WAIT:
            raise _unfit(self.text, Refusal(Reason.DEADLINE_FAR))
        return due_at

    def _read(self, place: FromData, data: Mapping[str, Plain]) -> int | datetime:
        if place.name not in data:
            raise _unfit(self.text, Refusal(Reason.NO_VALUE, {"name": place.name}))
        value = data[place.name]
        try:
            if self.kind is DeadlineKind.MOMENT:
                return _as_moment(value)
            return _as_number(value, _MOST[self.kind])
        except _UnfitError as error:
            raise _unfit(self.text, error.refusal, place.name) from error


@lru_cache(maxsize=1024)
def parse_moment(text: str) -> Deadline:
    """Return the deadline in a `timeDate`: a moment with an offset, or `at NAME`.

    Raises:
        InvalidInputError: it is neither; code `PROCESS_INVALID`.
    """
    plain = _tidy(text)
    at = _AT.fullmatch(plain)
    if at is not None:
        return Deadline(text=text, kind=DeadlineKind.MOMENT, amount=FromData(at[1]))
    try:
        moment = _as_moment(plain)
    except _UnfitError as error:
        raise _refused_for(text, error.refusal) from error
    return Deadline(text=text, kind=DeadlineKind.MOMENT, amount=moment)


@lru_cache(maxsize=1024)
def _parse(text: str) -> Deadline:
    plain = _tidy(text)
    clock = _CLOCK.fullmatch(plain)
    if clock is not None:
        return Deadline(text=text, kind=DeadlineKind.CLOCK, amount=_clock_time(text, clock))
    working = _WORKING.fullmatch(plain)
    if working is not None:
        return _working_time(text, working)
    at = _AT.fullmatch(plain)
    if at is not None:
        return Deadline(text=text, kind=DeadlineKind.MOMENT, amount=FromData(at[1]))
    raise _refused(text, Reason.DEADLINE_FORM)


def _clock_time(text: str, match: re.Match[str]) -> timedelta:
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    whole = ((weeks * 7 + days) * 24 + hours) * 60 + minutes
    if whole * 60 + seconds > MAX_WAIT.total_seconds():
        raise _refused(text, Reason.DEADLINE_FAR)
    return timedelta(minutes=whole, seconds=seconds)


def _working_time(text: str, match: re.Match[str]) -> Deadline:
    number, name, unit = match.groups()
    kind = DeadlineKind.WORKING_DAYS if unit == "days" else DeadlineKind.WORKING_HOURS
    if number is None:
        return Deadline(text=text, kind=kind, amount=FromData(name))
    if int(number) > _MOST[kind]:
        raise _refused(text, Reason.DEADLINE_FAR)
    return Deadline(text=text, kind=kind, amount=int(number))


def _tidy(text: str) -> str:
    """Return `text` with single blanks; modellers break long lines."""
    if len(text) > MAX_CHARS:
        raise _refused(text[:40], Reason.TOO_LONG, most=str(MAX_CHARS))
    if not text.isascii():
        raise _refused(text, Reason.DEADLINE_LETTERS)
    return " ".join(text.split())


def _as_number(value: Plain, most: int) -> int:
    # True is an `int` to Python, but nobody means one day by it.
    if type(value) is not int or not 0 <= value <= most:
        raise _UnfitError(Reason.DEADLINE_NUMBER, most=str(most))
    return value


def _as_moment(value: Plain) -> datetime:
    """Return a moment, aware UTC.

    Raises:
        _UnfitError: it is none, has no offset, or is outside the years of the machine.
    """
    match = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _UnfitError(Reason.MOMENT_FORM)
    if match[1] is None:
        raise _UnfitError(Reason.MOMENT_OFFSET)
    try:
        return datetime.fromisoformat(match[0]).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _UnfitError(Reason.MOMENT_UNKNOWN) from error


def _refused(text: str, reason: Reason, /, **params: str) -> InvalidInputError:
    return _refused_for(text, Refusal(reason, params))


def _refused_for(text: str, refusal: Refusal) -> InvalidInputError:
    return InvalidInputError(
        f"deadline {text!r}: {refusal}", code=ErrorCode.PROCESS_INVALID, **refusal.told()
    )


def _unfit(text: str, refusal: Refusal, name: str = "") -> InvalidInputError:
    """Return the error for a deadline that cannot be counted; `name` of the data at fault."""
    told = refusal.told(f"{name!r} is ") | {"at_name": name} if name else refusal.told()
    return InvalidInputError(
        f"deadline {text!r} cannot be counted: {told['reason']}",
        code=ErrorCode.PROCESS_DATA,
        **told,
    )
