"""Put signatures together: attributes to sign, raw value, time-stamp; and name them by digest.

Source: RFC 5652, clause 5; RFC 5035 (signing certificate); ETSI EN 319 142-1, clause 6.3.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

from asn1crypto import algos, cms, keys, x509  # type: ignore[import-untyped]
from cryptography import x509 as certificates
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import as_signing_certificate_v2, simple_cms_attribute

from engine.errors import CertificateRejectedError, ErrorCode, SigningError
from engine.ports_signing import CmsDigest
from signing.der import integer, octets, retagged, sequence, set_of, tagged
from signing.writer import translated

DIGEST = "sha256"
_STAMP = "signature_time_stamp_token"

DIGEST_ALGORITHM = algos.DigestAlgorithm({"algorithm": DIGEST}).dump()
ECDSA_SHA256 = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}).dump()
RSA_SHA256 = algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}).dump()
CONTENT_TYPE = cms.CMSAttributeType("content_type").dump()
MESSAGE_DIGEST = cms.CMSAttributeType("message_digest").dump()
SIGNING_CERTIFICATE = cms.CMSAttributeType("signing_certificate_v2").dump()
_TIME_STAMP_TOKEN = cms.CMSAttributeType(_STAMP).dump()
_SIGNED_DATA = cms.ContentType("signed_data").dump()
_DATA = cms.ContentType("data").dump()
_DETACHED = sequence(_DATA)


def attribute(kind: bytes, *values: bytes) -> bytes:
    """Return an attribute of a CMS; `kind` is an encoded object identifier."""
    return sequence(kind, set_of(*values))


_CONTENT_IS_DATA = attribute(CONTENT_TYPE, _DATA)


def check_value(certificate: certificates.Certificate, attributes: bytes, value: bytes) -> None:
    """Check that the key of `certificate` made the raw signature `value` over `attributes`.

    Raises:
        SigningError: code SIGNATURE_VALUE_WRONG; it did not, or the key is of another kind.
    """
    key = certificate.public_key()
    try:
        if isinstance(key, EllipticCurvePublicKey):
            key.verify(value, attributes, ECDSA(SHA256()))
            return
        if isinstance(key, RSAPublicKey):
            key.verify(value, attributes, PKCS1v15(), SHA256())
            return
    except InvalidSignature:
        pass
    raise SigningError(
        "the value is not a signature of this certificate's key",
        code=ErrorCode.SIGNATURE_VALUE_WRONG,
    )


class CmsAssembler:
    """Make the CMS of signatures by one certificate from parts that are encoded once.

    Args:
        certificate: DER.
        chain: issuing certificates, nearest first, DER; all but a self-issued root are carried
            in the signature.

    Raises:
        CertificateRejectedError: code CERTIFICATE_WEAK; a key of this kind is not used.
    """

    def __init__(self, *, certificate: bytes, chain: tuple[bytes, ...]) -> None:
        holder = x509.Certificate.load(certificate)
        self._algorithm, self._value_bytes = _mechanism(holder.public_key)
        # X.509, clause 4.1.2.2: issuer and serial number together name one certificate.
        self._signer_id = sequence(holder.issuer.dump(), integer(holder.serial_number))
        self._certificates = retagged(0, set_of(*{certificate, *_without_roots(chain)}))
        self._signing_certificate = attribute(
            SIGNING_CERTIFICATE, as_signing_certificate_v2(holder, DIGEST).dump()
        )

    def attributes(self, digest: bytes) -> bytes:
        """Return the signed attributes over the document's `digest`, DER of their SET OF.

        There is no signing time: PAdES wants it in the signature dictionary alone.
        """
        return set_of(
            _CONTENT_IS_DATA,
            attribute(MESSAGE_DIGEST, octets(digest)),
            self._signing_certificate,
        )

    def assemble(self, attributes: bytes, value: bytes, token: bytes | None) -> bytes:
        """Return the CMS in DER."""
        unsigned = () if token is None else (tagged(1, attribute(_TIME_STAMP_TOKEN, token)),)
        return signed_data(
            version=1,
            content=_DETACHED,
            certificates=self._certificates,
            signer=sequence(
                integer(1),
                self._signer_id,
                DIGEST_ALGORITHM,
                retagged(0, attributes),
                self._algorithm,
                octets(value),
                *unsigned,
            ),
        )

    @cached_property
    def room_bytes(self) -> int:
        """Return the largest size of a CMS without a time-stamp."""
        return len(self.assemble(self.attributes(bytes(32)), bytes(self._value_bytes), None))


def signed_data(*, version: int, content: bytes, certificates: bytes, signer: bytes) -> bytes:
    """Return a CMS of one signer over a SHA-256, DER.

    Args:
        content: encapsulated content information.
        certificates: under their implicit tag 0.
        signer: signer information.
    """
    return sequence(
        _SIGNED_DATA,
        tagged(
            0,
            sequence(
                integer(version),
                set_of(DIGEST_ALGORITHM),
                content,
                certificates,
                set_of(signer),
            ),
        ),
    )


def _mechanism(key: keys.PublicKeyInfo) -> tuple[bytes, int]:
    """Return the encoded signature algorithm and the most bytes a raw signature has."""
    if key.algorithm == "rsa":
        return RSA_SHA256, (key.bit_size + 7) // 8
    if key.algorithm == "ec":
        # Two numbers below the order of the curve, each with its header and a sign byte.
        return ECDSA_SHA256, 2 * ((key.bit_size + 7) // 8 + 4) + 4
    raise CertificateRejectedError(
        f"keys of kind {key.algorithm} are not used", code=ErrorCode.CERTIFICATE_WEAK
    )


def _without_roots(chain: tuple[bytes, ...]) -> Iterator[bytes]:
    for der in chain:
        link = x509.Certificate.load(der)
        if link.issuer != link.subject:
            yield der


@dataclass(frozen=True, kw_only=True)
class FoundValue:
    """Hold where the value of a signature stands in a file, and what it holds.

    Args:
        value: the raw signature.
        start: offset of its `<`.
        end: offset after its `>`.
    """

    content: cms.ContentInfo
    value: bytes
    start: int
    end: int

    @property
    def has_token(self) -> bool:
        """Tell whether the signature has unsigned attributes; we write a time-stamp only."""
        signer = self.content["content"]["signer_infos"][0]
        return len(signer["unsigned_attrs"]) > 0

    def with_token(self, token: bytes) -> bytes:
        """Return the CMS with a time-stamp token, DER."""
        return _with_token(self.content, token)


def newest_value(pdf: bytes) -> FoundValue:
    """Return the value of the newest signature of a file."""
    reader = PdfFileReader(BytesIO(pdf), strict=True)
    newest = reader.embedded_signatures[-1]
    _, start, end, _ = (int(number) for number in newest.byte_range)
    content = cms.ContentInfo.load(bytes(newest.pkcs7_content))
    return FoundValue(
        content=content, value=bytes(newest.signer_info["signature"]), start=start, end=end
    )


def _with_token(content: cms.ContentInfo, token: bytes) -> bytes:
    stamp = simple_cms_attribute(_STAMP, cms.ContentInfo.load(token))  # type: ignore[no-untyped-call]
    content["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([stamp])
    return bytes(content.dump())


def cms_digests(pdf: bytes) -> tuple[CmsDigest, ...]:
    """Return the SHA-256 of every signature's CMS, oldest first.

    Raises:
        SigningError: the file cannot be read.
    """
    with translated("cms digests"):
        reader = PdfFileReader(BytesIO(pdf), strict=True)
        return tuple(
            CmsDigest(field=signature.field_name, sha256=cms_sha256(signature.pkcs7_content))
            for signature in reader.embedded_signatures
        )


def cms_sha256(content: bytes) -> str:
    """Return the SHA-256 of a CMS as it stands in `/Contents`, without the padding."""
    return hashlib.sha256(cms.ContentInfo.load(content).dump()).hexdigest()
