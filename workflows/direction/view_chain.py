"""Follow a matter from its document to what was asked, reported and answered.

Document → direction → assignment → report → closing document; what was given on as a part is
followed too, and what came of the answer. Everybody sees the links they may open, and no others.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from engine.assigning import find_readers, get_seen
from engine.assignment_rules import party_name
from engine.clock import Clock, local
from engine.model.assignment import Assignment, AssignmentId, SourceKind, Standing
from engine.model.delivery import Delivery, DeliveryId
from engine.model.document import Document, DocumentId
from engine.model.organisation import Actor
from engine.permissions import Permission, Subject, check_permitted, is_permitted
from engine.ports import StartWork, UnitOfWork
from workflows.direction.view_assignment import find_document
from workflows.reading.view_document import reader_subject

#: More than this is no picture any more; what is left out is said.
MAX_NODES = 60
_MAX_LEVELS = 8


class ChainKind(StrEnum):
    """Name what a link of the chain is."""

    DOCUMENT = "document"
    DIRECTION = "direction"
    ASSIGNMENT = "assignment"
    REPORT = "report"


@dataclass(frozen=True, kw_only=True)
class ChainNode:
    """Hold one link of the chain.

    Args:
        id: unique in the chain; `target_id` is what its page is found by.
        title: what it says, in one line.
        detail: who and when, such as a lead and a deadline.
        standing: of an assignment, today.
        is_here: the chain was asked for from it.
    """

    id: str
    kind: ChainKind
    target_id: str
    title: str
    detail: str = ""
    standing: Standing | None = None
    is_here: bool = False


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Hold a chain: links in the order they were found, and what leads to what.

    Args:
        edges: pairs of node ids.
        is_cut: there is more than a picture can hold.
    """

    nodes: Sequence[ChainNode]
    edges: Sequence[tuple[str, str]]
    is_cut: bool


@dataclass(frozen=True, kw_only=True)
class ViewChain:
    """Use case: somebody follows a matter from a document, an arrival or an assignment."""

    start_reading: StartWork
    clock: Clock

    def of_assignment(self, assignment_id: AssignmentId, actor: Actor) -> Chain:
        """Return the chain an assignment belongs to, from its beginning.

        Raises:
            NotFoundError, NotPermittedError: as the page of the assignment.
        """
        with self.start_reading() as work:
            here = get_seen(work, assignment_id, actor)
            walk = self._walk(work, actor, f"assignment:{here.id}")
            top = walk.climb(here)
            if not walk.begin_at_document(top.source.document_id):
                walk.begin_at(top)
            return walk.run()

    def of_document(self, document_id: DocumentId, actor: Actor) -> Chain:
        """Return what came of a document.

        Raises:
            NotFoundError, NotPermittedError: as the page of the document.
        """
        with self.start_reading() as work:
            document = work.documents.get(document_id)
            check_permitted(Permission.DOCUMENT_VIEW, actor, reader_subject(work, document))
            walk = self._walk(work, actor, f"document:{document_id}")
            walk.begin_at_document(document_id)
            return walk.run()

    def of_delivery(self, delivery_id: DeliveryId, actor: Actor) -> Chain:
        """Return what came of an arrival.

        Raises:
            NotFoundError, NotPermittedError: as the page of the arrival.
        """
        with self.start_reading() as work:
            delivery = work.deliveries.get(delivery_id)
            subject = Subject(agency_id=delivery.recipient_id)
            check_permitted(Permission.DOCUMENT_VIEW, actor, subject)
            walk = self._walk(work, actor, f"direction:{delivery_id}")
            walk.begin_at_document(delivery.document_id)
            return walk.run()

    def _walk(self, work: UnitOfWork, actor: Actor, here: str) -> "_Walk":
        return _Walk(work=work, actor=actor, today=local(self.clock.now()).date(), here=here)


@dataclass(kw_only=True)
class _Walk:
    """Walk from link to link, breadth first, each once."""

    work: UnitOfWork
    actor: Actor
    today: date
    here: str
    nodes: dict[str, ChainNode] = field(default_factory=dict)
    edges: list[tuple[str, str]] = field(default_factory=list)
    is_cut: bool = False
    _waiting: deque[Callable[[], None]] = field(default_factory=deque)

    def run(self) -> Chain:
        """Return everything that can be reached."""
        while self._waiting:
            self._waiting.popleft()()
        return Chain(nodes=tuple(self.nodes.values()), edges=tuple(self.edges), is_cut=self.is_cut)

    def climb(self, assignment: Assignment) -> Assignment:
        """Return the topmost assignment above one that the reader may see."""
        for _level in range(_MAX_LEVELS):
            if assignment.parent_id is None:
                break
            above = self.work.assignments.get(assignment.parent_id)
            if not self._may_see(above):
                break
            assignment = above
        return assignment

    def begin_at(self, assignment: Assignment) -> None:
        """Begin with an assignment that no document stands behind."""
        self._add_assignment(assignment, "")

    def begin_at_document(self, document_id: DocumentId | None) -> bool:
        """Begin with a document; return False when there is none the reader may see."""
        return bool(self._add_document(document_id, ""))

    def _add(self, node: ChainNode, before: str) -> bool:
        """Add a link after another; return False when it is there already or one too many."""
        is_new = node.id not in self.nodes
        if is_new and len(self.nodes) >= MAX_NODES:
            self.is_cut = True
            return False
        self.nodes.setdefault(node.id, node)
        if before and (before, node.id) not in self.edges and before != node.id:
            self.edges.append((before, node.id))
        return is_new

    def _add_document(self, document_id: DocumentId | None, before: str) -> str:
        """Add a document the reader may see; return its id in the chain, "" for none."""
        document = find_document(self.work, document_id, self.actor)
        if document is None:
            return ""
        node_id = f"document:{document.id}"
        symbol = document.number.symbol if document.number else ""
        node = ChainNode(
            id=node_id,
            kind=ChainKind.DOCUMENT,
            target_id=document.id,
            title=document.content.subject,
            detail=symbol,
            is_here=node_id == self.here,
        )
        if self._add(node, before):
            self._waiting.append(lambda: self._follow_document(document, node_id))
        return node_id

    def _follow_document(self, document: Document, node_id: str) -> None:
        for assignment in self.work.assignments.list_on_document(document.id):
            is_from_it = assignment.source.document_id == document.id
            if is_from_it and assignment.parent_id is None and self._may_see(assignment):
                self._add_assignment(assignment, self._add_direction(assignment, node_id))

    def _add_direction(self, assignment: Assignment, before: str) -> str:
        """Add the leader's direction on an arrival, for those who may see that arrival.

        Anything else comes right after `before`.
        """
        if assignment.source.kind is not SourceKind.DELIVERY:
            return before
        delivery: Delivery = self.work.deliveries.get(DeliveryId(assignment.source.id))
        subject = Subject(agency_id=delivery.recipient_id)
        if not is_permitted(Permission.DOCUMENT_VIEW, self.actor, subject):
            return before
        # One arrival may be directed more than once: each assignment has the words it came from.
        node_id = f"direction:{assignment.id}"
        node = ChainNode(
            id=node_id,
            kind=ChainKind.DIRECTION,
            target_id=delivery.id,
            title=assignment.content,
            detail=assignment.assigner_name,
            is_here=self.here == f"direction:{delivery.id}",
        )
        self._add(node, before)
        return node_id

    def _add_assignment(self, assignment: Assignment, before: str) -> None:
        node_id = f"assignment:{assignment.id}"
        due = assignment.due_on.strftime("%d/%m/%Y") if assignment.due_on else ""
        lead = party_name(self.work.organisation, assignment.lead)
        node = ChainNode(
            id=node_id,
            kind=ChainKind.ASSIGNMENT,
            target_id=assignment.id,
            title=assignment.content,
            detail=f"{lead} · {due}" if due else lead,
            standing=assignment.standing(self.today),
            is_here=node_id == self.here,
        )
        if self._add(node, before):
            self._waiting.append(lambda: self._follow_assignment(assignment, node_id))

    def _follow_assignment(self, assignment: Assignment, node_id: str) -> None:
        for child in self.work.assignments.list_children(assignment.id):
            if self._may_see(child):
                self._add_assignment(child, node_id)
        reports = self.work.assignments.list_reports(assignment.id)
        if not reports:
            return
        last = reports[-1]
        report_id = f"report:{assignment.id}"
        node = ChainNode(
            id=report_id,
            kind=ChainKind.REPORT,
            target_id=assignment.id,
            title=last.text,
            detail=f"{len(reports)} · {last.percent}%",
        )
        self._add(node, node_id)
        shown = [report.evidence_document_id for report in reports]
        for document_id in dict.fromkeys([*shown, assignment.closing_document_id]):
            self._add_document(document_id, report_id)

    def _may_see(self, assignment: Assignment) -> bool:
        subject = find_readers(self.work, assignment)
        return is_permitted(Permission.ASSIGNMENT_VIEW, self.actor, subject)
