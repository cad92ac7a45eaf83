"""Cancel a meeting, with a reason; everybody invited is told."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, InvalidInputError
from engine.model.meeting import MAX_REASON_CHARS, MeetingId, MeetingState
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from engine.process.model import TaskId
from workflows.meeting.guests import stop_asking
from workflows.meeting.records import find_task, record_meeting, routing, tell_invitees

_USE_CASE = "cancel_meeting"


@dataclass(frozen=True, kw_only=True)
class CancelMeeting:
    """Use case: whoever prepares the meeting calls it off."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self, task_id: TaskId, actor: Actor, reason: str, *, replaced_by: MeetingId | None = None
    ) -> None:
        """Cancel the meeting behind `task_id`; open invitations end with it.

        Args:
            replaced_by: meeting of the same agency that takes place instead.

        Raises:
            InvalidInputError: no reason, or another agency's meeting instead.
            NotPermittedError: not this person's task.
            ConflictError: the task is closed.
        """
        said = clean_remark(reason, field="reason", max_chars=MAX_REASON_CHARS)
        now = self.clock.now()
        with self.start_work() as work:
            meeting, task = find_task(work, task_id, actor, use_case=_USE_CASE)
            meeting.check_state(MeetingState.PLANNED, MeetingState.INVITED)
            if replaced_by is not None:
                other = work.meetings.get(replaced_by)
                if other.plan.agency_id != meeting.plan.agency_id or other.id == meeting.id:
                    raise InvalidInputError(
                        "not instead", code=ErrorCode.MEETING_NOT_FOUND, field="replaced_by"
                    )
            meeting.reason, meeting.replaced_by = said, replaced_by
            meeting.revision += meeting.state is MeetingState.INVITED
            meeting.move(MeetingState.CANCELLED, now)
            work.meetings.save(meeting)
            left = {"called": False} if task.rule == "invite" else {"outcome": "cancelled"}
            work.processes.complete(
                task_id,
                actor,
                use_case=_USE_CASE,
                now=now,
                outcome="cancelled",
                comment=said,
                writes=left | routing(meeting),
            )
            if meeting.invited_at is not None:
                invitees = work.meetings.list_invitees(meeting.id)
                for invitee in invitees:
                    stop_asking(work, invitee, actor=actor, now=now, reason=said)
                tell_invitees(
                    work,
                    NoticeKind.MEETING_CANCELLED,
                    meeting,
                    invitees,
                    actor=actor,
                    now=now,
                    also=[meeting.plan.chair_id],
                    reason=said,
                )
            record_meeting(
                work,
                AuditEvent.MEETING_CANCEL,
                meeting,
                actor=actor,
                now=now,
                reason=said,
                replaced_by=replaced_by or "",
            )
            work.commit()
