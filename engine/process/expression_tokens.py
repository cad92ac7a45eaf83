"""Cut an expression into the tokens of the language and make a tree of them.

A character that belongs to no token never reaches a parser. So a name is checked as it was
written: Python's parser folds look-alike letters (NFKC) and would make `eval` of full-width ones.
What is left for the parser are names, texts, whole numbers, brackets, commas and comparisons.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from keyword import iskeyword

from engine.errors import ErrorCode, InvalidInputError
from engine.process.reasons import Reason, Refusal

MAX_CHARS = 500
MAX_DEPTH = 12
MAX_STRING_CHARS = 200
MAX_NAME_CHARS = 63
MAX_INT = 10**12

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    | (?P<text>"[^"\\]*"|'[^'\\]*')
    | (?P<number>[0-9]+)
    | (?P<word>[A-Za-z][A-Za-z0-9_]*)
    | (?P<open>[(\[])
    | (?P<close>[)\]])
    | (?P<sign>==|!=|<=|>=|<|>|,)""",
    re.VERBOSE | re.ASCII,
)
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_VALUES = frozenset({"text", "number", "word"})
_OPERATORS = frozenset({"and", "or", "not", "in"})
_HINTS: Mapping[str, Reason] = {
    "=": Reason.SINGLE_EQUALS,
    "'": Reason.OPEN_TEXT,
    '"': Reason.OPEN_TEXT,
    ".": Reason.DOT,
    **dict.fromkeys("+-*/%", Reason.ARITHMETIC),
}
# The second spelling is what drawing tools write into the cells of a decision table.
_CONSTANTS = {
    "True": "True",
    "False": "False",
    "None": "None",
    "true": "True",
    "false": "False",
    "null": "None",
}


def parse_expression(text: str) -> ast.expr:
    """Return the tree of an expression, made of the language's tokens only; not checked yet.

    Args:
        text: at most 500 characters.

    Raises:
        InvalidInputError: it is too long, too deep, or not one expression.
    """
    if len(text) > MAX_CHARS:
        raise refused(text[:40], Reason.TOO_LONG, most=str(MAX_CHARS))
    source = "".join(_tokens(text)).strip()
    if not source:
        raise refused(text, Reason.EMPTY)
    try:
        return ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise refused(text, Reason.NOT_ONE) from error


def refused(text: str, reason: Reason, /, **params: str) -> InvalidInputError:
    """Return the error that refuses a text for `reason`."""
    return refused_for(text, Refusal(reason, params))


def refused_for(text: str, refusal: Refusal) -> InvalidInputError:
    """Return the error that refuses a text; its params are those of the refusal and the text."""
    return InvalidInputError(
        f"expression {text!r}: {refusal}",
        code=ErrorCode.PROCESS_INVALID,
        **refusal.told(),
        text=text,
    )


def _tokens(text: str) -> Iterator[str]:
    """Yield the tokens of `text` as Python spells them; refuse whatever is no token."""
    position = depth = 0
    last = touching = ""  # kind of the token before, and the same unless a space lies between
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _strange(text, text[position])
        kind, token, position = str(match.lastgroup), match.group(), match.end()
        depth += (kind == "open") - (kind == "close")
        if depth > MAX_DEPTH:
            raise refused(text, Reason.TOO_DEEP)
        # Python would join `"a" "b"` to one text, and read `0x1f` and `b"a"` in its own way.
        if (kind in _VALUES and touching in _VALUES) or kind == last == "text":
            raise refused(text, Reason.MISSING_BEFORE, token=token[:40])
        touching = kind
        last = last if kind == "space" else kind
        yield " " if kind == "space" else _spelled(text, kind, token)


def _strange(text: str, character: str) -> InvalidInputError:
    usual = Reason.LETTER if character.isalpha() else Reason.CHARACTER
    return refused(text, _HINTS.get(character, usual), character=repr(character))


def _spelled(text: str, kind: str, token: str) -> str:
    if kind == "text" and not (token.isprintable() and len(token) <= MAX_STRING_CHARS + 2):
        raise refused(text, Reason.BAD_TEXT, most=str(MAX_STRING_CHARS))
    if kind == "number" and (len(token) > len(str(MAX_INT)) or int(token) > MAX_INT):
        raise refused(text, Reason.LARGE_NUMBER, most=str(MAX_INT))
    if kind != "word" or token in _OPERATORS:
        return token
    if token in _CONSTANTS:
        return _CONSTANTS[token]
    if iskeyword(token) or not _NAME.fullmatch(token) or len(token) > MAX_NAME_CHARS:
        raise refused(text, Reason.BAD_NAME, name=repr(token[:MAX_NAME_CHARS]))
    return token
