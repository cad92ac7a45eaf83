"""Name everything that can go wrong, once, for every room.

```
TrinhKyError                     code: stable, translatable; retryable: bool
├─ InvalidInputError             what was given cannot be accepted
├─ NotFoundError                 there is no such thing, or it may not be known
├─ NotPermittedError             names the predicate that failed
├─ ConflictError                 task closed, document changed, already signed
├─ SigningError                  the signature could not be made
│  ├─ PinRejectedError           wrong PIN
│  ├─ SignerUnavailableError     retryable
│  └─ CertificateRejectedError   expired, revoked, wrong usage, wrong holder
├─ MailRefusedError              the mail server does not take one mail
├─ MailUnavailableError          retryable: there is no mail server, or it lets nobody in
└─ StorageError                  rows or objects could not be read or written
   ├─ StoreUnavailableError      retryable
   └─ DigestMismatchError        never retried, alerts
```

The web layer owns status codes and texts; both are looked up by `ErrorCode`.
"""

from enum import StrEnum
from typing import ClassVar


class ErrorCode(StrEnum):
    """List every stable error code; the texts live in `webui.errors`."""

    INPUT_INVALID = "input.invalid"
    INPUT_MISSING = "input.missing"
    INPUT_TOO_LONG = "input.too_long"
    TEXT_FORBIDDEN = "text.forbidden_characters"
    DOCUMENT_CLASSIFIED = "document.classified"
    DOCUMENT_KIND_UNKNOWN = "document.kind_unknown"
    DOCUMENT_CHANGED = "document.changed"
    DOCUMENT_STATE = "document.wrong_state"
    DOCUMENT_NOT_FOUND = "document.not_found"
    DELIVERY_NOT_VALID = "delivery.not_valid"
    RECIPIENT_UNKNOWN = "recipient.unknown"
    RECIPIENT_MISSING = "recipient.missing"
    REASON_MISSING = "reason.missing"
    LAYOUT_REFUSED = "layout.refused"
    UPLOAD_TOO_LARGE = "upload.too_large"
    UPLOAD_NOT_PDF = "upload.not_pdf"
    UPLOAD_ENCRYPTED = "upload.encrypted"
    UPLOAD_UNREADABLE = "upload.unreadable"
    UPLOAD_ACTIVE = "upload.active_content"
    UPLOAD_SIGNED = "upload.signed"
    UPLOAD_SIGNATURE_BROKEN = "upload.signature_broken"
    UPLOAD_UNMARKABLE = "upload.unmarkable"
    ATTACHMENT_LIMIT = "attachment.too_many"
    ATTACHMENT_ROOM = "attachment.no_room"
    ATTACHMENT_UNSEALABLE = "attachment.unsealable"
    ATTACHMENT_NOT_FOUND = "attachment.not_found"
    COPY_NOT_FOUND = "copy.not_found"
    SCHEDULE_NOT_FOUND = "schedule.not_found"
    SCHEDULE_EXISTS = "schedule.exists"
    SCHEDULE_WEEK_PAST = "schedule.week_past"
    SCHEDULE_WEEK_FAR = "schedule.week_far"
    SCHEDULE_CLOSED = "schedule.closed"
    SCHEDULE_DAY = "schedule.day_outside"
    SCHEDULE_TIME = "schedule.time_wrong"
    SCHEDULE_PERSON = "schedule.person_elsewhere"
    SCHEDULE_EMPTY = "schedule.empty"
    SCHEDULE_FULL = "schedule.full"
    SCHEDULE_CLASH = "schedule.clash"
    SCHEDULE_UNSIGNED = "schedule.unsigned"
    SCHEDULE_UNCHANGED = "schedule.unchanged"
    SCHEDULE_OWN = "schedule.own_submission"
    IMPORT_INVALID = "import.invalid"
    TASK_NOT_FOUND = "task.not_found"
    TASK_CLOSED = "task.closed"
    TASK_NOT_YOURS = "task.not_yours"
    TASK_STAYS = "task.stays"
    PROCESS_INVALID = "process.invalid"
    PROCESS_DATA = "process.data_not_plain"
    PROCESS_CONFLICT = "process.conflict"
    PROCESS_RETURN = "process.no_way_back"
    PROCESS_MIGRATION = "process.migration_refused"
    PROCESS_UNKNOWN = "process.unknown"
    PERSON_UNSUITABLE = "person.unsuitable"
    OPINION_CLOSED = "opinion.closed"
    ASSIGNMENT_NOT_FOUND = "assignment.not_found"
    ASSIGNMENT_STATE = "assignment.wrong_state"
    ASSIGNMENT_LEADS = "assignment.two_leads"
    ASSIGNMENT_PARTIES = "assignment.parties"
    EXTENSION_CLOSED = "extension.closed"
    EXTENSION_LATE = "extension.late"
    EXTENSION_OPEN = "extension.open"
    EXTENSION_DATE = "extension.date"
    EXTENSION_NO_DEADLINE = "extension.no_deadline"
    ASSIGNMENT_LEAD_MISSING = "assignment.no_lead"
    ASSIGNMENT_NOBODY = "assignment.nobody"
    ASSIGNMENT_REACH = "assignment.reach"
    ASSIGNMENT_DEADLINE_MISSING = "assignment.deadline_missing"
    ASSIGNMENT_DEADLINE_PAST = "assignment.deadline_past"
    ASSIGNMENT_DEADLINE_OFF = "assignment.deadline_off"
    ASSIGNMENT_DEADLINE_PARENT = "assignment.deadline_parent"
    ASSIGNMENT_PARENT = "assignment.parent"
    ASSIGNMENT_NOT_ASSIGNER = "assignment.not_assigner"
    ASSIGNMENT_OWN_WORK = "assignment.own_work"
    ASSIGNMENT_CHILDREN = "assignment.children_open"
    ASSIGNMENT_EVIDENCE = "assignment.evidence"
    MEETING_NOT_FOUND = "meeting.not_found"
    MEETING_CHANGED = "meeting.changed"
    MEETING_STATE = "meeting.wrong_state"
    MEETING_PAST = "meeting.in_the_past"
    MEETING_FAR = "meeting.too_far_ahead"
    MEETING_ENDS = "meeting.end_wrong"
    MEETING_REPLY_BY = "meeting.reply_by_wrong"
    MEETING_BEGUN = "meeting.begun"
    MEETING_NOT_BEGUN = "meeting.not_begun"
    MEETING_CLASH = "meeting.clash"
    MEETING_NOBODY = "meeting.nobody_invited"
    MEETING_NOBODY_CAME = "meeting.nobody_came"
    MEETING_CHAIR = "meeting.chair_unsuitable"
    MEETING_NOT_ISSUED = "meeting.document_not_issued"
    MEETING_DOCUMENTED = "meeting.document_exists"
    MEETING_LETTER_STALE = "meeting.letter_stale"
    MEETING_PAPER_INSIDE = "meeting.paper_circulates_inside"
    MEETING_ORDERS_LEFT = "meeting.orders_left_out"
    PERMISSION_DENIED = "permission.denied"
    AUTHORITY_MISSING = "authority.missing"
    AUTHORITY_CHANGED = "authority.changed"
    AUTHORITY_NOBODY = "authority.nobody"
    AUTHORITY_FIELD = "authority.field"
    AUTHORITY_TERMS = "authority.terms"
    AUTHORITY_PAST = "authority.past"
    AUTHORITY_NOT_FOUND = "authority.not_found"
    FIELD_UNKNOWN = "field.unknown"
    DELEGATION_NOT_FOUND = "delegation.not_found"
    DELEGATION_MISSING = "delegation.missing"
    DELEGATION_SELF = "delegation.self"
    DELEGATION_UNSUITABLE = "delegation.unsuitable"
    DELEGATION_PAST = "delegation.past"
    DELEGATION_REVERSED = "delegation.reversed"
    DELEGATION_TOO_LONG = "delegation.too_long"
    DELEGATION_BEYOND = "delegation.beyond"
    DELEGATION_TUQ = "delegation.tuq"
    DELEGATION_PASSED_ON = "delegation.passed_on"
    DELEGATION_LOOP = "delegation.loop"
    DELEGATION_OVERLAP = "delegation.overlap"
    DELEGATION_CLOSED = "delegation.closed"
    DEPUTY_SIGNS_AS_SELF = "delegation.signs_as_self"
    DELEGATION_OWN_DRAFT = "delegation.own_draft"
    FORM_REFUSED = "form.refused"
    LOGIN_FAILED = "login.failed"
    LOGIN_THROTTLED = "login.throttled"
    LOGIN_REQUIRED = "login.required"
    SESSION_EXPIRED = "session.expired"
    PIN_REJECTED = "pin.rejected"
    PIN_WEAK = "pin.weak"
    KEY_HOME_MISSING = "key.home_missing"
    WARNING_DAYS = "certificate.warning_days"
    PIN_DIFFERENT = "pin.different"
    PIN_NOT_LOCKED = "pin.not_locked"
    APPLICATION_NOT_FOUND = "application.not_found"
    APPLICATION_OPEN = "application.open"
    APPLICATION_STATE = "application.wrong_state"
    APPLICATION_BUSY = "application.busy"
    APPLICATION_NOBODY = "application.nobody_decides"
    SECOND_PERSON_NEEDED = "permission.second_person"
    RESUME_BY_ANOTHER = "permission.resume_by_another"
    CERTIFICATE_STATE = "certificate.wrong_state"
    POST_NOT_FOUND = "post.not_found"
    CERTIFICATE_HOLDER = "certificate.wrong_holder"
    CERTIFICATE_USAGE = "certificate.wrong_usage"
    CERTIFICATE_WEAK = "certificate.weak"
    CERTIFICATE_UNTRUSTED = "certificate.untrusted"
    CERTIFICATE_NOT_YET_VALID = "certificate.not_yet_valid"
    REVOCATION_STALE = "revocation.stale"
    CERTIFICATE_MISSING = "certificate.missing"
    CERTIFICATE_KNOWN = "certificate.known"
    CSR_REFUSED = "certificate.request_refused"
    TRUST_REFUSED = "trust.refused"
    TRUST_KNOWN = "trust.known"
    TRUST_UNKNOWN = "trust.unknown"
    CERTIFICATE_EXPIRED = "certificate.expired"
    CERTIFICATE_REVOKED = "certificate.revoked"
    CERTIFICATE_REJECTED = "certificate.rejected"
    SIGNER_UNAVAILABLE = "signer.unavailable"
    SIGNER_AT_CLIENT = "signer.at_client"
    SIGNER_TOKEN_MISSING = "signer.token_missing"  # noqa: S105 a name of a case
    SIGNER_KEY_OTHER = "signer.other_key"
    SIGNER_KEY_EXPOSED = "signer.key_exposed"
    SIGNER_APPROVAL_LAPSED = "signer.approval_lapsed"
    SIGNER_NOT_AT_CLIENT = "signer.not_at_client"
    SIGNER_SIGNS_ONCE = "signer.signs_once"
    PARKED_USED = "parked.used"
    PARKED_EXPIRED = "parked.expired"
    PARKED_NOT_YOURS = "parked.not_yours"
    PARKED_MISMATCH = "parked.mismatch"
    PARKED_CANCELLED = "parked.cancelled"
    PARKED_RESTARTED = "parked.restarted"
    SIGNATURE_VALUE_WRONG = "signature.value_wrong"
    TIMESTAMP_UNAVAILABLE = "timestamp.unavailable"
    TIMESTAMP_AWAITED = "timestamp.awaited"
    TIMESTAMP_GRACE_OVER = "timestamp.grace_over"
    TIMESTAMP_ENDING = "timestamp.certificate_ending"
    TIMESTAMP_TOO_LARGE = "timestamp.too_large"
    EVIDENCE_TOO_OLD = "evidence.too_old"
    EVIDENCE_MISSING = "evidence.missing"
    EVIDENCE_INSUFFICIENT = "evidence.insufficient"
    PRESERVATION_REFUSED = "preservation.refused"
    PRESERVATION_NOT_FOUND = "preservation.not_found"
    VERIFIER_BUSY = "verifier.busy"
    SIGNING_FAILED = "signing.failed"
    SIGNING_UNDERWAY = "signing.underway"
    BATCH_NOT_FOUND = "batch.not_found"
    BATCH_EMPTY = "batch.empty"
    BATCH_TOO_LARGE = "batch.too_large"
    BATCH_KEY_AT_CLIENT = "batch.key_at_client"
    BATCH_RUNNING = "batch.running"
    BATCH_FINISHED = "batch.finished"
    BATCH_NOTHING_LEFT = "batch.nothing_left"
    BATCH_LOST = "batch.lost"
    BATCH_INTERRUPTED = "batch.interrupted"
    BATCH_STOPPED = "batch.stopped"
    BATCH_ENDED = "batch.ended"
    BATCH_ELSEWHERE = "batch.elsewhere"
    BATCH_CERTIFICATE_CHANGED = "batch.certificate_changed"
    NOTICE_NOT_FOUND = "notice.not_found"
    MAIL_ADDRESS_INVALID = "mail.address_invalid"
    MAIL_ADDRESS_MISSING = "mail.address_missing"
    MAIL_LINK_INVALID = "mail.link_invalid"
    MAIL_TOO_OFTEN = "mail.too_often"
    MAIL_REFUSED = "mail.refused"
    MAIL_UNAVAILABLE = "mail.unavailable"
    MAIL_NOT_STUCK = "mail.not_stuck"
    REGISTER_NUMBER_TAKEN = "register.number_taken"
    REGISTER_ENTRY_CLOSED = "register.entry_closed"
    AGENCY_NOT_FOUND = "agency.not_found"
    STORE_UNAVAILABLE = "store.unavailable"
    STORE_BUSY = "store.busy"
    DIGEST_MISMATCH = "digest.mismatch"
    OBJECT_MISSING = "store.object_missing"
    INSTALLATION_MISSING = "installation.missing"
    INSTALLATION_EXISTS = "installation.exists"
    ASSETS_MISSING = "assets.missing"
    PORT_TAKEN = "port.taken"
    PERIOD_REVERSED = "period.reversed"
    PERIOD_RANGE = "period.out_of_range"
    ASSUMPTION_RANGE = "report.assumption_out_of_range"
    REPORT_UNKNOWN = "report.unknown"
    REPORT_TOO_LONG = "report.too_long"
    REPORT_AGENCY_MISSING = "report.agency_missing"
    RATE_LIMITED = "rate.limited"
    REQUEST_INVALID = "request.invalid"
    PAGE_NOT_FOUND = "page.not_found"
    UNEXPECTED = "unexpected"


class TrinhKyError(Exception):
    """Base of every error the product raises on purpose.

    Args:
        code: stable name of the case; the user's text is looked up by it.
        detail: English, for the log; may name internal things.
        params: values the user's text may show; never secrets.
    """

    default_code: ClassVar[ErrorCode] = ErrorCode.UNEXPECTED
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, code: ErrorCode | None = None, **params: str) -> None:
        self.code = code or self.default_code
        self.detail = detail
        self.params = params
        super().__init__(f"{self.code}: {detail}" if detail else str(self.code))


class InvalidInputError(TrinhKyError):
    """Refuse what was given; nothing was stored."""

    default_code = ErrorCode.INPUT_INVALID


class NotFoundError(TrinhKyError):
    """Say that a thing does not exist for this actor."""

    default_code = ErrorCode.DOCUMENT_NOT_FOUND


class NotPermittedError(TrinhKyError):
    """Refuse an actor; `params["predicate"]` names the rule that failed."""

    default_code = ErrorCode.PERMISSION_DENIED


class ConflictError(TrinhKyError):
    """Tell that somebody was first or the state has moved on."""

    default_code = ErrorCode.PROCESS_CONFLICT


class SigningError(TrinhKyError):
    """Report that a signature could not be made; nothing was issued."""

    default_code = ErrorCode.SIGNING_FAILED


class PinRejectedError(SigningError):
    """Refuse a wrong PIN."""

    default_code = ErrorCode.PIN_REJECTED


class SignerUnavailableError(SigningError):
    """Report a key, token or time-stamp authority that does not answer."""

    default_code = ErrorCode.SIGNER_UNAVAILABLE
    retryable = True


class CertificateRejectedError(SigningError):
    """Refuse a certificate that may not be used for this signature now."""

    default_code = ErrorCode.CERTIFICATE_REJECTED


class MailRefusedError(TrinhKyError):
    """Report a mail the server does not take; `detail` is its answer.

    Args:
        for_good: asking again would bring the same answer.
    """

    default_code = ErrorCode.MAIL_REFUSED

    def __init__(self, detail: str = "", *, for_good: bool = False) -> None:
        self.for_good = for_good
        super().__init__(detail)


class MailUnavailableError(TrinhKyError):
    """Report that no mail can be sent now, whoever it is to."""

    default_code = ErrorCode.MAIL_UNAVAILABLE
    retryable = True


class StorageError(TrinhKyError):
    """Report rows or objects that could not be read or written."""

    default_code = ErrorCode.STORE_UNAVAILABLE


class StoreUnavailableError(StorageError):
    """Report a store that does not answer; trying again later may work."""

    retryable = True


class DigestMismatchError(StorageError):
    """Refuse bytes whose SHA-256 is not the one on record."""

    default_code = ErrorCode.DIGEST_MISMATCH
