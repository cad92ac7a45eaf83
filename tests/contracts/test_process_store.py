from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.errors import ConflictError, ErrorCode, NotFoundError
from engine.model.organisation import PersonId, Role
from engine.ports import StartWork
from engine.process.model import (
    HistoryEntry,
    InstanceId,
    InstanceStatus,
    StoredInstance,
    TaskId,
    WorkItem,
)
from engine.process.store import ProcessStore
from tests.fakes.process_store import FakeProcessStore
from tests.integration.storage.town import HOME_AFFAIRS, NOW, person_of, unit_of

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
    store.add_definition("digest", "outgoing", b"<bpmn/>", NOW)
    store.add_instance(INSTANCE)
    return store


def test_definitions_are_kept_as_they_were_added_first(store: ProcessStore) -> None:
    store.add_definition("digest", "outgoing", b"<bpmn/>", NOW)
    assert store.find_definition_xml("digest") == b"<bpmn/>"
    assert store.find_definition_xml("other") is None


def test_instances_give_back_every_field(store: ProcessStore) -> None:
    assert store.get_instance(INSTANCE.id) == INSTANCE
    assert store.find_instance("outgoing", "d1") == INSTANCE
    assert store.find_instance("incoming", "d1") is None
    with pytest.raises(NotFoundError):
        store.get_instance(InstanceId("i2"))


def test_add_instance_refuses_a_second_process_about_the_same(store: ProcessStore) -> None:
    with pytest.raises(ConflictError):
        store.add_instance(replace(INSTANCE, id=InstanceId("i2")))


def test_update_instance_refuses_when_somebody_was_first(store: ProcessStore) -> None:
    moved = replace(INSTANCE, version=1, state=b"moved", status=InstanceStatus.COMPLETED)
    store.update_instance(moved, 0)
    assert store.get_instance(INSTANCE.id) == moved
    with pytest.raises(ConflictError) as caught:
        store.update_instance(moved, 0)
    assert caught.value.code is ErrorCode.PROCESS_CONFLICT


def test_work_items_are_open_until_they_are_closed(store: ProcessStore) -> None:
    other = replace(ITEM, id=TaskId("t0"), unit_id=None, person_id=None)
    store.add_work_items([ITEM, other])
    store.add_work_items([])
    assert {item.id for item in store.list_open_work_items(INSTANCE.id)} == {"t0", "t1"}
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


def test_get_work_item_names_the_code_when_it_is_unknown(store: ProcessStore) -> None:
    with pytest.raises(NotFoundError) as caught:
        store.get_work_item(TaskId("t9"))
    assert caught.value.code is ErrorCode.TASK_NOT_FOUND


def test_history_is_listed_in_order(store: ProcessStore) -> None:
    second = replace(ENTRY, sequence=2, task_id=TaskId(""), outcome="returned")
    for entry in (ENTRY, second):
        store.add_history(entry)
    assert list(store.list_history(INSTANCE.id)) == [ENTRY, second]
    assert list(store.list_history(InstanceId("i2"))) == []
