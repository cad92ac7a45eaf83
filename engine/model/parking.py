"""Describe a signature that was prepared here and waits for a token at the official's computer.

What waits is bound to one person, one document, one undertaking and a random nonce; it is
completed once, within its time, or never.

Source: threat P8 (replay of a prepared signature).
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model.document import Digest, DocumentId
from engine.model.organisation import PersonId

#: How long the row of a prepared signature outlives it, so that a late page learns what became
#: of it.
PARKED_DAYS = timedelta(days=1)
_NONCE_BYTES = 32
_NONCE = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class ParkedItem:
    """Hold one prepared file; the key must sign its attributes.

    Args:
        title: how the file is called when a person is asked for the signature.
        field: name of the signature field.
        reason: as the signature says it.
        prepared: digest of the prepared file among the originals.
        attributes: signed attributes, DER of their SET OF.
        value_start: offset of the value's `<`.
        value_end: offset after the value's `>`.
    """

    title: str
    field: str
    reason: str
    prepared: Digest
    attributes: bytes
    value_start: int
    value_end: int


@dataclass(frozen=True, kw_only=True)
class ParkedSignature:
    """Hold what waits for one person's token.

    Args:
        nonce_digest: SHA-256 of the nonce, hex; the nonce itself is with the person's page only.
        digest: of the document when it was undertaken to sign it.
        used_at: when somebody came back with it, or gave it up; None while it waits.
        items: the document's own file first.
    """

    id: str
    nonce_digest: str
    intent_id: str
    document_id: DocumentId
    person_id: PersonId
    digest: Digest
    begun_at: datetime
    expires_at: datetime
    items: tuple[ParkedItem, ...]
    used_at: datetime | None = None

    def has_nonce(self, nonce: str) -> bool:
        """Tell whether `nonce` is the one that was given out, in constant time."""
        return is_nonce(nonce) and hmac.compare_digest(self.nonce_digest, nonce_digest(nonce))


def new_nonce() -> str:
    """Return 256 random bits, hex."""
    return secrets.token_hex(_NONCE_BYTES)


def is_nonce(text: str) -> bool:
    """Tell whether `text` could be a nonce: 256 bits, hex."""
    return _NONCE.fullmatch(text) is not None


def nonce_digest(nonce: str) -> str:
    """Return what is stored of a nonce: its SHA-256, hex."""
    return hashlib.sha256(nonce.encode()).hexdigest()
