import pytest
from asn1crypto import cms, core, x509

import signing
from signing.asn1 import is_indefinite, mend_dump

assert signing  # importing the room mends the library


class Nest(core.Sequence):
    pass


Nest._fields = [("inner", Nest, {"optional": True}), ("value", core.OctetString)]


def nested(depth: int, payload: int) -> bytes:
    """Return `depth` sequences around an octet string; the outermost length ends in 0x80."""
    value = Nest({"value": bytes(payload)})
    for _ in range(depth - 1):
        value = Nest({"inner": value, "value": b""})
    return bytes(value.dump())


def test_dump_returns_what_was_read_without_writing_it_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoded = next(
        found for size in range(400, 700) if (found := nested(5, size))[:4].endswith(b"\x80")
    )
    loaded = Nest.load(encoded)
    assert loaded["inner"]["inner"]["value"].native == b""
    written = []
    original = core.Sequence._set_contents
    monkeypatch.setattr(
        core.Sequence,
        "_set_contents",
        lambda self, force=False: (written.append(self), original(self, force))[1],
    )
    assert loaded.dump() == encoded
    assert not written


def test_dump_writes_anew_what_was_changed_since_it_was_read() -> None:
    encoded = next(
        found for size in range(400, 700) if (found := nested(3, size))[:4].endswith(b"\x80")
    )
    loaded = Nest.load(encoded)
    loaded["value"] = b"more"
    changed = loaded.dump()
    assert changed != encoded
    assert Nest.load(changed)["value"].native == b"more"


def test_dump_still_turns_indefinite_length_into_der() -> None:
    value = core.OctetString.load(bytes.fromhex("24800403666f6f0000"))
    assert value.dump() == bytes.fromhex("0403666f6f")


def test_dump_keeps_choices_as_read() -> None:
    name = x509.GeneralName("directory_name", x509.Name.build({"common_name": "A" * 50}))
    for length in range(1, 200):
        name = x509.GeneralName("directory_name", x509.Name.build({"common_name": "A" * length}))
        encoded = name.dump()
        assert x509.GeneralName.load(encoded).dump() == encoded


@pytest.mark.parametrize(
    ("header", "indefinite"),
    [
        ("3080", True),
        ("30820180", False),
        ("308180", False),
        ("a0823080", False),
        ("a08201843080", True),
        ("bf2a80", True),
        ("bf8a2a8180", False),
        ("0480", True),
    ],
)
def test_is_indefinite_reads_the_last_length(header: str, *, indefinite: bool) -> None:
    assert is_indefinite(bytes.fromhex(header)) is indefinite


def test_mend_dump_is_harmless_when_repeated() -> None:
    before = cms.ContentInfo.dump
    mend_dump()
    assert cms.ContentInfo.dump is before
