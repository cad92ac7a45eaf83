"""Find documents by number, symbol, subject or agency."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.permissions import Permission
from engine.text import clean_line
from webui.login import current_actor, requires, the_house

bp = Blueprint("search", __name__)


@bp.get("/tim")
@requires(Permission.SIGNED_IN)
def search() -> ResponseReturnValue:
    """Show what matches; with or without tone marks, exact ones first."""
    text = clean_line(request.args.get("q", ""), field="q", max_chars=200, required=False)
    rows = []
    if text:
        with the_house().start_reading() as work:
            rows = list(work.queries.search(current_actor().agency_ids(), text))
    return render_template("pages/search.html", text=text, rows=rows)
