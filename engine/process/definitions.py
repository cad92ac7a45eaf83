"""Load BPMN files into definitions, once per operating-system process.

A definition is named by the SHA-256 of its files and never changes; an instance keeps the one it
started with.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

from SpiffWorkflow.bpmn.specs import BpmnProcessSpec  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec  # type: ignore[import-untyped]
from SpiffWorkflow.bpmn.specs.defaults import (  # type: ignore[import-untyped]
    EndEvent,
    ExclusiveGateway,
    StartEvent,
    UserTask,
)
from SpiffWorkflow.bpmn.specs.event_definitions import (  # type: ignore[import-untyped]
    NoneEventDefinition,
)

from engine.errors import DigestMismatchError
from engine.process.decisions import Decision, read_decisions
from engine.process.diagram import read_diagram, read_xml
from engine.process.findings import LintRule, refused
from engine.process.nodes import Diagram, Node, NodeKind
from engine.process.specs import Join, Passing, Resolve, Throw, Waiting

#: Versions kept in memory: what runs, and what was only tried, must not pile up for ever.
MAX_KEPT = 200

_NODE_CLASSES: Mapping[NodeKind, Callable[..., BpmnTaskSpec]] = {
    NodeKind.START: partial(StartEvent, event_definition=NoneEventDefinition()),
    NodeKind.END: partial(EndEvent, event_definition=NoneEventDefinition()),
    NodeKind.USER_TASK: UserTask,
    NodeKind.SERVICE_TASK: Waiting,
    NodeKind.CALL: Waiting,
    NodeKind.CATCH: Waiting,
    NodeKind.BOUNDARY: Passing,
    NodeKind.EXCLUSIVE: ExclusiveGateway,
    NodeKind.PARALLEL: Join,
}


@dataclass(frozen=True, kw_only=True)
class Definition:
    """Hold one version of a procedure, ready to run.

    Args:
        digest: SHA-256 of its files, hex.
        xml: the BPMN file.
        dmn: the decision tables it uses, b"" for none.
        spec: the engine's form of it; shared by all instances and threads, never changed.
    """

    digest: str
    xml: bytes
    dmn: bytes = b""
    diagram: Diagram
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    spec: BpmnProcessSpec

    def start_node(self) -> Node:
        """Return the one start event."""
        return self.diagram.of_kind(NodeKind.START)[0]


class DefinitionCache:
    """Keep the definitions used last by digest; safe for threads.

    Args:
        size: how many are kept; one that was forgotten is loaded again.
    """

    def __init__(self, size: int = MAX_KEPT) -> None:
        self._by_digest: OrderedDict[str, Definition] = OrderedDict()
        self._size = size
        self._lock = Lock()

    def find(self, digest: str) -> Definition | None:
        """Return the definition with this digest if it was loaded before."""
        with self._lock:
            found = self._by_digest.get(digest)
            if found is not None:
                self._by_digest.move_to_end(digest)
            return found

    def load(
        self, xml: bytes, dmn: bytes = b"", *, expected_digest: str | None = None
    ) -> Definition:
        """Return the definition in a file, loading it the first time.

        Raises:
            DiagramRefusedError: the file is not a process we run.
            InvalidInputError: its decision tables cannot be read.
            DigestMismatchError: the files are not those with `expected_digest`.
        """
        digest = definition_digest(xml, dmn)
        if expected_digest is not None and digest != expected_digest:
            raise DigestMismatchError(f"definition {expected_digest} has digest {digest}")
        found = self.find(digest)
        if found is not None:
            return found
        loaded = _load(digest, xml, dmn)
        with self._lock:
            kept = self._by_digest.setdefault(digest, loaded)
            while len(self._by_digest) > self._size:
                self._by_digest.popitem(last=False)
            return kept


def definition_digest(xml: bytes, dmn: bytes = b"") -> str:
    """Return the name of a definition: the SHA-256 of its files, hex."""
    digest = hashlib.sha256(xml)
    if dmn:
        # XML holds no NUL, so no other pair of files has the same bytes in a row.
        digest.update(b"\0")
        digest.update(dmn)
    return digest.hexdigest()


def _load(digest: str, xml: bytes, dmn: bytes) -> Definition:
    diagram = read_diagram(read_xml(xml))
    decisions = read_decisions(dmn) if dmn else {}
    return Definition(
        digest=digest,
        xml=xml,
        dmn=dmn,
        diagram=diagram,
        decisions=decisions,
        spec=_spec(diagram, decisions),
    )


def _spec(diagram: Diagram, decisions: Mapping[str, Decision]) -> BpmnProcessSpec:
    """Return the engine's form of a diagram.

    It is built from what we have read and checked. The engine's own parser is not used: it reads
    more than we accept, fails on long rows of tasks, and gives specs that behave differently
    before and after a restart until they have been through its serializer.
    """
    spec = BpmnProcessSpec(name=diagram.process_id, description=diagram.name)
    built = {node.id: _task_spec(spec, node, decisions) for node in diagram.nodes.values()}
    for node in diagram.nodes.values():
        if node.kind is NodeKind.START:
            spec.start.connect(built[node.id])
        if node.kind is NodeKind.END:
            built[node.id].connect(spec.end)
    for flow in diagram.flows:
        source, target = built[flow.source], built[flow.target]
        if flow.condition:
            source.connect_outgoing_if(flow.condition, target)
        else:
            source.connect(target)
    return spec


def _task_spec(
    spec: BpmnProcessSpec, node: Node, decisions: Mapping[str, Decision]
) -> BpmnTaskSpec:
    named = {"bpmn_name": node.name, "lane": node.lane}
    if node.kind is NodeKind.DECISION:
        decision = decisions.get(node.decision)
        if decision is None:
            raise refused(LintRule.DECISION_UNKNOWN, node.id, reference=node.decision)
        return Resolve(spec, node.id, decision=decision, **named)
    if node.kind is NodeKind.THROW and node.event is not None:
        return Throw(spec, node.id, event=node.event, **named)
    return _NODE_CLASSES[node.kind](spec, node.id, **named)
