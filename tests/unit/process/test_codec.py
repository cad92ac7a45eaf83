from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ErrorCode, InvalidInputError, StorageError
from engine.process.codec import Snapshot, Token, TokenState, decode, encode
from engine.process.model import TaskId

TOKEN = Token(
    id=TaskId("0b4bd2a6-1111-4222-8333-444455556666"),
    node="draft",
    state=TokenState.READY,
    source="start",
)
KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.none(),
)


@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_codec_returns_the_same_snapshot_when_data_is_plain(data: dict[str, str]) -> None:
    snapshot = Snapshot(data=data, tokens=(TOKEN,), ends=("issued",))
    assert decode(encode(snapshot)) == snapshot


@pytest.mark.parametrize("key", ["typename", "data", "tokens", "delta", "class"])
def test_codec_does_not_interpret_data_when_a_key_is_special_elsewhere(key: str) -> None:
    snapshot = Snapshot(data={key: "BpmnWorkflow"}, tokens=())
    assert decode(encode(snapshot)).data == {key: "BpmnWorkflow"}


@pytest.mark.parametrize(
    "value",
    [
        Decimal("1.5"),
        1.5,
        b"bytes",
        [1],
        (1,),
        {"a": 1},
        {1},
        object(),
        2**63,
        "\ud800",
        "a" * 5000,
        type("Text", (str,), {})("a"),
    ],
)
def test_codec_refuses_and_names_the_key_when_a_value_is_not_plain(value: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        encode(Snapshot(data={"amount": value}, tokens=()))  # type: ignore[dict-item]
    assert caught.value.code is ErrorCode.PROCESS_DATA
    assert caught.value.params["key"] == "amount"


@pytest.mark.parametrize("key", ["", "_x", "A", "a b", "a" * 64, "ｅval", "__class__"])
def test_codec_refuses_when_a_key_is_not_a_plain_name(key: str) -> None:
    with pytest.raises(InvalidInputError):
        encode(Snapshot(data={key: 1}, tokens=()))


def test_codec_refuses_when_data_is_more_than_routing_values() -> None:
    data = {f"key_{n}": "ơ" * 300 for n in range(10)}
    with pytest.raises(InvalidInputError, match="4 KB"):
        encode(Snapshot(data=data, tokens=()))


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"data":{},"tokens":[["a"]],"ends":[]}',
        b'{"data":{},"tokens":[["a","b","flying","c"]],"ends":[]}',
        b" " * 20_000,
    ],
)
def test_codec_reports_a_damaged_state(state: bytes) -> None:
    with pytest.raises(StorageError):
        decode(state)


def test_codec_refuses_a_state_when_another_release_wrote_it() -> None:
    with pytest.raises(StorageError, match="codec 2"):
        decode(encode(Snapshot(data={}, tokens=())), 2)


def test_codec_reads_the_state_of_the_first_release() -> None:
    """A stored state is read for ever: this is one as codec 1 wrote it."""
    state = (
        b'{"data":{"agency_id":"so-noi-vu","approved":false},'
        b'"tokens":[["0b4bd2a6-1111-4222-8333-444455556666","draft","ready","start"]],"ends":[]}'
    )
    assert decode(state, 1) == Snapshot(
        data={"agency_id": "so-noi-vu", "approved": False}, tokens=(TOKEN,)
    )
