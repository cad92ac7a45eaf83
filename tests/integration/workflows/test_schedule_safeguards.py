"""What keeps a week honest: who approves it, who overwrites what, who may still read it."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
import sqlalchemy as sa

from engine.audit import AuditEvent
from engine.clock import FixedClock, local
from engine.errors import ConflictError, ErrorCode, InvalidInputError, NotPermittedError
from engine.model.notice import NoticeKind
from engine.model.organisation import Power
from engine.model.schedule import SCHEDULE_PROCEDURE, ScheduleSealing, WeekState
from engine.model.schedule_entries import ScheduleId
from engine.process.model import InstanceStatus
from tests.factories.pki_uploads import shown_text
from tests.factories.weeks import CLERK, HEAD_OF_OFFICE, LEADER, OFFICER, SNV, Office
from tests.houses import Stage
from tests.integration.workflows.test_schedules import hold_meeting
from tests.statements import own_statements
from workflows.authority.delegate import DelegationTerms

DIVISION_HEAD, DEPUTY, STRANGER = "snv.truongphong", "snv.photruong1", "stc.chuyenvien"


@pytest.fixture
def office(stage: Stage) -> Office:
    return Office(stage)


def refused(act) -> ErrorCode:
    with pytest.raises((ConflictError, InvalidInputError, NotPermittedError)) as caught:
        act()
    return caught.value.code


def leave(office: Office, giver: str, delegate: str, power: Power) -> None:
    """Let `delegate` act for `giver` from today on."""
    today = local(office.stage.house.clock.now()).date()
    terms = DelegationTerms(
        post_id=office.stage.actor(giver).posts[0].id,
        delegate_id=office.stage.actor(delegate).person_id,
        powers=frozenset({power}),
        since=today,
        until=today + timedelta(days=9),
    )
    office.stage.house.use_cases.authority.delegate(terms, office.stage.actor(giver))


def publish(office: Office, schedule_id: ScheduleId, **options: object) -> None:
    office.submit(schedule_id, **options)
    office.approve(schedule_id)
    office.publish(schedule_id)


def recall(office: Office, schedule_id: ScheduleId, reason: str = "Sai phòng họp") -> None:
    task = office.stage.task(CLERK, schedule_id)
    office.cases.recall(task, office.stage.actor(CLERK), reason)


# --- who approves -----------------------------------------------------------------------------


def test_paper_names_the_leader_whose_power_was_used(office: Office) -> None:
    schedule_id = office.open()
    office.add(schedule_id)
    office.submit(schedule_id)
    leave(office, DIVISION_HEAD, OFFICER, Power.REVIEW)
    leave(office, LEADER, OFFICER, Power.SCHEDULE)

    office.approve(schedule_id, OFFICER)

    text = " ".join(shown_text(office.pdf(schedule_id)))
    giver = office.stage.actor(LEADER).full_name
    assert f"thực hiện thay Giám đốc {giver}" in " ".join(text.split())


def test_week_is_not_approved_for_the_leader_by_who_submitted_it(office: Office) -> None:
    schedule_id = office.open()
    office.add(schedule_id)
    office.submit(schedule_id)
    leave(office, LEADER, CLERK, Power.SCHEDULE)

    assert refused(lambda: office.approve(schedule_id, CLERK)) is ErrorCode.SCHEDULE_OWN
    assert office.schedule(schedule_id).state is WeekState.SUBMITTED
    # It is not stuck: the leader still has it.
    office.approve(schedule_id)
    assert office.schedule(schedule_id).state is WeekState.APPROVED


# --- taken back before the seal ---------------------------------------------------------------


def test_approved_week_is_taken_back_mended_and_approved_anew(office: Office) -> None:
    schedule_id = office.to_seal()
    paper = office.schedule(schedule_id).paper_digest

    recall(office, schedule_id)

    schedule = office.schedule(schedule_id)
    assert (schedule.state, schedule.reason) == (WeekState.GATHERING, "Sai phòng họp")
    assert (schedule.approved_by, schedule.paper_digest, schedule.paper_pages) == (None, None, 0)
    assert schedule.due_at > office.stage.house.clock.now()
    leaf = office.cases.view.trail(schedule_id, office.stage.actor(CLERK))[-1]
    assert (leaf.event, leaf.details["digest"]) == (AuditEvent.SCHEDULE_RETURN, paper)
    with office.stage.house.start_reading() as work:
        told = work.notices.list_of(office.leader_id, limit=5).rows
    assert NoticeKind.SCHEDULE_RETURNED in {each.kind for each in told}
    [entry] = office.week(schedule_id).entries
    office.cases.edit_entry(entry.id, office.text(place="P2"), office.stage.actor(CLERK))
    publish(office, schedule_id)
    assert office.schedule(schedule_id).state is WeekState.PUBLISHED
    with office.stage.house.start_reading() as work:
        instance_id = work.processes.get_instance_id(SCHEDULE_PROCEDURE, schedule_id)
        assert work.processes.store.get_instance(instance_id).status is InstanceStatus.COMPLETED


def test_week_taken_back_can_be_given_up(office: Office) -> None:
    schedule_id = office.to_seal()
    recall(office, schedule_id)

    office.cases.discard(schedule_id, office.stage.actor(CLERK), "Mở nhầm tuần")

    assert office.schedule(office.open()).state is WeekState.GATHERING


def test_week_is_not_taken_back_without_a_reason_or_while_it_is_sealed(office: Office) -> None:
    schedule_id = office.to_seal()
    assert refused(lambda: recall(office, schedule_id, " ")) is ErrorCode.INPUT_MISSING
    with office.stage.house.start_work() as work:
        schedule = work.schedules.get(schedule_id)
        schedule.sealing = ScheduleSealing(
            nonce="n1",
            certificate_id="c1",
            actor_id=office.stage.actor(CLERK).person_id,
            begun_at=office.stage.house.clock.now(),
        )
        work.schedules.save(schedule)
        work.commit()

    assert refused(lambda: recall(office, schedule_id)) is ErrorCode.SIGNING_UNDERWAY
    assert office.schedule(schedule_id).state is WeekState.APPROVED


def test_published_week_is_not_taken_back(office: Office) -> None:
    schedule_id = office.to_seal()
    task = office.stage.task(CLERK, schedule_id)
    office.publish(schedule_id)

    with pytest.raises(ConflictError):
        office.cases.recall(task, office.stage.actor(CLERK), "Sai phòng họp")
    assert office.schedule(schedule_id).state is WeekState.PUBLISHED


# --- lines ------------------------------------------------------------------------------------


def test_line_is_not_overwritten_by_who_has_not_seen_it_as_it_is(office: Office) -> None:
    schedule_id = office.open()
    entry_id = office.add(schedule_id)
    [entry] = office.week(schedule_id).entries
    seen = entry.text.digest
    clerk, leader = office.stage.actor(CLERK), office.stage.actor(LEADER)
    office.cases.edit_entry(entry_id, office.text(place="Phòng 2"), leader, seen=seen)

    late = office.text(content="Đổi nội dung")
    code = refused(lambda: office.cases.edit_entry(entry_id, late, clerk, seen=seen))

    assert code is ErrorCode.DOCUMENT_CHANGED
    [entry] = office.week(schedule_id).entries
    assert entry.text.place == "Phòng 2"
    office.cases.edit_entry(entry_id, late, clerk, seen=entry.text.digest)


def test_private_place_is_not_told_by_a_clash(office: Office) -> None:
    schedule_id = office.open()
    office.add(schedule_id, LEADER, is_private=True, place="Bệnh viện K")
    office.add(schedule_id, CLERK, place="bệnh viện K", leader_ids=(office.leader_id,))

    clashes = office.cases.view(schedule_id, office.stage.actor(CLERK)).clashes

    assert [each.kind for each in clashes] == ["person"]


def test_meeting_is_taken_in_by_who_keeps_the_schedule_only(office: Office) -> None:
    schedule_id, meeting_id = office.open(), hold_meeting(office)

    for login in (OFFICER, LEADER):
        with pytest.raises(NotPermittedError):
            office.cases.add_meeting(schedule_id, meeting_id, office.stage.actor(login))
    office.cases.add_meeting(schedule_id, meeting_id, office.stage.actor(HEAD_OF_OFFICE))

    assert len(office.week(schedule_id).entries) == 1


# --- changes ----------------------------------------------------------------------------------


def test_week_is_withdrawn_from_the_city_by_a_change_of_nothing_else(office: Office) -> None:
    first = office.open()
    office.add(first)
    publish(office, first, to_city=True)
    stranger = office.stage.actor(STRANGER)
    assert office.cases.view(first, stranger).schedule.id == first
    second = office.change(first)
    assert refused(lambda: office.submit(second, to_city=True)) is ErrorCode.SCHEDULE_UNCHANGED

    publish(office, second, to_city=False)

    for schedule_id in (first, second):
        for read in (office.cases.view, office.cases.view.pdf, office.cases.view.verify):
            with pytest.raises(NotPermittedError):
                read(schedule_id, stranger)
    assert office.cases.view.index(SNV, office.monday, stranger).shown is None
    assert office.cases.view(first, office.stage.actor(OFFICER)).schedule.id == first


def test_private_line_is_added_to_a_published_week_without_telling_anybody(office: Office) -> None:
    second = office.change(office.published())
    office.add(second, LEADER, is_private=True, starts_at=time(15), place="")

    publish(office, second)

    assert [each.text.is_private for each in office.week(second).entries].count(True) == 1
    with office.stage.house.start_reading() as work:
        rows = work.notices.list_of(office.stage.actor(OFFICER).person_id, limit=50).rows
    assert NoticeKind.SCHEDULE_CHANGED not in {each.kind for each in rows}


@pytest.mark.parametrize("statement", ["schedule_entry", "schedule_entry_leader", "moved"])
def test_database_takes_no_line_into_a_published_week(office: Office, statement: str) -> None:
    published = office.published()
    office.add(office.open(office.monday + timedelta(weeks=1)), day=office.monday + timedelta(7))
    person = office.stage.actor(OFFICER).person_id
    columns = "key, day, part, content, chair, participants, place, preparing, vehicle"
    columns += ", is_private, entered_by, entered_at, edition, schedule_id"
    statements = {
        "schedule_entry": f"INSERT INTO schedule_entry (id, {columns}) "  # noqa: S608 our own words
        f"SELECT 'x', {columns} FROM schedule_entry WHERE schedule_id = :id",
        "schedule_entry_leader": "INSERT INTO schedule_entry_leader SELECT id, :person, 9 "
        "FROM schedule_entry WHERE schedule_id = :id",
        "moved": "UPDATE schedule_entry SET schedule_id = :id WHERE schedule_id <> :id",
    }
    asked = {"id": published, "person": person}
    wanted = {name: asked[name] for name in asked if f":{name}" in statements[statement]}
    engine = sa.create_engine(f"sqlite:///{office.stage.house.settings.database_path}")
    with engine.connect() as connection, pytest.raises(sa.exc.IntegrityError) as caught:
        connection.execute(sa.text(statements[statement]), wanted)
    engine.dispose()

    assert "append-only" in str(caught.value)


# --- feeds, pages -----------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["replaced", "private"])
def test_feed_strikes_what_is_no_longer_the_leaders_or_became_private(
    office: Office, change: str
) -> None:
    first = office.open()
    office.add(first)
    office.add(first, content="Khác", starts_at=time(14), place="")
    publish(office, first)
    leader, deputy = office.stage.actor(LEADER), office.stage.actor(DEPUTY).person_id
    second = office.change(first)
    entry = next(e for e in office.week(second).entries if e.text.content != "Khác")
    changes = {"replaced": {"leader_ids": (deputy,)}, "private": {"is_private": True}}
    text = replace(entry.text, **changes[change])
    office.cases.edit_entry(entry.id, text, leader)
    publish(office, second)

    feed = office.cases.read_feed(office.cases.open_feed(SNV, leader, leader_id=leader.person_id))

    assert [each.text.content for each in feed.entries] == ["Khác"]
    assert [(each.key, each.edition) for each in feed.called_off] == [(entry.key, 1)]


def test_feed_tells_when_a_line_was_last_written(office: Office, clock: FixedClock) -> None:
    first = office.published()
    second = office.change(first)
    [entry] = office.week(second).entries
    clock.move(timedelta(minutes=5))
    office.cases.edit_entry(entry.id, office.text(place="P9"), office.stage.actor(CLERK))
    written = clock.now()
    clock.move(timedelta(minutes=5))
    publish(office, second)

    feed = office.cases.read_feed(office.cases.open_feed(SNV, office.stage.actor(OFFICER)))

    assert [each.entered_at for each in feed.entries] == [written]


def test_page_asks_as_often_whoever_a_week_concerns(office: Office) -> None:
    schedule_id, clerk = office.open(), office.stage.actor(CLERK)
    office.add(schedule_id)
    with own_statements() as few:
        office.cases.view(schedule_id, clerk)
    with office.stage.house.start_reading() as work:
        people = {post.person_id for post in work.organisation.list_posts(SNV, office.monday)}
    assert len(people) > 5
    office.add(schedule_id, leader_ids=tuple(sorted(people)), starts_at=time(15), place="")

    with own_statements() as many:
        view = office.cases.view(schedule_id, clerk)

    assert len(many) == len(few)
    assert set(view.names) >= people
