"""Read what one is told of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from engine.model.notice import MailPreference, Notice, NoticeId
from engine.model.organisation import Actor
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork

PAGE_ROWS = 30


@dataclass(frozen=True, kw_only=True)
class NoticeRow:
    """Hold one line of the list; one whose thing may no longer be seen says nothing of it.

    Args:
        is_visible: what it says may be read.
        leads_on: its thing may be opened; a goodbye may be read and leads nowhere.
    """

    notice: Notice
    is_visible: bool
    leads_on: bool

    @classmethod
    def of(cls, notice: Notice, seen: Collection[NoticeId]) -> "NoticeRow":
        """Return the line of a notice.

        Args:
            seen: notices whose things their reader may see now.
        """
        leads_on = notice.id in seen
        return cls(notice=notice, is_visible=leads_on or notice.is_goodbye, leads_on=leads_on)


@dataclass(frozen=True, kw_only=True)
class NoticeList:
    """Hold one page of a person's notices, newest first; `next_cursor` is "" on the last."""

    rows: Sequence[NoticeRow]
    next_cursor: str
    unread: int


@dataclass(frozen=True, kw_only=True)
class ViewNotices:
    """Use case: a person looks at their own notices."""

    start_reading: StartWork

    def __call__(self, actor: Actor, *, unread_only: bool = False, cursor: str = "") -> NoticeList:
        """Return one page, with the number of all that are unread.

        Raises:
            NotPermittedError: the person holds no post.
            InvalidInputError: not a cursor of this list.
        """
        check_permitted(Permission.SIGNED_IN, actor)
        with self.start_reading() as work:
            page = work.notices.list_of(
                actor.person_id, unread_only=unread_only, cursor=cursor, limit=PAGE_ROWS
            )
            visible = work.notices.find_visible(actor, page.rows)
            unread = work.notices.count_unread(actor.person_id)
        return NoticeList(
            rows=[NoticeRow.of(each, visible) for each in page.rows],
            next_cursor=page.next_cursor,
            unread=unread,
        )

    def mail(self, actor: Actor) -> MailPreference:
        """Return how the person wants mail.

        Raises:
            NotPermittedError: the person holds no post.
        """
        check_permitted(Permission.SIGNED_IN, actor)
        with self.start_reading() as work:
            return work.notices.get_preference(actor.person_id)
