"""Gather what the pages of meetings show, and what their forms carry."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import render_template, request, url_for

from engine.clock import local
from engine.model.meeting import Guest, Invitee, Meeting, MeetingId, MeetingState
from engine.model.organisation import AgencyId
from engine.ports import UnitOfWork
from engine.text import name_sort_key
from webui import meeting_words
from webui.assignment_forms import list_parties, party_value
from webui.choices import group_recipients
from webui.i18n import mark as _l
from webui.i18n import say
from webui.ics import CalendarEvent
from webui.login import current_actor, the_house, use_cases
from webui.meeting_forms import (
    CancelForm,
    MeetingForm,
    MinutesForm,
    PaperForm,
    ReplyForm,
    guest_value,
)
from webui.shell import use_frame
from workflows.meeting.view_meetings import MeetingView

#: How often an open page counts the answers again.
POLL_SECONDS = 15


@dataclass
class Forms:
    """Hold the forms of a meeting's page; one may carry the errors of the last try.

    Args:
        replies: by invitee.
        clash: what has to be confirmed on purpose; in the answer of `clash_of`, if it is one.
        asks_left: orders nobody would get have to be confirmed on purpose.
    """

    replies: dict[str, ReplyForm] = field(default_factory=dict)
    cancel: CancelForm = field(default_factory=CancelForm)
    minutes: MinutesForm | None = None
    paper: PaperForm = field(default_factory=PaperForm)
    messages: list[str] = field(default_factory=list)
    clash: str = ""
    clash_of: str = ""
    asks_left: bool = False


def show_meeting(meeting_id: str, forms: Forms) -> str:
    """Return the page of a meeting with its forms.

    Raises:
        NotFoundError: no such meeting.
        NotPermittedError: no part in it.
    """
    use_frame(current="meetings")
    view = use_cases().meetings.view(MeetingId(meeting_id), current_actor())
    day = local(the_house().clock.now()).date()
    with the_house().start_reading() as work:
        for invitee in view.asked if view.may_answer else ():
            form = forms.replies.setdefault(invitee.id, ReplyForm.of(invitee))
            people = list_colleagues(work, invitee)
            form.offer([(key, f"{name} — {title}") for key, (name, title) in people.items()])
        parties = list_parties(work, current_actor(), day) if view.proposals else {}
    if forms.minutes is None:
        forms.minutes = MinutesForm(
            data={"present": [each.id for each in view.invitees if each.comes()]}
        )
    return render_template(
        "pages/meeting.html",
        view=view,
        forms=forms,
        parties=parties,
        party_value=party_value,
        values_offered=lambda groups: {value for each in groups.values() for value, _ in each},
        values_of=lambda parties: [party_value(each) for each in parties],
        sent=request.form,
        now=the_house().clock.now(),
        meeting_words=meeting_words,
        **answer_values(view, named=False),
    )


def answer_values(view: MeetingView, *, named: bool = True) -> dict[str, object]:
    """Return what the counted answers show, and whether they may still change."""
    live = view.meeting.state is MeetingState.INVITED and view.may_answer and view.is_own
    values: dict[str, object] = {"poll_seconds": POLL_SECONDS if live else 0}
    values["tally"] = view.tally
    if named:
        values |= {"view": view, "meeting_words": meeting_words}
    return values


def list_colleagues(work: UnitOfWork, invitee: Invitee) -> dict[str, tuple[str, str]]:
    """Return name and title of the people of an invited agency, by id, by given name."""
    day = local(the_house().clock.now()).date()
    names = {person.id: person.full_name for person in work.organisation.list_people()}
    people = {
        post.person_id: (names[post.person_id], post.title)
        for post in work.organisation.list_posts(invitee.agency_id, day)
        if post.person_id != invitee.person_id
    }
    return dict(sorted(people.items(), key=lambda each: name_sort_key(each[1][0])))


def show_plan(
    form: MeetingForm,
    messages: list[str],
    agency_id: AgencyId,
    view: MeetingView | None,
    *,
    task_id: str = "",
    clash: str = "",
) -> str:
    """Return the page on which a meeting is planned or changed.

    Args:
        view: meeting that is changed, None for a new one; `task_id` is the step it waits at.
        clash: what has to be confirmed on purpose, "" for nothing.
    """
    use_frame(current="meetings")
    offered = use_cases().meetings.view.list_chairs(current_actor())
    chairs = next((posts for agency, posts in offered if agency.id == agency_id), ())
    day = local(the_house().clock.now()).date()
    with the_house().start_reading() as work:
        units = [(u.id, u.name) for u in work.organisation.list_units(agency_id, day)]
        groups = _guest_groups(work, agency_id, view)
        agency = work.organisation.get_agency(agency_id)
    form.offer([(p.person_id, f"{who.full_name} — {p.title}") for p, who in chairs], units)
    return render_template(
        "pages/meeting_plan.html",
        form=form,
        messages=messages,
        agency=agency,
        agencies=[each for each, _ in offered],
        groups=groups,
        view=view,
        task_id=task_id,
        clash=clash,
    )


def _guest_groups(
    work: UnitOfWork, agency_id: AgencyId, view: MeetingView | None
) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """Return whom a meeting may invite: own units and people, then the other agencies."""
    day = local(the_house().clock.now()).date()
    names = {person.id: person.full_name for person in work.organisation.list_people()}
    own_units = [
        (guest_value(Guest(agency_id=agency_id, unit_id=unit.id)), unit.name)
        for unit in work.organisation.list_units(agency_id, day)
    ]
    people = {
        post.person_id: f"{names[post.person_id]} — {post.title}"
        for post in work.organisation.list_posts(agency_id, day)
    }
    own_people = [
        (guest_value(Guest(agency_id=agency_id, person_id=person_id)), people[person_id])
        for person_id in sorted(people, key=lambda each: name_sort_key(names[each]))
    ]
    others = [
        (
            group.label,
            [(guest_value(Guest(agency_id=agency.id)), agency.name) for agency in group.agencies],
        )
        for group in group_recipients(work, agency_id, day)
    ]
    groups = [
        (say(_l("Đơn vị trong cơ quan")), own_units),
        (say(_l("Người trong cơ quan")), own_people),
        *others,
    ]
    known = {value for _, choices in groups for value, _ in choices}
    invited = [(guest_value(each.guest), each.name) for each in view.invitees] if view else []
    left = [each for each in invited if each[0] not in known]
    return [*([(say(_l("Đã mời")), left)] if left else []), *groups]


def event_of(meeting: Meeting) -> CalendarEvent:
    """Return a meeting as a calendar shows it."""
    plan = meeting.plan
    agenda = [" ".join(filter(None, (item.time, item.content))) for item in plan.agenda]
    return CalendarEvent(
        uid=f"meeting-{meeting.id}@trinhky",
        sequence=meeting.revision,
        title=plan.title,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        stamped_at=meeting.updated_at,
        place=", ".join(dict.fromkeys(filter(None, (plan.room, plan.place)))),
        description="\n".join(agenda),
        link=plan.link,
        page_url=url_for("meetings.show", meeting_id=meeting.id, _external=True),
        organiser=f"{meeting.chair_title} {meeting.chair_name}".strip(),
        is_cancelled=meeting.state is MeetingState.CANCELLED,
    )
