"""Weeks of leaders: gathered, approved, sealed, published, changed; and what is refused."""

import re
import shutil
import subprocess
from contextlib import closing
from dataclasses import replace
from datetime import datetime, time, timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import sqlalchemy as sa

from engine.audit import AuditEvent
from engine.clock import VIETNAM, FixedClock
from engine.errors import (
    CertificateRejectedError,
    ConflictError,
    DigestMismatchError,
    ErrorCode,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    PinRejectedError,
    SignerUnavailableError,
)
from engine.model.meeting import Meeting, MeetingId, MeetingPlan, MeetingState
from engine.model.notice import NoticeKind
from engine.model.organisation import AgencyId, Role
from engine.model.outage import Service
from engine.model.register import RegisterBook
from engine.model.schedule import (
    SCHEDULE_PROCEDURE,
    SEALING_LIFETIME,
    ScheduleSealing,
    WeekState,
)
from engine.model.schedule_entries import (
    ChangeKind,
    DayPart,
    EntryId,
    ScheduleId,
)
from engine.model.verification import Verdict
from engine.ports_signing import HolderKind
from engine.process.model import InstanceStatus
from tests.bureau import Bureau
from tests.factories.pki_uploads import shown_text
from tests.factories.silent_stamper import SilentStamper
from tests.factories.weeks import (
    CLERK,
    HEAD_OF_OFFICE,
    LEADER,
    OFFICER,
    SNV,
    Office,
)
from tests.houses import Stage, standing_clock
from webui.bootstrap import open_house
from webui.settings import Settings

DIVISION_HEAD = "snv.truongphong"
TOLD = (CLERK, HEAD_OF_OFFICE, OFFICER, DIVISION_HEAD)


@pytest.fixture
def office(stage: Stage) -> Office:
    return Office(stage)


def notices(office: Office, login: str) -> list:
    person = office.stage.actor(login).person_id
    with office.stage.house.start_reading() as work:
        page = work.notices.list_of(person, limit=50)
    return [each for each in page.rows if each.kind.startswith("schedule.")]


def leaves(office: Office, schedule_id: ScheduleId) -> list[AuditEvent]:
    trail = office.cases.view.trail(schedule_id, office.stage.actor(CLERK))
    return [leaf.event for leaf in trail]


def refused(act) -> ErrorCode:
    with pytest.raises((ConflictError, InvalidInputError, NotPermittedError)) as caught:
        act()
    return caught.value.code


# --- from first to last ---------------------------------------------------------------------


def test_week_goes_from_gathering_to_a_file_that_verifies(office: Office) -> None:
    schedule_id = office.open()
    office.add(schedule_id)
    office.add(schedule_id, OFFICER, content="Tiếp công dân", starts_at=time(9), place="")
    office.submit_anyway(schedule_id)
    office.approve(schedule_id)
    paper = office.pdf(schedule_id)
    office.publish(schedule_id)

    schedule = office.schedule(schedule_id)
    assert schedule.state is WeekState.PUBLISHED
    assert schedule.file is not None
    file = office.pdf(schedule_id)
    # What was approved is what is sealed: the file begins with its very bytes.
    assert file.startswith(paper)
    _, report = office.cases.view.verify(schedule_id, office.stage.actor(OFFICER))
    assert report.verdict is Verdict.PASSED
    assert [each.signer for each in report.signatures] == ["Sở Nội vụ"]
    added = [line for line in shown_text(file) if line not in shown_text(paper)]
    assert len(added) == 2
    assert added[0] == "Sở Nội vụ"
    assert re.fullmatch(r"\d\d-\d\d-\d{4} \d\d:\d\d:\d\d \+07:00", added[1])
    assert leaves(office, schedule_id) == [
        AuditEvent.SCHEDULE_OPEN,
        AuditEvent.SCHEDULE_ENTER,
        AuditEvent.SCHEDULE_ENTER,
        AuditEvent.SCHEDULE_SUBMIT,
        AuditEvent.SCHEDULE_APPROVE,
        AuditEvent.SCHEDULE_SEAL_BEGIN,
        AuditEvent.SCHEDULE_PUBLISH,
    ]
    with office.stage.house.start_reading() as work:
        instance_id = work.processes.get_instance_id(SCHEDULE_PROCEDURE, schedule_id)
        assert work.processes.store.get_instance(instance_id).status is InstanceStatus.COMPLETED


def test_foreign_reader_finds_the_seal_valid(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "lich.pdf"
    path.write_bytes(office.pdf(office.published()))
    pdfsig = shutil.which("pdfsig")
    assert pdfsig is not None

    said = subprocess.run(  # noqa: S603 our own file
        [pdfsig, "-nocert", str(path)], capture_output=True, text=True, check=False, timeout=60
    ).stdout

    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "CN=Sở Nội vụ" in said


def test_published_file_stays_pdf_a_and_takes_no_number(office: Office) -> None:
    content = office.pdf(office.published())

    with pikepdf.open(BytesIO(content)) as pdf:
        assert pdf.open_metadata()["pdfaid:part"] == "2"
        assert [str(field.T) for field in pdf.Root.AcroForm.Fields] == ["dau_chu"]
    with office.stage.house.start_reading() as work:
        year = office.monday.year
        for book in RegisterBook:
            assert work.registers.list_entries(SNV, book, year) == []


def test_returned_week_is_mended_and_comes_back(office: Office) -> None:
    schedule_id = office.open()
    office.add(schedule_id)
    office.submit(schedule_id)

    office.send_back(schedule_id)

    schedule = office.schedule(schedule_id)
    assert (schedule.state, schedule.reason) == (WeekState.GATHERING, "Thiếu lịch thứ Tư")
    assert schedule.due_at > office.stage.house.clock.now()
    assert [each.kind for each in notices(office, CLERK)] == [NoticeKind.SCHEDULE_RETURNED]
    office.add(schedule_id, day=office.monday + timedelta(days=2))
    office.submit(schedule_id)
    office.approve(schedule_id)
    office.publish(schedule_id)
    assert office.schedule(schedule_id).state is WeekState.PUBLISHED


def test_change_is_republished_with_what_changed(office: Office) -> None:
    first = office.published()
    before = office.pdf(first)

    second = office.change(first)
    [entry] = office.week(second).entries
    moved = replace(entry.text, starts_at=time(8))
    office.cases.edit_entry(entry.id, moved, office.stage.actor(CLERK))
    office.add(second, content="Họp thi đua", starts_at=time(15), place="")
    assert office.schedule(first).state is WeekState.PUBLISHED
    office.submit(second)
    office.approve(second)
    office.publish(second)

    assert office.schedule(first).state is WeekState.SUPERSEDED
    assert office.pdf(first) == before
    schedule = office.schedule(second)
    assert (schedule.state, schedule.number, schedule.base_id) == (WeekState.PUBLISHED, 2, first)
    changes = office.week(second).changes()
    assert {each.kind for each in changes} == {ChangeKind.MOVED, ChangeKind.ADDED}
    [told] = [
        each for each in notices(office, OFFICER) if each.kind is NoticeKind.SCHEDULE_CHANGED
    ]
    assert "Bổ sung: Họp thi đua" in told.details["changes"]
    assert "Đổi thời gian: Họp giao ban" in told.details["changes"]
    leaf = office.cases.view.trail(second, office.stage.actor(CLERK))[-1]
    assert (leaf.details["added"], leaf.details["moved"]) == ("1", "1")


def test_third_version_is_compared_with_the_second(office: Office) -> None:
    second = office.change(office.published())
    office.add(second, content="Họp thi đua", starts_at=time(15), place="")
    office.submit(second)
    office.approve(second)
    office.publish(second)

    third = office.change(second)

    assert office.week(third).changes() == ()
    assert len(office.week(third).entries) == 2
    assert office.schedule(third).number == 3


def test_private_entry_is_in_no_file_feed_leaf_or_notice(office: Office) -> None:
    first = office.open()
    office.add(first)
    hidden_words = "Gặp gỡ riêng"
    office.add(first, LEADER, content=hidden_words, is_private=True, starts_at=time(16), place="")
    office.submit(first)
    office.approve(first)
    office.publish(first)
    second = office.change(first)
    office.add(second, content="Họp thi đua", starts_at=time(14), place="")
    private = next(e for e in office.week(second).entries if e.text.is_private)
    office.cases.remove_entry(private.id, office.stage.actor(LEADER))
    office.submit(second)
    office.approve(second)
    office.publish(second)

    token = office.cases.open_feed(SNV, office.stage.actor(LEADER))
    feed = office.cases.read_feed(token)
    assert hidden_words not in [each.text.content for each in (*feed.entries, *feed.called_off)]
    for schedule_id in (first, second):
        for leaf in office.cases.view.trail(schedule_id, office.stage.actor(CLERK)):
            assert hidden_words not in str(leaf.details)
    assert all(hidden_words not in str(each.details) for each in notices(office, OFFICER))
    lines = office.cases.view(first, office.stage.actor(CLERK)).lines
    assert [line.entry.text.content for line in lines] == ["Họp giao ban"]
    seen = office.cases.view(first, office.stage.actor(LEADER)).lines
    assert [line.entry.text.content for line in seen] == ["Họp giao ban", hidden_words]


def test_units_are_told_when_a_week_opens_and_when_it_is_published(office: Office) -> None:
    schedule_id = office.published()

    for login in (HEAD_OF_OFFICE, OFFICER, DIVISION_HEAD):
        kinds = {(each.kind, each.subject_id) for each in notices(office, login)}
        assert kinds == {
            (NoticeKind.SCHEDULE_PUBLISHED, schedule_id),
            (NoticeKind.SCHEDULE_OPEN, schedule_id),
        }


def test_silent_units_are_reminded_before_time_is_up(office: Office, clock: FixedClock) -> None:
    schedule_id = office.open()
    office.add(schedule_id, DIVISION_HEAD)
    clock.at = office.schedule(schedule_id).due_at - timedelta(hours=23)

    office.stage.run_jobs()

    assert NoticeKind.SCHEDULE_REMINDER not in {
        each.kind for each in notices(office, DIVISION_HEAD)
    }
    assert notices(office, HEAD_OF_OFFICE)[0].kind is NoticeKind.SCHEDULE_REMINDER
    assert leaves(office, schedule_id)[-1] is AuditEvent.SCHEDULE_REMIND
    office.submit(schedule_id)
    office.approve(schedule_id)
    office.publish(schedule_id)
    with office.stage.house.start_reading() as work:
        instance_id = work.processes.get_instance_id(SCHEDULE_PROCEDURE, schedule_id)
        assert work.processes.store.get_instance(instance_id).status is InstanceStatus.COMPLETED


# --- opening ----------------------------------------------------------------------------------


@pytest.mark.parametrize("login", [CLERK, HEAD_OF_OFFICE])
def test_office_opens_a_week_until_the_last_working_morning(office: Office, login: str) -> None:
    schedule = office.schedule(office.open(office.monday + timedelta(weeks=2), login))

    assert schedule.state is WeekState.GATHERING
    assert schedule.due_at.weekday() < 5
    assert (schedule.due_at.hour, schedule.due_at.minute) == (4, 30)  # 11:30 in Việt Nam


@pytest.mark.parametrize("login", [OFFICER, DIVISION_HEAD, LEADER, "stc.vanthu"])
def test_week_is_not_opened_by_others(office: Office, login: str) -> None:
    assert refused(lambda: office.open(login=login)) is ErrorCode.PERMISSION_DENIED


def test_week_is_not_opened_twice(office: Office) -> None:
    office.open()

    again = office.monday + timedelta(days=6)
    assert refused(lambda: office.open(again)) is ErrorCode.SCHEDULE_EXISTS


def test_week_is_not_opened_when_it_is_over(office: Office) -> None:
    past = office.monday - timedelta(weeks=2)

    assert refused(lambda: office.open(past)) is ErrorCode.SCHEDULE_WEEK_PAST


def test_late_week_leaves_its_units_some_hours(office: Office) -> None:
    this_week = office.monday - timedelta(weeks=1)

    schedule = office.schedule(office.open(this_week))

    assert schedule.due_at > office.stage.house.clock.now()


def test_discarded_week_can_be_opened_again_under_its_number(office: Office) -> None:
    schedule_id = office.open()
    clerk = office.stage.actor(CLERK)

    office.cases.discard(schedule_id, clerk, "Mở nhầm tuần")

    assert office.schedule(schedule_id).state is WeekState.DISCARDED
    with office.stage.house.start_reading() as work:
        assert work.queries.list_tasks_on(clerk, schedule_id) == []
    assert office.schedule(office.open()).number == 1


# --- entries ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"day_offset": -1}, ErrorCode.SCHEDULE_DAY),
        ({"day_offset": 7}, ErrorCode.SCHEDULE_DAY),
        ({"ends_at": time(7)}, ErrorCode.SCHEDULE_TIME),
        ({"starts_at": None, "ends_at": time(7)}, ErrorCode.SCHEDULE_TIME),
        ({"leader_ids": ()}, ErrorCode.INPUT_MISSING),
        ({"leader_ids": ("p9999",)}, ErrorCode.SCHEDULE_PERSON),
        ({"content": " "}, ErrorCode.INPUT_MISSING),
        ({"content": "x" * 601}, ErrorCode.INPUT_TOO_LONG),
        ({"place": "TỐI MẬT"}, ErrorCode.DOCUMENT_CLASSIFIED),
    ],
)
def test_entry_is_refused_and_nothing_is_kept(office: Office, changes, code) -> None:
    schedule_id = office.open()
    values = dict(changes)
    offset = values.pop("day_offset", 0)
    day = office.monday + timedelta(days=offset)

    assert refused(lambda: office.add(schedule_id, **({"day": day} | values))) is code
    assert office.week(schedule_id).entries == []


def test_entry_is_refused_when_its_leader_serves_another_agency(office: Office) -> None:
    schedule_id = office.open()
    stranger = office.stage.actor("stc.lanhdao").person_id

    code = refused(lambda: office.add(schedule_id, leader_ids=(stranger,)))

    assert code is ErrorCode.SCHEDULE_PERSON


@pytest.mark.parametrize("login", ["stc.chuyenvien", "vpub.quantri"])
def test_entry_is_refused_when_somebody_of_another_agency_adds_it(
    office: Office, login: str
) -> None:
    schedule_id = office.open()

    assert refused(lambda: office.add(schedule_id, login)) is ErrorCode.PERMISSION_DENIED


def test_entry_is_changed_by_who_entered_it_its_leader_and_the_office_only(
    office: Office,
) -> None:
    schedule_id = office.open()
    entry_id = office.add(schedule_id, DIVISION_HEAD)
    text = office.text(content="Họp giao ban tháng")

    for login in (DIVISION_HEAD, LEADER, CLERK, HEAD_OF_OFFICE):
        office.cases.edit_entry(entry_id, text, office.stage.actor(login))
    for login in ("snv.photruong1", "stc.vanthu"):
        actor = office.stage.actor(login)
        with pytest.raises(NotPermittedError):
            office.cases.edit_entry(entry_id, text, actor)
        with pytest.raises(NotPermittedError):
            office.cases.remove_entry(entry_id, actor)


def test_private_entry_is_not_touched_by_the_office(office: Office) -> None:
    schedule_id = office.open()
    entry_id = office.add(schedule_id, OFFICER, is_private=True)

    with pytest.raises(NotPermittedError):
        office.cases.remove_entry(entry_id, office.stage.actor(CLERK))
    public = office.add(schedule_id, OFFICER, starts_at=time(16))
    hidden = replace(office.text(), is_private=True)
    # Nobody makes somebody else's entry vanish from their own sight.
    with pytest.raises(NotPermittedError):
        office.cases.edit_entry(public, hidden, office.stage.actor(CLERK))


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_entries_are_refused_once_the_week_has_moved_on(office: Office, steps: int) -> None:
    schedule_id = office.open()
    entry_id = office.add(schedule_id)
    for step in (office.submit, office.approve, office.publish)[:steps]:
        step(schedule_id)
    if steps == 0:
        office.cases.discard(schedule_id, office.stage.actor(CLERK), "Mở nhầm")
    clerk = office.stage.actor(CLERK)

    acts = (
        lambda: office.add(schedule_id),
        lambda: office.cases.edit_entry(entry_id, office.text(content="Khác"), clerk),
        lambda: office.cases.remove_entry(entry_id, clerk),
    )
    for act in acts:
        assert refused(act) is ErrorCode.SCHEDULE_CLOSED
    assert [each.text.content for each in office.week(schedule_id).entries] == ["Họp giao ban"]


# --- submitting, approving ----------------------------------------------------------------


def test_empty_week_is_not_submitted(office: Office) -> None:
    schedule_id = office.open()
    assert refused(lambda: office.submit(schedule_id)) is ErrorCode.SCHEDULE_EMPTY
    office.add(schedule_id, LEADER, is_private=True)

    assert refused(lambda: office.submit(schedule_id)) is ErrorCode.SCHEDULE_EMPTY
    assert office.schedule(schedule_id).state is WeekState.GATHERING


def test_change_that_changes_nothing_is_not_submitted(office: Office) -> None:
    second = office.change(office.published())

    assert refused(lambda: office.submit(second)) is ErrorCode.SCHEDULE_UNCHANGED


def test_clash_stops_the_week_until_it_is_confirmed_or_mended(office: Office) -> None:
    schedule_id = office.open()
    office.add(schedule_id)
    other = office.add(schedule_id, content="Tiếp đoàn", starts_at=time(8), place="")

    assert refused(lambda: office.submit(schedule_id)) is ErrorCode.SCHEDULE_CLASH
    # What was confirmed before is no excuse for a clash that came after.
    code = refused(lambda: office.submit(schedule_id, confirmed={"person:a:b:c"}))
    assert code is ErrorCode.SCHEDULE_CLASH
    office.cases.remove_entry(other, office.stage.actor(CLERK))
    office.submit(schedule_id)
    assert office.schedule(schedule_id).state is WeekState.SUBMITTED


def test_confirmed_clash_is_on_record(office: Office) -> None:
    schedule_id = office.open()
    office.add(schedule_id)
    office.add(schedule_id, content="Tiếp đoàn", starts_at=time(8), place="")

    office.submit_anyway(schedule_id)

    leaf = office.cases.view.trail(schedule_id, office.stage.actor(CLERK))[-1]
    assert (leaf.event, leaf.details["clashes"]) == (AuditEvent.SCHEDULE_SUBMIT, "1")


def test_text_that_cannot_be_printed_is_refused_when_it_is_submitted(office: Office) -> None:
    schedule_id = office.open()
    office.add(schedule_id, content="Họp 会議")

    assert refused(lambda: office.submit(schedule_id)) is ErrorCode.TEXT_FORBIDDEN
    assert office.schedule(schedule_id).state is WeekState.GATHERING


@pytest.mark.parametrize("login", [OFFICER, CLERK, "stc.lanhdao"])
def test_week_is_approved_by_a_leader_of_the_agency_only(office: Office, login: str) -> None:
    schedule_id = office.open()
    office.add(schedule_id)
    office.submit(schedule_id)
    task = office.stage.task(LEADER, schedule_id)

    with pytest.raises(NotPermittedError):
        office.cases.approve(task, office.stage.actor(login))
    with pytest.raises(NotPermittedError):
        office.cases.send_back(task, office.stage.actor(login), "không")
    assert office.schedule(schedule_id).state is WeekState.SUBMITTED


def test_week_is_not_returned_without_a_reason(office: Office) -> None:
    schedule_id = office.open()
    office.add(schedule_id)
    office.submit(schedule_id)

    assert refused(lambda: office.send_back(schedule_id, " ")) is ErrorCode.INPUT_MISSING


# --- sealing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("login", [HEAD_OF_OFFICE, LEADER, OFFICER, "stc.vanthu"])
def test_week_is_sealed_by_the_clerk_only(office: Office, login: str) -> None:
    schedule_id = office.to_seal()
    task = office.stage.task(CLERK, schedule_id)

    with pytest.raises(NotPermittedError):
        office.cases.publish(task, office.stage.actor(login), "135790")
    assert office.schedule(schedule_id).sealing is None


def test_wrong_pin_leaves_the_week_to_be_sealed(office: Office) -> None:
    schedule_id = office.to_seal()

    with pytest.raises(PinRejectedError):
        office.publish(schedule_id, pin="999999")

    schedule = office.schedule(schedule_id)
    assert (schedule.state, schedule.sealing, schedule.file) == (WeekState.APPROVED, None, None)
    assert leaves(office, schedule_id)[-1] is AuditEvent.SCHEDULE_SEAL_FAIL
    office.publish(schedule_id)
    assert office.schedule(schedule_id).state is WeekState.PUBLISHED


def test_unsealed_week_is_neither_verified_nor_shown_to_the_city(office: Office) -> None:
    schedule_id = office.open()
    office.add(schedule_id)
    office.submit(schedule_id, to_city=True)
    office.approve(schedule_id)

    code = refused(lambda: office.cases.view.verify(schedule_id, office.stage.actor(CLERK)))
    assert code is ErrorCode.SCHEDULE_UNSIGNED
    with pytest.raises(NotPermittedError):
        office.cases.view(schedule_id, office.stage.actor("stc.chuyenvien"))
    office.publish(schedule_id)
    shown = office.cases.view(schedule_id, office.stage.actor("stc.chuyenvien"))
    assert (shown.is_own, shown.tasks, shown.may_enter) == (False, [], False)


def test_sealing_waits_while_somebody_else_is_at_it(office: Office, clock: FixedClock) -> None:
    schedule_id = office.to_seal()
    sealing = ScheduleSealing(
        nonce="n1",
        certificate_id="c1",
        actor_id=office.stage.actor(CLERK).person_id,
        begun_at=clock.now(),
    )
    with office.stage.house.start_work() as work:
        schedule = work.schedules.get(schedule_id)
        schedule.sealing = sealing
        work.schedules.save(schedule)
        work.commit()

    assert refused(lambda: office.publish(schedule_id)) is ErrorCode.SIGNING_UNDERWAY
    clock.move(SEALING_LIFETIME + timedelta(seconds=1))
    office.publish(schedule_id)

    assert AuditEvent.SCHEDULE_SEAL_FAIL in leaves(office, schedule_id)
    assert office.schedule(schedule_id).state is WeekState.PUBLISHED


def test_week_is_not_published_when_the_time_stamp_is_missing(
    installation: Path, tmp_path: Path
) -> None:
    clock, data_dir = standing_clock(), tmp_path / "stumm"
    shutil.copytree(installation, data_dir)
    stamper = SilentStamper(data_dir / "pki", clock)
    house = open_house(Settings(data_dir=data_dir), clock=clock, timestamper=stamper)
    with closing(house):
        office = Office(Stage(house))
        schedule_id = office.to_seal()
        stamper.is_silent = True

        with pytest.raises(SignerUnavailableError) as caught:
            office.publish(schedule_id)

        assert caught.value.code is ErrorCode.TIMESTAMP_UNAVAILABLE
        assert office.schedule(schedule_id).state is WeekState.APPROVED
        with house.start_reading() as work:
            assert [each.service for each in work.outages.list_current()] == [Service.TIMESTAMP]
        stamper.is_silent = False
        office.publish(schedule_id)
        assert office.schedule(schedule_id).state is WeekState.PUBLISHED


def test_changed_bytes_of_a_published_week_are_refused(office: Office) -> None:
    schedule_id = office.published()
    digest = office.schedule(schedule_id).sealed_file().digest
    [path] = office.stage.house.settings.originals_dir.rglob(f"*{digest[4:]}*")
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b" ")

    with pytest.raises(DigestMismatchError):
        office.pdf(schedule_id)

    assert leaves(office, schedule_id)[-1] is AuditEvent.ORIGINAL_REFUSE


# --- changing what is published ---------------------------------------------------------------


def test_change_is_prepared_once_at_a_time_and_of_the_version_in_force(office: Office) -> None:
    first = office.published()
    second = office.change(first)

    assert refused(lambda: office.change(first)) is ErrorCode.SCHEDULE_EXISTS
    assert refused(lambda: office.change(second)) is ErrorCode.SCHEDULE_CLOSED
    office.cases.discard(second, office.stage.actor(CLERK), "Không cần nữa")
    assert office.schedule(office.change(first)).number == 2


def test_change_is_refused_when_the_week_is_over(office: Office, clock: FixedClock) -> None:
    first = office.published()
    clock.move(timedelta(weeks=2))

    assert refused(lambda: office.change(first)) is ErrorCode.SCHEDULE_WEEK_PAST


def test_change_is_refused_when_somebody_else_asks_or_says_no_reason(office: Office) -> None:
    first = office.published()

    with pytest.raises(NotPermittedError):
        office.cases.change(first, office.stage.actor(OFFICER), "Đổi giờ")
    assert refused(lambda: office.change(first, " ")) is ErrorCode.INPUT_MISSING


def test_database_refuses_to_change_what_is_published(office: Office) -> None:
    schedule_id = office.published()
    path = office.stage.house.settings.database_path
    statements = (
        "UPDATE schedule_entry SET content = 'khác'",
        "DELETE FROM schedule_entry",
        "DELETE FROM schedule_entry_leader",
        "UPDATE work_schedule SET digest = 'x'",
        "DELETE FROM work_schedule",
    )
    engine = sa.create_engine(f"sqlite:///{path}")
    for statement in statements:
        with engine.connect() as connection, pytest.raises(sa.exc.IntegrityError) as caught:
            connection.execute(sa.text(statement))
        assert "append-only" in str(caught.value), statement
    engine.dispose()
    assert office.schedule(schedule_id).state is WeekState.PUBLISHED


# --- reading, feeds -----------------------------------------------------------------------


def test_feed_strikes_what_was_called_off_and_counts_what_changed(office: Office) -> None:
    first = office.open()
    office.add(first)
    office.add(first, content="Tiếp đoàn", starts_at=time(14), place="")
    office.submit(first)
    office.approve(first)
    office.publish(first)
    second = office.change(first)
    kept, dropped = sorted(office.week(second).entries, key=lambda each: each.text.content)
    office.cases.remove_entry(dropped.id, office.stage.actor(CLERK))
    office.cases.edit_entry(kept.id, office.text(place="P9"), office.stage.actor(CLERK))
    office.submit(second)
    office.approve(second)
    office.publish(second)

    feed = office.cases.read_feed(office.cases.open_feed(SNV, office.stage.actor(OFFICER)))

    assert [(each.key, each.edition) for each in feed.entries] == [(kept.key, 2)]
    assert [(each.key, each.edition) for each in feed.called_off] == [(dropped.key, 1)]


def test_feed_of_one_leader_gives_nobody_elses_entries(office: Office) -> None:
    first = office.open()
    deputy = office.stage.actor("snv.photruong1").person_id
    office.add(first)
    office.add(first, content="Việc của phó", leader_ids=(deputy,), place="")
    office.submit(first)
    office.approve(first)
    office.publish(first)
    officer = office.stage.actor(OFFICER)

    feed = office.cases.read_feed(office.cases.open_feed(SNV, officer, leader_id=deputy))

    assert [each.text.content for each in feed.entries] == ["Việc của phó"]
    assert feed.leader_name == office.stage.actor("snv.photruong1").full_name


def test_feed_ends_when_another_is_opened_it_is_closed_or_its_owner_leaves(
    office: Office, clock: FixedClock
) -> None:
    officer = office.stage.actor(OFFICER)
    old = office.cases.open_feed(SNV, officer)
    new = office.cases.open_feed(SNV, officer)

    with pytest.raises(NotFoundError):
        office.cases.read_feed(old)
    assert office.cases.read_feed(new).entries == []
    with office.stage.house.start_work() as work:
        for post in work.organisation.list_posts_of(officer.person_id, clock.now().date()):
            work.organisation.end_post(post.id, clock.now().date() - timedelta(days=1))
        work.commit()
    with pytest.raises(NotFoundError):
        office.cases.read_feed(new)
    clerks = office.cases.open_feed(SNV, office.stage.actor(CLERK))
    office.cases.close_feed(SNV, office.stage.actor(CLERK))
    for token in (clerks, "", "\ud800", "x" * 5000):
        with pytest.raises(NotFoundError):
            office.cases.read_feed(token)


def test_feed_word_is_stored_as_its_digest_only(office: Office) -> None:
    token = office.cases.open_feed(SNV, office.stage.actor(OFFICER))

    stored = office.stage.house.settings.database_path.read_bytes()
    wal = Path(f"{office.stage.house.settings.database_path}-wal")
    if wal.exists():
        stored += wal.read_bytes()
    assert token.encode() not in stored


@pytest.mark.parametrize("agency", ["stc", "snv"])
def test_feed_is_opened_for_ones_own_agency_and_its_people(office: Office, agency: str) -> None:
    officer = office.stage.actor(OFFICER)
    stranger = office.stage.actor("stc.lanhdao").person_id

    with pytest.raises((NotPermittedError, InvalidInputError)):
        office.cases.open_feed(AgencyId(agency), officer, leader_id=stranger)


def test_index_shows_own_weeks_and_those_for_the_city(office: Office) -> None:
    schedule_id = office.open()
    office.add(schedule_id)
    office.submit(schedule_id, to_city=True)
    clerk, stranger = office.stage.actor(CLERK), office.stage.actor("stc.chuyenvien")
    prepared = office.cases.view.index(SNV, office.monday, clerk)
    assert (prepared.shown, [each.id for each in prepared.preparing]) == (None, [schedule_id])
    assert office.cases.view.index(SNV, office.monday, stranger).preparing == ()
    office.approve(schedule_id)
    office.publish(schedule_id)

    view = office.cases.view.index(SNV, office.monday, stranger)

    assert view.shown is not None
    assert view.shown.schedule.id == schedule_id
    assert [each.id for each in view.others] == [SNV]
    assert view.may_compile is False


def test_leaders_stand_with_their_head_first(office: Office) -> None:
    schedule_id = office.open()

    leaders = office.cases.view(schedule_id, office.stage.actor(CLERK)).leaders

    assert leaders[0].title == "Giám đốc"
    assert {each.role for each in leaders} == {Role.LEADER}


def test_unknown_week_or_entry_is_not_found(office: Office) -> None:
    clerk = office.stage.actor(CLERK)

    for act in (
        lambda: office.cases.view(ScheduleId("none"), clerk),
        lambda: office.cases.edit_entry(EntryId("none"), office.text(), clerk),
    ):
        with pytest.raises(NotFoundError) as caught:
            act()
        assert caught.value.code is ErrorCode.SCHEDULE_NOT_FOUND


def test_suspended_seal_is_refused_and_the_week_waits(office: Office) -> None:
    schedule_id = office.to_seal()
    bureau = Bureau(office.stage)
    with office.stage.house.start_reading() as work:
        seal = work.certificates.find_current(
            HolderKind.AGENCY, SNV, office.stage.house.clock.now()
        )
    assert seal is not None
    bureau.suspend(seal, CLERK)

    with pytest.raises(CertificateRejectedError):
        office.publish(schedule_id)

    assert office.schedule(schedule_id).state is WeekState.APPROVED


def test_part_of_the_day_follows_the_time(office: Office) -> None:
    schedule_id = office.open()
    office.add(schedule_id, part=DayPart.MORNING, starts_at=time(14))

    [entry] = office.week(schedule_id).entries

    assert entry.text.part is DayPart.AFTERNOON


# --- meetings of the week -----------------------------------------------------------------


def hold_meeting(office: Office, *, invited: bool = True, **changes: object) -> MeetingId:
    """Keep a meeting that the leader chairs on Tuesday of the week."""
    starts_at = datetime.combine(office.monday + timedelta(days=1), time(14), VIETNAM)
    leader, now = office.stage.actor(LEADER), office.stage.house.clock.now()
    values: dict[str, object] = {
        "id": MeetingId("hop-1"),
        "plan": MeetingPlan(
            agency_id=SNV,
            title="Họp cải cách hành chính",
            chair_id=leader.person_id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            reply_by=starts_at - timedelta(hours=1),
            place="Phòng họp số 2",
        ),
        "planner_id": office.stage.actor(OFFICER).person_id,
        "chair_name": leader.full_name,
        "chair_title": "Giám đốc",
        "state": MeetingState.INVITED,
        "created_at": now,
        "updated_at": now,
        "invited_at": now if invited else None,
    }
    meeting = Meeting(**(values | changes))  # type: ignore[arg-type]
    with office.stage.house.start_work() as work:
        work.meetings.add(meeting, [])
        work.commit()
    return meeting.id


def test_meeting_of_the_week_is_taken_in_once(office: Office) -> None:
    schedule_id, meeting_id = office.open(), hold_meeting(office)
    clerk = office.stage.actor(CLERK)
    [offered] = office.cases.view(schedule_id, clerk).meetings
    assert offered.leader_ids == (office.leader_id,)

    office.cases.add_meeting(schedule_id, meeting_id, clerk)

    [entry] = office.week(schedule_id).entries
    text = entry.text
    assert (text.content, text.place, text.meeting_id) == (
        "Họp cải cách hành chính",
        "Phòng họp số 2",
        meeting_id,
    )
    assert (text.starts_at, text.ends_at, text.part) == (time(14), time(16), DayPart.AFTERNOON)
    assert office.cases.view(schedule_id, clerk).meetings == []
    with pytest.raises(NotFoundError) as caught:
        office.cases.add_meeting(schedule_id, meeting_id, clerk)
    assert caught.value.code is ErrorCode.MEETING_NOT_FOUND


@pytest.mark.parametrize(
    "changes",
    [{"invited": False}, {"state": MeetingState.CANCELLED}],
    ids=["planned", "cancelled"],
)
def test_meeting_is_not_offered_when_it_may_not_take_place(office: Office, changes) -> None:
    schedule_id = office.open()
    hold_meeting(office, **changes)

    assert office.cases.view(schedule_id, office.stage.actor(CLERK)).meetings == []
