import unicodedata
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ErrorCode, InvalidInputError
from engine.process.execution import ConditionEngine
from engine.process.expression_values import FUNCTIONS, IS_SET, Kind
from engine.process.expressions import compile_condition, compile_expression
from engine.process.model import Plain

DATA: Mapping[str, Plain] = {
    "approved": True,
    "kind": "cong_van",
    "rounds": 2,
    "leader": None,
    "name": "Cần Thơ",
    "note": "",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("approved", True),
        ("not approved", False),
        ("approved == True", True),
        ("approved == true", True),
        ("approved != false", True),
        ("approved == True and kind != 'cong_van'", False),
        ("kind == 'cong_van' or not approved", True),
        ("kind in ('cong_van', 'giay_moi')", True),
        ("kind in ['cong_van']", True),
        ("kind in ('giay_moi', None)", False),
        ("leader in ('giay_moi', None)", True),
        ("leader in ('giay_moi',)", False),
        ("kind not in ['thong_bao']", True),
        ("rounds in (1, 2, 3)", True),
        ("kind in (name, kind)", True),
        ("kind not in (name, 'thong_bao')", True),
        ("1 <= rounds < 3", True),
        ("3 <= rounds < 5", False),
        ("rounds > 2", False),
        ("rounds >= 2", True),
        ("2 <= rounds", True),
        ("kind < 'd'", True),
        ("leader == None", True),
        ("leader == null", True),
        ("leader != 'le_van_a'", True),
        ("kind[0] == 'c'", True),
        ("('a', 'b')[1] == 'b'", True),
        ("name == 'Cần Thơ'", True),
        ('name == "Cần Thơ"', True),
        ("len(name) == 7", True),
        ("len(note) == 0", True),
        ("lower(name) == 'cần thơ'", True),
        ("starts_with(kind, 'cong')", True),
        ("starts_with(kind, 'van')", False),
        ("ends_with(kind, '_van')", True),
        ("contains(name, 'Thơ')", True),
        ("contains(name, 'Tho')", False),
        ("min(rounds, 3) == 2", True),
        ("max(rounds, len(kind)) == 8", True),
        ("is_set(leader)", False),
        ("is_set(missing)", False),
        ("is_set(note)", True),
        ("is_set(rounds) and rounds < 3", True),
        ("is_set(missing) and missing < 3", False),
        ("not is_set(missing) or missing < 3", True),
        ("(approved)", True),
        ("approved\n  and kind == 'cong_van'\r\n  and\trounds == 2", True),
        ("not not approved", True),
        ("(kind == 'a') == False", True),
    ],
)
def test_expression_decides_when_names_have_values(text: str, expected: bool) -> None:
    assert compile_condition(text).decide(DATA) is expected


@pytest.mark.parametrize(
    ("text", "expected", "kind"),
    [
        ("16", 16, Kind.NUMBER),
        ("'hoả tốc'", "hoả tốc", Kind.TEXT),
        ("True", True, Kind.TRUTH),
        ("null", None, Kind.NOTHING),
        ("rounds", 2, Kind.ANY),
        ("leader", None, Kind.ANY),
        ("len(kind)", 8, Kind.NUMBER),
        ("lower('ĐÃ KÝ')", "đã ký", Kind.TEXT),
        ("name[0]", "C", Kind.TEXT),
        ("(1, 2, 3)[1]", 2, Kind.ANY),
        ("max(rounds, 5)", 5, Kind.NUMBER),
        ("rounds == 2", True, Kind.TRUTH),
    ],
)
def test_expression_gives_any_plain_value(text: str, expected: Plain, kind: Kind) -> None:
    expression = compile_expression(text)
    value = expression.evaluate(DATA)
    assert (value, type(value), expression.kind) == (expected, type(expected), kind)


@pytest.mark.parametrize(
    "text",
    ["name == 'Cần Thơ'", "name in ('Cần Thơ', 'a')", "contains(name, 'ầ')", "len(name) == 7"],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("data_form", ["NFC", "NFD"])
def test_text_is_the_same_however_it_was_typed(text: str, form: str, data_form: str) -> None:
    written = unicodedata.normalize(form, text)  # type: ignore[arg-type]
    name = unicodedata.normalize(data_form, "Cần Thơ")  # type: ignore[arg-type]
    assert compile_expression(written).decide({"name": name})


def test_expression_names_what_it_reads() -> None:
    expression = compile_expression("approved == True and kind in ('a', other) or is_set(leader)")
    assert expression.names == {"approved", "kind", "other", "leader"}


def test_expression_lists_its_constants() -> None:
    expression = compile_expression("kind in ('a', 'b') and rounds < 3 and leader == None")
    assert expression.constants == ("a", "b", 3, None)


def test_expression_is_compiled_once_when_asked_again() -> None:
    assert compile_expression("approved") is compile_expression("approved")


def test_memory_of_expressions_is_bounded() -> None:
    for number in range(3000):
        compile_expression(f"rounds == {number}")
    assert compile_expression.cache_info().currsize <= 1024


def test_refusal_says_what_was_missing_when_data_is() -> None:
    with pytest.raises(InvalidInputError) as caught:
        compile_expression("missing == True").decide(DATA)
    assert caught.value.code is ErrorCode.PROCESS_DATA
    assert caught.value.params["reason"] == "missing has no value"


def test_later_part_is_not_asked_when_an_earlier_one_decides() -> None:
    assert compile_expression("approved or missing").decide(DATA) is True
    assert compile_expression("not approved and missing").decide(DATA) is False


@pytest.mark.parametrize("name", [*FUNCTIONS, IS_SET])
def test_function_cannot_be_read_as_a_name(name: str) -> None:
    with pytest.raises(InvalidInputError, match="is a function"):
        compile_expression(f"{name} == 1")


def test_condition_engine_refuses_scripts() -> None:
    engine = ConditionEngine()
    for run in (engine.execute, engine.call_service):
        with pytest.raises(InvalidInputError):
            run(None, "import os")


PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", "a", "b", "Ầ"]), st.text()
)
WORDS = """ ( ) [ ] , == != < <= > >= in and or not True None null 0 1 2 'a' 'b' "Ầ" a b c """
TOKENS = st.sampled_from([*WORDS.split(), *FUNCTIONS, IS_SET])


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(st.text(max_size=80), st.lists(TOKENS, max_size=14).map(" ".join)),
    st.dictionaries(st.sampled_from("abc"), PLAIN),
)
def test_anything_is_refused_in_the_house_way_or_gives_a_plain_value(
    text: str, data: Mapping[str, Plain]
) -> None:
    try:
        value = compile_expression(text).evaluate(data)
    except InvalidInputError as error:
        assert error.code in {ErrorCode.PROCESS_INVALID, ErrorCode.PROCESS_DATA}  # noqa: PT017 - a fuzz
    else:
        assert type(value) in {str, int, bool, type(None)}


NUMBERS = st.deferred(
    lambda: st.one_of(
        st.integers(0, 5).map(str),
        st.sampled_from(["n", "m"]),
        TEXTS.map(lambda text: f"len({text})"),
        st.tuples(st.sampled_from(["min", "max"]), NUMBERS, NUMBERS).map(
            lambda t: f"{t[0]}({t[1]}, {t[2]})"
        ),
    )
)
TEXTS = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["'a'", "'B'", "'ab'", "''", "s", "t"]),
        TEXTS.map(lambda text: f"lower({text})"),
    )
)
TRUTHS = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["True", "False", "p", "q"]),
        TRUTHS.map(lambda truth: f"not ({truth})"),
        st.tuples(TRUTHS, st.sampled_from(["and", "or"]), TRUTHS).map(
            lambda t: f"({t[0]}) {t[1]} ({t[2]})"
        ),
        _compared(NUMBERS),
        _compared(TEXTS),
        st.tuples(NUMBERS, NUMBERS, NUMBERS).map(lambda t: f"{t[0]} <= {t[1]} < {t[2]}"),
        st.tuples(TEXTS, st.sampled_from(["in", "not in"]), TEXTS, TEXTS).map(
            lambda t: f"{t[0]} {t[1]} ({t[2]}, {t[3]})"
        ),
    )
)


def _compared(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    tests = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    return st.tuples(values, tests, values).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(
    TRUTHS.filter(lambda text: len(text) <= 500),
    st.fixed_dictionaries(
        {
            **dict.fromkeys("nm", st.integers(-3, 6)),
            **dict.fromkeys("st", st.sampled_from(["", "a", "b", "AB"])),
            **dict.fromkeys("pq", st.booleans()),
        }
    ),
)
def test_well_formed_condition_means_what_it_means_in_python(
    text: str, data: Mapping[str, Plain]
) -> None:
    try:
        ours = compile_condition(text).decide(data)
    except InvalidInputError as error:
        assert error.params["reason"] == "nested too deep"  # noqa: PT017 - only depth is refused
        return
    known = {"__builtins__": {}, "len": len, "min": min, "max": max, "lower": str.lower}
    # Python itself is the reference for what was generated here, and for nothing else.
    assert ours is eval(text, known, dict(data))  # noqa: S307
