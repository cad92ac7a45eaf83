"""Keep agencies, units, posts, people and authority."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from engine.errors import ConflictError, ErrorCode
from engine.model.organisation import (
    Agency,
    AgencyId,
    Authority,
    AuthorityForm,
    Field,
    FieldId,
    Person,
    PersonId,
    Post,
    PostId,
    Role,
    Unit,
    UnitId,
    Validity,
)
from engine.text import name_sort_key, nfc
from storage.repositories.base import Repository, by_key, missing
from storage.tables import organisation as tables
from storage.tables.delegation import field as field_table

#: Heads first, then those who act for them, then those who sign by order.
_FORMS = (
    AuthorityForm.HEAD,
    AuthorityForm.COLLECTIVE,
    AuthorityForm.ACTING,
    AuthorityForm.DEPUTY,
    AuthorityForm.BY_ORDER,
    AuthorityForm.BY_AUTHORISATION,
)

_GET_AGENCY = sa.select(tables.agency).where(by_key(tables.agency.c.id))
_GET_UNIT = sa.select(tables.unit).where(by_key(tables.unit.c.id))
_GET_POST = sa.select(tables.post).where(by_key(tables.post.c.id))
_GET_PERSON = sa.select(tables.person).where(by_key(tables.person.c.id))


def _covers(table: sa.Table) -> sa.ColumnElement[bool]:
    day = sa.bindparam("day", type_=sa.Date())
    return sa.and_(table.c.since <= day, sa.or_(table.c.until.is_(None), table.c.until >= day))


def _listed(table: sa.Table, owner: str, order: str = "id") -> sa.Select[Any]:
    """Return the query of the rows of one owner in force on a day."""
    query = sa.select(table).where(by_key(table.c[owner]), _covers(table))
    return query.order_by(table.c[order], table.c.id)


_LIST_UNITS = _listed(tables.unit, "agency_id", "name")
_LIST_POSTS = _listed(tables.post, "agency_id")
_LIST_POSTS_IN_ROLE = _LIST_POSTS.where(tables.post.c.role == sa.bindparam("role"))
_LIST_POSTS_OF = _listed(tables.post, "person_id")
_LIST_AUTHORITIES = _listed(tables.authority, "agency_id")
_GET_AUTHORITY = sa.select(tables.authority).where(by_key(tables.authority.c.id))
#: Nobody makes a right longer that was ended: who signs again gets a new one.
_END_AUTHORITY = sa.update(tables.authority).where(
    by_key(tables.authority.c.id),
    sa.or_(
        tables.authority.c.until.is_(None),
        tables.authority.c.until > sa.bindparam("last", type_=sa.Date()),
    ),
)
_LIST_FIELDS = _listed(field_table, "agency_id", "name")


class SqlOrganisation(Repository):
    """Keep the organisation as dated rows."""

    def add_agency(self, agency: Agency) -> None:
        """Add an agency; its parent may follow in the same transaction."""
        self._insert(tables.agency, _dated(agency))

    def add_unit(self, unit: Unit) -> None:
        """Add a unit of an agency."""
        self._insert(tables.unit, _dated(unit))

    def add_person(self, person: Person) -> None:
        """Add a person."""
        self._insert(tables.person, dict(vars(person)))

    def add_post(self, post: Post) -> None:
        """Add an appointment."""
        self._insert(tables.post, _dated(post))

    def add_authority(self, authority: Authority) -> None:
        """Add a right to sign."""
        lists = {"kinds": sorted(authority.kinds), "fields": sorted(authority.fields)}
        self._insert(tables.authority, {**_dated(authority), **lists})

    def add_field(self, field: Field) -> None:
        """Add a field of work of an agency."""
        self._insert(field_table, _dated(field))

    def list_fields(self, agency_id: AgencyId, day: date) -> Sequence[Field]:
        """Return the fields of work an agency has on `day`, by name."""
        return self._list(_field, _LIST_FIELDS, key=agency_id, day=day)

    def find_field(self, field_id: FieldId) -> Field | None:
        """Return a field of work, whether it lasts or not."""
        query = sa.select(field_table).where(field_table.c.id == field_id)
        return self._find(_field, query)

    def get_agency(self, agency_id: AgencyId) -> Agency:
        """Return the agency.

        Raises:
            NotFoundError: code AGENCY_NOT_FOUND.
        """
        found = self._find(_agency, _GET_AGENCY, key=agency_id)
        return found or missing("agency", agency_id, ErrorCode.AGENCY_NOT_FOUND)

    def find_agency(self, name: str) -> Agency | None:
        """Return the agency whose id, code, symbol (if unique) or name is `name`."""
        columns = tables.agency.c
        wanted = nfc(name).strip()
        query = sa.select(tables.agency).where(
            sa.or_(
                columns.id == wanted,
                columns.code == wanted,
                columns.symbol == wanted,
                columns.name == wanted,
            )
        )
        found = self._list(_agency, query)
        for field in ("id", "code", "symbol", "name"):
            same = [agency for agency in found if getattr(agency, field) == wanted]
            if len(same) == 1:
                return same[0]
        return None

    def list_agencies(self, day: date) -> Sequence[Agency]:
        """Return the agencies in force on `day`, in the order of their codes."""
        table = tables.agency
        query = sa.select(table).where(_covers(table)).order_by(table.c.code, table.c.id)
        return self._list(_agency, query, day=day)

    def list_agencies_between(self, since: date, until: date) -> Sequence[Agency]:
        """Return the agencies in force on any day from `since` to `until`, by their codes."""
        table = tables.agency
        lasts = sa.or_(table.c.until.is_(None), table.c.until >= since)
        query = sa.select(table).where(table.c.since <= until, lasts)
        return self._list(_agency, query.order_by(table.c.code, table.c.id))

    def list_units(self, agency_id: AgencyId, day: date) -> Sequence[Unit]:
        """Return the units of an agency in force on `day`, by name."""
        return self._list(_unit, _LIST_UNITS, key=agency_id, day=day)

    def get_unit(self, unit_id: UnitId) -> Unit:
        """Return the unit.

        Raises:
            NotFoundError: there is no such unit.
        """
        found = self._find(_unit, _GET_UNIT, key=unit_id)
        return found or missing("unit", unit_id, ErrorCode.AGENCY_NOT_FOUND)

    def get_person(self, person_id: PersonId) -> Person:
        """Return the person.

        Raises:
            NotFoundError: there is no such person.
        """
        return self._find(Person, _GET_PERSON, key=person_id) or missing("person", person_id)

    def list_people(self, only: Collection[PersonId] | None = None) -> Sequence[Person]:
        """Return everybody, or who of them is named, sorted by given name."""
        query = sa.select(tables.person)
        if only is not None:
            query = query.where(tables.person.c.id.in_(sorted(only)))
        people = self._list(Person, query)
        return sorted(people, key=lambda person: (name_sort_key(person.full_name), person.id))

    def list_posts(
        self, agency_id: AgencyId, day: date, *, role: Role | None = None
    ) -> Sequence[Post]:
        """Return the posts of an agency held on `day`."""
        if role is None:
            return self._list(_post, _LIST_POSTS, key=agency_id, day=day)
        return self._list(_post, _LIST_POSTS_IN_ROLE, key=agency_id, day=day, role=role)

    def list_posts_of(self, person_id: PersonId, day: date) -> Sequence[Post]:
        """Return the posts a person holds on `day`."""
        return self._list(_post, _LIST_POSTS_OF, key=person_id, day=day)

    def find_last_day(self, person_id: PersonId, before: date) -> date | None:
        """Return the last day of the person's posts that ended before `before`."""
        post = tables.post.c
        query = sa.select(sa.func.max(post.until)).where(
            post.person_id == person_id, post.until < before
        )
        found: date | None = self._connection.execute(query).scalar()
        return found

    def get_post(self, post_id: PostId) -> Post:
        """Return the appointment, whether it lasts or not.

        Raises:
            NotFoundError: code POST_NOT_FOUND.
        """
        found = self._find(_post, _GET_POST, key=post_id)
        return found or missing("post", post_id, ErrorCode.POST_NOT_FOUND)

    def list_posts_named(self, post_ids: Collection[PostId]) -> Sequence[Post]:
        """Return the appointments of these ids, whether they last or not."""
        query = sa.select(tables.post).where(tables.post.c.id.in_(sorted(post_ids)))
        return self._list(_post, query) if post_ids else []

    def end_post(self, post_id: PostId, until: date) -> None:
        """Let an appointment, and the authority that hangs on it, end with the day `until`."""
        self._changed(sa.update(tables.post).where(tables.post.c.id == post_id), {"until": until})
        lasting = sa.or_(tables.authority.c.until.is_(None), tables.authority.c.until > until)
        self._changed(
            sa.update(tables.authority).where(tables.authority.c.post_id == post_id, lasting),
            {"until": until},
        )

    def list_authorities(self, agency_id: AgencyId, day: date) -> Sequence[Authority]:
        """Return the rights to sign for an agency in force on `day`, heads first."""
        found = self._list(_authority, _LIST_AUTHORITIES, key=agency_id, day=day)
        return sorted(
            found, key=lambda each: (_FORMS.index(each.form), each.validity.since, each.id)
        )

    def list_every_authority(self, agency_id: AgencyId) -> Sequence[Authority]:
        """Return the rights to sign an agency ever had, by post, the newest first."""
        authority = tables.authority.c
        query = (
            sa.select(tables.authority)
            .where(authority.agency_id == agency_id)
            .order_by(authority.post_id, authority.since.desc(), authority.id)
        )
        return self._list(_authority, query)

    def get_authority(self, authority_id: str) -> Authority:
        """Return one right to sign, whether it lasts or not.

        Raises:
            NotFoundError: code AUTHORITY_NOT_FOUND.
        """
        found = self._find(_authority, _GET_AUTHORITY, key=authority_id)
        return found or missing("authority", authority_id, ErrorCode.AUTHORITY_NOT_FOUND)

    def end_authority(self, authority_id: str, until: date) -> None:
        """Let a right to sign end with the day `until`; it never grows longer.

        Raises:
            ConflictError: code AUTHORITY_CHANGED; it ends on that day or earlier already.
        """
        values = {"key": authority_id, "last": until, "until": until}
        if self._changed(_END_AUTHORITY, values) == 0:
            raise ConflictError(f"authority {authority_id}", code=ErrorCode.AUTHORITY_CHANGED)

    def is_empty(self) -> bool:
        """Tell whether no agency has been added yet."""
        return self._connection.execute(sa.select(tables.agency.c.id).limit(1)).first() is None


def _dated(record: Agency | Unit | Post | Authority | Field) -> dict[str, Any]:
    values = dict(vars(record))
    validity: Validity = values.pop("validity")
    return {**values, "since": validity.since, "until": validity.until}


def _agency(
    *,
    since: date,
    until: date | None,
    letterhead_parent: list[str],
    letterhead_name: list[str],
    **values: Any,
) -> Agency:
    return Agency(
        **values,
        letterhead_parent=tuple(letterhead_parent),
        letterhead_name=tuple(letterhead_name),
        validity=Validity(since=since, until=until),
    )


def _unit(*, since: date, until: date | None, **values: Any) -> Unit:
    return Unit(**values, validity=Validity(since=since, until=until))


def _post(*, since: date, until: date | None, **values: Any) -> Post:
    return Post(**values, validity=Validity(since=since, until=until))


def _field(*, since: date, until: date | None, **values: Any) -> Field:
    return Field(**values, validity=Validity(since=since, until=until))


def _authority(
    *,
    since: date,
    until: date | None,
    lines: list[str],
    kinds: list[str],
    fields: list[str],
    **values: Any,
) -> Authority:
    return Authority(
        **values,
        lines=tuple(lines),
        kinds=frozenset(kinds),  # type: ignore[arg-type] # DocumentKind is a name for str
        fields=frozenset(map(FieldId, fields)),
        validity=Validity(since=since, until=until),
    )
