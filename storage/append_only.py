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
#: What earlier reports assumed can be told.
ASSUMPTIONS = "report_assumptions"

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


#: What was asked of whom stays; a report too, and a request for more time but for its decision.
REPORT = "progress_report"
_ASSIGNMENT_FIXED = (
    "id",
    "agency_id",
    "year",
    "number",
    "assigner_id",
    "content",
    "quoted",
    "first_due_on",
    "given_at",
    "source_kind",
    "source_id",
    "document_id",
    "parent_id",
)
_EXTENSION_FIXED = (
    "id",
    "assignment_id",
    "asked_by",
    "asked_by_name",
    "asked_at",
    "reason",
    "old_due_on",
    "new_due_on",
)


#: The sealed file of a week and what it was made of.
_SCHEDULE_FIXED = (
    "agency_id",
    "monday",
    "number",
    "base_id",
    "title",
    "to_city",
    "approved_by",
    "paper_digest",
    "digest",
    "certificate_id",
    "cms_sha256",
    "signed_at",
)
_SCHEDULES = ("work_schedule", "schedule_entry", "schedule_entry_leader")


#: What was agreed stays; a delegation only ends.
_DELEGATION_FIXED = (
    "id",
    "agency_id",
    "post_id",
    "giver_id",
    "giver_name",
    "delegate_id",
    "delegate_name",
    "powers",
    "kinds",
    "basis",
    "since",
    "until",
    "given_at",
)
#: The page that was signed under it says what it said.
_AUTHORITY_FIXED = (
    "id",
    "agency_id",
    "post_id",
    "form",
    "lines",
    "kinds",
    "fields",
    "basis",
    "since",
)


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


def direction_statements(dialect: str) -> list[str]:
    """Return the statements that create the triggers of assignments.

    Raises:
        StorageError: no triggers are written for this database.
    """
    _check_dialect(dialect)
    closed = "OLD.granted IS NOT NULL"
    return [
        _refuse("assignment", "DELETE"),
        _refuse("assignment", "UPDATE", f"WHEN {_is_changed(_ASSIGNMENT_FIXED)}"),
        _refuse(REPORT, "DELETE"),
        _refuse(REPORT, "UPDATE"),
        _refuse("extension", "DELETE"),
        _refuse("extension", "UPDATE", f"WHEN {_is_changed(_EXTENSION_FIXED)} OR {closed}"),
    ]


def schedule_statements(dialect: str) -> list[str]:
    """Return the statements that create the triggers of work schedules.

    What is published stays as it was sealed; of its row only the stage may still change. Lines
    are written while a version is gathered, and never after.

    Raises:
        StorageError: no triggers are written for this database.
    """
    _check_dialect(dialect)
    sealed = f"OLD.digest IS NOT NULL AND ({_is_changed(_SCHEDULE_FIXED)})"
    settled = "(SELECT state FROM work_schedule WHERE id = {}) <> 'gathering'"
    entry = settled.format("OLD.schedule_id")
    of_entry = "(SELECT schedule_id FROM schedule_entry WHERE id = {}.entry_id)"
    leader = settled.format(of_entry.format("OLD"))
    new_entry = settled.format("NEW.schedule_id")
    new_leader = settled.format(of_entry.format("NEW"))
    return [
        _refuse("work_schedule", "UPDATE", f"WHEN {sealed}"),
        _refuse("work_schedule", "DELETE"),
        _refuse("schedule_entry", "UPDATE", f"WHEN {entry} OR {new_entry}"),
        _refuse("schedule_entry", "DELETE", f"WHEN {entry}"),
        _refuse("schedule_entry", "INSERT", f"WHEN {new_entry}"),
        _refuse("schedule_entry_leader", "UPDATE", f"WHEN {leader} OR {new_leader}"),
        _refuse("schedule_entry_leader", "DELETE", f"WHEN {leader}"),
        _refuse("schedule_entry_leader", "INSERT", f"WHEN {new_leader}"),
    ]


def delegation_statements(dialect: str) -> list[str]:
    """Return the statements that create the triggers of delegations and of authority.

    A delegation is ended once; of a right to sign only its last day is ever written.

    Raises:
        StorageError: no triggers are written for this database.
    """
    _check_dialect(dialect)
    changed = _is_changed(_DELEGATION_FIXED)
    return [
        _refuse("delegation", "DELETE"),
        _refuse("delegation", "UPDATE", f"WHEN {changed} OR OLD.ended_at IS NOT NULL"),
        _refuse("authority", "DELETE"),
        _refuse("authority", "UPDATE", f"WHEN {_is_changed(_AUTHORITY_FIXED)}"),
    ]


def report_statements(dialect: str) -> list[str]:
    """Return the statements that create the triggers of what reports assume.

    Raises:
        StorageError: no triggers are written for this database.
    """
    _check_dialect(dialect)
    return [_refuse(ASSUMPTIONS, act) for act in ("UPDATE", "DELETE")]


def names() -> set[str]:
    """Return the names of the triggers."""
    tables = (*APPEND_ONLY, REGISTER, OPINION, *_GONE_OUT, "assignment", REPORT, "extension")
    tables = (*tables, *_SCHEDULES)
    tables = (*tables, "delegation", "authority", ASSUMPTIONS)
    kept = {f"{table}_no_{act}" for table in tables for act in ("update", "delete")}
    return kept | {f"{table}_no_insert" for table in _SCHEDULES[1:]}


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
