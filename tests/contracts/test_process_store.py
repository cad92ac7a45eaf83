"""Hold the fake store of processes and the real one to the same promises, method by method."""

import inspect
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import ConflictError, ErrorCode, NotFoundError
from engine.model.organisation import PersonId, Role
from engine.ports import StartWork
from engine.process.model import (
    NO_TASK,
    Alert,
    Countdown,
    DefinitionSource,
    DueEntry,
    DueKind,
    HistoryEntry,
    Incident,
    IncidentKind,
    InstanceId,
    InstanceStatus,
    Message,
    StoredDefinition,
    StoredInstance,
    Subscription,
    TaskId,
    WorkItem,
)
from engine.process.store import ProcessStore
from tests.fakes.process_store import FakeProcessStore
from tests.integration.storage.town import HOME_AFFAIRS, NOW, person_of, unit_of

LATER = NOW + timedelta(hours=1)
DEFINITION = StoredDefinition(
    digest="digest",
    procedure_id="outgoing",
    number=1,
    xml=b"<bpmn/>",
    dmn=b"",
    source=DefinitionSource.RELEASE,
    added_at=NOW,
    added_by=PersonId("system"),
    added_by_name="Hệ thống",
)
INSTANCE = StoredInstance(
    id=InstanceId("i1"),
    definition_digest="digest",
    procedure_id="outgoing",
    business_key="d1",
    parent_id=None,
    version=0,
    codec=1,
    state=b"\x00state",
    status=InstanceStatus.RUNNING,
    created_at=NOW,
    updated_at=NOW,
)
ITEM = WorkItem(
    id=TaskId("t1"),
    instance_id=INSTANCE.id,
    procedure_id="outgoing",
    business_key="d1",
    node_id="review",
    name="Duyệt",
    role=Role.DIVISION_HEAD,
    agency_id=HOME_AFFAIRS,
    unit_id=unit_of(HOME_AFFAIRS),
    person_id=person_of(HOME_AFFAIRS, Role.DIVISION_HEAD),
    opened_at=NOW,
    rule="review",
    due_at=LATER,
)
ENTRY = HistoryEntry(
    instance_id=INSTANCE.id,
    sequence=1,
    task_id=ITEM.id,
    node_id="review",
    name="Duyệt",
    actor_id=PersonId("p"),
    actor_name="Nguyễn Văn P",
    at=NOW,
    outcome="approved",
    comment="Đồng ý",
)
DUE = DueEntry(
    id="e1",
    kind=DueKind.EVENT,
    instance_id=INSTANCE.id,
    task_id=ITEM.id,
    node_id="late",
    due_at=NOW,
)
SUBSCRIPTION = Subscription(
    instance_id=INSTANCE.id,
    task_id=ITEM.id,
    node_id="answer",
    name="Trả lời",
    correlation="ab" * 32,
    payload=("ok", "note"),
)
MESSAGE = Message(
    id="m1",
    name="Trả lời",
    correlation="ab" * 32,
    payload={"ok": True, "note": "được", "count": 3, "none": None},
    sent_at=NOW,
)
COUNTDOWN = Countdown(instance_id=INSTANCE.id, node_id="wait", task_id=NO_TASK, total=2, left=2)
INCIDENT = Incident(
    id="n1",
    instance_id=INSTANCE.id,
    kind=IncidentKind.TIMER,
    node_id="late",
    entry_id="e1",
    code="process.data",
    reason="không có giá trị",
    tries=1,
    opened_at=NOW,
    last_at=NOW,
    next_try_at=LATER,
)


@pytest.fixture(params=["fake", "sqlite"])
def store(request: pytest.FixtureRequest) -> Iterator[ProcessStore]:
    """Give a store with one instance in it."""
    if request.param == "fake":
        yield _with_instance(FakeProcessStore())
        return
    start_work: StartWork = request.getfixturevalue("start_work")
    with start_work() as work:
        yield _with_instance(work.processes.store)


def _with_instance(store: ProcessStore) -> ProcessStore:
    store.add_definition(DEFINITION)
    store.add_instance(INSTANCE)
    return store


def a_child(name: str, **changes: object) -> StoredInstance:
    """Return an instance that the task `t1` started."""
    values: dict[str, object] = {
        "id": InstanceId(name),
        "business_key": name,
        "parent_id": INSTANCE.id,
        "parent_task_id": ITEM.id,
    }
    return replace(INSTANCE, **(values | changes))  # type: ignore[arg-type]


def test_every_method_of_the_store_is_held_to_its_promise() -> None:
    own = inspect.getsource(sys.modules[__name__])
    methods = [name for name in vars(ProcessStore) if not name.startswith("_")]
    assert [name for name in methods if f"store.{name}(" not in own] == []


# --- definitions -----------------------------------------------------------------------------


def test_definitions_are_kept_as_they_were_added_first(store: ProcessStore) -> None:
    store.add_definition(replace(DEFINITION, number=7, note="lần nữa"))
    assert store.find_definition("digest") == DEFINITION
    assert store.find_definition("other") is None


def test_definition_is_refused_when_its_number_is_taken(store: ProcessStore) -> None:
    with pytest.raises(ConflictError) as caught:
        store.add_definition(replace(DEFINITION, digest="second"))
    assert caught.value.code is ErrorCode.PROCESS_CONFLICT
    assert store.find_definition("second") is None


def test_definitions_give_back_every_field(store: ProcessStore) -> None:
    drawn = replace(
        DEFINITION,
        digest="second",
        number=2,
        xml="<bpmn>Đ</bpmn>".encode(),
        dmn=b"\x00dmn",
        source=DefinitionSource.EDITOR,
        added_at=LATER,
        added_by=PersonId("quan-tri"),
        added_by_name="Nguyễn Quản Trị",
        note="thêm một bước",
    )
    store.add_definition(drawn)
    assert store.find_definition("second") == drawn


def test_definitions_are_counted_by_procedure(store: ProcessStore) -> None:
    assert (store.count_definitions("outgoing"), store.count_definitions("incoming")) == (1, 0)
    store.add_definition(replace(DEFINITION, digest="second", number=2))
    assert store.count_definitions("outgoing") == 2


def test_current_version_is_the_one_set_last(store: ProcessStore) -> None:
    assert store.find_current_digest("outgoing") is None
    store.add_definition(replace(DEFINITION, digest="second", number=2))
    for digest in ("digest", "second", "digest"):
        store.set_current("outgoing", digest, NOW)
        assert store.find_current_digest("outgoing") == digest
    assert store.find_current_digest("incoming") is None


# --- instances -------------------------------------------------------------------------------


def test_instances_give_back_every_field(store: ProcessStore) -> None:
    assert store.get_instance(INSTANCE.id) == INSTANCE
    assert store.find_instance("outgoing", "d1") == INSTANCE
    assert store.find_instance("incoming", "d1") is None
    child = a_child("i2", created_at=LATER)
    store.add_instance(child)
    assert store.get_instance(child.id) == child
    with pytest.raises(NotFoundError):
        store.get_instance(InstanceId("i9"))


def test_add_instance_refuses_a_second_process_about_the_same(store: ProcessStore) -> None:
    with pytest.raises(ConflictError):
        store.add_instance(replace(INSTANCE, id=InstanceId("i2")))


def test_update_instance_refuses_when_somebody_was_first(store: ProcessStore) -> None:
    moved = replace(INSTANCE, version=1, state=b"moved", status=InstanceStatus.COMPLETED)
    store.update_instance(moved, 0)
    assert store.get_instance(INSTANCE.id) == moved
    for expected in (0, 2):
        with pytest.raises(ConflictError) as caught:
            store.update_instance(moved, expected)
        assert caught.value.code is ErrorCode.PROCESS_CONFLICT
    with pytest.raises(ConflictError):
        store.update_instance(replace(moved, id=InstanceId("i9")), 1)


def test_children_are_those_a_task_started_oldest_first(store: ProcessStore) -> None:
    second = a_child("a-second", created_at=LATER)
    first = a_child("b-first")
    for child in (second, first, a_child("other", parent_task_id=TaskId("t2"))):
        store.add_instance(child)
    assert list(store.list_children(ITEM.id)) == [first, second]
    assert list(store.list_children(TaskId("t9"))) == []


def test_running_instances_of_a_version_are_listed_page_by_page(store: ProcessStore) -> None:
    store.add_definition(replace(DEFINITION, digest="second", number=2))
    for child in (
        a_child("i3"),
        a_child("i2"),
        a_child("i4", status=InstanceStatus.CANCELLED),
        a_child("i5", definition_digest="second"),
    ):
        store.add_instance(child)
    first = store.list_running("digest", limit=2)
    assert [each.id for each in first] == ["i1", "i2"]
    assert [each.id for each in store.list_running("digest", after=first[-1].id)] == ["i3"]
    assert list(store.list_running("digest", after=InstanceId("i3"))) == []


# --- work items ------------------------------------------------------------------------------


def test_work_items_are_open_until_they_are_closed(store: ProcessStore) -> None:
    other = replace(
        ITEM, id=TaskId("t0"), unit_id=None, person_id=None, due_at=None, opened_at=LATER
    )
    store.add_work_items([other, ITEM])
    store.add_work_items([])
    assert list(store.list_open_work_items(INSTANCE.id)) == [ITEM, other]
    closed = replace(
        ITEM,
        closed_at=NOW,
        closed_by=PersonId("p"),
        closed_by_name="Nguyễn Văn P",
        outcome="approved",
    )
    store.close_work_item(closed)
    assert store.get_work_item(ITEM.id) == closed
    assert list(store.list_open_work_items(INSTANCE.id)) == [other]
    assert list(store.list_open_work_items(InstanceId("i9"))) == []


def test_open_work_item_keeps_what_changes_about_it(store: ProcessStore) -> None:
    store.add_work_items([ITEM])
    changed = replace(
        ITEM,
        rule="review_again",
        name="Duyệt lại",
        role=Role.LEADER,
        unit_id=None,
        person_id=person_of(HOME_AFFAIRS, Role.LEADER),
        due_at=LATER + timedelta(days=1),
        alert=Alert.OVERDUE,
        escalated_role=Role.LEADER,
        escalated_unit_id=unit_of(HOME_AFFAIRS),
        asked=2,
    )
    store.update_work_item(changed)
    assert store.get_work_item(ITEM.id) == changed


def test_closed_work_item_is_neither_changed_nor_closed_again(store: ProcessStore) -> None:
    store.add_work_items([ITEM])
    closed = replace(ITEM, closed_at=NOW, closed_by=PersonId("p"), outcome="approved")
    store.close_work_item(closed)
    for write in (store.update_work_item, store.close_work_item):
        with pytest.raises(ConflictError) as caught:
            write(replace(closed, outcome="returned", name="x"))
        assert caught.value.code is ErrorCode.TASK_CLOSED
    assert store.get_work_item(ITEM.id) == closed


def test_get_work_item_names_the_code_when_it_is_unknown(store: ProcessStore) -> None:
    with pytest.raises(NotFoundError) as caught:
        store.get_work_item(TaskId("t9"))
    assert caught.value.code is ErrorCode.TASK_NOT_FOUND


# --- what is due -----------------------------------------------------------------------------


def test_due_entries_are_listed_when_their_time_has_come(store: ProcessStore) -> None:
    soon = replace(DUE, id="e2", due_at=NOW - timedelta(days=3), kind=DueKind.OVERDUE)
    same = replace(DUE, id="e0")
    late = replace(DUE, id="e3", due_at=LATER)
    store.add_due([DUE, soon, late, same])
    store.add_due([])
    assert list(store.list_due(NOW, 10)) == [soon, same, DUE]
    assert list(store.list_due(NOW, 1)) == [soon]
    assert list(store.list_due(NOW - timedelta(days=4), 10)) == []
    assert [entry.id for entry in store.list_due(LATER, 10)] == ["e2", "e0", "e1", "e3"]


def test_due_entry_is_taken_once(store: ProcessStore) -> None:
    store.add_due([DUE])
    assert store.find_due("e1") == DUE
    assert store.take_due("e1") is True
    assert store.take_due("e1") is False
    assert store.find_due("e1") is None
    assert list(store.list_due(NOW, 10)) == []


def test_due_entry_that_is_put_off_keeps_everything_else(store: ProcessStore) -> None:
    store.add_due([DUE])
    store.put_off_due(replace(DUE, due_at=LATER, tries=3, node_id="other"))
    assert store.find_due("e1") == replace(DUE, due_at=LATER, tries=3)
    assert list(store.list_due(NOW, 10)) == []


def test_due_entry_that_was_taken_is_not_put_off(store: ProcessStore) -> None:
    store.put_off_due(DUE)
    assert store.find_due("e1") is None


def test_due_entries_are_removed_by_task_or_by_instance(store: ProcessStore) -> None:
    other = replace(DUE, id="e2", task_id=TaskId("t2"))
    foreign = replace(DUE, id="e3", instance_id=InstanceId("i2"))
    store.add_due([DUE, other, foreign])
    store.remove_due(INSTANCE.id, ITEM.id)
    assert [entry.id for entry in store.list_due(NOW, 10)] == ["e2", "e3"]
    store.remove_due(INSTANCE.id)
    assert list(store.list_due(NOW, 10)) == [foreign]


def test_entries_of_a_deadline_are_removed_and_timers_of_the_task_stay(
    store: ProcessStore,
) -> None:
    timer = replace(DUE, id="e2", kind=DueKind.EVENT)
    late = replace(DUE, id="e3", kind=DueKind.OVERDUE)
    other = replace(DUE, id="e4", kind=DueKind.OVERDUE, task_id=TaskId("t2"))
    store.add_due([timer, late, other])
    store.remove_alerts(INSTANCE.id, ITEM.id)
    assert [entry.id for entry in store.list_due(NOW, 10)] == ["e2", "e4"]


def test_message_an_instance_has_sent_stays_due_when_the_instance_goes(
    store: ProcessStore,
) -> None:
    sent = replace(DUE, id="e2", kind=DueKind.MESSAGE, task_id=NO_TASK, subject_id="m1")
    store.add_due([DUE, sent])
    store.remove_due(INSTANCE.id)
    assert list(store.list_due(NOW, 10)) == [sent]


# --- messages --------------------------------------------------------------------------------


def test_subscription_is_found_by_its_hash_the_longest_first(store: ProcessStore) -> None:
    younger = replace(SUBSCRIPTION, task_id=TaskId("a-younger"))
    store.add_subscription(younger, LATER)
    store.add_subscription(SUBSCRIPTION, NOW)
    assert store.find_subscription(SUBSCRIPTION.correlation) == SUBSCRIPTION
    assert store.find_subscription("cd" * 32) is None


def test_subscriptions_are_removed_by_event_task_or_instance(store: ProcessStore) -> None:
    held = {
        name: replace(
            SUBSCRIPTION,
            task_id=TaskId(task_id),
            node_id=node_id,
            correlation=name,
        )
        for name, task_id, node_id in (
            ("event", "t1", "answer"),
            ("task", "t1", "recall"),
            ("instance", "t2", "answer"),
        )
    }
    for subscription in held.values():
        store.add_subscription(subscription, NOW)

    def left() -> set[str]:
        return {name for name in held if store.find_subscription(name) is not None}

    store.remove_subscriptions(InstanceId("i9"))
    assert left() == set(held)
    store.remove_subscriptions(INSTANCE.id, ITEM.id, "answer")
    assert left() == {"task", "instance"}
    store.remove_subscriptions(INSTANCE.id, ITEM.id)
    assert left() == {"instance"}
    store.remove_subscriptions(INSTANCE.id)
    assert left() == set()


def test_message_is_kept_once_and_gives_back_every_field(store: ProcessStore) -> None:
    assert store.add_message(MESSAGE) is True
    assert store.add_message(replace(MESSAGE, payload={})) is False
    assert store.get_message("m1") == MESSAGE
    sent = replace(MESSAGE, id="m2", sent_by=INSTANCE.id)
    store.add_message(sent)
    assert store.get_message("m2") == sent
    with pytest.raises(NotFoundError) as caught:
        store.get_message("m9")
    assert caught.value.code is ErrorCode.PROCESS_UNKNOWN


def test_kept_message_is_the_oldest_that_nobody_took(store: ProcessStore) -> None:
    younger = replace(MESSAGE, id="a-younger", sent_at=LATER)
    store.add_message(younger)
    store.add_message(MESSAGE)
    assert store.find_kept_message(MESSAGE.correlation) == MESSAGE
    assert store.deliver_message("m1", INSTANCE.id, LATER) is True
    assert store.deliver_message("m1", InstanceId("i2"), LATER) is False
    taken = replace(MESSAGE, delivered_to=INSTANCE.id, delivered_at=LATER)
    assert store.get_message("m1") == taken
    assert store.find_kept_message(MESSAGE.correlation) == younger
    assert store.find_kept_message("cd" * 32) is None


# --- counting --------------------------------------------------------------------------------


def test_answers_are_counted_down_to_nothing(store: ProcessStore) -> None:
    assert store.find_countdown(INSTANCE.id, "wait") is None
    assert store.count_answer(INSTANCE.id, "wait") is None
    store.set_countdown(COUNTDOWN)
    assert store.find_countdown(INSTANCE.id, "wait") == COUNTDOWN
    assert store.count_answer(INSTANCE.id, "wait") == replace(COUNTDOWN, left=1)
    assert store.count_answer(INSTANCE.id, "wait") == replace(COUNTDOWN, left=0)
    assert store.count_answer(INSTANCE.id, "wait") is None
    assert store.find_countdown(INSTANCE.id, "wait") == replace(COUNTDOWN, left=0)
    assert store.find_countdown(INSTANCE.id, "other") is None


def test_children_are_counted_by_the_task_that_started_them(store: ProcessStore) -> None:
    counted = replace(COUNTDOWN, task_id=ITEM.id)
    store.set_countdown(counted)
    store.set_countdown(replace(COUNTDOWN, node_id="other", task_id=TaskId("t2")))
    assert store.count_child(ITEM.id) == replace(counted, left=1)
    assert store.count_child(ITEM.id) == replace(counted, left=0)
    assert store.count_child(ITEM.id) is None
    assert store.count_child(TaskId("t9")) is None


def test_countdown_is_replaced_in_the_next_round(store: ProcessStore) -> None:
    store.set_countdown(COUNTDOWN)
    store.count_answer(INSTANCE.id, "wait")
    again = replace(COUNTDOWN, task_id=TaskId("t2"), total=5, left=5)
    store.set_countdown(again)
    assert store.find_countdown(INSTANCE.id, "wait") == again


# --- incidents -------------------------------------------------------------------------------


def test_incidents_give_back_every_field(store: ProcessStore) -> None:
    store.add_incident(INCIDENT)
    assert store.get_incident("n1") == INCIDENT
    assert store.find_incident(INSTANCE.id, "late", "e1") == INCIDENT
    with pytest.raises(NotFoundError) as caught:
        store.get_incident("n9")
    assert caught.value.code is ErrorCode.PROCESS_UNKNOWN


def test_incident_is_found_while_it_is_open_the_newest_first(store: ProcessStore) -> None:
    store.add_incident(INCIDENT)
    newer = replace(INCIDENT, id="n2", opened_at=LATER)
    store.add_incident(newer)
    assert store.find_incident(INSTANCE.id, "late", "e1") == newer
    over = replace(
        newer,
        tries=4,
        last_at=LATER,
        next_try_at=None,
        closed_at=LATER,
        closed_by_name="Hệ thống",
        outcome="resolved",
        version=3,
    )
    store.save_incident(over)
    assert store.get_incident("n2") == over
    assert store.find_incident(INSTANCE.id, "late", "e1") == INCIDENT
    for other in (
        (InstanceId("i2"), "late", "e1"),
        (INSTANCE.id, "early", "e1"),
        (INSTANCE.id, "late", "e2"),
    ):
        assert store.find_incident(*other) is None


# --- history ---------------------------------------------------------------------------------


def test_history_is_listed_in_order(store: ProcessStore) -> None:
    second = replace(ENTRY, sequence=2, task_id=NO_TASK, outcome="returned")
    for entry in (second, ENTRY):
        store.add_history(entry)
    assert list(store.list_history(INSTANCE.id)) == [ENTRY, second]
    assert list(store.list_history(InstanceId("i2"))) == []


def test_last_line_of_the_history_is_found_without_some(store: ProcessStore) -> None:
    house, moved = PersonId("system"), "migrated"

    def last(instance_id: InstanceId = INSTANCE.id) -> HistoryEntry | None:
        return store.find_last_history(instance_id, without_actor=house, without_outcome=moved)

    assert last() is None
    second = replace(ENTRY, sequence=2, outcome="returned")
    for entry in (second, ENTRY):
        store.add_history(entry)
    store.add_history(replace(ENTRY, sequence=3, actor_id=house))
    store.add_history(replace(ENTRY, sequence=4, outcome=moved))
    assert last() == second
    assert last(InstanceId("i2")) is None
