"""Read days people type or addresses carry."""

from datetime import date, datetime

#: How browsers send a day, and how people write it.
_FORMATS = ("%Y-%m-%d", "%d/%m/%Y")
#: Nothing of the house is older or later; a week or a year can be counted on from either.
EARLIEST, LATEST = date(1900, 1, 1), date(9990, 12, 31)


def read_day(text: str | None) -> date | None:
    """Return the day a text names; None for anything else, or one far out of time."""
    for pattern in _FORMATS:
        try:
            day = datetime.strptime((text or "").strip(), pattern).date()  # noqa: DTZ007 a day has no zone
        except ValueError:
            continue
        return day if EARLIEST <= day <= LATEST else None
    return None
