"""Turn ready tasks into work items, and decide who may complete one and who hears of delay."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from engine.calendar.working_time import WorkingCalendar
from engine.clock import local
from engine.errors import ConflictError, ErrorCode, InvalidInputError, NotPermittedError
from engine.model.organisation import Actor, AgencyId, PersonId, Role, UnitId
from engine.process.codec import check_plain
from engine.process.model import (
    Alert,
    DueKind,
    Plain,
    StoredInstance,
    TaskId,
    TaskRule,
    WorkItem,
)
from engine.process.nodes import Node

#: Parts of the working time after which a holder is reminded.
_REMINDERS = {DueKind.HALF: 0.5, DueKind.NEAR: 0.9}
#: Whose list an overdue task is put on besides its holder's.
_SUPERIORS: Mapping[Role, Role] = {
    Role.DESK_OFFICER: Role.DIVISION_HEAD,
    Role.DIVISION_HEAD: Role.LEADER,
    Role.CLERK: Role.LEADER,
    Role.LEADER: Role.LEADER,
    Role.AUDITOR: Role.ADMINISTRATOR,
    Role.ADMINISTRATOR: Role.ADMINISTRATOR,
}


def open_item(
    task_id: TaskId,
    node: Node,
    rule: TaskRule,
    instance: StoredInstance,
    data: Mapping[str, Plain],
) -> WorkItem:
    """Return the work item of a task that has become ready.

    Raises:
        InvalidInputError: a key of the rule has no value: a task for nobody is never opened.
    """
    unit = None if rule.unit_key is None else _required(data, rule.unit_key)
    person = None if rule.person_key is None else _required(data, rule.person_key)
    return WorkItem(
        id=task_id,
        instance_id=instance.id,
        procedure_id=instance.procedure_id,
        business_key=instance.business_key,
        node_id=node.id,
        name=node.name,
        role=Role(node.lane),
        agency_id=AgencyId(_required(data, rule.agency_key)),
        unit_id=None if unit is None else UnitId(unit),
        person_id=None if person is None else PersonId(person),
        opened_at=instance.updated_at,
        rule=node.work.rule if node.work is not None else node.id,
        power=rule.power,
    )


def alerts_of(item: WorkItem, calendar: WorkingCalendar) -> Iterator[tuple[DueKind, datetime]]:
    """Yield when the holder of a task is reminded, and when the superior hears of it."""
    if item.due_at is None:
        return
    for kind, share in _REMINDERS.items():
        yield kind, calendar.share_of(item.opened_at, item.due_at, share)
    yield DueKind.OVERDUE, item.due_at


def alerted(item: WorkItem, alert: Alert) -> WorkItem:
    """Return an item with its alert; an overdue one is on its superior's list too."""
    if alert is not Alert.OVERDUE:
        return replace(item, alert=alert)
    role = _SUPERIORS[item.role]
    # A division's own head hears of its officers; the leaders of the agency of everything else.
    unit_id = item.unit_id if role is Role.DIVISION_HEAD else None
    if role is Role.DIVISION_HEAD and unit_id is None:
        role = Role.LEADER
    return replace(item, alert=alert, escalated_role=role, escalated_unit_id=unit_id)


def close_item(item: WorkItem, actor: Actor, now: datetime, outcome: str) -> WorkItem:
    """Return `item` as closed by `actor`."""
    return replace(
        item,
        closed_at=now,
        closed_by=actor.person_id,
        closed_by_name=actor.full_name,
        outcome=outcome,
    )


def check_open(item: WorkItem) -> None:
    """Check that a task is open.

    Raises:
        ConflictError: `params` say who closed it and when (local time).
    """
    if item.closed_at is not None:
        raise ConflictError(
            f"task {item.id} is closed",
            code=ErrorCode.TASK_CLOSED,
            by=item.closed_by_name,
            at=local(item.closed_at).strftime("%d/%m/%Y %H:%M"),
        )


def check_actor(item: WorkItem, rule: TaskRule, actor: Actor, use_case: str) -> None:
    """Check that `actor` may complete `item` by `use_case`.

    Raises:
        ConflictError: the item is closed; `params` say by whom and when (local time).
        NotPermittedError: `params["predicate"]` names what failed.
    """
    check_use_case(item, rule, use_case)
    refusal = find_refusal(item, actor)
    if refusal:
        raise not_yours(item, refusal)


def check_use_case(item: WorkItem, rule: TaskRule, use_case: str) -> None:
    """Check that an item is open and `use_case` may complete it, whoever asks.

    Raises:
        ConflictError, NotPermittedError: as `check_actor`.
    """
    check_open(item)
    if not rule.allows(use_case):
        raise not_yours(item, "use_case")


def find_refusal(item: WorkItem, actor: Actor) -> str:
    """Return the predicate by which an item is not the actor's own; "" when it is."""
    if item.person_id is None:
        return "" if actor.has_role(item.role, item.agency_id, item.unit_id) else "has_role"
    if item.person_id != actor.person_id:
        return "is_person"
    # Whoever leaves an agency loses its tasks at once, those bound to their name included.
    return "" if item.agency_id in actor.agency_ids() else "serves_agency"


def check_writes(writes: Mapping[str, Plain], rule: TaskRule) -> None:
    """Check that a step writes what its rule names, all of it and nothing else.

    Raises:
        InvalidInputError: a key is missing, not allowed or not plain; code `PROCESS_DATA`.
    """
    for key in sorted(writes.keys() ^ rule.writes):
        raise bad_write(key)
    check_plain(writes)


def bad_write(key: str) -> InvalidInputError:
    """Return the error that refuses to write, or to leave out, `key`."""
    return InvalidInputError(
        f"{key!r} is not what this step writes", code=ErrorCode.PROCESS_DATA, key=key
    )


def not_yours(item: WorkItem, predicate: str) -> NotPermittedError:
    """Return the error that refuses somebody a task, naming the predicate that failed."""
    return NotPermittedError(
        f"task {item.id} ({item.node_id})", code=ErrorCode.TASK_NOT_YOURS, predicate=predicate
    )


def _required(data: Mapping[str, Plain], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidInputError(
            f"process data has no {key!r}", code=ErrorCode.PROCESS_DATA, key=key
        )
    return value
