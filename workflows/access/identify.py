"""Say who acts: a person with the posts they hold today."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from engine.clock import Clock, local
from engine.model.organisation import Actor, PersonId, Role
from engine.ports import StartWork, UnitOfWork

#: NIST SP 800-63B-4, AAL3: signers are signed out after 15 idle minutes.
IDLE = timedelta(minutes=15)
#: How exactly the last use is known; a write for every request would cost more than it tells.
TOUCH_EVERY = timedelta(minutes=1)


def token_digest(token: str) -> str:
    """Return what is stored of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def get_actor(work: UnitOfWork, person_id: PersonId, clock: Clock) -> Actor:
    """Return the person with the posts held today, and those they act for."""
    person = work.organisation.get_person(person_id)
    today = local(clock.now()).date()
    posts = work.organisation.list_posts_of(person_id, today)
    led = sorted({post.agency_id for post in posts if post.role is Role.LEADER})
    return Actor(
        person_id=person.id,
        full_name=person.full_name,
        posts=tuple(posts),
        # Who holds no post any more acts for nobody else either.
        stands_in=tuple(work.delegations.list_stand_ins(person_id, today)) if posts else (),
        succeeds=tuple(work.delegations.list_leavers(led, today)) if led else (),
    )


@dataclass(frozen=True, kw_only=True)
class Identify:
    """Use case: a request names its session; who is it?"""

    start_reading: StartWork
    start_work: StartWork
    clock: Clock

    def __call__(self, token: str, *, is_used: bool = True) -> Actor | None:
        """Return the actor of a living session, None otherwise.

        Args:
            is_used: False when a page asks by itself; the person may have left.
        """
        digest = token_digest(token)
        now = self.clock.now()
        with self.start_reading() as work:
            session = work.accounts.find_session(digest)
            if session is None or now > session.expires_at or now > session.seen_at + IDLE:
                return None
            actor = get_actor(work, session.person_id, self.clock)
        if is_used and now > session.seen_at + TOUCH_EVERY:
            with self.start_work() as work:
                work.accounts.touch_session(digest, now)
                work.commit()
        return actor

    def last_day(self, actor: Actor) -> date | None:
        """Return the last day of the actor's posts that are over, None where none is."""
        with self.start_reading() as work:
            return work.organisation.find_last_day(actor.person_id, local(self.clock.now()).date())

    def by_person(self, person_id: PersonId) -> Actor:
        """Return the actor of a person; for the command line and for jobs."""
        with self.start_reading() as work:
            return get_actor(work, person_id, self.clock)

    def by_login(self, login: str) -> Actor | None:
        """Return the actor who signs in as `login`."""
        with self.start_reading() as work:
            account = work.accounts.find(login)
            return get_actor(work, account.person_id, self.clock) if account else None
