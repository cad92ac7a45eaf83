"""Questions and answers as rows: what was asked never changes, an answer is written once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import ConflictError, ErrorCode, NotFoundError, StorageError
from engine.model.document import Document
from engine.model.opinion import Opinion, OpinionId, OpinionState, OpinionView
from engine.model.organisation import Role
from storage.database import Database
from tests.integration.storage.town import (
    HOME_AFFAIRS,
    NOW,
    a_delivery,
    a_document,
    an_actor,
)

HEAD = an_actor(HOME_AFFAIRS, Role.DIVISION_HEAD)
CLERK = an_actor(HOME_AFFAIRS, Role.CLERK)
LATER = NOW + timedelta(hours=1)


def an_opinion(document: Document, number: int = 1, **changes: object) -> Opinion:
    opinion = Opinion(
        id=OpinionId(f"o{number}"),
        task_id="t1",
        document_id=document.id,
        delivery_id=None,
        agency_id=HOME_AFFAIRS,
        unit_id=None,
        person_id=CLERK.person_id,
        asked_name=CLERK.full_name,
        question="Ý kiến?",
        asked_by=HEAD.person_id,
        asked_by_name=HEAD.full_name,
        asked_at=NOW,
        due_at=NOW + timedelta(days=2),
    )
    return replace(opinion, **changes)  # type: ignore[arg-type]


@pytest.fixture
def asked(database: Database) -> Opinion:
    document = a_document()
    opinion = an_opinion(document)
    with database.start_work() as work:
        work.documents.add(document)
        work.opinions.add(opinion)
        work.commit()
    return opinion


def run(database: Database, statement: str) -> None:
    with database.start_work() as work:
        work._connection.exec_driver_sql(statement)
        work.commit()


def test_opinion_comes_back_as_it_was_asked(database: Database, asked: Opinion) -> None:
    with database.start_reading() as work:
        assert work.opinions.get(asked.id) == asked
        assert list(work.opinions.list_on(asked.document_id)) == [asked]
        with pytest.raises(NotFoundError):
            work.opinions.get(OpinionId("none"))


def test_opinion_on_an_arrival_is_listed_there_only(database: Database, asked: Opinion) -> None:
    with database.start_work() as work:
        document = work.documents.get(asked.document_id)
        delivery = a_delivery(document)
        work.deliveries.add(delivery)
        second = an_opinion(document, 2, delivery_id=delivery.id)
        work.opinions.add(second)
        work.commit()
    with database.start_reading() as work:
        assert list(work.opinions.list_on(delivery.id)) == [second]
        assert list(work.opinions.list_on(document.id)) == [asked]


def test_answer_is_written_once_when_two_give_it(database: Database, asked: Opinion) -> None:
    given = asked.answered(OpinionView.AGREE, "", actor=CLERK, now=LATER)
    with database.start_work() as work:
        work.opinions.save(given)
        work.commit()
    for late in (given, asked.withdrawn("Thôi.", actor=HEAD, now=LATER)):
        with database.start_work() as work, pytest.raises(ConflictError) as caught:
            work.opinions.save(late)
        assert caught.value.code is ErrorCode.OPINION_CLOSED
    with database.start_reading() as work:
        assert work.opinions.get(asked.id) == given


@pytest.mark.parametrize(
    "column", ["question", "due_at", "person_id", "asked_by", "asked_name", "task_id"]
)
def test_question_cannot_be_changed_in_the_database(
    database: Database, asked: Opinion, column: str
) -> None:
    statement = f"UPDATE opinion SET {column} = 'khác' WHERE id = '{asked.id}'"  # noqa: S608
    with pytest.raises(StorageError, match="append-only"):
        run(database, statement)


def test_answer_cannot_be_changed_in_the_database(database: Database, asked: Opinion) -> None:
    with database.start_work() as work:
        work.opinions.save(asked.answered(OpinionView.AGREE, "", actor=CLERK, now=LATER))
        work.commit()
    for statement in ("UPDATE opinion SET view = 'disagree'", "DELETE FROM opinion"):
        with pytest.raises(StorageError, match="append-only"):
            run(database, statement)


def test_end_of_the_process_is_read_with_the_opinion(database: Database, asked: Opinion) -> None:
    with database.start_work() as work:
        started = work.processes.start(
            "opinion",
            business_key=asked.id,
            data={
                "agency_id": HOME_AFFAIRS,
                "unit_id": None,
                "person_id": CLERK.person_id,
                "due_at": asked.due_at.isoformat(),
            },
            actor=HEAD,
            now=NOW,
        )
        assert work.opinions.get(asked.id).ended_at is None
        work.processes.cancel(started.instance_id, actor=HEAD, now=LATER, reason="")
        ended = work.opinions.get(asked.id)
    assert ended.ended_at == LATER
    assert ended.state(LATER) is OpinionState.LAPSED
