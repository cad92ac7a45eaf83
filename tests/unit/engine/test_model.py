from datetime import UTC, date, datetime, timedelta

import pytest

from engine.audit import AuditEvent, canonical_leaf, leaf_digest
from engine.errors import ConflictError, NotPermittedError
from engine.model.delivery import Delivery, DeliveryId, DeliveryStatus
from engine.model.document import (
    Digest,
    Document,
    DocumentId,
    DocumentStatus,
    DraftContent,
    Stage,
    group_recipients,
)
from engine.model.kinds import CONG_VAN, get_kind, list_kinds
from engine.model.organisation import SYSTEM, AgencyId, PersonId, UnitId, Validity
from engine.permissions import PERMISSION_MAP, Permission, Subject, check_permitted

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PERSON = PersonId("p1")


def a_document() -> Document:
    return Document(
        id=DocumentId("d"),
        agency_id=AgencyId("snv"),
        unit_id=UnitId("snv.cchc"),
        drafter_id=PERSON,
        content=DraftContent(kind=CONG_VAN),
        status=DocumentStatus.DRAFT,
        created_at=NOW,
        updated_at=NOW,
    )


def a_delivery() -> Delivery:
    return Delivery(
        id=DeliveryId("v"),
        document_id=DocumentId("d"),
        sender_id=AgencyId("snv"),
        recipient_id=AgencyId("stc"),
        digest=Digest("0" * 64),
        status=DeliveryStatus.QUEUED,
        sent_at=NOW,
        updated_at=NOW,
    )


def test_list_kinds_has_the_29_kinds_and_keeps_case() -> None:
    kinds = list_kinds()
    assert len(kinds) == 29
    assert sum(kind.abbreviation is not None for kind in kinds.values()) == 27
    assert get_kind("quy_dinh").abbreviation == "QyĐ"
    assert get_kind("cong_van").abbreviation is None


def test_document_refuses_a_revision_after_the_seal() -> None:
    document = a_document()
    document.add_revision(Stage.SEALED, Digest("a"), size_bytes=1, by=PERSON, at=NOW)
    assert document.original_digest() == "a"
    with pytest.raises(ConflictError):
        document.add_revision(Stage.NUMBERED, Digest("b"), size_bytes=1, by=PERSON, at=NOW)


def test_document_without_revision_has_no_pdf() -> None:
    with pytest.raises(ConflictError):
        a_document().current_revision()


@pytest.mark.parametrize(
    ("steps", "allowed"),
    [
        ("01 03 04 05 06", True),
        ("01 03 04 06", True),
        ("01 02", True),
        ("03", False),
        ("01 04", False),
        ("01 02 03", False),
        ("01 03 02", False),
        ("01 03 01", False),
    ],
)
def test_delivery_answers_only_grow(steps: str, *, allowed: bool) -> None:
    delivery = a_delivery()

    def walk() -> None:
        for step in steps.split():
            delivery.answer(DeliveryStatus(step), actor_id=PERSON, actor_name="A", at=NOW)

    if allowed:
        walk()
        assert len(delivery.messages) == len(steps.split())
    else:
        with pytest.raises(ConflictError):
            walk()


def test_delivery_answer_twice_leaves_one_message() -> None:
    delivery = a_delivery()
    answer = {"actor_id": PERSON, "actor_name": "A", "at": NOW}
    assert delivery.answer(DeliveryStatus.ARRIVED, **answer)  # type: ignore[arg-type]
    assert not delivery.answer(DeliveryStatus.ARRIVED, **answer)  # type: ignore[arg-type]
    assert len(delivery.messages) == 1


def test_validity_includes_both_ends() -> None:
    period = Validity(since=date(2015, 1, 1), until=date(2015, 12, 31))
    assert period.covers(date(2015, 1, 1))
    assert period.covers(date(2015, 12, 31))
    assert not period.covers(date(2014, 12, 31))
    assert not period.covers(date(2016, 1, 1))
    assert Validity(since=date(2015, 1, 1)).covers(date(2099, 1, 1))


def test_group_recipients_names_whole_groups_and_writes_out_the_rest() -> None:
    a, b, c, d, e = (AgencyId(x) for x in "abcde")
    labels, left = group_recipients(
        (a, b, c, d), [("nhóm lớn", frozenset({a, b, c})), ("nhóm nhỏ", frozenset({d, e}))]
    )
    assert labels == ["nhóm lớn"]
    assert left == [d]


def test_leaf_digest_is_the_merkle_leaf_hash_of_canonical_json() -> None:
    leaf = canonical_leaf(
        event=AuditEvent.DOCUMENT_SIGN,
        subject="document:d",
        group="d",
        actor_id="p1",
        actor_name="Nguyễn Văn A",
        at=NOW + timedelta(microseconds=1),
        details={"b": "Đ", "a": "1"},
        previous="",
    )
    assert (
        leaf
        == (
            '{"actor":"p1","actor_name":"Nguyễn Văn A","at":"2026-11-23T02:00:00.000001+00:00",'
            '"details":{"a":"1","b":"Đ"},'
            '"event":"document.signing.complete","group":"d","previous":"","subject":"document:d"}'
        ).encode()
    )
    assert len(leaf_digest(leaf)) == 64


def test_every_permission_has_a_predicate_and_the_default_is_no() -> None:
    assert set(PERMISSION_MAP) == set(Permission)
    with pytest.raises(NotPermittedError) as caught:
        check_permitted(Permission.DOCUMENT_VIEW, SYSTEM, Subject(agency_id=AgencyId("snv")))
    assert caught.value.params["predicate"] == "serves_agency_or_recipient"
