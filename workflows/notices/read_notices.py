"""Open a notice, or call all of them read."""

from dataclasses import dataclass

from engine.clock import Clock
from engine.errors import ErrorCode, NotFoundError
from engine.model.notice import NoticeId
from engine.model.organisation import Actor
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork
from workflows.notices.view_notices import NoticeRow


@dataclass(frozen=True, kw_only=True)
class OpenNotice:
    """Use case: a person opens a notice, in the list or from a mail; it is read from then on.

    Only the person's own list changes, so no leaf is written.
    """

    start_work: StartWork
    clock: Clock

    def __call__(self, notice_id: NoticeId, actor: Actor) -> NoticeRow:
        """Mark the notice as read and return it.

        Raises:
            NotPermittedError: the person holds no post.
            NotFoundError: code NOTICE_NOT_FOUND; there is none, or it is somebody else's.
        """
        check_permitted(Permission.SIGNED_IN, actor)
        with self.start_work() as work:
            notice = work.notices.get(notice_id)
            if notice.person_id != actor.person_id:
                raise NotFoundError(
                    f"notice {notice_id} is another's", code=ErrorCode.NOTICE_NOT_FOUND
                )
            row = NoticeRow.of(notice, work.notices.find_visible(actor, [notice]))
            work.notices.mark_read(actor.person_id, self.clock.now(), notice_id=notice_id)
            work.commit()
        return row


@dataclass(frozen=True, kw_only=True)
class ReadAllNotices:
    """Use case: a person calls everything on their list read."""

    start_work: StartWork
    clock: Clock

    def __call__(self, actor: Actor) -> int:
        """Mark all as read; return how many were not.

        Raises:
            NotPermittedError: the person holds no post.
        """
        check_permitted(Permission.SIGNED_IN, actor)
        with self.start_work() as work:
            count = work.notices.mark_read(actor.person_id, self.clock.now())
            work.commit()
        return count
