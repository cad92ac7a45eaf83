import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from engine.errors import ErrorCode, StorageError
from engine.model.organisation import Role
from engine.process.model import Countdown, DefinitionSource, InstanceId, InstanceStatus, TaskId
from storage.append_only import names, statements
from storage.database import Database
from storage.engines import database_url, writing_engine
from storage.schema import _config, check, downgrade, upgrade
from storage.search_index import FTS_TABLE
from storage.tables import metadata
from tests.integration.storage.town import HOME_AFFAIRS, NOW, an_actor, make_processes


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    return writing_engine(database_url(tmp_path / "empty.db"))


def test_upgrade_creates_every_table_when_the_file_is_empty(engine: sa.Engine) -> None:
    upgrade(engine)
    check(engine)
    assert set(metadata.tables) < set(sa.inspect(engine).get_table_names())
    engine.dispose()


def test_upgrade_changes_nothing_when_it_is_repeated(database: Database) -> None:
    upgrade(database.writing)
    with database.start_reading() as work:
        assert not work.organisation.is_empty()


def test_autogenerate_finds_nothing_when_the_schema_is_present(engine: sa.Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: kind != "table" or name in metadata.tables,
            },
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_downgrade_leaves_no_table_of_ours(database: Database) -> None:
    downgrade(database.writing)
    left = set(sa.inspect(database.writing).get_table_names())
    assert not left & set(metadata.tables)
    assert not any(name.startswith(FTS_TABLE) for name in left)
    upgrade(database.writing)
    check(database.writing)


def test_check_refuses_a_database_that_was_never_installed(engine: sa.Engine) -> None:
    with pytest.raises(StorageError) as caught:
        check(engine)
    assert caught.value.code is ErrorCode.INSTALLATION_MISSING
    engine.dispose()


@pytest.mark.parametrize("trigger", sorted(names()))
def test_check_finds_a_trigger_that_was_dropped(database: Database, trigger: str) -> None:
    with database.writing.begin() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
    with pytest.raises(StorageError, match=trigger):
        check(database.writing)


def test_triggers_are_refused_for_a_database_nobody_wrote_them_for() -> None:
    with pytest.raises(StorageError):
        statements("oracle")


# --- a database of the first release ---------------------------------------------------------

#: The outgoing flow as the first release shipped it.
FIRST_FLOW = (Path(__file__).parent / "first_release" / "outgoing.bpmn").read_bytes()
FIRST_DIGEST = hashlib.sha256(FIRST_FLOW).hexdigest()
CHANGED_FLOW = FIRST_FLOW.replace("Cấp số, ngày".encode(), "Cấp số".encode())
CHANGED_DIGEST = hashlib.sha256(CHANGED_FLOW).hexdigest()
REVIEW = "0b4bd2a6-1111-4222-8333-444455556666"
WAITING = TaskId("0c4bd2a6-1111-4222-8333-444455556666")
AT = "2026-01-05 02:30:00.123456"
CLOSED_BY = {"closed_by_name": "", "outcome": ""}


def move_to(engine: sa.Engine, revision: str) -> None:
    """Take the schema up to `revision`."""
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def add(engine: sa.Engine, table: str, *rows: Mapping[str, object]) -> None:
    with engine.begin() as connection:
        for row in rows:
            columns = ", ".join(f'"{name}"' for name in row)
            values = ", ".join(f":{name}" for name in row)
            insert = f"INSERT INTO {table} ({columns}) VALUES ({values})"  # noqa: S608 our own
            connection.execute(sa.text(insert), row)


def rows_of(engine: sa.Engine, table: str, order: str = "1") -> list[dict[str, Any]]:
    with engine.connect() as connection:
        query = f"SELECT * FROM {table} ORDER BY {order}"  # noqa: S608 our own
        return [dict(row) for row in connection.execute(sa.text(query)).mappings()]


def a_state(node: str, state: str, source: str, task_id: str = REVIEW) -> bytes:
    """Return a state as the first release wrote it."""
    data = {
        "agency_id": HOME_AFFAIRS,
        "unit_id": f"{HOME_AFFAIRS}-vp",
        "drafter_id": f"{HOME_AFFAIRS}-{Role.DESK_OFFICER}",
        "signatory_id": f"{HOME_AFFAIRS}-{Role.LEADER}",
    }
    tokens = [[task_id, node, state, source]]
    return json.dumps({"data": data, "tokens": tokens, "ends": []}).encode()


def an_instance(name: str, digest: str, state: bytes) -> dict[str, object]:
    return {
        "id": name,
        "definition_digest": digest,
        "procedure_id": "outgoing",
        "business_key": f"document-{name}",
        "version": 3,
        "codec": 1,
        "state": state,
        "status": "running",
        "created_at": AT,
        "updated_at": AT,
    }


@pytest.fixture
def first_release(tmp_path: Path) -> Iterator[sa.Engine]:
    """Give a database as the first release left it: a town, two documents on their way."""
    engine = writing_engine(database_url(tmp_path / "first.db"))
    move_to(engine, "0001")
    _add_town(engine)
    for name in ("reviewed", "dispatched"):
        add(
            engine,
            "document",
            {
                "id": f"document-{name}",
                "agency_id": HOME_AFFAIRS,
                "unit_id": f"{HOME_AFFAIRS}-vp",
                "drafter_id": f"{HOME_AFFAIRS}-{Role.DESK_OFFICER}",
                "kind": "cong_van",
                "subject": "Báo cáo",
                "body": "",
                "urgency": "thuong",
                "invitation": "null",
                "status": "in_review",
                "created_at": AT,
                "updated_at": AT,
                "version": 1,
                "page_count": 1,
            },
        )
    _add_processes(engine)
    yield engine
    engine.dispose()


def _add_town(engine: sa.Engine) -> None:
    add(
        engine,
        "agency",
        {
            "id": HOME_AFFAIRS,
            "code": "H13.1",
            "name": "Sở Nội vụ",
            "symbol": "SNV",
            "kind": "department",
            "place": "Thành phố",
            "letterhead_parent": "[]",
            "letterhead_name": "[]",
            "profile": "state",
            "seal_diameter_mm": 36.0,
            "since": "2020-01-01",
        },
    )
    unit = {"id": f"{HOME_AFFAIRS}-vp", "name": "Văn phòng", "symbol": "VP"}
    add(engine, "unit", {**unit, "agency_id": HOME_AFFAIRS, "since": "2020-01-01"})
    for role in Role:
        name = f"{HOME_AFFAIRS}-{role}"
        add(engine, "person", {"id": name, "login": name, "full_name": name})


def _add_processes(engine: sa.Engine) -> None:
    for digest, xml, at in (
        (CHANGED_DIGEST, CHANGED_FLOW, "2026-01-03 00:00:00.000000"),
        (FIRST_DIGEST, FIRST_FLOW, "2026-01-02 00:00:00.000000"),
    ):
        version = {"digest": digest, "procedure_id": "outgoing", "xml": xml, "added_at": at}
        add(engine, "definition", version)
    waiting = a_state("await_receipts", "started", "dispatch", WAITING)
    add(
        engine,
        "instance",
        an_instance("reviewed", FIRST_DIGEST, a_state("review", "ready", "draft")),
        an_instance("dispatched", CHANGED_DIGEST, waiting),
    )
    item = {
        "instance_id": "reviewed",
        "procedure_id": "outgoing",
        "business_key": "document-reviewed",
        "agency_id": HOME_AFFAIRS,
        "opened_at": AT,
        "priority": 3,
        "returned_reason": "",
    }
    draft = {"node_id": "draft", "name": "Soạn thảo", "role": "chuyen_vien"}
    review = {"node_id": "review", "name": "Duyệt", "role": "lanh_dao_phong"}
    closed = {"closed_at": AT, "closed_by": "x", "closed_by_name": "X", "outcome": "submitted"}
    add(
        engine,
        "work_item",
        {**item, **draft, **closed, "id": "closed", "state": "closed"},
        {**item, **review, **CLOSED_BY, "id": REVIEW, "state": "open"},
    )
    for sequence in range(3):
        line = {"instance_id": "reviewed", "sequence": sequence, "task_id": "", "name": "x"}
        actor = {"actor_id": "x", "actor_name": "X", "at": AT, "outcome": "o", "comment": ""}
        add(engine, "history", {**line, **actor, "node_id": "draft"})
    add(engine, "fanout", {"document_id": "document-dispatched", "open": 2})


def test_upgrade_keeps_what_the_first_release_left_behind(first_release: sa.Engine) -> None:
    before = {
        table: rows_of(first_release, table)
        for table in ("definition", "instance", "work_item", "history", "document")
    }
    move_to(first_release, "0002")
    for table, old_rows in before.items():
        for old, new in zip(old_rows, rows_of(first_release, table), strict=True):
            assert old.items() <= new.items(), table
    assert [
        (r["digest"], r["number"], r["source"])
        for r in rows_of(first_release, "definition", "number")
    ] == [(FIRST_DIGEST, 1, "release"), (CHANGED_DIGEST, 2, "release")]
    assert {r["node_id"]: r["rule"] for r in rows_of(first_release, "work_item")} == {
        "draft": "draft",
        "review": "review",
    }
    # As text they could not be read back as bytes.
    assert {row["dmn"] for row in rows_of(first_release, "definition")} == {b""}
    (current,) = rows_of(first_release, "current_definition")
    assert (current["procedure_id"], current["digest"]) == ("outgoing", CHANGED_DIGEST)
    assert rows_of(first_release, "countdown") == [
        {
            "instance_id": "dispatched",
            "node_id": "await_receipts",
            "task_id": "",
            "total": 2,
            "left": 2,
        }
    ]
    with first_release.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_downgrade_gives_the_first_release_its_rows_back(first_release: sa.Engine) -> None:
    tables = ("definition", "instance", "work_item", "history", "document", "fanout", "agency")
    before = {table: rows_of(first_release, table) for table in tables}
    shape = _shape(first_release)
    upgrade(first_release)
    downgrade(first_release, "0001")
    assert {table: rows_of(first_release, table) for table in tables} == before
    assert _shape(first_release) == shape
    with first_release.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    upgrade(first_release)
    check(first_release)


def test_downgrade_keeps_suspended_and_imported_certificates_from_signing(
    database: Database,
) -> None:
    engine, at = database.writing, "2026-03-01 02:30:00.000000"
    for name in ("held", "released", "revoked", "foreign", "good"):
        certificate = {
            "id": name,
            "holder_kind": "person",
            "holder_id": name,
            "common_name": name,
            "issuer": "CA",
            "der": b"0",
            "sha256": name,
            "not_before": AT,
            "not_after": "2028-01-05 02:30:00.000000",
            "key_home": "software",
            "key_ref": "",
        }
        add(engine, "issued_certificate", certificate)
    hold = {"held_at": at, "reason": "nghỉ phép"}
    add(
        engine,
        "certificate_hold",
        {**hold, "certificate_id": "held"},
        {**hold, "certificate_id": "revoked"},
    )
    add(engine, "certificate_hold", {**hold, "certificate_id": "released", "released_at": at})
    earlier = {"certificate_id": "revoked", "revoked_at": AT, "reason": "key_compromise"}
    add(engine, "revocation", earlier)
    authority = {
        "id": "f" * 64,
        "label": "VGCA",
        "der": b"0",
        "subject": "CN=VGCA",
        "not_after": at,
        "is_anchor": True,
        "purposes": "[]",
        "since": "2026-01-01",
        "basis": "QĐ",
        "crl_url": "",
        "ocsp_url": "",
    }
    add(engine, "trusted_authority", authority)
    person = rows_of(engine, "person")[0]["id"]
    imported = {
        "certificate_id": "foreign",
        "authority_id": "f" * 64,
        "bound_from": at,
        "basis": "QĐ",
        "imported_at": at,
        "imported_by": person,
    }
    add(engine, "certificate_import", imported)

    downgrade(engine, "0006")

    def reasons() -> dict[str, str]:
        return {row["certificate_id"]: row["reason"] for row in rows_of(engine, "revocation")}

    ended = {
        "held": "certificate_hold",
        "revoked": "key_compromise",
        "foreign": "cessation_of_operation",
    }
    assert reasons() == ended
    held = next(r for r in rows_of(engine, "revocation") if r["certificate_id"] == "held")
    assert held["revoked_at"] == at
    upgrade(engine)
    check(engine)
    assert reasons() == ended
    with database.start_reading() as work:
        found = {entry.certificate_id for entry in work.certificates.list_revocations()}
        assert found == set(ended)
        assert work.certificates.list_holds() == []
    downgrade(engine, "0006")
    upgrade(engine)
    assert reasons() == ended


def _shape(engine: sa.Engine) -> dict[str, set[object]]:
    """Return the columns, indexes and triggers of the house's tables."""
    found = sa.inspect(engine)
    shape: dict[str, set[object]] = {
        table: {
            *((column["name"], bool(column["nullable"])) for column in found.get_columns(table)),
            *(str(index["name"]) for index in found.get_indexes(table)),
        }
        for table in found.get_table_names()
        if table in {*metadata.tables, "fanout"}
    }
    with engine.connect() as connection:
        triggers = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        shape["triggers"] = set(connection.execute(triggers).scalars())
    return shape


def test_process_of_the_first_release_goes_on_after_the_upgrade(
    first_release: sa.Engine, tmp_path: Path
) -> None:
    upgrade(first_release)
    database = Database(tmp_path / "first.db", make_processes)
    with database.start_work() as work:
        step = work.processes.complete(
            TaskId(REVIEW),
            an_actor(HOME_AFFAIRS, Role.DIVISION_HEAD),
            use_case="review_draft",
            now=NOW,
            outcome="approved",
            writes={"approved": True},
        )
        assert [(item.node_id, item.rule, item.due_at) for item in step.opened] == [
            ("check_form", "check_form", None)
        ]
        # The last of the answers the first release was counting lets the other one end.
        dispatched = InstanceId("dispatched")
        left = [
            work.processes.count_answer(dispatched, "await_receipts", NOW) for _number in range(2)
        ]
        assert left == [1, 0]
        (entry,) = work.processes.schedule.list_due(NOW)
        assert work.processes.schedule.perform(entry, NOW)
        assert work.processes.store.get_instance(dispatched).status is InstanceStatus.COMPLETED
        assert work.processes.store.find_countdown(dispatched, "await_receipts") == Countdown(
            instance_id=dispatched, node_id="await_receipts", task_id=WAITING, total=2, left=0
        )
        work.commit()
    database.close()


def test_release_takes_the_place_of_what_the_first_release_shipped(
    first_release: sa.Engine, tmp_path: Path
) -> None:
    upgrade(first_release)
    database = Database(tmp_path / "first.db", make_processes)
    with database.start_work() as work:
        released = work.processes.deployment.release("outgoing", NOW)
        assert (released.number, released.source) == (3, DefinitionSource.RELEASE)
        assert work.processes.store.find_current_digest("outgoing") == released.digest
        reviewed = work.processes.store.get_instance(InstanceId("reviewed"))
        assert reviewed.definition_digest == FIRST_DIGEST
        assert work.processes.get_diagram(reviewed.id) == FIRST_FLOW
    database.close()
