"""Say who answers a question: the person, or a head of the unit, until the deadline."""

from importlib.resources import files

from engine.model.opinion import OPINION_PROCEDURE
from engine.process.model import Procedure, TaskRule

PROCEDURE = Procedure(
    id=OPINION_PROCEDURE,
    bpmn=files("workflows.opinion").joinpath("process.bpmn").read_bytes(),
    tasks={
        # A person in any role may be asked; nobody else can say what they think.
        "give_as_person": TaskRule(
            use_case="give_opinion", person_key="person_id", may_hand_over=False, needs_timer=True
        ),
        "give_as_unit": TaskRule(use_case="give_opinion", unit_key="unit_id", needs_timer=True),
    },
    starts_with=frozenset({"agency_id", "unit_id", "person_id", "due_at"}),
    opens_with=frozenset({"give_as_person", "give_as_unit"}),
)
