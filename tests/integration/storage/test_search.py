import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import pytest

from engine.model.delivery import DeliveryStatus
from engine.model.document import DocumentStatus
from engine.model.kinds import GIAY_MOI, THONG_BAO
from engine.model.organisation import AgencyId
from storage.database import Database
from tests.integration.storage.town import (
    COMMITTEE,
    FINANCE,
    HEALTH,
    HOME_AFFAIRS,
    a_delivery,
    a_document,
    a_number,
)

SENT = {"status": DocumentStatus.DISPATCHED}
CORPUS = (
    a_document(
        "dieu-dong",
        subject="Điều động cán bộ về Đắk Lắk",
        body="Quyết định có hiệu lực từ ngày ký.",
        number=a_number(7),
        **SENT,
    ),
    a_document(
        "hop",
        kind=GIAY_MOI,
        subject="Họp giao ban tháng 01",
        body="Kính mời đồng chí.",
        number=a_number(123),
        **SENT,
    ),
    a_document(
        "bao-cao",
        kind=THONG_BAO,
        subject="Kết luận về báo cáo tháng 12",
        body="Bao cao gửi trước ngày 07/02/2026.",
        recipients=(HEALTH,),
        number=a_number(70, "TB-SNV"),
        **SENT,
    ),
    a_document("nhap", subject="Dự thảo báo cáo", body="Chưa xong.", recipients=(FINANCE,)),
)


@pytest.fixture
def corpus(database: Database) -> Database:
    with database.start_work() as work:
        for document in CORPUS:
            work.documents.add(document)
            if document.status is DocumentStatus.DISPATCHED:
                for recipient_id in document.content.recipients:
                    work.deliveries.add(
                        a_delivery(document, recipient_id, status=DeliveryStatus.ARRIVED)
                    )
        work.commit()
    return database


def found(database: Database, text: str, *agency_ids: AgencyId) -> Sequence[str]:
    with database.start_reading() as work:
        rows = work.queries.search(frozenset(agency_ids or (HOME_AFFAIRS,)), text)
    return [row.document_id for row in rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("điều động", ["dieu-dong"]),
        ("dieu dong", ["dieu-dong"]),
        ("ĐIỀU ĐỘNG", ["dieu-dong"]),
        ("Dieu Dong CAN BO", ["dieu-dong"]),
        ("dak lak", ["dieu-dong"]),
        ("Đắk Lắk", ["dieu-dong"]),
        ("quyet dinh hieu luc", ["dieu-dong"]),
        ("giấy mời", ["hop"]),
        ("giay moi thang 1", ["hop"]),
        ("sở y tế giao ban", ["hop"]),
        ("sở nội vụ thông báo", ["bao-cao"]),
        ("không có chữ này", []),
    ],
)
def test_search_finds_words_with_or_without_tone_marks(
    corpus: Database, text: str, expected: list[str]
) -> None:
    assert found(corpus, text) == expected


@pytest.mark.parametrize("text", ["điều động", "Đắk Lắk", "giấy mời", "kết luận"])
def test_search_finds_the_same_when_the_query_is_decomposed(corpus: Database, text: str) -> None:
    assert found(corpus, unicodedata.normalize("NFD", text)) == found(corpus, text) != []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("7", "dieu-dong"),
        ("07", "dieu-dong"),
        ("007", "dieu-dong"),
        ("07/SNV-VP", "dieu-dong"),
        ("123 snv", "hop"),
        ("123/snv-vp", "hop"),
        ("123/SNV", "hop"),
        ("70/tb-snv", "bao-cao"),
        ("70", "bao-cao"),
    ],
)
def test_search_gives_the_document_of_that_number_first(
    corpus: Database, text: str, first: str
) -> None:
    assert found(corpus, text)[0] == first


def test_search_gives_matches_with_the_tone_marks_as_typed_first(corpus: Database) -> None:
    # "Bao cao" without marks stands in one document, "báo cáo" in two.
    assert found(corpus, "Bao cao gửi") == ["bao-cao"]
    assert set(found(corpus, "bao cao")) == {"bao-cao", "nhap"}
    assert found(corpus, "bao cao")[0] == "bao-cao"
    assert found(corpus, "dự thảo") == ["nhap"]


def test_search_gives_the_newest_first_when_matches_are_alike(database: Database) -> None:
    with database.start_work() as work:
        for number in range(3):
            work.documents.add(a_document(f"d{number}"))
        work.commit()
    assert found(database, "báo cáo") == ["d2", "d1", "d0"]


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "a\"b' OR 1=1 --",
        "readers : x",
        "exact:x",
        "* NEAR(a b) ^",
        "AND OR NOT",
        "-snv",
        "{symbol} : 7",
        "%",
        "'; DROP TABLE document; --",
        "\x00",
        "(((((",
        "x" * 5000,
        "báo " * 200,
    ],
)
def test_search_never_reads_a_query_as_syntax(corpus: Database, text: str) -> None:
    found(corpus, text)
    assert found(corpus, "điều động") == ["dieu-dong"]


@pytest.mark.parametrize("text", ["", "   ", "!?", "/", "\u0301"])
def test_search_finds_nothing_when_there_is_no_word(corpus: Database, text: str) -> None:
    assert found(corpus, text) == []


@pytest.mark.parametrize(
    ("agency_id", "expected"),
    [
        (HOME_AFFAIRS, {"bao-cao", "nhap"}),
        (HEALTH, {"bao-cao"}),
        (FINANCE, set()),
        (COMMITTEE, set()),
    ],
)
def test_search_shows_only_what_the_agency_sent_or_received(
    corpus: Database, agency_id: AgencyId, expected: set[str]
) -> None:
    assert set(found(corpus, "báo cáo", agency_id)) == expected


def test_search_hides_from_a_recipient_what_is_the_senders_own_affair(database: Database) -> None:
    document = a_document(number=a_number(7), **SENT)
    with database.start_work() as work:
        work.documents.add(document)
        for recipient_id in (FINANCE, HEALTH):
            work.deliveries.add(a_delivery(document, recipient_id, status=DeliveryStatus.REFUSED))
        work.commit()
    with database.start_reading() as work:
        (received,) = work.queries.search(frozenset({FINANCE}), "báo cáo")
        (sent,) = work.queries.search(frozenset({HOME_AFFAIRS, FINANCE}), "báo cáo")
    internal = ("unit_name", "drafter_name", "answered", "refused")
    assert [getattr(received, name) for name in internal] == ["", "", 0, 0]
    assert sent == replace(
        received,
        unit_name="Văn phòng snv",
        drafter_name="Nguyễn snv chuyen_vien",
        answered=2,
        refused=2,
    )


def test_search_shows_nothing_to_nobody(corpus: Database) -> None:
    with corpus.start_reading() as work:
        assert work.queries.search(frozenset(), "báo cáo") == []


def test_search_hides_a_delivery_that_has_not_arrived(database: Database) -> None:
    document = a_document(status=DocumentStatus.SEALED)
    with database.start_work() as work:
        work.documents.add(document)
        delivery = a_delivery(document)
        work.deliveries.add(delivery)
        work.commit()
    assert found(database, "báo cáo", FINANCE) == []
    with database.start_work() as work:
        delivery.status = DeliveryStatus.ARRIVED
        work.deliveries.save(delivery)
        work.commit()
    assert found(database, "báo cáo", FINANCE) == [document.id]


def test_search_follows_a_document_that_is_saved_again(corpus: Database) -> None:
    with corpus.start_work() as work:
        document = work.documents.get(CORPUS[3].id)
        document.number = a_number(88)
        document.content = type(document.content)(kind=THONG_BAO, subject="Lịch nghỉ Tết")
        work.documents.save(document)
        work.commit()
    assert found(corpus, "du thao") == []
    assert found(corpus, "88") == found(corpus, "nghỉ tết") == [document.id]


def test_find_document_takes_an_id_or_a_symbol(corpus: Database) -> None:
    with corpus.start_reading() as work:
        assert work.queries.find_document("hop") == "hop"
        assert work.queries.find_document(" 07/SNV-VP ") == "dieu-dong"
        assert work.queries.find_document("99/SNV-VP") is None
