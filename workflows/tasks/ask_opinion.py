"""Ask several persons and units for their opinion at once, beside a task (xin ý kiến)."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.audit import AuditEvent
from engine.calendar.working_time import WorkingCalendar
from engine.clock import Clock, end_of_day, local
from engine.errors import ErrorCode, InvalidInputError
from engine.model.notice import NoticeKind
from engine.model.opinion import (
    MAX_QUESTION_CHARS,
    OPINION_PROCEDURE,
    Opinion,
    OpinionId,
    OpinionState,
)
from engine.model.organisation import Actor, PersonId, Role, UnitId
from engine.model.remarks import clean_remark
from engine.ports import Organisation, StartWork, UnitOfWork
from engine.process.model import TaskId, WorkItem
from engine.telling import list_holders, show_due, tell_of_delivery, tell_of_document
from workflows.tasks.people import Unsuitable, check_person_asked, check_unit_asked, unsuitable
from workflows.tasks.subjects import TaskSubject, find_subject

MAX_ASKED = 50
MAX_WORKING_DAYS = 60
LONGEST_WAIT = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Hold what was asked.

    Args:
        due_at: by when answers come, aware UTC.
        is_after_task: answers may come when the task itself is overdue already.
    """

    opinion_ids: tuple[OpinionId, ...]
    due_at: datetime
    is_after_task: bool


@dataclass(frozen=True, kw_only=True)
class _Recipient:
    """Hold one person or unit that is asked."""

    name: str
    person_id: PersonId | None = None
    unit_id: UnitId | None = None


@dataclass(frozen=True, kw_only=True)
class AskOpinion:
    """Use case: whoever has a task asks others of the agency what they think."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self,
        task_id: TaskId,
        actor: Actor,
        *,
        question: str,
        people: Sequence[PersonId] = (),
        units: Sequence[UnitId] = (),
        due_on: date | None = None,
        working_days: int | None = None,
    ) -> Asked:
        """Put the question on the list of everybody asked; the task stays where it is.

        Args:
            question: 1 to 2000 characters.
            people: of the agency, in any role; with `units` 1 to 50 in all.
            units: of the agency; a head of each answers for it.
            due_on: last day for answers, not given with `working_days`.
            working_days: 1 to 60 from now.

        Raises:
            InvalidInputError: no question, nobody or too many asked, somebody who cannot be
                asked, or a deadline that is missing, past or over a year away.
            NotPermittedError: not this person's task.
            ConflictError: the task is closed.
        """
        said = clean_remark(question, field="question", max_chars=MAX_QUESTION_CHARS)
        _check_count(len(set(people)) + len(set(units)))
        now = self.clock.now()
        with self.start_work() as work:
            due_at = _deadline(work.processes.calendar, now, due_on, working_days)
            task = work.processes.reassignment.check_holder(task_id, actor)
            subject = find_subject(work, task)
            asked = _list_recipients(work.organisation, task, people, units, actor=actor, now=now)
            _check_not_asked(work, subject, asked, now)
            work.processes.reassignment.note_asked(
                task_id, len(asked), actor, now=now, comment=", ".join(each.name for each in asked)
            )
            opinions = [
                _opinion(task, subject, each, question=said, actor=actor, now=now, due_at=due_at)
                for each in asked
            ]
            for opinion in opinions:
                _ask(work, opinion, task, actor, now)
            _tell(work, subject, opinions, actor, now)
            work.commit()
        return Asked(
            opinion_ids=tuple(opinion.id for opinion in opinions),
            due_at=due_at,
            is_after_task=task.due_at is not None and due_at > task.due_at,
        )


def _check_count(count: int) -> None:
    if count == 0:
        raise InvalidInputError("nobody is asked", code=ErrorCode.INPUT_MISSING, field="people")
    if count > MAX_ASKED:
        raise InvalidInputError(f"{count} are asked at once", field="people")


def _deadline(
    calendar: WorkingCalendar, now: datetime, due_on: date | None, working_days: int | None
) -> datetime:
    if (due_on is None) == (working_days is None):
        raise InvalidInputError("one deadline", code=ErrorCode.INPUT_MISSING, field="due_on")
    if due_on is not None:
        due_at = end_of_day(due_on)
        if not now < due_at <= now + LONGEST_WAIT:
            raise InvalidInputError(f"deadline {due_on}", field="due_on")
        return due_at
    if working_days is None or not 1 <= working_days <= MAX_WORKING_DAYS:
        raise InvalidInputError(f"{working_days} working days", field="working_days")
    return calendar.add_working_days(now, working_days)


def _list_recipients(
    organisation: Organisation,
    task: WorkItem,
    people: Sequence[PersonId],
    units: Sequence[UnitId],
    *,
    actor: Actor,
    now: datetime,
) -> list[_Recipient]:
    agency_id, day = task.agency_id, local(now).date()
    asked = [
        _Recipient(
            name=check_unit_asked(organisation, agency_id, unit_id, asker=actor, day=day),
            unit_id=unit_id,
        )
        for unit_id in dict.fromkeys(units)
    ]
    return asked + [
        _Recipient(
            name=check_person_asked(organisation, agency_id, person_id, asker=actor, day=day),
            person_id=person_id,
        )
        for person_id in dict.fromkeys(people)
    ]


def _check_not_asked(
    work: UnitOfWork, subject: TaskSubject, asked: Sequence[_Recipient], now: datetime
) -> None:
    waiting = {
        (opinion.person_id, opinion.unit_id)
        for opinion in work.opinions.list_on(subject.id)
        if opinion.state(now) is OpinionState.OPEN
    }
    for each in asked:
        if (each.person_id, each.unit_id) in waiting:
            field = "people" if each.person_id else "units"
            raise unsuitable(Unsuitable.ASKED_ALREADY, each.name, field=field)


def _opinion(
    task: WorkItem,
    subject: TaskSubject,
    asked: _Recipient,
    *,
    question: str,
    actor: Actor,
    now: datetime,
    due_at: datetime,
) -> Opinion:
    return Opinion(
        id=OpinionId(uuid.uuid4().hex),
        task_id=task.id,
        document_id=subject.document.id,
        delivery_id=subject.delivery.id if subject.delivery is not None else None,
        agency_id=task.agency_id,
        unit_id=asked.unit_id,
        person_id=asked.person_id,
        asked_name=asked.name,
        question=question,
        asked_by=actor.person_id,
        asked_by_name=actor.full_name,
        asked_at=now,
        due_at=due_at,
    )


def _ask(work: UnitOfWork, opinion: Opinion, task: WorkItem, actor: Actor, now: datetime) -> None:
    """Start the process of one question; it belongs to the task and ends with it."""
    work.opinions.add(opinion)
    work.processes.start(
        OPINION_PROCEDURE,
        business_key=opinion.id,
        data={
            "agency_id": opinion.agency_id,
            "unit_id": opinion.unit_id,
            "person_id": opinion.person_id,
            "due_at": opinion.due_at.isoformat(),
        },
        actor=actor,
        now=now,
        parent_id=task.instance_id,
        parent_task_id=task.id,
    )
    record_opinion(
        work,
        AuditEvent.OPINION_ASK,
        opinion,
        actor=actor,
        now=now,
        text=opinion.question,
        asked=opinion.person_id or opinion.unit_id or "",
        step=task.node_id,
        due_on=local(opinion.due_at).date().isoformat(),
    )


def _tell(
    work: UnitOfWork,
    subject: TaskSubject,
    opinions: Sequence[Opinion],
    actor: Actor,
    now: datetime,
) -> None:
    """Tell everybody asked; of a unit its heads."""
    people = [opinion.person_id for opinion in opinions if opinion.person_id]
    for opinion in opinions:
        if opinion.unit_id is not None:
            people += list_holders(
                work, Role.DIVISION_HEAD, opinion.agency_id, opinion.unit_id, now
            )
    kind, due = NoticeKind.OPINION_ASKED, show_due(opinions[0].due_at)
    if subject.delivery is not None:
        tell_of_delivery(work, kind, people, subject.delivery, now=now, actor=actor, due=due)
    else:
        tell_of_document(work, kind, people, subject.document, now=now, actor=actor, due=due)


def record_opinion(
    work: UnitOfWork,
    event: AuditEvent,
    opinion: Opinion,
    *,
    actor: Actor,
    now: datetime,
    text: str,
    **details: str,
) -> None:
    """Append the leaf of an act on an opinion.

    The trail of the agency's own document shows it. What is asked about an arrival is the
    recipient's own affair: its sender reads the document's trail, so the leaf is not in that
    group. The words are never in a leaf; a SHA-256 over the opinion's id and them proves them.
    """
    digest = hashlib.sha256(f"{opinion.id}\n{text}".encode()).hexdigest()
    work.audit.record(
        event,
        subject=f"opinion:{opinion.id}",
        group=opinion.subject_id,
        actor=actor,
        at=now,
        details={"text_digest": digest} | details,
    )
