"""Run processes on SpiffWorkflow as it comes: default parser, default serializer, gzip.

The whole workflow, with its specs and its history, is one compressed text between two steps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs import BpmnProcessSpec
from SpiffWorkflow.util.task import TaskState

from tests.benchmarks.process_peers.drawings import ASK_ALL_ID, Plain, draw_ask_all


@dataclass(frozen=True)
class StockEngine:
    """Peer: everything as the library's documentation shows it."""

    serializer: BpmnWorkflowSerializer

    @classmethod
    def make(cls) -> "StockEngine":
        return cls(BpmnWorkflowSerializer())

    def parse(self, xml: bytes, process_id: str) -> BpmnProcessSpec:
        parser = BpmnParser()
        parser.add_bpmn_str(xml)
        return parser.get_spec(process_id)

    def start(self, definition: BpmnProcessSpec, data: Mapping[str, Plain]) -> bytes:
        return self._start(definition, data)

    def step(
        self, definition: BpmnProcessSpec, state: bytes, writes: Mapping[str, Plain]
    ) -> bytes:
        workflow = self.serializer.deserialize_json(state, use_gzip=True)
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        task.data.update(writes)
        task.run()
        workflow.do_engine_steps()
        return self.serializer.serialize_json(workflow, use_gzip=True)

    def is_completed(self, definition: BpmnProcessSpec, state: bytes) -> bool:
        return self.serializer.deserialize_json(state, use_gzip=True).completed

    def parse_ask_all(self) -> BpmnProcessSpec:
        return self.parse(draw_ask_all(), ASK_ALL_ID)

    def ask_all(self, definition: BpmnProcessSpec, agencies: Sequence[str]) -> bytes:
        """Ask all agencies in one workflow; they answer one after another, each step saved."""
        state = self._start(definition, {"agencies": list(agencies)})
        for _ in agencies:
            state = self.step(definition, state, {"answer": "received"})
        return state

    def _start(self, definition: BpmnProcessSpec, data: Mapping[str, object]) -> bytes:
        workflow = BpmnWorkflow(definition)
        # Data of the instance; the first task takes it over, and every task the one before it.
        workflow.task_tree.data.update(data)
        workflow.do_engine_steps()
        return self.serializer.serialize_json(workflow, use_gzip=True)
