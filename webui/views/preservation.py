"""Show how long originals stay provable, what fails or waits, and let it be tried again."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.model.document import DocumentId
from engine.model.organisation import Actor, AgencyId, Role
from engine.model.preservation import PreservationLevel, PreservationState
from engine.permissions import Permission, is_permitted
from webui import archive_words
from webui.filenames import inline_name
from webui.i18n import gettext
from webui.login import current_actor, requires, the_house, use_cases
from webui.shell import use_frame

bp = Blueprint("preservation", __name__)
WAITING = (PreservationState.TRY_LATER, PreservationState.FAILED)


@bp.get("/quan-tri/luu-tru")
@requires(Permission.PRESERVATION_VIEW)
def index() -> ResponseReturnValue:
    """Show counts per level, what fails or waits, and what ends within two years."""
    chosen = request.args.get("muc", "")
    level = PreservationLevel(chosen) if chosen in list(PreservationLevel) else None
    use_frame(current="preservation")
    house = the_house()
    now = house.clock.now()
    agency_ids = _agencies(current_actor())
    with house.start_reading() as work:
        levels = work.preservations.count_levels(agency_ids)
        waiting = work.preservations.list_rows(agency_ids=agency_ids, states=WAITING)
        ending = work.preservations.list_rows(
            agency_ids=agency_ids, ends_before=now + house.settings.preservation.at_risk
        )
        kept = work.preservations.list_rows(agency_ids=agency_ids, level=level) if level else ()
        outages = work.outages.list_current()
    return render_template(
        "pages/preservation.html",
        levels=levels,
        level=level,
        kept=kept,
        waiting=waiting,
        ending=ending,
        outages=outages,
        archive_words=archive_words,
    )


@bp.post("/van-ban/<document_id>/luu-tru")
@requires(Permission.PRESERVATION_ACT)
def archive(document_id: str) -> ResponseReturnValue:
    """Archive an original at once, or try its last step again."""
    use_cases().archive_now(DocumentId(document_id), current_actor())
    flash(gettext("Đang lập bản lưu trữ; hãy mở lại trang sau ít phút."), "good")
    return redirect(url_for("documents.show", document_id=document_id), 303)


@bp.get("/van-ban/<document_id>/ban-luu-tru.pdf")
@requires(Permission.DOCUMENT_VIEW)
def download(document_id: str) -> ResponseReturnValue:
    """Give the archival copy to those who may see the document."""
    digest, content = use_cases().read_archival_copy(DocumentId(document_id), current_actor())
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = inline_name(f"{gettext('Bản lưu trữ')}.pdf")
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(digest)
    return response.make_conditional(request)


def _agencies(actor: Actor) -> frozenset[AgencyId] | None:
    """Return the agencies whose originals the actor watches; None for all of them."""
    if is_permitted(Permission.INSTALLATION_VIEW, actor):
        return None
    return frozenset(post.agency_id for post in actor.posts if post.role is Role.CLERK)
