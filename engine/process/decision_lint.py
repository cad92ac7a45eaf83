"""Find what a decision table leaves open: rules that overlap, gaps, rules that never count.

A column is tried with the values its cells mention and one other value, a whole number also with
its neighbours. What is found is there: every overlap and gap comes with values that show it.
Cells that read other data, and columns that read the same data in two ways, are taken to match
when that excuses the table; what they really do is only known when it decides.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import count, islice

from engine.process.decision_cells import VALUE, InputCell
from engine.process.decision_tables import Decision, HitPolicy, is_same
from engine.process.expression_values import Kind, ValueKindError, kind_of
from engine.process.model import Plain
from engine.process.reasons import OtherValue, Reason, Refusal, write_case

MAX_FINDINGS = 5
MAX_STEPS = 100_000
MAX_TRIALS = 500_000

# Stands for a value that no cell mentions and that nothing is known about.
_UNKNOWN = object()


@dataclass(frozen=True)
class _Sample:
    """Hold one value to try, how to show it, and whether a table should have an answer for it."""

    value: object
    shown: str = ""
    is_usual: bool = True


@dataclass(frozen=True)
class _Trial:
    """Hold one value of an axis and the rules it leads to, as bits.

    Args:
        may: rules that match, or might.
        must: rules that match for certain.
        is_usual: a table should have an answer for it.
    """

    shown: str
    may: int
    must: int
    is_usual: bool


@dataclass(frozen=True)
class _Axis:
    """Hold what the columns with one input expression read, and all values it is tried with."""

    label: str
    trials: tuple[_Trial, ...]


class _TooManyError(Exception):
    """Tell that a table has more combinations than are worth the time."""


def lint_decision(decision: Decision) -> list[Refusal]:
    """Return what is wrong with a table; empty when nothing is.

    (1) Every rule can match. (2) Under UNIQUE no two rules match the same values, under ANY such
    rules agree. (3) Under FIRST no rule hides behind earlier ones. (4) Without a default, some
    rule matches whatever comes. At most five findings of each sort are told.
    """
    try:
        axes = _axes_of(decision)
        return [
            finding
            for findings in (
                _dead_rules(decision, axes),
                _overlaps(decision, axes),
                _hidden_rules(decision, axes),
                _gaps(decision, axes),
            )
            for finding in _first(findings)
        ]
    except _TooManyError:
        return [Refusal(Reason.TOO_MANY_CASES)]


def _dead_rules(decision: Decision, axes: Sequence[_Axis]) -> Iterator[Refusal]:  # (1)
    for number in range(len(decision.rules)):
        for axis in axes:
            if not any(trial.may >> number & 1 for trial in axis.trials):
                yield _found(Reason.RULE_DEAD, number, column=axis.label)


def _overlaps(decision: Decision, axes: Sequence[_Axis]) -> Iterator[Refusal]:  # (2)
    if decision.policy not in {HitPolicy.UNIQUE, HitPolicy.ANY}:
        return
    neighbours = [_neighbours(axis, len(decision.rules)) for axis in axes]
    for first in range(len(decision.rules)):
        shared = -1 << (first + 1)
        for near in neighbours:
            shared &= near[first]
        for second in _bits(shared):
            if decision.policy is HitPolicy.UNIQUE or _disagree(decision, first, second):
                case = _case(axes, first, second)
                yield _found(Reason.RULES_OVERLAP, first, other_number=str(second + 1), case=case)


def _hidden_rules(decision: Decision, axes: Sequence[_Axis]) -> Iterator[Refusal]:  # (3)
    if decision.policy is not HitPolicy.FIRST:
        return
    for number in range(1, len(decision.rules)):
        choices = [
            [(trial.shown, trial.must) for trial in axis.trials if trial.may >> number & 1]
            for axis in axes
        ]
        earlier = (1 << number) - 1
        if next(_Search(choices).uncovered(earlier), None) is None:
            yield _found(Reason.RULE_HIDDEN, number)


def _gaps(decision: Decision, axes: Sequence[_Axis]) -> Iterator[Refusal]:  # (4)
    if decision.default is not None:
        return
    choices = [[(t.shown, t.may) for t in axis.trials if t.is_usual] for axis in axes]
    for values in _Search(choices).uncovered((1 << len(decision.rules)) - 1):
        case = zip((axis.label for axis in axes), values, strict=False)
        yield Refusal(Reason.GAP, {"case": write_case(case)})


class _Search:
    """Look for combinations of values that lead to none of some rules.

    Args:
        choices: for each axis its values, each with the rules it leads to.
    """

    def __init__(self, choices: Sequence[Sequence[tuple[str, int]]]) -> None:
        # Values that lead to the same rules are one value to the search.
        self._choices = [list({mask: (v, mask) for v, mask in c[::-1]}.values()) for c in choices]
        self._sure = [-1]
        for axis in reversed(self._choices):
            sure = self._sure[0]
            for _shown, mask in axis:
                sure &= mask
            self._sure.insert(0, sure)
        self._done: set[tuple[int, int]] = set()
        self._steps = 0

    def uncovered(self, rules: int, shown: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        """Yield values for the first axes after which no rule is left, whatever follows."""
        depth = len(shown)
        if not rules:
            yield shown
            return
        # Rules that match everything from here on leave no gap.
        if rules & self._sure[depth] or (depth, rules) in self._done:
            return
        self._done.add((depth, rules))
        for value, mask in self._choices[depth]:
            self._steps += 1
            if self._steps > MAX_STEPS:
                raise _TooManyError
            yield from self.uncovered(rules & mask, (*shown, value))


def _axes_of(decision: Decision) -> list[_Axis]:
    """Return one axis for each input expression of the table."""
    groups: dict[str, list[int]] = {}
    for index, column in enumerate(decision.inputs):
        groups.setdefault(column.source.text, []).append(index)
    axes: list[_Axis] = []
    trials = 0
    for text, indexes in groups.items():
        column = decision.inputs[indexes[0]]
        others = [other.source for other in decision.inputs if other.source.text != text]
        is_tangled = any(column.source.names & other.names for other in others)
        samples = _samples_of(decision, indexes)
        trials += len(samples) * len(indexes) * len(decision.rules)
        if trials > MAX_TRIALS:
            raise _TooManyError
        found = (_try(decision, indexes, sample, is_tangled=is_tangled) for sample in samples)
        axes.append(_Axis(column.label, tuple(found)))
    return axes


def _samples_of(decision: Decision, indexes: Sequence[int]) -> list[_Sample]:
    """Return what the columns with one input expression are tried with."""
    columns = [decision.inputs[index] for index in indexes]
    allowed = next((column.allowed for column in columns if column.allowed), ())
    if allowed:
        return [_Sample(value) for value in allowed]
    kind = next((column.kind for column in columns if column.kind is not Kind.ANY), Kind.ANY)
    tests = [rule.cells[index].test for rule in decision.rules for index in indexes]
    constants = [constant for test in tests if test is not None for constant in test.constants]
    mentioned = {value for value in constants if kind_of(value) is kind}
    return [*_SAMPLES[kind](mentioned), _Sample(None, is_usual=None in constants)]


def _truths(_mentioned: Set[Plain]) -> list[_Sample]:
    return [_Sample(True), _Sample(False)]


def _numbers(mentioned: Set[Plain]) -> list[_Sample]:
    numbers = [value for value in mentioned if isinstance(value, int)] or [0]
    near = sorted({number + step for number in numbers for step in (-1, 0, 1)})
    # The language cannot write numbers below zero, so no table is asked to know them.
    return [_Sample(number, is_usual=number >= 0) for number in near]


def _texts(mentioned: Set[Plain]) -> list[_Sample]:
    other = next(text for text in map("…".__mul__, count(1)) if text not in mentioned)
    samples = [_Sample(text) for text in sorted(map(str, mentioned))]
    return [*samples, _Sample(other, OtherValue.TEXT), *_anything(mentioned)]


def _anything(_mentioned: Set[Plain]) -> list[_Sample]:
    return [_Sample(_UNKNOWN, OtherValue.ANY)]


_SAMPLES: Mapping[Kind, Callable[[Set[Plain]], list[_Sample]]] = {
    Kind.TRUTH: _truths,
    Kind.NUMBER: _numbers,
    Kind.TEXT: _texts,
    Kind.ANY: _anything,
}


def _try(
    decision: Decision, indexes: Sequence[int], sample: _Sample, *, is_tangled: bool
) -> _Trial:
    may = must = 0
    for number, rule in enumerate(decision.rules):
        cells = [rule.cells[index] for index in indexes]
        verdicts = [_verdict(cell, sample.value, is_tangled=is_tangled) for cell in cells]
        may |= (False not in verdicts) << number
        must |= all(verdicts) << number
    return _Trial(sample.shown or repr(sample.value), may, must, sample.is_usual)


def _verdict(cell: InputCell, value: object, *, is_tangled: bool) -> bool | None:
    """Return whether a cell accepts a value, None when that cannot be told here."""
    if cell.test is None:
        return True
    if is_tangled or cell.test.names != {VALUE}:
        return None
    if cell.members is not None:
        return value in cell.members
    if value is _UNKNOWN:
        return None
    try:
        return bool(cell.test.evaluator({VALUE: value}))
    except ValueKindError:
        return False  # the decision refuses such a value, so the rule never answers for it


def _neighbours(axis: _Axis, rules: int) -> list[int]:
    """Return for each rule the rules that match one of its values for certain, as bits."""
    near = [0] * rules
    for must in {trial.must for trial in axis.trials if trial.is_usual}:
        for number in _bits(must):
            near[number] |= must
    return near


def _disagree(decision: Decision, first: int, second: int) -> bool:
    """Tell whether two rules answer differently; answers that hang on data are let be."""
    one, two = decision.constant_answer(first), decision.constant_answer(second)
    return one is not None and two is not None and not is_same(one, two)


def _found(reason: Reason, number: int, **params: str) -> Refusal:
    """Return what is wrong with a rule; rules count from 0 here, and from 1 to people."""
    return Refusal(reason, {"number": str(number + 1), **params})


def _case(axes: Sequence[_Axis], first: int, second: int) -> str:
    both = 1 << first | 1 << second
    shown = (next(t.shown for t in axis.trials if t.must & both == both) for axis in axes)
    return write_case(zip((axis.label for axis in axes), shown, strict=True))


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        mask ^= lowest
        yield lowest.bit_length() - 1


def _first(findings: Iterator[Refusal]) -> list[Refusal]:
    found = list(islice(findings, MAX_FINDINGS + 1))
    more = [Refusal(Reason.MORE_ALIKE)] if found[MAX_FINDINGS:] else []
    return [*found[:MAX_FINDINGS], *more]
