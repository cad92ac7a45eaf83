"""Say which boards a person may see, and which are theirs to begin with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from engine.model.organisation import Actor, AgencyId, PersonId, Power, Role
from engine.permissions import Permission, Subject, check_permitted, is_permitted
from engine.ports import UnitOfWork
from engine.ports_boards import BoardHead, BoardKind, BoardQuery, Reach

_IN_CHARGE = frozenset({Role.LEADER, Role.CLERK})
_OF_PEOPLE = frozenset({BoardKind.GIVEN, BoardKind.OWN})


@dataclass(frozen=True, kw_only=True)
class BoardTab:
    """Hold one board that is offered to a person.

    Args:
        on_behalf_of: whose it is when the person directs in somebody's name; "" otherwise.
        place: name of the agency or unit; "" for the city and for a person's own.
    """

    kind: BoardKind
    scope_id: str = ""
    on_behalf_of: str = ""
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Sight:
    """Hold who watches the boards of the whole city.

    Args:
        city_agencies: agencies whose leaders and clerks do.
    """

    city_agencies: frozenset[AgencyId]

    def check(
        self, work: UnitOfWork, actor: Actor, query: BoardQuery, today: date
    ) -> tuple[BoardHead, BoardQuery]:
        """Return the head of a board and as much of it as the actor may see.

        Raises:
            NotFoundError: code AGENCY_NOT_FOUND; there is no such agency, unit or person.
            NotPermittedError: it is not the actor's to see.
        """
        head = work.boards.read_head(query)
        subjects = self._subjects(work, query, head, today)
        if not any(is_permitted(Permission.BOARD_VIEW, actor, each) for each in subjects):
            check_permitted(Permission.BOARD_VIEW, actor, subjects[-1])
        return head, self._narrowed(actor, query)

    def _narrowed(self, actor: Actor, query: BoardQuery) -> BoardQuery:
        """Return the part of a board the actor sees.

        People serve several agencies, and move: who oversees them in one of them, or directs for
        them there, sees nothing of the others.
        """
        is_of_others = query.kind in _OF_PEOPLE and query.scope_id != actor.person_id
        if not is_of_others:
            return query
        acted_for = agencies_acted_for(actor).get(PersonId(query.scope_id), frozenset())
        if query.kind is BoardKind.GIVEN:
            return replace(query, reach=Reach(agencies=acted_for))
        if is_permitted(Permission.BOARD_VIEW, actor, Subject(reader_ids=self.city_agencies)):
            return query
        led = {post.agency_id for post in actor.posts if post.role in _IN_CHARGE}
        units = {
            (post.agency_id, post.unit_id)
            for post in actor.posts
            if post.role is Role.DIVISION_HEAD and post.unit_id is not None
        }
        return replace(query, reach=Reach(agencies=acted_for | led, units=frozenset(units)))

    def _subjects(
        self, work: UnitOfWork, query: BoardQuery, head: BoardHead, today: date
    ) -> list[Subject]:
        """Return what a board is about; an officer's is the affair of each unit they are in."""
        if query.kind is BoardKind.GIVEN:
            return [Subject(person_id=PersonId(query.scope_id))]
        readers = self.city_agencies
        if query.kind is not BoardKind.OWN:
            return [Subject(agency_id=head.agency_id, unit_id=head.unit_id, reader_ids=readers)]
        person = PersonId(query.scope_id)
        posts = work.organisation.list_posts_of(person, today)
        found = [
            Subject(
                agency_id=post.agency_id,
                unit_id=post.unit_id,
                person_id=person,
                reader_ids=readers,
            )
            for post in posts
        ]
        return [*found, Subject(person_id=person, reader_ids=readers)]

    def list_tabs(self, work: UnitOfWork, actor: Actor) -> Sequence[BoardTab]:
        """Return the boards a person begins with, the nearest to them first."""
        tabs: list[BoardTab] = []
        if any(post.role in {Role.LEADER, Role.DIVISION_HEAD} for post in actor.posts):
            tabs.append(BoardTab(kind=BoardKind.GIVEN, scope_id=actor.person_id))
        givers = {e.giver_id: e.giver_name for e in actor.stands_in if e.covers(Power.DIRECT)}
        tabs += [
            BoardTab(kind=BoardKind.GIVEN, scope_id=giver_id, on_behalf_of=name)
            for giver_id, name in givers.items()
        ]
        tabs.append(BoardTab(kind=BoardKind.OWN, scope_id=actor.person_id))
        tabs += self._list_places(work, actor)
        everything = Subject(reader_ids=self.city_agencies)
        if is_permitted(Permission.BOARD_VIEW, actor, everything):
            tabs.append(BoardTab(kind=BoardKind.CITY))
        return list(dict.fromkeys(tabs))

    def _list_places(self, work: UnitOfWork, actor: Actor) -> list[BoardTab]:
        units: list[BoardTab] = []
        agencies: list[BoardTab] = []
        for post in actor.posts:
            if post.role is Role.DIVISION_HEAD and post.unit_id is not None:
                head = work.boards.read_head(
                    BoardQuery(kind=BoardKind.UNIT, scope_id=post.unit_id)
                )
                units.append(
                    BoardTab(kind=BoardKind.UNIT, scope_id=post.unit_id, place=head.scope_name)
                )
            elif post.role in _IN_CHARGE:
                name = work.organisation.get_agency(post.agency_id).name
                agencies.append(
                    BoardTab(kind=BoardKind.AGENCY, scope_id=post.agency_id, place=name)
                )
        return units + agencies


def agencies_acted_for(actor: Actor) -> dict[PersonId, frozenset[AgencyId]]:
    """Return for whom the actor directs, each with the agencies in which they do."""
    found: dict[PersonId, frozenset[AgencyId]] = {}
    for each in actor.stands_in:
        if each.covers(Power.DIRECT):
            others = found.get(each.giver_id, frozenset())
            found[each.giver_id] = others | {each.post.agency_id}
    return found
