"""Sign with a key object that is held for one call, and name signatures by digest."""

import hashlib
from io import BytesIO

from asn1crypto import cms, x509  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from engine.errors import SigningError
from engine.ports_signing import CmsDigest
from signing.certificates import SigningKey
from signing.writer import translated

DIGEST = "sha256"


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
        dry_run: bool = False,  # noqa: ARG002 the library's signature
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


def cms_digests(pdf: bytes) -> tuple[CmsDigest, ...]:
    """Return the SHA-256 of every signature's CMS, oldest first.

    Raises:
        SigningError: the file cannot be read.
    """
    with translated("cms digests"):
        reader = PdfFileReader(BytesIO(pdf), strict=True)
        return tuple(
            CmsDigest(field=signature.field_name, sha256=cms_sha256(signature.pkcs7_content))
            for signature in reader.embedded_signatures
        )


def cms_sha256(content: bytes) -> str:
    """Return the SHA-256 of a CMS as it stands in `/Contents`, without the padding."""
    return hashlib.sha256(cms.ContentInfo.load(content).dump()).hexdigest()
