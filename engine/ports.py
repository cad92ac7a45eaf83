"""Name what the procedures need from the world: rows, objects, keys, layout, jobs.

Adapters live in `storage` and `signing`; `webui.bootstrap` joins them. Signing has a module of
its own, `engine.ports_signing`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Protocol, Self

from engine.audit import AuditEvent, AuditLeaf
from engine.deputising import Deputies
from engine.layout.form import DocumentForm, RenderedDocument
from engine.model.delivery import Delivery, DeliveryId
from engine.model.document import Digest, Document, DocumentId
from engine.model.opinion import Opinion, OpinionId
from engine.model.organisation import (
    Actor,
    Agency,
    AgencyId,
    Authority,
    Field,
    FieldId,
    Person,
    PersonId,
    Post,
    PostId,
    Role,
    Unit,
    UnitId,
)
from engine.model.pin import PinCounter
from engine.model.register import RegisterBook, RegisterEntry
from engine.model.signing_intent import SigningIntent
from engine.model.verification import FileReport
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
from engine.ports_services import CertificateStatus
from engine.ports_signing import (
    CertificateHold,
    CertificateId,
    HolderKind,
    IssuedCertificate,
    Revocation,
)
from engine.ports_trust import Trust
from engine.process.runtime import Processes
from engine.queries import Queries


class ObjectStore(Protocol):
    """Keep originals, each named by its SHA-256."""

    def add(self, content: bytes) -> Digest:
        """Store `content` durably and return its digest; storing it again is harmless.

        Raises:
            StoreUnavailableError: nothing was acknowledged.
        """
        ...

    def read(self, digest: Digest) -> bytes:
        """Return the content, hashed again on the way out.

        Raises:
            NotFoundError: no such object.
            DigestMismatchError: the stored bytes were changed.
        """
        ...


class Layout(Protocol):
    """Turn a form into a PDF/A-2b."""

    def render(self, form: DocumentForm, *, at: datetime) -> RenderedDocument:
        """Return the document laid out by Decree 30/2020; same input, same bytes.

        Raises:
            InvalidInputError: the form cannot be laid out.
        """
        ...


class Stamps(Protocol):
    """Draw what a signature looks like: one-page transparent PDFs."""

    def signature(self, full_name: str) -> bytes:
        """Return the leader's blue signature."""
        ...

    def seal(self, agency: Agency) -> bytes:
        """Return the agency's red seal in its real size."""
        ...


class Organisation(Protocol):
    """Keep agencies, units, posts, people and authority, all dated."""

    def add_agency(self, agency: Agency) -> None: ...
    def add_unit(self, unit: Unit) -> None: ...
    def add_person(self, person: Person) -> None: ...
    def add_post(self, post: Post) -> None: ...
    def add_authority(self, authority: Authority) -> None: ...
    def add_field(self, field: Field) -> None: ...
    def list_fields(self, agency_id: AgencyId, day: date) -> Sequence[Field]:
        """Return the fields of work an agency has on `day`, by name."""
        ...

    def find_field(self, field_id: FieldId) -> Field | None:
        """Return a field of work, whether it lasts or not."""
        ...

    def get_agency(self, agency_id: AgencyId) -> Agency:
        """Return the agency.

        Raises:
            NotFoundError: code AGENCY_NOT_FOUND.
        """
        ...

    def find_agency(self, name: str) -> Agency | None:
        """Return the agency whose id, code, symbol (if unique) or name is `name`."""
        ...

    def list_agencies_between(self, since: date, until: date) -> Sequence[Agency]:
        """Return the agencies in force on any day from `since` to `until`, by their codes."""
        ...

    def list_agencies(self, day: date) -> Sequence[Agency]:
        """Return the agencies in force on `day`, in the order of their codes."""
        ...

    def list_units(self, agency_id: AgencyId, day: date) -> Sequence[Unit]: ...
    def get_unit(self, unit_id: UnitId) -> Unit: ...
    def get_person(self, person_id: PersonId) -> Person: ...
    def list_people(self, only: Collection[PersonId] | None = None) -> Sequence[Person]:
        """Return everybody, or who of them is named, by given name."""
        ...

    def list_posts(
        self, agency_id: AgencyId, day: date, *, role: Role | None = None
    ) -> Sequence[Post]:
        """Return the posts of an agency held on `day`."""
        ...

    def list_posts_of(self, person_id: PersonId, day: date) -> Sequence[Post]: ...
    def find_last_day(self, person_id: PersonId, before: date) -> date | None:
        """Return the last day of the person's posts that ended before `before`."""
        ...

    def get_post(self, post_id: PostId) -> Post:
        """Return the appointment, whether it lasts or not.

        Raises:
            NotFoundError: code POST_NOT_FOUND.
        """
        ...

    def list_posts_named(self, post_ids: Collection[PostId]) -> Sequence[Post]:
        """Return the appointments of these ids, whether they last or not."""
        ...

    def end_post(self, post_id: PostId, until: date) -> None:
        """Let an appointment, and the authority that hangs on it, end with the day `until`."""
        ...

    def list_authorities(self, agency_id: AgencyId, day: date) -> Sequence[Authority]:
        """Return the rights to sign for an agency in force on `day`, heads first."""
        ...

    def list_every_authority(self, agency_id: AgencyId) -> Sequence[Authority]:
        """Return the rights to sign an agency ever had, by post, the newest first."""
        ...

    def get_authority(self, authority_id: str) -> Authority:
        """Return one right to sign, whether it lasts or not.

        Raises:
            NotFoundError: code AUTHORITY_NOT_FOUND.
        """
        ...

    def end_authority(self, authority_id: str, until: date) -> None:
        """Let a right to sign end with the day `until`; it never grows longer.

        Raises:
            ConflictError: code AUTHORITY_CHANGED; it ends on that day or earlier already.
        """
        ...

    def is_empty(self) -> bool: ...


class Documents(Protocol):
    """Keep outgoing documents."""

    def add(self, document: Document) -> None: ...
    def get(self, document_id: DocumentId) -> Document:
        """Return the document.

        Raises:
            NotFoundError: code DOCUMENT_NOT_FOUND.
        """
        ...

    def save(self, document: Document) -> None:
        """Write the document if nobody wrote it since it was read; `version` grows by one.

        Raises:
            ConflictError: code DOCUMENT_CHANGED.
        """
        ...

    def add_draft_version(self, document: Document, author: PersonId, at: datetime) -> int:
        """Keep the content as a numbered version with its author; unchanged text adds none."""
        ...


class Deliveries(Protocol):
    """Keep what recipients do with documents."""

    def add(self, delivery: Delivery) -> None: ...
    def get(self, delivery_id: DeliveryId) -> Delivery: ...
    def save(self, delivery: Delivery) -> None:
        """Write the delivery if nobody wrote it since it was read.

        Raises:
            ConflictError: code DOCUMENT_CHANGED.
        """
        ...

    def find(self, document_id: DocumentId, recipient_id: AgencyId) -> Delivery | None: ...
    def list_for_document(self, document_id: DocumentId) -> Sequence[Delivery]: ...


class Opinions(Protocol):
    """Keep what people and units are asked beside a task, and what they answer."""

    def add(self, opinion: Opinion) -> None: ...
    def get(self, opinion_id: OpinionId) -> Opinion:
        """Return the opinion with the end of its process.

        Raises:
            NotFoundError: there is no such opinion.
        """
        ...

    def save(self, opinion: Opinion) -> None:
        """Write the answer or the withdrawal, once; nothing else of it ever changes.

        Raises:
            ConflictError: code OPINION_CLOSED; it is answered or withdrawn already.
        """
        ...

    def list_on(self, subject_id: str) -> Sequence[Opinion]:
        """Return the opinions asked on a document or on an arrival, oldest first."""
        ...


class Registers(Protocol):
    """Keep the books. Numbers are dense per (agency, book, series, year)."""

    def take_next(self, agency_id: AgencyId, book: RegisterBook, series: str, year: int) -> int:
        """Return the next number; call it late, a rollback gives the number back."""
        ...

    def add(self, entry: RegisterEntry) -> None: ...
    def save(self, entry: RegisterEntry) -> None:
        """Write what became of a bound number; nothing else of it ever changes.

        Raises:
            ConflictError: code REGISTER_ENTRY_CLOSED; the number is issued or void already.
        """
        ...

    def find_for(self, book: RegisterBook, subject_id: str) -> RegisterEntry | None:
        """Return the entry of a subject that is not void."""
        ...

    def list_entries(
        self, agency_id: AgencyId, book: RegisterBook, year: int
    ) -> Sequence[RegisterEntry]:
        """Return the book of a year in the order of its numbers, void ones included."""
        ...


class Intents(Protocol):
    """Keep undertakings to sign."""

    def add(self, intent: SigningIntent) -> None:
        """Record an undertaking.

        Raises:
            ConflictError: code SIGNING_UNDERWAY, when one is open for the same stage.
        """
        ...

    def get(self, intent_id: str) -> SigningIntent: ...
    def save(self, intent: SigningIntent) -> None: ...
    def list_expired(
        self, now: datetime, document_id: DocumentId | None = None
    ) -> Sequence[SigningIntent]:
        """Return open undertakings that are too old, oldest first; of one document if given."""
        ...

    def find_open(self, document_id: DocumentId) -> SigningIntent | None: ...
    def list_awaiting(self) -> Sequence[SigningIntent]:
        """Return what is signed and waits for its time-stamp, oldest first."""
        ...


class Pins(Protocol):
    """Keep the counts of wrong PINs."""

    def get(self, certificate_id: CertificateId, person_id: PersonId) -> PinCounter:
        """Return the count; an empty one when no PIN was wrong."""
        ...

    def save(self, counter: PinCounter) -> None: ...
    def list_locked(self) -> Sequence[PinCounter]:
        """Return the counts that are used up, oldest first."""
        ...


class Certificates(Protocol):
    """Keep issued certificates and revocations."""

    def add(self, certificate: IssuedCertificate) -> None: ...
    def get(self, certificate_id: CertificateId) -> IssuedCertificate: ...
    def find_current(
        self, holder_kind: HolderKind, holder_id: str, at: datetime
    ) -> IssuedCertificate | None:
        """Return the holder's newest certificate, expired or revoked ones included last."""
        ...

    def add_revocation(self, revocation: Revocation) -> None: ...
    def find_revocation(self, certificate_id: CertificateId) -> Revocation | None: ...
    def list_revocations(self) -> Sequence[Revocation]: ...
    def add_hold(self, hold: CertificateHold) -> bool:
        """Suspend a certificate; return False when it was suspended already."""
        ...

    def end_hold(self, certificate_id: CertificateId, at: datetime) -> bool:
        """End the suspension of a certificate; return False when there was none."""
        ...

    def find_hold(self, certificate_id: CertificateId) -> CertificateHold | None:
        """Return the suspension that lasts, if there is one."""
        ...

    def list_holds(self) -> Sequence[CertificateHold]:
        """Return the suspensions that last, oldest first."""
        ...

    def find_status(self, certificate_id: CertificateId) -> CertificateStatus | None:
        """Return what OCSP says of an own certificate; None for one that was never issued."""
        ...

    def list_published(self) -> Sequence[Revocation]:
        """Return what our own lists must name: own certificates revoked or suspended now.

        A revocation that followed a suspension counts from the suspension on.
        """
        ...

    def list_der(self) -> Sequence[bytes]:
        """Return every certificate in DER, imported and revoked ones too."""
        ...

    def count(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Account:
    """Hold what a sign-in needs; the password is an argon2 hash."""

    person_id: PersonId
    login: str
    password_hash: str
    failures: int = 0
    locked_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Session:
    """Hold one signed-in browser; the cookie's token is stored as its SHA-256."""

    token_digest: str
    person_id: PersonId
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime


class Accounts(Protocol):
    """Keep sign-in data and server-side sessions."""

    def add(self, account: Account) -> None: ...
    def save(self, account: Account) -> None: ...
    def find(self, login: str) -> Account | None: ...
    def add_session(self, session: Session) -> None:
        """Add a session; some that had expired when it was opened are deleted."""
        ...

    def find_session(self, token_digest: str) -> Session | None: ...
    def touch_session(self, token_digest: str, at: datetime) -> None: ...
    def close_session(self, token_digest: str) -> None: ...


class AuditTrail(Protocol):
    """Append leaves; they can be read but never changed."""

    def record(
        self,
        event: AuditEvent,
        *,
        subject: str,
        actor: Actor,
        at: datetime,
        group: str = "",
        details: Mapping[str, str] | None = None,
    ) -> AuditLeaf:
        """Append one leaf."""
        ...

    def list_group(self, group: str) -> Sequence[AuditLeaf]:
        """Return the leaves of a document and of its deliveries, oldest first."""
        ...


class Jobs(Protocol):
    """Enqueue background work in the transaction that needs it."""

    def enqueue(self, name: str, key: str, payload: Mapping[str, str]) -> None:
        """Run the job `name` once for `key` after the commit; a second enqueue does nothing."""
        ...

    def retry(self, key: str) -> bool:
        """Try a stuck job again after the commit; return False when it is not stuck."""
        ...


class Verdicts(Protocol):
    """Remember what a verification found, by file, policy and state of revocation."""

    def find(self, digest: Digest, policy: str, epoch: str) -> FileReport | None: ...
    def find_latest(self, digest: Digest) -> FileReport | None:
        """Return the newest verdict on a file, for show; a decision asks `find`."""
        ...

    def add(self, report: FileReport, *, policy: str, epoch: str, at: datetime) -> None: ...


class UnitOfWork(Protocol):
    """Hold one transaction: everything in it happens, or nothing does.

    Leaving the block without `commit` rolls back.
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
    batches: Batches
    certification: Certification
    parking: Parking
    attachments: Attachments
    copies: Copies
    assignments: Assignments
    boards: Boards
    meetings: Meetings
    notices: Notices
    mails: Mails
    schedules: Schedules
    reports: Reports
    outages: Outages
    preservations: Preservations
    accounts: Accounts
    audit: AuditTrail
    jobs: Jobs
    verdicts: Verdicts
    processes: Processes
    queries: Queries

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def commit(self) -> None:
        """Make everything durable.

        Raises:
            StoreUnavailableError: nothing was written.
        """
        ...


StartWork = Callable[[], UnitOfWork]
Progress = Callable[[str, int, int], None]
"""Show progress: what is done, how many, of how many."""


class PasswordHasher(Protocol):
    """Hash and check passwords (argon2id)."""

    def hash(self, password: str) -> str: ...
    def matches(self, password_hash: str, password: str) -> bool: ...


class FileJudge(Protocol):
    """Judge bytes nobody trusts: in a limited child process."""

    def check(self, pdf: bytes) -> None:
        """Check what can be told without parsing.

        Raises:
            InvalidInputError: not a PDF, encrypted, cut off, or over 25 MiB.
        """
        ...

    def verify(self, pdf: bytes) -> FileReport:
        """Return the judgement; never raises for what the bytes hold."""
        ...


class JobRunner(Protocol):
    """Run enqueued jobs in this process."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Wait until no job is queued or running; return False after the time.

        A job that failed and is tried again more than a second from now is not waited for.
        """
        ...


JobHandlers = Mapping[str, Callable[[Mapping[str, str]], None]]
