"""Answer a question beside a task: agree, agree with remarks, or disagree."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.model.notice import NoticeKind
from engine.model.opinion import (
    MAX_ANSWER_CHARS,
    OpinionId,
    OpinionState,
    OpinionView,
)
from engine.model.organisation import Actor
from engine.model.remarks import clean_remark
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork
from engine.process.model import TaskId
from engine.telling import tell_of_delivery, tell_of_document
from workflows.tasks.ask_opinion import record_opinion
from workflows.tasks.subjects import find_subject


@dataclass(frozen=True, kw_only=True)
class GiveOpinion:
    """Use case: the person asked, or a head of the unit asked, says what they think."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self, task_id: TaskId, actor: Actor, *, view: OpinionView, text: str = ""
    ) -> None:
        """Put the answer on record; the asker sees it at once.

        Args:
            text: may be left out by who agrees without remarks.

        Raises:
            InvalidInputError: remarks or reasons are missing.
            NotPermittedError: somebody else is asked.
            ConflictError: code OPINION_CLOSED, the deadline is over or the question was taken
                back; code TASK_CLOSED, somebody has answered for the unit.
        """
        said = clean_remark(
            text,
            field="text",
            max_chars=MAX_ANSWER_CHARS,
            required=view is not OpinionView.AGREE,
        )
        now = self.clock.now()
        with self.start_work() as work:
            task = work.processes.get_task(task_id)
            subject = Subject(agency_id=task.agency_id)
            check_permitted(Permission.REGISTER_VIEW, actor, subject)
            opinion = work.opinions.get(OpinionId(task.business_key))
            # Why it is too late tells more than that the task is closed.
            if opinion.state(now) is not OpinionState.ANSWERED:
                opinion.check_open(now)
            work.processes.complete(
                task_id,
                actor,
                use_case="give_opinion",
                now=now,
                outcome=view.value,
                comment=said,
            )
            answered = opinion.answered(view, said, actor=actor, now=now)
            work.opinions.save(answered)
            record_opinion(
                work,
                AuditEvent.OPINION_GIVE,
                answered,
                actor=actor,
                now=now,
                text=said,
                view=view.value,
            )
            about = find_subject(work, task)
            kind, asker = NoticeKind.OPINION_GIVEN, [opinion.asked_by]
            if about.delivery is not None:
                tell_of_delivery(work, kind, asker, about.delivery, now=now, actor=actor)
            else:
                tell_of_document(work, kind, asker, about.document, now=now, actor=actor)
            work.commit()
