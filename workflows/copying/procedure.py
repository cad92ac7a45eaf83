"""Say who does what when paper becomes a certified electronic copy.

Source: Decree 30/2020/NĐ-CP, Art. 25 to 27: the head of the agency decides on copies.
"""

from importlib.resources import files

from engine.model.copy import COPY_PROCEDURE
from engine.process.model import Procedure, TaskRule

PROCEDURE = Procedure(
    id=COPY_PROCEDURE,
    bpmn=files("workflows.copying").joinpath("process.bpmn").read_bytes(),
    tasks={
        "approve": TaskRule(
            use_case="approve_copy",
            writes=frozenset({"approved"}),
            also=frozenset({"return_copy"}),
            decides="approved",
            refusal_bars=frozenset({"certify"}),
        ),
        # Who asked for the copy mends the request, whether desk officer or clerk; it passes to
        # whoever steps in when they have left.
        "amend": TaskRule(
            use_case="amend_copy",
            person_key="requester_id",
            writes=frozenset({"withdrawn"}),
            also=frozenset({"withdraw_copy"}),
        ),
        "certify": TaskRule(use_case="certify_copy"),
    },
    starts_with=frozenset({"agency_id", "requester_id"}),
    required=frozenset({"approve"}),
    order=(("approve", "certify"),),
    never_after=tuple(("certify", step) for step in ("approve", "amend", "certify")),
    opens_with=frozenset({"approve"}),
)
