"""A certificate from the application to the first letter, on a real installation."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from engine.audit import AuditEvent
from engine.clock import FixedClock
from engine.errors import (
    CertificateRejectedError,
    ConflictError,
    ErrorCode,
    InvalidInputError,
    NotPermittedError,
    PinRejectedError,
)
from engine.model.certification import (
    EXPIRY_DAYS,
    ApplicationId,
    ApplicationKind,
    ApplicationState,
    CertificateState,
    KeyPlan,
    RevocationReason,
)
from engine.model.document import DocumentStatus
from engine.model.keys import KeyHome, KeyType
from engine.model.organisation import (
    Actor,
)
from engine.model.verification import Verdict
from engine.ports_certification import CertificateFilter
from engine.ports_signing import HolderKind
from engine.queries import Basket
from tests.bureau import (
    ADMINISTRATOR,
    CLERK,
    GIVEN,
    LEADER,
    NEW_PIN,
    OFFICER,
    SNV,
    Bureau,
    a_new_leader,
    verdict_of,
)
from tests.houses import PIN, Stage
from workflows.certificates.collect_certificate import Collection


@pytest.fixture
def bureau(stage: Stage) -> Bureau:
    return Bureau(stage)


def test_new_person_asks_is_approved_allowed_collects_and_signs(bureau: Bureau) -> None:
    person = a_new_leader(bureau)
    document_id = bureau.stage.to_signature(signatory_id=person.person_id)
    task = next(task.task_id for task in _tasks(bureau, person, document_id))
    with pytest.raises(CertificateRejectedError) as caught:
        bureau.stage.house.use_cases.sign_document(task, person, NEW_PIN)
    assert caught.value.code is ErrorCode.CERTIFICATE_MISSING

    application_id = bureau.ask(person)
    assert bureau.application(application_id).kind is ApplicationKind.NEW
    bureau.approve(application_id)
    bureau.allow(application_id)
    certificate = bureau.collect(application_id, person)
    bureau.stage.house.use_cases.sign_document(task, person, NEW_PIN)

    assert bureau.stage.document(document_id).status is DocumentStatus.SIGNED
    assert bureau.stage.document(document_id).signatures[0].certificate_id == certificate.id
    assert certificate.common_name == person.full_name
    assert bureau.application(application_id).state is ApplicationState.ISSUED
    assert bureau.events(application_id) == [
        AuditEvent.APPLICATION_ASK,
        AuditEvent.APPLICATION_APPROVE,
        AuditEvent.APPLICATION_ALLOW,
        AuditEvent.CERTIFICATE_COLLECT_BEGIN,
        AuditEvent.CERTIFICATE_COLLECT,
    ]


def _tasks(bureau: Bureau, actor: Actor, subject_id: str):
    with bureau.stage.house.start_reading() as work:
        return work.queries.list_tasks_on(actor, subject_id)


def test_each_step_is_in_the_basket_of_whoever_acts(bureau: Bureau) -> None:
    application_id = bureau.ask(OFFICER)

    def waiting(login: str) -> list[str]:
        with bureau.stage.house.start_reading() as work:
            page = work.queries.list_work(bureau.who(login), Basket.TO_CERTIFY)
        return [f"{row.application_kind} {row.subject}" for row in page.rows]

    line = f"renew {bureau.who(OFFICER).full_name}"
    assert waiting(LEADER) == [line]
    assert waiting(ADMINISTRATOR) == []
    bureau.approve(application_id, LEADER)
    assert (waiting(LEADER), waiting(ADMINISTRATOR)) == ([], [line])
    bureau.allow(application_id)
    assert (waiting(ADMINISTRATOR), waiting(OFFICER)) == ([], [line])
    bureau.collect(application_id, OFFICER)
    assert waiting(OFFICER) == []


def test_renewal_makes_a_new_key_and_lets_the_old_certificate_step_back(bureau: Bureau) -> None:
    old = bureau.current(LEADER)
    earlier = bureau.stage.issue()

    new = bureau.renew(LEADER)

    assert new.id != old.id
    assert bureau.current(LEADER).id == new.id
    assert bureau.state(old) is CertificateState.SUPERSEDED
    document_id = bureau.stage.to_signature()
    with pytest.raises(PinRejectedError):
        bureau.stage.sign(document_id, pin=PIN)
    bureau.stage.sign(document_id, pin=NEW_PIN)
    assert verdict_of(bureau, earlier) is Verdict.PASSED


def test_old_certificate_signs_no_more_when_the_new_one_is_revoked(bureau: Bureau) -> None:
    old = bureau.current(LEADER)
    new = bureau.renew(LEADER)
    bureau.stage.house.use_cases.revoke_certificate(
        new.id, bureau.who(ADMINISTRATOR), RevocationReason.KEY_COMPROMISE
    )
    document_id = bureau.stage.to_signature()

    assert bureau.current(LEADER).id != old.id
    for pin in (PIN, NEW_PIN):
        with pytest.raises(CertificateRejectedError) as caught:
            bureau.stage.sign(document_id, pin=pin)
        assert caught.value.code is ErrorCode.CERTIFICATE_REVOKED


def test_clerk_renews_the_seal_and_seals_with_it(bureau: Bureau) -> None:
    certificate = bureau.renew(CLERK, seal_of=SNV)

    document_id = bureau.stage.to_signature()
    bureau.stage.sign(document_id)
    bureau.stage.number(document_id)
    bureau.stage.seal(document_id, pin=NEW_PIN)

    assert certificate.holder_kind is HolderKind.AGENCY
    assert bureau.stage.document(document_id).signatures[-1].certificate_id == certificate.id


def test_collected_key_is_an_rsa_key_when_that_was_allowed(bureau: Bureau) -> None:
    application_id = bureau.ask(OFFICER)
    bureau.approve(application_id)
    bureau.allow(application_id, KeyPlan(key_type=KeyType.RSA2048, days=90))

    certificate = bureau.collect(application_id, OFFICER)

    assert certificate.not_after - certificate.not_before < timedelta(days=91)
    key = x509.load_der_x509_certificate(certificate.der).public_key()
    assert isinstance(key, RSAPublicKey)
    assert key.key_size == 2048


def allowed(bureau: Bureau, plan: KeyPlan | None = None) -> ApplicationId:
    application_id = bureau.ask(OFFICER)
    bureau.approve(application_id)
    bureau.allow(application_id, plan)
    return application_id


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (Collection(pin="12345", pin_again="12345"), ErrorCode.PIN_WEAK),
        (Collection(pin="111111", pin_again="111111"), ErrorCode.PIN_WEAK),
        (Collection(pin="345678", pin_again="345678"), ErrorCode.PIN_WEAK),
        (Collection(pin=NEW_PIN, pin_again="804216"), ErrorCode.PIN_DIFFERENT),
        (Collection(), ErrorCode.PIN_WEAK),
    ],
)
def test_pin_is_refused_and_never_told_when_it_is_unfit(
    bureau: Bureau, given: Collection, code: ErrorCode
) -> None:
    application_id = allowed(bureau)

    with pytest.raises(InvalidInputError) as caught:
        bureau.cases.collect(bureau.task(OFFICER, application_id), bureau.who(OFFICER), given)

    assert caught.value.code is code
    said = f"{caught.value} {caught.value.params} {given!r}"
    assert not given.pin or given.pin not in said
    bureau.collect(application_id, OFFICER)


def test_somebody_else_may_not_collect(bureau: Bureau) -> None:
    application_id = allowed(bureau)
    task = bureau.task(OFFICER, application_id)

    for login in (LEADER, ADMINISTRATOR, CLERK):
        with pytest.raises(NotPermittedError):
            bureau.cases.collect(task, bureau.who(login), GIVEN)


def test_collecting_twice_makes_one_certificate(bureau: Bureau) -> None:
    application_id = allowed(bureau)
    task = bureau.task(OFFICER, application_id)
    with bureau.stage.house.start_reading() as work:
        before = work.certificates.count()
    bureau.cases.collect(task, bureau.who(OFFICER), GIVEN)

    with pytest.raises(ConflictError):
        bureau.cases.collect(task, bureau.who(OFFICER), GIVEN)

    with bureau.stage.house.start_reading() as work:
        assert work.certificates.count() == before + 1


def test_second_window_waits_while_the_first_collects(bureau: Bureau, clock: FixedClock) -> None:
    application_id = allowed(bureau)
    task = bureau.task(OFFICER, application_id)
    with bureau.stage.house.start_work() as work:
        # What a process that died while it made the key leaves behind.
        work.certification.save(bureau.application(application_id).claimed(clock.now()))
        work.commit()

    with pytest.raises(ConflictError) as caught:
        bureau.cases.collect(task, bureau.who(OFFICER), GIVEN)
    assert caught.value.code is ErrorCode.APPLICATION_BUSY

    clock.move(timedelta(minutes=3))
    assert bureau.collect(application_id, OFFICER).holder_id == bureau.who(OFFICER).person_id


def test_request_that_proves_nothing_is_refused_and_may_be_sent_again(bureau: Bureau) -> None:
    application_id = allowed(bureau, KeyPlan(home=KeyHome.CLIENT))
    task = bureau.task(OFFICER, application_id)

    for csr in (b"", b"not a request"):
        with pytest.raises(InvalidInputError):
            bureau.cases.collect(task, bureau.who(OFFICER), Collection(csr=csr))

    assert bureau.events(application_id)[-1] is AuditEvent.CERTIFICATE_COLLECT_FAIL
    assert bureau.application(application_id).claimed_at is None


@pytest.mark.parametrize(("left", "warned"), [(61, None), (60, 60), (31, 60), (30, 30), (7, 7)])
def test_holder_and_administrator_are_warned_when_the_end_is_near(
    bureau: Bureau, clock: FixedClock, left: int, warned: int | None
) -> None:
    certificate = bureau.current(OFFICER)
    clock.at = certificate.not_after - timedelta(days=left)

    notices = bureau.cases.view.notices(bureau.who(OFFICER))
    # The city's others were made within the hour, not within the second.
    clock.move(timedelta(hours=1))
    attention = bureau.cases.view.attention(bureau.who(ADMINISTRATOR))

    assert [each.days for each in notices] == ([warned] if warned else [])
    assert (sum(attention.expiring.values()) > 0) is (warned is not None)
    assert {days for days, count in attention.expiring.items() if count} == (
        {warned} if warned else set()
    )
    assert set(attention.expiring) == set(EXPIRY_DAYS)


def test_thresholds_are_data_that_an_administrator_changes(
    bureau: Bureau, clock: FixedClock
) -> None:
    with pytest.raises(NotPermittedError):
        bureau.cases.set_thresholds([90], bureau.who(LEADER))
    for wrong in ([], [0], [367], list(range(1, 12))):
        with pytest.raises(InvalidInputError):
            bureau.cases.set_thresholds(wrong, bureau.who(ADMINISTRATOR))
    assert bureau.cases.set_thresholds([10, 90, 10], bureau.who(ADMINISTRATOR)) == (90, 10)

    clock.at = bureau.current(OFFICER).not_after - timedelta(days=80)

    assert [each.days for each in bureau.cases.view.notices(bureau.who(OFFICER))] == [90]


def test_registry_finds_a_holder_without_tone_marks_and_pages(bureau: Bureau) -> None:
    administrator = bureau.who(ADMINISTRATOR)
    found = bureau.cases.view.registry(CertificateFilter(text="so noi vu"), administrator)
    names = {row.holder_name for row in found.page.rows}
    assert "Sở Nội vụ" in names

    now = bureau.stage.house.clock.now()
    seen: list[str] = []
    cursor = ""
    with bureau.stage.house.start_reading() as work:
        total = work.certificates.count()
        while True:
            page = work.certification.list_certificates(
                CertificateFilter(), now, cursor=cursor, limit=7
            )
            seen += [row.certificate_id for row in page.rows]
            cursor = page.next_cursor
            if not cursor:
                break
    assert len(seen) == len(set(seen)) == total
    with pytest.raises(NotPermittedError):
        bureau.cases.view.registry(CertificateFilter(), bureau.who(LEADER))


def test_application_is_shown_to_those_who_have_to_do_with_it_only(bureau: Bureau) -> None:
    application_id = bureau.ask(OFFICER)

    for login in (OFFICER, LEADER, CLERK, ADMINISTRATOR):
        assert bureau.cases.view.application(application_id, bureau.who(login)).steps
    for login in ("stc.lanhdao", "snv.truongphong"):
        with pytest.raises(NotPermittedError):
            bureau.cases.view.application(application_id, bureau.who(login))
