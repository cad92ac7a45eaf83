"""Compose and read the number, symbol and date of a document.

The case of an abbreviation is part of it (`CTr`, `QyĐ`, `TĐTN`): nothing here changes case.

Source: Decree 30/2020/NĐ-CP, Appendix I, part II, items 3 and 4.
"""

import re
from dataclasses import dataclass
from datetime import date

from engine.errors import InvalidInputError
from engine.model.kinds import DocumentKind, get_kind
from engine.model.organisation import Profile
from engine.text import nfc

#: What the Youth Union writes for a kind that has no abbreviation of its own.
_YOUTH_UNION_LETTER = "CV"
_STATE_SYMBOL = re.compile(
    r"(?P<number>\d{1,6})(?P<suffix>[a-zđ]?)/(?:(?P<year>(?:19|20)\d\d)/)?(?P<tail>[^\W\d][^\s/]*)"
)
_UNION_SYMBOL = re.compile(
    r"(?P<number>\d{1,6})(?P<suffix>[a-zđ]?)-(?P<tail>[^\W\d][^\s/]*/[^\W\d][^\s/]*)"
)


@dataclass(frozen=True, kw_only=True)
class ParsedSymbol:
    """Hold the parts of a symbol; `year` is given for normative documents only."""

    number: int
    suffix: str
    year: int | None
    tail: str


def symbol_tail(
    kind: DocumentKind,
    agency_symbol: str,
    unit_symbol: str = "",
    *,
    profile: Profile = Profile.STATE,
) -> str:
    """Return what follows the number: `TB-UBND`, `SNV-VP`, or `CV/TĐTN-VP` in the Youth Union.

    A công văn names the drafting unit instead of a kind; without a unit it names the agency.

    Raises:
        InvalidInputError: there is no such kind.
    """
    abbreviation = get_kind(kind).abbreviation
    origin = "-".join(part for part in (agency_symbol, unit_symbol) if part)
    if profile is Profile.YOUTH_UNION:
        return f"{abbreviation or _YOUTH_UNION_LETTER}/{origin}"
    return f"{abbreviation}-{agency_symbol}" if abbreviation else origin


def number_text(number: int, suffix: str = "") -> str:
    """Return a register number as written: `07`, `30a`, `1247`."""
    return f"{number:02d}{suffix}"


def separator(tail: str) -> str:
    """Return what stands between number and tail: the Youth Union's tail brings its own slash."""
    return "-" if "/" in tail else "/"


def full_symbol(number: int, tail: str, *, suffix: str = "", year: int | None = None) -> str:
    """Return the whole symbol: `07/TB-SNV`, `93/2007/QĐ-TTg`, `123-TB/TĐTN-VP`."""
    of_year = f"/{year}" if year is not None else ""
    return f"{number_text(number, suffix)}{of_year}{separator(tail)}{tail}"


def parse_symbol(text: str) -> ParsedSymbol:
    """Return the parts of a symbol as somebody wrote it; `07` and `7` are the same number.

    Raises:
        InvalidInputError: the text is not a number, a separator and a symbol.
    """
    written = re.sub(r"\s+", "", nfc(text))
    found = _STATE_SYMBOL.fullmatch(written) or _UNION_SYMBOL.fullmatch(written)
    if found is None:
        raise InvalidInputError("not a document symbol", field="symbol")
    parts = found.groupdict()
    return ParsedSymbol(
        number=int(parts["number"]),
        suffix=parts["suffix"],
        year=int(parts["year"]) if parts.get("year") else None,
        tail=parts["tail"],
    )


def day_text(day: int) -> str:
    """Return a day of the month as written: below 10 it takes a zero."""
    return f"{day:02d}"


def month_text(month: int) -> str:
    """Return a month as written: only 1 and 2 take a zero, so that no digit can be put before."""
    return f"{month:02d}" if month <= 2 else str(month)


def date_text(day: date) -> str:
    """Return a date as written in a document: `ngày 05 tháng 02 năm 2015`."""
    return f"ngày {day_text(day.day)} tháng {month_text(day.month)} năm {day.year}"
