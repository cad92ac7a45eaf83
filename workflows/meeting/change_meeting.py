"""Change a meeting: another time or place asks everybody again."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.meeting import (
    MAX_REASON_CHARS,
    Guest,
    Invitee,
    Meeting,
    MeetingPlan,
    MeetingState,
)
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor, PersonId
from engine.model.remarks import clean_remark
from engine.ports import StartWork, UnitOfWork
from engine.process.model import TaskId, WorkItem
from workflows.meeting.guests import ask, list_guests, stop_asking, today
from workflows.meeting.plans import (
    accepted_clashes,
    check_unit,
    clean_plan,
    described,
    find_chair,
    list_clashes,
)
from workflows.meeting.records import (
    check_papers,
    find_task,
    record_meeting,
    routing,
    shown_time,
    tell,
    tell_invitees,
)


@dataclass(frozen=True, kw_only=True)
class _Guests:
    """Hold what becomes of the invitees: who stays, who is asked anew, who is no longer asked."""

    kept: Sequence[Invitee]
    asked: Sequence[Invitee]
    dropped: Sequence[Invitee]

    @property
    def everybody(self) -> list[Invitee]:
        """Return all who are invited from now on, in the order of the plan."""
        return sorted([*self.kept, *self.asked], key=lambda each: each.position)


@dataclass(frozen=True, kw_only=True)
class ChangeMeeting:
    """Use case: whoever prepares the meeting changes it before it begins."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self,
        task_id: TaskId,
        plan: MeetingPlan,
        guests: Sequence[Guest],
        actor: Actor,
        *,
        seen_version: int,
        reason: str = "",
        confirm_clash: bool = False,
    ) -> None:
        """Store the changed plan; once people are invited, tell them and ask again.

        Another time or place voids the answers there are: they are in the trail, and everybody is
        asked anew. Anything else leaves them; who is new is asked, who is left out is told.

        Args:
            seen_version: version of the meeting the person worked on.
            reason: why; needed once people are invited.

        Raises:
            InvalidInputError: as `PlanMeeting`; or no reason.
            ConflictError: somebody changed it meanwhile, it has begun (code MEETING_BEGUN),
                another agency would read a paper that circulates inside (code
                MEETING_PAPER_INSIDE), or code MEETING_CLASH and it is not confirmed.
            NotPermittedError: not this person's task.
        """
        cleaned, now = clean_plan(plan), self.clock.now()
        said = clean_remark(reason, field="reason", max_chars=MAX_REASON_CHARS, required=False)
        with self.start_work() as work:
            meeting, task = _find(work, task_id, actor)
            _check_changeable(meeting, cleaned, seen_version, now)
            is_sent = meeting.state is MeetingState.INVITED
            if is_sent and not said:
                raise InvalidInputError("why", code=ErrorCode.REASON_MISSING, field="reason")
            old_chair = meeting.plan.chair_id
            was, moved = meeting.plan, is_sent and cleaned.is_moved_from(meeting.plan)
            sorted_out = _sort_out(
                work.meetings.list_invitees(meeting.id),
                list_guests(work.organisation, guests, meeting.id, today(now)),
                all_again=moved,
                silent_again=is_sent and cleaned.reply_by != was.reply_by,
            )
            clashes = list_clashes(work, cleaned, sorted_out.everybody, meeting.id)
            note = accepted_clashes(clashes, meeting.clash_note, confirmed=confirm_clash)
            check_papers(work, meeting, sorted_out.everybody)
            _rewrite(work, meeting, cleaned, now)
            meeting.clash_note, meeting.reason = note, said
            meeting.revision += is_sent
            meeting.invited_at = now if moved else meeting.invited_at
            work.meetings.save(meeting)
            if is_sent:
                _ask_again(work, meeting, task, sorted_out, moved=moved, actor=actor, now=now)
                _tell_chairs(work, meeting, old_chair, actor=actor, now=now)
            work.meetings.set_invitees(meeting.id, sorted_out.everybody)
            record_meeting(
                work,
                AuditEvent.MEETING_CHANGE,
                meeting,
                actor=actor,
                now=now,
                reason=said,
                moved="yes" if moved else "no",
                invited=str(len(sorted_out.everybody)),
                clashes=note,
                **described(meeting),
            )
            work.commit()


def _find(work: UnitOfWork, task_id: TaskId, actor: Actor) -> tuple[Meeting, WorkItem]:
    """Return the meeting and the task that waits: to invite, or for the meeting itself."""
    rule = work.processes.get_task(task_id).rule
    use_case = "invite_to_meeting" if rule == "invite" else "change_meeting"
    return find_task(work, task_id, actor, use_case=use_case)


def _check_changeable(
    meeting: Meeting, plan: MeetingPlan, seen_version: int, now: datetime
) -> None:
    if meeting.version != seen_version:
        raise ConflictError(f"meeting {meeting.id} changed", code=ErrorCode.MEETING_CHANGED)
    if meeting.state is not MeetingState.PLANNED:
        meeting.check_answerable(now)
    if plan.agency_id != meeting.plan.agency_id:
        raise InvalidInputError("another organiser", field="agency")
    plan.check_times(now)


def _sort_out(
    known: Sequence[Invitee], fresh: Sequence[Invitee], *, all_again: bool, silent_again: bool
) -> _Guests:
    """Return who stays, who is asked anew and who is left out.

    Args:
        all_again: answers are void.
        silent_again: who has not answered is asked by another day.
    """
    by_guest = {each.guest: each for each in known}
    kept, asked = [], []
    for each in fresh:
        old = by_guest.pop(each.guest, None)
        if old is None:
            asked.append(each)
        elif all_again or (silent_again and old.reply is None):
            asked.append(replace(old, position=each.position).asked_again(uuid.uuid4().hex))
        else:
            kept.append(replace(old, position=each.position))
    return _Guests(kept=kept, asked=asked, dropped=list(by_guest.values()))


def _rewrite(work: UnitOfWork, meeting: Meeting, plan: MeetingPlan, now: datetime) -> None:
    check_unit(work.organisation, plan)
    chair = find_chair(work.organisation, plan, today(now))
    meeting.plan = plan
    meeting.chair_name = work.organisation.get_person(plan.chair_id).full_name
    meeting.chair_title = chair.title
    meeting.updated_at = now


def _ask_again(
    work: UnitOfWork,
    meeting: Meeting,
    task: WorkItem,
    guests: _Guests,
    *,
    moved: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """Ask who is to be asked, and tell everybody what became of the meeting."""
    asked_before = {each.id: each for each in work.meetings.list_invitees(meeting.id)}
    stale = [asked_before[each.id] for each in guests.asked if each.id in asked_before]
    for each in (*guests.dropped, *stale):
        stop_asking(work, each, actor=actor, now=now, reason=meeting.reason)
    if moved:
        step = work.processes.complete(
            task.id,
            actor,
            use_case="change_meeting",
            now=now,
            outcome="changed",
            comment=meeting.reason,
            writes={"outcome": "changed"} | routing(meeting),
        )
        # The invitations that ran have ended with the task.
        task = step.opened[0]
    ask(work, meeting, guests.asked, task, actor=actor, now=now)
    kinds = {
        NoticeKind.MEETING_MOVED if moved else NoticeKind.MEETING_INVITED: guests.asked,
        NoticeKind.MEETING_CHANGED: guests.kept,
        NoticeKind.MEETING_CANCELLED: guests.dropped,
    }
    for kind, invitees in kinds.items():
        tell_invitees(
            work,
            kind,
            meeting,
            invitees,
            actor=actor,
            now=now,
            reply_by=shown_time(meeting.plan.reply_by),
            reason=meeting.reason,
        )


def _tell_chairs(
    work: UnitOfWork, meeting: Meeting, old_chair: PersonId, *, actor: Actor, now: datetime
) -> None:
    """Tell who chairs what changed; after a change of chair, both of them that."""
    chair = meeting.plan.chair_id
    kinds = {chair: NoticeKind.MEETING_CHANGED}
    if chair != old_chair:
        kinds = {
            chair: NoticeKind.MEETING_INVITED,
            old_chair: NoticeKind.MEETING_CANCELLED,
        }
    for person, kind in kinds.items():
        tell(work, kind, meeting, [person], actor=actor, now=now, reason=meeting.reason)
