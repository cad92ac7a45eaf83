"""Decide on a request for more time: granted, granted until another day, or refused."""

from dataclasses import dataclass
from datetime import date, datetime

from engine.assigning import (
    check_not_own_work,
    get_seen,
    not_assigner,
    note_lead,
    record_assignment,
    show_day,
    tell,
    tell_parties,
)
from engine.assignment_flow import EXTENSION_PROCEDURE, move_deadline
from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode, NotPermittedError
from engine.model.assignment import Assignment, Extension, ExtensionId
from engine.model.notice import NoticeKind
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.own_work import own_work
from engine.ports import StartWork, UnitOfWork
from engine.process.model import TaskId
from workflows.direction.acts import MAX_REASON_CHARS
from workflows.direction.ask_extension import check_new_day


@dataclass(frozen=True, kw_only=True)
class DecideExtension:
    """Use case: the assigner, or a delegate, decides."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self,
        extension_id: ExtensionId,
        actor: Actor,
        *,
        granted: bool,
        due_on: date | None = None,
        note: str = "",
    ) -> None:
        """Decide; a granted request moves the deadline at once and keeps the old one on record.

        Args:
            due_on: day granted; the day asked for unless given.
            note: why; required to refuse.

        Raises:
            InvalidInputError: no reason to refuse; code EXTENSION_DATE; ASSIGNMENT_DEADLINE_*.
            NotPermittedError: code ASSIGNMENT_NOT_ASSIGNER; or ASSIGNMENT_OWN_WORK, nobody
                grants time to themselves.
            ConflictError: code EXTENSION_CLOSED, it is decided; code ASSIGNMENT_STATE.
        """
        said = clean_remark(
            note, field="decision", max_chars=MAX_REASON_CHARS, required=not granted
        )
        now = self.clock.now()
        with self.start_work() as work:
            extension = work.assignments.get_extension(extension_id)
            assignment = get_seen(work, extension.assignment_id, actor)
            task_id = _open_task(work, extension, assignment, actor)
            _check_not_asker(work, extension, assignment, actor, now)
            assignment.check_open()
            day = (due_on or extension.new_due_on) if granted else None
            if day is not None:
                check_new_day(work, assignment, day, now=now)
            decided = extension.decided(actor=actor, now=now, due_on=day, note=said)
            work.assignments.save_extension(decided)
            work.processes.complete(
                task_id,
                actor,
                use_case="decide_extension",
                now=now,
                outcome="granted" if granted else "refused",
                comment=said,
                writes={"granted": granted},
            )
            if day is not None:
                move_deadline(work, assignment, day, key=f"extension:{extension.id}", now=now)
            assignment.extension_open = False
            assignment.updated_at = now
            work.assignments.save(assignment)
            note_lead(work, assignment, now=now)
            self._tell(work, assignment, decided, actor)
            record_assignment(
                work,
                AuditEvent.EXTENSION_DECIDE,
                assignment,
                actor=actor,
                now=now,
                text=said,
                granted="yes" if granted else "no",
                due_on=day.isoformat() if day else "",
            )
            work.commit()

    def _tell(
        self, work: UnitOfWork, assignment: Assignment, decided: Extension, actor: Actor
    ) -> None:
        details = {
            "granted": "yes" if decided.granted else "no",
            "new_due_on": show_day(decided.granted_due_on),
        }
        now = self.clock.now()
        kind = NoticeKind.EXTENSION_DECIDED
        tell(work, kind, assignment, [decided.asked_by], actor=actor, now=now, **details)
        if decided.granted:
            others = assignment.cooperators
            tell_parties(work, kind, assignment, others, actor=actor, now=now, **details)


def _check_not_asker(
    work: UnitOfWork, extension: Extension, assignment: Assignment, actor: Actor, now: datetime
) -> None:
    check_not_own_work(work, assignment, actor, now)
    acts_for_self = work.deputies.find(actor.person_id) is None
    if acts_for_self and extension.asked_by == actor.person_id:
        raise own_work(assignment, actor)


def _open_task(
    work: UnitOfWork, extension: Extension, assignment: Assignment, actor: Actor
) -> TaskId:
    """Return the task to decide, once it is sure that it waits for the actor."""
    tasks = work.processes.list_open_tasks(EXTENSION_PROCEDURE, extension.id)
    if not tasks:
        raise ConflictError(f"extension {extension.id}", code=ErrorCode.EXTENSION_CLOSED)
    try:
        work.processes.check_may_complete(tasks[0].id, actor, use_case="decide_extension")
    except NotPermittedError as error:
        raise not_assigner(assignment, actor) from error
    return tasks[0].id
