"""Say what went wrong: a status, a title, a sentence, what to do, and a number for the log."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babel.numbers import format_decimal
from flask import has_request_context, request

from engine.errors import (
    CertificateRejectedError,
    ConflictError,
    DigestMismatchError,
    ErrorCode,
    InvalidInputError,
    MailRefusedError,
    MailUnavailableError,
    NotFoundError,
    NotPermittedError,
    PinRejectedError,
    SignerUnavailableError,
    SigningError,
    StorageError,
    StoreUnavailableError,
    TrinhKyError,
)
from engine.process.steps import StepFailedError
from webui.error_texts import (
    FIELDS,
    FINDINGS,
    OPINION_ENDS,
    PROBLEMS,
    REFUSALS,
    TEXTS,
    UNSUITABLE,
)
from webui.i18n import current_locale, translate
from webui.i18n import mark as _l
from webui.login import the_house
from webui.pasting import name_characters
from webui.schedule_words import STATE_NAMES
from webui.words import REASONS

_log = logging.getLogger("trinhky.web")


@dataclass(frozen=True, kw_only=True)
class ErrorPage:
    """Hold what a page says of one error, in the reader's language.

    Args:
        reference: the same as in the log; what a person reads out on the telephone.
    """

    status: int
    code: ErrorCode
    title: str
    text: str
    advice: str
    kept: str
    reference: str


#: The numbers of HTTP live here and nowhere else; a class without one takes its base's.
STATUSES: Mapping[type[TrinhKyError], int] = {
    TrinhKyError: 500,
    InvalidInputError: 422,
    NotFoundError: 404,
    NotPermittedError: 403,
    ConflictError: 409,
    SigningError: 502,
    PinRejectedError: 422,
    SignerUnavailableError: 503,
    CertificateRejectedError: 422,
    MailRefusedError: 502,
    MailUnavailableError: 503,
    StorageError: 503,
    StoreUnavailableError: 503,
    DigestMismatchError: 503,
}

#: Codes whose status says more than their class does.
STATUSES_BY_CODE: Mapping[ErrorCode, int] = {
    ErrorCode.UPLOAD_TOO_LARGE: 413,
    # What the official's own token sent, not what a service of ours failed to do.
    ErrorCode.SIGNATURE_VALUE_WRONG: 422,
    ErrorCode.LOGIN_REQUIRED: 401,
    ErrorCode.SESSION_EXPIRED: 401,
    ErrorCode.LOGIN_THROTTLED: 429,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.MAIL_TOO_OFTEN: 429,
}

#: Rules whose failure must not tell a stranger that the thing exists.
CONFIDENTIAL_PREDICATES = frozenset(
    {
        "serves_agency_or_recipient",
        "serves_agency",
        "is_the_signer",
        "has_part_in_the_meeting",
    }
)

#: What the pages of these parts say of a thing that is not there; the others speak of documents.
_NOT_FOUND: Mapping[str, ErrorCode] = {
    "meetings": ErrorCode.MEETING_NOT_FOUND,
    "schedules": ErrorCode.SCHEDULE_NOT_FOUND,
    "assignments": ErrorCode.ASSIGNMENT_NOT_FOUND,
}

#: Parameters that are names of a case, and the words of each case.
_WORDED: Mapping[ErrorCode, tuple[str, Mapping[Any, str]]] = {
    ErrorCode.IMPORT_INVALID: ("problem", PROBLEMS),
    ErrorCode.CSR_REFUSED: ("why", REFUSALS),
    ErrorCode.TRUST_REFUSED: ("why", REFUSALS),
    ErrorCode.UPLOAD_SIGNATURE_BROKEN: ("reason", REASONS),
    ErrorCode.PERSON_UNSUITABLE: ("why", UNSUITABLE),
    ErrorCode.OPINION_CLOSED: ("state", OPINION_ENDS),
    ErrorCode.FORM_REFUSED: ("finding", FINDINGS),
    ErrorCode.SCHEDULE_CLOSED: ("state", STATE_NAMES),
}

_NOTHING_CHANGED = _l("Chưa có gì thay đổi; những gì đã lưu trước đó vẫn còn nguyên.")
_MAYBE_CHANGED = _l(
    "Những gì đã lưu trước đó vẫn còn nguyên. Hãy xem lại văn bản trước khi làm lại."
)


def status_of(error: TrinhKyError) -> int:
    """Return the HTTP status of an error."""
    by_code = STATUSES_BY_CODE.get(error.code)
    if by_code is not None:
        return by_code
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def describe_error(error: TrinhKyError, locale: str) -> str:
    """Return what went wrong and what to do, as sentences in `locale`."""
    words = TEXTS[error.code]
    params = _shown_params(error, locale)
    return f"{translate(words.text, locale, **params)} {translate(words.advice, locale)}"


def error_sentence(error: TrinhKyError) -> str:
    """Return what went wrong in the language of the request; for the field it belongs to."""
    locale = current_locale()
    return translate(TEXTS[error.code].text, locale, **_shown_params(error, locale))


def error_page(error: TrinhKyError, *, status: int | None = None) -> ErrorPage:
    """Return what the page of an error shows, and write the line of the log it refers to."""
    locale = current_locale()
    shown = _discreet(error)
    words = TEXTS[shown.code]
    final = status or status_of(shown)
    return ErrorPage(
        status=final,
        code=shown.code,
        title=translate(words.title, locale),
        text=translate(words.text, locale, **_shown_params(shown, locale)),
        advice=translate(words.advice, locale),
        kept=translate(_MAYBE_CHANGED if final >= 500 else _NOTHING_CHANGED, locale),
        reference=log_error(error, final),
    )


def log_error(error: BaseException, status: int) -> str:
    """Write one structured line about an error and return its reference number.

    Where a process could not go on, that is the number of the incident administrators see.
    """
    incident = ""
    if isinstance(error, StepFailedError):
        incident = the_house().use_cases.note_incident(error)
    reference = incident.upper() or secrets.token_hex(4).upper()
    code = error.code if isinstance(error, TrinhKyError) else ErrorCode.UNEXPECTED
    detail = error.detail if isinstance(error, TrinhKyError) else type(error).__name__
    level = logging.ERROR if status >= 500 else logging.INFO
    _log.log(
        level,
        "reference=%s status=%d code=%s detail=%r",
        reference,
        status,
        code,
        detail,
        exc_info=error if status >= 500 else None,
    )
    return reference


def _discreet(error: TrinhKyError) -> TrinhKyError:
    """Return `error`, or "not found" where a refusal would tell a stranger that it exists."""
    if error.params.get("predicate") in CONFIDENTIAL_PREDICATES:
        code = _NOT_FOUND.get((request.blueprint or "") if has_request_context() else "")
        return NotFoundError(error.detail, code=code)
    return error


def _shown_params(error: TrinhKyError, locale: str) -> dict[str, str]:
    params = dict(error.params)
    field = params.get("field", "").removeprefix("invitation.")
    if field in FIELDS:
        params["field"] = translate(FIELDS[field], locale)
    if "characters" in params:
        params["characters"] = name_characters(params["characters"])
    if "max_chars" in params:
        params["max_chars"] = format_decimal(int(params["max_chars"]), locale=locale)
    name, texts = _WORDED.get(error.code, ("", {}))
    if name in params:
        # A verifier may one day give a reason that has no words yet.
        params[name] = translate(texts.get(params[name], params[name]), locale)
    return params
