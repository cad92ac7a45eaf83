import re

import pytest

from engine import errors
from engine.errors import (
    ConflictError,
    ErrorCode,
    InvalidInputError,
    NotPermittedError,
    PinRejectedError,
    SignerUnavailableError,
    SigningError,
    TrinhKyError,
)
from engine.layout.lint import FindingCode
from webui.error_texts import FIELDS, FINDINGS, PROBLEMS, TEXTS
from webui.errors import (
    STATUSES,
    STATUSES_BY_CODE,
    describe_error,
    error_page,
    status_of,
)
from webui.forms import DirectForm, DraftForm, OpinionForm, PresentForm, ReasonForm, ResultForm
from workflows.organisation.city_tables import Problem

CLASSES = [each for each in vars(errors).values() if isinstance(each, type)]


def test_every_code_has_words():
    assert set(TEXTS) == set(ErrorCode)
    for words in TEXTS.values():
        assert words.title
        assert words.text.endswith(".")
        assert words.advice.endswith(".")


def test_every_error_class_has_a_status():
    assert {each for each in CLASSES if issubclass(each, TrinhKyError)} == set(STATUSES)
    assert set(STATUSES_BY_CODE) <= set(ErrorCode)


def test_every_problem_of_a_table_has_words():
    assert set(PROBLEMS) == set(Problem)


def test_every_finding_of_the_check_of_form_has_words():
    assert set(FINDINGS) == set(FindingCode)

    error = InvalidInputError(code=ErrorCode.FORM_REFUSED, finding=FindingCode.BODY_MISSING)
    assert "thiếu nội dung" in describe_error(error, "vi")


def test_every_field_of_the_forms_has_a_name_when_an_error_names_it():
    asked = {
        name
        for form in (DraftForm, OpinionForm, ReasonForm, PresentForm, DirectForm, ResultForm)
        for name in form()._fields
    }
    assert asked - set(FIELDS) == {
        "version", "recipients", "urgency", "circulation", "classification", "no_deadline",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInputError(), 422),
        (InvalidInputError(code=ErrorCode.UPLOAD_TOO_LARGE), 413),
        (NotPermittedError(), 403),
        (NotPermittedError(code=ErrorCode.LOGIN_THROTTLED), 429),
        (ConflictError(), 409),
        (SigningError(), 502),
        (PinRejectedError(), 422),
        (SignerUnavailableError(), 503),
        (TrinhKyError(), 500),
    ],
)
def test_status_is_that_of_the_code_or_of_the_nearest_class(error, status):
    assert status_of(error) == status


def test_describe_error_says_who_closed_a_task_in_both_languages():
    error = ConflictError(code=ErrorCode.TASK_CLOSED, by="Mai Kim Loan", at="23/11/2026 14:24")

    assert describe_error(error, "vi").startswith(
        "Mai Kim Loan đã làm việc này lúc 23/11/2026 14:24."
    )
    assert describe_error(error, "en").startswith(
        "Mai Kim Loan did this task at 23/11/2026 14:24."
    )


def test_describe_error_names_the_line_when_a_table_is_wrong():
    error = InvalidInputError(
        code=ErrorCode.IMPORT_INVALID,
        table="units",
        line="7",
        column="agency",
        problem=Problem.UNKNOWN_REFERENCE,
        value="khong-co",
    )

    text = describe_error(error, "vi")

    assert "Bảng units, dòng 7, cột agency" in text
    assert "không có trong bảng được nhắc đến (“khong-co”)" in text


@pytest.mark.parametrize("code", list(ErrorCode))
@pytest.mark.parametrize("locale", ["vi", "en"])
def test_describe_error_needs_no_parameter(code, locale):
    text = describe_error(TrinhKyError(code=code), locale)

    assert "%" not in text
    assert (re.search("[ạảãàáâậầấẩẫăắằặẳẵêếềệểễ]", text.lower()) is None) == (locale == "en")


def test_error_page_hides_that_a_thing_exists_when_a_stranger_asks(caplog):
    caplog.set_level("INFO", logger="trinhky.web")
    refusal = NotPermittedError("p1 lacks document.view", predicate="serves_agency_or_recipient")

    page = error_page(refusal)

    assert page.status == 404
    assert page.code is ErrorCode.DOCUMENT_NOT_FOUND
    # The log keeps the truth under the same reference.
    assert f"reference={page.reference} status=404 code=permission.denied" in caplog.text
