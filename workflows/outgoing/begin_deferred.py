"""Begin a signature that a token at the official's own computer will make."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.clock import Clock
from engine.errors import CertificateRejectedError, ErrorCode
from engine.model.document import DocumentId, Stage
from engine.model.keys import KeyHome
from engine.model.organisation import Actor
from engine.model.parking import ParkedItem, ParkedSignature, new_nonce, nonce_digest
from engine.ports import ObjectStore, StartWork
from engine.ports_pdf import PdfSigner, PreparedSignature
from engine.ports_signing import IssuedCertificate
from engine.process.model import TaskId
from engine.undertaking import void_undertaking
from workflows.outgoing.ceremonies import Ceremonies, Signable, Undertaken


@dataclass(frozen=True, kw_only=True)
class DeferredItem:
    """Hold what a token is asked to sign of one file.

    Args:
        digest: SHA-256 of the prepared file but for the signature's value, hex; the attributes
            hold the same, so that whoever signs can read what they sign.
        attributes: signed attributes, DER of their SET OF.
    """

    title: str
    digest: str
    attributes: bytes


@dataclass(frozen=True, kw_only=True)
class Deferred:
    """Hold what the page of the person who signs is given.

    Args:
        nonce: 256 bits, hex; whoever comes back must have it, and it is stored nowhere here.
    """

    id: str
    nonce: str
    expires_at: datetime
    certificate: IssuedCertificate
    items: tuple[DeferredItem, ...]


@dataclass(frozen=True, kw_only=True)
class BeginDeferred:
    """Use case: a person prepares a signature for the token in their own computer."""

    start_work: StartWork
    ceremonies: Ceremonies
    signer: PdfSigner
    originals: ObjectStore
    clock: Clock

    def __call__(
        self, document_id: DocumentId, stage: Stage, task_id: TaskId, actor: Actor
    ) -> Deferred:
        """Undertake to sign the document behind `task_id`, and park what must be signed.

        What the same person began before on this document and did not finish is given up.

        Args:
            stage: `SIGNED` by the leader, or `SEALED` by the clerk.

        Raises:
            NotPermittedError: not this person's task, or no authority for this kind today.
            CertificateRejectedError: missing, expired or revoked certificate; code
                SIGNER_NOT_AT_CLIENT when its key is not at the person's computer.
            ConflictError: the task is closed, or somebody else is signing.

        Source: ETSI EN 319 142-1, clause 6; threat P8.
        """
        self._give_up_earlier(document_id, actor)
        undertaken = self.ceremonies.begin(stage, task_id, actor)
        # No transaction is open while the files are prepared.
        with self.ceremonies.or_void(undertaken, actor):
            _check_at_client(undertaken.act.certificate)
            files = self.ceremonies.list_signable(undertaken, actor)
            prepared = [self.signer.begin(each.content, each.act) for each in files]
            return self._park(undertaken, files, prepared)

    def _give_up_earlier(self, document_id: DocumentId, actor: Actor) -> None:
        """Void what a page that was closed or reloaded has left open."""
        now = self.clock.now()
        with self.start_work() as work:
            parked = work.parking.find_waiting(document_id, actor.person_id)
            if parked is None:
                return
            work.parking.take(parked.id, now)
            intent = work.intents.get(parked.intent_id)
            void_undertaking(work, intent, reason=ErrorCode.PARKED_RESTARTED, actor=actor, now=now)
            work.commit()

    def _park(
        self,
        undertaken: Undertaken,
        files: Sequence[Signable],
        prepared: Sequence[PreparedSignature],
    ) -> Deferred:
        intent, nonce = undertaken.intent, new_nonce()
        # Objects before rows: the row names files that are there.
        items = tuple(
            ParkedItem(
                title=each.title,
                field=each.act.field,
                reason=each.act.reason,
                prepared=self.originals.add(ready.pdf),
                attributes=ready.attributes,
                value_start=ready.value_start,
                value_end=ready.value_end,
            )
            for each, ready in zip(files, prepared, strict=True)
        )
        parked = ParkedSignature(
            id=secrets.token_hex(16),
            nonce_digest=nonce_digest(nonce),
            intent_id=intent.id,
            document_id=intent.document_id,
            person_id=intent.actor_id,
            digest=intent.digest,
            begun_at=intent.begun_at,
            expires_at=intent.expires_at,
            items=items,
        )
        with self.start_work() as work:
            work.parking.add(parked)
            work.commit()
        return Deferred(
            id=parked.id,
            nonce=nonce,
            expires_at=parked.expires_at,
            certificate=undertaken.act.certificate,
            items=tuple(
                DeferredItem(
                    title=each.title, digest=_signed_digest(ready), attributes=ready.attributes
                )
                for each, ready in zip(files, prepared, strict=True)
            ),
        )


def _check_at_client(certificate: IssuedCertificate) -> None:
    if certificate.key_home is not KeyHome.CLIENT:
        raise CertificateRejectedError(
            f"the key of {certificate.id} is {certificate.key_home}",
            code=ErrorCode.SIGNER_NOT_AT_CLIENT,
        )


def _signed_digest(prepared: PreparedSignature) -> str:
    """Return the SHA-256 of everything around the place of the value.

    Source: ISO 32000-1, clause 12.8.1 (byte range).
    """
    whole = memoryview(prepared.pdf)
    digest = hashlib.sha256(whole[: prepared.value_start])
    digest.update(whole[prepared.value_end :])
    return digest.hexdigest()
