"""What is refused around assignments: each with its own code, and nothing half done."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.errors import (
    ConflictError,
    ErrorCode,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    TrinhKyError,
)
from engine.model.assignment import AssignmentId, AssignmentState, Order, Party, Source, SourceKind
from engine.model.organisation import AgencyId, PersonId, Role, UnitId
from engine.ports_direction import Part
from tests.houses import Stage
from tests.orders import (
    CITY,
    HEAD,
    LEADER,
    OFFICER,
    OTHER_LEADER,
    SNV,
    STC,
    SYT,
    Desk,
)

#: A Monday at eight in the morning in Việt Nam; nothing of that week is a day off.
MONDAY = datetime(2026, 12, 7, 1, 0, tzinfo=UTC)


@pytest.fixture
def installation(installation_in_december: Path) -> Path:
    return installation_in_december


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def refusal(act: Callable[[], object]) -> TrinhKyError:
    with pytest.raises(TrinhKyError) as caught:
        act()
    return caught.value


def test_give_refuses_a_lead_that_co_operates(desk: Desk) -> None:
    error = refusal(lambda: desk.give(cooperators=(Party(agency_id=SNV),)))
    assert isinstance(error, InvalidInputError)
    assert error.code is ErrorCode.ASSIGNMENT_LEADS


def test_give_refuses_a_co_operator_named_twice(desk: Desk) -> None:
    twice = (Party(agency_id=STC), Party(agency_id=STC))
    assert refusal(lambda: desk.give(cooperators=twice)).code is ErrorCode.ASSIGNMENT_PARTIES


def test_give_refuses_the_same_person_by_two_ways(desk: Desk) -> None:
    person = desk.person()
    with_unit = Party(agency_id=SNV, unit_id=desk.unit_of(OFFICER), person_id=person.person_id)
    error = refusal(lambda: desk.give(LEADER, lead=person, cooperators=(with_unit,)))
    assert error.code is ErrorCode.ASSIGNMENT_LEADS


@pytest.mark.parametrize(
    ("due_on", "code", "following"),
    [
        (date(2026, 12, 4), ErrorCode.ASSIGNMENT_DEADLINE_PAST, "07/12/2026"),
        (date(2026, 12, 12), ErrorCode.ASSIGNMENT_DEADLINE_OFF, "14/12/2026"),
        (date(2027, 1, 1), ErrorCode.ASSIGNMENT_DEADLINE_OFF, "04/01/2027"),
    ],
)
def test_give_refuses_a_deadline_past_or_off_and_names_the_next_working_day(
    stage: Stage, desk: Desk, due_on: date, code: ErrorCode, following: str
) -> None:
    error = refusal(lambda: desk.give(due_on=due_on))
    assert (error.code, error.params["next"]) == (code, following)
    index = stage.house.use_cases.view_assignment.index
    assert list(index(stage.actor(CITY), Part.GIVEN).rows) == []


@pytest.mark.parametrize(("due_on", "no_deadline"), [(None, False), (date(2026, 12, 14), True)])
def test_give_refuses_a_deadline_that_is_neither_given_nor_left_out(
    desk: Desk, due_on: date | None, no_deadline: bool
) -> None:
    error = refusal(lambda: desk.give(due_on=due_on, no_deadline=no_deadline))
    assert error.code is ErrorCode.ASSIGNMENT_DEADLINE_MISSING


def test_give_refuses_a_deadline_years_away(desk: Desk) -> None:
    assert refusal(lambda: desk.give(due_on=date(2040, 1, 3))).code is ErrorCode.INPUT_INVALID


@pytest.mark.parametrize(
    ("login", "lead"),
    [
        (LEADER, Party(agency_id=STC)),  # a neighbour
        (LEADER, Party(agency_id=SNV)),  # oneself as an agency
        (LEADER, Party(agency_id=AgencyId("ubnd-tp"))),  # above
        (OFFICER, Party(agency_id=SNV)),  # an officer gives nothing
        ("snv.vanthu", Party(agency_id=SNV)),
    ],
)
def test_give_refuses_what_is_out_of_reach(desk: Desk, login: str, lead: Party) -> None:
    error = refusal(lambda: desk.give(login, lead=lead))
    assert isinstance(error, NotPermittedError)
    assert error.code is ErrorCode.ASSIGNMENT_REACH


def test_give_refuses_a_unit_of_another_agency_to_the_city(desk: Desk) -> None:
    lead = desk.unit("stc.truongphong")
    assert refusal(lambda: desk.give(CITY, lead=lead)).code is ErrorCode.ASSIGNMENT_REACH


def test_a_head_of_a_unit_gives_to_the_people_of_the_unit_only(desk: Desk) -> None:
    error = refusal(lambda: desk.give(HEAD, lead=desk.person("snv.vanthu")))
    assert error.code is ErrorCode.ASSIGNMENT_REACH


def test_give_refuses_oneself_as_the_lead(desk: Desk) -> None:
    error = refusal(lambda: desk.give(LEADER, lead=desk.person(LEADER)))
    assert error.code is ErrorCode.PERSON_UNSUITABLE


def test_give_refuses_a_unit_that_is_none(desk: Desk) -> None:
    lead = Party(agency_id=SNV, unit_id=UnitId("snv.khong-co"))
    assert isinstance(refusal(lambda: desk.give(LEADER, lead=lead)), NotFoundError)


def test_give_refuses_a_unit_nobody_heads(stage: Stage, desk: Desk) -> None:
    unit = desk.unit()
    with stage.house.start_work() as work:
        heads = work.organisation.list_posts(SNV, desk.today(), role=Role.DIVISION_HEAD)
        for post in heads:
            if post.unit_id == unit.unit_id:
                work.organisation.end_post(post.id, desk.today() - timedelta(days=1))
        work.commit()
    assert refusal(lambda: desk.give(LEADER, lead=unit)).code is ErrorCode.ASSIGNMENT_NOBODY


def test_give_refuses_somebody_without_a_post_here(stage: Stage, desk: Desk) -> None:
    stranger = Party(agency_id=SNV, person_id=stage.actor(OTHER_LEADER).person_id)
    assert refusal(lambda: desk.give(LEADER, lead=stranger)).code is ErrorCode.ASSIGNMENT_NOBODY


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (" ", ErrorCode.INPUT_MISSING),
        ("x" * 2001, ErrorCode.INPUT_TOO_LONG),
        ("Độ mật: TỐI MẬT", ErrorCode.DOCUMENT_CLASSIFIED),
    ],
)
def test_give_refuses_words_that_cannot_be_kept(desk: Desk, content: str, code: ErrorCode) -> None:
    assert refusal(lambda: desk.give(content=content)).code is code


@pytest.mark.parametrize("days", [11, None])
def test_a_part_ends_no_later_than_the_whole(desk: Desk, days: int | None) -> None:
    whole = desk.accepted()
    due_on = desk.day(days) if days else None
    part = {"lead": desk.unit(), "parent_id": whole, "due_on": due_on, "no_deadline": not days}
    error = refusal(lambda: desk.give(LEADER, **part))
    assert error.code is ErrorCode.ASSIGNMENT_DEADLINE_PARENT
    assert error.params["latest"] == desk.day(10).strftime("%d/%m/%Y")


def test_only_who_leads_gives_parts_on(desk: Desk) -> None:
    whole = desk.accepted()
    part = refusal(
        lambda: desk.give(OTHER_LEADER, lead=desk.unit("stc.truongphong"), parent_id=whole)
    )
    assert part.code is ErrorCode.ASSIGNMENT_PARENT
    personal = desk.accepted(LEADER, by=OFFICER, lead=desk.person())
    error = refusal(lambda: desk.give(HEAD, lead=desk.person(), parent_id=personal))
    assert error.code is ErrorCode.ASSIGNMENT_PARENT


def test_no_part_is_given_of_what_is_reported_done(desk: Desk) -> None:
    whole = desk.accepted()
    desk.finish(whole)
    error = refusal(lambda: desk.give(LEADER, lead=desk.unit(), parent_id=whole))
    assert error.code is ErrorCode.ASSIGNMENT_STATE


def test_what_has_open_parts_is_neither_finished_nor_given_away(stage: Stage, desk: Desk) -> None:
    cases = stage.house.use_cases
    whole = desk.accepted()
    part = desk.accepted(LEADER, by=HEAD, lead=desk.unit(), parent_id=whole)
    for act in (
        lambda: desk.finish(whole),
        lambda: cases.reassign(whole, stage.actor(CITY), Party(agency_id=STC), "Đổi nơi."),
    ):
        error = refusal(act)
        assert isinstance(error, ConflictError)
        assert (error.code, error.params["count"]) == (ErrorCode.ASSIGNMENT_CHILDREN, "1")
    assert desk.get(whole).lead == Party(agency_id=SNV)
    cases.cancel_assignment(part, stage.actor(LEADER), "Làm chung.")
    desk.finish(whole)


@pytest.mark.parametrize("login", [LEADER, HEAD, OFFICER, "snv.vanthu"])
def test_only_the_assigner_confirms(desk: Desk, login: str) -> None:
    assignment_id = desk.accepted()
    desk.finish(assignment_id)
    error = refusal(lambda: desk.confirm(assignment_id, login))
    assert isinstance(error, NotPermittedError)
    assert error.code is ErrorCode.ASSIGNMENT_NOT_ASSIGNER
    assert desk.get(assignment_id).state is AssignmentState.REPORTED


def test_another_leader_of_the_assigner_s_agency_does_not_confirm(
    stage: Stage, desk: Desk
) -> None:
    assignment_id = desk.accepted()
    desk.finish(assignment_id)
    with stage.house.start_reading() as work:
        posts = work.organisation.list_posts(AgencyId("ubnd-tp"), desk.today())
    other = stage.house.use_cases.identify.by_person(PersonId(posts[1].person_id))
    assert other is not None
    assert other.person_id != stage.actor(CITY).person_id
    error = refusal(lambda: stage.house.use_cases.confirm_completion(assignment_id, other))
    assert error.code is ErrorCode.ASSIGNMENT_NOT_ASSIGNER


def test_who_is_not_the_lead_does_not_act_for_it(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.give()
    error = refusal(lambda: desk.accept(assignment_id, HEAD))
    assert error.code is ErrorCode.TASK_NOT_YOURS
    desk.accept(assignment_id)
    for act in (
        lambda: desk.report(assignment_id, HEAD),
        lambda: desk.finish(assignment_id, HEAD),
        lambda: desk.ask(assignment_id, desk.day(12), HEAD),
    ):
        assert refusal(act).code is ErrorCode.TASK_NOT_YOURS


def test_an_agency_without_a_part_learns_nothing(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.give()
    stranger = stage.actor("syt.lanhdao")
    cases = stage.house.use_cases
    for act in (
        lambda: cases.view_assignment(assignment_id, stranger),
        lambda: cases.view_assignment.trail(assignment_id, stranger),
        lambda: cases.view_chain.of_assignment(assignment_id, stranger),
        lambda: cases.accept_assignment(assignment_id, stranger),
        lambda: cases.contribute(assignment_id, stranger, "Đã góp."),
        lambda: cases.cancel_assignment(assignment_id, stranger, "Hủy."),
    ):
        assert refusal(act).code is ErrorCode.PERMISSION_DENIED


def test_an_unknown_assignment_is_not_found(desk: Desk) -> None:
    error = refusal(lambda: desk.accept(AssignmentId("khong-co")))
    assert error.code is ErrorCode.ASSIGNMENT_NOT_FOUND


def test_what_is_accepted_is_not_returned(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.accepted()
    error = refusal(
        lambda: stage.house.use_cases.return_assignment(
            assignment_id, stage.actor(LEADER), "Không đúng chức năng."
        )
    )
    assert error.code is ErrorCode.ASSIGNMENT_STATE


def test_it_is_accepted_before_anything_is_reported(desk: Desk) -> None:
    assignment_id = desk.give()
    for act in (
        lambda: desk.report(assignment_id),
        lambda: desk.finish(assignment_id),
        lambda: desk.ask(assignment_id, desk.day(12)),
    ):
        assert refusal(act).code is ErrorCode.ASSIGNMENT_STATE


def test_nothing_is_done_to_what_is_over(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.accepted()
    desk.finish(assignment_id)
    desk.confirm(assignment_id)
    cases = stage.house.use_cases
    for act in (
        lambda: desk.accept(assignment_id),
        lambda: desk.report(assignment_id),
        lambda: desk.finish(assignment_id),
        lambda: desk.confirm(assignment_id),
        lambda: desk.ask(assignment_id, desk.day(12)),
        lambda: cases.reopen_assignment(assignment_id, stage.actor(CITY), "Làm tiếp."),
        lambda: cases.cancel_assignment(assignment_id, stage.actor(CITY), "Hủy."),
        lambda: cases.reassign(assignment_id, stage.actor(CITY), Party(agency_id=STC), "Đổi."),
    ):
        assert refusal(act).code is ErrorCode.ASSIGNMENT_STATE


@pytest.mark.parametrize("percent", [-1, 101])
def test_report_progress_refuses_a_share_that_is_none(desk: Desk, percent: int) -> None:
    assignment_id = desk.accepted()
    error = refusal(lambda: desk.report(assignment_id, percent=percent))
    assert (error.code, error.params["field"]) == (ErrorCode.INPUT_INVALID, "percent")


@pytest.mark.parametrize("evidence", ["999/SNV-VP", "khong-co"])
def test_evidence_has_to_be_an_issued_document_of_the_agency(desk: Desk, evidence: str) -> None:
    assignment_id = desk.accepted()
    error = refusal(lambda: desk.finish(assignment_id, evidence=evidence))
    assert (error.code, error.params["symbol"]) == (ErrorCode.ASSIGNMENT_EVIDENCE, evidence)


def test_a_draft_is_no_evidence(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.accepted()
    draft = stage.draft()
    error = refusal(lambda: desk.report(assignment_id, evidence=draft))
    assert error.code is ErrorCode.ASSIGNMENT_EVIDENCE


def test_ask_extension_refuses_after_the_deadline(desk: Desk, clock: FixedClock) -> None:
    assignment_id = desk.accepted(due_on=date(2026, 12, 9))
    clock.move(timedelta(days=2, hours=10))  # the evening of the last day
    desk.decide(desk.ask(assignment_id, date(2026, 12, 10)), granted=False)
    clock.move(timedelta(days=1))
    error = refusal(lambda: desk.ask(assignment_id, date(2026, 12, 15)))
    assert isinstance(error, ConflictError)
    assert (error.code, error.params["due_on"]) == (ErrorCode.EXTENSION_LATE, "09/12/2026")
    assert desk.get(assignment_id).extensions_asked == 1


def test_ask_extension_refuses_a_second_request_while_one_waits(desk: Desk) -> None:
    assignment_id = desk.accepted()
    desk.ask(assignment_id, desk.day(12))
    error = refusal(lambda: desk.ask(assignment_id, desk.day(13)))
    assert error.code is ErrorCode.EXTENSION_OPEN


@pytest.mark.parametrize("days", [5, 10])
def test_ask_extension_refuses_a_day_that_is_not_later(desk: Desk, days: int) -> None:
    assignment_id = desk.accepted()
    error = refusal(lambda: desk.ask(assignment_id, desk.day(days)))
    assert error.code is ErrorCode.EXTENSION_DATE


def test_ask_extension_refuses_a_day_off(desk: Desk) -> None:
    assignment_id = desk.accepted()
    error = refusal(lambda: desk.ask(assignment_id, date(2027, 1, 2)))
    assert error.code is ErrorCode.ASSIGNMENT_DEADLINE_OFF


def test_ask_extension_refuses_where_there_is_no_deadline(desk: Desk) -> None:
    assignment_id = desk.accepted(due_on=None, no_deadline=True)
    error = refusal(lambda: desk.ask(assignment_id, desk.day(12)))
    assert error.code is ErrorCode.EXTENSION_NO_DEADLINE


def test_only_the_assigner_decides_on_more_time(desk: Desk) -> None:
    assignment_id = desk.accepted()
    extension_id = desk.ask(assignment_id, desk.day(12))
    error = refusal(lambda: desk.decide(extension_id, LEADER))
    assert error.code is ErrorCode.ASSIGNMENT_NOT_ASSIGNER
    assert desk.get(assignment_id).due_on == desk.day(10)


def test_a_request_is_decided_once(desk: Desk) -> None:
    assignment_id = desk.accepted()
    extension_id = desk.ask(assignment_id, desk.day(12))
    desk.decide(extension_id)
    assert refusal(lambda: desk.decide(extension_id)).code is ErrorCode.EXTENSION_CLOSED


def test_a_refusal_of_more_time_needs_a_reason(stage: Stage, desk: Desk) -> None:
    extension_id = desk.ask(desk.accepted(), desk.day(12))
    error = refusal(
        lambda: stage.house.use_cases.decide_extension(
            extension_id, stage.actor(CITY), granted=False
        )
    )
    assert error.code is ErrorCode.INPUT_MISSING


@pytest.mark.parametrize(
    ("lead", "code"),
    [
        (Party(agency_id=SNV), ErrorCode.ASSIGNMENT_PARTIES),
        (Party(agency_id=STC), ErrorCode.ASSIGNMENT_LEADS),
        (Party(agency_id=SYT, unit_id=UnitId("syt.vp")), ErrorCode.ASSIGNMENT_REACH),
    ],
)
def test_reassign_refuses_a_lead_that_cannot_be(
    stage: Stage, desk: Desk, lead: Party, code: ErrorCode
) -> None:
    assignment_id = desk.accepted(cooperators=(Party(agency_id=STC),))
    error = refusal(
        lambda: stage.house.use_cases.reassign(assignment_id, stage.actor(CITY), lead, "Đổi.")
    )
    assert error.code is code
    assert desk.rules(LEADER, assignment_id) == ["handle_as_agency"]


def test_the_lead_neither_cancels_nor_gives_away(stage: Stage, desk: Desk) -> None:
    assignment_id = desk.accepted()
    cases, leader = stage.house.use_cases, stage.actor(LEADER)
    for act in (
        lambda: cases.cancel_assignment(assignment_id, leader, "Hủy."),
        lambda: cases.reassign(assignment_id, leader, Party(agency_id=STC), "Đổi."),
        lambda: cases.reopen_assignment(assignment_id, leader, "Làm tiếp."),
    ):
        assert refusal(act).code in {
            ErrorCode.ASSIGNMENT_NOT_ASSIGNER,
            ErrorCode.ASSIGNMENT_STATE,
        }
    assert desk.get(assignment_id).state is AssignmentState.ACCEPTED


def test_contribute_refuses_who_does_not_co_operate_and_a_second_time(
    stage: Stage, desk: Desk
) -> None:
    assignment_id = desk.accepted(cooperators=(Party(agency_id=STC),))
    cases = stage.house.use_cases
    error = refusal(lambda: cases.contribute(assignment_id, stage.actor(LEADER), "Đã góp."))
    assert error.code is ErrorCode.TASK_NOT_YOURS
    cases.contribute(assignment_id, stage.actor(OTHER_LEADER), "Đã góp.")
    error = refusal(lambda: cases.contribute(assignment_id, stage.actor(OTHER_LEADER), "Nữa."))
    assert error.code is ErrorCode.ASSIGNMENT_STATE


def test_nobody_gives_work_from_a_document_they_may_not_read(stage: Stage, desk: Desk) -> None:
    draft = stage.draft()
    source = Source(kind=SourceKind.DOCUMENT, id=draft, document_id=draft)
    error = refusal(
        lambda: stage.house.use_cases.give_assignment(
            stage.actor(CITY),
            Order(
                content="Làm theo văn bản.",
                lead=Party(agency_id=STC),
                due_on=desk.day(5),
                source=source,
            ),
        )
    )
    assert error.code is ErrorCode.PERMISSION_DENIED
