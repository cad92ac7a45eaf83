"""Forms for the tests of the layout."""

from datetime import UTC, datetime
from typing import Any

from engine.layout.form import DocumentForm, InvitationDetails, Letterhead, SignatureBlock
from engine.model.kinds import CONG_VAN, GIAY_MOI, THONG_BAO

AT = datetime(2015, 6, 5, 3, 0, tzinfo=UTC)
PARAGRAPH = (
    "Thực hiện Kế hoạch số 56/KH-UBND ngày 03 tháng 6 năm 2014 của Ủy ban nhân dân thành phố, "
    "Sở Nội vụ đề nghị quý cơ quan báo cáo số lượng văn bản phát hành có ký số trong 6 tháng đầu "
    "năm 2015, gửi về Sở Nội vụ trước ngày 20 tháng 6 năm 2015."
)


def a_letter(**changes: Any) -> DocumentForm:
    values: dict[str, Any] = {
        "kind": CONG_VAN,
        "letterhead": Letterhead(parent=("UBND THÀNH PHỐ CẦN THƠ",), agency=("SỞ NỘI VỤ",)),
        "symbol": "SNV-VP",
        "place": "Cần Thơ",
        "subject": "báo cáo tình hình sử dụng chữ ký số 6 tháng đầu năm 2015",
        "paragraphs": (PARAGRAPH,),
        "signature": SignatureBlock(
            lines=("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"), name="Nguyễn Thị Ánh Tuyết"
        ),
        "addressees": ("Sở Thông tin và Truyền thông",),
        "recipients": ("Ban Giám đốc Sở",),
        "archive_unit": "VP",
    }
    return DocumentForm(**{**values, **changes})


def a_notice(**changes: Any) -> DocumentForm:
    return a_letter(
        **{
            "kind": THONG_BAO,
            "symbol": "TB-UBND",
            "letterhead": Letterhead(parent=(), agency=("ỦY BAN NHÂN DÂN", "THÀNH PHỐ CẦN THƠ")),
            "subject": "Kết luận của Chủ tịch Ủy ban nhân dân thành phố",
            "addressees": (),
            "signature": SignatureBlock(
                lines=("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), name="Trần Văn Đức"
            ),
            **changes,
        }
    )


def an_invitation(**changes: Any) -> DocumentForm:
    details = InvitationDetails(
        host="Sở Thông tin và Truyền thông",
        invitees="Đại diện lãnh đạo các sở, ban, ngành",
        chair="Giám đốc Sở",
        time="08 giờ 00, ngày 17 tháng 6 năm 2015",
        place="Phòng họp số 2",
        reply_by="16 giờ 00 ngày 16 tháng 6 năm 2015",
    )
    return a_letter(
        **{
            "kind": GIAY_MOI,
            "symbol": "GM-STTTT",
            "subject": "Họp triển khai phần mềm quản lý văn bản và điều hành",
            "addressees": (),
            "paragraphs": (),
            "invitation": details,
            **changes,
        }
    )
