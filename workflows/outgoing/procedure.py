"""Say who does what when a document goes out: drafted, reviewed, checked, signed, issued.

Source: Decree 30/2020/NĐ-CP, Art. 10 to 18.
"""

from importlib.resources import files

from engine.process.model import Procedure, TaskRule

# A return goes back to the drafter with a reason; it completes the same task.
_RETURN = frozenset({"return_document"})

PROCEDURE = Procedure(
    id="outgoing",
    bpmn=files("workflows.outgoing").joinpath("process.bpmn").read_bytes(),
    tasks={
        "draft": TaskRule(
            use_case="submit_draft",
            person_key="drafter_id",
            writes=frozenset({"signatory_id"}),
        ),
        "review": TaskRule(
            use_case="review_draft",
            unit_key="unit_id",
            writes=frozenset({"approved"}),
            also=_RETURN,
        ),
        "check_form": TaskRule(use_case="check_form", writes=frozenset({"form_ok"}), also=_RETURN),
        "sign": TaskRule(
            use_case="sign_document",
            person_key="signatory_id",
            writes=frozenset({"signed"}),
            also=_RETURN,
        ),
        "number": TaskRule(use_case="number_document"),
        "seal": TaskRule(use_case="seal_document"),
    },
    operations=frozenset({"dispatch", "await_receipts"}),
)
