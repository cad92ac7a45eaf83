import os
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

import storage.unit_of_work
from engine.errors import ErrorCode, StorageError, StoreUnavailableError
from engine.model.document import DocumentId
from engine.model.organisation import AgencyId
from storage.database import Database
from storage.engines import database_url, writing_engine
from tests.integration.storage.town import (
    HOME_AFFAIRS,
    a_document,
    found_town,
    make_processes,
    open_database,
)


def test_rows_are_durable_and_checked(database: Database) -> None:
    with database.writing.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_only_the_owner_may_read_the_files_whatever_the_mask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        database = open_database(tmp_path / "new.db")
        with database.start_work() as work:
            found_town(work)
            work.commit()
    finally:
        os.umask(before)
    assert modes_in(tmp_path) == {"new.db": 0o600, "new.db-wal": 0o600, "new.db-shm": 0o600}
    for path in tmp_path.iterdir():
        path.chmod(0o644)
    again = Database(tmp_path / "new.db", make_processes)
    assert set(modes_in(tmp_path).values()) == {0o600}
    again.close()
    database.close()


def test_store_is_unavailable_when_the_folder_is_missing(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError):
        Database(tmp_path / "missing" / "rows.db", make_processes)


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


def test_start_reading_sees_one_state_while_others_write(database: Database) -> None:
    with database.start_reading() as reader:
        assert reader.queries.find_document("d1") is None
        with database.start_work() as work:
            work.documents.add(a_document())
            work.commit()
        assert reader.queries.find_document("d1") is None
    with database.start_reading() as reader:
        assert reader.queries.find_document("d1") == "d1"


def test_start_reading_refuses_to_write(database: Database) -> None:
    with pytest.raises(StoreUnavailableError), database.start_reading() as work:
        work.documents.add(a_document())


def test_errors_name_a_missing_row_that_is_referred_to(database: Database) -> None:
    with pytest.raises(StorageError, match="FOREIGN KEY"), database.start_work() as work:
        work.documents.add(a_document(recipients=(AgencyId("nowhere"),)))


def test_commit_refuses_a_parent_that_never_came(database: Database) -> None:
    with database.start_work() as work:
        work._connection.exec_driver_sql(
            "UPDATE agency SET parent_id = 'nowhere' WHERE id = ?", (HOME_AFFAIRS,)
        )
        with pytest.raises(StorageError, match="FOREIGN KEY"):
            work.commit()


def test_store_is_unavailable_when_the_file_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "rows.db"
    path.write_bytes(b"not a database" * 100)
    database = Database(path, make_processes)
    with pytest.raises(StoreUnavailableError) as caught, database.start_work():
        pass
    assert caught.value.code is ErrorCode.STORE_UNAVAILABLE
    database.close()


def test_store_is_busy_when_another_process_holds_the_lock(database: Database) -> None:
    other = writing_engine(database_url(Path(database.url.database or "")))
    with database.writing.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    with other.begin(), pytest.raises(StoreUnavailableError) as caught, database.start_work():
        pass
    assert caught.value.code is ErrorCode.STORE_BUSY
    other.dispose()
    with database.start_work() as work:  # the turn was given back
        work.commit()


def test_store_is_busy_when_another_thread_never_ends(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.unit_of_work, "BUSY_TIMEOUT_SECONDS", 0.05)
    with (
        database.start_work(),
        pytest.raises(StoreUnavailableError) as caught,
        database.start_work(),
    ):
        pass
    assert caught.value.code is ErrorCode.STORE_BUSY


def test_threads_write_one_after_another(database: Database) -> None:
    def write(name: str) -> None:
        with database.start_work() as work:
            work.documents.add(a_document(name))
            time.sleep(0.005)
            work.commit()

    threads = [threading.Thread(target=write, args=(f"d{n}",)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.start_reading() as work:
        assert len(work.queries.list_documents(frozenset({HOME_AFFAIRS})).rows) == 16


def test_times_without_a_zone_are_refused(database: Database) -> None:
    document = a_document()
    document.created_at = document.created_at.replace(tzinfo=None)
    with pytest.raises(StorageError), database.start_work() as work:
        work.documents.add(document)


def test_connections_go_back_to_the_pool(database: Database) -> None:
    for number in range(50):
        with database.start_reading() as work:
            assert work.queries.find_document(DocumentId(str(number))) is None
    pool = database.reading.pool
    assert isinstance(pool, sa.QueuePool)
    assert pool.checkedout() == 0
