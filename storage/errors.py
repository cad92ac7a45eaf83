"""Translate what SQLAlchemy raises into the house's own errors, at the boundary."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
import sqlalchemy.exc

from engine.errors import (
    ConflictError,
    ErrorCode,
    StorageError,
    StoreUnavailableError,
    TrinhKyError,
)

_UNIQUE_VIOLATION = "23505"  # SQLSTATE, as PostgreSQL reports it


def is_unique_violation(error: sa.exc.IntegrityError) -> bool:
    """Tell whether a row was refused because another has the same key."""
    sqlstate = getattr(error.orig, "sqlstate", None)
    return sqlstate == _UNIQUE_VIOLATION or "UNIQUE constraint failed" in str(error.orig)


def translate(error: sa.exc.SQLAlchemyError) -> TrinhKyError:
    """Return the house's error for `error`; the detail names the cause, never the values."""
    cause = str(getattr(error, "orig", None) or type(error).__name__)
    if isinstance(error, sa.exc.IntegrityError):
        if is_unique_violation(error):
            return ConflictError(cause)
        return StorageError(cause)
    if isinstance(error, sa.exc.OperationalError | sa.exc.TimeoutError):
        busy = "locked" in cause or "busy" in cause or isinstance(error, sa.exc.TimeoutError)
        code = ErrorCode.STORE_BUSY if busy else ErrorCode.STORE_UNAVAILABLE
        return StoreUnavailableError(cause, code=code)
    if isinstance(error, sa.exc.DBAPIError):
        return StoreUnavailableError(cause)
    return StorageError(f"{type(error).__name__}: {error}")


@contextmanager
def translated() -> Iterator[None]:
    """Raise the house's errors instead of SQLAlchemy's.

    Raises:
        StoreUnavailableError: code STORE_BUSY when another writer held the file too long.
        ConflictError: a key is taken.
        StorageError: anything else the database refused.
    """
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        raise translate(error) from error


@contextmanager
def unique(code: ErrorCode, detail: str) -> Iterator[None]:
    """Name the conflict when the statement in the block finds its key taken.

    Raises:
        ConflictError: with `code`.
    """
    try:
        yield
    except sa.exc.IntegrityError as error:
        if is_unique_violation(error):
            raise ConflictError(detail, code=code) from error
        raise
