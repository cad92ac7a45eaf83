"""Speak Vietnamese first and English second: texts, dates, the choice of language.

Source texts are Vietnamese; `translations/en` holds the English ones.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request
from flask_babel import Babel, gettext, lazy_gettext  # type: ignore[import-untyped] # has no types

from engine.clock import local

__all__ = ["gettext", "lazy_gettext", "mark", "say", "translate"]

LOCALES = ("vi", "en")
DEFAULT_LOCALE = "vi"
LANGUAGE_COOKIE = "trinhky_lang"
TIME_ZONE = "Asia/Ho_Chi_Minh"
TRANSLATIONS = Path(__file__).resolve().parent / "translations"


def mark(text: str) -> str:
    """Return `text` as it is; the name `_l` it is imported under puts it in the catalogue."""
    return text


def say(text: str, /, **params: str) -> str:
    """Return `text` in the language of the request."""
    return translate(text, current_locale(), **params)


def translate(text: str, locale: str, /, **params: str) -> str:
    """Return `text` in `locale` with its parameters; one that is absent is shown as dots."""
    found = _catalogue(locale).ugettext(text) if locale != DEFAULT_LOCALE else text
    return found % _Params(params)


def current_locale() -> str:
    """Return the language the reader has chosen; Vietnamese unless they have."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "") if has_request_context() else ""
    return chosen if chosen in LOCALES else DEFAULT_LOCALE


def show_time(at: datetime | None) -> str:
    """Return a moment as people write it, in Việt Nam's zone."""
    return f"{local(at):%d/%m/%Y %H:%M}" if at else ""


def show_time_with_zone(at: datetime | None) -> str:
    """Return a moment to the second with its zone; for evidence."""
    return f"{local(at):%d/%m/%Y %H:%M:%S} +07:00" if at else ""


def show_day(day: date | None) -> str:
    """Return a day as people write it."""
    return f"{day:%d/%m/%Y}" if day else ""


def init_i18n(app: Flask) -> None:
    """Teach the app's templates to speak."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(
        app,
        default_locale=DEFAULT_LOCALE,
        default_timezone=TIME_ZONE,
        locale_selector=current_locale,
    )
    app.jinja_env.filters.update(
        {"time": show_time, "time_with_zone": show_time_with_zone, "day": show_day}
    )


class _Params(dict[str, str]):
    """Hold parameters of a text; one that nobody gave is shown as dots, never as an error."""

    def __init__(self, params: Mapping[str, str]) -> None:
        super().__init__(params)

    def __missing__(self, key: str) -> str:
        return "…"


@cache
def _catalogue(locale: str) -> NullTranslations:
    return Translations.load(str(TRANSLATIONS), [locale])
