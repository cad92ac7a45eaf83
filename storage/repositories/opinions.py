"""Keep what people and units are asked beside a task, and what they answer."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from engine.errors import ConflictError, ErrorCode
from engine.model.opinion import OPINION_PROCEDURE, Opinion, OpinionId
from engine.process.model import InstanceStatus
from storage.repositories.base import Repository, by_key, missing
from storage.tables.opinions import ANSWER_COLUMNS, opinion
from storage.tables.processes import instance

#: When the process that waits for the answer ended is read from the process itself.
_ENDED_AT = sa.case(
    (instance.c.status != InstanceStatus.RUNNING, instance.c.updated_at), else_=None
).label("ended_at")
_SELECT = sa.select(
    *(column for column in opinion.c if column.name != "subject_id"), _ENDED_AT
).select_from(
    opinion.outerjoin(
        instance,
        sa.and_(
            instance.c.procedure_id == OPINION_PROCEDURE, instance.c.business_key == opinion.c.id
        ),
    )
)
_GET = _SELECT.where(by_key(opinion.c.id))
_LIST_ON = _SELECT.where(by_key(opinion.c.subject_id)).order_by(opinion.c.asked_at, opinion.c.id)
_SAVE = (
    sa.update(opinion)
    .where(by_key(opinion.c.id), opinion.c.given_at.is_(None), opinion.c.withdrawn_at.is_(None))
    .values({name: sa.bindparam(name) for name in ANSWER_COLUMNS})
)


class SqlOpinions(Repository):
    """Keep opinions; each is answered or withdrawn once."""

    def add(self, asked: Opinion) -> None:
        """Add a question."""
        self._insert(opinion, {**_values(asked), "subject_id": asked.subject_id})

    def get(self, opinion_id: OpinionId) -> Opinion:
        """Return the opinion with the end of its process.

        Raises:
            NotFoundError: there is no such opinion.
        """
        return self._find(Opinion, _GET, key=opinion_id) or missing("opinion", opinion_id)

    def save(self, given: Opinion) -> None:
        """Write the answer or the withdrawal.

        Raises:
            ConflictError: code OPINION_CLOSED; it is answered or withdrawn already.
        """
        values = {name: getattr(given, name) for name in ANSWER_COLUMNS}
        if self._changed(_SAVE, {**values, "key": given.id}) == 0:
            raise ConflictError(f"opinion {given.id} is closed", code=ErrorCode.OPINION_CLOSED)

    def list_on(self, subject_id: str) -> Sequence[Opinion]:
        """Return the opinions asked on a document or on an arrival, oldest first."""
        return self._list(Opinion, _LIST_ON, key=subject_id)


def _values(asked: Opinion) -> dict[str, Any]:
    values = dict(vars(asked))
    del values["ended_at"]
    return values
