from datetime import UTC, datetime, timedelta, timezone

import pytest
from asn1crypto import core

from signing import der


@pytest.mark.parametrize("length", [0, 1, 127, 128, 255, 256, 65535, 65536, 1 << 20])
def test_octets_are_the_librarys_whatever_their_length(length: int) -> None:
    content = b"\x5a" * length

    assert der.octets(content) == core.OctetString(content).dump()


@pytest.mark.parametrize("number", [0, 1, 127, 128, 255, 256, 2**63, 2**64, 2**127 - 1, 2**160])
def test_integer_is_the_librarys_and_never_negative(number: int) -> None:
    assert der.integer(number) == core.Integer(number).dump()
    assert core.Integer.load(der.integer(number)).native == number


def test_set_is_in_order_when_members_come_in_any() -> None:
    class Members(core.SetOf):
        _child_spec = core.Any

    members = [der.integer(300), der.octets(b"a"), der.integer(2), der.octets(b"")]
    library = Members([core.Any(core.load(member)) for member in members])

    assert der.set_of(*members) == der.set_of(*reversed(members)) == library.dump()


def test_retagged_set_keeps_its_members() -> None:
    members = der.set_of(der.integer(1), der.octets(bytes(200)))

    assert der.retagged(1, members)[:1] == b"\xa1"
    assert der.retagged(1, members)[1:] == members[1:]


def test_tagged_wraps_the_whole_value() -> None:
    wrapped = core.Integer.load(der.tagged(3, der.integer(5)), explicit=("context", 3))

    assert wrapped.native == 5


def test_time_is_in_utc_when_given_in_vietnam() -> None:
    vietnam = timezone(timedelta(hours=7))
    at = datetime(2026, 2, 5, 15, 30, 9, 999, tzinfo=vietnam)

    loaded = core.GeneralizedTime.load(der.time(at))

    assert der.time(at) == b"\x18\x0f20260205083009Z"
    assert loaded.native == datetime(2026, 2, 5, 8, 30, 9, tzinfo=UTC)
