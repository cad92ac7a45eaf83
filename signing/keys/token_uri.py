"""Name keys on tokens by URI; what a URI says of modules to load is not read.

Source: RFC 7512, clause 2.3.
"""

from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote, unquote_to_bytes

from engine.errors import SignerUnavailableError

SCHEME = "pkcs11:"


@dataclass(frozen=True, kw_only=True)
class TokenKeyName:
    """Hold where a private key is: on which token, and which of its keys.

    Args:
        token: label of the token.
        serial: of the token; "" matches any.
        label: of the key; "" matches any.
        key_id: `CKA_ID` of the key; empty matches any.
    """

    token: str
    serial: str = ""
    label: str = ""
    key_id: bytes = b""

    @classmethod
    def from_uri(cls, uri: str) -> Self:
        """Read a URI.

        Raises:
            SignerUnavailableError: it is none, or names no token or no key.
        """
        if not uri.startswith(SCHEME):
            raise SignerUnavailableError("the key is not named by a pkcs11 URI")
        path = uri.removeprefix(SCHEME).partition("?")[0]
        parts = dict(each.partition("=")[::2] for each in path.split(";"))
        try:
            name = cls(
                token=unquote(parts.get("token", ""), errors="strict"),
                serial=unquote(parts.get("serial", ""), errors="strict"),
                label=unquote(parts.get("object", ""), errors="strict"),
                key_id=unquote_to_bytes(parts.get("id", "")),
            )
        except UnicodeDecodeError:
            raise SignerUnavailableError("the pkcs11 URI is not UTF-8") from None
        if not name.token or not (name.label or name.key_id):
            raise SignerUnavailableError("the pkcs11 URI names no token or no key")
        return name

    def to_uri(self) -> str:
        """Write the URI."""
        key_id = "".join(f"%{byte:02X}" for byte in self.key_id)
        parts = {
            "token": quote(self.token, safe=""),
            "serial": quote(self.serial, safe=""),
            "object": quote(self.label, safe=""),
            "id": key_id,
        }
        named = ";".join(f"{name}={value}" for name, value in parts.items() if value)
        return f"{SCHEME}{named};type=private"
