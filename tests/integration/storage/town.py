"""Set up a small town in a real database file, for the tests of storage."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from engine.calendar.working_time import vietnam_calendar
from engine.model.delivery import Delivery, DeliveryId, DeliveryStatus
from engine.model.document import (
    Digest,
    Document,
    DocumentId,
    DocumentNumber,
    DocumentStatus,
    DraftContent,
)
from engine.model.kinds import DocumentKind
from engine.model.organisation import (
    Actor,
    Agency,
    AgencyId,
    AgencyKind,
    Person,
    PersonId,
    Post,
    PostId,
    Profile,
    Role,
    Unit,
    UnitId,
    Validity,
)
from engine.model.register import COMMON_SERIES, EntryState, RegisterBook, RegisterEntry
from engine.ports import UnitOfWork
from engine.ports_signing import CertificateId, HolderKind, IssuedCertificate
from engine.process.definitions import DefinitionCache
from engine.process.model import Procedure
from engine.process.runtime import Processes
from engine.process.steps import EnqueueJob
from engine.process.store import ProcessStore
from storage.database import Database, ProcessesFactory
from storage.schema import upgrade
from workflows.incoming.procedure import PROCEDURE as INCOMING
from workflows.opinion.procedure import PROCEDURE as OPINION
from workflows.outgoing.procedure import PROCEDURE as OUTGOING

NOW = datetime(2026, 1, 5, 2, 30, 0, 123456, tzinfo=UTC)
TODAY = date(2026, 1, 5)
SINCE = Validity(since=date(2020, 1, 1))

COMMITTEE = AgencyId("ubnd")
HOME_AFFAIRS = AgencyId("snv")
FINANCE = AgencyId("stc")
HEALTH = AgencyId("syt")
AGENCIES = {
    COMMITTEE: "Ủy ban nhân dân thành phố",
    HOME_AFFAIRS: "Sở Nội vụ",
    FINANCE: "Sở Tài chính",
    HEALTH: "Sở Y tế",
}
DEFINITIONS = DefinitionCache()
PROCEDURES: dict[str, Procedure] = {each.id: each for each in (OUTGOING, INCOMING, OPINION)}
CERTIFICATE = CertificateId("0a1b")


def make_processes(store: ProcessStore, enqueue: EnqueueJob) -> Processes:
    return Processes(
        store=store,
        procedures=PROCEDURES,
        definitions=DEFINITIONS,
        calendar=vietnam_calendar(),
        enqueue=enqueue,
    )


def open_database(path: Path, processes: ProcessesFactory = make_processes) -> Database:
    """Return the database at `path`, at the present schema."""
    database = Database(path, processes)
    upgrade(database.writing)
    return database


def make_template(path: Path) -> Path:
    """Make a database with the town in it, whole in one file, to be copied by each test."""
    database = open_database(path)
    with database.start_work() as work:
        found_town(work)
        work.commit()
    database.close()  # the last connection folds the log into the file
    return path


def unit_of(agency_id: AgencyId) -> UnitId:
    return UnitId(f"{agency_id}-vp")


def person_of(agency_id: AgencyId, role: Role) -> PersonId:
    return PersonId(f"{agency_id}-{role}")


def an_actor(agency_id: AgencyId, role: Role) -> Actor:
    return Actor(
        person_id=person_of(agency_id, role),
        full_name=f"Nguyễn {agency_id} {role}",
        posts=(a_post(agency_id, role),),
    )


def a_post(agency_id: AgencyId, role: Role, *, unit: bool = True) -> Post:
    return Post(
        id=PostId(f"{agency_id}-{role}"),
        agency_id=agency_id,
        unit_id=unit_of(agency_id) if unit else None,
        person_id=person_of(agency_id, role),
        title=role.value,
        role=role,
        validity=SINCE,
    )


def an_agency(agency_id: AgencyId, name: str, number: int = 1) -> Agency:
    return Agency(
        id=agency_id,
        code=f"H13.{number:02}",
        name=name,
        symbol=agency_id.upper(),
        kind=AgencyKind.DEPARTMENT,
        parent_id=None if agency_id == COMMITTEE else COMMITTEE,
        place="Thành phố",
        letterhead_parent=("ỦY BAN NHÂN DÂN", "THÀNH PHỐ"),
        letterhead_name=(name.upper(),),
        profile=Profile.STATE,
        seal_diameter_mm=36.0,
        validity=SINCE,
    )


def found_town(work: UnitOfWork) -> None:
    """Add the agencies with one unit each and one person for each role."""
    # The committee comes last: a parent may follow its children.
    for number, agency_id in reversed(list(enumerate(AGENCIES, start=1))):
        work.organisation.add_agency(an_agency(agency_id, AGENCIES[agency_id], number))
        work.organisation.add_unit(
            Unit(
                id=unit_of(agency_id),
                agency_id=agency_id,
                name=f"Văn phòng {agency_id}",
                symbol="VP",
                validity=SINCE,
            )
        )
        for role in Role:
            actor = an_actor(agency_id, role)
            work.organisation.add_person(
                Person(id=actor.person_id, login=actor.person_id, full_name=actor.full_name)
            )
            work.organisation.add_post(a_post(agency_id, role))


def a_document(name: str = "d1", **changes: Any) -> Document:
    """Return a draft of the department of home affairs; `changes` may name parts of content."""
    content = {
        "kind": DocumentKind("cong_van"),
        "subject": "Triển khai chế độ báo cáo",
        "body": "Kính đề nghị các cơ quan phối hợp.",
        "recipients": (FINANCE, HEALTH),
    }
    content |= {k: changes.pop(k) for k in list(changes) if k in DraftContent.__annotations__}
    agency_id = changes.pop("agency_id", HOME_AFFAIRS)
    values: dict[str, Any] = {
        "id": DocumentId(name),
        "agency_id": agency_id,
        "unit_id": unit_of(agency_id),
        "drafter_id": person_of(agency_id, Role.DESK_OFFICER),
        "content": DraftContent(**content),
        "status": DocumentStatus.DRAFT,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Document(**(values | changes))


def a_number(number: int, tail: str = "SNV-VP") -> DocumentNumber:
    return DocumentNumber(
        series=COMMON_SERIES,
        year=2026,
        number=number,
        suffix="",
        symbol=f"{number:02}/{tail}",
        issued_on=TODAY,
    )


def a_delivery(document: Document, recipient_id: AgencyId = FINANCE, **changes: Any) -> Delivery:
    values: dict[str, Any] = {
        "id": DeliveryId(f"{document.id}-{recipient_id}"),
        "document_id": document.id,
        "sender_id": document.agency_id,
        "recipient_id": recipient_id,
        "digest": Digest("ab" * 32),
        "status": DeliveryStatus.QUEUED,
        "sent_at": NOW,
        "updated_at": NOW,
    }
    return Delivery(**(values | changes))


def an_entry(number: int, subject_id: str, **changes: Any) -> RegisterEntry:
    values: dict[str, Any] = {
        "agency_id": HOME_AFFAIRS,
        "book": RegisterBook.OUTGOING,
        "series": COMMON_SERIES,
        "year": 2026,
        "number": number,
        "suffix": "",
        "state": EntryState.BOUND,
        "subject_id": subject_id,
        "symbol": f"{number:02}/SNV-VP",
        "dated_on": TODAY,
        "title": "Công văn",
        "signatory": "Nguyễn A",
        "counterpart": "Sở Tài chính (+1)",
        "entered_at": NOW,
        "entered_by": person_of(HOME_AFFAIRS, Role.CLERK),
    }
    return RegisterEntry(**(values | changes))


def a_certificate(name: str = CERTIFICATE, **changes: Any) -> IssuedCertificate:
    values: dict[str, Any] = {
        "id": CertificateId(name),
        "holder_kind": HolderKind.PERSON,
        "holder_id": person_of(HOME_AFFAIRS, Role.LEADER),
        "common_name": "Nguyễn Văn A",
        "issuer": "CA",
        "der": b"\x30\x00",
        "sha256": name.ljust(64, "0"),
        "not_before": datetime(2025, 1, 1, tzinfo=UTC),
        "not_after": datetime(2027, 1, 1, tzinfo=UTC),
    }
    return IssuedCertificate(**(values | changes))
