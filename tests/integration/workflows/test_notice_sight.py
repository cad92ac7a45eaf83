"""What a person may read of things they see no more, never saw, or have only just left."""

import pytest

from engine.clock import FixedClock
from engine.model.assignment import Party, Source, SourceKind
from engine.model.meeting import Guest
from engine.model.notice import NoticeKind, SubjectKind
from engine.model.organisation import AgencyId
from engine.notifying import notify
from engine.ports_signing import HolderKind
from tests.factories.meetings import Table
from tests.factories.weeks import Office
from tests.houses import Stage
from tests.orders import CITY, CONTENT, LEADER, OTHER_LEADER, STC, Desk
from workflows.notices.view_notices import NoticeRow

CLERK = "snv.vanthu"
OFFICER = "snv.chuyenvien"
ADMINISTRATOR = "vpub.quantri"


def rows(stage: Stage, login: str, kind: NoticeKind) -> list[NoticeRow]:
    shown = stage.house.use_cases.notices.view(stage.actor(login)).rows
    return [row for row in shown if row.notice.kind is kind]


def sees(stage: Stage, login: str, kind: SubjectKind, subject_id: str) -> bool:
    """Tell whether a person who is told of a thing may see it now."""
    actor = stage.actor(login)
    with stage.house.start_work() as work:
        notify(
            work,
            NoticeKind.TASK_OVERDUE,
            [actor.person_id],
            subject_kind=kind,
            subject_id=subject_id,
            title="x",
            now=stage.house.clock.now(),
        )
        work.commit()
    row = stage.house.use_cases.notices.view(actor).rows[0]
    assert row.notice.subject_id == subject_id
    return row.is_visible


def drop(stage: Stage, clock: FixedClock) -> Table:
    """Invite two agencies, then leave the second out."""
    table = Table(stage, clock)
    meeting_id = table.invited(guests=[Guest(agency_id=STC), Guest(agency_id=AgencyId("syt"))])
    table.cases.change(
        table.task(meeting_id),
        table.plan_of(),
        [Guest(agency_id=STC)],
        stage.actor(OFFICER),
        seen_version=table.meeting(meeting_id).version,
        reason="Thu hẹp thành phần.",
    )
    return table


def test_view_notices_names_the_meeting_when_a_guest_is_left_out(
    stage: Stage, clock: FixedClock
) -> None:
    table = drop(stage, clock)
    [row] = rows(stage, "syt.vanthu", NoticeKind.MEETING_CANCELLED)

    assert row.notice.title == table.plan_of().title
    assert (row.is_visible, row.leads_on) == (True, False)
    [invited] = rows(stage, "syt.vanthu", NoticeKind.MEETING_INVITED)
    assert not invited.is_visible


def test_view_notices_leads_to_the_meeting_when_it_is_called_off(
    stage: Stage, clock: FixedClock
) -> None:
    table = Table(stage, clock)
    meeting_id = table.invited(guests=[Guest(agency_id=STC)])
    table.cases.cancel(table.task(meeting_id), stage.actor(OFFICER), "Hoãn.")
    [row] = rows(stage, "stc.vanthu", NoticeKind.MEETING_CANCELLED)

    assert (row.is_visible, row.leads_on) == (True, True)


def test_view_notices_names_the_assignment_when_another_agency_leads_it_now(
    stage: Stage,
) -> None:
    desk = Desk(stage)
    assignment_id = desk.give()
    stage.house.use_cases.reassign(
        assignment_id, stage.actor(CITY), Party(agency_id=STC), "Đúng chức năng hơn."
    )
    [row] = rows(stage, LEADER, NoticeKind.ASSIGNMENT_MOVED)
    [given] = rows(stage, LEADER, NoticeKind.ASSIGNMENT_GIVEN)

    number = desk.get(assignment_id)
    assert row.notice.title == f"Nhiệm vụ số {number.number}/{number.year}"
    assert (row.is_visible, row.leads_on) == (True, False)
    assert not given.is_visible
    assert rows(stage, OTHER_LEADER, NoticeKind.ASSIGNMENT_GIVEN)[0].leads_on


def test_give_tells_the_symbol_and_no_word_of_the_order_when_it_comes_from_a_document(
    stage: Stage,
) -> None:
    document_id = stage.issue()
    desk = Desk(stage)
    source = Source(kind=SourceKind.DOCUMENT, id=document_id, document_id=document_id)
    given = desk.get(desk.give(LEADER, lead=desk.person(), source=source))
    [row] = rows(stage, OFFICER, NoticeKind.ASSIGNMENT_GIVEN)

    number = stage.document(document_id).number
    assert number is not None
    assert row.notice.title == (
        f"Nhiệm vụ số {given.number}/{given.year}, Công văn {number.symbol}"
    )
    assert CONTENT not in str(row.notice)


def test_find_visible_has_a_rule_for_every_kind_of_thing(stage: Stage) -> None:
    for kind in SubjectKind:
        assert not sees(stage, OFFICER, kind, "no-such-thing"), kind


@pytest.mark.parametrize("to_city", [True, False])
def test_find_visible_shows_a_week_elsewhere_when_it_is_sealed_for_the_city(
    stage: Stage, *, to_city: bool
) -> None:
    office = Office(stage)
    week = office.open()
    office.add(week)
    office.submit(week, to_city=to_city)
    office.approve(week)
    logins = (OFFICER, "stc.vanthu")
    assert [sees(stage, who, SubjectKind.SCHEDULE, week) for who in logins] == [True, False]
    office.publish(week)

    seen = [sees(stage, who, SubjectKind.SCHEDULE, week) for who in logins]
    assert seen == [True, to_city]


@pytest.mark.parametrize(
    ("kind", "holder", "seen_by"),
    [
        (HolderKind.PERSON, CLERK, {CLERK, LEADER, ADMINISTRATOR}),
        (HolderKind.AGENCY, "snv", {CLERK, LEADER, ADMINISTRATOR}),
        (HolderKind.PERSON, LEADER, {LEADER, ADMINISTRATOR}),
    ],
)
def test_find_visible_shows_a_certificate_when_one_holds_or_decides_on_it(
    stage: Stage, kind: HolderKind, holder: str, seen_by: set[str]
) -> None:
    holder_id = holder if kind is HolderKind.AGENCY else stage.actor(holder).person_id
    with stage.house.start_reading() as work:
        certificate = work.certificates.find_current(kind, holder_id, stage.house.clock.now())
    assert certificate is not None
    logins = {CLERK, LEADER, OFFICER, ADMINISTRATOR, OTHER_LEADER, "stc.vanthu"}

    found = {who for who in logins if sees(stage, who, SubjectKind.CERTIFICATE, certificate.id)}
    assert found == seen_by
