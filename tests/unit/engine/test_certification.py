from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from engine.errors import ConflictError, ErrorCode, InvalidInputError, NotPermittedError
from engine.model.certification import (
    CERTIFICATE_PROCEDURE,
    CLAIM_LIFETIME,
    EXPIRY_DAYS,
    SUSPENSION_PROCEDURE,
    Application,
    ApplicationId,
    ApplicationKind,
    ApplicationState,
    KeyPlan,
    check_new_pin,
    check_thresholds,
    warning_of,
)
from engine.model.keys import CertificateId, HolderKind, KeyHome, KeyType, serial_number
from engine.model.organisation import Actor, AgencyId, PersonId, Post, PostId, Role, Validity
from engine.permissions import Permission, Subject, is_permitted

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SNV = AgencyId("snv")


def an_actor(person: str, role: Role = Role.LEADER, agency: AgencyId = SNV) -> Actor:
    post = Post(
        id=PostId(f"{agency}.{person}"),
        agency_id=agency,
        unit_id=None,
        person_id=PersonId(person),
        title="",
        role=role,
        validity=Validity(since=date(2020, 1, 1)),
    )
    return Actor(person_id=PersonId(person), full_name=person, posts=(post,))


def an_application(**changes: object) -> Application:
    application = Application(
        id=ApplicationId("a1"),
        kind=ApplicationKind.NEW,
        state=ApplicationState.ASKED,
        holder_kind=HolderKind.PERSON,
        holder_id="holder",
        holder_name="Người đề nghị",
        agency_id=SNV,
        reason="Mới nhận chức vụ.",
        asked_by=PersonId("holder"),
        asked_by_name="Người đề nghị",
        asked_at=NOW,
    )
    return replace(application, **changes)  # type: ignore[arg-type] # fields of it


def test_application_goes_from_asked_to_issued_with_three_people() -> None:
    approved = an_application().approved(an_actor("leader"))
    allowed = approved.allowed(KeyPlan(), an_actor("administrator"))
    issued = allowed.claimed(NOW).issued(CertificateId("c1"), NOW)

    assert (issued.approved_by, issued.allowed_by) == ("leader", "administrator")
    assert issued.state is ApplicationState.ISSUED
    assert not issued.is_open
    assert issued.claimed_at is None
    assert issued.version == 5


@pytest.mark.parametrize("person", ["holder", "leader"])
def test_allowed_refuses_whoever_acted_before(person: str) -> None:
    approved = an_application().approved(an_actor("leader"))

    with pytest.raises(NotPermittedError) as caught:
        approved.allowed(KeyPlan(), an_actor(person))

    assert caught.value.code is ErrorCode.SECOND_PERSON_NEEDED


def test_clerk_who_asked_for_the_seal_does_not_approve_it() -> None:
    seal = an_application(holder_kind=HolderKind.AGENCY, holder_id=SNV, asked_by=PersonId("clerk"))

    with pytest.raises(NotPermittedError):
        seal.approved(an_actor("clerk"))
    assert seal.approved(an_actor("leader")).state is ApplicationState.APPROVED


def test_steps_are_refused_when_the_application_is_elsewhere() -> None:
    asked, closed = an_application(), an_application().refused(NOW)
    held = an_application(kind=ApplicationKind.REVOKE, state=ApplicationState.HELD)

    for step in (
        lambda: asked.allowed(KeyPlan(), an_actor("administrator")),
        lambda: asked.claimed(NOW),
        lambda: asked.issued(CertificateId("c1"), NOW),
        lambda: asked.settled(NOW, revoked=True),
        lambda: asked.plan,
        lambda: closed.approved(an_actor("leader")),
        lambda: closed.withdrawn(NOW),
        lambda: held.withdrawn(NOW),
        lambda: held.refused(NOW),
    ):
        with pytest.raises(ConflictError) as caught:
            step()
        assert caught.value.code is ErrorCode.APPLICATION_STATE


def test_claim_holds_until_it_is_too_old() -> None:
    allowed = an_application(
        state=ApplicationState.ALLOWED, key_home=KeyHome.TOKEN, key_type=KeyType.P256, days=9
    )
    claimed = allowed.claimed(NOW)

    with pytest.raises(ConflictError) as caught:
        claimed.claimed(NOW + CLAIM_LIFETIME - timedelta(seconds=1))
    assert caught.value.code is ErrorCode.APPLICATION_BUSY
    assert claimed.claimed(NOW + CLAIM_LIFETIME).claimed_at == NOW + CLAIM_LIFETIME
    assert claimed.unclaimed().claimed(NOW).claimed_at == NOW
    assert allowed.plan == KeyPlan(home=KeyHome.TOKEN, days=9)


@pytest.mark.parametrize("kind", list(ApplicationKind))
def test_stops_run_by_the_procedure_of_suspension(kind: ApplicationKind) -> None:
    expected = SUSPENSION_PROCEDURE if kind.is_stop else CERTIFICATE_PROCEDURE

    assert an_application(kind=kind).procedure_id == expected


@pytest.mark.parametrize(
    ("revoked", "state"), [(True, ApplicationState.REVOKED), (False, ApplicationState.RESUMED)]
)
def test_settled_says_how_it_ended(revoked: bool, state: ApplicationState) -> None:
    held = an_application(kind=ApplicationKind.SUSPEND, state=ApplicationState.HELD)

    assert held.settled(NOW, revoked=revoked).state is state


@pytest.mark.parametrize("days", [0, 1826, -1])
def test_plan_refuses_a_time_nobody_gives(days: int) -> None:
    with pytest.raises(InvalidInputError):
        KeyPlan(days=days).check()


@pytest.mark.parametrize(
    "pin", ["", "12345", "123456", "654321", "111222", "a" * 65, "804\u200b215"]
)
def test_pin_is_refused_when_it_is_short_plain_or_unprintable(pin: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_new_pin(pin, pin)

    assert caught.value.code is ErrorCode.PIN_WEAK
    assert not pin or pin not in str(caught.value)


def test_pin_is_accepted_when_it_is_neither() -> None:
    check_new_pin("804215", "804215")
    check_new_pin("mật khẩu dài", "mật khẩu dài")
    with pytest.raises(InvalidInputError):
        check_new_pin("804215", "804216")


@pytest.mark.parametrize("days", [[], [0], [367], list(range(1, 12))])
def test_thresholds_are_refused_when_there_are_none_or_too_many(days: list[int]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_thresholds(days)

    assert caught.value.code is ErrorCode.WARNING_DAYS
    assert (caught.value.params["most"], caught.value.params["numbers"]) == ("366", "10")


@pytest.mark.parametrize(("number", "shown"), [("abc", "0abc"), ("0abc", "0abc"), ("ab", "ab")])
def test_serial_number_is_whole_bytes(number: str, shown: str) -> None:
    assert serial_number(CertificateId(number)) == shown


@pytest.mark.parametrize(
    ("left", "warned"),
    [
        (timedelta(days=60, seconds=1), None),
        (timedelta(days=60), 60),
        (timedelta(days=7), 7),
        (timedelta(0), 7),
        (timedelta(seconds=-1), None),
    ],
)
def test_warning_is_the_nearest_threshold_that_has_passed(
    left: timedelta, warned: int | None
) -> None:
    assert warning_of(NOW + left, NOW, EXPIRY_DAYS) == warned


def test_permissions_on_certificates_follow_holder_role_and_agency() -> None:
    own = Subject(agency_id=SNV, person_id=PersonId("holder"))
    seal = Subject(agency_id=SNV)
    holder = an_actor("holder", Role.DESK_OFFICER)
    clerk = an_actor("clerk", Role.CLERK)
    leader = an_actor("leader")
    administrator = an_actor("administrator", Role.ADMINISTRATOR, AgencyId("vpub"))
    stranger = an_actor("stranger", Role.LEADER, AgencyId("stc"))
    everybody = (holder, clerk, leader, administrator, stranger)

    def allowed(permission: Permission, subject: Subject) -> list[str]:
        return [each.person_id for each in everybody if is_permitted(permission, each, subject)]

    assert allowed(Permission.CERTIFICATE_REQUEST, own) == ["holder"]
    assert allowed(Permission.CERTIFICATE_REQUEST, seal) == ["clerk"]
    assert allowed(Permission.CERTIFICATE_STOP, own) == ["holder", "leader", "administrator"]
    assert allowed(Permission.CERTIFICATE_STOP, seal) == ["clerk", "leader", "administrator"]
    assert allowed(Permission.PIN_RELEASE, own) == ["leader", "administrator"]
    assert allowed(Permission.APPLICATION_VIEW, own) == [
        "holder", "clerk", "leader", "administrator",
    ]  # fmt: skip
    assert allowed(Permission.CERTIFICATE_ADMINISTER, seal) == ["administrator"]
    assert allowed(Permission.POST_END, seal) == ["administrator"]
    # Who has left keeps nothing of it.
    gone = replace(holder, posts=())
    assert not is_permitted(Permission.CERTIFICATE_REQUEST, gone, own)
    # Nobody releases their own PIN, leader or not.
    assert not is_permitted(
        Permission.PIN_RELEASE, leader, Subject(agency_id=SNV, person_id=PersonId("leader"))
    )
