from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from engine.errors import ErrorCode, StorageError
from storage.append_only import names, statements
from storage.database import Database
from storage.engines import database_url, writing_engine
from storage.schema import check, downgrade, upgrade
from storage.search_index import FTS_TABLE
from storage.tables import metadata


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    return writing_engine(database_url(tmp_path / "empty.db"))


def test_upgrade_creates_every_table_when_the_file_is_empty(engine: sa.Engine) -> None:
    upgrade(engine)
    check(engine)
    assert set(metadata.tables) < set(sa.inspect(engine).get_table_names())
    engine.dispose()


def test_upgrade_changes_nothing_when_it_is_repeated(database: Database) -> None:
    upgrade(database.writing)
    with database.start_reading() as work:
        assert not work.organisation.is_empty()


def test_autogenerate_finds_nothing_when_the_schema_is_present(engine: sa.Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: kind != "table" or name in metadata.tables,
            },
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_downgrade_leaves_no_table_of_ours(database: Database) -> None:
    downgrade(database.writing)
    left = set(sa.inspect(database.writing).get_table_names())
    assert not left & set(metadata.tables)
    assert not any(name.startswith(FTS_TABLE) for name in left)
    upgrade(database.writing)
    check(database.writing)


def test_check_refuses_a_database_that_was_never_installed(engine: sa.Engine) -> None:
    with pytest.raises(StorageError) as caught:
        check(engine)
    assert caught.value.code is ErrorCode.INSTALLATION_MISSING
    engine.dispose()


@pytest.mark.parametrize("trigger", sorted(names()))
def test_check_finds_a_trigger_that_was_dropped(database: Database, trigger: str) -> None:
    with database.writing.begin() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
    with pytest.raises(StorageError, match=trigger):
        check(database.writing)


def test_triggers_are_refused_for_a_database_nobody_wrote_them_for() -> None:
    with pytest.raises(StorageError):
        statements("oracle")
