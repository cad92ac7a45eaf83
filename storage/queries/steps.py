"""Read the steps of a process."""

from collections.abc import Sequence

import sqlalchemy as sa

from engine.queries import StepRow
from storage.tables import organisation
from storage.tables.processes import OPEN, history, instance, work_item


def list_steps(
    connection: sa.Connection, procedure_id: str, business_key: str
) -> Sequence[StepRow]:
    """Return the steps of a process, oldest first, open ones last.

    A step that waits for a group has `role:<id>` in place of a name.
    """
    about = sa.and_(
        instance.c.procedure_id == procedure_id, instance.c.business_key == business_key
    )
    finished = (
        sa.select(
            history.c.node_id,
            history.c.name,
            history.c.actor_name.label("person_name"),
            work_item.c.opened_at,
            history.c.at,
            history.c.outcome,
            history.c.comment,
            history.c.on_behalf_of_name.label("on_behalf_of"),
        )
        .join(instance, instance.c.id == history.c.instance_id)
        .outerjoin(work_item, work_item.c.id == history.c.task_id)
        .where(about)
        .order_by(history.c.sequence)
    )
    waiting = (
        sa.select(
            work_item.c.node_id,
            work_item.c.name,
            work_item.c.role,
            organisation.person.c.full_name,
            work_item.c.opened_at,
            work_item.c.due_at,
            work_item.c.alert,
        )
        .join(instance, instance.c.id == work_item.c.instance_id)
        .outerjoin(organisation.person, organisation.person.c.id == work_item.c.person_id)
        .where(about, work_item.c.state == OPEN)
        .order_by(work_item.c.opened_at, work_item.c.id)
    )
    steps = [StepRow(**row) for row in connection.execute(finished).mappings()]
    for row in connection.execute(waiting):
        steps.append(
            StepRow(
                node_id=row.node_id,
                name=row.name,
                person_name=row.full_name or f"role:{row.role}",
                opened_at=row.opened_at,
                at=None,
                outcome="",
                comment="",
                due_at=row.due_at,
                alert=row.alert,
            )
        )
    return steps
