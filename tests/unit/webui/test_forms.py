from datetime import date

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from engine.errors import ErrorCode, InvalidInputError, PinRejectedError
from engine.model.document import DraftContent, InvitationContent
from engine.model.kinds import GIAY_MOI
from engine.model.urgency import Urgency
from webui.forms import CLASSIFICATIONS, DirectForm, DraftForm, SignForm, add_error
from webui.i18n import init_i18n


@pytest.fixture(autouse=True)
def _in_a_request():
    """Let the labels speak: they ask the request for its language."""
    app = Flask("forms")
    init_i18n(app)
    with app.test_request_context():
        yield


def test_draft_form_gives_back_what_it_was_filled_with():
    content = DraftContent(
        kind=GIAY_MOI,
        subject="Họp giao ban",
        body="Nội dung.",
        recipients=("stc", "syt"),
        urgency=Urgency.EXPRESS,
        signatory_id="p1",
        invitation=InvitationContent(invitees="A", chair="B", time="C", place="D", reply_by="E"),
    )

    form = DraftForm.of(content, 7)

    assert form.content(GIAY_MOI) == content
    assert form.seen_version == 7
    assert form.degree == ""


@pytest.mark.parametrize("garbled", ["", "x", "-1", "²", "1.0"])
def test_seen_version_is_never_current_when_it_is_garbled(garbled):
    assert DraftForm(MultiDict({"version": garbled})).seen_version == -1


def test_urgency_is_ordinary_when_it_is_unknown():
    assert DraftForm(MultiDict({"urgency": "x"})).content(GIAY_MOI).urgency is Urgency.NORMAL


def test_unknown_degree_of_secrecy_counts_as_chosen():
    assert DraftForm(MultiDict({"classification": "Lạ"})).degree == "Lạ"
    assert CLASSIFICATIONS[0] == ""


@pytest.mark.parametrize(
    ("typed", "day"),
    [("2026-12-31", date(2026, 12, 31)), ("31/12/2026", date(2026, 12, 31)), ("", None)],
)
def test_day_is_read_as_browsers_send_it_or_people_write_it(typed, day):
    assert DirectForm(MultiDict({"due_on": typed})).deadline() == day


def test_deadline_is_decided_only_by_a_day_or_by_none_on_purpose():
    assert DirectForm(MultiDict({"due_on": "2026-12-31"})).is_decided()
    assert DirectForm(MultiDict({"no_deadline": "y"})).is_decided()
    assert not DirectForm(MultiDict({})).is_decided()
    assert not DirectForm(MultiDict({"due_on": "32/13/2026"})).is_decided()


def test_no_deadline_wins_over_a_day_that_was_left_in_the_field():
    form = DirectForm(MultiDict({"due_on": "2026-12-31", "no_deadline": "y"}))

    assert form.deadline() is None


def test_add_error_puts_it_beside_its_field():
    form = DraftForm()

    left = add_error(form, InvalidInputError(code=ErrorCode.INPUT_MISSING, field="subject"))

    assert left == []
    assert form.errors == {"subject": ["Mục “Trích yếu” còn để trống."]}


@pytest.mark.parametrize(
    ("named", "field"), [("paragraphs", "body"), ("invitation.reply_by", "reply_by")]
)
def test_add_error_knows_the_names_the_layout_uses(named, field):
    form = DraftForm()

    add_error(form, InvalidInputError(code=ErrorCode.INPUT_MISSING, field=named))

    assert list(form.errors) == [field]
    assert named not in form.errors[field][0]


def test_add_error_finds_the_field_by_the_code_when_the_error_names_none():
    form = SignForm()

    assert add_error(form, PinRejectedError()) == []
    assert list(form.errors) == ["pin"]


def test_add_error_gives_the_sentence_back_when_there_is_no_such_field():
    assert add_error(SignForm(), InvalidInputError(code=ErrorCode.REASON_MISSING)) == [
        "Phải ghi lý do."
    ]
