"""Make what a page asks the agent to sign, from real prepared files."""

import base64
import hashlib
from dataclasses import dataclass

from engine.model.keys import KeyHome
from engine.ports_pdf import PreparedSignature, SignatureAct
from engine.ports_signing import IssuedCertificate, SignatureField
from tests.factories.client_key import ClientKey
from tests.factories.pki_world import LEADER, PkiWorld


@dataclass(frozen=True, kw_only=True)
class PreparedOrder:
    """Hold one prepared file and what a page would send of it."""

    certificate: IssuedCertificate
    prepared: PreparedSignature
    act: SignatureAct

    @property
    def digest(self) -> str:
        pdf = self.prepared.pdf
        around = pdf[: self.prepared.value_start] + pdf[self.prepared.value_end :]
        return hashlib.sha256(around).hexdigest()

    def body(self, **changes: object) -> dict[str, object]:
        item = {
            "title": "báo cáo kết quả",
            "digest": self.digest,
            "attributes": base64.b64encode(self.prepared.attributes).decode(),
        }
        return {
            "certificate": base64.b64encode(self.certificate.der).decode(),
            "items": [item | changes],
        }


def an_order(world: PkiWorld, public_key_der: bytes | None = None) -> PreparedOrder:
    """Return a letter that waits for the signature of a key at the client."""
    certificate = world.authority.certify(
        LEADER, public_key_der or ClientKey().public_der, key_home=KeyHome.CLIENT
    )
    act = SignatureAct(
        field=SignatureField.LEADER,
        certificate=certificate,
        appearance=b"",
        reason="Ký duyệt",
        at=world.clock.now(),
    )
    prepared = world.signer.begin(world.prepared(), act)
    return PreparedOrder(certificate=certificate, prepared=prepared, act=act)
