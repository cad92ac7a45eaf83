"""Answer what anybody may ask: is it alive, whose software is in it."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from engine.permissions import Permission
from webui.assets.licences import read_licences
from webui.assets.manifest import AssetManifest
from webui.login import requires, the_house

bp = Blueprint("about", __name__)


@bp.get("/gioi-thieu/giay-phep")
@requires(Permission.PUBLIC)
def licences() -> ResponseReturnValue:
    """Show the licences of everything that travels with the product."""
    return render_template("pages/licences.html", licences=read_licences())


@bp.get("/healthz")
@requires(Permission.PUBLIC)
def healthz() -> ResponseReturnValue:
    """Say that the process answers and the database can be read."""
    with the_house().start_reading() as work:
        work.organisation.is_empty()
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/favicon.ico")
@requires(Permission.PUBLIC)
def favicon() -> ResponseReturnValue:
    """Lead browsers that ask by the old name to the icon."""
    return redirect(AssetManifest.load().url("img/favicon.svg"), 302)
