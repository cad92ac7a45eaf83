"""Keep whoever does the work of an assignment from saying that it is done.

An assigner may come to do the work: as a delegate of the lead, or as the head of the unit that
leads. Their word on it then needs another's; only where nobody else is left it stands, on record.
"""

from datetime import date

from engine.assignment_rules import list_holders
from engine.errors import ErrorCode, NotPermittedError
from engine.model.assignment import Assignment
from engine.model.organisation import Actor, PersonId, Role
from engine.ports import UnitOfWork


def list_doers(work: UnitOfWork, assignment: Assignment, day: date) -> set[PersonId]:
    """Return who leads an assignment, has reported on it or has asked for more time."""
    doers = set(list_holders(work.organisation, assignment.lead, day))
    doers |= {report.author_id for report in work.assignments.list_reports(assignment.id)}
    doers |= {each.asked_by for each in work.assignments.list_extensions(assignment.id)}
    return doers


def is_last_judge(work: UnitOfWork, assignment: Assignment, actor: Actor, day: date) -> bool:
    """Tell whether the actor judges their own work because nobody else is left to.

    That is so when the assigner has left the agency, and each leader of it does the work.
    """
    stand_in = work.deputies.find(actor.person_id)
    if stand_in is None or stand_in.delegation_id:
        return False
    doers = list_doers(work, assignment, day)
    posts = work.organisation.list_posts(assignment.agency_id, day, role=Role.LEADER)
    return actor.person_id in doers and {post.person_id for post in posts} <= doers


def check_not_reporter(work: UnitOfWork, assignment: Assignment, actor: Actor) -> None:
    """Check that whoever confirms in their own name is not who reported it done.

    Those who act for the assigner are looked at where that is found out.

    Raises:
        NotPermittedError: code ASSIGNMENT_OWN_WORK.
    """
    if work.deputies.find(actor.person_id) is not None:
        return
    reports = work.assignments.list_reports(assignment.id)
    last = next((each for each in reversed(reports) if each.is_final), None)
    if last is not None and last.author_id == actor.person_id:
        raise own_work(assignment, actor)


def own_work(assignment: Assignment, actor: Actor) -> NotPermittedError:
    """Return the error of who decides on their own work."""
    return NotPermittedError(
        f"{actor.person_id} works on {assignment.id}",
        code=ErrorCode.ASSIGNMENT_OWN_WORK,
        predicate="is_not_the_doer",
        name=assignment.assigner_name,
    )
