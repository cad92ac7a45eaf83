import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.errors import NotFoundError
from engine.model.document import Digest
from engine.ports import ObjectStore


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", bytes(range(256)) * 4096])
def test_add_names_the_content_by_its_sha256(object_store: ObjectStore, content: bytes) -> None:
    digest = object_store.add(content)
    assert digest == hashlib.sha256(content).hexdigest()
    assert object_store.read(digest) == content


def test_add_is_harmless_when_repeated(object_store: ObjectStore) -> None:
    assert object_store.add(b"same") == object_store.add(b"same")
    assert object_store.read(object_store.add(b"same")) == b"same"


def test_add_keeps_one_object_when_threads_add_the_same(object_store: ObjectStore) -> None:
    content = b"x" * 100_000
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(object_store.add, [content] * 64))
    assert [object_store.read(digest) for digest in digests] == [content]


@pytest.mark.parametrize("digest", ["0" * 64, "", "../../etc/passwd", "A" * 64, "0" * 63 + "/"])
def test_read_finds_nothing_when_there_is_no_such_object(
    object_store: ObjectStore, digest: str
) -> None:
    with pytest.raises(NotFoundError):
        object_store.read(Digest(digest))
