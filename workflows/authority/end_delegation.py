"""End a delegation before its time: what is open is at once the giver's alone again."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.errors import ConflictError, ErrorCode
from engine.model.delegation import MAX_REASON_CHARS, Delegation
from engine.model.notice import NoticeKind, SubjectKind
from engine.model.organisation import Actor, DelegationId
from engine.model.remarks import clean_remark
from engine.notifying import notify
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork
from engine.presence import with_posts_today


def about(delegation: Delegation) -> Subject:
    """Return what a permission on a delegation looks at."""
    return Subject(
        agency_id=delegation.agency_id,
        people=frozenset({delegation.giver_id, delegation.delegate_id}),
    )


@dataclass(frozen=True, kw_only=True)
class EndDelegation:
    """Use case: the giver is back, the delegate gives it back, or a leader ends it."""

    start_work: StartWork
    clock: Clock

    def __call__(self, delegation_id: DelegationId, actor: Actor, reason: str = "") -> None:
        """End the delegation from this moment on; what was done under it stays.

        Raises:
            NotFoundError: no such delegation.
            NotPermittedError: neither giver nor delegate, leader nor administrator.
            ConflictError: code DELEGATION_CLOSED; it is over or was ended already.
        """
        said = clean_remark(reason, field="reason", max_chars=MAX_REASON_CHARS, required=False)
        now = self.clock.now()
        with self.start_work() as work:
            delegation = work.delegations.get(delegation_id)
            serving = with_posts_today(work.organisation, actor, now)
            check_permitted(Permission.DELEGATION_END, serving, about(delegation))
            if not delegation.is_open(local(now).date()):
                raise ConflictError(
                    f"delegation {delegation_id} is over", code=ErrorCode.DELEGATION_CLOSED
                )
            ended = delegation.ended(serving.person_id, serving.full_name, now, said)
            work.delegations.end(ended)
            work.audit.record(
                AuditEvent.DELEGATION_END,
                subject=f"delegation:{delegation.id}",
                actor=serving,
                at=now,
                details={"reason": said},
            )
            notify(
                work,
                NoticeKind.DELEGATION_ENDED,
                [delegation.giver_id, delegation.delegate_id],
                subject_kind=SubjectKind.DELEGATION,
                subject_id=delegation.id,
                title=f"{delegation.giver_name} – {delegation.delegate_name}",
                now=now,
                actor=serving,
            )
            work.commit()
