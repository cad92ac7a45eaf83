"""Keep imported authorities, their lists, and who holds their certificates."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from engine.errors import ConflictError, ErrorCode
from engine.model.organisation import Validity
from engine.model.trust import (
    AuthorityCrl,
    Binding,
    CertificateImport,
    ImportedTrust,
    TrustedAuthority,
    TrustPurpose,
)
from storage.repositories.base import Repository, missing
from storage.tables.organisation import issued_certificate as _certificate
from storage.tables.organisation import revocation as _revocation
from storage.tables.trust import authority_crl as _crl
from storage.tables.trust import certificate_hold as _hold
from storage.tables.trust import certificate_import as _import
from storage.tables.trust import trusted_authority as _authority

MIN_ID_DIGITS = 8


class SqlTrust(Repository):
    """Adapter of `Trust`."""

    def add(self, authority: TrustedAuthority) -> None:
        """Add an authority.

        Raises:
            ConflictError: code TRUST_KNOWN; the certificate is there already.
        """
        if not self._insert_once(_authority, _authority_row(authority)):
            raise ConflictError(f"{authority.id} is there", code=ErrorCode.TRUST_KNOWN)

    def get(self, authority_id: str) -> TrustedAuthority:
        """Return the authority whose id begins with `authority_id`, at least 8 digits.

        Raises:
            NotFoundError: code TRUST_UNKNOWN; none does, or more than one.
        """
        found = [entry for entry in self.list_authorities() if entry.id.startswith(authority_id)]
        if len(authority_id) < MIN_ID_DIGITS or len(found) != 1:
            missing("authority", authority_id, ErrorCode.TRUST_UNKNOWN)
        return found[0]

    def save(self, authority: TrustedAuthority) -> None:
        """Write until when it is trusted and where its answers are; nothing else changes."""
        self._changed(
            sa.update(_authority).where(_authority.c.id == authority.id),
            {
                "until": authority.validity.until,
                "crl_url": authority.crl_url,
                "ocsp_url": authority.ocsp_url,
            },
        )

    def list_authorities(self) -> Sequence[TrustedAuthority]:
        """Return all of them, oldest first."""
        query = sa.select(_authority).order_by(_authority.c.since, _authority.c.id)
        return self._list(_authority_of, query)

    def save_crl(self, crl: AuthorityCrl) -> None:
        """Keep `crl` in place of the list before it."""
        row = vars(crl) | {"number": str(crl.number)}
        self._connection.execute(sa.delete(_crl).where(_crl.c.authority_id == crl.authority_id))
        self._insert(_crl, row)

    def find_crl(self, authority_id: str) -> AuthorityCrl | None:
        """Return the newest list of an authority."""
        return self._find(_crl_of, sa.select(_crl).where(_crl.c.authority_id == authority_id))

    def add_import(self, imported: CertificateImport) -> None:
        """Record why a certificate counts as that of one of ours."""
        self._insert(_import, dict(vars(imported)))

    def read(self) -> ImportedTrust:
        """Return everything a gate or a verifier needs to know."""
        authorities = tuple(self.list_authorities())
        if not authorities:
            return ImportedTrust()
        crls = sa.select(_crl).order_by(_crl.c.authority_id)
        return ImportedTrust(
            authorities=authorities,
            crls=tuple(self._list(_crl_of, crls)),
            bindings=tuple(self._list(Binding, _bindings())),
        )


def _bindings() -> sa.Select[Any]:
    held = sa.and_(
        _hold.c.certificate_id == _import.c.certificate_id, _hold.c.released_at.is_(None)
    )
    return (
        sa.select(
            _certificate.c.sha256,
            _certificate.c.holder_kind,
            _certificate.c.holder_id,
            _import.c.bound_from.label("since"),
            _revocation.c.revoked_at.label("until"),
            _hold.c.held_at.label("held_since"),
        )
        .select_from(_import)
        .join(_certificate, _certificate.c.id == _import.c.certificate_id)
        .outerjoin(_revocation, _revocation.c.certificate_id == _import.c.certificate_id)
        .outerjoin(_hold, held)
        .order_by(_certificate.c.sha256)
    )


def _authority_row(authority: TrustedAuthority) -> dict[str, Any]:
    row = dict(vars(authority))
    validity: Validity = row.pop("validity")
    return row | {
        "purposes": [purpose.value for purpose in authority.purposes],
        "since": validity.since,
        "until": validity.until,
    }


def _authority_of(**row: Any) -> TrustedAuthority:
    since, until, purposes = row.pop("since"), row.pop("until"), row.pop("purposes")
    return TrustedAuthority(
        **row,
        validity=Validity(since=since, until=until),
        purposes=tuple(TrustPurpose(purpose) for purpose in purposes),
    )


def _crl_of(**row: Any) -> AuthorityCrl:
    return AuthorityCrl(**(row | {"number": int(row["number"])}))
