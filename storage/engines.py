"""Make the engines: one that writes, one that only reads.

SQLite has one writer. Its driver would begin a transaction late and fail when two want to write,
so it is told not to begin anything; a writing transaction takes the lock at its start.
"""

import os
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import event

from engine.errors import StoreUnavailableError

BUSY_TIMEOUT_SECONDS = 30
_PRIVATE = 0o600


def database_url(location: Path | str) -> sa.URL:
    """Return the URL of `location`: a path of an SQLite file, or a URL."""
    if isinstance(location, Path):
        return sa.URL.create("sqlite", database=str(location))
    return sa.make_url(location)


def writing_engine(url: sa.URL) -> sa.Engine:
    """Return an engine whose transactions may write, durable at commit."""
    engine = _engine(url)
    if url.get_backend_name() == "sqlite":
        _make_private(url)
        _set_pragmas(engine, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
        _begin_with(engine, "BEGIN IMMEDIATE")
    return engine


def reading_engine(url: sa.URL) -> sa.Engine:
    """Return an engine whose transactions see one state and cannot write."""
    engine = _engine(url)
    if url.get_backend_name() == "sqlite":
        _set_pragmas(engine, "query_only=ON")
        _begin_with(engine, "BEGIN")
    return engine


def _make_private(url: sa.URL) -> None:
    """Let only the owner read the file and its log; SQLite gives a new log the file's mode.

    Raises:
        StoreUnavailableError: the file belongs to somebody else, or its folder is missing.
    """
    if not url.database or url.database == ":memory:":
        return
    try:
        os.close(os.open(url.database, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE))
        for name in (url.database, f"{url.database}-wal", f"{url.database}-shm"):
            path = Path(name)
            # What the process's mask took away or an older file allows does not count.
            if path.exists() and path.stat().st_mode & 0o777 != _PRIVATE:
                path.chmod(_PRIVATE)
    except OSError as error:
        raise StoreUnavailableError(f"database file: {error.strerror}") from error


def _engine(url: sa.URL) -> sa.Engine:
    # More threads than this wait for a connection; none waits for ever.
    return sa.create_engine(
        url,
        pool_size=16,
        max_overflow=16,
        pool_timeout=BUSY_TIMEOUT_SECONDS,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )


def _set_pragmas(engine: sa.Engine, *pragmas: str) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:  # noqa: ARG001 the event's signature
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")


def _begin_with(engine: sa.Engine, statement: str) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(statement)
