"""Name what an authority answers to anybody: status of certificates, and the time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.ports_signing import CertificateId, Revocation


@dataclass(frozen=True, kw_only=True)
class CertificateStatus:
    """Say what the register knows of a certificate of the own authority.

    Args:
        revocation: None while it is good; suspended ones have the reason of a hold.
    """

    revocation: Revocation | None = None


FindStatus = Callable[[CertificateId], CertificateStatus | None]
"""Return the status of an own certificate; None for one that was never issued."""


@dataclass(frozen=True, kw_only=True)
class StatusAnswer:
    """Hold an answer about a certificate.

    Args:
        der: OCSPResponse.
        fresh_until: until when it may be kept and shown again; None for never.
    """

    der: bytes
    fresh_until: datetime | None = None


class StatusResponder(Protocol):
    """Answer OCSP requests from the rows of the register."""

    def answer(self, request: bytes, find_status: FindStatus) -> StatusAnswer:
        """Return the answer to `request`, whatever it holds.

        Raises:
            SignerUnavailableError: the responder's own key cannot be used.
        """
        ...


class TimeStampService(Protocol):
    """Answer requests for time-stamps."""

    def answer(self, request: bytes) -> bytes:
        """Return the TimeStampResp to `request`, whatever it holds.

        Raises:
            SignerUnavailableError: the authority's own key cannot be used.
        """
        ...


class PublishedFiles(Protocol):
    """Give out the authority's certificates and revocation lists."""

    def certificate_der(self, name: str) -> bytes:
        """Return the certificate `root`, `issuing`, `tsa` or `ocsp` in DER."""
        ...

    def crl_der(self, name: str) -> bytes:
        """Return the revocation list of `root` or `issuing` in DER."""
        ...

    def is_behind(self, published: Sequence[Revocation]) -> bool:
        """Tell whether the revocation list holds anything but what must be `published`."""
        ...


@dataclass(frozen=True, kw_only=True)
class PublicServices:
    """Hold what the authority answers to anybody."""

    files: PublishedFiles
    status: StatusResponder
    stamps: TimeStampService
