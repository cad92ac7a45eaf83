"""Sign with keys of a remote signing service.

The service gives one authorisation (SAD) for one signature, against the holder's PIN, one-time
password or both. The first is asked for when the key is opened, so that a wrong PIN shows there
and is counted; a service that binds authorisations to digests is asked about a random one then.
Where that would spend a one-time password, the first signature tells, and the key says until then
that it is not proved.

Source: Cloud Signature Consortium, API v1.0.4.0, clauses 11.5, 11.6 and 11.9.
"""

import base64
import binascii
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeGuard
from urllib.parse import urlsplit

from cryptography.x509 import Certificate, load_der_x509_certificate

from engine.errors import (
    ErrorCode,
    InvalidInputError,
    PinRejectedError,
    SignerUnavailableError,
    SigningError,
)
from engine.ports_signing import IssuedCertificate
from signing.cms import check_value
from signing.outbound import AnswerRefusedError, Outbound

URL_SETTING = "TRINHKY_CSC_URL"
SHA256_OID = "2.16.840.1.101.3.4.2.1"
#: Signing algorithms in the order we prefer them: those that name their digest come first.
SIGN_ALGORITHMS = ("1.2.840.10045.4.3.2", "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1")
_PIN_ERRORS = frozenset({"invalid_pin", "invalid_otp", "pin_locked", "authentication_failed"})
_MARGIN_SECONDS = 5.0
_MAX_APPROVAL_SECONDS = 24 * 3600
#: All that opening may take; below the time that a refused PIN takes everywhere.
OPEN_SECONDS = 4.5
#: What is left for the proof of a key whose first signature comes late.
_LATE_PROOF_SECONDS = 1.0
_MAX_TOKEN_CHARS = 8192

Answer = dict[str, Any]


class RemoteService:
    """Speak to one service.

    Args:
        url: up to and without `/csc/v1`; https, or http on this very machine.
        token_file: holds the bearer token of the installation; read at each request, so that
            it can be renewed while the house runs.
    """

    def __init__(self, url: str, token_file: Path, outbound: Outbound) -> None:
        self._url = url.rstrip("/")
        self._token_file = token_file
        self._outbound = outbound

    @classmethod
    def at(cls, url: str, token_file: Path, *, timeout_seconds: float = 15.0) -> Self:
        """Return the service at `url`, the only host that is called.

        Raises:
            InvalidInputError: the address is not one to send secrets to.
        """
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            raise InvalidInputError("malformed address", field=URL_SETTING) from None
        if not host or parts.username is not None:
            raise InvalidInputError("no host, or a password in the address", field=URL_SETTING)
        is_local = host in {"localhost", "127.0.0.1", "::1"}
        if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
            raise InvalidInputError("https only", field=URL_SETTING)
        return cls(url, token_file, Outbound((host,), timeout_seconds=timeout_seconds))

    def ask(
        self, method: str, question: dict[str, Any], *, timeout_seconds: float | None = None
    ) -> Answer:
        """Return the answer to a question.

        Args:
            timeout_seconds: where it may take less than the service is given otherwise.

        Raises:
            PinRejectedError: the service refuses PIN or one-time password.
            SignerUnavailableError: it does not answer, or with nonsense; code
                SIGNER_APPROVAL_LAPSED when it no longer takes an authorisation.
        """
        try:
            content = self._outbound.post(
                f"{self._url}/csc/v1/{method}",
                json.dumps(question).encode(),
                "application/json",
                {"Authorization": f"Bearer {self._token()}"},
                timeout_seconds=timeout_seconds,
            )
        except AnswerRefusedError as error:
            raise _refusal(method, error) from None
        answer = _object(content)
        if answer is None:
            raise SignerUnavailableError(f"{method}: the answer is no object of JSON")
        return answer

    def _token(self) -> str:
        try:
            token = self._token_file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise SignerUnavailableError("the file of the service's token is unusable") from None
        # A character outside these would end the header's line and begin another.
        if not token or len(token) > _MAX_TOKEN_CHARS or not token.isprintable():
            raise SignerUnavailableError("the file of the service's token is unusable")
        return token


def _refusal(method: str, error: AnswerRefusedError) -> SigningError:
    """Return what a refusal means; nothing that the service wrote is repeated."""
    words = _object(error.body) or {}
    code, description = str(words.get("error", "")), str(words.get("error_description", ""))
    if method == "credentials/authorize" and code in _PIN_ERRORS:
        return PinRejectedError(f"{method}: PIN or one-time password refused")
    if error.status == 401:
        return SignerUnavailableError(f"{method}: the service refuses the house's token")
    if method == "signatures/signHash" and ("SAD" in description or "sad" in code):
        return SignerUnavailableError(
            f"{method}: authorisation refused", code=ErrorCode.SIGNER_APPROVAL_LAPSED
        )
    return SignerUnavailableError(f"{method}: status {error.status}")


def _object(content: bytes) -> Answer | None:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


@dataclass(frozen=True, kw_only=True)
class Credential:
    """Hold what a service says of one key.

    Args:
        binds_digest: an authorisation is good for the digest it was asked for only (SCAL 2).
    """

    id: str
    sign_algorithm: str
    wants_pin: bool
    wants_otp: bool
    binds_digest: bool


@dataclass(frozen=True, kw_only=True)
class _Secrets:
    """Hold what the holder typed, for as long as the key is open."""

    pin: str = field(repr=False)
    otp: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class _Approval:
    """Hold one authorisation: good for one signature, until `ends_at` of a monotonic clock."""

    sad: str = field(repr=False)
    ends_at: float


class RemoteKey:
    """Adapter of `OpenKey`: one credential of a service.

    Args:
        proof_due_at: of the monotonic clock; until then the service has judged the PIN.
    """

    def __init__(
        self,
        service: RemoteService,
        credential: Credential,
        certificate: Certificate,
        typed: _Secrets,
        monotonic: Callable[[], float],
        *,
        proof_due_at: float,
    ) -> None:
        self._service = service
        self._credential = credential
        self._certificate = certificate
        self._typed: _Secrets | None = typed
        self._monotonic = monotonic
        self._approval: _Approval | None = None
        self._proof_due_at = proof_due_at
        self._is_proved = False

    @property
    def is_proved(self) -> bool:
        """Tell whether the service has taken what was typed."""
        return self._is_proved

    def prove(self) -> None:
        """Have the service check what was typed.

        Raises:
            PinRejectedError: it refuses.
            SignerUnavailableError: it does not answer.
        """
        if not self._credential.binds_digest:
            self._approval = self._approved(None)
        elif not self._credential.wants_otp:
            # A one-time password would be spent on it; then the first signature tells.
            self._approved(secrets.token_bytes(32))

    def sign(self, attributes: bytes) -> bytes:
        """Return the raw signature over the SHA-256 of `attributes`.

        Raises:
            PinRejectedError: the service no longer takes the PIN, or the one-time password.
            SignerUnavailableError: closed, no answer, or an authorisation that has lapsed.
            SigningError: code SIGNATURE_VALUE_WRONG; another key answered. Code
                SIGNER_SIGNS_ONCE; the one-time password is spent.
        """
        digest = hashlib.sha256(attributes).digest()
        approval = self._taken() or self._approved(digest)
        answer = self._service.ask("signatures/signHash", self._question(digest, approval))
        value = _value(answer)
        check_value(self._certificate, attributes, value)
        return value

    def close(self) -> None:
        """Forget the PIN and what it opened."""
        self._typed = None
        self._approval = None

    def _taken(self) -> _Approval | None:
        """Return the approval that was given at opening, once, while it is good."""
        approval, self._approval = self._approval, None
        if approval is None or self._monotonic() >= approval.ends_at:
            return None
        return approval

    def _approved(self, digest: bytes | None) -> _Approval:
        if self._typed is None:
            raise SignerUnavailableError("the key is closed")
        if self._is_proved and self._credential.wants_otp:
            raise SigningError("the one-time password is spent", code=ErrorCode.SIGNER_SIGNS_ONCE)
        question: dict[str, Any] = {"credentialID": self._credential.id, "numSignatures": 1}
        if digest is not None:
            question["hash"] = [base64.b64encode(digest).decode()]
        if self._credential.wants_pin:
            question["PIN"] = self._typed.pin
        if self._credential.wants_otp:
            question["OTP"] = self._typed.otp
        answer = self._service.ask(
            "credentials/authorize", question, timeout_seconds=self._proof_seconds()
        )
        self._is_proved = True
        sad, seconds = answer.get("SAD"), answer.get("expiresIn", 3600)
        if not isinstance(sad, str) or not sad or not _is_lifetime(seconds):
            raise SignerUnavailableError("credentials/authorize: no authorisation in the answer")
        return _Approval(sad=sad, ends_at=self._monotonic() + seconds - _MARGIN_SECONDS)

    def _proof_seconds(self) -> float | None:
        """Return how long the service may take to judge the PIN; None once it has."""
        if self._is_proved:
            return None
        return max(self._proof_due_at - self._monotonic(), _LATE_PROOF_SECONDS)

    def _question(self, digest: bytes, approval: _Approval) -> dict[str, Any]:
        return {
            "credentialID": self._credential.id,
            "SAD": approval.sad,
            "hash": [base64.b64encode(digest).decode()],
            "hashAlgo": SHA256_OID,
            "signAlgo": self._credential.sign_algorithm,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class RemoteKeys:
    """Adapter of `SigningKeys` on one remote service.

    Args:
        service: None where the installation has none.
    """

    def __init__(
        self, service: RemoteService | None, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._service = service
        self._monotonic = monotonic

    def open(self, certificate: IssuedCertificate, pin: str) -> RemoteKey:
        """Return the credential that `certificate.key_ref` names, authorised with `pin`.

        Args:
            pin: PIN, one-time password, or both with a space between, as the service wants.

        Raises:
            PinRejectedError: the service refuses it.
            SignerUnavailableError: there is no service, or it does not answer as it should.
            SigningError: code SIGNER_KEY_OTHER; the credential has another certificate.
        """
        proof_due_at = self._monotonic() + OPEN_SECONDS
        service = self._checked_service()
        parsed = load_der_x509_certificate(certificate.der)
        credential = _described(service, certificate)
        typed = _typed(credential, pin)
        key = RemoteKey(
            service, credential, parsed, typed, self._monotonic, proof_due_at=proof_due_at
        )
        try:
            key.prove()
        except BaseException:
            key.close()
            raise
        return key

    def check_signs_many(self, certificate: IssuedCertificate) -> None:
        """Check that no one-time password is wanted, which one signature would spend.

        Raises:
            SignerUnavailableError: there is no service, or it does not answer as it should.
            SigningError: code SIGNER_SIGNS_ONCE. Code SIGNER_KEY_OTHER; the credential has
                another certificate.
        """
        if _described(self._checked_service(), certificate).wants_otp:
            raise SigningError(
                f"{certificate.id} wants a one-time password", code=ErrorCode.SIGNER_SIGNS_ONCE
            )

    def _checked_service(self) -> RemoteService:
        if self._service is None:
            raise SignerUnavailableError("no remote signing service is set up")
        return self._service


def _described(service: RemoteService, certificate: IssuedCertificate) -> Credential:
    information = service.ask(
        "credentials/info",
        {"credentialID": certificate.key_ref, "certificates": "single", "authInfo": True},
        timeout_seconds=OPEN_SECONDS - _LATE_PROOF_SECONDS,
    )
    _check_certificate(information, certificate.der)
    return _credential(certificate.key_ref, information)


def _is_lifetime(seconds: object) -> TypeGuard[int]:
    """Tell whether `seconds` is how long an authorisation may last."""
    return type(seconds) is int and 0 < seconds <= _MAX_APPROVAL_SECONDS


def _check_certificate(information: Answer, der: bytes) -> None:
    try:
        told = base64.b64decode(information["cert"]["certificates"][0], validate=True)
    except (KeyError, IndexError, TypeError, ValueError):
        raise SignerUnavailableError("credentials/info: no certificate in the answer") from None
    if told != der:
        raise SigningError(
            "the credential has another certificate", code=ErrorCode.SIGNER_KEY_OTHER
        )


def _credential(credential_id: str, information: Answer) -> Credential:
    try:
        key = information["key"]
        algorithms, status = list(key["algo"]), str(key["status"])
        mode = str(information["authMode"])
        wants_pin, wants_otp = (_wants(information, name) for name in ("PIN", "OTP"))
    except (KeyError, TypeError, AttributeError):
        raise SignerUnavailableError("credentials/info: the answer lacks its parts") from None
    usable = [algorithm for algorithm in SIGN_ALGORITHMS if algorithm in algorithms]
    if status != "enabled" or mode != "explicit" or not usable or not (wants_pin or wants_otp):
        raise SignerUnavailableError("credentials/info: the credential cannot be used from here")
    return Credential(
        id=credential_id,
        sign_algorithm=usable[0],
        wants_pin=wants_pin,
        wants_otp=wants_otp,
        binds_digest=str(information.get("SCAL", "1")) == "2",
    )


def _wants(information: Answer, name: str) -> bool:
    # The service writes words, not booleans; what is optional is left out.
    return str(information.get(name, {}).get("presence", "false")).lower() == "true"


def _typed(credential: Credential, pin: str) -> _Secrets:
    if not (credential.wants_pin and credential.wants_otp):
        return _Secrets(pin=pin, otp=pin)
    first, _, second = pin.strip().partition(" ")
    if not second.strip():
        raise PinRejectedError("the service wants a PIN and a one-time password")
    return _Secrets(pin=first, otp=second.strip())


def _value(answer: Answer) -> bytes:
    try:
        (text,) = answer["signatures"]
        return base64.b64decode(text, validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise SignerUnavailableError("signatures/signHash: no value in the answer") from None
