"""Show an administrator who may sign what for an agency, ended rights included."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.clock import Clock, local
from engine.model.organisation import Actor, Agency, AgencyId, Authority, Field, Post
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork


@dataclass(frozen=True, kw_only=True)
class AuthorityRow:
    """Hold one right with the post and the person it belongs to."""

    authority: Authority
    post: Post
    person_name: str
    field_names: Sequence[str]
    is_in_force: bool


@dataclass(frozen=True, kw_only=True)
class AuthorityTable:
    """Hold the rights to sign of one agency.

    Args:
        posts: held today, with their holders' names; new rights are given to these.
    """

    agency: Agency
    agencies: Sequence[Agency]
    rows: Sequence[AuthorityRow]
    fields: Sequence[Field]
    posts: Sequence[tuple[Post, str]]
    day: date


@dataclass(frozen=True, kw_only=True)
class ViewAuthority:
    """Use case: an administrator looks at who may sign what."""

    start_reading: StartWork
    clock: Clock

    def __call__(self, agency_id: AgencyId | None, actor: Actor) -> AuthorityTable:
        """Return the table of an agency, of the actor's own when none is named.

        Raises:
            NotPermittedError: not an administrator.
            NotFoundError: no such agency.
        """
        check_permitted(Permission.AUTHORITY_ADMINISTER, actor)
        day = local(self.clock.now()).date()
        with self.start_reading() as work:
            organisation = work.organisation
            agency = organisation.get_agency(agency_id or actor.posts[0].agency_id)
            fields = organisation.list_fields(agency.id, day)
            named = {each.id: each.name for each in fields}
            posts = organisation.list_posts(agency.id, day)
            rights = organisation.list_every_authority(agency.id)
            # Rights outlast the posts they hang on, and those who held them.
            known = {
                post.id: post
                for post in (
                    *posts,
                    *organisation.list_posts_named({each.post_id for each in rights}),
                )
            }
            people = organisation.list_people({post.person_id for post in known.values()})
            names = {each.id: each.full_name for each in people}
            rows = [(each, known[each.post_id]) for each in rights]
            return AuthorityTable(
                agency=agency,
                agencies=organisation.list_agencies(day),
                rows=[
                    AuthorityRow(
                        authority=each,
                        post=post,
                        person_name=names.get(post.person_id, ""),
                        field_names=sorted(named.get(field, field) for field in each.fields),
                        is_in_force=each.validity.covers(day),
                    )
                    for each, post in rows
                ],
                fields=fields,
                posts=[(post, names.get(post.person_id, "")) for post in posts],
                day=day,
            )
