"""Run SoftHSM with tokens of one test, and take tokens away as a person would."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.model.keys import KeyHome, KeyType
from engine.ports_keys import MadeKey
from signing.keys.maker import HouseKeyMaker
from signing.keys.store import KeyStore
from signing.keys.token import TokenModule

TOKEN = "Sở Nội vụ"  # noqa: S105 a label
TOKEN_PIN = "864209"  # noqa: S105 of the tests' own token
SECURITY_OFFICER_PIN = "11223344"
#: Where distributions put the module.
MODULE_PATHS = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)


@dataclass(frozen=True)
class SoftHsm:
    """Hold the tokens of one test; SOFTHSM2_CONF points here while the test runs."""

    directory: Path
    module_path: Path

    @property
    def module(self) -> TokenModule:
        return TokenModule(path=self.module_path, audit_path=self.directory / "tokens.jsonl")

    def audit_text(self) -> str:
        path = self.module.audit_path
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def init_token(self, label: str = TOKEN, pin: str = TOKEN_PIN) -> None:
        subprocess.run(  # noqa: S603 our own words
            [
                shutil.which("softhsm2-util") or "softhsm2-util",
                "--init-token",
                "--free",
                "--label",
                label,
                "--pin",
                pin,
                "--so-pin",
                SECURITY_OFFICER_PIN,
                "--module",
                str(self.module_path),
            ],
            check=True,
            capture_output=True,
            timeout=30,
        )

    def make_key(self, key_type: KeyType, label: str = "khóa ký", token: str = TOKEN) -> MadeKey:
        """Make a key on a token whose PIN is the usual one."""
        maker = HouseKeyMaker(KeyStore(self.directory / "none"), self.module, token=token)
        return maker.make(KeyHome.TOKEN, key_type, name=label, pin=TOKEN_PIN)

    def remove(self) -> None:
        """Pull every token out."""
        (self.directory / "tokens").rename(self.directory / "pulled")
        (self.directory / "tokens").mkdir()

    def put_back(self) -> None:
        (self.directory / "tokens").rmdir()
        (self.directory / "pulled").rename(self.directory / "tokens")


def find_module() -> Path:
    """Return the module; skip the test without it, or fail when REQUIRE_BACKENDS=1."""
    found = [Path(path) for path in (os.environ.get("SOFTHSM2_MODULE", ""), *MODULE_PATHS)]
    module = next((path for path in found if path.is_file()), None)
    if module is not None and shutil.which("softhsm2-util"):
        return module
    message = "no SoftHSM: ./run test installs it with apt when it may"
    if os.environ.get("REQUIRE_BACKENDS") == "1":
        pytest.fail(message)
    pytest.skip(message)


def a_softhsm(directory: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    """Return SoftHSM with one token; undone with `monkeypatch`."""
    softhsm = _configured(directory, monkeypatch)
    softhsm.init_token()
    return softhsm


def a_copy(original: SoftHsm, directory: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    """Return SoftHSM with copies of another's tokens and keys."""
    softhsm = _configured(directory, monkeypatch)
    shutil.copytree(original.directory / "tokens", directory / "tokens", dirs_exist_ok=True)
    return softhsm


def _configured(directory: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    module_path = find_module()
    (directory / "tokens").mkdir(parents=True)
    configuration = directory / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {directory / 'tokens'}\n"
        "objectstore.backend = file\n"
        "log.level = ERROR\n"
        "slots.removable = true\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("SOFTHSM2_CONF", str(configuration))
    return SoftHsm(directory=directory, module_path=module_path)
