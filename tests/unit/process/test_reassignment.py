"""Hand work on, take it back, send it back: only as far as the diagram and the tokens allow."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import ConflictError, ErrorCode, InvalidInputError, NotPermittedError
from engine.model.organisation import AgencyId, Role
from engine.process.model import Alert, InstanceStatus, TaskRule, WorkItem
from tests.unit.process.office import (
    CLERK,
    DRAFTER,
    HEAD,
    LEADER,
    NOW,
    UNIT,
    Office,
    Running,
    a_flow,
    an_actor,
    boundary,
    draw,
    shape,
    timer,
)

COLLEAGUE = an_actor("colleague", Role.DESK_OFFICER, unit=UNIT)
STRANGER = an_actor("stranger", Role.DESK_OFFICER, unit=UNIT, agency=AgencyId("so-y-te"))
LATER = NOW + timedelta(minutes=5)
BACK = frozenset({"a", "b", "c"})
OWN = TaskRule(use_case="any", person_key="holder_id", writes=frozenset({"ok"}), returns_to=BACK)
ANY = TaskRule(use_case="any", returns_to=BACK)
KNOWN = frozenset({"agency_id", "holder_id", "ok"})


def an_office(nodes: list[str], flows: list[str], rule: TaskRule = ANY) -> Office:
    xml = draw(["startEvent s", *nodes, "endEvent e"], flows)
    return Office(replace(a_flow(xml, a=rule, b=rule, c=rule, d=rule), starts_with=KNOWN))


def a_row(rule: TaskRule = ANY) -> Office:
    """Return an office whose flow is `a`, `b`, `c`; each goes back to those before it."""
    return an_office(
        ["userTask a", shape("userTask", "b", returnsTo="a"),
         shape("userTask", "c", returnsTo="a b")],
        ["s a", "a b", "b c", "c e"],
        rule,
    )  # fmt: skip


def a_fork() -> Office:
    """Return an office whose flow does `b` and `c` at once; both go back to `a` by name."""
    return an_office(
        ["userTask a", "parallelGateway f", shape("userTask", "b", returnsTo="a"),
         shape("userTask", "c", returnsTo="a"), "parallelGateway j",
         shape("userTask", "d", returnsTo="a b")],
        ["s a", "a f", "f b", "f c", "b j", "c j", "j d", "d e"],
    )  # fmt: skip


def send_back(office: Office, item: WorkItem, target: str, **changes: object) -> object:
    values: dict[str, object] = {
        "use_case": "any",
        "now": LATER,
        "outcome": "returned",
        "comment": "Sửa lại",
    }
    return office.processes().reassignment.send_back(
        item.id,
        target,
        DRAFTER,
        **(values | changes),  # type: ignore[arg-type]
    )


def ways_back(office: Office, item: WorkItem) -> list[str]:
    return [node.id for node in office.processes().reassignment.list_ways_back(item)]


# --- hand over -------------------------------------------------------------------------------


def test_task_that_is_handed_over_is_the_new_holders_alone() -> None:
    office = a_row(OWN)
    run = Running(office, holder_id=DRAFTER.person_id)
    item = run.open()["a"]
    given = office.processes().reassignment.hand_over(
        item.id, COLLEAGUE.person_id, actor=DRAFTER, now=LATER, reason="Đi công tác"
    )
    assert given == replace(item, person_id=COLLEAGUE.person_id)
    assert run.open()["a"] == given
    with pytest.raises(NotPermittedError):
        run.do("a", LATER, ok=True)
    entry = office.processes().list_history(run.id)[-1]
    assert (entry.outcome, entry.comment, entry.node_id) == ("handed_over", "Đi công tác", "a")
    assert (entry.actor_id, entry.task_id) == (DRAFTER.person_id, item.id)


def test_later_return_comes_to_the_new_holder() -> None:
    office = a_row(OWN)
    run = Running(office, holder_id=DRAFTER.person_id)
    processes = office.processes()
    processes.reassignment.hand_over(
        run.open()["a"].id, COLLEAGUE.person_id, actor=DRAFTER, now=LATER, reason=""
    )
    assert run.data["holder_id"] == COLLEAGUE.person_id
    processes.complete(
        run.open()["a"].id,
        COLLEAGUE,
        use_case="any",
        now=LATER,
        outcome="done",
        writes={"ok": True},
    )
    item = run.open()["b"]
    processes.reassignment.send_back(
        item.id, "a", COLLEAGUE, use_case="any", now=LATER, outcome="returned", comment=""
    )
    assert run.open()["a"].person_id == COLLEAGUE.person_id


def test_task_of_a_role_goes_to_one_person_and_the_next_round_to_the_role_again() -> None:
    office = a_row()
    run = Running(office)
    office.processes().reassignment.hand_over(
        run.open()["a"].id, COLLEAGUE.person_id, actor=DRAFTER, now=LATER, reason=""
    )
    assert run.open()["a"].person_id == COLLEAGUE.person_id
    assert "holder_id" not in run.data
    office.processes().complete(
        run.open()["a"].id, COLLEAGUE, use_case="any", now=LATER, outcome="done"
    )
    send_back(office, run.open()["b"], "a")
    assert run.open()["a"].person_id is None


@pytest.mark.parametrize("actor", [COLLEAGUE, HEAD, STRANGER])
def test_handing_over_is_refused_when_the_task_is_somebody_elses(actor: object) -> None:
    office = a_row(OWN)
    run = Running(office, holder_id=DRAFTER.person_id)
    item = run.open()["a"]
    with pytest.raises(NotPermittedError):
        office.processes().reassignment.hand_over(
            item.id,
            COLLEAGUE.person_id,
            actor=actor,  # type: ignore[arg-type]
            now=LATER,
            reason="",
        )
    given = office.processes().reassignment.hand_over(
        item.id, COLLEAGUE.person_id, actor=HEAD, now=LATER, reason="", as_superior=True
    )
    assert given.person_id == COLLEAGUE.person_id
    assert run.outcomes()[-1] == ("a", "handed_over", HEAD.person_id)


@pytest.mark.parametrize("as_superior", [True, False])
def test_handing_over_is_refused_when_the_document_names_who_does_it(as_superior: bool) -> None:
    office = a_row(replace(OWN, may_hand_over=False))
    run = Running(office, holder_id=DRAFTER.person_id)
    before = run.row
    with pytest.raises(NotPermittedError) as caught:
        office.processes().reassignment.hand_over(
            run.open()["a"].id,
            COLLEAGUE.person_id,
            actor=DRAFTER,
            now=LATER,
            reason="",
            as_superior=as_superior,
        )
    assert caught.value.params["predicate"] == "may_hand_over"
    assert run.row == before


def test_handing_over_is_refused_when_the_task_is_closed() -> None:
    office = a_row()
    run = Running(office)
    item = run.open()["a"]
    run.do("a")
    for as_superior in (True, False):
        with pytest.raises(ConflictError) as caught:
            office.processes().reassignment.hand_over(
                item.id,
                COLLEAGUE.person_id,
                actor=DRAFTER,
                now=LATER,
                reason="",
                as_superior=as_superior,
            )
        assert caught.value.code is ErrorCode.TASK_CLOSED


def test_deadline_and_events_stay_when_a_task_is_handed_over() -> None:
    event = boundary("t", "a", timer("P1D"))
    office = an_office(
        [shape("userTask", "a", due="PT4H"), event, "userTask b"], ["s a", "a e", "t b", "b e"]
    )
    run = Running(office)
    due = dict(office.store.due)
    office.settle(NOW + timedelta(hours=4))
    item = run.open()["a"]
    assert item.alert is Alert.OVERDUE
    office.processes().reassignment.hand_over(
        item.id, COLLEAGUE.person_id, actor=DRAFTER, now=LATER, reason=""
    )
    assert run.open()["a"] == replace(item, person_id=COLLEAGUE.person_id)
    left = {entry.id for entry in office.store.due.values()}
    assert left < set(due)
    assert office.settle(NOW + timedelta(days=1)) == ["event t"]
    assert run.waiting() == ["b"]


# --- send back -------------------------------------------------------------------------------


def test_task_goes_back_to_the_one_that_is_named() -> None:
    office = a_row()
    run = Running(office)
    run.do("a")
    run.do("b")
    item = run.open()["c"]
    assert ways_back(office, item) == ["a", "b"]
    send_back(office, item, "a")
    assert run.waiting() == ["a"]
    entry = office.processes().list_history(run.id)[-1]
    assert (entry.node_id, entry.outcome, entry.comment) == ("c", "returned", "Sửa lại")
    closed = office.store.get_work_item(item.id)
    assert (closed.closed_by, closed.outcome) == (DRAFTER.person_id, "returned")
    assert run.open()["a"].opened_at == LATER
    for node in "abc":
        run.do(node)
    assert run.row.status is InstanceStatus.COMPLETED


@pytest.mark.parametrize("target", ["b", "c", "s", "nobody", ""])
def test_sending_back_is_refused_where_the_diagram_does_not_say_so(target: str) -> None:
    office = a_row()
    run = Running(office)
    run.do("a")
    before = run.row
    with pytest.raises(InvalidInputError) as caught:
        send_back(office, run.open()["b"], target)
    assert caught.value.code is ErrorCode.PROCESS_RETURN
    assert run.row == before


def test_sending_back_is_refused_by_another_use_case_or_person() -> None:
    office = a_row(OWN)
    run = Running(office, holder_id=DRAFTER.person_id)
    run.do("a", ok=True)
    item = run.open()["b"]
    with pytest.raises(NotPermittedError):
        send_back(office, item, "a", use_case="sign_document")
    for actor in (COLLEAGUE, LEADER):
        with pytest.raises(NotPermittedError):
            office.processes().reassignment.send_back(
                item.id, "a", actor, use_case="any", now=LATER, outcome="returned", comment=""
            )


def test_sending_back_is_refused_when_a_branch_beside_is_still_open() -> None:
    office = a_fork()
    run = Running(office)
    run.do("a")
    for node in ("b", "c"):
        item = run.open()[node]
        assert ways_back(office, item) == []
        with pytest.raises(InvalidInputError) as caught:
            send_back(office, item, "a")
        assert caught.value.code is ErrorCode.PROCESS_RETURN
    run.do("b")
    # What has arrived at the join would be left behind.
    assert ways_back(office, run.open()["c"]) == []
    run.do("c")
    # Into one branch of the two is no way back either: the join would wait for ever.
    assert ways_back(office, run.open()["d"]) == ["a"]
    send_back(office, run.open()["d"], "a")
    for node in "abcd":
        run.do(node)
    assert run.row.status is InstanceStatus.COMPLETED


def test_sending_back_inside_a_branch_leaves_the_other_alone() -> None:
    office = an_office(
        ["parallelGateway f", "userTask a", shape("userTask", "b", returnsTo="a"), "userTask c",
         "parallelGateway j"],
        ["s f", "f a", "a b", "f c", "b j", "c j", "j e"],
    )  # fmt: skip
    for early in (True, False):
        run = Running(office, key=str(early))
        run.do("a")
        if early:
            run.do("c")
        send_back(office, run.open()["b"], "a")
        assert run.waiting() == (["a"] if early else ["a", "c"])
        for node in ("a", "b") if early else ("a", "b", "c"):
            run.do(node)
        assert run.row.status is InstanceStatus.COMPLETED


def test_sending_back_takes_timers_and_messages_of_the_task_away() -> None:
    event = boundary("t", "b", timer("P1D"))
    office = an_office(
        ["userTask a", shape("userTask", "b", returnsTo="a", due="PT4H"), event, "userTask c"],
        ["s a", "a b", "b e", "t c", "c e"],
    )
    run = Running(office)
    run.do("a")
    assert len(office.store.due) == 4
    send_back(office, run.open()["b"], "a")
    assert office.store.due == {}
    run.do("a", LATER)
    assert len(office.store.due) == 4


def test_task_is_sent_back_beside_what_a_timer_has_begun() -> None:
    event = boundary("t", "b", timer("P1D"), interrupts=False)
    office = an_office(
        ["userTask a", shape("userTask", "b", returnsTo="a"), event, "userTask c", "endEvent d"],
        ["s a", "a b", "b e", "t c", "c d"],
    )
    run = Running(office)
    run.do("a")
    office.settle(NOW + timedelta(days=1))
    assert run.waiting() == ["b", "c"]
    # Once more round, the timer would begin a second notice while the first is at hand.
    assert ways_back(office, run.open()["b"]) == []
    run.do("c")
    assert ways_back(office, run.open()["b"]) == ["a"]


def test_closed_task_and_ended_process_have_no_way_back() -> None:
    office = a_row()
    run = Running(office)
    run.do("a")
    item = run.open()["b"]
    run.do("b")
    assert ways_back(office, office.store.get_work_item(item.id)) == []
    last = run.open()["c"]
    office.processes().cancel(run.id, actor=CLERK, now=LATER, reason="")
    assert ways_back(office, last) == []
    with pytest.raises(ConflictError):
        send_back(office, last, "a")


# --- take back -------------------------------------------------------------------------------


def test_own_last_step_is_taken_back_while_nobody_has_acted() -> None:
    office = a_row()
    run = Running(office)
    done = run.open()["a"]
    run.do("a", LATER)
    item = run.open()["b"]
    entry = office.processes().reassignment.find_take_back(item.id, DRAFTER)
    assert entry is not None
    assert entry.task_id == done.id
    office.processes().reassignment.take_back(item.id, DRAFTER, now=LATER, comment="Nhầm")
    assert run.waiting() == ["a"]
    assert run.outcomes()[-1] == ("b", "taken_back", DRAFTER.person_id)
    assert run.open()["a"].id != done.id


def test_step_of_somebody_else_is_not_taken_back() -> None:
    office = a_row()
    run = Running(office)
    run.do("a", LATER)
    item = run.open()["b"]
    assert office.processes().reassignment.find_take_back(item.id, COLLEAGUE) is None
    with pytest.raises(ConflictError) as caught:
        office.processes().reassignment.take_back(item.id, COLLEAGUE, now=LATER, comment="")
    assert caught.value.code is ErrorCode.PROCESS_RETURN


def test_step_is_not_taken_back_after_the_next_one_was_made() -> None:
    office = a_row()
    run = Running(office)
    run.do("a", LATER)
    item = run.open()["b"]
    run.do("b", LATER + timedelta(minutes=1))
    with pytest.raises(ConflictError) as caught:
        office.processes().reassignment.take_back(item.id, DRAFTER, now=LATER, comment="")
    assert caught.value.code is ErrorCode.TASK_CLOSED
    assert office.processes().reassignment.find_take_back(item.id, DRAFTER) is None


def test_step_is_not_taken_back_after_the_task_was_handed_over_or_asked_about() -> None:
    for act in ("hand_over", "ask"):
        office = a_row()
        run = Running(office)
        run.do("a", LATER)
        item = run.open()["b"]
        reassignment = office.processes().reassignment
        now = LATER + timedelta(minutes=1)
        if act == "ask":
            reassignment.note_asked(item.id, 1, DRAFTER, now=now, comment="Phòng tài chính")
        else:
            reassignment.hand_over(item.id, COLLEAGUE.person_id, actor=DRAFTER, now=now, reason="")
        assert office.processes().reassignment.find_take_back(item.id, DRAFTER) is None


def test_step_is_taken_back_though_the_house_has_acted_since() -> None:
    office = an_office(
        ["userTask a", shape("userTask", "b", returnsTo="a"), "endEvent d",
         boundary("t", "b", timer("PT1M"), interrupts=False)],
        ["s a", "a b", "b e", "t d"],
    )  # fmt: skip
    run = Running(office)
    run.do("a", LATER)
    assert office.settle(LATER + timedelta(minutes=2)) == ["event t"]
    item = run.open()["b"]
    entry = office.processes().reassignment.find_take_back(item.id, DRAFTER)
    assert entry is not None
    assert entry.node_id == "a"


def test_step_is_taken_back_though_the_instance_was_moved_to_another_version() -> None:
    office = a_row()
    run = Running(office)
    run.do("a", LATER)
    xml = office.procedures["flow"].bpmn.replace(b'name="c"', b'name="Ba"')
    office.procedures["flow"] = replace(office.procedures["flow"], bpmn=xml)
    digest = office.processes().deployment.release("flow", LATER).digest
    office.processes().migration.migrate(run.row, digest, actor=COLLEAGUE, now=LATER)
    item = run.open()["b"]
    assert office.processes().reassignment.find_take_back(item.id, DRAFTER) is not None


def test_step_is_not_taken_back_where_the_diagram_does_not_say_so() -> None:
    office = an_office(["userTask a", "userTask b"], ["s a", "a b", "b e"])
    run = Running(office)
    run.do("a", LATER)
    assert office.processes().reassignment.find_take_back(run.open()["b"].id, DRAFTER) is None


def test_step_that_opened_two_tasks_is_not_taken_back_by_one_of_them() -> None:
    office = a_fork()
    run = Running(office)
    run.do("a", LATER)
    for node in ("b", "c"):
        item = run.open()[node]
        assert office.processes().reassignment.find_take_back(item.id, DRAFTER) is None


def test_start_is_not_taken_back() -> None:
    office = a_row()
    run = Running(office)
    assert office.processes().reassignment.find_take_back(run.open()["a"].id, DRAFTER) is None


# --- opinions --------------------------------------------------------------------------------


def test_asking_is_noted_and_counted_and_ends_with_the_task() -> None:
    office = a_row()
    run = Running(office)
    item = run.open()["a"]
    processes = office.processes()
    processes.reassignment.note_asked(item.id, 2, DRAFTER, now=LATER, comment="Hai phòng")
    processes.reassignment.note_asked(item.id, 1, DRAFTER, now=LATER, comment="Thêm một")
    assert run.open()["a"].asked == 3
    child = processes.start(
        "flow",
        business_key="child",
        data={"agency_id": "so-noi-vu"},
        actor=DRAFTER,
        now=LATER,
        parent_id=run.id,
        parent_task_id=item.id,
    )
    run.do("a")
    ended = office.store.get_instance(child.instance_id)
    assert ended.status is InstanceStatus.CANCELLED
    assert office.store.list_open_work_items(child.instance_id) == []


def test_line_of_an_ended_child_is_its_own() -> None:
    office = a_row()
    run = Running(office)
    item = run.open()["a"]
    processes = office.processes()
    processes.reassignment.note_asked(item.id, 1, DRAFTER, now=LATER, comment="Một phòng")
    child = processes.start(
        "flow",
        business_key="child",
        data={"agency_id": "so-noi-vu"},
        actor=DRAFTER,
        now=LATER,
        parent_id=run.id,
        parent_task_id=item.id,
    )
    processes.complete(
        item.id, DRAFTER, use_case="any", now=LATER, outcome="done", comment="Chỉ nói ở đây"
    )
    line = office.store.list_history(child.instance_id)[-1]
    assert (line.outcome, line.task_id, line.comment) == ("cancelled", "", "")


def test_foreseeing_names_what_would_open_and_changes_nothing() -> None:
    office = an_office(
        ["userTask a", "exclusiveGateway g g-b", "userTask b", "userTask c", "userTask d",
         "parallelGateway f", "parallelGateway j"],
        ["s a", "a g", "g b", "g f ok == True", "f c", "f d", "c j", "d j", "j e", "b e"],
        OWN,
    )  # fmt: skip
    run = Running(office, holder_id=DRAFTER.person_id)
    before = run.row
    item = run.open()["a"]

    def foreseen(ok: bool) -> list[str]:
        nodes = office.processes().reassignment.foresee(item, {"ok": ok})
        return sorted(node.id for node in nodes)

    assert (foreseen(ok=False), foreseen(ok=True)) == (["b"], ["c", "d"])
    assert run.row == before
    assert run.waiting() == ["a"]


def test_kind_of_task_says_whether_it_may_be_handed_over() -> None:
    for may in (True, False):
        office = a_row(replace(OWN, may_hand_over=may))
        run = Running(office, holder_id=DRAFTER.person_id)
        item = run.open()["a"]
        assert office.processes().reassignment.may_hand_over(item) is may
