"""Tell what is kept from a reader: documents for internal circulation of other agencies.

A city's lists count them as all others; their symbol is shown, and neither what they say nor a
way to open them.
"""

import sqlalchemy as sa

from engine.model.delivery import DeliveryStatus
from engine.model.document import Circulation
from engine.model.organisation import Actor
from storage.tables.direction import assignment, assignment_party
from storage.tables.documents import delivery, document


def document_kept_back(reader: Actor | None) -> sa.ColumnElement[bool]:
    """Return the condition on `document` that the reader's agencies neither wrote nor got it.

    Args:
        reader: None when nobody is known to read.
    """
    agencies = _agencies(reader)
    received = delivery.alias()
    is_received = sa.exists().where(
        received.c.document_id == document.c.id,
        received.c.recipient_id.in_(agencies),
        received.c.status != DeliveryStatus.QUEUED,
    )
    return sa.and_(
        document.c.circulation == Circulation.INTERNAL,
        document.c.agency_id.not_in(agencies),
        ~is_received,
    )


def assignment_kept_back(reader: Actor | None) -> sa.ColumnElement[bool]:
    """Return the same of `assignment` and the `document` it came from, joined from outside.

    Whoever takes part in the assignment knows it, with their agencies.
    """
    agencies = _agencies(reader)
    person_id = reader.person_id if reader else ""
    party = assignment_party.c
    takes_part = sa.exists().where(
        party.assignment_id == assignment.c.id,
        sa.or_(party.agency_id.in_(agencies), party.person_id == person_id),
    )
    is_foreign = sa.and_(
        assignment.c.agency_id.not_in(agencies),
        assignment.c.lead_agency_id.not_in(agencies),
        assignment.c.assigner_id != person_id,
        assignment.c.lead_person_id.is_distinct_from(person_id),
        ~takes_part,
    )
    return sa.and_(document_kept_back(reader), is_foreign)


def _agencies(reader: Actor | None) -> list[str]:
    """Return the agencies the reader serves, or directs for in somebody's name."""
    if reader is None:
        return []
    acted_for = {each.post.agency_id for each in reader.stands_in}
    return sorted(reader.agency_ids() | acted_for)
