"""Make the web application of one installation: deny by default, thin views, clear errors."""

from wsgiref.headers import Headers

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError, CSRFProtect  # type: ignore[import-untyped] # has no types
from werkzeug.exceptions import HTTPException, SecurityError
from whitenoise import WhiteNoise  # type: ignore[import-untyped] # has no types

from engine.errors import ErrorCode, NotPermittedError, TrinhKyError
from engine.model.keys import serial_number
from webui import words
from webui.assets.manifest import AssetManifest
from webui.bootstrap import House
from webui.content_policy import widened
from webui.errors import error_page
from webui.i18n import init_i18n
from webui.limits import limiter
from webui.login import check_every_view, init_guard, init_login, wants_json
from webui.shell import init_shell, subject_url
from webui.views import BLUEPRINTS

#: A file of 25 MiB and the form around it; the limit itself is checked on the file.
MAX_BODY_BYTES = 25 * 1024 * 1024 + 64 * 1024
#: 100,000 characters take up to nine bytes each in a form.
MAX_FORM_BYTES = 2 * 1024 * 1024
TRUSTED_HOSTS = ["127.0.0.1", "localhost"]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def create_app(house: House) -> Flask:
    """Return the application of `house`.

    Raises:
        TrinhKyError: ASSETS_MISSING before set-up; a view that declares no permission.
    """
    app = Flask("webui", static_folder=None)
    app.config.update(
        SECRET_KEY=house.web_secret,
        SESSION_COOKIE_NAME="trinhky_state",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        TRUSTED_HOSTS=TRUSTED_HOSTS,
        # The token lives as long as the session it is bound to.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    _serve_assets(app, AssetManifest.load())
    init_i18n(app)
    init_login(app, house)
    CSRFProtect(app)
    init_guard(app)
    limiter.init_app(app)
    init_shell(app)
    app.jinja_env.globals["words"] = words
    app.jinja_env.filters["serial"] = serial_number
    app.after_request(_add_headers)
    _show_errors(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    check_every_view(app)
    return app


def _serve_assets(app: Flask, manifest: AssetManifest) -> None:
    """Hand out the browser files beside the app: their names hold their digest."""

    def add_headers(headers: Headers, path: str, url: str) -> None:  # noqa: ARG001 WhiteNoise's
        headers["X-Content-Type-Options"] = "nosniff"

    app.jinja_env.globals["asset"] = manifest.url
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign] # as Flask's manual does
        app.wsgi_app,
        root=manifest.static / "vendor",
        prefix=f"{manifest.prefix}vendor/",
        immutable_file_test=lambda path, url: True,  # noqa: ARG005 WhiteNoise's signature
        allow_all_origins=False,
        add_headers_function=add_headers,
    )


def _add_headers(response: Response) -> Response:
    policy = widened(CONTENT_SECURITY_POLICY)
    response.headers.setdefault("Content-Security-Policy", policy)
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    # Pages name people and documents: no shared cache may keep them.
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def _show_errors(app: Flask) -> None:
    app.register_error_handler(TrinhKyError, _show_error)
    app.register_error_handler(CSRFError, _show_csrf_error)
    app.register_error_handler(SecurityError, _refuse_host)
    app.register_error_handler(HTTPException, _show_http_error)
    app.register_error_handler(Exception, _show_unexpected)


def _show_error(error: TrinhKyError, *, status: int | None = None) -> Response:
    page = error_page(error, status=status)
    g.is_failing = page.status >= 500
    if wants_json():
        return make_response(jsonify(text=f"{page.text} {page.advice}"), page.status)
    template = "fragments/error.html" if "HX-Request" in request.headers else "pages/error.html"
    response = make_response(
        render_template(template, error=page, subject_url=subject_url()), page.status
    )
    if page.status in {429, 503}:
        response.headers["Retry-After"] = "60"
    return response


def _show_csrf_error(error: CSRFError) -> Response:
    shown = NotPermittedError(str(error.description), code=ErrorCode.SESSION_EXPIRED)
    return _show_error(shown, status=400)


def _refuse_host(error: SecurityError) -> Response:  # noqa: ARG001 Flask's signature
    """Answer a request for another host's name without a page: no address can be built."""
    return Response("400 Bad Request\n", status=400, content_type="text/plain; charset=utf-8")


_HTTP_CODES = {
    404: ErrorCode.PAGE_NOT_FOUND,
    413: ErrorCode.UPLOAD_TOO_LARGE,
    429: ErrorCode.RATE_LIMITED,
}


def _show_http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    code = _HTTP_CODES.get(status, ErrorCode.REQUEST_INVALID if status < 500 else None)
    return _show_error(TrinhKyError(str(error.description), code=code), status=status)


def _show_unexpected(error: Exception) -> Response:
    wrapped = TrinhKyError(f"{type(error).__name__}")
    wrapped.__cause__ = error
    return _show_error(wrapped)
