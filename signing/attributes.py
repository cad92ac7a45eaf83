"""Read what a key is asked to sign, so that nobody signs what they cannot be shown.

Source: RFC 5652, clauses 5.3 and 11; RFC 5035, clause 3; RFC 6211; ETSI EN 319 142-1, 6.3.
"""

import hashlib

from asn1crypto import cms, core, tsp  # type: ignore[import-untyped]

from engine.errors import InvalidInputError

MAX_ATTRIBUTE_BYTES = 8 * 1024
_DIGEST_BYTES = 32
_SET = 0x31
#: What PAdES has signed beside the document; anything else has no business there.
_KNOWN = frozenset(
    {
        "content_type",
        "message_digest",
        "signing_certificate_v2",
        "cms_algorithm_protection",
        "signing_time",
    }
)


def read_signed_digest(attributes: bytes, certificate: bytes) -> bytes:
    """Return the SHA-256 of the document that `attributes` are about.

    Args:
        attributes: signed attributes of a CMS, DER of their SET OF, at most 8 KiB.
        certificate: of the key that is asked, DER; the attributes must name it.

    Raises:
        InvalidInputError: not the attributes of a PAdES signature by this certificate.
    """
    if not attributes or attributes[0] != _SET or len(attributes) > MAX_ATTRIBUTE_BYTES:
        raise InvalidInputError("not a SET of attributes", field="attributes")
    try:
        return _read(attributes, certificate)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise InvalidInputError("attributes cannot be read", field="attributes") from error


def _read(attributes: bytes, certificate: bytes) -> bytes:
    values = _values(attributes)
    # (1) Every attribute is one that PAdES knows.
    if not set(values) <= _KNOWN:
        raise ValueError(f"unknown attributes: {sorted(set(values) - _KNOWN)}")
    # (2) They are about a document, by the digest that is shown.
    if values["content_type"].native != "data":
        raise ValueError("not about plain content")
    digest = values["message_digest"].native
    if not isinstance(digest, bytes) or len(digest) != _DIGEST_BYTES:
        raise ValueError("not a SHA-256")
    # (3) They name the certificate whose key is asked.
    names = tsp.SigningCertificateV2.load(values["signing_certificate_v2"].dump(), strict=True)
    named = names["certs"][0]
    expected = hashlib.sha256(certificate).digest()
    if (
        named["hash_algorithm"]["algorithm"].native != "sha256"
        or named["cert_hash"].native != expected
    ):
        raise ValueError("another certificate")
    return digest


def _values(attributes: bytes) -> dict[str, core.Asn1Value]:
    """Return the one value of each attribute, by its name."""
    read = cms.CMSAttributes.load(attributes, strict=True)
    values = {}
    for each in read:
        name = each["type"].native
        if name in values or len(each["values"]) != 1:
            raise ValueError(f"{name} stands there twice")
        values[name] = each["values"][0]
    return values
