"""Check what is said of a meeting before any of it is stored, and look for clashes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit

from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.meeting import (
    MAX_AGENDA_ITEMS,
    MAX_LINE_CHARS,
    MAX_TITLE_CHARS,
    AgendaItem,
    Clash,
    Invitee,
    Meeting,
    MeetingId,
    MeetingPlan,
)
from engine.model.organisation import Post, Role
from engine.model.remarks import check_unclassified
from engine.ports import Organisation, UnitOfWork
from engine.text import clean_line

_CHAIRS = (Role.LEADER, Role.DIVISION_HEAD)


def clean_plan(plan: MeetingPlan) -> MeetingPlan:
    """Return what is said of a meeting, as it may be stored.

    Raises:
        InvalidInputError: a text is missing, too long or classified, too many lines of agenda,
            or a link that is no https address.
    """
    if len(plan.agenda) > MAX_AGENDA_ITEMS:
        raise InvalidInputError(f"{len(plan.agenda)} lines", field="agenda")
    cleaned = replace(
        plan,
        title=clean_line(plan.title, field="meeting_title", max_chars=MAX_TITLE_CHARS),
        place=clean_line(plan.place, field="place", max_chars=MAX_LINE_CHARS),
        room=_optional(plan.room, "room"),
        link=_clean_link(plan.link),
        agenda=tuple(_clean_item(item) for item in plan.agenda),
    )
    lines = [text for item in cleaned.agenda for text in (item.content, item.presenter)]
    check_unclassified(cleaned.title, cleaned.place, cleaned.room, *lines)
    return cleaned


def _optional(text: str, field: str) -> str:
    return clean_line(text, field=field, max_chars=MAX_LINE_CHARS, required=False)


def _clean_item(item: AgendaItem) -> AgendaItem:
    return AgendaItem(
        content=clean_line(item.content, field="agenda", max_chars=MAX_LINE_CHARS),
        time=_optional(item.time, "agenda"),
        presenter=_optional(item.presenter, "agenda"),
    )


def _clean_link(link: str) -> str:
    text = _optional(link, "link")
    if not text:
        return ""
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise InvalidInputError("no address", field="link") from error
    if parts.scheme != "https" or not parts.hostname or parts.username or " " in text:
        raise InvalidInputError("no https address", field="link")
    return text


def find_chair(organisation: Organisation, plan: MeetingPlan, day: date) -> Post:
    """Return the post in which somebody chairs: a leader of the agency, or head of a unit.

    Raises:
        InvalidInputError: code MEETING_CHAIR.
    """
    posts = [
        post
        for post in organisation.list_posts_of(plan.chair_id, day)
        if post.agency_id == plan.agency_id and post.role in _CHAIRS
    ]
    if not posts:
        raise InvalidInputError("may not chair", code=ErrorCode.MEETING_CHAIR, field="chair_id")
    return min(posts, key=lambda post: _CHAIRS.index(post.role))


def check_unit(organisation: Organisation, plan: MeetingPlan) -> None:
    """Check that the unit that prepares it is one of the agency.

    Raises:
        InvalidInputError: it is of another agency.
        NotFoundError: there is none.
    """
    if plan.unit_id and organisation.get_unit(plan.unit_id).agency_id != plan.agency_id:
        raise InvalidInputError("unit of another agency", field="unit_id")


def list_clashes(
    work: UnitOfWork, plan: MeetingPlan, invitees: Iterable[Invitee], own_id: MeetingId | None
) -> Sequence[Clash]:
    """Return what the chair, people invited by name, or the room are in at the same time.

    What another agency meets about is not the organiser's to know: only that somebody is busy.
    """
    people = {plan.chair_id} | {each.person_id for each in invitees if each.person_id}
    found = work.meetings.list_clashes(
        start=plan.starts_at,
        end=plan.ends_at,
        people=people,
        agency_id=plan.agency_id,
        room=plan.room,
        apart_from=own_id,
    )
    return [clash.seen_by({plan.agency_id}) for clash in found]


def accepted_clashes(clashes: Sequence[Clash], known: str, *, confirmed: bool) -> str:
    """Return the clashes as the record keeps them, once somebody accepted them on purpose.

    Args:
        known: those accepted before, one a line.

    Raises:
        ConflictError: code MEETING_CLASH; `params["clashes"]` names them. Nothing is stored.
    """
    lines = [clash.sentence() for clash in clashes]
    fresh = [line for line in lines if line not in known.split("\n")]
    if fresh and not confirmed:
        raise ConflictError(
            f"{len(fresh)} clashes", code=ErrorCode.MEETING_CLASH, clashes="; ".join(fresh)
        )
    return "\n".join(lines)


def described(meeting: Meeting) -> dict[str, str]:
    """Return what the leaf of a plan says of it."""
    plan = meeting.plan
    return {
        "agency": plan.agency_id,
        "chair": plan.chair_id,
        "starts_at": plan.starts_at.isoformat(),
        "ends_at": plan.ends_at.isoformat(),
        "reply_by": plan.reply_by.isoformat(),
        "place": plan.place,
    }
