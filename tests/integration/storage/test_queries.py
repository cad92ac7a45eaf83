import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.delivery import Delivery, DeliveryStatus
from engine.model.document import Digest, Document, DocumentId, DocumentStatus, Stage
from engine.model.organisation import SYSTEM, Actor, Role, UnitId
from engine.model.signing_intent import SigningIntent
from engine.model.urgency import Urgency
from engine.ports import UnitOfWork
from engine.process.model import Plain, TaskId, WorkItem
from engine.queries import Basket, StuckRow
from storage.database import Database
from tests.integration.storage.town import (
    CERTIFICATE,
    FINANCE,
    HEALTH,
    HOME_AFFAIRS,
    NOW,
    a_certificate,
    a_delivery,
    a_document,
    a_number,
    a_post,
    an_actor,
)

DRAFTER = an_actor(HOME_AFFAIRS, Role.DESK_OFFICER)
HEAD = an_actor(HOME_AFFAIRS, Role.DIVISION_HEAD)
CLERK = an_actor(HOME_AFFAIRS, Role.CLERK)
LEADER = an_actor(HOME_AFFAIRS, Role.LEADER)
OUTSIDER = an_actor(FINANCE, Role.CLERK)

#: Who completes each step, by which use case and with which writes.
STEPS: Mapping[str, tuple[Actor, str, Mapping[str, Plain]]] = {
    "draft": (
        DRAFTER,
        "submit_draft",
        {"signatory_id": LEADER.person_id, "kind": "cong_van", "urgency": "thuong"},
    ),
    "review": (HEAD, "review_draft", {"approved": True}),
    "check_form": (CLERK, "check_form", {"form_ok": True}),
    "sign": (LEADER, "sign_document", {"signed": True}),
    "number": (CLERK, "number_document", {}),
    "seal": (CLERK, "seal_document", {}),
}


def start_draft(work: UnitOfWork, document: Document) -> WorkItem:
    """Open the document's process and return the drafter's task."""
    work.documents.add(document)
    result = work.processes.start(
        "outgoing",
        business_key=document.id,
        data={
            "agency_id": document.agency_id,
            "unit_id": document.unit_id,
            "drafter_id": document.drafter_id,
            "signatory_id": None,
        },
        actor=DRAFTER,
        now=document.created_at,
    )
    return result.opened[0]


def move_on(work: UnitOfWork, item: WorkItem) -> WorkItem | None:
    actor, use_case, writes = STEPS[item.node_id]
    result = work.processes.complete(
        item.id, actor, use_case=use_case, now=NOW, outcome="done", writes=writes
    )
    return result.opened[0] if result.opened else None


def move_to(work: UnitOfWork, document: Document, node_id: str) -> WorkItem:
    item: WorkItem | None = start_draft(work, document)
    while item is not None and item.node_id != node_id:
        item = move_on(work, item)
    assert item is not None
    return item


def filled(database: Database, actor: Actor) -> dict[Basket, int]:
    with database.start_reading() as work:
        return {basket: n for basket, n in work.queries.count_baskets(actor).items() if n}


def encoded(place: str) -> str:
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(database.reading, "before_cursor_execute", note)
    yield seen
    event.remove(database.reading, "before_cursor_execute", note)


# --- baskets ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node_id", "actor", "basket"),
    [
        ("draft", DRAFTER, Basket.DRAFTS),
        ("review", HEAD, Basket.TO_REVIEW),
        ("check_form", CLERK, Basket.TO_REVIEW),
        ("sign", LEADER, Basket.TO_SIGN),
        ("number", CLERK, Basket.TO_NUMBER),
        ("seal", CLERK, Basket.TO_NUMBER),
    ],
)
def test_each_step_of_a_document_is_in_one_basket_of_one_actor(
    database: Database, node_id: str, actor: Actor, basket: Basket
) -> None:
    with database.start_work() as work:
        item = move_to(work, a_document(), node_id)
        work.commit()
    for other in (DRAFTER, HEAD, CLERK, LEADER, OUTSIDER):
        expected = {basket: 1} if other is actor else {}
        assert filled(database, other) == expected
    with database.start_reading() as work:
        (row,) = work.queries.list_work(actor, basket).rows
        assert [task.task_id for task in work.queries.list_tasks_on(actor, "d1")] == [item.id]
        assert not work.queries.list_tasks_on(OUTSIDER, "d1")
    assert (row.task_id, row.subject_id, row.subject) == (
        item.id,
        "d1",
        "Triển khai chế độ báo cáo",
    )
    assert (row.unit_name, row.agency_name) == ("Văn phòng snv", "Sở Nội vụ")
    assert row.person_name == DRAFTER.full_name


def test_a_returned_draft_is_in_its_own_basket_with_the_reason(database: Database) -> None:
    with database.start_work() as work:
        item = move_to(work, a_document(), "review")
        work.processes.complete(
            item.id,
            HEAD,
            use_case="return_document",
            now=NOW,
            outcome="returned",
            comment="Thiếu căn cứ",
            writes={"approved": False},
        )
        work.commit()
    assert filled(database, DRAFTER) == {Basket.RETURNED: 1}
    with database.start_reading() as work:
        (row,) = work.queries.list_work(DRAFTER, Basket.RETURNED).rows
    assert row.returned_reason == "Thiếu căn cứ"


@pytest.mark.parametrize(
    ("node_id", "role", "basket"),
    [
        ("register", Role.CLERK, Basket.ARRIVALS),
        ("present", Role.CLERK, Basket.ARRIVALS),
        ("direct", Role.LEADER, Basket.TO_DIRECT),
        ("handle", Role.DESK_OFFICER, Basket.TO_HANDLE),
    ],
)
def test_each_step_of_a_delivery_is_in_one_basket_of_one_actor(
    database: Database, node_id: str, role: Role, basket: Basket
) -> None:
    actor = an_actor(FINANCE, role)
    delivery = start_delivery(database, urgency=Urgency.EXPRESS)
    with database.start_work() as work:
        store = work.processes.store
        instance = work.processes.get_instance_id("incoming", delivery.id)
        (item,) = store.list_open_work_items(instance)
        store.close_work_item(replace(item, closed_at=NOW, outcome="x"))
        named = actor.person_id if node_id in {"direct", "handle"} else None
        store.add_work_items(
            [
                replace(
                    item,
                    id=TaskId("t"),
                    node_id=node_id,
                    rule=node_id,
                    role=role,
                    person_id=named,
                )
            ]
        )
        work.commit()
    assert filled(database, actor) == {basket: 1}
    with database.start_reading() as work:
        (row,) = work.queries.list_work(actor, basket).rows
    assert (row.subject_id, row.unit_name, row.person_name) == (delivery.id, "Sở Nội vụ", "")
    assert (row.symbol, row.urgency) == ("07/SNV-VP", Urgency.EXPRESS)
    assert row.agency_name == "Sở Tài chính"


def start_delivery(database: Database, **changes: object) -> Delivery:
    """Dispatch a document to the department of finance, where the clerk has to register it."""
    document = a_document(number=a_number(7), status=DocumentStatus.DISPATCHED, **changes)
    delivery = a_delivery(document, status=DeliveryStatus.ARRIVED)
    with database.start_work() as work:
        work.documents.add(document)
        work.deliveries.add(delivery)
        result = work.processes.start(
            "incoming",
            business_key=delivery.id,
            data={
                "agency_id": FINANCE,
                "verdict": "",
                "accepted": True,
                "leader_id": None,
                "unit_id": None,
                "handler_id": None,
                "kind": document.content.kind,
                "urgency": document.content.urgency.value,
            },
            actor=SYSTEM,
            now=NOW,
        )
        if result.operations:
            work.processes.complete_operation(
                result.instance_id,
                "verify",
                now=NOW,
                outcome="verified",
                writes={"verdict": "PASSED"},
            )
        work.commit()
    return delivery


def test_a_unit_item_is_hidden_from_other_units(database: Database) -> None:
    with database.start_work() as work:
        move_to(work, a_document(), "review")
        work.commit()
    stranger = replace(
        HEAD, posts=(replace(a_post(HOME_AFFAIRS, Role.DIVISION_HEAD), unit_id=UnitId("other")),)
    )
    without_unit = replace(HEAD, posts=(a_post(HOME_AFFAIRS, Role.DIVISION_HEAD, unit=False),))
    assert filled(database, HEAD) == {Basket.TO_REVIEW: 1}
    assert filled(database, stranger) == {}
    assert filled(database, without_unit) == {}


def test_two_posts_of_an_actor_show_an_item_once(database: Database) -> None:
    with database.start_work() as work:
        move_to(work, a_document(), "review")
        work.commit()
    posts = (
        a_post(HOME_AFFAIRS, Role.DIVISION_HEAD),
        a_post(HOME_AFFAIRS, Role.DIVISION_HEAD, unit=False),
        a_post(HOME_AFFAIRS, Role.CLERK),
    )
    assert filled(database, replace(HEAD, posts=posts)) == {Basket.TO_REVIEW: 1}


# --- order and pages -------------------------------------------------------------------------


def test_work_comes_most_urgent_first_then_oldest_page_by_page(database: Database) -> None:
    urgencies = [Urgency.NORMAL, Urgency.EXPRESS, Urgency.URGENT, Urgency.NORMAL, Urgency.EXPRESS]
    with database.start_work() as work:
        for number, urgency in enumerate(urgencies):
            at = NOW - timedelta(minutes=number)
            start_draft(work, a_document(f"d{number}", urgency=urgency, created_at=at))
        work.commit()
    seen: list[str] = []
    cursor = ""
    with database.start_reading() as work:
        for _ in range(3):
            page = work.queries.list_work(DRAFTER, Basket.DRAFTS, cursor=cursor, limit=2)
            seen += [row.subject_id for row in page.rows]
            cursor = page.next_cursor
    assert cursor == ""
    assert seen == ["d4", "d1", "d2", "d3", "d0"]


def test_work_is_sorted_again_when_a_draft_becomes_urgent(database: Database) -> None:
    with database.start_work() as work:
        for name in ("d1", "d2"):
            start_draft(work, a_document(name))
        document = work.documents.get(DocumentId("d2"))
        document.content = replace(document.content, urgency=Urgency.EXPRESS)
        work.documents.save(document)
        work.commit()
    with database.start_reading() as work:
        rows = work.queries.list_work(DRAFTER, Basket.DRAFTS).rows
    assert [(row.subject_id, row.urgency) for row in rows] == [
        ("d2", Urgency.EXPRESS),
        ("d1", Urgency.NORMAL),
    ]


def test_documents_come_newest_first_page_by_page(database: Database) -> None:
    with database.start_work() as work:
        for number in range(5):
            at = NOW + timedelta(minutes=number // 2)
            work.documents.add(a_document(f"d{number}", created_at=at))
        work.documents.add(a_document("other", agency_id=HEALTH))
        work.commit()
    seen: list[str] = []
    cursor = ""
    with database.start_reading() as work:
        for _ in range(3):
            page = work.queries.list_documents(
                frozenset({HOME_AFFAIRS, FINANCE}), cursor=cursor, limit=2
            )
            seen += [row.document_id for row in page.rows]
            cursor = page.next_cursor
        assert not work.queries.list_documents(frozenset()).rows
    assert cursor == ""
    assert seen == ["d4", "d3", "d2", "d1", "d0"]


@pytest.mark.parametrize(
    "cursor",
    [
        *("x", "W10", "WzFd", "AAAA", "é", "WzEsIngiLDFd", "[1,2,3]", "A" * 5000, "\0", " "),
        *(
            encoded(place)
            for at in ("0001-01-01T00:00:00+14:00", "0001-01-01", "9999-12-31T23:59:59-14:00")
            for place in (f'["{at}","d"]', f'[1,"{at}","d"]')
        ),
        *(encoded(f'[{number},"2026-01-05","d"]') for number in (2**63, -(2**63), 2**64, 10**400)),
        encoded('[true,"2026-01-05","d"]'),
        encoded('[1,"2026-01-05","\\u0000"]'),
        encoded('["2026-01-05","\\u0000"]'),
        encoded('["2026-01-05","\\ud800"]'),
        encoded("[" * 300),
        encoded("[null,null]"),
        encoded("[null,null,null]"),
    ],
)
def test_a_cursor_nobody_gave_out_is_refused(database: Database, cursor: str) -> None:
    agencies = frozenset({HOME_AFFAIRS})
    with database.start_reading() as work:
        for ask in (
            lambda: work.queries.list_work(DRAFTER, Basket.DRAFTS, cursor=cursor),
            lambda: work.queries.list_documents(agencies, cursor=cursor),
            lambda: work.queries.list_arrivals(agencies, cursor=cursor),
        ):
            with pytest.raises(InvalidInputError) as caught:
                ask()
            assert caught.value.params["field"] == "cursor"


# --- deliveries ------------------------------------------------------------------------------


def test_board_shows_one_light_a_recipient_and_the_counts(database: Database) -> None:
    document = a_document(number=a_number(7), status=DocumentStatus.DISPATCHED)
    refused = a_delivery(document, HEALTH, status=DeliveryStatus.ARRIVED)
    refused.answer(
        DeliveryStatus.REFUSED, actor_id=SYSTEM.person_id, actor_name="", at=NOW, reason="Sai"
    )
    refused.refusal_reason = "Sai"
    with database.start_work() as work:
        work.documents.add(document)
        work.deliveries.add(refused)
        work.deliveries.add(a_delivery(document, FINANCE))
        work.commit()
    with database.start_reading() as work:
        board = work.queries.list_board(document.id)
        (row,) = work.queries.list_documents(frozenset({HOME_AFFAIRS})).rows
        queued = work.queries.list_arrivals(frozenset({FINANCE})).rows
        (arrival,) = work.queries.list_arrivals(frozenset({FINANCE, HEALTH})).rows
    assert [light.recipient_name for light in board] == ["Sở Tài chính", "Sở Y tế"]
    assert (row.recipients, row.answered, row.refused) == (2, 1, 1)
    assert list(queued) == []
    assert (arrival.recipient_id, arrival.refusal_reason, arrival.sender_name) == (
        HEALTH,
        "Sai",
        "Sở Nội vụ",
    )


def test_arrivals_come_newest_first_page_by_page(database: Database) -> None:
    with database.start_work() as work:
        for number in range(3):
            document = a_document(f"d{number}")
            work.documents.add(document)
            work.deliveries.add(
                a_delivery(
                    document,
                    status=DeliveryStatus.ARRIVED,
                    sent_at=NOW + timedelta(minutes=number),
                )
            )
        work.commit()
    with database.start_reading() as work:
        first = work.queries.list_arrivals(frozenset({FINANCE}), limit=2)
        second = work.queries.list_arrivals(frozenset({FINANCE}), cursor=first.next_cursor)
        assert not work.queries.list_arrivals(frozenset()).rows
    assert [row.document_id for row in first.rows] == ["d2", "d1"]
    assert [row.document_id for row in second.rows] == ["d0"]


def test_a_closed_task_cannot_be_closed_again(database: Database) -> None:
    with database.start_work() as work:
        item = start_draft(work, a_document())
        store = work.processes.store
        store.close_work_item(replace(item, closed_at=NOW, outcome="x"))
        with pytest.raises(ConflictError) as caught:
            store.close_work_item(replace(item, closed_at=NOW, outcome="x"))
    assert caught.value.code is ErrorCode.TASK_CLOSED


# --- steps and what is stuck -----------------------------------------------------------------


def test_steps_are_the_history_then_what_is_open(database: Database) -> None:
    with database.start_work() as work:
        move_to(work, a_document(), "sign")
        move_to(work, a_document("d2"), "check_form")
        work.commit()
    with database.start_reading() as work:
        steps = work.queries.list_steps("outgoing", "d1")
        group = work.queries.list_steps("outgoing", "d2")
    finished = [step.node_id for step in steps if step.at is not None]
    assert [node for node in finished if node in STEPS] == ["draft", "review", "check_form"]
    assert (steps[-1].node_id, steps[-1].person_name, steps[-1].at) == (
        "sign",
        LEADER.full_name,
        None,
    )
    assert group[-1].person_name == "role:van_thu"


def test_stuck_lists_stale_signings_and_silent_recipients(database: Database) -> None:
    document = a_document(number=a_number(7), status=DocumentStatus.DISPATCHED)
    intent = SigningIntent(
        id="i",
        document_id=document.id,
        stage=Stage.SIGNED,
        digest=Digest("aa" * 32),
        certificate_id=CERTIFICATE,
        actor_id=LEADER.person_id,
        nonce="n",
        begun_at=NOW,
        expires_at=NOW + timedelta(minutes=5),
    )
    with database.start_work() as work:
        work.documents.add(document)
        work.deliveries.add(a_delivery(document, status=DeliveryStatus.ARRIVED))
        work.certificates.add(a_certificate())
        work.intents.add(intent)
        work.commit()
    with database.start_reading() as work:
        assert not work.queries.list_stuck(NOW)
        stuck = work.queries.list_stuck(NOW + timedelta(days=2))
    assert stuck == [
        StuckRow(
            kind="signing",
            what="signed",
            reason="",
            since=NOW,
            key="i",
            document_id=document.id,
            can_retry=False,
        ),
        StuckRow(
            kind="silence",
            what="07/SNV-VP → Sở Tài chính",
            reason="",
            since=NOW,
            key=f"{document.id}-stc",
            document_id=document.id,
            can_retry=False,
        ),
    ]


# --- cost ------------------------------------------------------------------------------------


def test_pages_cost_a_constant_number_of_statements(database: Database) -> None:
    with database.start_work() as work:
        for number in range(20):
            document = a_document(f"d{number}", number=a_number(number + 1))
            start_draft(work, document)
            work.deliveries.add(a_delivery(document, status=DeliveryStatus.ARRIVED))
        work.commit()
    agencies = frozenset({HOME_AFFAIRS, FINANCE})
    with counted_statements(database) as seen, database.start_reading() as work:
        queries = work.queries
        assert len(queries.list_work(DRAFTER, Basket.DRAFTS).rows) == 20
        assert queries.count_baskets(DRAFTER)[Basket.DRAFTS] == 20
        assert len(queries.list_documents(agencies).rows) == 20
        assert len(queries.list_arrivals(agencies).rows) == 20
        assert len(queries.search(agencies, "báo cáo")) == 20
        assert len(queries.list_board(DocumentId("d1"))) == 1
    assert len(seen) == 6


def test_the_copies_of_a_document_cost_two_statements(database: Database) -> None:
    document = a_document()
    with database.start_work() as work:
        work.documents.add(document)
        for recipient_id in (FINANCE, HEALTH):
            delivery = a_delivery(document, recipient_id)
            for status in (DeliveryStatus.ARRIVED, DeliveryStatus.REGISTERED):
                delivery.answer(status, actor_id=SYSTEM.person_id, actor_name="", at=NOW)
            work.deliveries.add(delivery)
        work.commit()
    with counted_statements(database) as seen, database.start_reading() as work:
        copies = work.deliveries.list_for_document(document.id)
    assert [len(copy.messages) for copy in copies] == [2, 2]
    assert len(seen) == 2


def test_lists_walk_along_indexes(database: Database) -> None:
    plans: list[str] = []
    agencies = frozenset({HOME_AFFAIRS, FINANCE})

    def explain(
        connection: sa.Connection,
        cursor: object,
        statement: str,
        parameters: tuple[object, ...],
        *rest: object,
    ) -> None:
        if statement.startswith("SELECT"):
            raw = connection.connection.cursor()
            raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in raw.fetchall())

    event.listen(database.reading, "before_cursor_execute", explain)
    with database.start_reading() as work:
        cursors = work.queries.list_work(CLERK, Basket.TO_REVIEW).next_cursor
        work.queries.list_work(CLERK, Basket.TO_REVIEW, cursor=cursors)
        work.queries.count_baskets(CLERK)
        work.queries.list_documents(agencies)
        work.queries.list_arrivals(agencies)
        work.queries.list_tasks_on(CLERK, "d1")
        work.queries.search(agencies, "báo cáo 7")
    tables = ("work_item", "document", "delivery", "agency", "unit", "person")
    assert not [plan for plan in plans for table in tables if plan.startswith(f"SCAN {table} ")]
    assert any("COVERING INDEX ix_work_item_role" in plan for plan in plans)
    assert any("COVERING INDEX ix_work_item_person" in plan for plan in plans)
    assert any("ix_document_agency_id_created_at_id" in plan for plan in plans)
    assert any("ix_delivery_recipient_id_sent_at_id" in plan for plan in plans)
