"""Import a city into an empty installation: agencies, units, people, posts, authority."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode
from engine.model.organisation import SYSTEM
from engine.ports import Account, Organisation, PasswordHasher, StartWork
from workflows.organisation.city_tables import City, read_city


@dataclass(frozen=True, kw_only=True)
class ImportCity:
    """Use case: an administrator fills an empty installation from tables."""

    start_work: StartWork
    hasher: PasswordHasher
    clock: Clock

    def __call__(self, tables: Mapping[str, bytes], *, first_password: str | None) -> City:
        """Import the tables in one transaction and return what was read.

        Args:
            first_password: password of every imported person; None leaves them without one.

        Raises:
            InvalidInputError: code IMPORT_INVALID; nothing was stored.
            ConflictError: the installation has agencies already.
        """
        city = read_city(tables)
        # One hash for all: they share one published evaluation password, and a thousand argon2
        # hashes would take two minutes.
        password_hash = self.hasher.hash(first_password) if first_password else ""
        now = self.clock.now()
        with self.start_work() as work:
            if not work.organisation.is_empty():
                raise ConflictError("not empty", code=ErrorCode.INSTALLATION_EXISTS)
            for agency in city.agencies:
                work.organisation.add_agency(agency)
            for unit in city.units:
                work.organisation.add_unit(unit)
            for person in city.people:
                work.organisation.add_person(person)
                if password_hash:
                    work.accounts.add(
                        Account(
                            person_id=person.id,
                            login=person.login,
                            password_hash=password_hash,
                        )
                    )
            _add_posts(work.organisation, city)
            work.audit.record(
                AuditEvent.CITY_IMPORT,
                subject="installation",
                actor=SYSTEM,
                at=now,
                details={
                    "agencies": str(len(city.agencies)),
                    "people": str(len(city.people)),
                },
            )
            work.commit()
        return city


def _add_posts(organisation: Organisation, city: City) -> None:
    """Add who holds which post, and what they may sign."""
    for post in city.posts:
        organisation.add_post(post)
    for field in city.fields:
        organisation.add_field(field)
    for authority in city.authorities:
        organisation.add_authority(authority)
