"""What keeps prepared signatures: as they were, each used once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.document import Digest, DocumentId, Stage
from engine.model.organisation import PersonId, Role
from engine.model.parking import ParkedItem, ParkedSignature, nonce_digest
from engine.model.signing_intent import SigningIntent
from engine.ports import StartWork
from tests.integration.storage.town import (
    CERTIFICATE,
    HOME_AFFAIRS,
    NOW,
    a_certificate,
    a_document,
    person_of,
)

LEADER = PersonId(person_of(HOME_AFFAIRS, Role.LEADER))
LATER = NOW + timedelta(minutes=5)
DOCUMENT = DocumentId("d1")


def a_parked(name: str, begun: timedelta = timedelta()) -> ParkedSignature:
    items = tuple(
        ParkedItem(
            title=f"Phụ lục {number}",
            field="co_quan",
            reason="Sở Nội vụ",
            prepared=Digest(f"{number:064x}"),
            attributes=bytes(range(256)),
            value_start=70 + number,
            value_end=170 + number,
        )
        for number in (2, 1)
    )
    return ParkedSignature(
        id=name,
        nonce_digest=nonce_digest(name),
        intent_id="i1",
        document_id=DOCUMENT,
        person_id=LEADER,
        digest=Digest("aa" * 32),
        begun_at=NOW + begun,
        expires_at=LATER,
        items=items,
    )


@pytest.fixture
def begun(start_work: StartWork) -> StartWork:
    """Return a store with an undertaking."""
    with start_work() as work:
        work.documents.add(a_document())
        work.certificates.add(a_certificate())
        work.intents.add(
            SigningIntent(
                id="i1",
                document_id=DOCUMENT,
                stage=Stage.SIGNED,
                digest=Digest("aa" * 32),
                certificate_id=CERTIFICATE,
                actor_id=LEADER,
                nonce="nonce",
                begun_at=NOW,
                expires_at=LATER,
            )
        )
        work.commit()
    return start_work


def test_parking_gives_back_what_was_put_in(begun: StartWork) -> None:
    with begun() as work:
        work.parking.add(a_parked("p1"))
        work.commit()

    with begun() as work:
        assert work.parking.find("p1") == a_parked("p1")
        assert work.parking.find("p2") is None


def test_parking_lets_one_of_many_take_it(begun: StartWork) -> None:
    with begun() as work:
        work.parking.add(a_parked("p1"))
        work.commit()

    def take(_: int) -> bool:
        with begun() as work:
            is_taken = work.parking.take("p1", LATER)
            work.commit()
        return is_taken

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(take, range(8)))

    assert sorted(outcomes) == [False] * 7 + [True]
    with begun() as work:
        assert work.parking.find("p1") == replace(a_parked("p1"), used_at=LATER)


def test_parking_takes_nothing_that_is_not_there(begun: StartWork) -> None:
    with begun() as work:
        assert not work.parking.take("p1", LATER)


def test_parking_finds_the_newest_that_waits_for_a_person(begun: StartWork) -> None:
    with begun() as work:
        for name, minutes in (("p1", 0), ("p2", 2), ("p3", 3)):
            work.parking.add(a_parked(name, timedelta(minutes=minutes)))
        work.parking.take("p3", LATER)

        found = work.parking.find_waiting(DOCUMENT, LEADER)
        clerk = PersonId(person_of(HOME_AFFAIRS, Role.CLERK))

        assert found is not None
        assert found.id == "p2"
        assert work.parking.find_waiting(DOCUMENT, clerk) is None
        assert work.parking.find_waiting(DocumentId("d2"), LEADER) is None
