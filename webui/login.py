"""Know who asks: the session cookie, and the permission every view must declare."""

from collections.abc import Callable
from typing import TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import ErrorCode, NotPermittedError, TrinhKyError
from engine.model.organisation import Actor
from engine.permissions import Permission, check_permitted
from webui.bootstrap import House, UseCases

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

SESSION_COOKIE = "trinhky_session"
_EXTENSION = "trinhky"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE = frozenset({"same-origin", "none"})

#: These depend on the thing asked for, so the use case decides; to be signed in comes first.
_NEEDS_SUBJECT = frozenset(
    {
        Permission.DOCUMENT_DRAFT,
        Permission.DOCUMENT_VIEW,
        Permission.COPY_REQUEST,
        Permission.COPY_VIEW,
        Permission.MEETING_PLAN,
        Permission.MEETING_VIEW,
        Permission.MEETING_REPLY,
        Permission.PRESERVATION_ACT,
        Permission.DOCUMENT_EDIT,
        Permission.REGISTER_VIEW,
        Permission.REPORT_CITY,
        Permission.NUMBER_VOID,
        Permission.DOCUMENT_CANCEL,
        Permission.CERTIFICATE_REQUEST,
        Permission.CERTIFICATE_STOP,
        Permission.APPLICATION_VIEW,
        Permission.PIN_RELEASE,
        Permission.BATCH_SIGN,
        Permission.ASSIGNMENT_VIEW,
        Permission.BOARD_VIEW,
        Permission.DELEGATION_GIVE,
        Permission.DELEGATION_VIEW,
        Permission.DELEGATION_END,
        Permission.DELEGATION_OVERSEE,
    }
)


def requires(permission: Permission) -> Callable[[View], View]:
    """Declare the permission of a view; the app does not start with a view that has none."""

    def declare(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined] # a mark on a function
        return view

    return declare


def polled(view: View) -> View:
    """Mark a view that pages ask again by themselves: it does not keep a session alive."""
    view.is_polled = True  # type: ignore[attr-defined] # a mark on a function
    return view


def find_permission(view: Callable[..., object]) -> Permission | None:
    """Return the permission a view declares."""
    return getattr(view, "permission", None)


def check_every_view(app: Flask) -> None:
    """Check that no view is open by forgetfulness.

    Raises:
        TrinhKyError: names the endpoints without a permission.
    """
    bare = [name for name, view in app.view_functions.items() if find_permission(view) is None]
    if bare:
        raise TrinhKyError(f"views without a permission: {', '.join(sorted(bare))}")


def init_login(app: Flask, house: House) -> None:
    """Guard every request of the app."""
    app.extensions[_EXTENSION] = house
    app.before_request(_refuse_other_sites)


def init_guard(app: Flask) -> None:
    """Let only those in whom the view's permission names; runs after the check of the token."""
    app.before_request(_guard)


def the_house() -> House:
    """Return the installation this app serves."""
    return cast(House, current_app.extensions[_EXTENSION])


def use_cases() -> UseCases:
    """Return the use cases."""
    return the_house().use_cases


def find_actor() -> Actor | None:
    """Return who is signed in; the session is looked up once a request."""
    if "actor" not in g:
        token = request.cookies.get(SESSION_COOKIE, "")
        view = current_app.view_functions.get(request.endpoint or "")
        is_used = not getattr(view, "is_polled", False)
        g.actor = use_cases().identify(token, is_used=is_used) if token else None
    return cast(Actor | None, g.actor)


def current_actor() -> Actor:
    """Return who is signed in.

    Raises:
        NotPermittedError: nobody is.
    """
    actor = find_actor()
    if actor is None:
        raise NotPermittedError("nobody is signed in", code=ErrorCode.LOGIN_REQUIRED)
    return actor


def set_session_cookie(response: BaseResponse, token: str) -> None:
    """Give the browser its session; the token is worth nothing once the session is closed."""
    response.set_cookie(
        SESSION_COOKIE, token, httponly=True, samesite="Lax", secure=request.is_secure, path="/"
    )


def wants_json() -> bool:
    """Tell whether a script asks, which can show neither an error page nor the sign-in."""
    return request.accept_mimetypes.best == "application/json"


def safe_target(target: str) -> str:
    """Return `target` if it is a path of this site, else the home page."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    inside = not parts.scheme and not parts.netloc and target.startswith("/")
    # Browsers read a backslash as a slash, and "//" begins another host's address.
    plain = "\\" not in target and not target.startswith("//") and target.isprintable()
    return target if inside and plain else "/"


def _refuse_other_sites() -> None:
    """Refuse what another site sends on; browsers that do not say are held by the token."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.method not in _SAFE_METHODS and site not in _OWN_SITE:
        abort(400, "sent on by another site")


def _guard() -> ResponseReturnValue | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None
    permission = find_permission(view)
    if permission is Permission.PUBLIC:
        return None
    actor = find_actor()
    if actor is None:
        return _ask_to_sign_in()
    if permission is None:
        raise NotPermittedError(f"{request.endpoint} has no permission", predicate="deny")
    if permission is Permission.IDENTIFIED:
        return None
    check_permitted(Permission.SIGNED_IN, actor)
    if permission not in _NEEDS_SUBJECT:
        check_permitted(permission, actor)
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": url_for("access.sign_in_form")})
    if request.method not in _SAFE_METHODS or wants_json():
        raise NotPermittedError("the session has ended", code=ErrorCode.SESSION_EXPIRED)
    return redirect(url_for("access.sign_in_form", next=here if here != "/" else None), 303)
