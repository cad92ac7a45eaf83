"""Give an assignment: a leader names one lead, who co-operates, and by when."""

from dataclasses import dataclass

from engine.assigning import give
from engine.clock import Clock
from engine.errors import InvalidInputError
from engine.model.assignment import AssignmentId, Order, SourceKind
from engine.model.organisation import Actor
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork, UnitOfWork
from workflows.reading.view_document import reader_subject


@dataclass(frozen=True, kw_only=True)
class GiveAssignment:
    """Use case: a leader, or the head of a unit, gives an assignment."""

    start_work: StartWork
    clock: Clock

    def __call__(self, actor: Actor, order: Order) -> AssignmentId:
        """Give the assignment and return its id.

        Raises:
            InvalidInputError, NotPermittedError, ConflictError: as `engine.assigning.give`; also
                invalid when it comes from anything but a document, and not permitted when the
                actor may not see that document.
        """
        now = self.clock.now()
        with self.start_work() as work:
            _check_source(work, actor, order)
            assignment = give(work, order, actor=actor, now=now, calendar=work.processes.calendar)
            work.commit()
        return assignment.id


def _check_source(work: UnitOfWork, actor: Actor, order: Order) -> None:
    """Check that who quotes a document may read it; nobody learns by an id that it exists.

    What comes of an arrival or a meeting is given by the step of those procedures that waits
    for it, and by nothing else.
    """
    source = order.source
    if source.kind not in {SourceKind.NONE, SourceKind.DOCUMENT}:
        raise InvalidInputError(f"source {source.kind}", field="source")
    if source.document_id is not None:
        document = work.documents.get(source.document_id)
        check_permitted(Permission.DOCUMENT_VIEW, actor, reader_subject(work, document))
