"""Give a person a secret address their calendar program follows, and take it away again."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, NotFoundError
from engine.model.meeting import Meeting
from engine.model.organisation import Actor, Person
from engine.ports import StartWork, UnitOfWork
from engine.ports_meetings import CalendarFeed
from workflows.meeting.guests import today

#: How far back and ahead a calendar goes.
PAST = timedelta(days=60)
AHEAD = timedelta(days=366)
_TOKEN_BYTES = 32
_MAX_TOKEN_CHARS = 100


@dataclass(frozen=True, kw_only=True)
class FeedContent:
    """Hold what the calendar of one person shows."""

    person: Person
    meetings: Sequence[Meeting]


@dataclass(frozen=True, kw_only=True)
class MakeFeed:
    """Use case: a person gets a new address; the one before it ends."""

    start_work: StartWork
    clock: Clock

    def __call__(self, actor: Actor) -> str:
        """Return the secret word of the address; it is shown once and only its SHA-256 kept."""
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self.clock.now()
        with self.start_work() as work:
            work.meetings.revoke_feeds(actor.person_id, now)
            work.meetings.add_feed(
                CalendarFeed(token_digest=_digest(token), person_id=actor.person_id, made_at=now)
            )
            _record(work, "make", actor, self.clock)
            work.commit()
        return token


@dataclass(frozen=True, kw_only=True)
class RevokeFeed:
    """Use case: a person ends their address."""

    start_work: StartWork
    clock: Clock

    def __call__(self, actor: Actor) -> bool:
        """End the address; return whether there was one."""
        with self.start_work() as work:
            if not work.meetings.revoke_feeds(actor.person_id, self.clock.now()):
                return False
            _record(work, "revoke", actor, self.clock)
            work.commit()
        return True


@dataclass(frozen=True, kw_only=True)
class ReadFeed:
    """Use case: a calendar program asks by the secret address."""

    start_reading: StartWork
    clock: Clock

    def __call__(self, token: str) -> FeedContent:
        """Return the meetings of whoever has the address, two months back and a year ahead.

        Raises:
            NotFoundError: code PAGE_NOT_FOUND; no such address, it was revoked, or its person
                holds no post any more.
        """
        now = self.clock.now()
        with self.start_reading() as work:
            feed = work.meetings.find_feed(_digest(token[:_MAX_TOKEN_CHARS]))
            if feed is None or not work.organisation.list_posts_of(feed.person_id, today(now)):
                raise NotFoundError("no such calendar", code=ErrorCode.PAGE_NOT_FOUND)
            return FeedContent(
                person=work.organisation.get_person(feed.person_id),
                meetings=work.meetings.list_for_person(
                    feed.person_id, since=now - PAST, until=now + AHEAD
                ),
            )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _record(work: UnitOfWork, act: str, actor: Actor, clock: Clock) -> None:
    work.audit.record(
        AuditEvent.CALENDAR_FEED,
        subject=f"person:{actor.person_id}",
        actor=actor,
        at=clock.now(),
        details={"act": act},
    )
