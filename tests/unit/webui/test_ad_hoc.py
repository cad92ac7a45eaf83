"""Every name that pages beside the drawn way show has a word; what is typed is read strictly."""

from datetime import UTC, date, datetime

import pytest
from werkzeug.datastructures import MultiDict

from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.opinion import OpinionState, OpinionView
from engine.queries import StepRow
from webui import words
from webui.ad_hoc import AskForm, GiveForm, HandOverForm, ReturnForm, TakeBackForm, with_answers
from webui.error_texts import FIELDS, OPINION_ENDS, UNSUITABLE
from webui.errors import describe_error
from workflows.tasks.people import Unsuitable

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("table", "names"),
    [
        (words.OPINION_VIEWS, OpinionView),
        (words.OPINION_STATES, OpinionState),
        (OPINION_ENDS, OpinionState),
        (UNSUITABLE, Unsuitable),
    ],
)
def test_every_name_has_a_word(table, names):
    assert set(table) == set(names)


def test_every_field_of_the_forms_has_a_name_when_an_error_names_it():
    asked = {
        name
        for form in (AskForm, GiveForm, TakeBackForm, ReturnForm, HandOverForm)
        for name in form()._fields
    }
    assert asked <= set(FIELDS)


def test_errors_say_why_in_both_languages():
    unsuitable = InvalidInputError(
        code=ErrorCode.PERSON_UNSUITABLE, name="Văn phòng", why=Unsuitable.NO_HEAD
    )
    closed = ConflictError(
        code=ErrorCode.OPINION_CLOSED, state=OpinionState.EXPIRED, due="25/11/2026 09:00"
    )

    assert "Văn phòng: đơn vị chưa có lãnh đạo để trả lời." in describe_error(unsuitable, "vi")
    assert "the unit has no head who could answer" in describe_error(unsuitable, "en")
    assert "đã hết hạn (hạn trả lời 25/11/2026 09:00)" in describe_error(closed, "vi")
    assert "is past its deadline" in describe_error(closed, "en")


@pytest.mark.parametrize(
    ("typed", "days"),
    [("3", 3), (" 12 ", 12), ("", 0), ("ba", 0), ("-1", 0), ("1.5", 0), ("99999", 0), ("٣", 0)],
)
def test_working_days_are_read_strictly(typed, days):
    assert AskForm(MultiDict({"working_days": typed})).count_days() == days


def test_a_day_counts_before_working_days():
    form = AskForm(MultiDict({"working_days": "3", "due_on": "31/12/2026"}))

    assert form.due_on.data == date(2026, 12, 31)
    assert form.count_days() is None


@pytest.mark.parametrize(("typed", "view"), [("agree", OpinionView.AGREE), ("yes", None)])
def test_view_is_none_when_it_is_not_one_of_the_choices(typed, view):
    assert GiveForm(MultiDict({"view": typed})).chosen_view() is view


@pytest.mark.parametrize(
    ("outcome", "comment", "note"),
    [
        ("asked", "Văn phòng", "Xin ý kiến: Văn phòng"),
        ("taken_back", "", "Rút lại"),
        ("taken_back", "Gửi nhầm.", "Rút lại: Gửi nhầm."),
        (OpinionView.AGREE, "", "Đồng ý"),
        (OpinionView.DISAGREE, "Thiếu căn cứ.", "Không đồng ý: Thiếu căn cứ."),
        ("approved", "", ""),
    ],
)
def test_step_note_tells_what_was_decided(outcome, comment, note):
    assert words.step_note(outcome, comment) == note


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("step", "check_form", "Văn thư kiểm tra thể thức"),
        ("to", "handle", "Xử lý"),
        ("step", "redrawn", "redrawn"),
        ("view", "disagree", "Không đồng ý"),
    ],
)
def test_detail_of_a_leaf_is_shown_in_words(name, value, shown):
    assert words.detail_value(name, value) == shown


def test_open_steps_come_last_when_there_are_no_answers():
    done, waiting = a_step(AT), a_step(None)

    assert with_answers([done, waiting], []) == [done, waiting]


def a_step(at):
    return StepRow(
        node_id="review",
        name="Duyệt",
        person_name="Mai Kim Loan",
        opened_at=AT,
        at=at,
        outcome="",
        comment="",
    )
