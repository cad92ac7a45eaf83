"""From a document that comes in to the answer that closes it, and from a meeting to its tasks."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from engine.clock import VIETNAM, FixedClock, local
from engine.errors import NotPermittedError
from engine.model.assignment import (
    Assignment,
    AssignmentId,
    AssignmentState,
    Order,
    Party,
    SourceKind,
    Standing,
)
from engine.model.delivery import DeliveryStatus
from engine.model.document import DocumentId
from engine.model.kinds import CONG_VAN
from engine.model.meeting import (
    MEETING_PROCEDURE,
    Answer,
    Guest,
    MeetingId,
    MeetingPlan,
    MeetingState,
)
from engine.model.organisation import Actor, AgencyId
from tests.houses import PASSWORD, PIN, Stage, small_tables
from webui.install import install
from webui.quarter.town import Team, Town
from webui.settings import Settings
from workflows.meeting.conclude_meeting import propose_orders

STC = AgencyId("stc")
SNV = AgencyId("snv")


class Office:
    """Know the people of one agency by what they do."""

    def __init__(self, stage: Stage, agency_id: AgencyId) -> None:
        self.stage = stage
        self.agency_id = agency_id
        self.town = Town(house=stage.house, day=local(stage.house.clock.now()).date())

    @property
    def leader(self) -> Actor:
        return self.town.leader(self.agency_id)

    @property
    def clerk(self) -> Actor:
        return self.town.clerk(self.agency_id)

    @property
    def teams(self) -> list[Team]:
        return list(self.town.teams(self.agency_id))

    def unit(self, team: Team) -> Party:
        return Party(agency_id=self.agency_id, unit_id=team.unit_id)

    def officer(self, team: Team, number: int) -> Party:
        return Party(
            agency_id=self.agency_id, unit_id=team.unit_id, person_id=team.officers[number]
        )

    def head(self, team: Team) -> Actor:
        return self.town.actor(team.head)

    def workday(self, days: int) -> date:
        with self.stage.house.start_reading() as work:
            calendar = work.processes.calendar
        return local(calendar.add_working_days(self.stage.house.clock.now(), days)).date()


@pytest.fixture
def clock() -> FixedClock:
    # Monday, so that the working days of the story are the same on every day it is told.
    return FixedClock(datetime(2026, 3, 2, 9, 0, tzinfo=VIETNAM))


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the small city on the day the story begins: certificates are of that day."""
    data_dir = tmp_path_factory.mktemp("march") / "data"
    begun = FixedClock(datetime(2026, 3, 2, 8, 0, tzinfo=VIETNAM))
    install(
        Settings(data_dir=data_dir), small_tables(), password=PASSWORD, pin=PIN, clock=begun
    ).close()
    return data_dir


def pass_time(stage: Stage, clock: FixedClock, by: timedelta) -> None:
    """Move the clock; the lists of revoked certificates are published as on every night."""
    clock.move(by)
    with stage.house.start_work() as work:
        work.jobs.enqueue("refresh_revocations", clock.now().isoformat(), {})
        work.commit()
    stage.run_jobs()


def arrived(stage: Stage, document_id: DocumentId) -> str:
    """Let the clerk of the finance department register a document and put it to the leader."""
    stage.run_jobs()
    office = Office(stage, STC)
    with stage.house.start_reading() as work:
        delivery = work.deliveries.find(document_id, STC)
    assert delivery is not None
    cases = stage.house.use_cases
    cases.register_delivery(office.town.task(office.clerk, delivery.id), office.clerk)
    cases.present_delivery(
        office.town.task(office.clerk, delivery.id), office.clerk, office.leader.person_id
    )
    return delivery.id


def assignment(stage: Stage, assignment_id: AssignmentId) -> Assignment:
    with stage.house.start_reading() as work:
        return work.assignments.get(assignment_id)


def given_on(stage: Stage, delivery_id: str) -> AssignmentId:
    with stage.house.start_reading() as work:
        (found,) = work.assignments.list_on_source(SourceKind.DELIVERY, delivery_id)
    return found.id


def status(stage: Stage, delivery_id: str) -> DeliveryStatus:
    with stage.house.start_reading() as work:
        return work.deliveries.get(delivery_id).status


def test_document_is_answered_by_two_units_and_three_officers(
    stage: Stage, clock: FixedClock
) -> None:
    cases, office = stage.house.use_cases, Office(stage, STC)
    asked = stage.issue(recipients=(STC,))
    delivery_id = arrived(stage, asked)
    first, second = office.teams[:2]

    # The leader's direction: one unit leads, another takes part, ten working days.
    cases.direct_delivery(
        office.town.task(office.leader, delivery_id),
        office.leader,
        direction="Giao phòng chủ trì, tham mưu văn bản trả lời.",
        lead=office.unit(first),
        cooperators=(office.unit(second),),
        due_on=office.workday(10),
    )
    whole = given_on(stage, delivery_id)
    assert status(stage, delivery_id) is DeliveryStatus.ASSIGNED
    cases.accept_assignment(whole, office.head(first))
    assert status(stage, delivery_id) is DeliveryStatus.IN_PROGRESS

    # Three officers: two of the lead, who get a part each, one of the unit that takes part.
    parts = [
        cases.give_assignment(
            office.head(team),
            Order(
                content=content,
                lead=office.officer(team, number),
                due_on=office.workday(8),
                parent_id=whole if team is first else None,
            ),
        )
        for team, number, content in (
            (first, 0, "Tổng hợp số liệu."),
            (first, 1, "Dự thảo văn bản trả lời."),
            (second, 0, "Rà soát số liệu của phòng."),
        )
    ]
    for part in parts:
        given = assignment(stage, part)
        officer = office.town.actor(given.lead.person_id)
        cases.accept_assignment(part, officer)
        cases.report_completion(part, officer, "Đã xong.")
        cases.confirm_completion(part, office.town.actor(given.assigner_id))
    cases.contribute(whole, office.head(second), "Đã gửi số liệu của phòng.")

    # More time, asked for before the deadline and granted.
    pass_time(stage, clock, timedelta(days=7))
    later = office.workday(12)
    extension = cases.ask_extension(
        whole, office.head(first), "Chờ số liệu của quận, huyện.", new_due_on=later
    )
    cases.decide_extension(extension, office.leader, granted=True, due_on=later)
    stage.run_jobs()
    assert assignment(stage, whole).due_on == later

    # The answer goes out, and is the evidence of the report.
    cases.report_progress(whole, office.head(first), "Đang trình ký.", percent=80)
    answer = issue_from_stc(stage, office)
    cases.report_completion(whole, office.head(first), "Đã trả lời.", evidence=answer)
    with pytest.raises(NotPermittedError):
        cases.confirm_completion(whole, office.head(second))
    assert status(stage, delivery_id) is DeliveryStatus.IN_PROGRESS
    cases.confirm_completion(whole, office.leader)

    done = assignment(stage, whole)
    today = local(stage.house.clock.now()).date()
    assert done.state is AssignmentState.COMPLETED
    assert done.standing(today) is Standing.DONE_IN_TIME
    assert done.closing_document_id == answer
    assert status(stage, delivery_id) is DeliveryStatus.COMPLETED
    chain = cases.view_chain.of_delivery(delivery_id, office.leader)
    assert {node.target_id for node in chain.nodes} >= {asked, delivery_id, whole, answer}


def issue_from_stc(stage: Stage, office: Office) -> DocumentId:
    """Write, sign, number and seal the answer of the finance department."""
    team = office.teams[0]
    cases, town = stage.house.use_cases, office.town
    drafter = town.actor(team.officers[0])
    document_id = cases.create_draft(drafter, STC, CONG_VAN)
    content = stage.content(
        recipients=(SNV,),
        subject="trả lời tình hình sử dụng chữ ký số",
        signatory_id=office.leader.person_id,
    )
    version = cases.save_draft(
        document_id, content, drafter, seen_version=stage.document(document_id).version
    )
    cases.submit_draft(town.task(drafter, document_id), content, drafter, seen_version=version)
    head = office.head(team)
    cases.review_draft(town.task(head, document_id), head)
    cases.check_form(town.task(office.clerk, document_id), office.clerk)
    cases.sign_document(town.task(office.leader, document_id), office.leader, PIN)
    cases.number_document(town.task(office.clerk, document_id), office.clerk)
    cases.seal_document(town.task(office.clerk, document_id), office.clerk, PIN)
    return document_id


def test_conclusions_of_a_meeting_become_assignments(stage: Stage, clock: FixedClock) -> None:
    office = Office(stage, SNV)
    cases, town = stage.house.use_cases, office.town
    first, second = office.teams[:2]
    planner = office.head(first)
    starts_at = clock.now() + timedelta(days=3)
    meeting_id = cases.meetings.plan(
        planner,
        MeetingPlan(
            agency_id=SNV,
            unit_id=first.unit_id,
            title="Họp về cải cách hành chính",
            chair_id=office.leader.person_id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            reply_by=starts_at - timedelta(hours=20),
            place="Trụ sở Sở",
            room="Phòng họp số 1",
        ),
        [Guest(agency_id=SNV, unit_id=team.unit_id) for team in (first, second)],
    )
    cases.meetings.invite(town.task(planner, meeting_id, MEETING_PROCEDURE), planner)
    with stage.house.start_reading() as work:
        invitees = {each.unit_id: each for each in work.meetings.list_invitees(meeting_id)}
        names = {unit.id: unit.name for unit in work.organisation.list_units(SNV, starts_at)}
    cases.meetings.reply(invitees[second.unit_id].id, office.head(second), Answer.ATTEND)

    pass_time(stage, clock, timedelta(days=3, hours=3))
    cases.meetings.record_minutes(
        town.task(planner, meeting_id, MEETING_PROCEDURE),
        planner,
        minutes="Các phòng báo cáo kết quả.",
        conclusions=(
            f"1. Giao {names[first.unit_id]} chủ trì, phối hợp với {names[second.unit_id]} "
            "tổng hợp báo cáo, trình Giám đốc Sở trước ngày 20 tháng 3 năm 2026.\n"
            f"2. Giao {names[second.unit_id]} rà soát thủ tục hành chính."
        ),
        present={invitees[second.unit_id].id},
    )
    conclude(stage, office, meeting_id)

    with stage.house.start_reading() as work:
        meeting = work.meetings.get(meeting_id)
        found = work.assignments.list_on_source(SourceKind.MEETING, meeting_id)
    assert meeting.state is MeetingState.CONCLUDED
    assert [each.lead.unit_id for each in found] == [first.unit_id, second.unit_id]
    assert [each.cooperators for each in found] == [(office.unit(second),), ()]
    # The day before the one the text names, if that is what "before" leaves: a working day.
    assert found[0].due_on in {date(2026, 3, 19), date(2026, 3, 20)}
    assert found[1].due_on is None
    assert {each.source.document_id for each in found} == {meeting.conclusion_id}


def conclude(stage: Stage, office: Office, meeting_id: MeetingId) -> None:
    """Issue the notice of what was concluded and give its orders as they read."""
    cases, town = stage.house.use_cases, office.town
    team = office.teams[0]
    drafter = town.actor(team.officers[0])
    drafted = cases.meetings.draft_conclusion(meeting_id, drafter)
    content = stage.document(drafted).content
    content = replace(content, recipients=(STC,), signatory_id=office.leader.person_id)
    version = cases.save_draft(
        drafted, content, drafter, seen_version=stage.document(drafted).version
    )
    cases.submit_draft(town.task(drafter, drafted), content, drafter, seen_version=version)
    head = office.head(team)
    cases.review_draft(town.task(head, drafted), head)
    cases.check_form(town.task(office.clerk, drafted), office.clerk)
    cases.sign_document(town.task(office.leader, drafted), office.leader, PIN)
    cases.number_document(town.task(office.clerk, drafted), office.clerk)
    cases.seal_document(town.task(office.clerk, drafted), office.clerk, PIN)
    cases.meetings.conclude(town.task(head, meeting_id, MEETING_PROCEDURE), head)
    with stage.house.start_reading() as work:
        proposed = propose_orders(work, work.meetings.get(meeting_id))
    cases.meetings.give_orders(
        town.task(office.leader, meeting_id, MEETING_PROCEDURE),
        office.leader,
        [
            Order(
                content=each.content,
                quoted=each.text,
                lead=each.lead,
                cooperators=each.cooperators,
                due_on=each.due_on,
                no_deadline=each.due_on is None,
            )
            for each in proposed
            if each.lead is not None
        ],
    )
