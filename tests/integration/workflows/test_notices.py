"""Who is told of what, in the transaction in which it happened."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

import pytest

from engine.clock import FixedClock
from engine.errors import ErrorCode, NotFoundError, NotPermittedError
from engine.model.batch import BatchId
from engine.model.document import Circulation
from engine.model.document import Stage as Revision
from engine.model.notice import Notice, NoticeId, NoticeKind, SubjectKind
from engine.model.opinion import OpinionView
from engine.model.organisation import SYSTEM_PERSON, Actor, AgencyId
from engine.notifying import notify
from engine.ports_signing import HolderKind
from tests.houses import PIN, Stage
from webui.bootstrap import House

OFFICER = "snv.chuyenvien"
HEAD = "snv.truongphong"
CLERK = "snv.vanthu"
LEADER = "snv.lanhdao"


def told(stage: Stage, login: str) -> Sequence[Notice]:
    """Return what a person is told, newest first."""
    with stage.house.start_reading() as work:
        return work.notices.list_of(stage.actor(login).person_id).rows


def kinds(stage: Stage, login: str) -> list[NoticeKind]:
    return [notice.kind for notice in told(stage, login)]


def run(stage: Stage, job: str) -> None:
    with stage.house.start_work() as work:
        work.jobs.enqueue(job, f"{job}:{uuid.uuid4()}", {})
        work.commit()
    stage.run_jobs()


def tell(stage: Stage, *logins: str, **changes: object) -> None:
    values: dict[str, object] = {
        "subject_kind": SubjectKind.DOCUMENT,
        "subject_id": "d-1",
        "title": "Công văn",
        "now": stage.house.clock.now(),
    }
    with stage.house.start_work() as work:
        notify(
            work,
            NoticeKind.DOCUMENT_RETURNED,
            [stage.actor(login).person_id for login in logins],
            **(values | changes),  # type: ignore[arg-type]
        )
        work.commit()


def test_notify_tells_each_person_once_when_named_twice(stage: Stage) -> None:
    tell(stage, OFFICER, HEAD, OFFICER)

    assert len(told(stage, OFFICER)) == 1
    assert len(told(stage, HEAD)) == 1
    assert told(stage, LEADER) == []


def test_notify_leaves_the_actor_out_when_they_are_among_the_people(stage: Stage) -> None:
    tell(stage, OFFICER, HEAD, actor=stage.actor(HEAD))

    assert told(stage, HEAD) == []
    assert told(stage, OFFICER)[0].actor_name == stage.actor(HEAD).full_name


def test_notify_writes_nothing_when_only_the_system_is_named(stage: Stage) -> None:
    with stage.house.start_work() as work:
        notify(
            work,
            NoticeKind.TASK_OVERDUE,
            [SYSTEM_PERSON],
            subject_kind=SubjectKind.DOCUMENT,
            subject_id="d-1",
            title="x",
            now=stage.house.clock.now(),
        )
        assert work.notices.list_told(NoticeKind.TASK_OVERDUE, ["d-1"]) == []


def test_notify_cuts_the_title_when_it_is_too_long(stage: Stage) -> None:
    tell(stage, OFFICER, title="ạ" * 400)

    assert told(stage, OFFICER)[0].title == "ạ" * 299 + "…"


def test_notify_leaves_nothing_when_the_transaction_is_not_committed(stage: Stage) -> None:
    with stage.house.start_work() as work:
        notify(
            work,
            NoticeKind.TASK_OVERDUE,
            [stage.actor(OFFICER).person_id],
            subject_kind=SubjectKind.DOCUMENT,
            subject_id="d-1",
            title="x",
            now=stage.house.clock.now(),
        )

    assert told(stage, OFFICER) == []


def test_list_of_shows_newest_first_when_it_takes_several_pages(
    stage: Stage, clock: FixedClock
) -> None:
    for number in range(7):
        # Two at each moment: the place where a page ends is between equals.
        clock.move(timedelta(seconds=number % 2))
        tell(stage, OFFICER, title=str(number))
    person = stage.actor(OFFICER).person_id
    seen: list[Notice] = []
    cursor = ""
    with stage.house.start_reading() as work:
        while True:
            page = work.notices.list_of(person, cursor=cursor, limit=2)
            seen += page.rows
            cursor = page.next_cursor
            if not cursor:
                break

    assert len({notice.id for notice in seen}) == 7
    assert [n.made_at for n in seen] == sorted((n.made_at for n in seen), reverse=True)


def test_count_unread_stops_at_a_hundred_when_there_are_more(stage: Stage) -> None:
    person = stage.actor(OFFICER).person_id
    with stage.house.start_work() as work:
        work.notices.add(
            [
                Notice(
                    id=NoticeId(str(number)),
                    person_id=person,
                    kind=NoticeKind.BATCH_FINISHED,
                    subject_kind=SubjectKind.BATCH,
                    subject_id="b-1",
                    title="x",
                    made_at=stage.house.clock.now(),
                )
                for number in range(130)
            ]
        )
        assert work.notices.count_unread(person) == 100


def test_open_notice_marks_it_read_once_when_it_is_opened(stage: Stage, clock: FixedClock) -> None:
    tell(stage, OFFICER, OFFICER)
    cases, actor = stage.house.use_cases.notices, stage.actor(OFFICER)
    [notice] = told(stage, OFFICER)
    cases.open(notice.id, actor)
    read_at = told(stage, OFFICER)[0].read_at
    clock.move(timedelta(hours=1))
    cases.open(notice.id, actor)

    assert told(stage, OFFICER)[0].read_at == read_at
    assert cases.view(actor).unread == 0
    assert cases.view(actor, unread_only=True).rows == []
    assert cases.read_all(actor) == 0


def test_open_notice_hides_it_when_it_is_anothers(stage: Stage) -> None:
    tell(stage, OFFICER)
    [notice] = told(stage, OFFICER)
    with pytest.raises(NotFoundError) as refused:
        stage.house.use_cases.notices.open(notice.id, stage.actor(HEAD))

    assert refused.value.code is ErrorCode.NOTICE_NOT_FOUND
    assert told(stage, OFFICER)[0].read_at is None


def test_view_notices_refuses_when_the_person_holds_no_post(stage: Stage) -> None:
    actor = Actor(person_id=stage.actor(OFFICER).person_id, full_name="", posts=())
    cases = stage.house.use_cases.notices
    for act in (cases.view, cases.read_all, cases.view.mail, cases.drop_address):
        with pytest.raises(NotPermittedError):
            act(actor)


def test_view_notices_says_nothing_of_a_thing_when_it_is_out_of_sight(stage: Stage) -> None:
    document_id = stage.draft()
    tell(stage, OFFICER, "stc.chuyenvien", subject_id=document_id)
    cases = stage.house.use_cases.notices

    assert [row.is_visible for row in cases.view(stage.actor(OFFICER)).rows] == [True]
    assert [row.is_visible for row in cases.view(stage.actor("stc.chuyenvien")).rows] == [False]


def test_find_visible_knows_arrivals_when_they_are_the_agencys_own(stage: Stage) -> None:
    document_id = stage.issue()
    stage.run_jobs()
    with stage.house.start_reading() as work:
        delivery = work.deliveries.find(document_id, AgencyId("stc"))
    assert delivery is not None
    logins = (OFFICER, "stc.vanthu", "syt.vanthu")
    tell(stage, *logins, subject_kind=SubjectKind.DELIVERY, subject_id=delivery.id)
    tell(stage, *logins, subject_id=document_id)
    cases = stage.house.use_cases.notices
    seen = {
        login: {
            row.notice.subject_kind: row.is_visible for row in cases.view(stage.actor(login)).rows
        }
        for login in logins
    }

    assert seen == {
        OFFICER: {SubjectKind.DOCUMENT: True, SubjectKind.DELIVERY: True},
        "stc.vanthu": {SubjectKind.DOCUMENT: True, SubjectKind.DELIVERY: True},
        "syt.vanthu": {SubjectKind.DOCUMENT: True, SubjectKind.DELIVERY: False},
    }


def test_return_document_tells_the_drafter_when_it_is_sent_back(stage: Stage) -> None:
    document_id = stage.draft()
    stage.submit(document_id)
    stage.house.use_cases.return_document(
        stage.task(HEAD, document_id), stage.actor(HEAD), "Sai số liệu."
    )

    [notice] = told(stage, OFFICER)
    assert notice.kind is NoticeKind.DOCUMENT_RETURNED
    assert notice.subject_id == document_id
    assert notice.title == "Công văn: báo cáo tình hình sử dụng chữ ký số"
    assert not notice.restricted
    # What is wrong with it is for the document's own page.
    assert "Sai số liệu" not in str(notice)


def test_return_document_restricts_the_notice_when_circulation_is_internal(stage: Stage) -> None:
    document_id = stage.draft(circulation=Circulation.INTERNAL)
    stage.submit(document_id)
    stage.house.use_cases.return_document(
        stage.task(HEAD, document_id), stage.actor(HEAD), "Sai số liệu."
    )

    assert told(stage, OFFICER)[0].restricted


def test_refuse_delivery_tells_drafter_and_clerk_when_a_recipient_refuses(stage: Stage) -> None:
    document_id = stage.issue()
    stage.run_jobs()
    with stage.house.start_reading() as work:
        delivery = work.deliveries.find(document_id, AgencyId("stc"))
    assert delivery is not None
    clerk = stage.actor("stc.vanthu")
    stage.house.use_cases.refuse_delivery(
        stage.task("stc.vanthu", delivery.id), clerk, "Không đúng chức năng."
    )

    for login in (OFFICER, CLERK):
        [notice] = told(stage, login)
        assert notice.kind is NoticeKind.DELIVERY_REFUSED
        assert notice.details == {"agency": "Sở Tài chính"}
        assert "/SNV-" in notice.title


def test_ask_opinion_tells_person_unit_and_then_asker_when_it_is_answered(stage: Stage) -> None:
    document_id = stage.draft()
    stage.submit(document_id)
    head = stage.actor(HEAD)
    stage.house.use_cases.ask_opinion(
        stage.task(HEAD, document_id),
        head,
        question="Có vướng mắc gì không?",
        people=[stage.actor(CLERK).person_id],
        working_days=2,
    )
    [asked] = told(stage, CLERK)
    stage.house.use_cases.give_opinion(
        stage.task(CLERK, document_id), stage.actor(CLERK), view=OpinionView.AGREE
    )

    assert asked.kind is NoticeKind.OPINION_ASKED
    assert "vướng mắc" not in str(asked)
    assert kinds(stage, HEAD) == [NoticeKind.OPINION_GIVEN]


def test_run_due_tells_holder_and_superior_once_when_a_step_is_overdue(
    stage: Stage, clock: FixedClock
) -> None:
    document_id = stage.draft()
    stage.submit(document_id)
    clock.move(timedelta(days=30))
    for _ in range(3):
        stage.run_jobs()

    notices = [n for n in told(stage, HEAD) if n.kind is NoticeKind.TASK_OVERDUE]
    assert [n.subject_id for n in notices] == [document_id]
    assert notices[0].details["step"]
    assert kinds(stage, LEADER) == [NoticeKind.TASK_OVERDUE]


def test_void_stale_signings_tells_the_signer_when_nothing_came_of_it(
    stage: Stage, clock: FixedClock
) -> None:
    document_id = stage.to_signature()
    # Somebody begins to sign and never comes back.
    stage.house.use_cases.sign_document.ceremonies.begin(
        Revision.SIGNED, stage.task(LEADER, document_id), stage.actor(LEADER)
    )
    clock.move(timedelta(minutes=30))
    run(stage, "void_stale_signings")
    run(stage, "void_stale_signings")

    assert kinds(stage, LEADER).count(NoticeKind.SIGNING_STOPPED) == 1


def test_run_batch_tells_the_signer_when_it_has_ended(stage: Stage) -> None:
    first, second = stage.to_signature(), stage.to_signature()
    leader = stage.actor(LEADER)
    cases = stage.house.use_cases
    batch_id: BatchId = cases.begin_batch(
        [stage.task(LEADER, first), stage.task(LEADER, second)], leader
    )
    cases.run_batch(batch_id, leader, PIN)

    [notice] = [n for n in told(stage, LEADER) if n.kind is NoticeKind.BATCH_FINISHED]
    assert notice.details == {"signed": "2", "total": "2"}


def test_tell_expiring_tells_once_for_each_threshold_when_certificates_end(
    stage: Stage, clock: FixedClock, house: House
) -> None:
    with house.start_reading() as work:
        leader = stage.actor(LEADER).person_id
        certificate = work.certificates.find_current(HolderKind.PERSON, leader, clock.now())
    assert certificate is not None
    for days in (70, 55, 54, 25, 24, 5, 4):
        clock.at = certificate.not_after - timedelta(days=days)
        run(stage, "tell_expiring")

    for login in (LEADER, CLERK):
        days_told = [
            notice.details["days"]
            for notice in told(stage, login)
            if notice.kind is NoticeKind.CERTIFICATE_EXPIRING
            and notice.subject_id == told(stage, login)[-1].subject_id
        ]
        assert days_told == ["7", "30", "60"], login
