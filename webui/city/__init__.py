"""Carry the city's tables: the 32 agencies, and the invented people of the demo."""

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

TABLES = ("agencies", "units", "people", "posts", "fields", "authority")


def read_tables(*folders: Path) -> Mapping[str, bytes]:
    """Return the tables found in the folders, by name; a later folder wins."""
    return _read(*folders)


def shipped_tables(*, people: bool) -> Mapping[str, bytes]:
    """Return the shipped tables of Cần Thơ city.

    Args:
        people: add the invented people, posts and authority of the demo.
    """
    here = files("webui.city")
    folders = [here / "can_tho"] + ([here / "can_tho_demo"] if people else [])
    return _read(*folders)


def _read(*folders: Traversable | Path) -> Mapping[str, bytes]:
    found: dict[str, bytes] = {}
    for folder in folders:
        for name in TABLES:
            table = folder / f"{name}.csv"
            if table.is_file():
                found[name] = table.read_bytes()
    return found
