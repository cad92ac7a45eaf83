"""Be the time-stamp authority of an evaluation installation, in process.

Source: RFC 3161, clauses 2.3 and 2.4.2; RFC 5816 (SHA-256 certificate identifier).
"""

import hashlib
import secrets
from functools import cache
from typing import Protocol, runtime_checkable

from asn1crypto import algos, cms, core, x509  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.timestamps import TimeStamper

from engine.clock import Clock
from signing.cms import (
    CONTENT_TYPE,
    DIGEST,
    DIGEST_ALGORITHM,
    ECDSA_SHA256,
    MESSAGE_DIGEST,
    SIGNING_CERTIFICATE,
    attribute,
    signed_data,
)
from signing.der import integer, octets, retagged, sequence, set_of, tagged, time

# From the arc that RFC 5612 sets aside for examples: the policy of this authority is that it
# is for evaluation and promises nothing.
EVALUATION_POLICY = "1.3.6.1.4.1.32473.3161.1"
ACCURACY_SECONDS = 1

_POLICY = core.ObjectIdentifier(EVALUATION_POLICY).dump()
_TST_INFO = cms.ContentType("tst_info").dump()
_CONTENT_IS_INFO = attribute(CONTENT_TYPE, _TST_INFO)
_DIRECTORY_NAME = 4  # the choice of RFC 5280, clause 4.2.1.6


class Timestamper(Protocol):
    """Give time-stamps over raw signatures."""

    async def async_token(self, value: bytes) -> bytes | None:
        """Return a token over the SHA-256 of a raw signature, DER; None when none can be had."""
        ...


@runtime_checkable
class PromptTimestamper(Protocol):
    """Give time-stamps without waiting for anybody, so that no other thread is needed for it."""

    def prompt_token(self, value: bytes) -> bytes | None:
        """Return a token over the SHA-256 of a raw signature, DER; None when none can be had."""
        ...


class LocalTimeStamper(TimeStamper):
    """Time-stamper that signs the tokens itself, with a key loaded once.

    Args:
        certificate: of the authority, DER; its sole extended key usage is time-stamping.
        chain: certificates between it and the root, DER; carried in each token.
    """

    def __init__(
        self,
        *,
        certificate: bytes,
        key: EllipticCurvePrivateKey,
        chain: tuple[bytes, ...],
        clock: Clock,
    ) -> None:
        super().__init__(include_nonce=False)  # type: ignore[no-untyped-call]
        holder = x509.Certificate.load(certificate)
        self._key = key
        self._clock = clock
        # What every token repeats is encoded once.
        self._signer_id = sequence(holder.issuer.dump(), integer(holder.serial_number))
        self._certificates = retagged(0, set_of(certificate, *chain))
        self._identifier = attribute(
            SIGNING_CERTIFICATE, as_signing_certificate_v2(holder, DIGEST).dump()
        )
        self._name = tagged(0, tagged(_DIRECTORY_NAME, holder.subject.dump()))

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return a token over `message_digest`."""
        return cms.ContentInfo.load(self.token(message_digest, md_algorithm))

    async def async_token(self, value: bytes) -> bytes | None:
        """Return a token over the SHA-256 of a raw signature, DER; None when none can be had."""
        return self.prompt_token(value)

    def prompt_token(self, value: bytes) -> bytes:
        """Return a token over the SHA-256 of a raw signature, DER."""
        return self.token(hashlib.sha256(value).digest())

    def token(
        self, message_digest: bytes, md_algorithm: str = DIGEST, *, nonce: int | None = None
    ) -> bytes:
        """Return a token over `message_digest`, DER.

        Args:
            md_algorithm: what made the digest: sha256, sha384 or sha512.
            nonce: of the request, not negative; repeated in the token.
        """
        info = self._info(message_digest, md_algorithm, nonce)
        attributes = set_of(
            _CONTENT_IS_INFO,
            attribute(MESSAGE_DIGEST, octets(hashlib.sha256(info).digest())),
            self._identifier,
        )
        signer = sequence(
            integer(1),
            self._signer_id,
            DIGEST_ALGORITHM,
            retagged(0, attributes),
            ECDSA_SHA256,
            octets(self._key.sign(attributes, ECDSA(SHA256()))),
        )
        return signed_data(
            version=3,
            content=sequence(_TST_INFO, tagged(0, octets(info))),
            certificates=self._certificates,
            signer=signer,
        )

    def _info(self, message_digest: bytes, md_algorithm: str, nonce: int | None) -> bytes:
        return sequence(
            integer(1),
            _POLICY,
            sequence(_imprint_algorithm(md_algorithm), octets(message_digest)),
            # 127 random bits never repeat and never turn negative in DER.
            integer(secrets.randbits(127)),
            time(self._clock.now()),
            sequence(integer(ACCURACY_SECONDS)),
            *(() if nonce is None else (integer(nonce),)),
            self._name,
        )


@cache
def _imprint_algorithm(name: str) -> bytes:
    return bytes(algos.DigestAlgorithm({"algorithm": name}).dump())
