"""Answer for the authority: certificates, revocation lists, OCSP and time-stamps.

Programs of other people ask here, without a session and without our forms.

Source: RFC 6960, appendix A (OCSP over HTTP); RFC 5019, clauses 5 and 6 (answers that caches
keep); RFC 3161, clause 3.4 (time-stamps over HTTP); RFC 5280, clause 4.2.2.1 (media types).
"""

import base64
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.http import http_date

from engine.errors import ErrorCode, NotFoundError
from engine.permissions import Permission
from engine.ports_services import CertificateStatus, PublishedFiles
from engine.ports_signing import CertificateId
from webui.limits import limiter
from webui.login import requires, the_house

bp = Blueprint("pki", __name__, url_prefix="/pki")

#: Per address; a verifier that judges a register asks for each certificate in it.
SERVICE_LIMIT = "600 per minute"
FILE_SECONDS = 3600
_FILES: dict[str, tuple[str, Callable[[PublishedFiles, str], bytes]]] = {
    "crl": ("application/pkix-crl", lambda files, name: files.crl_der(name)),
    "crt": ("application/pkix-cert", lambda files, name: files.certificate_der(name)),
}
_CERTIFICATES = frozenset({"root", "issuing", "tsa", "ocsp"})
_LISTS = frozenset({"root", "issuing"})


@bp.record_once
def _exempt(state: BlueprintSetupState) -> None:
    # Who asks carries no cookie of ours, so there is no session to misuse.
    guard: Any = state.app.extensions["csrf"]
    guard.exempt(bp)


@bp.get("/<name>.<any(crl, crt):kind>")
@requires(Permission.PUBLIC)
@limiter.limit(SERVICE_LIMIT)
def published(name: str, kind: str) -> ResponseReturnValue:
    """Give out a certificate or a revocation list of the authority, DER."""
    if name not in (_LISTS if kind == "crl" else _CERTIFICATES):
        raise NotFoundError(name, code=ErrorCode.PAGE_NOT_FOUND)
    media_type, read = _FILES[kind]
    response = Response(read(the_house().services.files, name), content_type=media_type)
    response.headers["Cache-Control"] = f"public, max-age={FILE_SECONDS}"
    return response


@bp.post("/ocsp")
@requires(Permission.PUBLIC)
@limiter.limit(SERVICE_LIMIT)
def ask_status() -> ResponseReturnValue:
    """Answer an OCSP request."""
    return _status(request.get_data(cache=False))


@bp.get("/ocsp/<path:encoded>", merge_slashes=False)
@requires(Permission.PUBLIC)
@limiter.limit(SERVICE_LIMIT)
def read_status(encoded: str) -> ResponseReturnValue:
    """Answer an OCSP request that is part of the address, in base 64."""
    try:
        return _status(base64.b64decode(encoded.replace(" ", "+"), validate=True))
    except ValueError:  # not base 64, or not even ASCII
        return _status(b"")


@bp.post("/tsa")
@requires(Permission.PUBLIC)
@limiter.limit(SERVICE_LIMIT)
def stamp() -> ResponseReturnValue:
    """Answer a request for a time-stamp."""
    answer = the_house().services.stamps.answer(request.get_data(cache=False))
    return Response(answer, content_type="application/timestamp-reply")


def _status(asked: bytes) -> Response:
    house = the_house()

    def find(certificate_id: CertificateId) -> CertificateStatus | None:
        with house.start_reading() as work:
            return work.certificates.find_status(certificate_id)

    answer = house.services.status.answer(asked, find)
    response = Response(answer.der, content_type="application/ocsp-response")
    if request.method == "GET" and answer.fresh_until is not None:
        seconds = max(int((answer.fresh_until - house.clock.now()).total_seconds()), 0)
        response.headers["Cache-Control"] = (
            f"max-age={seconds}, public, no-transform, must-revalidate"
        )
        response.headers["Expires"] = http_date(answer.fresh_until)
    return response
