"""Say who does what when a leader gives an assignment, from giving it to confirming it.

The lead is an agency, a unit of it or a person; what differs is who may act for it, so each has a
task of its own in the drawing. The assigner decides: whether it is done, who leads it, how long
it may take.

Source: Decision 42/2014/QĐ-TTg; Decree 30/2020/NĐ-CP, Art. 23 and 24.
"""

from importlib.resources import files

from engine.assignment_flow import (
    COOPERATION_PROCEDURE,
    DUE_KEY,
    EXTENSION_PROCEDURE,
    FOLLOW_UP_PROCEDURE,
    LEAD_KEYS,
    RENEW,
    FollowUp,
)
from engine.model.assignment import DIRECTION_PROCEDURE
from engine.model.organisation import Power
from engine.process.model import Procedure, TaskRule

_FOLDER = files("workflows.direction")
#: Besides reporting that it is done, the lead may do these while the task is open.
_OF_THE_LEAD = frozenset(
    {"accept_assignment", "return_assignment", "report_progress", "ask_extension"}
)


def _handle(*, unit_key: str | None = None, person_key: str | None = None) -> TaskRule:
    return TaskRule(
        use_case="report_completion",
        agency_key="lead_agency_id",
        unit_key=unit_key,
        person_key=person_key,
        writes=frozenset({"done"}),
        also=_OF_THE_LEAD,
        # Who leads is the assigner's decision, and stands in the assignment.
        may_hand_over=False,
        decides="done",
        power=Power.HANDLE,
    )


def _contribute(*, unit_key: str | None = None, person_key: str | None = None) -> TaskRule:
    return TaskRule(
        use_case="contribute",
        unit_key=unit_key,
        person_key=person_key,
        may_hand_over=False,
        power=Power.HANDLE,
    )


DIRECTION = Procedure(
    id=DIRECTION_PROCEDURE,
    bpmn=_FOLDER.joinpath("process.bpmn").read_bytes(),
    tasks={
        "handle_as_agency": _handle(),
        "handle_as_unit": _handle(unit_key="lead_unit_id"),
        "handle_as_person": _handle(person_key="lead_person_id"),
        "settle": TaskRule(
            use_case="reassign",
            person_key="assigner_id",
            writes=LEAD_KEYS | {DUE_KEY},
            also=frozenset({"reopen_assignment"}),
            may_hand_over=False,
            power=Power.DIRECT,
        ),
        "confirm": TaskRule(
            use_case="confirm_completion",
            person_key="assigner_id",
            # The deadline may have moved while the task was open; the lead's next one needs it.
            writes=frozenset({"confirmed", DUE_KEY}),
            also=frozenset({"reopen_assignment"}),
            may_hand_over=False,
            decides="confirmed",
            power=Power.DIRECT,
        ),
    },
    # Completed by the use case that sends the message before it.
    operations={RENEW: ""},
    operation_writes=LEAD_KEYS | {DUE_KEY},
    starts_with=LEAD_KEYS | {"assignment_id", "agency_id", "assigner_id", DUE_KEY},
    required=frozenset({"confirm"}),
)

EXTENSION = Procedure(
    id=EXTENSION_PROCEDURE,
    bpmn=_FOLDER.joinpath("extension.bpmn").read_bytes(),
    tasks={
        "decide": TaskRule(
            use_case="decide_extension",
            person_key="assigner_id",
            writes=frozenset({"granted"}),
            may_hand_over=False,
            power=Power.DIRECT,
        ),
    },
    starts_with=frozenset({"agency_id", "assigner_id", "assignment_id"}),
    required=frozenset({"decide"}),
    never_after=(("decide", "decide"),),
    opens_with=frozenset({"decide"}),
)

COOPERATION = Procedure(
    id=COOPERATION_PROCEDURE,
    bpmn=_FOLDER.joinpath("cooperation.bpmn").read_bytes(),
    tasks={
        "contribute_as_agency": _contribute(),
        "contribute_as_unit": _contribute(unit_key="unit_id"),
        "contribute_as_person": _contribute(person_key="person_id"),
    },
    starts_with=frozenset({"agency_id", "unit_id", "person_id", DUE_KEY}),
    opens_with=frozenset({"contribute_as_agency", "contribute_as_unit", "contribute_as_person"}),
)

FOLLOW_UP = Procedure(
    id=FOLLOW_UP_PROCEDURE,
    bpmn=_FOLDER.joinpath("follow_up.bpmn").read_bytes(),
    tasks={},
    operations={each.value: each.value for each in FollowUp},
    starts_with=frozenset(each.moment_key for each in FollowUp),
)
