"""Hold the metadata all tables share and the column types of the house."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

#: Every constraint gets a name, so that a migration can change it on any database.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = sa.MetaData(naming_convention=NAMING)

Json = sa.JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """Store aware times as UTC and give them back aware; SQLite itself drops the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return UTC; a naive time is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive time")
        at = value.astimezone(UTC)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware time, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class EnumText(TypeDecorator[StrEnum]):
    """Store an enum as its value, so that a new member needs no migration."""

    impl = sa.String
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the member's value; a value that is no member is refused."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        """Return the member."""
        return None if value is None else self.kind(value)


def id_column(name: str = "id") -> sa.Column[str]:
    """Return a primary key that the caller fills."""
    return sa.Column(name, sa.String, primary_key=True)


def reference(
    name: str, target: str, *, nullable: bool = False, deferred: bool = False, key: bool = False
) -> sa.Column[str]:
    """Return a column that names a row of another table.

    Args:
        target: `table.column`.
        deferred: checked at commit, for rows that are written in any order.
        key: part of the primary key.
    """
    deferral = {"deferrable": True, "initially": "DEFERRED"} if deferred else {}
    return sa.Column(
        name,
        sa.String,
        sa.ForeignKey(target, **deferral),  # type: ignore[arg-type] # both are keywords of it
        nullable=nullable,
        primary_key=key,
    )
