"""Hold the forms of assignments, and list whom one may be given to."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from wtforms import BooleanField, Form, IntegerField, SelectField, SelectMultipleField

from engine.assignment_flow import working_day_from
from engine.assignment_rules import one_lead
from engine.calendar.working_time import WorkingCalendar
from engine.errors import InvalidInputError
from engine.model.assignment import Order, Party, Source
from engine.model.organisation import (
    Actor,
    AgencyId,
    PersonId,
    Post,
    Power,
    Role,
    UnitId,
)
from engine.model.urgency import Urgency
from engine.ports import UnitOfWork
from engine.text import name_sort_key
from webui.forms import CountField, DayField, LineField, ProseField
from webui.i18n import lazy_gettext, say
from webui.i18n import mark as _l
from webui.words import URGENCIES

Choices = Mapping[str, list[tuple[str, str]]]
_MOST_WORKING_DAYS = 500


class GiveForm(Form):
    """Ask for an order: what, who leads, who co-operates, and by when."""

    content = ProseField(lazy_gettext("Nội dung nhiệm vụ"), default="")
    product = LineField(
        lazy_gettext("Sản phẩm"),
        description=lazy_gettext("Ví dụ: báo cáo, tờ trình, kế hoạch. Không bắt buộc."),
    )
    lead = SelectField(
        lazy_gettext("Chủ trì"),
        validate_choice=False,
        description=lazy_gettext("Đúng một nơi."),
    )
    cooperators = SelectMultipleField(lazy_gettext("Phối hợp"), validate_choice=False)
    due_on = DayField(
        lazy_gettext("Hạn hoàn thành"), description=lazy_gettext("Phải là ngày làm việc.")
    )
    working_days = CountField(
        lazy_gettext("hoặc sau số ngày làm việc"),
        description=lazy_gettext("Tính từ hôm nay, không kể ngày nghỉ."),
    )
    no_deadline = BooleanField(lazy_gettext("Không hạn (việc thường xuyên)"))
    urgency = SelectField(lazy_gettext("Độ khẩn"), validate_choice=False)
    tracker_id = SelectField(
        lazy_gettext("Người theo dõi"),
        validate_choice=False,
        description=lazy_gettext("Không bắt buộc."),
    )

    def offer(self, parties: Choices, trackers: Choices) -> None:
        """Fill the lists of choices."""
        self.lead.choices = {"": [("", say(_l("Chọn nơi chủ trì")))], **parties}
        self.cooperators.choices = dict(parties)
        self.tracker_id.choices = {"": [("", say(_l("Không có")))], **trackers}
        self.urgency.choices = [(each.value, say(URGENCIES[each])) for each in Urgency]

    def order(
        self,
        leads: Sequence[str],
        *,
        today: date,
        calendar: WorkingCalendar,
        source: Source,
        parent_id: str,
    ) -> Order:
        """Return what is asked, as typed.

        Args:
            leads: every value the form sent as the lead.

        Raises:
            InvalidInputError: no lead or several; a party or a number that is none.
        """
        return Order(
            content=self.content.data or "",
            lead=one_lead([read_party(each, "lead") for each in leads if each]),
            cooperators=tuple(
                read_party(each, "cooperators") for each in self.cooperators.data or ()
            ),
            due_on=self._due_on(today, calendar),
            no_deadline=bool(self.no_deadline.data),
            product=self.product.data or "",
            urgency=_urgency(self.urgency.data),
            source=source,
            parent_id=parent_id or None,  # type: ignore[arg-type] # an id as sent
            tracker_id=PersonId(self.tracker_id.data) if self.tracker_id.data else None,
        )

    def _due_on(self, today: date, calendar: WorkingCalendar) -> date | None:
        days = self.working_days.data
        if self.due_on.data is not None or self.due_on.errors:
            if days is not None:
                raise InvalidInputError("a day and a number of days", field="working_days")
            chosen: date | None = self.due_on.data
            return chosen
        if self.working_days.process_errors:
            raise InvalidInputError("no number of working days", field="working_days")
        if days is None:
            return None
        if not 1 <= days <= _MOST_WORKING_DAYS:
            raise InvalidInputError(f"{days} working days", field="working_days")
        return working_day_from(today, days, calendar)


class LeadForm(Form):
    """Ask for another lead, and why."""

    lead = SelectField(lazy_gettext("Nơi chủ trì mới"), validate_choice=False)
    reason = ProseField(lazy_gettext("Lý do"), default="")


class ProgressForm(Form):
    """Ask how far it is."""

    report = ProseField(lazy_gettext("Tiến độ, kết quả"), default="")
    percent = IntegerField(lazy_gettext("Tỷ lệ đã làm, phần trăm"), default=50)
    evidence = LineField(
        lazy_gettext("Văn bản minh chứng"),
        description=lazy_gettext("Số, ký hiệu văn bản đã phát hành. Không bắt buộc."),
    )


class DoneForm(Form):
    """Ask what closes an assignment, or what was contributed to it."""

    report = ProseField(lazy_gettext("Kết quả"), default="")
    evidence = LineField(
        lazy_gettext("Văn bản kết quả"),
        description=lazy_gettext(
            "Số, ký hiệu văn bản trả lời hoặc báo cáo đã phát hành. Không bắt buộc."
        ),
    )


class ExtensionForm(Form):
    """Ask for more time."""

    new_due_on = DayField(lazy_gettext("Hạn mới"))
    reason = ProseField(lazy_gettext("Lý do xin gia hạn"), default="")


class DecisionForm(Form):
    """Decide on more time."""

    due_on = DayField(
        lazy_gettext("Gia hạn đến"),
        description=lazy_gettext("Để trống thì theo ngày được đề nghị."),
    )
    decision = ProseField(
        lazy_gettext("Ý kiến"), default="", description=lazy_gettext("Từ chối thì phải nêu lý do.")
    )


class NoteForm(Form):
    """Ask for a word beside a confirmation."""

    decision = ProseField(
        lazy_gettext("Ý kiến"), default="", description=lazy_gettext("Không bắt buộc.")
    )


def party_value(party: Party) -> str:
    """Return a party as a form sends it."""
    if party.person_id is not None:
        return f"person:{party.agency_id}:{party.person_id}"
    if party.unit_id is not None:
        return f"unit:{party.agency_id}:{party.unit_id}"
    return f"agency:{party.agency_id}:"


def read_party(value: str, field: str) -> Party:
    """Return the party a form sent.

    Raises:
        InvalidInputError: it is none.
    """
    kind, _, rest = value.partition(":")
    agency, _, name = rest.partition(":")
    if kind == "agency" and agency and not name:
        return Party(agency_id=AgencyId(agency))
    if kind == "unit" and agency and name:
        return Party(agency_id=AgencyId(agency), unit_id=UnitId(name))
    if kind == "person" and agency and name:
        return Party(agency_id=AgencyId(agency), person_id=PersonId(name))
    raise InvalidInputError("no such party", field=field)


def list_parties(work: UnitOfWork, actor: Actor, day: date) -> dict[str, list[tuple[str, str]]]:
    """Return whom the actor may give something to: agencies, units, people, in groups."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for post in _giving_posts(actor):
        found = _of_leader(work, post, day) if post.role is Role.LEADER else ()
        for label, choices in (*found, *_people(work, post, actor, day)):
            known = {value for value, _name in groups.get(label, ())}
            groups.setdefault(label, []).extend(c for c in choices if c[0] not in known)
    return {label: choices for label, choices in groups.items() if choices}


def list_units(work: UnitOfWork, agency_id: AgencyId, day: date) -> list[tuple[str, str]]:
    """Return the units of an agency as parties."""
    return [
        (party_value(Party(agency_id=agency_id, unit_id=unit.id)), unit.name)
        for unit in work.organisation.list_units(agency_id, day)
    ]


def list_trackers(work: UnitOfWork, actor: Actor, day: date) -> dict[str, list[tuple[str, str]]]:
    """Return the people of the actor's agencies who may follow an assignment up."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for agency_id in sorted({post.agency_id for post in _giving_posts(actor)}):
        label = work.organisation.get_agency(agency_id).name
        posts = work.organisation.list_posts(agency_id, day)
        names = _names(work, posts)
        people = {
            post.person_id: f"{names[post.person_id]} — {post.title}"
            for post in posts
            if post.role in {Role.DESK_OFFICER, Role.DIVISION_HEAD}
        }
        by_name = sorted(people, key=lambda person_id: name_sort_key(names[person_id]))
        groups[label] = [(person_id, people[person_id]) for person_id in by_name]
    return groups


def _giving_posts(actor: Actor) -> Iterator[Post]:
    for post in actor.posts:
        if post.role in {Role.LEADER, Role.DIVISION_HEAD}:
            yield post
    for stand_in in actor.stands_in:
        if stand_in.covers(Power.DIRECT):
            yield stand_in.post


def _of_leader(
    work: UnitOfWork, post: Post, day: date
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    organisation = work.organisation
    below = [
        (party_value(Party(agency_id=agency.id)), agency.name)
        for agency in organisation.list_agencies(day)
        if agency.parent_id == post.agency_id
    ]
    yield say(_l("Cơ quan")), below
    yield say(_l("Đơn vị")), list_units(work, post.agency_id, day)


def _people(
    work: UnitOfWork, post: Post, actor: Actor, day: date
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    posts = work.organisation.list_posts(post.agency_id, day)
    names = _names(work, posts)
    for unit in work.organisation.list_units(post.agency_id, day):
        if post.role is not Role.LEADER and unit.id != post.unit_id:
            continue
        members = sorted(
            {
                each.person_id: each.title
                for each in posts
                if each.unit_id == unit.id and each.person_id != actor.person_id
            }.items(),
            key=lambda each: name_sort_key(names[each[0]]),
        )
        yield (
            unit.name,
            [
                (
                    party_value(Party(agency_id=post.agency_id, person_id=person_id)),
                    f"{names[person_id]} — {title}",
                )
                for person_id, title in members
            ],
        )


def _names(work: UnitOfWork, posts: Sequence[Post]) -> dict[PersonId, str]:
    people = work.organisation.list_people({post.person_id for post in posts})
    return {person.id: person.full_name for person in people}


def _urgency(text: str | None) -> Urgency:
    try:
        return Urgency(text or Urgency.NORMAL)
    except ValueError:
        return Urgency.NORMAL
