"""Describe what a person is told of (thông báo trong hệ thống), and how it reaches them by mail.

A notice says that something happened and where to look. It never holds what a document says: a
mail made of it carries its kind, a title and a link, and not even the title when it is restricted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from engine.clock import local
from engine.errors import ErrorCode, InvalidInputError
from engine.model.organisation import PersonId

NoticeId = NewType("NoticeId", str)
MailId = NewType("MailId", str)

MAX_TITLE_CHARS = 300
#: How long a link that proves an address works.
TOKEN_LIFE = timedelta(hours=24)
#: The last of the waits is kept until the mail is given up.
MAIL_WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
)
#: A mail that failed so often is on the administrators' list, though it is tried further.
MAIL_TRIES_UNSEEN = 5
#: A mail that is a week late says nothing any more.
MAIL_LIFE = timedelta(days=7)


class NoticeKind(StrEnum):
    """Name what happened; each has its words in `webui.notice_words`."""

    DOCUMENT_RETURNED = "document.returned"
    DELIVERY_REFUSED = "delivery.refused"
    DELIVERY_DIRECTED = "delivery.directed"
    OPINION_ASKED = "opinion.asked"
    OPINION_GIVEN = "opinion.given"
    CERTIFICATE_EXPIRING = "certificate.expiring"
    TASK_OVERDUE = "task.overdue"
    SIGNING_STOPPED = "signing.stopped"
    BATCH_FINISHED = "batch.finished"
    DELEGATION_GIVEN = "delegation.given"
    DELEGATION_ENDED = "delegation.ended"
    SCHEDULE_OPEN = "schedule.open"
    SCHEDULE_REMINDER = "schedule.reminder"
    SCHEDULE_RETURNED = "schedule.returned"
    SCHEDULE_PUBLISHED = "schedule.published"
    SCHEDULE_CHANGED = "schedule.changed"
    MEETING_INVITED = "meeting.invited"
    MEETING_MOVED = "meeting.moved"
    MEETING_CHANGED = "meeting.changed"
    MEETING_CANCELLED = "meeting.cancelled"
    MEETING_REPLIED = "meeting.replied"
    MEETING_UNANSWERED = "meeting.unanswered"
    MEETING_NEAR = "meeting.near"
    MEETING_ORDERS = "meeting.orders"
    ASSIGNMENT_GIVEN = "assignment.given"
    ASSIGNMENT_COOPERATE = "assignment.cooperate"
    ASSIGNMENT_ACCEPTED = "assignment.accepted"
    ASSIGNMENT_RETURNED = "assignment.returned"
    ASSIGNMENT_PROGRESS = "assignment.progress"
    ASSIGNMENT_DONE = "assignment.done"
    ASSIGNMENT_CONFIRMED = "assignment.confirmed"
    ASSIGNMENT_REOPENED = "assignment.reopened"
    ASSIGNMENT_CANCELLED = "assignment.cancelled"
    ASSIGNMENT_MOVED = "assignment.moved"
    ASSIGNMENT_DUE = "assignment.due"
    ASSIGNMENT_OVERDUE = "assignment.overdue"
    EXTENSION_ASKED = "assignment.extension_asked"
    EXTENSION_DECIDED = "assignment.extension_decided"


#: Said to those who have no part in the thing any more, often because of what is said: they
#: read it all the same, though it leads them nowhere.
GOODBYES = frozenset({NoticeKind.MEETING_CANCELLED, NoticeKind.ASSIGNMENT_MOVED})


class SubjectKind(StrEnum):
    """Name what a notice is about; each has its page in `webui.notice_words`."""

    DOCUMENT = "document"
    DELIVERY = "delivery"
    ASSIGNMENT = "assignment"
    MEETING = "meeting"
    SCHEDULE = "schedule"
    DELEGATION = "delegation"
    CERTIFICATE = "certificate"
    BATCH = "batch"


class MailMode(StrEnum):
    """Name how a person wants notices by mail."""

    OFF = "off"
    SINGLE = "single"
    DIGEST = "digest"


class DigestDays(StrEnum):
    """Name the days a digest is sent on."""

    WORKING = "working"
    ALL = "all"


class MailKind(StrEnum):
    """Name what a mail is."""

    SINGLE = "single"
    DIGEST = "digest"
    PROOF = "proof"


class MailState(StrEnum):
    """Name what became of a mail; skipped is one there was nothing left to say in."""

    WAITING = "waiting"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Hold what one person is told of.

    Args:
        subject_id: of the thing itself: its page shows nothing to who may not see it.
        title: symbol and subject, or the name of the thing; never text out of a document.
        details: short values for the sentence, such as a deadline; ready to show.
        actor_name: who did it, as named then; "" when nobody did.
        restricted: of a document for internal circulation; no mail carries its title.
        mail_id: mail that carries it, None when none does.
    """

    id: NoticeId
    person_id: PersonId
    kind: NoticeKind
    subject_kind: SubjectKind
    subject_id: str
    title: str
    made_at: datetime
    details: Mapping[str, str] = field(default_factory=dict)
    actor_name: str = ""
    restricted: bool = False
    read_at: datetime | None = None
    mail_id: MailId | None = None

    @property
    def is_goodbye(self) -> bool:
        """Tell whether it may be read by whom it addresses, even if the thing no longer may."""
        return self.kind in GOODBYES


@dataclass(frozen=True, kw_only=True)
class MailPreference:
    """Hold where and how one person wants mail.

    Args:
        address: proved by its owner, "" when there is none; the only one notices go to.
        pending_address: asked for and not proved yet; nothing but the proof goes there.
        digest_hour: 0 to 23, in Việt Nam's zone.
        token_digest: SHA-256 of the word in the link that proves the pending address.
    """

    person_id: PersonId
    address: str = ""
    pending_address: str = ""
    mode: MailMode = MailMode.OFF
    digest_hour: int = 7
    digest_days: DigestDays = DigestDays.WORKING
    language: str = "vi"
    token_digest: str = ""
    token_expires_at: datetime | None = None

    def wants_mail(self) -> bool:
        """Tell whether notices go out by mail."""
        return bool(self.address) and self.mode is not MailMode.OFF

    def with_token(self, token_digest: str, now: datetime) -> "MailPreference":
        """Return the preference while a link is out; the link before it is void."""
        return replace(self, token_digest=token_digest, token_expires_at=now + TOKEN_LIFE)

    def proved(self, token_digest: str, now: datetime) -> "MailPreference":
        """Return the preference with its pending address proved.

        Raises:
            InvalidInputError: code MAIL_LINK_INVALID; not the newest link, or too old.
        """
        is_current = (
            bool(self.pending_address)
            and bool(self.token_digest)
            and token_digest == self.token_digest
            and self.token_expires_at is not None
            and now < self.token_expires_at
        )
        if not is_current:
            raise InvalidInputError("link is void", code=ErrorCode.MAIL_LINK_INVALID)
        return replace(
            self,
            address=self.pending_address,
            pending_address="",
            token_digest="",
            token_expires_at=None,
        )


@dataclass(frozen=True, kw_only=True)
class Mail:
    """Hold one mail of the outbox; what it says is composed when it is sent.

    Args:
        due_at: when it was to be sent.
        next_try_at: not before this time; while a try runs, when another may take it up.
        reason: what the mail server answered last.
    """

    id: MailId
    person_id: PersonId
    kind: MailKind
    made_at: datetime
    due_at: datetime
    next_try_at: datetime
    state: MailState = MailState.WAITING
    tries: int = 0
    reason: str = ""
    sent_at: datetime | None = None

    def failed(self, reason: str, now: datetime, *, for_good: bool) -> "Mail":
        """Return the mail after a try that failed.

        Args:
            for_good: the server will never take it.
        """
        tries = self.tries + 1
        wait = MAIL_WAITS[min(tries, len(MAIL_WAITS)) - 1]
        is_over = for_good or now + wait > self.due_at + MAIL_LIFE
        return replace(
            self,
            tries=tries,
            reason=reason,
            next_try_at=now + wait,
            state=MailState.FAILED if is_over else MailState.WAITING,
        )

    def ended(self, state: MailState, now: datetime) -> "Mail":
        """Return the mail as sent, or as not needed any more."""
        return replace(self, state=state, sent_at=now, reason="", tries=self.tries + 1)


def next_hour(now: datetime, hour: int) -> datetime:
    """Return the next time the clock in Việt Nam strikes `hour`, later than `now`."""
    at = local(now).replace(hour=hour, minute=0, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)
