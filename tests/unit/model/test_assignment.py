"""Tests of assignments: how they stand on a day, what is checked of an order."""

from datetime import UTC, date, datetime

import pytest

from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.assignment import (
    MAX_COOPERATORS,
    Assignment,
    AssignmentId,
    AssignmentState,
    Extension,
    ExtensionId,
    Order,
    Party,
    Source,
    Standing,
)
from engine.model.organisation import Actor, AgencyId, PersonId
from engine.model.urgency import Urgency

DUE = date(2026, 12, 10)
GIVEN_AT = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
#: The evening of the tenth in UTC is the eleventh in Việt Nam.
NIGHT = datetime(2026, 12, 10, 17, 30, tzinfo=UTC)
SNV, STC = Party(agency_id=AgencyId("snv")), Party(agency_id=AgencyId("stc"))
ASSIGNER = Actor(person_id=PersonId("p1"), full_name="Đinh Thị Ngọc Huệ", posts=())


def an_assignment(**changes: object) -> Assignment:
    values: dict[str, object] = {
        "id": AssignmentId("a1"),
        "agency_id": AgencyId("ubnd-tp"),
        "year": 2026,
        "number": 1,
        "assigner_id": PersonId("p1"),
        "assigner_name": "Đinh Thị Ngọc Huệ",
        "content": "Báo cáo.",
        "quoted": "",
        "product": "",
        "urgency": Urgency.NORMAL,
        "lead": SNV,
        "cooperators": (),
        "due_on": DUE,
        "first_due_on": DUE,
        "given_at": GIVEN_AT,
        "updated_at": GIVEN_AT,
        "source": Source(),
    }
    return Assignment(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "day", "standing", "days"),
    [
        (AssignmentState.GIVEN, 10, Standing.RUNNING_IN_TIME, 0),
        (AssignmentState.ACCEPTED, 11, Standing.RUNNING_OVERDUE, 1),
        (AssignmentState.RETURNED, 15, Standing.RUNNING_OVERDUE, 5),
        (AssignmentState.CANCELLED, 15, Standing.CANCELLED, 0),
    ],
)
def test_standing_is_told_from_the_day(
    state: AssignmentState, day: int, standing: Standing, days: int
) -> None:
    assignment = an_assignment(state=state)
    today = date(2026, 12, day)
    assert (assignment.standing(today), assignment.overdue_days(today)) == (standing, days)


def test_standing_counts_the_day_of_the_report_not_of_the_confirmation() -> None:
    reported_at = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
    later = date(2026, 12, 20)
    waiting = an_assignment(state=AssignmentState.REPORTED, reported_at=reported_at)
    assert waiting.standing(later) is Standing.RUNNING_IN_TIME
    done = an_assignment(
        state=AssignmentState.COMPLETED,
        reported_at=reported_at,
        completed_at=datetime(2026, 12, 20, 2, 0, tzinfo=UTC),
    )
    assert done.standing(later) is Standing.DONE_IN_TIME


def test_standing_counts_the_days_of_viet_nam() -> None:
    late = an_assignment(state=AssignmentState.COMPLETED, reported_at=NIGHT, completed_at=NIGHT)
    assert late.standing(date(2026, 12, 30)) is Standing.DONE_LATE
    assert late.overdue_days(date(2026, 12, 30)) == 1


@pytest.mark.parametrize(
    ("day", "standing"),
    [(10, Standing.EXTENSION_ASKED), (11, Standing.RUNNING_OVERDUE)],
)
def test_standing_says_that_time_was_asked_for_until_it_is_late(
    day: int, standing: Standing
) -> None:
    asked = an_assignment(state=AssignmentState.ACCEPTED, extension_open=True)
    assert asked.standing(date(2026, 12, day)) is standing


def test_standing_without_deadline_is_never_late() -> None:
    free = an_assignment(due_on=None, first_due_on=None)
    assert free.standing(date(2030, 1, 1)) is Standing.NO_DEADLINE
    assert free.overdue_days(date(2030, 1, 1)) == 0


@pytest.mark.parametrize("state", [AssignmentState.COMPLETED, AssignmentState.CANCELLED])
def test_check_open_refuses_what_is_over(state: AssignmentState) -> None:
    with pytest.raises(ConflictError) as caught:
        an_assignment(state=state).check_open()
    assert (caught.value.code, caught.value.params["state"]) == (ErrorCode.ASSIGNMENT_STATE, state)


@pytest.mark.parametrize(
    ("cooperators", "code"),
    [
        ((SNV,), ErrorCode.ASSIGNMENT_LEADS),
        ((STC, STC), ErrorCode.ASSIGNMENT_PARTIES),
        (
            tuple(Party(agency_id=AgencyId(f"a{n}")) for n in range(MAX_COOPERATORS + 1)),
            ErrorCode.ASSIGNMENT_PARTIES,
        ),
    ],
)
def test_check_parties_refuses_two_leads_and_too_many(
    cooperators: tuple[Party, ...], code: ErrorCode
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Order(content="Báo cáo.", lead=SNV, cooperators=cooperators).check_parties()
    assert caught.value.code is code


def test_an_extension_is_decided_once() -> None:
    asked = Extension(
        id=ExtensionId("e1"),
        assignment_id=AssignmentId("a1"),
        asked_by=PersonId("p2"),
        asked_by_name="Mai Kim Loan",
        asked_at=GIVEN_AT,
        reason="Chờ số liệu.",
        old_due_on=DUE,
        new_due_on=date(2026, 12, 15),
    )
    granted = asked.decided(actor=ASSIGNER, now=NIGHT, due_on=date(2026, 12, 14), note="")
    assert (granted.granted, granted.granted_due_on) == (True, date(2026, 12, 14))
    refused = asked.decided(actor=ASSIGNER, now=NIGHT, due_on=None, note="Đủ thời gian.")
    assert (refused.granted, refused.decided_by_name) == (False, "Đinh Thị Ngọc Huệ")
    with pytest.raises(ConflictError) as caught:
        granted.decided(actor=ASSIGNER, now=NIGHT, due_on=None, note="")
    assert caught.value.code is ErrorCode.EXTENSION_CLOSED
