"""Sign with pyHanko's own code and a key object: the reference our signer is compared with."""

from asn1crypto import cms, x509  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko.sign.signers import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from engine.errors import SigningError
from signing.certificates import SigningKey
from signing.cms import DIGEST


class HeldKeySigner(Signer):
    """Signer with a loaded key object; pyHanko's own would parse the key again each time.

    Args:
        certificate: DER.
        chain: issuing certificates without the root, DER; carried in the signature.
    """

    def __init__(self, *, certificate: bytes, chain: tuple[bytes, ...], key: SigningKey) -> None:
        super().__init__(
            signing_cert=x509.Certificate.load(certificate),
            cert_registry=SimpleCertificateStore.from_certs(  # type: ignore[no-untyped-call]
                [x509.Certificate.load(der) for der in chain]
            ),
            embed_roots=False,
        )
        self._key = key
        self.cms_bytes = 0

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,
        dry_run: bool = False,
    ) -> bytes:
        """Return the signature over `data`; only SHA-256 is made here.

        Raises:
            SigningError: another digest was asked for.
        """
        if digest_algorithm != DIGEST:
            raise SigningError(f"digest {digest_algorithm} is not used")
        if isinstance(self._key, EllipticCurvePrivateKey):
            return self._key.sign(data, ECDSA(SHA256()))
        return self._key.sign(data, PKCS1v15(), SHA256())

    async def async_sign(self, *args: object, **options: object) -> cms.ContentInfo:
        """Return the CMS and remember its size, so that a retry knows whether it helps."""
        content = await super().async_sign(*args, **options)  # type: ignore[arg-type]
        self.cms_bytes = len(content.dump())
        return content
