"""Keep originals in a folder, each named by its SHA-256.

The store is tamper-evident, not write-once: whoever owns the folder can delete from it, and every
change of a byte is found when it is read.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.errors import DigestMismatchError, NotFoundError, StoreUnavailableError
from engine.model.document import Digest

#: A temporary file this old was left by a process that died.
STALE_SECONDS = 3600
_READ_ONLY = 0o440
_PRIVATE_FOLDER = 0o700
_HEX = frozenset("0123456789abcdef")


class LocalObjectStore:
    """Keep objects as read-only files under `root/sha256/ab/cd/`, for the owner only.

    Args:
        root: folder of the store; made when it is missing.
    """

    def __init__(self, root: Path) -> None:
        self._objects = root / "sha256"
        self._incoming = root / "incoming"
        with _translated():
            root.mkdir(parents=True, exist_ok=True)
            for folder in (root, self._objects, self._incoming):
                _make_private(folder)
            self._remove_stale()

    def add(self, content: bytes) -> Digest:
        """Store `content` durably and return its digest; storing it again is harmless.

        Raises:
            StoreUnavailableError: nothing was acknowledged.
            DigestMismatchError: the same object is there, but its bytes were changed.
        """
        digest = Digest(hashlib.sha256(content).hexdigest())
        final = self._path(digest)
        with _translated():
            if final.exists():
                # What is there is not trusted blindly: a spoilt copy must not pass for this one.
                self.read(digest)
            else:
                # (1) The whole content is on the disk before it has its name.
                temporary = self._write(content)
                try:
                    # (2) A link appears whole or not at all and never replaces a file.
                    self._make_folder(final.parent)
                    with suppress(FileExistsError):
                        final.hardlink_to(temporary)
                finally:
                    temporary.unlink(missing_ok=True)
            # (3) The name is on the disk too; also when another process has just made it.
            _sync(final.parent)
        return digest

    def read(self, digest: Digest) -> bytes:
        """Return the content, hashed again on the way out.

        Raises:
            NotFoundError: no such object.
            DigestMismatchError: the stored bytes were changed.
        """
        with _translated():
            try:
                content = self._path(digest).read_bytes()
            except FileNotFoundError as error:
                raise NotFoundError(f"no object {digest}") from error
        found = hashlib.sha256(content).hexdigest()
        if found != digest:
            raise DigestMismatchError(f"object {digest} has the content of {found}")
        return content

    def _path(self, digest: Digest) -> Path:
        if len(digest) != 64 or not _HEX.issuperset(digest):
            raise NotFoundError("not a digest")
        return self._objects / digest[:2] / digest[2:4] / digest

    def _write(self, content: bytes) -> Path:
        descriptor, name = tempfile.mkstemp(dir=self._incoming)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), _READ_ONLY)
                os.fsync(file.fileno())
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return Path(name)

    def _make_folder(self, folder: Path) -> None:
        if not folder.exists():
            for made in (folder.parent, folder):
                _make_private(made)
            _sync(folder.parent)
            _sync(self._objects)

    def _remove_stale(self) -> None:
        oldest = time.time() - STALE_SECONDS
        for left in self._incoming.iterdir():
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < oldest:
                    left.unlink()


def _make_private(folder: Path) -> None:
    """Make a folder only its owner can enter, whatever the process's mask and its mode so far."""
    folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    if folder.stat().st_mode & 0o777 != _PRIVATE_FOLDER:
        folder.chmod(_PRIVATE_FOLDER)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _translated() -> Iterator[None]:
    """Raise the house's error for what the file system refuses."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailableError(f"object store: {error.strerror}") from error
