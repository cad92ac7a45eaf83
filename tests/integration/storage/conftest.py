import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.integration.storage.town import make_processes, make_template


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template") / "town.db")


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "rows.db"))


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = Database(path, make_processes)
    yield opened
    opened.close()
