"""What may be left to whom, and for which days."""

from datetime import UTC, date, datetime, timedelta

import pytest

from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.delegation import (
    POWERS_OF_ROLE,
    Delegation,
    DelegationState,
    check_days,
    check_no_loop,
    check_not_repeated,
    check_powers,
)
from engine.model.kinds import CONG_VAN, GIAY_MOI, THONG_BAO
from engine.model.organisation import (
    AgencyId,
    Authority,
    AuthorityForm,
    DelegationId,
    PersonId,
    Post,
    PostId,
    Power,
    Role,
    Validity,
)

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SNV = AgencyId("snv")


def a_post(role=Role.LEADER, until=None):
    return Post(
        id=PostId("snv.a"),
        agency_id=SNV,
        unit_id=None,
        person_id=PersonId("a"),
        title="Giám đốc",
        role=role,
        validity=Validity(since=date(2020, 1, 1), until=until),
    )


def a_right(form=AuthorityForm.HEAD, kinds=(), since=date(2020, 1, 1), until=None):
    return Authority(
        id=f"snv.{form}",
        agency_id=SNV,
        post_id=PostId("snv.a"),
        form=form,
        lines=("GIÁM ĐỐC",),
        kinds=frozenset(kinds),
        basis="Quy chế",
        validity=Validity(since=since, until=until),
    )


def check_leaving(post, powers, kinds, rights):
    check_powers(post, powers, kinds, rights, since=TODAY, until=TODAY + timedelta(days=4))


def a_delegation(giver="a", delegate="b", **changes):
    values = {
        "id": DelegationId(f"{giver}-{delegate}"),
        "agency_id": SNV,
        "post_id": PostId(f"snv.{giver}"),
        "giver_id": PersonId(giver),
        "giver_name": giver.upper(),
        "delegate_id": PersonId(delegate),
        "delegate_name": delegate.upper(),
        "powers": frozenset({Power.DIRECT}),
        "kinds": frozenset(),
        "basis": "",
        "since": TODAY,
        "until": TODAY + timedelta(days=4),
        "given_at": NOW,
    }
    return Delegation(**(values | changes))


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (TODAY - timedelta(days=1), DelegationState.COMING),
        (TODAY, DelegationState.RUNNING),
        (TODAY + timedelta(days=4), DelegationState.RUNNING),
        (TODAY + timedelta(days=5), DelegationState.OVER),
    ],
)
def test_delegation_stands_by_its_days_when_nobody_ended_it(day, state):
    assert a_delegation().state(day) is state


def test_delegation_is_ended_on_every_day_when_somebody_ended_it():
    ended = a_delegation().ended(PersonId("a"), "A", NOW, "đã về")

    assert ended.state(TODAY) is DelegationState.ENDED
    assert not ended.is_open(TODAY)
    with pytest.raises(ConflictError) as refused:
        ended.ended(PersonId("a"), "A", NOW, "")
    assert refused.value.code is ErrorCode.DELEGATION_CLOSED


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [
        (1, 0, ErrorCode.DELEGATION_REVERSED),
        (-1, 1, ErrorCode.DELEGATION_PAST),
        (0, 366, ErrorCode.DELEGATION_TOO_LONG),
        (0, 91, ErrorCode.DELEGATION_BEYOND),
    ],
)
def test_days_are_refused_when_they_cannot_be_meant(since, until, code):
    post = a_post(until=TODAY + timedelta(days=90))

    with pytest.raises(InvalidInputError) as refused:
        check_days(TODAY + timedelta(days=since), TODAY + timedelta(days=until), TODAY, post)

    assert refused.value.code is code


def test_days_are_taken_when_they_are_a_whole_year_from_today():
    check_days(TODAY, TODAY + timedelta(days=365), TODAY, a_post())


def test_every_role_says_what_it_has_to_leave():
    assert set(POWERS_OF_ROLE) == set(Role)
    assert all(Power.SIGN not in powers for powers in POWERS_OF_ROLE.values())


@pytest.mark.parametrize(
    ("role", "power"),
    [
        (Role.DESK_OFFICER, Power.REVIEW),
        (Role.DIVISION_HEAD, Power.DIRECT),
        (Role.CLERK, Power.HANDLE),
        (Role.ADMINISTRATOR, Power.HANDLE),
    ],
)
def test_powers_are_refused_when_the_role_has_them_not(role, power):
    with pytest.raises(InvalidInputError) as refused:
        check_leaving(a_post(role), frozenset({power}), frozenset(), [])

    assert refused.value.code is ErrorCode.DELEGATION_BEYOND


@pytest.mark.parametrize(
    ("rights", "kinds", "code"),
    [
        ([], (), ErrorCode.DELEGATION_BEYOND),
        ([a_right(AuthorityForm.BY_ORDER, [GIAY_MOI])], [CONG_VAN], ErrorCode.DELEGATION_BEYOND),
        ([a_right(AuthorityForm.BY_AUTHORISATION)], (), ErrorCode.DELEGATION_TUQ),
        # Every kind the giver signs is more than what they sign of their own.
        (
            [
                a_right(AuthorityForm.BY_ORDER, [CONG_VAN]),
                a_right(AuthorityForm.BY_AUTHORISATION, [GIAY_MOI]),
            ],
            (),
            ErrorCode.DELEGATION_TUQ,
        ),
        ([a_right(until=TODAY + timedelta(days=3))], [CONG_VAN], ErrorCode.DELEGATION_BEYOND),
        (
            [a_right(until=TODAY + timedelta(days=3)), a_right(AuthorityForm.BY_AUTHORISATION)],
            [CONG_VAN],
            ErrorCode.DELEGATION_TUQ,
        ),
        (
            [
                a_right(AuthorityForm.BY_ORDER, [CONG_VAN]),
                a_right(
                    AuthorityForm.BY_AUTHORISATION, [GIAY_MOI], since=TODAY + timedelta(days=4)
                ),
            ],
            (),
            ErrorCode.DELEGATION_TUQ,
        ),
        (
            [a_right(AuthorityForm.BY_ORDER, [GIAY_MOI]), a_right(AuthorityForm.BY_AUTHORISATION)],
            [CONG_VAN],
            ErrorCode.DELEGATION_TUQ,
        ),
    ],
)
def test_signing_is_refused_when_it_is_not_the_givers_own(rights, kinds, code):
    with pytest.raises(InvalidInputError) as refused:
        check_leaving(a_post(), frozenset({Power.SIGN}), frozenset(kinds), rights)

    assert refused.value.code is code


@pytest.mark.parametrize(
    ("rights", "kinds"),
    [
        ([a_right()], [CONG_VAN, GIAY_MOI]),
        ([a_right(AuthorityForm.BY_ORDER, [GIAY_MOI, THONG_BAO])], [GIAY_MOI]),
        ([a_right(AuthorityForm.BY_ORDER, [GIAY_MOI])], ()),
        ([a_right(AuthorityForm.DEPUTY), a_right(AuthorityForm.BY_AUTHORISATION)], [CONG_VAN]),
        ([a_right(AuthorityForm.DEPUTY), a_right(AuthorityForm.BY_AUTHORISATION)], ()),
        (
            [
                a_right(AuthorityForm.BY_ORDER, [GIAY_MOI, CONG_VAN]),
                a_right(AuthorityForm.BY_AUTHORISATION, [GIAY_MOI]),
            ],
            (),
        ),
        # One right may follow the other without a day between them.
        (
            [
                a_right(until=TODAY + timedelta(days=1)),
                a_right(since=TODAY + timedelta(days=2)),
            ],
            [CONG_VAN],
        ),
    ],
)
def test_signing_is_left_when_the_giver_has_it_of_their_own(rights, kinds):
    check_leaving(a_post(), frozenset({Power.SIGN}), frozenset(kinds), rights)


def test_loop_is_refused_when_the_same_comes_back_by_way_of_others():
    others = [a_delegation("b", "c"), a_delegation("c", "a")]

    with pytest.raises(ConflictError) as refused:
        check_no_loop(a_delegation("a", "b"), others)

    assert refused.value.code is ErrorCode.DELEGATION_LOOP
    assert refused.value.params["name"] == "C"


@pytest.mark.parametrize(
    "back",
    [
        a_delegation("b", "a", powers=frozenset({Power.HANDLE})),
        a_delegation("b", "a", since=TODAY + timedelta(days=5), until=TODAY + timedelta(days=6)),
        a_delegation("b", "c"),
    ],
)
def test_delegation_is_taken_when_nothing_of_it_comes_back(back):
    check_no_loop(a_delegation("a", "b"), [back])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # On no day all three are away.
        ({"until": TODAY + timedelta(days=1)}, {"since": TODAY + timedelta(days=2)}),
        ({"kinds": frozenset({CONG_VAN})}, {"kinds": frozenset({GIAY_MOI})}),
        ({"powers": frozenset({Power.HANDLE})}, {"powers": frozenset({Power.DIRECT})}),
    ],
)
def test_delegation_is_taken_when_the_links_of_a_chain_have_nothing_in_common(first, second):
    others = [a_delegation("b", "c", **first), a_delegation("c", "a", **second)]

    check_no_loop(a_delegation("a", "b", powers=frozenset({Power.HANDLE, Power.DIRECT})), others)


def test_loop_is_refused_when_a_second_way_back_has_a_day_in_common():
    others = [
        a_delegation("b", "c", until=TODAY + timedelta(days=1)),
        a_delegation("b", "c", since=TODAY + timedelta(days=2)),
        a_delegation("c", "a", since=TODAY + timedelta(days=3)),
    ]

    with pytest.raises(ConflictError) as refused:
        check_no_loop(a_delegation("a", "b"), others)

    assert refused.value.code is ErrorCode.DELEGATION_LOOP


def test_loop_among_others_ends_when_it_does_not_reach_the_giver():
    check_no_loop(a_delegation("a", "b"), [a_delegation("b", "c"), a_delegation("c", "b")])


def test_delegation_is_refused_when_the_same_person_has_the_same_already():
    known = a_delegation(powers=frozenset({Power.DIRECT, Power.SIGN}))

    with pytest.raises(ConflictError) as refused:
        check_not_repeated(a_delegation(since=TODAY + timedelta(days=4)), [known])

    assert refused.value.code is ErrorCode.DELEGATION_OVERLAP


@pytest.mark.parametrize(
    "known",
    [
        a_delegation("a", "c"),
        a_delegation(powers=frozenset({Power.HANDLE})),
        a_delegation(since=TODAY + timedelta(days=5), until=TODAY + timedelta(days=9)),
    ],
)
def test_delegation_is_taken_when_the_other_leaves_something_else(known):
    check_not_repeated(a_delegation(), [known])


def test_delegation_is_taken_when_the_other_is_for_other_kinds():
    known = a_delegation(kinds=frozenset({GIAY_MOI}))

    check_not_repeated(a_delegation(kinds=frozenset({CONG_VAN})), [known])
