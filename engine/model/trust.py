"""Describe whom the installation trusts besides its own authority, and for what.

A foreign authority says nothing in its certificates of the posts of our people; that a
certificate is of one of ours is the register's word, dated, with its basis.

Source: Law 20/2023/QH15, Art. 25, 28 (public service authorities); RFC 5280, clauses 5.3.1, 6.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from engine.model.keys import HolderKind
from engine.model.organisation import Validity


class Refusal(StrEnum):
    """Say why a certificate, a request or a revocation list from outside is not taken."""

    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    NOT_PROVED = "not_proved"  # a request that its own key did not sign
    WEAK = "weak"
    NOT_AN_AUTHORITY = "not_an_authority"
    NO_PURPOSE = "no_purpose"
    UNKNOWN_ISSUER = "unknown_issuer"
    OUT_OF_TIME = "out_of_time"
    WRONG_USAGE = "wrong_usage"
    LIST_STALE = "list_stale"
    LIST_OLDER = "list_older"
    LIST_OF_OTHERS = "list_of_others"
    LIST_PARTIAL = "list_partial"
    HOST_NOT_ALLOWED = "host_not_allowed"
    HOLDER_UNKNOWN = "holder_unknown"
    OWN_AUTHORITY = "own_authority"
    KEY_KIND = "key_kind"  # of another kind than was allowed
    KEY_KNOWN = "key_known"  # some certificate holds it already


class TrustPurpose(StrEnum):
    """Say what the signatures below an anchor may be believed to prove."""

    DOCUMENTS = "documents"  # that a holder signed a document
    TIMESTAMPS = "timestamps"  # that something existed at a time


@dataclass(frozen=True, kw_only=True)
class TrustedAuthority:
    """Hold one imported authority.

    Args:
        id: SHA-256 of `der`, hex.
        label: what people call it, such as VGCA.
        purposes: empty for an intermediate, which has those of the anchor above it.
        is_anchor: a path may end here; False for an intermediate that only helps to build one.
        validity: days on which it is trusted.
        basis: the decision or contract that says so.
        crl_url: where its list is fetched nightly; "" when it is uploaded.
        ocsp_url: where its answers are asked; "" for none.
    """

    id: str
    label: str
    der: bytes
    subject: str
    not_after: datetime
    is_anchor: bool
    purposes: tuple[TrustPurpose, ...]
    validity: Validity
    basis: str
    crl_url: str = ""
    ocsp_url: str = ""

    def serves(self, purpose: TrustPurpose, day: date) -> bool:
        """Tell whether a path for `purpose` may end here on `day`."""
        return self.is_anchor and purpose in self.purposes and self.validity.covers(day)


@dataclass(frozen=True, kw_only=True)
class AuthorityCrl:
    """Hold the newest revocation list of an imported authority.

    Args:
        der: the list in DER; its signature was checked when it came.
        number: CRLNumber, 0 when it carries none.
    """

    authority_id: str
    der: bytes
    number: int
    this_update: datetime
    next_update: datetime
    fetched_at: datetime

    def is_stale(self, at: datetime) -> bool:
        """Tell whether the list no longer speaks for `at`."""
        return at > self.next_update


@dataclass(frozen=True, kw_only=True)
class CertificateImport:
    """Hold why a certificate of another authority counts as that of one of ours.

    Args:
        authority_id: the authority that issued it.
        bound_from: from when on its signatures are the holder's in our register.
        basis: the decision that bound it.
    """

    certificate_id: str
    authority_id: str
    bound_from: datetime
    basis: str
    imported_at: datetime
    imported_by: str


@dataclass(frozen=True, kw_only=True)
class Binding:
    """Say whose an imported certificate is, and when.

    Args:
        sha256: of the certificate in DER, hex.
        until: when the register ended it; None while it lasts.
        held_since: when it was suspended; None when it is not.
    """

    sha256: str
    holder_kind: HolderKind
    holder_id: str
    since: datetime
    until: datetime | None = None
    held_since: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Tell whether a signature of `at` is the holder's."""
        ends = [end for end in (self.until, self.held_since) if end is not None]
        return self.since <= at and all(at < end for end in ends)


@dataclass(frozen=True, kw_only=True)
class ImportedTrust:
    """Hold everything imported, as it is at one moment."""

    authorities: tuple[TrustedAuthority, ...] = ()
    crls: tuple[AuthorityCrl, ...] = ()
    bindings: tuple[Binding, ...] = ()
