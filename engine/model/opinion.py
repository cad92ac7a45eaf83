"""Describe an opinion asked of a person or of a unit beside a task (xin ý kiến).

What became of a question is never stored twice: it is told from the answer, the withdrawal, the
deadline and the end of the process that waits for it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from engine.clock import local
from engine.errors import ConflictError, ErrorCode
from engine.model.delivery import DeliveryId
from engine.model.document import DocumentId
from engine.model.organisation import Actor, AgencyId, PersonId, UnitId

OpinionId = NewType("OpinionId", str)

#: Procedure each question runs as; its business key is the id of the opinion.
OPINION_PROCEDURE = "opinion"
MAX_QUESTION_CHARS = 2000
MAX_ANSWER_CHARS = 5000


class OpinionView(StrEnum):
    """Name what an answer says."""

    AGREE = "agree"
    REMARKS = "agree_with_remarks"
    DISAGREE = "disagree"


class OpinionState(StrEnum):
    """Name what became of a question."""

    OPEN = "open"
    ANSWERED = "answered"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """Hold one question to one person or one unit, and the answer to it.

    Args:
        task_id: task the question was asked at.
        delivery_id: arrival it is about; None when it is about the agency's own document.
        unit_id: unit asked, None when a person is; exactly one of the two is given.
        asked_name: of the person or unit, as it was then.
        due_at: aware UTC; an answer comes before it.
        view: what the answer says, None without one; `text` is its wording.
        given_by_post: title of the post the answer was given in, as it was then.
        ended_at: when the process that waited for the answer ended, None while it runs; read
            with the opinion, never written.
    """

    id: OpinionId
    task_id: str
    document_id: DocumentId
    delivery_id: DeliveryId | None
    agency_id: AgencyId
    unit_id: UnitId | None
    person_id: PersonId | None
    asked_name: str
    question: str
    asked_by: PersonId
    asked_by_name: str
    asked_at: datetime
    due_at: datetime
    view: OpinionView | None = None
    text: str = ""
    given_by: PersonId | None = None
    given_by_name: str = ""
    given_by_post: str = ""
    given_at: datetime | None = None
    withdrawn_by: PersonId | None = None
    withdrawn_by_name: str = ""
    withdrawn_at: datetime | None = None
    withdrawn_reason: str = ""
    ended_at: datetime | None = None

    @property
    def subject_id(self) -> str:
        """Return the id of the arrival or the document it is about."""
        return self.delivery_id or self.document_id

    def state(self, now: datetime) -> OpinionState:
        """Return what became of the question by `now`."""
        if self.given_at is not None:
            return OpinionState.ANSWERED
        if self.withdrawn_at is not None:
            return OpinionState.WITHDRAWN
        if self.ended_at is not None and self.ended_at < self.due_at:
            return OpinionState.LAPSED
        return OpinionState.EXPIRED if now >= self.due_at else OpinionState.OPEN

    def check_open(self, now: datetime) -> None:
        """Check that the question still waits for its answer.

        Raises:
            ConflictError: code OPINION_CLOSED; `params` name the state and the deadline.
        """
        state = self.state(now)
        if state is not OpinionState.OPEN:
            raise ConflictError(
                f"opinion {self.id} is {state}",
                code=ErrorCode.OPINION_CLOSED,
                state=state,
                due=local(self.due_at).strftime("%d/%m/%Y %H:%M"),
            )

    def answered(self, view: OpinionView, text: str, *, actor: Actor, now: datetime) -> "Opinion":
        """Return the question with its answer, and the post it was given in."""
        return replace(
            self,
            view=view,
            text=text,
            given_by=actor.person_id,
            given_by_name=actor.full_name,
            given_by_post=self._post_of(actor),
            given_at=now,
        )

    def withdrawn(self, reason: str, *, actor: Actor, now: datetime) -> "Opinion":
        """Return the question as taken back."""
        return replace(
            self,
            withdrawn_by=actor.person_id,
            withdrawn_by_name=actor.full_name,
            withdrawn_at=now,
            withdrawn_reason=reason,
        )

    def _post_of(self, actor: Actor) -> str:
        posts = [post for post in actor.posts if post.agency_id == self.agency_id]
        in_unit = [post for post in posts if self.unit_id and post.unit_id == self.unit_id]
        return next((post.title for post in (*in_unit, *posts)), "")
