"""Name what the product keeps of authorities it did not make."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.model.keys import KeyHome
from engine.model.organisation import Validity
from engine.model.trust import (
    AuthorityCrl,
    CertificateImport,
    ImportedTrust,
    TrustedAuthority,
    TrustPurpose,
)
from engine.ports_signing import HolderKind, IssuedCertificate


@dataclass(frozen=True, kw_only=True)
class AuthorityTerms:
    """Hold what an administrator says of an authority; see `TrustedAuthority`."""

    label: str
    basis: str
    validity: Validity
    purposes: tuple[TrustPurpose, ...]
    is_anchor: bool = True
    crl_url: str = ""
    ocsp_url: str = ""


@dataclass(frozen=True, kw_only=True)
class CertificateHolder:
    """Hold what an administrator says of an imported certificate.

    Args:
        key_ref: as `IssuedCertificate.key_ref`.
        bound_from: from when on its signatures are the holder's.
    """

    kind: HolderKind
    id: str
    key_home: KeyHome
    key_ref: str
    bound_from: datetime
    basis: str


@dataclass(frozen=True, kw_only=True)
class ForeignCertificate:
    """Hold a certificate with the authority that issued it."""

    certificate: IssuedCertificate
    authority_id: str


class Trust(Protocol):
    """Keep imported authorities, their revocation lists, and who holds their certificates."""

    def add(self, authority: TrustedAuthority) -> None:
        """Add an authority.

        Raises:
            ConflictError: code TRUST_KNOWN; the certificate is there already.
        """
        ...

    def get(self, authority_id: str) -> TrustedAuthority:
        """Return the authority whose id begins with `authority_id`, at least 8 digits.

        Raises:
            NotFoundError: code TRUST_UNKNOWN; none does, or more than one.
        """
        ...

    def save(self, authority: TrustedAuthority) -> None:
        """Write until when it is trusted and where its answers are; nothing else changes."""
        ...

    def list_authorities(self) -> Sequence[TrustedAuthority]:
        """Return all of them, oldest first."""
        ...

    def save_crl(self, crl: AuthorityCrl) -> None:
        """Keep `crl` in place of the list before it."""
        ...

    def find_crl(self, authority_id: str) -> AuthorityCrl | None: ...
    def add_import(self, imported: CertificateImport) -> None: ...
    def read(self) -> ImportedTrust:
        """Return everything a gate or a verifier needs to know."""
        ...


ReadTrust = Callable[[], ImportedTrust]
"""Return what is imported now."""


def nothing_imported() -> ImportedTrust:
    """Return the trust of an installation that knows its own authority only."""
    return ImportedTrust()


class TrustFiles(Protocol):
    """Read what other authorities hand out; everything in it is checked before it is kept."""

    def read_authority(
        self, content: bytes, terms: AuthorityTerms, at: datetime
    ) -> TrustedAuthority:
        """Return the authority in a certificate file.

        Args:
            content: PEM or DER.

        Raises:
            InvalidInputError: code TRUST_REFUSED; `params["why"]` is a `Refusal`.
        """
        ...

    def read_crl(self, content: bytes, authority: TrustedAuthority, at: datetime) -> AuthorityCrl:
        """Return the full and current revocation list that `authority` signed.

        Raises:
            InvalidInputError: code TRUST_REFUSED.
        """
        ...

    def read_holder(
        self, content: bytes, holder: CertificateHolder, trust: ImportedTrust, at: datetime
    ) -> ForeignCertificate:
        """Return a certificate for signing documents, issued by an imported authority.

        Raises:
            InvalidInputError: code TRUST_REFUSED.
        """
        ...

    def fetch(self, url: str) -> bytes:
        """Return what an authority publishes at `url`.

        Raises:
            SignerUnavailableError: it does not answer, or its host was not named.
        """
        ...
