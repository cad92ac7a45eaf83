"""Sign as pyHanko's documentation shows, on the same kind of key: the peer of the sign step."""

import io
from datetime import UTC, datetime, timedelta

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from engine.clock import SystemClock
from signing.timestamps import LocalTimeStamper


class StockSigner:
    """Certify field `lanh_dao` at B-T with a self-made P-256 key, as the library comes.

    The library's own time stamper does RSA only; ours serves both sides, so that the figure
    compares the signers.
    """

    def __init__(self) -> None:
        tsa_certificate, tsa_key = _made(ExtendedKeyUsageOID.TIME_STAMPING)
        certificate, key = _asn1(*_made(None))
        registry = SimpleCertificateStore.from_certs([certificate])
        self._signer = SimpleSigner(
            signing_cert=certificate, signing_key=key, cert_registry=registry
        )
        self._stamper = LocalTimeStamper(
            certificate=tsa_certificate.public_bytes(serialization.Encoding.DER),
            key=tsa_key,
            chain=(),
            clock=SystemClock(),
        )

    def sign(self, pdf: bytes) -> bytes:
        """Return the signed PDF."""
        metadata = PdfSignatureMetadata(
            field_name="lanh_dao",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.FILL_FORMS,
        )
        out = PdfSigner(metadata, self._signer, timestamper=self._stamper).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf))
        )
        return bytes(out.getbuffer())


def _made(
    usage: x509.ObjectIdentifier | None,
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "peer")])
    now = datetime.now(UTC)  # noqa: TID251 a throw-away certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(key, hashes.SHA256()), key


def _asn1(
    certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> tuple[asn1_x509.Certificate, asn1_keys.PrivateKeyInfo]:
    return (
        asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER)),
        asn1_keys.PrivateKeyInfo.load(
            key.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        ),
    )
