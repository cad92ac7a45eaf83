"""Keep private keys in files, each under a passphrase, and open them for one call.

Software keys are for evaluation: whoever holds the whole directory can try every short PIN in
minutes, whatever the key derivation costs. The passphrase of a holder's key is therefore made
from the PIN *and* the installation's secret, so that a copy of the key files alone is of no
use; the files themselves stay PKCS#8 (PBES2, PBKDF2-HMAC-SHA256, AES-256-CBC).

Source: RFC 8018, clause 6.2; RFC 5958.
"""

import hmac
import os
import secrets
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from engine.errors import PinRejectedError, SignerUnavailableError
from engine.model.keys import KeyType
from engine.ports_signing import CertificateId
from signing.certificates import SigningKey

SECRET_BYTES = 32


def write_atomically(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write `content` to `path` so that a reader sees the old file or the new one."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def new_key(key_type: KeyType) -> SigningKey:
    """Return a new private key."""
    if key_type is KeyType.RSA2048:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


class KeyStore:
    """Keep the keys of one installation below `directory`.

    Args:
        directory: holds `secret` and `keys/`; readable by the service's user only.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._secret = b""

    def create(self) -> None:
        """Make the directory and the installation's secret."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self._directory / "keys").mkdir(mode=0o700, exist_ok=True)
        write_atomically(self._directory / "secret", secrets.token_bytes(SECRET_BYTES))

    def save_unattended(self, name: str, key: SigningKey) -> None:
        """Keep an authority's key under the installation's secret."""
        self._save(self._directory / f"{name}.key.pem", key, self._passphrase(name, ""))

    def load_unattended(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Return an authority's key.

        Raises:
            SignerUnavailableError: the key is missing or does not open with the secret.
        """
        path = self._directory / f"{name}.key.pem"
        try:
            key = self._load(path, self._passphrase(name, ""))
        except (ValueError, TypeError) as error:
            raise SignerUnavailableError(f"key {name} does not open") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise SignerUnavailableError(f"key {name} has the wrong kind")
        return key

    def save(self, certificate_id: CertificateId, key: SigningKey, pin: str) -> None:
        """Keep a holder's key under `pin` and the secret."""
        path = self._holder_path(certificate_id)
        self._save(path, key, self._passphrase(certificate_id, pin))

    def load(self, certificate_id: CertificateId, pin: str) -> SigningKey:
        """Return a holder's key; keep it for one signature only.

        Raises:
            PinRejectedError: wrong PIN.
            SignerUnavailableError: there is no such key here.
        """
        path = self._holder_path(certificate_id)
        try:
            return self._load(path, self._passphrase(certificate_id, pin))
        except (ValueError, TypeError) as error:
            # The library's message may quote its input, so it is not carried on.
            raise PinRejectedError("the PIN does not open the key") from error.with_traceback(None)

    def _holder_path(self, certificate_id: CertificateId) -> Path:
        try:
            number = int(certificate_id, 16)  # a number cannot name a file elsewhere
        except ValueError:
            raise SignerUnavailableError("a key file goes by a number") from None
        return self._directory / "keys" / f"{number:x}.pem"

    def _passphrase(self, name: str, pin: str) -> bytes:
        if not self._secret:
            try:
                self._secret = (self._directory / "secret").read_bytes()
            except OSError as error:
                raise SignerUnavailableError("the installation's secret is missing") from error
        message = f"{name}\0{pin}".encode()
        return hmac.digest(self._secret, message, "sha256").hex().encode()

    def _save(self, path: Path, key: SigningKey, passphrase: bytes) -> None:
        encryption = BestAvailableEncryption(passphrase)
        write_atomically(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))

    def _load(self, path: Path, passphrase: bytes) -> SigningKey:
        try:
            pem = path.read_bytes()
        except OSError as error:
            raise SignerUnavailableError(f"key file {path.name} cannot be read") from error
        # The files are our own and encrypted: re-checking the primes would cost 47 ms a load.
        key = load_pem_private_key(pem, passphrase, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise SignerUnavailableError(f"key file {path.name} has an unknown kind of key")
        return key
