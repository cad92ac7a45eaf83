"""Say who does what when people meet: invited, reminded, minuted, concluded, orders given.

An invitation stands below the task that waits for the meeting and ends with it: with the minutes,
with a change of time or place, or with the cancelling.

Source: practice of the city's offices; Decree 30/2020/NĐ-CP, Appendix III (giấy mời, thông báo).
"""

from importlib.resources import files

from engine.model.meeting import INVITATION_PROCEDURE, MEETING_PROCEDURE
from engine.model.organisation import Power
from engine.process.model import Procedure, TaskRule

#: Jobs that tell an invitee that an answer, or the meeting itself, is near.
REMIND_REPLY = "remind_reply"
REMIND_MEETING = "remind_meeting"

PROCEDURE = Procedure(
    id=MEETING_PROCEDURE,
    bpmn=files("workflows.meeting").joinpath("process.bpmn").read_bytes(),
    tasks={
        "invite": TaskRule(
            use_case="invite_to_meeting",
            person_key="planner_id",
            writes=frozenset({"called", "chair_id", "ends_at"}),
            also=frozenset({"cancel_meeting"}),
            decides="called",
            refusal_bars=frozenset({"hold", "conclude", "assign"}),
        ),
        "hold": TaskRule(
            use_case="record_minutes",
            person_key="planner_id",
            writes=frozenset({"outcome", "chair_id", "ends_at"}),
            also=frozenset({"change_meeting", "cancel_meeting"}),
        ),
        "conclude": TaskRule(
            use_case="conclude_meeting",
            person_key="planner_id",
            writes=frozenset({"has_orders"}),
        ),
        # What a meeting decided is asked of others in the chair's name.
        "assign": TaskRule(use_case="give_orders", person_key="chair_id", power=Power.DIRECT),
    },
    starts_with=frozenset({"agency_id", "planner_id", "chair_id"}),
    required=frozenset({"invite"}),
    order=(("invite", "hold"), ("hold", "conclude"), ("conclude", "assign")),
    never_after=(
        ("hold", "invite"),
        ("conclude", "hold"),
        ("conclude", "conclude"),
        ("assign", "conclude"),
        ("assign", "assign"),
    ),
    opens_with=frozenset({"invite"}),
)

INVITATION = Procedure(
    id=INVITATION_PROCEDURE,
    bpmn=files("workflows.meeting").joinpath("invitation.bpmn").read_bytes(),
    tasks={
        # A person in any role may be invited; whom they left their calendar to answers for them.
        "reply_as_person": TaskRule(
            use_case="reply_to_invitation",
            person_key="person_id",
            may_hand_over=False,
            needs_timer=True,
            power=Power.SCHEDULE,
        ),
        "reply_as_unit": TaskRule(
            use_case="reply_to_invitation", unit_key="unit_id", needs_timer=True
        ),
        "reply_as_agency": TaskRule(use_case="reply_to_invitation", needs_timer=True),
    },
    operations={REMIND_REPLY: REMIND_REPLY, REMIND_MEETING: REMIND_MEETING},
    starts_with=frozenset(
        {"agency_id", "unit_id", "person_id", "reply_by", "starts_at", "remind_at", "before_at"}
    ),
    opens_with=frozenset({"reply_as_person", "reply_as_unit", "reply_as_agency"}),
)
