"""Give a house's time-stamp authority its next certificate before it is due."""

from pathlib import Path

from engine.clock import Clock
from signing.authority import LocalCertificateAuthority


def renew_tsa(pki_dir: Path, clock: Clock) -> None:
    """Replace key and certificate of the time-stamp authority in `pki_dir`."""
    LocalCertificateAuthority(pki_dir, clock).renew_tsa(clock.now())
