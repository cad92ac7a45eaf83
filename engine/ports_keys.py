"""Name what the product needs from private keys, wherever they live.

A key is opened with a PIN for one ceremony, signs, and is closed. Keys at the client are not
opened here: their values come from outside and are checked like any other.
"""

from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from engine.model.keys import KeyHome, KeyType
from engine.ports_signing import IssuedCertificate


class OpenKey(Protocol):
    """Sign with a key that was opened; leaving the block closes it."""

    @property
    def is_proved(self) -> bool:
        """Tell whether the PIN is known to be right; False until a first signature shows it."""
        ...

    def sign(self, attributes: bytes) -> bytes:
        """Return the raw signature over the SHA-256 of `attributes`.

        Args:
            attributes: signed attributes of a CMS, DER of their SET OF.

        Returns:
            DER `ECDSA-Sig-Value` of an EC key, PKCS#1 v1.5 of an RSA key.

        Raises:
            PinRejectedError: wrong PIN, of a key that is not proved.
            SignerUnavailableError: the token was removed, or the service does not answer.
            SigningError: the key refuses; code SIGNER_SIGNS_ONCE when it needs to be opened
                anew for each signature.

        Source: RFC 5652, clause 5.4; RFC 3279, clause 2.2.3; RFC 8017, clause 8.2.
        """
        ...

    def close(self) -> None:
        """Forget the PIN; closing again is harmless."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class SigningKeys(Protocol):
    """Open the key behind a certificate."""

    def open(self, certificate: IssuedCertificate, pin: str) -> OpenKey:
        """Return the key behind `certificate`, opened with `pin`.

        Raises:
            PinRejectedError: wrong PIN.
            SignerUnavailableError: the key cannot be reached; code SIGNER_AT_CLIENT when it
                lives at the holder's own computer.
            SigningError: code SIGNER_KEY_OTHER; the key found is not the certificate's.
        """
        ...

    def check_signs_many(self, certificate: IssuedCertificate) -> None:
        """Check that the key, opened once, signs one document after the other.

        Raises:
            SignerUnavailableError: the key's home cannot be asked; code SIGNER_AT_CLIENT when
                it lives at the holder's own computer.
            SigningError: code SIGNER_SIGNS_ONCE; it does not.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class MadeKey:
    """Hold what is known of a new private key.

    Args:
        public_key_der: SubjectPublicKeyInfo, DER.
        key_ref: how the key is named in its home; see `IssuedCertificate`.
    """

    public_key_der: bytes
    key_ref: str


class KeyMaker(Protocol):
    """Make private keys that stay where they are made."""

    def make(self, home: KeyHome, key_type: KeyType, *, name: str, pin: str) -> MadeKey:
        """Make a key pair in `home` that opens with `pin`.

        Args:
            name: label of the key for people who look at the token; need not be unique.

        Raises:
            InvalidInputError: keys of this home are made by their holder, not here.
            PinRejectedError: wrong PIN of the token.
            SignerUnavailableError: the token cannot be reached.

        Source: RFC 7512; RFC 5280, clause 4.1.2.7.
        """
        ...
