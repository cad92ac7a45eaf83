"""Say who does what when the week of an agency's leaders is planned."""

from importlib.resources import files

from engine.model.organisation import Power
from engine.model.schedule import (
    SCHEDULE_PROCEDURE,
)
from engine.process.model import Procedure, TaskRule

PROCEDURE = Procedure(
    id=SCHEDULE_PROCEDURE,
    bpmn=files("workflows.schedule").joinpath("process.bpmn").read_bytes(),
    tasks={
        # Once gathering the week, and again each time a leader returned it.
        "consolidate": TaskRule(use_case="submit_schedule"),
        "approve": TaskRule(
            use_case="approve_schedule",
            writes=frozenset({"approved"}),
            also=frozenset({"return_schedule"}),
            decides="approved",
            refusal_bars=frozenset({"seal"}),
            power=Power.SCHEDULE,
        ),
        # Sealed and published, or taken back because something in it turned out wrong.
        "seal": TaskRule(
            use_case="publish_schedule",
            writes=frozenset({"sealed"}),
            also=frozenset({"recall_schedule"}),
            decides="sealed",
        ),
    },
    operations={"remind_units": "remind_units"},
    starts_with=frozenset({"agency_id", "due_at", "remind_at"}),
    required=frozenset({"consolidate", "approve", "seal"}),
    order=(("consolidate", "approve"), ("approve", "seal")),
    never_after=tuple(("seal", step) for step in ("consolidate", "approve", "seal")),
    opens_with=frozenset({"consolidate"}),
)
