"""Say who does what when a document goes out: drafted, reviewed, checked, signed, issued.

Source: Decree 30/2020/NĐ-CP, Art. 10 to 18.
"""

from importlib.resources import files

from engine.model.organisation import Power
from engine.process.model import Procedure, TaskRule

# A return goes back to the drafter with a reason; it completes the same task.
_RETURN = frozenset({"return_document"})
# Before the signature: what was signed is not changed any more.
_BEFORE_SIGNING = frozenset({"draft", "review", "check_form"})

PROCEDURE = Procedure(
    id="outgoing",
    bpmn=files("workflows.outgoing").joinpath("process.bpmn").read_bytes(),
    dmn=files("workflows.outgoing").joinpath("decisions.dmn").read_bytes(),
    tasks={
        "draft": TaskRule(
            use_case="submit_draft",
            unit_key="unit_id",
            person_key="drafter_id",
            writes=frozenset({"signatory_id", "kind", "urgency"}),
        ),
        "review": TaskRule(
            use_case="review_draft",
            unit_key="unit_id",
            power=Power.REVIEW,
            writes=frozenset({"approved"}),
            also=_RETURN,
            decides="approved",
            refusal_bars=frozenset({"sign"}),
            returns_to=_BEFORE_SIGNING,
        ),
        "check_form": TaskRule(
            use_case="check_form",
            writes=frozenset({"form_ok"}),
            also=_RETURN,
            decides="form_ok",
            refusal_bars=frozenset({"sign"}),
            returns_to=_BEFORE_SIGNING,
        ),
        "sign": TaskRule(
            use_case="sign_document",
            person_key="signatory_id",
            # A delegate returns it, or first puts their own name under it: `change_signatory`.
            power=Power.SIGN,
            writes=frozenset({"signed"}),
            also=_RETURN,
            # The document names who signs it: another signatory is another document.
            may_hand_over=False,
            decides="signed",
            refusal_bars=frozenset({"number", "seal", "dispatch"}),
            returns_to=_BEFORE_SIGNING,
        ),
        "number": TaskRule(use_case="number_document"),
        "seal": TaskRule(use_case="seal_document"),
    },
    # The last recipient's answer completes the second.
    operations={"dispatch": "dispatch", "await_receipts": ""},
    starts_with=frozenset({"agency_id", "unit_id", "drafter_id", "signatory_id"}),
    required=frozenset({"draft", "sign", "number", "seal", "dispatch"}),
    order=(
        ("draft", "review"),
        ("draft", "check_form"),
        ("draft", "sign"),
        ("sign", "number"),
        ("number", "seal"),
        ("seal", "dispatch"),
        ("dispatch", "await_receipts"),
    ),
    never_after=(
        *(("sign", step) for step in ("draft", "review", "check_form", "sign")),
        # One number, one seal, one dispatch: a second task of the kind could never be completed.
        *((step, step) for step in ("number", "seal", "dispatch", "await_receipts")),
    ),
    opens_with=frozenset({"draft"}),
)
