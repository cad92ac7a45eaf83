"""Remind an invitee: that an answer is due, or that the meeting is near; jobs of the house."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.meeting import Invitee, Meeting, MeetingState
from engine.model.notice import NoticeKind
from engine.model.organisation import SYSTEM, PersonId
from engine.ports import StartWork, UnitOfWork
from engine.process.model import InstanceId, InstanceStatus
from workflows.meeting.guests import list_going, list_told, today
from workflows.meeting.procedure import REMIND_MEETING, REMIND_REPLY
from workflows.meeting.records import record_meeting, shown_time, tell


@dataclass(frozen=True, kw_only=True)
class Remind:
    """Use case: tell whom an invitation waits for, as its process says; harmless when repeated.

    Args:
        operation: which of the two reminders it is.
    """

    start_work: StartWork
    clock: Clock
    operation: str

    def __call__(self, payload: Mapping[str, str]) -> None:
        """Tell the invitee, if there still is something to be told."""
        now = self.clock.now()
        instance_id = InstanceId(payload["instance_id"])
        with self.start_work() as work:
            if work.processes.store.get_instance(instance_id).status is InstanceStatus.CANCELLED:
                return
            invitee = work.meetings.find_call(payload["business_key"])
            people: list[PersonId] = []
            if invitee is not None:
                meeting = work.meetings.get(invitee.meeting_id)
                people = self._told(work, meeting, invitee)
                if people:
                    self._tell(work, meeting, invitee, people)
            work.processes.complete_operation(
                instance_id, self.operation, now=now, outcome="told" if people else "skipped"
            )
            work.commit()

    def _told(self, work: UnitOfWork, meeting: Meeting, invitee: Invitee) -> list[PersonId]:
        now = self.clock.now()
        if meeting.state is not MeetingState.INVITED or now >= meeting.plan.starts_at:
            return []
        if self.operation == REMIND_REPLY:
            silent = invitee.reply is None
            return list_told(work.organisation, invitee, today(now)) if silent else []
        return [*list_going(work.organisation, invitee, today(now)), *_chair(work, meeting)]

    def _tell(
        self, work: UnitOfWork, meeting: Meeting, invitee: Invitee, people: list[PersonId]
    ) -> None:
        now = self.clock.now()
        is_near = self.operation == REMIND_MEETING
        kind = NoticeKind.MEETING_NEAR if is_near else NoticeKind.MEETING_UNANSWERED
        reply_by = shown_time(meeting.plan.reply_by)
        tell(work, kind, meeting, people, actor=None, now=now, reply_by=reply_by)
        record_meeting(
            work,
            AuditEvent.MEETING_REMIND,
            meeting,
            actor=SYSTEM,
            now=now,
            invitee=invitee.name,
            what=self.operation,
        )


def _chair(work: UnitOfWork, meeting: Meeting) -> list[PersonId]:
    """Return who chairs, to be reminded with the first of those invited and not again."""
    chair, since = meeting.plan.chair_id, meeting.invited_at
    told = work.notices.list_told(NoticeKind.MEETING_NEAR, [meeting.id])
    is_told = any(
        each.person_id == chair and since is not None and each.made_at >= since for each in told
    )
    return [] if is_told else [chair]
