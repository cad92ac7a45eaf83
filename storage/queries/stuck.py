"""Read what waits for an administrator."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from engine.clock import local
from engine.errors import ErrorCode
from engine.model.batch import BatchState, short_name
from engine.model.certification import CERTIFICATE_PROCEDURE
from engine.model.delivery import DeliveryStatus
from engine.model.document import DocumentStatus
from engine.model.keys import HolderKind
from engine.model.notice import MailState
from engine.model.organisation import POWERS_OF_LEAVERS, Role
from engine.model.signing_intent import IntentState
from engine.queries import StuckRow
from storage.job_queue import list_lost
from storage.queries.notices import list_stuck_mails
from storage.tables import organisation
from storage.tables.batches import signing_batch
from storage.tables.certification import certificate_application
from storage.tables.documents import delivery, document, signing_intent
from storage.tables.processes import OPEN, failed_job, job_key, work_item

#: How long a recipient may leave a document unanswered before it is shown.
SILENCE = timedelta(hours=24)
#: Parts of a job's payload that may lead to a document.
_NAMES_A_DOCUMENT = frozenset({"business_key", "delivery_id"})
#: What waits for the signature or the seal that was given up.
_UNSIGNED = (DocumentStatus.AWAITING_SIGNATURE, DocumentStatus.NUMBERED)


def list_stuck(connection: sa.Connection, now: datetime) -> Sequence[StuckRow]:
    """Return what waits for an administrator; each sort oldest first."""
    return [
        *_list_stale_signings(connection, now),
        *_list_stampless(connection),
        *_list_failed_jobs(connection),
        *_list_silent(connection, now),
        *_list_batches(connection, now),
        *_list_abandoned(connection, now),
        *_list_of_leavers(connection, now),
        *_list_mails(connection),
    ]


def _list_stale_signings(connection: sa.Connection, now: datetime) -> list[StuckRow]:
    query = (
        sa.select(signing_intent)
        .where(signing_intent.c.state == IntentState.BEGUN, signing_intent.c.expires_at < now)
        .order_by(signing_intent.c.expires_at)
    )
    return [
        StuckRow(
            kind="signing",
            what=row.stage.value,
            reason="",
            since=row.begun_at,
            key=row.id,
            document_id=row.document_id,
            can_retry=False,
        )
        for row in connection.execute(query)
    ]


def _list_stampless(connection: sa.Connection) -> list[StuckRow]:
    """Return what is signed without a time-stamp, and what nobody has signed again since."""
    newer = signing_intent.alias("newer")
    signed_again = (
        sa.select(newer.c.id)
        .where(
            newer.c.document_id == signing_intent.c.document_id,
            newer.c.stage == signing_intent.c.stage,
            newer.c.begun_at > signing_intent.c.begun_at,
            newer.c.state != IntentState.VOIDED,
        )
        .exists()
    )
    given_up = sa.and_(
        signing_intent.c.state == IntentState.VOIDED,
        sa.cast(signing_intent.c.parked, sa.String) != "[]",
        document.c.status.in_(_UNSIGNED),
        sa.not_(signed_again),
    )
    query = (
        sa.select(signing_intent, document.c.subject)
        .join(document, document.c.id == signing_intent.c.document_id)
        .where(sa.or_(signing_intent.c.state == IntentState.AWAITING_STAMP, given_up))
        .order_by(signing_intent.c.begun_at, signing_intent.c.id)
    )
    return [
        StuckRow(
            kind="stamp",
            what=row.subject,
            reason=row.reason,
            since=row.begun_at,
            key=row.id,
            document_id=row.document_id,
            can_retry=False,
            until=row.expires_at if row.state is IntentState.AWAITING_STAMP else None,
        )
        for row in connection.execute(query)
    ]


def _list_failed_jobs(connection: sa.Connection) -> list[StuckRow]:
    query = (
        sa.select(failed_job, job_key.c.payload)
        .join(job_key, job_key.c.key == failed_job.c.key)
        .order_by(failed_job.c.at, failed_job.c.key)
    )
    failed = list(connection.execute(query))
    reasons = {row.key: (row.reason, row.at) for row in failed}
    jobs = [(row.key, row.name, row.payload) for row in failed]
    # Jobs the runner itself gave up, such as one that ended the process each time it ran.
    lost = {(job.key, job.round): job for job in list_lost(connection) if job.key not in reasons}
    known = sa.select(job_key).where(job_key.c.key.in_([key for key, _ in lost]))
    for row in connection.execute(known) if lost else ():
        job = lost.get((row.key, row.round))
        if job is not None:
            reasons[row.key] = (job.status, datetime.fromtimestamp(job.at_ms / 1000, UTC))
            jobs.append((row.key, row.name, row.payload))
    documents = _find_documents(connection, [payload for _, _, payload in jobs])
    return [
        StuckRow(
            kind="job",
            what=name,
            reason=reasons[key][0],
            since=reasons[key][1],
            key=key,
            document_id=_document_of(payload, documents),
            can_retry=True,
        )
        for key, name, payload in jobs
    ]


def _find_documents(
    connection: sa.Connection, payloads: Iterable[Mapping[str, str]]
) -> Mapping[str, str]:
    """Return the document of each delivery or process about a document that a job is about."""
    keys = {payload[name] for payload in payloads for name in _NAMES_A_DOCUMENT & payload.keys()}
    if not keys:
        return {}
    # A process may be about something else, such as an assignment: that names no document.
    query = sa.union_all(
        sa.select(delivery.c.id, delivery.c.document_id).where(delivery.c.id.in_(keys)),
        sa.select(document.c.id, document.c.id.label("document_id")).where(
            document.c.id.in_(keys)
        ),
    )
    return {row.id: row.document_id for row in connection.execute(query)}


def _document_of(payload: Mapping[str, str], documents: Mapping[str, str]) -> str:
    if "document_id" in payload:
        return payload["document_id"]
    named = (payload[name] for name in sorted(_NAMES_A_DOCUMENT & payload.keys()))
    return next((documents[key] for key in named if key in documents), "")


def _list_batches(connection: sa.Connection, now: datetime) -> list[StuckRow]:
    """Return batches that stopped in the middle; only their signers can go on with them."""
    is_dead = sa.and_(
        signing_batch.c.state == BatchState.RUNNING, signing_batch.c.lease_until < now
    )
    query = (
        sa.select(signing_batch, organisation.person.c.full_name)
        .join(organisation.person, organisation.person.c.id == signing_batch.c.person_id)
        .where(sa.or_(signing_batch.c.state == BatchState.PAUSED, is_dead))
        .order_by(signing_batch.c.created_at)
    )
    return [
        StuckRow(
            kind="batch",
            what=f"{short_name(row.id)} · {row.full_name}",
            reason=row.reason or ErrorCode.BATCH_INTERRUPTED,
            since=row.created_at,
            key=row.id,
            document_id="",
            can_retry=False,
        )
        for row in connection.execute(query)
    ]


def _list_abandoned(connection: sa.Connection, now: datetime) -> list[StuckRow]:
    """Return applications whose applicants serve no more: only they could collect."""
    day, post, asked = local(now).date(), organisation.post, certificate_application
    serves = (
        sa.select(post.c.id)
        .where(
            post.c.person_id == asked.c.asked_by,
            post.c.since <= day,
            sa.or_(post.c.until.is_(None), post.c.until >= day),
            # The seal is its clerk's; a person's own certificate wants any post.
            sa.or_(
                asked.c.holder_kind != HolderKind.AGENCY,
                sa.and_(post.c.agency_id == asked.c.agency_id, post.c.role == Role.CLERK),
            ),
        )
        .exists()
    )
    query = (
        sa.select(asked)
        .where(
            asked.c.closed_at.is_(None),
            asked.c.procedure_id == CERTIFICATE_PROCEDURE,
            sa.not_(serves),
        )
        .order_by(asked.c.asked_at, asked.c.id)
    )
    return [
        StuckRow(
            kind="application",
            what=f"{row.holder_name} · {row.asked_by_name}",
            reason="",
            since=row.asked_at,
            key=row.id,
            document_id="",
            can_retry=False,
        )
        for row in connection.execute(query)
    ]


def _list_of_leavers(connection: sa.Connection, now: datetime) -> list[StuckRow]:
    """Return open tasks that wait by name for somebody who left the agency they are in.

    What falls to the leaders of the agency does not wait, as long as it has one.
    """
    day, post = local(now).date(), organisation.post
    left = sa.select(post.c.person_id).where(post.c.until < day)
    lasts = sa.and_(
        post.c.agency_id == work_item.c.agency_id,
        post.c.since <= day,
        sa.or_(post.c.until.is_(None), post.c.until >= day),
    )
    serves = sa.select(post.c.id).where(post.c.person_id == work_item.c.person_id, lasts).exists()
    is_led = sa.select(post.c.id).where(post.c.role == Role.LEADER, lasts).exists()
    falls = sa.and_(work_item.c.power.in_(sorted(POWERS_OF_LEAVERS)), is_led)
    query = (
        sa.select(
            work_item.c.business_key,
            work_item.c.name,
            work_item.c.opened_at,
            organisation.person.c.full_name,
        )
        .join(organisation.person, organisation.person.c.id == work_item.c.person_id)
        .where(
            work_item.c.state == OPEN,
            work_item.c.person_id.in_(left),
            sa.not_(serves),
            sa.or_(work_item.c.power.is_(None), sa.not_(falls)),
        )
        .order_by(work_item.c.opened_at, work_item.c.id)
    )
    return [
        StuckRow(
            kind="leaver",
            what=f"{row.name} · {row.full_name}",
            reason="",
            since=row.opened_at,
            key=row.business_key,
            document_id="",
            can_retry=False,
        )
        for row in connection.execute(query)
    ]


def _list_mails(connection: sa.Connection) -> list[StuckRow]:
    """Return mails that keep failing; no address is shown, only whose it is."""
    return [
        StuckRow(
            kind="mail",
            what=stuck.full_name,
            reason=stuck.mail.reason,
            since=stuck.mail.made_at,
            key=stuck.mail.id,
            document_id="",
            can_retry=True,
            until=stuck.mail.next_try_at if stuck.mail.state is MailState.WAITING else None,
        )
        for stuck in list_stuck_mails(connection)
    ]


def _list_silent(connection: sa.Connection, now: datetime) -> list[StuckRow]:
    query = (
        sa.select(
            delivery.c.id,
            delivery.c.document_id,
            delivery.c.sent_at,
            document.c.symbol,
            organisation.agency.c.name,
        )
        .join(document, document.c.id == delivery.c.document_id)
        .join(organisation.agency, organisation.agency.c.id == delivery.c.recipient_id)
        .where(
            delivery.c.status.in_([DeliveryStatus.QUEUED, DeliveryStatus.ARRIVED]),
            delivery.c.sent_at < now - SILENCE,
        )
        .order_by(delivery.c.sent_at, delivery.c.id)
    )
    return [
        StuckRow(
            kind="silence",
            what=f"{row.symbol or ''} → {row.name}".strip(),
            reason="",
            since=row.sent_at,
            key=row.id,
            document_id=row.document_id,
            can_retry=False,
        )
        for row in connection.execute(query)
    ]
