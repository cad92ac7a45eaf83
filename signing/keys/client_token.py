"""Sign with a token in the computer of whoever holds it; used by the agent there.

One thread owns the token: the binding is not safe for threads. Nothing here depends on one
operating system, and a login lasts as long as one order.

Source: PKCS #11 v2.40, clauses 2.4, 5.6 and 5.11; RFC 3279, clause 2.2.3; RFC 8017, clause 9.2.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pkcs11
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, TokenFlag

from engine.errors import ErrorCode, PinRejectedError, SignerUnavailableError

_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
_WRONG_PIN = (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange)
_LOCKED_PIN = (pkcs11.PinLocked, pkcs11.PinExpired, pkcs11.UserPinNotInitialized)


@dataclass(frozen=True, kw_only=True)
class TokenCertificate:
    """Hold what a token says of one certificate on it.

    Args:
        sha256: of the certificate in DER, hex.
    """

    sha256: str
    name: str
    not_after: datetime


@dataclass(frozen=True)
class _Place:
    """Name a private key: the token it is on, and its `CKA_ID` there."""

    token: Any
    key_id: bytes


class ClientToken:
    """Sign with the tokens of one maker's module.

    Args:
        module: shared library of the tokens' maker.
    """

    def __init__(self, module: Path) -> None:
        self._module = module

    def is_present(self) -> bool:
        """Tell whether a token is plugged in."""
        try:
            return bool(find_tokens(self._module))
        except SignerUnavailableError:
            return False

    def list_certificates(self) -> tuple[TokenCertificate, ...]:
        """Return the certificates on the tokens, read without a PIN.

        Raises:
            SignerUnavailableError: code SIGNER_TOKEN_MISSING; there is no token, or no module.
        """
        found: list[bytes] = []
        for token in find_tokens(self._module):
            with _opened(token) as session:
                found.extend(
                    bytes(each[Attribute.VALUE])
                    for each in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
                )
        return tuple(shown for der in found if (shown := _shown(der)) is not None)

    def holds(self, certificate: bytes) -> bool:
        """Tell whether a token here has the key of `certificate`, DER.

        Raises:
            SignerUnavailableError: code SIGNER_TOKEN_MISSING; there is no token, or no module.
        """
        return self._find(certificate) is not None

    def sign(self, certificate: bytes, pin: str, attributes: Sequence[bytes]) -> list[bytes]:
        """Return the raw signature over the SHA-256 of each of `attributes`.

        Args:
            certificate: DER; its key signs.
            pin: of the token; used for one login and not kept.

        Returns:
            DER `ECDSA-Sig-Value` of an EC key, PKCS#1 v1.5 of an RSA key.

        Raises:
            PinRejectedError: wrong PIN; `params["locked"]` when the token takes no more.
            SignerUnavailableError: code SIGNER_TOKEN_MISSING; the token or the key is gone.
        """
        place = self._find(certificate)
        if place is None:
            raise _missing("no token here has the key")
        try:
            with place.token.open(user_pin=pin) as session:
                key = session.get_key(object_class=ObjectClass.PRIVATE_KEY, id=place.key_id)
                return [signed_value(key, each) for each in attributes]
        except _WRONG_PIN as error:
            # The cause is left out: its frames hold the PIN.
            raise PinRejectedError(type(error).__name__) from None
        except _LOCKED_PIN as error:
            raise PinRejectedError(type(error).__name__, locked="1") from None
        except pkcs11.PKCS11Error as error:
            raise _missing(type(error).__name__) from None

    def _find(self, certificate: bytes) -> _Place | None:
        tokens = find_tokens(self._module)
        if not tokens:
            raise _missing("no token is plugged in")
        for token in tokens:
            with _opened(token) as session:
                key_id = _key_id(session, certificate)
            if key_id is not None:
                return _Place(token, key_id)
        return None


def find_tokens(module: Path) -> list[Any]:
    """Return the tokens that are plugged in and set up.

    Raises:
        SignerUnavailableError: code SIGNER_TOKEN_MISSING; the module cannot be used.
    """
    try:
        library = pkcs11.lib(str(module))
        # Some modules see a token that was plugged in later only when asked anew.
        library.reinitialize()
        return list(library.get_tokens(token_flags=TokenFlag.TOKEN_INITIALIZED))
    except (RuntimeError, pkcs11.PKCS11Error) as error:
        raise _missing(f"module: {error}") from error


@contextmanager
def _opened(token: Any) -> Iterator[Any]:
    """Open a session that nobody has logged in to; it sees what is public."""
    try:
        with token.open() as session:
            yield session
    except pkcs11.PKCS11Error as error:
        raise _missing(type(error).__name__) from error


def _key_id(session: Any, certificate: bytes) -> bytes | None:
    """Return the `CKA_ID` that certificate, public and private key of a token share."""
    for each in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
        if bytes(each[Attribute.VALUE]) == certificate:
            return bytes(each[Attribute.ID])
    wanted = _public_numbers(certificate)
    for each in session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY}):
        if _is_public(each, wanted):
            return bytes(each.id)
    return None


def _public_numbers(certificate: bytes) -> bytes:
    """Return the point or the modulus of a certificate's key, as tokens write it."""
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _missing("the certificate cannot be read") from error
    if isinstance(key, EllipticCurvePublicKey):
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    if isinstance(key, RSAPublicKey):
        modulus = key.public_numbers().n
        return modulus.to_bytes((modulus.bit_length() + 7) // 8)
    raise _missing("the certificate's key is of an unknown kind")


def _is_public(key: Any, wanted: bytes) -> bool:
    if key.key_type == KeyType.EC:
        # An OCTET STRING around the point, by the standard; some tokens leave it out.
        return bytes(key[Attribute.EC_POINT]).endswith(wanted)
    is_rsa = key.key_type == KeyType.RSA
    return is_rsa and bytes(key[Attribute.MODULUS]).lstrip(b"\0") == wanted


def signed_value(key: Any, content: bytes) -> bytes:
    """Return the raw signature of a private key on a token over the SHA-256 of `content`."""
    digest = hashlib.sha256(content).digest()
    if key.key_type == KeyType.EC:
        # Hashed here: older modules sign ready digests only.
        raw = bytes(key.sign(digest, mechanism=Mechanism.ECDSA))
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))
    return bytes(key.sign(_SHA256_INFO + digest, mechanism=Mechanism.RSA_PKCS))


def _shown(der: bytes) -> TokenCertificate | None:
    """Return what is shown of a certificate; None for one that cannot be read."""
    try:
        read = x509.load_der_x509_certificate(der)
        names = read.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    except ValueError:
        return None
    return TokenCertificate(
        sha256=hashlib.sha256(der).hexdigest(),
        name=str(names[0].value) if names else read.subject.rfc4514_string(),
        not_after=read.not_valid_after_utc,
    )


def _missing(detail: str) -> SignerUnavailableError:
    return SignerUnavailableError(detail, code=ErrorCode.SIGNER_TOKEN_MISSING)
