"""Make weeks of invented leaders, and act on schedules by login the way pages do."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engine.clock import local
from engine.model.organisation import AgencyId, PersonId
from engine.model.schedule import (
    Week,
    WeekState,
    WorkSchedule,
    monday_of,
    title_of,
)
from engine.model.schedule_entries import (
    DayPart,
    EntryId,
    EntryText,
    ScheduleEntry,
    ScheduleId,
    find_clashes,
)
from tests.houses import PIN, Stage

MONDAY = date(2015, 6, 15)
HEAD, DEPUTY = PersonId("giam-doc"), PersonId("pho-giam-doc")
NOW = datetime(2015, 6, 10, 3, tzinfo=UTC)
SNV = AgencyId("snv")
CLERK, HEAD_OF_OFFICE, OFFICER, LEADER = (
    "snv.vanthu",
    "snv.chanhvanphong",
    "snv.chuyenvien",
    "snv.lanhdao",
)


def a_text(**changes: Any) -> EntryText:
    values: dict[str, Any] = {
        "day": MONDAY,
        "part": DayPart.MORNING,
        "starts_at": time(7, 30),
        "content": "Họp giao ban",
        "leader_ids": (HEAD,),
        "place": "Phòng họp 1",
    }
    return EntryText(**(values | changes))


def an_entry(key: str, *, schedule: str = "tuan-1", **changes: Any) -> ScheduleEntry:
    return ScheduleEntry(
        id=EntryId(f"{schedule}/{key}"),
        schedule_id=ScheduleId(schedule),
        key=key,
        text=a_text(**changes),
        unit_id=None,
        entered_by=PersonId("van-thu"),
        entered_at=NOW,
    )


def a_schedule(**changes: Any) -> WorkSchedule:
    values: dict[str, Any] = {
        "id": ScheduleId("tuan-1"),
        "agency_id": SNV,
        "monday": MONDAY,
        "number": 1,
        "base_id": None,
        "state": WeekState.GATHERING,
        "title": title_of(MONDAY),
        "due_at": NOW,
        "opened_by": PersonId("van-thu"),
        "opened_at": NOW,
        "updated_at": NOW,
    }
    return WorkSchedule(**(values | changes))


@dataclass
class Office:
    """Act on schedules of the small city's Sở Nội vụ."""

    stage: Stage

    @property
    def cases(self):
        return self.stage.house.use_cases.schedules

    @property
    def monday(self) -> date:
        """Return the Monday after this week's."""
        return monday_of(local(self.stage.house.clock.now()).date()) + timedelta(weeks=1)

    @property
    def leader_id(self) -> PersonId:
        return self.stage.actor(LEADER).person_id

    def open(self, day: date | None = None, login: str = CLERK) -> ScheduleId:
        return self.cases.open(SNV, day or self.monday, self.stage.actor(login))

    def text(self, **changes: Any) -> EntryText:
        return a_text(**({"day": self.monday, "leader_ids": (self.leader_id,)} | changes))

    def add(self, schedule_id: ScheduleId, login: str = CLERK, **changes: Any) -> EntryId:
        text = self.text(**changes)
        return self.cases.add_entry(schedule_id, text, self.stage.actor(login))

    def submit(self, schedule_id: ScheduleId, **options: Any) -> None:
        task = self.stage.task(CLERK, schedule_id)
        self.cases.submit(task, self.stage.actor(CLERK), **options)

    def submit_anyway(self, schedule_id: ScheduleId) -> None:
        self.submit(
            schedule_id,
            confirmed={each.id for each in find_clashes(self.week(schedule_id).entries)},
        )

    def approve(self, schedule_id: ScheduleId, login: str = LEADER) -> None:
        self.cases.approve(self.stage.task(login, schedule_id), self.stage.actor(login))

    def send_back(self, schedule_id: ScheduleId, reason: str = "Thiếu lịch thứ Tư") -> None:
        task = self.stage.task(LEADER, schedule_id)
        self.cases.send_back(task, self.stage.actor(LEADER), reason)

    def publish(self, schedule_id: ScheduleId, pin: str = PIN) -> None:
        task = self.stage.task(CLERK, schedule_id)
        self.cases.publish(task, self.stage.actor(CLERK), pin)

    def to_seal(self) -> ScheduleId:
        schedule_id = self.open()
        self.add(schedule_id)
        self.submit(schedule_id)
        self.approve(schedule_id)
        return schedule_id

    def published(self) -> ScheduleId:
        schedule_id = self.to_seal()
        self.publish(schedule_id)
        return schedule_id

    def change(self, schedule_id: ScheduleId, reason: str = "Đổi giờ họp") -> ScheduleId:
        return self.cases.change(schedule_id, self.stage.actor(CLERK), reason)

    def week(self, schedule_id: ScheduleId) -> Week:
        with self.stage.house.start_reading() as work:
            return work.schedules.read_week(schedule_id)

    def schedule(self, schedule_id: ScheduleId) -> WorkSchedule:
        return self.week(schedule_id).schedule

    def pdf(self, schedule_id: ScheduleId, login: str = CLERK) -> bytes:
        return self.cases.view.pdf(schedule_id, self.stage.actor(login))[1]
