"""Say who does what when a document comes in: verified, registered, presented, handled.

Source: Decree 30/2020/NĐ-CP, Art. 20 to 24.
"""

from importlib.resources import files

from engine.assigning import AWAIT_ASSIGNMENT
from engine.model.organisation import Power
from engine.process.model import Procedure, TaskRule

# A return goes back to an earlier step with a reason.
_RETURN = frozenset({"return_delivery"})
_RETURNS_TO = frozenset({"present", "direct"})

PROCEDURE = Procedure(
    id="incoming",
    bpmn=files("workflows.incoming").joinpath("process.bpmn").read_bytes(),
    dmn=files("workflows.incoming").joinpath("decisions.dmn").read_bytes(),
    tasks={
        "register": TaskRule(
            use_case="register_delivery",
            writes=frozenset({"accepted"}),
            also=frozenset({"refuse_delivery"}),
            decides="accepted",
            refusal_bars=frozenset({"present", "direct", "handle", AWAIT_ASSIGNMENT}),
        ),
        "present": TaskRule(use_case="present_delivery", writes=frozenset({"leader_id"})),
        "direct": TaskRule(
            use_case="direct_delivery",
            person_key="leader_id",
            power=Power.DIRECT,
            writes=frozenset({"unit_id", "handler_id", "due_at"}),
            also=_RETURN,
            returns_to=_RETURNS_TO,
        ),
        # Of drawings in which the officer handles the arrival without an assignment.
        "handle": TaskRule(
            use_case="handle_delivery",
            unit_key="unit_id",
            person_key="handler_id",
            power=Power.HANDLE,
            also=_RETURN,
            returns_to=_RETURNS_TO,
        ),
    },
    # Completed by the job that starts the process, as soon as it knows the verdict; and by who
    # confirms, or cancels, the assignment that was made of the direction.
    operations={"verify": "", AWAIT_ASSIGNMENT: ""},
    operation_writes=frozenset({"verdict", "handled"}),
    starts_with=frozenset({"agency_id", "leader_id", "unit_id", "handler_id", "kind", "urgency"}),
    required=frozenset({"verify", "register"}),
    order=(
        ("verify", "register"),
        ("register", "present"),
        ("present", "direct"),
        ("direct", "handle"),
        ("direct", AWAIT_ASSIGNMENT),
    ),
    never_after=(("verify", "verify"), ("register", "register")),
    opens_with=frozenset({"verify"}),
)
