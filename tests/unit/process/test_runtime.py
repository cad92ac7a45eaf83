import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from engine.errors import (
    ConflictError,
    DigestMismatchError,
    ErrorCode,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from engine.model.organisation import SYSTEM, AgencyId, PersonId, Role, UnitId
from engine.process.codec import decode
from engine.process.definitions import DefinitionCache
from engine.process.model import InstanceId, InstanceStatus, TaskId, TaskRule
from engine.process.progress import Progress
from tests.unit.process.office import (
    AGENCY,
    CLERK,
    DRAFTER,
    FORWARD,
    HEAD,
    LEADER,
    NOW,
    OUTGOING_DATA,
    SUBMITTED,
    UNIT,
    Office,
    Running,
    a_flow,
    an_actor,
    boundary,
    draw,
    timer,
)
from workflows.outgoing.procedure import PROCEDURE as OUTGOING


def test_start_opens_the_first_task_for_the_drafter() -> None:
    result = Office().start_outgoing()
    item = result.opened[0]
    assert (item.node_id, item.name, item.role) == ("draft", "Soạn thảo", Role.DESK_OFFICER)
    assert (item.agency_id, item.person_id, item.unit_id) == (AGENCY, DRAFTER.person_id, UNIT)
    assert (item.opened_at, item.closed_at, item.outcome) == (NOW, None, "")
    assert (result.status, result.operations) == (InstanceStatus.RUNNING, [])


def test_start_is_refused_when_the_document_has_a_process() -> None:
    office = Office()
    office.start_outgoing()
    with pytest.raises(ConflictError):
        office.start_outgoing()


def test_start_is_refused_when_nobody_would_get_the_first_task() -> None:
    office = Office()
    for data in ({"agency_id": AGENCY, "unit_id": UNIT}, {**OUTGOING_DATA, "drafter_id": None}):
        with pytest.raises(InvalidInputError) as caught:
            office.processes().start(
                "outgoing", business_key="d", data=data, actor=DRAFTER, now=NOW
            )
        assert caught.value.params["key"] == "drafter_id"
    assert not office.store.instances


def test_start_is_refused_when_the_procedure_is_unknown() -> None:
    with pytest.raises(InvalidInputError):
        Office().processes().start(
            "recall", business_key="d", data=OUTGOING_DATA, actor=DRAFTER, now=NOW
        )


def test_instance_is_found_by_what_it_is_about() -> None:
    office = Office()
    started = office.start_outgoing()
    processes = office.processes()
    assert processes.get_instance_id("outgoing", "document-1") == started.instance_id
    with pytest.raises(NotFoundError):
        processes.get_instance_id("outgoing", "document-2")


def test_task_goes_to_the_role_in_the_unit_when_the_rule_names_a_unit() -> None:
    item = Office().forward_to("review")
    assert (item.role, item.unit_id, item.person_id) == (Role.DIVISION_HEAD, UNIT, None)


@pytest.mark.parametrize(
    ("actor", "predicate"),
    [
        (DRAFTER, "has_role"),
        (CLERK, "has_role"),
        (an_actor("other", Role.DIVISION_HEAD, unit=UnitId("phong-khac")), "has_role"),
        (
            an_actor("foreign", Role.DIVISION_HEAD, unit=UNIT, agency=AgencyId("so-y-te")),
            "has_role",
        ),
        (SYSTEM, "has_role"),
    ],
)
def test_review_is_refused_when_it_is_somebody_elses(actor: object, predicate: str) -> None:
    office = Office()
    item = office.forward_to("review")
    with pytest.raises(NotPermittedError) as caught:
        office.processes().complete(
            item.id,
            actor,  # type: ignore[arg-type]
            use_case="review_draft",
            now=NOW,
            outcome="approved",
            writes={"approved": True},
        )
    assert caught.value.code is ErrorCode.TASK_NOT_YOURS
    assert caught.value.params["predicate"] == predicate
    assert office.store.get_work_item(item.id).closed_at is None


def test_signing_is_refused_when_another_leader_tries() -> None:
    office = Office()
    item = office.forward_to("sign")
    deputy = an_actor("deputy", Role.LEADER)
    with pytest.raises(NotPermittedError) as caught:
        office.processes().check_may_complete(item.id, deputy, use_case="sign_document")
    assert caught.value.params["predicate"] == "is_person"


def test_completing_is_refused_when_another_use_case_tries() -> None:
    office = Office()
    item = office.forward_to("sign")
    with pytest.raises(NotPermittedError) as caught:
        office.processes().check_may_complete(item.id, LEADER, use_case="number_document")
    assert caught.value.params["predicate"] == "use_case"
    assert (
        office.processes().check_may_complete(item.id, LEADER, use_case="return_document") == item
    )


def test_completing_twice_is_refused_and_tells_by_whom_and_when() -> None:
    office = Office()
    item = office.forward_to("review")
    office.forward(item)
    with pytest.raises(ConflictError) as caught:
        office.forward(item)
    assert caught.value.code is ErrorCode.TASK_CLOSED
    assert caught.value.params == {"by": HEAD.full_name, "at": "05/01/2026 09:30"}


def test_completing_is_refused_when_the_row_was_written_meanwhile() -> None:
    office = Office()
    item = office.forward_to("review")
    before = office.store.get_instance(item.instance_id)
    office.forward(item)
    # The second worker has read the old row and the open item.
    office.store.items[item.id] = item
    held = office.store.get_instance(item.instance_id)
    office.store.instances[item.instance_id] = replace(before, version=held.version + 1)

    class Stale(type(office.store)):  # type: ignore[misc]
        def get_instance(self, instance_id: InstanceId) -> object:
            return before

    stale = Stale()
    stale.__dict__.update(office.store.__dict__)
    with pytest.raises(ConflictError) as caught:
        replace(office.processes(), store=stale).complete(
            item.id,
            HEAD,
            use_case="review_draft",
            now=NOW,
            outcome="approved",
            writes={"approved": True},
        )
    assert caught.value.code is ErrorCode.PROCESS_CONFLICT


def test_completing_is_refused_when_the_task_no_longer_waits() -> None:
    office = Office()
    item = office.forward_to("review")
    office.forward(item)
    office.store.items[item.id] = item  # the item is open again, the state has moved on
    with pytest.raises(ConflictError) as caught:
        office.forward(item)
    assert caught.value.code is ErrorCode.PROCESS_CONFLICT


def test_unknown_task_is_not_found() -> None:
    processes = Office().processes()
    with pytest.raises(NotFoundError) as caught:
        processes.get_task(TaskId("nothing"))
    assert caught.value.code is ErrorCode.TASK_NOT_FOUND
    with pytest.raises(NotFoundError):
        processes.complete(TaskId("nothing"), HEAD, use_case="x", now=NOW, outcome="x")


@pytest.mark.parametrize(
    ("writes", "key"),
    [
        ({}, "approved"),
        ({"approved": True, "form_ok": True}, "form_ok"),
        ({"approved": True, "typename": "BpmnWorkflow"}, "typename"),
        ({"form_ok": True}, "approved"),
        ({"approved": Decimal(1)}, "approved"),
        ({"approved": ["yes"]}, "approved"),
        ({"approved": {"typename": "Task"}}, "approved"),
        ({"approved": 1.0}, "approved"),
    ],
)
def test_completing_is_refused_when_it_writes_other_than_the_rule(
    writes: dict[str, object], key: str
) -> None:
    office = Office()
    item = office.forward_to("review")
    with pytest.raises(InvalidInputError) as caught:
        office.processes().complete(
            item.id,
            HEAD,
            use_case="review_draft",
            now=NOW,
            outcome="approved",
            writes=writes,  # type: ignore[arg-type]
        )
    assert caught.value.code is ErrorCode.PROCESS_DATA
    assert caught.value.params["key"] == key
    assert office.store.get_work_item(item.id).closed_at is None


def test_completing_is_refused_when_the_condition_cannot_decide() -> None:
    office = Office()
    item = office.forward_to("review")
    before = office.store.get_instance(item.instance_id)
    with pytest.raises(InvalidInputError) as caught:
        office.processes().complete(
            item.id,
            HEAD,
            use_case="review_draft",
            now=NOW,
            outcome="approved",
            writes={"approved": 10**30},
        )
    assert caught.value.code is ErrorCode.PROCESS_DATA
    assert office.store.get_instance(item.instance_id) == before


def test_completing_is_refused_when_the_next_task_would_be_nobodys() -> None:
    office = Office()
    item = office.start_outgoing().opened[0]
    result = office.processes().complete(
        item.id,
        DRAFTER,
        use_case="submit_draft",
        now=NOW,
        outcome="submitted",
        writes={**SUBMITTED, "signatory_id": ""},
    )
    check = office.forward(result.opened[0]).opened[0]
    with pytest.raises(InvalidInputError) as caught:
        office.forward(check)
    assert caught.value.params["key"] == "signatory_id"


def test_operation_is_refused_when_it_does_not_wait() -> None:
    office = Office()
    instance_id = office.forward_to("seal").instance_id
    for node_id in ("dispatch", "await_receipts", "seal", "nothing"):
        with pytest.raises(ConflictError):
            office.processes().complete_operation(instance_id, node_id, now=NOW)
    with pytest.raises(NotFoundError):
        office.processes().complete_operation(InstanceId("x"), "dispatch", now=NOW)


def test_operation_is_refused_when_it_was_completed_or_writes_too_much() -> None:
    office = Office()
    item = office.forward_to("seal")
    assert office.forward(item).operations == ["dispatch"]
    with pytest.raises(InvalidInputError):
        office.processes().complete_operation(
            item.instance_id, "dispatch", now=NOW, writes={"signed": True}
        )
    result = office.processes().complete_operation(item.instance_id, "dispatch", now=NOW)
    assert result.operations == ["await_receipts"]
    with pytest.raises(ConflictError):
        office.processes().complete_operation(item.instance_id, "dispatch", now=NOW)


def test_history_keeps_every_step_with_its_comment() -> None:
    office = Office()
    item = office.forward_to("review")
    office.processes().complete(
        item.id,
        HEAD,
        use_case="return_document",
        now=NOW + timedelta(hours=1),
        outcome="returned",
        comment="Sửa trích yếu",
        writes={"approved": False},
    )
    history = office.processes().list_history(item.instance_id)
    assert [(e.sequence, e.node_id, e.outcome) for e in history] == [
        (0, "start", "started"),
        (1, "draft", "done"),
        (2, "review", "returned"),
    ]
    last = history[-1]
    assert (last.task_id, last.name, last.actor_name) == (item.id, item.name, HEAD.full_name)
    assert (last.at, last.comment) == (NOW + timedelta(hours=1), "Sửa trích yếu")


def test_cancel_closes_open_tasks_and_ends_the_process() -> None:
    office = Office()
    item = office.forward_to("review")
    ended = office.processes().cancel(
        item.instance_id, actor=CLERK, now=NOW, reason="Trùng văn bản"
    )
    assert ended.status is InstanceStatus.CANCELLED
    assert office.store.list_open_work_items(item.instance_id) == []
    assert office.store.get_work_item(item.id).outcome == "cancelled"
    assert office.processes().list_history(item.instance_id)[-1].comment == "Trùng văn bản"
    with pytest.raises(ConflictError):
        office.processes().cancel(item.instance_id, actor=CLERK, now=NOW, reason="again")
    assert Progress.CURRENT not in {n.state for n in office.processes().describe(item.instance_id)}


def test_cancelled_process_takes_no_step() -> None:
    office = Office()
    item = office.forward_to("review")
    office.processes().cancel(item.instance_id, actor=CLERK, now=NOW, reason="Thôi")
    office.store.items[item.id] = item  # as if the item had been left open
    with pytest.raises(ConflictError):
        office.forward(item)


def describe(office: Office, instance_id: InstanceId) -> dict[Progress, set[str]]:
    found: dict[Progress, set[str]] = {state: set() for state in Progress}
    for entry in office.processes().describe(instance_id):
        found[entry.state].add(entry.node.id)
    return found


def test_describe_shows_what_is_done_current_and_to_come() -> None:
    office = Office()
    item = office.forward_to("sign")
    assert describe(office, item.instance_id) == {
        Progress.DONE: {
            "start",
            "draft",
            "set_deadlines",
            "review",
            "is_approved",
            "check_form",
            "is_form_ok",
        },
        Progress.CURRENT: {"sign"},
        Progress.FUTURE: {"is_signed", "number", "seal", "dispatch", "await_receipts", "issued"},
    }


def test_describe_takes_back_what_has_to_be_done_again_when_a_draft_returns() -> None:
    office = Office()
    item = office.forward_to("sign")
    office.processes().complete(
        item.id,
        LEADER,
        use_case="return_document",
        now=NOW,
        outcome="returned",
        writes={"signed": False},
    )
    found = describe(office, item.instance_id)
    assert found[Progress.DONE] == {"start"}
    assert found[Progress.CURRENT] == {"draft"}


def test_describe_shows_the_waiting_operation_and_the_end_reached() -> None:
    office = Office()
    item = office.forward_to("seal")
    office.forward(item)
    assert describe(office, item.instance_id)[Progress.CURRENT] == {"dispatch"}
    for node_id in ("dispatch", "await_receipts"):
        result = office.processes().complete_operation(item.instance_id, node_id, now=NOW)
    assert result.status is InstanceStatus.COMPLETED
    found = describe(office, item.instance_id)
    assert (found[Progress.CURRENT], found[Progress.FUTURE]) == (set(), set())


def test_two_instances_of_one_definition_do_not_touch_each_other() -> None:
    office = Office()
    cache = DefinitionCache()
    shared = replace(office.processes(), definitions=cache)
    items = [
        shared.start("outgoing", business_key=key, data=OUTGOING_DATA, actor=DRAFTER, now=NOW)
        for key in ("one", "two")
    ]
    first, second = (result.opened[0] for result in items)
    for node_id in ("draft", "review", "check_form"):
        actor, use_case, writes = FORWARD[node_id]
        first = shared.complete(
            first.id, actor, use_case=use_case, now=NOW, outcome="done", writes=writes
        ).opened[0]
    assert first.node_id == "sign"
    assert office.forward(second).opened[0].node_id == "review"
    assert len(office.store.definitions) == 1


def test_instances_move_side_by_side_when_threads_share_the_definition() -> None:
    office = Office()
    shared = replace(office.processes(), definitions=DefinitionCache())
    finished: list[InstanceStatus] = []

    def run(key: str) -> None:
        result = shared.start(
            "outgoing", business_key=key, data=OUTGOING_DATA, actor=DRAFTER, now=NOW
        )
        while result.opened:
            item = result.opened[0]
            actor, use_case, writes = FORWARD[item.node_id]
            result = shared.complete(
                item.id, actor, use_case=use_case, now=NOW, outcome="done", writes=writes
            )
        finished.append(result.status)

    threads = [threading.Thread(target=run, args=(f"d{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert finished == [InstanceStatus.RUNNING] * 8  # each waits for its dispatch


def test_running_instance_keeps_its_version_when_the_shipped_file_changes() -> None:
    office = Office()
    item = office.forward_to("review")
    changed = OUTGOING.bpmn.replace("Lãnh đạo ký số".encode(), "Ký số và phát hành".encode())
    assert changed != OUTGOING.bpmn
    office.procedures["outgoing"] = replace(OUTGOING, bpmn=changed)
    office.processes().deployment.release("outgoing", NOW)
    old = office.forward(office.forward(item).opened[0]).opened[0]
    new = office.forward_to("sign", "document-2")
    assert (old.name, new.name) == ("Lãnh đạo ký số", "Ký số và phát hành")
    assert office.processes().get_diagram(old.instance_id) == OUTGOING.bpmn
    assert office.processes().get_diagram(new.instance_id) == changed


def test_step_is_refused_when_the_stored_definition_was_changed() -> None:
    office = Office()
    item = office.forward_to("review")
    digest = office.store.get_instance(item.instance_id).definition_digest
    held = office.store.definitions[digest]
    office.store.definitions[digest] = replace(held, xml=held.xml + b" ")
    with pytest.raises(DigestMismatchError):
        office.forward(item)
    del office.store.definitions[digest]
    with pytest.raises(InvalidInputError):
        office.forward(item)


def test_step_is_refused_when_this_release_has_no_rule_for_an_old_task() -> None:
    xml = draw(["startEvent s", "userTask a", "userTask b", "endEvent e"], ["s a", "a b", "b e"])
    rule = TaskRule(use_case="any")
    office = Office(a_flow(xml, a=rule, b=rule))
    started = office.processes().start(
        "flow", business_key="d", data={"agency_id": AGENCY}, actor=DRAFTER, now=NOW
    )
    office.procedures["flow"] = replace(office.procedures["flow"], tasks={"a": rule})
    with pytest.raises(InvalidInputError) as caught:
        office.processes().complete(
            started.opened[0].id, DRAFTER, use_case="any", now=NOW, outcome="done"
        )
    assert caught.value.code is ErrorCode.PROCESS_INVALID


def test_state_stays_small_and_of_one_size_when_a_draft_returns_200_times() -> None:
    office = Office()
    item = office.start_outgoing().opened[0]
    sizes: dict[int, int] = {}
    for number in range(1, 201):
        review = office.forward(item).opened[0]
        item = (
            office.processes()
            .complete(
                review.id,
                HEAD,
                use_case="return_document",
                now=NOW,
                outcome="returned",
                comment="Sửa lại " * 50,
                writes={"approved": False},
            )
            .opened[0]
        )
        sizes[number] = len(office.store.get_instance(item.instance_id).state)
    assert sizes[200] <= 1.3 * sizes[10]
    assert sizes[200] < 512


def test_parent_is_kept_when_a_process_starts_for_another() -> None:
    office = Office()
    parent = office.start_outgoing()
    child = office.processes().start(
        "incoming",
        business_key="delivery-1",
        data={"agency_id": AGENCY},
        actor=SYSTEM,
        now=NOW,
        parent_id=parent.instance_id,
    )
    assert office.store.get_instance(child.instance_id).parent_id == parent.instance_id


def test_closed_task_names_who_closed_it() -> None:
    office = Office()
    item = office.forward_to("review")
    office.forward(item)
    closed = office.processes().get_task(item.id)
    assert (closed.closed_at, closed.closed_by) == (NOW, PersonId("head"))
    assert (closed.closed_by_name, closed.outcome) == (HEAD.full_name, "done")


def test_state_does_not_grow_when_a_notice_ends_in_every_round() -> None:
    notice = boundary("t", "a", timer("P1D"), interrupts=False)
    xml = draw(
        ["startEvent s", "exclusiveGateway m", "userTask a", notice, "exclusiveGateway g g-m",
         "endEvent d", "endEvent e"],
        ["s m", "m a", "a g", "g m", "g e ok == True", "t d"],
    )  # fmt: skip
    rule = TaskRule(use_case="any", writes=frozenset({"ok"}))
    office = Office(a_flow(xml, a=rule))
    run = Running(office)
    sizes: list[int] = []
    for number in range(50):
        now = NOW + timedelta(days=2 * number)
        assert office.settle(now + timedelta(days=1)) == ["event t"]
        run.do("a", now + timedelta(days=2), ok=False)
        sizes.append(len(run.row.state))
    assert sizes[-1] == sizes[0]


def test_second_end_join_waits_for_the_last_token() -> None:
    xml = draw(
        ["startEvent s", "parallelGateway f", "userTask a", "userTask b", "userTask c",
         "endEvent d", "endEvent e"],
        ["s f", "f a", "f b", "f c", "a d", "b e", "c e"],
    )  # fmt: skip
    rule = TaskRule(use_case="any")
    for order in permutations("abc"):
        office = Office(a_flow(xml, a=rule, b=rule, c=rule))
        run = Running(office)
        for node in order:
            assert run.row.status is InstanceStatus.RUNNING
            run.do(node)
        assert run.row.status is InstanceStatus.COMPLETED
        assert decode(run.row.state).tokens == ()


def test_describe_keeps_a_branch_done_when_the_other_is_handed_over() -> None:
    xml = draw(
        ["startEvent s", "parallelGateway f", "userTask a", "userTask b", "parallelGateway j",
         "userTask c", "endEvent e"],
        ["s f", "f a", "f b", "a j", "b j", "j c", "c e"],
    )  # fmt: skip
    rule = TaskRule(use_case="any")
    office = Office(a_flow(xml, a=rule, b=rule, c=rule))
    run = Running(office)
    office.processes().reassignment.hand_over(
        run.open()["b"].id, DRAFTER.person_id, actor=DRAFTER, now=NOW, reason=""
    )
    run.do("a")
    assert describe(office, run.id)[Progress.DONE] == {"s", "f", "a"}
    run.do("b")
    assert describe(office, run.id) == {
        Progress.DONE: {"s", "f", "a", "b", "j"},
        Progress.CURRENT: {"c"},
        Progress.FUTURE: {"e"},
    }
