"""Tests of the rules of orders that need no rows: days, leads, reminders."""

from datetime import UTC, date, datetime

import pytest

from engine.assignment_flow import (
    FollowUp,
    assignment_of,
    cooperation_key,
    follow_up_key,
    working_day_from,
)
from engine.assignment_rules import check_deadline, next_working_day, one_lead
from engine.calendar.working_time import vietnam_calendar
from engine.clock import local
from engine.errors import ErrorCode, InvalidInputError
from engine.model.assignment import AssignmentId, Party
from engine.model.organisation import AgencyId

CALENDAR = vietnam_calendar()
MONDAY = datetime(2026, 12, 7, 1, 0, tzinfo=UTC)
SNV, STC = Party(agency_id=AgencyId("snv")), Party(agency_id=AgencyId("stc"))


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 12, 7), 0, date(2026, 12, 7)),
        (date(2026, 12, 7), 1, date(2026, 12, 8)),
        (date(2026, 12, 11), 1, date(2026, 12, 14)),
        (date(2026, 12, 7), -1, date(2026, 12, 4)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
    ],
)
def test_working_day_from_skips_days_off(day: date, count: int, expected: date) -> None:
    assert working_day_from(day, count, CALENDAR) == expected


def test_next_working_day_is_the_day_itself_when_it_is_worked() -> None:
    assert next_working_day(date(2026, 12, 7), CALENDAR) == date(2026, 12, 7)
    assert next_working_day(date(2026, 12, 12), CALENDAR) == date(2026, 12, 14)


def test_reminders_come_in_the_morning_of_working_days() -> None:
    moments = [local(each.moment(date(2026, 12, 15), CALENDAR)) for each in FollowUp]
    assert [moment.date() for moment in moments] == [
        date(2026, 12, 10),
        date(2026, 12, 14),
        date(2026, 12, 15),
        date(2026, 12, 23),
        date(2027, 1, 7),
    ]
    assert {moment.hour for moment in moments} == {8}


def test_check_deadline_takes_the_day_of_today() -> None:
    check_deadline(date(2026, 12, 7), no_deadline=False, now=MONDAY, calendar=CALENDAR)
    check_deadline(None, no_deadline=True, now=MONDAY, calendar=CALENDAR)


@pytest.mark.parametrize(
    ("parties", "code"),
    [
        ([], ErrorCode.ASSIGNMENT_LEAD_MISSING),
        ([SNV, STC], ErrorCode.ASSIGNMENT_LEADS),
    ],
)
def test_one_lead_refuses_none_and_several(parties: list[Party], code: ErrorCode) -> None:
    with pytest.raises(InvalidInputError) as caught:
        one_lead(parties)
    assert caught.value.code is code


def test_one_lead_returns_the_one() -> None:
    assert one_lead([SNV]) == SNV


def test_keys_lead_back_to_the_assignment() -> None:
    assignment_id = AssignmentId("0" * 32)
    for key in (
        cooperation_key(assignment_id, 3),
        follow_up_key(assignment_id, date(2026, 12, 7)),
    ):
        assert assignment_of(key) == assignment_id
