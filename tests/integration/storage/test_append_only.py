import pytest

from engine.audit import AuditEvent
from engine.errors import StorageError
from engine.model.delivery import DeliveryStatus
from engine.model.document import Digest, PlacedSignature, Stage
from engine.model.indicators import Assumptions
from engine.model.organisation import SYSTEM, Role
from storage.database import Database
from tests.integration.storage.town import (
    CERTIFICATE,
    HOME_AFFAIRS,
    NOW,
    a_certificate,
    a_delivery,
    a_document,
    an_actor,
    an_entry,
)

DRAFTER = an_actor(HOME_AFFAIRS, Role.DESK_OFFICER)
TABLES = (
    "audit_leaf",
    "history",
    "status_message",
    "document_revision",
    "document_signature",
    "draft_version",
    "report_assumptions",
)


@pytest.fixture
def kept(database: Database) -> Database:
    """Put at least one row into each table that may only grow."""
    document = a_document()
    document.add_revision(
        Stage.RENDERED, Digest("aa" * 32), size_bytes=9, by=DRAFTER.person_id, at=NOW
    )
    document.signatures.append(
        PlacedSignature(
            field="lanh_dao", certificate_id=CERTIFICATE, cms_sha256="cd" * 32, made_at=NOW
        )
    )
    delivery = a_delivery(document)
    delivery.answer(DeliveryStatus.ARRIVED, actor_id=SYSTEM.person_id, actor_name="", at=NOW)
    with database.start_work() as work:
        work.certificates.add(a_certificate())
        work.documents.add(document)
        work.documents.add_draft_version(document, DRAFTER.person_id, NOW)
        work.deliveries.add(delivery)
        work.registers.add(an_entry(1, document.id))
        work.processes.start(
            "outgoing",
            business_key=document.id,
            data={
                "agency_id": HOME_AFFAIRS,
                "unit_id": document.unit_id,
                "drafter_id": DRAFTER.person_id,
                "signatory_id": None,
            },
            actor=DRAFTER,
            now=NOW,
        )
        work.reports.add_assumptions(
            Assumptions(changed_by_name="Quản trị", changed_at=NOW), DRAFTER.person_id
        )
        work.audit.record(AuditEvent.DOCUMENT_SAVE, subject="x", actor=DRAFTER, at=NOW)
        work.commit()
    return database


def run(database: Database, statement: str) -> int:
    with database.start_work() as work:
        count = work._connection.exec_driver_sql(statement).rowcount
        work.commit()
    return int(count)


@pytest.mark.parametrize("table", [*TABLES, "register_entry"])
def test_delete_is_refused_when_the_table_only_grows(kept: Database, table: str) -> None:
    with pytest.raises(StorageError, match="append-only"):
        run(kept, f"DELETE FROM {table}")  # noqa: S608 names of our own tables


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("audit_leaf", "actor_name = 'x'"),
        ("history", "comment = 'x'"),
        ("status_message", "reason = 'x'"),
        ("document_revision", "digest = 'x'"),
        ("document_signature", "cms_sha256 = 'x'"),
        ("draft_version", "author_id = 'x'"),
        ("report_assumptions", "dong_per_page = 1"),
        ("register_entry", "number = 2"),
        ("register_entry", "title = 'x'"),
        ("register_entry", "entered_by = 'x'"),
    ],
)
def test_update_is_refused_when_the_table_only_grows(
    kept: Database, table: str, change: str
) -> None:
    with pytest.raises(StorageError, match="append-only"):
        run(kept, f"UPDATE {table} SET {change}")  # noqa: S608 names of our own tables


def test_update_is_allowed_when_an_entry_is_issued(kept: Database) -> None:
    assert run(kept, "UPDATE register_entry SET state = 'issued'") == 1


@pytest.mark.parametrize(("final", "other"), [("void", "issued"), ("issued", "void")])
def test_update_is_refused_when_an_entry_is_closed(kept: Database, final: str, other: str) -> None:
    run(kept, f"UPDATE register_entry SET state = '{final}', reason = 'x'")  # noqa: S608 our own
    for state in ("bound", other):
        with pytest.raises(StorageError, match="append-only"):
            run(kept, f"UPDATE register_entry SET state = '{state}'")  # noqa: S608 our own
