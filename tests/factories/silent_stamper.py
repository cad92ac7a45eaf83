"""A time-stamp authority that falls silent when a test tells it to."""

from pathlib import Path

from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.timestamps import TimestampRequestError

from engine.clock import Clock
from signing.authority import AuthorityFiles
from signing.der import retagged, set_of
from signing.keys.store import KeyStore
from signing.timestamps import LocalTimeStamper

_NAMES = ("tsa", "issuing")


class SilentStamper(LocalTimeStamper):
    """The authority of an installation, which answers unless `is_silent`.

    Args:
        pki_dir: the authority's directory.
    """

    def __init__(self, pki_dir: Path, clock: Clock) -> None:
        files = AuthorityFiles(directory=pki_dir)
        key = KeyStore(pki_dir).load_unattended("tsa")
        assert isinstance(key, EllipticCurvePrivateKey)
        super().__init__(
            certificate=files.certificate("tsa").public_bytes(Encoding.DER),
            key=key,
            chain=(files.certificate("issuing").public_bytes(Encoding.DER),),
            clock=clock,
        )
        self.is_silent = False
        self.given = 0
        self._own = tuple(files.certificate(n).public_bytes(Encoding.DER) for n in _NAMES)

    def grow(self, times: int) -> None:
        """Carry the chain so often that every token is as large as a public authority's."""
        self._certificates = retagged(0, set_of(*(self._own * times)))

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        if self.is_silent:
            raise TimestampRequestError("silent")
        self.given += 1
        return await super().async_timestamp(message_digest, md_algorithm)

    def prompt_token(self, value: bytes) -> bytes | None:
        if self.is_silent:
            return None
        self.given += 1
        return super().prompt_token(value)

    async def async_token(self, value: bytes) -> bytes | None:
        if self.is_silent:
            return None
        self.given += 1
        return await super().async_token(value)
