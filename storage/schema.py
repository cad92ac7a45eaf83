"""Bring a database to the present schema, and say whether it is there."""

import logging

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from dbos import DBOS

from engine.errors import ErrorCode, StorageError
from storage import append_only
from storage.errors import translated

logging.getLogger("alembic").setLevel(logging.WARNING)


def upgrade(engine: sa.Engine) -> None:
    """Create or upgrade every table; a database that is up to date is left alone.

    Raises:
        StoreUnavailableError: the database does not answer; it is as it was.
    """
    with translated():
        _migrate(engine, "head")
        # The job queue's tables have a schema history of their own.
        DBOS.migrate(engine.url.render_as_string(hide_password=False))


def downgrade(engine: sa.Engine, revision: str = "base") -> None:
    """Take the schema back to `revision`; rows of dropped tables are lost."""
    with translated():
        _migrate(engine, revision)


def check(engine: sa.Engine) -> None:
    """Check that the schema is the present one and its triggers are in force.

    Raises:
        StorageError: code INSTALLATION_MISSING; run `upgrade`.
    """
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    with translated(), engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        if found != wanted:
            raise StorageError(
                f"schema is {found}, not {wanted}", code=ErrorCode.INSTALLATION_MISSING
            )
        triggers = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        if connection.dialect.name == "sqlite":
            dropped = append_only.names() - set(connection.execute(triggers).scalars())
            if dropped:
                raise StorageError(f"triggers were dropped: {sorted(dropped)}")


def _migrate(engine: sa.Engine, revision: str) -> None:
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        if revision == "head":
            command.upgrade(config, revision)
        else:
            command.downgrade(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.set_main_option("path_separator", "os")
    return config
