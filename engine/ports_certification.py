"""Name what the life of certificates needs: applications, who succeeded whom, what is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.model.certification import (
    Application,
    ApplicationId,
    CertificateState,
    LaterStop,
)
from engine.model.keys import CertificateId, HolderKind, KeyHome
from engine.model.organisation import AgencyId, PersonId, PostId
from engine.paging import Page


@dataclass(frozen=True, kw_only=True)
class CertificateRow:
    """Hold one line of a list of certificates.

    Args:
        holder_name: as it is today; of the certificate where the holder is unknown.
        agency_id: of the holder's first post today, or the agency itself; "" for a person who
            holds none.
        state: today.
        is_serving: the person holds a post, or the agency exists, today.
        held_reason: why it is suspended; "" otherwise.
    """

    certificate_id: CertificateId
    holder_kind: HolderKind
    holder_id: str
    holder_name: str
    common_name: str
    issuer: str
    agency_id: str
    agency_name: str
    not_before: datetime
    not_after: datetime
    key_home: KeyHome
    state: CertificateState
    is_serving: bool
    held_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ExpiringRow:
    """Hold a certificate in use that ends soon.

    Args:
        days: nearest threshold before its end that has passed.
    """

    row: CertificateRow
    days: int


@dataclass(frozen=True, kw_only=True)
class CertificateFilter:
    """Say which certificates are wanted; what is empty does not narrow.

    Args:
        text: part of a holder's name, an agency's name or a serial number, with or without marks.
        expires_before: only those in use that end by then.
        is_leaver: only those in use whose holder serves no more.
        holders: only those of these holders.
    """

    text: str = ""
    state: CertificateState | None = None
    expires_before: datetime | None = None
    is_leaver: bool = False
    holders: frozenset[tuple[HolderKind, str]] | None = None


@dataclass(frozen=True, kw_only=True)
class LockedPin:
    """Hold one PIN that is locked for a person.

    Args:
        agency_id: of the person's first post today; "" when they hold none.
    """

    certificate_id: CertificateId
    common_name: str
    person_id: PersonId
    person_name: str
    agency_id: str
    locked_at: datetime


@dataclass(frozen=True, kw_only=True)
class Attention:
    """Count what an administrator of certificates should look at.

    Args:
        expiring: certificates in use by the nearest threshold they have passed, in days; each
            certificate counts once.
        leavers: in use by somebody who serves no more.
        suspended: out of use until an administrator decides.
        locked: PINs that a second person must release.
    """

    expiring: Mapping[int, int]
    leavers: int
    suspended: int
    locked: int

    @property
    def total(self) -> int:
        """Return how many things there are to look at."""
        return sum(self.expiring.values()) + self.leavers + self.suspended + self.locked


class Certification(Protocol):
    """Keep applications for certificates, and read what the pages about certificates show."""

    def add(self, application: Application) -> None:
        """Add an application.

        Raises:
            ConflictError: code APPLICATION_OPEN; the holder has asked for one already.
        """
        ...

    def get(self, application_id: ApplicationId) -> Application:
        """Return the application.

        Raises:
            NotFoundError: code APPLICATION_NOT_FOUND.
        """
        ...

    def save(self, application: Application) -> None:
        """Write the application if nobody wrote it since it was read.

        Raises:
            ConflictError: code APPLICATION_STATE.
        """
        ...

    def list_of(self, holders: frozenset[tuple[HolderKind, str]]) -> Sequence[Application]:
        """Return the applications about these holders, newest first, 100 at most."""
        ...

    def supersede(
        self, holder_kind: HolderKind, holder_id: str, by: CertificateId, at: datetime
    ) -> Sequence[CertificateId]:
        """Let every other certificate of a holder step back behind `by`; return which."""
        ...

    def list_certificates(
        self, wanted: CertificateFilter, now: datetime, *, cursor: str = "", limit: int = 50
    ) -> Page[CertificateRow]:
        """Return certificates, those that end first before the others."""
        ...

    def list_expiring(
        self, holders: frozenset[tuple[HolderKind, str]], now: datetime
    ) -> Sequence[ExpiringRow]:
        """Return the holders' certificates that end soon, in one statement."""
        ...

    def list_locked(self) -> Sequence[LockedPin]:
        """Return the PINs that are locked, oldest first."""
        ...

    def count_attention(self, now: datetime) -> Attention: ...

    def list_thresholds(self) -> tuple[int, ...]:
        """Return how many days before the end people are told, the longest first."""
        ...

    def set_thresholds(self, days: Sequence[int]) -> None: ...

    def plan_stop(self, stop: LaterStop) -> None:
        """Keep the wish, in place of an earlier one about the same post."""
        ...

    def drop_stop(self, post_id: PostId) -> None:
        """Forget the wish about a post, if there is one."""
        ...

    def list_due_stops(self, now: datetime) -> Sequence[LaterStop]:
        """Return the wishes about posts whose last day has passed, the first asked first."""
        ...

    def find_administration(self, now: datetime, *, besides: frozenset[str]) -> AgencyId | None:
        """Return an agency that has an administrator today who is none of `besides`."""
        ...
