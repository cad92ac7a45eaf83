"""Open each key where it lives."""

from collections.abc import Mapping

from engine.errors import SignerUnavailableError
from engine.model.keys import KeyHome
from engine.ports_keys import OpenKey, SigningKeys
from engine.ports_signing import IssuedCertificate


class HouseKeys:
    """Adapter of `SigningKeys` on every home that the installation knows.

    Args:
        homes: who opens the keys of each home.
    """

    def __init__(self, homes: Mapping[KeyHome, SigningKeys]) -> None:
        self._homes = dict(homes)

    def open(self, certificate: IssuedCertificate, pin: str) -> OpenKey:
        """Return the key behind `certificate`, opened with `pin` in its home.

        Raises:
            PinRejectedError: wrong PIN.
            SignerUnavailableError: the key cannot be reached, or nobody here opens such keys.
            SigningError: the key found is not the certificate's.
        """
        return self._home_of(certificate).open(certificate, pin)

    def check_signs_many(self, certificate: IssuedCertificate) -> None:
        """Ask the key's home; see `SigningKeys`."""
        self._home_of(certificate).check_signs_many(certificate)

    def _home_of(self, certificate: IssuedCertificate) -> SigningKeys:
        keys = self._homes.get(certificate.key_home)
        if keys is None:
            raise SignerUnavailableError(f"no keys are opened in {certificate.key_home}")
        return keys
