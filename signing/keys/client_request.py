"""Ask for a certificate: a request signed by a key on the official's own token.

Names are left to the authority, which believes none of a request; the signature proves that
whoever asks holds the key.

Source: RFC 2986, clause 4; RFC 5480, clause 2; RFC 5758, clause 3.2.
"""

from pathlib import Path
from typing import Any

import pkcs11
from asn1crypto import csr, keys, x509  # type: ignore[import-untyped]
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass

from engine.errors import ErrorCode, PinRejectedError, SignerUnavailableError
from signing.keys.client_token import find_tokens, signed_value

_P256 = bytes.fromhex("06082a8648ce3d030107")  # its name, as EC_PARAMS has it
_PIN_ERRORS = (
    pkcs11.PinIncorrect,
    pkcs11.PinInvalid,
    pkcs11.PinLenRange,
    pkcs11.PinLocked,
    pkcs11.UserPinNotInitialized,
)


def request_certificate(module: Path, pin: str, *, label: str) -> bytes:
    """Return a request for the key called `label`, made on the token if there is none.

    Args:
        module: PKCS#11 library of the token's maker; one token must be plugged in.
        pin: of the token; used for one login and not kept.

    Returns:
        PKCS#10 request, DER.

    Raises:
        PinRejectedError: wrong PIN.
        SignerUnavailableError: code SIGNER_TOKEN_MISSING; there is not one token, or not one
            key of this name.
    """
    tokens = find_tokens(module)
    if len(tokens) != 1:
        raise _missing(f"{len(tokens)} tokens are plugged in")
    try:
        with tokens[0].open(rw=True, user_pin=pin) as session:
            public, private = _key_pair(session, label)
            return _request(public, private, label)
    except _PIN_ERRORS as error:
        # The cause is left out: its frames hold the PIN.
        raise PinRejectedError(type(error).__name__) from None
    except pkcs11.PKCS11Error as error:
        raise _missing(type(error).__name__) from None


def _key_pair(session: Any, label: str) -> tuple[Any, Any]:
    named = {Attribute.LABEL: label}
    found = list(session.get_objects({**named, Attribute.CLASS: ObjectClass.PUBLIC_KEY}))
    if not found:
        return _made(session, label)
    if len(found) > 1:
        raise _missing(f"{len(found)} keys are called so")
    private = session.get_key(object_class=ObjectClass.PRIVATE_KEY, id=found[0].id)
    return found[0], private


def _made(session: Any, label: str) -> tuple[Any, Any]:
    """Make a P-256 key that cannot leave the token."""
    curve = {Attribute.EC_PARAMS: _P256}
    parameters = session.create_domain_parameters(KeyType.EC, curve, local=True)
    public, private = parameters.generate_keypair(
        id=label.encode(),
        label=label,
        store=True,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        private_template={
            Attribute.PRIVATE: True,
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
        },
    )
    return public, private


def _request(public: Any, private: Any, label: str) -> bytes:
    info = csr.CertificationRequestInfo(
        {
            "version": "v1",
            "subject": x509.Name.build({"common_name": label}),
            "subject_pk_info": _public_key_info(public),
            "attributes": [],
        }
    )
    is_ec = public.key_type == KeyType.EC
    request = csr.CertificationRequest(
        {
            "certification_request_info": info,
            "signature_algorithm": {"algorithm": "sha256_ecdsa" if is_ec else "sha256_rsa"},
            "signature": signed_value(private, info.dump()),
        }
    )
    return bytes(request.dump())


def _public_key_info(public: Any) -> keys.PublicKeyInfo:
    if public.key_type == KeyType.EC:
        # An OCTET STRING around the point, by the standard; some tokens leave it out.
        point = bytes(public[Attribute.EC_POINT])[-65:]
        curve = keys.ECDomainParameters(name="named", value="secp256r1")
        algorithm = {"algorithm": "ec", "parameters": curve}
        return keys.PublicKeyInfo(
            {"algorithm": algorithm, "public_key": keys.ECPointBitString(point)}
        )
    modulus, exponent = public[Attribute.MODULUS], public[Attribute.PUBLIC_EXPONENT]
    numbers = keys.RSAPublicKey(
        {
            "modulus": int.from_bytes(modulus, "big"),
            "public_exponent": int.from_bytes(exponent, "big"),
        }
    )
    return keys.PublicKeyInfo.wrap(numbers, "rsa")


def _missing(detail: str) -> SignerUnavailableError:
    return SignerUnavailableError(detail, code=ErrorCode.SIGNER_TOKEN_MISSING)
