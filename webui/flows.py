"""Read how far a process has come, for the diagram and for the list of steps."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.process.model import InstanceId
from engine.process.nodes import NodeKind
from engine.process.progress import NodeProgress, Progress
from webui.login import the_house

_STEP_KINDS = frozenset({NodeKind.USER_TASK, NodeKind.SERVICE_TASK})


@dataclass(frozen=True)
class ComingStep:
    """Hold a step that nobody has on a list: the system is at it, or it is still to come."""

    node_id: str
    name: str
    is_now: bool


def read_flow(instance_id: InstanceId) -> dict[str, object]:
    """Return the diagram of an instance and the nodes that are done or at hand."""
    with the_house().start_reading() as work:
        xml = work.processes.get_diagram(instance_id)
        nodes = work.processes.describe(instance_id)
    return {
        "xml": xml.decode("utf-8"),
        "done": [each.node.id for each in nodes if each.state is Progress.DONE],
        "now": [each.node.id for each in nodes if each.state is Progress.CURRENT],
    }


def list_coming(instance_id: InstanceId) -> Sequence[ComingStep]:
    """Return the steps the system is at and those still to come; none once it has ended."""
    with the_house().start_reading() as work:
        nodes = work.processes.describe(instance_id)
    if any(each.node.kind is NodeKind.END and each.state is Progress.DONE for each in nodes):
        return ()
    return [
        ComingStep(each.node.id, each.node.name, each.state is Progress.CURRENT)
        for each in nodes
        if _is_coming(each)
    ]


def _is_coming(each: NodeProgress) -> bool:
    if each.state is Progress.CURRENT:
        return each.node.kind is NodeKind.SERVICE_TASK
    return each.state is Progress.FUTURE and each.node.kind in _STEP_KINDS
