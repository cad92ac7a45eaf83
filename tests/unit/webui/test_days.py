"""Days as people type them, and those no calendar can be counted on from."""

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from webui.days import EARLIEST, LATEST, read_day
from webui.forms import DayField


class _Asked(Form):
    day = DayField()


@pytest.mark.parametrize("text", ["2026-11-30", " 30/11/2026 ", "30/11/2026"])
def test_day_is_read_as_browsers_send_it_and_people_write_it(text) -> None:
    assert read_day(text) == date(2026, 11, 30)


@pytest.mark.parametrize("day", [EARLIEST, LATEST])
def test_day_is_read_at_either_bound(day) -> None:
    assert read_day(f"{day:%d/%m/%Y}") == day


@pytest.mark.parametrize(
    "text",
    [None, "", "x", "\x00", "30/02/2026", "0001-01-01", "1899-12-31", "9991-01-01", "31/12/9999"],
)
def test_nothing_is_read_when_it_is_no_day_or_out_of_time(text) -> None:
    assert read_day(text) is None


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "31/12/9999"])
def test_field_has_an_error_when_its_day_is_out_of_time(text) -> None:
    form = _Asked(MultiDict({"day": text}))

    assert form.day.data is None
    assert form.day.errors
