"""Decide whether a certificate may sign now; the gate before every signature.

pyHanko signs with any certificate, expired or revoked, so the gate is ours. What is not proved
to be good is refused; each refusal has its own code.

Source: Decree 68/2024/NĐ-CP, Art. 29 (check the own certificate first); RFC 5280, clause 6.1.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from engine.clock import Clock
from engine.errors import ErrorCode, SignerUnavailableError
from engine.model.trust import ImportedTrust
from engine.ports_signing import HolderKind
from engine.ports_trust import ReadTrust, nothing_imported
from signing.algorithms import POLICY, AlgorithmPolicy
from signing.authority import AuthorityFiles
from signing.certificates import holder_kinds
from signing.chains import (
    Link,
    digest_of,
    extension_of,
    imported_path,
    is_issued_by,
    is_list_of,
    may_sign_documents,
    rejected,
    speaks_for,
)

#: How far ahead of ours the clock of an authority may be.
MAX_DRIFT = timedelta(minutes=5)


class StatusSource(Protocol):
    """Ask an authority whether one of its certificates is still good."""

    def is_good(
        self, certificate: x509.Certificate, issuer: x509.Certificate, *, url: str, at: datetime
    ) -> bool:
        """Return True for good, False for revoked or suspended.

        Raises:
            SignerUnavailableError: no answer that can be believed came in time.
        """
        ...


class SigningGate:
    """Check certificates of the authority in a directory, and of those that were imported.

    Args:
        read_trust: gives what is imported, asked for certificates of other authorities only.
        status: asks other authorities; None asks nobody.
        clock: tells how late it is when something is asked about an earlier time; None asks
            about the present only.
    """

    def __init__(
        self,
        files: AuthorityFiles,
        *,
        read_trust: ReadTrust = nothing_imported,
        status: StatusSource | None = None,
        algorithms: AlgorithmPolicy = POLICY,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock
        self._files = files
        self._read_trust = read_trust
        self._status = status
        self._algorithms = algorithms

    def chain(self, certificate: x509.Certificate) -> tuple[bytes, ...]:
        """Return the certificates between `certificate` and its anchor, DER, nearest first.

        Raises:
            CertificateRejectedError: code CERTIFICATE_UNTRUSTED; it has no way to an anchor.
        """
        if self._is_own(certificate):
            links: Sequence[Link] = self._own_path(certificate)
        else:
            links = imported_path(certificate, self._read_trust(), at=None)
        between = [link.certificate for link in links][1:]
        return tuple(entry.public_bytes(Encoding.DER) for entry in between)

    def check(
        self,
        certificate: x509.Certificate,
        at: datetime,
        *,
        holder_kind: HolderKind,
        holder_id: str = "",
    ) -> None:
        """Check everything that makes a signature by `certificate` at `at` worthless.

        Args:
            holder_kind: who must sign; an own certificate says it itself, for one of another
                authority the register does.
            holder_id: which person or agency; "" leaves that to the caller.

        Raises:
            CertificateRejectedError: its code names the check that failed.
        """
        is_own = self._is_own(certificate)
        trust = ImportedTrust() if is_own else self._read_trust()
        # (1) The chain ends at an anchor that is trusted for documents, link by link; (2) every
        # certificate in it is in its time, and has algorithms that last.
        links = self._checked_path(certificate, trust, at)
        # (3) It may sign documents, for whom it shall.
        if not may_sign_documents(certificate, is_own=is_own):
            raise rejected(ErrorCode.CERTIFICATE_USAGE, "not for signatures of documents")
        if is_own:
            _check_own_holder(certificate, holder_kind, holder_id)
        else:
            _check_bound_holder(certificate, trust, at, (holder_kind, holder_id))
        # (4) Nobody has revoked or suspended any of them, and that is known for now.
        for link in links:
            self._check_status(link, at)

    def check_path(self, certificate: x509.Certificate, at: datetime) -> None:
        """Check what does not depend on who signs: chain, times and algorithms.

        Raises:
            CertificateRejectedError: its code names the check that failed.
        """
        self._checked_path(certificate, self._read_trust(), at)

    def _checked_path(
        self, certificate: x509.Certificate, trust: ImportedTrust, at: datetime
    ) -> list[Link]:
        if self._is_own(certificate):
            links = self._own_path(certificate)
        else:
            self._check_digest(certificate)
            links = imported_path(certificate, trust, at=at)
        for entry in (*(link.certificate for link in links), links[-1].issuer):
            _check_time(entry, at)
        self._check_strength(links)
        return links

    def _is_own(self, certificate: x509.Certificate) -> bool:
        return is_issued_by(certificate, self._files.certificate("issuing"))

    def _own_path(self, certificate: x509.Certificate) -> list[Link]:
        issuing, root = self._files.certificate("issuing"), self._files.certificate("root")
        if not is_issued_by(issuing, root):
            raise rejected(ErrorCode.CERTIFICATE_UNTRUSTED, "the issuing authority is not ours")
        return [
            Link(certificate=certificate, issuer=issuing, crl=self._own_crl("issuing")),
            Link(certificate=issuing, issuer=root, crl=self._own_crl("root")),
        ]

    def _own_crl(self, name: str) -> x509.CertificateRevocationList | None:
        try:
            return self._files.crl(name)
        except SignerUnavailableError:
            return None

    def _check_strength(self, links: Sequence[Link]) -> None:
        # An anchor is trusted as it is: what counts is its key, not who signed it.
        keys = [link.certificate.public_key() for link in links]
        keys.append(links[-1].issuer.public_key())
        if not all(self._algorithms.allows_key(key) for key in keys):
            raise rejected(ErrorCode.CERTIFICATE_WEAK, "a key of the chain is too weak")
        for link in links:
            self._check_digest(link.certificate)

    def _check_digest(self, certificate: x509.Certificate) -> None:
        # The library verifies no signature over SHA-1, so this comes before the chain as well:
        # "not issued by" would be the wrong word.
        if not self._algorithms.allows_digest(digest_of(certificate)):
            raise rejected(ErrorCode.CERTIFICATE_WEAK, "a digest of the chain is too weak")

    def _check_status(self, link: Link, at: datetime) -> None:
        fresh = link.crl if link.crl is not None and self._is_current(link, at) else None
        if fresh is not None:
            serial = link.certificate.serial_number
            if fresh.get_revoked_certificate_by_serial_number(serial) is not None:
                raise rejected(ErrorCode.CERTIFICATE_REVOKED, f"{serial:x} is revoked")
        answered = self._ask(link, at)
        if answered is False:
            raise rejected(
                ErrorCode.CERTIFICATE_REVOKED, f"{link.certificate.serial_number:x} is not good"
            )
        if fresh is None and answered is None:
            raise rejected(ErrorCode.REVOCATION_STALE, "no word of revocation that is current")

    def _ask(self, link: Link, at: datetime) -> bool | None:
        if not link.ocsp_url or self._status is None:
            return None
        try:
            return self._status.is_good(
                link.certificate, link.issuer, url=link.ocsp_url, at=self._now(at)
            )
        except SignerUnavailableError:
            return None  # a current list says as much

    def _is_current(self, link: Link, at: datetime) -> bool:
        crl = link.crl
        if crl is None or crl.issuer != link.issuer.subject:
            return False
        if not speaks_for(crl, link.certificate):
            return False
        digest = crl.signature_hash_algorithm
        if digest is None or not self._algorithms.allows_digest(digest.name):
            return False
        due = crl.next_update_utc
        if due is None or at > due:
            return False
        # A signature may have begun hours ago, and a list that came since knows more, not less.
        if self._clock is not None and crl.last_update_utc > self._now(at) + MAX_DRIFT:
            return False
        return is_list_of(crl, link.issuer)

    def _now(self, at: datetime) -> datetime:
        return at if self._clock is None else max(at, self._clock.now())


def _check_time(certificate: x509.Certificate, at: datetime) -> None:
    if at < certificate.not_valid_before_utc:
        raise rejected(
            ErrorCode.CERTIFICATE_NOT_YET_VALID, f"{certificate.serial_number:x} is not in force"
        )
    if at > certificate.not_valid_after_utc:
        raise rejected(ErrorCode.CERTIFICATE_EXPIRED, f"{certificate.serial_number:x} has expired")


def _check_own_holder(
    certificate: x509.Certificate, holder_kind: HolderKind, holder_id: str
) -> None:
    policies = extension_of(certificate, x509.CertificatePolicies) or ()
    named = holder_kinds(policy.policy_identifier.dotted_string for policy in policies)
    if named != {holder_kind}:
        raise rejected(ErrorCode.CERTIFICATE_HOLDER, f"not the certificate of one {holder_kind}")
    if holder_id and holder_id not in _user_ids(certificate):
        raise rejected(ErrorCode.CERTIFICATE_HOLDER, f"not the certificate of {holder_id}")


def _check_bound_holder(
    certificate: x509.Certificate,
    trust: ImportedTrust,
    at: datetime,
    holder: tuple[HolderKind, str],
) -> None:
    digest = certificate.fingerprint(SHA256()).hex()
    binding = next((entry for entry in trust.bindings if entry.sha256 == digest), None)
    kind, holder_id = holder
    if (
        binding is None
        or binding.holder_kind is not kind
        or (holder_id and binding.holder_id != holder_id)
        or at < binding.since
    ):
        raise rejected(ErrorCode.CERTIFICATE_HOLDER, f"not bound to the {kind} that must sign")
    if not binding.covers(at):
        raise rejected(ErrorCode.CERTIFICATE_REVOKED, "the register ended or suspended it")


def _user_ids(certificate: x509.Certificate) -> Iterator[str]:
    for entry in certificate.subject.get_attributes_for_oid(NameOID.USER_ID):
        yield str(entry.value)
