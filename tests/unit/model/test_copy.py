"""Rules of attachments and certified copies that no page and no table can bend."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.attachment import (
    MAX_ATTACHMENTS,
    MAX_TOTAL_BYTES,
    Attachment,
    AttachmentId,
    AttachmentKind,
    check_room,
)
from engine.model.copy import (
    SEALING_LIFETIME,
    CertifiedCopy,
    CertifiedFile,
    CopyForm,
    CopyId,
    CopySealing,
    CopyStatus,
    PaperOriginal,
    Scan,
)
from engine.model.document import Digest, DocumentId, PlacedSignature
from engine.model.organisation import AgencyId, PersonId

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
SIGNATURE = PlacedSignature(field="dau_chu", certificate_id="1f", cms_sha256="ab", made_at=AT)
FILE = CertifiedFile(digest=Digest("d2"), size_bytes=9, signature=SIGNATURE)


def an_attachment() -> Attachment:
    return Attachment(
        id=AttachmentId("a"),
        document_id=DocumentId("d"),
        position=1,
        title="Phụ lục",
        kind=AttachmentKind.ENCLOSURE,
        digest=Digest("d1"),
        size_bytes=5,
        page_count=1,
        added_at=AT,
        added_by=PersonId("p"),
    )


def a_copy() -> CertifiedCopy:
    return CertifiedCopy(
        id=CopyId("c"),
        agency_id=AgencyId("snv"),
        unit_id=None,
        requester_id=PersonId("p"),
        form=CopyForm.TRUE_COPY,
        original=PaperOriginal(
            kind="Quyết định",
            symbol="1/QĐ",
            dated_on=date(2026, 1, 2),
            issuer="UBND",
            subject="s",
        ),
        pages="",
        scan=Scan(digest=Digest("d1"), size_bytes=5, page_count=1),
        status=CopyStatus.APPROVED,
        created_at=AT,
        updated_at=AT,
        sealing=CopySealing(nonce="n", certificate_id="1f", actor_id=PersonId("k"), begun_at=AT),
    )


def test_attachment_goes_out_once() -> None:
    sealed = an_attachment().sealed(Digest("d2"), size_bytes=9, signature=SIGNATURE)

    assert (sealed.current_digest, sealed.current_size_bytes) == ("d2", 9)
    with pytest.raises(ConflictError):
        sealed.sealed(Digest("d3"), size_bytes=9, signature=SIGNATURE)


def test_room_ends_at_twenty_files() -> None:
    check_room([an_attachment()] * (MAX_ATTACHMENTS - 1), 1)

    with pytest.raises(InvalidInputError) as refused:
        check_room([an_attachment()] * MAX_ATTACHMENTS, 1)

    assert refused.value.code is ErrorCode.ATTACHMENT_LIMIT


def test_room_ends_at_a_hundred_mebibytes_together() -> None:
    large = replace(an_attachment(), size_bytes=MAX_TOTAL_BYTES - 10)
    check_room([large], 10)

    with pytest.raises(InvalidInputError) as refused:
        check_room([large], 11)

    assert refused.value.code is ErrorCode.ATTACHMENT_ROOM
    assert refused.value.params["max_mib"] == "100"


def test_copy_is_certified_by_who_undertook_it() -> None:
    copy = a_copy()

    copy.certify(FILE, "n", AT)

    assert (copy.status, copy.current_digest, copy.sealing) == (
        CopyStatus.CERTIFIED,
        FILE.digest,
        None,
    )


@pytest.mark.parametrize("sealing", [None, replace(a_copy().sealing, nonce="other")])  # type: ignore[type-var]
def test_copy_is_not_certified_when_the_undertaking_was_taken_over(
    sealing: CopySealing | None,
) -> None:
    copy = a_copy()
    copy.sealing = sealing

    with pytest.raises(ConflictError):
        copy.certify(FILE, "n", AT)

    assert copy.file is None


def test_copy_is_not_certified_before_it_is_approved() -> None:
    copy = a_copy()
    copy.move(CopyStatus.RETURNED, AT, reason="thiếu trang")

    with pytest.raises(ConflictError):
        copy.certify(FILE, "n", AT)

    assert copy.reason == "thiếu trang"


def test_undertaking_ends_by_itself_after_five_minutes() -> None:
    sealing = a_copy().sealing

    assert sealing is not None
    assert sealing.is_underway(AT + SEALING_LIFETIME)
    assert not sealing.is_underway(AT + SEALING_LIFETIME + timedelta(seconds=1))
