"""Make assignments as they are on record, without the steps that led to them."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from engine.clock import local
from engine.model.assignment import Assignment, AssignmentId, Party, Source
from engine.model.organisation import Actor
from engine.model.urgency import Urgency

_numbers = itertools.count(1)


def an_assignment(
    giver: Actor, lead: Party, now: datetime, *, days: int | None = 10, **changes: Any
) -> Assignment:
    """Return an assignment given now and due in so many days; None is without a deadline."""
    number = next(_numbers)
    today = local(now).date()
    due_on = today + timedelta(days=days) if days is not None else None
    values: dict[str, Any] = {
        "id": AssignmentId(f"assignment-{number}"),
        "agency_id": giver.posts[0].agency_id,
        "year": today.year,
        "number": number,
        "assigner_id": giver.person_id,
        "assigner_name": giver.full_name,
        "content": f"Rà soát hồ sơ số {number} <b>",
        "quoted": "",
        "product": "",
        "urgency": Urgency.NORMAL,
        "lead": lead,
        "cooperators": (),
        "due_on": due_on,
        "first_due_on": due_on,
        "given_at": now,
        "updated_at": now,
        "source": Source(),
    }
    return Assignment(**(values | changes))
