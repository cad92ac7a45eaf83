from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from engine.audit import AuditEvent, canonical_leaf, leaf_digest
from engine.errors import ConflictError, ErrorCode, NotFoundError
from engine.model.delivery import DeliveryStatus
from engine.model.document import (
    Digest,
    DocumentId,
    InvitationContent,
    PlacedSignature,
    Stage,
)
from engine.model.kinds import GIAY_MOI, THONG_BAO
from engine.model.organisation import (
    SYSTEM,
    AgencyId,
    Authority,
    AuthorityForm,
    PersonId,
    PostId,
    Role,
    Unit,
    UnitId,
    Validity,
)
from engine.model.register import EntryState, RegisterBook
from engine.model.signing_intent import SigningIntent
from engine.model.urgency import Urgency
from engine.model.verification import (
    FileReport,
    Integrity,
    SignatureReport,
    SignatureRole,
    Verdict,
)
from engine.ports import Account, Session, StartWork
from engine.ports_signing import CertificateId, HolderKind, Revocation
from tests.integration.storage.town import (
    CERTIFICATE,
    COMMITTEE,
    FINANCE,
    HEALTH,
    HOME_AFFAIRS,
    NOW,
    TODAY,
    a_certificate,
    a_delivery,
    a_document,
    a_number,
    an_actor,
    an_agency,
    an_entry,
    person_of,
    unit_of,
)

DRAFTER = person_of(HOME_AFFAIRS, Role.DESK_OFFICER)
LATER = NOW + timedelta(minutes=1)


# --- transaction -----------------------------------------------------------------------------


def test_work_is_undone_when_it_is_not_committed(start_work: StartWork) -> None:
    with start_work() as work:
        work.documents.add(a_document())
    with start_work() as work, pytest.raises(NotFoundError):
        work.documents.get(DocumentId("d1"))


def test_work_is_undone_when_the_block_raises(start_work: StartWork) -> None:
    def fail() -> None:
        with start_work() as work:
            work.documents.add(a_document())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with start_work() as work, pytest.raises(NotFoundError):
        work.documents.get(DocumentId("d1"))


# --- organisation ----------------------------------------------------------------------------


def test_organisation_gives_back_what_was_added(start_work: StartWork) -> None:
    with start_work() as work:
        agency = work.organisation.get_agency(HOME_AFFAIRS)
        assert agency == an_agency(HOME_AFFAIRS, "Sở Nội vụ", 2)
        assert work.organisation.get_unit(unit_of(FINANCE)).agency_id == FINANCE
        assert work.organisation.get_person(DRAFTER).id == DRAFTER
        assert not work.organisation.is_empty()
        posts = work.organisation.list_posts(FINANCE, TODAY, role=Role.CLERK)
        assert [post.person_id for post in posts] == [person_of(FINANCE, Role.CLERK)]
        assert work.organisation.list_posts_of(posts[0].person_id, TODAY) == posts
        assert len(work.organisation.list_posts(FINANCE, TODAY)) == len(Role)
        assert len(work.organisation.list_people()) == 4 * len(Role)
        codes = [each.code for each in work.organisation.list_agencies(TODAY)]
        assert codes == ["H13.01", "H13.02", "H13.03", "H13.04"]


def test_organisation_shows_only_what_is_in_force_on_the_day(start_work: StartWork) -> None:
    closed = Validity(since=date(2020, 1, 1), until=date(2025, 12, 31))
    with start_work() as work:
        for name, validity in (("old", closed), ("new", Validity(since=date(2026, 1, 5)))):
            work.organisation.add_unit(
                Unit(id=UnitId(name), agency_id=FINANCE, name=name, symbol="", validity=validity)
            )
        assert [u.id for u in work.organisation.list_units(FINANCE, TODAY)] == [
            "stc-vp",
            "new",
        ]
        assert [u.id for u in work.organisation.list_units(FINANCE, date(2025, 12, 31))] == [
            "stc-vp",
            "old",
        ]


@pytest.mark.parametrize("name", ["snv", "H13.02", "SNV", "Sở Nội vụ", "Sở Nội vụ "])
def test_find_agency_takes_id_code_symbol_or_name(start_work: StartWork, name: str) -> None:
    with start_work() as work:
        found = work.organisation.find_agency(name)
    assert found is not None
    assert found.id == HOME_AFFAIRS


def test_find_agency_finds_nothing_when_a_symbol_is_shared(start_work: StartWork) -> None:
    twin = replace(an_agency(AgencyId("q1"), "Quận 1", 9), symbol="SNV")
    with start_work() as work:
        work.organisation.add_agency(twin)
        assert work.organisation.find_agency("SNV") is None
        assert work.organisation.find_agency("nothing") is None


def test_get_agency_names_the_code_when_it_is_unknown(start_work: StartWork) -> None:
    with start_work() as work, pytest.raises(NotFoundError) as caught:
        work.organisation.get_agency(AgencyId("x"))
    assert caught.value.code is ErrorCode.AGENCY_NOT_FOUND


def test_list_authorities_gives_heads_first(start_work: StartWork) -> None:
    forms = [AuthorityForm.BY_ORDER, AuthorityForm.DEPUTY, AuthorityForm.HEAD]
    rights = [
        Authority(
            id=str(number),
            agency_id=FINANCE,
            post_id=PostId(f"{FINANCE}-{Role.LEADER}"),
            form=form,
            lines=("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"),
            kinds=frozenset({THONG_BAO}),
            basis="Quyết định 1",
            validity=Validity(since=TODAY),
        )
        for number, form in enumerate(forms)
    ]
    with start_work() as work:
        for right in rights:
            work.organisation.add_authority(right)
        assert work.organisation.list_authorities(FINANCE, TODAY) == rights[::-1]
        assert not work.organisation.list_authorities(FINANCE, TODAY - timedelta(days=1))


# --- documents -------------------------------------------------------------------------------


def test_documents_give_back_every_field(start_work: StartWork) -> None:
    document = a_document(
        kind=GIAY_MOI,
        urgency=Urgency.EXPRESS,
        signatory_id=person_of(HOME_AFFAIRS, Role.LEADER),
        invitation=InvitationContent(invitees="Các sở", chair="Ông A", time="8 giờ", place="P.1"),
        page_count=2,
    )
    document.add_revision(Stage.RENDERED, Digest("aa" * 32), size_bytes=9, by=DRAFTER, at=NOW)
    with start_work() as work:
        work.documents.add(document)
        work.commit()
    with start_work() as work:
        kept = work.documents.get(document.id)
        assert kept == document
        kept.number = a_number(7)
        kept.add_revision(Stage.SIGNED, Digest("bb" * 32), size_bytes=10, by=DRAFTER, at=LATER)
        kept.content = replace(kept.content, recipients=(HEALTH,), subject="Khác")
        work.documents.save(kept)
        work.commit()
    assert kept.version == 1
    with start_work() as work:
        assert work.documents.get(document.id) == kept


def test_signatures_of_a_document_are_kept_in_the_order_they_were_made(
    start_work: StartWork,
) -> None:
    document = a_document()
    document.signatures.append(a_signature("lanh_dao", NOW))
    with start_work() as work:
        work.certificates.add(a_certificate())
        work.documents.add(document)
        document.signatures.append(a_signature("co_quan", LATER))
        for _ in range(2):
            work.documents.save(document)
        work.commit()
    with start_work() as work:
        assert work.documents.get(document.id) == document


def a_signature(field: str, at: datetime) -> PlacedSignature:
    return PlacedSignature(
        field=field, certificate_id=CERTIFICATE, cms_sha256="cd" * 32, made_at=at
    )


def test_save_refuses_a_document_when_somebody_saved_it_first(start_work: StartWork) -> None:
    with start_work() as work:
        work.documents.add(a_document())
        first, second = (work.documents.get(DocumentId("d1")) for _ in range(2))
        work.documents.save(first)
        with pytest.raises(ConflictError) as caught:
            work.documents.save(second)
    assert caught.value.code is ErrorCode.DOCUMENT_CHANGED
    assert (first.version, second.version) == (1, 0)


def test_save_refuses_a_document_that_was_never_added(start_work: StartWork) -> None:
    with start_work() as work, pytest.raises(ConflictError):
        work.documents.save(a_document())


def test_draft_versions_grow_only_when_the_content_changes(start_work: StartWork) -> None:
    document = a_document()
    with start_work() as work:
        work.documents.add(document)
        numbers = [work.documents.add_draft_version(document, DRAFTER, NOW) for _ in range(2)]
        document.content = replace(document.content, body="Khác")
        numbers.append(work.documents.add_draft_version(document, DRAFTER, LATER))
    assert numbers == [1, 1, 2]


# --- deliveries ------------------------------------------------------------------------------


def test_deliveries_give_back_every_field(start_work: StartWork) -> None:
    document = a_document()
    delivery = a_delivery(document)
    with start_work() as work:
        work.documents.add(document)
        work.deliveries.add(delivery)
        kept = work.deliveries.get(delivery.id)
        assert kept == delivery
        for status in (DeliveryStatus.ARRIVED, DeliveryStatus.REGISTERED):
            kept.answer(status, actor_id=SYSTEM.person_id, actor_name="Hệ thống", at=LATER)
            work.deliveries.save(kept)
        kept.arrival_number, kept.arrival_year, kept.due_on = 3, 2026, TODAY
        kept.handler_id = person_of(FINANCE, Role.DESK_OFFICER)
        work.deliveries.save(kept)
        work.commit()
    assert kept.version == 3
    with start_work() as work:
        assert work.deliveries.find(document.id, FINANCE) == kept
        assert work.deliveries.list_for_document(document.id) == [kept]
        assert work.deliveries.find(document.id, HEALTH) is None


def test_save_refuses_a_delivery_when_somebody_saved_it_first(start_work: StartWork) -> None:
    document = a_document()
    with start_work() as work:
        work.documents.add(document)
        work.deliveries.add(a_delivery(document))
        first, second = (work.deliveries.find(document.id, FINANCE) for _ in range(2))
        assert first is not None
        assert second is not None
        work.deliveries.save(first)
        with pytest.raises(ConflictError):
            work.deliveries.save(second)


def test_add_refuses_a_second_delivery_when_the_recipient_has_one(start_work: StartWork) -> None:
    document = a_document()
    with start_work() as work:
        work.documents.add(document)
        work.deliveries.add(a_delivery(document))
        work.commit()
    with pytest.raises(ConflictError), start_work() as work:
        work.deliveries.add(a_delivery(document, id="other"))


# --- registers -------------------------------------------------------------------------------


def test_take_next_is_dense_for_each_book_series_and_year(start_work: StartWork) -> None:
    outgoing, arrivals = RegisterBook.OUTGOING, RegisterBook.ARRIVALS
    with start_work() as work:
        take = work.registers.take_next
        assert [take(FINANCE, outgoing, "chung", 2026) for _ in range(3)] == [1, 2, 3]
        assert take(HEALTH, outgoing, "chung", 2026) == 1
        assert take(FINANCE, arrivals, "chung", 2026) == 1
        assert take(FINANCE, outgoing, "qd", 2026) == 1
        assert take(FINANCE, outgoing, "chung", 2027) == 1
        work.commit()
    with start_work() as work:
        assert work.registers.take_next(FINANCE, outgoing, "chung", 2026) == 4
    with start_work() as work:
        assert work.registers.take_next(FINANCE, outgoing, "chung", 2026) == 4


def test_registers_keep_void_numbers_in_the_book(start_work: StartWork) -> None:
    first, second = an_entry(1, "d1"), an_entry(2, "d1")
    with start_work() as work:
        work.registers.add(first)
        work.registers.save(first.voided("Ghi nhầm"))
        assert work.registers.find_for(RegisterBook.OUTGOING, "d1") is None
        work.registers.add(second)
        work.registers.save(second.issued())
        assert work.registers.find_for(RegisterBook.OUTGOING, "d1") == second.issued()
        book = work.registers.list_entries(HOME_AFFAIRS, RegisterBook.OUTGOING, 2026)
    assert [(entry.number, entry.state) for entry in book] == [
        (1, EntryState.VOID),
        (2, EntryState.ISSUED),
    ]


@pytest.mark.parametrize("first", [EntryState.ISSUED, EntryState.VOID])
@pytest.mark.parametrize("second", list(EntryState))
def test_save_refuses_an_entry_when_somebody_closed_it_first(
    start_work: StartWork, first: EntryState, second: EntryState
) -> None:
    read = an_entry(1, "d1")
    closed = replace(read, state=first, reason="first")
    with start_work() as work:
        work.registers.add(read)
        work.registers.save(closed)
        with pytest.raises(ConflictError) as caught:
            work.registers.save(replace(read, state=second, reason="second"))
        assert work.registers.list_entries(HOME_AFFAIRS, RegisterBook.OUTGOING, 2026) == [closed]
    assert caught.value.code is ErrorCode.REGISTER_ENTRY_CLOSED


@pytest.mark.parametrize(("number", "subject"), [(1, "d2"), (2, "d1")])
def test_add_refuses_an_entry_when_number_or_subject_is_taken(
    start_work: StartWork, number: int, subject: str
) -> None:
    with start_work() as work:
        work.registers.add(an_entry(1, "d1"))
        with pytest.raises(ConflictError) as caught:
            work.registers.add(an_entry(number, subject))
    assert caught.value.code is ErrorCode.REGISTER_NUMBER_TAKEN


# --- intents and certificates ----------------------------------------------------------------


def an_intent(name: str, stage: Stage = Stage.SIGNED) -> SigningIntent:
    return SigningIntent(
        id=name,
        document_id=DocumentId("d1"),
        stage=stage,
        digest=Digest("aa" * 32),
        certificate_id=CERTIFICATE,
        actor_id=PersonId("p"),
        nonce=f"nonce-{name}",
        begun_at=NOW,
        expires_at=LATER,
    )


def test_intents_allow_one_open_for_each_document_and_stage(start_work: StartWork) -> None:
    with start_work() as work:
        work.documents.add(a_document())
        work.certificates.add(a_certificate())
        work.intents.add(an_intent("a"))
        work.intents.add(an_intent("b", Stage.SEALED))
        with pytest.raises(ConflictError) as caught:
            work.intents.add(an_intent("c"))
        assert caught.value.code is ErrorCode.SIGNING_UNDERWAY
        work.intents.save(an_intent("a").voided("expired"))
        work.intents.add(an_intent("c"))
        assert work.intents.get("a") == an_intent("a").voided("expired")
        assert work.intents.find_open(DocumentId("d1")) in (
            an_intent("b", Stage.SEALED),
            an_intent("c"),
        )
        expired = work.intents.list_expired(LATER + timedelta(seconds=1))
        assert {intent.id for intent in expired} == {"b", "c"}
        assert not work.intents.list_expired(LATER)


def test_list_expired_may_be_asked_about_one_document(start_work: StartWork) -> None:
    late = LATER + timedelta(seconds=1)
    with start_work() as work:
        work.certificates.add(a_certificate())
        for name in ("d1", "d2"):
            work.documents.add(a_document(name))
            work.intents.add(replace(an_intent(name), document_id=DocumentId(name)))
        (found,) = work.intents.list_expired(late, DocumentId("d2"))
        assert found.document_id == "d2"
        assert len(work.intents.list_expired(late)) == 2
        assert not work.intents.list_expired(late, document_id=DocumentId("d3"))


def test_find_current_prefers_a_usable_certificate(start_work: StartWork) -> None:
    holder = person_of(HOME_AFFAIRS, Role.LEADER)
    newer = a_certificate("2", not_before=datetime(2025, 6, 1, tzinfo=UTC))
    expired = a_certificate("3", not_before=NOW - timedelta(days=9), not_after=NOW)
    with start_work() as work:
        for certificate in (a_certificate("1"), newer, expired):
            work.certificates.add(certificate)
        find = work.certificates.find_current
        assert find(HolderKind.PERSON, holder, LATER) == newer
        for name in ("2", "1"):
            work.certificates.add_revocation(
                Revocation(
                    certificate_id=CertificateId(name), revoked_at=NOW, reason="key_compromise"
                )
            )
        assert find(HolderKind.PERSON, holder, LATER) == expired
        assert find(HolderKind.AGENCY, holder, LATER) is None
        assert len(work.certificates.list_revocations()) == 2
        assert work.certificates.count() == 3
        assert work.certificates.get(CertificateId("1")) == a_certificate("1")
        with pytest.raises(NotFoundError):
            work.certificates.get(CertificateId("9"))


# --- accounts --------------------------------------------------------------------------------


def test_accounts_give_back_what_was_saved(start_work: StartWork) -> None:
    account = Account(person_id=DRAFTER, login="an", password_hash="$argon2id$")  # noqa: S106 no password
    with start_work() as work:
        work.accounts.add(account)
        locked = replace(account, failures=3, locked_until=LATER)
        work.accounts.save(locked)
        assert work.accounts.find("an") == locked
        assert work.accounts.find("binh") is None


def test_sessions_end_when_they_are_closed(start_work: StartWork) -> None:
    session = Session(
        token_digest="t",  # noqa: S106 no password
        person_id=DRAFTER,
        opened_at=NOW,
        seen_at=NOW,
        expires_at=LATER,
    )
    with start_work() as work:
        work.accounts.add_session(session)
        work.accounts.touch_session("t", LATER)
        assert work.accounts.find_session("t") == replace(session, seen_at=LATER)
        work.accounts.close_session("t")
        assert work.accounts.find_session("t") is None


def test_sessions_that_expired_are_deleted_when_another_begins(start_work: StartWork) -> None:
    def a_session(token: str, *, opened_at: datetime) -> Session:
        return Session(
            token_digest=token,
            person_id=DRAFTER,
            opened_at=opened_at,
            seen_at=opened_at,
            expires_at=opened_at + timedelta(hours=12),
        )

    with start_work() as work:
        work.accounts.add_session(a_session("old", opened_at=NOW))
        work.accounts.add_session(a_session("open", opened_at=NOW + timedelta(hours=2)))
        assert work.accounts.find_session("old") is not None
        work.accounts.add_session(a_session("new", opened_at=NOW + timedelta(hours=13)))
        assert work.accounts.find_session("old") is None
        assert work.accounts.find_session("open") is not None
        assert work.accounts.find_session("new") is not None


# --- audit and verdicts ----------------------------------------------------------------------


def test_audit_leaves_of_a_subject_form_a_chain(start_work: StartWork) -> None:
    actor = an_actor(COMMITTEE, Role.CLERK)
    with start_work() as work:
        for subject in ("document:d1", "delivery:x", "document:d1"):
            work.audit.record(
                AuditEvent.DOCUMENT_SAVE,
                subject=subject,
                actor=actor,
                at=NOW,
                group="d1",
                details={"nội dung": "Đã lưu"},
            )
        work.commit()
    with start_work() as work:
        first, other, second = work.audit.list_group("d1")
    assert (first.previous, other.previous, second.previous) == ("", "", first.digest)
    canonical = canonical_leaf(
        event=second.event,
        subject=second.subject,
        group=second.group,
        actor_id=second.actor_id,
        actor_name=second.actor_name,
        at=second.at,
        details=second.details,
        previous=second.previous,
    )
    assert second.digest == leaf_digest(canonical)
    assert actor.full_name.encode() in canonical
    assert first.sequence < other.sequence < second.sequence


def test_verdicts_give_back_the_whole_report(start_work: StartWork) -> None:
    signature = SignatureReport(
        field="lanh_dao",
        signer="Nguyễn Văn A",
        role=SignatureRole.LEADER,
        verdict=Verdict.INDETERMINATE,
        sub_indication="TRY_LATER",
        signed_at=NOW,
        timestamped_at=None,
        level="B-T",
        coverage="revision",
        changes="form_filling",
    )
    report = FileReport(
        sha256="ab" * 32,
        verdict=Verdict.INDETERMINATE,
        reason="TRY_LATER",
        message="no answer",
        integrity=Integrity.INTACT,
        signatures=(signature,),
    )
    with start_work() as work:
        for _ in range(2):
            work.verdicts.add(report, policy="1", epoch="e", at=NOW)
        assert work.verdicts.find(Digest(report.sha256), "1", "e") == report
        assert work.verdicts.find(Digest(report.sha256), "1", "f") is None


def test_save_says_so_when_there_is_no_such_row(start_work: StartWork) -> None:
    account = Account(
        person_id=PersonId("nobody"),
        login="x",
        password_hash="$argon2id$",  # noqa: S106 no password
    )
    with start_work() as work:
        for save in (
            lambda: work.accounts.save(account),
            lambda: work.intents.save(an_intent("a")),
            lambda: work.registers.save(an_entry(1, "d1")),
            lambda: work.deliveries.get(a_delivery(a_document()).id),
        ):
            with pytest.raises(NotFoundError):
                save()
