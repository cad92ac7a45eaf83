"""Answer an invitation: come, send somebody, or decline with a reason."""

from dataclasses import dataclass, replace
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode
from engine.model.meeting import (
    MAX_LINE_CHARS,
    MAX_REASON_CHARS,
    Answer,
    Clash,
    Invitee,
    InviteeId,
    Meeting,
    Reply,
    Substitute,
    reply_of,
)
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor, PersonId
from engine.model.remarks import check_unclassified, clean_remark
from engine.ports import StartWork, UnitOfWork
from engine.process.model import TaskId
from engine.text import clean_line
from workflows.meeting.guests import check_answers, find_asked, today
from workflows.meeting.plans import accepted_clashes
from workflows.meeting.records import list_preparers, record_meeting, tell

_USE_CASE = "reply_to_invitation"
_STEPS_IN = "Trả lời thay văn thư hoặc lãnh đạo đơn vị."


@dataclass(frozen=True, kw_only=True)
class ReplyToInvitation:
    """Use case: who is invited answers; for an agency its leader or clerk, for a unit its head."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self,
        invitee_id: InviteeId,
        actor: Actor,
        answer: Answer,
        *,
        reason: str = "",
        substitute: Substitute | None = None,
        confirm_clash: bool = False,
    ) -> None:
        """Put the answer on record; it may be changed until the meeting begins.

        Args:
            reason: needed to decline.
            substitute: who comes instead, for that answer only.
            confirm_clash: whoever comes is in another meeting then, on purpose; it is recorded.

        Raises:
            NotPermittedError: not who answers for the invitee.
            InvalidInputError: no reason, nobody named, or text that cannot be kept.
            ConflictError: code MEETING_BEGUN, too late; code MEETING_STATE, it is cancelled; code
                MEETING_CLASH, and it is not confirmed.
        """
        said = clean_remark(reason, field="reason", max_chars=MAX_REASON_CHARS, required=False)
        named = _clean_substitute(substitute) if substitute else None
        now = self.clock.now()
        with self.start_work() as work:
            invitee = work.meetings.get_invitee(invitee_id)
            meeting = work.meetings.get(invitee.meeting_id)
            task_id = None if meeting.invited_at is None else find_asked(work, invitee)
            stand_in = check_answers(work, invitee, actor, today(now))
            meeting.check_answerable(now)
            reply = reply_of(answer, actor=actor, now=now, reason=said, substitute=named)
            reply = replace(reply, given_for=stand_in.giver_name if stand_in else "")
            if reply.substitute is not None:
                _check_known(work, invitee, reply.substitute, now)
            reply = replace(
                reply,
                clash=_clash(work, meeting, invitee, reply, actor=actor, confirmed=confirm_clash),
            )
            was = invitee.reply
            work.meetings.save_invitee(replace(invitee, reply=reply))
            if task_id is not None:
                _complete(work, task_id, invitee, reply, actor=actor, now=now)
            _tell(work, meeting, invitee, reply, actor=actor, now=now)
            record_meeting(
                work,
                AuditEvent.MEETING_REPLY,
                meeting,
                actor=actor,
                now=now,
                invitee=invitee.name,
                answer=answer,
                before=was.answer if was else "",
                reason=said,
                substitute=reply.substitute.name if reply.substitute else "",
                clashes=reply.clash,
            )
            work.commit()


def _clean_substitute(substitute: Substitute) -> Substitute | None:
    """Return who comes instead; None when nobody was named.

    Raises:
        InvalidInputError: a text is too long or classified.
    """

    def line(text: str, field: str) -> str:
        return clean_line(text, field=field, max_chars=MAX_LINE_CHARS, required=False)

    cleaned = replace(
        substitute,
        name=line(substitute.name, "substitute_name"),
        title=line(substitute.title, "substitute_title"),
        phone=line(substitute.phone, "substitute_phone"),
    )
    check_unclassified(cleaned.name, cleaned.title)
    return cleaned if cleaned.name else None


def _check_known(
    work: UnitOfWork, invitee: Invitee, substitute: Substitute, now: datetime
) -> None:
    """Check that a substitute chosen from the house serves the invited agency.

    Raises:
        ConflictError: they do not, any more.
    """
    if substitute.person_id is None:
        return
    posts = work.organisation.list_posts_of(substitute.person_id, today(now))
    if all(post.agency_id != invitee.agency_id for post in posts):
        raise ConflictError(
            f"{substitute.person_id} left", code=ErrorCode.PERSON_UNSUITABLE, why="no_post",
            name=substitute.name,
        )  # fmt: skip


def _goes(invitee: Invitee, reply: Reply) -> PersonId | None:
    if reply.answer is Answer.SUBSTITUTE and reply.substitute is not None:
        return reply.substitute.person_id
    return invitee.person_id if reply.answer is Answer.ATTEND else None


def _clash(
    work: UnitOfWork,
    meeting: Meeting,
    invitee: Invitee,
    reply: Reply,
    *,
    actor: Actor,
    confirmed: bool,
) -> str:
    """Return where else whoever comes is at that time, accepted on purpose.

    Who answers is told what they may know of; the record, which the organiser reads, names
    meetings of the organiser's own only.

    Raises:
        ConflictError: code MEETING_CLASH; it is not confirmed.
    """
    person_id = _goes(invitee, reply)
    clashes: list[Clash] = []
    if person_id is not None:
        clashes.extend(
            work.meetings.list_clashes(
                start=meeting.plan.starts_at,
                end=meeting.plan.ends_at,
                people={person_id},
                apart_from=meeting.id,
                accepted_only=True,
            )
        )
    is_oneself = person_id == actor.person_id
    told = clashes if is_oneself else [each.seen_by(actor.agency_ids()) for each in clashes]
    accepted_clashes(told, "", confirmed=confirmed)
    kept = [each.seen_by({meeting.plan.agency_id}) for each in clashes]
    return accepted_clashes(kept, "", confirmed=True)


def _complete(
    work: UnitOfWork,
    task_id: TaskId,
    invitee: Invitee,
    reply: Reply,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """End the question; a leader who answers instead of the clerk takes it on first."""
    task = work.processes.get_task(task_id)
    steps_in = (
        invitee.person_id is None
        and task.person_id != actor.person_id
        and not actor.has_role(task.role, task.agency_id, task.unit_id)
    )
    if steps_in:
        work.processes.reassignment.hand_over(
            task_id, actor.person_id, actor=actor, now=now, reason=_STEPS_IN, as_superior=True
        )
    work.processes.complete(
        task_id, actor, use_case=_USE_CASE, now=now, outcome=reply.answer, comment=reply.reason
    )


def _tell(
    work: UnitOfWork,
    meeting: Meeting,
    invitee: Invitee,
    reply: Reply,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Tell who prepares the meeting when somebody will be missing; the rest they see counted."""
    people: list[PersonId] = []
    if reply.answer is not Answer.ATTEND:
        people.extend(list_preparers(work, meeting))
    tell(work, NoticeKind.MEETING_REPLIED, meeting, people, actor=actor, now=now, who=invitee.name)
    going = reply.substitute.person_id if reply.substitute else None
    if going is not None:
        tell(work, NoticeKind.MEETING_INVITED, meeting, [going], actor=actor, now=now)
