"""Let a verifier know the authorities that were imported, and whose their certificates are.

A foreign authority may write anything into its certificates, our own policies included; what
role such a certificate has is the register's word alone.
"""

import base64
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from asn1crypto import x509  # type: ignore[import-untyped]

from engine.clock import local
from engine.model.organisation import Validity
from engine.model.trust import (
    AuthorityCrl,
    Binding,
    ImportedTrust,
    TrustedAuthority,
    TrustPurpose,
)
from engine.model.verification import Verdict
from engine.ports_signing import HolderKind
from signing.verification.findings import Finding, OwnRule


def anchors(trust: ImportedTrust, purpose: TrustPurpose) -> list[x509.Certificate]:
    """Return the anchors that were ever trusted for `purpose`; when is judged a signature each."""
    return [
        x509.Certificate.load(authority.der)
        for authority in trust.authorities
        if authority.is_anchor and purpose in authority.purposes
    ]


def intermediates(trust: ImportedTrust) -> list[x509.Certificate]:
    """Return what only helps to build a path."""
    return [
        x509.Certificate.load(authority.der)
        for authority in trust.authorities
        if not authority.is_anchor
    ]


def bound_kinds(
    trust: ImportedTrust, certificate: x509.Certificate, path: Collection[bytes], at: datetime
) -> frozenset[HolderKind] | None:
    """Return what the register says of the holder; None when the certificate says it itself.

    Args:
        path: the certificates that proved the signature, DER; empty when nothing did.
        at: when the signature was made, as far as that is known.
    """
    digest = hashlib.sha256(certificate.dump()).hexdigest()
    bound = [entry for entry in trust.bindings if entry.sha256 == digest]
    if not bound and not any(_anchors_of(trust, _way_up(certificate, path))):
        return None
    return frozenset(entry.holder_kind for entry in bound if entry.covers(at))


def period_findings(
    trust: ImportedTrust, field: str, path: Collection[bytes], at: datetime
) -> Iterator[Finding]:
    """Yield a doubt for each authority of a path that was not trusted on the day.

    One whose other certificate, of the same name and key, was trusted then is no doubt: which of
    the two a path leads through is chance.
    """
    day = local(at).date()
    known = [entry for entry in trust.authorities if entry.der in path]
    for authority in known:
        if not authority.validity.covers(day) and not any(
            other.validity.covers(day) for other in _same(authority, trust)
        ):
            yield Finding(
                verdict=Verdict.INDETERMINATE,
                reason=OwnRule.ANCHOR_PERIOD,
                message=f"{field}: {authority.label} was not trusted on {day.isoformat()}",
            )


def _same(authority: TrustedAuthority, trust: ImportedTrust) -> Iterator[TrustedAuthority]:
    """Yield what has the name and key of an authority, and at least its purposes."""
    wanted = x509.Certificate.load(authority.der)
    for other in trust.authorities:
        found = x509.Certificate.load(other.der)
        if (
            set(authority.purposes) <= set(other.purposes)
            and found.subject == wanted.subject
            and found.public_key.dump() == wanted.public_key.dump()
        ):
            yield other


def _way_up(certificate: x509.Certificate, path: Collection[bytes]) -> set[bytes]:
    """Return those of `path` that are above `certificate`; the others are a time-stamp's."""
    by_subject = {found.subject.hashable: found for found in map(x509.Certificate.load, path)}
    above: set[bytes] = set()
    current = by_subject.get(certificate.issuer.hashable)
    while current is not None and (der := bytes(current.dump())) not in above:
        above.add(der)
        current = by_subject.get(current.issuer.hashable)
    return above


def _anchors_of(trust: ImportedTrust, path: Collection[bytes]) -> Iterator[TrustedAuthority]:
    for authority in trust.authorities:
        if authority.is_anchor and authority.der in path:
            yield authority


def dump_imported(trust: ImportedTrust) -> dict[str, Any]:
    """Return `trust` as values of JSON."""
    return {
        "authorities": [_dumped(vars(entry)) for entry in trust.authorities],
        "crls": [_dumped(vars(entry)) for entry in trust.crls],
        "bindings": [_dumped(vars(entry)) for entry in trust.bindings],
    }


def load_imported(values: Mapping[str, Any]) -> ImportedTrust:
    """Return the trust in `values`."""
    return ImportedTrust(
        authorities=tuple(_authority(entry) for entry in values["authorities"]),
        crls=tuple(_crl(entry) for entry in values["crls"]),
        bindings=tuple(_binding(entry) for entry in values["bindings"]),
    )


def digest_of(trust: ImportedTrust) -> bytes:
    """Return a name of `trust`; it changes when anything in it does."""
    return hashlib.sha256(json.dumps(dump_imported(trust), sort_keys=True).encode()).digest()


def _dumped(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, Validity):
        return [_plain(value.since), _plain(value.until)]
    return list(value) if isinstance(value, tuple) else value


def _authority(values: Mapping[str, Any]) -> TrustedAuthority:
    since, until = values["validity"]
    changed = {
        "der": base64.b64decode(values["der"]),
        "not_after": datetime.fromisoformat(values["not_after"]),
        "purposes": tuple(TrustPurpose(purpose) for purpose in values["purposes"]),
        "validity": Validity(
            since=date.fromisoformat(since), until=date.fromisoformat(until) if until else None
        ),
    }
    return TrustedAuthority(**{**values, **changed})


def _crl(values: Mapping[str, Any]) -> AuthorityCrl:
    times = {name: _time(values[name]) for name in ("this_update", "next_update", "fetched_at")}
    return AuthorityCrl(**{**values, **times, "der": base64.b64decode(values["der"])})


def _binding(values: Mapping[str, Any]) -> Binding:
    times = {name: _time(values[name]) for name in ("since", "until", "held_since")}
    return Binding(**{**values, **times, "holder_kind": HolderKind(values["holder_kind"])})


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
