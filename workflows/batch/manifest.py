"""Sign the list of a ceremony, before any document on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.errors import ErrorCode, SignerUnavailableError
from engine.model.batch import Batch, BatchItem, ItemState, short_name
from engine.model.document import Digest
from engine.model.kinds import get_kind
from engine.model.organisation import Actor
from engine.ports import ObjectStore, Stamps
from engine.ports_batch import Manifest, ManifestLayout, ManifestRow
from engine.ports_keys import OpenKey
from engine.ports_pdf import PdfSigner, SignatureAct
from engine.ports_signing import (
    IssuedCertificate,
    SignatureField,
    Verifier,
)
from engine.undertaking import check_signed

REASON = "Ký bảng kê của đợt ký số"


@dataclass(frozen=True, kw_only=True)
class ManifestWriter:
    """Lay out, sign, verify and store lists."""

    layout: ManifestLayout
    stamps: Stamps
    signer: PdfSigner
    verifier: Verifier
    originals: ObjectStore

    def sign(
        self,
        manifest: Manifest,
        *,
        certificate: IssuedCertificate,
        key: OpenKey,
    ) -> Digest:
        """Return the digest of the signed list, which is stored.

        Raises:
            CertificateRejectedError: the certificate may not sign now.
            SignerUnavailableError: no key, or no time-stamp: a ceremony does not begin so.
            SigningError: what was just made does not verify; it is not stored.
        """
        rendered = self.layout.render(manifest)
        prepared = self.signer.place(rendered.pdf, SignatureField.MANIFEST, rendered.signature)
        act = SignatureAct(
            field=SignatureField.MANIFEST,
            certificate=certificate,
            appearance=self.stamps.signature(manifest.signer_name),
            reason=REASON,
            at=manifest.at,
        )
        signed = self.signer.sign(prepared, act, key)
        if not signed.is_stamped:
            raise SignerUnavailableError(
                "the list has no time-stamp", code=ErrorCode.TIMESTAMP_UNAVAILABLE
            )
        check_signed(
            signed.content,
            certificate.id,
            signer=self.signer,
            verifier=self.verifier,
            now=manifest.at,
        )
        return self.originals.add(signed.content)


def compose_manifest(
    batch: Batch, items: Sequence[BatchItem], *, actor: Actor, agency_name: str, at: datetime
) -> Manifest:
    """Return what the list of a batch says: every item that is to be signed."""
    title = next((post.title for post in actor.posts if post.agency_id == batch.agency_id), "")
    return Manifest(
        number=short_name(batch.id),
        agency_name=agency_name,
        signer_name=actor.full_name,
        signer_title=title,
        serial=batch.certificate_id,
        merkle_root=batch.merkle_root,
        at=at,
        rows=tuple(_row(item) for item in items if item.state is not ItemState.SKIPPED),
    )


def _row(item: BatchItem) -> ManifestRow:
    return ManifestRow(
        position=item.position,
        kind=get_kind(item.kind).name,
        subject=item.subject,
        unit_name=item.unit_name,
        drafter_name=item.drafter_name,
        page_count=item.page_count,
        digest=item.digest,
    )
