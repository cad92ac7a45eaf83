"""Say what a signature stands for: by the policy of its certificate, not by its field's name.

Source: RFC 5280, clause 4.2.1.4; Decree 30/2020/NĐ-CP, Art. 25 (leader) and 26 (agency).
"""

from collections.abc import Mapping

from asn1crypto import x509  # type: ignore[import-untyped]

from engine.model.verification import SignatureRole, Verdict
from engine.ports_signing import HolderKind, SignatureField
from signing.certificates import holder_kinds
from signing.verification.findings import Finding, OwnRule

_HOLDERS: Mapping[str, HolderKind] = {
    SignatureField.LEADER: HolderKind.PERSON,
    SignatureField.SEAL: HolderKind.AGENCY,
}
_ROLES: Mapping[str, SignatureRole] = {
    SignatureField.LEADER: SignatureRole.LEADER,
    SignatureField.SEAL: SignatureRole.SEAL,
}


def is_ours(field: str) -> bool:
    """Tell whether `field` is a signature field of an official document of ours."""
    return field in _HOLDERS


def role_of(field: str, certificate: x509.Certificate) -> SignatureRole:
    """Return the role of a signature in `field`; OTHER when its certificate disagrees."""
    agreed = field in _HOLDERS and _kinds(certificate) == {_HOLDERS[field]}
    return _ROLES[field] if agreed else SignatureRole.OTHER


def role_finding(
    field: str, certificate: x509.Certificate, *, is_stamp: bool = False
) -> Finding | None:
    """Return what speaks against the holder of `certificate` signing in `field`.

    Args:
        is_stamp: it is a time-stamp over the document, which nobody signs.
    """
    if field not in _HOLDERS:
        return None
    kinds, wanted = _kinds(certificate), _HOLDERS[field]
    if kinds == {wanted} and not is_stamp:
        return None
    if not kinds and not is_stamp:
        return Finding(
            verdict=Verdict.INDETERMINATE,
            reason=OwnRule.ROLE_UNKNOWN,
            message=f"{field}: the certificate does not say whether it is of a {wanted}",
        )
    return Finding(
        verdict=Verdict.FAILED,
        reason=OwnRule.SIGNER_ROLE,
        message=f"{field}: not signed by one {wanted}",
    )


def _kinds(certificate: x509.Certificate) -> frozenset[HolderKind]:
    policies = certificate.certificate_policies_value or ()
    return holder_kinds(policy["policy_identifier"].dotted for policy in policies)
