"""Meetings from the plan to the orders, and everything that is refused on the way."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from engine.audit import AuditEvent
from engine.clock import FixedClock
from engine.errors import (
    ConflictError,
    ErrorCode,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from engine.model.assignment import Order, Party, SourceKind
from engine.model.document import Circulation, DocumentId, DocumentStatus
from engine.model.kinds import GIAY_MOI, THONG_BAO
from engine.model.meeting import (
    BUSY,
    Answer,
    Guest,
    InviteeId,
    MeetingId,
    MeetingPlan,
    MeetingState,
    Substitute,
)
from engine.model.notice import NoticeKind
from engine.model.organisation import AgencyId, Power, UnitId
from engine.queries import Basket
from tests.factories.meetings import CHAIR, LONG, PLANNER, SNV, STC, SYT, Table
from tests.factories.pki_uploads import a_scan
from tests.houses import Stage
from tests.integration.workflows.test_delegation import Absence
from workflows.meeting.draft_documents import said_title
from workflows.meeting.guests import list_guests

AGENCY = Guest(agency_id=STC)
UNIT = Guest(agency_id=SNV, unit_id=UnitId("snv.cchc"))


@pytest.fixture
def table(stage: Stage, clock: FixedClock) -> Table:
    return Table(stage, clock)


def person_guest(table: Table) -> Guest:
    return Guest(agency_id=STC, person_id=table.person("stc.chuyenvien"))


def counted(table: Table, login: str) -> int:
    actor = table.stage.actor(login)
    with table.stage.house.start_reading() as work:
        return work.queries.count_baskets(actor)[Basket.TO_REPLY]


def notices(table: Table, login: str) -> list[NoticeKind]:
    with table.stage.house.start_reading() as work:
        return [each.kind for each in work.notices.list_of(table.person(login)).rows]


def events(table: Table, meeting_id: MeetingId) -> list[AuditEvent]:
    return [leaf.event for leaf in table.cases.view.trail(meeting_id, table.stage.actor(PLANNER))]


def test_meeting_ends_concluded_when_every_step_is_done(table: Table) -> None:
    meeting_id = table.held()
    table.cases.conclude(table.task(meeting_id), table.stage.actor(PLANNER))
    assert table.meeting(meeting_id).state is MeetingState.CONCLUDED
    assert events(table, meeting_id)[:2] == [AuditEvent.MEETING_PLAN, AuditEvent.MEETING_INVITE]
    assert events(table, meeting_id)[-2:] == [
        AuditEvent.MEETING_MINUTE,
        AuditEvent.MEETING_CONCLUDE,
    ]


def test_invite_to_meeting_puts_the_question_on_every_list_when_it_is_sent(table: Table) -> None:
    table.invited()
    assert [
        counted(table, who) for who in ("stc.vanthu", "snv.truongphong", "stc.chuyenvien")
    ] == [
        1,
        1,
        1,
    ]
    assert NoticeKind.MEETING_INVITED in notices(table, "stc.lanhdao")


def test_invite_to_meeting_refuses_when_nobody_is_invited(table: Table) -> None:
    meeting_id = table.plan(guests=[])
    with pytest.raises(InvalidInputError) as refused:
        table.invite(meeting_id)
    assert refused.value.code is ErrorCode.MEETING_NOBODY


@pytest.mark.parametrize(
    ("guest", "login"),
    [(AGENCY, "stc.vanthu"), (AGENCY, "stc.lanhdao"), (UNIT, "snv.truongphong")],
)
def test_reply_closes_the_question_when_who_may_answer_answers(
    table: Table, guest: Guest, login: str
) -> None:
    meeting_id = table.invited()
    table.reply(meeting_id, guest, login)
    reply = table.invitee(meeting_id, guest).reply
    assert reply is not None
    assert (reply.answer, reply.given_by) == (Answer.ATTEND, table.person(login))
    assert counted(table, "stc.vanthu" if guest is AGENCY else "snv.truongphong") == 0


def test_reply_may_be_changed_when_the_meeting_has_not_begun(table: Table) -> None:
    meeting_id, guest = table.invited(), person_guest(table)
    table.reply(meeting_id, guest, "stc.chuyenvien")
    table.reply(meeting_id, guest, "stc.chuyenvien", Answer.DECLINE, reason="Đi công tác.")
    tally = table.cases.view(meeting_id, table.stage.actor(PLANNER)).tally
    assert (tally.attend, tally.decline, tally.silent) == (0, 1, 3)
    assert events(table, meeting_id).count(AuditEvent.MEETING_REPLY) == 2
    assert NoticeKind.MEETING_REPLIED in notices(table, PLANNER)


def test_reply_names_who_comes_when_somebody_is_sent(table: Table) -> None:
    meeting_id = table.invited()
    who = Substitute(name="Trần Văn An", title="Phó Trưởng phòng", phone="0292 3 000 000")
    table.reply(meeting_id, AGENCY, "stc.vanthu", Answer.SUBSTITUTE, substitute=who)
    reply = table.invitee(meeting_id, AGENCY).reply
    assert reply is not None
    assert reply.substitute == who


@pytest.mark.parametrize(
    ("answer", "code"),
    [(Answer.DECLINE, ErrorCode.REASON_MISSING), (Answer.SUBSTITUTE, ErrorCode.INPUT_MISSING)],
)
def test_reply_is_refused_when_it_does_not_say_enough(
    table: Table, answer: Answer, code: ErrorCode
) -> None:
    meeting_id = table.invited()
    with pytest.raises(InvalidInputError) as refused:
        table.reply(meeting_id, AGENCY, "stc.vanthu", answer)
    assert refused.value.code is code
    assert table.invitee(meeting_id, AGENCY).reply is None


@pytest.mark.parametrize(
    ("guest", "login"), [(AGENCY, "syt.vanthu"), (AGENCY, "stc.chuyenvien"), (UNIT, PLANNER)]
)
def test_reply_is_refused_when_somebody_else_answers(
    table: Table, guest: Guest, login: str
) -> None:
    meeting_id = table.invited()
    with pytest.raises(NotPermittedError):
        table.reply(meeting_id, guest, login)


def test_reply_is_refused_when_the_meeting_has_begun(table: Table) -> None:
    meeting_id = table.invited()
    table.clock.at = table.meeting(meeting_id).plan.starts_at
    with pytest.raises(ConflictError) as refused:
        table.reply(meeting_id, AGENCY, "stc.vanthu")
    assert refused.value.code is ErrorCode.MEETING_BEGUN
    table.run_due()
    assert counted(table, "stc.vanthu") == 0


def test_reply_is_refused_when_the_minutes_are_written(table: Table) -> None:
    meeting_id = table.held()
    with pytest.raises(ConflictError) as refused:
        table.reply(meeting_id, AGENCY, "stc.vanthu")
    assert refused.value.code is ErrorCode.MEETING_BEGUN


def test_reply_asks_for_confirmation_when_one_person_comes_to_two_meetings(table: Table) -> None:
    guest = person_guest(table)
    first = table.invited(guests=[guest])
    second = table.invited(table.plan_of(room="Phòng họp số 1"), [guest], confirm_clash=True)
    table.reply(first, guest, "stc.chuyenvien")
    with pytest.raises(ConflictError) as refused:
        table.reply(second, guest, "stc.chuyenvien")
    assert refused.value.code is ErrorCode.MEETING_CLASH
    assert table.invitee(second, guest).reply is None
    table.reply(second, guest, "stc.chuyenvien", confirm_clash=True)
    reply = table.invitee(second, guest).reply
    assert reply is not None
    assert "Họp triển khai" in reply.clash


def test_reply_has_no_clash_when_the_other_meeting_was_declined(table: Table) -> None:
    guest = person_guest(table)
    first = table.invited(guests=[guest])
    second = table.invited(table.plan_of(room="Phòng họp số 1"), [guest], confirm_clash=True)
    table.reply(first, guest, "stc.chuyenvien", Answer.DECLINE, reason="Bận họp khác.")
    table.reply(second, guest, "stc.chuyenvien")
    assert table.invitee(second, guest).comes()


def test_plan_meeting_asks_for_confirmation_when_chair_or_room_is_taken(table: Table) -> None:
    table.plan()
    with pytest.raises(ConflictError) as refused:
        table.plan(guests=[])
    assert refused.value.code is ErrorCode.MEETING_CLASH
    assert "Phòng họp số 2" in refused.value.params["clashes"]
    confirmed = table.plan(guests=[], confirm_clash=True)
    assert table.meeting(confirmed).clash_note


def test_plan_meeting_has_no_clash_when_one_ends_as_the_other_begins(table: Table) -> None:
    table.plan()
    later = table.plan_of().ends_at
    assert table.plan(table.plan_of(later), [])


def test_plan_meeting_is_refused_when_it_would_begin_in_the_past(table: Table) -> None:
    begun = table.clock.now() - timedelta(minutes=1)
    with pytest.raises(InvalidInputError) as refused:
        table.plan(table.plan_of(begun))
    assert refused.value.code is ErrorCode.MEETING_PAST


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"link": "http://hop.example/1"}, "link"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"title": " "}, "meeting_title"),
        ({"place": ""}, "place"),
    ],
)
def test_plan_meeting_is_refused_when_a_fact_cannot_be(
    table: Table, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        table.plan(table.plan_of(**changes))
    assert refused.value.params["field"] == field


@pytest.mark.parametrize("hours", [0, -1, 24 * 4])
def test_plan_meeting_is_refused_when_it_ends_before_it_begins_or_days_later(
    table: Table, hours: int
) -> None:
    plan = table.plan_of()
    with pytest.raises(InvalidInputError) as refused:
        table.plan(table.plan_of(ends_at=plan.starts_at + timedelta(hours=hours)))
    assert refused.value.params["field"] == "ends_time"
    assert refused.value.code is ErrorCode.MEETING_ENDS


@pytest.mark.parametrize("hours", [1, -24 * 30])
def test_plan_meeting_is_refused_when_the_last_day_for_answers_is_late_or_over(
    table: Table, hours: int
) -> None:
    plan = table.plan_of()
    with pytest.raises(InvalidInputError) as refused:
        table.plan(table.plan_of(reply_by=plan.starts_at + timedelta(hours=hours)))
    assert refused.value.code is ErrorCode.MEETING_REPLY_BY


def test_plan_meeting_is_refused_when_it_is_more_than_a_year_ahead(table: Table) -> None:
    with pytest.raises(InvalidInputError) as refused:
        table.plan(table.plan_of(table.start(days=400)))
    assert refused.value.code is ErrorCode.MEETING_FAR
    assert refused.value.params["last"]


def test_plan_meeting_is_refused_when_the_chair_leads_nothing(table: Table) -> None:
    with pytest.raises(InvalidInputError) as refused:
        table.plan(table.plan_of(chair_id=table.person(PLANNER)))
    assert refused.value.code is ErrorCode.MEETING_CHAIR


def test_plan_meeting_is_refused_when_somebody_plans_for_another_agency(table: Table) -> None:
    with pytest.raises(NotPermittedError):
        table.cases.plan(table.stage.actor("stc.chuyenvien"), table.plan_of(), [])


def test_change_meeting_asks_everybody_again_when_the_time_is_moved(table: Table) -> None:
    meeting_id = table.invited()
    table.reply(meeting_id, AGENCY, "stc.vanthu")
    moved = table.plan_of(table.start(days=9))
    table.cases.change(
        table.task(meeting_id),
        moved,
        table.guests(),
        table.stage.actor(PLANNER),
        seen_version=table.meeting(meeting_id).version,
        reason="Chủ trì đi công tác.",
    )
    meeting = table.meeting(meeting_id)
    assert (meeting.revision, meeting.plan.starts_at) == (1, moved.starts_at)
    assert table.invitee(meeting_id, AGENCY).reply is None
    assert counted(table, "stc.vanthu") == 1
    assert NoticeKind.MEETING_MOVED in notices(table, "stc.vanthu")
    table.reply(meeting_id, AGENCY, "stc.vanthu")
    assert table.invitee(meeting_id, AGENCY).comes()


def test_change_meeting_keeps_answers_when_only_the_agenda_changes(table: Table) -> None:
    meeting_id = table.invited()
    table.reply(meeting_id, AGENCY, "stc.vanthu")
    vpub = Guest(agency_id=AgencyId("vpub"))
    table.cases.change(
        table.task(meeting_id),
        table.plan_of(agenda=()),
        [AGENCY, vpub],
        table.stage.actor(PLANNER),
        seen_version=table.meeting(meeting_id).version,
        reason="Thêm thành phần.",
    )
    assert table.invitee(meeting_id, AGENCY).comes()
    assert [each.guest for each in table.invitees(meeting_id)] == [AGENCY, vpub]
    assert counted(table, "vpub.vanthu") == 1
    assert counted(table, "syt.vanthu") == 0
    assert NoticeKind.MEETING_CANCELLED in notices(table, "syt.vanthu")


def test_change_meeting_is_refused_when_somebody_changed_it_meanwhile(table: Table) -> None:
    meeting_id = table.plan()
    with pytest.raises(ConflictError) as refused:
        table.cases.change(
            table.task(meeting_id),
            table.plan_of(),
            [],
            table.stage.actor(PLANNER),
            seen_version=table.meeting(meeting_id).version - 1,
        )
    assert refused.value.code is ErrorCode.MEETING_CHANGED


def test_change_meeting_is_refused_when_it_has_begun(table: Table) -> None:
    meeting_id = table.invited()
    later = table.plan_of(table.start(days=20))
    table.clock.at = table.meeting(meeting_id).plan.starts_at
    with pytest.raises(ConflictError) as refused:
        table.cases.change(
            table.task(meeting_id),
            later,
            table.guests(),
            table.stage.actor(PLANNER),
            seen_version=table.meeting(meeting_id).version,
            reason="Muộn.",
        )
    assert refused.value.code is ErrorCode.MEETING_BEGUN


def test_cancel_meeting_ends_every_question_when_people_were_invited(table: Table) -> None:
    meeting_id = table.invited()
    other = table.plan(table.plan_of(table.start(days=12)), [])
    table.cases.cancel(
        table.task(meeting_id), table.stage.actor(PLANNER), "Hoãn.", replaced_by=other
    )
    meeting = table.meeting(meeting_id)
    assert (meeting.state, meeting.replaced_by) == (MeetingState.CANCELLED, other)
    assert counted(table, "stc.vanthu") == 0
    assert NoticeKind.MEETING_CANCELLED in notices(table, "stc.vanthu")
    with pytest.raises(ConflictError) as refused:
        table.reply(meeting_id, AGENCY, "stc.vanthu")
    assert refused.value.code is ErrorCode.MEETING_STATE


def test_cancel_meeting_is_refused_when_no_reason_is_given(table: Table) -> None:
    meeting_id = table.plan()
    with pytest.raises(InvalidInputError):
        table.cases.cancel(table.task(meeting_id), table.stage.actor(PLANNER), " ")


def test_remind_tells_who_is_silent_when_the_last_day_is_near(table: Table) -> None:
    meeting_id = table.invited(table.plan_of(table.start(days=14)))
    table.reply(meeting_id, AGENCY, "stc.vanthu")
    table.clock.at = table.meeting(meeting_id).plan.reply_by - timedelta(hours=1)
    table.run_due()
    assert NoticeKind.MEETING_UNANSWERED in notices(table, "syt.vanthu")
    assert NoticeKind.MEETING_UNANSWERED not in notices(table, "stc.vanthu")


def test_remind_tells_who_comes_when_the_meeting_is_near(table: Table) -> None:
    meeting_id, guest = table.invited(table.plan_of(table.start(days=14))), person_guest(table)
    table.reply(meeting_id, guest, "stc.chuyenvien")
    table.reply(meeting_id, AGENCY, "stc.vanthu", Answer.DECLINE, reason="Bận.")
    table.clock.at = table.meeting(meeting_id).plan.starts_at - timedelta(hours=1)
    table.run_due()
    assert NoticeKind.MEETING_NEAR in notices(table, "stc.chuyenvien")
    assert NoticeKind.MEETING_NEAR not in notices(table, "stc.vanthu")


def test_remind_tells_nobody_when_the_meeting_was_cancelled(table: Table) -> None:
    meeting_id = table.invited(table.plan_of(table.start(days=14)))
    table.cases.cancel(table.task(meeting_id), table.stage.actor(PLANNER), "Hoãn.")
    table.clock.at += LONG * 5
    table.run_due()
    assert NoticeKind.MEETING_UNANSWERED not in notices(table, "syt.vanthu")


def test_record_minutes_is_refused_when_the_meeting_lies_ahead(table: Table) -> None:
    meeting_id = table.invited()
    with pytest.raises(ConflictError) as refused:
        table.cases.record_minutes(
            table.task(meeting_id),
            table.stage.actor(PLANNER),
            minutes="Sớm quá.",
            conclusions="",
            present=[],
        )
    assert refused.value.code is ErrorCode.MEETING_NOT_BEGUN


def test_draft_invitation_holds_the_plan_when_agencies_are_invited(table: Table) -> None:
    meeting_id = table.plan()
    document = table.stage.document(
        table.cases.draft_invitation(meeting_id, table.stage.actor(PLANNER))
    )
    facts = document.content.invitation
    assert document.content.kind == GIAY_MOI
    assert document.content.recipients == (STC, SYT)
    assert "08 giờ 00" in facts.time
    assert facts.place.startswith("Phòng họp số 2")
    # The letter says "trước" before it, and ends after it.
    assert not facts.reply_by.startswith("trước")
    assert not document.content.body.endswith("./.")
    with pytest.raises(ConflictError) as refused:
        table.invite(meeting_id)
    assert refused.value.code is ErrorCode.MEETING_NOT_ISSUED
    with pytest.raises(ConflictError) as again:
        table.cases.draft_invitation(meeting_id, table.stage.actor(PLANNER))
    assert again.value.code is ErrorCode.MEETING_DOCUMENTED


def test_draft_invitation_is_refused_when_no_agency_is_invited(table: Table) -> None:
    meeting_id = table.plan(guests=[UNIT])
    with pytest.raises(InvalidInputError) as refused:
        table.cases.draft_invitation(meeting_id, table.stage.actor(PLANNER))
    assert refused.value.code is ErrorCode.RECIPIENT_MISSING


CONCLUSIONS = (
    "1. Giao Sở Tài chính chủ trì, phối hợp với Sở Y tế tổng hợp báo cáo trước ngày {day}.\n"
    "2. Giao Phòng Cải cách hành chính rà soát thủ tục hành chính."
)


def concluded(table: Table) -> MeetingId:
    """Return a meeting whose notice of conclusions is out and whose orders wait for the chair."""
    due = table.start(days=30)
    # Today, so that the certificates' revocation lists are still current when it is signed.
    soon = table.clock.now() + timedelta(hours=2)
    plan = table.plan_of(soon, reply_by=soon - timedelta(hours=1))
    meeting_id = table.held(CONCLUSIONS.format(day=f"{due:%d/%m/%Y}"), table.invited(plan))
    document_id = table.cases.draft_conclusion(meeting_id, table.stage.actor(PLANNER))
    with pytest.raises(ConflictError) as early:
        table.cases.conclude(table.task(meeting_id), table.stage.actor(PLANNER))
    assert early.value.code is ErrorCode.MEETING_NOT_ISSUED
    stage = table.stage
    document = stage.document(document_id)
    content = document.content
    stage.house.use_cases.save_draft(
        document_id,
        type(content)(
            kind=content.kind,
            subject=content.subject,
            body=content.body,
            recipients=content.recipients,
            signatory_id=table.person(CHAIR),
        ),
        stage.actor(PLANNER),
        seen_version=document.version,
    )
    stage.submit(document_id)
    stage.review(document_id)
    stage.check(document_id)
    stage.sign(document_id)
    stage.number(document_id)
    stage.seal(document_id)
    assert stage.document(document_id).status is DocumentStatus.SEALED
    assert stage.document(document_id).content.kind == THONG_BAO
    assert table.cases.conclude(table.task(meeting_id), stage.actor(PLANNER)) == 2
    return meeting_id


def test_give_orders_makes_assignments_when_the_chair_confirms(table: Table) -> None:
    meeting_id = concluded(table)
    chair = table.stage.actor(CHAIR)
    view = table.cases.view(meeting_id, chair)
    leads = [proposal.lead for proposal in view.proposals]
    assert leads == [
        Party(agency_id=STC),
        Party(agency_id=SNV, unit_id=UnitId("snv.cchc")),
    ]
    unit_order = Order(
        content=view.proposals[1].content,
        lead=Party(agency_id=SNV, unit_id=UnitId("snv.cchc")),
        no_deadline=True,
        quoted=view.proposals[1].text,
    )
    given = table.cases.give_orders(
        table.task(meeting_id, CHAIR), chair, [unit_order], left_reason="Sở Tài chính đã làm xong."
    )
    with table.stage.house.start_reading() as work:
        assignment = work.assignments.get(given[0])
    assert (assignment.source.kind, assignment.source.id) == (SourceKind.MEETING, meeting_id)
    assert table.meeting(meeting_id).orders_given == 1


def test_give_orders_gives_nothing_when_one_has_no_deadline_chosen(table: Table) -> None:
    meeting_id = concluded(table)
    chair = table.stage.actor(CHAIR)
    lead = Party(agency_id=SNV, unit_id=UnitId("snv.cchc"))
    orders = [
        Order(content="Rà soát thủ tục.", lead=lead, no_deadline=True),
        Order(content="Báo cáo kết quả.", lead=lead),
    ]
    with pytest.raises(InvalidInputError) as refused:
        table.cases.give_orders(
            table.task(meeting_id, CHAIR), chair, orders, left_reason="Gộp hai việc."
        )
    assert refused.value.params["order"] == "2"
    with table.stage.house.start_reading() as work:
        assert not work.assignments.list_on_source(SourceKind.MEETING, meeting_id)


def test_give_orders_is_refused_when_the_planner_gives_them(table: Table) -> None:
    meeting_id = concluded(table)
    task_id = table.task(meeting_id, CHAIR)
    with pytest.raises(NotPermittedError):
        table.cases.give_orders(task_id, table.stage.actor(PLANNER), [])


def test_view_meetings_is_refused_when_the_reader_has_no_part(table: Table) -> None:
    meeting_id = table.invited()
    with pytest.raises(NotPermittedError):
        table.cases.view(meeting_id, table.stage.actor("vpub.chuyenvien"))
    assert table.cases.view(meeting_id, table.stage.actor("syt.chuyenvien")).asked == []


def test_view_meetings_is_refused_when_an_invited_agency_looks_too_early(table: Table) -> None:
    meeting_id = table.plan()
    with pytest.raises(NotPermittedError):
        table.cases.view(meeting_id, table.stage.actor("stc.vanthu"))


def test_change_meeting_leaves_one_question_each_when_nobody_had_answered(table: Table) -> None:
    meeting_id = table.invited()
    table.cases.change(
        table.task(meeting_id),
        table.plan_of(table.start(days=9)),
        table.guests(),
        table.stage.actor(PLANNER),
        seen_version=table.meeting(meeting_id).version,
        reason="Chủ trì đi công tác.",
    )
    assert counted(table, "stc.vanthu") == 1


def test_add_paper_shows_a_file_to_the_invited_when_it_is_a_pdf(table: Table) -> None:
    meeting_id = table.invited()
    planner = table.stage.actor(PLANNER)
    paper_id = table.cases.add_paper.upload(meeting_id, "Báo cáo tiến độ", a_scan(), planner)
    paper, content = table.cases.read_paper(
        meeting_id, paper_id, table.stage.actor("stc.chuyenvien")
    )
    assert (paper.title, content[:5]) == ("Báo cáo tiến độ", b"%PDF-")
    with pytest.raises(NotPermittedError):
        table.cases.read_paper(meeting_id, paper_id, table.stage.actor("vpub.chuyenvien"))
    table.cases.remove_paper(paper_id, planner)
    assert table.meeting(meeting_id).papers == ()


def test_add_paper_is_refused_when_it_is_no_pdf(table: Table) -> None:
    meeting_id = table.plan()
    with pytest.raises(InvalidInputError) as refused:
        table.cases.add_paper.upload(
            meeting_id, "Tệp", b"khong phai pdf", table.stage.actor(PLANNER)
        )
    assert refused.value.code is ErrorCode.UPLOAD_NOT_PDF


def test_add_paper_is_refused_when_somebody_invited_adds_it(table: Table) -> None:
    meeting_id = table.invited()
    with pytest.raises(NotPermittedError):
        table.cases.add_paper.upload(
            meeting_id, "Tệp", a_scan(), table.stage.actor("stc.chuyenvien")
        )


def test_add_paper_links_a_document_when_it_is_issued(table: Table) -> None:
    meeting_id, planner = table.plan(), table.stage.actor(PLANNER)
    document = table.stage.document(table.stage.issue())
    assert document.number is not None
    table.cases.add_paper.link(meeting_id, document.number.symbol, planner)
    (paper,) = table.meeting(meeting_id).papers
    assert (paper.document_id, paper.digest) == (document.id, document.original_digest())
    with pytest.raises(InvalidInputError):
        table.cases.add_paper.link(meeting_id, "999/CV-SNV", planner)


def test_find_for_document_leads_to_the_meeting_when_the_letter_arrives(table: Table) -> None:
    meeting_id = table.plan()
    document_id = table.cases.draft_invitation(meeting_id, table.stage.actor(PLANNER))
    find = table.cases.view.find_for_document
    assert find(document_id, table.stage.actor("stc.vanthu")) is None
    own = find(document_id, table.stage.actor(PLANNER))
    assert own is not None
    assert own.id == meeting_id


def test_trail_is_refused_when_an_invited_agency_asks_for_the_answers_of_others(
    table: Table,
) -> None:
    meeting_id = table.invited()
    table.reply(meeting_id, AGENCY, "stc.vanthu", Answer.DECLINE, reason="Lãnh đạo đi học.")
    for login in ("syt.vanthu", "stc.vanthu"):
        with pytest.raises(NotPermittedError):
            table.cases.view.trail(meeting_id, table.stage.actor(login))
    assert table.cases.view.trail(meeting_id, table.stage.actor("snv.vanthu"))


def secret_plan(table: Table) -> MeetingPlan:
    return table.plan_of(
        agency_id=STC,
        title="Kiểm điểm cán bộ",
        chair_id=table.person("stc.lanhdao"),
        room="",
    )


def test_plan_meeting_tells_no_title_when_the_other_meeting_is_another_agencys(
    table: Table,
) -> None:
    guest = person_guest(table)
    table.cases.plan(table.stage.actor("stc.chuyenvien"), secret_plan(table), [guest])
    with pytest.raises(ConflictError) as refused:
        table.plan(guests=[guest])
    assert BUSY in refused.value.params["clashes"]
    assert "Kiểm điểm" not in refused.value.params["clashes"]
    meeting_id = table.plan(guests=[guest], confirm_clash=True)
    assert "Kiểm điểm" not in table.meeting(meeting_id).clash_note
    view = table.cases.view(meeting_id, table.stage.actor(PLANNER))
    assert [each.title for each in view.clashes] == [BUSY]
    leaves = table.cases.view.trail(meeting_id, table.stage.actor(PLANNER))
    assert all("Kiểm điểm" not in str(leaf.details) for leaf in leaves)


def test_reply_keeps_no_title_when_the_other_meeting_is_another_agencys(table: Table) -> None:
    guest, own = person_guest(table), table.stage.actor("stc.chuyenvien")
    other = table.cases.plan(own, secret_plan(table), [guest])
    (task,) = table.cases.view(other, own).tasks
    table.cases.invite(task.task_id, own)
    table.reply(other, guest, "stc.chuyenvien")
    meeting_id = table.plan(guests=[guest], confirm_clash=True)
    table.invite(meeting_id)
    with pytest.raises(ConflictError) as refused:
        table.reply(meeting_id, guest, "stc.chuyenvien")
    # They go there themselves, so they are told where; the organiser is not.
    assert "Kiểm điểm" in refused.value.params["clashes"]
    table.reply(meeting_id, guest, "stc.chuyenvien", confirm_clash=True)
    reply = table.invitee(meeting_id, guest).reply
    assert reply is not None
    assert BUSY in reply.clash
    assert "Kiểm điểm" not in reply.clash


def test_chair_is_told_when_a_meeting_is_called_moved_near_and_cancelled(table: Table) -> None:
    meeting_id = table.invited(table.plan_of(table.start(days=14)))
    assert notices(table, CHAIR) == [NoticeKind.MEETING_INVITED]
    change(table, meeting_id, starts_at=table.start(days=15))
    assert NoticeKind.MEETING_CHANGED in notices(table, CHAIR)
    for guest, login in ((AGENCY, "stc.vanthu"), (person_guest(table), "stc.chuyenvien")):
        table.reply(meeting_id, guest, login)
    table.clock.at = table.meeting(meeting_id).plan.starts_at - timedelta(hours=1)
    table.run_due()
    assert notices(table, CHAIR).count(NoticeKind.MEETING_NEAR) == 1
    table.cases.cancel(table.task(meeting_id), table.stage.actor(PLANNER), "Hoãn.")
    assert NoticeKind.MEETING_CANCELLED in notices(table, CHAIR)


def test_both_chairs_are_told_when_another_one_chairs(table: Table) -> None:
    meeting_id = table.invited()
    deputy = Absence(table.stage).deputy()
    change(table, meeting_id, starts_at=table.start(), chair_id=deputy.person_id)
    assert NoticeKind.MEETING_CANCELLED in notices(table, CHAIR)
    with table.stage.house.start_reading() as work:
        told = work.notices.list_of(deputy.person_id).rows
    assert [each.kind for each in told] == [NoticeKind.MEETING_INVITED]


def change(table: Table, meeting_id: MeetingId, *, starts_at: datetime, **more: object) -> None:
    table.cases.change(
        table.task(meeting_id),
        table.plan_of(starts_at, **more),
        table.guests(),
        table.stage.actor(PLANNER),
        seen_version=table.meeting(meeting_id).version,
        reason="Đổi lịch.",
    )


def test_reply_may_be_given_and_changed_when_a_delegate_keeps_the_calendar(table: Table) -> None:
    absence = Absence(table.stage)
    deputy = absence.deputy()
    leader = Guest(agency_id=SNV, person_id=table.person(CHAIR))
    meeting_id = table.invited(table.plan_of(chair_id=deputy.person_id), [leader])
    absence.give(CHAIR, deputy, Power.SCHEDULE)
    delegate = absence.who(deputy)
    (asked,) = table.cases.view(meeting_id, delegate).asked
    table.cases.reply(asked.id, delegate, Answer.ATTEND)
    table.cases.reply(asked.id, delegate, Answer.DECLINE, reason="Đi công tác.")
    reply = table.invitee(meeting_id, leader).reply
    assert reply is not None
    assert (reply.answer, reply.given_by) == (Answer.DECLINE, deputy.person_id)
    assert reply.given_for == table.stage.actor(CHAIR).full_name
    leaf = table.cases.view.trail(meeting_id, delegate)[-1]
    assert leaf.details["on_behalf_of"] == table.person(CHAIR)


def test_reply_is_refused_when_another_power_was_delegated(table: Table) -> None:
    absence = Absence(table.stage)
    deputy = absence.deputy()
    leader = Guest(agency_id=SNV, person_id=table.person(CHAIR))
    meeting_id = table.invited(table.plan_of(chair_id=deputy.person_id), [leader])
    absence.give(CHAIR, deputy, Power.HANDLE)
    assert table.cases.view(meeting_id, absence.who(deputy)).asked == []
    with pytest.raises(NotPermittedError):
        table.cases.reply(table.invitee(meeting_id, leader).id, absence.who(deputy), Answer.ATTEND)


def test_conclude_meeting_asks_for_confirmation_when_orders_are_in_no_notice(
    table: Table,
) -> None:
    day = f"{table.start(days=30):%d/%m/%Y}"
    meeting_id = table.held(CONCLUSIONS.format(day=day))
    task_id, planner = table.task(meeting_id), table.stage.actor(PLANNER)
    with pytest.raises(ConflictError) as refused:
        table.cases.conclude(task_id, planner)
    assert refused.value.code is ErrorCode.MEETING_ORDERS_LEFT
    assert refused.value.params["count"] == "2"
    assert table.meeting(meeting_id).state is MeetingState.HELD
    table.cases.conclude(task_id, planner, confirm_left=True)
    leaf = table.cases.view.trail(meeting_id, planner)[-1]
    assert (leaf.event, leaf.details["left"]) == (AuditEvent.MEETING_CONCLUDE, "2")


def test_give_orders_asks_why_when_some_or_all_are_left_out(table: Table) -> None:
    meeting_id = concluded(table)
    chair, task_id = table.stage.actor(CHAIR), table.task(meeting_id, CHAIR)
    proposal = table.cases.view(meeting_id, chair).proposals[1]
    assert proposal.lead is not None
    kept = Order(
        content=proposal.content, lead=proposal.lead, no_deadline=True, quoted=proposal.text
    )
    more = Order(content="Việc khác.", lead=proposal.lead, no_deadline=True)
    # One more that was not proposed does not stand for one that was.
    for orders, count in (([], "2"), ([kept], "1"), ([kept, more], "1")):
        with pytest.raises(InvalidInputError) as refused:
            table.cases.give_orders(task_id, chair, orders)
        assert refused.value.code is ErrorCode.MEETING_ORDERS_LEFT
        assert refused.value.params["count"] == count
    table.cases.give_orders(task_id, chair, [kept, more], left_reason="Đã giao ở văn bản khác.")
    leaf = next(
        each
        for each in table.cases.view.trail(meeting_id, chair)
        if each.event is AuditEvent.MEETING_ORDER
    )
    assert (leaf.details["left"], leaf.details["reason"]) == ("1", "Đã giao ở văn bản khác.")


def issue(table: Table, document_id: DocumentId) -> None:
    stage = table.stage
    document = stage.document(document_id)
    stage.house.use_cases.save_draft(
        document_id,
        replace(document.content, signatory_id=table.person(CHAIR)),
        stage.actor(PLANNER),
        seen_version=document.version,
    )
    for step in ("submit", "review", "check", "sign", "number", "seal"):
        getattr(stage, step)(document_id)


def test_invite_to_meeting_refuses_when_the_letter_names_another_time(table: Table) -> None:
    meeting_id, planner = table.plan(), table.stage.actor(PLANNER)
    issue(table, table.cases.draft_invitation(meeting_id, planner))
    change(table, meeting_id, starts_at=table.start(days=9, hour=14))
    with pytest.raises(ConflictError) as refused:
        table.invite(meeting_id)
    assert refused.value.code is ErrorCode.MEETING_LETTER_STALE
    assert table.meeting(meeting_id).state is MeetingState.PLANNED
    assert table.cases.view(meeting_id, planner).letter_due
    issue(table, table.cases.draft_invitation(meeting_id, planner))
    assert not table.cases.view(meeting_id, planner).letter_due
    table.invite(meeting_id)
    assert table.meeting(meeting_id).state is MeetingState.INVITED


def test_reply_tells_who_has_the_meeting_now_when_it_was_handed_over(table: Table) -> None:
    meeting_id = table.invited()
    with table.stage.house.start_work() as work:
        work.processes.reassignment.hand_over(
            table.task(meeting_id),
            table.person("snv.truongphong"),
            actor=table.stage.actor(PLANNER),
            now=table.clock.now(),
            reason="Nghỉ phép.",
        )
        work.commit()
    table.reply(meeting_id, AGENCY, "stc.vanthu", Answer.DECLINE, reason="Bận.")
    assert NoticeKind.MEETING_REPLIED in notices(table, "snv.truongphong")
    assert NoticeKind.MEETING_REPLIED not in notices(table, PLANNER)
    view = table.cases.view(meeting_id, table.stage.actor(PLANNER))
    assert view.planner.id == table.person("snv.truongphong")


def test_record_minutes_asks_for_confirmation_when_nobody_came(table: Table) -> None:
    meeting_id = table.invited()
    table.clock.at = table.meeting(meeting_id).plan.starts_at + timedelta(hours=1)
    task_id, planner = table.task(meeting_id), table.stage.actor(PLANNER)
    with pytest.raises(ConflictError) as refused:
        table.cases.record_minutes(task_id, planner, minutes="Đã họp.", conclusions="", present=[])
    assert refused.value.code is ErrorCode.MEETING_NOBODY_CAME
    table.cases.record_minutes(
        task_id, planner, minutes="Đã họp.", conclusions="", present=[], confirm_empty=True
    )
    assert table.meeting(meeting_id).state is MeetingState.HELD


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Họp giao ban tuần", "cuộc họp giao ban tuần"),
        ("Cuộc họp giao ban", "cuộc họp giao ban"),
        ("Giao ban tuần", "cuộc họp: Giao ban tuần"),
        ("Họp", "cuộc họp: Họp"),
    ],
)
def test_notice_says_meeting_once_when_its_title_does(title: str, said: str) -> None:
    assert said_title(title) == said


def test_record_minutes_counts_those_invited_when_unknown_ids_are_sent(table: Table) -> None:
    meeting_id = table.invited()
    table.clock.at = table.meeting(meeting_id).plan.starts_at
    table.run_due()
    came = table.invitees(meeting_id)[0].id
    table.cases.record_minutes(
        table.task(meeting_id),
        table.stage.actor(PLANNER),
        minutes="Thảo luận.",
        conclusions="",
        present=[came, InviteeId("x1"), InviteeId("x2")],
    )
    leaf = table.cases.view.trail(meeting_id, table.stage.actor(PLANNER))[-1]
    assert leaf.details["present"] == "1"


def inside(table: Table) -> str:
    """Issue a document for internal circulation; return its symbol."""
    document_id = table.stage.issue(circulation=Circulation.INTERNAL)
    number = table.stage.document(document_id).number
    assert number is not None
    return number.symbol


def test_add_paper_is_refused_when_it_circulates_inside_and_another_agency_is_invited(
    table: Table,
) -> None:
    meeting_id, symbol = table.plan(), inside(table)
    with pytest.raises(InvalidInputError) as refused:
        table.cases.add_paper.link(meeting_id, symbol, table.stage.actor(PLANNER))
    assert refused.value.code is ErrorCode.MEETING_PAPER_INSIDE
    assert table.meeting(meeting_id).papers == ()


def test_another_agency_is_not_invited_when_a_paper_circulates_inside(table: Table) -> None:
    meeting_id, planner = table.plan(guests=[UNIT]), table.stage.actor(PLANNER)
    paper_id = table.cases.add_paper.link(meeting_id, inside(table), planner)
    with pytest.raises(ConflictError) as refused:
        change(table, meeting_id, starts_at=table.start())
    assert refused.value.code is ErrorCode.MEETING_PAPER_INSIDE
    # Were they invited all the same, they would neither see it listed nor read it.
    with table.stage.house.start_work() as work:
        work.meetings.set_invitees(
            meeting_id,
            list_guests(work.organisation, [UNIT, AGENCY], meeting_id, table.start().date()),
        )
        work.commit()
    with pytest.raises(ConflictError) as late:
        table.invite(meeting_id)
    assert late.value.code is ErrorCode.MEETING_PAPER_INSIDE
    with table.stage.house.start_work() as work:
        meeting = work.meetings.get(meeting_id)
        meeting.invited_at = table.clock.now()
        work.meetings.save(meeting)
        work.commit()
    reader = table.stage.actor("stc.vanthu")
    assert list(table.cases.view(meeting_id, reader).meeting.papers) == []
    with pytest.raises(NotPermittedError):
        table.cases.read_paper(meeting_id, paper_id, reader)
    assert table.cases.read_paper(meeting_id, paper_id, planner)[1][:5] == b"%PDF-"


def test_read_feed_is_refused_when_its_person_left_the_day_before_in_viet_nam(
    table: Table,
) -> None:
    token = table.cases.make_feed(table.stage.actor(PLANNER))
    day = table.start(days=1, hour=2)
    with table.stage.house.start_work() as work:
        for post in work.organisation.list_posts_of(table.person(PLANNER), day.date()):
            work.organisation.end_post(post.id, day.date() - timedelta(days=1))
        work.commit()
    # It is still the day before in UTC.
    table.clock.at = day
    with pytest.raises(NotFoundError):
        table.cases.read_feed(token)


def test_draft_invitation_says_how_many_more_when_the_list_is_too_long(table: Table) -> None:
    with table.stage.house.start_reading() as work:
        day = table.start().date()
        guests = [
            Guest(agency_id=post.agency_id, person_id=post.person_id)
            for agency in work.organisation.list_agencies(day)
            for post in work.organisation.list_posts(agency.id, day)
        ]
    meeting_id = table.plan(guests=guests, confirm_clash=True)
    document = table.stage.document(
        table.cases.draft_invitation(meeting_id, table.stage.actor(PLANNER))
    )
    lines = document.content.invitation.invitees.split("\n")
    shown = len(lines) - 1
    left = len(table.invitees(meeting_id)) - shown
    assert left > 0
    assert lines[-1] == f"và {left} thành phần khác theo danh sách mời họp"
