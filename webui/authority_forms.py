"""Read what people give on the pages about authority and delegation."""

from collections.abc import Collection, Sequence
from datetime import date

from wtforms import Form, SelectField, SelectMultipleField

from engine.errors import ErrorCode, InvalidInputError
from engine.model.kinds import COMPOSABLE_KINDS, DocumentKind
from engine.model.organisation import AuthorityForm, FieldId, PersonId, PostId, Power
from webui.authority_words import FORMS, POWERS
from webui.forms import DayField, LineField, ProseField
from webui.i18n import lazy_gettext, say
from webui.words import KINDS
from workflows.authority.delegate import DelegationTerms
from workflows.authority.keep_authority import SigningTerms

Choices = Sequence[tuple[str, str]]


class DelegationForm(Form):
    """Ask what is left to whom, and for which days."""

    post_id = SelectField(lazy_gettext("Việc của chức vụ"), validate_choice=False)
    delegate_id = SelectField(lazy_gettext("Người nhận ủy quyền"), validate_choice=False)
    since = DayField(lazy_gettext("Từ ngày"))
    until = DayField(lazy_gettext("Đến hết ngày"))
    powers = SelectMultipleField(lazy_gettext("Quyền được giao"), validate_choice=False)
    kinds = SelectMultipleField(
        lazy_gettext("Loại văn bản"),
        validate_choice=False,
        description=lazy_gettext("Không chọn là mọi loại."),
    )
    basis = LineField(
        lazy_gettext("Căn cứ"),
        description=lazy_gettext("Ví dụ: Quyết định cử đi công tác số 12/QĐ-SNV. Không bắt buộc."),
        default="",
    )

    def offer(self, posts: Choices, delegates: Choices, powers: Collection[Power]) -> None:
        """Fill the lists of choices.

        Args:
            powers: those that some post of the person has.
        """
        self.post_id.choices = list(posts)
        self.delegate_id.choices = [("", str(lazy_gettext("Hãy chọn"))), *delegates]
        self.powers.choices = [
            (power.value, say(word)) for power, word in POWERS.items() if power in powers
        ]
        self.kinds.choices = _kind_choices()

    def terms(self) -> DelegationTerms:
        """Return what was chosen.

        Raises:
            InvalidInputError: a day or the delegate is missing, or a power there is not.
        """
        if not self.delegate_id.data:
            raise _missing("delegate_id")
        unknown = set(self.powers.data or ()) - set(Power)
        if unknown:
            raise InvalidInputError(f"powers {unknown}", field="powers")
        return DelegationTerms(
            post_id=PostId(self.post_id.data or ""),
            delegate_id=PersonId(self.delegate_id.data),
            powers=frozenset(map(Power, self.powers.data or ())),
            kinds=frozenset(map(DocumentKind, self.kinds.data or ())),
            since=_day(self.since, "since"),
            until=_day(self.until, "until"),
            basis=self.basis.data or "",
        )


class AuthorityAddForm(Form):
    """Ask for a right to sign."""

    post_id = SelectField(lazy_gettext("Người ký"), validate_choice=False)
    signing_form = SelectField(lazy_gettext("Hình thức ký"), validate_choice=False)
    lines = ProseField(
        lazy_gettext("Dòng in trên chữ ký"),
        description=lazy_gettext(
            "Mỗi dòng một dòng in; để trống thì hệ thống ghi theo hình thức."
        ),
        default="",
    )
    kinds = SelectMultipleField(
        lazy_gettext("Loại văn bản"),
        validate_choice=False,
        description=lazy_gettext("Không chọn là mọi loại."),
    )
    fields = SelectMultipleField(
        lazy_gettext("Lĩnh vực"),
        validate_choice=False,
        description=lazy_gettext("Không chọn là mọi lĩnh vực."),
    )
    basis = LineField(lazy_gettext("Văn bản làm căn cứ"), default="")
    since = DayField(lazy_gettext("Từ ngày"))
    until = DayField(
        lazy_gettext("Đến hết ngày"),
        description=lazy_gettext("Bắt buộc với TUQ.; để trống nếu chưa định ngày kết thúc."),
    )

    def offer(self, posts: Choices, fields: Choices) -> None:
        """Fill the lists of choices."""
        self.post_id.choices = list(posts)
        self.signing_form.choices = [(form.value, say(word)) for form, word in FORMS.items()]
        self.kinds.choices = _kind_choices()
        self.fields.choices = list(fields)

    def terms(self) -> SigningTerms:
        """Return what was chosen.

        Raises:
            InvalidInputError: no first day, or no such form.
        """
        chosen = self.signing_form.data or ""
        if chosen not in list(AuthorityForm):
            raise InvalidInputError(f"form {chosen!r}", field="signing_form")
        if self.until.errors:
            raise InvalidInputError("no day", field="until")
        return SigningTerms(
            post_id=PostId(self.post_id.data or ""),
            form=AuthorityForm(chosen),
            since=_day(self.since, "since"),
            until=self.until.data,
            basis=self.basis.data or "",
            lines=(self.lines.data or "").splitlines(),
            kinds=frozenset(map(DocumentKind, self.kinds.data or ())),
            fields=frozenset(map(FieldId, self.fields.data or ())),
        )


class AuthorityEndForm(Form):
    """Ask for the last day of a right to sign."""

    until = DayField(
        lazy_gettext("Ngày cuối"),
        description=lazy_gettext("Ghi ngày hôm qua thì thẩm quyền hết ngay."),
    )

    def day(self) -> date:
        """Return the day.

        Raises:
            InvalidInputError: none was given.
        """
        return _day(self.until, "until")


class FieldForm(Form):
    """Ask for the name of a field of work."""

    name = LineField(lazy_gettext("Tên lĩnh vực"), default="")


def _kind_choices() -> list[tuple[str, str]]:
    return [(kind, say(KINDS[kind])) for kind in COMPOSABLE_KINDS]


def _day(field: DayField, name: str) -> date:
    if field.data is None:
        raise _missing(name)
    day: date = field.data
    return day


def _missing(name: str) -> InvalidInputError:
    return InvalidInputError(f"no {name}", code=ErrorCode.INPUT_MISSING, field=name)
