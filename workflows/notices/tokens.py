"""Make the word in a link that proves an address; only its digest is kept."""

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """Return a word nobody can guess, fit for an address line."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_digest(token: str) -> str:
    """Return what is kept of a word."""
    return hashlib.sha256(token.encode()).hexdigest()
