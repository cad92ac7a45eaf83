"""Trust another authority, for named purposes and days, and stop trusting it."""

from dataclasses import dataclass, replace
from datetime import date

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import InvalidInputError
from engine.model.organisation import Actor, Validity
from engine.model.trust import TrustedAuthority
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork
from engine.ports_trust import AuthorityTerms, TrustFiles
from engine.text import clean_line

MAX_CHARS = 200


@dataclass(frozen=True, kw_only=True)
class ImportTrustAnchor:
    """Use case: an administrator adds an authority to the trusted ones."""

    start_work: StartWork
    files: TrustFiles
    clock: Clock

    def __call__(self, content: bytes, terms: AuthorityTerms, actor: Actor) -> TrustedAuthority:
        """Add the authority in `content`, a certificate in PEM or DER.

        Raises:
            NotPermittedError: not an administrator.
            InvalidInputError: label or basis is missing, or the file is unfit (TRUST_REFUSED).
            ConflictError: code TRUST_KNOWN.
        """
        now = self.clock.now()
        check_permitted(Permission.TRUST_ADMINISTER, actor)
        authority = self.files.read_authority(content, _checked(terms), now)
        with self.start_work() as work:
            work.trust.add(authority)
            work.audit.record(
                AuditEvent.TRUST_ADD,
                subject=f"authority:{authority.id}",
                actor=actor,
                at=now,
                details={
                    "label": authority.label,
                    "purposes": " ".join(authority.purposes),
                    "basis": authority.basis,
                    "since": authority.validity.since.isoformat(),
                },
            )
            work.commit()
        return authority


@dataclass(frozen=True, kw_only=True)
class EndTrust:
    """Use case: an administrator says until when an authority is trusted."""

    start_work: StartWork
    clock: Clock

    def __call__(self, authority_id: str, until: date, actor: Actor) -> TrustedAuthority:
        """Trust the authority until `until` and no longer; what was signed by then stays.

        Raises:
            NotPermittedError: not an administrator.
            NotFoundError: code TRUST_UNKNOWN.
            InvalidInputError: `until` is before the day it was first trusted.
        """
        check_permitted(Permission.TRUST_ADMINISTER, actor)
        with self.start_work() as work:
            authority = work.trust.get(authority_id)
            since = authority.validity.since
            if until < since:
                raise InvalidInputError("ends before it begins", field="until")
            ended = replace(authority, validity=Validity(since=since, until=until))
            work.trust.save(ended)
            work.audit.record(
                AuditEvent.TRUST_END,
                subject=f"authority:{authority.id}",
                actor=actor,
                at=self.clock.now(),
                details={"label": authority.label, "until": until.isoformat()},
            )
            work.commit()
        return ended


def _checked(terms: AuthorityTerms) -> AuthorityTerms:
    return replace(
        terms,
        label=clean_line(terms.label, field="label", max_chars=MAX_CHARS),
        basis=clean_line(terms.basis, field="basis", max_chars=MAX_CHARS),
    )
