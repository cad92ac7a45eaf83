"""Say who does what in the life of a certificate.

Asking for one: a leader approves, an administrator allows, the holder collects it and chooses the
PIN. Stopping one: it is out of use at once, an administrator settles what becomes of it.

Source: Decree 68/2024/NĐ-CP; OWASP ASVS 5.0, 2.3.5 (two-person rule).
"""

from importlib.resources import files

from engine.model.certification import CERTIFICATE_PROCEDURE, SUSPENSION_PROCEDURE
from engine.process.model import Procedure, TaskRule

_REFUSE = frozenset({"refuse_application"})

CERTIFICATE = Procedure(
    id=CERTIFICATE_PROCEDURE,
    bpmn=files("workflows.certificates").joinpath("process.bpmn").read_bytes(),
    tasks={
        "approve": TaskRule(
            use_case="approve_application",
            # Where nobody else leads the agency, the superior body decides.
            agency_key="approver_agency_id",
            writes=frozenset({"approved"}),
            also=_REFUSE,
            may_hand_over=False,
            decides="approved",
            refusal_bars=frozenset({"allow", "collect"}),
        ),
        "allow": TaskRule(
            use_case="allow_application",
            agency_key="administration_id",
            writes=frozenset({"allowed"}),
            also=_REFUSE,
            may_hand_over=False,
            decides="allowed",
            refusal_bars=frozenset({"collect"}),
        ),
        # Whoever collects chooses the PIN, so nobody else may.
        "collect": TaskRule(
            use_case="collect_certificate", person_key="collector_id", may_hand_over=False
        ),
    },
    starts_with=frozenset(
        {"agency_id", "approver_agency_id", "administration_id", "collector_id"}
    ),
    required=frozenset({"approve"}),
    order=(("approve", "allow"), ("allow", "collect")),
    never_after=(("approve", "approve"), ("allow", "allow"), ("collect", "collect")),
    opens_with=frozenset({"approve"}),
)

SUSPENSION = Procedure(
    id=SUSPENSION_PROCEDURE,
    bpmn=files("workflows.certificates").joinpath("suspension.bpmn").read_bytes(),
    tasks={
        "settle": TaskRule(
            use_case="settle_suspension",
            agency_key="administration_id",
            writes=frozenset({"revoked"}),
            may_hand_over=False,
        ),
    },
    starts_with=frozenset({"agency_id", "administration_id"}),
    required=frozenset({"settle"}),
    never_after=(("settle", "settle"),),
    opens_with=frozenset({"settle"}),
)
