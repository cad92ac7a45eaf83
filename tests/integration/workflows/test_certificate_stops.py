"""Certificates that are suspended, resumed, revoked; PINs that are released."""

from datetime import date, timedelta

import pytest

from engine.clock import FixedClock
from engine.errors import (
    CertificateRejectedError,
    ConflictError,
    ErrorCode,
    NotFoundError,
    NotPermittedError,
    PinRejectedError,
)
from engine.model.certification import (
    ApplicationId,
    ApplicationKind,
    ApplicationState,
    CertificateState,
    RevocationReason,
)
from engine.model.document import DocumentStatus
from engine.model.organisation import (
    Post,
    PostId,
    Role,
    Validity,
)
from engine.model.verification import Verdict
from engine.ports_signing import CertificateHold, CertificateId, HolderKind, Revocation
from tests.bureau import ADMINISTRATOR, CLERK, LEADER, LOST, OFFICER, SNV, Bureau, lock, verdict_of
from tests.houses import PIN, Stage
from webui.serving import _enqueue_due


@pytest.fixture
def bureau(stage: Stage) -> Bureau:
    return Bureau(stage)


def test_suspended_certificate_signs_no_more_until_it_is_resumed(bureau: Bureau) -> None:
    document_id = bureau.stage.to_signature()
    certificate = bureau.current(LEADER)

    application_id = bureau.suspend(certificate, LEADER)

    assert bureau.state(certificate) is CertificateState.SUSPENDED
    with pytest.raises(CertificateRejectedError) as caught:
        bureau.stage.sign(document_id)
    assert caught.value.code is ErrorCode.CERTIFICATE_REVOKED
    bureau.settle(application_id)
    assert bureau.state(certificate) is CertificateState.IN_USE
    bureau.stage.sign(document_id)
    assert bureau.application(application_id).state is ApplicationState.RESUMED


def test_revoked_certificate_signs_no_more_and_earlier_signatures_stay_valid(
    bureau: Bureau, clock: FixedClock
) -> None:
    earlier = bureau.stage.issue()
    document_id = bureau.stage.to_signature()
    certificate = bureau.current(LEADER)
    clock.move(timedelta(minutes=5))

    application_id = bureau.suspend(certificate, LEADER, kind=ApplicationKind.REVOKE)
    bureau.settle(application_id, RevocationReason.KEY_COMPROMISE)

    assert bureau.state(certificate) is CertificateState.REVOKED
    with pytest.raises(CertificateRejectedError) as caught:
        bureau.stage.sign(document_id)
    assert caught.value.code is ErrorCode.CERTIFICATE_REVOKED
    assert verdict_of(bureau, earlier) is Verdict.PASSED
    new = bureau.ask(LEADER)
    assert bureau.application(new).kind is ApplicationKind.NEW


def test_holder_may_not_resume_their_own_certificate(bureau: Bureau) -> None:
    administrator = bureau.who(ADMINISTRATOR)
    with bureau.stage.house.start_work() as work:
        work.organisation.add_post(
            Post(
                id=PostId("snv.quan-tri"),
                agency_id=SNV,
                unit_id=None,
                person_id=bureau.who(LEADER).person_id,
                title="Quản trị hệ thống",
                role=Role.ADMINISTRATOR,
                validity=Validity(since=date(2020, 1, 1)),
            )
        )
        work.commit()
    application_id = bureau.suspend(bureau.current(administrator), LEADER)
    task = bureau.task(LEADER, application_id)
    with bureau.stage.house.start_work() as work:
        work.organisation.end_post(bureau.post_of(ADMINISTRATOR).id, bureau.yesterday())
        work.organisation.add_post(
            Post(
                id=PostId("snv.quan-tri-2"),
                agency_id=SNV,
                unit_id=None,
                person_id=administrator.person_id,
                title="Quản trị hệ thống",
                role=Role.ADMINISTRATOR,
                validity=Validity(since=date(2020, 1, 1)),
            )
        )
        work.commit()

    with pytest.raises(NotPermittedError) as caught:
        bureau.cases.settle(task, bureau.who(ADMINISTRATOR), revoke_for=None)

    assert caught.value.code is ErrorCode.SECOND_PERSON_NEEDED


@pytest.mark.parametrize("login", [LEADER, OFFICER, ADMINISTRATOR])
def test_holder_leader_and_administrator_may_suspend(bureau: Bureau, login: str) -> None:
    certificate = bureau.current(OFFICER)

    bureau.suspend(certificate, login)

    assert bureau.state(certificate) is CertificateState.SUSPENDED


@pytest.mark.parametrize("login", [CLERK, "stc.lanhdao", "stc.chuyenvien"])
def test_strangers_may_not_suspend(bureau: Bureau, login: str) -> None:
    certificate = bureau.current(OFFICER)

    with pytest.raises(NotPermittedError):
        bureau.suspend(certificate, login)

    assert bureau.state(certificate) is CertificateState.IN_USE


def test_clerk_suspends_the_seal_and_nothing_is_sealed(bureau: Bureau) -> None:
    document_id = bureau.stage.to_signature()
    bureau.stage.sign(document_id)
    bureau.stage.number(document_id)

    bureau.suspend(bureau.find(HolderKind.AGENCY, SNV), CLERK)

    with pytest.raises(CertificateRejectedError):
        bureau.stage.seal(document_id)
    assert bureau.stage.document(document_id).status is DocumentStatus.NUMBERED


def test_certificate_is_suspended_once(bureau: Bureau) -> None:
    certificate = bureau.current(OFFICER)
    bureau.suspend(certificate, OFFICER)

    with pytest.raises(ConflictError) as caught:
        bureau.suspend(certificate, LEADER)

    assert caught.value.code is ErrorCode.CERTIFICATE_STATE


def stopped_in_the_register(bureau: Bureau, kind: ApplicationKind) -> CertificateId:
    """Write the row alone, as a process does that dies before the list is published."""
    certificate, now = bureau.current(LEADER), bureau.stage.house.clock.now()
    with bureau.stage.house.start_work() as work:
        if kind is ApplicationKind.SUSPEND:
            work.certificates.add_hold(
                CertificateHold(certificate_id=certificate.id, held_at=now, reason=LOST)
            )
        else:
            work.certificates.add_revocation(
                Revocation(certificate_id=certificate.id, revoked_at=now, reason="key_compromise")
            )
        work.commit()
    return certificate.id


def is_behind(bureau: Bureau) -> bool:
    with bureau.stage.house.start_reading() as work:
        published = work.certificates.list_published()
    return bureau.stage.house.services.files.is_behind(published)


@pytest.mark.parametrize("kind", [ApplicationKind.SUSPEND, ApplicationKind.REVOKE])
def test_nothing_is_signed_when_the_list_is_behind_the_register(
    bureau: Bureau, kind: ApplicationKind
) -> None:
    stage = bureau.stage
    document_id, other_id = stage.to_signature(), stage.to_signature()
    batch_id = stage.house.use_cases.begin_batch(
        [stage.task(LEADER, other_id)], stage.actor(LEADER)
    )
    stopped_in_the_register(bureau, kind)

    for act in (
        lambda: stage.sign(document_id),
        lambda: stage.house.use_cases.run_batch(batch_id, stage.actor(LEADER), PIN),
        lambda: stage.house.use_cases.begin_batch(
            [stage.task(LEADER, document_id)], stage.actor(LEADER)
        ),
    ):
        with pytest.raises(CertificateRejectedError) as caught:
            act()
        assert caught.value.code is ErrorCode.CERTIFICATE_REVOKED
    assert is_behind(bureau)


@pytest.mark.parametrize("kind", [ApplicationKind.SUSPEND, ApplicationKind.REVOKE])
def test_asking_again_publishes_the_list_that_was_left_behind(
    bureau: Bureau, kind: ApplicationKind
) -> None:
    certificate = bureau.current(LEADER)
    stopped_in_the_register(bureau, kind)

    with pytest.raises(ConflictError):
        bureau.suspend(certificate, LEADER)

    assert not is_behind(bureau)


@pytest.mark.parametrize("kind", [ApplicationKind.SUSPEND, ApplicationKind.REVOKE])
def test_sweep_publishes_the_list_that_was_left_behind(
    bureau: Bureau, kind: ApplicationKind
) -> None:
    stopped_in_the_register(bureau, kind)

    _enqueue_due(bureau.stage.house, 2)
    bureau.stage.run_jobs()

    assert not is_behind(bureau)


def test_sweep_leaves_the_list_alone_when_it_is_not_behind(bureau: Bureau) -> None:
    application_id = bureau.suspend(bureau.current(LEADER), LEADER)
    bureau.settle(application_id, RevocationReason.SUPERSEDED)
    bureau.stage.run_jobs()
    files = bureau.stage.house.services.files
    before = files.crl_der("issuing")

    _enqueue_due(bureau.stage.house, 2)
    bureau.stage.run_jobs()

    assert files.crl_der("issuing") == before


def test_certificate_revoked_meanwhile_cannot_be_resumed(bureau: Bureau) -> None:
    certificate = bureau.current(OFFICER)
    application_id = bureau.suspend(certificate, OFFICER)
    bureau.stage.house.use_cases.revoke_certificate(
        certificate.id, bureau.who(ADMINISTRATOR), RevocationReason.KEY_COMPROMISE
    )

    with pytest.raises(ConflictError):
        bureau.settle(application_id)
    bureau.settle(application_id, RevocationReason.KEY_COMPROMISE)

    assert bureau.application(application_id).state is ApplicationState.REVOKED


def test_stop_cannot_be_withdrawn(bureau: Bureau) -> None:
    application_id = bureau.suspend(bureau.current(OFFICER), OFFICER)

    with pytest.raises(ConflictError):
        bureau.cases.withdraw(application_id, bureau.who(OFFICER), "Đã tìm thấy.")

    assert bureau.application(application_id).state is ApplicationState.HELD


def test_unknown_certificate_and_application_are_not_found(bureau: Bureau) -> None:
    with pytest.raises(NotFoundError):
        bureau.cases.suspend("ab12", bureau.who(OFFICER), LOST)
    with pytest.raises(NotFoundError) as caught:
        bureau.application(ApplicationId("none"))
    assert caught.value.code is ErrorCode.APPLICATION_NOT_FOUND


def test_locked_pin_is_released_by_a_second_person_only(bureau: Bureau) -> None:
    document_id = bureau.stage.to_signature()
    lock(bureau, document_id)
    certificate, locked_out = bureau.current(LEADER), bureau.who(LEADER)
    with pytest.raises(PinRejectedError):
        bureau.stage.sign(document_id)

    for login in (LEADER, CLERK, "stc.lanhdao"):
        with pytest.raises(NotPermittedError):
            bureau.cases.release_pin(certificate.id, locked_out.person_id, bureau.who(login))
    assert len(bureau.cases.view(bureau.other_leader(LEADER)).locked) == 1
    assert bureau.cases.view(locked_out).locked == []
    bureau.cases.release_pin(certificate.id, locked_out.person_id, bureau.who(ADMINISTRATOR))

    bureau.stage.sign(document_id)
    with pytest.raises(ConflictError) as caught:
        bureau.cases.release_pin(certificate.id, locked_out.person_id, bureau.who(ADMINISTRATOR))
    assert caught.value.code is ErrorCode.PIN_NOT_LOCKED
