"""Make private keys in their homes: in a file of the installation, or on a token."""

import secrets

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.errors import InvalidInputError, SignerUnavailableError
from engine.model.keys import KeyHome, KeyType
from engine.ports_keys import MadeKey
from engine.ports_signing import CertificateId
from signing.keys.store import KeyStore, new_key
from signing.keys.token import TokenModule, TokenProcess, checked_module
from signing.keys.token_uri import TokenKeyName
from signing.keys.wire import Message

_NAME_BYTES = 16

PublicKey = EllipticCurvePublicKey | RSAPublicKey


class HouseKeyMaker:
    """Adapter of `KeyMaker` on the key files of the installation and its tokens.

    Args:
        token: label of the token that new keys are made on.
    """

    def __init__(self, store: KeyStore, module: TokenModule | None, *, token: str = "") -> None:
        self._store = store
        self._module = module
        self._token = token

    def make(self, home: KeyHome, key_type: KeyType, *, name: str, pin: str) -> MadeKey:
        """Make a key pair in `home` that opens with `pin`.

        Raises:
            InvalidInputError: keys of this home are made by their holder or by the service.
            PinRejectedError: wrong PIN of the token.
            SignerUnavailableError: there is no token to make keys on.
        """
        if home is KeyHome.SOFTWARE:
            return self._in_file(key_type, pin)
        if home is KeyHome.TOKEN:
            return self._on_token(key_type, name, pin)
        raise InvalidInputError(f"no key is made in {home}", field="key_home")

    def _in_file(self, key_type: KeyType, pin: str) -> MadeKey:
        # The certificate and its number come later, so the key gets a number of its own.
        key_ref = secrets.token_hex(_NAME_BYTES)
        key = new_key(key_type)
        self._store.save(CertificateId(key_ref), key, pin)
        return MadeKey(public_key_der=_der(key.public_key()), key_ref=key_ref)

    def _on_token(self, key_type: KeyType, name: str, pin: str) -> MadeKey:
        process = TokenProcess(checked_module(self._module))
        try:
            made = process.ask(
                {
                    "do": "make",
                    "pin": pin,
                    "token": self._token,
                    "serial": "",
                    "label": name,
                    "key_type": key_type.value,
                }
            )
        finally:
            process.end()
        try:
            public, key_id = _public(made["public"]), bytes.fromhex(made["key_id"])
        except (KeyError, TypeError, ValueError):
            raise SignerUnavailableError("the token made no usable key") from None
        ref = TokenKeyName(token=self._token, label=name, key_id=key_id)
        return MadeKey(public_key_der=_der(public), key_ref=ref.to_uri())


def _public(words: Message) -> PublicKey:
    if "point" in words:
        point = bytes.fromhex(words["point"])
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    modulus, exponent = int(words["modulus"], 16), int(words["exponent"], 16)
    return RSAPublicNumbers(exponent, modulus).public_key()


def _der(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
