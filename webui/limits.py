"""Slow down those who guess or flood: sign-in, PIN, uploads."""

from typing import Final

from flask import Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from webui.login import find_actor

#: Wrong PINs, per person: a leader who signs a hundred documents in a row is not slowed down.
PIN_LIMIT: Final = "10 per 15 minutes"
#: Begun signatures for tokens, per person: each stores a whole PDF, and a leader who signs a
#: hundred documents in a row is not slowed down.
DEFERRED_LIMIT: Final = "120 per 15 minutes"
#: Per address; whole agencies may sit behind one, and each account has its own brake.
LOGIN_LIMIT: Final = "60 per minute"
UPLOAD_LIMIT: Final = "30 per minute"

limiter = Limiter(key_func=get_remote_address, storage_uri="memory://")


def by_person() -> str:
    """Return what a limit counts by: the person, else the address."""
    actor = find_actor()
    return f"person:{actor.person_id}" if actor else get_remote_address()


def was_refused(response: Response) -> bool:
    """Tell whether the answer was a refusal; only those are counted."""
    return response.status_code == 422
