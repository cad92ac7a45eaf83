"""Find documents by number, symbol, subject or agency."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.permissions import Permission
from engine.text import clean_line
from webui.login import current_actor, requires, the_house
from webui.pasting import clean_paste

bp = Blueprint("search", __name__)

#: What is longer finds nothing more; the box of the page takes no more either.
MAX_CHARS = 200


@bp.get("/tim")
@requires(Permission.SIGNED_IN)
def search() -> ResponseReturnValue:
    """Show what matches; with or without tone marks, exact ones first."""
    asked = clean_paste(request.args.get("q", ""))
    text = clean_line(asked[:MAX_CHARS], field="q", max_chars=MAX_CHARS, required=False)
    rows = []
    if text:
        with the_house().start_reading() as work:
            rows = list(work.queries.search(current_actor().agency_ids(), text))
    return render_template("pages/search.html", text=text, rows=rows)
