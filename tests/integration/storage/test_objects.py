import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.errors import DigestMismatchError, NotFoundError, StoreUnavailableError
from engine.model.document import Digest
from storage.objects import STALE_SECONDS, LocalObjectStore

WRITER = """
import os, sys
from pathlib import Path
from storage.objects import LocalObjectStore
store = LocalObjectStore(Path(sys.argv[1]))
while True:
    sys.stdout.write(store.add(os.urandom(50_000)) + "\\n")
    sys.stdout.flush()
"""


def files_of(root: Path) -> list[Path]:
    return [path for path in (root / "sha256").rglob("*") if path.is_file()]


def test_add_keeps_objects_read_only(tmp_path: Path) -> None:
    LocalObjectStore(tmp_path).add(b"original")
    (kept,) = files_of(tmp_path)
    assert kept.stat().st_mode & 0o777 == 0o440
    assert kept.stat().st_nlink == 1
    assert not list((tmp_path / "incoming").iterdir())


def modes_of(*paths: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in paths}


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_only_the_owner_may_enter_the_folders_whatever_the_mask(tmp_path: Path, mask: int) -> None:
    root = tmp_path / "originals"
    before = os.umask(mask)
    try:
        LocalObjectStore(root).add(b"original")
    finally:
        os.umask(before)
    folders = [root, *(path for path in root.rglob("*") if path.is_dir())]
    assert len(folders) == 5
    assert modes_of(*folders) == {0o700}
    root.chmod(0o755)
    LocalObjectStore(root)
    assert modes_of(root) == {0o700}


def test_read_refuses_an_object_when_a_byte_was_flipped(tmp_path: Path) -> None:
    store = LocalObjectStore(tmp_path)
    digest = store.add(b"original")
    (kept,) = files_of(tmp_path)
    kept.chmod(0o640)
    kept.write_bytes(b"Original")
    with pytest.raises(DigestMismatchError):
        store.read(digest)
    with pytest.raises(DigestMismatchError):
        store.add(b"original")


def test_every_acknowledged_object_survives_when_the_writer_is_killed(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for _ in range(5):
        writer = subprocess.Popen(  # noqa: S603 our own program
            [sys.executable, "-c", WRITER, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        acknowledged += [writer.stdout.readline().strip() for _ in range(20)]
        writer.send_signal(signal.SIGKILL)
        rest = writer.communicate()[0].split("\n")
        acknowledged += rest[:-1]
    store = LocalObjectStore(tmp_path)
    for digest in acknowledged:
        assert len(store.read(Digest(digest))) == 50_000
    # What was linked but never acknowledged is whole as well.
    for kept in files_of(tmp_path):
        store.read(Digest(kept.name))


def test_opening_removes_what_a_dead_writer_left(tmp_path: Path) -> None:
    LocalObjectStore(tmp_path)
    stale, fresh = tmp_path / "incoming" / "stale", tmp_path / "incoming" / "fresh"
    for path in (stale, fresh):
        path.write_bytes(b"half")
    long_ago = time.time() - STALE_SECONDS - 1
    os.utime(stale, (long_ago, long_ago))
    LocalObjectStore(tmp_path)
    assert (stale.exists(), fresh.exists()) == (False, True)


def test_store_is_unavailable_when_its_folder_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "sha256").write_bytes(b"")
    with pytest.raises(StoreUnavailableError):
        LocalObjectStore(tmp_path)


def test_store_is_unavailable_when_its_folder_is_gone(tmp_path: Path) -> None:
    store = LocalObjectStore(tmp_path)
    (tmp_path / "incoming").rmdir()
    with pytest.raises(StoreUnavailableError):
        store.add(b"x")
    with pytest.raises(NotFoundError):
        store.read(Digest("0" * 64))
