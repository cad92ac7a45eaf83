"""Know who does what in the demo city: people by role, units with their teams, signatories."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from engine.clock import local
from engine.errors import ErrorCode, NotFoundError
from engine.model.kinds import DocumentKind
from engine.model.organisation import (
    Actor,
    Agency,
    AgencyId,
    AgencyKind,
    AuthorityForm,
    PersonId,
    Post,
    Power,
    Role,
    UnitId,
)
from engine.process.model import TaskId
from webui.bootstrap import House


@dataclass(frozen=True, kw_only=True)
class Team:
    """Hold a unit with its head and its officers."""

    unit_id: UnitId
    head: PersonId
    officers: tuple[PersonId, ...]


@dataclass(kw_only=True)
class Town:
    """Answer who holds which post; the posts of the demo city do not change."""

    house: House
    day: date
    _posts: dict[AgencyId, Sequence[Post]] = field(default_factory=dict)
    _teams: dict[AgencyId, Sequence[Team]] = field(default_factory=dict)
    _agencies: Sequence[Agency] = ()

    def agencies(self) -> Sequence[Agency]:
        """Return every agency, in the order of their codes."""
        if not self._agencies:
            with self.house.start_reading() as work:
                self._agencies = work.organisation.list_agencies(self.day)
        return self._agencies

    def committee(self) -> AgencyId:
        """Return the People's Committee of the city."""
        return next(a.id for a in self.agencies() if a.kind is AgencyKind.PEOPLES_COMMITTEE)

    def actor(self, person_id: PersonId) -> Actor:
        """Return the person with the posts and the deputies' rights of this moment."""
        return self.house.use_cases.identify.by_person(person_id)

    def acting(self, person_id: PersonId, power: Power) -> Actor:
        """Return who does a person's work now: whom they left it to, or they themselves."""
        day = local(self.house.clock.now()).date()
        with self.house.start_reading() as work:
            given = work.delegations.list_given(person_id)
        for each in given:
            if each.is_open(day) and each.since <= day and power in each.powers:
                return self.actor(each.delegate_id)
        return self.actor(person_id)

    def leader(self, agency_id: AgencyId) -> Actor:
        """Return the head of an agency: who signs in their own right, before all deputies."""
        with self.house.start_reading() as work:
            rights = work.organisation.list_authorities(agency_id, self.day)
            heads = [
                work.organisation.get_post(right.post_id).person_id
                for right in rights
                if right.form in {AuthorityForm.HEAD, AuthorityForm.COLLECTIVE}
            ]
        return self.actor(heads[0]) if heads else self.holder(agency_id, Role.LEADER)

    def clerk(self, agency_id: AgencyId) -> Actor:
        """Return the clerk of an agency."""
        return self.holder(agency_id, Role.CLERK)

    def holder(self, agency_id: AgencyId, role: Role) -> Actor:
        """Return the first holder of a role.

        Raises:
            NotFoundError: nobody holds it.
        """
        return self.actor(self.holders(agency_id, role)[0])

    def holders(self, agency_id: AgencyId, role: Role) -> list[PersonId]:
        """Return the holders of a role, the first one first.

        Raises:
            NotFoundError: nobody holds it.
        """
        found = [post.person_id for post in self._posts_of(agency_id) if post.role is role]
        if not found:
            raise NotFoundError(
                f"no {role} in {agency_id}", code=ErrorCode.INSTALLATION_MISSING, path=agency_id
            )
        return found

    def teams(self, agency_id: AgencyId) -> Sequence[Team]:
        """Return the units of an agency that have a head and an officer."""
        if agency_id not in self._teams:
            self._teams[agency_id] = _teams(self._posts_of(agency_id))
        return self._teams[agency_id]

    def team_of(self, agency_id: AgencyId, unit_id: UnitId) -> Team | None:
        """Return the team of a unit."""
        return next((each for each in self.teams(agency_id) if each.unit_id == unit_id), None)

    def signatory(
        self, agency_id: AgencyId, kind: DocumentKind, chance: random.Random
    ) -> PersonId:
        """Return a leader who may sign documents of a kind; most often not the head."""
        with self.house.start_reading() as work:
            rights = work.organisation.list_authorities(agency_id, self.day)
            posts = [
                work.organisation.get_post(right.post_id).person_id
                for right in rights
                if right.allows(kind, self.day) and right.covers_field(None)
            ]
        return chance.choice(posts)

    def task(self, actor: Actor, subject_id: str, procedure_id: str = "") -> TaskId:
        """Return the task on a subject that waits for the actor.

        Args:
            procedure_id: which of several, where the actor has more than one on the subject.

        Raises:
            NotFoundError: nothing waits for them.
        """
        with self.house.start_reading() as work:
            waiting = work.queries.list_tasks_on(actor, subject_id)
        tasks = [each for each in waiting if procedure_id in {"", each.procedure_id}]
        if not tasks:
            raise NotFoundError(
                f"nothing on {subject_id} waits for {actor.person_id}",
                code=ErrorCode.TASK_NOT_FOUND,
            )
        return tasks[0].task_id

    def _posts_of(self, agency_id: AgencyId) -> Sequence[Post]:
        if agency_id not in self._posts:
            with self.house.start_reading() as work:
                self._posts[agency_id] = work.organisation.list_posts(agency_id, self.day)
        return self._posts[agency_id]


def _teams(posts: Sequence[Post]) -> Sequence[Team]:
    heads = {
        post.unit_id: post.person_id
        for post in reversed(posts)
        if post.role is Role.DIVISION_HEAD and post.unit_id is not None
    }
    officers: dict[UnitId, list[PersonId]] = {}
    for post in posts:
        if post.role is Role.DESK_OFFICER and post.unit_id:
            officers.setdefault(post.unit_id, []).append(post.person_id)
    return [
        Team(unit_id=unit, head=head, officers=tuple(officers[unit]))
        for unit, head in heads.items()
        if unit in officers
    ]
