"""Give every element an id we accept, the same wherever it is referred to."""

import re
from collections.abc import Iterable

from engine.model.organisation import Role
from engine.process.importing.report import ChangeKind, Report
from engine.process.nodes import SYSTEM_LANE
from engine.text import fold

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}", re.ASCII)
_NOT_ID = re.compile(r"[^A-Za-z0-9_-]+", re.ASCII)
_RESERVED = frozenset({"Start", "End", "Root"})
_MAX_CHARS = 63

#: Ids that only a lane may have.
ROLE_LANES = frozenset(role.value for role in Role) | {SYSTEM_LANE}


class Names:
    """Know the ids of the result, and what became of the ids of the file."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._taken: set[str] = set()
        self._new: dict[str, str] = {}
        self._last: dict[str, int] = {}  # number given last, by what stands before it

    def reserve(self, ids: Iterable[str]) -> None:
        """Keep ids that others have."""
        self._taken.update(ids)

    def take(self, old: str, kind: str) -> str:
        """Return the id of an element that has `old`, or none; report when it is another."""
        mine = self._is_free(old) and (kind == "lane" or old not in ROLE_LANES)
        if old and old not in self._new and mine:
            self._taken.add(old)
            self._new[old] = old
            return old
        new = self.fresh(_legal(old) or f"{kind}_1")
        if old:
            self._new.setdefault(old, new)
            self._report.add(ChangeKind.RENAMED_ID, new, old=old)
        else:
            self._report.add(ChangeKind.GAVE_ID, new, element=kind)
        return new

    def find(self, reference: str) -> str:
        """Return the id that a reference of the file means now; "" when it means nothing."""
        reference = reference.strip()
        found = self._new.get(reference)
        if found is None and ":" in reference:
            # Some references are qualified names.
            found = self._new.get(reference.rpartition(":")[2])
        return found or ""

    def fresh(self, wish: str) -> str:
        """Return an id nobody has, as near to `wish` as can be."""
        wish = _legal(wish) or "element"
        stem = re.sub(r"_\d+$", "", wish) or wish
        number = self._last.get(stem, 0 if stem != wish else 1)
        candidate = wish
        while not self._is_free(candidate) or candidate in ROLE_LANES:
            number += 1
            suffix = f"_{number}"
            candidate = stem[: _MAX_CHARS - len(suffix)] + suffix
        self._last[stem] = number
        self._taken.add(candidate)
        return candidate

    def keep_or_fresh(self, old: str, wish: str) -> str:
        """Return `old` if it may stand, else a new id; for what only the drawing refers to."""
        return self.fresh(old if self._is_free(old) else wish)

    def _is_free(self, wish: str) -> bool:
        legal = _ID.fullmatch(wish) is not None and wish not in _RESERVED
        return legal and wish not in self._taken


def _legal(old: str) -> str:
    """Return `old` with what is not allowed in an id replaced; "" when nothing is left."""
    bare = old if old.isascii() else fold(old)
    bare = _NOT_ID.sub("_", bare).strip("_" if not old.startswith("_") else "")
    if not bare.strip("_"):
        return ""
    if not re.match(r"[A-Za-z_]", bare) or bare in _RESERVED:
        bare = f"n_{bare}"
    return bare[:_MAX_CHARS]
