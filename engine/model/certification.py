"""Describe the life of a certificate: asked for, approved, allowed, collected; stopped, settled.

What gives power needs several people: who asks, who approves and who allows are three. What takes
power away acts at once; giving it back needs a second person again.

Source: Decree 68/2024/NĐ-CP (certificates for public duty: issue, renewal, revocation); OWASP ASVS
5.0, 2.3.5 (two-person rule).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from engine.errors import ConflictError, ErrorCode, InvalidInputError, NotPermittedError
from engine.model.keys import CertificateId, HolderKind, KeyHome, KeyType
from engine.model.organisation import Actor, AgencyId, PersonId, PostId

ApplicationId = NewType("ApplicationId", str)

#: Process ids in the BPMN files.
CERTIFICATE_PROCEDURE = "certificate"
SUSPENSION_PROCEDURE = "suspension"

#: Days before the end of a certificate at which its holder and administrators are told.
EXPIRY_DAYS = (60, 30, 7)
MAX_EXPIRY_DAYS = 366
MAX_THRESHOLDS = 10
DEFAULT_DAYS = 730
MAX_DAYS = 1825
MIN_PIN_CHARS = 6
MAX_PIN_CHARS = 64
#: Two browsers that collect at once would make two keys: the second waits for the first.
CLAIM_LIFETIME = timedelta(minutes=2)


class ApplicationKind(StrEnum):
    """Name what is asked for."""

    NEW = "new"
    RENEW = "renew"  # a new key and a new certificate; the old one stays for verification
    SUSPEND = "suspend"
    REVOKE = "revoke"

    @property
    def is_stop(self) -> bool:
        """Tell whether it takes a certificate out of use at once."""
        return self in (ApplicationKind.SUSPEND, ApplicationKind.REVOKE)


class ApplicationState(StrEnum):
    """Name how far an application has come."""

    ASKED = "asked"
    APPROVED = "approved"
    ALLOWED = "allowed"
    ISSUED = "issued"
    HELD = "held"  # out of use, an administrator decides what becomes of it
    RESUMED = "resumed"
    REVOKED = "revoked"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


OPEN_STATES = frozenset(
    {
        ApplicationState.ASKED,
        ApplicationState.APPROVED,
        ApplicationState.ALLOWED,
        ApplicationState.HELD,
    }
)


@dataclass(frozen=True, kw_only=True)
class LaterStop:
    """Hold the wish that a person's certificates be suspended when their post has ended.

    Args:
        reason: of the suspension.
        asked_by: whoever recorded the end of the post.
    """

    post_id: PostId
    reason: str
    asked_by: PersonId
    asked_at: datetime


class CertificateState(StrEnum):
    """Name what can be said of a certificate today; the first that holds, in this order."""

    REVOKED = "revoked"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    FUTURE = "future"
    IN_USE = "in_use"


class RevocationReason(StrEnum):
    """Name why a certificate is revoked.

    Source: RFC 5280, clause 5.3.1.
    """

    KEY_COMPROMISE = "key_compromise"
    AFFILIATION_CHANGED = "affiliation_changed"
    SUPERSEDED = "superseded"
    CESSATION = "cessation_of_operation"
    PRIVILEGE_WITHDRAWN = "privilege_withdrawn"
    UNSPECIFIED = "unspecified"


@dataclass(frozen=True, kw_only=True)
class KeyPlan:
    """Hold what an administrator allows: where the key lives, and for how long.

    Args:
        key_name: credential id of a remote service, or label on the token; "" where the id of
            the application will do.
        days: 1 to 1825.
    """

    home: KeyHome = KeyHome.SOFTWARE
    key_type: KeyType = KeyType.P256
    days: int = DEFAULT_DAYS
    key_name: str = ""

    def check(self) -> None:
        """Check that a certificate can be made by the plan.

        Raises:
            InvalidInputError: too long a time, or a remote key without its name.
        """
        if not 1 <= self.days <= MAX_DAYS:
            raise InvalidInputError(f"{self.days} days", field="days")
        if self.home is KeyHome.REMOTE and not self.key_name:
            raise InvalidInputError(
                "no credential", code=ErrorCode.INPUT_MISSING, field="key_name"
            )


@dataclass(frozen=True, kw_only=True)
class Application:
    """Hold one application, from the day it is made.

    Args:
        holder_name: as it was when the application was made.
        agency_id: of the holder; the agency itself when a seal is asked for.
        certificate_id: what is renewed or stopped; "" for a first one.
        issued_id: certificate that came of it, "" until then.
        claimed_at: when somebody began to collect; None while nobody does.
        version: grows by one with each change.
    """

    id: ApplicationId
    kind: ApplicationKind
    state: ApplicationState
    holder_kind: HolderKind
    holder_id: str
    holder_name: str
    agency_id: AgencyId
    reason: str
    asked_by: PersonId
    asked_by_name: str
    asked_at: datetime
    certificate_id: str = ""
    approved_by: str = ""
    allowed_by: str = ""
    key_home: KeyHome | None = None
    key_type: KeyType | None = None
    key_name: str = ""
    days: int = 0
    issued_id: str = ""
    claimed_at: datetime | None = None
    closed_at: datetime | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to act."""
        return self.state in OPEN_STATES

    @property
    def procedure_id(self) -> str:
        """Return the procedure that it runs by."""
        return SUSPENSION_PROCEDURE if self.kind.is_stop else CERTIFICATE_PROCEDURE

    @property
    def plan(self) -> KeyPlan:
        """Return what was allowed; only an allowed application has a plan."""
        if self.key_home is None or self.key_type is None:
            raise ConflictError(f"{self.id} is {self.state}", code=ErrorCode.APPLICATION_STATE)
        return KeyPlan(
            home=self.key_home, key_type=self.key_type, days=self.days, key_name=self.key_name
        )

    def may_decide(self, person_id: PersonId) -> bool:
        """Tell whether a person did not ask, did not approve and is not the holder."""
        is_holder = self.holder_kind is HolderKind.PERSON and person_id == self.holder_id
        return not is_holder and person_id not in (self.asked_by, self.approved_by)

    def check_decider(self, actor: Actor) -> None:
        """Check that whoever decides is somebody else than all before: the two-person rule.

        Raises:
            NotPermittedError: they asked, approved, or are the holder.

        Source: OWASP ASVS 5.0, 2.3.5.
        """
        if not self.may_decide(actor.person_id):
            raise NotPermittedError(
                f"{actor.person_id} has acted on {self.id}",
                code=ErrorCode.SECOND_PERSON_NEEDED,
                predicate="is_second_person",
            )

    def approved(self, actor: Actor) -> "Application":
        """Return it as approved by a leader."""
        self._check(ApplicationState.ASKED)
        self.check_decider(actor)
        return self._moved(ApplicationState.APPROVED, approved_by=actor.person_id)

    def allowed(self, plan: KeyPlan, actor: Actor) -> "Application":
        """Return it as allowed by an administrator."""
        self._check(ApplicationState.APPROVED)
        self.check_decider(actor)
        plan.check()
        return self._moved(
            ApplicationState.ALLOWED,
            allowed_by=actor.person_id,
            key_home=plan.home,
            key_type=plan.key_type,
            key_name=plan.key_name,
            days=plan.days,
        )

    def refused(self, now: datetime) -> "Application":
        """Return it as refused, by whoever had to decide."""
        self._check(ApplicationState.ASKED, ApplicationState.APPROVED)
        return self._moved(ApplicationState.REFUSED, closed_at=now)

    def withdrawn(self, now: datetime) -> "Application":
        """Return it as withdrawn; what stopped a certificate cannot be unsaid."""
        self._check(ApplicationState.ASKED, ApplicationState.APPROVED, ApplicationState.ALLOWED)
        return self._moved(ApplicationState.WITHDRAWN, closed_at=now)

    def claimed(self, now: datetime) -> "Application":
        """Return it with a claim to collect it.

        Raises:
            ConflictError: somebody is collecting it at this moment.
        """
        self._check(ApplicationState.ALLOWED)
        if self.claimed_at is not None and now < self.claimed_at + CLAIM_LIFETIME:
            raise ConflictError(f"{self.id} is collected", code=ErrorCode.APPLICATION_BUSY)
        return replace(self, claimed_at=now, version=self.version + 1)

    def unclaimed(self) -> "Application":
        """Return it without a claim: collecting failed and may be tried again."""
        return replace(self, claimed_at=None, version=self.version + 1)

    def issued(self, certificate_id: CertificateId, now: datetime) -> "Application":
        """Return it with the certificate that came of it."""
        self._check(ApplicationState.ALLOWED)
        return self._moved(
            ApplicationState.ISSUED, issued_id=certificate_id, claimed_at=None, closed_at=now
        )

    def settled(self, now: datetime, *, revoked: bool) -> "Application":
        """Return a stop as it ended: the certificate is in use again, or gone for good."""
        self._check(ApplicationState.HELD)
        state = ApplicationState.REVOKED if revoked else ApplicationState.RESUMED
        return self._moved(state, closed_at=now)

    def _check(self, *states: ApplicationState) -> None:
        if self.state not in states:
            raise ConflictError(f"{self.id} is {self.state}", code=ErrorCode.APPLICATION_STATE)

    def _moved(self, state: ApplicationState, **changes: object) -> "Application":
        return replace(self, state=state, version=self.version + 1, **changes)  # type: ignore[arg-type] # own fields


def check_new_pin(pin: str, again: str) -> None:
    """Check the PIN that a holder chooses; it is told to nobody and kept nowhere.

    Raises:
        InvalidInputError: too short, too plain, or typed differently the second time.

    Source: NIST SP 800-63B-4, clause 3.1.1.2 (6 characters at least for an activation secret).
    """
    if pin != again:
        raise InvalidInputError("PINs differ", code=ErrorCode.PIN_DIFFERENT, field="pin_again")
    is_plain = len(set(pin)) < 3 or pin in "01234567890" or pin in "09876543210"
    if not MIN_PIN_CHARS <= len(pin) <= MAX_PIN_CHARS or is_plain or not pin.isprintable():
        raise InvalidInputError(
            "weak PIN", code=ErrorCode.PIN_WEAK, field="pin", min_chars=str(MIN_PIN_CHARS)
        )


def check_thresholds(days: Iterable[int]) -> tuple[int, ...]:
    """Return the days of the warnings, the longest first, each once.

    Raises:
        InvalidInputError: none, too many, or a number that is no such day.
    """
    found = tuple(sorted(set(days), reverse=True))
    if not 1 <= len(found) <= MAX_THRESHOLDS or not all(
        1 <= each <= MAX_EXPIRY_DAYS for each in found
    ):
        raise no_thresholds(str(found))
    return found


def no_thresholds(given: str) -> InvalidInputError:
    """Return the refusal of days of warnings, which says what they may be."""
    return InvalidInputError(
        f"thresholds {given}",
        code=ErrorCode.WARNING_DAYS,
        field="thresholds",
        most=str(MAX_EXPIRY_DAYS),
        numbers=str(MAX_THRESHOLDS),
    )


def warning_of(not_after: datetime, now: datetime, thresholds: Iterable[int]) -> int | None:
    """Return the nearest threshold that a certificate has passed; None while it is far off.

    Args:
        not_after: its last moment, aware UTC; a certificate past it warns no more.
    """
    left = not_after - now
    if left < timedelta(0):
        return None
    return min((days for days in thresholds if left <= timedelta(days=days)), default=None)
