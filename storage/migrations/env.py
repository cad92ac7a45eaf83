"""Run migrations on the connection `storage.schema` opened; it commits."""

from typing import Any

from alembic import context

from storage.tables import metadata


def _is_ours(
    item: Any,  # noqa: ARG001 the hook's signature
    name: str | None,
    kind: str,
    reflected: bool,  # noqa: FBT001, RUF100 the hook's signature
    compared: Any,
) -> bool:
    # The job queue and the full-text index keep tables of their own in the same database.
    return not (kind == "table" and reflected and compared is None and name not in metadata.tables)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
    include_object=_is_ours,
)
context.run_migrations()
