"""Write the minutes: who came, what was said, what was decided."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode
from engine.model.meeting import MAX_TEXT_CHARS, InviteeId, MeetingState
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork
from engine.process.model import TaskId
from workflows.meeting.guests import stop_asking
from workflows.meeting.records import find_task, record_meeting, routing, shown_time

_USE_CASE = "record_minutes"
_IS_OVER = "Đã ghi biên bản."


@dataclass(frozen=True, kw_only=True)
class RecordMinutes:
    """Use case: whoever prepared the meeting writes down what came of it."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self,
        task_id: TaskId,
        actor: Actor,
        *,
        minutes: str,
        conclusions: str,
        present: Collection[InviteeId],
        confirm_empty: bool = False,
    ) -> None:
        """Close the meeting with its minutes; nobody answers any more.

        Args:
            minutes: what was said, at most 20,000 characters.
            conclusions: what was decided, a paragraph a line; "" when nothing was.
            present: invitees who came or sent somebody.
            confirm_empty: it was said on purpose that nobody came.

        Raises:
            InvalidInputError: no minutes, or text that cannot be kept.
            ConflictError: code MEETING_NOT_BEGUN, too early; code MEETING_NOBODY_CAME, and it is
                not confirmed; or the task is closed.
            NotPermittedError: not this person's task.
        """
        said = clean_remark(minutes, field="minutes", max_chars=MAX_TEXT_CHARS)
        decided = clean_remark(
            conclusions, field="conclusions", max_chars=MAX_TEXT_CHARS, required=False
        )
        now = self.clock.now()
        with self.start_work() as work:
            meeting, _ = find_task(work, task_id, actor, use_case=_USE_CASE)
            meeting.check_state(MeetingState.INVITED)
            if now < meeting.plan.starts_at:
                raise ConflictError(
                    f"meeting {meeting.id} lies ahead",
                    code=ErrorCode.MEETING_NOT_BEGUN,
                    at=shown_time(meeting.plan.starts_at),
                )
            invitees = work.meetings.list_invitees(meeting.id)
            came = {each.id for each in invitees} & set(present)
            if not came and not confirm_empty:
                raise ConflictError("nobody came", code=ErrorCode.MEETING_NOBODY_CAME)
            for invitee in invitees:
                work.meetings.save_invitee(replace(invitee, is_present=invitee.id in came))
                stop_asking(work, invitee, actor=actor, now=now, reason=_IS_OVER)
            meeting.minutes, meeting.conclusions, meeting.minuted_at = said, decided, now
            meeting.move(MeetingState.HELD, now)
            work.meetings.save(meeting)
            work.processes.complete(
                task_id,
                actor,
                use_case=_USE_CASE,
                now=now,
                outcome="held",
                writes={"outcome": "held"} | routing(meeting),
            )
            record_meeting(
                work,
                AuditEvent.MEETING_MINUTE,
                meeting,
                actor=actor,
                now=now,
                present=str(len(came)),
            )
            work.commit()
