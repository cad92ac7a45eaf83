"""Describe audit leaves: one for each change of state, in the same transaction.

A leaf is canonical JSON; its digest is SHA-256 over 0x00 and the leaf, so that the leaves can
become those of a Merkle tree. Each leaf names the digest of the subject's leaf before it.

Source: RFC 6962, section 2.1 (leaf hash).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class AuditEvent(StrEnum):
    """Name every act that leaves a leaf: `subject.act.stage`."""

    CITY_IMPORT = "city.import.complete"
    CERTIFICATES_ISSUE = "certificate.issue.complete"
    CERTIFICATE_REVOKE = "certificate.revoke.complete"
    CERTIFICATE_IMPORT = "certificate.import.complete"
    TRUST_ADD = "trust.authority.add"
    TRUST_END = "trust.authority.end"
    TRUST_CRL = "trust.list.import"
    APPLICATION_ASK = "certificate.application.ask"
    APPLICATION_APPROVE = "certificate.application.approve"
    APPLICATION_ALLOW = "certificate.application.allow"
    APPLICATION_REFUSE = "certificate.application.refuse"
    APPLICATION_WITHDRAW = "certificate.application.withdraw"
    CERTIFICATE_COLLECT_BEGIN = "certificate.collect.begin"
    CERTIFICATE_COLLECT = "certificate.collect.complete"
    CERTIFICATE_COLLECT_FAIL = "certificate.collect.fail"
    CERTIFICATE_SUSPEND = "certificate.suspend.complete"
    CERTIFICATE_RESUME = "certificate.resume.complete"
    EXPIRY_WARNINGS_SET = "certificate.warnings.set"
    POST_END = "post.end.complete"
    AUTHORITY_ADD = "authority.add.complete"
    AUTHORITY_END = "authority.end.complete"
    FIELD_ADD = "field.add.complete"
    DELEGATION_GIVE = "delegation.give.complete"
    DELEGATION_END = "delegation.end.complete"
    SIGNATORY_CHANGE = "document.signatory.change"
    PIN_LOCK = "pin.try.lock"
    PIN_RELEASE = "pin.lock.release"
    SESSION_OPEN = "session.open.complete"
    SESSION_REFUSE = "session.open.refuse"
    SESSION_CLOSE = "session.close.complete"
    DOCUMENT_CREATE = "document.draft.create"
    DOCUMENT_SAVE = "document.draft.save"
    DOCUMENT_SUBMIT = "document.draft.submit"
    DOCUMENT_APPROVE = "document.review.approve"
    DOCUMENT_CHECK = "document.form.approve"
    DOCUMENT_RETURN = "document.task.return"
    DOCUMENT_SIGN_BEGIN = "document.signing.begin"
    DOCUMENT_SIGN_PARK = "document.signing.park"
    DOCUMENT_SIGN = "document.signing.complete"
    DOCUMENT_SIGN_FAIL = "document.signing.fail"
    PARKED_REFUSE = "signature.parked.refuse"
    BATCH_BEGIN = "batch.sign.begin"
    BATCH_PAUSE = "batch.sign.pause"
    BATCH_COMPLETE = "batch.sign.complete"
    DOCUMENT_NUMBER_BIND = "document.numbering.begin"
    DOCUMENT_NUMBER = "document.numbering.complete"
    DOCUMENT_SEAL_BEGIN = "document.sealing.begin"
    DOCUMENT_SEAL_PARK = "document.sealing.park"
    DOCUMENT_SEAL = "document.sealing.complete"
    DOCUMENT_SEAL_FAIL = "document.sealing.fail"
    DOCUMENT_CANCEL = "document.cancel.complete"
    DOCUMENT_DISPATCH = "document.dispatch.complete"
    DOCUMENT_RECEIPTS = "document.receipts.complete"
    NUMBER_VOID = "register.number.void"
    ATTACHMENT_ADD = "attachment.add.complete"
    ATTACHMENT_REMOVE = "attachment.remove.complete"
    ATTACHMENT_ARRANGE = "attachment.arrange.complete"
    ATTACHMENT_SEAL = "attachment.sealing.complete"
    COPY_REQUEST = "copy.request.complete"
    COPY_AMEND = "copy.request.amend"
    COPY_APPROVE = "copy.request.approve"
    COPY_RETURN = "copy.request.return"
    COPY_WITHDRAW = "copy.request.withdraw"
    COPY_NUMBER_BIND = "copy.numbering.begin"
    COPY_CERTIFY_BEGIN = "copy.sealing.begin"
    COPY_CERTIFY = "copy.sealing.complete"
    COPY_CERTIFY_FAIL = "copy.sealing.fail"
    SCHEDULE_OPEN = "schedule.week.open"
    SCHEDULE_CHANGE = "schedule.week.change"
    SCHEDULE_ENTER = "schedule.entry.add"
    SCHEDULE_EDIT = "schedule.entry.edit"
    SCHEDULE_DROP = "schedule.entry.remove"
    SCHEDULE_SUBMIT = "schedule.week.submit"
    SCHEDULE_RETURN = "schedule.week.return"
    SCHEDULE_APPROVE = "schedule.week.approve"
    SCHEDULE_SEAL_BEGIN = "schedule.sealing.begin"
    SCHEDULE_PUBLISH = "schedule.sealing.complete"
    SCHEDULE_SEAL_FAIL = "schedule.sealing.fail"
    SCHEDULE_DISCARD = "schedule.week.discard"
    SCHEDULE_REMIND = "schedule.units.remind"
    SCHEDULE_FEED_OPEN = "schedule.feed.open"
    SCHEDULE_FEED_CLOSE = "schedule.feed.close"
    DELIVERY_ARRIVE = "delivery.arrive.complete"
    DELIVERY_REGISTER = "delivery.register.complete"
    DELIVERY_REFUSE = "delivery.register.refuse"
    DELIVERY_PRESENT = "delivery.present.complete"
    DELIVERY_DIRECT = "delivery.direct.complete"
    DELIVERY_BEGIN = "delivery.handle.begin"
    DELIVERY_HANDLE = "delivery.handle.complete"
    DELIVERY_RETURN = "delivery.task.return"
    ASSIGNMENT_GIVE = "assignment.give.complete"
    ASSIGNMENT_ACCEPT = "assignment.accept.complete"
    ASSIGNMENT_RETURN = "assignment.accept.refuse"
    ASSIGNMENT_REPORT = "assignment.progress.report"
    ASSIGNMENT_CONTRIBUTE = "assignment.cooperation.complete"
    ASSIGNMENT_DONE = "assignment.completion.report"
    ASSIGNMENT_CONFIRM = "assignment.completion.confirm"
    ASSIGNMENT_REOPEN = "assignment.completion.refuse"
    ASSIGNMENT_REASSIGN = "assignment.lead.change"
    ASSIGNMENT_CANCEL = "assignment.cancel.complete"
    EXTENSION_ASK = "assignment.extension.ask"
    EXTENSION_DECIDE = "assignment.extension.decide"
    OPINION_ASK = "opinion.ask.complete"
    OPINION_GIVE = "opinion.give.complete"
    OPINION_WITHDRAW = "opinion.ask.withdraw"
    MEETING_PLAN = "meeting.plan.create"
    MEETING_CHANGE = "meeting.plan.change"
    MEETING_INVITE = "meeting.invite.complete"
    MEETING_REPLY = "meeting.reply.give"
    MEETING_REMIND = "meeting.remind.complete"
    MEETING_CANCEL = "meeting.cancel.complete"
    MEETING_MINUTE = "meeting.minutes.complete"
    MEETING_CONCLUDE = "meeting.conclude.complete"
    MEETING_ORDER = "meeting.orders.give"
    MEETING_DRAFT = "meeting.document.draft"
    MEETING_PAPER = "meeting.paper.change"
    CALENDAR_FEED = "calendar.feed.change"
    TASK_HAND_OVER = "task.hand_over.complete"
    TASK_TAKE_BACK = "task.take_back.complete"
    JOB_RETRY = "job.retry.begin"
    PROCESS_DEPLOY = "process.version.deploy"
    PROCESS_MIGRATE = "process.version.migrate"
    INCIDENT_RETRY = "process.incident.retry"
    OUTAGE_BEGIN = "service.outage.begin"
    OUTAGE_END = "service.outage.end"
    MAIL_ADDRESS_ASK = "mail.address.ask"
    MAIL_ADDRESS_PROVE = "mail.address.prove"
    MAIL_ADDRESS_DROP = "mail.address.drop"
    MAIL_PREFERENCE_SET = "mail.preference.set"
    MAIL_RETRY = "mail.send.retry"
    ARCHIVE_EVIDENCE = "archive.evidence.complete"
    ARCHIVE_STAMP = "archive.stamp.complete"
    ARCHIVE_RENEW = "archive.renewal.complete"
    ARCHIVE_FAIL = "archive.step.fail"
    ARCHIVE_RETRY = "archive.step.retry"
    ASSUMPTIONS_SET = "report.assumptions.set"
    REGISTER_EXPORT = "register.export.complete"
    FILE_VERIFY = "file.verify.complete"
    ORIGINAL_REFUSE = "original.read.refuse"


@dataclass(frozen=True, kw_only=True)
class AuditLeaf:
    """Hold one leaf as it is stored.

    Args:
        sequence: place in the table; order of recording, not of proof.
        subject: `document:<id>`, `delivery:<id>`, `register:<agency>` and the like.
        group: document the leaf belongs to, "" for none; what `trinhky audit` prints.
        previous: digest of the subject's leaf before this, "" for the first.
    """

    sequence: int
    event: AuditEvent
    subject: str
    group: str
    actor_id: str
    actor_name: str
    at: datetime
    details: Mapping[str, str]
    previous: str
    digest: str


def canonical_leaf(
    *,
    event: AuditEvent,
    subject: str,
    group: str,
    actor_id: str,
    actor_name: str,
    at: datetime,
    details: Mapping[str, str],
    previous: str,
) -> bytes:
    """Return the bytes a leaf's digest covers: JSON, sorted keys, no spaces, UTF-8."""
    leaf = {
        "actor": actor_id,
        "actor_name": actor_name,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "details": dict(details),
        "event": event.value,
        "group": group,
        "previous": previous,
        "subject": subject,
    }
    return json.dumps(leaf, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def leaf_digest(canonical: bytes) -> str:
    """Return the leaf hash, hex."""
    return hashlib.sha256(b"\x00" + canonical).hexdigest()
