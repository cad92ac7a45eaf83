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

CrlProvider = Callable[[], Iterable[bytes]]


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
        self._policy = CertValidationPolicySpec(
            trust_manager=SimpleTrustManager.build(trust_roots=root_certificates),
            # Lists are cumulative here (no holds), so a list issued after the time of the
            # judgement still tells what was revoked before it.
            revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO, retroactive_revinfo=True),
        )

    def spec(self, found_inside: LocalKnowledge) -> SignatureValidationSpec:
        """Return the settings for one file; `found_inside` is what the file itself carries.

        Raises:
            SignerUnavailableError: a revocation list cannot be read.
        """
        fresh = [CRLContainer(_read_list(der)) for der in self._crls()]
        return SignatureValidationSpec(
            cert_validation_policy=self._policy,
            revinfo_gathering_policy=RevocationInfoGatheringSpec(
                online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
                fetcher_backend=_NoFetching(),
                certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
            ),
            local_knowledge=LocalKnowledge(
                known_ocsps=list(found_inside.known_ocsps),
                known_crls=[*self._lists, *fresh, *found_inside.known_crls],
                known_certs=[*self._certificates, *found_inside.known_certs],
            ),
            key_usage_settings=KeyUsageConstraints(key_usage={"non_repudiation"}),
        )


def epoch_of(crls: CrlProvider) -> str:
    """Return a name of the revocation lists as they are now; it changes when they do."""
    return hashlib.sha256(b"".join(crls())).hexdigest()


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
