"""Translate the conditions of other engines where the translation is mechanical.

JUEL and UEL (`${a == 'b' && !c}`), FEEL (`=a = "b" and not(c)`) and what looks like them have a
common core: names, text, whole numbers, comparisons, and, or, not. Only that core is translated;
calls, paths and arithmetic are left for a person.
"""

import re
from dataclasses import dataclass, field

from engine.errors import InvalidInputError
from engine.process.expressions import compile_expression
from engine.text import fold

MAX_CHARS = 1_000

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"[^"\\]*"|'[^'\\]*')
      | (?P<number>\d+(?![\w.]))
      | (?P<name>[^\W\d]\w*)
      | (?P<sign>&&|\|\||===?|!==?|<>|<=|>=|[<>=!(),\[\]])
    )""",
    re.VERBOSE,
)
_WRAPPED = re.compile(r"[$#]\{(?P<inside>[^{}]*)\}", re.DOTALL)
_SIGNS = {
    **dict.fromkeys(("==", "===", "=", "eq"), "=="),
    **dict.fromkeys(("!=", "!==", "<>", "ne"), "!="),
    **dict.fromkeys(("<", "lt"), "<"),
    **dict.fromkeys(("<=", "le"), "<="),
    **dict.fromkeys((">", "gt"), ">"),
    **dict.fromkeys((">=", "ge"), ">="),
    "in": "in",
}
_CONSTANTS = {"true": "True", "false": "False", "null": "None", "none": "None"}
_WORDS = frozenset({"and", "or", "not", "if", "then", "else", "empty", "div", "mod", "instanceof"})
_MAX_DEPTH = 12


class _UntranslatableError(Exception):
    """The text is outside the common core."""


@dataclass
class Translator:
    """Translate the conditions of one file, its names always the same way.

    Args:
        names: process data by the name the file uses; a second name may not mean the same.
    """

    names: dict[str, str] = field(default_factory=dict)

    def translate(self, text: str) -> str | None:
        """Return the condition in our language, None when that is not mechanical."""
        if is_ours(text):
            return text
        if len(text) > MAX_CHARS:
            return None
        known = dict(self.names)
        try:
            translated = _Parser(_tokens(_unwrapped(text)), known).whole()
            compile_expression(translated)
        except (_UntranslatableError, InvalidInputError):
            return None
        self.names = known
        return translated


def is_ours(text: str) -> bool:
    """Tell whether a condition is in our language as it stands."""
    try:
        compile_expression(text)
    except InvalidInputError:
        return False
    return True


def _unwrapped(text: str) -> str:
    text = text.strip()
    found = _WRAPPED.fullmatch(text)
    if found:
        return found["inside"]
    return text.removeprefix("=") if not text.startswith("==") else text


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    place = 0
    text = text.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise _UntranslatableError
        kind = found.lastgroup or ""
        tokens.append((kind, found[kind]))
        place = found.end()
    return tokens


class _Parser:
    """Read tokens by precedence and write our language, with brackets where they matter."""

    def __init__(self, tokens: list[tuple[str, str]], names: dict[str, str]) -> None:
        self.tokens = tokens
        self.names = names
        self.place = 0
        self.depth = 0

    def whole(self) -> str:
        text = self._either()
        if self.place != len(self.tokens):
            raise _UntranslatableError
        return text

    def _look(self) -> str:
        """Return the next sign or word, "" for anything else."""
        if self.place < len(self.tokens):
            kind, text = self.tokens[self.place]
            if kind in {"sign", "name"}:
                return text.lower()
        return ""

    def _take(self, *wanted: str) -> bool:
        if self._look() in wanted:
            self.place += 1
            return True
        return False

    def _either(self) -> str:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _UntranslatableError
        parts = [self._both()]
        while self._take("||", "or"):
            parts.append(self._both())
        self.depth -= 1
        return " or ".join(parts)

    def _both(self) -> str:
        parts = [self._comparison()]
        while self._take("&&", "and"):
            parts.append(self._comparison())
        return " and ".join(parts)

    def _comparison(self) -> str:
        left = self._value()
        sign = _SIGNS.get(self._look())
        if sign is None:
            return left
        self.place += 1
        right = self._value()
        # `not a == b` and `a == b == c` mean other things to us than to them.
        negated = left.startswith("not ") or right.startswith("not ")
        if negated or self._look() in _SIGNS:
            raise _UntranslatableError
        return f"{left} {sign} {right}"

    def _value(self) -> str:
        if self._take("!", "not"):
            return f"not {self._value()}"
        if self._take("("):
            return self._bracket(")")
        if self._take("["):
            return self._bracket("]")
        if self.place >= len(self.tokens):
            raise _UntranslatableError
        kind, text = self.tokens[self.place]
        self.place += 1
        if kind == "text":
            return _quoted(text[1:-1])
        if kind == "number":
            return str(int(text))
        if kind == "name" and text.lower() not in _WORDS:
            return self._name(text)
        raise _UntranslatableError

    def _bracket(self, close: str) -> str:
        parts = [self._either()]
        while self._take(","):
            parts.append(self._either())
        if not self._take(close):
            raise _UntranslatableError
        if close == "]" or len(parts) > 1:
            return f"({', '.join(parts)},)" if len(parts) == 1 else f"({', '.join(parts)})"
        return f"({parts[0]})"

    def _name(self, text: str) -> str:
        if text.lower() in _CONSTANTS:
            return _CONSTANTS[text.lower()]
        if self._look() in {"(", "["}:
            raise _UntranslatableError  # a call or an index
        name = _snake(text)
        if any(new == name and old != text for old, new in self.names.items()):
            raise _UntranslatableError
        self.names[text] = name
        return name


def _snake(text: str) -> str:
    """Return `dueDate` as `due_date`, `Đồng_ý` as `dong_y`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"[^a-z0-9]+", "_", fold(parted.replace("_", " "))).strip("_")


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'
