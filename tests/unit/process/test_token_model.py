"""The reference model by hand: small diagrams whose every token can be followed on paper."""

from collections import Counter

import pytest

from tests.unit.process.office import draw
from tests.unit.process.token_model import Data, Move, Table, Thrown, TokenModel
from tests.unit.process.traps.drawings import MESSAGE, OURS, VISAS, row, with_inside, with_message

CHOICE = draw(
    ["startEvent s", "userTask a", "exclusiveGateway g g-other", "userTask small", "userTask some",
     "userTask other", "endEvent e"],
    ["s a", "a g", "g small n &lt; 3", "g some n &lt; 10", "g other", "small e", "some e",
     "other e"],
)  # fmt: skip
EVENTS = draw(
    ["startEvent s", "exclusiveGateway m", "userTask a", "userTask b", "exclusiveGateway g g-m",
     "userTask reminded", "userTask late", "endEvent e", "endEvent d"],
    ["s m", "m a", "a b", "b g", "g m", "g e ok == True", "remind reminded", "reminded d",
     "expire late", "late d"],
    inside='<boundaryEvent id="remind" attachedToRef="a" cancelActivity="false"/>'
    '<boundaryEvent id="expire" attachedToRef="a"/>',
)  # fmt: skip
EVENTS = with_inside(EVENTS, "b", "", f'{OURS} trinhky:returnsTo="a"')


def waiting(model: TokenModel) -> list[str]:
    return sorted(token.node for token in model.waiting.values())


def play(model: TokenModel, node: str, **writes: str | int | bool) -> None:
    """Let the token at a node go on."""
    move = next(m for m in model.moves() if m.node == node and not (m.boundary or m.target))
    model.play(move, writes)


def fire(model: TokenModel, boundary: str) -> None:
    model.play(next(m for m in model.moves() if m.boundary == boundary), {})


def test_model_joins_one_token_of_each_flow_in_every_round() -> None:
    model = TokenModel(VISAS, {"ok": False}, {})
    for early, late in ("ab", "ba", "ba", "ab"):
        assert waiting(model) == ["a", "b"]
        play(model, early)
        assert waiting(model) == [late]
        assert not model.is_completed
        play(model, late)
        assert waiting(model) == ["check"]
        play(model, "check")
    play(model, "a")
    play(model, "b")
    play(model, "check", ok=True)
    assert (model.is_completed, model.ends) == (True, Counter({"e": 1}))


@pytest.mark.parametrize(("n", "reached"), [(2, "small"), (3, "some"), (10, "other")])
def test_model_takes_the_first_condition_that_holds_and_else_the_default(
    n: int, reached: str
) -> None:
    model = TokenModel(CHOICE, {}, {})
    play(model, "a", n=n)
    assert waiting(model) == [reached]


def test_model_fires_an_event_that_stays_once_each_time_its_task_is_reached() -> None:
    model = TokenModel(EVENTS, {"ok": False}, {})
    fire(model, "remind")
    assert waiting(model) == ["a", "reminded"]
    assert {move.boundary for move in model.moves()} == {"", "expire"}
    play(model, "a")
    play(model, "b")
    fire(model, "remind")
    assert waiting(model) == ["a", "reminded", "reminded"]


def test_model_takes_the_task_away_when_an_event_interrupts_it() -> None:
    model = TokenModel(EVENTS, {"ok": False}, {})
    fire(model, "expire")
    assert waiting(model) == ["late"]
    play(model, "late")
    assert (model.is_completed, model.ends) == (True, Counter({"d": 1}))


def test_model_sends_a_task_back_to_where_it_may_go() -> None:
    model = TokenModel(EVENTS, {"ok": False}, {})
    play(model, "a")
    ((number, token),) = model.waiting.items()
    assert model.moves() == [Move(number, "b"), Move(number, "b", target="a")]
    model.play(Move(number, token.node, target="a"), {})
    assert waiting(model) == ["a"]


def test_model_sends_what_an_event_declares() -> None:
    about = f'{OURS} trinhky:correlation="letter" trinhky:payload="number letter"'
    xml = with_message(row("intermediateThrowEvent", MESSAGE, attributes=about), "answer")
    model = TokenModel(xml, {"letter": "d1", "number": 7, "note": "ours"}, {})
    assert model.thrown == []
    play(model, "a")
    correlation: Data = {"letter": "d1"}
    assert model.thrown == [Thrown("w", "answer", correlation, {"number": 7, "letter": "d1"})]
    assert waiting(model) == ["z"]


@pytest.mark.parametrize(
    ("count", "urgent", "answer"), [(1, True, "x"), (1, False, "y"), (2, True, "z")]
)
def test_model_takes_the_first_rule_of_a_table_that_matches(
    count: int, urgent: bool, answer: str
) -> None:
    rules = [([[1], [True]], "x"), ([[1], None], "y"), ([None, None], "z")]
    table = Table(["count", "urgent"], "answer", rules)
    model = TokenModel(
        row("businessRuleTask", attributes=f'{OURS} trinhky:decision="t"'), {}, {"t": table}
    )
    play(model, "a", count=count, urgent=urgent)
    assert model.data == {"count": count, "urgent": urgent, "answer": answer}
