"""Begin and keep the two signatures of a document, whatever key makes them and however.

Signing by PIN, with a token at the client, in a batch, or after a time-stamp came late: each
undertakes here first, and each result is verified, stored and recorded here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from engine.clock import Clock, local
from engine.composition import get_printed_authority
from engine.errors import ErrorCode, NotPermittedError
from engine.model.document import Digest, Document, DocumentStatus, Stage
from engine.model.organisation import Actor
from engine.model.outage import Service
from engine.model.signing_intent import TIMESTAMP_GRACE, SigningIntent
from engine.originals import OriginalReader
from engine.outages import check_stamps_come, note_answer
from engine.ports import ObjectStore, Stamps, StartWork, UnitOfWork
from engine.ports_pdf import PdfSigner, SignatureAct, SignedPdf
from engine.ports_signing import HolderKind, SignatureField, Verifier
from engine.presence import with_posts_today
from engine.process.model import TaskId
from engine.undertaking import (
    STAGES,
    VoidOnError,
    begin_signing,
    check_not_stopped,
    check_signed,
    complete_signing,
    get_certificate,
    park_signing,
    store_signed,
)
from workflows.outgoing.enclosures import Enclosures, record_sealed
from workflows.outgoing.number_document import get_bound_entry
from workflows.outgoing.stages import document_of


@dataclass(frozen=True, kw_only=True)
class Signable:
    """Hold one file that a key must sign.

    Args:
        title: how the file is called when a person is asked for the signature.
    """

    title: str
    content: bytes
    act: SignatureAct


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Hold what became of a signature.

    Args:
        digest: of the new revision, or of the parked file while the time-stamp is awaited.
        stage: whether it was signed or sealed.
        awaits_stamp: nothing is recorded yet but the signature itself; a job goes on.
    """

    digest: Digest
    stage: Stage
    awaits_stamp: bool = False


#: What else is written in the transaction that records a signature.
Also = Callable[[UnitOfWork, Kept], None]
#: What else is written in the transaction that records the undertaking.
AlsoBegun = Callable[[UnitOfWork, SigningIntent], None]


@dataclass(frozen=True, kw_only=True)
class Undertaken:
    """Hold what was found and undertaken before a key is asked."""

    document: Document
    intent: SigningIntent
    act: SignatureAct

    @property
    def task_id(self) -> TaskId:
        """Return the task that the signature completes."""
        return TaskId(self.intent.task_id)


@dataclass(frozen=True, kw_only=True)
class Ceremonies:
    """Undertake signatures and keep them; between the two, no transaction is open.

    Args:
        stamp_grace: how long a signature may wait for its time-stamp.
    """

    start_work: StartWork
    read_original: OriginalReader
    originals: ObjectStore
    signer: PdfSigner
    verifier: Verifier
    stamps: Stamps
    enclosures: Enclosures
    clock: Clock
    stamp_grace: timedelta = TIMESTAMP_GRACE

    def begin(
        self, stage: Stage, task_id: TaskId, actor: Actor, *, also: AlsoBegun | None = None
    ) -> Undertaken:
        """Check that `actor` may make the signature of `stage` now, and record the undertaking.

        Args:
            also: called in the recording transaction, before its commit.

        Raises:
            NotPermittedError: not this person's task, or no authority for this kind today.
            CertificateRejectedError: the holder has no certificate.
            ConflictError: the task is closed, signing is under way, or what the document says
                of the signatory or its number no longer holds.
            SignerUnavailableError: code TIMESTAMP_GRACE_OVER; no time-stamps for too long.
        """
        now = self.clock.now()
        with self.start_work() as work:
            check_stamps_come(work, now, self.stamp_grace)
            serving = with_posts_today(work.organisation, actor, now)
            undertaken = _STEPS[stage].undertake(work, task_id, serving, now, self.stamps)
            if also is not None:
                also(work, undertaken.intent)
            work.commit()
        return undertaken

    def or_void(self, undertaken: Undertaken, actor: Actor) -> VoidOnError:
        """Return a block that voids the undertaking when it fails."""
        return VoidOnError(
            start_work=self.start_work, clock=self.clock, intent=undertaken.intent, actor=actor
        )

    def list_signable(self, undertaken: Undertaken, actor: Actor) -> tuple[Signable, ...]:
        """Return the files the key must sign, the document itself first.

        Raises:
            DigestMismatchError: the stored bytes were changed.
        """
        document, intent = undertaken.document, undertaken.intent
        content = self.read_original(intent.digest, document.id, actor)
        files = [Signable(title=document.content.subject, content=content, act=undertaken.act)]
        if intent.stage is Stage.SEALED:
            # The agency's key signs what goes out with the document in the same act.
            files += [
                Signable(title=title, content=marked, act=act)
                for title, marked, act in self.enclosures.list_files(
                    document, undertaken.act, actor
                )
            ]
        return tuple(files)

    def keep(
        self,
        undertaken: Undertaken,
        signed: Sequence[SignedPdf],
        actor: Actor,
        *,
        also: Also | None = None,
    ) -> Kept:
        """Verify and store what was signed, record it and move the process on.

        What has no time-stamp yet is parked: verified but for that, stored, and on record as
        waiting; a job goes on when the time-stamp comes.

        Args:
            signed: one for each of `list_signable`, in its order.
            also: called in the recording transaction, before its commit.

        Raises:
            SigningError: what was just made does not verify.
            CertificateRejectedError: the certificate was revoked or suspended meanwhile.
            ConflictError: the undertaking was voided meanwhile, or the task is closed.
        """
        if not all(each.is_stamped for each in signed):
            return self._park(undertaken, signed, actor, also)
        return self._record(undertaken.document, undertaken.intent, signed, actor, also)

    def stamp_parked(self, intent: SigningIntent, actor: Actor) -> Kept:
        """Have what waits time-stamped, then record it as `keep` would have.

        A crash between the two is harmless: only a time-stamp is asked for again.

        Args:
            actor: who signed.

        Raises:
            SignerUnavailableError: code TIMESTAMP_UNAVAILABLE; it goes on waiting.
            NotPermittedError: the task is no longer this person's.
            SigningError: what was signed does not verify any more.
            ConflictError: it waited too long, or somebody recorded it meanwhile.
        """
        with self.start_work() as work:
            document = work.documents.get(intent.document_id)
        parked = [self.read_original(each, document.id, actor) for each in intent.parked]
        signed = [SignedPdf(content=self.signer.stamp(pdf), is_stamped=True) for pdf in parked]
        return self._record(document, intent, signed, actor, None)

    def _park(
        self, undertaken: Undertaken, signed: Sequence[SignedPdf], actor: Actor, also: Also | None
    ) -> Kept:
        """Store what was signed until its time-stamp comes; nothing is signed again for it."""
        intent, document = undertaken.intent, undertaken.document
        check_signed(
            signed[0].content,
            intent.certificate_id,
            document.signatures,
            stage=STAGES[intent.stage],
            signer=self.signer,
            verifier=self.verifier,
            now=self.clock.now(),
        )
        parked = [self.originals.add(each.content) for each in signed]
        now = self.clock.now()
        use_case = _STEPS[intent.stage].use_case
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            work.processes.check_may_complete(undertaken.task_id, serving, use_case=use_case)
            check_not_stopped(work, intent.certificate_id)
            park_signing(
                work, document, intent, parked, actor=actor, now=now, grace=self.stamp_grace
            )
            note_answer(work, Service.TIMESTAMP, now, answers=False)
            work.jobs.enqueue("complete_stamps", f"complete_stamps:{intent.id}", {})
            kept = Kept(digest=parked[0], stage=intent.stage, awaits_stamp=True)
            if also is not None:
                also(work, kept)
            work.commit()
        return kept

    def _record(
        self,
        before: Document,
        intent: SigningIntent,
        signed: Sequence[SignedPdf],
        actor: Actor,
        also: Also | None,
    ) -> Kept:
        revision = store_signed(
            signed[0].content,
            intent,
            before.signatures,
            signer=self.signer,
            verifier=self.verifier,
            originals=self.originals,
            now=self.clock.now(),
        )
        sealed = (
            self.enclosures.store(before, intent.certificate_id, signed[1:])
            if intent.stage is Stage.SEALED
            else ()
        )
        now = self.clock.now()
        step = _STEPS[intent.stage]
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            # It may have been stopped while the signature was made, and the lists not yet say so.
            check_not_stopped(work, intent.certificate_id)
            work.processes.complete(
                TaskId(intent.task_id),
                serving,
                use_case=step.use_case,
                now=now,
                outcome=intent.stage,
                writes=step.writes,
            )
            document = work.documents.get(intent.document_id)
            document.check_status(step.waits_in)
            if intent.stage is Stage.SIGNED:
                # The post may have ended, or its authority, while the signature was made.
                get_printed_authority(work.organisation, document, local(now).date())
            complete_signing(work, document, intent, revision, actor=actor, now=now)
            document.move(step.leads_to, now)
            work.documents.save(document)
            step.conclude(work, document)
            record_sealed(work, document, sealed, actor=actor, now=now)
            kept = Kept(digest=revision.digest, stage=intent.stage)
            if also is not None:
                also(work, kept)
            work.commit()
        return kept


class _Step(Protocol):
    """Say what is particular to one of the signatures."""

    use_case: str
    waits_in: DocumentStatus
    leads_to: DocumentStatus
    writes: Mapping[str, bool]

    def undertake(
        self, work: UnitOfWork, task_id: TaskId, actor: Actor, now: datetime, stamps: Stamps
    ) -> Undertaken: ...
    def conclude(self, work: UnitOfWork, document: Document) -> None: ...


class _LeaderStep:
    """The signatory approves a document: a certification signature.

    Source: Decree 30/2020/NĐ-CP, Art. 13; ETSI EN 319 142-1, clause 6.
    """

    use_case = "sign_document"
    waits_in = DocumentStatus.AWAITING_SIGNATURE
    leads_to = DocumentStatus.SIGNED
    writes: Mapping[str, bool] = {"signed": True}

    def undertake(
        self, work: UnitOfWork, task_id: TaskId, actor: Actor, now: datetime, stamps: Stamps
    ) -> Undertaken:
        task = work.processes.check_may_complete(task_id, actor, use_case=self.use_case)
        document = document_of(work, task)
        document.check_status(self.waits_in)
        _check_signatory(work, document, actor)
        authority = get_printed_authority(work.organisation, document, local(now).date())
        certificate = get_certificate(work, HolderKind.PERSON, actor.person_id, now)
        intent = begin_signing(
            work,
            document,
            stage=Stage.SIGNED,
            certificate=certificate,
            actor=actor,
            now=now,
            task_id=task_id,
        )
        act = SignatureAct(
            field=SignatureField.LEADER,
            certificate=certificate,
            appearance=stamps.signature(actor.full_name),
            reason=" ".join(authority.lines),
            at=intent.begun_at,
        )
        return Undertaken(document=document, intent=intent, act=act)

    def conclude(self, work: UnitOfWork, document: Document) -> None:
        """Leave the register alone: the number comes next."""


class _SealStep:
    """The clerk seals for the agency: the last signature, which issues the document.

    Source: Decree 30/2020/NĐ-CP, Art. 14 and 33; ETSI EN 319 142-1, clause 6.
    """

    use_case = "seal_document"
    waits_in = DocumentStatus.NUMBERED
    leads_to = DocumentStatus.SEALED
    writes: Mapping[str, bool] = {}

    def undertake(
        self, work: UnitOfWork, task_id: TaskId, actor: Actor, now: datetime, stamps: Stamps
    ) -> Undertaken:
        task = work.processes.check_may_complete(task_id, actor, use_case=self.use_case)
        document = document_of(work, task)
        document.check_status(self.waits_in)
        get_bound_entry(work, document)
        agency = work.organisation.get_agency(document.agency_id)
        certificate = get_certificate(work, HolderKind.AGENCY, agency.id, now)
        intent = begin_signing(
            work,
            document,
            stage=Stage.SEALED,
            certificate=certificate,
            actor=actor,
            now=now,
            task_id=task_id,
        )
        act = SignatureAct(
            field=SignatureField.SEAL,
            certificate=certificate,
            appearance=stamps.seal(agency),
            reason=agency.name,
            at=intent.begun_at,
        )
        return Undertaken(document=document, intent=intent, act=act)

    def conclude(self, work: UnitOfWork, document: Document) -> None:
        """Say in the register that the number went out."""
        work.registers.save(get_bound_entry(work, document).issued())


_STEPS: Mapping[Stage, _Step] = {Stage.SIGNED: _LeaderStep(), Stage.SEALED: _SealStep()}


def _check_signatory(work: UnitOfWork, document: Document, actor: Actor) -> None:
    """Check that the person whose name the document bears signs it.

    Raises:
        NotPermittedError: somebody else has the task; the name is under the text already. Who
            stands in for the signatory is told to sign in their own name (ký thay).
    """
    if document.content.signatory_id != actor.person_id:
        if work.deputies.find(actor.person_id) is not None:
            raise NotPermittedError(
                f"{actor.person_id} stands in for the signatory of {document.id}",
                code=ErrorCode.DEPUTY_SIGNS_AS_SELF,
                predicate="is_the_signatory",
            )
        raise NotPermittedError(
            f"{actor.person_id} is not the signatory of {document.id}",
            code=ErrorCode.TASK_NOT_YOURS,
            predicate="is_the_signatory",
        )
