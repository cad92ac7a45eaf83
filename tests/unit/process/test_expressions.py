import pytest

from engine.errors import ErrorCode, InvalidInputError
from engine.process.execution import ConditionEngine
from engine.process.expressions import compile_expression

ESCAPES = [
    "__import__('os').system('id')",
    "().__class__.__bases__[0].__subclasses__()",
    "approved.__class__",
    "approved.__class__.__mro__",
    "open('/etc/passwd')",
    "eval('1')",
    "exec('1')",
    "getattr(approved, 'x')",
    "lambda: True",
    "(lambda: True)()",
    "[x for x in (1, 2)]",
    "{x for x in (1, 2)}",
    "{x: x for x in (1, 2)}",
    "(x for x in (1, 2))",
    "{'a': 1}",
    "{1, 2}",
    "9**9**9",
    "2 << 100000",
    "'a' * 1000000000",
    "1 + 1 == 2",
    "-1 == 1",
    "~1 == 1",
    "'%s' % approved == ''",
    "f'{approved}' == ''",
    "f'{approved.__class__}' == ''",
    "'{0.__class__}'.format(approved) == ''",
    "(a := True)",
    "approved if approved else approved",
    "await approved",
    "yield approved",
    "*approved, 1",
    "print(1)",
    "approved == b'bytes'",
    "approved == 1.5",
    "approved == 1j",
    "approved == ...",
    "_private == 1",
    "__builtins__ == 1",
    "__debug__",
    "ａpproved == 1 and ｅval('1')",
    "Approved == True",
    "approved[approved]",
    "approved[0:2] == 'a'",
    "approved[-1] == 'a'",
    "approved is True",
    "approved is not None",
    "import os",
    "approved = True",
    "approved; import os",
    "approved\nimport os",
    "'\\x41' == approved",
    "not " * 100 + "approved",
    "(" * 240 + "approved" + ")" * 240,
    "approved == " + "9" * 400,
    "approved == '" + "a" * 300 + "'",
    "approved == True and " * 40 + "approved",
    "",
    " ",
    "# comment",
    "\x00approved",
    "approved == 10000000000000000",
    "breakpoint()",
    "globals()['__builtins__']",
    "approved @ approved",
    "type(approved) == type(1)",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_expression_is_refused_when_outside_the_language(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        compile_expression(text)
    assert caught.value.code is ErrorCode.PROCESS_INVALID


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("approved", True),
        ("not approved", False),
        ("approved == True", True),
        ("approved == True and kind != 'cong_van'", False),
        ("kind == 'cong_van' or not approved", True),
        ("kind in ('cong_van', 'giay_moi')", True),
        ("kind not in ['thong_bao']", True),
        ("1 <= rounds < 3", True),
        ("3 <= rounds < 5", False),
        ("leader == None", True),
        ("kind[0] == 'c'", True),
        ("'cong' in kind", True),
        ("name == 'Cần Thơ'", True),
    ],
)
def test_expression_decides_when_names_have_values(text: str, expected: bool) -> None:
    data = {"approved": True, "kind": "cong_van", "rounds": 2, "leader": None, "name": "Cần Thơ"}
    assert compile_expression(text).decide(data) is expected


@pytest.mark.parametrize(
    "text",
    [
        "missing == True",
        "rounds",
        "kind",
        "not rounds",
        "rounds and approved",
        "kind < 1",
        "1 in rounds",
        "kind[9] == 'c'",
        "rounds[0] == 1",
        "leader",
    ],
)
def test_expression_refuses_when_it_cannot_decide(text: str) -> None:
    expression = compile_expression(text)
    with pytest.raises(InvalidInputError) as caught:
        expression.decide({"approved": True, "kind": "cv", "rounds": 2, "leader": None})
    assert caught.value.code is ErrorCode.PROCESS_DATA


def test_expression_names_what_it_reads() -> None:
    expression = compile_expression("approved == True and kind in ('a', 'b')")
    assert expression.names == {"approved", "kind"}


def test_expression_is_compiled_once_when_asked_again() -> None:
    assert compile_expression("approved") is compile_expression("approved")


def test_condition_engine_refuses_scripts() -> None:
    engine = ConditionEngine()
    for run in (engine.execute, engine.call_service):
        with pytest.raises(InvalidInputError):
            run(None, "import os")
