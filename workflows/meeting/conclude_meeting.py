"""Conclude a meeting, and give what it decided to those who are to do it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from engine.assigning import give
from engine.assignments_in_text import ProposedOrder, find_orders
from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.assignment import MAX_CONTENT_CHARS, AssignmentId, Order, Source, SourceKind
from engine.model.meeting import MAX_REASON_CHARS, Meeting, MeetingState
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.ports import StartWork, UnitOfWork
from engine.process.model import TaskId
from engine.text import nfc
from workflows.meeting.guests import today
from workflows.meeting.records import ISSUED, check_issued, find_task, record_meeting, tell

_CONCLUDE = "conclude_meeting"
_GIVE = "give_orders"
MAX_ORDERS = 100


def propose_orders(work: UnitOfWork, meeting: Meeting) -> list[ProposedOrder]:
    """Return what the notice of conclusions gives to others; nothing before it is issued."""
    if meeting.conclusion_id is None:
        return []
    document = work.documents.get(meeting.conclusion_id)
    if document.status not in ISSUED or document.number is None:
        return []
    return _read_orders(work, meeting, document.content.body, document.number.issued_on)


def list_unissued(work: UnitOfWork, meeting: Meeting, now: datetime) -> list[ProposedOrder]:
    """Return the orders of the minutes that no issued notice carries."""
    notice = meeting.conclusion_id
    is_out = notice is not None and work.documents.get(notice).status in ISSUED
    return [] if is_out else _read_orders(work, meeting, meeting.conclusions, today(now))


def _read_orders(work: UnitOfWork, meeting: Meeting, text: str, day: date) -> list[ProposedOrder]:
    return find_orders(
        text,
        work.organisation.list_agencies(day),
        work.organisation.list_units(meeting.plan.agency_id, day),
        day=day,
        calendar=work.processes.calendar,
    )


@dataclass(frozen=True, kw_only=True)
class ConcludeMeeting:
    """Use case: whoever prepared the meeting closes it, or hands its orders to the chair."""

    start_work: StartWork
    clock: Clock

    def __call__(self, task_id: TaskId, actor: Actor, *, confirm_left: bool = False) -> int:
        """Close the meeting behind `task_id`; return how many orders the chair is to confirm.

        Args:
            confirm_left: the minutes give orders that no issued notice carries, and nobody is to
                get them, on purpose; it is recorded.

        Raises:
            ConflictError: code MEETING_NOT_ISSUED, its notice is not out yet; code
                MEETING_ORDERS_LEFT, and it is not confirmed; or the task is closed.
            NotPermittedError: not this person's task.
        """
        now = self.clock.now()
        with self.start_work() as work:
            meeting, _ = find_task(work, task_id, actor, use_case=_CONCLUDE)
            meeting.check_state(MeetingState.HELD)
            notice = meeting.conclusion_id
            check_issued(work.documents.get(notice) if notice else None)
            orders = propose_orders(work, meeting)
            left = len(list_unissued(work, meeting, now))
            if left and not confirm_left:
                raise ConflictError(
                    f"{left} orders in no notice",
                    code=ErrorCode.MEETING_ORDERS_LEFT,
                    count=str(left),
                )
            meeting.move(MeetingState.CONCLUDED, now)
            work.meetings.save(meeting)
            work.processes.complete(
                task_id,
                actor,
                use_case=_CONCLUDE,
                now=now,
                outcome="concluded",
                writes={"has_orders": bool(orders)},
            )
            if orders:
                chair = [meeting.plan.chair_id]
                count = str(len(orders))
                tell(
                    work,
                    NoticeKind.MEETING_ORDERS,
                    meeting,
                    chair,
                    actor=actor,
                    now=now,
                    count=count,
                )
            record_meeting(
                work,
                AuditEvent.MEETING_CONCLUDE,
                meeting,
                actor=actor,
                now=now,
                notice=notice or "",
                orders=str(len(orders)),
                left=str(left),
            )
            work.commit()
        return len(orders)


@dataclass(frozen=True, kw_only=True)
class GiveOrders:
    """Use case: the chair confirms the orders of the conclusions; each becomes an assignment."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self, task_id: TaskId, actor: Actor, orders: Sequence[Order], *, left_reason: str = ""
    ) -> tuple[AssignmentId, ...]:
        """Give the orders behind `task_id`, all or none of them.

        Args:
            orders: as confirmed; their source is set here. What each quotes tells which of the
                proposed ones it is; an order that quotes none is one more.
            left_reason: why the rest is not given; needed when some or all are left out.

        Raises:
            InvalidInputError: code MEETING_ORDERS_LEFT, proposed orders are left out and nobody
                says why; or as `engine.assigning.give`, for any of them: `params["order"]` is its
                place, from 1. Nothing is given.
            NotPermittedError: not this person's task, or out of their reach.
            ConflictError: the task is closed.
        """
        if len(orders) > MAX_ORDERS:
            raise InvalidInputError(f"{len(orders)} orders", code=ErrorCode.INPUT_INVALID)
        said = clean_remark(
            left_reason, field="left_reason", max_chars=MAX_REASON_CHARS, required=False
        )
        now = self.clock.now()
        with self.start_work() as work:
            meeting, _ = find_task(work, task_id, actor, use_case=_GIVE)
            meeting.check_state(MeetingState.CONCLUDED)
            left = _count_left(propose_orders(work, meeting), orders)
            if left and not said:
                raise InvalidInputError(
                    f"{left} orders left out",
                    code=ErrorCode.MEETING_ORDERS_LEFT,
                    field="left_reason",
                    count=str(left),
                )
            source = Source(
                kind=SourceKind.MEETING, id=meeting.id, document_id=meeting.conclusion_id
            )
            # First, so that it is settled whom the actor acts for when each order is given.
            work.processes.complete(
                task_id, actor, use_case=_GIVE, now=now, outcome="given" if orders else "none"
            )
            given = [
                _give(work, replace(order, source=source), place, actor=actor, clock=self.clock)
                for place, order in enumerate(orders, start=1)
            ]
            meeting.orders_given, meeting.updated_at = len(given), now
            work.meetings.save(meeting)
            record_meeting(
                work,
                AuditEvent.MEETING_ORDER,
                meeting,
                actor=actor,
                now=now,
                orders=str(len(given)),
                left=str(left),
                reason=said if left else "",
            )
            work.commit()
        return tuple(given)


def _count_left(proposals: Sequence[ProposedOrder], orders: Sequence[Order]) -> int:
    """Return how many of the proposed orders nobody is given."""
    proposed = Counter(quoted_of(each.text) for each in proposals)
    return (proposed - Counter(quoted_of(each.quoted) for each in orders)).total()


def quoted_of(text: str) -> str:
    """Return a sentence as an assignment quotes it."""
    return nfc(text).strip()[:MAX_CONTENT_CHARS].rstrip()


def _give(
    work: UnitOfWork, order: Order, place: int, *, actor: Actor, clock: Clock
) -> AssignmentId:
    try:
        assignment = give(
            work, order, actor=actor, now=clock.now(), calendar=work.processes.calendar
        )
    except InvalidInputError as error:
        error.params["order"] = str(place)
        raise
    return assignment.id
