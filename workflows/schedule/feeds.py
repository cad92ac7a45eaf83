"""Give calendars a secret address to read published weeks from."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.errors import ErrorCode, InvalidInputError, NotFoundError
from engine.model.organisation import Actor, Agency, AgencyId, PersonId
from engine.model.schedule import (
    ScheduleFeed,
)
from engine.model.schedule_entries import (
    ScheduleEntry,
    published_part,
)
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork, UnitOfWork
from workflows.schedule.weeks import people_of

#: What a calendar gets: the weeks just past and those to come.
_BACK, _AHEAD = timedelta(weeks=5), timedelta(weeks=53)


@dataclass(frozen=True, kw_only=True)
class FeedEvents:
    """Hold what a feed gives: entries in force, and those that were called off."""

    agency: Agency
    leader_name: str
    entries: Sequence[ScheduleEntry]
    called_off: Sequence[ScheduleEntry]


@dataclass(frozen=True, kw_only=True)
class OpenFeed:
    """Use case: somebody of the agency gets an address; the ones they had end."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self, agency_id: AgencyId, actor: Actor, *, leader_id: PersonId | None = None
    ) -> str:
        """Return the secret word of the address; it is shown once and never stored.

        Raises:
            NotPermittedError: the actor does not serve the agency.
            InvalidInputError: code SCHEDULE_PERSON; no person of the agency.
        """
        check_permitted(Permission.SCHEDULE_VIEW, actor, Subject(agency_id=agency_id))
        now, token = self.clock.now(), secrets.token_urlsafe(24)
        with self.start_work() as work:
            if leader_id is not None and leader_id not in people_of(work, agency_id, now):
                raise InvalidInputError(
                    f"{leader_id} does not serve {agency_id}",
                    code=ErrorCode.SCHEDULE_PERSON,
                    field="leader_ids",
                )
            work.schedules.close_feeds(actor.person_id, now)
            work.schedules.add_feed(
                ScheduleFeed(
                    token_digest=digest_of(token),
                    person_id=actor.person_id,
                    agency_id=agency_id,
                    leader_id=leader_id,
                    opened_at=now,
                )
            )
            _record(work, AuditEvent.SCHEDULE_FEED_OPEN, agency_id, actor, self.clock)
            work.commit()
        return token


@dataclass(frozen=True, kw_only=True)
class CloseFeed:
    """Use case: a person ends their address."""

    start_work: StartWork
    clock: Clock

    def __call__(self, agency_id: AgencyId, actor: Actor) -> None:
        """End every address of the actor; nothing happens when there is none."""
        with self.start_work() as work:
            if work.schedules.close_feeds(actor.person_id, self.clock.now()):
                _record(work, AuditEvent.SCHEDULE_FEED_CLOSE, agency_id, actor, self.clock)
            work.commit()


@dataclass(frozen=True, kw_only=True)
class ReadFeed:
    """Use case: a calendar reads what is published; nobody is signed in."""

    start_reading: StartWork
    clock: Clock

    def __call__(self, token: str) -> FeedEvents:
        """Return what the address gives, private entries left out.

        Raises:
            NotFoundError: code PAGE_NOT_FOUND; no such address, it was ended, or its owner
                serves the agency no more.
        """
        now = self.clock.now()
        today = local(now).date()
        with self.start_reading() as work:
            feed = work.schedules.find_feed(digest_of(token))
            if feed is None or not _still_serves(work, feed, today):
                raise NotFoundError("no such feed", code=ErrorCode.PAGE_NOT_FOUND)
            since, until = today - _BACK, today + _AHEAD
            entries = work.schedules.list_published(
                feed.agency_id, since, until, leader_id=feed.leader_id
            )
            leader = feed.leader_id
            called_off = work.schedules.list_withdrawn(
                feed.agency_id, since, until, leader_id=leader
            )
            return FeedEvents(
                agency=work.organisation.get_agency(feed.agency_id),
                leader_name=work.organisation.get_person(leader).full_name if leader else "",
                entries=published_part(entries),
                called_off=published_part(called_off),
            )


def digest_of(token: str) -> str:
    """Return what is stored of a secret word: SHA-256, hex."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _still_serves(work: UnitOfWork, feed: ScheduleFeed, today: date) -> bool:
    posts = work.organisation.list_posts_of(feed.person_id, today)
    return any(post.agency_id == feed.agency_id for post in posts)


def _record(
    work: UnitOfWork, event: AuditEvent, agency_id: AgencyId, actor: Actor, clock: Clock
) -> None:
    subject = f"schedule_feed:{actor.person_id}"
    work.audit.record(
        event, subject=subject, actor=actor, at=clock.now(), details={"agency": agency_id}
    )
