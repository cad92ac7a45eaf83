"""Whoever leaves a post signs no more, whatever they had open."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.clock import FixedClock, local
from engine.errors import (
    ConflictError,
    ErrorCode,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from engine.model.certification import (
    CertificateState,
    RevocationReason,
)
from engine.model.document import DocumentStatus
from engine.model.document import Stage as PdfStage
from engine.model.organisation import (
    PostId,
    Validity,
)
from engine.ports_certification import CertificateFilter
from tests.bureau import ADMINISTRATOR, CLERK, LEADER, OFFICER, Bureau
from tests.houses import PIN, Stage
from webui.serving import _enqueue_due


@pytest.fixture
def bureau(stage: Stage) -> Bureau:
    return Bureau(stage)


def test_leader_who_leaves_signs_no_more_though_the_task_and_the_session_are_open(
    bureau: Bureau,
) -> None:
    document_id = bureau.stage.to_signature()
    stale = bureau.who(LEADER)
    task = bureau.stage.task(LEADER, document_id)

    bureau.leave(LEADER)

    with pytest.raises(NotPermittedError):
        bureau.stage.house.use_cases.sign_document(task, stale, PIN)
    assert bureau.stage.document(document_id).status is DocumentStatus.AWAITING_SIGNATURE


def test_clerk_who_leaves_seals_no_more_though_the_task_and_the_session_are_open(
    bureau: Bureau,
) -> None:
    document_id = bureau.stage.to_signature()
    bureau.stage.sign(document_id)
    bureau.stage.number(document_id)
    stale = bureau.who(CLERK)
    task = bureau.stage.task(CLERK, document_id)

    bureau.leave(CLERK)

    with pytest.raises(NotPermittedError):
        bureau.stage.house.use_cases.seal_document(task, stale, PIN)
    assert bureau.stage.document(document_id).status is DocumentStatus.NUMBERED


def test_signature_is_not_recorded_when_the_leader_left_while_it_was_made(
    bureau: Bureau,
) -> None:
    document_id = bureau.stage.to_signature()
    sign = bureau.stage.house.use_cases.sign_document
    stale = bureau.who(LEADER)
    undertaken = sign.ceremonies.begin(
        PdfStage.SIGNED, bureau.stage.task(LEADER, document_id), stale
    )
    files = sign.ceremonies.list_signable(undertaken, stale)
    with sign.pins.open(undertaken.act.certificate, PIN, stale) as key:
        signed = [sign.signer.sign(each.content, each.act, key) for each in files]

    bureau.leave(LEADER)

    with pytest.raises(NotPermittedError), sign.ceremonies.or_void(undertaken, stale):
        sign.ceremonies.keep(undertaken, signed, stale)
    document = bureau.stage.document(document_id)
    assert document.status is DocumentStatus.AWAITING_SIGNATURE
    assert document.signatures == []


def test_certificates_of_whoever_left_are_listed_for_revocation(bureau: Bureau) -> None:
    certificate = bureau.current(LEADER)
    assert bureau.leave(LEADER) == ()

    wanted = CertificateFilter(is_leaver=True)
    registry = bureau.cases.view.registry(wanted, bureau.who(ADMINISTRATOR))

    assert [row.certificate_id for row in registry.page.rows] == [certificate.id]
    assert registry.attention.leavers == 1


def test_certificates_of_whoever_left_are_found_when_they_were_suspended_at_once(
    bureau: Bureau,
) -> None:
    certificate = bureau.current(LEADER)
    bureau.leave(LEADER, suspend=True)

    wanted = CertificateFilter(is_leaver=True)
    registry = bureau.cases.view.registry(wanted, bureau.who(ADMINISTRATOR))

    assert [row.certificate_id for row in registry.page.rows] == [certificate.id]
    assert (registry.attention.leavers, registry.attention.suspended) == (0, 1)


def test_leaving_is_refused_when_the_reason_has_no_end(bureau: Bureau) -> None:
    post = bureau.post_of(LEADER)

    with pytest.raises(InvalidInputError) as caught:
        bureau.cases.end_post(
            post.id, bureau.yesterday(), bureau.who(ADMINISTRATOR), reason="a" * 501
        )

    assert (caught.value.code, caught.value.params["field"]) == (
        ErrorCode.INPUT_TOO_LONG,
        "reason",
    )
    assert bureau.post_of(LEADER) == post


def test_leaving_suspends_the_certificates_when_asked_to(bureau: Bureau) -> None:
    certificate = bureau.current(LEADER)

    (application_id,) = bureau.leave(LEADER, suspend=True)

    assert bureau.state(certificate) is CertificateState.SUSPENDED
    # It cannot be used again by somebody who serves no more.
    with pytest.raises(ConflictError):
        bureau.settle(application_id)
    bureau.settle(application_id, RevocationReason.AFFILIATION_CHANGED)
    assert bureau.state(certificate) is CertificateState.REVOKED


def test_post_that_ends_later_leaves_signing_until_that_day(
    bureau: Bureau, clock: FixedClock
) -> None:
    document_id = bureau.stage.to_signature()
    stale = bureau.who(LEADER)
    last_day = local(clock.now()).date() + timedelta(days=2)
    stopped = bureau.cases.end_post(
        bureau.post_of(LEADER).id,
        last_day,
        bureau.who(ADMINISTRATOR),
        reason="Nghỉ hưu.",
        suspend=True,
    )
    assert list(stopped) == []
    task = bureau.stage.task(LEADER, document_id)
    clock.move(timedelta(days=3))

    with pytest.raises(NotPermittedError):
        bureau.stage.house.use_cases.sign_document(task, stale, PIN)


def end_later(bureau: Bureau, clock: FixedClock, login: str, **options: bool) -> None:
    bureau.cases.end_post(
        bureau.post_of(login).id,
        local(clock.now()).date() + timedelta(days=2),
        bureau.who(ADMINISTRATOR),
        reason="Nghỉ hưu.",
        **options,
    )


def sweep(bureau: Bureau) -> None:
    _enqueue_due(bureau.stage.house, 2)
    bureau.stage.run_jobs()


def test_certificates_are_suspended_when_the_last_day_has_passed(
    bureau: Bureau, clock: FixedClock
) -> None:
    certificate = bureau.current(LEADER)
    end_later(bureau, clock, LEADER, suspend=True)

    clock.move(timedelta(days=2))
    sweep(bureau)
    assert bureau.state(certificate) is CertificateState.IN_USE
    clock.move(timedelta(days=1))
    sweep(bureau)

    assert bureau.state(certificate) is CertificateState.SUSPENDED
    [application] = bureau.cases.view(bureau.who(LEADER)).applications
    assert application.asked_by == bureau.who(ADMINISTRATOR).person_id
    assert application.reason == "Nghỉ hưu."
    with bureau.stage.house.start_reading() as work:
        assert not work.certification.list_due_stops(clock.now())
        published = work.certificates.list_published()
    assert [entry.certificate_id for entry in published] == [certificate.id]
    assert not bureau.stage.house.services.files.is_behind(published)


def test_certificates_are_left_alone_when_that_was_not_asked_or_another_post_remains(
    bureau: Bureau, clock: FixedClock
) -> None:
    certificate, other = bureau.current(LEADER), bureau.current(OFFICER)
    end_later(bureau, clock, OFFICER, suspend=True)
    # The newest word counts.
    end_later(bureau, clock, OFFICER)
    end_later(bureau, clock, LEADER, suspend=True)
    with bureau.stage.house.start_work() as work:
        work.organisation.add_post(
            replace(
                bureau.post_of(LEADER),
                id=PostId("snv.khac"),
                validity=Validity(since=date(2020, 1, 1)),
            )
        )
        work.commit()

    clock.move(timedelta(days=3))
    sweep(bureau)

    assert bureau.state(certificate) is CertificateState.IN_USE
    assert bureau.state(other) is CertificateState.IN_USE
    with bureau.stage.house.start_reading() as work:
        assert not work.certification.list_due_stops(clock.now())


def test_post_is_ended_by_an_administrator_and_not_twice_into_the_future(
    bureau: Bureau,
) -> None:
    post = bureau.post_of(OFFICER)
    with pytest.raises(NotPermittedError):
        bureau.cases.end_post(post.id, bureau.yesterday(), bureau.who(LEADER), reason="x")
    with pytest.raises(InvalidInputError):
        bureau.cases.end_post(post.id, date(1990, 1, 1), bureau.who(ADMINISTRATOR), reason="x")
    bureau.leave(OFFICER)
    with pytest.raises(InvalidInputError):
        bureau.cases.end_post(post.id, date(2090, 1, 1), bureau.who(ADMINISTRATOR), reason="x")
    with pytest.raises(NotFoundError) as caught:
        bureau.cases.end_post(
            PostId("none"), bureau.yesterday(), bureau.who(ADMINISTRATOR), reason="x"
        )
    assert caught.value.code is ErrorCode.POST_NOT_FOUND
