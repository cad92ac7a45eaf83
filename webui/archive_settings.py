"""Read how long signatures may wait for time-stamps, and when originals are archived."""

import os
from datetime import timedelta

from engine.errors import InvalidInputError
from engine.model.preservation import PreservationPlan
from engine.model.signing_intent import TIMESTAMP_GRACE

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def read_grace() -> timedelta:
    """Return how long signatures wait for time-stamps: `TRINHKY_TIMESTAMP_GRACE_HOURS`.

    Raises:
        InvalidInputError: no number, or more than the rules of verification allow.
    """
    most = TIMESTAMP_GRACE // _HOUR
    return _HOUR * _number("TRINHKY_TIMESTAMP_GRACE_HOURS", default=most, most=most)


def read_plan() -> PreservationPlan:
    """Return the times of preservation, `TRINHKY_EVIDENCE_GRACE_HOURS` and the like.

    Raises:
        InvalidInputError: one is no number.
    """
    usual = PreservationPlan()
    return PreservationPlan(
        evidence_grace=_HOUR
        * _number("TRINHKY_EVIDENCE_GRACE_HOURS", default=usual.evidence_grace // _HOUR),
        archive_after=_DAY
        * _number("TRINHKY_ARCHIVE_AFTER_DAYS", default=usual.archive_after // _DAY),
        renewal_margin=_DAY
        * _number("TRINHKY_RENEWAL_MARGIN_DAYS", default=usual.renewal_margin // _DAY),
    )


def _number(name: str, *, default: int, most: int = 10_000) -> int:
    """Return a whole number of the environment, from 0 to `most`.

    Raises:
        InvalidInputError: it is something else.
    """
    text = os.environ.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and int(text) <= most):
        raise InvalidInputError(f"{name} must be a number from 0 to {most}", field=name)
    return int(text)
