"""Stamp with the certificate that the own time-stamp authority has today."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from engine.clock import Clock
from engine.errors import ErrorCode, SignerUnavailableError
from signing.authority import AuthorityFiles
from signing.keys.store import KeyStore
from signing.timestamps import LocalTimeStamper


class HouseStamps:
    """Keep the time-stamper of an authority's directory until its certificate is renewed."""

    def __init__(self, files: AuthorityFiles, keys: KeyStore, clock: Clock) -> None:
        self._files = files
        self._keys = keys
        self._clock = clock
        self._kept: tuple[x509.Certificate, LocalTimeStamper] | None = None

    def current(self) -> LocalTimeStamper:
        """Return what stamps now.

        Raises:
            SignerUnavailableError: the authority's certificate or key cannot be used.
        """
        certificate = self._files.certificate("tsa")  # read again only when its file changed
        if self._kept is None or self._kept[0] != certificate:
            self._kept = certificate, self._made(certificate)
        return self._kept[1]

    def _made(self, certificate: x509.Certificate) -> LocalTimeStamper:
        key = self._keys.load_unattended("tsa")
        # A renewal writes the key first; whoever reads in between takes the pair a moment later.
        if key.public_key() != certificate.public_key():
            raise SignerUnavailableError(
                "the time-stamp key is being renewed", code=ErrorCode.TIMESTAMP_UNAVAILABLE
            )
        return LocalTimeStamper(
            certificate=certificate.public_bytes(Encoding.DER),
            key=key,
            chain=(self._files.certificate_der("issuing"),),
            clock=self._clock,
        )
