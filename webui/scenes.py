"""Hold the scenes of the demo: fictional documents of the demo city."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from engine.layout.symbols import date_text
from engine.model.document import DraftContent, InvitationContent
from engine.model.kinds import CONG_VAN, GIAY_MOI, THONG_BAO, DocumentKind
from engine.model.organisation import AgencyId, PersonId
from engine.model.urgency import Urgency

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")

Words = Callable[[date], str]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Hold one document: who acts, what it says, what happens on the way.

    Args:
        recipients: empty means all the other agencies of the city.
        returned_with: what the leader says on returning it once; "" signs at once.
        mended_by: what the drafter adds after the return.
        refused_by: the recipient that sends it back.
    """

    agency: AgencyId
    drafter: str
    reviewer: str
    clerk: str
    signatory: str
    kind: DocumentKind
    subject: str
    body: Words
    recipients: tuple[AgencyId, ...] = ()
    urgency: Urgency = Urgency.NORMAL
    invitation: Callable[[date], InvitationContent] | None = None
    returned_with: str = ""
    mended_by: str = ""
    refused_by: AgencyId | None = None
    refused_with: str = ""
    leave_out: frozenset[AgencyId] = frozenset()

    def content(
        self, *, everyone: tuple[AgencyId, ...], signatory_id: PersonId, today: date
    ) -> DraftContent:
        """Return what the drafter types on `today`."""
        chosen = self.recipients or tuple(a for a in everyone if a not in self.leave_out)
        return DraftContent(
            kind=self.kind,
            subject=self.subject,
            body=self.body(today),
            recipients=chosen,
            urgency=self.urgency,
            signatory_id=signatory_id,
            invitation=self.invitation(today) if self.invitation else InvitationContent(),
        )


def _report_on_signatures(today: date) -> str:
    return "\n".join(
        (
            "Thực hiện Kế hoạch của Ủy ban nhân dân thành phố về ứng dụng chữ ký số trong "
            f"các cơ quan hành chính nhà nước năm {today.year}, Sở Nội vụ đề nghị quý cơ quan "
            "báo cáo tình hình sử dụng chữ ký số với các nội dung sau:",
            "1. Số lượng chứng thư số đã được cấp cho tổ chức, cá nhân; số chứng thư số đang "
            "sử dụng thường xuyên.",
            "2. Số lượng văn bản phát hành có ký số gửi trong nội bộ cơ quan và gửi giữa các cơ "
            "quan; tỷ lệ trên tổng số văn bản phát hành.",
            "3. Khó khăn, vướng mắc và kiến nghị.",
            "Báo cáo gửi về Sở Nội vụ trước "
            f"{date_text(today + timedelta(days=14))} để tổng hợp, "
            "trình Ủy ban nhân dân thành phố./.",
        )
    )


def _rollout_meeting(today: date) -> InvitationContent:
    day = today + timedelta(days=7)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return InvitationContent(
        invitees="Lãnh đạo Văn phòng Ủy ban nhân dân thành phố; đại diện lãnh đạo các cơ quan "
        "có tên tại mục Nơi nhận",
        chair="Giám đốc Sở Thông tin và Truyền thông",
        time=f"08 giờ 00, {date_text(day)} ({_WEEKDAYS[day.weekday()]})",
        place="Phòng họp số 2, trụ sở Sở Thông tin và Truyền thông",
        reply_by=f"16 giờ 00 {date_text(day - timedelta(days=1))}",
    )


def _conclusions(today: date) -> str:
    return "\n".join(
        (
            f"{date_text(today - timedelta(days=3)).capitalize()}, "
            "tại trụ sở Ủy ban nhân dân thành phố, Chủ tịch "
            "Ủy ban nhân dân thành phố chủ trì cuộc họp về công tác cải cách hành chính. Sau khi "
            "nghe báo cáo và ý kiến của các đại biểu, Chủ tịch Ủy ban nhân dân thành phố kết luận "
            "như sau:",
            "1. Giao Sở Nội vụ chủ trì, phối hợp với Sở Thông tin và Truyền thông tổng hợp báo "
            "cáo kết quả cải cách hành chính, trình Ủy ban nhân dân thành phố trước "
            f"{date_text(today + timedelta(days=20))}.",
            "2. Giao Ủy ban nhân dân các quận, huyện rà soát, công khai đầy đủ thủ tục hành chính "
            "tại bộ phận tiếp nhận và trả kết quả.",
            "3. Giao Văn phòng Ủy ban nhân dân thành phố theo dõi, đôn đốc việc thực hiện.",
            "Thừa lệnh Chủ tịch, Văn phòng Ủy ban nhân dân thành phố thông báo để các cơ quan, "
            "đơn vị biết, thực hiện./.",
        )
    )


def _vaccination_budget(today: date) -> str:
    return "\n".join(
        (
            f"Căn cứ dự toán ngân sách năm {today.year} được giao, Sở Y tế đề nghị Sở Tài chính "
            "xem xét, bố trí kinh phí cho công tác tiêm chủng mở rộng trên địa bàn thành phố.",
            "Tổng kinh phí đề nghị: 1.250.000.000 đồng (một tỷ hai trăm năm mươi triệu đồng).",
        )
    )


def _school_repairs(today: date) -> str:
    return "\n".join(
        (
            "Sở Giáo dục và Đào tạo đề nghị Sở Xây dựng, Sở Tài chính và Ủy ban nhân dân quận "
            "Ninh Kiều có ý kiến về danh mục sửa chữa trường, lớp học trong dịp hè năm "
            f"{today.year + 1}.",
            "Ý kiến bằng văn bản gửi về Sở Giáo dục và Đào tạo trước "
            f"{date_text(today + timedelta(days=10))}./.",
        )
    )


def _nothing(_today: date) -> str:
    return ""


DEMO_SCENES: tuple[Scene, ...] = (
    Scene(
        agency=AgencyId("snv"),
        drafter="snv.chuyenvien",
        reviewer="snv.truongphong",
        clerk="snv.vanthu",
        signatory="snv.photruong1",
        kind=CONG_VAN,
        subject="báo cáo tình hình sử dụng chữ ký số trong các cơ quan hành chính nhà nước",
        body=_report_on_signatures,
        leave_out=frozenset({AgencyId("ubnd-tp")}),
    ),
    Scene(
        agency=AgencyId("stttt"),
        drafter="stttt.chuyenvien",
        reviewer="stttt.truongphong",
        clerk="stttt.vanthu",
        signatory="stttt.chanhvanphong",
        kind=GIAY_MOI,
        subject="Họp triển khai phần mềm quản lý văn bản và điều hành",
        body=_nothing,
        invitation=_rollout_meeting,
        urgency=Urgency.URGENT,
        recipients=tuple(
            map(AgencyId, ("vpub", "snv", "stc", "syt", "sgddt", "ubnd-ninh-kieu", "thanh-doan"))
        ),
    ),
    Scene(
        agency=AgencyId("ubnd-tp"),
        drafter="ubnd-tp.chuyenvien",
        reviewer="ubnd-tp.truongphong",
        clerk="ubnd-tp.vanthu",
        signatory="vpub.lanhdao",
        kind=THONG_BAO,
        subject="Kết luận của Chủ tịch Ủy ban nhân dân thành phố tại cuộc họp "
        "về công tác cải cách hành chính",
        body=_conclusions,
    ),
    Scene(
        agency=AgencyId("syt"),
        drafter="syt.chuyenvien",
        reviewer="syt.truongphong",
        clerk="syt.vanthu",
        signatory="syt.lanhdao",
        kind=CONG_VAN,
        subject="bố trí kinh phí tiêm chủng mở rộng",
        body=_vaccination_budget,
        recipients=(AgencyId("stc"),),
        returned_with="Bổ sung thời hạn đề nghị Sở Tài chính trả lời.",
        mended_by="\nĐề nghị Sở Tài chính có ý kiến trong thời hạn 10 ngày làm việc./.",
    ),
    Scene(
        agency=AgencyId("sgddt"),
        drafter="sgddt.chuyenvien",
        reviewer="sgddt.truongphong",
        clerk="sgddt.vanthu",
        signatory="sgddt.photruong1",
        kind=CONG_VAN,
        subject="góp ý danh mục sửa chữa trường, lớp học",
        body=_school_repairs,
        recipients=tuple(map(AgencyId, ("sxd", "stc", "ubnd-ninh-kieu"))),
        refused_by=AgencyId("sxd"),
        refused_with="Không đúng chức năng: việc sửa chữa trường học do Ủy ban nhân dân quận "
        "quyết định. Đề nghị gửi đúng cơ quan.",
    ),
)
