"""T9, T16: asking many for the same thing, and ending what has begun."""

from collections.abc import Sequence

import pytest
from SpiffWorkflow.bpmn.exceptions import WorkflowDataException
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.util.task import TaskState

from engine.errors import ConflictError
from engine.process.model import InstanceStatus
from tests.unit.process.office import NOW, draw
from tests.unit.process.traps.drawings import PARALLEL, with_message
from tests.unit.process.traps.many import CARDINALITY, MANY, ROW, many
from tests.unit.process.traps.ours import CLERK, OurRun, refusal
from tests.unit.process.traps.stock import SERIALIZER, StockRun

ROUNDS = many(
    draw(
        ["startEvent s", "exclusiveGateway m", "userTask ack", "userTask check",
         "exclusiveGateway g g-m", "endEvent e"],
        ["s m", "m ack", "ack check", "check g", "g m", "g e ok == True"],
    )
)  # fmt: skip
LATE = with_message(
    MANY.replace(
        b"</process>",
        b'<boundaryEvent id="late" attachedToRef="ack"><messageEventDefinition messageRef="msg"/>'
        b'</boundaryEvent><userTask id="timeout" name="timeout"/>'
        b'<sequenceFlow id="q1" sourceRef="late" targetRef="timeout"/>'
        b'<sequenceFlow id="q2" sourceRef="timeout" targetRef="e"/></process>',
    ),
    "too_late",
)


def asked(xml: bytes = MANY) -> StockRun:
    """Return an instance in which three agencies have been asked."""
    run = StockRun(xml, agencies=["one", "two", "three"])
    run.do("draft")
    assert run.ready() == ["ack"] * 3
    return run


def answer(run: StockRun, agencies: Sequence[str]) -> None:
    for agency in agencies:
        task = next(t for t in run.tasks() if t.data.get("agency") == agency)
        task.data["answer"] = f"of {agency}"
        task.run()
        run.workflow.do_engine_steps()


def test_stock_parent_waits_for_ever_when_one_of_many_is_cancelled() -> None:
    run = asked()
    run.tasks()[0].cancel()
    answer(run, ["two", "three"])
    assert run.ready() == []
    assert not run.workflow.completed
    left = run.workflow.get_tasks(state=TaskState.STARTED)
    assert [task.task_spec.name for task in left] == ["ack"]


def test_stock_answers_are_in_the_order_of_clicks_and_not_of_agencies() -> None:
    run = asked()
    answer(run, ["three", "one", "two"])
    assert run.task("z").data["answers"] == ["of three", "of one", "of two"]


def test_stock_second_round_fails_when_the_first_has_answers() -> None:
    run = StockRun(ROUNDS, agencies=["one", "two"], ok=False)
    answer(run, ["one", "two"])
    with pytest.raises(WorkflowDataException, match="the output must be empty"):
        run.do("check")


def test_stock_count_fails_when_there_are_answers_already() -> None:
    run = StockRun(many(ROW, CARDINALITY), answers=[])
    with pytest.raises(NameError):
        run.do("draft")


def test_stock_answers_so_far_are_lost_when_time_is_up() -> None:
    run = asked(LATE)
    answer(run, ["one"])
    run.workflow.send_event(BpmnEvent(MessageEventDefinition("too_late"), {}))
    run.workflow.do_engine_steps()
    assert run.ready() == ["timeout"]
    assert "answers" not in run.task("timeout").data


@pytest.mark.parametrize("xml", [MANY, ROUNDS, LATE, many(ROW, CARDINALITY)])
def test_task_done_by_many_is_refused_by_name(xml: bytes) -> None:
    assert "multiInstanceLoopCharacteristics" in refusal(xml)


def test_stock_cancelled_instance_says_that_it_is_completed() -> None:
    run = StockRun(PARALLEL)
    run.workflow.cancel()
    assert run.workflow.completed
    run.restart()
    assert run.workflow.completed


def test_our_cancelled_instance_says_that_it_is_cancelled_and_stands_still() -> None:
    run = OurRun(PARALLEL)
    item = run.item("a")
    run.office.processes().cancel(run.id, actor=CLERK, now=NOW, reason="Trùng văn bản")
    assert run.status is InstanceStatus.CANCELLED
    assert run.ready() == []
    with pytest.raises(ConflictError):
        run.complete(item)


def test_stock_second_click_on_a_task_is_not_noticed() -> None:
    run = StockRun(PARALLEL)
    task = run.task("a")
    task.run()
    assert task.state == TaskState.COMPLETED
    assert task.run()
    assert run.ready() == ["b"]


def test_our_second_click_on_a_task_is_refused() -> None:
    run = OurRun(PARALLEL)
    item = run.item("a")
    run.complete(item)
    with pytest.raises(ConflictError):
        run.complete(item)
    assert run.ready() == ["b"]


def test_stock_step_is_lost_when_two_workers_save_one_instance() -> None:
    """There is no version: who saves last has the only truth."""
    run = StockRun(PARALLEL)
    saved = run.save()
    workers = [StockRun(PARALLEL), StockRun(PARALLEL)]
    for worker, node in zip(workers, ("a", "b"), strict=True):
        worker.workflow = SERIALIZER.deserialize_json(saved)
        worker.do(node)
    run.workflow = SERIALIZER.deserialize_json([worker.save() for worker in workers][-1])
    assert run.ready() == ["a"]
