"""Put jobs into the queue, in the transaction that needs them.

The queue's tables lie in the same database, so a rollback leaves no job and a commit loses none.
"""

import logging
import threading
from collections.abc import Mapping

import sqlalchemy as sa
from dbos import (
    DBOSClient,
    DBOSPortableJSONSerializer,
    EnqueueOptions,
    WorkflowSerializationFormat,
)

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
)
WAITING_STATUSES = ("ENQUEUED", "DELAYED", "PENDING")
LOST_STATUSES = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED")


class JobQueue:
    """Hold the queue's client for the life of the process; it is made when first needed."""

    def __init__(self, engine: sa.Engine) -> None:
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

    def close(self) -> None:
        """Let the client go."""
        with self._lock:
            if self._client is not None:
                self._client.destroy()
                self._client = None


class SqlJobs:
    """Enqueue on the connection of one transaction."""

    def __init__(self, connection: sa.Connection, queue: JobQueue) -> None:
        self._connection = connection
        self._queue = queue

    def enqueue(self, name: str, key: str, payload: Mapping[str, str]) -> None:
        """Run the job `name` once for `key` after the commit; a second enqueue does nothing."""
        options = EnqueueOptions(
            workflow_name=WORKFLOW,
            queue_name=QUEUE,
            workflow_id=key,
            serialization_type=WorkflowSerializationFormat.PORTABLE,
        )
        self._queue.client().enqueue_in_transaction(
            self._connection, options, name, key, dict(payload)
        )
