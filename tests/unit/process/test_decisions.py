from collections.abc import Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ErrorCode, InvalidInputError
from engine.process import decision_lint
from engine.process.decision_lint import MAX_FINDINGS
from engine.process.decisions import Decision, lint_decision, read_decisions
from engine.process.model import Plain
from tests.effort import count_calls
from tests.unit.process.dmn_writer import DMN13, a_file, a_table

URGENCY = '"thuong", "khan", "thuong_khan", "hoa_toc"'
DEADLINE = a_table(
    ["urgency", "kind"],
    ["due_hours", "leader_first"],
    [
        '"hoa_toc" | - -> 2 | True',
        '"khan", "thuong_khan" | - -> 4 | True',
        '"thuong" | "giay_moi" -> 8 | False',
        '"thuong" | not "giay_moi" -> 16 | False',
    ],
    values=[URGENCY],
    decision_id="deadline",
)
TOO_MANY = "the table has too many combinations to check them all"
ONE_RULE = a_table(["kind"], ["out"], ['"a" -> 1'])


def the_decision(table: str) -> Decision:
    (decision,) = read_decisions(a_file(table)).values()
    return decision


def refusal(dmn: bytes) -> str:
    with pytest.raises(InvalidInputError) as caught:
        read_decisions(dmn)
    assert caught.value.code is ErrorCode.PROCESS_INVALID
    return caught.value.params.get("reason") or caught.value.params["reasons"]


def undecided(decision: Decision, data: Mapping[str, object]) -> str:
    with pytest.raises(InvalidInputError) as caught:
        decision.decide(data)
    assert caught.value.code is ErrorCode.PROCESS_DATA
    assert caught.value.params["decision"] == decision.id
    return caught.value.params["reason"]


@pytest.mark.parametrize(
    ("urgency", "kind", "expected"),
    [
        ("hoa_toc", "cong_van", {"due_hours": 2, "leader_first": True}),
        ("khan", "giay_moi", {"due_hours": 4, "leader_first": True}),
        ("thuong_khan", "giay_moi", {"due_hours": 4, "leader_first": True}),
        ("thuong", "giay_moi", {"due_hours": 8, "leader_first": False}),
        ("thuong", "cong_van", {"due_hours": 16, "leader_first": False}),
    ],
)
def test_decision_answers_by_its_rules(
    urgency: str, kind: str, expected: Mapping[str, Plain]
) -> None:
    decision = the_decision(DEADLINE)
    assert decision.decide({"urgency": urgency, "kind": kind, "other": 1}) == expected
    assert (decision.id, decision.name) == ("deadline", "Chọn")
    assert decision.reads == {"urgency", "kind"}
    assert decision.writes == {"due_hours", "leader_first"}
    assert lint_decision(decision) == []


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        DMN13,
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_file_is_read_in_every_version_that_has_the_same_tables(namespace: str) -> None:
    decisions = read_decisions(a_file(DEADLINE, ONE_RULE, namespace=namespace))
    assert list(decisions) == ["deadline", "choose"]


def test_file_is_read_as_a_drawing_tool_saves_it() -> None:
    table = ONE_RULE.replace(
        "<decisionTable ",
        "<description>mô tả</description><variable name='out' typeRef='number'/>"
        "<informationRequirement id='r'><requiredInput href='#kind'/></informationRequirement>"
        "<decisionTable ",
    )
    drawing = (
        "<x:DMNDI xmlns:x='https://www.omg.org/spec/DMN/20191111/DMNDI/'>"
        "<x:DMNDiagram><x:DMNShape dmnElementRef='choose'/></x:DMNDiagram></x:DMNDI>"
    )
    data = "<inputData id='kind' name='kind'><variable name='kind'/></inputData>"
    (decision,) = read_decisions(a_file(data, table, drawing)).values()
    assert decision.decide({"kind": "a"}) == {"out": 1}


CELLS = [
    ("", [1, "a", None], []),
    ("-", [1, "a", None], []),
    ('"a"', ["a"], ["b", "", None]),
    ("'a'", ["a"], ["b"]),
    ('"a", "b"', ["a", "b"], ["c", None]),
    ('("a", "b")', ["a", "b"], ["c"]),
    ('in ("a", "b")', ["a", "b"], ["c"]),
    ('in ("a")', ["a"], ["c", "ab"]),
    ('in("a")', ["a"], ["c"]),
    ('not "a"', ["b", None], ["a"]),
    ('not("a", "b")', ["c", None], ["a", "b"]),
    ('not in ("a", "b")', ["c", None], ["a", "b"]),
    ('not in ("a")', ["c"], ["a"]),
    ('== "a"', ["a"], ["b", None]),
    ('!= "a"', ["b", None], ["a"]),
    ("5", [5], [4, None]),
    ("< 5", [4, -1], [5]),
    ("<= 5", [5], [6]),
    ("> 5", [6], [5]),
    (">= 5", [5], [4]),
    ("1 <= value < 3", [1, 2], [0, 3]),
    ("value < 1 or value > 3", [0, 4], [1, 3]),
    ("None", [None], ["a", 1]),
    ("null, 5", [None, 5], [4]),
    ("not None", ["a", 1], [None]),
    ("true", [True], [False, None]),
    ("False", [False], [True]),
    ("is_set(value)", ["a", 0], [None]),
    ('starts_with(value, "a")', ["a", "ab"], ["b"]),
    ('lower(value) == "đ"', ["Đ", "đ"], ["d"]),
    ("value == limit", [9], [8, None]),
    ("value > limit and limit > 3", [10], [9]),
    ("> limit", [10], [9]),
    ("in (limit, 5)", [9, 5], [4]),
    ("limit == 9", [1, "a"], []),
    ("limit == 8", [], [1, "a"]),
]


@pytest.mark.parametrize(("cell", "accepted", "refused"), CELLS, ids=[c[0] for c in CELLS])
def test_input_cell_accepts_what_it_says(
    cell: str, accepted: Sequence[Plain], refused: Sequence[Plain]
) -> None:
    decision = the_decision(
        a_table(["x"], ["out"], [f"{cell} -> True", "- -> False"], policy="FIRST")
    )
    for value in accepted:
        assert decision.decide({"x": value, "limit": 9}) == {"out": True}
    for value in refused:
        assert decision.decide({"x": value, "limit": 9}) == {"out": False}


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("khan", "text is in quotes"),
        ('"khan', "not closed"),
        ("[1..5]", "'.' is not in the language"),
        ("8.5", "'.' is not in the language"),
        ("-5", "'-' is not in the language"),
        ('= "a"', "write =="),
        ("< 5 and > 3", "not one expression"),
        ("< 5 or value == 9", "a longer condition names value"),
        ('in ("a") or True', "a longer condition names value"),
        ('"a") or (True', "not one expression"),
        ("in value", "in needs a list"),
        ('date("2026-01-01")', "no function 'date'"),
        ("lower(value)", "text is in quotes"),
        ('contains("a")', "contains takes 2 values"),
        ("value.x == 1", "'.' is not in the language"),
        ("?", "'?' is not in the language"),
        ("<", "not one expression"),
        ("in", "not one expression"),
        ('"a", value', "a list stands only after in"),
    ],
)
def test_input_cell_is_refused_when_it_is_no_test(cell: str, reason: str) -> None:
    said = refusal(a_file(a_table(["x"], ["out"], ["- -> 1", f"{cell} -> 1"])))
    assert said.startswith("decision choose: rule 2, column x: ")
    assert reason in said


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (["1 -> 1", '"a" -> 1'], "rule 2, column x: a whole number and text"),
        (["< 3 -> 1", "True -> 1"], "rule 2, column x: a whole number and true or false"),
        (["1 -> 1", '1 -> "a"'], "rule 2, column out: a whole number and text"),
        (["1 -> 1", "1 -> len(kind) == 1"], "rule 2, column out: a whole number and true"),
        (["1 -> 1", "1 -> "], "rule 2, column out: '': it is empty"),
        (["1 -> khan vuc"], "rule 1, column out: 'khan vuc': not one expression"),
        (['1 -> "abc"[9]'], "rule 1, column out"),
        (["1 -> (1, 2)"], "a list stands only after in"),
        (["1 -> value"], "value stands for the column's value"),
        (["starts_with(value, 1) -> 1"], "a whole number where text is needed"),
    ],
)
def test_table_is_refused_when_kinds_do_not_go_together(rules: Sequence[str], said: str) -> None:
    assert said in refusal(a_file(a_table(["x"], ["out"], rules)))


@pytest.mark.parametrize(
    ("inputs", "types", "rules", "said"),
    [
        (["x"], ["string"], ["1 -> 1"], "a whole number and text do not go together"),
        (["x"], ["boolean"], ['"a" -> 1'], "text and true or false"),
        (["x"], ["", "string"], ["1 -> 1"], "rule 1, column out"),
        (["len(x)"], ["string"], ["1 -> 1"], "column len(x): a whole number and text"),
        (["x"], ["date"], ["- -> 1"], "type date is not supported"),
        (["x"], ["", "double"], ["- -> 1"], "type double is not supported"),
        (["value"], [], ["1 -> 1"], "value stands for the column's value"),
        ([""], [], ["1 -> 1"], "column input 1: '': it is empty"),
        (["x.y"], [], ["1 -> 1"], "'.' is not in the language"),
    ],
)
def test_table_is_refused_when_a_column_is_wrong(
    inputs: Sequence[str], types: Sequence[str], rules: Sequence[str], said: str
) -> None:
    assert said in refusal(a_file(a_table(inputs, ["out"], rules, types=types)))


@pytest.mark.parametrize("kind", ["string", "feel:string", "Any", ""])
def test_type_is_understood_as_tools_write_it(kind: str) -> None:
    decision = the_decision(a_table(["x"], ["out"], ['"a" -> 1'], types=[kind, "integer"]))
    assert decision.decide({"x": "a"}) == {"out": 1}


NOT_NAMES = ["", "Due", "due hours", "due.hours", "_due", "1due", "đến", "len", "true", "value"]


@pytest.mark.parametrize("name", [*NOT_NAMES, "a" * 80])
def test_output_is_refused_when_it_is_no_name_of_process_data(name: str) -> None:
    assert "output" in refusal(a_file(a_table(["x"], [name], ["1 -> 1"])))


def test_output_is_refused_when_it_stands_there_twice() -> None:
    assert "the name is taken" in refusal(a_file(a_table(["x"], ["a", "a"], ["1 -> 1 | 2"])))


def test_output_may_be_computed_from_process_data() -> None:
    decision = the_decision(a_table(["x"], ["out"], ["1 -> max(rounds, 3)", "2 -> rounds"]))
    assert decision.reads == {"x", "rounds"}
    assert decision.decide({"x": 1, "rounds": 2}) == {"out": 3}
    assert decision.decide({"x": 2, "rounds": 2}) == {"out": 2}
    assert undecided(decision, {"x": 2, "rounds": "hai"}) == "out is text, not a whole number"
    assert undecided(decision, {"x": 2}) == "rounds has no value"


def test_decision_refuses_when_no_rule_matches() -> None:
    with pytest.raises(InvalidInputError) as caught:
        the_decision(ONE_RULE).decide({"kind": "b" * 4000})
    assert caught.value.params["decision"] == "choose"
    assert caught.value.params["values"].startswith("kind='bbb")
    assert len(caught.value.params["values"]) < 100


def test_decision_gives_its_default_when_no_rule_matches() -> None:
    table = a_table(["x"], ["a", "b"], ['1 -> 1 | "x"'], defaults=["7", '"none"'])
    assert the_decision(table).decide({"x": 2}) == {"a": 7, "b": "none"}
    assert lint_decision(the_decision(table)) == []


def test_table_is_refused_when_only_some_outputs_have_a_default() -> None:
    table = a_table(["x"], ["a", "b"], ["1 -> 1 | 2"], defaults=["7", ""])
    assert "a default is needed for every output" in refusal(a_file(table))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "urgency has no value"),
        ({"urgency": 1, "kind": "a"}, "urgency is a whole number, not text"),
        ({"urgency": True, "kind": "a"}, "urgency is true or false, not text"),
        ({"urgency": "gap", "kind": "a"}, "urgency may not be 'gap'"),
        ({"urgency": None, "kind": "a"}, "urgency may not be 'None'"),
        ({"urgency": "khan", "kind": ["a"]}, "kind is list, which is not plain"),
    ],
)
def test_decision_refuses_when_data_does_not_fit(data: Mapping[str, object], reason: str) -> None:
    assert undecided(the_decision(DEADLINE), data) == reason


TWO_MATCH = ["< 5 -> 1", "< 9 -> 2", "< 5 -> 1", ">= 9 -> 9"]


def test_unique_refuses_when_two_rules_match() -> None:
    decision = the_decision(a_table(["x"], ["out"], TWO_MATCH))
    assert undecided(decision, {"x": 1}) == "rules 1, 2, 3 match, and only one may"
    assert decision.decide({"x": 6}) == {"out": 2}


def test_first_takes_the_first_that_matches() -> None:
    decision = the_decision(a_table(["x"], ["out"], TWO_MATCH, policy="FIRST"))
    assert [decision.decide({"x": x})["out"] for x in (1, 6, 9)] == [1, 2, 9]


def test_first_does_not_ask_rules_after_the_one_that_matches() -> None:
    rules = ["1 -> 1", "value == missing -> 2"]
    decision = the_decision(a_table(["x"], ["out"], rules, policy="FIRST"))
    assert decision.decide({"x": 1}) == {"out": 1}
    assert undecided(decision, {"x": 2}) == "missing has no value"


def test_any_refuses_when_matching_rules_disagree() -> None:
    decision = the_decision(a_table(["x"], ["out"], TWO_MATCH, policy="ANY"))
    assert undecided(decision, {"x": 1}) == "rules 1, 2, 3 match and disagree"
    agreeing = the_decision(a_table(["x"], ["out"], ["< 5 -> 1", "> 2 -> 1"], policy="ANY"))
    assert agreeing.decide({"x": 3}) == {"out": 1}


def test_priority_takes_the_most_important_answer() -> None:
    rules = ['< 9 -> "thap" | 1', '< 5 -> "cao" | 2', '< 3 -> "cao" | 1']
    values = ['"cao", "vua", "thap"', "1, 2"]
    table = a_table(["x"], ["level", "rank"], rules, policy="PRIORITY", output_values=values)
    decision = the_decision(table)
    assert decision.decide({"x": 7}) == {"level": "thap", "rank": 1}
    assert decision.decide({"x": 4}) == {"level": "cao", "rank": 2}
    assert decision.decide({"x": 1}) == {"level": "cao", "rank": 1}


def test_priority_is_refused_without_the_order_of_its_answers() -> None:
    assert "PRIORITY needs" in refusal(
        a_file(a_table(["x"], ["o"], ["1 -> 1"], policy="PRIORITY"))
    )


def test_answer_is_refused_when_it_is_not_among_its_values() -> None:
    table = a_table(["x"], ["out"], ["1 -> 3"], output_values=["1, 2"])
    assert "rule 1, column out: '3': out may not be '3'" in refusal(a_file(table))
    table = a_table(["x"], ["out"], ["1 -> y"], output_values=["1, 2"])
    assert undecided(the_decision(table), {"x": 1, "y": 5}) == "out may not be '5'"


@pytest.mark.parametrize("values", ['"a", y', "len(x)", '"a", 1', "< 5"])
def test_column_is_refused_when_its_values_are_no_list(values: str) -> None:
    table = a_table(["x"], ["out"], ["- -> 1"], values=[values])
    assert "decision choose: column x: " in refusal(a_file(table))


def test_cell_is_refused_when_it_is_not_among_its_columns_values() -> None:
    table = a_table(["x"], ["out"], ['"gap" -> 1'], values=[URGENCY])
    assert "rule 1, column x: '\"gap\"': 'gap' is not among" in refusal(a_file(table))


@pytest.mark.parametrize("policy", ["COLLECT", "RULE ORDER", "OUTPUT ORDER"])
def test_hit_policy_is_refused_when_it_gives_several_answers(policy: str) -> None:
    said = refusal(a_file(a_table(["x"], ["out"], ["1 -> 1"], policy=policy)))
    assert f"hit policy {policy} is not supported: it gives several answers" in said


@pytest.mark.parametrize("policy", ["unique", "LAST", "F"])
def test_hit_policy_is_refused_when_unknown(policy: str) -> None:
    assert policy in refusal(a_file(a_table(["x"], ["out"], ["1 -> 1"], policy=policy)))


def inside(parent: str, part: str) -> bytes:
    """Return a good file with one more element right inside another."""
    dmn = a_file(ONE_RULE).decode()
    head = next(tag for tag in dmn.split("<") if tag.startswith((f"{parent} ", f"{parent}>")))
    return dmn.replace(f"<{head}", f"<{head}{part}", 1).encode()


@pytest.mark.parametrize(
    ("parent", "part", "said"),
    [
        ("decision", "<literalExpression/>", "a decision is one decision table"),
        ("decision", "<invocation/>", "element invocation in decision is not supported"),
        ("decision", "<context/>", "element context in decision is not supported"),
        ("decision", "<relation/>", "element relation in decision is not supported"),
        ("decision", "<functionDefinition/>", "element functionDefinition"),
        ("decision", "<knowledgeRequirement/>", "element knowledgeRequirement"),
        ("decision", "<authorityRequirement/>", "element authorityRequirement"),
        ("decision", "<extensionElements/>", "element extensionElements in decision"),
        (
            "decision",
            "<informationRequirement><requiredDecision href='#a'/></informationRequirement>",
            "element requiredDecision in informationRequirement is not supported: let the flow",
        ),
        ("decision", "<decisionTable/>", "2 times decisionTable"),
        ("definitions", "<businessKnowledgeModel/>", "element businessKnowledgeModel"),
        ("definitions", "<decisionService/>", "element decisionService"),
        ("definitions", "<knowledgeSource/>", "element knowledgeSource"),
        ("definitions", "<itemDefinition/>", "element itemDefinition"),
        ("definitions", "<import/>", "a file stands for itself"),
        ("definitions", "<decision id='other'/>", "it has no decision table"),
        ("definitions", "<decision id='choose'/>", "decision choose"),
        ("definitions", "<decision id='../a'/>", "id '../a' is not allowed"),
        ("definitions", "<decision/>", "id '' is not allowed"),
        ("definitions", "<a:decision xmlns:a='urn:a' id='b'/>", "element decision in definitions"),
        ("definitions", "<script xmlns='http://www.w3.org/1999/xhtml'/>", "element script"),
        ("rule", "<inputEntry><text>1</text></inputEntry>", "rule 1: 2 + 1 cells"),
        ("rule", "<outputEntry><text>1</text></outputEntry>", "rule 1: 1 + 2 cells"),
        ("inputEntry", "<text><b/></text>", "element b in text"),
        ("input", "<inputExpression><text>a</text></inputExpression>", "2 times inputExpression"),
    ],
)
def test_file_is_refused_when_it_holds_more_than_tables(parent: str, part: str, said: str) -> None:
    assert said in refusal(inside(parent, part))


@pytest.mark.parametrize(
    "dmn",
    [
        b"",
        b"not xml",
        b"<definitions/>",
        a_file(),
        a_file(ONE_RULE, namespace="urn:other"),
        a_file(ONE_RULE, head="expressionLanguage='https://www.omg.org/spec/DMN/20191111/FEEL/'"),
        a_file(ONE_RULE.replace("<inputEntry>", "<inputEntry expressionLanguage='feel'>")),
        a_file(ONE_RULE.replace("<decisionTable ", "<decisionTable aggregation='SUM' ")),
        a_file(ONE_RULE, ONE_RULE),
        b'<!DOCTYPE a [<!ENTITY x "y">]>' + a_file(ONE_RULE),
        a_file(ONE_RULE) + b" " * 2_000_000,
        a_file(ONE_RULE).decode().encode("utf-16"),
        a_file(ONE_RULE)[:-20],
        a_file(*(a_table(["x"], ["o"], ["1 -> 1"], decision_id=f"d{n}") for n in range(51))),
        a_file(a_table(["x"], ["o"], [])),
        a_file(a_table([], ["o"], [" -> 1"])),
        a_file(a_table(["x"], [], ["1 -> "])),
        a_file(a_table(["x"], ["o"], [f"{n} -> 1" for n in range(501)])),
        a_file(a_table(["x"] * 21, ["o"], ["|".join("1" * 21) + "-> 1"])),
        a_file(a_table(["x"], [f"o{n}" for n in range(21)], ["1 -> " + "|".join("1" * 21)])),
    ],
)
def test_hostile_file_is_refused(dmn: bytes) -> None:
    assert refusal(dmn)


PIECES = [
    "<rule>",
    "</rule>",
    "<text>",
    "text",
    "input",
    '"',
    "(",
    "hitPolicy",
    "1",
    "Ầ",
    "]]>",
    "",
]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2000), st.integers(0, 40), st.sampled_from(PIECES) | st.text(max_size=8))
def test_spoilt_file_is_read_or_refused_in_the_house_way(at: int, gone: int, put: str) -> None:
    dmn = a_file(DEADLINE).decode()
    spoilt = (dmn[:at] + put + dmn[at + gone :]).encode("utf-8", "surrogatepass")
    try:
        decisions = read_decisions(spoilt)
    except InvalidInputError as error:
        assert error.code is ErrorCode.PROCESS_INVALID  # noqa: PT017 - a fuzz: most are refused
    else:
        assert all(isinstance(lint_decision(decision), list) for decision in decisions.values())


def findings(*rules: str, policy: str = "", inputs: str = "x y", **more: Sequence[str]) -> str:
    outputs = ["out"]
    table = a_table(inputs.split(), outputs, rules, policy=policy, **more)  # type: ignore[arg-type]
    return "\n".join(map(str, lint_decision(the_decision(table))))


def test_lint_finds_overlap_when_rules_are_to_be_unique() -> None:
    found = findings('"a" | - -> 1', "- | > 3 -> 2", "- | <= 3 -> 3")
    assert found == (
        "rules 1 and 2 both match x = 'a', y = 4\nrules 1 and 3 both match x = 'a', y = 2"
    )


def test_lint_finds_gaps_when_there_is_no_default() -> None:
    assert findings('"a" | < 3 -> 1', '"a" | > 3 -> 2', 'not "a" | - -> 3') == (
        "no rule matches x = 'a', y = 3, and there is no default"
    )
    assert findings('"a" | < 3 -> 1', "- | >= 3 -> 1") == (
        "no rule matches x = another text, y = 2, and there is no default"
    )
    assert findings('"a" | - -> 1', policy="FIRST") == (
        "no rule matches x = another text, and there is no default"
    )
    assert (
        findings("True -> 1", inputs="x") == "no rule matches x = False, and there is no default"
    )
    assert findings("1 -> 1", "None -> 2", "not (None, 1) -> 3", inputs="x") == ""


def test_lint_finds_no_gap_when_values_are_closed() -> None:
    rules = ['"thuong" -> 1', '"khan", "thuong_khan" -> 2', '"hoa_toc" -> 3']
    assert findings(*rules, inputs="x", values=[URGENCY]) == ""
    assert "'hoa_toc'" in findings(*rules[:2], inputs="x", values=[URGENCY])


def test_lint_finds_rules_that_are_never_reached_when_first_counts() -> None:
    rules = ["< 5 -> 1", "< 9 -> 2", "3 -> 3", ">= 9 -> 4", "- -> 5"]
    assert findings(*rules, policy="FIRST", inputs="x") == (
        "rule 3 is never reached: earlier rules match all it would"
    )


def test_last_rule_for_the_rest_is_reached_when_nothing_may_be_there() -> None:
    # None has no order, but an earlier rule by its value does not match it.
    assert findings("True -> 1", "False -> 2", "- -> 3", policy="FIRST", inputs="x") == ""


def test_lint_lets_functions_be_when_values_cannot_tell() -> None:
    rules = ['"khan" -> 1', 'starts_with(value, "khan") -> 2', "- -> 3"]
    assert findings(*rules, policy="FIRST", inputs="x") == ""


def test_lint_lets_rules_be_when_they_read_other_data() -> None:
    assert findings("value == y -> 1", "value != y -> 2", inputs="x") == ""
    assert findings("- | y == 3 -> 1", "- | y != 3 -> 2") == ""


def test_lint_lets_columns_be_when_they_read_the_same_data_in_two_ways() -> None:
    rules = ["True | - -> 1", 'False | "x" -> 2', 'False | not "x" -> 3']
    assert findings(*rules, inputs="is_set(kind) kind") == ""


def test_lint_joins_columns_when_they_read_the_same() -> None:
    assert findings("> 2 | < 5 -> 1", "<= 2 | - -> 2", "- | >= 5 -> 3", inputs="x x") == ""
    assert "rules 1 and 2 both match x = 4" in findings(
        "> 2 | < 5 -> 1", "4 | - -> 2", inputs="x x"
    )


def test_lint_finds_rules_that_never_match() -> None:
    found = findings("value < 2 and value > 5 -> 1", "- -> 2", inputs="x", policy="FIRST")
    assert "rule 1 never matches, by its cell for x" in found


def test_lint_finds_disagreement_when_rules_are_to_agree() -> None:
    rules = ["< 5 -> 1", "< 9 -> 2", ">= 9 -> 3", "> 10 -> 3"]
    assert findings(*rules, inputs="x", policy="ANY").startswith("rules 1 and 2 both match x = ")


def test_lint_says_so_when_there_is_more_of_the_same() -> None:
    found = findings(*["1 -> 1"] * 9, "not 1 -> 2", inputs="x").splitlines()
    assert len(found) == MAX_FINDINGS + 1
    assert found[-1] == "and more of the same"


def test_lint_says_so_when_there_is_too_much_to_try() -> None:
    inputs = [f"x{column}" for column in range(20)]
    rows = ["|".join([f'"v{row}"'] * 20) + "-> 1" for row in range(500)]
    decision = the_decision(a_table(inputs, ["o"], rows))
    assert list(map(str, lint_decision(decision))) == [TOO_MANY]


def test_lint_says_so_when_there_is_too_much_to_combine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision_lint, "MAX_STEPS", 4)
    assert findings("1 | 2 -> 1", "2 | 1 -> 2", "not (1, 2) | - -> 3") == TOO_MANY


def test_decision_looks_at_each_cell_once_when_it_has_twenty_rules_of_four_inputs() -> None:
    rules = [f'"u{n}" | in ("a", "b{n}") | >= {n} | not "z{n}" -> {n}' for n in range(20)]
    decision = the_decision(a_table(["a", "b", "c", "d"], ["out"], rules))
    data = {"a": "u19", "b": "b19", "c": 40, "d": "y"}
    assert decision.decide(data) == {"out": 19}
    assert count_calls(lambda: decision.decide(data)) < 10 * 20 * 4


CELL = st.sampled_from(
    ["-", '"a"', '"b"', '"a", "c"', 'not "a"', 'not ("a", "b")', 'value == "c"']
)
NUMBER_CELL = st.sampled_from(["-", "0", "1", "0, 2", "< 1", ">= 1", "not 1", "0 < value <= 2"])
RULES = st.lists(st.tuples(CELL, NUMBER_CELL, st.integers(0, 1)), min_size=1, max_size=6)


@settings(max_examples=300, deadline=None)
@given(RULES, st.sampled_from(["UNIQUE", "FIRST", "ANY"]))
def test_lint_is_silent_exactly_when_every_combination_is_decided(
    rules: list[tuple[str, str, int]], policy: str
) -> None:
    texts = [f"{one} | {two} -> {out}" for one, two, out in rules]
    table = a_table(["x", "y"], ["out"], texts, policy=policy, values=['"a", "b", "c"', "0, 1, 2"])
    decision = the_decision(table)
    answers = [_answer(decision, x, y) for x, y in product("abc", (0, 1, 2))]
    found = [f for f in lint_decision(decision) if "never" not in str(f)]
    assert bool(found) is (None in answers)
    expected = [_by_hand(rules, policy, x, y) for x, y in product("abc", (0, 1, 2))]
    assert answers == expected


@settings(max_examples=300, deadline=None)
@given(RULES)
def test_lint_names_exactly_the_rules_that_never_count(rules: list[tuple[str, str, int]]) -> None:
    texts = [f"{one} | {two} -> {number}" for number, (one, two, _out) in enumerate(rules)]
    table = a_table(
        ["x", "y"], ["out"], texts, policy="FIRST", values=['"a", "b", "c"', "0, 1, 2"]
    )
    decision = the_decision(table)
    answers = {_answer(decision, x, y) for x, y in product("abc", (0, 1, 2))}
    named = {int(f.params["number"]) - 1 for f in lint_decision(decision) if "never" in str(f)}
    assert named == set(range(len(rules))) - answers


def _answer(decision: Decision, x: str, y: int) -> Plain:
    try:
        return decision.decide({"x": x, "y": y})["out"]
    except InvalidInputError:
        return None


def _by_hand(rules: list[tuple[str, str, int]], policy: str, x: str, y: int) -> Plain:
    accepted = {
        "-": "abc012",
        '"a"': "a",
        '"b"': "b",
        '"a", "c"': "ac",
        'not "a"': "bc",
        'not ("a", "b")': "c",
        'value == "c"': "c",
        "0": "0",
        "1": "1",
        "0, 2": "02",
        "< 1": "0",
        ">= 1": "12",
        "not 1": "02",
        "0 < value <= 2": "12",
    }
    outs = [out for one, two, out in rules if x in accepted[one] and str(y) in accepted[two]]
    if not outs or (policy == "UNIQUE" and len(outs) > 1):
        return None
    return None if policy == "ANY" and len(set(outs)) > 1 else outs[0]
