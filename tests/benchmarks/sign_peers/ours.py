"""Sign with our signer, on software keys and on a token; and with the bare keys."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from engine.clock import SystemClock
from engine.model.keys import KeyHome, KeyType
from engine.ports_keys import OpenKey
from engine.ports_pdf import SignatureAct
from engine.ports_signing import IssuedCertificate, SignatureField
from signing.authority import AuthorityFiles, LocalCertificateAuthority
from signing.keys.software import SoftwareKey
from signing.keys.store import KeyStore
from signing.keys.token import TokenKeys
from signing.signer import PyHankoPdfSigner
from signing.timestamps import LocalTimeStamper
from tests.benchmarks.sign_peers.materials import Materials
from tests.benchmarks.sign_peers.worker import Act, Meter
from tests.factories.pki_documents import a_stamp
from tests.factories.pki_world import LEADER, PIN, STYLE
from tests.factories.softhsm import TOKEN_PIN, a_softhsm


class NoStamper:
    """Authority that is away: what is signed stays at B-B."""

    async def async_token(self, value: bytes) -> bytes | None:
        return self.prompt_token(value)

    def prompt_token(self, value: bytes) -> bytes | None:
        return None


@contextmanager
def contestant(name: str, folder: Path) -> Iterator[tuple[Act, Meter]]:
    """Yield the act of `KIND_KEY_LEVEL` or `raw_KEY`."""
    kind, key_name, *levels = name.split("_")
    key_type = KeyType(key_name)
    materials = Materials(folder)
    with ExitStack() as life:
        if kind == "raw":
            yield _raw(materials, key_type), _nothing
            return
        meter = _nothing
        certificate = materials.issued(key_type)
        key: OpenKey
        if kind == "pkcs11":
            certificate, key, meter = life.enter_context(_on_token(materials, key_type))
        else:
            key = life.enter_context(_in_memory(materials, key_type, certificate))
        signer = a_signer(materials.authority(key_type), is_stamped=levels == ["bt"])
        act = an_act(certificate, appearance=a_stamp() if kind == "visible" else b"")
        pdf = materials.pdf.read_bytes()

        def sign() -> None:
            signer.sign(pdf, replace(act, at=SystemClock().now()), key)

        yield sign, meter


def a_signer(directory: Path, *, is_stamped: bool) -> PyHankoPdfSigner:
    """Return the product's signer, gate and all."""
    return PyHankoPdfSigner(
        directory=directory,
        clock=SystemClock(),
        style=STYLE,
        timestamper=None if is_stamped else NoStamper(),
    )


def an_act(
    certificate: IssuedCertificate,
    *,
    appearance: bytes = b"",
    field: SignatureField = SignatureField.LEADER,
) -> SignatureAct:
    """Return a signature that is to be made now."""
    return SignatureAct(
        field=field,
        certificate=certificate,
        appearance=appearance,
        reason="Ký duyệt",
        at=SystemClock().now(),
    )


def local_stamper(directory: Path) -> LocalTimeStamper:
    """Return the time-stamp authority of an installation."""
    files = AuthorityFiles(directory=directory)
    return LocalTimeStamper(
        certificate=files.certificate("tsa").public_bytes(Encoding.DER),
        key=KeyStore(directory).load_unattended("tsa"),
        chain=(files.certificate("issuing").public_bytes(Encoding.DER),),
        clock=SystemClock(),
    )


def _in_memory(
    materials: Materials, key_type: KeyType, certificate: IssuedCertificate
) -> SoftwareKey:
    return SoftwareKey(KeyStore(materials.authority(key_type)).load(certificate.id, PIN))


@contextmanager
def _on_token(
    materials: Materials, key_type: KeyType
) -> Iterator[tuple[IssuedCertificate, OpenKey, Meter]]:
    with pytest.MonkeyPatch.context() as patch:
        directory = materials.folder / f"softhsm-{os.getpid()}"
        directory.mkdir()
        softhsm = a_softhsm(directory, patch)
        made = softhsm.make_key(key_type)
        authority = LocalCertificateAuthority(materials.authority(key_type), SystemClock())
        certificate = authority.certify(
            LEADER,
            made.public_key_der,
            days=30,
            key_home=KeyHome.TOKEN,
            key_ref=made.key_ref,
        )
        with TokenKeys(softhsm.module).open(certificate, TOKEN_PIN) as key:
            yield certificate, key, lambda: _used_by(key.pid)


def _used_by(process_id: int) -> int:
    if sys.platform != "linux":
        return 0
    return int(Path(f"/proc/{process_id}/schedstat").read_text().split()[0])


def _raw(materials: Materials, key_type: KeyType) -> Act:
    key = load_pem_private_key(materials.key(key_type).read_bytes(), None)
    attributes = bytes(300)
    if isinstance(key, EllipticCurvePrivateKey):
        return lambda: key.sign(attributes, ECDSA(SHA256()))
    return lambda: key.sign(attributes, PKCS1v15(), SHA256())  # type: ignore[call-arg,union-attr,arg-type] # RSA


def _nothing() -> int:
    return 0
