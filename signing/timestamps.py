"""Be the time-stamp authority of an evaluation installation, in process.

Source: RFC 3161, clauses 2.3 and 2.4.2; RFC 5816 (SHA-256 certificate identifier).
"""

import hashlib
import secrets
from datetime import UTC

from asn1crypto import algos, cms, core, tsp, x509  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko.sign.general import as_signing_certificate_v2, simple_cms_attribute
from pyhanko.sign.timestamps import TimeStamper

from engine.clock import Clock

# From the arc that RFC 5612 sets aside for examples: the policy of this authority is that it
# is for evaluation and promises nothing.
EVALUATION_POLICY = "1.3.6.1.4.1.32473.3161.1"
ACCURACY_SECONDS = 1


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
        self._certificate = x509.Certificate.load(certificate)
        self._chain = [x509.Certificate.load(der) for der in chain]
        self._key = key
        self._clock = clock
        self._identifier = as_signing_certificate_v2(self._certificate, "sha256")

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return a token over `message_digest`."""
        info = self._info(message_digest, md_algorithm).dump()
        attributes = _attributes(
            content_type="tst_info",
            message_digest=hashlib.sha256(info).digest(),
            signing_certificate_v2=self._identifier,
        )
        signature = self._key.sign(attributes.dump(), ECDSA(SHA256()))
        return self._token(info, attributes, signature)

    def _info(self, message_digest: bytes, md_algorithm: str) -> tsp.TSTInfo:
        return tsp.TSTInfo(
            {
                "version": "v1",
                "policy": EVALUATION_POLICY,
                "message_imprint": {
                    "hash_algorithm": {"algorithm": md_algorithm},
                    "hashed_message": message_digest,
                },
                # 127 random bits never repeat and never turn negative in DER.
                "serial_number": secrets.randbits(127),
                "gen_time": self._clock.now().astimezone(UTC).replace(microsecond=0),
                "accuracy": {"seconds": ACCURACY_SECONDS},
                "tsa": x509.GeneralName("directory_name", self._certificate.subject),
            }
        )

    def _token(
        self, info: bytes, attributes: cms.CMSAttributes, signature: bytes
    ) -> cms.ContentInfo:
        digest = algos.DigestAlgorithm({"algorithm": "sha256"})
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    "issuer_and_serial_number",
                    {
                        "issuer": self._certificate.issuer,
                        "serial_number": self._certificate.serial_number,
                    },
                ),
                "digest_algorithm": digest,
                "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                "signed_attrs": attributes,
                "signature": signature,
            }
        )
        content = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [digest],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": core.ParsableOctetString(info),
                },
                "certificates": [self._certificate, *self._chain],
                "signer_infos": [signer],
            }
        )
        return cms.ContentInfo({"content_type": "signed_data", "content": content})


def _attributes(**values: object) -> cms.CMSAttributes:
    return cms.CMSAttributes(
        [
            simple_cms_attribute(name, value)  # type: ignore[no-untyped-call]
            for name, value in values.items()
        ]
    )
