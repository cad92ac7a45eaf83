"""Sign and seal with a token at the official's own computer: begin, complete, give up.

The page asks the server what to sign, the agent on the same computer to have it signed, and the
server to finish; `static/js/client_signing.mjs` goes between. Every answer here is JSON.
"""

import base64
import binascii
import functools
from collections.abc import Callable
from typing import TypeVar, cast

from flask import Blueprint, flash, g, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import InvalidInputError, TrinhKyError
from engine.model.document import Document, DocumentId, Stage
from engine.model.keys import KeyHome
from engine.model.parking import is_nonce
from engine.permissions import Permission
from engine.ports_signing import HolderKind, IssuedCertificate
from engine.process.model import TaskId
from webui.agent_texts import agent_texts
from webui.content_policy import let_page_ask
from webui.errors import error_page
from webui.i18n import gettext
from webui.limits import DEFERRED_LIMIT, PIN_LIMIT, by_person, limiter, was_refused
from webui.login import current_actor, requires, the_house, use_cases
from webui.views.documents import waiting_sentence
from workflows.outgoing.begin_deferred import Deferred
from workflows.outgoing.ceremonies import Kept

bp = Blueprint("deferred", __name__)
bp.add_app_template_global(agent_texts, "agent_texts")

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

#: The raw signature of an RSA-8192 key; nothing longer is a value.
MAX_VALUE_BYTES = 1024
MAX_VALUES = 64
MAX_BODY_BYTES = 256 * 1024


def answering_json(view: View) -> View:
    """Answer errors of a view in JSON: code, words, what to do, and the number of the log."""

    @functools.wraps(view)
    def answer(*args: object, **named: object) -> ResponseReturnValue:
        try:
            return view(*args, **named)
        except TrinhKyError as error:
            page = error_page(error)
            g.is_failing = page.status >= 500
            said = {
                "code": page.code,
                "title": page.title,
                "text": f"{page.text} {page.advice}",
                "reference": page.reference,
            }
            return jsonify(said), page.status

    return cast(View, answer)


@bp.post("/van-ban/<document_id>/viec/<task_id>/ky-tai-may")
@requires(Permission.TASK_COMPLETE)
@limiter.limit(DEFERRED_LIMIT, key_func=by_person)
@answering_json
def begin_signing(document_id: str, task_id: str) -> ResponseReturnValue:
    """Prepare the leader's signature for the token at the leader's computer."""
    return _begin(document_id, Stage.SIGNED, task_id)


@bp.post("/van-ban/<document_id>/viec/<task_id>/dong-dau-tai-may")
@requires(Permission.TASK_COMPLETE)
@limiter.limit(DEFERRED_LIMIT, key_func=by_person)
@answering_json
def begin_sealing(document_id: str, task_id: str) -> ResponseReturnValue:
    """Prepare the agency's seal for the token at the clerk's computer."""
    return _begin(document_id, Stage.SEALED, task_id)


@bp.post("/van-ban/<document_id>/ky-tai-may/<park_id>/hoan-tat")
@requires(Permission.TASK_COMPLETE)
@limiter.limit(PIN_LIMIT, key_func=by_person, deduct_when=was_refused)
@answering_json
def complete(document_id: str, park_id: str) -> ResponseReturnValue:
    """Finish what the token signed."""
    nonce, values = _read_values()
    kept = use_cases().complete_deferred(
        DocumentId(document_id), park_id, nonce, values, current_actor()
    )
    flash(*_outcome(kept))
    return jsonify(url=url_for("documents.show", document_id=document_id))


@bp.post("/van-ban/<document_id>/ky-tai-may/<park_id>/bo")
@requires(Permission.TASK_COMPLETE)
@answering_json
def cancel(document_id: str, park_id: str) -> ResponseReturnValue:
    """Give up what the token was asked for."""
    use_cases().cancel_deferred(park_id, current_actor())
    return jsonify(url=url_for("documents.show", document_id=document_id))


@bp.app_template_global("client_certificate")
def find_client_certificate(document: Document, rule: str) -> IssuedCertificate | None:
    """Return the certificate that signs `document` next if its key is at the reader's computer.

    The page that shows its form may then speak with the agent there.

    Args:
        rule: of the reader's task.
    """
    found = _certificate(document, rule)
    if found is None or found.key_home is not KeyHome.CLIENT:
        return None
    let_page_ask(agent_address())
    return found


@bp.app_template_global("key_note")
def note_of_key(document: Document, rule: str) -> str:
    """Return what stands beside the PIN of the key that signs `document` next, often nothing.

    Args:
        rule: of the reader's task.
    """
    found = _certificate(document, rule)
    is_soft = found is not None and found.key_home is KeyHome.SOFTWARE
    return gettext("Khóa mềm, chỉ để dùng thử.") if is_soft else ""


def _certificate(document: Document, rule: str) -> IssuedCertificate | None:
    kind, holder_id = {
        "sign": (HolderKind.PERSON, current_actor().person_id),
        "seal": (HolderKind.AGENCY, document.agency_id),
    }[rule]
    with the_house().start_reading() as work:
        return work.certificates.find_current(kind, holder_id, the_house().clock.now())


@bp.app_template_global("agent_address")
def agent_address() -> str:
    """Return where the agent answers on the computer of whoever reads the page."""
    return f"http://127.0.0.1:{the_house().settings.agent_port}"


def _begin(document_id: str, stage: Stage, task_id: str) -> ResponseReturnValue:
    deferred = use_cases().begin_deferred(
        DocumentId(document_id), stage, TaskId(task_id), current_actor()
    )
    return jsonify(_shown(document_id, deferred))


def _shown(document_id: str, deferred: Deferred) -> dict[str, object]:
    """Return what the page needs: to have it signed, to come back with it, or to give it up."""
    return {
        "id": deferred.id,
        "nonce": deferred.nonce,
        # A span, not a time: the clock of the official's computer may be wrong.
        "expires_in": (deferred.expires_at - the_house().clock.now()).total_seconds(),
        "complete_url": url_for("deferred.complete", document_id=document_id, park_id=deferred.id),
        "cancel_url": url_for("deferred.cancel", document_id=document_id, park_id=deferred.id),
        "certificate": {
            "sha256": deferred.certificate.sha256,
            "name": deferred.certificate.common_name,
            "der": base64.b64encode(deferred.certificate.der).decode(),
        },
        "items": [
            {
                "title": item.title,
                "digest": item.digest,
                "attributes": base64.b64encode(item.attributes).decode(),
            }
            for item in deferred.items
        ],
    }


def _read_values() -> tuple[str, list[bytes]]:
    """Return the nonce and the raw signatures of the request's JSON.

    Raises:
        InvalidInputError: not of this shape; nothing is used up.
    """
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise InvalidInputError("body too long", field="values")
    said = _read_json()
    nonce = said.get("nonce") if isinstance(said, dict) else None
    values = said.get("values") if isinstance(said, dict) else None
    if not isinstance(values, list) or len(values) > MAX_VALUES:
        raise InvalidInputError("no values", field="values")
    if not isinstance(nonce, str) or not is_nonce(nonce):
        raise InvalidInputError("not a nonce", field="values")
    return nonce, [_value(each) for each in values]


def _read_json() -> object:
    try:
        return request.get_json(silent=True)
    except RecursionError as error:
        raise InvalidInputError("nested too deeply", field="values") from error


def _value(text: object) -> bytes:
    if not isinstance(text, str):
        raise InvalidInputError("value is no text", field="values")
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInputError("value is not base64", field="values") from error
    if len(value) > MAX_VALUE_BYTES:
        raise InvalidInputError("value is too long", field="values")
    return value


def _outcome(kept: Kept) -> tuple[str, str]:
    """Return the message of the next page, and its kind."""
    if kept.awaits_stamp:
        return waiting_sentence(kept), "wait"
    return gettext("Đã ký bằng token ở máy của bạn."), "good"
