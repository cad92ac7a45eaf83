"""Say which open items are on a person's lists: their own, and those of people they act for.

Each list of conditions is one walk along an index, for a post or for somebody stood in for; no
item meets two of them, so that the walks are added up without looking at an item twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from engine.deputising import falls_to_leader, waits_for_giver
from engine.model.organisation import (
    POWERS_OF_LEAVERS,
    Actor,
    AgencyId,
    PersonId,
    Power,
    Role,
    StandIn,
    UnitId,
)
from storage.tables.documents import delivery, document
from storage.tables.processes import OPEN, work_item

Conditions = list[sa.ColumnElement[bool]]
_Places = Mapping[tuple[AgencyId, Role], set[UnitId]]


def list_branches(actor: Actor) -> list[Conditions]:
    """Return the conditions of each walk; no item meets two of them."""
    places = _own_places(actor)
    return [
        [work_item.c.person_id == actor.person_id, work_item.c.state == OPEN],
        *(
            [*_waits_for_role(agency_id, role), _is_of_units(units)]
            for (agency_id, role), units in places.items()
        ),
        *_delegated_branches(actor, places),
        *(
            [
                work_item.c.person_id == person_id,
                work_item.c.state == OPEN,
                work_item.c.agency_id == agency_id,
                work_item.c.power.in_(sorted(POWERS_OF_LEAVERS)),
            ]
            # Once for each, however many posts they left on the same day.
            for person_id, agency_id in dict.fromkeys(
                (gone.giver_id, gone.post.agency_id) for gone in actor.succeeds
            )
        ),
    ]


def find_giver(actor: Actor, row: sa.RowMapping) -> str:
    """Return for whom the actor would do an item, "" when it is their own.

    Args:
        row: with the columns of `WHOSE` and the `kind` of its document.
    """
    person_id, agency_id = row["item_person_id"], row["item_agency_id"]
    role, unit_id = row["item_role"], row["item_unit_id"]
    is_own = person_id == actor.person_id or (
        person_id is None and actor.has_role(role, agency_id, unit_id)
    )
    if is_own:
        return ""
    power, kind = row["item_power"], row["kind"] or ""
    names = [
        each.giver_name
        for each in actor.stands_in
        if each.covers(power)
        and each.covers_kind(kind)
        and waits_for_giver(each, agency_id, person_id, role, unit_id)
    ]
    names += [
        each.giver_name
        for each in actor.succeeds
        if each.covers(power) and falls_to_leader(each, agency_id, person_id)
    ]
    return next(iter(names), "")


#: What `find_giver` looks at.
WHOSE = tuple(
    work_item.c[name].label(f"item_{name}")
    for name in ("person_id", "agency_id", "role", "unit_id", "power")
)


def _own_places(actor: Actor) -> _Places:
    places: dict[tuple[AgencyId, Role], set[UnitId]] = defaultdict(set)
    for post in actor.posts:
        places[post.agency_id, post.role].update([post.unit_id] if post.unit_id else [])
    return places


def _delegated_branches(actor: Actor, own: _Places) -> list[Conditions]:
    """Return the walks over what waits for others; nothing that the actor sees anyway."""
    by_giver: dict[PersonId, list[StandIn]] = defaultdict(list)
    by_role: dict[tuple[AgencyId, Role], list[StandIn]] = defaultdict(list)
    for each in actor.stands_in:
        if each.post.agency_id in actor.agency_ids():
            by_giver[each.giver_id].append(each)
            by_role[each.post.agency_id, each.post.role].append(each)
    by_name = [
        [
            work_item.c.person_id == giver_id,
            work_item.c.state == OPEN,
            sa.or_(
                *(
                    sa.and_(work_item.c.agency_id == each.post.agency_id, _is_covered(each, actor))
                    for each in stand_ins
                )
            ),
        ]
        for giver_id, stand_ins in by_giver.items()
    ]
    by_post = []
    for place, stand_ins in by_role.items():
        conditions = _waits_for_role(*place)
        if place in own:
            conditions.append(sa.not_(_is_of_units(own[place])))
        reached = (
            sa.and_(_is_of_units({each.post.unit_id} if each.post.unit_id else set()), covered)
            for each, covered in ((each, _is_covered(each, actor)) for each in stand_ins)
        )
        by_post.append([*conditions, sa.or_(*reached)])
    return [*by_name, *by_post]


def _waits_for_role(agency_id: AgencyId, role: Role) -> Conditions:
    return [
        work_item.c.agency_id == agency_id,
        work_item.c.role == role,
        work_item.c.person_id.is_(None),
        work_item.c.state == OPEN,
    ]


def _is_of_units(units: Iterable[UnitId]) -> sa.ColumnElement[bool]:
    """Return the condition of what waits for the whole agency, or for one of `units`."""
    # The second half is never NULL, so that its opposite is right too.
    of_unit = sa.and_(work_item.c.unit_id.is_not(None), work_item.c.unit_id.in_(sorted(units)))
    return sa.or_(work_item.c.unit_id.is_(None), of_unit)


def _is_covered(stand_in: StandIn, actor: Actor) -> sa.ColumnElement[bool]:
    covered: sa.ColumnElement[bool] = work_item.c.power.in_(sorted(stand_in.powers))
    if Power.REVIEW in stand_in.powers and any(p.role is Role.DESK_OFFICER for p in actor.posts):
        # Nobody reviews their own draft in somebody else's place; only desk officers draft, so
        # that all others are spared the look at the document.
        own_draft = sa.select(document.c.id).where(
            document.c.id == work_item.c.business_key, document.c.drafter_id == actor.person_id
        )
        covered = sa.and_(
            covered, sa.or_(work_item.c.power != Power.REVIEW, sa.not_(own_draft.exists()))
        )
    return sa.and_(covered, is_of_kinds(stand_in))


def is_of_kinds(stand_in: StandIn) -> sa.ColumnElement[bool]:
    """Return the condition of items about the kinds of document a delegation is limited to."""
    if not stand_in.kinds:
        return sa.true()
    of_kind = document.c.kind.in_(sorted(stand_in.kinds))
    outgoing = sa.select(document.c.id).where(document.c.id == work_item.c.business_key, of_kind)
    incoming = (
        sa.select(delivery.c.id)
        .join(document, document.c.id == delivery.c.document_id)
        .where(delivery.c.id == work_item.c.business_key, of_kind)
    )
    return sa.or_(outgoing.exists(), incoming.exists())
