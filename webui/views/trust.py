"""Show an administrator whom the installation trusts besides its own authority."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engine.clock import local
from engine.model.trust import AuthorityCrl, TrustedAuthority
from engine.permissions import Permission
from webui import trust_words
from webui.login import requires, the_house
from webui.shell import use_frame
from webui.trust_words import ListState

bp = Blueprint("trust", __name__)


@dataclass(frozen=True, kw_only=True)
class TrustRow:
    """Hold one authority as the page shows it.

    Args:
        due: until when its revocation list speaks; None when there is none.
    """

    authority: TrustedAuthority
    is_trusted: bool
    state: ListState
    due: datetime | None


@bp.get("/quan-tri/tin-cay")
@requires(Permission.TRUST_ADMINISTER)
def index() -> ResponseReturnValue:
    """List the authorities, the stale and the missing lists marked."""
    use_frame(current="trust")
    house = the_house()
    now = house.clock.now()
    with house.start_reading() as work:
        imported = work.trust.read()
    lists = {crl.authority_id: crl for crl in imported.crls}
    rows = [
        _row(authority, lists.get(authority.id), now, local(now).date())
        for authority in imported.authorities
    ]
    return render_template("pages/trust.html", rows=rows, trust_words=trust_words)


def _row(
    authority: TrustedAuthority, crl: AuthorityCrl | None, now: datetime, day: date
) -> TrustRow:
    if crl is None:
        state = ListState.MISSING
    else:
        state = ListState.STALE if crl.is_stale(now) else ListState.CURRENT
    return TrustRow(
        authority=authority,
        is_trusted=authority.validity.covers(day),
        state=state,
        due=crl.next_update if crl else None,
    )
