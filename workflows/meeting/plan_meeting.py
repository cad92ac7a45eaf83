"""Plan a meeting: nobody hears of it yet."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.meeting import (
    MEETING_PROCEDURE,
    Guest,
    Meeting,
    MeetingId,
    MeetingPlan,
    MeetingState,
)
from engine.model.organisation import Actor
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork
from workflows.meeting.guests import list_guests, today
from workflows.meeting.plans import (
    accepted_clashes,
    check_unit,
    clean_plan,
    described,
    find_chair,
    list_clashes,
)
from workflows.meeting.records import record_meeting


@dataclass(frozen=True, kw_only=True)
class PlanMeeting:
    """Use case: somebody of an agency plans a meeting and prepares it from then on."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self,
        actor: Actor,
        plan: MeetingPlan,
        guests: Sequence[Guest],
        *,
        confirm_clash: bool = False,
    ) -> MeetingId:
        """Store the plan and put it on the planner's list to invite.

        Args:
            guests: at most 300; agencies, units and people, also of other agencies.
            confirm_clash: somebody or the room is in another meeting then, on purpose.

        Raises:
            NotPermittedError: the actor does not work for the agency.
            InvalidInputError: a text, a time, the chair or a guest cannot be.
            ConflictError: code MEETING_CLASH, and it is not confirmed.
        """
        check_permitted(Permission.MEETING_PLAN, actor, Subject(agency_id=plan.agency_id))
        cleaned, now = clean_plan(plan), self.clock.now()
        cleaned.check_times(now)
        meeting_id = MeetingId(uuid.uuid4().hex)
        with self.start_work() as work:
            check_unit(work.organisation, cleaned)
            chair = find_chair(work.organisation, cleaned, today(now))
            invitees = list_guests(work.organisation, guests, meeting_id, today(now))
            clashes = list_clashes(work, cleaned, invitees, None)
            meeting = Meeting(
                id=meeting_id,
                plan=cleaned,
                planner_id=actor.person_id,
                chair_name=work.organisation.get_person(cleaned.chair_id).full_name,
                chair_title=chair.title,
                state=MeetingState.PLANNED,
                created_at=now,
                updated_at=now,
                clash_note=accepted_clashes(clashes, "", confirmed=confirm_clash),
            )
            work.meetings.add(meeting, invitees)
            work.processes.start(
                MEETING_PROCEDURE,
                business_key=meeting_id,
                data={
                    "agency_id": cleaned.agency_id,
                    "planner_id": actor.person_id,
                    "chair_id": cleaned.chair_id,
                },
                actor=actor,
                now=now,
            )
            record_meeting(
                work,
                AuditEvent.MEETING_PLAN,
                meeting,
                actor=actor,
                now=now,
                clashes=meeting.clash_note,
                **described(meeting),
            )
            work.commit()
        return meeting_id
