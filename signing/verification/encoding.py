"""Tell whether a signature's value is written in the one plain way.

A signature covers neither the frame of its own value nor the certificates beside it, so anybody
can change those without breaking it. Here the frame is written anew around the parts that are
proved (signed attributes, signature, time-stamped content, certificates of the validated paths)
and must come out the same, byte for byte.

Source: RFC 5652, clause 5 (signed data, in DER); RFC 3161, clause 2.4.2 and Appendix A.
"""

from collections.abc import Collection
from dataclasses import dataclass

from asn1crypto import cms, core, x509  # type: ignore[import-untyped]

_INTEGER, _OCTETS, _SEQUENCE, _SET, _FIRST, _SECOND = 0x02, 0x04, 0x30, 0x31, 0xA0, 0xA1
_NULL = b"\x05\x00"
_STAMP = "signature_time_stamp_token"


class NotPlainError(ValueError):
    """Tell that a value carries something that nobody proved."""


@dataclass(frozen=True, kw_only=True)
class Proved:
    """Hold the certificates that a validation has proved.

    Args:
        signer: of the signature.
        stamper: of the time-stamp authority, if there is a time-stamp.
        paths: every certificate of the validated paths, in DER.
    """

    signer: x509.Certificate
    stamper: x509.Certificate | None
    paths: Collection[bytes]


def is_plain(content: bytes, proved: Proved) -> bool:
    """Tell whether `content` is a signature's CMS in the plain form, and then zeros only."""
    try:
        plain = _signature(cms.ContentInfo.load(content), proved)
    except ValueError:
        return False
    return content == plain.ljust(len(content), b"\0")


def _signature(found: cms.ContentInfo, proved: Proved) -> bytes:
    frame = _Frame(
        version=b"\x01",
        content=_tlv(_SEQUENCE, cms.ContentType("data").dump()),
        certificate=proved.signer,
        unsigned=b"".join(
            _stamp(attribute, proved) for attribute in _only(found)["unsigned_attrs"]
        ),
    )
    return frame.around(found, proved.paths)


def _stamp(attribute: cms.CMSAttribute, proved: Proved) -> bytes:
    if attribute["type"].native != _STAMP or proved.stamper is None:
        raise NotPlainError("an unsigned attribute that is no time-stamp")
    (token,) = attribute["values"]
    info = token["content"]["encap_content_info"]["content"].contents
    frame = _Frame(
        version=b"\x03",  # as for any content that is not plain data
        content=_tlv(
            _SEQUENCE, cms.ContentType("tst_info").dump(), _tlv(_FIRST, _tlv(_OCTETS, info))
        ),
        certificate=proved.stamper,
    )
    plain = frame.around(token, proved.paths)
    return _tlv(_SEQUENCE, cms.CMSAttributeType(_STAMP).dump(), _tlv(_SET, plain))


@dataclass(frozen=True, kw_only=True)
class _Frame:
    """Hold what a CMS must say beside its proved parts."""

    version: bytes
    content: bytes
    certificate: x509.Certificate
    unsigned: bytes = b""

    def around(self, found: cms.ContentInfo, paths: Collection[bytes]) -> bytes:
        """Return `found` written anew."""
        signer = _only(found)
        bag = [entry.chosen.dump() for entry in found["content"]["certificates"]]
        if any(der not in paths for der in bag):
            raise NotPlainError("a certificate of no validated path")
        signed_data = _tlv(
            _SEQUENCE,
            _tlv(_INTEGER, self.version),
            _tlv(_SET, _algorithm(signer["digest_algorithm"])),
            self.content,
            _tlv(_FIRST, *bag),
            _tlv(_SET, self._signer_info(signer)),
        )
        kind = cms.ContentType("signed_data").dump()
        return _tlv(_SEQUENCE, kind, _tlv(_FIRST, signed_data))

    def _signer_info(self, signer: cms.SignerInfo) -> bytes:
        issuer, number = self.certificate.issuer, self.certificate.serial_number
        return _tlv(
            _SEQUENCE,
            _tlv(_INTEGER, b"\x01"),
            _tlv(_SEQUENCE, issuer.dump(), core.Integer(number).dump()),
            _algorithm(signer["digest_algorithm"]),
            _tlv(_FIRST, signer["signed_attrs"].contents),
            _algorithm(signer["signature_algorithm"]),
            _tlv(_OCTETS, signer["signature"].contents),
            _tlv(_SECOND, self.unsigned) if self.unsigned else b"",
        )


def _only(found: cms.ContentInfo) -> cms.SignerInfo:
    (signer,) = found["content"]["signer_infos"]
    return signer


def _algorithm(found: core.Sequence) -> bytes:
    name = found["algorithm"].dump()
    plain = bytes(found.dump())
    if plain not in {_tlv(_SEQUENCE, name), _tlv(_SEQUENCE, name, _NULL)}:
        raise NotPlainError("an algorithm with parameters")
    return plain


def _tlv(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + content
