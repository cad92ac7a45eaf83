"""Walk both shipped procedures from first to last task, with a fresh worker for every step."""

import pytest

from engine.model.organisation import SYSTEM, Actor
from engine.process.model import InstanceStatus, Plain, StepResult, WorkItem
from engine.process.progress import Progress
from tests.unit.process.office import (
    CLERK,
    DRAFTER,
    FORWARD,
    INCOMING_DATA,
    LEADER,
    NOW,
    UNIT,
    Office,
)

FORWARD_ORDER = ["draft", "review", "check_form", "sign", "number", "seal"]
RETURNS = {"review": "approved", "check_form": "form_ok", "sign": "signed"}


def test_outgoing_goes_from_draft_to_receipts() -> None:
    office = Office()
    result = office.start_outgoing()
    walked: list[str] = []
    while result.opened:
        assert len(result.opened) == 1
        walked.append(result.opened[0].node_id)
        result = office.forward(result.opened[0])
    assert walked == FORWARD_ORDER
    assert result.operations == ["dispatch"]
    for node_id, following in (("dispatch", ["await_receipts"]), ("await_receipts", [])):
        result = office.processes().complete_operation(
            result.instance_id, node_id, now=NOW, outcome="done"
        )
        assert result.operations == following
    assert result.status is InstanceStatus.COMPLETED
    assert office.store.get_instance(result.instance_id).status is InstanceStatus.COMPLETED


@pytest.mark.parametrize("node_id", RETURNS)
def test_outgoing_returns_to_the_drafter_and_starts_over(node_id: str) -> None:
    office = Office()
    item = office.forward_to(node_id)
    actor = FORWARD[node_id][0]
    result = office.processes().complete(
        item.id,
        actor,
        use_case="return_document",
        now=NOW,
        outcome="returned",
        comment="Sửa lại",
        writes={RETURNS[node_id]: False},
    )
    assert [i.node_id for i in result.opened] == ["draft"]
    assert result.opened[0].person_id == DRAFTER.person_id
    walked: list[str] = []
    while result.opened:
        walked.append(result.opened[0].node_id)
        result = office.forward(result.opened[0])
    assert walked == FORWARD_ORDER


def test_outgoing_survives_returns_from_everywhere_many_times() -> None:
    office = Office()
    item = office.start_outgoing().opened[0]
    for number in range(30):
        target = list(RETURNS)[number % 3]
        while item.node_id != target:
            item = office.forward(item).opened[0]
        item = (
            office.processes()
            .complete(
                item.id,
                FORWARD[target][0],
                use_case="return_document",
                now=NOW,
                outcome="returned",
                writes={RETURNS[target]: False},
            )
            .opened[0]
        )
        assert item.node_id == "draft"
    assert len(office.store.list_open_work_items(item.instance_id)) == 1


def start_incoming(office: Office) -> StepResult:
    result = office.processes().start(
        "incoming",
        business_key="delivery-1",
        data=INCOMING_DATA,
        actor=SYSTEM,
        now=NOW,
    )
    assert (result.operations, result.opened) == (["verify"], [])
    return office.processes().complete_operation(
        result.instance_id, "verify", now=NOW, outcome="PASSED", writes={"verdict": "PASSED"}
    )


def test_incoming_goes_from_verification_to_handled() -> None:
    office = Office()
    result = start_incoming(office)
    steps: list[tuple[str, Actor, str, dict[str, Plain]]] = [
        ("register", CLERK, "register_delivery", {"accepted": True}),
        ("present", CLERK, "present_delivery", {"leader_id": LEADER.person_id}),
        (
            "direct",
            LEADER,
            "direct_delivery",
            {"unit_id": UNIT, "handler_id": DRAFTER.person_id, "due_at": None},
        ),
    ]
    for node_id, actor, use_case, writes in steps:
        item: WorkItem = result.opened[0]
        assert item.node_id == node_id
        result = office.processes().complete(
            item.id, actor, use_case=use_case, now=NOW, outcome="done", writes=writes
        )
    assert (result.operations, result.opened) == (["await_assignment"], [])
    again = office.processes().complete_operation(
        result.instance_id, "await_assignment", now=NOW, writes={"handled": False}
    )
    assert [opened.node_id for opened in again.opened] == ["direct"]
    _node, actor, use_case, writes = steps[-1]
    office.processes().complete(
        again.opened[0].id, actor, use_case=use_case, now=NOW, outcome="done", writes=writes
    )
    result = office.processes().complete_operation(
        result.instance_id, "await_assignment", now=NOW, writes={"handled": True}
    )
    assert result.status is InstanceStatus.COMPLETED
    states = {n.node.id: n.state for n in office.processes().describe(result.instance_id)}
    assert (states["handled"], states["refused"]) == (Progress.DONE, Progress.FUTURE)


def test_incoming_ends_when_the_clerk_refuses() -> None:
    office = Office()
    item = start_incoming(office).opened[0]
    result = office.processes().complete(
        item.id,
        CLERK,
        use_case="refuse_delivery",
        now=NOW,
        outcome="refused",
        comment="Sai nơi nhận",
        writes={"accepted": False},
    )
    assert (result.status, result.opened) == (InstanceStatus.COMPLETED, [])
    states = {n.node.id: n.state for n in office.processes().describe(result.instance_id)}
    assert (states["refused"], states["handled"]) == (Progress.DONE, Progress.FUTURE)
