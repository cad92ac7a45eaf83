"""Keep the outbox of mail."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.errors import ErrorCode
from engine.model.notice import Mail, MailId, MailKind, MailState
from engine.model.organisation import PersonId
from engine.ports_notices import StuckMail
from storage.queries.notices import list_stuck_mails
from storage.repositories.base import Repository, missing
from storage.tables.notices import mail as _mail
from storage.tables.notices import notice as _notice

_PUT_OFF_AT_ONCE = 500
#: Written out, not bound, so that the partial index is used.
_WAITS = sa.text("mail.state = 'waiting'")


class SqlMails(Repository):
    """Keep the outbox."""

    def add(self, mails: Sequence[Mail]) -> None:
        """Add mails, all in one statement."""
        self._insert(_mail, [dict(vars(each)) for each in mails])

    def get(self, mail_id: MailId) -> Mail:
        """Return the mail.

        Raises:
            NotFoundError: code NOTICE_NOT_FOUND.
        """
        query = sa.select(_mail).where(_mail.c.id == mail_id)
        return self._find(Mail, query) or missing("mail", mail_id, ErrorCode.NOTICE_NOT_FOUND)

    def save(self, mail: Mail, *, seen: Mail) -> bool:
        """Write what became of a mail if nobody wrote since `seen`; tell whether it was."""
        statement = sa.update(_mail).where(
            _mail.c.id == seen.id,
            _mail.c.state == seen.state,
            _mail.c.tries == seen.tries,
            _mail.c.next_try_at == seen.next_try_at,
        )
        return self._changed(statement, _changing(mail)) > 0

    def find_due(self, now: datetime) -> Mail | None:
        """Return the mail that is due the longest, None when none is."""
        query = (
            sa.select(_mail)
            .where(_WAITS, _mail.c.next_try_at <= now)
            .order_by(_mail.c.next_try_at, _mail.c.id)
            .limit(1)
        )
        return self._find(Mail, query)

    def find_next_digests(self, people: Collection[PersonId]) -> Mapping[PersonId, Mail]:
        """Return the digest that waits for its hour, of each who has one."""
        query = sa.select(_mail).where(
            _mail.c.person_id.in_(list(people)),
            _mail.c.kind == MailKind.DIGEST,
            _WAITS,
            # One that was tried already is on its way; what is new goes into the next.
            _mail.c.tries == 0,
            _mail.c.next_try_at == _mail.c.due_at,
        )
        return {mail.person_id: mail for mail in self._list(Mail, query)}

    def list_waiting(self, person_id: PersonId) -> Sequence[Mail]:
        """Return a person's mails that are not sent."""
        query = sa.select(_mail).where(_mail.c.person_id == person_id, _WAITS)
        return self._list(Mail, query.order_by(_mail.c.made_at, _mail.c.id))

    def count_made(self, person_id: PersonId, kind: MailKind, since: datetime) -> int:
        """Return how many mails of a kind were made for a person since a time."""
        query = sa.select(sa.func.count()).where(
            _mail.c.person_id == person_id, _mail.c.kind == kind, _mail.c.made_at >= since
        )
        return int(self._connection.execute(query).scalar_one())

    def put_off(self, now: datetime, reason: str) -> int:
        """Count a failed try for every mail that is due, and put it off; return how many."""
        query = sa.select(_mail).where(_WAITS, _mail.c.next_try_at <= now)
        due = self._list(Mail, query.order_by(_mail.c.next_try_at).limit(_PUT_OFF_AT_ONCE))
        for mail in due:
            self.save(mail.failed(reason, now, for_good=False), seen=mail)
        return len(due)

    def has_due(self, now: datetime) -> bool:
        """Tell whether a mail is due."""
        return self.find_due(now) is not None

    def forget(self, before: datetime, limit: int) -> int:
        """Delete at most `limit` mails made before a time that no notice names."""
        named = sa.select(_notice.c.id).where(_notice.c.mail_id == _mail.c.id).exists()
        old = (
            sa.select(_mail.c.id)
            .where(_mail.c.made_at < before, sa.not_(named), _mail.c.state != MailState.WAITING)
            .order_by(_mail.c.made_at)
            .limit(limit)
        )
        ids = self._connection.execute(old).scalars().all()
        return self._connection.execute(sa.delete(_mail).where(_mail.c.id.in_(ids))).rowcount

    def list_stuck(self) -> Sequence[StuckMail]:
        """Return at most 100 mails that failed too often or for good, oldest first."""
        return list_stuck_mails(self._connection)


def _changing(mail: Mail) -> dict[str, Any]:
    fixed = ("id", "person_id", "kind", "made_at")
    return {name: value for name, value in vars(mail).items() if name not in fixed}
