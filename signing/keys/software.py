"""Sign with keys in files of the installation; for evaluation only."""

from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_der_x509_certificate

from engine.errors import ErrorCode, SignerUnavailableError, SigningError
from engine.ports_signing import CertificateId, IssuedCertificate
from signing.certificates import SigningKey
from signing.keys.store import KeyStore


class SoftwareKey:
    """Adapter of `OpenKey`: a key object in memory, until closed."""

    is_proved = True  # its file opened

    def __init__(self, key: SigningKey) -> None:
        self._key: SigningKey | None = key

    def sign(self, attributes: bytes) -> bytes:
        """Return the raw signature over the SHA-256 of `attributes`.

        Raises:
            SignerUnavailableError: the key was closed.
        """
        if self._key is None:
            raise SignerUnavailableError("the key is closed")
        if isinstance(self._key, EllipticCurvePrivateKey):
            return self._key.sign(attributes, ECDSA(SHA256()))
        return self._key.sign(attributes, PKCS1v15(), SHA256())

    def close(self) -> None:
        """Forget the key."""
        self._key = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class SoftwareKeys:
    """Adapter of `SigningKeys` on the key files of the installation."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store

    def open(self, certificate: IssuedCertificate, pin: str) -> SoftwareKey:
        """Return the key of `certificate`.

        Raises:
            PinRejectedError: wrong PIN.
            SignerUnavailableError: there is no such key here.
            SigningError: code SIGNER_KEY_OTHER; the file holds another certificate's key.
        """
        # A key that was made before its certificate goes by a number of its own.
        key = self._store.load(CertificateId(certificate.key_ref or certificate.id), pin)
        if key.public_key() != load_der_x509_certificate(certificate.der).public_key():
            raise SigningError("the certificate is another key's", code=ErrorCode.SIGNER_KEY_OTHER)
        return SoftwareKey(key)

    def check_signs_many(self, certificate: IssuedCertificate) -> None:
        """Refuse nothing: an open key is in memory."""
