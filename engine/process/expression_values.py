"""Compare plain values strictly, and hold the named functions of the expression language.

Every function here is total and cheap: it ends for any argument of its kind, in time linear in
texts that are themselves capped, and makes nothing larger than it was given. Text is compared in
normal form C, so that a name typed on one keyboard equals the same name typed on another.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.process.model import Plain
from engine.process.reasons import Reason, RefusedError
from engine.text import nfc


class Kind(StrEnum):
    """Name the kinds of value; the words are shown to people who draw flows."""

    ANY = "any value"
    TEXT = "text"
    NUMBER = "a whole number"
    TRUTH = "true or false"
    NOTHING = "None"
    LIST = "a list"


_KINDS: Mapping[type, Kind] = {
    str: Kind.TEXT,
    int: Kind.NUMBER,
    bool: Kind.TRUTH,
    type(None): Kind.NOTHING,
}


class ValueKindError(RefusedError):
    """Tell the evaluator that data is missing or of the wrong kind; it never leaves this room."""


@dataclass(frozen=True)
class Function:
    """Hold one named function: kinds of its arguments in order, kind of its result."""

    parameters: tuple[Kind, ...]
    result: Kind
    apply: Callable[..., Plain]


FUNCTIONS: Mapping[str, Function] = {
    "len": Function((Kind.TEXT,), Kind.NUMBER, len),
    "lower": Function((Kind.TEXT,), Kind.TEXT, lambda text: nfc(text.lower())),
    "starts_with": Function((Kind.TEXT, Kind.TEXT), Kind.TRUTH, str.startswith),
    "ends_with": Function((Kind.TEXT, Kind.TEXT), Kind.TRUTH, str.endswith),
    "contains": Function((Kind.TEXT, Kind.TEXT), Kind.TRUTH, operator.contains),
    "min": Function((Kind.NUMBER, Kind.NUMBER), Kind.NUMBER, min),
    "max": Function((Kind.NUMBER, Kind.NUMBER), Kind.NUMBER, max),
}

#: The one function that takes a name, not a value: the name may have none.
IS_SET = "is_set"


def kind_of(value: object) -> Kind:
    """Return the kind of a plain value, by its exact type.

    Raises:
        ValueKindError: it is not plain.
    """
    kind = _KINDS.get(type(value))
    if kind is None:
        raise ValueKindError(Reason.NOT_PLAIN, type=type(value).__name__)
    return kind


def check_kind(value: object, kind: Kind) -> None:
    """Check that a value is of one kind.

    Raises:
        ValueKindError: it is not.
    """
    if kind_of(value) is not kind:
        raise ValueKindError(Reason.KIND_NEEDED, kind=kind_of(value), needed_kind=kind)


def read_plain(name: str, data: Mapping[str, object]) -> Plain:
    """Return the value of a name, text in normal form C.

    Raises:
        ValueKindError: it has none, or one that is not plain.
    """
    try:
        value = data[name]
    except KeyError:
        raise ValueKindError(Reason.NO_VALUE, name=name) from None
    # The exact type counts: a subclass could bring its own comparison along.
    if type(value) is str:
        return value if value.isascii() else nfc(value)
    if value is None or type(value) is bool or type(value) is int:
        return value
    raise ValueKindError(Reason.NAME_NOT_PLAIN, name=name, type=type(value).__name__)


def equals(left: object, right: object) -> bool:
    """Tell whether two values are the same; None equals only itself.

    Raises:
        ValueKindError: they are of different kinds, so the question has no answer. Python would
            say that `True == 1`, and that a number never equals its text.
    """
    if left is None or right is None:
        return left is right
    if type(left) is not type(right):
        kind, other_kind = kind_of(left), kind_of(right)
        raise ValueKindError(Reason.KINDS_DIFFER, kind=kind, other_kind=other_kind)
    return left == right


def differs(left: object, right: object) -> bool:
    """Tell whether two values are not the same; raises as `equals`."""
    return not equals(left, right)


def _ordered(test: Callable[..., bool]) -> Callable[[object, object], bool]:
    def compare(left: object, right: object) -> bool:
        if type(left) is type(right) and (type(left) is int or type(left) is str):
            return test(left, right)
        kind, other_kind = kind_of(left), kind_of(right)
        raise ValueKindError(Reason.KINDS_UNORDERED, kind=kind, other_kind=other_kind)

    return compare


is_less = _ordered(operator.lt)
is_at_most = _ordered(operator.le)
is_more = _ordered(operator.gt)
is_at_least = _ordered(operator.ge)

#: What a test comes down to once both values are known to be of one kind that has it.
SAME_KIND: Mapping[Callable[[object, object], bool], Callable[..., bool]] = {
    equals: operator.eq,
    differs: operator.ne,
    is_less: operator.lt,
    is_at_most: operator.le,
    is_more: operator.gt,
    is_at_least: operator.ge,
}
