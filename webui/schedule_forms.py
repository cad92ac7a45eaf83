"""Hold the forms of work schedules."""

import re
from collections.abc import Sequence
from datetime import date, time

from wtforms import BooleanField, Form, HiddenField, SelectField, SelectMultipleField, StringField

from engine.errors import ErrorCode, InvalidInputError
from engine.model.organisation import PersonId
from engine.model.schedule import (
    WorkSchedule,
)
from engine.model.schedule_entries import (
    DayPart,
    EntryText,
)
from webui.days import read_day
from webui.forms import DayField, LineField, ProseField
from webui.i18n import lazy_gettext, say
from webui.schedule_words import PARTS, day_name

#: `07:30`, `7h30`, `7h`, `7 giờ 30`, as browsers send it or people write it.
_TIME = re.compile(r"(\d{1,2})(?:\s*(?:[:.h]|giờ)\s*(\d{2})?)?", re.IGNORECASE)


class TimeField(StringField):
    """Read a time of the day as browsers send it, or as people write it."""

    moment: time | None = None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Keep the time, or an error in the reader's language."""
        text = valuelist[0].strip() if valuelist else ""
        self.data, self.moment = text, None
        if not text:
            return
        found = _TIME.fullmatch(text)
        try:
            self.moment = time(int(found[1]), int(found[2] or 0)) if found else None
        except ValueError:
            self.moment = None
        if self.moment is None:
            self.errors = [str(lazy_gettext("Hãy ghi giờ như 07:30."))]

    def read(self) -> time | None:
        """Return the time, None when none was given.

        Raises:
            InvalidInputError: what was typed is no time.
        """
        if self.data and self.moment is None:
            raise InvalidInputError(f"{self.data!r} is no time", field=self.short_name)
        return self.moment


class EntryForm(Form):
    """Ask for one line of a schedule.

    Args:
        seen: digest of the line as it was when the form was opened; "" for a new one.
    """

    seen = HiddenField()
    day = SelectField(lazy_gettext("Ngày"), validate_choice=False)
    part = SelectField(
        lazy_gettext("Buổi"),
        validate_choice=False,
        description=lazy_gettext("Có giờ bắt đầu thì buổi theo giờ."),
    )
    starts_at = TimeField(lazy_gettext("Bắt đầu lúc"))
    ends_at = TimeField(lazy_gettext("Kết thúc lúc"))
    content = ProseField(lazy_gettext("Nội dung"))
    leader_ids = SelectMultipleField(lazy_gettext("Lãnh đạo tham gia"), validate_choice=False)
    chair = LineField(lazy_gettext("Chủ trì"))
    participants = LineField(lazy_gettext("Thành phần"))
    place = LineField(lazy_gettext("Địa điểm"))
    preparing = LineField(lazy_gettext("Đơn vị chuẩn bị"))
    vehicle = LineField(lazy_gettext("Xe"))
    is_private = BooleanField(
        lazy_gettext("Việc riêng: chỉ lãnh đạo liên quan và người nhập thấy, không công bố")
    )

    def offer(self, schedule: WorkSchedule) -> None:
        """Fill the lists of choices."""
        self.day.choices = [(each.isoformat(), day_name(each)) for each in schedule.days]
        self.part.choices = [(each.value, say(PARTS[each])) for each in DayPart]

    @classmethod
    def of(cls, text: EntryText) -> "EntryForm":
        """Return the form that shows a line as it is."""
        return cls(
            data={
                "seen": text.digest,
                "day": text.day.isoformat(),
                "part": text.part.value,
                "starts_at": _shown(text.starts_at),
                "ends_at": _shown(text.ends_at),
                "content": text.content,
                "leader_ids": list(text.leader_ids),
                "chair": text.chair,
                "participants": text.participants,
                "place": text.place,
                "preparing": text.preparing,
                "vehicle": text.vehicle,
                "is_private": text.is_private,
            }
        )

    def read(self) -> EntryText:
        """Return what was typed.

        Raises:
            InvalidInputError: the day or a time is none.
        """
        return EntryText(
            day=self._day(),
            part=DayPart(self.part.data) if self.part.data in list(DayPart) else DayPart.MORNING,
            content=self.content.data or "",
            leader_ids=tuple(PersonId(each) for each in self.leader_ids.data or ()),
            starts_at=self.starts_at.read(),
            ends_at=self.ends_at.read(),
            chair=self.chair.data or "",
            participants=self.participants.data or "",
            place=self.place.data or "",
            preparing=self.preparing.data or "",
            vehicle=self.vehicle.data or "",
            is_private=bool(self.is_private.data),
        )

    def _day(self) -> date:
        day = read_day(self.day.data)
        if day is None:
            raise InvalidInputError("no day", code=ErrorCode.INPUT_MISSING, field="day")
        return day


class SubmitForm(Form):
    """Ask what the office has seen before the week goes to the leaders."""

    confirmed = SelectMultipleField(validate_choice=False)
    to_city = BooleanField(
        lazy_gettext("Công khai với các cơ quan trong thành phố sau khi công bố")
    )


class WeekForm(Form):
    """Ask which week is to be opened."""

    agency = SelectField(lazy_gettext("Cơ quan"), validate_choice=False)
    week = DayField(
        lazy_gettext("Tuần có ngày"), description=lazy_gettext("Một ngày bất kỳ trong tuần.")
    )

    def day(self) -> date:
        """Return a day of the week.

        Raises:
            InvalidInputError: none was given.
        """
        chosen: date | None = self.week.data
        if chosen is None:
            raise InvalidInputError("no week", code=ErrorCode.INPUT_MISSING, field="week")
        return chosen


class FeedForm(Form):
    """Ask whose week an address gives."""

    leader = SelectField(lazy_gettext("Lịch của"), validate_choice=False)


def _shown(moment: time | None) -> str:
    return f"{moment:%H:%M}" if moment else ""
