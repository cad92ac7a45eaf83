"""Read the settings of an installation: where it keeps things and where it answers."""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from engine.model.keys import KeyType
from engine.model.organisation import AgencyId
from engine.model.preservation import PreservationPlan
from webui.archive_settings import read_grace, read_plan
from webui.mail_settings import MailServer, read_notice_days, read_server
from webui.report_settings import read_city_agencies

DEFAULT_PORT = 8021
#: Where `trinhky agent` answers on an official's own computer.
AGENT_PORT = 8987


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Hold the settings; every one has a safe default.

    Args:
        data_dir: database, originals, keys and secrets of the installation.
        port: answers on 127.0.0.1 only.
        name: of the organisation, written into the authority's certificates.
        agent_port: of the agent at the officials' own computers.
        job_executor: name of this process among the workers; its own work is resumed under it.
        pkcs11_module: library of the tokens' maker; None where the server has no tokens.
        pkcs11_token: label of the token that new keys are made on.
        public_url: address under which others reach `/pki/`; "" names none in certificates.
        tsa_url: time-stamp authority that is asked; "" is the installation's own.
        pki_hosts: hosts whose lists and answers may be fetched, `host` or `host:port`.
        csc_url: remote signing service, up to and without `/csc/v1`; "" is none.
        csc_token_file: holds the bearer token for it.
        city_agencies: agencies whose leaders watch the whole city.
        timestamp_grace: how long a signature may wait for its time-stamp.
        preservation: when originals are archived and archive time-stamps renewed.
        mail_server: where notices go out by mail; None sends none.
        notice_life: how long notices are kept.
    """

    data_dir: Path
    port: int = DEFAULT_PORT
    key_type: KeyType = KeyType.P256
    name: str = "Thành phố Cần Thơ"
    job_executor: str = "trinhky-0"
    pkcs11_module: Path | None = field(default_factory=lambda: _path("TRINHKY_PKCS11_MODULE"))
    pkcs11_token: str = field(default_factory=lambda: os.environ.get("TRINHKY_PKCS11_TOKEN", ""))
    csc_url: str = field(default_factory=lambda: os.environ.get("TRINHKY_CSC_URL", ""))
    csc_token_file: Path | None = field(default_factory=lambda: _path("TRINHKY_CSC_TOKEN_FILE"))
    agent_port: int = AGENT_PORT
    public_url: str = field(default_factory=lambda: os.environ.get("TRINHKY_PUBLIC_URL", ""))
    tsa_url: str = field(default_factory=lambda: os.environ.get("TRINHKY_TSA_URL", ""))
    pki_hosts: frozenset[str] = field(default_factory=lambda: _words("TRINHKY_PKI_HOSTS"))
    city_agencies: frozenset[AgencyId] = field(default_factory=read_city_agencies)
    timestamp_grace: timedelta = field(default_factory=read_grace)
    preservation: PreservationPlan = field(default_factory=read_plan)
    mail_server: MailServer | None = field(default_factory=read_server)
    notice_life: timedelta = field(default_factory=read_notice_days)

    @property
    def pages_url(self) -> str:
        """Return under which address people open the pages, without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://127.0.0.1:{self.port}"

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
    def token_audit_path(self) -> Path:
        """Return the file of the lines that the tokens' processes write."""
        return self.data_dir / "tokens.jsonl"

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


def _path(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None


def _words(name: str) -> frozenset[str]:
    return frozenset(os.environ.get(name, "").lower().split())
