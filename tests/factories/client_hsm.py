"""Put keys and certificates on a token, in a process that ends: one login is one process."""

import json
import subprocess
import sys
from pathlib import Path

from tests.factories.softhsm import TOKEN, TOKEN_PIN

_MAKE = """
import json, pkcs11, sys
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import Attribute, KeyType, MechanismFlag
words = json.load(sys.stdin)
token = pkcs11.lib(words["module"]).get_token(token_label=words["token"])
with token.open(rw=True, user_pin=words["pin"]) as session:
    shape = dict(
        id=words["id"].encode(), label=words["id"], store=True,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
    )
    if words["type"] == "rsa2048":
        public, _ = session.generate_keypair(KeyType.RSA, 2048, **shape)
        named = (Attribute.PUBLIC_EXPONENT, Attribute.MODULUS)
        key = rsa.RSAPublicNumbers(*(int.from_bytes(public[each]) for each in named)).public_key()
    else:
        curve = bytes.fromhex("06082a8648ce3d030107")
        curve = {Attribute.EC_PARAMS: curve}
        made = session.create_domain_parameters(KeyType.EC, curve, local=True)
        public, _ = made.generate_keypair(**shape)
        point = public[Attribute.EC_POINT][-65:]
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    print(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex())
"""
_STORE = """
import json, pkcs11, sys
from pkcs11 import Attribute, CertificateType, ObjectClass
words = json.load(sys.stdin)
token = pkcs11.lib(words["module"]).get_token(token_label=words["token"])
with token.open(rw=True, user_pin=words["pin"]) as session:
    if words["drop_public"]:
        for each in list(session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY})):
            each.destroy()
    session.create_object({
        Attribute.CLASS: ObjectClass.CERTIFICATE,
        Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
        Attribute.TOKEN: True, Attribute.PRIVATE: False, Attribute.LABEL: words["id"],
        Attribute.ID: words["id"].encode(), Attribute.VALUE: bytes.fromhex(words["der"]),
        Attribute.SUBJECT: b"0\\0",
    })
"""


def make_key(module: Path, key_id: str = "lanh-dao", *, key_type: str = "p256") -> bytes:
    """Make a key pair on the token; return the public key, DER."""
    return bytes.fromhex(_run(_MAKE, module, id=key_id, type=key_type))


def store_certificate(
    module: Path, der: bytes, key_id: str = "lanh-dao", *, drop_public: bool = False
) -> None:
    """Put a certificate beside its key, as the token's maker does."""
    _run(_STORE, module, id=key_id, der=der.hex(), drop_public=drop_public)


def _run(script: str, module: Path, **words: object) -> str:
    told = {"module": str(module), "token": TOKEN, "pin": TOKEN_PIN, **words}
    done = subprocess.run(  # noqa: S603 our own words
        [sys.executable, "-c", script],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.strip()
