"""Give templates the address of each static file, by a name that never changes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ErrorCode, TrinhKyError
from webui.assets.plan import STATIC

MANIFEST_FILE = "vendor/manifest.json"
_ADVICE = "run `./run setup` in a source tree, or install a wheel built after it"


@dataclass(frozen=True, kw_only=True)
class AssetManifest:
    """Map logical names (`tabler.css`, `js/pdf.mjs`) to files whose names hold their digest.

    Args:
        files: logical name to path below `static`.
        static: folder served at `prefix`.
        prefix: address of that folder, with a slash at both ends.
    """

    files: Mapping[str, str]
    static: Path = STATIC
    prefix: str = "/static/"

    @classmethod
    def load(cls, static: Path = STATIC, prefix: str = "/static/") -> "AssetManifest":
        """Read the manifest that set-up wrote and check that each file is there.

        Raises:
            TrinhKyError: ASSETS_MISSING, with what to do; set-up has not run or was cut short.
        """
        source = static / MANIFEST_FILE
        if not source.is_file():
            raise TrinhKyError(f"{source} is absent: {_ADVICE}", code=ErrorCode.ASSETS_MISSING)
        files: dict[str, str] = json.loads(source.read_text(encoding="utf-8"))
        absent = [name for name, path in files.items() if not (static / path).exists()]
        if absent:
            raise TrinhKyError(
                f"{', '.join(sorted(absent))} absent below {static}: {_ADVICE}",
                code=ErrorCode.ASSETS_MISSING,
            )
        return cls(files=files, static=static, prefix=prefix)

    def url(self, name: str) -> str:
        """Return the address of the file called `name`; it may be cached for ever.

        Raises:
            TrinhKyError: ASSETS_MISSING; no such name is listed.
        """
        return self.prefix + self._path(name)

    def file(self, name: str) -> Path:
        """Return where the file called `name` lies.

        Raises:
            TrinhKyError: ASSETS_MISSING; no such name is listed.
        """
        return self.static / self._path(name)

    @property
    def version(self) -> str:
        """Return a short digest that changes with any file; for ETags of pages."""
        return hashlib.sha256("\n".join(sorted(self.files.values())).encode()).hexdigest()[:12]

    def _path(self, name: str) -> str:
        path = self.files.get(name)
        if path is None:
            raise TrinhKyError(
                f"no asset is called {name!r}: name it in webui/assets/plan.py and {_ADVICE}",
                code=ErrorCode.ASSETS_MISSING,
            )
        return path
