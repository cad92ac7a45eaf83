"""Say who does what when a document comes in: verified, registered, presented, handled.

Source: Decree 30/2020/NĐ-CP, Art. 20 to 24.
"""

from importlib.resources import files

from engine.process.model import Procedure, TaskRule

PROCEDURE = Procedure(
    id="incoming",
    bpmn=files("workflows.incoming").joinpath("process.bpmn").read_bytes(),
    tasks={
        "register": TaskRule(
            use_case="register_delivery",
            writes=frozenset({"accepted"}),
            also=frozenset({"refuse_delivery"}),
        ),
        "present": TaskRule(use_case="present_delivery", writes=frozenset({"leader_id"})),
        "direct": TaskRule(
            use_case="direct_delivery",
            person_key="leader_id",
            writes=frozenset({"unit_id", "handler_id"}),
        ),
        "handle": TaskRule(use_case="handle_delivery", person_key="handler_id"),
    },
    operations=frozenset({"verify"}),
    operation_writes=frozenset({"verdict"}),
)
