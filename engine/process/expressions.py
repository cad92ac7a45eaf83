"""Evaluate expressions of a diagram: a small language that can only look at process data.

`approved == True and kind in ("cong_van", "giay_moi")` is one; `docs/expressions.md` documents
the whole language for people who draw flows.

Three fences stand one behind the other: the text is cut into the tokens of the language
(`expression_tokens`), the tree made of them is held against an allow-list together with the kinds
of values, and what is allowed becomes closures over exact types (`expression_values`). Python's
`eval` and `exec` are never used, so there is nothing to escape into.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import itemgetter

from engine.errors import ErrorCode, InvalidInputError
from engine.process.expression_tokens import MAX_DEPTH, parse_expression, refused, refused_for
from engine.process.expression_values import (
    FUNCTIONS,
    IS_SET,
    SAME_KIND,
    Kind,
    ValueKindError,
    check_kind,
    differs,
    equals,
    is_at_least,
    is_at_most,
    is_less,
    is_more,
    kind_of,
    read_plain,
)
from engine.process.model import Plain
from engine.process.reasons import Reason, Refusal
from engine.text import nfc

Evaluator = Callable[[Mapping[str, object]], object]
Test = Callable[[object, object], bool]

_ORDERED: Mapping[type[ast.cmpop], Test] = {
    ast.Lt: is_less,
    ast.LtE: is_at_most,
    ast.Gt: is_more,
    ast.GtE: is_at_least,
}
_TESTS: Mapping[type[ast.cmpop], Test] = {ast.Eq: equals, ast.NotEq: differs, **_ORDERED}
_NO_KINDS: Mapping[str, Kind] = {}


@dataclass(frozen=True)
class Expression:
    """Hold one checked expression.

    Args:
        text: as written in the diagram.
        names: process data it reads.
        kind: of its value, as far as the text alone tells.
        constants: plain values written in it.
    """

    text: str
    names: frozenset[str]
    evaluator: Evaluator
    kind: Kind = Kind.ANY
    constants: tuple[Plain, ...] = ()

    def evaluate(self, data: Mapping[str, object]) -> Plain:
        """Return the value of the expression for `data`.

        Raises:
            InvalidInputError: a name has no value, or kinds do not fit; code `PROCESS_DATA`.
        """
        try:
            return self.evaluator(data)  # type: ignore[return-value]
        except ValueKindError as error:
            raise _undecided(self.text, error.refusal) from error

    def decide(self, data: Mapping[str, object]) -> bool:
        """Return the truth of the expression for `data`.

        Raises:
            InvalidInputError: a name has no value, kinds do not fit, or the result is neither
                true nor false: a condition that cannot decide refuses; code `PROCESS_DATA`.
        """
        result = self.evaluate(data)
        if type(result) is not bool:
            raise _undecided(self.text, Refusal(Reason.NOT_TRUTH))
        return result


@lru_cache(maxsize=1024)
def compile_expression(text: str) -> Expression:
    """Return the checked form of an expression; kept, so that a text is compiled once.

    Args:
        text: at most 500 characters of the expression language.

    Raises:
        InvalidInputError: it is not in the language; code `PROCESS_INVALID`.
    """
    return build_expression(text, parse_expression(text))


def compile_condition(text: str) -> Expression:
    """Return the checked form of an expression that may be true or false.

    Raises:
        InvalidInputError: as `compile_expression`, or its value is text, a number or None.
    """
    expression = compile_expression(text)
    if expression.kind not in {Kind.TRUTH, Kind.ANY}:
        raise refused(text, Reason.CONDITION_KIND, kind=expression.kind)
    return expression


def build_expression(
    text: str, tree: ast.expr, kinds: Mapping[str, Kind] = _NO_KINDS
) -> Expression:
    """Return the checked form of a parsed expression; not kept.

    Args:
        text: as written, for messages.
        tree: from `parse_expression`.
        kinds: of the names whose values the caller checks before it evaluates: they are of that
            kind, or None.

    Raises:
        InvalidInputError: it is not in the language; code `PROCESS_INVALID`.
    """
    compiler = _Compiler(text, kinds)
    part = compiler.compile(tree, 0)
    if part.kind is Kind.LIST:
        raise refused(text, Reason.LIST_ALONE)
    return Expression(
        text=text,
        names=frozenset(compiler.names),
        evaluator=part.run,
        kind=part.kind,
        constants=tuple(compiler.constants),
    )


def _undecided(text: str, refusal: Refusal) -> InvalidInputError:
    return InvalidInputError(
        f"expression {text!r} cannot decide: {refusal}",
        code=ErrorCode.PROCESS_DATA,
        **refusal.told(),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """Hold one compiled part: how to get its value, and its kind as far as the text tells."""

    run: Evaluator
    kind: Kind
    is_constant: bool = False
    may_be_none: bool = False


class _Compiler:
    """Turn allowed syntax into closures; refuse every other node by default."""

    def __init__(self, text: str, kinds: Mapping[str, Kind]) -> None:
        self.text = text
        self.kinds = kinds
        self.names: set[str] = set()
        self.constants: list[Plain] = []

    def compile(self, node: ast.expr, depth: int) -> _Part:
        if depth > MAX_DEPTH:
            raise refused(self.text, Reason.TOO_DEEP)
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
            case _:
                return self._compound(node, depth + 1)

    def _compound(self, node: ast.expr, depth: int) -> _Part:
        match node:
            case ast.BoolOp() | ast.UnaryOp():
                part = self._logic(node, depth)
            case ast.Compare():
                part = self._compare(node, depth)
            case ast.Tuple() | ast.List():
                part = self._list(node.elts, depth)
            case ast.Subscript():
                part = self._index(node, depth)
            case ast.Call():
                part = self._call(node, depth)
            case _:
                raise refused(self.text, Reason.SYNTAX, syntax=type(node).__name__)
        return part

    def _constant(self, node: ast.Constant) -> _Part:
        try:
            kind = kind_of(node.value)
        except ValueKindError as error:
            raise refused_for(self.text, error.refusal) from error
        value: Plain = nfc(node.value) if kind is Kind.TEXT else node.value  # type: ignore[arg-type,assignment]
        self.constants.append(value)
        return _Part(lambda _data: value, kind, is_constant=True)

    def _name(self, node: ast.Name) -> _Part:
        if node.id in FUNCTIONS or node.id == IS_SET:
            raise refused(self.text, Reason.FUNCTION_ALONE, function=node.id)
        self.names.add(node.id)
        if node.id in self.kinds:
            return _Part(itemgetter(node.id), self.kinds[node.id], may_be_none=True)
        return _Part(partial(read_plain, node.id), Kind.ANY)

    def _need(self, node: ast.expr, kind: Kind, depth: int) -> Evaluator:
        """Return a part that gives one kind: checked now if the text tells, else each time."""
        part = self.compile(node, depth)
        if part.kind is kind and not part.may_be_none:
            return part.run
        if part.kind not in {kind, Kind.ANY}:
            raise refused(self.text, Reason.KIND_NEEDED, kind=part.kind, needed_kind=kind)

        def checked(data: Mapping[str, object]) -> object:
            value = part.run(data)
            check_kind(value, kind)
            return value

        return checked

    def _plain(self, node: ast.expr, depth: int) -> _Part:
        part = self.compile(node, depth)
        if part.kind is Kind.LIST:
            raise refused(self.text, Reason.LIST_COMPARED)
        return part

    def _logic(self, node: ast.BoolOp | ast.UnaryOp, depth: int) -> _Part:
        if isinstance(node, ast.BoolOp):
            parts = [self._need(value, Kind.TRUTH, depth) for value in node.values]
            return _Part(_chained(parts, stop=isinstance(node.op, ast.Or)), Kind.TRUTH)
        if not isinstance(node.op, ast.Not):
            raise refused(self.text, Reason.SYNTAX, syntax=type(node.op).__name__)
        operand = self._need(node.operand, Kind.TRUTH, depth)
        return _Part(lambda data: not operand(data), Kind.TRUTH)

    def _compare(self, node: ast.Compare, depth: int) -> _Part:
        left = self._plain(node.left, depth)
        if len(node.ops) > 1:
            return self._between(left, node, depth)
        op, right = node.ops[0], node.comparators[0]
        match op:
            case ast.In() | ast.NotIn():
                run = self._membership(left, right, depth, wanted=isinstance(op, ast.In))
            case _ if type(op) in _TESTS:
                run = self._pair(_TESTS[type(op)], left, self._plain(right, depth))
            case _:
                raise refused(self.text, Reason.SYNTAX, syntax=type(op).__name__)
        return _Part(run, Kind.TRUTH)

    def _pair(self, test: Test, left: _Part, right: _Part) -> Evaluator:
        self._check_pair(test, left, right)
        first, second = left.run, right.run
        if right.is_constant:
            return _against(test, first, second({}))
        return lambda data: test(first(data), second(data))

    def _between(self, low: _Part, node: ast.Compare, depth: int) -> _Part:
        if len(node.ops) > 2 or not all(type(op) in _ORDERED for op in node.ops):
            raise refused(self.text, Reason.CHAIN)
        middle, high = (self._plain(part, depth) for part in node.comparators)
        first, second = (_ORDERED[type(op)] for op in node.ops)
        self._check_pair(first, low, middle)
        self._check_pair(second, middle, high)

        def between(data: Mapping[str, object]) -> bool:
            value = middle.run(data)
            return first(low.run(data), value) and second(value, high.run(data))

        return _Part(between, Kind.TRUTH)

    def _check_pair(self, test: Test, left: _Part, right: _Part) -> None:
        """Refuse now what `test` would refuse for every data."""
        kinds = {left.kind, right.kind} - {Kind.ANY}
        if test not in {equals, differs} and kinds & {Kind.TRUTH, Kind.NOTHING}:
            raise refused(self.text, Reason.NO_ORDER)
        if len(kinds - {Kind.NOTHING}) > 1:
            raise self._incomparable(left.kind, right.kind)

    def _incomparable(self, kind: Kind, other_kind: Kind) -> InvalidInputError:
        return refused(self.text, Reason.KINDS_DIFFER, kind=kind, other_kind=other_kind)

    def _membership(self, left: _Part, node: ast.expr, depth: int, *, wanted: bool) -> Evaluator:
        if not isinstance(node, ast.Tuple | ast.List) or not node.elts:
            raise refused(self.text, Reason.LIST_NEEDED)
        members = [self._plain(element, depth) for element in node.elts]
        kinds = {left.kind, *(member.kind for member in members)} - {Kind.ANY, Kind.NOTHING}
        if len(kinds) > 1:
            raise self._incomparable(*sorted(kinds)[:2])
        if all(member.is_constant for member in members):
            constants = frozenset(member.run({}) for member in members)
            return _among(left.run, constants, wanted=wanted)
        return _among_parts(left.run, [member.run for member in members], wanted=wanted)

    def _list(self, elements: Sequence[ast.expr], depth: int) -> _Part:
        parts = [self._plain(element, depth).run for element in elements]
        return _Part(lambda data: tuple(part(data) for part in parts), Kind.LIST)

    def _index(self, node: ast.Subscript, depth: int) -> _Part:
        index = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if type(index) is not int:
            raise refused(self.text, Reason.INDEX_PLAIN)
        holder = self.compile(node.value, depth)
        if holder.kind not in {Kind.TEXT, Kind.LIST, Kind.ANY}:
            raise refused(self.text, Reason.INDEX_KIND, kind=holder.kind)
        kind = Kind.ANY if holder.kind is Kind.LIST else Kind.TEXT
        return _Part(lambda data: _item(holder.run(data), index), kind)

    def _call(self, node: ast.Call, depth: int) -> _Part:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == IS_SET:
            return self._is_set(node)
        function = FUNCTIONS.get(name)
        if not name:
            raise refused(self.text, Reason.FUNCTION_NAMELESS)
        if function is None:
            raise refused(self.text, Reason.FUNCTION_UNKNOWN, function=name)
        if len(node.args) != len(function.parameters) or node.keywords:
            count = str(len(function.parameters))
            raise refused(self.text, Reason.FUNCTION_VALUES, function=name, count=count)
        pairs = zip(node.args, function.parameters, strict=True)
        parts = [self._need(argument, kind, depth) for argument, kind in pairs]
        apply = function.apply
        return _Part(lambda data: apply(*[part(data) for part in parts]), function.result)

    def _is_set(self, node: ast.Call) -> _Part:
        if len(node.args) != 1 or node.keywords or not isinstance(node.args[0], ast.Name):
            raise refused(self.text, Reason.FUNCTION_NAME, function=IS_SET)
        name = node.args[0].id
        self._name(node.args[0])
        return _Part(lambda data: data.get(name) is not None, Kind.TRUTH)


def _chained(parts: Sequence[Evaluator], *, stop: bool) -> Evaluator:
    """Return `and` (stops at False) or `or` (stops at True); later parts are not evaluated.

    A plain loop: a generator under `all` costs more than the parts themselves.
    """

    def chained(data: Mapping[str, object]) -> bool:
        for part in parts:
            if part(data) is stop:
                return stop
        return not stop

    return chained


def _against(test: Test, run: Evaluator, constant: object) -> Evaluator:
    """Return a comparison with a constant: most conditions are one, so it is made short."""
    expected, same_kind = type(constant), SAME_KIND[test]

    def compare(data: Mapping[str, object]) -> bool:
        value = run(data)
        return same_kind(value, constant) if type(value) is expected else test(value, constant)

    return compare


def _among(run: Evaluator, members: frozenset[object], *, wanted: bool) -> Evaluator:
    # Members are of one kind; beside None they accept questions about that kind only.
    expected = next((type(member) for member in members if member is not None), None)

    def test(data: Mapping[str, object]) -> bool:
        value = run(data)
        if type(value) is not expected and value is not None and expected is not None:
            raise ValueKindError(Reason.LIST_KIND, kind=kind_of(value))
        return (value in members) is wanted

    return test


def _among_parts(run: Evaluator, parts: Sequence[Evaluator], *, wanted: bool) -> Evaluator:
    def test(data: Mapping[str, object]) -> bool:
        value = run(data)
        # Every member is asked: whether data is refused must not hang on the order of a list.
        found = [equals(value, part(data)) for part in parts]
        return (True in found) is wanted

    return test


def _item(holder: object, index: int) -> object:
    if not isinstance(holder, str | tuple):
        raise ValueKindError(Reason.INDEX_KIND, kind=kind_of(holder))
    if index >= len(holder):
        raise ValueKindError(Reason.INDEX_PAST, index=str(index))
    return holder[index]
