"""Give people certificates whose keys are at their own computers."""

from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.clock import FixedClock
from engine.model.keys import KeyHome, KeyType
from engine.ports_signing import CertificateRequest, HolderKind, IssuedCertificate
from signing.authority import LocalCertificateAuthority
from webui.bootstrap import House


class ClientKey:
    """Sign as the token of an official would; the server never sees it."""

    def __init__(self, key_type: KeyType = KeyType.P256) -> None:
        self.key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = (
            ec.generate_private_key(ec.SECP256R1())
            if key_type is KeyType.P256
            else rsa.generate_private_key(65537, 2048)
        )

    @property
    def public_der(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, attributes: bytes) -> bytes:
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(attributes, ec.ECDSA(SHA256()))
        return self.key.sign(attributes, PKCS1v15(), SHA256())


def certify_client(
    house: House,
    public_key_der: bytes,
    *,
    holder_kind: HolderKind,
    holder_id: str,
    name: str,
) -> IssuedCertificate:
    """Register a certificate of the house's authority for a key made elsewhere."""
    if isinstance(house.clock, FixedClock):
        # Newer than the holder's software certificate: times in certificates are whole seconds.
        house.clock.move(timedelta(seconds=1))
    authority = LocalCertificateAuthority(house.settings.pki_dir, house.clock)
    issued = authority.certify(
        CertificateRequest(
            holder_kind=holder_kind,
            holder_id=holder_id,
            common_name=name,
            organisation="Sở Nội vụ",
        ),
        public_key_der,
        key_home=KeyHome.CLIENT,
    )
    with house.start_work() as work:
        work.certificates.add(issued)
        work.commit()
    return issued
