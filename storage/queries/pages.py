"""Join the parts of the read side in one object."""

from collections.abc import Collection, Sequence
from datetime import datetime

from engine.model.document import DocumentId, DocumentStatus
from engine.model.organisation import Actor, AgencyId
from engine.paging import Page
from engine.queries import Basket, DeliveryRow, DocumentRow, StepRow, StuckRow, Waiting, WorkRow
from storage.queries import documents, steps, stuck, work
from storage.queries.processes import SqlProcessQueries


class SqlQueries(SqlProcessQueries):
    """Answer each question with a constant number of statements, whatever the number of rows."""

    def count_baskets(self, actor: Actor) -> dict[Basket, int]:
        """Return the number of open items in each basket."""
        return dict(self.count_waiting(actor).baskets)

    def count_waiting(self, actor: Actor) -> Waiting:
        """Return what waits for the person: open items by basket, unread notices."""
        return work.count_waiting(self._connection, actor)

    def list_work(
        self, actor: Actor, basket: Basket, *, cursor: str = "", limit: int = 50
    ) -> Page[WorkRow]:
        """Return open items, oldest first, the most urgent kinds before."""
        return work.list_work(self._connection, actor, basket, cursor, limit)

    def list_tasks_on(self, actor: Actor, subject_id: str) -> Sequence[WorkRow]:
        """Return the open tasks on one document or delivery that the actor may complete."""
        return work.list_tasks_on(self._connection, actor, subject_id)

    def list_documents(
        self, agency_ids: frozenset[AgencyId], *, cursor: str = "", limit: int = 50
    ) -> Page[DocumentRow]:
        """Return outgoing documents of the agencies, newest first."""
        return documents.list_documents(self._connection, agency_ids, cursor, limit)

    def list_arrivals(
        self, agency_ids: frozenset[AgencyId], *, cursor: str = "", limit: int = 50
    ) -> Page[DeliveryRow]:
        """Return deliveries to the agencies, newest first."""
        return documents.list_arrivals(self._connection, agency_ids, cursor, limit)

    def list_board(self, document_id: DocumentId) -> Sequence[DeliveryRow]:
        """Return one row a recipient, in the order of agency codes."""
        return documents.list_board(self._connection, document_id)

    def list_steps(self, procedure_id: str, business_key: str) -> Sequence[StepRow]:
        """Return the steps of a process, oldest first, open ones last."""
        return steps.list_steps(self._connection, procedure_id, business_key)

    def search(
        self, agency_ids: frozenset[AgencyId], text: str, *, limit: int = 50
    ) -> Sequence[DocumentRow]:
        """Return documents the agencies sent or received that match `text`."""
        return documents.search(self._connection, agency_ids, text, limit)

    def find_document(
        self,
        text: str,
        agency_id: AgencyId | None = None,
        *,
        among: Collection[DocumentStatus] = (),
    ) -> DocumentId | None:
        """Return the document whose id is `text`, or the newest one with that symbol."""
        return documents.find_document(self._connection, text, agency_id, among)

    def list_stuck(self, now: datetime) -> Sequence[StuckRow]:
        """Return what waits for an administrator: stale signings, failed jobs, silence."""
        return stuck.list_stuck(self._connection, now)
