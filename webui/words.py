"""Name things for people: statuses, roles, verdicts, reasons, events.

Every table is complete for its enum; a test keeps it so. The words are Vietnamese here and become
those of the reader's language when they are shown.
"""

from collections.abc import Mapping

from engine.assignment_flow import DIRECTION_PROCEDURES
from engine.audit import AuditEvent
from engine.layout.lint import FindingCode
from engine.model.certification import (
    ApplicationKind,
    ApplicationState,
    CertificateState,
    RevocationReason,
)
from engine.model.delivery import DeliveryStatus
from engine.model.document import Circulation, DocumentStatus, Stage
from engine.model.keys import KeyHome
from engine.model.kinds import CONG_VAN, GIAY_MOI, THONG_BAO, DocumentKind, get_kind
from engine.model.meeting import INVITATION_PROCEDURE, MEETING_PROCEDURE
from engine.model.opinion import OpinionState, OpinionView
from engine.model.organisation import AgencyKind, Role
from engine.model.register import EntryState, RegisterBook
from engine.model.schedule import (
    SCHEDULE_PROCEDURE,
)
from engine.model.urgency import Urgency
from engine.model.verification import FileReport, Integrity, SignatureRole, Verdict
from engine.queries import Basket, StepRow, StuckKind, WorkRow
from webui.copy_words import copy_detail, form_name
from webui.direction_words import assignment_detail
from webui.error_texts import FINDINGS
from webui.i18n import mark as _l
from webui.i18n import say

BASKETS: Mapping[Basket, str] = {
    Basket.TO_SIGN: _l("Chờ tôi ký"),
    Basket.TO_REVIEW: _l("Chờ duyệt"),
    Basket.DRAFTS: _l("Đang soạn"),
    Basket.RETURNED: _l("Bị trả lại"),
    Basket.TO_NUMBER: _l("Cấp số, phát hành"),
    Basket.ARRIVALS: _l("Văn bản đến"),
    Basket.TO_DIRECT: _l("Chờ bút phê"),
    Basket.TO_HANDLE: _l("Chờ xử lý"),
    Basket.ASSIGNED: _l("Nhiệm vụ được giao"),
    Basket.COOPERATION: _l("Phối hợp thực hiện"),
    Basket.TO_DECIDE: _l("Chờ tôi xác nhận"),
    Basket.TO_ADVISE: _l("Chờ tôi cho ý kiến"),
    Basket.COPIES: _l("Bản sao chờ tôi"),
    Basket.SCHEDULES: _l("Lịch làm việc chờ tôi"),
    Basket.TO_REPLY: _l("Giấy mời chờ trả lời"),
    Basket.MEETINGS: _l("Cuộc họp chờ tôi"),
    Basket.TO_CERTIFY: _l("Đề nghị về chứng thư số"),
    Basket.OVERDUE: _l("Cấp dưới quá hạn"),
}

STATUSES: Mapping[DocumentStatus, tuple[str, str]] = {
    DocumentStatus.DRAFT: (_l("Đang soạn"), ""),
    DocumentStatus.IN_REVIEW: (_l("Chờ duyệt"), "wait"),
    DocumentStatus.IN_CHECK: (_l("Chờ kiểm tra thể thức"), "wait"),
    DocumentStatus.AWAITING_SIGNATURE: (_l("Chờ ký"), "wait"),
    DocumentStatus.SIGNED: (_l("Đã ký, chờ cấp số"), "info"),
    DocumentStatus.NUMBERED: (_l("Đã cấp số, chờ đóng dấu"), "info"),
    DocumentStatus.SEALED: (_l("Đã đóng dấu, đang gửi"), "info"),
    DocumentStatus.DISPATCHED: (_l("Đã phát hành"), "good"),
    DocumentStatus.CANCELLED: (_l("Đã hủy"), "bad"),
}

#: Word, colour and icon of each light; the word and the icon say the same as the colour.
DELIVERIES: Mapping[DeliveryStatus, tuple[str, str, str]] = {
    DeliveryStatus.QUEUED: (_l("Chờ gửi"), "", "circle"),
    DeliveryStatus.ARRIVED: (_l("Đã đến, chờ vào sổ"), "wait", "clock"),
    DeliveryStatus.REFUSED: (_l("Từ chối tiếp nhận"), "bad", "x-circle-fill"),
    DeliveryStatus.REGISTERED: (_l("Đã vào sổ"), "good", "journal-check"),
    DeliveryStatus.ASSIGNED: (_l("Đã phân công"), "good", "person-check"),
    DeliveryStatus.IN_PROGRESS: (_l("Đang xử lý"), "good", "hourglass-split"),
    DeliveryStatus.COMPLETED: (_l("Đã hoàn thành"), "good", "check-circle-fill"),
}

KINDS: Mapping[DocumentKind, str] = {
    CONG_VAN: _l("Công văn"),
    GIAY_MOI: _l("Giấy mời"),
    THONG_BAO: _l("Thông báo"),
}

CIRCULATIONS: Mapping[Circulation, str] = {
    Circulation.OPEN: _l("Không hạn chế"),
    Circulation.INTERNAL: _l("Lưu hành nội bộ"),
}

URGENCIES: Mapping[Urgency, str] = {
    Urgency.NORMAL: _l("Thường"),
    Urgency.URGENT: _l("Khẩn"),
    Urgency.VERY_URGENT: _l("Thượng khẩn"),
    Urgency.EXPRESS: _l("Hỏa tốc"),
}

STAGES: Mapping[Stage, str] = {
    Stage.RENDERED: _l("Trình ký"),
    Stage.SIGNED: _l("Lãnh đạo đã ký"),
    Stage.NUMBERED: _l("Đã cấp số, ngày"),
    Stage.SEALED: _l("Đã đóng dấu (bản gốc)"),
}

ROLES: Mapping[Role, str] = {
    Role.DESK_OFFICER: _l("Chuyên viên"),
    Role.DIVISION_HEAD: _l("Lãnh đạo phòng"),
    Role.CLERK: _l("Văn thư"),
    Role.LEADER: _l("Lãnh đạo cơ quan"),
    Role.AUDITOR: _l("Kiểm tra"),
    Role.ADMINISTRATOR: _l("Quản trị"),
}

GROUPS: Mapping[AgencyKind, str] = {
    AgencyKind.PEOPLES_COMMITTEE: _l("Ủy ban nhân dân thành phố"),
    AgencyKind.DEPARTMENT: _l("Sở, ban, ngành"),
    AgencyKind.DISTRICT: _l("Quận, huyện"),
    AgencyKind.OTHER: _l("Cơ quan khác"),
}

#: Word and colour of what an answer says.
OPINION_VIEWS: Mapping[OpinionView, tuple[str, str]] = {
    OpinionView.AGREE: (_l("Đồng ý"), "good"),
    OpinionView.REMARKS: (_l("Đồng ý, có góp ý"), "info"),
    OpinionView.DISAGREE: (_l("Không đồng ý"), "bad"),
}

#: Word and colour of what became of a question.
OPINION_STATES: Mapping[OpinionState, tuple[str, str]] = {
    OpinionState.OPEN: (_l("Chưa trả lời"), "wait"),
    OpinionState.ANSWERED: (_l("Đã trả lời"), "good"),
    OpinionState.EXPIRED: (_l("Hết hạn, không trả lời"), "bad"),
    OpinionState.WITHDRAWN: (_l("Đã rút câu hỏi"), ""),
    OpinionState.LAPSED: (_l("Không còn cần: việc đã xong"), ""),
}

BOOKS: Mapping[RegisterBook, str] = {
    RegisterBook.OUTGOING: _l("Sổ văn bản đi"),
    RegisterBook.ARRIVALS: _l("Sổ văn bản đến"),
    RegisterBook.COPIES: _l("Sổ bản sao"),
}

ENTRIES: Mapping[EntryState, tuple[str, str]] = {
    EntryState.BOUND: (_l("Đã lấy số, chưa phát hành"), "wait"),
    EntryState.ISSUED: (_l("Đã phát hành"), "good"),
    EntryState.VOID: (_l("Hủy số"), "bad"),
}

VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.PASSED: (_l("Hợp lệ"), "good"),
    Verdict.INDETERMINATE: (_l("Không xác định"), "wait"),
    Verdict.FAILED: (_l("Không hợp lệ"), "bad"),
}

INTEGRITY: Mapping[Integrity, str] = {
    Integrity.INTACT: _l("Nội dung còn nguyên vẹn từ khi ký."),
    Integrity.CHANGED: _l("Nội dung đã bị thay đổi sau khi ký."),
    Integrity.UNREADABLE: _l("Không đọc được tệp."),
    Integrity.UNSIGNED: _l("Tệp không có chữ ký số."),
}

SIGNATURES: Mapping[SignatureRole, str] = {
    SignatureRole.LEADER: _l("Chữ ký của người có thẩm quyền"),
    SignatureRole.SEAL: _l("Chữ ký số của cơ quan (con dấu)"),
    SignatureRole.OTHER: _l("Chữ ký khác"),
}

#: Sorts of things that wait for an administrator.
STUCK: Mapping[StuckKind, str] = {
    "job": _l("Việc nền không thành"),
    "signing": _l("Ký dở dang"),
    "silence": _l("Nơi nhận chưa trả lời"),
    "stamp": _l("Chờ dấu thời gian"),
    "batch": _l("Đợt ký dở dang"),
    "application": _l("Người đề nghị chứng thư đã rời vị trí"),
    "mail": _l("Thư báo chưa gửi được"),
    "leaver": _l("Việc của người đã rời vị trí"),
}

COVERAGE: Mapping[str, str] = {
    "whole_file": _l("Toàn bộ tệp"),
    "revision": _l("Toàn bộ tệp vào lúc ký"),
    "partial": _l("Chỉ một phần tệp"),
    "unknown": _l("Không rõ"),
}

CHANGES: Mapping[str, str] = {
    "none": _l("Không có thay đổi nào về sau"),
    "form_filling": _l("Về sau chỉ điền các ô được phép (số, ngày, chữ ký)"),
    "lta": _l("Về sau chỉ thêm dữ liệu lưu trữ lâu dài"),
    "not_permitted": _l("Về sau có thay đổi không được phép"),
}

#: What a verification objects to: ETSI's sub-indications and the house's own rules.
REASONS: Mapping[str, str] = {
    "FORMAT_FAILURE": _l("Tệp hoặc chữ ký sai định dạng, không đọc được."),
    "HASH_FAILURE": _l("Nội dung đã bị sửa: mã băm không khớp với chữ ký."),
    "SIG_CRYPTO_FAILURE": _l("Chữ ký không khớp với chứng thư."),
    "REVOKED": _l("Chứng thư đã bị thu hồi."),
    "REVOKED_NO_POE": _l("Chứng thư đã bị thu hồi và không có bằng chứng về thời điểm ký."),
    "REVOKED_CA_NO_POE": _l("Chứng thư của cơ quan cấp chứng thư đã bị thu hồi."),
    "EXPIRED": _l("Chứng thư đã hết hạn vào lúc ký."),
    "NOT_YET_VALID": _l("Chứng thư chưa có hiệu lực vào lúc ký."),
    "OUT_OF_BOUNDS_NO_POE": _l("Chứng thư hết hạn và không có bằng chứng về thời điểm ký."),
    "OUT_OF_BOUNDS_NOT_REVOKED": _l("Chứng thư không còn hiệu lực vào lúc kiểm tra."),
    "NO_CERTIFICATE_CHAIN_FOUND": _l("Chứng thư không do một tổ chức mà hệ thống tin cậy cấp."),
    "NO_CERTIFICATE_CHAIN_FOUND_NO_POE": _l(
        "Chứng thư không do một tổ chức mà hệ thống tin cậy cấp."
    ),
    "CERTIFICATE_CHAIN_GENERAL_FAILURE": _l("Không dựng được chuỗi chứng thư."),
    "CHAIN_CONSTRAINTS_FAILURE": _l("Chuỗi chứng thư vi phạm quy tắc sử dụng."),
    "CRYPTO_CONSTRAINTS_FAILURE": _l("Thuật toán của chữ ký quá yếu."),
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": _l("Thuật toán của chữ ký quá yếu."),
    "SIG_CONSTRAINTS_FAILURE": _l("Chữ ký vi phạm quy tắc về thuộc tính bắt buộc."),
    "POLICY_PROCESSING_ERROR": _l("Không áp dụng được chính sách chữ ký."),
    "TIMESTAMP_ORDER_FAILURE": _l("Thứ tự các dấu thời gian không hợp lý."),
    "NO_SIGNING_CERTIFICATE_FOUND": _l("Chữ ký không kèm chứng thư của người ký."),
    "NO_POE": _l("Không có bằng chứng về thời điểm ký."),
    "TRY_LATER": _l("Chưa đủ thông tin thu hồi để kết luận; hãy kiểm tra lại sau."),
    "SIGNED_DATA_NOT_FOUND": _l("Không tìm thấy dữ liệu được ký."),
    "GENERIC": _l("Không kết luận được."),
    "ORIGINAL_FAILED": _l("Chữ ký trên một bản gốc điện tử gửi kèm không đúng; xem tệp đính kèm."),
    "NO_SIGNATURE": _l("Tệp không có chữ ký số."),
    "SIGNATURE_HIDDEN": _l("Tệp giấu một chữ ký ngoài các ô chữ ký."),
    "SIGNATURE_MISSING": _l("Thiếu chữ ký so với sổ đăng ký."),
    "SIGNATURE_UNSUPPORTED": _l("Có chữ ký thuộc loại không được hỗ trợ."),
    "UNACCOUNTED_BYTES": _l("Tệp có dữ liệu thừa không thuộc phần được ký."),
    "BYTE_RANGE": _l("Phạm vi được ký không bao trùm tệp như quy định."),
    "MODIFICATION_NOT_PERMITTED": _l("Sau khi ký có thay đổi không được phép."),
    "UNSIGNED_CHANGES": _l("Bản mới nhất của tệp chưa được ký."),
    "NO_CERTIFICATION": _l("Không có chữ ký xác nhận văn bản của người có thẩm quyền."),
    "SECOND_CERTIFICATION": _l("Có nhiều hơn một chữ ký xác nhận."),
    "ANCHOR_PERIOD": _l("Nơi cấp chứng thư không được tin cậy vào ngày ký."),
    "LATE_CERTIFICATION": _l("Chữ ký xác nhận không phải là chữ ký đầu tiên."),
    "SIGNER_UNEXPECTED": _l("Người ký hoặc cơ quan đóng dấu không phải là bên phải ký."),
    "SIGNER_ROLE": _l("Chứng thư không thuộc loại được ký ở ô này."),
    "ROLE_UNKNOWN": _l("Chứng thư không cho biết là của cá nhân hay của cơ quan."),
    "CLAIMED_TIME": _l("Thời điểm ký tự khai lệch hơn một giờ so với dấu thời gian."),
    "NOT_SEALED": _l("Văn bản chưa có dấu số của cơ quan nên chưa được phát hành."),
    "LEADER_MISSING": _l("Văn bản chưa có chữ ký của lãnh đạo."),
    "NUMBER_MISSING": _l("Văn bản đã đóng dấu nhưng chưa ghi đủ số và ngày."),
    "WRONG_STAGE": _l("Tệp không ở đúng bước của văn bản."),
    "TIMEOUT": _l("Kiểm tra quá lâu nên đã dừng lại."),
}
_OTHER_REASON = _l("Lý do kỹ thuật: %(reason)s.")

STEPS: Mapping[str, str] = {
    "outgoing.start": _l("Bắt đầu"),
    "outgoing.draft": _l("Soạn thảo"),
    "outgoing.review": _l("Trưởng phòng duyệt"),
    "outgoing.check_form": _l("Văn thư kiểm tra thể thức"),
    "outgoing.sign": _l("Lãnh đạo ký số"),
    "outgoing.number": _l("Cấp số, ngày"),
    "outgoing.seal": _l("Đóng dấu cơ quan"),
    "outgoing.dispatch": _l("Gửi các cơ quan"),
    "outgoing.await_receipts": _l("Chờ tiếp nhận"),
    "outgoing.issued": _l("Đã phát hành"),
    # A step outside the diagram: the procedure as a whole was ended.
    "outgoing.outgoing": _l("Hủy văn bản"),
    "opinion.start": _l("Hỏi ý kiến"),
    "opinion.give_as_person": _l("Cho ý kiến"),
    "opinion.give_as_unit": _l("Cho ý kiến của đơn vị"),
    "opinion.given_by_person": _l("Đã cho ý kiến"),
    "opinion.given_by_unit": _l("Đã cho ý kiến"),
    "opinion.expired_for_person": _l("Hết hạn, không có ý kiến"),
    "opinion.expired_for_unit": _l("Hết hạn, không có ý kiến"),
    "certificate.start": _l("Đề nghị cấp chứng thư"),
    "certificate.approve": _l("Lãnh đạo duyệt"),
    "certificate.not_approved": _l("Không duyệt"),
    "certificate.allow": _l("Quản trị cho cấp"),
    "certificate.not_allowed": _l("Không cấp"),
    "certificate.collect": _l("Nhận chứng thư"),
    "certificate.issued": _l("Đã cấp"),
    "certificate.certificate": _l("Rút đề nghị"),
    "suspension.start": _l("Chứng thư bị tạm dừng"),
    "suspension.settle": _l("Quản trị kết luận"),
    "suspension.revoked": _l("Đã thu hồi"),
    "suspension.resumed": _l("Đã mở lại"),
    "direction.start": _l("Giao nhiệm vụ"),
    "direction.renew": _l("Đổi hạn, người chủ trì"),
    "direction.handle_agency": _l("Cơ quan chủ trì thực hiện"),
    "direction.agency_changed": _l("Giao lại, gia hạn"),
    "direction.handle_unit": _l("Đơn vị chủ trì thực hiện"),
    "direction.unit_changed": _l("Giao lại, gia hạn"),
    "direction.handle_person": _l("Người được giao thực hiện"),
    "direction.person_changed": _l("Giao lại, gia hạn"),
    "direction.settle": _l("Xem việc bị trả lại"),
    "direction.confirm": _l("Xác nhận hoàn thành"),
    "direction.completed": _l("Hoàn thành"),
    "direction.direction": _l("Hủy nhiệm vụ"),
    "extension.start": _l("Xin gia hạn"),
    "extension.decide": _l("Quyết định gia hạn"),
    "extension.granted": _l("Được gia hạn"),
    "extension.refused": _l("Giữ nguyên hạn"),
    "extension.extension": _l("Thôi xét gia hạn"),
    "cooperation.start": _l("Cùng phối hợp"),
    "cooperation.contribute_agency": _l("Cơ quan phối hợp"),
    "cooperation.contributed_by_agency": _l("Đã phối hợp"),
    "cooperation.contribute_unit": _l("Đơn vị phối hợp"),
    "cooperation.contributed_by_unit": _l("Đã phối hợp"),
    "cooperation.contribute_person": _l("Phối hợp thực hiện"),
    "cooperation.contributed_by_person": _l("Đã phối hợp"),
    "cooperation.cooperation": _l("Kết thúc phối hợp"),
    "follow_up.start": _l("Nhiệm vụ có hạn"),
    "follow_up.before_3": _l("Trước hạn 3 ngày"),
    "follow_up.remind_3_days": _l("Nhắc: còn 3 ngày"),
    "follow_up.before_1": _l("Trước hạn 1 ngày"),
    "follow_up.remind_1_day": _l("Nhắc: còn 1 ngày"),
    "follow_up.on_day": _l("Ngày đến hạn"),
    "follow_up.remind_on_day": _l("Nhắc: đến hạn"),
    "follow_up.late_5": _l("Quá hạn 5 ngày"),
    "follow_up.tell_head": _l("Báo thủ trưởng nơi chủ trì"),
    "follow_up.late_15": _l("Quá hạn 15 ngày"),
    "follow_up.tell_assigner": _l("Báo người giao"),
    "follow_up.followed": _l("Hết đôn đốc"),
    "follow_up.follow_up": _l("Thôi đôn đốc"),
    "incoming.await_assignment": _l("Chờ nhiệm vụ hoàn thành"),
    "direction.handle_as_agency": _l("Cơ quan chủ trì thực hiện"),
    "direction.handle_as_unit": _l("Đơn vị chủ trì thực hiện"),
    "direction.handle_as_person": _l("Người được giao thực hiện"),
    "cooperation.contribute_as_agency": _l("Cơ quan phối hợp"),
    "cooperation.contribute_as_unit": _l("Đơn vị phối hợp"),
    "cooperation.contribute_as_person": _l("Phối hợp thực hiện"),
    "copying.start": _l("Đề nghị sao"),
    "copying.approve": _l("Lãnh đạo duyệt bản sao"),
    "copying.amend": _l("Sửa đề nghị sao"),
    "copying.withdrawn": _l("Đã rút đề nghị"),
    "copying.certify": _l("Cấp số, ký số bản sao"),
    "copying.certified": _l("Đã cấp bản sao"),
    "meeting.start": _l("Lên kế hoạch họp"),
    "meeting.invite": _l("Mời họp"),
    "meeting.dropped": _l("Hủy trước khi mời"),
    "meeting.hold": _l("Họp, ghi biên bản"),
    "meeting.cancelled": _l("Đã hủy họp"),
    "meeting.conclude": _l("Kết luận cuộc họp"),
    "meeting.concluded": _l("Đã kết luận"),
    "meeting.assign": _l("Giao nhiệm vụ từ kết luận"),
    "meeting.assigned": _l("Đã giao nhiệm vụ"),
    "invitation.start": _l("Mời họp"),
    "invitation.reply_as_person": _l("Trả lời giấy mời"),
    "invitation.reply_as_unit": _l("Trả lời giấy mời của đơn vị"),
    "invitation.reply_as_agency": _l("Trả lời giấy mời của cơ quan"),
    "invitation.remind_reply": _l("Nhắc trả lời"),
    "invitation.reminded": _l("Đã nhắc trả lời"),
    "invitation.silent_person": _l("Không trả lời"),
    "invitation.silent_unit": _l("Không trả lời"),
    "invitation.silent_agency": _l("Không trả lời"),
    "invitation.await_meeting": _l("Sắp đến giờ họp"),
    "invitation.told": _l("Đã nhắc dự họp"),
    "invitation.remind_meeting": _l("Nhắc dự họp"),
    "schedule.start": _l("Mở tuần"),
    "schedule.consolidate": _l("Tổng hợp lịch"),
    "schedule.mend": _l("Sửa lịch bị trả lại"),
    "schedule.units_are_late": _l("Sắp hết hạn"),
    "schedule.remind_units": _l("Nhắc các đơn vị"),
    "schedule.reminded": _l("Đã nhắc"),
    "schedule.approve": _l("Lãnh đạo duyệt lịch"),
    "schedule.seal": _l("Ký số, công bố lịch"),
    "schedule.published": _l("Đã công bố"),
    "schedule.schedule": _l("Bỏ bản đang soạn"),
    "incoming.start": _l("Văn bản gửi đến"),
    "incoming.verify": _l("Kiểm tra chữ ký"),
    "incoming.register": _l("Văn thư đăng ký"),
    "incoming.present": _l("Trình lãnh đạo"),
    "incoming.direct": _l("Lãnh đạo bút phê"),
    "incoming.handle": _l("Xử lý"),
    "incoming.refused": _l("Từ chối tiếp nhận"),
    "incoming.handled": _l("Hoàn thành"),
}

EVENTS: Mapping[AuditEvent, str] = {
    AuditEvent.CITY_IMPORT: _l("Nhập dữ liệu thành phố"),
    AuditEvent.CERTIFICATES_ISSUE: _l("Cấp chứng thư số"),
    AuditEvent.CERTIFICATE_REVOKE: _l("Thu hồi chứng thư số"),
    AuditEvent.CERTIFICATE_IMPORT: _l("Nhập chứng thư số của tổ chức khác"),
    AuditEvent.TRUST_ADD: _l("Thêm tổ chức chứng thực được tin cậy"),
    AuditEvent.TRUST_END: _l("Thôi tin cậy một tổ chức chứng thực"),
    AuditEvent.TRUST_CRL: _l("Nhập danh sách thu hồi"),
    AuditEvent.APPLICATION_ASK: _l("Đề nghị cấp chứng thư số"),
    AuditEvent.APPLICATION_APPROVE: _l("Duyệt đề nghị cấp chứng thư số"),
    AuditEvent.APPLICATION_ALLOW: _l("Cho cấp chứng thư số"),
    AuditEvent.APPLICATION_REFUSE: _l("Từ chối đề nghị cấp chứng thư số"),
    AuditEvent.APPLICATION_WITHDRAW: _l("Rút đề nghị cấp chứng thư số"),
    AuditEvent.CERTIFICATE_COLLECT_BEGIN: _l("Bắt đầu nhận chứng thư số"),
    AuditEvent.CERTIFICATE_COLLECT: _l("Đã nhận chứng thư số"),
    AuditEvent.CERTIFICATE_COLLECT_FAIL: _l("Nhận chứng thư số không thành"),
    AuditEvent.CERTIFICATE_SUSPEND: _l("Tạm dừng chứng thư số"),
    AuditEvent.CERTIFICATE_RESUME: _l("Mở lại chứng thư số"),
    AuditEvent.EXPIRY_WARNINGS_SET: _l("Đặt số ngày nhắc chứng thư hết hạn"),
    AuditEvent.POST_END: _l("Kết thúc chức vụ"),
    AuditEvent.AUTHORITY_ADD: _l("Thêm thẩm quyền ký"),
    AuditEvent.AUTHORITY_END: _l("Chấm dứt thẩm quyền ký"),
    AuditEvent.FIELD_ADD: _l("Thêm lĩnh vực"),
    AuditEvent.DELEGATION_GIVE: _l("Ủy quyền xử lý"),
    AuditEvent.DELEGATION_END: _l("Chấm dứt ủy quyền xử lý"),
    AuditEvent.SIGNATORY_CHANGE: _l("Đổi người ký (ký thay)"),
    AuditEvent.PIN_LOCK: _l("Khóa mã PIN sau nhiều lần sai"),
    AuditEvent.PIN_RELEASE: _l("Mở khóa mã PIN"),
    AuditEvent.SESSION_OPEN: _l("Đăng nhập"),
    AuditEvent.SESSION_REFUSE: _l("Đăng nhập bị từ chối"),
    AuditEvent.SESSION_CLOSE: _l("Đăng xuất"),
    AuditEvent.DOCUMENT_CREATE: _l("Tạo dự thảo"),
    AuditEvent.DOCUMENT_SAVE: _l("Lưu dự thảo"),
    AuditEvent.DOCUMENT_SUBMIT: _l("Trình duyệt"),
    AuditEvent.DOCUMENT_APPROVE: _l("Lãnh đạo phòng duyệt"),
    AuditEvent.DOCUMENT_CHECK: _l("Xác nhận thể thức"),
    AuditEvent.DOCUMENT_RETURN: _l("Trả lại"),
    AuditEvent.DOCUMENT_SIGN_BEGIN: _l("Bắt đầu ký số"),
    AuditEvent.DOCUMENT_SIGN: _l("Đã ký số"),
    AuditEvent.DOCUMENT_SIGN_FAIL: _l("Ký số không thành"),
    AuditEvent.PARKED_REFUSE: _l("Từ chối chữ ký gửi về từ token"),
    AuditEvent.DOCUMENT_NUMBER_BIND: _l("Lấy số trong sổ"),
    AuditEvent.DOCUMENT_NUMBER: _l("Đã cấp số, ngày"),
    AuditEvent.DOCUMENT_SEAL_BEGIN: _l("Bắt đầu đóng dấu"),
    AuditEvent.BATCH_BEGIN: _l("Bắt đầu đợt ký số"),
    AuditEvent.BATCH_PAUSE: _l("Đợt ký số tạm dừng"),
    AuditEvent.BATCH_COMPLETE: _l("Kết thúc đợt ký số"),
    AuditEvent.DOCUMENT_SIGN_PARK: _l("Đã ký, chờ dấu thời gian"),
    AuditEvent.DOCUMENT_SEAL_PARK: _l("Đã đóng dấu, chờ dấu thời gian"),
    AuditEvent.MAIL_ADDRESS_ASK: _l("Khai địa chỉ nhận thông báo"),
    AuditEvent.MAIL_ADDRESS_PROVE: _l("Xác nhận địa chỉ nhận thông báo"),
    AuditEvent.MAIL_ADDRESS_DROP: _l("Bỏ địa chỉ nhận thông báo"),
    AuditEvent.MAIL_PREFERENCE_SET: _l("Đổi cách nhận thông báo"),
    AuditEvent.MAIL_RETRY: _l("Gửi lại thư báo bị kẹt"),
    AuditEvent.OUTAGE_BEGIN: _l("Dịch vụ không trả lời"),
    AuditEvent.OUTAGE_END: _l("Dịch vụ hoạt động trở lại"),
    AuditEvent.ARCHIVE_EVIDENCE: _l("Đã bổ sung bằng chứng lưu trữ"),
    AuditEvent.ARCHIVE_STAMP: _l("Đã đóng dấu thời gian lưu trữ"),
    AuditEvent.ARCHIVE_RENEW: _l("Đã gia hạn dấu thời gian lưu trữ"),
    AuditEvent.ARCHIVE_FAIL: _l("Lưu trữ lâu dài không thành"),
    AuditEvent.ARCHIVE_RETRY: _l("Yêu cầu lưu trữ ngay"),
    AuditEvent.DOCUMENT_SEAL: _l("Đã đóng dấu"),
    AuditEvent.DOCUMENT_SEAL_FAIL: _l("Đóng dấu không thành"),
    AuditEvent.DOCUMENT_DISPATCH: _l("Gửi đến các cơ quan"),
    AuditEvent.DOCUMENT_RECEIPTS: _l("Mọi cơ quan đã trả lời"),
    AuditEvent.JOB_RETRY: _l("Thử lại việc bị kẹt"),
    AuditEvent.PROCESS_DEPLOY: _l("Đưa vào dùng một phiên bản quy trình"),
    AuditEvent.PROCESS_MIGRATE: _l("Chuyển văn bản sang phiên bản quy trình khác"),
    AuditEvent.INCIDENT_RETRY: _l("Thử lại bước gặp sự cố"),
    AuditEvent.DOCUMENT_CANCEL: _l("Hủy văn bản"),
    AuditEvent.NUMBER_VOID: _l("Hủy số"),
    AuditEvent.ATTACHMENT_ADD: _l("Thêm tệp đính kèm"),
    AuditEvent.ATTACHMENT_REMOVE: _l("Bỏ tệp đính kèm"),
    AuditEvent.ATTACHMENT_ARRANGE: _l("Đổi thứ tự tệp đính kèm"),
    AuditEvent.ATTACHMENT_SEAL: _l("Chốt tệp đính kèm"),
    AuditEvent.COPY_REQUEST: _l("Đề nghị sao"),
    AuditEvent.COPY_AMEND: _l("Sửa đề nghị sao"),
    AuditEvent.COPY_APPROVE: _l("Lãnh đạo duyệt bản sao"),
    AuditEvent.COPY_RETURN: _l("Trả lại đề nghị sao"),
    AuditEvent.COPY_WITHDRAW: _l("Rút đề nghị sao"),
    AuditEvent.COPY_NUMBER_BIND: _l("Lấy số trong sổ bản sao"),
    AuditEvent.COPY_CERTIFY_BEGIN: _l("Bắt đầu ký số bản sao"),
    AuditEvent.COPY_CERTIFY: _l("Đã cấp số, ký số bản sao"),
    AuditEvent.COPY_CERTIFY_FAIL: _l("Ký số bản sao không thành"),
    AuditEvent.MEETING_PLAN: _l("Lên kế hoạch họp"),
    AuditEvent.MEETING_CHANGE: _l("Đổi kế hoạch họp"),
    AuditEvent.MEETING_INVITE: _l("Mời họp"),
    AuditEvent.MEETING_REPLY: _l("Trả lời giấy mời họp"),
    AuditEvent.MEETING_REMIND: _l("Nhắc người được mời họp"),
    AuditEvent.MEETING_CANCEL: _l("Hủy cuộc họp"),
    AuditEvent.MEETING_MINUTE: _l("Ghi biên bản họp"),
    AuditEvent.MEETING_CONCLUDE: _l("Kết luận cuộc họp"),
    AuditEvent.MEETING_ORDER: _l("Giao nhiệm vụ từ kết luận"),
    AuditEvent.MEETING_DRAFT: _l("Soạn văn bản của cuộc họp"),
    AuditEvent.MEETING_PAPER: _l("Đổi tài liệu họp"),
    AuditEvent.CALENDAR_FEED: _l("Đổi địa chỉ lịch họp cá nhân"),
    AuditEvent.SCHEDULE_OPEN: _l("Mở lịch tuần"),
    AuditEvent.SCHEDULE_CHANGE: _l("Mở bản điều chỉnh lịch"),
    AuditEvent.SCHEDULE_ENTER: _l("Thêm nội dung lịch"),
    AuditEvent.SCHEDULE_EDIT: _l("Sửa nội dung lịch"),
    AuditEvent.SCHEDULE_DROP: _l("Bỏ nội dung lịch"),
    AuditEvent.SCHEDULE_SUBMIT: _l("Trình duyệt lịch"),
    AuditEvent.SCHEDULE_RETURN: _l("Trả lại lịch"),
    AuditEvent.SCHEDULE_APPROVE: _l("Duyệt lịch"),
    AuditEvent.SCHEDULE_SEAL_BEGIN: _l("Bắt đầu ký số lịch"),
    AuditEvent.SCHEDULE_PUBLISH: _l("Đã ký số, công bố lịch"),
    AuditEvent.SCHEDULE_SEAL_FAIL: _l("Ký số lịch không thành"),
    AuditEvent.SCHEDULE_DISCARD: _l("Bỏ bản lịch đang soạn"),
    AuditEvent.SCHEDULE_REMIND: _l("Nhắc đơn vị đăng ký lịch"),
    AuditEvent.SCHEDULE_FEED_OPEN: _l("Mở địa chỉ lịch điện tử"),
    AuditEvent.SCHEDULE_FEED_CLOSE: _l("Đóng địa chỉ lịch điện tử"),
    AuditEvent.DELIVERY_ARRIVE: _l("Đến nơi nhận, đã kiểm tra chữ ký"),
    AuditEvent.DELIVERY_REGISTER: _l("Vào sổ văn bản đến"),
    AuditEvent.DELIVERY_REFUSE: _l("Từ chối tiếp nhận"),
    AuditEvent.DELIVERY_PRESENT: _l("Trình lãnh đạo"),
    AuditEvent.DELIVERY_DIRECT: _l("Lãnh đạo bút phê"),
    AuditEvent.DELIVERY_BEGIN: _l("Bắt đầu xử lý"),
    AuditEvent.DELIVERY_HANDLE: _l("Hoàn thành xử lý"),
    AuditEvent.DELIVERY_RETURN: _l("Trả lại bước trước"),
    AuditEvent.ASSIGNMENT_GIVE: _l("Giao nhiệm vụ"),
    AuditEvent.ASSIGNMENT_ACCEPT: _l("Nhận nhiệm vụ"),
    AuditEvent.ASSIGNMENT_RETURN: _l("Trả lại nhiệm vụ"),
    AuditEvent.ASSIGNMENT_REPORT: _l("Báo cáo tiến độ"),
    AuditEvent.ASSIGNMENT_CONTRIBUTE: _l("Góp phần phối hợp"),
    AuditEvent.ASSIGNMENT_DONE: _l("Báo cáo hoàn thành"),
    AuditEvent.ASSIGNMENT_CONFIRM: _l("Xác nhận hoàn thành"),
    AuditEvent.ASSIGNMENT_REOPEN: _l("Yêu cầu làm tiếp"),
    AuditEvent.ASSIGNMENT_REASSIGN: _l("Đổi nơi chủ trì"),
    AuditEvent.ASSIGNMENT_CANCEL: _l("Hủy nhiệm vụ"),
    AuditEvent.EXTENSION_ASK: _l("Xin gia hạn"),
    AuditEvent.EXTENSION_DECIDE: _l("Quyết định gia hạn"),
    AuditEvent.OPINION_ASK: _l("Xin ý kiến"),
    AuditEvent.OPINION_GIVE: _l("Cho ý kiến"),
    AuditEvent.OPINION_WITHDRAW: _l("Rút câu hỏi"),
    AuditEvent.TASK_HAND_OVER: _l("Chuyển xử lý"),
    AuditEvent.TASK_TAKE_BACK: _l("Rút lại bước vừa làm"),
    AuditEvent.ASSUMPTIONS_SET: _l("Sửa giả định của chỉ số"),
    AuditEvent.REGISTER_EXPORT: _l("Tải sổ văn bản"),
    AuditEvent.FILE_VERIFY: _l("Kiểm tra một tệp"),
    AuditEvent.ORIGINAL_REFUSE: _l("Từ chối bản gốc sai mã băm"),
}

#: What is asked for of a certificate.
APPLICATIONS: Mapping[ApplicationKind, str] = {
    ApplicationKind.NEW: _l("Cấp mới"),
    ApplicationKind.RENEW: _l("Gia hạn (khóa mới)"),
    ApplicationKind.SUSPEND: _l("Tạm dừng"),
    ApplicationKind.REVOKE: _l("Thu hồi"),
}

#: Word and colour of how far an application has come.
APPLICATION_STATES: Mapping[ApplicationState, tuple[str, str]] = {
    ApplicationState.ASKED: (_l("Chờ lãnh đạo duyệt"), "wait"),
    ApplicationState.APPROVED: (_l("Chờ quản trị cho cấp"), "wait"),
    ApplicationState.ALLOWED: (_l("Chờ nhận"), "wait"),
    ApplicationState.ISSUED: (_l("Đã cấp"), "good"),
    ApplicationState.HELD: (_l("Đang tạm dừng, chờ kết luận"), "wait"),
    ApplicationState.RESUMED: (_l("Đã mở lại"), "good"),
    ApplicationState.REVOKED: (_l("Đã thu hồi"), "bad"),
    ApplicationState.REFUSED: (_l("Bị từ chối"), "bad"),
    ApplicationState.WITHDRAWN: (_l("Đã rút"), ""),
}

#: Word and colour of what can be said of a certificate today.
CERTIFICATES: Mapping[CertificateState, tuple[str, str]] = {
    CertificateState.IN_USE: (_l("Đang dùng"), "good"),
    CertificateState.SUSPENDED: (_l("Tạm dừng"), "wait"),
    CertificateState.REVOKED: (_l("Đã thu hồi"), "bad"),
    CertificateState.SUPERSEDED: (_l("Đã thay bằng chứng thư mới"), ""),
    CertificateState.EXPIRED: (_l("Hết hạn"), "bad"),
    CertificateState.FUTURE: (_l("Chưa có hiệu lực"), ""),
}

REVOCATION_REASONS: Mapping[RevocationReason, str] = {
    RevocationReason.KEY_COMPROMISE: _l("Lộ khóa, mất thiết bị"),
    RevocationReason.AFFILIATION_CHANGED: _l("Chuyển cơ quan, thôi chức vụ"),
    RevocationReason.SUPERSEDED: _l("Đã có chứng thư khác thay thế"),
    RevocationReason.CESSATION: _l("Không còn dùng nữa"),
    RevocationReason.PRIVILEGE_WITHDRAWN: _l("Bị rút quyền ký"),
    RevocationReason.UNSPECIFIED: _l("Lý do khác"),
}

KEY_HOMES: Mapping[KeyHome, str] = {
    KeyHome.SOFTWARE: _l("Khóa mềm trên máy chủ (chỉ để dùng thử)"),
    KeyHome.TOKEN: _l("Thiết bị PKCS#11 ở máy chủ"),
    KeyHome.CLIENT: _l("Token của người ký, ở máy trạm"),
    KeyHome.REMOTE: _l("Dịch vụ ký từ xa (CSC)"),
}

_SYSTEM_NAME = "Hệ thống"
_SYSTEM = _l("Hệ thống")
_ON_BEHALF = _l("%(name)s, thực hiện thay %(giver)s")
_NO_SUBJECT = _l("(chưa có trích yếu)")
_REGARDING = _l("V/v %(subject)s")
_CERTIFICATE = _l("Chứng thư số")
_ASSIGNMENT = _l("Nhiệm vụ")
_SCHEDULE = _l("Lịch làm việc")
_MEETING = _l("Cuộc họp")
_MEETINGS = frozenset({MEETING_PROCEDURE, INVITATION_PROCEDURE})
_APPLICATION = _l("%(wish)s: %(holder)s")


def kind_name(kind: DocumentKind) -> str:
    """Return the name of a kind of document, or of a form of copy."""
    form = form_name(kind)
    if form is not None:
        return form
    return say(KINDS[kind]) if kind in KINDS else get_kind(kind).name


def document_title(kind: DocumentKind, subject: str) -> str:
    """Return what a list calls a document: its kind, unless it is a letter, and its subject."""
    if not subject:
        return f"{kind_name(kind)} {say(_NO_SUBJECT)}"
    if kind == CONG_VAN:
        return say(_REGARDING, subject=subject)
    return f"{kind_name(kind)}: {subject}"


def row_title(row: WorkRow) -> str:
    """Return what a work list calls a line: its document, or what is asked of a certificate."""
    if row.application_kind:
        wish = say(APPLICATIONS[ApplicationKind(row.application_kind)])
        return say(_APPLICATION, wish=wish, holder=row.subject)
    if row.procedure_id in {SCHEDULE_PROCEDURE, *_MEETINGS, *DIRECTION_PROCEDURES}:
        return row.subject
    return document_title(row.kind, row.subject)


def row_kind(row: WorkRow) -> str:
    """Return what kind of thing a line of a work list is about."""
    if row.procedure_id == SCHEDULE_PROCEDURE:
        return say(_SCHEDULE)
    if row.procedure_id in _MEETINGS:
        return say(_MEETING)
    if row.procedure_id in DIRECTION_PROCEDURES:
        return say(_ASSIGNMENT)
    return say(_CERTIFICATE) if row.application_kind else kind_name(row.kind)


def urgency_mark(urgency: Urgency) -> str:
    """Return the word in capitals that stands before a title; nothing for ordinary ones."""
    return "" if urgency is Urgency.NORMAL else say(URGENCIES[urgency]).upper()


def step_name(procedure_id: str, node_id: str, name: str) -> str:
    """Return the name of a step: as its diagram calls it, translated if it is a shipped one."""
    known = STEPS.get(f"{procedure_id}.{node_id}")
    return say(known) if known == name else name


def person_name(name: str) -> str:
    """Return who a step is by or for: a person, a role, or the system."""
    if name.startswith("role:"):
        return say(ROLES[Role(name.removeprefix("role:"))])
    return say(_SYSTEM) if name == _SYSTEM_NAME else name


def step_person(step: StepRow) -> str:
    """Return who a step is by or for, with whose work it was when somebody stood in."""
    name = person_name(step.person_name)
    if not step.on_behalf_of:
        return name
    return say(_ON_BEHALF, name=name, giver=step.on_behalf_of)


def reason_text(reason: str) -> str:
    """Return why a verification objects, as a sentence."""
    known = REASONS.get(reason)
    return say(known) if known else say(_OTHER_REASON, reason=reason)


#: Outcomes that say nothing the step's own sign does not say already.
OUTCOMES: Mapping[str, str] = {
    "returned": _l("Trả lại: %(comment)s"),
    "refused": _l("Từ chối: %(comment)s"),
    "cancelled": _l("Hủy: %(comment)s"),
    "numbered": _l("Số %(comment)s"),
    "registered": _l("Số đến %(comment)s"),
    "handed_over": _l("Chuyển người xử lý: %(comment)s"),
    "taken_back": _l("Rút lại: %(comment)s"),
    "asked": _l("Xin ý kiến: %(comment)s"),
    "withdrawn": _l("Rút câu hỏi: %(comment)s"),
    "signatory_changed": _l("Đổi người ký: %(comment)s"),
    OpinionView.AGREE: _l("Đồng ý: %(comment)s"),
    OpinionView.REMARKS: _l("Đồng ý, có góp ý: %(comment)s"),
    OpinionView.DISAGREE: _l("Không đồng ý: %(comment)s"),
    "migrated": _l("Chuyển sang phiên bản quy trình khác"),
}

#: Outcomes that are told even when nothing was said.
BARE_OUTCOMES: Mapping[str, str] = {
    "put_off": _l("Đổi hạn xử lý"),
    "taken_back": _l("Rút lại"),
    "expired": _l("Hết hạn, không có ý kiến"),
    OpinionView.AGREE: _l("Đồng ý"),
}


def step_note(outcome: str, comment: str) -> str:
    """Return what was said or given at a step."""
    if not comment:
        return say(BARE_OUTCOMES[outcome]) if outcome in BARE_OUTCOMES else ""
    known = OUTCOMES.get(outcome)
    return say(known, comment=comment) if known else comment


#: Names of what an audit leaf tells besides who and when.
DETAILS: Mapping[str, str] = {
    "agency": _l("Cơ quan"),
    "arrival_number": _l("Số đến"),
    "attachment": _l("Mã tệp đính kèm"),
    "attachments": _l("Số tệp đính kèm"),
    "file_kind": _l("Cách gửi"),
    "form": _l("Hình thức sao"),
    "issuer": _l("Cơ quan ban hành"),
    "original": _l("Văn bản được sao"),
    "position": _l("Vị trí"),
    "title": _l("Tên tệp đính kèm"),
    "asked": _l("Người, đơn vị được hỏi"),
    "certificate": _l("Chứng thư"),
    "count": _l("Số lượng"),
    "date": _l("Ngày"),
    "digest": _l("SHA-256"),
    "draft_version": _l("Bản dự thảo"),
    "due_on": _l("Hạn xử lý"),
    "failures": _l("Số lần sai"),
    "from": _l("Từ bản"),
    "handler": _l("Người xử lý"),
    "kind": _l("Loại"),
    "leader": _l("Lãnh đạo"),
    "nonce": _l("Mã ý định ký"),
    "reason": _l("Lý do"),
    "recipient": _l("Nơi nhận"),
    "recipients": _l("Số nơi nhận"),
    "step": _l("Bước"),
    "subject": _l("Trích yếu"),
    "symbol": _l("Số, ký hiệu"),
    "text_digest": _l("SHA-256 của nội dung"),
    "to": _l("Về bước"),
    "verdict": _l("Kết luận"),
    "view": _l("Ý kiến"),
    "delegation": _l("Mã ủy quyền"),
    "on_behalf_of": _l("Mã người được thay"),
    "on_behalf_of_name": _l("Thực hiện thay"),
    "signatory": _l("Người ký trước đó"),
    "week": _l("Tuần từ ngày"),
    "entry": _l("Mã nội dung"),
    "day": _l("Ngày"),
    "content": _l("Nội dung"),
    "clashes": _l("Chỗ trùng"),
    "entries": _l("Số nội dung"),
    "to_city": _l("Công khai toàn thành phố"),
    "added": _l("Bổ sung"),
    "removed": _l("Hủy"),
    "moved": _l("Đổi thời gian"),
    "edited": _l("Sửa"),
    "replaces": _l("Thay bản"),
    "people": _l("Số người được nhắc"),
    "signed_digest": _l("SHA-256 trước khi ký"),
    "cms": _l("Mã chữ ký"),
    "lead": _l("Chủ trì"),
    "old_lead": _l("Chủ trì trước đó"),
    "source": _l("Nguồn"),
    "percent": _l("Tỷ lệ đã làm"),
    "evidence": _l("Văn bản minh chứng"),
    "standing": _l("Tình trạng"),
    "granted": _l("Được gia hạn"),
    "old_due_on": _l("Hạn cũ"),
    "new_due_on": _l("Hạn xin"),
    "number": _l("Số"),
}
#: Details that are codes for machines.
CODES = frozenset(
    {
        "attachment",
        "certificate",
        "delegation",
        "digest",
        "from",
        "nonce",
        "on_behalf_of",
        "text_digest",
    }
)


def detail_name(name: str) -> str:
    """Return the name of a detail of an audit leaf."""
    return say(DETAILS[name]) if name in DETAILS else name


def detail_value(name: str, value: str) -> str:
    """Return a detail of an audit leaf as people read it."""
    if name == "verdict" and value in list(Verdict):
        return say(VERDICTS[Verdict(value)][0])
    if name == "kind":
        return kind_name(DocumentKind(value))
    said = copy_detail(name, value) or assignment_detail(name, value)
    if said:
        return said
    if name in {"step", "to"}:
        known = STEPS.get(f"outgoing.{value}") or STEPS.get(f"incoming.{value}")
        return say(known) if known else value
    if name == "view" and value in list(OpinionView):
        return say(OPINION_VIEWS[OpinionView(value)][0])
    return value


def entry_state(book: RegisterBook, state: EntryState) -> tuple[str, str]:
    """Return the word and the colour of a line of a register."""
    word, colour = ENTRIES[state]
    is_arrival = book is RegisterBook.ARRIVALS and state is EntryState.ISSUED
    return (_l("Đã vào sổ"), colour) if is_arrival else (word, colour)


def finding_text(code: FindingCode) -> str:
    """Return the advice on the form in words, as a sentence."""
    text = say(FINDINGS[code])
    return text[:1].upper() + text[1:]


def signer_of(report: FileReport | None, role: str) -> str:
    """Return who signed in a role, as the certificate names them; `…` when nobody is known."""
    signatures = report.signatures if report else ()
    return next((s.signer for s in signatures if s.role == role and s.signer), "…")
