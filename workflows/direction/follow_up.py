"""Remind of a deadline, and tell who answers for it that it has passed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine.assigning import list_assigners, show_day, tell, tell_parties
from engine.assignment_flow import FollowUp, assignment_of
from engine.assignment_rules import list_holders
from engine.clock import Clock, local
from engine.errors import ConflictError
from engine.model.assignment import Assignment, AssignmentState, Party
from engine.model.notice import NoticeKind
from engine.model.organisation import PersonId
from engine.ports import StartWork, UnitOfWork
from engine.process.model import InstanceId

_REMINDERS = frozenset({FollowUp.THREE_DAYS, FollowUp.ONE_DAY, FollowUp.ON_DAY})
#: The lead has something to do; what is reported done waits for the assigner.
_WITH_THE_LEAD = frozenset(
    {AssignmentState.GIVEN, AssignmentState.ACCEPTED, AssignmentState.RETURNED}
)


@dataclass(frozen=True, kw_only=True)
class RemindOfAssignment:
    """Job: do one step of following an assignment up, and let the process go on.

    Args:
        step: which of them.
    """

    start_work: StartWork
    clock: Clock
    step: FollowUp

    def __call__(self, payload: Mapping[str, str]) -> None:
        """Tell whom it concerns; a job run twice tells once.

        Args:
            payload: `business_key` and `instance_id` of the process.
        """
        now = self.clock.now()
        with self.start_work() as work:
            try:
                work.processes.complete_operation(
                    InstanceId(payload["instance_id"]), self.step.value, now=now
                )
            except ConflictError:
                return  # done before, or the deadline has moved
            assignment = work.assignments.get(assignment_of(payload["business_key"]))
            if self._is_told(work, assignment):
                self._tell(work, assignment)
            work.commit()

    def _is_told(self, work: UnitOfWork, assignment: Assignment) -> bool:
        """Tell whether the step still says something: nobody is reminded of what is past."""
        due_on = assignment.due_on
        if due_on is None or assignment.state not in _WITH_THE_LEAD:
            return False
        calendar = work.processes.calendar
        if self.step.moment(due_on, calendar) <= assignment.given_at:
            return False
        later = [each for each in FollowUp if each.moment(due_on, calendar) <= self.clock.now()]
        return later[-1:] == [self.step] or self.step not in _REMINDERS

    def _tell(self, work: UnitOfWork, assignment: Assignment) -> None:
        now = self.clock.now()
        due_on = show_day(assignment.due_on)
        if self.step in _REMINDERS:
            parties = [assignment.lead]
            kind = NoticeKind.ASSIGNMENT_DUE
            tell_parties(work, kind, assignment, parties, actor=None, now=now, deadline=due_on)
            return
        days = str(assignment.overdue_days(local(now).date()))
        people = (
            _list_heads(work, assignment.lead, local(now).date())
            if self.step is FollowUp.TELL_HEAD
            else list_assigners(assignment)
        )
        kind = NoticeKind.ASSIGNMENT_OVERDUE
        tell(work, kind, assignment, people, actor=None, now=now, days=days)


def _list_heads(work: UnitOfWork, lead: Party, day: date) -> list[PersonId]:
    """Return who answers for the lead: the heads of a person's unit, else the leaders."""
    if lead.person_id is not None and lead.unit_id is not None:
        unit = Party(agency_id=lead.agency_id, unit_id=lead.unit_id)
        heads = [
            each for each in list_holders(work.organisation, unit, day) if each != lead.person_id
        ]
        if heads:
            return heads
    return list_holders(work.organisation, Party(agency_id=lead.agency_id), day)
