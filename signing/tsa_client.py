"""Ask another time-stamp authority, and believe nothing it says before it is checked.

A signature that gets no token waits; nothing here fails it. After a failure the authority is
left alone for a while, so that a batch does not wait out its silence for every item.

Source: RFC 3161, clauses 2.2 (what a requester must check) and 3.4; RFC 5816; ETSI EN 319 422.
"""

import asyncio
import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from asn1crypto import cms, core, tsp, x509  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext

from engine.clock import Clock
from engine.errors import ErrorCode, SignerUnavailableError
from engine.model.trust import ImportedTrust, TrustPurpose
from signing.algorithms import POLICY
from signing.authority import AuthorityFiles
from signing.outbound import Outbound
from signing.verification.imported import anchors

_log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5.0
MAX_TOKEN_BYTES = 64 * 1024
#: How long an authority that failed is not asked again.
REST_SECONDS = 30.0
#: How far its clock may be from ours; a token from another hour proves the wrong thing.
MAX_DRIFT = timedelta(minutes=5)
NONCE_BITS = 64
_IMPRINTS = {"sha256", "sha384", "sha512"}


@dataclass(frozen=True, kw_only=True)
class StampTrust:
    """Hold what a token's certificate must lead to, all DER.

    Args:
        anchors: authorities that are trusted for time-stamps.
        others: certificates that help to build a path.
        crls: what is known of revoked ones.
    """

    anchors: Sequence[bytes]
    others: Sequence[bytes] = ()
    crls: Sequence[bytes] = ()


class _Parts(core.SequenceOf):  # type: ignore[misc] # asn1crypto carries no types
    _child_spec = core.Any


class _RefusedError(Exception):
    """Say why a token is not taken; the text goes to the log."""


class HttpTimeStamper(TimeStamper):
    """Time-stamper of an authority behind an address.

    Args:
        outbound: may call the host of `url`.
        read_trust: gives what is trusted for time-stamps now.
        monotonic: seconds; measures the rest after a failure.
    """

    def __init__(
        self,
        url: str,
        *,
        outbound: Outbound,
        read_trust: Callable[[], StampTrust],
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(include_nonce=True)  # type: ignore[no-untyped-call]
        self._url = url
        self._outbound = outbound
        self._read_trust = read_trust
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._rests_until = float("-inf")

    @classmethod
    def at(
        cls, url: str, *, read_trust: Callable[[], StampTrust], clock: Clock
    ) -> "HttpTimeStamper":
        """Return a time-stamper that may call the host of `url` and no other."""
        outbound = Outbound(
            [urlsplit(url).hostname or ""],
            max_bytes=MAX_TOKEN_BYTES,
            timeout_seconds=TIMEOUT_SECONDS,
        )
        return cls(url, outbound=outbound, read_trust=read_trust, clock=clock)

    async def async_token(self, value: bytes) -> bytes | None:
        """Return a token over the SHA-256 of a raw signature, DER; None when none can be had."""
        return await self._token(hashlib.sha256(value).digest(), "sha256")

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return a token over `message_digest`, for time-stamps over documents.

        Raises:
            SignerUnavailableError: code TIMESTAMP_UNAVAILABLE; none can be had.
        """
        token = await self._token(message_digest, md_algorithm)
        if token is None:
            raise SignerUnavailableError("no time-stamp", code=ErrorCode.TIMESTAMP_UNAVAILABLE)
        return cms.ContentInfo.load(token)

    async def _token(self, digest: bytes, algorithm: str) -> bytes | None:
        if self._monotonic() < self._rests_until:
            return None
        nonce = secrets.randbits(NONCE_BITS)
        asked = _request(digest, algorithm, nonce)
        try:
            # The request blocks a thread of its own; the loop goes on signing.
            answer = await asyncio.to_thread(
                self._outbound.post, self._url, asked, "application/timestamp-query"
            )
            token = _token_of(answer)
            await self._check(token, digest, algorithm, nonce)
        except SignerUnavailableError as error:
            self._rest(error.detail)
        except _RefusedError as error:
            self._rest(str(error))
        # Whatever the bytes make a parser raise, no token was had.
        except Exception as error:  # noqa: BLE001 the boundary to hostile input
            self._rest(f"unreadable: {type(error).__name__}")
        else:
            return bytes(token.dump())
        return None

    def _rest(self, why: str) -> None:
        _log.warning("no time-stamp: %s", why)
        with self._lock:
            self._rests_until = self._monotonic() + REST_SECONDS

    async def _check(
        self, token: cms.ContentInfo, digest: bytes, algorithm: str, nonce: int
    ) -> None:
        """Check a token: what it says, who says it, and that they said it."""
        signed = token["content"]
        now = self._clock.now()
        _check_info(signed["encap_content_info"]["content"].parsed, digest, algorithm, nonce)
        drift = abs(signed["encap_content_info"]["content"].parsed["gen_time"].native - now)
        if drift > MAX_DRIFT:
            raise _RefusedError(f"its clock is {drift} from ours")
        _check_signer(signed)
        trust = self._read_trust()
        context = ValidationContext(
            trust_roots=[x509.Certificate.load(der) for der in trust.anchors],
            other_certs=[x509.Certificate.load(der) for der in trust.others],
            crls=list(trust.crls),
            moment=now,
            allow_fetching=False,
            # A list that is missing keeps nobody from signing: verifiers judge the token again.
            revocation_mode="soft-fail",
        )
        found = await validate_tst_signed_data(signed, context, lambda _: digest)
        for word in ("intact", "valid", "trust_problem_indic"):
            is_bad = found[word] is not None if word.endswith("indic") else not found[word]
            if is_bad:
                raise _RefusedError(f"its signature: {word} {found[word]}")
        if found["validation_path"] is None:
            raise _RefusedError("its certificate leads to no authority that is trusted")


def stamp_trust(files: AuthorityFiles, imported: ImportedTrust) -> StampTrust:
    """Return what is trusted for time-stamps: the own authority, and what was imported for it."""
    others = [entry.der for entry in imported.authorities if not entry.is_anchor]
    return StampTrust(
        anchors=[
            files.certificate_der("root"),
            *(bytes(entry.dump()) for entry in anchors(imported, TrustPurpose.TIMESTAMPS)),
        ],
        others=[files.certificate_der("issuing"), *others],
        crls=[*files.crls(), *(crl.der for crl in imported.crls)],
    )


def _request(digest: bytes, algorithm: str, nonce: int) -> bytes:
    imprint = {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": digest}
    asked = {"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}
    return bytes(tsp.TimeStampReq(asked).dump())


def _token_of(answer: bytes) -> cms.ContentInfo:
    status = tsp.PKIStatusInfo.load(_first_child(answer))["status"].native
    if status not in {"granted", "granted_with_mods"}:
        raise _RefusedError(f"it answered {status}")
    token = tsp.TimeStampResp.load(answer, strict=True)["time_stamp_token"]
    if token["content_type"].native != "signed_data":
        raise _RefusedError("its answer holds no token")
    if len(token.dump()) > MAX_TOKEN_BYTES:
        raise _RefusedError("its token is too long")
    return token


def _first_child(answer: bytes) -> bytes:
    """Return PKIStatusInfo, the only part that a refusal has."""
    outer = _Parts.load(answer, strict=True)
    return bytes(outer[0].dump())


def _check_info(info: tsp.TSTInfo, digest: bytes, algorithm: str, nonce: int) -> None:
    imprint = info["message_imprint"]
    if imprint["hash_algorithm"]["algorithm"].native != algorithm or algorithm not in _IMPRINTS:
        raise _RefusedError("it stamped another digest algorithm")
    if imprint["hashed_message"].native != digest:
        raise _RefusedError("it stamped something else")
    if info["nonce"].native != nonce:
        raise _RefusedError("its nonce is not ours")


def _check_signer(signed: cms.SignedData) -> None:
    if len(signed["signer_infos"]) != 1:
        raise _RefusedError("not exactly one signature")
    signer = signed["signer_infos"][0]
    if not POLICY.allows_digest(signer["digest_algorithm"]["algorithm"].native):
        raise _RefusedError("its digest algorithm is too weak")
    certificate = _certificate_of(signed, signer["sid"])
    if not POLICY.allows_key(load_der_public_key(certificate.public_key.dump())):
        raise _RefusedError("its key is too weak")
    purposes = next(
        (e for e in certificate["tbs_certificate"]["extensions"] if _is_purposes(e)), None
    )
    if (
        purposes is None
        or not purposes["critical"].native
        or purposes["extn_value"].parsed.native != ["time_stamping"]
    ):
        raise _RefusedError("its certificate is not for time-stamps alone")


def _is_purposes(extension: x509.Extension) -> bool:
    return bool(extension["extn_id"].native == "extended_key_usage")


def _certificate_of(signed: cms.SignedData, sid: cms.SignerIdentifier) -> x509.Certificate:
    for entry in signed["certificates"]:
        certificate = entry.chosen
        if sid.name == "issuer_and_serial_number":
            wanted = sid.chosen
            if (
                certificate.serial_number == wanted["serial_number"].native
                and certificate.issuer == wanted["issuer"]
            ):
                return certificate
        elif certificate.key_identifier == sid.chosen.native:
            return certificate
    raise _RefusedError("it sent no certificate")
