"""Offer what people do beside the drawn way: the forms, the choices, the lines of the history."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from wtforms import Form, RadioField, SelectField, SelectMultipleField, StringField

from engine.model.opinion import Opinion, OpinionState, OpinionView
from engine.model.organisation import Actor, AgencyId, PersonId, Role, UnitId
from engine.ports import UnitOfWork
from engine.queries import StepRow
from engine.text import name_sort_key
from webui.choices import Choice
from webui.forms import DayField, ProseField, ReasonForm
from webui.i18n import lazy_gettext, say
from webui.i18n import mark as _l
from webui.words import OPINION_VIEWS, step_name
from workflows.reading.view_ad_hoc import AdHocView, OpinionLine, TaskOptions

#: How often a page looks for new answers.
POLL_SECONDS = 15
USUAL_WORKING_DAYS = 2
_GIVE = _l("Cho ý kiến")


class AskForm(Form):
    """Ask who is asked, what, and by when."""

    question = ProseField(lazy_gettext("Câu hỏi"), default="")
    units = SelectMultipleField(lazy_gettext("Đơn vị được hỏi"), validate_choice=False)
    people = SelectMultipleField(lazy_gettext("Người được hỏi"), validate_choice=False)
    working_days = StringField(
        lazy_gettext("Trả lời trong (ngày làm việc)"), default=str(USUAL_WORKING_DAYS)
    )
    due_on = DayField(
        lazy_gettext("Hoặc chậm nhất vào ngày"),
        description=lazy_gettext("Có ngày thì tính theo ngày."),
    )

    def list_people(self) -> list[PersonId]:
        """Return the people chosen."""
        return [PersonId(each) for each in self.people.data or ()]

    def list_units(self) -> list[UnitId]:
        """Return the units chosen."""
        return [UnitId(each) for each in self.units.data or ()]

    def count_days(self) -> int | None:
        """Return the working days; None when a day is given, 0 when they cannot be read."""
        if self.due_on.data is not None or self.due_on.errors:
            return None
        text = (self.working_days.data or "").strip()
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else 0


class GiveForm(Form):
    """Ask for an answer."""

    view = RadioField(lazy_gettext("Ý kiến"), validate_choice=False)
    text = ProseField(
        lazy_gettext("Nội dung ý kiến"),
        description=lazy_gettext("Bắt buộc khi có góp ý hoặc không đồng ý."),
        default="",
    )

    def chosen_view(self) -> OpinionView | None:
        """Return what is chosen; None when nothing is."""
        return OpinionView(self.view.data) if self.view.data in list(OpinionView) else None


class TakeBackForm(Form):
    """Ask why a step is taken back; it may be left out."""

    comment = ProseField(
        lazy_gettext("Lý do rút lại"),
        description=lazy_gettext("Không bắt buộc."),
        default="",
        id="take-back-comment",
    )


class ReturnForm(ReasonForm):
    """Ask why something is sent back, and to which step."""

    to = SelectField(lazy_gettext("Trả về bước"), validate_choice=False)


class HandOverForm(ReasonForm):
    """Ask who gets a task, and why."""

    person_id = SelectField(lazy_gettext("Người nhận việc"), validate_choice=False)


@dataclass(frozen=True)
class AskedGroup:
    """Hold the people of one unit, or those of none, as the form shows them."""

    label: str
    people: Sequence[Choice]


@dataclass
class AdHocForms:
    """Hold the forms beside a task; one may carry the errors of the last try.

    Args:
        is_answer_lost: the last answer came too late; it is shown to be copied.
    """

    ask: AskForm = field(default_factory=AskForm)
    give: GiveForm = field(default_factory=GiveForm)
    take_back: TakeBackForm = field(default_factory=TakeBackForm)
    back: ReturnForm = field(default_factory=ReturnForm)
    units: Sequence[Choice] = ()
    people: Sequence[AskedGroup] = ()
    is_answer_lost: bool = False

    def __iter__(self) -> Iterator[Form]:
        """Yield the forms, for the summary of their errors."""
        yield from (self.ask, self.give, self.take_back, self.back)


def offer(work: UnitOfWork, view: AdHocView, forms: AdHocForms, actor: Actor, day: date) -> None:
    """Fill the choices that the reader's open tasks need."""
    forms.give.view.choices = [(each.value, say(OPINION_VIEWS[each][0])) for each in OpinionView]
    own = next((each for each in view.tasks if each.is_own), None)
    if own is not None:
        forms.back.to.choices = _list_targets(own)
    if view.asking is not None:
        forms.units = list_units_asked(work, view.asking.agency_id, actor, day)
        forms.people = list_people_asked(work, view.asking.agency_id, actor, day)


def _list_targets(options: TaskOptions) -> list[Choice]:
    return [
        (node.id, step_name(options.task.procedure_id, node.id, node.name))
        for node in options.targets
    ]


def list_units_asked(
    work: UnitOfWork, agency_id: AgencyId, actor: Actor, day: date
) -> list[Choice]:
    """Return the units whose opinion may be asked: headed by somebody else today."""
    heads = work.organisation.list_posts(agency_id, day, role=Role.DIVISION_HEAD)
    headed = {post.unit_id for post in heads}
    return [
        (unit.id, unit.name)
        for unit in work.organisation.list_units(agency_id, day)
        if unit.id in headed and not actor.has_role(Role.DIVISION_HEAD, agency_id, unit.id)
    ]


def list_people_asked(
    work: UnitOfWork, agency_id: AgencyId, actor: Actor, day: date
) -> list[AskedGroup]:
    """Return who else serves the agency: its leaders, then each unit by given names."""
    names = {person.id: person.full_name for person in work.organisation.list_people()}
    posts = [
        post
        for post in work.organisation.list_posts(agency_id, day)
        if post.person_id != actor.person_id
    ]
    units = [(unit.id, unit.name) for unit in work.organisation.list_units(agency_id, day)]
    groups = []
    for unit_id, label in [(None, say(_l("Lãnh đạo cơ quan"))), *units]:
        members = sorted(
            (post for post in posts if post.unit_id == unit_id),
            key=lambda post: name_sort_key(names[post.person_id]),
        )
        people = {post.person_id: f"{names[post.person_id]} — {post.title}" for post in members}
        if people:
            groups.append(AskedGroup(label, list(people.items())))
    return groups


def with_answers(steps: Sequence[StepRow], opinions: Sequence[OpinionLine]) -> list[StepRow]:
    """Return the steps of a document with what was answered between them, open ones last."""
    told = [*(step for step in steps if step.at is not None), *_list_told(opinions)]
    told.sort(key=lambda step: step.at.timestamp() if step.at else 0)
    return [*told, *(step for step in steps if step.at is None)]


def _list_told(opinions: Sequence[OpinionLine]) -> Iterator[StepRow]:
    for line in opinions:
        opinion = line.opinion
        if line.state is OpinionState.ANSWERED and opinion.view is not None:
            yield _told(
                opinion, opinion.given_by_name, opinion.given_at, opinion.view, opinion.text
            )
        elif line.state is OpinionState.WITHDRAWN:
            yield _told(
                opinion,
                opinion.withdrawn_by_name,
                opinion.withdrawn_at,
                line.state,
                opinion.withdrawn_reason,
            )
        elif line.state is OpinionState.EXPIRED:
            yield _told(opinion, opinion.asked_name, opinion.due_at, line.state, "")


def _told(opinion: Opinion, name: str, at: datetime | None, outcome: str, said: str) -> StepRow:
    return StepRow(
        node_id="",
        name=say(_GIVE),
        person_name=name,
        opened_at=opinion.asked_at,
        at=at,
        outcome=outcome,
        comment=said,
    )
