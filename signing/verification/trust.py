"""Hold what a verifier trusts: roots, further certificates and revocation lists.

Nothing is ever fetched: URLs inside certificates are chosen by whoever made the file.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from asn1crypto import crl as asn1_crl  # type: ignore[import-untyped]
from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.fetchers import FetcherBackend, Fetchers
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer

from engine.errors import InvalidInputError, SignerUnavailableError
from engine.model.trust import ImportedTrust, TrustPurpose
from signing.verification.imported import anchors, digest_of, intermediates

CrlProvider = Callable[[], Iterable[bytes]]
NOTHING = ImportedTrust()


class _NoFetching(FetcherBackend):
    """Refuse to fetch, should a library ever try."""

    def get_fetchers(self) -> Fetchers:
        raise NotImplementedError("nothing is fetched")


class TrustStore:
    """Build validation settings from trusted roots and local revocation lists.

    Args:
        roots: PEM bundles; they may hold revocation lists as well.
        others: PEM bundles of certificates that may be needed to build a path, not trusted.
        crls: gives the current lists in DER, asked again for each file.

    Raises:
        InvalidInputError: a bundle cannot be read, or holds no root.
    """

    def __init__(
        self, *, roots: Sequence[bytes], others: Sequence[bytes], crls: CrlProvider
    ) -> None:
        root_certificates, root_lists = _read_bundles(roots, needs_certificate=True)
        other_certificates, other_lists = _read_bundles(others)
        if not root_certificates:
            raise InvalidInputError("no trusted root", field="trust_roots")
        self._certificates = other_certificates
        self._lists = [CRLContainer(crl) for crl in root_lists + other_lists]
        self._crls = crls
        self._roots = root_certificates
        self._policy = _policy(root_certificates)

    def spec(
        self, found_inside: LocalKnowledge, imported: ImportedTrust = NOTHING
    ) -> SignatureValidationSpec:
        """Return the settings for one file.

        Args:
            found_inside: what the file itself carries.
            imported: authorities that are trusted besides the roots, each for its purposes.

        Raises:
            SignerUnavailableError: a revocation list cannot be read.
        """
        crls = [*self._crls(), *(crl.der for crl in imported.crls)]
        fresh = [CRLContainer(_read_list(der)) for der in crls]
        return SignatureValidationSpec(
            cert_validation_policy=self._policy_for(imported, TrustPurpose.DOCUMENTS),
            ts_cert_validation_policy=self._policy_for(imported, TrustPurpose.TIMESTAMPS),
            revinfo_gathering_policy=RevocationInfoGatheringSpec(
                online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
                fetcher_backend=_NoFetching(),
                certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
            ),
            local_knowledge=LocalKnowledge(
                known_ocsps=list(found_inside.known_ocsps),
                known_crls=[*self._lists, *fresh, *found_inside.known_crls],
                known_certs=[
                    *self._certificates,
                    *intermediates(imported),
                    *found_inside.known_certs,
                ],
            ),
            key_usage_settings=KeyUsageConstraints(key_usage={"non_repudiation"}),
        )

    def _policy_for(
        self, imported: ImportedTrust, purpose: TrustPurpose
    ) -> CertValidationPolicySpec:
        found = anchors(imported, purpose)
        return _policy([*self._roots, *found]) if found else self._policy


def _policy(roots: Sequence[asn1_x509.Certificate]) -> CertValidationPolicySpec:
    return CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=roots),
        # Lists are cumulative here, so a list issued after the time of the judgement still tells
        # what was revoked before it. A suspension that ended leaves the list: it is forgiven.
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO, retroactive_revinfo=True),
    )


def epoch_of(crls: CrlProvider, imported: ImportedTrust = NOTHING) -> str:
    """Return a name of what is known of trust and revocation now; it changes when that does."""
    known = b"".join(crls())
    if imported != NOTHING:
        known += digest_of(imported)
    return hashlib.sha256(known).hexdigest()


def timing(at: datetime) -> ValidationTimingInfo:
    """Return the timing of a judgement at `at` that counts every revocation on the lists."""
    return ValidationTimingInfo(
        validation_time=at, best_signature_time=at, point_in_time_validation=False
    )


def check_lists(crls: Iterable[bytes]) -> None:
    """Check that every revocation list can be read.

    Raises:
        SignerUnavailableError: one cannot; that is no file's fault.
    """
    for der in crls:
        _read_list(der)


def _read_list(der: bytes) -> asn1_crl.CertificateList:
    try:
        found = asn1_crl.CertificateList.load(der, strict=True)
        _ = found.issuer.native, found["tbs_cert_list"]["this_update"].native
    except (ValueError, TypeError) as error:
        raise SignerUnavailableError("a revocation list cannot be read") from error
    return found


def _read_bundles(
    bundles: Sequence[bytes], *, needs_certificate: bool = False
) -> tuple[list[asn1_x509.Certificate], list[asn1_crl.CertificateList]]:
    certificates: list[asn1_x509.Certificate] = []
    lists: list[asn1_crl.CertificateList] = []
    for bundle in bundles:
        before = len(certificates)
        try:
            for kind, _, der in pem.unarmor(bundle, multiple=True):
                if kind == "X509 CRL":
                    lists.append(asn1_crl.CertificateList.load(der))
                elif kind == "CERTIFICATE":
                    certificates.append(_read_certificate(der))
        except (ValueError, TypeError) as error:
            raise InvalidInputError("a trust bundle is not PEM", field="trust_roots") from error
        if needs_certificate and len(certificates) == before:
            raise InvalidInputError("a trust bundle has no certificate", field="trust_roots")
    return certificates, lists


def _read_certificate(der: bytes) -> asn1_x509.Certificate:
    certificate = asn1_x509.Certificate.load(der, strict=True)
    _ = certificate.native  # the library reads late; what is broken shall be told now
    return certificate
