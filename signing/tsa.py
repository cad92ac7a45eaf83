"""Answer requests for time-stamps, of this installation and of others.

It is an evaluation authority: its key is a file and its clock is the machine's.

Source: RFC 3161, clauses 2.4.1 (request) and 2.4.2 (response); RFC 5816.
"""

from pathlib import Path
from typing import ClassVar

from asn1crypto import algos, cms, core, tsp  # type: ignore[import-untyped]

from engine.clock import Clock
from signing.authority import AuthorityFiles
from signing.house_stamps import HouseStamps
from signing.keys.store import KeyStore
from signing.timestamps import EVALUATION_POLICY

MAX_REQUEST_BYTES = 4096
MAX_NONCE_BITS = 256
#: Imprints that are stamped, with their length in bytes; SHA-1 is not among them.
DIGEST_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}


class _Response(core.Sequence):  # type: ignore[misc] # asn1crypto carries no types
    """TimeStampResp; asn1crypto's own has no room for a refusal, which carries no token."""

    _fields: ClassVar = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


class _RefusedError(Exception):
    """Carry the PKIFailureInfo of a request that is not answered."""

    def __init__(self, failure: str, text: str) -> None:
        self.failure = failure
        self.text = text
        super().__init__(text)


class Rfc3161Service:
    """Adapter of `TimeStampService` on an authority's directory."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        files = AuthorityFiles(directory=directory)
        self._stamps = HouseStamps(files, KeyStore(directory), clock)

    def answer(self, request: bytes) -> bytes:
        """Return the TimeStampResp to `request`, DER of TimeStampReq, whatever it holds.

        Raises:
            SignerUnavailableError: the authority's own key cannot be used.
        """
        try:
            asked = _read(request)
            algorithm, digest = _imprint(asked)
            token = self._stamps.current().token(digest, algorithm, nonce=_nonce(asked))
        except _RefusedError as refused:
            return _refusal(refused)
        if not asked["cert_req"].native:
            token = _without_certificates(token)
        response = _Response(
            {
                "status": {"status": "granted"},
                "time_stamp_token": cms.ContentInfo.load(token),
            }
        )
        return bytes(response.dump())


def _read(request: bytes) -> tsp.TimeStampReq:
    """Return the request, read to its last octet."""
    try:
        if len(request) > MAX_REQUEST_BYTES:
            raise ValueError("too long")
        asked = tsp.TimeStampReq.load(request, strict=True)
        _ = asked.native  # the library reads late
    # Broken bytes make the library raise whatever its code meets first.
    except Exception as error:
        raise _RefusedError("bad_data_format", "not a TimeStampReq") from error
    if asked["version"].native != "v1":
        raise _RefusedError("bad_request", "version 1 only")
    policy = asked["req_policy"].native
    if policy is not None and asked["req_policy"].dotted != EVALUATION_POLICY:
        raise _RefusedError("unaccepted_policy", f"the policy is {EVALUATION_POLICY}")
    if asked["extensions"].native:
        raise _RefusedError("unaccepted_extensions", "no extensions")
    return asked


def _imprint(asked: tsp.TimeStampReq) -> tuple[str, bytes]:
    imprint = asked["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    digest = bytes(imprint["hashed_message"].native)
    if algorithm not in DIGEST_BYTES:
        raise _RefusedError("bad_alg", "SHA-256, SHA-384 or SHA-512")
    if len(digest) != DIGEST_BYTES[algorithm]:
        raise _RefusedError("bad_data_format", "the digest has another length")
    return str(algorithm), digest


def _nonce(asked: tsp.TimeStampReq) -> int | None:
    nonce = asked["nonce"].native
    if nonce is None:
        return None
    if nonce < 0 or nonce.bit_length() > MAX_NONCE_BITS:
        raise _RefusedError("bad_request", "the nonce is negative or too long")
    return int(nonce)


def _refusal(refused: _RefusedError) -> bytes:
    response = _Response(
        {
            "status": {
                "status": "rejection",
                "status_string": [refused.text],
                "fail_info": {refused.failure},
            }
        }
    )
    return bytes(response.dump())


def _without_certificates(token: bytes) -> bytes:
    """Return the token without what the request did not ask for; no signature covers that."""
    found = cms.ContentInfo.load(token)["content"]
    bare = cms.SignedData(
        {
            "version": found["version"].native,
            "digest_algorithms": [
                algos.DigestAlgorithm.load(found["digest_algorithms"][0].dump())
            ],
            "encap_content_info": found["encap_content_info"],
            "signer_infos": found["signer_infos"],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": bare}).dump())
