"""Read what people type; what it means is checked by the use cases, not here."""

from collections.abc import Sequence
from datetime import date

from wtforms import (
    BooleanField,
    DateField,
    Field,
    FileField,
    Form,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from engine.errors import ErrorCode, TrinhKyError
from engine.model.document import Circulation, DraftContent, InvitationContent
from engine.model.kinds import DocumentKind
from engine.model.organisation import AgencyId, FieldId, PersonId
from engine.model.urgency import Urgency
from engine.text import nfc
from webui.days import read_day
from webui.errors import error_sentence, log_error, status_of
from webui.i18n import lazy_gettext, say
from webui.i18n import mark as _l
from webui.pasting import clean_paste, list_unusable
from webui.words import CIRCULATIONS, URGENCIES

#: What the person may say of a text; any but the first refuses it.
CLASSIFICATIONS = ("", "Mật", "Tối mật", "Tuyệt mật")

#: Fields an error of this code belongs to when it names none itself.
_FIELDS_BY_CODE = {
    ErrorCode.DOCUMENT_CLASSIFIED: "classification",
    ErrorCode.RECIPIENT_MISSING: "recipients",
    ErrorCode.RECIPIENT_UNKNOWN: "recipients",
    ErrorCode.AUTHORITY_MISSING: "signatory_id",
    ErrorCode.AUTHORITY_FIELD: "signatory_id",
    ErrorCode.AUTHORITY_NOBODY: "field_id",
    ErrorCode.FIELD_UNKNOWN: "field_id",
    ErrorCode.PIN_REJECTED: "pin",
    ErrorCode.REASON_MISSING: "reason",
    ErrorCode.PROCESS_RETURN: "to",
    ErrorCode.UPLOAD_NOT_PDF: "file",
    ErrorCode.UPLOAD_ACTIVE: "file",
    ErrorCode.UPLOAD_SIGNED: "file",
    ErrorCode.ATTACHMENT_LIMIT: "file",
    ErrorCode.UPLOAD_ENCRYPTED: "file",
    ErrorCode.UPLOAD_UNREADABLE: "file",
    ErrorCode.UPLOAD_TOO_LARGE: "file",
}


#: What is refused under another name than that of its field: the layout names what it prints,
#: and of words several forms have, whose it is.
_LAYOUT_FIELDS = {"paragraphs": "body", "meeting_title": "title", "entry_content": "content"}


class DayField(DateField):
    """Read a day as browsers send it, or as people write it."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Keep the day, or an error in the reader's language."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        self.data = read_day(text)
        if self.data is None:
            self.errors = [str(lazy_gettext("Hãy ghi ngày như 31/12/2026."))]


class CountField(IntegerField):
    """Read a whole number that may be left out: browsers send an empty box as empty text."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the number, None for nothing."""
        if valuelist and not valuelist[0].strip():
            self.data = None
            return
        super().process_formdata(valuelist)


class LineField(StringField):
    """Read one line, without what a word processor adds to it."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Clean what is typed or pasted before anything else reads it."""
        if valuelist:
            self.data = clean_paste(valuelist[0])


class ProseField(TextAreaField):
    """Read lines of text, without what a word processor adds to them."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Clean what is typed or pasted before anything else reads it."""
        if valuelist:
            self.data = clean_paste(valuelist[0])


class PinField(PasswordField):
    """Read a PIN, without the spaces that come with pasting."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Strip what surrounds it; no PIN begins or ends with a space."""
        if valuelist:
            self.data = valuelist[0].strip()


class SignInForm(Form):
    """Ask who is there."""

    login = StringField(lazy_gettext("Tên đăng nhập"))
    password = PasswordField(lazy_gettext("Mật khẩu"))
    next = HiddenField()


class DraftForm(Form):
    """Ask for everything a draft holds."""

    version = HiddenField()
    subject = LineField(
        lazy_gettext("Trích yếu"),
        description=lazy_gettext("Tóm tắt nội dung trong một câu, không ghi chữ V/v."),
    )
    invitees = ProseField(
        lazy_gettext("Thành phần mời"), description=lazy_gettext("Mỗi thành phần một dòng.")
    )
    chair = LineField(
        lazy_gettext("Chủ trì"), description=lazy_gettext("Để trống nếu là lãnh đạo cơ quan.")
    )
    time = LineField(
        lazy_gettext("Thời gian"),
        description=lazy_gettext("Ví dụ: 08 giờ 00, thứ Hai, ngày 30/11/2026."),
    )
    place = LineField(lazy_gettext("Địa điểm"))
    reply_by = LineField(
        lazy_gettext("Xác nhận tham dự"), description=lazy_gettext("Không bắt buộc.")
    )
    body = ProseField(
        lazy_gettext("Nội dung"),
        description=lazy_gettext("Mỗi đoạn một dòng; hệ thống tự dàn trang."),
    )
    recipients = SelectMultipleField(lazy_gettext("Nơi nhận"), validate_choice=False)
    field_id = SelectField(
        lazy_gettext("Lĩnh vực"),
        validate_choice=False,
        description=lazy_gettext("Người ký phải được phân công ký lĩnh vực này."),
    )
    signatory_id = SelectField(lazy_gettext("Người ký"), validate_choice=False)
    urgency = SelectField(lazy_gettext("Độ khẩn"), validate_choice=False)
    circulation = SelectField(
        lazy_gettext("Phạm vi lưu hành"),
        validate_choice=False,
        description=lazy_gettext("In dưới số, ký hiệu; thư điện tử không nêu trích yếu."),
    )
    classification = SelectField(
        lazy_gettext("Độ mật"),
        validate_choice=False,
        description=lazy_gettext("Văn bản mật không được soạn trên hệ thống này."),
    )

    def offer(
        self,
        signatories: Sequence[tuple[str, str]],
        work_fields: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Fill the lists of choices; an agency without fields of work is not asked for one."""
        self.signatory_id.choices = list(signatories)
        self.field_id.choices = [("", str(lazy_gettext("Không chọn"))), *work_fields]
        self.urgency.choices = [(each.value, say(URGENCIES[each])) for each in Urgency]
        self.circulation.choices = [(each.value, say(CIRCULATIONS[each])) for each in Circulation]
        plain = str(lazy_gettext("Không"))
        self.classification.choices = [(each, each or plain) for each in CLASSIFICATIONS]
        if not self.signatory_id.data and signatories:
            self.signatory_id.data = signatories[0][0]

    @classmethod
    def of(cls, content: DraftContent, version: int) -> "DraftForm":
        """Return the form that shows a stored draft."""
        return cls(
            data={
                "version": str(version),
                "subject": content.subject,
                "body": content.body,
                "recipients": list(content.recipients),
                "signatory_id": content.signatory_id or "",
                "field_id": content.field_id or "",
                "urgency": content.urgency.value,
                "circulation": content.circulation.value,
                "invitees": content.invitation.invitees,
                "chair": content.invitation.chair,
                "time": content.invitation.time,
                "place": content.invitation.place,
                "reply_by": content.invitation.reply_by,
            }
        )

    @property
    def seen_version(self) -> int:
        """Return the version the person worked on; -1, which is never current, when garbled."""
        text = self.version.data or ""
        is_number = text.isascii() and text.isdecimal() and len(text) <= 9
        return int(text) if is_number else -1

    @property
    def degree(self) -> str:
        """Return the degree of secrecy chosen; an unknown one counts as chosen."""
        return nfc(self.classification.data or "").strip()

    def content(self, kind: DocumentKind) -> DraftContent:
        """Return what was typed, as typed."""
        return DraftContent(
            kind=kind,
            subject=self.subject.data or "",
            body=self.body.data or "",
            recipients=tuple(AgencyId(each) for each in self.recipients.data or ()),
            urgency=_urgency(self.urgency.data),
            circulation=_circulation(self.circulation.data),
            signatory_id=PersonId(self.signatory_id.data) if self.signatory_id.data else None,
            field_id=FieldId(self.field_id.data) if self.field_id.data else None,
            invitation=InvitationContent(
                invitees=self.invitees.data or "",
                chair=self.chair.data or "",
                time=self.time.data or "",
                place=self.place.data or "",
                reply_by=self.reply_by.data or "",
            ),
        )


class OpinionForm(Form):
    """Ask for an opinion that may be left out."""

    comment = ProseField(
        lazy_gettext("Ý kiến"), description=lazy_gettext("Không bắt buộc."), default=""
    )


class ReasonForm(Form):
    """Ask why something is sent back or refused."""

    reason = ProseField(lazy_gettext("Lý do"), default="")


class SignForm(Form):
    """Ask for the PIN of a person's key."""

    pin = PinField(lazy_gettext("Mã PIN khóa ký cá nhân"))


class SealForm(Form):
    """Ask for the PIN of the agency's key."""

    pin = PinField(lazy_gettext("Mã PIN khóa của cơ quan"))


class PresentForm(Form):
    """Ask which leader directs."""

    leader_id = SelectField(lazy_gettext("Lãnh đạo"), validate_choice=False)


class DirectForm(Form):
    """Ask for a direction, one lead, who co-operates, and a deadline or none on purpose."""

    direction = ProseField(lazy_gettext("Ý kiến chỉ đạo (bút phê)"), default="")
    handler_id = SelectField(
        lazy_gettext("Chủ trì xử lý"),
        validate_choice=False,
        description=lazy_gettext("Một đơn vị hoặc một người."),
    )
    cooperators = SelectMultipleField(lazy_gettext("Phối hợp"), validate_choice=False)
    due_on = DayField(lazy_gettext("Hạn xử lý"))
    no_deadline = BooleanField(lazy_gettext("Không hạn"))

    def deadline(self) -> date | None:
        """Return the last day; None when there is none on purpose."""
        return None if self.no_deadline.data else self.due_on.data

    def is_decided(self) -> bool:
        """Tell whether a deadline, or none on purpose, was chosen."""
        if self.due_on.errors:
            return False
        if self.due_on.data is None and not self.no_deadline.data:
            self.due_on.errors = [str(lazy_gettext("Hãy chọn ngày hoặc đánh dấu “Không hạn”."))]
            return False
        return True


class ResultForm(Form):
    """Ask what came of it."""

    result = ProseField(lazy_gettext("Kết quả xử lý"), default="")


class UploadForm(Form):
    """Ask for a file to judge."""

    file = FileField(lazy_gettext("Tệp PDF"))


def add_error(form: Form, error: TrinhKyError) -> list[str]:
    """Put an error beside the field it belongs to; return it where it belongs to none."""
    field = _field_of(form, error)
    sentence = typed_error_sentence(form, error)
    if field is None:
        return [sentence]
    field.errors = [*field.errors, sentence]
    return []


def note_refusal(form: Form, error: TrinhKyError) -> tuple[list[str], int]:
    """Log a refusal and put it beside its field.

    Returns:
        What belongs to no field, with the reference number of the log line; and the status.
    """
    status = status_of(error)
    reference = log_error(error, status)
    messages = add_error(form, error)
    if messages:
        messages.append(say(_l("Số tham chiếu: %(reference)s"), reference=reference))
    return messages, status


def typed_error_sentence(form: Form, error: TrinhKyError) -> str:
    """Return what went wrong; of unusable characters also which, as the reader must find them."""
    field = _field_of(form, error)
    if error.code is ErrorCode.TEXT_FORBIDDEN and field and "characters" not in error.params:
        error.params["characters"] = "".join(list_unusable(field.data or ""))
    return error_sentence(error)


def _field_of(form: Form, error: TrinhKyError) -> Field | None:
    named = error.params.get("field", "").removeprefix("invitation.")
    name = _LAYOUT_FIELDS.get(named, named) or _FIELDS_BY_CODE.get(error.code, "")
    field: Field | None = form._fields.get(name)
    return field


def _circulation(text: str | None) -> Circulation:
    """Return the limit chosen; an unknown one limits."""
    return Circulation.INTERNAL if text else Circulation.OPEN


def _urgency(text: str | None) -> Urgency:
    try:
        return Urgency(text or Urgency.NORMAL)
    except ValueError:
        return Urgency.NORMAL
