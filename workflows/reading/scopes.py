"""Tell whose numbers somebody may see: those of their own agencies, or the whole city's."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import ErrorCode, NotFoundError
from engine.model.indicators import Period
from engine.model.organisation import Actor, Agency, AgencyId
from engine.permissions import Permission, Subject, check_permitted, is_permitted
from engine.ports import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Hold whose numbers are asked for.

    Args:
        agencies: in the order of their codes.
        is_city: all of them together; certificates of whoever then count too.
    """

    agencies: tuple[Agency, ...]
    is_city: bool

    def ids(self) -> tuple[AgencyId, ...]:
        """Return the agencies' ids."""
        return tuple(agency.id for agency in self.agencies)

    def agency(self) -> Agency | None:
        """Return the one agency, None for the city."""
        return None if self.is_city else self.agencies[0]


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Hold who watches the whole city.

    Args:
        city_agencies: agencies whose leaders, auditors and administrators do.
    """

    city_agencies: frozenset[AgencyId]

    def may_see_city(self, actor: Actor) -> bool:
        """Tell whether the actor watches the whole city."""
        return is_permitted(Permission.REPORT_CITY, actor, Subject(reader_ids=self.city_agencies))

    def list_choices(self, work: UnitOfWork, actor: Actor, period: Period) -> Sequence[Agency]:
        """Return the agencies whose numbers the actor may see, in the order of codes.

        Their own are among them in any period; before one began there is nothing to count.
        """
        found = {each: work.organisation.get_agency(each) for each in actor.agency_ids()}
        if self.may_see_city(actor):
            found |= {agency.id: agency for agency in agencies_of(work, period)}
        return sorted(found.values(), key=lambda agency: (agency.code, agency.id))

    def find_scope(
        self, work: UnitOfWork, actor: Actor, period: Period, agency_id: AgencyId | None
    ) -> Scope:
        """Return whose numbers the actor gets; `agency_id` None asks for the city's.

        Raises:
            NotFoundError: code AGENCY_NOT_FOUND; there is none, or the actor may not see it.
            NotPermittedError: the city's are not for this actor.
        """
        check_permitted(Permission.REPORT_VIEW, actor)
        if agency_id is None:
            check_permitted(Permission.REPORT_CITY, actor, Subject(reader_ids=self.city_agencies))
            return Scope(agencies=agencies_of(work, period), is_city=True)
        choices = self.list_choices(work, actor, period)
        chosen = next((each for each in choices if each.id == agency_id), None)
        if chosen is None:
            raise NotFoundError(agency_id, code=ErrorCode.AGENCY_NOT_FOUND, agency=agency_id)
        return Scope(agencies=(chosen,), is_city=False)


def agencies_of(work: UnitOfWork, period: Period) -> tuple[Agency, ...]:
    """Return the agencies in force on any day of the period, in the order of codes."""
    return tuple(work.organisation.list_agencies_between(period.since, period.until))
