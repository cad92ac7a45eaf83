"""Keep what people are told of, and how each wants to be told."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from engine.errors import ErrorCode
from engine.model.notice import MailId, MailPreference, Notice, NoticeId, NoticeKind
from engine.model.organisation import Actor, PersonId
from engine.paging import Page
from storage.queries import notice_sight
from storage.queries.cursors import cursor_of, read_cursor
from storage.queries.notices import unread_of
from storage.repositories.base import Repository, missing
from storage.tables.notices import mail_preference as _preference
from storage.tables.notices import notice as _notice

_UNREAD = _notice.c.read_at.is_(None)
_COUNT_UNREAD = sa.select(sa.func.count()).select_from(
    unread_of(sa.bindparam("key", type_=_notice.c.person_id.type)).subquery()
)
_LIST_PREFERENCES = sa.select(_preference).where(
    _preference.c.person_id.in_(sa.bindparam("people", expanding=True))
)


class SqlNotices(Repository):
    """Keep notices and preferences."""

    def add(self, notices: Sequence[Notice]) -> None:
        """Add notices, all in one statement."""
        self._insert(_notice, [dict(vars(each)) for each in notices])

    def get(self, notice_id: NoticeId) -> Notice:
        """Return the notice.

        Raises:
            NotFoundError: code NOTICE_NOT_FOUND.
        """
        query = sa.select(_notice).where(_notice.c.id == notice_id)
        return self._find(Notice, query) or missing(
            "notice", notice_id, ErrorCode.NOTICE_NOT_FOUND
        )

    def list_of(
        self, person_id: PersonId, *, unread_only: bool = False, cursor: str = "", limit: int = 50
    ) -> Page[Notice]:
        """Return one page of a person's notices, newest first."""
        at, key = _notice.c.made_at, _notice.c.id
        query = sa.select(_notice).where(_notice.c.person_id == person_id)
        if unread_only:
            query = query.where(_UNREAD)
        if cursor:
            made_at, notice_id = read_cursor(cursor, (datetime, str))
            seen = sa.tuple_(sa.literal(made_at, at.type), sa.literal(notice_id, key.type))
            query = query.where(sa.tuple_(at, key) < seen)
        rows = self._list(Notice, query.order_by(at.desc(), key.desc()).limit(limit + 1))
        shown = rows[:limit]
        more = cursor_of(shown[-1].made_at, shown[-1].id) if len(rows) > limit else ""
        return Page(rows=shown, next_cursor=more)

    def list_told(self, kind: NoticeKind, subject_ids: Collection[str]) -> Sequence[Notice]:
        """Return who was told of a kind of thing about these subjects."""
        query = sa.select(_notice).where(
            _notice.c.subject_id.in_(list(subject_ids)), _notice.c.kind == kind
        )
        return self._list(Notice, query)

    def count_unread(self, person_id: PersonId) -> int:
        """Return how many are unread; more than 99 count as 100."""
        return int(self._connection.execute(_COUNT_UNREAD, {"key": person_id}).scalar_one())

    def mark_read(
        self, person_id: PersonId, at: datetime, *, notice_id: NoticeId | None = None
    ) -> int:
        """Mark one notice of a person as read, or all; return how many were unread."""
        statement = sa.update(_notice).where(_notice.c.person_id == person_id, _UNREAD)
        if notice_id is not None:
            statement = statement.where(_notice.c.id == notice_id)
        return self._changed(statement.values(read_at=at))

    def list_in_mail(self, mail_id: MailId) -> Sequence[Notice]:
        """Return what a mail carries that is still unread, oldest first."""
        query = (
            sa.select(_notice)
            .where(_notice.c.mail_id == mail_id, _UNREAD)
            .order_by(_notice.c.made_at, _notice.c.id)
        )
        return self._list(Notice, query)

    def forget(self, before: datetime, limit: int) -> int:
        """Delete at most `limit` of the notices from before a time; return how many."""
        old = (
            sa.select(_notice.c.id)
            .where(_notice.c.made_at < before)
            .order_by(_notice.c.made_at)
            .limit(limit)
        )
        ids = self._connection.execute(old).scalars().all()
        return self._connection.execute(sa.delete(_notice).where(_notice.c.id.in_(ids))).rowcount

    def find_visible(self, actor: Actor, notices: Sequence[Notice]) -> frozenset[NoticeId]:
        """Return which of the notices are about things that `actor` may see now."""
        return notice_sight.find_visible(self._connection, actor, notices)

    def find_restricted(self, notices: Sequence[Notice]) -> frozenset[NoticeId]:
        """Return which of the notices are about documents for internal circulation."""
        return notice_sight.find_restricted(self._connection, notices)

    def list_preferences(self, people: Collection[PersonId]) -> Mapping[PersonId, MailPreference]:
        """Return the preferences of those who ever chose."""
        found = self._list(MailPreference, _LIST_PREFERENCES, people=list(people))
        return {each.person_id: each for each in found}

    def get_preference(self, person_id: PersonId) -> MailPreference:
        """Return how a person wants mail: not at all, unless they chose."""
        found = self.list_preferences([person_id])
        return found.get(person_id, MailPreference(person_id=person_id))

    def save_preference(self, preference: MailPreference) -> None:
        """Write how a person wants mail."""
        values = dict(vars(preference))
        if not self._insert_once(_preference, values):
            own = _preference.c.person_id == preference.person_id
            self._changed(sa.update(_preference).where(own), values)
