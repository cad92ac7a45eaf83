"""Hold the forms of meetings."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time

from werkzeug.datastructures import ImmutableMultiDict
from wtforms import (
    BooleanField,
    FileField,
    Form,
    HiddenField,
    SelectField,
    SelectMultipleField,
)

from engine.assignment_rules import one_lead
from engine.clock import VIETNAM, local
from engine.errors import ErrorCode, InvalidInputError
from engine.model.assignment import Order
from engine.model.meeting import (
    AgendaItem,
    Answer,
    Guest,
    Invitee,
    MeetingPlan,
    Substitute,
)
from engine.model.organisation import AgencyId, PersonId, UnitId
from webui.assignment_forms import read_party
from webui.days import read_day
from webui.forms import DayField, LineField, ProseField
from webui.i18n import lazy_gettext, say
from webui.i18n import mark as _l
from webui.meeting_words import ANSWERS
from workflows.meeting.conclude_meeting import quoted_of

Groups = Mapping[str, Sequence[tuple[str, str]]]
_SEPARATOR = "|"


class MeetingForm(Form):
    """Ask for everything a plan holds."""

    version = HiddenField(default="0")
    title = LineField(
        lazy_gettext("Nội dung họp"), description=lazy_gettext("Ví dụ: Họp giao ban tuần.")
    )
    chair_id = SelectField(lazy_gettext("Chủ trì"), validate_choice=False)
    unit_id = SelectField(lazy_gettext("Đơn vị chuẩn bị"), validate_choice=False)
    starts_on = DayField(lazy_gettext("Ngày họp"))
    starts_time = LineField(lazy_gettext("Bắt đầu lúc"), default="08:00")
    ends_time = LineField(lazy_gettext("Kết thúc lúc"), default="10:00")
    reply_on = DayField(lazy_gettext("Trả lời trước ngày"))
    reply_time = LineField(lazy_gettext("Trả lời trước giờ"), default="16:00")
    place = LineField(lazy_gettext("Địa điểm"))
    room = LineField(
        lazy_gettext("Phòng họp của cơ quan"),
        description=lazy_gettext("Để trống nếu họp nơi khác; dùng để báo trùng phòng."),
    )
    link = LineField(
        lazy_gettext("Địa chỉ họp trực tuyến"),
        description=lazy_gettext("Bắt đầu bằng https://. Không bắt buộc."),
    )
    agenda = ProseField(
        lazy_gettext("Chương trình"),
        default="",
        description=lazy_gettext("Mỗi dòng: giờ | nội dung | người trình bày. Không bắt buộc."),
    )
    guests = SelectMultipleField(lazy_gettext("Thành phần mời"), validate_choice=False)
    reason = ProseField(
        lazy_gettext("Lý do thay đổi"),
        default="",
        description=lazy_gettext("Người được mời đọc thấy lý do này."),
    )
    confirm_clash = BooleanField(
        lazy_gettext("Vẫn giữ: tôi biết là trùng, việc này được ghi lại.")
    )

    def offer(self, chairs: Sequence[tuple[str, str]], units: Sequence[tuple[str, str]]) -> None:
        """Fill the lists of choices."""
        self.chair_id.choices = list(chairs)
        self.unit_id.choices = [("", say(_l("Cả cơ quan"))), *units]

    @classmethod
    def of(cls, plan: MeetingPlan, invitees: Sequence[Invitee], version: int) -> "MeetingForm":
        """Return the form that shows a plan."""
        starts, ends, reply = (local(at) for at in (plan.starts_at, plan.ends_at, plan.reply_by))
        return cls(
            data={
                "version": str(version),
                "title": plan.title,
                "chair_id": plan.chair_id,
                "unit_id": plan.unit_id or "",
                "starts_on": starts.date(),
                "starts_time": f"{starts:%H:%M}",
                "ends_time": f"{ends:%H:%M}",
                "reply_on": reply.date(),
                "reply_time": f"{reply:%H:%M}",
                "place": plan.place,
                "room": plan.room,
                "link": plan.link,
                "agenda": "\n".join(_agenda_lines(plan.agenda)),
                "guests": [guest_value(each.guest) for each in invitees],
            }
        )

    @property
    def seen_version(self) -> int:
        """Return the version the person worked on; -1, which is never current, when garbled."""
        text = self.version.data or ""
        is_number = text.isascii() and text.isdecimal() and len(text) <= 9
        return int(text) if is_number else -1

    def plan(self, agency_id: AgencyId) -> MeetingPlan:
        """Return what was typed.

        Raises:
            InvalidInputError: a day or a time is missing or none.
        """
        return MeetingPlan(
            agency_id=agency_id,
            title=self.title.data or "",
            chair_id=PersonId(self.chair_id.data or ""),
            unit_id=UnitId(self.unit_id.data) if self.unit_id.data else None,
            starts_at=_moment(self.starts_on.data, self.starts_time.data, "starts_on"),
            ends_at=_moment(self.starts_on.data, self.ends_time.data, "ends_time"),
            reply_by=_moment(self.reply_on.data, self.reply_time.data, "reply_on"),
            place=self.place.data or "",
            room=self.room.data or "",
            link=(self.link.data or "").strip(),
            agenda=tuple(_agenda(self.agenda.data or "")),
        )

    def chosen_guests(self) -> list[Guest]:
        """Return who is invited.

        Raises:
            InvalidInputError: a value that is nobody.
        """
        return [read_guest(value) for value in self.guests.data or ()]


class ReplyForm(Form):
    """Ask whether somebody comes."""

    answer = SelectField(lazy_gettext("Trả lời"), validate_choice=False)
    substitute_id = SelectField(lazy_gettext("Người dự thay trong cơ quan"), validate_choice=False)
    substitute_name = LineField(
        lazy_gettext("hoặc họ tên người dự thay"),
        description=lazy_gettext("Khi cử người dự thay."),
    )
    substitute_title = LineField(lazy_gettext("Chức vụ"))
    substitute_phone = LineField(lazy_gettext("Điện thoại"))
    reason = ProseField(
        lazy_gettext("Lý do"), default="", description=lazy_gettext("Bắt buộc khi vắng.")
    )
    confirm_clash = BooleanField(
        lazy_gettext("Vẫn giữ: tôi biết là trùng, việc này được ghi lại.")
    )

    def offer(self, people: Sequence[tuple[str, str]]) -> None:
        """Fill the lists of choices."""
        self.answer.choices = [(each.value, say(ANSWERS[each][0])) for each in Answer]
        self.substitute_id.choices = [("", say(_l("Không có trong danh sách"))), *people]

    @classmethod
    def of(cls, invitee: Invitee) -> "ReplyForm":
        """Return the form that shows the answer there is; its names begin with the invitee."""
        reply = invitee.reply
        if reply is None:
            return cls(prefix=invitee.id)
        who = reply.substitute
        return cls(
            prefix=invitee.id,
            data={
                "answer": reply.answer.value,
                "reason": reply.reason,
                "substitute_id": who.person_id or "" if who else "",
                "substitute_name": who.name if who and not who.person_id else "",
                "substitute_title": who.title if who else "",
                "substitute_phone": who.phone if who else "",
            },
        )

    def chosen(self) -> Answer:
        """Return the answer.

        Raises:
            InvalidInputError: none was chosen, or there is no such answer.
        """
        try:
            return Answer(self.answer.data or "")
        except ValueError as error:
            raise InvalidInputError(
                "no answer", code=ErrorCode.INPUT_MISSING, field="answer"
            ) from error

    def substitute(self, names: Mapping[str, tuple[str, str]]) -> Substitute | None:
        """Return who comes instead.

        Args:
            names: name and title of those the list offers, by id.
        """
        person_id = self.substitute_id.data or ""
        phone = self.substitute_phone.data or ""
        if person_id in names:
            name, title = names[person_id]
            return Substitute(name=name, title=title, phone=phone, person_id=PersonId(person_id))
        name = self.substitute_name.data or ""
        return Substitute(name=name, title=self.substitute_title.data or "", phone=phone)


class CancelForm(Form):
    """Ask why a meeting does not take place."""

    reason = ProseField(lazy_gettext("Lý do"), default="")


class MinutesForm(Form):
    """Ask what came of a meeting."""

    minutes = ProseField(lazy_gettext("Diễn biến cuộc họp"), default="")
    conclusions = ProseField(
        lazy_gettext("Kết luận"),
        default="",
        description=lazy_gettext(
            "Mỗi đoạn một dòng. Câu “Giao … chủ trì, phối hợp với … trước ngày …” thành một nhiệm "
            "vụ sau khi thông báo kết luận được phát hành."
        ),
    )
    present = SelectMultipleField(lazy_gettext("Có mặt"), validate_choice=False)
    confirm_empty = BooleanField(lazy_gettext("Không ai có mặt: tôi xác nhận."))


class PaperForm(Form):
    """Ask for a paper: a document of the agency by its symbol, or a file."""

    symbol = LineField(
        lazy_gettext("Số, ký hiệu văn bản của cơ quan"),
        description=lazy_gettext("Văn bản đã phát hành, ví dụ: 12/BC-SNV."),
    )
    title = LineField(lazy_gettext("hoặc tên tài liệu"))
    file = FileField(lazy_gettext("và tệp PDF"))


def guest_value(guest: Guest) -> str:
    """Return a guest as a form sends it."""
    if guest.person_id is not None:
        return f"person:{guest.agency_id}:{guest.person_id}"
    if guest.unit_id is not None:
        return f"unit:{guest.agency_id}:{guest.unit_id}"
    return f"agency:{guest.agency_id}:"


def read_guest(value: str) -> Guest:
    """Return the guest a form sent.

    Raises:
        InvalidInputError: it is none.
    """
    party = read_party(value, "guests")
    return Guest(agency_id=party.agency_id, unit_id=party.unit_id, person_id=party.person_id)


def read_orders(form: "ImmutableMultiDict[str, str]", count: int) -> list[Order]:
    """Return the orders whoever gives them has ticked, in their order, and one more if typed.

    Args:
        count: how many the page proposed; the row after them is for what was not read.

    Raises:
        InvalidInputError: no lead or two, or a day that is none; `params["order"]` is its place.
    """
    return [order for place in range(count + 1) if (order := _read_order(form, place)) is not None]


@contextmanager
def numbered_by_card(form: "ImmutableMultiDict[str, str]", count: int) -> Iterator[None]:
    """Make a refusal of one of the ticked orders name its card on the page.

    Raises:
        InvalidInputError: the refusal; `params["order"]` is the number of the card.
    """
    try:
        yield
    except InvalidInputError as error:
        if "order" in error.params:
            cards = [place for place in range(count + 1) if form.get(f"take_{place}")]
            error.params["order"] = str(cards[int(error.params["order"]) - 1] + 1)
        raise


def _read_order(form: "ImmutableMultiDict[str, str]", place: int) -> Order | None:
    if not form.get(f"take_{place}"):
        return None
    try:
        return Order(
            content=form.get(f"content_{place}", ""),
            lead=one_lead(
                [read_party(each, "lead") for each in form.getlist(f"lead_{place}") if each]
            ),
            cooperators=tuple(
                read_party(each, "cooperators") for each in form.getlist(f"others_{place}")
            ),
            due_on=_day(form.get(f"due_{place}", "")),
            no_deadline=bool(form.get(f"none_{place}")),
            quoted=quoted_of(form.get(f"quoted_{place}", "")),
        )
    except InvalidInputError as error:
        error.params["order"] = str(place + 1)
        raise


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    day = read_day(text)
    if day is None:
        raise InvalidInputError("no day", field="due_on")
    return day


def _moment(day: date | None, text: str | None, field: str) -> datetime:
    if day is None:
        raise InvalidInputError("no day", code=ErrorCode.INPUT_MISSING, field=field)
    try:
        at = time.fromisoformat((text or "").strip().replace("h", ":").replace("g", ":"))
    except ValueError as error:
        raise InvalidInputError("no time", field=field) from error
    return datetime.combine(day, at.replace(tzinfo=None), VIETNAM)


def _agenda(text: str) -> Iterator[AgendaItem]:
    for line in filter(str.strip, text.splitlines()):
        parts = [part.strip() for part in line.split(_SEPARATOR)]
        if len(parts) == 1:
            yield AgendaItem(content=parts[0])
        else:
            yield AgendaItem(
                time=parts[0], content=parts[1], presenter=" | ".join(parts[2:]).strip()
            )


def _agenda_lines(agenda: Sequence[AgendaItem]) -> Iterator[str]:
    for item in agenda:
        if item.time or item.presenter:
            yield f" {_SEPARATOR} ".join((item.time, item.content, item.presenter))
        else:
            yield item.content
