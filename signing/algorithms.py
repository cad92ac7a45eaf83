"""Say which algorithms are good enough for a signature that is made today.

The policy is data, dated by its version, so that a stricter one is a new row and not new code.

Source: NIST SP 800-131A Rev. 2, tables 2 and 8 (sizes, SHA-1 no more);
ETSI TS 119 312 V1.5.1, clause 8.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey


@dataclass(frozen=True, kw_only=True)
class AlgorithmPolicy:
    """Hold what is strong enough, sizes in bits."""

    version: str
    min_rsa_bits: int
    min_ec_bits: int
    digests: frozenset[str]

    def allows_key(self, public_key: object) -> bool:
        """Tell whether a public key is of a known kind and large enough."""
        if isinstance(public_key, RSAPublicKey):
            return public_key.key_size >= self.min_rsa_bits
        if isinstance(public_key, EllipticCurvePublicKey):
            return public_key.key_size >= self.min_ec_bits
        return False

    def allows_digest(self, name: str) -> bool:
        """Tell whether a digest algorithm may be under a signature."""
        return name in self.digests


POLICY = AlgorithmPolicy(
    version="2026-1",
    min_rsa_bits=2048,
    min_ec_bits=256,
    digests=frozenset({"sha256", "sha384", "sha512"}),
)
