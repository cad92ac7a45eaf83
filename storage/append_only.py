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
#: A question is answered or withdrawn once; what was asked, of whom and until when stays.
OPINION = "opinion"
_OPINION_FIXED = (
    "id",
    "task_id",
    "subject_id",
    "document_id",
    "delivery_id",
    "agency_id",
    "unit_id",
    "person_id",
    "asked_name",
    "question",
    "asked_by",
    "asked_by_name",
    "asked_at",
    "due_at",
)


#: What has gone out, and what was found of it on arrival, stays as it is.
_GONE_OUT = {
    "attachment": "OLD.sealed_digest IS NOT NULL",
    "attachment_receipt": "",
    "certified_copy": "OLD.digest IS NOT NULL",
}


def statements(dialect: str) -> list[str]:
    """Return the statements that create the first triggers.

    Raises:
        StorageError: no triggers are written for this database.
    """
    _check_dialect(dialect)
    created = [_refuse(table, act) for table in APPEND_ONLY for act in ("UPDATE", "DELETE")]
    changed = _is_changed(_REGISTER_FIXED)
    return [
        *created,
        _refuse(REGISTER, "DELETE"),
        _refuse(REGISTER, "UPDATE", f"WHEN {changed} OR OLD.state <> 'bound'"),
    ]


def opinion_statements(dialect: str) -> list[str]:
    """Return the statements that create the triggers of opinions.

    Raises:
        StorageError: no triggers are written for this database.
    """
    _check_dialect(dialect)
    closed = "OLD.given_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL"
    return [
        _refuse(OPINION, "DELETE"),
        _refuse(OPINION, "UPDATE", f"WHEN {_is_changed(_OPINION_FIXED)} OR {closed}"),
    ]


def copy_statements(dialect: str) -> list[str]:
    """Return the statements that create the triggers of attachments and certified copies.

    Raises:
        StorageError: no triggers are written for this database.
    """
    _check_dialect(dialect)
    return [
        _refuse(table, act, f"WHEN {fixed}" if fixed else "")
        for table, fixed in _GONE_OUT.items()
        for act in ("UPDATE", "DELETE")
    ]


def names() -> set[str]:
    """Return the names of the triggers."""
    tables = (*APPEND_ONLY, REGISTER, OPINION, *_GONE_OUT)
    return {f"{table}_no_{act}" for table in tables for act in ("update", "delete")}


def _check_dialect(dialect: str) -> None:
    if dialect != "sqlite":
        raise StorageError(f"no triggers for {dialect}")


def _is_changed(columns: tuple[str, ...]) -> str:
    return " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in columns)


def _refuse(table: str, act: str, condition: str = "") -> str:
    return (
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )
