"""Read what a page asks the agent to sign, and name who signs and who is asked."""

import base64
import binascii
import json
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.errors import InvalidInputError
from webui.agent.codes import AgentCode, AgentError

MAX_ITEMS = 64
MAX_TITLE_CHARS = 300
MAX_CERTIFICATE_BYTES = 16 * 1024

#: Return the digest of the document that attributes are about; refuse any others.
ReadDigest = Callable[[bytes, bytes], bytes]


@dataclass(frozen=True, kw_only=True)
class OrderItem:
    """Hold one file a page wants signed.

    Args:
        title: as the page calls it; shown, never believed.
        digest: SHA-256 of the document, hex, read from `attributes` by the agent itself.
    """

    title: str
    digest: str
    attributes: bytes


@dataclass(frozen=True, kw_only=True)
class Order:
    """Hold what one page wants signed.

    Args:
        origin: of the page, as the browser says.
        certificate: DER.
    """

    origin: str
    certificate: bytes
    items: tuple[OrderItem, ...]


class ShownCertificate(Protocol):
    """Hold what a token says of a certificate."""

    @property
    def sha256(self) -> str:
        """Return the digest of the certificate in DER, hex."""
        ...

    @property
    def name(self) -> str:
        """Return the holder's name."""
        ...

    @property
    def not_after(self) -> datetime:
        """Return when it expires, aware."""
        ...


class Token(Protocol):
    """Sign with the tokens plugged into this computer; asked from one thread only."""

    def is_present(self) -> bool:
        """Tell whether a token is plugged in."""
        ...

    def list_certificates(self) -> Sequence[ShownCertificate]:
        """Return the certificates on the tokens."""
        ...

    def holds(self, certificate: bytes) -> bool:
        """Tell whether a token here has the key of `certificate`, DER."""
        ...

    def sign(self, certificate: bytes, pin: str, attributes: Sequence[bytes]) -> list[bytes]:
        """Return the raw signature over the SHA-256 of each of `attributes`.

        Raises:
            PinRejectedError: wrong PIN; `params["locked"]` when the token takes no more.
            SignerUnavailableError: the token or the key is gone.
        """
        ...


class Prompt(Protocol):
    """Ask the person at this computer."""

    def ask_pin(self, order: Order, *, note: str) -> str | None:
        """Show `order` and return the PIN, or None when the person declines.

        Args:
            note: what went wrong before, "" at first.
        """
        ...


def read_order(body: bytes, origin: str, read_digest: ReadDigest) -> Order:
    """Return what a page asks for, with every digest read from what would be signed.

    Raises:
        AgentError: code REQUEST_INVALID or ATTRIBUTES_REFUSED.
    """
    said = read_json(body)
    certificate = _decoded(said.get("certificate"), MAX_CERTIFICATE_BYTES)
    items = said.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_ITEMS:
        raise AgentError(AgentCode.REQUEST_INVALID, f"1 to {MAX_ITEMS} items")
    return Order(
        origin=origin,
        certificate=certificate,
        items=tuple(_item(each, certificate, read_digest) for each in items),
    )


def read_json(body: bytes) -> dict[str, object]:
    """Return the object in `body`.

    Raises:
        AgentError: code REQUEST_INVALID; there is none.
    """
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise AgentError(AgentCode.REQUEST_INVALID, "not JSON") from error
    if not isinstance(said, dict):
        raise AgentError(AgentCode.REQUEST_INVALID, "not an object")
    return said


def plain(text: str, max_chars: int = MAX_TITLE_CHARS) -> str:
    """Return `text` on one line, without what could drive a terminal or turn its direction."""
    kept = (each if unicodedata.category(each)[0] not in "CZ" else " " for each in text)
    return " ".join("".join(kept).split())[:max_chars]


def _item(said: object, certificate: bytes, read_digest: ReadDigest) -> OrderItem:
    if not isinstance(said, dict) or not isinstance(said.get("title"), str):
        raise AgentError(AgentCode.REQUEST_INVALID, "an item has no title")
    attributes = _decoded(said.get("attributes"), MAX_CERTIFICATE_BYTES)
    try:
        digest = read_digest(attributes, certificate).hex()
    except InvalidInputError as error:
        raise AgentError(AgentCode.ATTRIBUTES_REFUSED, error.detail) from error
    # The page shows its person a digest: it must be the one that is signed.
    if said.get("digest") != digest:
        raise AgentError(AgentCode.ATTRIBUTES_REFUSED, "the page shows another digest")
    return OrderItem(title=plain(said["title"]), digest=digest, attributes=attributes)


def _decoded(text: object, max_bytes: int) -> bytes:
    if not isinstance(text, str) or len(text) > max_bytes * 2:
        raise AgentError(AgentCode.REQUEST_INVALID, "not base64")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AgentError(AgentCode.REQUEST_INVALID, "not base64") from error
