"""Read the steps of a process and what waits for an administrator."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from engine.model.delivery import DeliveryStatus
from engine.model.signing_intent import IntentState
from engine.queries import StepRow
from storage.job_queue import LOST_STATUSES, WORKFLOW_STATUS
from storage.tables import organisation
from storage.tables.documents import delivery, document, signing_intent
from storage.tables.processes import OPEN, failed_job, history, instance, work_item

#: How long a recipient may leave a document unanswered before it is shown.
SILENCE = timedelta(hours=24)


def list_steps(
    connection: sa.Connection, procedure_id: str, business_key: str
) -> Sequence[StepRow]:
    """Return the steps of a process, oldest first, open ones last.

    A step that waits for a group has `role:<id>` in place of a name.
    """
    about = sa.and_(
        instance.c.procedure_id == procedure_id, instance.c.business_key == business_key
    )
    finished = (
        sa.select(
            history.c.node_id,
            history.c.name,
            history.c.actor_name.label("person_name"),
            work_item.c.opened_at,
            history.c.at,
            history.c.outcome,
            history.c.comment,
        )
        .join(instance, instance.c.id == history.c.instance_id)
        .outerjoin(work_item, work_item.c.id == history.c.task_id)
        .where(about)
        .order_by(history.c.sequence)
    )
    waiting = (
        sa.select(
            work_item.c.node_id,
            work_item.c.name,
            work_item.c.role,
            organisation.person.c.full_name,
            work_item.c.opened_at,
        )
        .join(instance, instance.c.id == work_item.c.instance_id)
        .outerjoin(organisation.person, organisation.person.c.id == work_item.c.person_id)
        .where(about, work_item.c.state == OPEN)
        .order_by(work_item.c.opened_at, work_item.c.id)
    )
    steps = [StepRow(**row) for row in connection.execute(finished).mappings()]
    for row in connection.execute(waiting):
        steps.append(
            StepRow(
                node_id=row.node_id,
                name=row.name,
                person_name=row.full_name or f"role:{row.role}",
                opened_at=row.opened_at,
                at=None,
                outcome="",
                comment="",
            )
        )
    return steps


def list_stuck(connection: sa.Connection, now: datetime) -> Sequence[str]:
    """Return what waits for an administrator, one line each, its sort first.

    The sorts: `signing` begun and never ended, `job` that failed for good, `silence` of a
    recipient.
    """
    return [
        *_list_stale_signings(connection, now),
        *_list_failed_jobs(connection),
        *_list_silent(connection, now),
    ]


def _list_stale_signings(connection: sa.Connection, now: datetime) -> list[str]:
    query = (
        sa.select(signing_intent)
        .where(signing_intent.c.state == IntentState.BEGUN, signing_intent.c.expires_at < now)
        .order_by(signing_intent.c.expires_at)
    )
    return [
        f"signing {row.stage} document:{row.document_id} since {_minute(row.begun_at)}"
        for row in connection.execute(query)
    ]


def _list_failed_jobs(connection: sa.Connection) -> list[str]:
    failed = connection.execute(sa.select(failed_job).order_by(failed_job.c.at))
    lines = [f"job {row.key} since {_minute(row.at)}: {row.reason}" for row in failed]
    # Jobs the runner itself gave up, such as one that ended the process each time it ran.
    lost = connection.execute(
        sa.select(WORKFLOW_STATUS.c.workflow_uuid, WORKFLOW_STATUS.c.status).where(
            WORKFLOW_STATUS.c.status.in_(LOST_STATUSES)
        )
    )
    return lines + [f"job {row.workflow_uuid}: {row.status}" for row in lost]


def _list_silent(connection: sa.Connection, now: datetime) -> list[str]:
    query = (
        sa.select(delivery.c.id, delivery.c.sent_at, document.c.symbol, organisation.agency.c.name)
        .join(document, document.c.id == delivery.c.document_id)
        .join(organisation.agency, organisation.agency.c.id == delivery.c.recipient_id)
        .where(
            delivery.c.status.in_([DeliveryStatus.QUEUED, DeliveryStatus.ARRIVED]),
            delivery.c.sent_at < now - SILENCE,
        )
        .order_by(delivery.c.sent_at, delivery.c.id)
    )
    return [
        f"silence delivery:{row.id} {row.symbol or ''} {row.name} since {_minute(row.sent_at)}"
        for row in connection.execute(query)
    ]


def _minute(at: datetime) -> str:
    return at.isoformat(timespec="minutes")
