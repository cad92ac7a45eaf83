"""Say every refusal of an expression, a deadline and a decision table in both languages."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping

import pytest

from engine.calendar.working_time import vietnam_calendar
from engine.errors import InvalidInputError
from engine.process import decision_lint
from engine.process.deadlines import Deadline, parse_moment
from engine.process.decisions import lint_decision, read_decisions
from engine.process.deployment import lint_files
from engine.process.expression_values import Kind
from engine.process.expressions import build_expression, compile_condition, compile_expression
from engine.process.findings import LintRule
from engine.process.reasons import PLACES, OtherValue, Reason, Refusal
from tests.unit.process import test_deadlines, test_decisions, test_escapes, test_expressions_doc
from tests.unit.process.dmn_writer import a_file, a_table
from webui import reason_texts
from webui.assets.translations import read_catalog
from webui.i18n import LOCALES
from webui.lint_texts import lint_sentence
from webui.reason_texts import reason_sentence
from workflows.outgoing.procedure import PROCEDURE

PLACEHOLDER = re.compile(r"%\((\w+)\)s")

#: Said by the reader of diagrams, which has no text to read then.
OF_DIAGRAMS = {Reason.CONDITION_EMPTY}

UNIQUE = ['"a" -> 1', '"a" -> 2']


def cases(test: Callable[..., None]) -> list:
    """Return what a test is run with, so that a case added there is said here too."""
    (mark,) = [mark for mark in test.pytestmark if mark.name == "parametrize"]
    return list(mark.args[1])


def told_by(refuse: Callable[[], object]) -> list[Mapping[str, str]]:
    try:
        refuse()
    except InvalidInputError as error:
        return [error.params]
    return []


def expression_refusals() -> Iterator[Mapping[str, str]]:
    documented = [text for text, _ in test_expressions_doc.lines("refused")]
    for text in [*test_escapes.REFUSED_AT_DEPLOYMENT.values(), *documented, "title", "'a'"]:
        yield from told_by(lambda text=text: compile_condition(text))
        try:
            tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        yield from told_by(lambda text=text, tree=tree: build_expression(text, tree))
    undecided = [text for text, _ in test_expressions_doc.lines("undecided")]
    for text in [*test_escapes.REFUSED_BY_DATA.values(), *undecided]:
        yield from told_by(lambda text=text: compile_condition(text).decide(test_escapes.DATA))
    yield from told_by(lambda: compile_expression("x == 'a'").evaluate({"x": 1.5}))


def deadline_refusals() -> Iterator[Mapping[str, str]]:
    opened_at, calendar = test_deadlines.OPENED_AT, vietnam_calendar()
    for text in test_deadlines.REFUSED:
        yield from told_by(lambda text=text: Deadline.parse(text))
    for text in cases(test_deadlines.test_parse_moment_refuses_what_is_no_moment):
        yield from told_by(lambda text=text: parse_moment(text))
    for text, data in cases(
        test_deadlines.test_deadline_cannot_be_counted_when_the_data_does_not_fit
    ):
        deadline = Deadline.parse(text)
        yield from told_by(lambda d=deadline, data=data: d.due(opened_at, data, calendar))
    naive = opened_at.replace(tzinfo=None)
    yield from told_by(lambda: Deadline.parse("P3D").due(naive, {}, calendar))


def refused_files() -> Iterator[bytes]:
    yield from cases(test_decisions.test_hostile_file_is_refused)
    for parent, part, _ in cases(
        test_decisions.test_file_is_refused_when_it_holds_more_than_tables
    ):
        yield test_decisions.inside(parent, part)
    for cell, _ in cases(test_decisions.test_input_cell_is_refused_when_it_is_no_test):
        yield a_file(a_table(["x"], ["out"], ["- -> 1", f"{cell} -> 1"]))
    for rules, _ in cases(test_decisions.test_table_is_refused_when_kinds_do_not_go_together):
        yield a_file(a_table(["x"], ["out"], rules))
    for inputs, types, rules, _ in cases(
        test_decisions.test_table_is_refused_when_a_column_is_wrong
    ):
        yield a_file(a_table(inputs, ["out"], rules, types=types))
    for name in test_decisions.NOT_NAMES:
        yield a_file(a_table(["x"], [name], ["1 -> 1"]))
    for policy in ["COLLECT", "LAST", "PRIORITY"]:
        yield a_file(a_table(["x"], ["out"], ["1 -> 1"], policy=policy))
    for values in cases(test_decisions.test_column_is_refused_when_its_values_are_no_list):
        yield a_file(a_table(["x"], ["out"], ["- -> 1"], values=[values]))
    yield a_file(a_table(["x"], ["out"], ['"gap" -> 1'], values=[test_decisions.URGENCY]))
    yield a_file(a_table(["x"], ["out"], ["1 -> 3"], output_values=["1, 2"]))
    yield a_file(a_table(["x"], ["a", "a"], ["1 -> 1 | 2"]))
    yield a_file(a_table(["x"], ["a", "b"], ["1 -> 1 | 2"], defaults=["7", ""]))
    yield a_file(a_table(["x"], ["out"], ["1 -> 1"], defaults=["(1, 2)"]))


def decision_refusals() -> Iterator[Mapping[str, str]]:
    for dmn in refused_files():
        # What is no XML at all is told by findings of the reader of diagrams.
        for told in told_by(lambda dmn=dmn: read_decisions(dmn)):
            if "reasons" not in told:
                yield told
    for data, _ in cases(test_decisions.test_decision_refuses_when_data_does_not_fit):
        decision = test_decisions.the_decision(test_decisions.DEADLINE)
        yield from told_by(lambda data=data, decision=decision: decision.decide(data))
    for policy in ["UNIQUE", "ANY"]:
        decision = test_decisions.the_decision(a_table(["x"], ["out"], UNIQUE, policy=policy))
        for value in ["a", "b"]:
            yield from told_by(lambda d=decision, v=value: d.decide({"x": v}))


def linted_tables() -> Iterator[str]:
    yield a_table(["x"], ["out"], UNIQUE)
    yield a_table(["x", "y"], ["out"], ['"a" | < 3 -> 1', "- | > 4 -> 2"])
    yield a_table(["x"], ["out"], ["value == limit -> 1"])
    yield a_table(["x"], ["out"], ["- -> 1", "3 -> 2", "value < 1 and value > 2 -> 3"])
    yield a_table(["x"], ["out"], ["- -> 1", "3 -> 2"], policy="FIRST")
    yield a_table(["x"], ["out"], [*["1 -> 1"] * 9, "not 1 -> 2"])


def lint_refusals() -> Iterator[Mapping[str, str]]:
    for table in linted_tables():
        for refusal in lint_decision(test_decisions.the_decision(table)):
            yield refusal.told()


REFUSALS = [
    *expression_refusals(),
    *deadline_refusals(),
    *decision_refusals(),
    *lint_refusals(),
    Refusal(Reason.TOO_MANY_CASES).told(),
]


@pytest.mark.parametrize(
    ("table", "names"),
    [
        (reason_texts.REASONS, Reason),
        (reason_texts.KINDS, Kind),
        (reason_texts.OTHER_VALUES, OtherValue),
        (reason_texts.PLACES, {*PLACES, "at_name"}),
    ],
)
def test_every_name_has_words_in_both_languages(table, names):
    english = read_catalog("en")

    assert set(table) == set(names)
    assert [text for text in table.values() if not english.get(text).string] == []


def test_every_part_of_speech_that_python_has_beyond_the_language_has_a_word():
    ours = {"BoolOp", "UnaryOp", "Compare", "Call", "Constant", "Subscript", "Name", "List"}
    kinds = {each.__name__ for each in ast.expr.__subclasses__()} - {*ours, "Tuple"}

    assert kinds | {"UAdd", "USub", "Invert", "Is", "IsNot"} == set(reason_texts.SYNTAX)


def test_every_reason_is_met_in_what_is_tried_here():
    met = {Reason(told["reason_code"]) for told in REFUSALS}

    assert set(Reason) - met == OF_DIAGRAMS


@pytest.mark.parametrize("locale", LOCALES)
def test_reason_is_said_in_full_when_anything_is_refused(locale):
    english = read_catalog("en")
    for told in REFUSALS:
        text = reason_texts.REASONS[Reason(told["reason_code"])]
        said = english.get(text).string if locale == "en" else text

        assert set(PLACEHOLDER.findall(said)) <= set(told), told
        assert not PLACEHOLDER.search(reason_sentence(told, locale))


def test_sentence_names_the_place_when_a_table_is_refused():
    dmn = a_file(a_table(["x"], ["out"], ["- -> 1", "khan -> 1"]))
    (told,) = told_by(lambda: read_decisions(dmn))

    assert reason_sentence(told, "vi") == (
        "bảng “choose”, luật 2, cột “x”, ghi “khan”: "
        "ô phải là giá trị, phép so sánh hoặc điều kiện; chữ thì để trong dấu nháy"
    )
    assert reason_sentence(told, "en") == (
        "table “choose”, rule 2, column “x”, written “khan”: "
        "a cell is a value, a comparison or a condition; text goes in quotes"
    )


def test_sentence_names_the_data_when_a_deadline_cannot_be_counted():
    deadline = Deadline.parse("days working days")
    (told,) = told_by(
        lambda: deadline.due(test_deadlines.OPENED_AT, {"days": "3"}, vietnam_calendar())
    )

    assert reason_sentence(told, "vi") == "dữ liệu “days”: không phải số nguyên từ 0 đến 3653"


def test_sentence_shows_values_in_words_when_a_table_leaves_a_gap():
    table = a_table(["x", "y"], ["out"], ['"a" | < 3 -> 1', "- | >= 3 -> 1"])
    (refusal,) = lint_decision(test_decisions.the_decision(table))

    assert reason_sentence(refusal.told(), "vi") == (
        "không luật nào đúng khi x là một chữ khác, y là 2, mà cũng không có mặc định"
    )
    assert reason_sentence(refusal.told(), "en") == (
        "no rule matches when x is another text, y is 2, and there is no default"
    )


def test_sentence_says_kinds_and_syntax_in_words():
    kinds = Refusal(Reason.KINDS_DIFFER, {"kind": Kind.TEXT, "other_kind": Kind.NUMBER})
    lambda_ = Refusal(Reason.SYNTAX, {"syntax": "Lambda"})

    assert reason_sentence(kinds.told(), "vi") == "không so sánh chữ với số nguyên được"
    assert reason_sentence(lambda_.told(), "vi") == "không dùng được hàm tự đặt"
    assert reason_sentence(lambda_.told(), "en") == "functions of one's own cannot be used"


def test_reason_stays_as_it_is_when_it_has_no_code():
    assert reason_sentence({"reason": "mismatched tag"}, "vi") == "mismatched tag"


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("approved == True", "approved = True", LintRule.CONDITION_REFUSED),
        ("step_hours working hours", "step_hours hours", LintRule.TIMER_REFUSED),
    ],
)
def test_finding_is_said_in_the_readers_language_when_a_text_is_refused(old, new, rule):
    assert old in PROCEDURE.bpmn.decode()
    xml = PROCEDURE.bpmn.decode().replace(old, new).encode()

    findings = [each for each in lint_files(xml, PROCEDURE.dmn, {}) if each.rule is rule]

    assert findings
    for finding in findings:
        sentence = reason_sentence(finding.detail, "vi")
        assert finding.detail["text"] in lint_sentence(finding, "vi")
        assert sentence in lint_sentence(finding, "vi")
        assert sentence != finding.detail["reason"]


@pytest.mark.parametrize(
    "dmn", [a_file(a_table(["x"], ["out"], UNIQUE)), a_file(a_table(["x"], ["out"], ["1 -> "]))]
)
def test_finding_is_said_in_the_readers_language_when_a_table_is_refused(dmn):
    other = re.sub(rb'trinhky:decision="[^"]*"', b'trinhky:decision="choose"', PROCEDURE.bpmn)

    findings = lint_files(other, dmn, {})

    assert {each.rule for each in findings} == {LintRule.DECISION_REFUSED}
    for finding in findings:
        assert reason_sentence(finding.detail, "vi") in lint_sentence(finding, "vi")


def test_lint_tells_too_many_combinations_by_its_code(monkeypatch):
    monkeypatch.setattr(decision_lint, "MAX_STEPS", 0)
    table = a_table(["x", "y"], ["out"], ["1 | 2 -> 1", "2 | 1 -> 2"])

    assert lint_decision(test_decisions.the_decision(table)) == [Refusal(Reason.TOO_MANY_CASES)]
