"""What a key at the client may be asked to sign, and what not."""

import hashlib
from collections.abc import Callable

import pytest
from asn1crypto import cms, tsp

from engine.errors import InvalidInputError
from signing.attributes import MAX_ATTRIBUTE_BYTES, read_signed_digest
from signing.cms import CmsAssembler
from tests.factories.orders import PreparedOrder, an_order
from tests.factories.pki_world import a_world

DIGEST = hashlib.sha256(b"mot van ban").digest()


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> PreparedOrder:
    return an_order(a_world(tmp_path_factory.mktemp("pki")))


def attribute(name: str, *values: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": name, "values": list(values)})


def standing(order: PreparedOrder) -> list[cms.CMSAttribute]:
    return list(cms.CMSAttributes.load(order.prepared.attributes))


def changed(order: PreparedOrder, name: str, value: object) -> bytes:
    kept = [each for each in standing(order) if each["type"].native != name]
    return bytes(cms.CMSAttributes([*kept, attribute(name, value)]).dump())


def naming(der: bytes) -> tsp.SigningCertificateV2:
    return tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(der).digest()}]})


def test_read_signed_digest_returns_what_the_signature_will_be_about(
    order: PreparedOrder,
) -> None:
    found = read_signed_digest(order.prepared.attributes, order.certificate.der)

    assert found.hex() == order.digest


def test_read_signed_digest_reads_what_the_assembler_makes(order: PreparedOrder) -> None:
    made = CmsAssembler(certificate=order.certificate.der, chain=()).attributes(DIGEST)

    assert read_signed_digest(made, order.certificate.der) == DIGEST


REFUSED: dict[str, Callable[[PreparedOrder], bytes]] = {
    "nothing": lambda order: b"",
    "a-login-challenge": lambda order: b"sign me" * 8,
    "a-ready-digest": lambda order: DIGEST,
    "a-sequence": lambda order: b"\x30" + order.prepared.attributes[1:],
    "cut-off": lambda order: order.prepared.attributes[:-4],
    "with-a-tail": lambda order: order.prepared.attributes + b"\x00",
    "indefinite-length": lambda order: b"\x31\x80" + order.prepared.attributes[2:] + b"\0\0",
    "too-long": lambda order: changed(
        order, "message_digest", b"\x01" * (MAX_ATTRIBUTE_BYTES + 1)
    ),
    "an-empty-set": lambda order: b"\x31\x00",
    "another-content": lambda order: changed(order, "content_type", "tst_info"),
    "a-sha-1": lambda order: changed(order, "message_digest", DIGEST[:20]),
    "another-certificate": lambda order: changed(
        order, "signing_certificate_v2", naming(b"another")
    ),
    "an-unknown-attribute": lambda order: bytes(
        cms.CMSAttributes(
            [*standing(order), cms.CMSAttribute({"type": "1.2.3.4", "values": []})]
        ).dump()
    ),
    "two-digests": lambda order: bytes(
        cms.CMSAttributes([*standing(order), attribute("message_digest", DIGEST)]).dump()
    ),
    "no-digest": lambda order: bytes(
        cms.CMSAttributes(
            [each for each in standing(order) if each["type"].native != "message_digest"]
        ).dump()
    ),
    "no-certificate": lambda order: bytes(
        cms.CMSAttributes(
            [each for each in standing(order) if each["type"].native != "signing_certificate_v2"]
        ).dump()
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_read_signed_digest_refuses_anything_but_attributes_of_pades(
    order: PreparedOrder, name: str
) -> None:
    with pytest.raises(InvalidInputError):
        read_signed_digest(REFUSED[name](order), order.certificate.der)


def test_read_signed_digest_never_breaks_on_any_changed_byte(order: PreparedOrder) -> None:
    whole = order.prepared.attributes
    digest = bytes.fromhex(order.digest)
    outcomes = set()
    for place in range(len(whole)):
        broken = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        try:
            outcomes.add(read_signed_digest(broken, order.certificate.der) == digest)
        except InvalidInputError:
            outcomes.add(None)

    # What still reads is a digest of another document, which is then shown as such.
    assert None in outcomes
    assert False in outcomes
