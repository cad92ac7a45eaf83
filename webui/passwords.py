"""Hash passwords with argon2id."""

from argon2 import PasswordHasher as Argon2
from argon2.exceptions import InvalidHashError, VerificationError


class Argon2PasswordHasher:
    """Adapter of `PasswordHasher` with the parameters of RFC 9106, second choice."""

    def __init__(self) -> None:
        self._argon2 = Argon2()
        # What is compared when nobody has the name: the time must not tell the two cases apart.
        self._nobody = self._argon2.hash("nobody")

    def hash(self, password: str) -> str:
        """Return a salted hash that names its own parameters."""
        return self._argon2.hash(password)

    def matches(self, password_hash: str, password: str) -> bool:
        """Tell whether the password is right; takes as long when there is no hash."""
        try:
            self._argon2.verify(password_hash or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return bool(password_hash)
