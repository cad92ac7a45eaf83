"""Let people in and out."""

from flask import Blueprint, jsonify, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped] # has no types

from engine.errors import NotPermittedError
from engine.permissions import Permission
from webui.errors import error_sentence, log_error, status_of
from webui.forms import SignInForm
from webui.limits import LOGIN_LIMIT, limiter
from webui.login import (
    SESSION_COOKIE,
    current_actor,
    find_actor,
    requires,
    safe_target,
    set_session_cookie,
    use_cases,
)

bp = Blueprint("access", __name__)


@bp.get("/dang-nhap")
@requires(Permission.PUBLIC)
def sign_in_form() -> ResponseReturnValue:
    """Show the sign-in page, or go on when somebody is signed in."""
    target = safe_target(request.args.get("next", "/"))
    if find_actor() is not None:
        return redirect(target, 303)
    return render_template("pages/sign_in.html", form=SignInForm(data={"next": target}))


@bp.post("/dang-nhap")
@requires(Permission.PUBLIC)
@limiter.limit(LOGIN_LIMIT)
def sign_in() -> ResponseReturnValue:
    """Open a session; the cookie and the form token are new from here on."""
    form = SignInForm(request.form)
    try:
        token = use_cases().sign_in(form.login.data or "", form.password.data or "")
    except NotPermittedError as error:
        status = status_of(error)
        log_error(error, status)
        page = render_template("pages/sign_in.html", form=form, messages=[error_sentence(error)])
        return page, status
    session.clear()
    response = redirect(safe_target(form.next.data or "/"), 303)
    set_session_cookie(response, token)
    return response


@bp.get("/phien")
@requires(Permission.SIGNED_IN)
def session_state() -> ResponseReturnValue:
    """Tell a page that is about to send a form who is signed in, and the token of now."""
    return jsonify(person=current_actor().person_id, token=generate_csrf())


@bp.get("/da-dang-nhap")
@requires(Permission.SIGNED_IN)
def signed_in() -> ResponseReturnValue:
    """Send the person back to the tab where they were typing."""
    return render_template("pages/signed_in.html")


@bp.post("/dang-xuat")
@requires(Permission.IDENTIFIED)
def sign_out() -> ResponseReturnValue:
    """End the session on the server and in the browser."""
    use_cases().sign_out(request.cookies[SESSION_COOKIE], current_actor())
    session.clear()
    response = redirect("/dang-nhap", 303)
    response.delete_cookie(SESSION_COOKIE)
    return response
