"""Decide who may do a task: whoever holds it, else who stands in for the holder today."""

from datetime import date

from engine.model.organisation import Actor
from engine.process.codec import decode
from engine.process.model import WorkItem
from engine.process.stepping import Stepper
from engine.process.work_items import check_use_case, find_refusal, not_yours


def admit(
    stepper: Stepper, item: WorkItem, actor: Actor, use_case: str, *, day: date | None = None
) -> None:
    """Check that `actor` may complete `item` by `use_case`, and note for whom they do.

    Their own right comes first; else that of somebody they stand in for.

    Args:
        day: of the act, for delegations; None when it is checked again at the act.

    Raises:
        ConflictError: the item is closed; `params` say by whom and when (local time).
        NotPermittedError: `params["predicate"]` names what failed.
    """
    rule = stepper.library.rule(item.procedure_id, item.rule)
    check_use_case(item, rule, use_case)
    refusal = find_refusal(item, actor)
    stand_in = None
    if refusal:
        stand_in = stepper.deputies.find_stand_in(
            actor,
            power=rule.power,
            agency_id=item.agency_id,
            person_id=item.person_id,
            role=item.role,
            unit_id=item.unit_id,
            read_kind=lambda: _kind_of(stepper, item),
            day=day,
        )
        if stand_in is None:
            raise not_yours(item, refusal)
    stepper.deputies.note(actor, stand_in)


def _kind_of(stepper: Stepper, item: WorkItem) -> str:
    """Return the kind of document a task is about, "" when it is about none."""
    instance = stepper.store.get_instance(item.instance_id)
    return str(decode(instance.state, instance.codec).data.get("kind") or "")
