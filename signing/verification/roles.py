"""Say what a signature stands for: by its certificate or the register, not by its field's name.

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
    SignatureField.MARK: HolderKind.AGENCY,
    SignatureField.MANIFEST: HolderKind.PERSON,
}
_ROLES: Mapping[str, SignatureRole] = {
    SignatureField.LEADER: SignatureRole.LEADER,
    SignatureField.SEAL: SignatureRole.SEAL,
    SignatureField.MARK: SignatureRole.SEAL,
    SignatureField.MANIFEST: SignatureRole.LEADER,
}


def is_ours(field: str) -> bool:
    """Tell whether `field` is a signature field of a file of ours."""
    return field in _HOLDERS


def role_of(
    field: str, certificate: x509.Certificate, *, bound: frozenset[HolderKind] | None = None
) -> SignatureRole:
    """Return the role of a signature in `field`; OTHER when its certificate disagrees.

    Args:
        bound: what the register says of the holder; None when the certificate says it itself.
    """
    kinds = _kinds(certificate) if bound is None else bound
    agreed = field in _HOLDERS and kinds == {_HOLDERS[field]}
    return _ROLES[field] if agreed else SignatureRole.OTHER


def role_finding(
    field: str,
    certificate: x509.Certificate,
    *,
    is_stamp: bool = False,
    bound: frozenset[HolderKind] | None = None,
) -> Finding | None:
    """Return what speaks against the holder of `certificate` signing in `field`.

    Args:
        is_stamp: it is a time-stamp over the document, which nobody signs.
        bound: as for `role_of`.
    """
    if field not in _HOLDERS:
        return None
    kinds = _kinds(certificate) if bound is None else bound
    wanted = _HOLDERS[field]
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
