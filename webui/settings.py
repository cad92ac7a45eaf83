"""Read the settings of an installation: where it keeps things and where it answers."""

import os
from dataclasses import dataclass
from pathlib import Path

from engine.ports_signing import KeyType

DEFAULT_PORT = 8021


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Hold the settings; every one has a safe default.

    Args:
        data_dir: database, originals, keys and secrets of the installation.
        port: answers on 127.0.0.1 only.
        name: of the organisation, written into the authority's certificates.
        job_executor: name of this process among the workers; its own work is resumed under it.
    """

    data_dir: Path
    port: int = DEFAULT_PORT
    key_type: KeyType = KeyType.P256
    name: str = "Thành phố Cần Thơ"
    job_executor: str = "trinhky-0"

    @property
    def database_path(self) -> Path:
        """Return where the rows are."""
        return self.data_dir / "trinhky.db"

    @property
    def originals_dir(self) -> Path:
        """Return where the originals are."""
        return self.data_dir / "originals"

    @property
    def pki_dir(self) -> Path:
        """Return where certificates and software keys are."""
        return self.data_dir / "pki"

    @property
    def secret_path(self) -> Path:
        """Return the file with the secret that signs cookies."""
        return self.data_dir / "web-secret"

    @property
    def marker_path(self) -> Path:
        """Return the file written when the installation was complete."""
        return self.data_dir / "installed.json"

    @property
    def unfinished_path(self) -> Path:
        """Return the file that stands while an installation is being made."""
        return self.data_dir / "installing"

    def calendar_paths(self) -> list[Path]:
        """Return the installation's own tables of days off, if it has any."""
        own = self.data_dir / "calendar.csv"
        return [own] if own.exists() else []

    def is_installed(self) -> bool:
        """Tell whether a finished installation lives here."""
        return self.marker_path.exists()


def default_data_dir() -> Path:
    """Return `TRINHKY_DATA`, else `var` in the working directory."""
    return Path(os.environ.get("TRINHKY_DATA") or "var")
