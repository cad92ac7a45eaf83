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
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore


class StockSigner:
    """Certify field `lanh_dao` at B-T with a self-made P-256 key, as the library comes."""

    def __init__(self) -> None:
        certificate, key = _pair(None)
        tsa_certificate, tsa_key = _pair(ExtendedKeyUsageOID.TIME_STAMPING)
        registry = SimpleCertificateStore.from_certs([certificate])
        self._signer = SimpleSigner(
            signing_cert=certificate, signing_key=key, cert_registry=registry
        )
        self._stamper = DummyTimeStamper(tsa_cert=tsa_certificate, tsa_key=tsa_key)

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


def _pair(
    usage: x509.ObjectIdentifier | None,
) -> tuple[asn1_x509.Certificate, asn1_keys.PrivateKeyInfo]:
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
    certificate = builder.sign(key, hashes.SHA256())
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
