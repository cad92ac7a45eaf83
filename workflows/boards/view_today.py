"""Show the page a day begins with: what is on, what waits, how what one gave stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.clock import VIETNAM, Clock, local
from engine.model.assignment import Standing
from engine.model.meeting import Meeting, MeetingState
from engine.model.organisation import Actor, PersonId, Power, Role
from engine.model.schedule_entries import ScheduleEntry
from engine.ports import StartWork, UnitOfWork
from engine.ports_boards import Assigner, BoardKind, BoardQuery, BoardRow, Waiting, WaitingRow
from engine.ports_direction import AssignmentRow
from engine.queries import Basket, WorkRow
from workflows.boards.sight import agencies_acted_for

#: Lines of each list; the page leads on to the whole lists.
ROWS = 6
#: What a post is there to decide comes first on its page.
_BASKETS: Mapping[Role, tuple[Basket, ...]] = {
    Role.LEADER: (Basket.TO_SIGN, Basket.TO_DIRECT),
    Role.DIVISION_HEAD: (Basket.TO_REVIEW,),
    Role.CLERK: (Basket.TO_NUMBER, Basket.ARRIVALS),
    Role.DESK_OFFICER: (Basket.RETURNED, Basket.TO_HANDLE),
}
#: What may wait besides; each is shown on days that have some of it.
_ALSO = (Basket.ASSIGNED,)
_ALSO_OF_LEADERS = (Basket.ASSIGNED, Basket.SCHEDULES, Basket.MEETINGS)


@dataclass(frozen=True, kw_only=True)
class AgencyCounts:
    """Hold how stands what was given to an agency the reader leads."""

    board: BoardQuery
    name: str
    counts: BoardRow


@dataclass(frozen=True, kw_only=True)
class TodayView:
    """Hold what the page shows.

    Args:
        board: whose assignments are counted: those one gave, one's unit's, or one's own.
        agencies: those the person leads that were given something.
        baskets: what waits for the person, the first lines of each.
        waiting: what waits for a word of the person, or of whom they direct for.
        givers: name of each person the reader directs for, by id.
    """

    today: date
    at: datetime
    board: BoardQuery
    counts: BoardRow
    agencies: Sequence[AgencyCounts]
    overdue: Sequence[AssignmentRow]
    baskets: Mapping[Basket, Sequence[WorkRow]]
    waiting: Mapping[Waiting, Sequence[WaitingRow]]
    waiting_counts: Mapping[Waiting, int]
    meetings: Sequence[Meeting]
    entries: Sequence[ScheduleEntry]
    givers: Mapping[PersonId, str]


@dataclass(frozen=True, kw_only=True)
class ViewToday:
    """Use case: somebody begins the day."""

    start_reading: StartWork
    clock: Clock

    def __call__(self, actor: Actor) -> TodayView:
        """Return the page as it stands now; it shows nobody else's work but a giver's."""
        now = self.clock.now()
        today = local(now).date()
        board = board_of(actor)
        givers = {e.giver_id: e.giver_name for e in actor.stands_in if e.covers(Power.DIRECT)}
        assigners = [Assigner(person_id=actor.person_id)]
        assigners += [
            Assigner(person_id=giver_id, agency_ids=agencies)
            for giver_id, agencies in agencies_acted_for(actor).items()
        ]
        with self.start_reading() as work:
            meetings = _meetings(work, actor, today)
            overdue = work.boards.list_cell(
                board, today, standing=Standing.RUNNING_OVERDUE, reader=actor, limit=ROWS
            )
            return TodayView(
                today=today,
                at=now,
                board=board,
                counts=work.boards.read_board(board, today).sum,
                agencies=_agencies(work, actor, today),
                overdue=overdue.rows,
                baskets=_baskets(work, actor),
                waiting={
                    each: work.boards.list_waiting(assigners, each, today, limit=ROWS)
                    for each in Waiting
                },
                waiting_counts=work.boards.count_waiting(assigners),
                meetings=meetings,
                entries=_entries(work, actor, today, meetings),
                givers=givers,
            )


def board_of(actor: Actor) -> BoardQuery:
    """Return the board that is a person's first concern."""
    if any(post.role is Role.LEADER for post in actor.posts):
        return BoardQuery(kind=BoardKind.GIVEN, scope_id=actor.person_id)
    for post in actor.posts:
        if post.role is Role.DIVISION_HEAD and post.unit_id is not None:
            return BoardQuery(kind=BoardKind.UNIT, scope_id=post.unit_id)
    return BoardQuery(kind=BoardKind.OWN, scope_id=actor.person_id)


def baskets_of(actor: Actor) -> list[Basket]:
    """Return the baskets that always stand on a person's page, without repetition."""
    posts = [*actor.posts, *(each.post for each in actor.stands_in)]
    return list(dict.fromkeys(b for post in posts for b in _BASKETS.get(post.role, ())))


def _baskets(work: UnitOfWork, actor: Actor) -> dict[Basket, Sequence[WorkRow]]:
    """Return the first lines of each basket on the page; of the others, what is not empty."""
    always = baskets_of(actor)
    posts = [*actor.posts, *(each.post for each in actor.stands_in)]
    leads = any(post.role is Role.LEADER for post in posts)
    found = {}
    for basket in dict.fromkeys([*always, *(_ALSO_OF_LEADERS if leads else _ALSO)]):
        rows = work.queries.list_work(actor, basket, limit=ROWS).rows
        if rows or basket in always:
            found[basket] = rows
    return found


def _agencies(work: UnitOfWork, actor: Actor, today: date) -> list[AgencyCounts]:
    """Return what was given to the agencies the person leads, where there is any."""
    led = dict.fromkeys(post.agency_id for post in actor.posts if post.role is Role.LEADER)
    found = []
    for agency_id in led:
        board = BoardQuery(kind=BoardKind.AGENCY, scope_id=agency_id)
        counts = work.boards.read_board(board, today).sum
        if counts.total:
            name = work.organisation.get_agency(agency_id).name
            found.append(AgencyCounts(board=board, name=name, counts=counts))
    return found


def _meetings(work: UnitOfWork, actor: Actor, today: date) -> list[Meeting]:
    """Return today's meetings the person chairs or goes to, earliest first."""
    since = datetime.combine(today, datetime.min.time(), VIETNAM)
    found = work.meetings.list_for_person(
        actor.person_id, since=since, until=since + timedelta(days=1)
    )
    held = [each for each in found if each.state is not MeetingState.CANCELLED]
    return sorted(held, key=lambda meeting: meeting.plan.starts_at)


def _entries(
    work: UnitOfWork, actor: Actor, today: date, meetings: Sequence[Meeting]
) -> list[ScheduleEntry]:
    """Return what the published schedules hold for the person, apart from those meetings."""
    shown = {meeting.id for meeting in meetings}
    found = [
        entry
        for agency_id in sorted(actor.agency_ids())
        for entry in work.schedules.list_published(
            agency_id, today, today, leader_id=actor.person_id
        )
        if entry.text.meeting_id not in shown
    ]
    return sorted(found, key=lambda entry: entry.text.span())
