"""End an appointment by date; whoever leaves signs no more from that day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.errors import ErrorCode, InvalidInputError
from engine.model.certification import ApplicationId, LaterStop
from engine.model.organisation import Actor, Post, PostId
from engine.model.remarks import clean_remark
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork
from engine.ports_signing import CertificateAuthority
from engine.presence import with_posts_today
from workflows.certificates.leavers import stop_all
from workflows.organisation.publish_revocations import publish_revocations

MAX_REASON_CHARS = 500


@dataclass(frozen=True, kw_only=True)
class EndPost:
    """Use case: an administrator records that somebody leaves a post."""

    start_work: StartWork
    authority: CertificateAuthority
    clock: Clock

    def __call__(
        self,
        post_id: PostId,
        until: date,
        actor: Actor,
        *,
        reason: str,
        suspend: bool = False,
    ) -> Sequence[ApplicationId]:
        """End the post and the authority that hangs on it; return what was suspended.

        Args:
            until: last day of the post; a day that has passed takes signing away at once.
            reason: of the suspension, shown on its page.
            suspend: suspend the certificates too once the person holds no post: today, or in
                the night after `until`.

        Raises:
            InvalidInputError: the post begins after `until`, or ended before; or the reason is
                longer than 500 characters.
            NotPermittedError: not an administrator.
            NotFoundError: no such post.
        """
        reason = clean_remark(reason, field="reason", max_chars=MAX_REASON_CHARS, required=False)
        now = self.clock.now()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            check_permitted(Permission.POST_END, serving)
            post = work.organisation.get_post(post_id)
            _check_day(post, until)
            work.organisation.end_post(post_id, until)
            work.audit.record(
                AuditEvent.POST_END,
                subject=f"post:{post.id}",
                actor=actor,
                at=now,
                details={
                    "person": post.person_id,
                    "until": until.isoformat(),
                    "reason": reason,
                    "suspend": str(suspend),
                },
            )
            stopped: Sequence[ApplicationId] = ()
            work.certification.drop_stop(post.id)
            if suspend and until >= local(now).date():
                work.certification.plan_stop(
                    LaterStop(
                        post_id=post.id, reason=reason, asked_by=actor.person_id, asked_at=now
                    )
                )
            elif suspend:
                stopped = stop_all(work, post.person_id, reason, actor, now)
            work.commit()
        if stopped:
            publish_revocations(self.start_work, self.authority, self.clock)
        return stopped


def _check_day(post: Post, until: date) -> None:
    last = post.validity.until
    if until < post.validity.since or (last is not None and until > last):
        raise InvalidInputError(
            f"post {post.id} cannot end on {until}", code=ErrorCode.INPUT_INVALID, field="until"
        )
