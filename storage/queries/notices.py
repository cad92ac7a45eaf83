"""Read what several pages show of notices and mails."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from engine.model.notice import Mail
from engine.ports_notices import StuckMail
from storage.tables.notices import mail as _mail
from storage.tables.notices import notice as _notice
from storage.tables.organisation import person as _person

#: A bell shows no more than "99+".
MOST_COUNTED = 100
_STUCK_SHOWN = 100
#: Written out, not bound, so that the partial index is used.
_IS_STUCK = sa.text("(mail.state = 'failed' OR (mail.state = 'waiting' AND mail.tries >= 5))")


def unread_of(person_id: sa.ColumnElement[str]) -> sa.Select[Any]:
    """Return the ids of a person's unread notices, as many as a bell counts."""
    own = _notice.c.person_id == person_id
    return sa.select(_notice.c.id).where(own, _notice.c.read_at.is_(None)).limit(MOST_COUNTED)


def list_stuck_mails(connection: sa.Connection) -> Sequence[StuckMail]:
    """Return at most 100 mails that failed too often or for good, oldest first."""
    query = (
        sa.select(_mail, _person.c.full_name)
        .join(_person, _person.c.id == _mail.c.person_id)
        .where(_IS_STUCK)
        .order_by(_mail.c.made_at, _mail.c.id)
        .limit(_STUCK_SHOWN)
    )
    return [_stuck(row) for row in connection.execute(query).mappings()]


def _stuck(row: sa.RowMapping) -> StuckMail:
    values = dict(row)
    full_name = values.pop("full_name")
    return StuckMail(mail=Mail(**values), full_name=full_name)
