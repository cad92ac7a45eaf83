"""Load a city with years of documents and assignments in minutes, and keep it between runs.

Rows go straight into the tables, without the use cases and without the indexes, which are built
again at the end; the tallies behind the boards are counted by the product itself. What is loaded
follows from the sizes alone. The folder's name holds a fingerprint of this file, of the schema and
of what is counted, so that a change of any loads anew.

Not loaded are files, recipients' lists, the index of search, processes and what was recorded of
each act: no board reads them. Steps, which indicators read, are loaded for the last year.
"""

import hashlib
import random
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.clock import FixedClock, local
from engine.model.assignment import AssignmentState, SourceKind
from engine.model.organisation import Role
from engine.model.register import COMMON_SERIES
from engine.model.urgency import Urgency
from storage import step_tally, tally
from storage.engines import database_url, writing_engine
from webui.bootstrap import House, open_house
from webui.city import shipped_tables
from webui.settings import Settings

PASSWORD = "mat-khau-do"  # noqa: S105 of a city nobody lives in
#: The moment the city stands still at: a Thursday morning in Việt Nam.
NOW = datetime(2026, 6, 18, 2, 0, tzinfo=UTC)
YEARS = 4
#: Documents are said to have this many steps when they were issued, and when they were handled.
STEPS_OUT = ("draft", "review", "check_form", "sign", "number", "seal")
STEPS_IN = ("register", "present", "direct", "handle")
_SPAN = timedelta(days=365 * YEARS)
_BATCH_ROWS = 20_000
_TIME = "%Y-%m-%d %H:%M:%S.%f"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Size:
    """Hold how much is loaded."""

    assignments: int
    documents: int


BIG = Size(assignments=200_000, documents=1_000_000)
SMALL = Size(assignments=2_000, documents=10_000)


@dataclass(frozen=True)
class Desk:
    """Hold one post, as far as the loader needs it."""

    person_id: str
    name: str
    agency_id: str
    unit_id: str | None
    role: Role


@dataclass(frozen=True)
class City:
    """Hold who is there; agencies with many posts do more."""

    desks: Sequence[Desk]

    def of_role(self, role: Role) -> dict[str, list[Desk]]:
        """Return the holders of a role by agency."""
        found: dict[str, list[Desk]] = {}
        for desk in self.desks:
            if desk.role is role:
                found.setdefault(desk.agency_id, []).append(desk)
        return found


def load_city(folder: Path, size: Size) -> Path:
    """Return the data directory of a loaded city, from an earlier run if there is one.

    Args:
        folder: where the cities are kept.
    """
    empty = folder / "empty"
    shutil.rmtree(empty, ignore_errors=True)
    _install(empty)
    data_dir = folder / f"{size.assignments}-{size.documents}-{_fingerprint(empty)}"
    if data_dir.exists():
        return data_dir
    for old in folder.glob(f"{size.assignments}-{size.documents}-*"):
        shutil.rmtree(old)
    partial = folder / f"loading-{size.assignments}"
    shutil.rmtree(partial, ignore_errors=True)
    empty.rename(partial)
    fill(partial, size)
    partial.rename(data_dir)
    return data_dir


def open_city(data_dir: Path) -> House:
    """Open a loaded city at the moment it stands still at."""
    return open_house(Settings(data_dir=data_dir), clock=FixedClock(NOW))


def fill(data_dir: Path, size: Size) -> None:
    """Load an installed city without documents."""
    path = Settings(data_dir=data_dir).database_path
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-200000"):
            connection.execute(f"PRAGMA {pragma}")
        city = _read_city(connection)
        loader = _Loader(connection, city, size)
        indexes = _drop_indexes(connection)
        connection.execute("BEGIN")
        loader.load()
        connection.execute("COMMIT")
        for sql in indexes:
            connection.execute(sql)
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
    count_anew(path)


def count_anew(path: Path) -> None:
    """Count what the product keeps counted, by its own rules."""
    engine = writing_engine(database_url(path))
    with engine.begin() as connection:
        tally.rebuild(connection)
        step_tally.rebuild(connection)
    engine.dispose()


def _install(data_dir: Path) -> None:
    """Install the city without certificates, which nothing here needs."""
    settings = Settings(data_dir=data_dir)
    house = open_house(settings, clock=FixedClock(NOW), create=True)
    house.use_cases.import_city(shipped_tables(people=True), first_password=PASSWORD)
    house.close()
    settings.marker_path.write_text("{}", encoding="utf-8")


def _fingerprint(data_dir: Path) -> str:
    connection = sqlite3.connect(Settings(data_dir=data_dir).database_path)
    schema = connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    connection.close()
    sources = [Path(each).read_bytes() for each in (__file__, tally.__file__, step_tally.__file__)]
    return hashlib.sha256(b"".join([repr(schema).encode(), *sources])).hexdigest()[:12]


def _read_city(connection: sqlite3.Connection) -> City:
    rows = connection.execute(
        "SELECT post.person_id, person.full_name, post.agency_id, post.unit_id, post.role "
        "FROM post JOIN person ON person.id = post.person_id ORDER BY post.id"
    )
    return City([Desk(*row[:4], Role(row[4])) for row in rows])


def _drop_indexes(connection: sqlite3.Connection) -> list[str]:
    tables = "'" + "','".join(_TABLES) + "'"
    found = connection.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "  # noqa: S608
        f"AND tbl_name IN ({tables})"
    ).fetchall()
    for name, _ in found:
        connection.execute(f'DROP INDEX "{name}"')
    return [sql for _, sql in found]


_TABLES = (
    "document",
    "delivery",
    "register_entry",
    "assignment",
    "assignment_party",
    "progress_report",
    "extension",
    "instance",
    "work_item",
)


class _Loader:
    """Make the rows of one city, the same for the same size."""

    def __init__(self, connection: sqlite3.Connection, city: City, size: Size) -> None:
        self.connection = connection
        self.size = size
        self.chance = random.Random(size.assignments)  # noqa: S311 no secret
        self.officers = city.of_role(Role.DESK_OFFICER)
        self.leaders = city.of_role(Role.LEADER)
        self.heads = city.of_role(Role.DIVISION_HEAD)
        self.agencies = sorted(self.officers.keys() & self.leaders.keys())
        self.committee = "ubnd-tp"
        self.digest = self.connection.execute("SELECT digest FROM definition").fetchone()[0]
        self.numbers: dict[tuple[str, ...], int] = {}

    def load(self) -> None:
        """Write every row."""
        for table, rows in _by_table(self._documents()):
            self._insert(table, rows)
        for table, rows in _by_table(self._assignments()):
            self._insert(table, rows)

    def _insert(self, table: str, rows: Sequence[Row]) -> None:
        columns = list(rows[0])
        names = ", ".join(f'"{name}"' for name in columns)
        places = ", ".join("?" * len(columns))
        self.connection.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({places})",  # noqa: S608 names of ours
            ([row[name] for name in columns] for row in rows),
        )

    # --- documents -----------------------------------------------------------------------------

    def _documents(self) -> Iterator[tuple[str, Row]]:
        for number in range(self.size.documents):
            at = self._moment(number, self.size.documents)
            yield from self._document(number, at)

    def _document(self, number: int, at: datetime) -> Iterator[tuple[str, Row]]:
        chance = self.chance
        sender = chance.choice(self.agencies)
        drafter, signatory = (
            chance.choice(self.officers[sender]),
            chance.choice(self.leaders[sender]),
        )
        key, sent_at = _id("d", number), at + timedelta(hours=chance.randrange(2, 40))
        day = local(sent_at).date()
        taken = self._take(sender, "di", str(day.year))
        symbol = f"{taken}/{sender.upper()}"
        yield (
            "document",
            {
                "id": key,
                "agency_id": sender,
                "unit_id": drafter.unit_id,
                "drafter_id": drafter.person_id,
                "kind": "CV",
                "subject": f"báo cáo kết quả thực hiện nhiệm vụ tháng {day.month} ({number})",
                "body": "Kính gửi quý cơ quan để biết, thực hiện./.",
                "urgency": self._urgency(),
                "signatory_id": signatory.person_id,
                "invitation": "null",
                "status": "dispatched",
                "created_at": _time(at),
                "updated_at": _time(sent_at),
                "version": 9,
                "series": COMMON_SERIES,
                "year": day.year,
                "number": taken,
                "suffix": "",
                "symbol": symbol,
                "issued_on": day.isoformat(),
                "page_count": 2,
            },
        )
        entry = {
            "series": COMMON_SERIES,
            "year": day.year,
            "suffix": "",
            "state": "issued",
            "symbol": symbol,
            "dated_on": day.isoformat(),
            "title": "Công văn báo cáo kết quả",
            "signatory": signatory.name,
            "reason": "",
        }
        issued = {"book": "di", "agency_id": sender, "number": taken, "subject_id": key}
        made = {"entered_at": _time(sent_at), "entered_by": signatory.person_id}
        yield "register_entry", {**entry, **issued, "counterpart": "", **made}
        recent = sent_at > NOW - timedelta(days=366)
        if recent:
            yield from self._steps("outgoing", STEPS_OUT, key, drafter, at, sent_at)
        others = [each for each in self.agencies if each != sender]
        for place, recipient in enumerate(chance.sample(others, 1 + (chance.random() < 0.2))):
            handler = chance.choice(self.officers[recipient])
            arrived = sent_at + timedelta(hours=chance.randrange(1, 20))
            # Leaders direct to units too; the person comes later, or never.
            by_person = chance.random() < 0.7
            delivery = _id("v", number * 2 + place)
            year = local(arrived).year
            arrival = self._take(recipient, "den", str(year))
            yield (
                "delivery",
                {
                    "id": delivery,
                    "document_id": key,
                    "sender_id": sender,
                    "recipient_id": recipient,
                    "digest": "0" * 64,
                    "status": "completed" if chance.random() < 0.9 else "registered",
                    "sent_at": _time(sent_at),
                    "updated_at": _time(arrived),
                    "version": 6,
                    "arrival_number": arrival,
                    "arrival_year": year,
                    "registered_at": _time(arrived),
                    "verdict": "passed",
                    "verdict_reason": "",
                    "refusal_reason": "",
                    "direction": "",
                    "unit_id": handler.unit_id,
                    "handler_id": handler.person_id if by_person else None,
                    "result": "",
                },
            )
            taken_in = {"book": "den", "agency_id": recipient, "number": arrival}
            made = {"entered_at": _time(arrived), "entered_by": handler.person_id}
            about = {"subject_id": delivery, "counterpart": sender, "year": year}
            yield "register_entry", {**entry, **taken_in, **about, **made}
            if recent:
                until = arrived + timedelta(hours=chance.randrange(4, 200))
                yield from self._steps("incoming", STEPS_IN, delivery, handler, arrived, until)

    def _steps(  # noqa: PLR0917 one process, told in full
        self,
        procedure: str,
        nodes: Sequence[str],
        key: str,
        desk: Desk,
        since: datetime,
        until: datetime,
    ) -> Iterator[tuple[str, Row]]:
        """Yield a process that has ended and the steps it had."""
        instance = _id(f"i{procedure}", key)
        yield (
            "instance",
            {
                "id": instance,
                "definition_digest": self.digest,
                "procedure_id": procedure,
                "business_key": key,
                "version": len(nodes),
                "codec": 1,
                "state": b"",
                "status": "completed",
                "created_at": _time(since),
                "updated_at": _time(until),
            },
        )
        each = (until - since) / len(nodes)
        for place, node in enumerate(nodes):
            opened, closed = since + each * place, since + each * (place + 1)
            yield (
                "work_item",
                {
                    "id": f"{instance}{place}",
                    "instance_id": instance,
                    "procedure_id": procedure,
                    "business_key": key,
                    "node_id": node,
                    "rule": node,
                    "name": node,
                    "role": desk.role.value,
                    "agency_id": desk.agency_id,
                    "unit_id": desk.unit_id,
                    "person_id": desk.person_id,
                    "opened_at": _time(opened),
                    "due_at": _time(opened + timedelta(hours=24)),
                    "alert": "",
                    "asked": 0,
                    "closed_at": _time(closed),
                    "closed_by": desk.person_id,
                    "closed_by_name": desk.name,
                    "outcome": "done",
                    "state": "closed",
                    "priority": 3,
                    "returned_reason": "",
                },
            )

    # --- assignments ---------------------------------------------------------------------------

    def _assignments(self) -> Iterator[tuple[str, Row]]:
        for number in range(self.size.assignments):
            at = self._moment(number, self.size.assignments)
            yield from self._assignment(number, at)

    def _assignment(self, number: int, at: datetime) -> Iterator[tuple[str, Row]]:
        chance, key = self.chance, _id("a", number)
        assigner, lead = self._parties()
        day = local(at).date()
        due = day + timedelta(days=chance.randrange(3, 45)) if chance.random() < 0.88 else None
        fate = self._fate(at, due)
        document = _id(
            "d", chance.randrange(max(1, number * self.size.documents // self.size.assignments))
        )
        yield (
            "assignment",
            {
                "id": key,
                "agency_id": assigner.agency_id,
                "year": day.year,
                "number": self._take(assigner.agency_id, "giao", str(day.year)),
                "assigner_id": assigner.person_id,
                "assigner_name": assigner.name,
                "content": f"Tham mưu báo cáo kết quả thực hiện kế hoạch số {number}",
                "quoted": "",
                "product": "Báo cáo",
                "urgency": self._urgency(),
                **lead,
                "due_on": _day(due),
                "first_due_on": _day(due),
                "given_at": _time(at),
                "updated_at": _time(at),
                "source_kind": SourceKind.DOCUMENT.value,
                "source_id": document,
                "document_id": document,
                **fate,
                "extensions_asked": int(fate["extension_open"]),
                "version": 3,
            },
        )
        yield from self._reports(key, at, lead, fate, due)
        if chance.random() < 0.4:
            yield (
                "assignment_party",
                {
                    "assignment_id": key,
                    "position": 0,
                    "agency_id": chance.choice(self.agencies),
                    "given_at": _time(at),
                },
            )

    def _reports(
        self, key: str, at: datetime, lead: Row, fate: Row, due: date | None
    ) -> Iterator[tuple[str, Row]]:
        author = lead["lead_person_id"] or self.leaders[lead["lead_agency_id"]][0].person_id
        for sequence in range(1, 2 + self.chance.randrange(3)):
            yield (
                "progress_report",
                {
                    "assignment_id": key,
                    "sequence": sequence,
                    "author_id": author,
                    "author_name": author,
                    **{name.removeprefix("lead_"): value for name, value in lead.items()},
                    "at": _time(at + timedelta(days=sequence)),
                    "percent": min(30 * sequence, 100),
                    "text": "Đang tổng hợp số liệu của các đơn vị.",
                    "is_final": 0,
                },
            )
        if due is not None and (fate["extension_open"] or self.chance.random() < 0.1):
            is_open = bool(fate["extension_open"])
            yield (
                "extension",
                {
                    "id": _id("x", key),
                    "assignment_id": key,
                    "asked_by": author,
                    "asked_by_name": author,
                    "asked_at": _time(at + timedelta(days=2)),
                    "reason": "Chờ số liệu của các đơn vị phối hợp.",
                    "old_due_on": _day(due),
                    "new_due_on": _day(due + timedelta(days=10)),
                    "granted": None if is_open else 1,
                    "granted_due_on": None if is_open else _day(due + timedelta(days=10)),
                    "decided_by_name": "",
                    "decided_at": None if is_open else _time(at + timedelta(days=3)),
                    "note": "",
                },
            )

    def _parties(self) -> tuple[Desk, Row]:
        """Return who gives and who leads: the committee to agencies, leaders to their own."""
        chance = self.chance
        if chance.random() < 0.25:
            agency = chance.choice([each for each in self.agencies if each != self.committee])
            unit = chance.choice(self.officers[agency]).unit_id if chance.random() < 0.2 else None
            lead = {"lead_agency_id": agency, "lead_unit_id": unit, "lead_person_id": None}
            return chance.choice(self.leaders[self.committee]), lead
        agency = chance.choice(self.agencies)
        officer = chance.choice(self.officers[agency])
        givers = self.leaders[agency]
        if chance.random() < 0.4:
            givers = self.heads.get(agency) or givers
        is_personal = chance.random() < 0.7
        lead = {
            "lead_agency_id": agency,
            "lead_unit_id": officer.unit_id,
            "lead_person_id": officer.person_id if is_personal else None,
        }
        return chance.choice(givers), lead

    def _fate(self, at: datetime, due: date | None) -> dict[str, Any]:
        """Return what has become of an assignment by now: 7 in 10 are done in time."""
        chance, roll = self.chance, self.chance.random()
        ends = datetime.combine(due, at.timetz()) if due else at + timedelta(days=30)
        if roll < 0.7:
            done_at = at + (ends - at) * chance.uniform(0.3, 1.0)
        elif roll < 0.95:
            done_at = ends + timedelta(days=chance.randrange(1, 60))
        else:
            done_at = ends + timedelta(days=chance.randrange(30, 300))
        state, reported = AssignmentState.ACCEPTED, None
        if chance.random() < 0.02:
            state = AssignmentState.CANCELLED
        elif done_at + timedelta(days=3) <= NOW:
            state, reported = AssignmentState.COMPLETED, done_at
        elif done_at <= NOW:
            state, reported = AssignmentState.REPORTED, done_at
        is_running = state is AssignmentState.ACCEPTED
        return {
            "state": state.value,
            "accepted_at": _time(at + timedelta(hours=3)),
            "reported_at": _time(reported) if reported else None,
            "done_on": _day(local(reported).date()) if reported else None,
            "completed_at": _time(reported) if state is AssignmentState.COMPLETED else None,
            "extension_open": int(is_running and due is not None and chance.random() < 0.08),
            "percent": 100 if reported else chance.randrange(90),
        }

    # --- all rows ------------------------------------------------------------------------------

    def _moment(self, number: int, of: int) -> datetime:
        """Return when the n-th of so many was made: evenly, the last of them today."""
        at = NOW - _SPAN + _SPAN * ((number + 0.5) / of)
        return at.replace(microsecond=number % 1_000_000)

    def _urgency(self) -> str:
        return self.chance.choices(list(Urgency), weights=(80, 14, 5, 1))[0].value

    def _take(self, *series: str) -> int:
        self.numbers[series] = self.numbers.get(series, 0) + 1
        return self.numbers[series]


def _by_table(rows: Iterable[tuple[str, Row]]) -> Iterator[tuple[str, Sequence[Row]]]:
    """Yield rows of one table together, some thousand at a time."""
    waiting: dict[str, list[Row]] = {}
    for table, row in rows:
        kept = waiting.setdefault(table, [])
        kept.append(row)
        if len(kept) == _BATCH_ROWS:
            yield table, kept
            waiting[table] = []
    yield from ((table, kept) for table, kept in waiting.items() if kept)


def _id(kind: str, key: object) -> str:
    return hashlib.md5(f"{kind}{key}".encode(), usedforsecurity=False).hexdigest()


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_TIME)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
