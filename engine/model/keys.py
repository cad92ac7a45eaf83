"""Name the kinds of private keys, the places where they live, and whose they are."""

from enum import StrEnum
from typing import NewType

CertificateId = NewType("CertificateId", str)  # serial number, lower-case hex


def serial_number(certificate_id: CertificateId) -> str:
    """Return the number as other tools print it: whole bytes, so an even number of digits."""
    return certificate_id.zfill(len(certificate_id) + len(certificate_id) % 2)


class HolderKind(StrEnum):
    """Say whose certificate it is."""

    PERSON = "person"
    AGENCY = "agency"
    TSA = "tsa"


class KeyType(StrEnum):
    """Name the kinds of key a leaf certificate may have."""

    P256 = "p256"
    RSA2048 = "rsa2048"


class KeyHome(StrEnum):
    """Say where a private key lives; it never leaves its home."""

    SOFTWARE = "software"  # a file of this installation, under a PIN; evaluation only
    TOKEN = "token"  # noqa: S105 a PKCS#11 token or module at the server
    CLIENT = "client"  # a token at the official's own computer
    REMOTE = "remote"  # a signing service, reached by CSC API v1
