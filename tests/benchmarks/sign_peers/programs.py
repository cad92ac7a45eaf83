"""Sign with programs, one process a signature: openssl as the floor, and pyHanko's own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.sign_peers.worker import Act, Meter

#: `./run bench sign` installs the command line here.
PYHANKO = Path(__file__).parent / ".venv" / "bin" / "pyhanko"


@contextmanager
def contestant(name: str, folder: Path) -> Iterator[tuple[Act, Meter]]:
    """Yield the act of `openssl_cms` or `pyhanko_cli`; both sign with P-256."""
    words = _openssl(folder) if name == "openssl_cms" else _pyhanko(folder)

    def act() -> None:
        subprocess.run(  # noqa: S603 fixed programs on our own files
            words, check=True, capture_output=True, cwd=folder, env={**os.environ, "LC_ALL": "C"}
        )

    yield act, lambda: 0


def _openssl(folder: Path) -> list[str]:
    program = shutil.which("openssl")
    if program is None:
        raise SystemExit("bench sign: openssl is needed")
    return [
        program, "cms", "-sign", "-cades", "-binary", "-md", "sha256", "-outform", "DER",
        "-in", str(folder / "letter.pdf"), "-out", str(folder / "openssl.p7s"),
        "-signer", str(folder / "p256.crt.pem"), "-inkey", str(folder / "p256.key.pem"),
        "-certfile", str(folder / "p256.issuing.pem"),
    ]  # fmt: skip


def _pyhanko(folder: Path) -> list[str]:
    if not PYHANKO.exists():
        raise SystemExit("bench sign: ./run bench sign installs pyhanko-cli first")
    return [
        str(PYHANKO), "sign", "addsig", "--field", "lanh_dao", "--existing-only", "--certify",
        "--use-pades", "pemder", "--no-pass", "--key", str(folder / "p256.key.pem"),
        "--cert", str(folder / "p256.crt.pem"), "--chain", str(folder / "p256.issuing.pem"),
        str(folder / "letter.pdf"), str(folder / "pyhanko.pdf"),
    ]  # fmt: skip
