"""A key that was stopped stays out of use, and no key has two certificates."""

from datetime import timedelta

import pytest

from engine.clock import FixedClock, local
from engine.errors import (
    CertificateRejectedError,
    ErrorCode,
    InvalidInputError,
    NotPermittedError,
    SignerUnavailableError,
    TrinhKyError,
)
from engine.model.certification import (
    ApplicationId,
    ApplicationState,
    CertificateState,
    KeyPlan,
    RevocationReason,
)
from engine.model.document import DocumentStatus
from engine.model.document import Stage as PdfStage
from engine.model.keys import CertificateId, KeyHome, KeyType
from engine.model.organisation import Role
from signing.authority import LocalCertificateAuthority
from tests.bureau import ADMINISTRATOR, CLERK, LEADER, OFFICER, SNV, Bureau
from tests.factories.client_key import ClientKey
from tests.houses import PIN, Stage
from tests.integration.workflows.test_collected_keys import a_request, allowed
from workflows.certificates.collect_certificate import Collection


@pytest.fixture
def bureau(stage: Stage) -> Bureau:
    return Bureau(stage)


def fail_publishing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the authority fail to write its lists once; return what was tried."""
    real, tries = LocalCertificateAuthority.publish_crl, list[str]()

    def publish(self, *words, **named):
        tries.append("try")
        if len(tries) == 1:
            raise SignerUnavailableError("disk is full")
        real(self, *words, **named)

    monkeypatch.setattr(LocalCertificateAuthority, "publish_crl", publish)
    return tries


def revoke(bureau: Bureau, certificate_id: CertificateId) -> None:
    bureau.stage.house.use_cases.revoke_certificate(
        certificate_id, bureau.who(ADMINISTRATOR), RevocationReason.KEY_COMPROMISE
    )


def is_behind(bureau: Bureau) -> bool:
    with bureau.stage.house.start_reading() as work:
        published = work.certificates.list_published()
    return bureau.stage.house.services.files.is_behind(published)


def test_revoked_certificate_signs_no_more_and_a_job_publishes_when_the_list_failed_once(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id, certificate = bureau.stage.to_signature(), bureau.current(LEADER)
    tries = fail_publishing(monkeypatch)

    with pytest.raises(SignerUnavailableError):
        revoke(bureau, certificate.id)

    assert is_behind(bureau)
    with pytest.raises(CertificateRejectedError) as caught:
        bureau.stage.sign(document_id)
    assert caught.value.code is ErrorCode.CERTIFICATE_REVOKED
    bureau.stage.run_jobs()
    assert len(tries) > 1
    assert not is_behind(bureau)


def test_signature_is_not_recorded_when_the_certificate_was_revoked_while_it_was_made(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = bureau.stage
    document_id, certificate = stage.to_signature(), bureau.current(LEADER)
    sign, actor = stage.house.use_cases.sign_document, bureau.who(LEADER)
    undertaken = sign.ceremonies.begin(PdfStage.SIGNED, stage.task(LEADER, document_id), actor)
    files = sign.ceremonies.list_signable(undertaken, actor)
    with sign.pins.open(undertaken.act.certificate, PIN, actor) as key:
        signed = [sign.signer.sign(each.content, each.act, key) for each in files]
    fail_publishing(monkeypatch)
    with pytest.raises(SignerUnavailableError):
        revoke(bureau, certificate.id)

    with (
        pytest.raises(CertificateRejectedError) as caught,
        sign.ceremonies.or_void(undertaken, actor),
    ):
        sign.ceremonies.keep(undertaken, signed, actor)

    assert caught.value.code is ErrorCode.CERTIFICATE_REVOKED
    document = stage.document(document_id)
    assert document.status is DocumentStatus.AWAITING_SIGNATURE
    assert document.signatures == []


def test_administrator_does_not_end_the_suspension_they_asked_for(bureau: Bureau) -> None:
    certificate = bureau.current(LEADER)
    application_id = bureau.suspend(certificate, ADMINISTRATOR)

    with pytest.raises(NotPermittedError) as caught:
        bureau.settle(application_id)

    assert caught.value.code is ErrorCode.RESUME_BY_ANOTHER
    assert bureau.state(certificate) is CertificateState.SUSPENDED
    # Power is taken away without a second person.
    bureau.settle(application_id, RevocationReason.UNSPECIFIED)
    assert bureau.state(certificate) is CertificateState.REVOKED


CLIENT = KeyPlan(home=KeyHome.CLIENT)


@pytest.mark.parametrize("other", [LEADER, OFFICER])
def test_known_key_gets_no_second_certificate_whoever_brings_it(
    bureau: Bureau, other: str
) -> None:
    key = ClientKey()
    _first, task = allowed(bureau, CLIENT, LEADER)
    certificate_id = bureau.cases.collect(task, bureau.who(LEADER), Collection(csr=a_request(key)))
    revoke(bureau, certificate_id)
    application_id, task = allowed(bureau, CLIENT, other)

    with pytest.raises(InvalidInputError) as caught:
        bureau.cases.collect(task, bureau.who(other), Collection(csr=a_request(key)))

    assert (caught.value.code, caught.value.params["why"]) == (
        ErrorCode.CSR_REFUSED,
        "key_known",
    )
    assert bureau.application(application_id).state is ApplicationState.ALLOWED
    # With a new key the same application ends well.
    bureau.cases.collect(task, bureau.who(other), Collection(csr=a_request(ClientKey())))
    assert bureau.application(application_id).state is ApplicationState.ISSUED


@pytest.mark.parametrize(
    ("wanted", "brought"),
    [(KeyType.P256, KeyType.RSA2048), (KeyType.RSA2048, KeyType.P256)],
)
def test_key_of_another_kind_than_allowed_is_refused(
    bureau: Bureau, wanted: KeyType, brought: KeyType
) -> None:
    _application_id, task = allowed(bureau, KeyPlan(home=KeyHome.CLIENT, key_type=wanted))

    with pytest.raises(InvalidInputError) as caught:
        bureau.cases.collect(
            task, bureau.who(OFFICER), Collection(csr=a_request(ClientKey(brought)))
        )

    assert caught.value.params["why"] == "key_kind"


def seal_application_left_behind(bureau: Bureau, clock: FixedClock) -> ApplicationId:
    application_id = bureau.ask(CLERK, seal_of=SNV)
    bureau.approve(application_id)
    bureau.allow(application_id)
    bureau.leave(CLERK)
    clock.move(timedelta(days=1))
    return application_id


def test_application_for_the_seal_is_listed_and_the_next_clerk_withdraws_it(
    bureau: Bureau, clock: FixedClock
) -> None:
    leaver = bureau.who(CLERK)
    application_id = seal_application_left_behind(bureau, clock)
    house = bureau.stage.house
    day = local(clock.now()).date()
    with house.start_reading() as work:
        [stuck] = [
            each for each in work.queries.list_stuck(clock.now()) if each.kind == "application"
        ]
        clerks = work.organisation.list_posts(SNV, day, role=Role.CLERK)
    assert stuck.key == application_id
    assert leaver.full_name in stuck.what
    clerk = house.use_cases.identify.by_person(clerks[0].person_id)
    with pytest.raises(TrinhKyError) as caught:
        bureau.ask(clerk, seal_of=SNV)
    assert caught.value.code is ErrorCode.APPLICATION_OPEN
    assert bureau.cases.view.application(application_id, clerk).may_withdraw
    with pytest.raises(NotPermittedError):
        bureau.cases.withdraw(application_id, bureau.who(OFFICER), "Không phải việc của tôi.")

    bureau.cases.withdraw(application_id, clerk, "Văn thư cũ đã chuyển công tác.")

    with house.start_reading() as work:
        assert not [e for e in work.queries.list_stuck(clock.now()) if e.kind == "application"]
    assert bureau.application(bureau.ask(clerk, seal_of=SNV)).asked_by == clerk.person_id


def test_application_whose_applicant_serves_is_not_listed(bureau: Bureau) -> None:
    bureau.ask(CLERK, seal_of=SNV)
    bureau.ask(OFFICER)

    now = bureau.stage.house.clock.now()
    with bureau.stage.house.start_reading() as work:
        assert not [e for e in work.queries.list_stuck(now) if e.kind == "application"]
