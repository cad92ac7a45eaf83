"""Put certified copies and attachments into words."""

from collections.abc import Mapping

from engine.model.attachment import AttachmentKind
from engine.model.copy import CopyForm, CopyStatus, ScanWarning
from webui.i18n import mark as _l
from webui.i18n import say

FORMS: Mapping[CopyForm, str] = {
    CopyForm.TRUE_COPY: _l("Sao y"),
    CopyForm.COPY_OF_COPY: _l("Sao lục"),
    CopyForm.EXTRACT: _l("Trích sao"),
}

#: What each form is made from, for those who choose one.
FORM_HINTS: Mapping[CopyForm, str] = {
    CopyForm.TRUE_COPY: _l("Chép đầy đủ, từ bản gốc hoặc bản chính bằng giấy."),
    CopyForm.COPY_OF_COPY: _l("Chép đầy đủ, từ một bản sao y."),
    CopyForm.EXTRACT: _l("Chỉ chép một phần, từ bản gốc hoặc bản chính."),
}

#: Word and colour of a stage.
STATUSES: Mapping[CopyStatus, tuple[str, str]] = {
    CopyStatus.AWAITING_APPROVAL: (_l("Chờ lãnh đạo duyệt"), "wait"),
    CopyStatus.RETURNED: (_l("Bị trả lại"), "bad"),
    CopyStatus.APPROVED: (_l("Đã duyệt, chờ văn thư ký số"), "wait"),
    CopyStatus.CERTIFIED: (_l("Đã cấp bản sao"), "good"),
    CopyStatus.WITHDRAWN: (_l("Đã rút đề nghị"), ""),
}

WARNINGS: Mapping[ScanWarning, str] = {
    ScanWarning.OLD_PDF: _l("Tệp quét theo định dạng PDF cũ hơn 1.4."),
    ScanWarning.NOT_COLOUR: _l("Có trang không quét màu."),
    ScanWarning.LOW_RESOLUTION: _l("Có trang quét dưới 200 dpi."),
    ScanWarning.ODD_SIZE: _l(
        "Có trang không đúng khổ A3, A4 hoặc A5: phải quét đúng tỷ lệ gốc (1:1)."
    ),
    ScanWarning.NO_IMAGE: _l("Có trang không chứa hình ảnh quét."),
}

#: How a file beside a document goes out.
ATTACHMENTS: Mapping[AttachmentKind, str] = {
    AttachmentKind.ENCLOSURE: _l("Cơ quan ký số"),
    AttachmentKind.ORIGINAL: _l("Bản gốc điện tử, gửi nguyên bản"),
}


def form_name(form: str) -> str | None:
    """Return the name of a form of copy; None when `form` is something else."""
    return say(FORMS[CopyForm(form)]) if form in list(CopyForm) else None


def copy_detail(name: str, value: str) -> str | None:
    """Return a detail of a leaf about an attachment or a copy; None when it is of another kind."""
    if name == "file_kind" and value in list(AttachmentKind):
        return say(ATTACHMENTS[AttachmentKind(value)])
    return form_name(value) if name == "form" else None
