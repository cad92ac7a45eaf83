"""Keep the examples of `docs/expressions.md` true."""

import json
import re
from pathlib import Path

import pytest

from engine.errors import ErrorCode, InvalidInputError
from engine.model.kinds import list_kinds
from engine.model.urgency import Urgency
from engine.process.decision_xml import LANGUAGE
from engine.process.decisions import Decision, lint_decision, read_decisions
from engine.process.expression_tokens import MAX_CHARS, MAX_DEPTH
from engine.process.expression_values import FUNCTIONS, IS_SET
from engine.process.expressions import compile_condition, compile_expression
from engine.process.model import Plain
from tests.unit.process.dmn_writer import a_file, a_table

DOCUMENT = (Path(__file__).parents[3] / "docs" / "expressions.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found, language
    return found


def lines(language: str) -> list[tuple[str, str]]:
    rows = [line for block in blocks(language) for line in block.splitlines()]
    pairs = [line.partition(" → ") for line in rows]
    return [(text.strip(), said.strip()) for text, _arrow, said in pairs]


def tables(heading: str) -> list[list[str]]:
    """Return the cells of the first table after a heading, in backticks or not, row by row."""
    after = DOCUMENT.partition(heading)[2]
    table = re.search(r"(^\|.*\n)+", after, re.MULTILINE)
    assert table is not None
    rows = [re.split(r"(?<!\\)\|", row)[1:-1] for row in table.group().splitlines()[2:]]
    return [[cell.strip() for cell in row] for row in rows]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]*)`", cell)


DATA: dict[str, Plain] = json.loads(blocks("json")[0])


@pytest.mark.parametrize(("text", "value"), lines("expression"))
def test_documented_expression_gives_what_is_said(text: str, value: str) -> None:
    expected = compile_expression(value).evaluate({})
    found = compile_expression(text).evaluate(DATA)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(("text", "reason"), lines("refused"))
def test_documented_refusal_happens_when_deployed(text: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        compile_condition(text)
    assert caught.value.code is ErrorCode.PROCESS_INVALID
    assert reason in caught.value.params["reason"]


@pytest.mark.parametrize(("text", "reason"), lines("undecided"))
def test_documented_refusal_happens_when_running(text: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        compile_condition(text).decide(DATA)
    assert caught.value.code is ErrorCode.PROCESS_DATA
    assert reason == caught.value.params["reason"]


def test_documented_functions_are_all_there_are() -> None:
    names = {code(row[0])[0].partition("(")[0] for row in tables("### Hàm")}
    assert names == {*FUNCTIONS, IS_SET}


def test_documented_limits_are_the_real_ones() -> None:
    assert f"{MAX_CHARS} ký tự một biểu thức; lồng nhau {MAX_DEPTH} tầng" in DOCUMENT
    assert LANGUAGE in DOCUMENT


def documented_decision() -> Decision:
    return read_decisions(blocks("xml")[0].encode())["due_hours_by_urgency"]


def test_documented_table_may_be_deployed() -> None:
    decision = documented_decision()
    assert lint_decision(decision) == []
    assert decision.reads == {"urgency", "kind"}
    assert decision.writes == {"due_hours"}


def test_documented_table_says_what_its_file_says() -> None:
    rows = [[code(cell) for cell in row[1:]] for row in tables("Bảng quyết định · Decision")]
    rules = [" | ".join([row[0][0], row[1][0]]) + f" -> {row[2][0]}" for row in rows]
    drawn = read_decisions(a_file(a_table(["urgency", "kind"], ["due_hours"], rules)))["choose"]
    for urgency in Urgency:
        for kind in list_kinds():
            data = {"urgency": urgency.value, "kind": str(kind)}
            assert documented_decision().decide(data) == drawn.decide(data)


def test_documented_table_uses_urgencies_and_kinds_of_the_house() -> None:
    words = set(re.findall(r'"([a-z_]+)"', re.sub(r"<[^>]*>", "", blocks("xml")[0])))
    assert words - {u.value for u in Urgency} <= {str(kind) for kind in list_kinds()}
    assert {u.value for u in Urgency} <= words


@pytest.mark.parametrize("row", tables("### Ô vào"), ids=lambda row: row[0])
def test_documented_cell_accepts_what_is_said(row: list[str]) -> None:
    cell, accepted, refused = code(row[0])[-1], code(row[2]), code(row[3])
    rules = [f"{cell} -> True", "- -> False"]
    decision = read_decisions(a_file(a_table(["x"], ["out"], rules, policy="FIRST")))["choose"]
    for text, expected in [(t, True) for t in accepted] + [(t, False) for t in refused]:
        value = compile_expression(text).evaluate({})
        assert decision.decide({"x": value, "limit": 9}) == {"out": expected}
