"""Describe agencies, units, posts, people and the authority to sign, all of it dated.

Source: Decree 30/2020/NĐ-CP, Art. 13 (TM., KT., TL., TUQ., Q.).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NewType

from engine.model.kinds import DocumentKind

AgencyId = NewType("AgencyId", str)
UnitId = NewType("UnitId", str)
PostId = NewType("PostId", str)
PersonId = NewType("PersonId", str)
FieldId = NewType("FieldId", str)
DelegationId = NewType("DelegationId", str)


class Profile(StrEnum):
    """Name the family of letterhead an agency uses."""

    STATE = "nd30_2020"
    YOUTH_UNION = "thanh_doan"


class AgencyKind(StrEnum):
    """Name the kinds of agency of the city."""

    PEOPLES_COMMITTEE = "ubnd_thanh_pho"
    DEPARTMENT = "so_ban_nganh"
    DISTRICT = "quan_huyen"
    OTHER = "khac"


class Role(StrEnum):
    """Name what a post does in a procedure; a lane of a BPMN process carries the same id."""

    DESK_OFFICER = "chuyen_vien"
    DIVISION_HEAD = "lanh_dao_phong"
    CLERK = "van_thu"
    LEADER = "lanh_dao"
    AUDITOR = "kiem_tra"
    ADMINISTRATOR = "quan_tri"


class AuthorityForm(StrEnum):
    """Name on whose behalf a signatory signs."""

    HEAD = "head"
    COLLECTIVE = "TM"
    DEPUTY = "KT"
    BY_ORDER = "TL"
    BY_AUTHORISATION = "TUQ"
    ACTING = "Q"


class Power(StrEnum):
    """Name what a person may leave to another while they are away.

    The rule of a task names the power it takes; a task whose rule names none is nobody else's.
    """

    REVIEW = "review"
    DIRECT = "direct"
    HANDLE = "handle"
    SIGN = "sign"
    SCHEDULE = "schedule"


@dataclass(frozen=True, kw_only=True)
class Validity:
    """Hold a period in days; `until` is the last day, None while it lasts."""

    since: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Tell whether `day` lies in the period."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, kw_only=True)
class Agency:
    """Hold one agency. Identity is `id`; code and symbol may repeat or change.

    Args:
        code: identifier of Decision 20/2020/QĐ-TTg, such as `H13.02`.
        symbol: abbreviation in document symbols; not unique (`UBND`).
        letterhead_parent: lines of the superior body; empty for a People's Committee.
        letterhead_name: lines of the agency itself.
        place: place name of the date line.
    """

    id: AgencyId
    code: str
    name: str
    symbol: str
    kind: AgencyKind
    parent_id: AgencyId | None
    place: str
    letterhead_parent: tuple[str, ...]
    letterhead_name: tuple[str, ...]
    profile: Profile
    seal_diameter_mm: float
    validity: Validity


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Hold a unit (phòng, văn phòng) of an agency; `symbol` ends a công văn's symbol."""

    id: UnitId
    agency_id: AgencyId
    name: str
    symbol: str
    validity: Validity


@dataclass(frozen=True, kw_only=True)
class Post:
    """Hold one person's appointment: what they are, where, in which role, and when."""

    id: PostId
    agency_id: AgencyId
    unit_id: UnitId | None
    person_id: PersonId
    title: str
    role: Role
    validity: Validity


@dataclass(frozen=True, kw_only=True)
class Person:
    """Hold one person. `login` is unique and ASCII."""

    id: PersonId
    login: str
    full_name: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """Hold a field of work (lĩnh vực) of an agency, such as `Tổ chức cán bộ`."""

    id: FieldId
    agency_id: AgencyId
    name: str
    validity: Validity


@dataclass(frozen=True, kw_only=True)
class Authority:
    """Hold the right of a post to sign documents of an agency.

    Args:
        kinds: kinds it covers; empty means every kind.
        fields: fields it covers; empty means every field, and documents of none.
        lines: what is printed above the signature, from `TM.` or `KT.` down to the title.
        basis: document that grants it.
    """

    id: str
    agency_id: AgencyId
    post_id: PostId
    form: AuthorityForm
    lines: tuple[str, ...]
    kinds: frozenset[DocumentKind]
    basis: str
    validity: Validity
    fields: frozenset[FieldId] = frozenset()

    def allows(self, kind: DocumentKind, day: date) -> bool:
        """Tell whether a document of `kind` may be signed under it on `day`, in some field."""
        return self.validity.covers(day) and (not self.kinds or kind in self.kinds)

    def covers_field(self, field_id: FieldId | None) -> bool:
        """Tell whether it covers a field; None is a document that names none."""
        return not self.fields or field_id in self.fields


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """Hold for whom a person acts today, and how far.

    Args:
        delegation_id: "" where nobody delegated: the giver has left the post for good.
        post: of the giver; work that waits for its role waits for the delegate too.
        powers: what was delegated.
        kinds: kinds of document it is limited to; empty means every kind, and what is none.
    """

    delegation_id: DelegationId
    giver_id: PersonId
    giver_name: str
    post: Post
    powers: frozenset[Power]
    kinds: frozenset[DocumentKind] = frozenset()
    until: date

    def covers(self, power: Power | None) -> bool:
        """Tell whether `power` was delegated; None is what nobody delegates."""
        return power is not None and power in self.powers

    def covers_kind(self, kind: str) -> bool:
        """Tell whether it reaches documents of `kind`; "" is a thing that is no document."""
        return not self.kinds or kind in self.kinds


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Hold who acts: a person with the posts held at the time of the act.

    Args:
        posts: their own; what they do for others is in `stands_in` and gives no role.
        stands_in: for whom they act today, by delegations in force.
        succeeds: who has left an agency the actor leads while something only they could decide
            still waits for them there; its leaders decide it.
    """

    person_id: PersonId
    full_name: str
    posts: tuple[Post, ...]
    stands_in: tuple[StandIn, ...] = ()
    succeeds: tuple[StandIn, ...] = ()

    def has_role(self, role: Role, agency_id: AgencyId, unit_id: UnitId | None = None) -> bool:
        """Tell whether a post of the actor has `role` in the agency (and unit, if given)."""
        return any(
            post.role is role
            and post.agency_id == agency_id
            and (unit_id is None or post.unit_id == unit_id)
            for post in self.posts
        )

    def agency_ids(self) -> frozenset[AgencyId]:
        """Return the agencies the actor serves."""
        return frozenset(post.agency_id for post in self.posts)


#: What waits for somebody by name and stays with them; it falls to the leaders of the agency
#: once that person holds no post there.
POWERS_OF_LEAVERS = frozenset({Power.DIRECT, Power.SIGN})

SYSTEM_PERSON = PersonId("system")
SYSTEM = Actor(person_id=SYSTEM_PERSON, full_name="Hệ thống", posts=())


def find_authority(
    authorities: Iterable[Authority],
    *,
    post_ids: frozenset[PostId],
    kind: DocumentKind,
    day: date,
    field_id: FieldId | None = None,
) -> Authority | None:
    """Return the first authority that lets one of the posts sign `kind` in a field on `day`."""
    return next(
        (
            a
            for a in authorities
            if a.post_id in post_ids and a.allows(kind, day) and a.covers_field(field_id)
        ),
        None,
    )
