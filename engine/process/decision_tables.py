"""Decide by a table: compiled once, then a look-up a column and a few tests.

The cells that are plain values become one dictionary a column, from value to the rules that
accept it, as bits of a number; so most rules are sorted out without looking at them.

Source: DMN 1.3, clause 8 (decision tables), hit policies in 8.2.10.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import islice

from engine.errors import ErrorCode, InvalidInputError
from engine.process.decision_cells import VALUE, InputCell
from engine.process.expression_values import Kind, ValueKindError, kind_of
from engine.process.expressions import Evaluator, Expression
from engine.process.model import Plain
from engine.process.reasons import Reason, Refusal

Answer = Mapping[str, Plain]


class HitPolicy(StrEnum):
    """Name what happens when several rules match."""

    UNIQUE = "UNIQUE"
    FIRST = "FIRST"
    ANY = "ANY"
    PRIORITY = "PRIORITY"


@dataclass(frozen=True, kw_only=True)
class InputColumn:
    """Hold one input column.

    Args:
        allowed: values it may have; empty when any of its kind goes.
    """

    label: str
    source: Expression
    kind: Kind
    allowed: tuple[Plain, ...] = ()

    def read(self, data: Mapping[str, object]) -> Plain:
        """Return what the column reads; raises `ValueKindError` when it may not be that."""
        value: Plain = self.source.evaluator(data)  # type: ignore[assignment]
        check_value(self, value)
        return value


@dataclass(frozen=True, kw_only=True)
class OutputColumn:
    """Hold one output column; `label` is the name of the process data it writes.

    Args:
        allowed: values it may have, the most important first; empty when any of its kind goes.
    """

    label: str
    kind: Kind
    allowed: tuple[Plain, ...] = ()


@dataclass(frozen=True)
class Rule:
    """Hold one rule: a cell for every input column, an expression for every output column."""

    cells: tuple[InputCell, ...]
    outputs: tuple[Expression, ...]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Hold one decision table, ready to decide.

    Args:
        id: of the decision in its file; a business rule task names it.
        name: as people read it.
        reads: process data it needs.
        writes: process data it sets, all of them each time.
        default: what it answers when no rule matches; None to refuse then.
    """

    id: str
    name: str
    reads: frozenset[str]
    writes: frozenset[str]
    policy: HitPolicy
    inputs: tuple[InputColumn, ...]
    outputs: tuple[OutputColumn, ...]
    rules: tuple[Rule, ...]
    default: tuple[Expression, ...] | None = None

    def decide(self, data: Mapping[str, object]) -> Answer:
        """Return what the table says: value by output name.

        Raises:
            InvalidInputError: code `PROCESS_DATA`: a name has no value or one of another kind,
                no rule matches, or rules disagree; names the decision and its input values.
        """
        try:
            values = [column.read(data) for column in self.inputs]
            # A rule after the first that matches is not even asked: its data may be missing.
            wanted = 1 if self.policy is HitPolicy.FIRST else None
            numbers = list(islice(self._matching(values, data), wanted))
            return self._choose(numbers, data)
        except ValueKindError as error:
            raise self._undecided(error.refusal, data) from error

    def constant_answer(self, number: int) -> Answer | None:
        """Return what a rule answers, if that hangs on no data; rules count from 0."""
        return self._answers[number]

    def _matching(self, values: Sequence[Plain], data: Mapping[str, object]) -> Iterator[int]:
        """Yield the numbers of the rules that match, in order."""
        candidates = self._all_rules
        for value, (accepting, otherwise) in zip(values, self._lookups, strict=True):
            candidates &= accepting.get(value, otherwise)
        scopes = [{**data, VALUE: value} for value in values] if candidates else []
        while candidates:
            lowest = candidates & -candidates
            candidates ^= lowest
            number = lowest.bit_length() - 1
            for column, test in self._tests[number]:
                if not test(scopes[column]):
                    break
            else:
                yield number

    def _choose(self, numbers: Sequence[int], data: Mapping[str, object]) -> Answer:
        if not numbers:
            if self.default is None:
                raise ValueKindError(Reason.NO_RULE)
            return self._evaluate(self.default, data)
        if self.policy is HitPolicy.UNIQUE and len(numbers) > 1:
            raise ValueKindError(Reason.RULES_MATCH, rules=_listed(numbers))
        answers = [
            self._answers[n] or self._evaluate(self.rules[n].outputs, data) for n in numbers
        ]
        if self.policy is HitPolicy.PRIORITY:
            return dict(sorted(answers, key=self._rank)[0])
        if any(not is_same(answers[0], answer) for answer in answers[1:]):
            raise ValueKindError(Reason.RULES_DISAGREE, rules=_listed(numbers))
        return dict(answers[0])

    def _rank(self, answer: Answer) -> list[int]:
        return [column.allowed.index(answer[column.label]) for column in self.outputs]

    def _evaluate(self, outputs: Sequence[Expression], data: Mapping[str, object]) -> Answer:
        answer: dict[str, Plain] = {}
        for column, output in zip(self.outputs, outputs, strict=True):
            value: Plain = output.evaluator(data)  # type: ignore[assignment]
            check_value(column, value)
            answer[column.label] = value
        return answer

    @cached_property
    def _all_rules(self) -> int:
        return (1 << len(self.rules)) - 1

    @cached_property
    def _lookups(self) -> tuple[tuple[Mapping[Plain, int], int], ...]:
        """Return for each column the rules that may accept each value, and any other value."""
        return tuple(self._lookup(column) for column in range(len(self.inputs)))

    def _lookup(self, column: int) -> tuple[Mapping[Plain, int], int]:
        accepting: dict[Plain, int] = {}
        otherwise = 0
        for number, rule in enumerate(self.rules):
            members = rule.cells[column].members
            if members is None:
                otherwise |= 1 << number
            for member in members or ():
                accepting[member] = accepting.get(member, 0) | 1 << number
        return {member: rules | otherwise for member, rules in accepting.items()}, otherwise

    @cached_property
    def _tests(self) -> tuple[tuple[tuple[int, Evaluator], ...], ...]:
        return tuple(
            tuple(
                (column, cell.test.evaluator)
                for column, cell in enumerate(rule.cells)
                if cell.test is not None and cell.members is None
            )
            for rule in self.rules
        )

    @cached_property
    def _answers(self) -> tuple[Answer | None, ...]:
        return tuple(
            None if any(o.names for o in rule.outputs) else self._evaluate(rule.outputs, {})
            for rule in self.rules
        )

    def _undecided(self, refusal: Refusal, data: Mapping[str, object]) -> InvalidInputError:
        values = ", ".join(f"{column.label}={_shown(column, data)}" for column in self.inputs)
        return InvalidInputError(
            f"decision {self.id} ({values}): {refusal}",
            code=ErrorCode.PROCESS_DATA,
            **refusal.told(),
            decision=self.id,
            values=values,
        )


def is_same(first: Answer, second: Answer) -> bool:
    """Tell whether two answers are the same; `True` is not 1."""
    return first == second and all(type(first[name]) is type(second[name]) for name in first)


def check_value(column: InputColumn | OutputColumn, value: Plain) -> None:
    """Check that a value may stand in a column; raises `ValueKindError` when it may not."""
    if value is not None and column.kind is not Kind.ANY and kind_of(value) is not column.kind:
        raise ValueKindError(
            Reason.COLUMN_KIND, column=column.label, kind=kind_of(value), needed_kind=column.kind
        )
    if column.allowed and value not in column.allowed:
        shown = repr(str(value)[:80])
        raise ValueKindError(Reason.COLUMN_VALUE, column=column.label, value=shown)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(str(number + 1) for number in numbers)


def _shown(column: InputColumn, data: Mapping[str, object]) -> str:
    try:
        return repr(column.source.evaluator(data))[:80]
    except ValueKindError:
        return "?"
