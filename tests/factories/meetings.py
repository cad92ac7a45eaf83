"""Plan meetings of the small city."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from engine.clock import FixedClock, local
from engine.model.meeting import (
    AgendaItem,
    Answer,
    Guest,
    Invitee,
    Meeting,
    MeetingId,
    MeetingPlan,
    Substitute,
)
from engine.model.organisation import AgencyId, PersonId, UnitId
from engine.process.model import TaskId
from tests.houses import Stage
from webui.meeting_cases import MeetingCases
from workflows.administration.run_due import RunDue

SNV, STC, SYT = AgencyId("snv"), AgencyId("stc"), AgencyId("syt")
PLANNER, CHAIR = "snv.chuyenvien", "snv.lanhdao"
LONG = timedelta(days=3)


@dataclass
class Table:
    """Act on meetings of one house, the way pages do."""

    stage: Stage
    clock: FixedClock

    @property
    def cases(self) -> MeetingCases:
        return self.stage.house.use_cases.meetings

    def person(self, login: str) -> PersonId:
        return self.stage.actor(login).person_id

    def start(self, days: int = 7, hour: int = 8) -> datetime:
        """Return an hour of a day ahead, in Việt Nam."""
        day = local(self.clock.now()) + timedelta(days=days)
        return datetime.combine(day.date(), time(hour), day.tzinfo)

    def plan_of(self, starts_at: datetime | None = None, **changes: object) -> MeetingPlan:
        starts = starts_at or self.start()
        plan = MeetingPlan(
            agency_id=SNV,
            title="Họp triển khai phần mềm quản lý văn bản",
            chair_id=self.person(CHAIR),
            starts_at=starts,
            ends_at=starts + timedelta(hours=2),
            reply_by=starts - timedelta(days=1),
            place="Số 2 Hòa Bình, Ninh Kiều",
            room="Phòng họp số 2",
            agenda=(AgendaItem(time="08:00", content="Báo cáo tiến độ", presenter="Văn phòng"),),
        )
        return replace(plan, **changes)  # type: ignore[arg-type]

    def guests(self) -> list[Guest]:
        """Return two agencies, a unit and a person."""
        return [
            Guest(agency_id=STC),
            Guest(agency_id=SYT),
            Guest(agency_id=SNV, unit_id=UnitId("snv.cchc")),
            Guest(agency_id=STC, person_id=self.person("stc.chuyenvien")),
        ]

    def plan(
        self,
        plan: MeetingPlan | None = None,
        guests: Sequence[Guest] | None = None,
        *,
        confirm_clash: bool = False,
    ) -> MeetingId:
        return self.cases.plan(
            self.stage.actor(PLANNER),
            plan or self.plan_of(),
            self.guests() if guests is None else guests,
            confirm_clash=confirm_clash,
        )

    def invited(self, *args: object, **kwargs: object) -> MeetingId:
        meeting_id = self.plan(*args, **kwargs)  # type: ignore[arg-type]
        self.invite(meeting_id)
        return meeting_id

    def invite(self, meeting_id: MeetingId) -> None:
        self.cases.invite(self.task(meeting_id), self.stage.actor(PLANNER), confirm_clash=True)

    def task(self, meeting_id: MeetingId, login: str = PLANNER) -> TaskId:
        tasks = self.cases.view(meeting_id, self.stage.actor(login)).tasks
        assert len(tasks) == 1, [task.rule for task in tasks]
        return tasks[0].task_id

    def meeting(self, meeting_id: MeetingId) -> Meeting:
        with self.stage.house.start_reading() as work:
            return work.meetings.get(meeting_id)

    def invitees(self, meeting_id: MeetingId) -> Sequence[Invitee]:
        with self.stage.house.start_reading() as work:
            return work.meetings.list_invitees(meeting_id)

    def invitee(self, meeting_id: MeetingId, guest: Guest) -> Invitee:
        return next(each for each in self.invitees(meeting_id) if each.guest == guest)

    def reply(
        self,
        meeting_id: MeetingId,
        guest: Guest,
        login: str,
        answer: Answer = Answer.ATTEND,
        *,
        reason: str = "",
        substitute: Substitute | None = None,
        confirm_clash: bool = False,
    ) -> None:
        self.cases.reply(
            self.invitee(meeting_id, guest).id,
            self.stage.actor(login),
            answer,
            reason=reason,
            substitute=substitute,
            confirm_clash=confirm_clash,
        )

    def held(self, conclusions: str = "", meeting_id: MeetingId | None = None) -> MeetingId:
        """Return a meeting with its minutes."""
        chosen = meeting_id or self.invited()
        self.clock.at = self.meeting(chosen).plan.starts_at + timedelta(hours=1)
        self.run_due()
        self.cases.record_minutes(
            self.task(chosen),
            self.stage.actor(PLANNER),
            minutes="Các đại biểu thảo luận.",
            conclusions=conclusions,
            present=[each.id for each in self.invitees(chosen)[:2]],
        )
        return chosen

    def run_due(self) -> None:
        """Do what is due by now, and the jobs that follow."""
        house = self.stage.house
        RunDue(start_work=house.start_work, start_reading=house.start_reading, clock=self.clock)()
        self.stage.run_jobs()
