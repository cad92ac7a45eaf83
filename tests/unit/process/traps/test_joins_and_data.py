"""T2, T7, T8: joins in loops, and data that branches share."""

from itertools import permutations, product

import pytest

from engine.errors import ErrorCode, InvalidInputError
from engine.process.model import InstanceStatus
from tests.unit.process.office import draw
from tests.unit.process.traps.drawings import PARALLEL, VISAS
from tests.unit.process.traps.ours import OurRun, refusal
from tests.unit.process.traps.stock import StockRun

#: Who of two is first, in each of three rounds.
ORDERS = list(product(permutations("ab"), repeat=3))
INCLUSIVE = VISAS.replace(b"parallelGateway", b"inclusiveGateway")
for _branch in (b"a", b"b"):
    INCLUSIVE = INCLUSIVE.replace(
        b'targetRef="%b">' % _branch,
        b'targetRef="%b"><conditionExpression>wanted == True</conditionExpression>' % _branch,
        1,
    )


def is_right(run: StockRun | OurRun, order: tuple[tuple[str, ...], ...]) -> bool:
    """Tell whether both have looked at the letter before it is checked, in every round."""
    for number, (early, late) in enumerate(order):
        if run.ready() != ["a", "b"]:
            return False
        run.do(early)
        if run.ready() != [late]:
            return False
        run.do(late)
        if run.ready() != ["check"]:
            return False
        ok = number == len(order) - 1
        run.do("check", {"ok": ok}) if isinstance(run, StockRun) else run.do("check", ok=ok)
    return not run.ready()


def test_stock_join_is_right_in_two_of_eight_orders_of_rework() -> None:
    right = [order for order in ORDERS if is_right(StockRun(VISAS, ok=False), order)]
    assert right == [(("a", "b"),) * 3, (("b", "a"),) * 3]


def test_stock_inclusive_join_is_right_in_no_order_of_rework() -> None:
    assert not any(is_right(StockRun(INCLUSIVE, ok=False, wanted=True), order) for order in ORDERS)


@pytest.mark.parametrize("order", ORDERS)
def test_our_join_is_right_in_every_order_of_rework(order: tuple[tuple[str, ...], ...]) -> None:
    run = OurRun(VISAS, writes={"check": "ok"}, ok=False)
    assert is_right(run, order)
    assert run.status is InstanceStatus.COMPLETED


def test_inclusive_gateway_is_refused_by_name() -> None:
    assert "inclusiveGateway" in refusal(INCLUSIVE)


def test_stock_join_loses_a_comment_when_two_branches_add_one_each() -> None:
    run = StockRun(PARALLEL, comments=["first"])
    run.do("a", {"comments": ["first", "of a"]})
    run.do("b", {"comments": ["first", "of b"]})
    assert run.task("z").data["comments"] == ["first", "of b"]


def test_our_branches_write_a_value_each_and_lists_are_refused() -> None:
    run = OurRun(PARALLEL, writes={"a": "opinion_a", "b": "opinion_b"})
    with pytest.raises(InvalidInputError) as caught:
        run.do("a", opinion_a=["first", "of a"])  # type: ignore[arg-type]
    assert caught.value.code is ErrorCode.PROCESS_DATA
    run.do("a", opinion_a="of a")
    run.do("b", opinion_b="of b")
    assert run.data()["opinion_a"] == "of a"
    assert run.data()["opinion_b"] == "of b"


def test_stock_branches_see_what_the_other_changes_before_they_join() -> None:
    run = StockRun(PARALLEL, letter={"heading": {"title": "old"}})
    run.task("a").data["letter"]["heading"]["title"] = "new"
    assert run.task("b").data["letter"]["heading"]["title"] == "new"
    finished = next(t for t in run.workflow.get_tasks() if t.task_spec.name == "s")
    assert finished.data["letter"]["heading"]["title"] == "new"


def test_our_data_changes_only_by_what_a_step_writes() -> None:
    writes = {"opinion_a": "of a"}
    run = OurRun(PARALLEL, writes={"a": "opinion_a"}, opinion_a="none")
    run.do("a", **writes)
    writes["opinion_a"] = "changed behind its back"
    assert run.data()["opinion_a"] == "of a"


#: A back edge straight into a join: no order of clicks makes sense of it.
INTO_JOIN = draw(
    ["startEvent s", "parallelGateway j", "userTask a", "exclusiveGateway g g-e", "endEvent e"],
    ["s j", "j a", "a g", "g j again == True", "g e"],
)


def test_way_back_into_a_join_is_refused_with_the_join() -> None:
    assert "j" in refusal(INTO_JOIN)
