"""Refuse in the database itself to change what is on record.

The program never updates these rows; the triggers hold for whoever opens the file with other
tools as well, until they are dropped, which the schema check finds.
"""

from engine.errors import StorageError

APPEND_ONLY = (
    "audit_leaf",
    "history",
    "status_message",
    "document_revision",
    "document_signature",
    "draft_version",
)

#: Of a register entry only the state and its reason may change, once: issued and void are final.
REGISTER = "register_entry"
_REGISTER_FIXED = (
    "agency_id",
    "book",
    "series",
    "year",
    "number",
    "suffix",
    "subject_id",
    "symbol",
    "dated_on",
    "title",
    "signatory",
    "counterpart",
    "entered_at",
    "entered_by",
)


def statements(dialect: str) -> list[str]:
    """Return the statements that create the triggers.

    Raises:
        StorageError: no triggers are written for this database.
    """
    if dialect != "sqlite":
        raise StorageError(f"no triggers for {dialect}")
    created = [_refuse(table, act) for table in APPEND_ONLY for act in ("UPDATE", "DELETE")]
    changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _REGISTER_FIXED)
    return [
        *created,
        _refuse(REGISTER, "DELETE"),
        _refuse(REGISTER, "UPDATE", f"WHEN {changed} OR OLD.state <> 'bound'"),
    ]


def names() -> set[str]:
    """Return the names of the triggers."""
    tables = (*APPEND_ONLY, REGISTER)
    return {f"{table}_no_{act}" for table in tables for act in ("update", "delete")}


def _refuse(table: str, act: str, condition: str = "") -> str:
    return (
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )
