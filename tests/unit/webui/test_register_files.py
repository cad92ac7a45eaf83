"""Say in a register who took an arrival on."""

from datetime import UTC, date, datetime

import pytest

from engine.model.register import EntryState, RegisterBook
from engine.ports_reports import RegisterLine
from webui.register_files import _receipt


@pytest.mark.parametrize(
    ("person", "shown"), [("Lê An", "Lê An (điện tử"), ("", "Phòng Nội vụ (điện tử")]
)
def test_receipt_names_the_unit_when_no_person_took_it_on(person: str, shown: str) -> None:
    at = datetime(2026, 1, 5, 2, 30, tzinfo=UTC)
    line = RegisterLine(
        book=RegisterBook.ARRIVALS,
        series="",
        number=1,
        suffix="",
        state=EntryState.ISSUED,
        subject_id="v1",
        symbol="1/SNV",
        dated_on=date(2026, 1, 5),
        title="Công văn",
        signatory="",
        counterpart="",
        entered_at=at,
        reason="",
        unit_name="Phòng Nội vụ",
        person_name=person,
        accepted_at=at,
    )
    assert str(_receipt(line)).startswith(shown)
