"""Invite to a meeting: from here on everybody asked has the question on their list."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, InvalidInputError
from engine.model.meeting import MeetingState
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor
from engine.ports import StartWork
from engine.process.model import TaskId
from workflows.meeting.guests import ask
from workflows.meeting.letters import check_letter
from workflows.meeting.plans import accepted_clashes, list_clashes
from workflows.meeting.records import (
    check_issued,
    check_papers,
    find_task,
    record_meeting,
    routing,
    shown_time,
    tell_invitees,
)

_USE_CASE = "invite_to_meeting"


@dataclass(frozen=True, kw_only=True)
class InviteToMeeting:
    """Use case: whoever prepares the meeting invites everybody in the plan."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, *, confirm_clash: bool = False) -> int:
        """Send the invitations; return how many.

        Inside the house each invitee has a task; a giấy mời, when one was drafted, goes out by
        the outgoing flow and has to be issued first.

        Raises:
            InvalidInputError: code MEETING_NOBODY, the plan invites nobody; code MEETING_PAST, it
                would have begun.
            ConflictError: code MEETING_NOT_ISSUED, the giấy mời is not out; code
                MEETING_LETTER_STALE, it names another time or place; code MEETING_PAPER_INSIDE,
                another agency would read what circulates inside; code MEETING_CLASH, a clash
                that was not there when it was planned; or the task is closed.
            NotPermittedError: not this person's task.
        """
        now = self.clock.now()
        with self.start_work() as work:
            meeting, _ = find_task(work, task_id, actor, use_case=_USE_CASE)
            meeting.check_state(MeetingState.PLANNED)
            meeting.plan.check_times(now)
            invitees = work.meetings.list_invitees(meeting.id)
            if not invitees:
                raise InvalidInputError("nobody", code=ErrorCode.MEETING_NOBODY, field="guests")
            letter = meeting.invitation_id
            document = work.documents.get(letter) if letter else None
            check_issued(document)
            if document is not None:
                check_letter(document, meeting.plan)
            check_papers(work, meeting, invitees)
            clashes = list_clashes(work, meeting.plan, invitees, meeting.id)
            meeting.clash_note = accepted_clashes(
                clashes, meeting.clash_note, confirmed=confirm_clash
            )
            meeting.invited_at = now
            meeting.move(MeetingState.INVITED, now)
            work.meetings.save(meeting)
            step = work.processes.complete(
                task_id,
                actor,
                use_case=_USE_CASE,
                now=now,
                outcome="invited",
                writes={"called": True} | routing(meeting),
            )
            ask(work, meeting, invitees, step.opened[0], actor=actor, now=now)
            tell_invitees(
                work,
                NoticeKind.MEETING_INVITED,
                meeting,
                invitees,
                actor=actor,
                now=now,
                also=[meeting.plan.chair_id],
                reply_by=shown_time(meeting.plan.reply_by),
            )
            record_meeting(
                work,
                AuditEvent.MEETING_INVITE,
                meeting,
                actor=actor,
                now=now,
                invited=str(len(invitees)),
                clashes=meeting.clash_note,
                letter=letter or "",
            )
            work.commit()
        return len(invitees)
