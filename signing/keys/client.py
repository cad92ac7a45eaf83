"""Refuse to open keys that never come near the server: on tokens at people's own computers.

What such a key signed comes in as a raw value, and `PdfSigner.finish` checks it like any other.
"""

from typing import NoReturn

from engine.errors import ErrorCode, SignerUnavailableError
from engine.ports_signing import IssuedCertificate


class ClientKeys:
    """Adapter of `SigningKeys` for keys that cannot be opened here."""

    def open(self, certificate: IssuedCertificate, pin: str) -> NoReturn:  # noqa: ARG002
        """Refuse: the holder signs at their own computer.

        Raises:
            SignerUnavailableError: code SIGNER_AT_CLIENT, always.
        """
        _refuse(certificate)

    def check_signs_many(self, certificate: IssuedCertificate) -> NoReturn:
        """Refuse: each signature asks its holder.

        Raises:
            SignerUnavailableError: code SIGNER_AT_CLIENT, always.
        """
        _refuse(certificate)


def _refuse(certificate: IssuedCertificate) -> NoReturn:
    raise SignerUnavailableError(
        f"the key of {certificate.id} is at the holder's", code=ErrorCode.SIGNER_AT_CLIENT
    )
