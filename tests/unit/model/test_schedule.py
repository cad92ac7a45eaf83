"""Weeks of leaders: what changed, what clashes, what may follow what."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.document import Digest, PlacedSignature
from engine.model.organisation import PersonId
from engine.model.schedule import (
    SEALING_LIFETIME,
    ScheduleSealing,
    SealedSchedule,
    Week,
    WeekState,
    check_week_ahead,
    monday_of,
    title_of,
)
from engine.model.schedule_entries import (
    ChangeKind,
    ClashKind,
    DayPart,
    ScheduleId,
    check_times,
    compare,
    find_clashes,
    in_order,
    published_part,
)
from tests.factories.weeks import DEPUTY, HEAD, MONDAY, NOW, a_schedule, a_text, an_entry

LATER = NOW + timedelta(hours=1)
PAPER = Digest("a" * 64)


def a_file() -> SealedSchedule:
    signature = PlacedSignature(
        field="dau_chu", certificate_id="c1", cms_sha256="b" * 64, made_at=LATER
    )
    return SealedSchedule(digest=Digest("c" * 64), size_bytes=9, page_count=1, signature=signature)


def a_sealing(nonce: str = "n1") -> ScheduleSealing:
    return ScheduleSealing(
        nonce=nonce, certificate_id="c1", actor_id=PersonId("van-thu"), begun_at=NOW
    )


def test_compare_names_what_was_added_removed_moved_and_edited() -> None:
    before = [
        an_entry("stays"),
        an_entry("removed", starts_at=time(9)),
        an_entry("moved", day=MONDAY, starts_at=time(10)),
        an_entry("edited", starts_at=time(11)),
    ]
    after = [
        an_entry("stays", schedule="tuan-2"),
        an_entry("moved", schedule="tuan-2", day=MONDAY + timedelta(days=1), starts_at=time(10)),
        an_entry("edited", schedule="tuan-2", starts_at=time(11), place="Hội trường"),
        an_entry("added", schedule="tuan-2", starts_at=time(8)),
    ]

    changes = compare(before, after)

    assert [(each.kind, each.entry.key) for each in changes] == [
        (ChangeKind.ADDED, "added"),
        (ChangeKind.REMOVED, "removed"),
        (ChangeKind.EDITED, "edited"),
        (ChangeKind.MOVED, "moved"),
    ]
    assert changes[-1].before is not None
    assert changes[-1].before.text.day == MONDAY


def test_compare_says_moved_when_time_and_place_both_change() -> None:
    [change] = compare([an_entry("a")], [an_entry("a", starts_at=time(8), place="P2")])

    assert change.kind is ChangeKind.MOVED


def test_compare_keeps_private_entries_to_itself() -> None:
    before = [an_entry("was-private", is_private=True), an_entry("becomes-private")]
    after = [
        an_entry("was-private", is_private=True, content="Khác"),
        an_entry("becomes-private", is_private=True),
    ]

    changes = compare(before, after)

    assert [(each.kind, each.entry.key) for each in changes] == [
        (ChangeKind.REMOVED, "becomes-private")
    ]
    # What is told of it is what everybody had read before.
    assert not changes[0].entry.text.is_private


def test_week_has_no_changes_when_it_replaces_nothing() -> None:
    first = Week(schedule=a_schedule(), entries=[an_entry("a")])
    second = Week(
        schedule=a_schedule(number=2, base_id=ScheduleId("tuan-1")), entries=[], base=first.entries
    )

    assert first.changes() == ()
    assert [each.kind for each in second.changes()] == [ChangeKind.REMOVED]


def test_clash_is_found_when_one_person_is_needed_twice() -> None:
    entries = [
        an_entry("a", starts_at=time(8), ends_at=time(9), place="P1"),
        an_entry("b", starts_at=time(8, 30), place="P2", leader_ids=(HEAD, DEPUTY)),
    ]

    [clash] = find_clashes(entries)

    assert (clash.kind, clash.shared) == (ClashKind.PERSON, HEAD)
    assert (clash.first.key, clash.second.key) == ("a", "b")


def test_clash_is_found_when_one_place_is_needed_twice() -> None:
    entries = [
        an_entry("a", place="Phòng họp 1"),
        an_entry("b", place="phòng họp 1", leader_ids=(DEPUTY,)),
    ]

    assert [each.kind for each in find_clashes(entries)] == [ClashKind.PLACE]


@pytest.mark.parametrize(
    "second",
    [
        {"starts_at": time(9), "place": "P2"},  # right after the other
        {"day": MONDAY + timedelta(days=1)},
        {"starts_at": time(14), "part": DayPart.AFTERNOON},
        {"leader_ids": (DEPUTY,), "place": ""},
    ],
)
def test_no_clash_when_time_person_or_place_differ(second) -> None:
    first = an_entry("a", starts_at=time(8), ends_at=time(9))

    assert find_clashes([first, an_entry("b", **({"starts_at": time(8)} | second))]) == ()


@pytest.mark.parametrize("private", [("a",), ("b",), ("a", "b")])
def test_place_is_no_clash_when_an_entry_is_private(private) -> None:
    entries = [
        an_entry(key, leader_ids=(who,), is_private=key in private)
        for key, who in (("a", HEAD), ("b", DEPUTY))
    ]

    assert find_clashes(entries) == ()


def test_clash_says_nothing_by_its_name_and_is_another_at_another_time_or_place() -> None:
    def named(**changes):
        [clash] = find_clashes(
            [an_entry("a", **changes), an_entry("b", leader_ids=(DEPUTY,), **changes)]
        )
        return clash.id

    names = {named(), named(place="Phòng họp 2"), named(starts_at=time(8))}

    assert len(names) == 3
    assert all(len(name) == 64 and name.isalnum() for name in names)


def test_entry_without_a_time_takes_the_half_day() -> None:
    whole = an_entry("a", starts_at=None, part=DayPart.AFTERNOON, place="")
    within = an_entry("b", starts_at=time(15), part=DayPart.AFTERNOON, place="")

    assert len(find_clashes([whole, within])) == 1


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [(time(18), time(19)), (time(23, 30), time(23, 59)), (time(16, 30), time(17, 30))],
)
def test_open_entry_ends_after_it_starts_whatever_the_hour(starts_at, ends_at) -> None:
    start, end = a_text(starts_at=starts_at, part=DayPart.AFTERNOON).span()

    assert start.time() == starts_at
    assert end.time() == ends_at


def test_entry_at_the_last_minute_still_ends_on_its_day() -> None:
    start, end = a_text(starts_at=time(23, 59), part=DayPart.AFTERNOON).span()

    assert start <= end
    assert end.date() == MONDAY


def test_clash_is_another_one_when_its_entries_are_others() -> None:
    pair = [an_entry("a"), an_entry("b")]
    again = [an_entry("a", schedule="tuan-2"), an_entry("b", schedule="tuan-2")]

    assert {each.id for each in find_clashes(pair)}.isdisjoint(
        each.id for each in find_clashes(again)
    )


@pytest.mark.parametrize(
    ("starts_at", "ends_at"), [(None, time(9)), (time(9), time(9)), (time(9), time(8, 59))]
)
def test_times_are_refused_when_the_end_is_not_after_the_start(starts_at, ends_at) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_times(DayPart.MORNING, starts_at, ends_at)

    assert refused.value.code is ErrorCode.SCHEDULE_TIME


def test_time_says_which_half_of_the_day_it_is() -> None:
    assert check_times(DayPart.AFTERNOON, time(11, 59), None) is DayPart.MORNING
    assert check_times(DayPart.MORNING, time(12), None) is DayPart.AFTERNOON
    assert check_times(DayPart.AFTERNOON, None, None) is DayPart.AFTERNOON


@pytest.mark.parametrize("days", [-1, 7])
def test_day_is_refused_when_it_is_not_in_the_week(days) -> None:
    with pytest.raises(InvalidInputError) as refused:
        a_schedule().check_day(MONDAY + timedelta(days=days))

    assert refused.value.code is ErrorCode.SCHEDULE_DAY
    assert refused.value.params["first"] == "15/06/2015"


def test_week_is_refused_when_its_sunday_is_over() -> None:
    # In Việt Nam it is Monday already.
    night = datetime(2015, 6, 21, 17, 1, tzinfo=UTC)

    with pytest.raises(InvalidInputError) as refused:
        check_week_ahead(MONDAY, night)

    assert refused.value.code is ErrorCode.SCHEDULE_WEEK_PAST
    check_week_ahead(MONDAY, night - timedelta(minutes=2))


def test_week_is_refused_when_it_is_years_ahead() -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_week_ahead(MONDAY + timedelta(weeks=60), NOW)

    assert refused.value.code is ErrorCode.SCHEDULE_WEEK_FAR


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date.max, ErrorCode.SCHEDULE_WEEK_FAR),
        (date(9999, 12, 27), ErrorCode.SCHEDULE_WEEK_FAR),
        (date.min, ErrorCode.SCHEDULE_WEEK_PAST),
    ],
)
def test_week_is_refused_at_either_end_of_the_calendar(day, code) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_week_ahead(monday_of(day), NOW)

    assert refused.value.code is code


def test_week_begins_on_monday_across_a_new_year() -> None:
    assert monday_of(date(2027, 1, 1)) == date(2026, 12, 28)
    assert title_of(date(2026, 12, 28)) == "Lịch làm việc tuần từ 28/12/2026 đến 03/01/2027"


def test_schedule_goes_from_gathering_to_published_and_is_replaced() -> None:
    schedule = a_schedule()

    schedule.submit(PersonId("van-thu"), NOW)
    schedule.send_back("thiếu", LATER, NOW)
    assert (schedule.state, schedule.reason, schedule.due_at) == (
        WeekState.GATHERING,
        "thiếu",
        LATER,
    )
    schedule.submit(PersonId("van-thu"), NOW)
    schedule.approve(HEAD, PAPER, page_count=1, at=NOW)
    schedule.sealing = a_sealing()
    schedule.publish(a_file(), "n1", PersonId("van-thu"), LATER)
    assert schedule.state is WeekState.PUBLISHED
    assert schedule.sealed_file() == a_file()
    schedule.supersede(LATER)
    assert schedule.state is WeekState.SUPERSEDED
    assert schedule.sealed_file() == a_file()


@pytest.mark.parametrize("state", [each for each in WeekState if each is not WeekState.GATHERING])
def test_submitting_is_refused_when_the_week_is_not_gathered(state) -> None:
    schedule = a_schedule(state=state)

    for act in (lambda: schedule.submit(HEAD, NOW), lambda: schedule.discard(NOW)):
        with pytest.raises(ConflictError) as refused:
            act()
        assert refused.value.code is ErrorCode.SCHEDULE_CLOSED
        assert refused.value.params["state"] == state


def test_publishing_is_refused_when_nothing_is_sealed() -> None:
    schedule = a_schedule(state=WeekState.APPROVED, sealing=a_sealing())

    with pytest.raises(ConflictError) as refused:
        schedule.publish(None, "n1", HEAD, NOW)

    assert refused.value.code is ErrorCode.SCHEDULE_UNSIGNED
    assert schedule.state is WeekState.APPROVED


@pytest.mark.parametrize("sealing", [None, a_sealing("other")])
def test_publishing_is_refused_when_somebody_else_took_over(sealing) -> None:
    schedule = a_schedule(state=WeekState.APPROVED, sealing=sealing)

    with pytest.raises(ConflictError) as refused:
        schedule.publish(a_file(), "n1", HEAD, NOW)

    assert refused.value.code is ErrorCode.DOCUMENT_CHANGED
    assert schedule.file is None


def test_there_is_no_sealed_file_before_the_seal() -> None:
    with pytest.raises(ConflictError) as refused:
        a_schedule(state=WeekState.APPROVED).sealed_file()

    assert refused.value.code is ErrorCode.SCHEDULE_UNSIGNED


def test_begun_seal_keeps_others_away_for_a_while_only() -> None:
    assert a_sealing().is_underway(NOW + SEALING_LIFETIME)
    assert not a_sealing().is_underway(NOW + SEALING_LIFETIME + timedelta(seconds=1))


def test_private_entry_is_open_to_its_leader_and_who_entered_it() -> None:
    private = an_entry("a", is_private=True)

    assert private.is_open_to(HEAD)
    assert private.is_open_to(PersonId("van-thu"))
    assert not private.is_open_to(DEPUTY)
    assert an_entry("b").is_open_to(DEPUTY)


def test_published_part_is_in_order_without_private_entries() -> None:
    entries = [
        an_entry("later", starts_at=time(9)),
        an_entry("private", is_private=True),
        an_entry("next-day", day=MONDAY + timedelta(days=1), starts_at=time(7)),
        an_entry("early", starts_at=time(7)),
    ]

    assert [each.key for each in published_part(entries)] == ["early", "later", "next-day"]
    assert len(in_order(entries)) == 4
