"""Keep delegations; each is given once and ended at most once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from engine.deputising import leaver
from engine.errors import ConflictError, ErrorCode
from engine.model.delegation import Delegation
from engine.model.kinds import DocumentKind
from engine.model.organisation import (
    POWERS_OF_LEAVERS,
    AgencyId,
    DelegationId,
    PersonId,
    Post,
    Power,
    StandIn,
    Validity,
)
from engine.paging import Page
from storage.queries.cursors import cursor_of, read_cursor
from storage.repositories.base import Repository, by_key, missing
from storage.tables import organisation
from storage.tables.delegation import delegation
from storage.tables.processes import OPEN, work_item

_DAY = sa.bindparam("day", type_=sa.Date())
_ENDING = ("ended_at", "ended_by", "ended_by_name", "end_reason")
_KEY = (datetime, str)

_GET = sa.select(delegation).where(by_key(delegation.c.id))
_END = sa.update(delegation).where(by_key(delegation.c.id), delegation.c.ended_at.is_(None))
_LIST_OPEN = (
    sa.select(delegation)
    .where(
        by_key(delegation.c.agency_id),
        delegation.c.ended_at.is_(None),
        delegation.c.until >= _DAY,
    )
    .order_by(delegation.c.since, delegation.c.id)
)
#: A giver who has left the post leaves no more of its work to anybody.
_IN_FORCE = sa.and_(
    delegation.c.ended_at.is_(None),
    delegation.c.since <= _DAY,
    delegation.c.until >= _DAY,
    organisation.post.c.since <= _DAY,
    sa.or_(organisation.post.c.until.is_(None), organisation.post.c.until >= _DAY),
)
_WITH_POST = delegation.join(organisation.post, organisation.post.c.id == delegation.c.post_id)
_LIST_STAND_INS = (
    sa.select(
        delegation.c.id,
        delegation.c.giver_id,
        delegation.c.giver_name,
        delegation.c.powers,
        delegation.c.kinds,
        delegation.c.until,
        *(column.label(f"post_{column.name}") for column in organisation.post.c),
    )
    .select_from(_WITH_POST)
    .where(by_key(delegation.c.delegate_id), _IN_FORCE)
    .order_by(delegation.c.since, delegation.c.id)
)
_IS_IN_FORCE = (
    sa.select(delegation.c.id).select_from(_WITH_POST).where(by_key(delegation.c.id), _IN_FORCE)
)
_LATER = organisation.post.alias("later")
#: Who has left agencies for good, each with the last post they held there.
_LEAVERS = (
    sa.select(
        organisation.person.c.full_name.label("giver_name"),
        *(column.label(f"post_{column.name}") for column in organisation.post.c),
    )
    .select_from(
        organisation.post.join(
            organisation.person, organisation.person.c.id == organisation.post.c.person_id
        )
    )
    .where(
        organisation.post.c.agency_id.in_(sa.bindparam("agencies", expanding=True)),
        organisation.post.c.until < _DAY,
        # Neither in a post there today, nor in one that ended later than this.
        sa.not_(
            sa.select(_LATER.c.id)
            .where(
                _LATER.c.person_id == organisation.post.c.person_id,
                _LATER.c.agency_id == organisation.post.c.agency_id,
                _LATER.c.since <= _DAY,
                sa.or_(_LATER.c.until.is_(None), _LATER.c.until > organisation.post.c.until),
            )
            .exists()
        ),
    )
    .order_by(organisation.post.c.id)
)
_LIST_LEAVERS = _LEAVERS.where(
    sa.select(work_item.c.id)
    .where(
        work_item.c.person_id == organisation.post.c.person_id,
        work_item.c.agency_id == organisation.post.c.agency_id,
        work_item.c.state == OPEN,
        work_item.c.power.in_(sorted(POWERS_OF_LEAVERS)),
    )
    .exists()
)
_FIND_LEAVER = _LEAVERS.where(by_key(organisation.post.c.person_id)).limit(1)
_IS_NOT_ENDED = sa.select(delegation.c.id).where(
    by_key(delegation.c.id), delegation.c.ended_at.is_(None)
)


class SqlDelegations(Repository):
    """Keep delegations as rows."""

    def add(self, given: Delegation) -> None:
        """Add a delegation."""
        values = dict(vars(given))
        self._insert(
            delegation,
            {**values, "powers": sorted(given.powers), "kinds": sorted(given.kinds)},
        )

    def get(self, delegation_id: DelegationId) -> Delegation:
        """Return the delegation.

        Raises:
            NotFoundError: code DELEGATION_NOT_FOUND.
        """
        found = self._find(_delegation, _GET, key=delegation_id)
        return found or missing("delegation", delegation_id, ErrorCode.DELEGATION_NOT_FOUND)

    def end(self, ended: Delegation) -> None:
        """Write who ended it and when.

        Raises:
            ConflictError: code DELEGATION_CLOSED; somebody was first.
        """
        values = {name: getattr(ended, name) for name in _ENDING}
        if self._changed(_END, {**values, "key": ended.id}) == 0:
            raise ConflictError(f"delegation {ended.id}", code=ErrorCode.DELEGATION_CLOSED)

    def list_open(self, agency_id: AgencyId, day: date) -> Sequence[Delegation]:
        """Return the delegations of an agency that give something on `day` or later."""
        return self._list(_delegation, _LIST_OPEN, key=agency_id, day=day)

    def list_given(self, giver_id: PersonId, limit: int = 50) -> Sequence[Delegation]:
        """Return the newest of those a person gave."""
        return self._newest(delegation.c.giver_id, giver_id, limit)

    def list_received(self, delegate_id: PersonId, limit: int = 50) -> Sequence[Delegation]:
        """Return the newest of those a person received."""
        return self._newest(delegation.c.delegate_id, delegate_id, limit)

    def list_of_agency(
        self, agency_id: AgencyId, *, cursor: str = "", limit: int = 50
    ) -> Page[Delegation]:
        """Return one page of an agency's delegations, the last given first."""
        order = (delegation.c.given_at, delegation.c.id)
        query = sa.select(delegation).where(delegation.c.agency_id == agency_id)
        if cursor:
            after = [
                sa.literal(value, column.type)
                for value, column in zip(read_cursor(cursor, _KEY), order, strict=True)
            ]
            query = query.where(sa.tuple_(*order) < sa.tuple_(*after))
        query = query.order_by(*(column.desc() for column in order)).limit(limit + 1)
        rows = self._list(_delegation, query)
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(
            rows=rows[:limit], next_cursor=cursor_of(last.given_at, last.id) if last else ""
        )

    def list_stand_ins(self, delegate_id: PersonId, day: date) -> Sequence[StandIn]:
        """Return for whom a person acts on `day`, while the giver still holds the post."""
        return self._list(_stand_in, _LIST_STAND_INS, key=delegate_id, day=day)

    def list_leavers(self, agency_ids: Sequence[AgencyId], day: date) -> Sequence[StandIn]:
        """Return who left the agencies before `day` with work that falls to their leaders."""
        return self._list(_leaver, _LIST_LEAVERS, agencies=list(agency_ids), day=day)

    def find_leaver(self, person_id: PersonId, agency_id: AgencyId, day: date) -> StandIn | None:
        """Return a person as one who has left an agency; None while they hold a post there."""
        return self._find(_leaver, _FIND_LEAVER, key=person_id, agencies=[agency_id], day=day)

    def is_in_force(self, delegation_id: DelegationId, day: date | None) -> bool:
        """Tell whether a delegation gives something on `day`; None: has nobody ended it."""
        if day is None:
            found = self._connection.execute(_IS_NOT_ENDED, {"key": delegation_id})
        else:
            found = self._connection.execute(_IS_IN_FORCE, {"key": delegation_id, "day": day})
        return found.first() is not None

    def _newest(self, column: sa.Column[Any], person_id: PersonId, limit: int) -> list[Delegation]:
        query = (
            sa.select(delegation)
            .where(column == person_id)
            .order_by(delegation.c.until.desc(), delegation.c.id.desc())
            .limit(limit)
        )
        return self._list(_delegation, query)


def _delegation(*, powers: list[str], kinds: list[str], **values: Any) -> Delegation:
    return Delegation(**values, powers=_powers(powers), kinds=_kinds(kinds))


def _stand_in(**row: Any) -> StandIn:
    return StandIn(
        delegation_id=row["id"],
        giver_id=row["giver_id"],
        giver_name=row["giver_name"],
        post=_post(row),
        powers=_powers(row["powers"]),
        kinds=_kinds(row["kinds"]),
        until=row["until"],
    )


def _leaver(**row: Any) -> StandIn:
    return leaver(_post(row), row["giver_name"])


def _post(row: Mapping[str, Any]) -> Post:
    post = {
        name.removeprefix("post_"): value
        for name, value in row.items()
        if name.startswith("post_")
    }
    validity = Validity(since=post.pop("since"), until=post.pop("until"))
    return Post(**post, validity=validity)


def _powers(names: list[str]) -> frozenset[Power]:
    return frozenset(map(Power, names))


def _kinds(names: list[str]) -> frozenset[DocumentKind]:
    return frozenset(map(DocumentKind, names))
