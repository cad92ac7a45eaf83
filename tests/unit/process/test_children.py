"""Call other processes and count answers: the parent goes on exactly once."""

from dataclasses import replace

import pytest

from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.organisation import SYSTEM
from engine.process.model import (
    Countdown,
    InstanceStatus,
    Procedure,
    StoredInstance,
    TaskId,
    TaskRule,
)
from engine.process.places import resume_entry
from engine.process.stepping import MAX_DEPTH
from engine.process.steps import PACE
from tests.unit.process.office import AGENCY, DRAFTER, NOW, Office, Running, a_flow, draw, shape

ANY = TaskRule(use_case="any")
NAMES = frozenset({"agency_id", "number", "hidden"})
EACH = "<multiInstanceLoopCharacteristics/>"


def a_child(nodes: list[str] | None = None, flows: list[str] | None = None) -> Procedure:
    xml = draw(
        ["startEvent s", *(nodes or ["userTask a"]), "endEvent e"],
        flows or ["s a", "a e"],
        process_id="child",
    )
    answer = TaskRule(use_case="any", writes=frozenset({"answer", "private"}))
    return Procedure(
        id="child",
        bpmn=xml,
        tasks={"a": answer},
        starts_with=frozenset({"agency_id", "number"}),
        may_be_called=True,
    )


def calling(child: Procedure | None = None, *, many: bool = False) -> Office:
    """Return an office where `flow` calls `child` between its tasks `a` and `b`."""
    call = shape(
        "callActivity",
        "c",
        EACH if many else "",
        calledElement="child",
        passes="agency_id number",
        takes="answer",
    )
    xml = draw(
        ["startEvent s", "userTask a", call, "userTask b", "endEvent e"],
        ["s a", "a c", "c b", "b e"],
    )
    operations = {"c": ""} if many else {}
    parent = replace(a_flow(xml, a=ANY, b=ANY), starts_with=NAMES, operations=operations)
    return Office(parent, child or a_child())


def children(office: Office) -> list[StoredInstance]:
    return [i for i in office.store.instances.values() if i.procedure_id == "child"]


def called(office: Office) -> tuple[Running, StoredInstance]:
    run = Running(office, number=7, hidden="x")
    run.do("a")
    (child,) = children(office)
    return run, child


def answer(office: Office, child: StoredInstance, text: str = "được") -> None:
    (item,) = office.store.list_open_work_items(child.id)
    office.processes().complete(
        item.id,
        DRAFTER,
        use_case="any",
        now=NOW,
        outcome="answered",
        writes={"answer": text, "private": "y"},
    )


def test_call_starts_its_child_with_what_it_passes_and_waits() -> None:
    office = calling()
    run, child = called(office)
    assert run.waiting() == ["c"]
    assert (child.parent_id, child.parent_task_id) == (run.id, run.task_id("c"))
    history = office.processes().list_history(child.id)
    assert [(entry.node_id, entry.actor_id) for entry in history] == [("s", DRAFTER.person_id)]
    opened = office.store.list_open_work_items(child.id)
    assert [item.node_id for item in opened] == ["a"]


def test_parent_goes_on_once_with_what_it_takes_when_its_child_has_ended() -> None:
    office = calling()
    run, child = called(office)
    answer(office, child)
    assert run.waiting() == ["c"]  # not in the child's transaction
    assert office.settle(NOW) == ["resume c"]
    assert run.waiting() == ["b"]
    assert run.data == {"agency_id": AGENCY, "number": 7, "hidden": "x", "answer": "được"}
    assert run.outcomes()[-1] == ("c", "answered", SYSTEM.person_id)
    assert office.settle(NOW) == []


def test_call_of_this_round_does_not_end_with_a_child_of_another() -> None:
    office = calling()
    run, _child = called(office)
    stale = Countdown(
        instance_id=run.id, node_id="c", task_id=TaskId("of another round"), total=1, left=0
    )
    office.store.add_due([resume_entry(stale, NOW)])
    assert office.settle(NOW) == ["resume c"]
    assert run.waiting() == ["c"]


def test_child_never_sees_what_is_not_passed() -> None:
    office = calling()
    _run, child = called(office)
    assert b"hidden" not in office.store.get_instance(child.id).state


def test_parent_goes_on_without_an_answer_when_its_child_is_cancelled() -> None:
    office = calling()
    run, child = called(office)
    office.processes().cancel(child.id, actor=SYSTEM, now=NOW, reason="Thôi")
    assert office.settle(NOW) == ["resume c"]
    assert run.waiting() == ["b"]
    assert run.data["answer"] is None


def test_child_that_ends_at_once_resumes_its_parent() -> None:
    child = a_child(["parallelGateway f", "parallelGateway j"], ["s f", "f j", "j e"])
    office = calling(replace(child, tasks={}))
    run, ended = called(office)
    assert ended.status is InstanceStatus.COMPLETED
    assert office.settle(NOW) == ["resume c"]
    assert run.waiting() == ["b"]


def test_cancelled_parent_takes_its_child_along() -> None:
    office = calling()
    run, child = called(office)
    office.processes().cancel(run.id, actor=DRAFTER, now=NOW, reason="Thôi")
    ended = office.store.get_instance(child.id)
    assert ended.status is InstanceStatus.CANCELLED
    assert office.store.list_open_work_items(child.id) == []
    last = office.processes().list_history(child.id)[-1]
    assert (last.outcome, last.actor_id) == ("cancelled", DRAFTER.person_id)
    assert office.store.due == {}
    assert office.settle(NOW) == []
    assert run.row.status is InstanceStatus.CANCELLED


def test_cancelled_grandparent_takes_everybody_along() -> None:
    office = two_deep()
    run = Running(office)
    grandchild = next(i for i in office.store.instances.values() if i.procedure_id == "third")
    office.processes().cancel(run.id, actor=SYSTEM, now=NOW, reason="Thôi")
    states = {i.status for i in office.store.instances.values()}
    assert states == {InstanceStatus.CANCELLED}
    assert office.store.get_instance(grandchild.id).version == 2
    assert office.store.due == {}


def two_deep() -> Office:
    def calls(name: str, target: str) -> Procedure:
        node = shape("callActivity", "c", calledElement=target, passes="agency_id")
        xml = draw(["startEvent s", node, "endEvent e"], ["s c", "c e"], process_id=name)
        return Procedure(
            id=name,
            bpmn=xml,
            tasks={},
            starts_with=frozenset({"agency_id"}),
            may_be_called=True,
        )

    last = Procedure(
        id="third",
        bpmn=draw(
            ["startEvent s", "userTask a", "endEvent e"], ["s a", "a e"], process_id="third"
        ),
        tasks={"a": ANY},
        starts_with=frozenset({"agency_id"}),
        may_be_called=True,
    )
    return Office(calls("flow", "second"), calls("second", "third"), last)


def test_end_of_a_grandchild_goes_up_step_by_step() -> None:
    office = two_deep()
    run = Running(office)
    third = next(i for i in office.store.instances.values() if i.procedure_id == "third")
    (item,) = office.store.list_open_work_items(third.id)
    office.processes().complete(item.id, DRAFTER, use_case="any", now=NOW, outcome="done")
    assert office.settle(NOW) == ["resume c"]
    assert office.settle(NOW + PACE) == ["resume c"]
    assert run.row.status is InstanceStatus.COMPLETED


def test_procedure_that_calls_itself_is_stopped() -> None:
    node = shape("callActivity", "c", calledElement="flow", passes="agency_id")
    by_people = draw(["startEvent s", "userTask a", node, "endEvent e"], ["s a", "a c", "c e"])
    at_once = draw(["startEvent s", node, "endEvent e"], ["s c", "c e"])
    for drawn in (by_people, at_once):
        itself = replace(
            a_flow(drawn, a=ANY), starts_with=frozenset({"agency_id"}), may_be_called=True
        )
        office = Office(itself)
        with pytest.raises(InvalidInputError) as caught:
            go_deeper(office)
        assert caught.value.code is ErrorCode.PROCESS_INVALID
        assert len(office.store.instances) == MAX_DEPTH


def go_deeper(office: Office) -> None:
    Running(office)
    while True:
        (item,) = [item for item in office.store.items.values() if item.closed_at is None]
        office.processes().complete(item.id, DRAFTER, use_case="any", now=NOW, outcome="done")


# --- several children ------------------------------------------------------------------------


def ask(office: Office, run: Running, *names: str) -> None:
    office.processes().start_children(
        run.task_id("c"),
        run.id,
        "c",
        {name: {"agency_id": AGENCY, "number": 1} for name in names},
        actor=DRAFTER,
        now=NOW,
    )


def test_parent_of_many_goes_on_when_the_last_has_ended() -> None:
    office = calling(many=True)
    run = Running(office, number=7)
    assert run.do("a").operations == ["c"]
    assert children(office) == []
    ask(office, run, "one", "two", "three")
    for child in children(office)[:2]:
        answer(office, child)
        assert office.settle(NOW) == []
        assert run.waiting() == ["c"]
    answer(office, children(office)[2])
    assert office.settle(NOW) == ["resume c"]
    assert run.waiting() == ["b"]
    assert "answer" not in run.data


def test_children_are_started_once_and_only_where_the_call_waits() -> None:
    office = calling(many=True)
    run = Running(office, number=7)
    token = run.task_id("a")
    with pytest.raises(ConflictError):
        office.processes().start_children(
            token, run.id, "a", {"one": {"agency_id": AGENCY}}, actor=DRAFTER, now=NOW
        )
    run.do("a")
    with pytest.raises(ConflictError):
        ask(office, run)
    ask(office, run, "one")
    with pytest.raises(ConflictError):
        ask(office, run, "two")
    answer(office, children(office)[0])
    office.settle(NOW)
    with pytest.raises(ConflictError):
        office.processes().start_children(
            token, run.id, "c", {"two": {"agency_id": AGENCY}}, actor=DRAFTER, now=NOW
        )


def test_call_is_not_completed_as_an_operation() -> None:
    office = calling()
    run, _child = called(office)
    with pytest.raises(ConflictError):
        run.operate("c")


# --- answers ---------------------------------------------------------------------------------


def awaiting() -> Office:
    xml = draw(
        ["startEvent s", "userTask a", "serviceTask w", "userTask b", "endEvent e"],
        ["s a", "a w", "w b", "b e"],
    )
    return Office(
        replace(
            a_flow(xml, a=ANY, b=ANY), operations={"w": ""}, starts_with=frozenset({"agency_id"})
        )
    )


def test_operation_is_completed_by_the_last_answer() -> None:
    office = awaiting()
    run = Running(office)
    run.do("a")
    office.processes().await_answers(run.id, "w", 3)
    for left in (2, 1):
        assert office.processes().count_answer(run.id, "w", NOW) == left
        assert office.settle(NOW) == []
    assert office.processes().count_answer(run.id, "w", NOW) == 0
    assert office.settle(NOW) == ["resume w"]
    assert run.waiting() == ["b"]
    assert office.processes().count_answer(run.id, "w", NOW) == 0
    assert office.settle(NOW) == []


@pytest.mark.parametrize("settled", [True, False])
def test_answers_that_come_before_the_node_is_reached_count(settled: bool) -> None:
    office = awaiting()
    run = Running(office)
    office.processes().await_answers(run.id, "w", 2)
    assert [office.processes().count_answer(run.id, "w", NOW) for _ in range(2)] == [1, 0]
    if settled:
        office.settle(NOW)
    assert run.waiting() == ["a"]
    run.do("a")
    office.settle(NOW)
    assert run.waiting() == ["b"]
    assert [node for node, _outcome, _actor in run.outcomes()].count("w") == 1
    assert office.store.due == {}


def test_one_answer_early_and_one_late_complete_the_operation_once() -> None:
    office = awaiting()
    run = Running(office)
    office.processes().await_answers(run.id, "w", 2)
    office.processes().count_answer(run.id, "w", NOW)
    run.do("a")
    assert office.settle(NOW) == []
    office.processes().count_answer(run.id, "w", NOW)
    assert office.settle(NOW) == ["resume w"]
    assert run.waiting() == ["b"]


def test_answers_of_one_round_do_not_count_in_the_next() -> None:
    xml = draw(
        ["startEvent s", "exclusiveGateway m", "serviceTask w", "exclusiveGateway g g-m",
         "endEvent e"],
        ["s m", "m w", "w g", "g m", "g e number == 1"],
    )  # fmt: skip
    office = Office(replace(a_flow(xml), operations={"w": ""}, starts_with=NAMES))
    run = Running(office, number=0)
    office.processes().await_answers(run.id, "w", 1)
    office.processes().count_answer(run.id, "w", NOW)
    assert office.settle(NOW) == ["resume w"]
    assert run.waiting() == ["w"]
    office.processes().await_answers(run.id, "w", 1)
    assert office.settle(NOW) == []
    office.processes().count_answer(run.id, "w", NOW)
    assert office.settle(NOW) == ["resume w"]


def test_answer_nobody_waits_for_counts_nothing() -> None:
    office = awaiting()
    run = Running(office)
    assert office.processes().count_answer(run.id, "w", NOW) == 0
    run.do("a")
    assert office.settle(NOW) == []
    assert run.waiting() == ["w"]


def test_last_answer_does_nothing_to_a_cancelled_process() -> None:
    office = awaiting()
    run = Running(office)
    run.do("a")
    office.processes().await_answers(run.id, "w", 1)
    office.processes().cancel(run.id, actor=SYSTEM, now=NOW, reason="Thôi")
    office.processes().count_answer(run.id, "w", NOW)
    assert office.settle(NOW) == ["resume w"]
    assert run.row.status is InstanceStatus.CANCELLED
