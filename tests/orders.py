"""Act on assignments in tests the way pages do: give, accept, report, confirm, extend."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.assignment_flow import working_day_from
from engine.calendar.working_time import vietnam_calendar
from engine.clock import local
from engine.model.assignment import (
    Assignment,
    AssignmentId,
    ExtensionId,
    Order,
    Party,
)
from engine.model.organisation import AgencyId, PersonId, UnitId
from engine.process.model import DefinitionSource, StoredInstance
from tests.houses import Stage
from workflows.incoming.procedure import PROCEDURE as INCOMING

CITY = "ubnd-tp.lanhdao"
LEADER = "snv.lanhdao"
HEAD = "snv.truongphong"
OFFICER = "snv.chuyenvien"
OTHER_LEADER = "stc.lanhdao"
SNV, STC, SYT = AgencyId("snv"), AgencyId("stc"), AgencyId("syt")
#: The flow of arrivals as an earlier release shipped it; installations may still run it.
OFFICER_HANDLES = (
    Path(__file__).parent / "integration" / "workflows" / "officer_handles" / "incoming.bpmn"
)
CONTENT = "Báo cáo kết quả sử dụng chữ ký số"


@dataclass
class Desk:
    """Act on assignments by login."""

    stage: Stage

    def today(self) -> date:
        return local(self.stage.house.clock.now()).date()

    def day(self, working_days: int) -> date:
        return working_day_from(self.today(), working_days, vietnam_calendar())

    def unit_of(self, login: str) -> UnitId:
        unit_id = self.stage.actor(login).posts[0].unit_id
        assert unit_id is not None
        return unit_id

    def unit(self, login: str = HEAD) -> Party:
        post = self.stage.actor(login).posts[0]
        return Party(agency_id=post.agency_id, unit_id=post.unit_id)

    def person(self, login: str = OFFICER) -> Party:
        post = self.stage.actor(login).posts[0]
        return Party(agency_id=post.agency_id, person_id=PersonId(post.person_id))

    def order(self, **changes: object) -> Order:
        values: dict[str, object] = {
            "content": CONTENT,
            "lead": Party(agency_id=SNV),
            "due_on": self.day(10),
        }
        return Order(**(values | changes))  # type: ignore[arg-type]

    def give(self, login: str = CITY, **changes: object) -> AssignmentId:
        order = self.order(**changes)
        return self.stage.house.use_cases.give_assignment(self.stage.actor(login), order)

    def accepted(self, login: str = CITY, by: str = LEADER, **changes: object) -> AssignmentId:
        assignment_id = self.give(login, **changes)
        self.accept(assignment_id, by)
        return assignment_id

    def accept(self, assignment_id: AssignmentId, login: str = LEADER) -> None:
        self.stage.house.use_cases.accept_assignment(assignment_id, self.stage.actor(login))

    def report(
        self, assignment_id: AssignmentId, login: str = LEADER, percent: int = 50, **more: str
    ) -> None:
        self.stage.house.use_cases.report_progress(
            assignment_id, self.stage.actor(login), "Đã làm một phần.", percent=percent, **more
        )

    def finish(self, assignment_id: AssignmentId, login: str = LEADER, **more: str) -> None:
        self.stage.house.use_cases.report_completion(
            assignment_id, self.stage.actor(login), "Đã hoàn thành.", **more
        )

    def confirm(self, assignment_id: AssignmentId, login: str = CITY) -> None:
        self.stage.house.use_cases.confirm_completion(assignment_id, self.stage.actor(login))

    def ask(
        self, assignment_id: AssignmentId, new_due_on: date, login: str = LEADER
    ) -> ExtensionId:
        return self.stage.house.use_cases.ask_extension(
            assignment_id, self.stage.actor(login), "Chờ số liệu.", new_due_on=new_due_on
        )

    def decide(
        self,
        extension_id: ExtensionId,
        login: str = CITY,
        *,
        granted: bool = True,
        due_on: date | None = None,
    ) -> None:
        self.stage.house.use_cases.decide_extension(
            extension_id,
            self.stage.actor(login),
            granted=granted,
            due_on=due_on,
            note="" if granted else "Đủ thời gian.",
        )

    def get(self, assignment_id: AssignmentId) -> Assignment:
        with self.stage.house.start_reading() as work:
            return work.assignments.get(assignment_id)

    def instance(self, procedure_id: str, key: str) -> StoredInstance:
        with self.stage.house.start_reading() as work:
            found = work.processes.store.find_instance(procedure_id, key)
        assert found is not None
        return found

    def rules(self, login: str, assignment_id: AssignmentId) -> list[str]:
        with self.stage.house.start_reading() as work:
            tasks = work.queries.list_tasks_on(self.stage.actor(login), assignment_id)
        return sorted(task.rule for task in tasks)

    def events(self, assignment_id: AssignmentId) -> list[str]:
        with self.stage.house.start_reading() as work:
            return [leaf.event.value for leaf in work.audit.list_group(assignment_id)]

    def notices(self, login: str) -> list[str]:
        with self.stage.house.start_reading() as work:
            page = work.notices.list_of(self.stage.actor(login).person_id)
        return [notice.kind.value for notice in page.rows]


def let_officers_handle(stage: Stage) -> None:
    """Put the flow of arrivals of an earlier release into force: no assignment is made."""
    stage.house.use_cases.deploy_definition(
        OFFICER_HANDLES.read_bytes(),
        INCOMING.dmn,
        stage.actor("vpub.quantri"),
        source=DefinitionSource.FILE,
        note="Chuyên viên xử lý trực tiếp.",
    )
