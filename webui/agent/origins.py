"""Know which sites may ask for signatures: those the person has named, exactly.

Source: RFC 6454, clause 4 (scheme, host and port).
"""

import ipaddress
import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from webui.agent.codes import AgentCode, AgentError

#: Without TLS only a server on this very computer can be trusted to be itself.
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_FILE = "agent.json"
_MAX_SHOWN_CHARS = 200


class SettingsFileError(ValueError):
    """The file of allowed sites holds something else."""


class AllowedOrigins:
    """Keep the allowed origins in a file of the person's own.

    Args:
        folder: made when the first origin is allowed.

    Raises:
        SettingsFileError: the file is there and holds something else.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self._origins = self._read()

    def list_all(self) -> list[str]:
        """Return the allowed origins."""
        return sorted(self._origins)

    def check(self, origin: str) -> str:
        """Return `origin` if it is allowed.

        Raises:
            AgentError: code ORIGIN_REFUSED; it is not, or there is none.
        """
        if origin not in self._origins:
            raise AgentError(AgentCode.ORIGIN_REFUSED, origin[:_MAX_SHOWN_CHARS] or "no origin")
        return origin

    def allow(self, address: str) -> str:
        """Allow the site at `address`, from now on; return its origin.

        Raises:
            ValueError: no address of a site, or one without TLS on another computer.
        """
        origin = origin_of(address)
        self._origins.add(origin)
        self._write()
        return origin

    def forget(self, address: str) -> None:
        """Allow the site at `address` no more."""
        self._origins.discard(origin_of(address))
        self._write()

    def _read(self) -> set[str]:
        if not self._path.exists():
            return set()
        try:
            said = json.loads(self._path.read_text(encoding="utf-8"))
            return {origin_of(each) for each in said["origins"]}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise SettingsFileError(
                f"{self._path}: không phải danh sách trang được phép; hãy xóa tệp rồi chạy lại"
                " với --allow / not a list of allowed sites; delete it and start with --allow"
            ) from error

    def _write(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._path.with_name(f".{_FILE}.{os.getpid()}")
        part.write_text(json.dumps({"origins": self.list_all()}, indent=1), encoding="utf-8")
        part.replace(self._path)


def origin_of(address: str) -> str:
    """Return the origin of a site's address, as browsers write it.

    Raises:
        ValueError: no address of a site, or one without TLS on another computer.

    Source: HTML standard, "ASCII serialization of an origin"; URL standard, clause 3.5.
    """
    try:
        parts = urlsplit(address)
        host, port = _host_of(parts.hostname or ""), parts.port
    except ValueError as error:
        raise ValueError(f"not the address of a site: {address!r}") from error
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    is_bare = parts.path in {"", "/"} and not (parts.query or parts.fragment or parts.username)
    if not host or not is_safe or not is_bare:
        raise ValueError(f"not the address of a site: {address!r}")
    is_usual = port in {None, 443 if parts.scheme == "https" else 80}
    return f"{parts.scheme}://{host}" + ("" if is_usual else f":{port}")


def _host_of(name: str) -> str:
    """Return a host as browsers send it: names in Punycode, addresses of IPv6 in brackets.

    Raises:
        ValueError: no host.
    """
    if ":" not in name:
        return name.encode("idna").decode("ascii").lower()
    if "%" in name:
        raise ValueError("browsers know no zones of IPv6")
    return f"[{ipaddress.IPv6Address(name).compressed}]"
