"""Keep how a person wants the pages: language, colours, keys. Cookies only."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.permissions import Permission
from webui.i18n import LANGUAGE_COOKIE, LOCALES, gettext
from webui.login import requires, safe_target
from webui.shell import KEYS_COOKIE, THEME_COOKIE, THEMES

bp = Blueprint("preferences", __name__)

ONE_YEAR_SECONDS = 365 * 24 * 3600


@bp.get("/ngon-ngu/<locale>")
@requires(Permission.PUBLIC)
def language(locale: str) -> ResponseReturnValue:
    """Go on in another language."""
    if locale not in LOCALES:
        abort(404)
    response = redirect(safe_target(request.args.get("next", "/")), 303)
    response.set_cookie(
        LANGUAGE_COOKIE, locale, max_age=ONE_YEAR_SECONDS, samesite="Lax", httponly=True
    )
    return response


@bp.get("/cai-dat")
@requires(Permission.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Show the settings of this browser."""
    return render_template("pages/preferences.html")


@bp.post("/cai-dat")
@requires(Permission.SIGNED_IN)
def save() -> ResponseReturnValue:
    """Keep the settings in this browser."""
    theme = request.form.get("theme", "")
    keys = "on" if request.form.get("keys") else "off"
    response = redirect(url_for("preferences.show"), 303)
    chosen = {THEME_COOKIE: theme if theme in THEMES else THEMES[0], KEYS_COOKIE: keys}
    for name, value in chosen.items():
        response.set_cookie(name, value, max_age=ONE_YEAR_SECONDS, samesite="Lax", httponly=True)
    flash(gettext("Đã lưu cài đặt."), "good")
    return response
