"""Run BPMN files with SpiffWorkflow as it comes: its parser, its data, its serializer.

The tests beside this file say what goes wrong there. They assert the wrong outcome, so that a
release that mends it is noticed, and stand beside a test that ours is right.
"""

from collections.abc import Mapping

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs import BpmnProcessSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

SERIALIZER = BpmnWorkflowSerializer()


def parse(xml: bytes) -> BpmnProcessSpec:
    """Return the specification of the process `flow`."""
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(xml))
    return parser.get_spec("flow")


class StockRun:
    """One instance that lives in memory until `restart` sends it through the serializer."""

    def __init__(self, spec: BpmnProcessSpec | bytes, **data: object) -> None:
        self.workflow = BpmnWorkflow(parse(spec) if isinstance(spec, bytes) else spec)
        self.workflow.task_tree.data.update(data)
        self.workflow.do_engine_steps()

    def ready(self) -> list[str]:
        """Return the tasks that wait for people."""
        return sorted(task.task_spec.bpmn_id for task in self.tasks())

    def tasks(self) -> list[Task]:
        return list(self.workflow.get_tasks(state=TaskState.READY, manual=True))

    def task(self, node: str) -> Task:
        return next(task for task in self.tasks() if task.task_spec.bpmn_id == node)

    def do(self, node: str, data: Mapping[str, object] | None = None) -> None:
        task = self.task(node)
        task.data.update(data or {})
        task.run()
        self.workflow.do_engine_steps()

    def save(self) -> str:
        return str(SERIALIZER.serialize_json(self.workflow))

    def restart(self) -> None:
        self.workflow = SERIALIZER.deserialize_json(self.save())
