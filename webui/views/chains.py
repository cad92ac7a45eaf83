"""Show the chain of a matter, from its document to its answer, as one graph."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from engine.model.assignment import AssignmentId
from engine.model.delivery import DeliveryId
from engine.model.document import DocumentId
from engine.permissions import Permission
from webui.chain_graph import draw
from webui.login import current_actor, requires, use_cases
from webui.shell import use_frame
from workflows.direction.view_chain import Chain

bp = Blueprint("chains", __name__)


@bp.get("/nhiem-vu/<assignment_id>/chuoi")
@requires(Permission.ASSIGNMENT_VIEW)
def of_assignment(assignment_id: str) -> ResponseReturnValue:
    """Show what led to the assignment and what came of it, as one graph."""
    found = use_cases().view_chain.of_assignment(AssignmentId(assignment_id), current_actor())
    return _show_chain(found, url_for("assignments.show", assignment_id=assignment_id))


@bp.get("/van-ban/<document_id>/chuoi")
@requires(Permission.DOCUMENT_VIEW)
def of_document(document_id: str) -> ResponseReturnValue:
    """Show what came of a document, as one graph."""
    found = use_cases().view_chain.of_document(DocumentId(document_id), current_actor())
    return _show_chain(found, url_for("documents.show", document_id=document_id))


@bp.get("/van-ban-den/<delivery_id>/chuoi")
@requires(Permission.DOCUMENT_VIEW)
def of_delivery(delivery_id: str) -> ResponseReturnValue:
    """Show what came of an arrival, as one graph."""
    found = use_cases().view_chain.of_delivery(DeliveryId(delivery_id), current_actor())
    return _show_chain(found, url_for("arrivals.show", delivery_id=delivery_id))


def _show_chain(found: Chain, back_url: str) -> str:
    use_frame(current="assignments")
    graph = draw(found)
    return render_template("pages/chain.html", chain=found, graph=graph, back_url=back_url)
