"""What the agent reads of an order, and how it shows it."""

import base64
import json

import pytest

from engine.errors import InvalidInputError
from webui.agent.codes import AgentCode, AgentError
from webui.agent.orders import Order, OrderItem, plain, read_order
from webui.agent.prompts import describe
from webui.agent_texts import REFUSALS

ORIGIN = "https://trinhky.cantho.gov.vn"
DIGEST = b"\x07" * 32
CERTIFICATE = b"certificate"


def read_digest(attributes: bytes, certificate: bytes) -> bytes:
    if attributes != b"attributes" or certificate != CERTIFICATE:
        raise InvalidInputError("other attributes", field="attributes")
    return DIGEST


def encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


def a_body(**changes: object) -> dict[str, object]:
    item = {"title": "Công văn", "digest": DIGEST.hex(), "attributes": encoded(b"attributes")}
    return {"certificate": encoded(CERTIFICATE), "items": [item | changes]}


def test_read_order_takes_the_digest_from_what_would_be_signed() -> None:
    order = read_order(json.dumps(a_body()).encode(), ORIGIN, read_digest)

    assert order == Order(
        origin=ORIGIN,
        certificate=CERTIFICATE,
        items=(OrderItem(title="Công văn", digest=DIGEST.hex(), attributes=b"attributes"),),
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"[" * 100_000,
        json.dumps({"certificate": "?", "items": []}).encode(),
        json.dumps(a_body() | {"items": []}).encode(),
        json.dumps(a_body() | {"items": [1]}).encode(),
        json.dumps(a_body() | {"items": "x"}).encode(),
        json.dumps(a_body() | {"certificate": None}).encode(),
        json.dumps(a_body() | {"certificate": "A" * 100_000}).encode(),
        json.dumps(a_body() | {"items": a_body()["items"] * 65}).encode(),  # type: ignore[operator]
        json.dumps(a_body(title=5)).encode(),
        json.dumps(a_body(attributes="không phải base64")).encode(),
        json.dumps(a_body(attributes=["x"])).encode(),
    ],
)
def test_read_order_refuses_what_is_no_order(body: bytes) -> None:
    with pytest.raises(AgentError) as refused:
        read_order(body, ORIGIN, read_digest)

    assert refused.value.code is AgentCode.REQUEST_INVALID


@pytest.mark.parametrize(
    "changes",
    [
        {"attributes": encoded(b"a login challenge")},
        {"digest": "00" * 32},
        {"digest": DIGEST[:16].hex()},
        {"digest": None},
    ],
)
def test_read_order_refuses_what_is_not_what_the_page_shows(changes: dict[str, object]) -> None:
    with pytest.raises(AgentError) as refused:
        read_order(json.dumps(a_body(**changes)).encode(), ORIGIN, read_digest)

    assert refused.value.code is AgentCode.ATTRIBUTES_REFUSED


def test_plain_keeps_letters_and_drops_what_drives_a_terminal() -> None:
    hostile = "Công văn\x1b[2J\x07 số 5\u202e\nSHA-256 giả\u2028mạo \t" + "x" * 400

    shown = plain(hostile)

    assert shown.startswith("Công văn [2J số 5 SHA-256 giả mạo xxx")
    assert shown.isprintable()
    assert len(shown) == 300


def test_describe_shows_who_asks_and_every_digest() -> None:
    items = tuple(
        OrderItem(title=f"Văn bản {n}", digest=f"{n:064x}", attributes=b"") for n in (1, 2, 3)
    )

    shown = describe(Order(origin=ORIGIN, certificate=b"", items=items))

    assert ORIGIN in shown
    for item in items:
        assert f"{item.title}\n     SHA-256 {item.digest}" in shown


def test_every_refusal_of_the_agent_has_words() -> None:
    assert set(REFUSALS) == set(AgentCode)
