"""Put jobs into the queue, in the transaction that needs them.

The queue's tables lie in the same database, so a rollback leaves no job and a commit loses none.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from dbos import (
    DBOSClient,
    DBOSPortableJSONSerializer,
    EnqueueOptions,
    WorkflowSerializationFormat,
)

from engine.clock import Clock, SystemClock

# The library tells what it does step by step; errors are enough here.
logging.getLogger("dbos").setLevel(logging.ERROR)

APPLICATION = "trinhky"
QUEUE = "trinhky"
#: One workflow runs every job; the job's own name is its first argument.
WORKFLOW = "trinhky.job"

#: The runner's own table, as its documentation describes it; read only.
WORKFLOW_STATUS = sa.table(
    "workflow_status",
    sa.column("workflow_uuid", sa.String),
    sa.column("status", sa.String),
    sa.column("name", sa.String),
    sa.column("executor_id", sa.String),
    sa.column("updated_at", sa.BigInteger),
    sa.column("completed_at", sa.BigInteger),
    sa.column("delay_until_epoch_ms", sa.BigInteger),
)
DELAYED = "DELAYED"
WAITING_STATUSES = ("ENQUEUED", "PENDING")
LOST_STATUSES = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED")


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Hold one try of a job; the runner knows each try as a workflow of its own.

    Args:
        key: of the job; the same in all its tries.
        round: how often an administrator has begun the job again.
        number: of the try in its round, from 1.
        failing_since: ISO 8601, when the first try of the round failed; "" before that.
    """

    name: str
    key: str
    payload: Mapping[str, str]
    round: int = 0
    number: int = 1
    failing_since: str = ""

    def workflow_id(self) -> str:
        """Return the id; a try that is enqueued twice runs once."""
        return f"{self.key}~{self.round}.{self.number}"


def read_workflow_id(workflow_id: str) -> tuple[str, int]:
    """Return the key and the round of the try with this id."""
    key, _, place = workflow_id.rpartition("~")
    return key, int(place.partition(".")[0])


class JobQueue:
    """Hold the queue's client for the life of the process; it is made when first needed."""

    def __init__(self, engine: sa.Engine, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self._engine = engine
        self._client: DBOSClient | None = None
        self._lock = threading.Lock()

    def client(self) -> DBOSClient:
        """Return the client; it never connects by itself."""
        with self._lock:
            if self._client is None:
                self._client = DBOSClient(
                    system_database_engine=self._engine,
                    application_name=APPLICATION,
                    serializer=DBOSPortableJSONSerializer(),
                    lazy=True,
                )
            return self._client

    def send(
        self, connection: sa.Connection, attempt: Attempt, *, wait_seconds: float = 0
    ) -> None:
        """Enqueue a try on the connection of a transaction.

        Args:
            wait_seconds: before it may run; the wait holds nothing and survives a restart.
        """
        options = EnqueueOptions(
            workflow_name=WORKFLOW,
            queue_name=QUEUE,
            workflow_id=attempt.workflow_id(),
            serialization_type=WorkflowSerializationFormat.PORTABLE,
        )
        if wait_seconds:
            options["delay_seconds"] = wait_seconds
        self.client().enqueue_in_transaction(
            connection, options, {**vars(attempt), "payload": dict(attempt.payload)}
        )

    def close(self) -> None:
        """Let the client go."""
        with self._lock:
            if self._client is not None:
                self._client.destroy()
                self._client = None


@dataclass(frozen=True, kw_only=True)
class LostJob:
    """Hold a try the runner itself gave up; `at_ms` is when, since the epoch."""

    key: str
    round: int
    status: str
    at_ms: int


def list_lost(connection: sa.Connection) -> list[LostJob]:
    """Return the tries the runner gave up, such as one that ended the process each time."""
    status = WORKFLOW_STATUS.c
    query = (
        sa.select(status.workflow_uuid, status.status, status.updated_at)
        .where(status.name == WORKFLOW, status.status.in_(LOST_STATUSES))
        .order_by(status.updated_at)
    )
    lost = []
    for row in connection.execute(query):
        key, job_round = read_workflow_id(row.workflow_uuid)
        lost.append(LostJob(key=key, round=job_round, status=row.status, at_ms=row.updated_at))
    return lost
