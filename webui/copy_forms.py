"""Hold the forms of attachments and certified copies."""

from datetime import date

from wtforms import FileField, Form, SelectField

from engine.errors import ErrorCode, InvalidInputError
from engine.model.copy import CertifiedCopy, CopyForm, PaperOriginal
from webui.copy_words import FORM_HINTS, FORMS
from webui.forms import DayField, LineField
from webui.i18n import lazy_gettext, say


class AttachmentForm(Form):
    """Ask for a file that goes out with a draft."""

    title = LineField(
        lazy_gettext("Tên tệp đính kèm"), description=lazy_gettext("Ví dụ: Phụ lục I. Số liệu.")
    )
    file = FileField(
        lazy_gettext("Tệp PDF"),
        description=lazy_gettext(
            "Tối đa 25 MB. Tệp đã có chữ ký số được gửi nguyên bản; tệp khác được cơ quan ký số "
            "cùng lúc đóng dấu văn bản."
        ),
    )


class CopyRequestForm(Form):
    """Ask for the scan, and what the paper is."""

    agency = SelectField(lazy_gettext("Cơ quan sao"), validate_choice=False)
    form = SelectField(lazy_gettext("Hình thức sao"), validate_choice=False)
    kind = LineField(
        lazy_gettext("Tên loại văn bản"), description=lazy_gettext("Ví dụ: Quyết định.")
    )
    symbol = LineField(
        lazy_gettext("Số, ký hiệu"), description=lazy_gettext("Như in trên bản giấy.")
    )
    dated_on = DayField(lazy_gettext("Ngày văn bản"))
    issuer = LineField(lazy_gettext("Cơ quan ban hành"))
    subject = LineField(lazy_gettext("Trích yếu"))
    pages = LineField(
        lazy_gettext("Trang được trích"),
        description=lazy_gettext("Chỉ dùng cho trích sao. Ví dụ: 1-2, 5."),
    )
    file = FileField(
        lazy_gettext("Tệp PDF"),
        description=lazy_gettext("Bản quét màu, từ 200 dpi, đúng tỷ lệ gốc (1:1), tối đa 25 MB."),
    )

    def offer(self, agencies: list[tuple[str, str]]) -> None:
        """Fill the lists of choices."""
        self.agency.choices = list(agencies)
        self.form.choices = [
            (each.value, f"{say(FORMS[each])}: {say(FORM_HINTS[each])}") for each in CopyForm
        ]

    @classmethod
    def of(cls, copy: CertifiedCopy) -> "CopyRequestForm":
        """Return the form that shows a request that came back."""
        original = copy.original
        return cls(
            data={
                "agency": copy.agency_id,
                "form": copy.form.value,
                "kind": original.kind,
                "symbol": original.symbol,
                "dated_on": original.dated_on,
                "issuer": original.issuer,
                "subject": original.subject,
                "pages": copy.pages,
            }
        )

    def chosen(self) -> CopyForm:
        """Return the form of copy.

        Raises:
            InvalidInputError: none was chosen, or there is no such form.
        """
        try:
            return CopyForm(self.form.data or "")
        except ValueError as error:
            raise InvalidInputError("no form of copy", field="form") from error

    def original(self) -> PaperOriginal:
        """Return what was said of the paper, as typed.

        Raises:
            InvalidInputError: the date is missing or no date.
        """
        day: date | None = self.dated_on.data
        if day is None:
            raise InvalidInputError("no date", code=ErrorCode.INPUT_MISSING, field="dated_on")
        return PaperOriginal(
            kind=self.kind.data or "",
            symbol=self.symbol.data or "",
            dated_on=day,
            issuer=self.issuer.data or "",
            subject=self.subject.data or "",
        )
