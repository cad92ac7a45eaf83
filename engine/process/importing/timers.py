"""Translate the timers of other engines where the translation is mechanical.

Source: ISO 8601-1:2019, clauses 5.4 (date and time of day) and 5.5.2 (duration).
"""

import re

from engine.errors import InvalidInputError
from engine.process.deadlines import Deadline, parse_moment

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_WRAPPED = re.compile(r"[$#]\{(?P<inside>[^{}]*)\}", re.DOTALL)
_CALL = re.compile(r"(?:duration|date and time)\s*\((?P<inside>[^()]*)\)", re.DOTALL)


def translate_timer(timer: str, text: str) -> str | None:
    """Return the text of a timer in our subset, None when that is not mechanical.

    Args:
        timer: `timeDuration`, `timeDate` or `timeCycle`.
        text: as the file has it: `PT2H`, `"PT2H"`, `=duration("PT2H")`, `${due_date}`.
    """
    if is_ours(timer, text):
        return text
    bare, expression = _bare(text)
    if is_ours(timer, bare):
        return bare
    if is_ours(timer, bare.upper()):
        return bare.upper()
    if timer == "timeDate" and expression and _NAME.fullmatch(bare):
        return f"at {bare}"
    return None


def is_ours(timer: str, text: str) -> bool:
    """Tell whether the text of a timer is in our subset as it stands."""
    try:
        if timer == "timeDate":
            parse_moment(text)
        else:
            Deadline.parse(text)
    except InvalidInputError:
        return False
    return timer != "timeCycle"


def _bare(text: str) -> tuple[str, bool]:
    """Return the text without quotes and wrappers, and whether it was an expression."""
    text = text.strip()
    found = _WRAPPED.fullmatch(text)
    expression = found is not None or text.startswith("=")
    text = found["inside"].strip() if found else text.removeprefix("=").strip()
    call = _CALL.fullmatch(text)
    text = call["inside"].strip() if call else text
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return (text[1:-1].strip() if quoted else text), expression and not quoted
