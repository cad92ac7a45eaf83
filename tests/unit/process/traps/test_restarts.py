"""T1, T3, T4, T5, T6, T13, T14: what becomes of an instance that is saved and restored."""

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.util.task import TaskState

from engine.errors import ErrorCode, InvalidInputError
from engine.process.codec import decode, encode
from engine.process.model import InstanceStatus
from tests.unit.process.office import NOW, Office, draw
from tests.unit.process.traps.drawings import PARALLEL, REWORK, row, with_message
from tests.unit.process.traps.many import MANY
from tests.unit.process.traps.ours import OurRun, a_procedure, refusal
from tests.unit.process.traps.stock import SERIALIZER, StockRun, parse

FAN_OUT = draw(
    ["startEvent s", "parallelGateway f", *(f"userTask t{n}" for n in range(8)),
     "parallelGateway j", "userTask z", "endEvent e"],
    ["s f", *(f"f t{n}" for n in range(8)), *(f"t{n} j" for n in range(8)), "j z", "z e"],
)  # fmt: skip


# --- T1: a worker starts again in the middle of a fan-out ---------------------------------------


def test_stock_fan_out_is_stuck_when_a_new_worker_restores_on_what_it_parsed() -> None:
    run = StockRun(MANY, agencies=["one", "two", "three"])
    run.do("draft")
    saved = json.loads(run.save())
    SERIALIZER.migrate(saved)
    saved["spec"] = parse(MANY)  # kept once for all instances, as a worker must
    run.workflow = SERIALIZER.from_dict(saved)
    while run.tasks():
        run.do("ack", {"answer": "yes"})
    assert not run.workflow.completed
    left = run.workflow.get_tasks(state=TaskState.STARTED)
    assert [task.task_spec.name for task in left] == ["ack"]


def test_our_fan_out_goes_on_when_every_step_is_done_by_a_new_worker() -> None:
    run = OurRun(FAN_OUT)
    for node in [f"t{n}" for n in (3, 0, 7, 1, 6, 2, 5, 4)]:
        assert "z" not in run.ready()
        run.do(node)
    run.do("z")
    assert run.status is InstanceStatus.COMPLETED


# --- T3: two instances of one definition --------------------------------------------------------

RECALL = (
    '<subProcess id="sub" triggeredByEvent="true"><startEvent id="heard">'
    '<messageEventDefinition messageRef="msg"/></startEvent><userTask id="extra" name="extra"/>'
    '<endEvent id="done"/><sequenceFlow id="i" sourceRef="heard" targetRef="extra"/>'
    '<sequenceFlow id="o" sourceRef="extra" targetRef="done"/></subProcess>'
)
RECALLED = with_message(row("userTask", process=RECALL), "recall")


def test_stock_event_subprocess_spoils_every_later_instance_of_the_definition() -> None:
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(RECALLED))
    spec, inner = parser.get_spec("flow"), parser.get_subprocess_specs("flow")

    def finishes(*, recalled: bool) -> bool:
        workflow = BpmnWorkflow(spec, inner)
        workflow.do_engine_steps()
        if recalled:
            workflow.send_event(BpmnEvent(MessageEventDefinition("recall"), {}))
            workflow.do_engine_steps()
        while ready := workflow.get_tasks(state=TaskState.READY, manual=True):
            ready[0].run()
            workflow.do_engine_steps()
        return bool(workflow.completed)

    assert [finishes(recalled=recalled) for recalled in (False, True, False, False)] == [
        True,
        True,
        False,
        False,
    ]


def test_event_subprocess_is_refused_by_name() -> None:
    assert "subProcess" in refusal(RECALLED)


def test_our_instances_of_one_definition_leave_each_other_alone() -> None:
    office = Office(a_procedure(REWORK, {"a": "ok"}))
    runs = [OurRun(REWORK, office=office, key=f"d{n}", ok=False) for n in range(3)]
    runs[0].do("a", ok=True)
    for _ in range(5):
        runs[1].do("a", ok=False)
    before = runs[2].state
    assert [run.status for run in runs] == [
        InstanceStatus.COMPLETED,
        InstanceStatus.RUNNING,
        InstanceStatus.RUNNING,
    ]
    runs[1].do("a", ok=True)
    assert runs[2].state == before
    runs[2].do("a", ok=True)
    assert {run.status for run in runs} == {InstanceStatus.COMPLETED}


# --- T4: thousands of reworks -------------------------------------------------------------------


def test_stock_loop_is_dead_after_a_third_of_a_thousand_rounds() -> None:
    run = StockRun(REWORK, ok=False)
    rounds = 0
    while run.tasks():
        run.do("a")
        rounds += 1
    assert rounds == 333
    hidden = [t for t in run.workflow.tasks.values() if t.state == TaskState.READY]
    assert [task.task_spec.name for task in hidden] == ["m"]
    assert not run.workflow.completed


def test_stock_state_grows_with_every_round() -> None:
    run = StockRun(REWORK, ok=False)
    sizes: dict[int, int] = {}
    for number in range(1, 101):
        run.do("a")
        sizes[number] = len(run.save()) if number in {10, 100} else 0
    assert sizes[100] > 5 * sizes[10]


def test_our_loop_goes_on_for_3000_rounds_in_the_same_few_bytes() -> None:
    run = OurRun(REWORK, writes={"a": "ok"}, ok=False)
    sizes: dict[int, int] = {}
    for number in range(1, 3001):
        run.do("a", ok=False)
        sizes[number] = len(run.state)
    assert sizes[3000] == sizes[1] < 300
    run.do("a", ok=True)
    assert run.status is InstanceStatus.COMPLETED


# --- T5: a store that reorders keys -------------------------------------------------------------


def test_stock_state_loses_data_when_the_store_reorders_its_keys() -> None:
    run = StockRun(REWORK, ok=False, **{f"key_{n}": n for n in range(7)})
    run.do("a")
    assert len(run.task("a").data) == 8
    stored = json.dumps(json.loads(run.save()), sort_keys=True)
    run.workflow = SERIALIZER.deserialize_json(stored)
    assert run.task("a").data == {}


def test_our_state_means_the_same_when_its_keys_are_reordered() -> None:
    run = OurRun(PARALLEL, **{f"key_{n}": n for n in range(7)})
    run.do("b")
    reordered = orjson.dumps(orjson.loads(run.state), option=orjson.OPT_SORT_KEYS)
    assert reordered != run.state
    assert decode(reordered) == decode(run.state)


# --- T6, T13: what people type ------------------------------------------------------------------


@pytest.mark.parametrize("value", ["Nghị quyết", "BpmnWorkflow", "Task", "datetime", "UUID"])
def test_stock_instance_is_bricked_by_a_field_named_typename(value: str) -> None:
    run = StockRun(REWORK, ok=False)
    run.do("a", {"form": {"typename": value}})
    with pytest.raises((TypeError, KeyError)):
        run.restart()


@pytest.mark.parametrize("value", ["Nghị quyết", "BpmnWorkflow", "Task", "datetime", "UUID"])
def test_our_instance_keeps_a_field_named_typename(value: str) -> None:
    run = OurRun(REWORK, writes={"a": "ok typename"}, ok=False)
    run.do("a", ok=False, typename=value)
    run.do("a", ok=False, typename=f"{value} again")
    assert run.data()["typename"] == f"{value} again"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ((1, 2), [1, 2]),
        ({1: "one"}, {"1": "one"}),
        (timedelta(microseconds=1_500_001), timedelta(seconds=1)),
    ],
)
def test_stock_values_come_back_as_others(value: object, kept: object) -> None:
    run = StockRun(REWORK, ok=False)
    run.do("a", {"value": value})
    run.restart()
    assert run.task("a").data["value"] == kept


@pytest.mark.parametrize("value", [Decimal("1.5"), NOW.date(), object()])
def test_stock_values_are_refused_only_when_the_step_has_been_taken(value: object) -> None:
    run = StockRun(REWORK, ok=False)
    run.do("a", {"value": value})
    with pytest.raises(TypeError, match="not JSON serializable"):
        run.save()


def test_stock_state_takes_a_form_of_one_megabyte() -> None:
    run = StockRun(REWORK, ok=False)
    run.do("a", {"text": "ơ" * 500_000})
    assert len(run.save().encode()) > 1_000_000


def test_stock_dictionary_alone_cannot_be_stored_when_data_has_a_time() -> None:
    run = StockRun(REWORK, ok=False, at=datetime(2026, 1, 5, tzinfo=UTC))
    with pytest.raises(TypeError, match="datetime"):
        json.dumps(SERIALIZER.to_dict(run.workflow))


@pytest.mark.parametrize(
    "value",
    [
        Decimal("1.5"),
        (1, 2),
        {1: "one"},
        {"typename": "BpmnWorkflow"},
        timedelta(microseconds=1_500_001),
        NOW,
        NOW.date(),
        1.5,
        "ơ" * 500_000,
        "\ud800",
        2**63,
    ],
)
def test_our_step_is_refused_with_the_key_and_may_be_taken_again(value: Any) -> None:
    run = OurRun(REWORK, writes={"a": "ok amount"}, ok=False)
    before = run.office.store.get_instance(run.id)
    with pytest.raises(InvalidInputError) as caught:
        run.do("a", ok=False, amount=value)
    assert (caught.value.code, caught.value.params["key"]) == (ErrorCode.PROCESS_DATA, "amount")
    assert run.office.store.get_instance(run.id) == before
    run.do("a", ok=False, amount=1)
    assert run.data()["amount"] == 1


def test_stock_service_task_can_neither_be_saved_nor_finished() -> None:
    run = StockRun(row("serviceTask"))
    with pytest.raises(TypeError, match="ServiceTask"):
        run.save()
    run.do("a")
    assert run.ready() == []
    assert not run.workflow.completed


def test_our_operation_waits_in_the_state_until_the_house_has_done_it() -> None:
    run = OurRun(row("serviceTask"))
    run.do("a")
    assert run.ready() == []
    run.office.processes().complete_operation(run.id, "w", now=NOW)
    assert run.ready() == ["z"]


# --- T14: many threads, one serializer ----------------------------------------------------------


def test_stock_serializer_shares_a_flag_between_threads() -> None:
    """While one thread saves, `to_dict` of another would leave what has to be converted."""
    seen: list[bool] = []

    class Looking(dict[str, object]):
        def items(self) -> Any:
            thread = threading.Thread(
                target=lambda: seen.append(SERIALIZER.registry._encoder_mode)
            )
            thread.start()
            thread.join()
            return super().items()

    run = StockRun(REWORK, ok=False)
    run.workflow.data = Looking(run.workflow.data)
    assert not SERIALIZER.registry._encoder_mode
    SERIALIZER.serialize_json(run.workflow)
    assert True in seen


def test_our_codec_gives_each_thread_its_own_state() -> None:
    runs = [OurRun(PARALLEL, key_of_mine=n) for n in range(8)]
    wrong: list[Mapping[str, object]] = []

    def turn(run: OurRun, number: int) -> None:
        state = run.state
        for _ in range(200):
            state = encode(decode(state))
        if decode(state).data["key_of_mine"] != number or state != run.state:
            wrong.append(decode(state).data)

    threads = [threading.Thread(target=turn, args=(run, n)) for n, run in enumerate(runs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
