"""Name what notices need from the world: rows, and a way to send mail."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from engine.model.notice import (
    Mail,
    MailId,
    MailKind,
    MailPreference,
    Notice,
    NoticeId,
    NoticeKind,
)
from engine.model.organisation import Actor, PersonId
from engine.paging import Page


class Notices(Protocol):
    """Keep what people are told of, and how each wants to be told."""

    def add(self, notices: Sequence[Notice]) -> None: ...
    def get(self, notice_id: NoticeId) -> Notice:
        """Return the notice.

        Raises:
            NotFoundError: code NOTICE_NOT_FOUND.
        """
        ...

    def list_of(
        self, person_id: PersonId, *, unread_only: bool = False, cursor: str = "", limit: int = 50
    ) -> Page[Notice]:
        """Return one page of a person's notices, newest first."""
        ...

    def list_told(self, kind: NoticeKind, subject_ids: Collection[str]) -> Sequence[Notice]:
        """Return who was told of a kind of thing about these subjects."""
        ...

    def count_unread(self, person_id: PersonId) -> int:
        """Return how many are unread; more than 99 count as 100."""
        ...

    def mark_read(
        self, person_id: PersonId, at: datetime, *, notice_id: NoticeId | None = None
    ) -> int:
        """Mark one notice of a person as read, or all; return how many were unread."""
        ...

    def list_in_mail(self, mail_id: MailId) -> Sequence[Notice]:
        """Return what a mail carries that is still unread, oldest first."""
        ...

    def forget(self, before: datetime, limit: int) -> int:
        """Delete at most `limit` of the notices from before a time; return how many."""
        ...

    def find_visible(self, actor: Actor, notices: Sequence[Notice]) -> frozenset[NoticeId]:
        """Return which of the notices are about things that `actor` may see now."""
        ...

    def find_restricted(self, notices: Sequence[Notice]) -> frozenset[NoticeId]:
        """Return which of the notices are about documents for internal circulation."""
        ...

    def list_preferences(self, people: Collection[PersonId]) -> Mapping[PersonId, MailPreference]:
        """Return the preferences of those who ever chose."""
        ...

    def get_preference(self, person_id: PersonId) -> MailPreference:
        """Return how a person wants mail: not at all, unless they chose."""
        ...

    def save_preference(self, preference: MailPreference) -> None: ...


@dataclass(frozen=True, kw_only=True)
class StuckMail:
    """Hold a mail that keeps failing, and whose it is."""

    mail: Mail
    full_name: str


class Mails(Protocol):
    """Keep the outbox."""

    def add(self, mails: Sequence[Mail]) -> None: ...
    def get(self, mail_id: MailId) -> Mail:
        """Return the mail.

        Raises:
            NotFoundError: code NOTICE_NOT_FOUND.
        """
        ...

    def save(self, mail: Mail, *, seen: Mail) -> bool:
        """Write what became of a mail if nobody wrote since `seen`; tell whether it was."""
        ...

    def find_due(self, now: datetime) -> Mail | None:
        """Return the mail that is due the longest, None when none is."""
        ...

    def find_next_digests(self, people: Collection[PersonId]) -> Mapping[PersonId, Mail]:
        """Return the digest that waits for its hour, of each who has one."""
        ...

    def list_waiting(self, person_id: PersonId) -> Sequence[Mail]:
        """Return a person's mails that are not sent."""
        ...

    def count_made(self, person_id: PersonId, kind: MailKind, since: datetime) -> int:
        """Return how many mails of a kind were made for a person since a time."""
        ...

    def put_off(self, now: datetime, reason: str) -> int:
        """Count a failed try for every mail that is due, and put it off; return how many.

        At most 500 at once.
        """
        ...

    def has_due(self, now: datetime) -> bool:
        """Tell whether a mail is due."""
        ...

    def forget(self, before: datetime, limit: int) -> int:
        """Delete at most `limit` mails made before a time that no notice names."""
        ...

    def list_stuck(self) -> Sequence[StuckMail]:
        """Return at most 100 mails that failed too often or for good, oldest first."""
        ...


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Hold a mail ready to send: plain words, nothing of the protocol.

    Args:
        mail_id: makes the Message-ID, the same at every try.
        html: the same as `text`, for who reads mail with pictures.
    """

    mail_id: MailId
    to: str = field(repr=False)
    subject: str
    text: str
    html: str
    made_at: datetime


class MailWriter(Protocol):
    """Put mails into words."""

    def tell(
        self, mail: Mail, preference: MailPreference, full_name: str, notices: Sequence[Notice]
    ) -> Letter:
        """Return the mail that carries the notices, at least one.

        Args:
            notices: of what is restricted only the kind is given, without title and details.
        """
        ...

    def prove(self, mail: Mail, preference: MailPreference, full_name: str, token: str) -> Letter:
        """Return the mail with the link that proves the pending address."""
        ...


class Mailer(Protocol):
    """Send mail."""

    def is_configured(self) -> bool:
        """Tell whether this installation has a mail server at all."""
        ...

    def send(self, letter: Letter) -> None:
        """Give one mail to the server; when it returns, the server has taken it.

        Raises:
            MailRefusedError: the server answered that it does not take this one; `for_good` says
                whether it never will.
            MailUnavailableError: no server, or it lets nobody in: no other mail would go either.
        """
        ...
