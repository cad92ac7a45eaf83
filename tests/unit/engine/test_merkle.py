"""The tree over a list: its root, and the paths that prove an entry.

The vectors are those of RFC 6962's reference implementation.
"""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.merkle import inclusion_path, is_included, leaf_hash, merkle_root

ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LISTS = st.lists(st.binary(max_size=40), min_size=1, max_size=70)


@pytest.mark.parametrize("size", range(1, 9))
def test_merkle_root_is_the_known_one_when_entries_are_the_known_ones(size: int) -> None:
    assert merkle_root(ENTRIES[:size]).hex() == ROOTS[size - 1]


def test_merkle_root_is_the_hash_of_nothing_when_there_is_no_entry() -> None:
    assert merkle_root([]) == hashlib.sha256(b"").digest()


def test_leaf_is_no_node_when_it_holds_two_hashes() -> None:
    pair = leaf_hash(b"a") + leaf_hash(b"b")

    assert leaf_hash(pair) != merkle_root([b"a", b"b"])


@given(LISTS, st.data())
def test_path_proves_the_entry_when_it_is_on_the_list(
    entries: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    path = inclusion_path(entries, index)

    assert is_included(
        entries[index], index=index, size=len(entries), path=path, root=merkle_root(entries)
    )


@given(LISTS, st.data())
def test_path_proves_nothing_when_anything_is_changed(
    entries: list[bytes], data: st.DataObject
) -> None:
    size = len(entries)
    index = data.draw(st.integers(0, size - 1))
    path, root = inclusion_path(entries, index), merkle_root(entries)

    assert not is_included(entries[index] + b"x", index=index, size=size, path=path, root=root)
    assert not is_included(entries[index], index=index, size=size, path=(*path, root), root=root)
    assert not is_included(entries[index], index=size, size=size, path=path, root=root)
    assert not is_included(entries[index], index=-1, size=size, path=path, root=root)
    assert not is_included(entries[index], index=index, size=size, path=path, root=bytes(32))
    if path:
        assert not is_included(entries[index], index=index, size=size, path=path[1:], root=root)


@pytest.mark.parametrize("index", [-1, 2])
def test_path_is_refused_when_there_is_no_such_entry(index: int) -> None:
    with pytest.raises(IndexError):
        inclusion_path([b"a", b"b"], index)
