"""Hash a list into one root, and prove that an entry is in it.

A manifest shows the root of what was signed in one ceremony: who holds one document and its path
can show that it was on the list without showing the rest.

Source: RFC 6962, section 2.1 (tree) and 2.1.1 (paths); RFC 9162, section 2.1.3.2 (check).
"""

import hashlib
from collections.abc import Sequence

_LEAF = b"\x00"
_NODE = b"\x01"


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry; no node can be passed off as a leaf."""
    return hashlib.sha256(_LEAF + entry).digest()


def merkle_root(entries: Sequence[bytes]) -> bytes:
    """Return the root over `entries` in their order, 32 bytes; of no entry the hash of nothing."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return leaf_hash(entries[0])
    middle = _split(len(entries))
    return _node(merkle_root(entries[:middle]), merkle_root(entries[middle:]))


def inclusion_path(entries: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the hashes that lead from the entry at `index` to the root, lowest first.

    Raises:
        IndexError: there is no such entry.
    """
    if not 0 <= index < len(entries):
        raise IndexError(index)
    if len(entries) == 1:
        return ()
    middle = _split(len(entries))
    if index < middle:
        return (*inclusion_path(entries[:middle], index), merkle_root(entries[middle:]))
    return (*inclusion_path(entries[middle:], index - middle), merkle_root(entries[:middle]))


def is_included(
    entry: bytes, *, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether `path` proves that `entry` stands at `index` of the `size` under `root`."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf_hash(entry)
    for sibling in path:
        if last == 0:
            return False
        if place % 2 == 1 or place == last:
            found = _node(sibling, found)
            # A last node without a sibling rises as it is.
            while place % 2 == 0 and place != 0:
                place, last = place // 2, last // 2
        else:
            found = _node(found, sibling)
        place, last = place // 2, last // 2
    return last == 0 and found == root


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
