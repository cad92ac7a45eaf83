"""Take running instances along to another version: nothing is lost, nothing happens twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.organisation import Role
from engine.process.definitions import definition_digest
from engine.process.migration import MigrationPlan, MigrationProblem
from engine.process.model import (
    Alert,
    DefinitionSource,
    InstanceStatus,
    StoredDefinition,
    TaskRule,
)
from tests.unit.process.office import (
    DRAFTER,
    NOW,
    UNIT,
    Office,
    Running,
    a_flow,
    an_actor,
    boundary,
    draw,
    message,
    shape,
    timer,
)

ADMINISTRATOR = an_actor("quan-tri", Role.ADMINISTRATOR)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LATER = NOW + HOUR
ANY = TaskRule(use_case="any")
ALL = dict.fromkeys(("a", "b", "c", "d", "n"), ANY)


def drawn(nodes: Sequence[str], flows: Sequence[str], **how: object) -> bytes:
    return draw(["startEvent s", *nodes, "endEvent e"], flows, **how)  # type: ignore[arg-type]


ROW = drawn(["userTask a", "userTask b"], ["s a", "a b", "b e"])
FORK = drawn(
    ["parallelGateway f", "userTask a", "userTask b", "parallelGateway j", "userTask c"],
    ["s f", "f a", "f b", "a j", "b j", "j c", "c e"],
)  # fmt: skip


def an_office(xml: bytes = ROW) -> Office:
    procedure = replace(
        a_flow(xml, **ALL),
        operations={"w": ""},
        starts_with=frozenset({"agency_id", "number", "days", "unit_id"}),
    )
    return Office(procedure)


def put(office: Office, xml: bytes) -> str:
    """Keep another version, without the linter; return its digest."""
    digest = definition_digest(xml)
    version = StoredDefinition(
        digest=digest,
        procedure_id="flow",
        number=len(office.store.definitions) + 1,
        xml=xml,
        dmn=b"",
        source=DefinitionSource.EDITOR,
        added_at=NOW,
        added_by=ADMINISTRATOR.person_id,
        added_by_name=ADMINISTRATOR.full_name,
    )
    office.store.add_definition(version)
    return digest


def plan(run: Running, xml: bytes) -> MigrationPlan:
    office = run.office
    return office.processes().migration.plan(run.row, put(office, xml))


def migrate(run: Running, xml: bytes) -> None:
    office = run.office
    digest = put(office, xml)
    moved = office.processes().migration.migrate(run.row, digest, actor=ADMINISTRATOR, now=LATER)
    assert moved == run.row
    assert moved.definition_digest == digest


def test_instance_goes_on_in_the_new_version_with_the_same_tasks() -> None:
    run = Running(an_office())
    item = run.open()["a"]
    longer = drawn(["userTask a", "userTask c", "userTask b"], ["s a", "a c", "c b", "b e"])
    migrate(run, longer)
    assert run.open()["a"] == item
    for node in "acb":
        run.do(node)
    assert run.row.status is InstanceStatus.COMPLETED
    assert run.outcomes()[1] == ("flow", "migrated", ADMINISTRATOR.person_id)
    entry = run.office.processes().list_history(run.id)[1]
    assert entry.comment == definition_digest(longer)


def test_new_label_and_lane_are_on_the_open_task() -> None:
    office = an_office()
    unit_rule = TaskRule(use_case="any", unit_key="unit_id")
    office.procedures["flow"] = replace(office.procedures["flow"], tasks={**ALL, "a": unit_rule})
    run = Running(office, unit_id=UNIT)
    changed = drawn(
        [shape("userTask", "a").replace('name="a"', 'name="Soát"'), "userTask b"],
        ["s a", "a b", "b e"],
        lane="van_thu",
    )
    migrate(run, changed)
    item = run.open()["a"]
    assert (item.name, item.role, item.rule, item.unit_id) == (
        "Soát",
        Role.CLERK,
        "a",
        UNIT,
    )


def test_plan_says_what_is_skipped_added_and_dropped() -> None:
    run = Running(an_office(drawn(["userTask a", "userTask b", "userTask c"],
                                  ["s a", "a b", "b c", "c e"])))  # fmt: skip
    run.do("a")
    found = plan(
        run,
        drawn(
            ["userTask a", "userTask n", "userTask b", "userTask d"],
            ["s a", "a n", "n b", "b d", "d e"],
        ),
    )
    assert found == MigrationPlan(
        instance_id=run.id,
        business_key="one",
        waiting=["b"],
        problems=[],
        skipped=["n"],
        added=["d"],
        dropped=["c"],
    )
    assert found.is_possible


def test_plan_writes_nothing() -> None:
    run = Running(an_office(drawn([shape("userTask", "a", due="PT4H")], ["s a", "a e"])))
    store = run.office.store
    before = (run.row, dict(store.items), dict(store.due), list(store.history))
    plan(run, drawn([shape("userTask", "a", due="PT8H")], ["s a", "a e"]))
    assert (run.row, dict(store.items), dict(store.due), list(store.history)) == before


def refusal(run: Running, xml: bytes) -> list[tuple[MigrationProblem, str]]:
    """Return the problems of a plan, after seeing that nothing moves."""
    before = run.row
    problems = list(plan(run, xml).problems)
    digest = put(run.office, xml)
    with pytest.raises(ConflictError) as caught:
        run.office.processes().migration.migrate(run.row, digest, actor=ADMINISTRATOR, now=LATER)
    assert caught.value.code is ErrorCode.PROCESS_MIGRATION
    assert run.row == before
    return problems


@pytest.mark.parametrize(
    ("xml", "problem", "node"),
    [
        (drawn(["userTask b"], ["s b", "b e"]), MigrationProblem.STEP_GONE, "a"),
        (
            drawn(["serviceTask a", "userTask b"], ["s a", "a b", "b e"]),
            MigrationProblem.STEP_CHANGED,
            "a",
        ),
        (
            drawn([shape("userTask", "a", rule="x"), "userTask b"], ["s a", "a b", "b e"]),
            MigrationProblem.RULE_GONE,
            "a",
        ),
        (
            drawn([shape("userTask", "a", rule="d"), "userTask b"], ["s a", "a b", "b e"]),
            MigrationProblem.STEP_CHANGED,
            "a",
        ),
        (
            drawn(
                [
                    "userTask a",
                    boundary("t", "a", timer("days working days")),
                    "userTask b",
                    "endEvent d",
                ],
                ["s a", "a b", "b e", "t d"],
            ),
            MigrationProblem.DATA_MISSING,
            "a",
        ),
        (ROW.replace(b'id="flow"', b'id="other"'), MigrationProblem.OTHER_PROCEDURE, "other"),
    ],
)
def test_instance_stays_when_its_place_is_another_in_the_new_version(
    xml: bytes, problem: MigrationProblem, node: str
) -> None:
    assert refusal(Running(an_office()), xml) == [(problem, node)]


def test_instance_stays_when_a_join_would_wait_for_ever() -> None:
    run = Running(an_office())
    # `a` has become one of two branches, and the other was never begun.
    assert refusal(run, FORK) == [(MigrationProblem.CANNOT_STAND, "a")]


def test_instance_stays_when_two_tokens_would_meet() -> None:
    run = Running(an_office(FORK))
    assert {problem for problem, _node in refusal(run, ROW)} == {MigrationProblem.CANNOT_STAND}


@pytest.mark.parametrize("first", ["a", "b"])
def test_what_has_arrived_at_a_join_moves_along(first: str) -> None:
    run = Running(an_office(FORK))
    run.do(first)
    (second,) = run.waiting()
    longer = drawn(
        ["parallelGateway f", "userTask a", "userTask b", "parallelGateway j", "userTask c",
         "userTask d"],
        ["s f", "f a", "f b", "a j", "b j", "j d", "d c", "c e"],
    )  # fmt: skip
    found = plan(run, longer)
    assert (found.waiting, found.added) == ([second], ["d"])
    migrate(run, longer)
    for node in (second, "d", "c"):
        run.do(node)
    assert run.row.status is InstanceStatus.COMPLETED


@pytest.mark.parametrize("first", ["a", "b"])
def test_instance_stays_when_what_has_arrived_came_by_a_way_that_is_gone(first: str) -> None:
    run = Running(an_office(FORK))
    run.do(first)
    # The branch that is done now ends with another task before the join.
    flows = ["s f", "f a", "f b", f"{first} n", "n j", "j c", "c e"]
    other = "b" if first == "a" else "a"
    changed = drawn(
        ["parallelGateway f", "userTask a", "userTask b", "userTask n", "parallelGateway j",
         "userTask c"],
        [*flows, f"{other} j"],
    )  # fmt: skip
    assert refusal(run, changed) == [(MigrationProblem.STEP_CHANGED, "j")]


def test_instance_stays_when_its_join_has_another_branch() -> None:
    run = Running(an_office(FORK))
    run.do("a")
    wider = drawn(
        ["parallelGateway f", "userTask a", "userTask b", "userTask n", "parallelGateway j",
         "userTask c"],
        ["s f", "f a", "f b", "f n", "a j", "b j", "n j", "j c", "c e"],
    )  # fmt: skip
    assert {problem for problem, _node in refusal(run, wider)} == {MigrationProblem.CANNOT_STAND}


def test_token_that_has_reached_an_end_does_not_keep_the_rest_from_moving() -> None:
    run = Running(
        an_office(
            drawn(
                ["parallelGateway f", "userTask a", "userTask b", "endEvent gone"],
                ["s f", "f a", "f b", "a e", "b gone"],
            )
        )
    )
    run.do("b")
    migrate(
        run,
        drawn(
            ["parallelGateway f", "userTask a", "userTask b", "userTask c", "endEvent d"],
            ["s f", "f a", "f b", "a c", "c e", "b d"],
        ),
    )
    run.do("a")
    run.do("c")
    assert run.row.status is InstanceStatus.COMPLETED


def test_ended_instance_stays() -> None:
    run = Running(an_office())
    run.office.processes().cancel(run.id, actor=ADMINISTRATOR, now=NOW, reason="Thôi")
    digest = put(run.office, FORK)
    with pytest.raises(ConflictError):
        run.office.processes().migration.migrate(run.row, digest, actor=ADMINISTRATOR, now=LATER)


def test_migration_is_refused_when_the_instance_moved_meanwhile() -> None:
    run = Running(an_office())
    read = run.row
    run.do("a")
    digest = put(run.office, drawn(["userTask a", "userTask b", "userTask c"],
                                   ["s a", "a b", "b c", "c e"]))  # fmt: skip
    with pytest.raises(ConflictError) as caught:
        run.office.processes().migration.migrate(read, digest, actor=ADMINISTRATOR, now=LATER)
    assert caught.value.code is ErrorCode.PROCESS_CONFLICT


def test_plan_is_refused_when_there_is_no_such_version() -> None:
    run = Running(an_office())
    with pytest.raises(InvalidInputError):
        run.office.processes().migration.plan(run.row, "0" * 64)


# --- what comes with a task ------------------------------------------------------------------


def with_due(text: str) -> bytes:
    due = {"due": text} if text else {}
    return drawn([shape("userTask", "a", **due)], ["s a", "a e"])


@pytest.mark.parametrize(
    ("old", "new", "due_at", "entries"),
    [
        ("PT4H", "PT8H", NOW + 8 * HOUR, 3),
        ("PT8H", "PT4H", NOW + 4 * HOUR, 3),
        ("", "P1D", NOW + DAY, 3),
        ("PT4H", "", None, 0),
    ],
)
def test_deadline_is_counted_anew_from_when_the_task_was_opened(
    old: str, new: str, due_at: object, entries: int
) -> None:
    run = Running(an_office(with_due(old)))
    migrate(run, with_due(new))
    assert run.open()["a"].due_at == due_at
    due = run.office.store.due.values()
    assert len(due) == entries
    assert max((entry.due_at for entry in due), default=None) == due_at


def test_alert_of_an_overdue_task_goes_when_it_has_more_time() -> None:
    run = Running(an_office(with_due("PT1H")))
    run.office.settle(LATER)
    assert run.open()["a"].alert is Alert.OVERDUE
    migrate(run, with_due("P2D"))
    item = run.open()["a"]
    assert (item.alert, item.escalated_role) == (Alert.NONE, None)
    run.office.settle(NOW + 2 * DAY)
    assert run.open()["a"].alert is Alert.OVERDUE


def test_task_that_was_handed_over_stays_with_its_holder() -> None:
    run = Running(an_office())
    item = run.open()["a"]
    colleague = an_actor("colleague", Role.DESK_OFFICER)
    run.office.processes().reassignment.hand_over(
        item.id, colleague.person_id, actor=DRAFTER, now=NOW, reason=""
    )
    migrate(run, with_due("PT4H"))
    assert run.open()["a"].person_id == colleague.person_id


def with_timer(text: str = "", *, interrupts: bool = True, event_id: str = "t") -> bytes:
    event = [boundary(event_id, "a", timer(text), interrupts=interrupts)] if text else []
    beside = ["userTask n", "endEvent d"] if text else []
    flows = [f"{event_id} n", "n d"] if text else []
    return drawn(["userTask a", *event, *beside], ["s a", "a e", *flows])


def test_timer_on_a_task_is_set_anew_from_when_the_task_was_opened() -> None:
    run = Running(an_office(with_timer("P1D")))
    migrate(run, with_timer("P3D"))
    assert [entry.due_at for entry in run.office.store.due.values()] == [NOW + 3 * DAY]
    assert run.office.settle(NOW + 3 * DAY) == ["event t"]
    assert run.waiting() == ["n"]


def test_timer_that_the_new_version_adds_runs_and_one_it_drops_does_not() -> None:
    run = Running(an_office(with_timer()))
    migrate(run, with_timer("P1D"))
    assert [entry.node_id for entry in run.office.store.due.values()] == ["t"]
    migrate(run, with_timer())
    assert run.office.store.due == {}
    run.do("a")
    assert run.row.status is InstanceStatus.COMPLETED


def test_timer_that_has_happened_does_not_happen_again() -> None:
    run = Running(an_office(with_timer("P1D", interrupts=False)))
    run.office.settle(NOW + DAY)
    assert run.waiting() == ["a", "n"]
    migrate(run, with_timer("PT6H", interrupts=False))
    assert run.office.store.due == {}
    assert run.office.settle(NOW + 9 * DAY) == []
    assert run.waiting() == ["a", "n"]


def with_message(name: str = "answer", *, interrupts: bool = True) -> bytes:
    event = boundary("r", "a", message(name), correlation="number", interrupts=interrupts)
    return drawn(
        ["userTask a", event, "userTask n", "endEvent d"],
        ["s a", "a e", "r n", "n d"],
        messages=[name],
    )


def send(run: Running, name: str) -> None:
    run.office.processes().send_message(
        name, message_id=name, correlation={"number": 1}, payload={}, now=LATER
    )


def test_message_is_waited_for_as_the_new_version_says() -> None:
    run = Running(an_office(with_message("answer")), number=1)
    migrate(run, with_message("reply"))
    send(run, "answer")
    assert run.office.settle(LATER) == []
    send(run, "reply")
    assert run.office.settle(LATER) == ["message"]
    assert run.waiting() == ["n"]


def test_message_that_was_taken_is_not_waited_for_again() -> None:
    run = Running(an_office(with_message(interrupts=False)), number=1)
    send(run, "answer")
    run.office.settle(LATER)
    migrate(run, with_message(interrupts=False).replace(b'name="n"', b'name="m"'))
    assert run.office.store.subscriptions == []


def test_message_that_came_before_is_taken_by_what_the_new_version_waits_for() -> None:
    run = Running(an_office(with_message("answer")), number=1)
    send(run, "reply")
    migrate(run, with_message("reply"))
    assert run.office.settle(LATER) == ["message"]
    assert run.waiting() == ["n"]


def catching(definition: str, **own: str) -> bytes:
    return drawn(
        [shape("intermediateCatchEvent", "c", definition, **own), "userTask a"],
        ["s c", "c a", "a e"],
        messages=["answer"],
    )


def test_timer_of_a_catch_event_runs_on() -> None:
    run = Running(an_office(catching(timer("P2D"))))
    before = dict(run.office.store.due)
    migrate(run, catching(timer("P9D")))
    assert run.office.store.due == before
    assert run.office.settle(NOW + 2 * DAY) == ["event c"]
    assert run.waiting() == ["a"]


def test_instance_stays_when_an_event_waits_for_something_else() -> None:
    by_time, by_message = catching(timer("P2D")), catching(message("answer"), correlation="number")
    for old, new in ((by_time, by_message), (by_message, by_time)):
        run = Running(an_office(old), number=1)
        assert refusal(run, new) == [(MigrationProblem.STEP_CHANGED, "c")]


def test_operation_that_waits_moves_along() -> None:
    run = Running(an_office(drawn(["serviceTask w"], ["s w", "w e"])))
    migrate(run, drawn(["serviceTask w", "userTask a"], ["s w", "w a", "a e"]))
    assert run.operate("w").opened[0].node_id == "a"


def test_opinions_that_were_asked_for_stay_with_the_task() -> None:
    run = Running(an_office())
    item = run.open()["a"]
    run.office.processes().reassignment.note_asked(item.id, 2, DRAFTER, now=NOW, comment="")
    migrate(run, with_due("PT4H"))
    assert run.open()["a"].asked == 2


def test_task_goes_back_in_the_new_version_where_it_now_may() -> None:
    run = Running(an_office())
    run.do("a")
    migrate(
        run,
        drawn(["userTask a", shape("userTask", "b", returnsTo="a")], ["s a", "a b", "b e"]),
    )
    item = run.open()["b"]
    run.office.processes().reassignment.send_back(
        item.id, "a", DRAFTER, use_case="any", now=LATER, outcome="returned", comment=""
    )
    assert run.waiting() == ["a"]


def test_deadline_stays_as_it_was_when_it_cannot_be_counted_in_the_new_version() -> None:
    for text in ("PT1H", "PT4H"):
        run = Running(an_office(with_due(text)))
        due_at = run.open()["a"].due_at
        assert due_at is not None
        migrate(run, with_due("days working days"))
        assert run.open()["a"].due_at == due_at
        assert max(entry.due_at for entry in run.office.store.due.values()) == due_at


# --- what a procedure demands ----------------------------------------------------------------

FOUR = ["userTask a", "userTask b", "userTask c", "userTask d"]
LONG = drawn(FOUR, ["s a", "a b", "b c", "c d", "d e"])
#: The same, with `c` before `b`.
TURNED = drawn(FOUR, ["s a", "a c", "c b", "b d", "d e"])
#: The same, with a way round from `b` to the beginning.
ROUND = drawn(
    ["exclusiveGateway m", *FOUR, "exclusiveGateway g g-d"],
    ["s m", "m a", "a c", "c b", "b g", "g m number == 1", "g d", "d e"],
)


def demanding(xml: bytes, **demands: object) -> Office:
    office = an_office(xml)
    procedure = replace(office.procedures["flow"], **demands)  # type: ignore[arg-type]
    office.procedures["flow"] = procedure
    digest = put(office, xml)
    office.store.set_current("flow", digest, NOW)
    return office


@pytest.mark.parametrize(
    ("demands", "problems"),
    [
        ({"required": frozenset({"c"})}, [(MigrationProblem.STEP_SKIPPED, "c")]),
        ({"order": (("c", "d"),)}, [(MigrationProblem.STEP_SKIPPED, "c")]),
        ({"order": (("c", "n"),)}, []),
    ],
)
@pytest.mark.parametrize("new", [TURNED, ROUND])
def test_instance_stays_when_a_demanded_step_would_be_behind_it(
    new: bytes, demands: dict[str, object], problems: list[tuple[MigrationProblem, str]]
) -> None:
    run = Running(demanding(LONG, **demands), number=1)
    run.do("a")
    assert list(plan(run, new).problems) == problems


def test_instance_moves_when_the_demanded_step_is_done_or_still_to_come() -> None:
    done = Running(demanding(TURNED, required=frozenset({"c"})))
    for node in "ac":
        done.do(node)
    assert plan(done, drawn(["userTask c", "userTask b"], ["s c", "c b", "b e"])).is_possible
    to_come = Running(demanding(LONG, required=frozenset({"c"})))
    assert plan(to_come, TURNED).is_possible


def test_step_that_was_only_handed_over_is_not_done() -> None:
    xml = drawn(
        ["exclusiveGateway m", "userTask c", boundary("t", "c", timer("P1D")),
         "userTask b", "exclusiveGateway g g-e"],
        ["s m", "m c", "c g", "t b", "b m", "g e", "g m number == 1"],
    )  # fmt: skip
    run = Running(demanding(xml, required=frozenset({"c"})), number=1)
    colleague = an_actor("colleague", Role.DESK_OFFICER)
    run.office.processes().reassignment.hand_over(
        run.open()["c"].id, colleague.person_id, actor=DRAFTER, now=NOW, reason=""
    )
    run.office.settle(NOW + DAY)
    assert run.waiting() == ["b"]
    new = drawn(["userTask c", "userTask b"], ["s c", "c b", "b e"])
    assert refusal(run, new) == [(MigrationProblem.STEP_SKIPPED, "c")]


def test_plan_names_a_task_of_both_versions_that_will_not_be_done() -> None:
    run = Running(an_office(LONG))
    run.do("a")
    assert list(plan(run, TURNED).skipped) == ["c"]
