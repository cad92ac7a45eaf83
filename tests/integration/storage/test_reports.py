"""Compare what reports count with what a plain look at the rows finds."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from engine.clock import local
from engine.errors import InvalidInputError
from engine.model.assignment import (
    AssignmentId,
    AssignmentState,
    Extension,
    ExtensionId,
    Party,
    Source,
    SourceKind,
    Standing,
)
from engine.model.delivery import Delivery, DeliveryStatus
from engine.model.document import Circulation
from engine.model.indicators import (
    Assumptions,
    IndicatorId,
    Period,
    Side,
    median_minutes,
    month_of,
    stretch_of,
    year_of,
)
from engine.model.organisation import AgencyId, PersonId, Role, Validity
from engine.model.register import EntryState, RegisterBook, RegisterEntry
from engine.ports_boards import BoardKind, BoardQuery
from engine.ports_reports import (
    AgencyCount,
    BehindKind,
    BehindQuery,
    RegisterQuery,
    RegisterReport,
)
from engine.ports_signing import HolderKind, IssuedCertificate
from engine.process.model import Alert, InstanceId, TaskId, WorkItem
from storage import step_tally
from storage.database import Database
from storage.queries.indicators import months_and_days
from storage.tables import metadata
from tests.factories.assignments import an_assignment
from tests.integration.storage.town import (
    COMMITTEE,
    FINANCE,
    HEALTH,
    HOME_AFFAIRS,
    NOW,
    a_certificate,
    a_delivery,
    a_document,
    an_actor,
    an_agency,
    person_of,
    unit_of,
)
from workflows.reading.scopes import agencies_of

YEAR = year_of(date(2026, 1, 1))
AGENCIES = (FINANCE, HOME_AFFAIRS)
WORDS = ("approved", "returned", "refused", "signed", "cancelled", "timer")


def an_entry(number: int, at: datetime, **changes: object) -> RegisterEntry:
    entry = RegisterEntry(
        agency_id=HOME_AFFAIRS,
        book=RegisterBook.OUTGOING,
        series="chung",
        year=at.year,
        number=number,
        suffix="",
        state=EntryState.ISSUED,
        subject_id=f"d{number}",
        symbol=f"{number:02d}/SNV",
        dated_on=at.date(),
        title="Công văn: báo cáo",
        signatory="Nguyễn Văn An",
        counterpart="Sở Tài chính",
        entered_at=at,
        entered_by=PersonId("p"),
    )
    return replace(entry, **changes)  # type: ignore[arg-type]


def add_entries(database: Database, entries: list[RegisterEntry]) -> None:
    with database.start_work() as work:
        for entry in entries:
            work.registers.add(entry)
        work.commit()


def random_entries(count: int, seed: int) -> list[RegisterEntry]:
    chance = random.Random(seed)  # noqa: S311 rows for a test
    return [
        an_entry(
            number,
            datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(525_600)),
            agency_id=chance.choice(AGENCIES),
            book=chance.choice((RegisterBook.OUTGOING, RegisterBook.ARRIVALS)),
            state=chance.choice((EntryState.ISSUED, EntryState.ISSUED, EntryState.VOID)),
        )
        for number in range(count)
    ]


def test_entries_are_counted_by_week_as_a_plain_look_does(database: Database) -> None:
    entries = random_entries(400, seed=7)
    add_entries(database, entries)
    weeks = YEAR.weeks()

    with database.start_reading() as work:
        counts = work.reports.count_entries(AGENCIES, weeks)

    expected = Counter(
        (entry.agency_id, entry.book, week.since)
        for entry in entries
        for week in weeks
        if entry.state is EntryState.ISSUED
        and week.begins_at() <= entry.entered_at < week.ends_before()
    )
    assert {(each.agency_id, each.book, each.since): each.count for each in counts} == expected


def test_nothing_is_counted_when_there_is_no_agency(database: Database) -> None:
    with database.start_reading() as work:
        assert work.reports.count_entries([], YEAR.weeks()) == []
        assert work.reports.count_steps([], YEAR) == []
        query = BehindQuery(
            indicator=IndicatorId.DOCUMENTS, period=YEAR, agency_ids=(), today=YEAR.until
        )
        assert work.reports.list_behind(query).rows == []


def test_page_after_page_lists_every_number_behind_a_count_once(database: Database) -> None:
    entries = random_entries(230, seed=3)
    add_entries(database, entries)
    query = BehindQuery(
        indicator=IndicatorId.DOCUMENTS,
        period=YEAR,
        agency_ids=AGENCIES,
        side=Side.COUNTED,
        today=YEAR.until,
    )

    found, cursor = [], ""
    with database.start_reading() as work:
        while True:
            page = work.reports.list_behind(query, cursor=cursor, limit=7)
            found += page.rows
            cursor = page.next_cursor
            if not cursor:
                break

    wanted = sorted(
        (
            (entry.entered_at, entry.subject_id)
            for entry in entries
            if entry.state is EntryState.ISSUED
            and entry.book is RegisterBook.OUTGOING
            and YEAR.begins_at() <= entry.entered_at < YEAR.ends_before()
        ),
        reverse=True,
    )
    assert [(row.at, row.subject_id) for row in found] == wanted
    assert all(row.counted for row in found)


def test_register_pages_and_stream_have_the_same_lines(database: Database) -> None:
    add_entries(
        database,
        [an_entry(number, NOW + timedelta(minutes=number)) for number in range(1, 1_204)],
    )
    query = RegisterQuery(
        agency_id=HOME_AFFAIRS, register=RegisterReport.OUTGOING, period=year_of(NOW.date())
    )

    with database.start_reading() as work:
        streamed = list(work.reports.iter_lines(query))
        paged, cursor = [], ""
        while True:
            page = work.reports.list_lines(query, cursor=cursor, limit=100)
            paged += page.rows
            cursor = page.next_cursor
            if not cursor:
                break
        assert work.reports.count_lines(query) == len(streamed)

    assert [line.number for line in streamed] == list(range(1, 1_204))
    assert paged == streamed


def test_register_has_only_its_series_when_one_is_asked_for(database: Database) -> None:
    add_entries(
        database, [an_entry(1, NOW), an_entry(1, NOW, series="quyet-dinh", subject_id="d2")]
    )
    query = RegisterQuery(
        agency_id=HOME_AFFAIRS,
        register=RegisterReport.OUTGOING,
        period=month_of(NOW.date()),
        series="quyet-dinh",
    )

    with database.start_reading() as work:
        assert [line.subject_id for line in work.reports.iter_lines(query)] == ["d2"]
        assert work.reports.count_series(query) == {"chung": 1, "quyet-dinh": 1}
        assert work.reports.count_lines(query) == 1


@pytest.mark.parametrize("cursor", ["?", "WyJhIl0", "x" * 600])
def test_cursor_of_another_list_is_refused(database: Database, cursor: str) -> None:
    query = RegisterQuery(
        agency_id=HOME_AFFAIRS, register=RegisterReport.OUTGOING, period=month_of(NOW.date())
    )

    with database.start_reading() as work, pytest.raises(InvalidInputError):
        work.reports.list_lines(query, cursor=cursor)


def an_item(number: int, instance_id: InstanceId, chance: random.Random) -> WorkItem:
    closed_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(
        seconds=chance.randrange(31_536_000), microseconds=chance.randrange(10**6)
    )
    opened_at = closed_at - timedelta(seconds=round(10 ** chance.uniform(0, 6.5)))
    return WorkItem(
        id=TaskId(f"t{number}"),
        instance_id=instance_id,
        procedure_id=chance.choice(("outgoing", "incoming")),
        business_key=f"d{number}",
        node_id=chance.choice(("sign", "review")),
        rule="sign",
        name="Ký",
        role=Role.LEADER,
        agency_id=chance.choice(AGENCIES),
        unit_id=None,
        person_id=None,
        opened_at=opened_at,
        due_at=chance.choice((None, closed_at + timedelta(seconds=chance.choice((-5, 0, 5))))),
        alert=Alert.NONE,
        closed_at=closed_at,
        closed_by=PersonId("p"),
        closed_by_name="Nguyễn Văn An",
        outcome=chance.choice(WORDS),
    )


@pytest.fixture
def ended(database: Database) -> list[WorkItem]:
    """Return steps that were opened and closed one by one, as the house does."""
    chance = random.Random(11)  # noqa: S311 rows for a test
    with database.start_work() as work:
        work.documents.add(a_document("d1"))
        instance = work.processes.start(
            "outgoing",
            business_key="d1",
            data={
                "agency_id": HOME_AFFAIRS,
                "unit_id": unit_of(HOME_AFFAIRS),
                "drafter_id": person_of(HOME_AFFAIRS, Role.DESK_OFFICER),
                "signatory_id": None,
            },
            actor=an_actor(HOME_AFFAIRS, Role.DESK_OFFICER),
            now=NOW,
        )
        store = work.processes.store
        items = [an_item(number, instance.instance_id, chance) for number in range(600)]
        for item in items:
            store.add_work_items([replace(item, closed_at=None, closed_by=None, outcome="")])
            store.close_work_item(item)
        work.commit()
    return items


def tally(connection: sa.Connection) -> set[tuple[object, ...]]:
    rows = connection.execute(sa.select(metadata.tables["step_tally"]))
    return {tuple(row) for row in rows}


def test_tally_kept_step_by_step_is_the_one_counted_from_all(
    database: Database, ended: list[WorkItem]
) -> None:
    with database.writing.begin() as connection:
        kept = tally(connection)
        step_tally.rebuild(connection)

        assert tally(connection) == kept
    assert len(ended) > len(kept) > 100


PERIODS = [
    YEAR,
    Period(since=date(2026, 1, 15), until=date(2026, 11, 20)),
    Period(since=date(2026, 3, 1), until=date(2026, 3, 31)),
    Period(since=date(2026, 3, 2), until=date(2026, 4, 29)),
    Period(since=date(2026, 5, 5), until=date(2026, 5, 5)),
]


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_steps_are_counted_as_a_plain_look_does(
    database: Database, ended: list[WorkItem], period: Period
) -> None:
    inside = [
        item
        for item in ended
        if item.closed_at is not None
        and period.begins_at() <= item.closed_at < period.ends_before()
        and item.outcome not in {"cancelled", "timer"}
    ]

    with database.start_reading() as work:
        counts = work.reports.count_steps(AGENCIES, period)

    assert sum(each.count for each in counts) == len(inside)
    assert sum(each.due for each in counts) == sum(item.due_at is not None for item in inside)
    assert sum(each.on_time for each in counts) == sum(
        item.due_at is not None and item.closed_at <= item.due_at  # type: ignore[operator]
        for item in inside
    )
    assert sum(each.returned for each in counts) == sum(
        item.outcome in {"returned", "refused"} for item in inside
    )
    lengths = [step_tally.minutes_between(item.opened_at, item.closed_at) for item in inside]  # type: ignore[arg-type]
    assert sum(each.minutes for each in counts) == sum(lengths)
    stretches = Counter(map(stretch_of, lengths))
    found: Counter[int] = Counter()
    for each in counts:
        found[each.stretch] += each.count
    assert found == stretches


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_months_and_days_cover_a_period_once(period: Period) -> None:
    months, days = months_and_days(period)

    parts = sorted([*days, *([months] if months else [])], key=lambda part: part.since)
    assert parts[0].since == period.since
    assert parts[-1].until == period.until
    for before, after in pairwise(parts):
        assert after.since == before.until + timedelta(days=1)


def test_median_is_near_the_true_one(ended: list[WorkItem]) -> None:
    lengths = sorted(
        step_tally.minutes_between(item.opened_at, item.closed_at)  # type: ignore[arg-type]
        for item in ended
    )
    true = lengths[len(lengths) // 2]

    assert median_minutes(Counter(map(stretch_of, lengths))) == pytest.approx(true, rel=0.05)
    assert median_minutes(Counter({5: 3})) == 5
    assert median_minutes({}) == 0


def test_steps_behind_a_rate_are_the_late_ones(database: Database, ended: list[WorkItem]) -> None:
    query = BehindQuery(
        indicator=IndicatorId.STEPS_ON_TIME,
        period=YEAR,
        agency_ids=AGENCIES,
        part="outgoing.sign",
        side=Side.OTHERS,
        today=YEAR.until,
    )

    with database.start_reading() as work:
        page = work.reports.list_behind(query, limit=1_000)

    late = [
        item.id
        for item in ended
        if (item.procedure_id, item.node_id) == ("outgoing", "sign")
        and item.due_at is not None
        and item.closed_at is not None
        and item.closed_at > item.due_at
        and item.outcome not in {"cancelled", "timer"}
        and YEAR.begins_at() <= item.closed_at < YEAR.ends_before()
    ]
    assert len(late) > 10
    assert len(page.rows) == len(late)
    assert [row.at for row in page.rows] == sorted((row.at for row in page.rows), reverse=True)


def test_last_assumptions_are_in_force_and_earlier_ones_stay(database: Database) -> None:
    with database.start_work() as work:
        assert work.reports.get_assumptions() == Assumptions()
        for pages in (2, 4):
            changed = Assumptions(
                pages_per_document=pages, changed_by_name="Quản trị", changed_at=NOW
            )
            work.reports.add_assumptions(changed, PersonId("p"))
        work.commit()

    with database.start_reading() as work:
        assert work.reports.get_assumptions() == changed
    with database.reading.connect() as connection:
        table = metadata.tables["report_assumptions"]
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 2


def test_agencies_of_others_are_not_counted(database: Database) -> None:
    add_entries(database, [an_entry(1, datetime(2026, 2, 2, tzinfo=UTC))])

    with database.start_reading() as work:
        assert work.reports.count_entries([AgencyId("syt")], YEAR.weeks()) == []


def random_deliveries(database: Database, seed: int = 5) -> list[Delivery]:
    """Put deliveries of all states on record; a leader directs to a unit or to a person."""
    chance = random.Random(seed)  # noqa: S311 rows for a test
    made = []
    with database.start_work() as work:
        for number in range(120):
            sender, recipient = chance.sample(AGENCIES, 2)
            document = a_document(f"d{number}", agency_id=sender)
            status = chance.choice(list(DeliveryStatus))
            sent_at = datetime(2025, 7, 1, tzinfo=UTC) + timedelta(hours=chance.randrange(13_000))
            is_directed = status in {
                DeliveryStatus.ASSIGNED,
                DeliveryStatus.IN_PROGRESS,
                DeliveryStatus.COMPLETED,
            }
            by_person = is_directed and chance.random() < 0.5
            delivery = a_delivery(
                document,
                recipient,
                status=status,
                sent_at=sent_at,
                updated_at=sent_at,
                registered_at=sent_at + timedelta(hours=3)
                if is_directed or status is DeliveryStatus.REGISTERED
                else None,
                unit_id=unit_of(recipient) if is_directed else None,
                handler_id=person_of(recipient, Role.DESK_OFFICER) if by_person else None,
            )
            work.documents.add(document)
            work.deliveries.add(delivery)
            made.append(delivery)
        work.commit()
    return made


def test_deliveries_are_counted_as_a_plain_look_does(database: Database) -> None:
    made = random_deliveries(database)
    directed = {DeliveryStatus.ASSIGNED, DeliveryStatus.IN_PROGRESS, DeliveryStatus.COMPLETED}

    with database.start_reading() as work:
        sent = work.reports.count_sent(AGENCIES, YEAR)
        forwarded = work.reports.count_forwarded(AGENCIES, YEAR)

    def inside(at: datetime | None) -> bool:
        return at is not None and YEAR.begins_at() <= at < YEAR.ends_before()

    for agency_id in AGENCIES:
        mine = [each for each in made if each.sender_id == agency_id and inside(each.sent_at)]
        answered = [each for each in mine if each.status in directed | {DeliveryStatus.REGISTERED}]
        assert AgencyCount(agency_id=agency_id, counted=len(answered), total=len(mine)) in sent
        came = [
            each for each in made if each.recipient_id == agency_id and inside(each.registered_at)
        ]
        went_on = [each for each in came if each.status in directed]
        assert any(each.handler_id is None for each in went_on)
        assert AgencyCount(agency_id=agency_id, counted=len(went_on), total=len(came)) in forwarded


@pytest.mark.parametrize("indicator", [IndicatorId.WITHIN, IndicatorId.BETWEEN])
def test_list_behind_deliveries_has_as_many_as_were_counted(
    database: Database, indicator: IndicatorId
) -> None:
    random_deliveries(database)
    with database.start_reading() as work:
        count = (
            work.reports.count_forwarded
            if indicator is IndicatorId.WITHIN
            else work.reports.count_sent
        )
        counts = count(AGENCIES, YEAR)
        query = BehindQuery(
            indicator=indicator, period=YEAR, agency_ids=AGENCIES, today=YEAR.until
        )
        rows = work.reports.list_behind(query, limit=500).rows
    assert len(rows) == sum(each.total for each in counts)
    assert sum(row.counted for row in rows) == sum(each.counted for each in counts)


def test_assignments_are_judged_as_a_plain_look_does(database: Database) -> None:
    chance = random.Random(8)  # noqa: S311 rows for a test
    giver, today = an_actor(COMMITTEE, Role.LEADER), date(2026, 6, 1)
    made = []
    with database.start_work() as work:
        for number in range(200):
            state = chance.choice(list(AssignmentState))
            given_at = datetime(2025, 10, 1, tzinfo=UTC) + timedelta(days=chance.randrange(300))
            is_done = state in {AssignmentState.REPORTED, AssignmentState.COMPLETED}
            assignment = an_assignment(
                giver,
                Party(agency_id=chance.choice(AGENCIES)),
                given_at,
                days=chance.choice((None, 5, 30)),
                id=AssignmentId(f"a{number}"),
                number=number + 1,
                state=state,
                reported_at=given_at + timedelta(days=chance.randrange(40)) if is_done else None,
            )
            work.assignments.add(assignment)
            made.append(assignment)
        work.commit()

    with database.start_reading() as work:
        counts = work.reports.count_assignments(AGENCIES, YEAR, today)

    for agency_id in AGENCIES:
        total = in_time = 0
        for each in made:
            if each.lead.agency_id != agency_id or each.state is AssignmentState.CANCELLED:
                continue
            if each.due_on is None or not YEAR.since <= each.due_on <= YEAR.until:
                continue
            is_reported = each.reported_at is not None
            total += is_reported or each.due_on < today
            in_time += is_reported and local(each.reported_at).date() <= each.due_on
        assert AgencyCount(agency_id=agency_id, counted=in_time, total=total) in counts


def random_certificates(database: Database) -> list[IssuedCertificate]:
    chance = random.Random(4)  # noqa: S311 rows for a test
    made = []
    with database.start_work() as work:
        for number in range(90):
            kind = chance.choice(list(HolderKind))
            agency_id = chance.choice((*AGENCIES, COMMITTEE))
            holder = agency_id if kind is HolderKind.AGENCY else person_of(agency_id, Role.LEADER)
            if chance.random() < 0.2:
                holder = "left"  # serves no agency any more
            certificate = a_certificate(
                f"c{number:03}",
                holder_kind=kind,
                holder_id=holder,
                not_before=datetime(2025, 1, 1, tzinfo=UTC)
                + timedelta(days=chance.randrange(900)),
            )
            work.certificates.add(certificate)
            made.append(certificate)
        work.commit()
    return made


@pytest.mark.parametrize("is_city", [True, False])
def test_certificates_are_counted_and_listed_as_a_plain_look_does(
    database: Database, is_city: bool
) -> None:
    holders = {
        HolderKind.AGENCY: set(AGENCIES),
        HolderKind.PERSON: {person_of(each, Role.LEADER) for each in AGENCIES},
    }
    made = [
        each
        for each in random_certificates(database)
        if each.holder_kind in holders
        and (is_city or each.holder_id in holders[each.holder_kind])
        and each.not_before < YEAR.ends_before()
    ]
    query = BehindQuery(
        indicator=IndicatorId.CERTIFICATES,
        period=YEAR,
        agency_ids=AGENCIES,
        today=YEAR.until,
        is_city=is_city,
    )

    with database.start_reading() as work:
        counts = work.reports.count_certificates(None if is_city else AGENCIES, YEAR)
        rows = work.reports.list_behind(query, limit=500).rows

    assert {each.kind: each.until for each in counts} == Counter(e.holder_kind for e in made)
    assert sum(each.within for each in counts) == sum(
        each.not_before >= YEAR.begins_at() for each in made
    )
    assert {row.subject_id for row in rows} == {each.id for each in made}


@pytest.mark.parametrize(
    ("login", "is_told"),
    [(HOME_AFFAIRS, True), (FINANCE, True), (HEALTH, False), (COMMITTEE, False)],
)
def test_title_for_internal_circulation_is_told_to_writer_and_recipients_only(
    database: Database, login: AgencyId, is_told: bool
) -> None:
    document = a_document("d1", circulation=Circulation.INTERNAL)
    with database.start_work() as work:
        work.documents.add(document)
        work.deliveries.add(a_delivery(document, FINANCE, status=DeliveryStatus.ARRIVED))
        work.deliveries.add(a_delivery(document, HEALTH, status=DeliveryStatus.QUEUED))
        work.commit()
    add_entries(database, [an_entry(1, NOW, subject_id="d1")])
    reader = an_actor(login, Role.LEADER)

    with database.start_reading() as work:
        found = [
            row
            for indicator in (IndicatorId.DOCUMENTS, IndicatorId.BETWEEN)
            for row in work.reports.list_behind(
                BehindQuery(
                    indicator=indicator,
                    period=YEAR,
                    agency_ids=AGENCIES,
                    today=YEAR.until,
                    reader=reader,
                )
            ).rows
        ]

    assert len(found) == 3
    assert {row.restricted for row in found} == {not is_told}
    assert {bool(row.title) for row in found} == {is_told}


def test_assignment_from_an_internal_document_is_told_to_those_who_take_part(
    database: Database,
) -> None:
    document = a_document("d1", circulation=Circulation.INTERNAL)
    giver = an_actor(HOME_AFFAIRS, Role.LEADER)
    assignment = an_assignment(
        giver,
        Party(agency_id=FINANCE),
        NOW,
        source=Source(kind=SourceKind.DOCUMENT, id="d1", document_id=document.id),
    )
    with database.start_work() as work:
        work.documents.add(document)
        work.assignments.add(assignment)
        work.commit()
    today = assignment.given_at.date() + timedelta(days=60)
    query = BehindQuery(
        indicator=IndicatorId.ASSIGNMENTS_ON_TIME, period=YEAR, agency_ids=AGENCIES, today=today
    )
    city = BoardQuery(kind=BoardKind.CITY)

    told = {}
    with database.start_reading() as work:
        for agency_id in (HOME_AFFAIRS, FINANCE, COMMITTEE):
            reader = an_actor(agency_id, Role.LEADER)
            [behind] = work.reports.list_behind(replace(query, reader=reader)).rows
            overdue, every = (
                work.boards.list_cell(city, today, standing=way, reader=reader).rows[0]
                for way in (Standing.RUNNING_OVERDUE, None)
            )
            told[agency_id] = {
                bool(behind.title),
                not behind.restricted,
                *(bool(row.content) and not row.restricted for row in (overdue, every)),
            }
    assert told == {HOME_AFFAIRS: {True}, FINANCE: {True}, COMMITTEE: {False}}


def test_steps_lead_to_what_stands_behind_their_process(
    database: Database, ended: list[WorkItem]
) -> None:
    giver = an_actor(HOME_AFFAIRS, Role.LEADER)
    assignment = an_assignment(giver, Party(agency_id=FINANCE), NOW)
    extension = Extension(
        id=ExtensionId("e1"),
        assignment_id=assignment.id,
        asked_by=giver.person_id,
        asked_by_name="An",
        asked_at=NOW,
        reason="Chờ số liệu.",
        old_due_on=NOW.date(),
        new_due_on=NOW.date() + timedelta(days=9),
    )
    keys = {
        "direction": assignment.id,
        "extension": "e1",
        "cooperation": f"{assignment.id}.2",
        "somewhere": "nothing",
    }
    with database.start_work() as work:
        work.assignments.add(assignment)
        work.assignments.add_extension(extension)
        for number, (procedure_id, key) in enumerate(keys.items()):
            item = replace(
                ended[0],
                id=TaskId(f"step{number}"),
                procedure_id=procedure_id,
                business_key=key,
                closed_at=None,
                closed_by=None,
                outcome="",
            )
            store = work.processes.store
            store.add_work_items([item])
            store.close_work_item(
                replace(item, closed_at=YEAR.begins_at(), closed_by=giver.person_id, outcome="x")
            )
        work.commit()

    found = {}
    with database.start_reading() as work:
        for procedure_id in keys:
            query = BehindQuery(
                indicator=IndicatorId.STEP_TIMES,
                period=YEAR,
                agency_ids=AGENCIES,
                part=procedure_id,
                today=YEAR.until,
                reader=giver,
            )
            [row] = work.reports.list_behind(query).rows
            found[procedure_id] = (row.kind, row.subject_id)
    behind = (BehindKind.ASSIGNMENT, assignment.id)
    assert found == {
        "direction": behind,
        "extension": behind,
        "cooperation": behind,
        "somewhere": (BehindKind.OTHER, "nothing"),
    }


def test_agency_counts_when_it_began_and_ended_inside_the_period(database: Database) -> None:
    short = replace(
        an_agency(AgencyId("ngan"), "Ban lâm thời", 9),
        validity=Validity(since=date(2026, 3, 1), until=date(2026, 5, 31)),
    )
    with database.start_work() as work:
        work.organisation.add_agency(short)
        work.commit()
    with database.start_reading() as work:
        inside = [agency.id for agency in agencies_of(work, YEAR)]
        after = [agency.id for agency in agencies_of(work, year_of(date(2027, 1, 1)))]
    assert "ngan" in inside
    assert "ngan" not in after
