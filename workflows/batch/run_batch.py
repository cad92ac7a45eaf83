"""Run a batch: one PIN, the list signed first, then every document on it."""

import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode
from engine.model.batch import (
    OPEN_ITEMS,
    Batch,
    BatchId,
    BatchItem,
    BatchOutcome,
    BatchState,
    ItemState,
    root_of,
)
from engine.model.organisation import Actor
from engine.permissions import Permission, Subject, check_permitted
from engine.pin_guard import PinGuard
from engine.ports import Progress, StartWork, UnitOfWork
from engine.ports_pdf import PdfSigner
from engine.ports_signing import HolderKind, IssuedCertificate
from engine.undertaking import get_certificate
from workflows.batch.manifest import ManifestWriter, compose_manifest
from workflows.batch.recovery import pause_dead, record_batch, recovered
from workflows.batch.running import BatchRun
from workflows.batch.weeding import weeded
from workflows.outgoing.ceremonies import Ceremonies


@dataclass(frozen=True, kw_only=True)
class RunBatch:
    """Use case: the signatory gives one PIN and the listed documents are signed."""

    start_work: StartWork
    clock: Clock
    ceremonies: Ceremonies
    pins: PinGuard
    signer: PdfSigner
    manifests: ManifestWriter

    def __call__(
        self,
        batch_id: BatchId,
        actor: Actor,
        pin: str,
        *,
        retry_failed: bool = False,
        progress: Progress | None = None,
    ) -> BatchOutcome:
        """Sign what is left of a batch and wait for its end; see `start`."""
        with self.start(batch_id, actor, pin, retry_failed=retry_failed) as run:
            return run.sign_all(progress)

    def start(
        self, batch_id: BatchId, actor: Actor, pin: str, *, retry_failed: bool = False
    ) -> BatchRun:
        """Open the key, take hold of the batch and sign its list unless that is done.

        A batch that was paused or cut off goes on where it stopped. What cannot be signed any
        more is skipped with its reason first; should nothing be left, the batch has ended.

        Args:
            pin: of the actor's key; passed through, never kept.
            retry_failed: take up the failed items that may pass this time as well.

        Returns:
            The run, whose `sign_all` does the rest in whatever thread; close it.

        Raises:
            NotPermittedError: not this person's batch.
            PinRejectedError: wrong PIN, or locked.
            CertificateRejectedError: missing, expired or revoked certificate.
            SignerUnavailableError: no key, or no time-stamp for the list.
            ConflictError: code BATCH_RUNNING, BATCH_FINISHED, BATCH_NOTHING_LEFT or
                BATCH_CERTIFICATE_CHANGED.
        """
        certificate = self._check(batch_id, actor, retry_failed=retry_failed)
        with ExitStack() as undo:
            key = undo.enter_context(self.pins.open(certificate, pin, actor))
            batch, items = self._take(batch_id, actor, retry_failed=retry_failed)
            run = BatchRun(
                start_work=self.start_work,
                clock=self.clock,
                ceremonies=self.ceremonies,
                signer=self.signer,
                batch=batch,
                actor=actor,
                key=key,
            )
            undo.push(run)
            run.heartbeat.start()
            run.batch = self._begin(run, items, certificate)
            undo.pop_all()
        return run

    def _check(self, batch_id: BatchId, actor: Actor, *, retry_failed: bool) -> IssuedCertificate:
        """Return the certificate that was shown, if it still is the actor's."""
        now = self.clock.now()
        with self.start_work() as work:
            batch = work.batches.get(batch_id)
            check_permitted(Permission.BATCH_SIGN, actor, Subject(person_id=batch.person_id))
            _check_work_left(work, batch, retry_failed=retry_failed)
            batch.check_startable(now)
            current = get_certificate(work, HolderKind.PERSON, actor.person_id, now)
        if current.id != batch.certificate_id:
            raise ConflictError(
                f"batch {batch.id}: certificate is {current.id}",
                code=ErrorCode.BATCH_CERTIFICATE_CHANGED,
            )
        return current

    def _take(
        self, batch_id: BatchId, actor: Actor, *, retry_failed: bool
    ) -> tuple[Batch, Sequence[BatchItem]]:
        """Take hold of the batch; what a dead run left behind is cleared up first.

        Raises:
            ConflictError: nothing is left to sign, and the batch has ended.
        """
        now = self.clock.now()
        with self.start_work() as work:
            batch = work.batches.get(batch_id)
            batch.check_startable(now)
            _release_other(work, batch, now)
            items = recovered(work, batch, now)
            if retry_failed:
                items = [_retried(work, batch_id, item) for item in items]
            items = weeded(work, batch, items, actor, now)
            held = _held(batch, items, now)
            work.batches.save(held)
            if held.state is BatchState.FINISHED:
                record_batch(work, AuditEvent.BATCH_COMPLETE, held, items, actor=actor, now=now)
            work.commit()
        if held.state is BatchState.FINISHED:
            raise ConflictError(
                f"batch {batch_id} has nothing left", code=ErrorCode.BATCH_NOTHING_LEFT
            )
        return held, items

    def _begin(
        self, run: BatchRun, items: Sequence[BatchItem], certificate: IssuedCertificate
    ) -> Batch:
        """Sign the list unless it is signed, and put the beginning of the run on record."""
        batch, now = run.batch, self.clock.now()
        if not batch.manifest:
            with self.start_work() as work:
                agency = work.organisation.get_agency(batch.agency_id)
            manifest = compose_manifest(
                batch, items, actor=run.actor, agency_name=agency.name, at=now
            )
            # No transaction is open while the key works.
            digest = self.manifests.sign(manifest, certificate=certificate, key=run.key)
            batch = replace(batch, manifest=digest)
        with self.start_work() as work:
            batch = batch.held(batch.lease_id, self.clock.now())
            work.batches.renew(batch.id, batch.lease_id, self.clock.now())
            work.batches.save(batch)
            record_batch(work, AuditEvent.BATCH_BEGIN, batch, items, actor=run.actor, now=now)
            work.commit()
        return batch


def _held(batch: Batch, items: Sequence[BatchItem], now: datetime) -> Batch:
    """Return the batch as a new run holds it, or as finished if its list would be empty."""
    left = [item for item in items if item.state in OPEN_ITEMS]
    if not batch.manifest and not left:
        return batch.ended(items, now)
    held = batch.held(secrets.token_hex(16), now)
    # What is signed is the list as it is now; once signed, it stays.
    return held if batch.manifest else replace(held, merkle_root=root_of(left))


def _check_work_left(work: UnitOfWork, batch: Batch, *, retry_failed: bool) -> None:
    """Check that a finished batch has items that may pass when tried again.

    Raises:
        ConflictError: code BATCH_FINISHED.
    """
    if batch.state is not BatchState.FINISHED:
        return
    items = work.batches.list_items(batch.id)
    if not retry_failed or not any(item.can_be_retried for item in items):
        raise ConflictError(f"batch {batch.id} is finished", code=ErrorCode.BATCH_FINISHED)


def _release_other(work: UnitOfWork, batch: Batch, now: datetime) -> None:
    """Pause the person's other batch if its run is dead.

    Raises:
        ConflictError: code BATCH_RUNNING; it is alive.
    """
    other = work.batches.find_running(batch.person_id)
    if other is None or other.id == batch.id:
        return
    if other.is_alive(now):
        raise ConflictError(f"batch {other.id} is running", code=ErrorCode.BATCH_RUNNING)
    pause_dead(work, other, now)


def _retried(work: UnitOfWork, batch_id: BatchId, item: BatchItem) -> BatchItem:
    if not item.can_be_retried:
        return item
    waiting = replace(item, state=ItemState.WAITING)
    work.batches.save_item(batch_id, waiting, was=ItemState.FAILED)
    return waiting
