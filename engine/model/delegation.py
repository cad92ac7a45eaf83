"""Describe a delegation (ủy quyền xử lý): what a person leaves to another while they are away.

It is dated and never changed: it ends with its last day, or at once when somebody ends it. The
delegate acts under their own name; nobody lends a key.

Source: Decree 30/2020/NĐ-CP, Art. 13 (what was authorised, TUQ., is not authorised further).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.kinds import DocumentKind
from engine.model.organisation import (
    AgencyId,
    Authority,
    AuthorityForm,
    DelegationId,
    PersonId,
    Post,
    PostId,
    Power,
    Role,
)

#: Nobody is away for longer; a longer one is another appointment.
MAX_LENGTH = timedelta(days=366)
MAX_BASIS_CHARS = 300
MAX_REASON_CHARS = 500

#: What a post has by its role; `SIGN` comes from its authority alone.
POWERS_OF_ROLE: dict[Role, frozenset[Power]] = {
    Role.DESK_OFFICER: frozenset({Power.HANDLE}),
    Role.DIVISION_HEAD: frozenset({Power.REVIEW, Power.HANDLE}),
    Role.LEADER: frozenset({Power.REVIEW, Power.DIRECT, Power.HANDLE, Power.SCHEDULE}),
    # The agency's seal and its books stay with its clerks; who administers or inspects is named.
    Role.CLERK: frozenset(),
    Role.AUDITOR: frozenset(),
    Role.ADMINISTRATOR: frozenset(),
}


#: Who inspects or administers does nobody's work.
_WATCHING = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})
#: Powers that are only left to who leads or heads something, and those roles.
_OF_LEADERS = frozenset({Power.DIRECT, Power.SIGN})
_LEADING = frozenset({Role.LEADER, Role.DIVISION_HEAD})


class DelegationState(StrEnum):
    """Name how a delegation stands on a day; computed, never stored."""

    COMING = "coming"
    RUNNING = "running"
    OVER = "over"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """Hold one delegation; what was agreed never changes, it only ends.

    Args:
        post_id: of the giver, whose work it is.
        powers: one or more.
        kinds: kinds of document it is limited to; empty means every kind.
        basis: document or word it rests on; "" for a short absence nobody wrote down.
        since, until: first and last day, in Việt Nam's zone.
        ended_at: when somebody ended it before its time; from that moment on it gives nothing.
    """

    id: DelegationId
    agency_id: AgencyId
    post_id: PostId
    giver_id: PersonId
    giver_name: str
    delegate_id: PersonId
    delegate_name: str
    powers: frozenset[Power]
    kinds: frozenset[DocumentKind]
    basis: str
    since: date
    until: date
    given_at: datetime
    ended_at: datetime | None = None
    ended_by: PersonId | None = None
    ended_by_name: str = ""
    end_reason: str = ""

    def state(self, day: date) -> DelegationState:
        """Return how it stands on `day`."""
        if self.ended_at is not None:
            return DelegationState.ENDED
        if day < self.since:
            return DelegationState.COMING
        return DelegationState.RUNNING if day <= self.until else DelegationState.OVER

    def is_open(self, day: date) -> bool:
        """Tell whether it gives something on `day` or later."""
        return self.state(day) in {DelegationState.COMING, DelegationState.RUNNING}

    def meets(self, other: "Delegation") -> bool:
        """Tell whether both cover some day and some power."""
        together = self.since <= other.until and other.since <= self.until
        return together and bool(self.powers & other.powers)

    def common(self, other: "Delegation") -> "Delegation | None":
        """Return `other` as far as both leave the same on the same days; None where nothing is."""
        shares_kinds = not self.kinds or not other.kinds or bool(self.kinds & other.kinds)
        if not shares_kinds or not self.meets(other):
            return None
        return replace(
            other,
            since=max(self.since, other.since),
            until=min(self.until, other.until),
            powers=self.powers & other.powers,
            kinds=self.kinds & other.kinds or self.kinds or other.kinds,
        )

    def repeats(self, other: "Delegation") -> bool:
        """Tell whether both leave some of the same to the same person on the same days."""
        same_people = (self.post_id, self.delegate_id) == (other.post_id, other.delegate_id)
        return same_people and self.common(other) is not None

    def ended(self, by: PersonId, by_name: str, at: datetime, reason: str) -> "Delegation":
        """Return the delegation as ended by a person.

        Raises:
            ConflictError: code DELEGATION_CLOSED; it was ended before.
        """
        if self.ended_at is not None:
            raise ConflictError(f"delegation {self.id} ended", code=ErrorCode.DELEGATION_CLOSED)
        return replace(self, ended_at=at, ended_by=by, ended_by_name=by_name, end_reason=reason)


def may_stand_in(post: Post, powers: frozenset[Power] = frozenset()) -> bool:
    """Tell whether the holder of a post may do the work of a colleague.

    Args:
        powers: to be left to them; directing and signing are for who leads or heads a unit.
    """
    if powers & _OF_LEADERS and post.role not in _LEADING:
        return False
    return post.role not in _WATCHING


def check_days(since: date, until: date, today: date, post: Post) -> None:
    """Check that the days of a delegation can be meant.

    Raises:
        InvalidInputError: reversed, begun before today, longer than a year, or longer than the
            giver holds the post.
    """
    if until < since:
        raise InvalidInputError(
            "reversed", code=ErrorCode.DELEGATION_REVERSED, field="until", **_days(since, until)
        )
    if since < today:
        raise InvalidInputError(
            "in the past", code=ErrorCode.DELEGATION_PAST, field="since", **_days(since, until)
        )
    if until - since >= MAX_LENGTH:
        raise InvalidInputError(
            "too long",
            code=ErrorCode.DELEGATION_TOO_LONG,
            field="until",
            most=str(MAX_LENGTH.days),
        )
    if not post.validity.covers(since) or not post.validity.covers(until):
        raise InvalidInputError(
            f"post {post.id} ends before", code=ErrorCode.DELEGATION_BEYOND, field="until"
        )


def check_powers(
    post: Post,
    powers: frozenset[Power],
    kinds: frozenset[DocumentKind],
    authorities: Iterable[Authority],
    *,
    since: date,
    until: date,
) -> None:
    """Check that the giver's post has what it gives, from the first day to the last.

    Args:
        kinds: to sign; empty means whatever the post signs.
        authorities: of the post, whenever they last.

    Raises:
        InvalidInputError: a power, or a kind to sign, the post has not on all of these days
            (DELEGATION_BEYOND); or one it was itself authorised for by TUQ., which nobody
            authorises further (DELEGATION_TUQ).
    """
    own = POWERS_OF_ROLE[post.role]
    if powers - own - {Power.SIGN}:
        raise InvalidInputError(
            f"{post.role} has no {sorted(powers - own)}",
            code=ErrorCode.DELEGATION_BEYOND,
            field="powers",
        )
    if Power.SIGN in powers:
        rights = list(authorities)
        for day in _turns(rights, since, until):
            in_force = [each for each in rights if each.validity.covers(day)]
            _check_signing(post, kinds, in_force)


def _turns(authorities: list[Authority], since: date, until: date) -> list[date]:
    """Return the first day, and each later one on which something begins or has ended."""
    days = {since}
    for each in authorities:
        days.add(each.validity.since)
        if each.validity.until is not None and each.validity.until < date.max:
            days.add(each.validity.until + timedelta(days=1))
    return sorted(day for day in days if since <= day <= until)


def _check_signing(
    post: Post, kinds: frozenset[DocumentKind], authorities: list[Authority]
) -> None:
    own = [each for each in authorities if each.form is not AuthorityForm.BY_AUTHORISATION]
    if _covers(own, kinds) and (kinds or _has_all_of(own, authorities)):
        return
    if _covers(authorities, kinds):
        raise InvalidInputError(
            f"post {post.id} signs by TUQ.", code=ErrorCode.DELEGATION_TUQ, field="powers"
        )
    raise InvalidInputError(
        f"post {post.id} does not sign {sorted(kinds)}",
        code=ErrorCode.DELEGATION_BEYOND,
        field="kinds" if authorities else "powers",
    )


def _covers(authorities: list[Authority], kinds: frozenset[DocumentKind]) -> bool:
    """Tell whether the authorities let somebody sign all of `kinds`; anything when it is empty."""
    if any(not each.kinds for each in authorities):
        return True
    return bool(authorities) and kinds <= frozenset().union(*(a.kinds for a in authorities))


def _has_all_of(own: list[Authority], authorities: list[Authority]) -> bool:
    """Tell whether nothing among `authorities` goes beyond what is one's own."""
    return all(_is_unlimited(own) or (a.kinds and _covers(own, a.kinds)) for a in authorities)


def _is_unlimited(authorities: list[Authority]) -> bool:
    return any(not each.kinds for each in authorities)


def check_no_loop(new: Delegation, others: Iterable[Delegation]) -> None:
    """Check that nobody's work comes back to them by way of others who are away too.

    It comes back on a day on which all of them are away, and only what all of them leave.

    Args:
        others: open delegations of the same agency.

    Raises:
        ConflictError: code DELEGATION_LOOP; names who leaves the same to the giver.
    """
    known = list(others)
    # A chain is what all its links have in common; the same is walked on from only once.
    steps, seen = [new], {new}
    while steps:
        step = steps.pop()
        for other in known:
            common = step.common(other) if other.giver_id == step.delegate_id else None
            if common is None:
                continue
            if other.delegate_id == new.giver_id:
                raise ConflictError(
                    f"{other.id} leads back to {new.giver_id}",
                    code=ErrorCode.DELEGATION_LOOP,
                    name=other.giver_name,
                    **_days(other.since, other.until),
                )
            if common not in seen:
                seen.add(common)
                steps.append(common)


def check_not_repeated(new: Delegation, others: Iterable[Delegation]) -> None:
    """Check that the same is not left to the same person twice.

    Raises:
        ConflictError: code DELEGATION_OVERLAP; names the days of the other.
    """
    for other in others:
        if new.repeats(other):
            raise ConflictError(
                f"repeats {other.id}",
                code=ErrorCode.DELEGATION_OVERLAP,
                name=other.delegate_name,
                **_days(other.since, other.until),
            )


def _days(since: date, until: date) -> dict[str, str]:
    return {"since": f"{since:%d/%m/%Y}", "until": f"{until:%d/%m/%Y}"}
