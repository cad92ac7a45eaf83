"""Name things for people: statuses, roles, verdicts, reasons, events.

Every table is complete for its enum; a test keeps it so. The words are Vietnamese here and become
those of the reader's language when they are shown.
"""

from collections.abc import Mapping

from engine.audit import AuditEvent
from engine.layout.lint import FindingCode
from engine.model.delivery import DeliveryStatus
from engine.model.document import DocumentStatus, Stage
from engine.model.kinds import CONG_VAN, GIAY_MOI, THONG_BAO, DocumentKind, get_kind
from engine.model.opinion import OpinionState, OpinionView
from engine.model.organisation import AgencyKind, Role
from engine.model.register import EntryState, RegisterBook
from engine.model.urgency import Urgency
from engine.model.verification import FileReport, Integrity, SignatureRole, Verdict
from engine.queries import Basket, StuckKind
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
    Basket.TO_ADVISE: _l("Chờ tôi cho ý kiến"),
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
    AuditEvent.DOCUMENT_NUMBER_BIND: _l("Lấy số trong sổ"),
    AuditEvent.DOCUMENT_NUMBER: _l("Đã cấp số, ngày"),
    AuditEvent.DOCUMENT_SEAL_BEGIN: _l("Bắt đầu đóng dấu"),
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
    AuditEvent.DELIVERY_ARRIVE: _l("Đến nơi nhận, đã kiểm tra chữ ký"),
    AuditEvent.DELIVERY_REGISTER: _l("Vào sổ văn bản đến"),
    AuditEvent.DELIVERY_REFUSE: _l("Từ chối tiếp nhận"),
    AuditEvent.DELIVERY_PRESENT: _l("Trình lãnh đạo"),
    AuditEvent.DELIVERY_DIRECT: _l("Lãnh đạo bút phê"),
    AuditEvent.DELIVERY_BEGIN: _l("Bắt đầu xử lý"),
    AuditEvent.DELIVERY_HANDLE: _l("Hoàn thành xử lý"),
    AuditEvent.DELIVERY_RETURN: _l("Trả lại bước trước"),
    AuditEvent.OPINION_ASK: _l("Xin ý kiến"),
    AuditEvent.OPINION_GIVE: _l("Cho ý kiến"),
    AuditEvent.OPINION_WITHDRAW: _l("Rút câu hỏi"),
    AuditEvent.TASK_HAND_OVER: _l("Chuyển xử lý"),
    AuditEvent.TASK_TAKE_BACK: _l("Rút lại bước vừa làm"),
    AuditEvent.FILE_VERIFY: _l("Kiểm tra một tệp"),
    AuditEvent.ORIGINAL_REFUSE: _l("Từ chối bản gốc sai mã băm"),
}

_SYSTEM_NAME = "Hệ thống"
_SYSTEM = _l("Hệ thống")
_NO_SUBJECT = _l("(chưa có trích yếu)")
_REGARDING = _l("V/v %(subject)s")


def kind_name(kind: DocumentKind) -> str:
    """Return the name of a kind of document."""
    return say(KINDS[kind]) if kind in KINDS else get_kind(kind).name


def document_title(kind: DocumentKind, subject: str) -> str:
    """Return what a list calls a document: its kind, unless it is a letter, and its subject."""
    if not subject:
        return f"{kind_name(kind)} {say(_NO_SUBJECT)}"
    if kind == CONG_VAN:
        return say(_REGARDING, subject=subject)
    return f"{kind_name(kind)}: {subject}"


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
    OpinionView.AGREE: _l("Đồng ý: %(comment)s"),
    OpinionView.REMARKS: _l("Đồng ý, có góp ý: %(comment)s"),
    OpinionView.DISAGREE: _l("Không đồng ý: %(comment)s"),
    "migrated": _l("Chuyển sang phiên bản quy trình khác"),
}

#: Outcomes that are told even when nothing was said.
BARE_OUTCOMES: Mapping[str, str] = {
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
}
#: Details that are codes for machines.
CODES = frozenset({"certificate", "digest", "from", "nonce", "text_digest"})


def detail_name(name: str) -> str:
    """Return the name of a detail of an audit leaf."""
    return say(DETAILS[name]) if name in DETAILS else name


def detail_value(name: str, value: str) -> str:
    """Return a detail of an audit leaf as people read it."""
    if name == "verdict" and value in list(Verdict):
        return say(VERDICTS[Verdict(value)][0])
    if name == "kind":
        return kind_name(DocumentKind(value))
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
