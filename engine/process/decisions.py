"""Read the decision tables of a DMN file as untrusted bytes.

Only decision tables in our expression language are accepted; everything else in the file is
refused by name, so no part of it decides anything unseen. `docs/expressions.md` says how such a
table is written.

Source: DMN 1.3, clauses 6.3 and 8; the namespaces of 1.1 to 1.5 hold the same tables.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from lxml import etree

from engine.errors import ErrorCode, InvalidInputError
from engine.process.decision_cells import (
    VALUE,
    InputCell,
    build_cell,
    compared_kinds,
    parse_cell,
    read_values,
)
from engine.process.decision_lint import lint_decision
from engine.process.decision_tables import (
    Decision,
    HitPolicy,
    InputColumn,
    OutputColumn,
    Rule,
    check_value,
)
from engine.process.decision_xml import (
    check_elements,
    children,
    invalid,
    label_of,
    only,
    text_of,
)
from engine.process.diagram import read_xml
from engine.process.expression_tokens import parse_expression, refused, refused_for
from engine.process.expression_values import Kind, ValueKindError, kind_of
from engine.process.expressions import Expression, build_expression
from engine.process.model import Plain
from engine.process.reasons import PLACES, Reason

__all__ = ["Decision", "lint_decision", "read_decisions"]

MAX_DECISIONS = 50
MAX_RULES = 500
MAX_COLUMNS = 20
MAX_SHOWN_CHARS = 200

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}", re.ASCII)
_TYPES: Mapping[str, Kind] = {
    "": Kind.ANY,
    "any": Kind.ANY,
    "string": Kind.TEXT,
    "boolean": Kind.TRUTH,
    "number": Kind.NUMBER,
    "integer": Kind.NUMBER,
    "long": Kind.NUMBER,
}


def read_decisions(dmn: bytes) -> Mapping[str, Decision]:
    """Return the decisions of a DMN file by id.

    Args:
        dmn: whole file, at most 2 MB; each decision at most 500 rules, 20 inputs, 20 outputs.

    Raises:
        InvalidInputError: it holds anything but decision tables in our language; code
            `PROCESS_INVALID`, `params` name decision, rule and column as in `PLACES`.
    """
    root = read_xml(dmn)
    check_elements(root)
    found: dict[str, Decision] = {}
    for element in children(root, "decision"):
        decision_id = element.get("id", "")
        if not _ID.fullmatch(decision_id):
            raise invalid(Reason.DECISION_ID, id=decision_id[:64])
        if decision_id in found:
            raise invalid(Reason.DECISION_TWICE, id=decision_id)
        if len(found) == MAX_DECISIONS:
            raise invalid(Reason.DECISIONS_MANY, most=str(MAX_DECISIONS))
        with _at(at_decision=decision_id):
            found[decision_id] = _read_decision(decision_id, element)
    if not found:
        raise invalid(Reason.DECISIONS_NONE)
    return found


def _read_decision(decision_id: str, element: etree._Element) -> Decision:
    table = only(element, "decisionTable")
    if table is None:
        raise invalid(Reason.TABLE_NONE)
    policy = _read_policy(table)
    rules = _read_rules(table)
    inputs, cells = _read_inputs(table, [rule[0] for rule in rules])
    outputs, answers, default = _read_outputs(table, [rule[1] for rule in rules])
    if policy is HitPolicy.PRIORITY and not all(column.allowed for column in outputs):
        raise invalid(Reason.TABLE_PRIORITY)
    written = [*default, *(expression for answer in answers for expression in answer)]
    tests = [cell.test for row in cells for cell in row if cell.test is not None]
    reads = _names([*(column.source for column in inputs), *written])
    if VALUE in reads:
        raise invalid(Reason.TABLE_VALUE, name=VALUE)
    return Decision(
        id=decision_id,
        name=label_of(element.get("name"), decision_id),
        reads=reads | (_names(tests) - {VALUE}),
        writes=frozenset(column.label for column in outputs),
        policy=policy,
        inputs=inputs,
        outputs=outputs,
        rules=tuple(Rule(row, answer) for row, answer in zip(cells, answers, strict=True)),
        default=default or None,
    )


def _read_policy(table: etree._Element) -> HitPolicy:
    name = table.get("hitPolicy", "UNIQUE")
    if name in {"COLLECT", "RULE ORDER", "OUTPUT ORDER"}:
        raise invalid(Reason.POLICY_MANY, policy=name)
    if name not in frozenset(HitPolicy) or table.get("aggregation"):
        policy = f"{name[:40]} {table.get('aggregation', '')[:40]}".strip()
        raise invalid(Reason.POLICY_UNKNOWN, policy=policy)
    return HitPolicy(name)


def _read_rules(table: etree._Element) -> list[tuple[list[str], list[str]]]:
    """Return the texts of the cells, row by row; every row has as many as there are columns."""
    widths = [len(list(children(table, name))) for name in ("input", "output")]
    if not all(1 <= width <= MAX_COLUMNS for width in widths):
        inputs, outputs = map(str, widths)
        most = str(MAX_COLUMNS)
        raise invalid(Reason.TABLE_COLUMNS, inputs=inputs, outputs=outputs, most=most)
    rules = list(children(table, "rule"))
    if not 1 <= len(rules) <= MAX_RULES:
        raise invalid(Reason.TABLE_RULES, count=str(len(rules)), most=str(MAX_RULES))
    rows: list[tuple[list[str], list[str]]] = []
    for number, rule in enumerate(rules, start=1):
        row = [text_of(cell) for cell in children(rule, "inputEntry")]
        answer = [text_of(cell) for cell in children(rule, "outputEntry")]
        with _at(at_rule=str(number)):
            _check_widths([len(row), len(answer)], widths)
        rows.append((row, answer))
    return rows


def _check_widths(found: list[int], wanted: list[int]) -> None:
    if found != wanted:
        names = ("inputs", "outputs", "input_columns", "output_columns")
        counts = dict(zip(names, map(str, [*found, *wanted]), strict=True))
        raise invalid(Reason.RULE_CELLS, **counts)


def _read_inputs(
    table: etree._Element, rows: list[list[str]]
) -> tuple[tuple[InputColumn, ...], list[tuple[InputCell, ...]]]:
    columns: list[InputColumn] = []
    cells: list[list[InputCell]] = []
    for index, element in enumerate(children(table, "input")):
        holder = only(element, "inputExpression")
        text = text_of(holder)
        label = label_of(element.get("label"), text, f"input {index + 1}")
        with _at(at_column=label):
            source = _compile(text)
            allowed = read_values(text_of(only(element, "inputValues")))
            known = _one_kind(
                [_type_of(holder), source.kind, *(kind_of(value) for value in allowed)]
            )
        kind, found = _read_column(label, [row[index] for row in rows], known, allowed)
        columns.append(InputColumn(label=label, source=source, kind=kind, allowed=allowed))
        cells.append(found)
    return tuple(columns), list(zip(*cells, strict=True))


def _read_column(
    label: str, texts: list[str], kind: Kind, allowed: tuple[Plain, ...]
) -> tuple[Kind, list[InputCell]]:
    """Return the kind of an input column, and its cells from the first rule to the last."""
    trees: list[ast.expr | None] = []
    for number, text in enumerate(texts, start=1):
        with _at(**_cell_place(number, label)):
            trees.append(parse_cell(text))
            if trees[-1] is not None:
                kind = _one_kind([kind, *compared_kinds(trees[-1])])
    cells: list[InputCell] = []
    for number, (text, tree) in enumerate(zip(texts, trees, strict=True), start=1):
        with _at(**_cell_place(number, label)):
            cell = build_cell(text, tree, kind)
            strange = [m for m in cell.members or () if allowed and m not in allowed]
            if strange:
                raise refused(text, Reason.VALUE_UNLISTED, value=repr(strange[0]))
            cells.append(cell)
    return kind, cells


def _read_outputs(
    table: etree._Element, rows: list[list[str]]
) -> tuple[tuple[OutputColumn, ...], list[tuple[Expression, ...]], tuple[Expression, ...]]:
    columns: list[OutputColumn] = []
    answers: list[list[Expression]] = []
    defaults: list[Expression] = []
    for index, element in enumerate(children(table, "output")):
        name = _output_name(element, [column.label for column in columns])
        default = text_of(only(element, "defaultOutputEntry"))
        texts = [row[index] for row in rows]
        places = [_cell_place(number, name) for number in range(1, len(texts) + 1)]
        if default:
            texts.append(default)
            places.append({"at_default": name})
        column, cells = _read_answers(element, name, list(zip(texts, places, strict=True)))
        columns.append(column)
        answers.append(cells[: len(rows)])
        defaults.extend(cells[len(rows) :])
    if defaults and len(defaults) != len(columns):
        raise invalid(Reason.TABLE_DEFAULTS)
    return tuple(columns), list(zip(*answers, strict=True)), tuple(defaults)


def _read_answers(
    element: etree._Element, name: str, texts: list[tuple[str, Mapping[str, str]]]
) -> tuple[OutputColumn, list[Expression]]:
    with _at(at_column=name):
        allowed = read_values(text_of(only(element, "outputValues")))
        kind = _one_kind([_type_of(element), *(kind_of(value) for value in allowed)])
    cells: list[Expression] = []
    for text, place in texts:
        with _at(**place):
            cells.append(_compile(text))
            kind = _one_kind([kind, cells[-1].kind])
    column = OutputColumn(label=name, kind=kind, allowed=allowed)
    for cell, (text, place) in zip(cells, texts, strict=True):
        with _at(**place):
            _check_constant(column, cell, text)
    return column, cells


def _check_constant(column: OutputColumn, cell: Expression, text: str) -> None:
    """Check now what a cell without names would give each time."""
    if cell.names:
        return
    try:
        check_value(column, cell.evaluate({}))
    except ValueKindError as error:
        raise refused_for(text, error.refusal) from error


def _output_name(element: etree._Element, others: list[str]) -> str:
    name = element.get("name", "")
    with _at(at_output=name[:64]):
        if not isinstance(parse_expression(name), ast.Name):
            raise refused(name, Reason.OUTPUT_NAME)
        _compile(name)
        if name in others or name == VALUE:
            raise refused(name, Reason.NAME_TAKEN)
    return name


def _compile(text: str) -> Expression:
    # Not `compile_expression`: ten thousand cells would drive the conditions out of its memory.
    return build_expression(text, parse_expression(text))


def _type_of(element: etree._Element | None) -> Kind:
    name = "" if element is None else element.get("typeRef", "")
    kind = _TYPES.get(name.rpartition(":")[2].lower())
    if kind is None:
        raise invalid(Reason.TYPE_UNKNOWN, type=name[:40])
    return kind


def _one_kind(kinds: Iterable[Kind]) -> Kind:
    known = sorted(set(kinds) - {Kind.ANY, Kind.NOTHING})
    if len(known) > 1:
        raise invalid(Reason.KINDS_MIXED, kind=known[0], other_kind=known[1])
    return known[0] if known else Kind.ANY


def _names(expressions: Iterable[Expression]) -> frozenset[str]:
    return frozenset().union(*(expression.names for expression in expressions))


def _cell_place(number: int, label: str) -> Mapping[str, str]:
    return {"at_rule": str(number), "at_column": label}


@contextmanager
def _at(**place: str) -> Iterator[None]:
    """Say where in the file something was refused; `place` as in `PLACES`."""
    try:
        yield
    except InvalidInputError as error:
        told = dict(error.params)
        shown = [", ".join(PLACES[name].format(value) for name, value in place.items())]
        if "text" in told:
            text = told.pop("text")
            place["at_cell"] = text[:MAX_SHOWN_CHARS]
            shown.append(PLACES["at_cell"].format(text))
        told["reason"] = ": ".join([*shown, told["reason"]])
        told.update(place)
        raise InvalidInputError(told["reason"], code=ErrorCode.PROCESS_INVALID, **told) from error
