"""Leave work to a colleague for some days (ủy quyền xử lý): self-service, in one's own name."""

from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.errors import ErrorCode, InvalidInputError
from engine.model.delegation import (
    MAX_BASIS_CHARS,
    Delegation,
    check_days,
    check_no_loop,
    check_not_repeated,
    check_powers,
    may_stand_in,
)
from engine.model.kinds import DocumentKind, get_kind
from engine.model.notice import NoticeKind, SubjectKind
from engine.model.organisation import Actor, DelegationId, PersonId, Post, PostId, Power
from engine.model.remarks import clean_remark
from engine.notifying import notify
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import Organisation, StartWork, UnitOfWork
from engine.presence import with_posts_today


@dataclass(frozen=True, kw_only=True)
class DelegationTerms:
    """Hold what a person wants to leave to whom.

    Args:
        post_id: of the giver; the work of their other posts stays with them.
        kinds: kinds of document; empty means every kind.
        since, until: first and last day, in Việt Nam's zone.
        basis: what it rests on; "" when nothing is written.
    """

    post_id: PostId
    delegate_id: PersonId
    powers: frozenset[Power]
    since: date
    until: date
    kinds: frozenset[DocumentKind] = frozenset()
    basis: str = ""


@dataclass(frozen=True, kw_only=True)
class Delegate:
    """Use case: somebody who will be away leaves their work to a colleague."""

    start_work: StartWork
    clock: Clock

    def __call__(self, terms: DelegationTerms, actor: Actor) -> DelegationId:
        """Record the delegation; from its first day on the delegate sees the giver's tasks.

        Raises:
            NotPermittedError: the actor holds no post.
            InvalidInputError: nothing to leave; oneself, or somebody without a post in the
                agency, or one who only inspects or administers; days that cannot be; more than
                one has, what one was authorised for by TUQ., or what one only does for another.
            ConflictError: a loop, or the same left to the same person twice.

        Source: Decree 30/2020/NĐ-CP, Art. 13.
        """
        basis = clean_remark(terms.basis, field="basis", max_chars=MAX_BASIS_CHARS, required=False)
        _check_chosen(terms)
        now = self.clock.now()
        today = local(now).date()
        with self.start_work() as work:
            serving = with_posts_today(work.organisation, actor, now)
            check_permitted(Permission.SIGNED_IN, serving)
            post = _own_post(serving, terms.post_id)
            check_permitted(
                Permission.DELEGATION_GIVE,
                serving,
                Subject(agency_id=post.agency_id, person_id=post.person_id),
            )
            check_days(terms.since, terms.until, today, post)
            check_powers(
                post,
                terms.powers,
                terms.kinds,
                [
                    authority
                    for authority in work.organisation.list_every_authority(post.agency_id)
                    if authority.post_id == post.id
                ],
                since=terms.since,
                until=terms.until,
            )
            _check_delegate(work.organisation, terms, post)
            given = Delegation(
                id=DelegationId(uuid4().hex),
                agency_id=post.agency_id,
                post_id=post.id,
                giver_id=serving.person_id,
                giver_name=serving.full_name,
                delegate_id=terms.delegate_id,
                delegate_name=work.organisation.get_person(terms.delegate_id).full_name,
                powers=terms.powers,
                kinds=terms.kinds,
                basis=basis,
                since=terms.since,
                until=terms.until,
                given_at=now,
            )
            others = work.delegations.list_open(post.agency_id, today)
            check_not_repeated(given, others)
            check_no_loop(given, others)
            work.delegations.add(given)
            _record(work, given, post, serving)
            work.commit()
        return given.id


def _record(work: UnitOfWork, given: Delegation, post: Post, actor: Actor) -> None:
    """Leave the leaf, and tell the delegate."""
    work.audit.record(
        AuditEvent.DELEGATION_GIVE,
        subject=f"delegation:{given.id}",
        actor=actor,
        at=given.given_at,
        details={
            "post": post.id,
            "delegate": given.delegate_id,
            "delegate_name": given.delegate_name,
            "powers": " ".join(sorted(given.powers)),
            "kinds": " ".join(sorted(given.kinds)),
            "basis": given.basis,
            "since": given.since.isoformat(),
            "until": given.until.isoformat(),
        },
    )
    notify(
        work,
        NoticeKind.DELEGATION_GIVEN,
        [given.delegate_id],
        subject_kind=SubjectKind.DELEGATION,
        subject_id=given.id,
        title=f"{given.giver_name} — {post.title}",
        now=given.given_at,
        actor=actor,
        since=f"{given.since:%d/%m/%Y}",
        until=f"{given.until:%d/%m/%Y}",
    )


def _check_chosen(terms: DelegationTerms) -> None:
    if not terms.powers:
        raise InvalidInputError("nothing to leave", code=ErrorCode.INPUT_MISSING, field="powers")
    for kind in terms.kinds:
        get_kind(kind)


def _own_post(actor: Actor, post_id: PostId) -> Post:
    """Return the actor's own post.

    Raises:
        InvalidInputError: they only stand in for its holder (DELEGATION_PASSED_ON), or have
            nothing to do with it (DELEGATION_BEYOND).
    """
    own = next((post for post in actor.posts if post.id == post_id), None)
    if own is not None:
        return own
    stands_in = any(each.post.id == post_id for each in actor.stands_in)
    raise InvalidInputError(
        f"{post_id} is not {actor.person_id}'s",
        code=ErrorCode.DELEGATION_PASSED_ON if stands_in else ErrorCode.DELEGATION_BEYOND,
        field="post_id",
    )


def _check_delegate(organisation: Organisation, terms: DelegationTerms, post: Post) -> None:
    if terms.delegate_id == post.person_id:
        raise InvalidInputError("oneself", code=ErrorCode.DELEGATION_SELF, field="delegate_id")
    held = organisation.list_posts_of(terms.delegate_id, terms.since)
    if not any(
        each.agency_id == post.agency_id and may_stand_in(each, terms.powers) for each in held
    ):
        raise InvalidInputError(
            f"{terms.delegate_id} has no working post in {post.agency_id}",
            code=ErrorCode.DELEGATION_UNSUITABLE,
            field="delegate_id",
        )
