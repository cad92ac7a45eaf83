"""Sign a large file from disk to disk and say what it took; run in a process of its own.

Usage: python -m tests.benchmarks.sign_peers.large FOLDER MEGABYTES
"""

import json
import sys
import time
from pathlib import Path

from engine.model.keys import KeyType
from engine.ports_signing import SignatureField
from signing.keys.software import SoftwareKey
from signing.keys.store import KeyStore
from tests.benchmarks.sign_peers.materials import Materials
from tests.benchmarks.sign_peers.ours import a_signer, an_act
from tests.factories.large_pdf import write_large_pdf
from tests.factories.pki_world import PIN


def main() -> int:
    """Print seconds and mebibytes beyond what the process held before; needs Linux."""
    materials, megabytes = Materials(Path(sys.argv[1])), int(sys.argv[2])
    certificate = materials.issued(KeyType.P256)
    directory = materials.authority(KeyType.P256)
    signer = a_signer(directory, is_stamped=True)
    act = an_act(certificate)
    raw, placed, signed = (materials.folder / f"large-{n}.pdf" for n in range(3))
    write_large_pdf(raw, megabytes)
    with SoftwareKey(KeyStore(directory).load(certificate.id, PIN)) as key:
        signer.sign(materials.pdf.read_bytes(), act, key)
        before = _forget_peak()
        with raw.open("rb") as source, placed.open("w+b") as target:
            signer.place_file(source, target, SignatureField.MANIFEST, None)
        act = an_act(certificate, field=SignatureField.MANIFEST)
        started = time.perf_counter()
        with placed.open("rb") as source, signed.open("w+b") as target:
            assert signer.sign_file(source, target, act, key)
        seconds = time.perf_counter() - started
    sys.stdout.write(
        json.dumps(
            {
                "seconds": round(seconds, 2),
                "extra_rss_mb": round(_mebibytes("VmHWM") - before, 1),
                "file_mb": round(signed.stat().st_size / (1 << 20)),
            }
        )
    )
    return 0


def _forget_peak() -> float:
    """Begin a new peak, and return what this process holds now."""
    Path("/proc/self/clear_refs").write_text("5")  # proc(5)
    return _mebibytes("VmRSS")


def _mebibytes(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    (kibibytes,) = (line.split()[1] for line in lines if line.startswith(f"{name}:"))
    return int(kibibytes) / 1024


if __name__ == "__main__":
    sys.exit(main())
