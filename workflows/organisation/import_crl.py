"""Take over the revocation lists of other authorities: brought by hand, or fetched nightly."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, InvalidInputError, TrinhKyError
from engine.model.organisation import SYSTEM, Actor
from engine.model.trust import AuthorityCrl, Refusal, TrustedAuthority
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork
from engine.ports_trust import TrustFiles

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ImportCrl:
    """Use case: an administrator brings the newest list of an authority."""

    start_work: StartWork
    files: TrustFiles
    clock: Clock

    def __call__(self, authority_id: str, content: bytes, actor: Actor) -> AuthorityCrl:
        """Keep the list in `content`, DER or PEM, in place of the one before.

        Raises:
            NotPermittedError: not an administrator.
            NotFoundError: code TRUST_UNKNOWN.
            InvalidInputError: code TRUST_REFUSED; not its list, partial, stale or older.
        """
        check_permitted(Permission.TRUST_ADMINISTER, actor)
        with self.start_work() as work:
            authority = work.trust.get(authority_id)
        crl = self.files.read_crl(content, authority, self.clock.now())
        keep_crl(self.start_work, crl, actor)
        return crl


@dataclass(frozen=True, kw_only=True)
class RefreshImportedLists:
    """Job: nightly, for every authority whose list has an address."""

    start_work: StartWork
    start_reading: StartWork
    files: TrustFiles
    clock: Clock

    def __call__(self, payload: Mapping[str, str]) -> None:  # noqa: ARG002 every job takes one
        """Fetch each list; one that fails keeps none of the others, and the log names it.

        Raises:
            Exception: the first that failed; the job is tried again and shown when stuck.
        """
        with self.start_reading() as work:
            authorities = [entry for entry in work.trust.list_authorities() if entry.crl_url]
        failures = [error for entry in authorities if (error := self._refresh(entry))]
        if failures:
            raise failures[0]

    def _refresh(self, authority: TrustedAuthority) -> Exception | None:
        try:
            content = self.files.fetch(authority.crl_url)
            crl = self.files.read_crl(content, authority, self.clock.now())
            keep_crl(self.start_work, crl, SYSTEM)
        # Whatever one service's bytes lead to, the others' lists must not grow stale for it.
        except Exception as error:  # noqa: BLE001 it is raised again after the others
            why = error.code if isinstance(error, TrinhKyError) else type(error).__name__
            _log.warning("the list of %s was not refreshed: %s", authority.label, why)
            return error
        return None


def keep_crl(start_work: StartWork, crl: AuthorityCrl, actor: Actor) -> None:
    """Record a list; the same list again changes nothing.

    Raises:
        InvalidInputError: code TRUST_REFUSED; it is older than the one that is kept.
    """
    with start_work() as work:
        kept = work.trust.find_crl(crl.authority_id)
        if kept is not None and kept.der == crl.der:
            return
        if kept is not None and (crl.this_update, crl.number) <= (kept.this_update, kept.number):
            raise InvalidInputError(
                "an older list",
                code=ErrorCode.TRUST_REFUSED,
                field="file",
                why=Refusal.LIST_OLDER,
            )
        work.trust.save_crl(crl)
        work.audit.record(
            AuditEvent.TRUST_CRL,
            subject=f"authority:{crl.authority_id}",
            actor=actor,
            at=crl.fetched_at,
            details={"number": str(crl.number), "due": crl.next_update.isoformat()},
        )
        work.commit()
