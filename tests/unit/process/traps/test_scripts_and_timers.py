"""T11, T12, T15: texts in a diagram that are Python there, and what an error leaves behind."""

import os
from pathlib import Path

import pytest
from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.util.task import TaskState

from engine.errors import InvalidInputError
from tests.unit.process.office import draw
from tests.unit.process.traps.drawings import row
from tests.unit.process.traps.ours import OurRun, refusal
from tests.unit.process.traps.stock import StockRun


def timer(text: str, kind: str = "timeDuration") -> bytes:
    definition = f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"
    return row("intermediateCatchEvent", definition)


def script(text: str) -> bytes:
    return row("scriptTask", f"<script>{text}</script>")


def condition(text: str) -> bytes:
    return draw(
        ["startEvent s", "userTask a", "exclusiveGateway g g-e", "userTask z", "endEvent e"],
        ["s a", "a g", f"g z {text}", "g e", "z e"],
    )


def states_of(run: StockRun) -> set[str]:
    return {TaskState.get_name(task.state) for task in run.workflow.tasks.values()}


@pytest.mark.parametrize(
    "xml",
    [
        timer("P1D"),
        timer("2026-01-05T09:00:00+07:00", "timeDate"),
        timer("R6/P1D", "timeCycle"),
    ],
)
def test_stock_timer_breaks_the_instance_when_it_is_written_as_the_standard_says(
    xml: bytes,
) -> None:
    run = StockRun(xml)
    with pytest.raises(WorkflowTaskException, match="Error evaluating expression"):
        run.do("a")
    assert run.ready() == []
    assert not run.workflow.completed


@pytest.mark.parametrize(
    "xml", [timer("P1D"), timer("PT4H"), timer("2026-01-05T09:00:00+07:00", "timeDate")]
)
def test_our_timer_waits_when_it_is_written_as_the_standard_says(xml: bytes) -> None:
    run = OurRun(xml)
    run.do("a")
    assert run.ready() == []
    assert [token.node for token in run.tokens()] == ["w"]


@pytest.mark.parametrize(
    ("xml", "named"),
    [
        (timer("&quot;P1D&quot;"), "P1D"),
        (timer("R6/P1D", "timeCycle"), "timeCycle"),
        (timer("__import__('os').getcwd()"), "__import__"),
        (timer("2026-01-05T09:00:00", "timeDate"), "2026-01-05T09:00:00"),
        (timer("P1M"), "P1M"),
    ],
)
def test_our_timer_is_refused_when_its_text_is_no_length_and_no_moment(
    xml: bytes, named: str
) -> None:
    assert named in refusal(xml)


def test_stock_script_error_leaves_an_instance_that_nobody_can_move() -> None:
    run = StockRun(script("share = 1 / 0"))
    with pytest.raises(WorkflowTaskException, match="ZeroDivisionError"):
        run.do("a")
    assert "ERROR" in states_of(run)
    run.restart()
    assert run.ready() == []
    assert not run.workflow.completed


def test_our_instance_stands_where_it_was_when_a_condition_cannot_decide() -> None:
    run = OurRun(condition("amount &gt; 3"), writes={"a": "amount"})
    before = run.office.store.get_instance(run.id)
    item = run.item("a")
    with pytest.raises(InvalidInputError):
        run.complete(item, amount="many")
    assert run.office.store.get_instance(run.id) == before
    assert run.ready() == ["a"]
    run.complete(item, amount=4)
    assert run.ready() == ["z"]


def test_stock_script_reaches_the_server() -> None:
    run = StockRun(script("import os; found = os.getcwd()"))
    run.do("a")
    assert run.task("z").data["found"] == str(Path.cwd())


def test_stock_condition_reaches_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REACHED_BY_A_CONDITION", raising=False)
    run = StockRun(condition("__import__('os').putenv('REACHED_BY_A_CONDITION', '1') is None"))
    monkeypatch.setattr(os, "putenv", lambda name, value: reached.append((name, value)))
    reached: list[tuple[str, str]] = []
    run.do("a")
    assert reached == [("REACHED_BY_A_CONDITION", "1")]


def test_script_is_refused_by_name() -> None:
    assert "scriptTask" in refusal(script("share = 1"))


@pytest.mark.parametrize(
    "text", ["__import__('os').getcwd() != ''", "ok.__class__ == 1", "[x for x in y] == 1"]
)
def test_condition_is_refused_when_it_is_more_than_a_comparison(text: str) -> None:
    assert "condition.refused" in refusal(condition(text), ["ok", "y"])
