"""Keep the table of who signs what: add a right, end one, add a field of work; all dated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.errors import ErrorCode, InvalidInputError
from engine.model.kinds import DocumentKind, get_kind
from engine.model.organisation import (
    Actor,
    AgencyId,
    Authority,
    AuthorityForm,
    Field,
    FieldId,
    Post,
    PostId,
    Role,
    Validity,
)
from engine.permissions import Permission, check_permitted
from engine.ports import Organisation, StartWork
from engine.presence import with_posts_today
from engine.text import clean_line
from workflows.authority.lines import signature_lines

MAX_LINE_CHARS = 120
MAX_LINES = 4
MAX_BASIS_CHARS = 300
MAX_NAME_CHARS = 120


@dataclass(frozen=True, kw_only=True)
class SigningTerms:
    """Hold what an administrator says of a right to sign.

    Args:
        lines: printed above the signature; empty to have them written from the form.
        kinds, fields: empty means every kind, every field.
        until: last day; TUQ. must have one.
    """

    post_id: PostId
    form: AuthorityForm
    since: date
    until: date | None = None
    basis: str = ""
    lines: Sequence[str] = ()
    kinds: frozenset[DocumentKind] = frozenset()
    fields: frozenset[FieldId] = frozenset()


@dataclass(frozen=True, kw_only=True)
class AddAuthority:
    """Use case: an administrator records a right to sign, with the document it rests on."""

    start_work: StartWork
    clock: Clock

    def __call__(self, terms: SigningTerms, actor: Actor) -> str:
        """Add the right and return its id; no right is ever written over.

        Raises:
            NotPermittedError: not an administrator.
            NotFoundError: no such post.
            InvalidInputError: days the post does not last; a first day before today
                (AUTHORITY_PAST); TUQ. without an end or a basis (AUTHORITY_TERMS); an unknown
                kind or field.

        Source: Decree 30/2020/NĐ-CP, Art. 13.
        """
        basis = _clean_terms(terms)
        now = self.clock.now()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            check_permitted(Permission.AUTHORITY_ADMINISTER, serving)
            post = work.organisation.get_post(terms.post_id)
            _check_days(terms, post, local(now).date())
            _check_fields(work.organisation, terms, post.agency_id)
            authority = Authority(
                id=uuid4().hex,
                agency_id=post.agency_id,
                post_id=post.id,
                form=terms.form,
                lines=_lines(work.organisation, terms, post),
                kinds=terms.kinds,
                basis=basis,
                validity=Validity(since=terms.since, until=terms.until),
                fields=terms.fields,
            )
            work.organisation.add_authority(authority)
            work.audit.record(
                AuditEvent.AUTHORITY_ADD,
                subject=f"signing-right:{authority.id}",
                actor=serving,
                at=now,
                details={
                    "post": post.id,
                    "authority_form": authority.form,
                    "lines": " / ".join(authority.lines),
                    "kinds": " ".join(sorted(authority.kinds)),
                    "fields": " ".join(sorted(authority.fields)),
                    "basis": authority.basis,
                    "since": terms.since.isoformat(),
                    "until": terms.until.isoformat() if terms.until else "",
                },
            )
            work.commit()
        return authority.id


@dataclass(frozen=True, kw_only=True)
class EndAuthority:
    """Use case: an administrator says with which day a right to sign ends."""

    start_work: StartWork
    clock: Clock

    def __call__(self, authority_id: str, until: date, actor: Actor) -> None:
        """Let the right end with `until`; yesterday takes it away at once.

        What was signed under it stays signed, so it never ends earlier than yesterday.

        Raises:
            NotPermittedError: not an administrator.
            NotFoundError: code AUTHORITY_NOT_FOUND.
            InvalidInputError: before it begins, or earlier than yesterday.
            ConflictError: it ends by then already.
        """
        now = self.clock.now()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            check_permitted(Permission.AUTHORITY_ADMINISTER, serving)
            authority = work.organisation.get_authority(authority_id)
            earliest = max(authority.validity.since, local(now).date() - timedelta(days=1))
            if until < earliest:
                raise InvalidInputError(f"before {earliest}", field="until")
            work.organisation.end_authority(authority_id, until)
            work.audit.record(
                AuditEvent.AUTHORITY_END,
                subject=f"signing-right:{authority.id}",
                actor=serving,
                at=now,
                details={"post": authority.post_id, "until": until.isoformat()},
            )
            work.commit()


@dataclass(frozen=True, kw_only=True)
class AddField:
    """Use case: an administrator adds a field of work (lĩnh vực) to an agency."""

    start_work: StartWork
    clock: Clock

    def __call__(self, agency_id: AgencyId, name: str, actor: Actor) -> FieldId:
        """Add the field, in force from today, and return its id.

        Raises:
            NotPermittedError: not an administrator.
            NotFoundError: no such agency.
            InvalidInputError: no name, or one the agency has already.
        """
        cleaned = clean_line(name, field="name", max_chars=MAX_NAME_CHARS)
        now = self.clock.now()
        today = local(now).date()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            check_permitted(Permission.AUTHORITY_ADMINISTER, serving)
            agency = work.organisation.get_agency(agency_id)
            known = work.organisation.list_fields(agency.id, today)
            if cleaned.casefold() in {each.name.casefold() for each in known}:
                raise InvalidInputError(f"{cleaned} is there", field="name")
            field = Field(
                id=FieldId(uuid4().hex),
                agency_id=agency.id,
                name=cleaned,
                validity=Validity(since=today),
            )
            work.organisation.add_field(field)
            work.audit.record(
                AuditEvent.FIELD_ADD,
                subject=f"field:{field.id}",
                actor=serving,
                at=now,
                details={"agency": agency.id, "name": cleaned},
            )
            work.commit()
        return field.id


def _clean_terms(terms: SigningTerms) -> str:
    """Check what needs no row, and return the basis."""
    for kind in terms.kinds:
        get_kind(kind)
    is_given = terms.form is AuthorityForm.BY_AUTHORISATION
    if is_given and (terms.until is None or not terms.basis.strip()):
        raise InvalidInputError(
            "TUQ. without end or basis",
            code=ErrorCode.AUTHORITY_TERMS,
            field="until" if terms.until is None else "basis",
        )
    return clean_line(terms.basis, field="basis", max_chars=MAX_BASIS_CHARS)


def _check_days(terms: SigningTerms, post: Post, today: date) -> None:
    if terms.since < today:
        # Who could sign what on a day that is over is on record, and stays as it was.
        raise InvalidInputError(
            f"since {terms.since}",
            code=ErrorCode.AUTHORITY_PAST,
            field="since",
            since=f"{terms.since:%d/%m/%Y}",
        )
    if terms.until is not None and terms.until < terms.since:
        raise InvalidInputError("ends before it begins", field="until")
    if not post.validity.covers(terms.since):
        raise InvalidInputError(f"post {post.id} does not last", field="since")
    if terms.until is not None and not post.validity.covers(terms.until):
        raise InvalidInputError(f"post {post.id} ends before", field="until")


def _check_fields(organisation: Organisation, terms: SigningTerms, agency_id: AgencyId) -> None:
    known = {each.id for each in organisation.list_fields(agency_id, terms.since)}
    if terms.fields - known:
        raise InvalidInputError(
            f"no field {sorted(terms.fields - known)}",
            code=ErrorCode.FIELD_UNKNOWN,
            field="fields",
        )


def _lines(organisation: Organisation, terms: SigningTerms, post: Post) -> tuple[str, ...]:
    """Return the lines given, or those the form asks for."""
    given = [
        clean_line(line, field="lines", max_chars=MAX_LINE_CHARS)
        for line in terms.lines
        if line.strip()
    ]
    if len(given) > MAX_LINES:
        raise InvalidInputError(f"{len(given)} lines", field="lines")
    if given:
        return tuple(given)
    agency = organisation.get_agency(post.agency_id)
    head = find_head(organisation, post.agency_id, terms.since)
    return signature_lines(
        terms.form, agency, title=post.title, head_title=head.title if head else post.title
    )


def find_head(organisation: Organisation, agency_id: AgencyId, day: date) -> Post | None:
    """Return the post of whoever heads an agency on `day`, None when nobody does."""
    posts = {post.id: post for post in organisation.list_posts(agency_id, day, role=Role.LEADER)}
    heads = {AuthorityForm.HEAD, AuthorityForm.COLLECTIVE}
    return next(
        (
            posts[each.post_id]
            for each in organisation.list_authorities(agency_id, day)
            if each.form in heads and each.post_id in posts
        ),
        None,
    )
