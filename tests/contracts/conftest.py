import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.ports import ObjectStore, StartWork
from storage.database import Database
from storage.objects import LocalObjectStore
from tests.integration.storage.town import make_processes, make_template


@pytest.fixture
def object_store(tmp_path: Path) -> ObjectStore:
    return LocalObjectStore(tmp_path / "objects")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template") / "town.db")


@pytest.fixture
def start_work(template: Path, tmp_path: Path) -> Iterator[StartWork]:
    """Give the units of work of a store that holds the town."""
    database = Database(Path(shutil.copy(template, tmp_path / "rows.db")), make_processes)
    yield database.start_work
    database.close()
