"""Load BPMN files into definitions, once per process, and decide what may be deployed.

A definition is named by the SHA-256 of its file and never changes; an instance keeps the one it
started with.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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

from engine.errors import DigestMismatchError, ErrorCode, InvalidInputError
from engine.model.organisation import Role
from engine.process.diagram import (
    SYSTEM_LANE,
    Diagram,
    Node,
    NodeKind,
    read_diagram,
    read_xml,
)
from engine.process.joins import Join, Operation
from engine.process.lint import condition_names, lint_diagram
from engine.process.model import Procedure

_ROLES = frozenset(role.value for role in Role)
_NODE_CLASSES: Mapping[NodeKind, Callable[..., BpmnTaskSpec]] = {
    NodeKind.START: partial(StartEvent, event_definition=NoneEventDefinition()),
    NodeKind.END: partial(EndEvent, event_definition=NoneEventDefinition()),
    NodeKind.USER_TASK: UserTask,
    NodeKind.SERVICE_TASK: Operation,
    NodeKind.EXCLUSIVE: ExclusiveGateway,
    NodeKind.PARALLEL: Join,
}


@dataclass(frozen=True, kw_only=True)
class Definition:
    """Hold one version of a procedure, ready to run.

    Args:
        digest: SHA-256 of the file, hex.
        spec: the engine's form of it; shared by all instances and threads, never changed.
    """

    digest: str
    xml: bytes
    diagram: Diagram
    spec: BpmnProcessSpec

    def list_nodes(self) -> Sequence[Node]:
        """Return the nodes in the order of the file."""
        return tuple(self.diagram.nodes.values())

    def start_node(self) -> Node:
        """Return the one start event."""
        return next(n for n in self.list_nodes() if n.kind is NodeKind.START)


class DefinitionCache:
    """Keep definitions by digest for the life of the process; safe for threads."""

    def __init__(self) -> None:
        self._by_digest: dict[str, Definition] = {}
        self._deployed: set[tuple[str, str]] = set()
        self._lock = Lock()

    def find(self, digest: str) -> Definition | None:
        """Return the definition with this digest if it was loaded before."""
        return self._by_digest.get(digest)

    def load(self, xml: bytes, *, expected_digest: str | None = None) -> Definition:
        """Return the definition in a file, loading it the first time.

        Raises:
            InvalidInputError: the file is not a process we run; code `PROCESS_INVALID`.
            DigestMismatchError: the file is not the one with `expected_digest`.
        """
        digest = definition_digest(xml)
        if expected_digest is not None and digest != expected_digest:
            raise DigestMismatchError(f"definition {expected_digest} has digest {digest}")
        found = self._by_digest.get(digest)
        if found is not None:
            return found
        loaded = _load(digest, xml)
        with self._lock:
            return self._by_digest.setdefault(digest, loaded)

    def deploy(self, procedure: Procedure) -> Definition:
        """Return the definition of a procedure's file, checked the first time.

        Raises:
            InvalidInputError: it may not be deployed; see `check_procedure`.
        """
        key = (procedure.id, definition_digest(procedure.bpmn))
        if key not in self._deployed:
            check_procedure(procedure)
            definition = self.load(procedure.bpmn)
            with self._lock:
                self._deployed.add(key)
            return definition
        return self._by_digest[key[1]]


def definition_digest(xml: bytes) -> str:
    """Return the name of a definition: the SHA-256 of its file, hex."""
    return hashlib.sha256(xml).hexdigest()


def check_procedure(procedure: Procedure) -> None:
    """Check that a procedure may be deployed.

    Raises:
        InvalidInputError: code `PROCESS_INVALID`; `params["reasons"]` lists every reason.
    """
    diagram = read_diagram(read_xml(procedure.bpmn))
    reasons = lint_diagram(diagram)
    if not reasons:
        reasons = list(_rule_reasons(procedure, diagram))
    if reasons:
        raise InvalidInputError(
            f"procedure {procedure.id}: {'; '.join(reasons)}",
            code=ErrorCode.PROCESS_INVALID,
            reasons="; ".join(reasons),
        )


def _rule_reasons(procedure: Procedure, diagram: Diagram) -> Iterator[str]:
    if diagram.process_id != procedure.id:
        yield f"the process is {diagram.process_id!r}, not {procedure.id!r}"
    users = _of_kind(diagram, NodeKind.USER_TASK)
    services = _of_kind(diagram, NodeKind.SERVICE_TASK)
    for node_id in sorted(users.keys() ^ procedure.tasks.keys()):
        yield f"{node_id} is not both a user task and a rule"
    for node_id in sorted(services.keys() ^ procedure.operations):
        yield f"{node_id} is not both a service task and an operation"
    yield from (f"{n.id} is in no lane of a role" for n in users.values() if n.lane not in _ROLES)
    yield from (
        f"{n.id} is not in the lane of the system"
        for n in services.values()
        if n.lane != SYSTEM_LANE
    )
    written = procedure.operation_writes.union(*(rule.writes for rule in procedure.tasks.values()))
    for name in sorted(condition_names(diagram) - written):
        yield f"nothing writes {name!r}, which a condition reads"


def _of_kind(diagram: Diagram, kind: NodeKind) -> dict[str, Node]:
    return {node.id: node for node in diagram.nodes.values() if node.kind is kind}


def _load(digest: str, xml: bytes) -> Definition:
    diagram = read_diagram(read_xml(xml))
    return Definition(digest=digest, xml=xml, diagram=diagram, spec=_spec(diagram))


def _spec(diagram: Diagram) -> BpmnProcessSpec:
    """Return the engine's form of a diagram.

    It is built from what we have read and checked. The engine's own parser is not used: it reads
    more than we accept, fails on long rows of tasks, and gives specs that behave differently
    before and after a restart until they have been through its serializer.
    """
    spec = BpmnProcessSpec(name=diagram.process_id, description=diagram.name)
    built = {
        node.id: _NODE_CLASSES[node.kind](spec, node.id, bpmn_name=node.name, lane=node.lane)
        for node in diagram.nodes.values()
    }
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
