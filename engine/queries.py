"""Describe what pages and reports read: rows ready to show, never the aggregates themselves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Protocol

from engine.model.delivery import DeliveryId, DeliveryStatus
from engine.model.document import DocumentId, DocumentStatus
from engine.model.kinds import DocumentKind
from engine.model.organisation import Actor, AgencyId
from engine.model.urgency import Urgency
from engine.paging import Page
from engine.process.model import Alert, TaskId
from engine.process_queries import ProcessQueries


class Basket(StrEnum):
    """Name the baskets of the work list; each holds the open items of some tasks."""

    TO_SIGN = "cho-ky"
    TO_REVIEW = "cho-duyet"
    DRAFTS = "dang-soan"
    RETURNED = "bi-tra-lai"
    TO_NUMBER = "cap-so"
    ARRIVALS = "van-ban-den"
    TO_DIRECT = "cho-chi-dao"
    TO_HANDLE = "cho-xu-ly"
    ASSIGNED = "nhiem-vu-duoc-giao"
    COOPERATION = "phoi-hop"
    TO_DECIDE = "cho-quyet-dinh"
    TO_ADVISE = "cho-y-kien"
    COPIES = "ban-sao"
    SCHEDULES = "lich-lam-viec"
    TO_REPLY = "giay-moi-hop"
    MEETINGS = "cuoc-hop"
    TO_CERTIFY = "chung-thu-so"
    OVERDUE = "qua-han"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Hold what waits for one person, for the frame of every page.

    Args:
        baskets: open items in each basket, empty ones included.
        unread: notices; more than 99 count as 100.
    """

    baskets: Mapping[Basket, int]
    unread: int


@dataclass(frozen=True, kw_only=True)
class WorkRow:
    """Hold one line of a work list.

    Args:
        task_name: label of the step, from the diagram.
        subject_id: document or delivery the task is about; `is_arrival` says which.
        unit_name: drafting unit, or the sending agency for an arrival.
        person_name: drafter, "" for an arrival.
        symbol: number and symbol once given, else "".
        returned_reason: why it came back; "" otherwise.
        due_at: deadline of the step, None when it has none; `alert` tells how near it is.
        holder: whose step it is, on a superior's list of overdue work (a role's id after `role:`
            when it is nobody's in particular); "" on one's own lists.
        awaits_stamp: it is signed, and done when its time-stamp comes.
        on_behalf_of: whose it is when the reader has it by delegation; "" when it is their own.
        application_kind: what is asked for when it is about a certificate, `subject` being its
            holder; "" otherwise.
    """

    task_id: TaskId
    node_id: str
    rule: str
    task_name: str
    procedure_id: str
    subject_id: str
    kind: DocumentKind
    subject: str
    urgency: Urgency
    symbol: str
    unit_name: str
    person_name: str
    agency_name: str
    opened_at: datetime
    is_arrival: bool = False
    returned_reason: str = ""
    due_at: datetime | None = None
    alert: Alert = Alert.NONE
    holder: str = ""
    application_kind: str = ""
    awaits_stamp: bool = False
    on_behalf_of: str = ""


@dataclass(frozen=True, kw_only=True)
class DocumentRow:
    """Hold one line of a list of documents.

    Who drafted it and what its recipients answered is the sender's own affair: `unit_name` and
    `drafter_name` are "", `answered` and `refused` 0 for agencies that only received it.
    """

    document_id: DocumentId
    agency_id: AgencyId
    agency_name: str
    kind: DocumentKind
    subject: str
    symbol: str
    status: DocumentStatus
    urgency: Urgency
    unit_name: str
    drafter_name: str
    issued_on: date | None
    updated_at: datetime
    recipients: int = 0
    answered: int = 0
    refused: int = 0


@dataclass(frozen=True, kw_only=True)
class DeliveryRow:
    """Hold one light of the dispatch board, or one line of the book of arrivals."""

    delivery_id: DeliveryId
    document_id: DocumentId
    sender_name: str
    recipient_id: AgencyId
    recipient_name: str
    kind: DocumentKind
    subject: str
    symbol: str
    urgency: Urgency
    status: DeliveryStatus
    arrival_number: int | None
    sent_at: datetime
    updated_at: datetime
    verdict: str
    refusal_reason: str
    issued_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """Hold one step of the history, finished or open, as the side column shows it.

    Args:
        person_name: who did it, or who it waits for (a role's label when it is a group).
        at: when it was finished; None while it is open.
        due_at: deadline of an open step, None when it has none; `alert` tells how near it is.
        on_behalf_of: for whom it was done by delegation; "" when it was their own.
    """

    node_id: str
    name: str
    person_name: str
    opened_at: datetime | None
    at: datetime | None
    outcome: str
    comment: str
    due_at: datetime | None = None
    alert: Alert = Alert.NONE
    on_behalf_of: str = ""


StuckKind = Literal["job", "signing", "silence", "stamp", "batch", "application", "mail", "leaver"]


@dataclass(frozen=True, kw_only=True)
class StuckRow:
    """Hold one thing that waits for an administrator.

    Args:
        kind: a job that failed, a signing begun and never ended, a signature without its
            time-stamp, a recipient that is silent, an application whose applicant has left, a
            mail that keeps failing, a task of somebody who has left.
        what: name of the job, stage of the signing, or symbol and recipient.
        reason: what the job's last try raised; "" for the others.
        key: key of the job, or id of the undertaking, delivery, application or of what the task
            is about.
        document_id: document it is about; "" when there is none.
        can_retry: whether `Jobs.retry` takes `key`, or `RetryMail` that of a mail.
        until: when it is given up; None when it is not, or was.
    """

    kind: StuckKind
    what: str
    reason: str
    since: datetime
    key: str
    document_id: str
    can_retry: bool
    until: datetime | None = None


class Queries(ProcessQueries, Protocol):
    """Answer the questions of the pages, each with a constant number of statements.

    Every method that takes an actor shows only what the actor may see.
    """

    def count_baskets(self, actor: Actor) -> dict[Basket, int]:
        """Return the number of open items in each basket."""
        ...

    def count_waiting(self, actor: Actor) -> Waiting:
        """Return what waits for the person, in one statement."""
        ...

    def list_work(
        self, actor: Actor, basket: Basket, *, cursor: str = "", limit: int = 50
    ) -> Page[WorkRow]:
        """Return open items, oldest first, the most urgent kinds before."""
        ...

    def list_tasks_on(self, actor: Actor, subject_id: str) -> Sequence[WorkRow]:
        """Return the open tasks on one document or delivery that the actor may complete."""
        ...

    def list_documents(
        self, agency_ids: frozenset[AgencyId], *, cursor: str = "", limit: int = 50
    ) -> Page[DocumentRow]:
        """Return outgoing documents of the agencies, newest first."""
        ...

    def list_arrivals(
        self, agency_ids: frozenset[AgencyId], *, cursor: str = "", limit: int = 50
    ) -> Page[DeliveryRow]:
        """Return deliveries to the agencies, newest first."""
        ...

    def list_board(self, document_id: DocumentId) -> Sequence[DeliveryRow]:
        """Return one row a recipient, in the order of agency codes."""
        ...

    def list_steps(self, procedure_id: str, business_key: str) -> Sequence[StepRow]:
        """Return the steps of a process, oldest first, open ones last."""
        ...

    def search(
        self, agency_ids: frozenset[AgencyId], text: str, *, limit: int = 50
    ) -> Sequence[DocumentRow]:
        """Return documents the agencies sent or received that match `text`.

        With or without tone marks; by number, symbol, subject or agency. Matches that carry the
        tone marks as typed come first.
        """
        ...

    def find_document(
        self,
        text: str,
        agency_id: AgencyId | None = None,
        *,
        among: Collection[DocumentStatus] = (),
    ) -> DocumentId | None:
        """Return the document whose id is `text`, or the newest one with that symbol.

        Args:
            agency_id: only its documents; None looks among those of every agency.
            among: states it may be in; none named means any.
        """
        ...

    def list_stuck(self, now: datetime) -> Sequence[StuckRow]:
        """Return what waits for an administrator: stale signings, failed jobs, silence."""
        ...
