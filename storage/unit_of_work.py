"""Hold one transaction and the repositories that work in it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from engine.deputising import Deputies
from engine.errors import ErrorCode, StoreUnavailableError
from engine.ports import (
    Accounts,
    AuditTrail,
    Certificates,
    Deliveries,
    Documents,
    Intents,
    Jobs,
    Opinions,
    Organisation,
    Pins,
    Registers,
    Verdicts,
)
from engine.ports_authority import Delegations
from engine.ports_batch import Batches
from engine.ports_boards import Boards
from engine.ports_certification import Certification
from engine.ports_copies import Attachments, Copies
from engine.ports_direction import Assignments
from engine.ports_meetings import Meetings
from engine.ports_notices import Mails, Notices
from engine.ports_parking import Parking
from engine.ports_preservation import Outages, Preservations
from engine.ports_reports import Reports
from engine.ports_schedules import Schedules
from engine.ports_trust import Trust
from engine.process.runtime import Processes
from engine.process.steps import EnqueueJob
from engine.process.store import ProcessStore
from engine.queries import Queries
from storage.certification import SqlCertification
from storage.engines import BUSY_TIMEOUT_SECONDS
from storage.errors import translate, translated
from storage.job_queue import JobQueue
from storage.queries import SqlQueries
from storage.queries.reports import SqlReports
from storage.repositories.accounts import SqlAccounts
from storage.repositories.assignments import SqlAssignments
from storage.repositories.attachments import SqlAttachments
from storage.repositories.audit import SqlAuditTrail
from storage.repositories.batches import SqlBatches
from storage.repositories.boards import SqlBoards
from storage.repositories.certificates import SqlCertificates
from storage.repositories.copies import SqlCopies
from storage.repositories.delegations import SqlDelegations
from storage.repositories.deliveries import SqlDeliveries
from storage.repositories.documents import SqlDocuments
from storage.repositories.intents import SqlIntents
from storage.repositories.jobs import SqlJobs
from storage.repositories.mails import SqlMails
from storage.repositories.meetings import SqlMeetings
from storage.repositories.notices import SqlNotices
from storage.repositories.opinions import SqlOpinions
from storage.repositories.organisation import SqlOrganisation
from storage.repositories.parking import SqlParking
from storage.repositories.pins import SqlPins
from storage.repositories.preservation import SqlOutages, SqlPreservations
from storage.repositories.processes import SqlProcessStore
from storage.repositories.registers import SqlRegisters
from storage.repositories.schedules import SqlSchedules
from storage.repositories.trust import SqlTrust
from storage.repositories.verdicts import SqlVerdicts


class SqlUnitOfWork:
    """Run one block in one transaction; leaving it without `commit` rolls back.

    Errors of the database that leave the block are the house's own, see `storage.errors`.

    Args:
        writer: lock the process's writers queue at; None when the database queues them.
    """

    organisation: Organisation
    delegations: Delegations
    deputies: Deputies
    documents: Documents
    deliveries: Deliveries
    opinions: Opinions
    registers: Registers
    intents: Intents
    certificates: Certificates
    trust: Trust
    pins: Pins
    certification: Certification
    batches: Batches
    schedules: Schedules
    outages: Outages
    preservations: Preservations
    attachments: Attachments
    copies: Copies
    assignments: Assignments
    boards: Boards
    meetings: Meetings
    notices: Notices
    mails: Mails
    parking: Parking
    accounts: Accounts
    audit: AuditTrail
    jobs: Jobs
    verdicts: Verdicts
    processes: Processes
    queries: Queries
    reports: Reports

    def __init__(
        self,
        engine: sa.Engine,
        processes: Callable[[ProcessStore, EnqueueJob], Processes],
        *,
        job_queue: JobQueue,
        writer: "threading.Lock | None",  # quoted: in Python 3.11 the lock is no class
    ) -> None:
        self._engine = engine
        self._processes = processes
        self._job_queue = job_queue
        self._writer = writer
        self._connection: sa.Connection

    def __enter__(self) -> Self:
        self._take_turn()
        try:
            with translated():
                self._connection = self._engine.connect()
                try:
                    self._connection.begin()
                except sa.exc.SQLAlchemyError:
                    self._connection.close()
                    raise
        except BaseException:
            self._end_turn()
            raise
        self._open_repositories(self._connection)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            with translated():
                self._connection.close()  # rolls back what was not committed
        finally:
            self._end_turn()
        if isinstance(error, sa.exc.SQLAlchemyError):
            raise translate(error) from error

    def commit(self) -> None:
        """Make everything durable.

        Raises:
            StoreUnavailableError: nothing was written.
        """
        with translated():
            self._connection.commit()
        self._end_turn()

    def _take_turn(self) -> None:
        if self._writer is not None and not self._writer.acquire(timeout=BUSY_TIMEOUT_SECONDS):
            raise StoreUnavailableError("another thread is writing", code=ErrorCode.STORE_BUSY)
        self._has_turn = self._writer is not None

    def _end_turn(self) -> None:
        if self._writer is not None and self._has_turn:
            self._has_turn = False
            self._writer.release()

    def _open_repositories(self, connection: sa.Connection) -> None:
        self.organisation = SqlOrganisation(connection)
        self.delegations = SqlDelegations(connection)
        self.deputies = Deputies(self.delegations.is_in_force)
        self.documents = SqlDocuments(connection)
        self.deliveries = SqlDeliveries(connection)
        self.opinions = SqlOpinions(connection)
        self.registers = SqlRegisters(connection)
        self.intents = SqlIntents(connection)
        self.certificates = SqlCertificates(connection)
        self.trust = SqlTrust(connection)
        self.pins = SqlPins(connection)
        self.certification = SqlCertification(connection)
        self.batches = SqlBatches(connection)
        self.schedules = SqlSchedules(connection)
        self.outages = SqlOutages(connection)
        self.preservations = SqlPreservations(connection)
        self.attachments = SqlAttachments(connection)
        self.copies = SqlCopies(connection)
        self.assignments = SqlAssignments(connection)
        self.boards = SqlBoards(connection)
        self.meetings = SqlMeetings(connection)
        self.notices = SqlNotices(connection)
        self.mails = SqlMails(connection)
        self.parking = SqlParking(connection)
        self.accounts = SqlAccounts(connection)
        self.audit = SqlAuditTrail(connection, self.deputies)
        self.jobs = SqlJobs(connection, self._job_queue)
        self.verdicts = SqlVerdicts(connection)
        self.processes = replace(
            self._processes(SqlProcessStore(connection), self.jobs.enqueue),
            deputies=self.deputies,
        )
        self.queries = SqlQueries(connection)
        self.reports = SqlReports(connection)
