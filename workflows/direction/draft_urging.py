"""Draft the letter that urges an agency whose assignment is overdue (công văn đôn đốc)."""

from dataclasses import dataclass

from engine.assigning import get_seen, lead_name, show_day
from engine.clock import Clock, local
from engine.drafting import open_draft
from engine.errors import ConflictError, ErrorCode
from engine.model.assignment import Assignment, AssignmentId, AssignmentState
from engine.model.document import DocumentId, DraftContent
from engine.model.kinds import CONG_VAN
from engine.model.organisation import Actor
from engine.model.urgency import Urgency
from engine.ports import StartWork, UnitOfWork

_MAX_QUOTED_CHARS = 300


@dataclass(frozen=True, kw_only=True)
class DraftUrging:
    """Use case: an officer of the assigner's agency opens the letter, filled in."""

    start_work: StartWork
    clock: Clock

    def __call__(self, assignment_id: AssignmentId, actor: Actor) -> DocumentId:
        """Open a draft to the agency that leads, and return its id.

        Raises:
            NotPermittedError: the actor does not draft for the assigner's agency.
            ConflictError: code ASSIGNMENT_STATE; it is not overdue or not with the lead, or stays
                in the agency.
        """
        now = self.clock.now()
        with self.start_work() as work:
            assignment = get_seen(work, assignment_id, actor)
            days = assignment.overdue_days(local(now).date())
            if days == 0 or not may_urge(assignment):
                raise ConflictError(
                    f"assignment {assignment.id} needs no urging",
                    code=ErrorCode.ASSIGNMENT_STATE,
                    state=assignment.state,
                )
            content = _content(work, assignment, days)
            document = open_draft(work, actor, assignment.agency_id, content, now)
            work.commit()
        return document.id


def may_urge(assignment: Assignment) -> bool:
    """Tell whether it is with a lead that is an agency a letter can go to."""
    return (
        assignment.lead.agency_id != assignment.agency_id
        # What is reported done, or was returned, waits for the assigner.
        and assignment.state in {AssignmentState.GIVEN, AssignmentState.ACCEPTED}
    )


def _content(work: UnitOfWork, assignment: Assignment, days: int) -> DraftContent:
    """Return the letter; it says what is on record and nothing else."""
    number, lead = f"{assignment.number}/{assignment.year}", lead_name(work, assignment)
    said = " ".join(assignment.content.split())
    if len(said) > _MAX_QUOTED_CHARS:
        said = said[: _MAX_QUOTED_CHARS - 1] + "…"
    return DraftContent(
        kind=CONG_VAN,
        subject=f"đôn đốc thực hiện nhiệm vụ số {number}",
        body="\n".join(
            (
                f"Ngày {show_day(local(assignment.given_at).date())}, {assignment.assigner_name} "
                f"đã giao {lead} chủ trì nhiệm vụ số {number}: {said}",
                f"Hạn hoàn thành là ngày {show_day(assignment.due_on)}. Đến nay nhiệm vụ đã quá "
                f"hạn {days} ngày, chưa có báo cáo hoàn thành.",
                f"Đề nghị {lead} khẩn trương thực hiện, báo cáo kết quả và nêu rõ nguyên nhân "
                "chậm trễ./.",
            )
        ),
        recipients=(assignment.lead.agency_id,),
        urgency=Urgency.URGENT,
    )
