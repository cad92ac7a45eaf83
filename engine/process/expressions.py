"""Evaluate the conditions of a diagram: a small language that can only look at process data.

A condition may hold names of process data, text, whole numbers, `True`, `False`, `None`, the
comparisons `== != < <= > >= in not in`, `and or not`, lists in brackets, and an index that is a
plain number or text. `approved == True and kind in ("cong_van", "giay_moi")` is one.

It is parsed once, checked against an allow-list of syntax, and turned into closures. Python's
`eval` and `exec` are never used, so there is nothing to escape into.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.errors import ErrorCode, InvalidInputError

MAX_CHARS = 500
MAX_DEPTH = 12
MAX_STRING_CHARS = 200
MAX_INT = 10**12

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)

Evaluator = Callable[[Mapping[str, object]], object]

_COMPARISONS: Mapping[type[ast.cmpop], Callable[[object, object], object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,  # type: ignore[dict-item]
    ast.LtE: operator.le,  # type: ignore[dict-item]
    ast.Gt: operator.gt,  # type: ignore[dict-item]
    ast.GtE: operator.ge,  # type: ignore[dict-item]
    ast.In: lambda left, right: operator.contains(right, left),  # type: ignore[arg-type]
    ast.NotIn: lambda left, right: not operator.contains(right, left),  # type: ignore[arg-type]
}


@dataclass(frozen=True)
class Expression:
    """Hold one checked condition.

    Args:
        text: as written in the diagram.
        names: process data it reads.
    """

    text: str
    names: frozenset[str]
    evaluator: Evaluator

    def decide(self, data: Mapping[str, object]) -> bool:
        """Return the truth of the condition for `data`.

        Raises:
            InvalidInputError: a name has no value, types do not fit, or the result is neither
                true nor false: a condition that cannot decide refuses.
        """
        try:
            result = self.evaluator(data)
        except (TypeError, KeyError, IndexError) as error:
            raise _undecided(self.text, str(error)) from error
        if not isinstance(result, bool):
            raise _undecided(self.text, "the result is not true or false")
        return result


@lru_cache(maxsize=1024)
def compile_expression(text: str) -> Expression:
    """Return the checked form of a condition.

    Args:
        text: at most 500 characters of the expression language.

    Raises:
        InvalidInputError: it is not in the language; code `PROCESS_INVALID`.
    """
    if len(text) > MAX_CHARS:
        raise _refused(text[:40], "longer than 500 characters")
    if "\\" in text:
        raise _refused(text, "escape sequences are not in the language")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _refused(text, "not an expression") from error
    compiler = _Compiler(text)
    evaluator = compiler.compile(tree.body, 0)
    return Expression(text, frozenset(compiler.names), evaluator)


class _Compiler:
    """Turn allowed syntax into closures; refuse every other node by default."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: set[str] = set()

    def compile(self, node: ast.expr, depth: int) -> Evaluator:
        if depth > MAX_DEPTH:
            raise _refused(self.text, "nested too deep")
        match node:
            case ast.Constant():
                compiled = self._constant(node)
            case ast.Name():
                compiled = self._name(node)
            case ast.BoolOp() | ast.UnaryOp():
                compiled = self._logic(node, depth + 1)
            case ast.Compare():
                compiled = self._compare(node, depth + 1)
            case ast.Tuple() | ast.List():
                compiled = self._sequence(node, depth + 1)
            case ast.Subscript():
                compiled = self._subscript(node, depth + 1)
            case _:
                raise _refused(self.text, f"{type(node).__name__} is not in the language")
        return compiled

    def _constant(self, node: ast.Constant) -> Evaluator:
        value = node.value
        plain = (
            value is None
            or isinstance(value, bool)
            or (type(value) is int and value <= MAX_INT)
            or (type(value) is str and len(value) <= MAX_STRING_CHARS)
        )
        if not plain:
            raise _refused(self.text, "constant is not plain")
        return lambda _data: value

    def _name(self, node: ast.Name) -> Evaluator:
        name = node.id
        if not _NAME.fullmatch(name):
            raise _refused(self.text, f"name {name!r} is not allowed")
        self.names.add(name)
        return lambda data: data[name]

    def _logic(self, node: ast.BoolOp | ast.UnaryOp, depth: int) -> Evaluator:
        if isinstance(node, ast.BoolOp):
            parts = [self.compile(value, depth) for value in node.values]
            combine = all if isinstance(node.op, ast.And) else any
            return lambda data: combine(_as_bool(part(data)) for part in parts)
        if not isinstance(node.op, ast.Not):
            raise _refused(self.text, f"{type(node.op).__name__} is not in the language")
        operand = self.compile(node.operand, depth)
        return lambda data: not _as_bool(operand(data))

    def _compare(self, node: ast.Compare, depth: int) -> Evaluator:
        first = self.compile(node.left, depth)
        steps: list[tuple[Callable[[object, object], object], Evaluator]] = []
        for op, right in zip(node.ops, node.comparators, strict=True):
            if type(op) not in _COMPARISONS:
                raise _refused(self.text, f"{type(op).__name__} is not in the language")
            steps.append((_COMPARISONS[type(op)], self.compile(right, depth)))

        def compare(data: Mapping[str, object]) -> bool:
            left = first(data)
            for test, part in steps:
                right = part(data)
                if not test(left, right):
                    return False
                left = right
            return True

        return compare

    def _sequence(self, node: ast.Tuple | ast.List, depth: int) -> Evaluator:
        parts = [self.compile(element, depth) for element in node.elts]
        return lambda data: tuple(part(data) for part in parts)

    def _subscript(self, node: ast.Subscript, depth: int) -> Evaluator:
        if not isinstance(node.slice, ast.Constant) or type(node.slice.value) not in (int, str):
            raise _refused(self.text, "an index must be a plain number or text")
        holder, index = self.compile(node.value, depth), node.slice.value
        return lambda data: holder(data)[index]  # type: ignore[index]


def _as_bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("and, or, not need true or false")
    return value


def _refused(text: str, reason: str) -> InvalidInputError:
    return InvalidInputError(
        f"condition {text!r}: {reason}", code=ErrorCode.PROCESS_INVALID, reason=reason
    )


def _undecided(text: str, reason: str) -> InvalidInputError:
    return InvalidInputError(
        f"condition {text!r} cannot decide: {reason}", code=ErrorCode.PROCESS_DATA, reason=reason
    )
