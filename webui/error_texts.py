"""Hold the words of every error: what happened, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import ErrorCode
from engine.layout.lint import FindingCode
from engine.model.opinion import OpinionState
from webui.i18n import mark as _l
from workflows.organisation.city_tables import Problem
from workflows.tasks.people import Unsuitable


@dataclass(frozen=True)
class ErrorText:
    """Hold the words of one code; `%(name)s` stands for a parameter of the error."""

    title: str
    text: str
    advice: str


_TRY_LATER = _l("Hãy thử lại sau ít phút.")
_FIX_AND_SEND = _l("Hãy sửa lại rồi gửi.")
_TELL_ADMINISTRATOR = _l("Hãy báo quản trị viên kèm số tham chiếu dưới đây.")
_RELOAD = _l("Hãy mở lại văn bản để xem tình trạng mới nhất.")
_ASK_CLERK = _l("Hãy hỏi văn thư hoặc quản trị viên của cơ quan.")
_PICK_PDF = _l("Hãy chọn tệp PDF khác.")

TEXTS: Mapping[ErrorCode, ErrorText] = {
    ErrorCode.INPUT_INVALID: ErrorText(
        _l("Nội dung chưa đúng"), _l("Giá trị của mục “%(field)s” không dùng được."), _FIX_AND_SEND
    ),
    ErrorCode.INPUT_MISSING: ErrorText(
        _l("Còn thiếu nội dung"), _l("Mục “%(field)s” còn để trống."), _FIX_AND_SEND
    ),
    ErrorCode.INPUT_TOO_LONG: ErrorText(
        _l("Nội dung quá dài"),
        _l("Mục “%(field)s” dài quá mức cho phép (%(max_chars)s ký tự)."),
        _FIX_AND_SEND,
    ),
    ErrorCode.TEXT_FORBIDDEN: ErrorText(
        _l("Có ký tự không được phép"),
        _l("Ký tự không dùng được trong văn bản hành chính: %(characters)s."),
        _l("Hãy xóa các ký tự đó rồi gửi lại."),
    ),
    ErrorCode.DOCUMENT_CLASSIFIED: ErrorText(
        _l("Văn bản mật không được đưa vào hệ thống"),
        _l(
            "Văn bản mang độ mật “%(classification)s”. Tài liệu mật không được soạn, gửi hay lưu "
            "trên hệ thống này; không có gì được lưu lại."
        ),
        _l("Hãy xử lý theo Luật Bảo vệ bí mật nhà nước, ngoài hệ thống."),
    ),
    ErrorCode.DOCUMENT_KIND_UNKNOWN: ErrorText(
        _l("Chưa có mẫu cho loại văn bản này"),
        _l("Hệ thống chưa soạn được loại “%(kind)s”."),
        _l("Hãy chọn công văn, giấy mời hoặc thông báo."),
    ),
    ErrorCode.DOCUMENT_CHANGED: ErrorText(
        _l("Văn bản đã thay đổi"),
        _l("Có người vừa lưu một bản mới hơn bản bạn đang xem."),
        _RELOAD,
    ),
    ErrorCode.DOCUMENT_STATE: ErrorText(
        _l("Văn bản đang ở bước khác"),
        _l("Ở bước hiện tại không làm được việc này."),
        _RELOAD,
    ),
    ErrorCode.DOCUMENT_NOT_FOUND: ErrorText(
        _l("Không tìm thấy văn bản"),
        _l("Không có văn bản này, hoặc bạn không có quyền biết."),
        _l("Hãy kiểm tra lại đường dẫn hoặc tìm theo số, trích yếu."),
    ),
    ErrorCode.DELIVERY_NOT_VALID: ErrorText(
        _l("Chữ ký không hợp lệ"),
        _l("Chữ ký của văn bản đến không hợp lệ nên không vào sổ được."),
        _l("Hãy từ chối tiếp nhận và ghi rõ lý do để nơi gửi biết."),
    ),
    ErrorCode.RECIPIENT_UNKNOWN: ErrorText(
        _l("Nơi nhận không đúng"),
        _l("Cơ quan nhận “%(recipient)s” không có hoặc không còn hoạt động."),
        _l("Hãy chọn lại nơi nhận."),
    ),
    ErrorCode.RECIPIENT_MISSING: ErrorText(
        _l("Chưa chọn nơi nhận"),
        _l("Hãy chọn ít nhất một cơ quan nhận."),
        _FIX_AND_SEND,
    ),
    ErrorCode.REASON_MISSING: ErrorText(
        _l("Chưa có lý do"), _l("Phải ghi lý do."), _l("Hãy ghi lý do rồi gửi lại.")
    ),
    ErrorCode.LAYOUT_REFUSED: ErrorText(
        _l("Không dàn trang được"),
        _l("Nội dung không xếp được vào mẫu của Nghị định 30/2020/NĐ-CP."),
        _l("Hãy rút gọn hoặc chia lại đoạn, rồi xem trước."),
    ),
    ErrorCode.UPLOAD_TOO_LARGE: ErrorText(
        _l("Tệp quá lớn"),
        _l("Tệp gửi lên vượt quá 25 MB. Không có gì được lưu."),
        _l("Hãy giảm dung lượng tệp rồi gửi lại."),
    ),
    ErrorCode.UPLOAD_NOT_PDF: ErrorText(
        _l("Không phải tệp PDF"),
        _l("Tệp gửi lên không phải là PDF. Không có gì được lưu."),
        _PICK_PDF,
    ),
    ErrorCode.UPLOAD_ENCRYPTED: ErrorText(
        _l("Tệp PDF có mật khẩu"),
        _l("Tệp được mã hóa nên không kiểm tra được. Không có gì được lưu."),
        _l("Hãy gửi bản không đặt mật khẩu."),
    ),
    ErrorCode.UPLOAD_UNREADABLE: ErrorText(
        _l("Không đọc được tệp"),
        _l("Tệp hỏng hoặc thiếu một phần. Không có gì được lưu."),
        _PICK_PDF,
    ),
    ErrorCode.IMPORT_INVALID: ErrorText(
        _l("Bảng dữ liệu có lỗi"),
        _l("Bảng %(table)s, dòng %(line)s, cột %(column)s: %(problem)s (“%(value)s”)."),
        _l("Hãy sửa dòng đó rồi nhập lại; chưa có gì được nhập."),
    ),
    ErrorCode.TASK_NOT_FOUND: ErrorText(
        _l("Không còn việc này"), _l("Việc này không có hoặc đã bị thay bằng việc khác."), _RELOAD
    ),
    ErrorCode.TASK_CLOSED: ErrorText(
        _l("Việc đã có người làm"),
        _l("%(by)s đã làm việc này lúc %(at)s."),
        _RELOAD,
    ),
    ErrorCode.TASK_NOT_YOURS: ErrorText(
        _l("Việc này không phải của bạn"),
        _l("Bước này được giao cho người hoặc vai trò khác."),
        _ASK_CLERK,
    ),
    ErrorCode.TASK_STAYS: ErrorText(
        _l("Việc này không chuyển được"),
        _l(
            "Bước này gắn với đúng người đã được nêu tên: người ký văn bản hoặc người được hỏi "
            "ý kiến."
        ),
        _l("Muốn đổi người ký, hãy trả lại người soạn; muốn hỏi người khác, hãy hỏi lại."),
    ),
    ErrorCode.PERSON_UNSUITABLE: ErrorText(
        _l("Người hoặc đơn vị được chọn không phù hợp"),
        _l("Không chọn được %(name)s: %(why)s."),
        _l("Hãy chọn lại rồi gửi."),
    ),
    ErrorCode.OPINION_CLOSED: ErrorText(
        _l("Câu hỏi không nhận ý kiến nữa"),
        _l("Câu hỏi này %(state)s (hạn trả lời %(due)s)."),
        _l("Hãy báo trực tiếp cho người hỏi nếu vẫn cần."),
    ),
    ErrorCode.PROCESS_INVALID: ErrorText(
        _l("Quy trình không hợp lệ"), _l("Quy trình của văn bản có lỗi."), _TELL_ADMINISTRATOR
    ),
    ErrorCode.PROCESS_DATA: ErrorText(
        _l("Quy trình không đi tiếp được"),
        _l("Quy trình thiếu dữ liệu, hoặc có dữ liệu không hợp lệ, nên bước này chưa thực hiện."),
        _TELL_ADMINISTRATOR,
    ),
    ErrorCode.PROCESS_UNKNOWN: ErrorText(
        _l("Không tìm thấy"),
        _l("Không có quy trình, phiên bản hoặc sự cố này."),
        _l("Hãy mở lại danh sách để xem tình trạng mới nhất."),
    ),
    ErrorCode.PROCESS_RETURN: ErrorText(
        _l("Không lùi lại được"),
        _l("Quy trình không cho lùi về bước này, hoặc đã có người xử lý tiếp."),
        _RELOAD,
    ),
    ErrorCode.PROCESS_MIGRATION: ErrorText(
        _l("Không chuyển phiên bản được"),
        _l("Văn bản đang ở một bước mà phiên bản mới không có hoặc đã đổi."),
        _l("Hãy để văn bản chạy nốt phiên bản cũ, hoặc chuyển sau bước này."),
    ),
    ErrorCode.PROCESS_CONFLICT: ErrorText(
        _l("Có người vừa làm trước"),
        _l("Quy trình đã chuyển sang bước khác trong lúc bạn thao tác."),
        _RELOAD,
    ),
    ErrorCode.PERMISSION_DENIED: ErrorText(
        _l("Bạn không có quyền"), _l("Tài khoản của bạn không được làm việc này."), _ASK_CLERK
    ),
    ErrorCode.AUTHORITY_MISSING: ErrorText(
        _l("Không có thẩm quyền ký"),
        _l("Người ký không có thẩm quyền ký loại văn bản “%(kind)s” của cơ quan vào ngày này."),
        _l("Hãy chọn người ký khác."),
    ),
    ErrorCode.AUTHORITY_CHANGED: ErrorText(
        _l("Thẩm quyền ký đã thay đổi"),
        _l("Thẩm quyền in trên văn bản không còn là thẩm quyền hiện nay của người ký."),
        _l("Hãy trả lại người soạn để dàn trang lại."),
    ),
    ErrorCode.FORM_REFUSED: ErrorText(
        _l("Văn bản sai thể thức"),
        _l("Văn bản chưa đúng thể thức của Nghị định 30/2020/NĐ-CP: %(finding)s."),
        _FIX_AND_SEND,
    ),
    ErrorCode.VERIFIER_BUSY: ErrorText(
        _l("Bộ kiểm tra chữ ký đang bận"),
        _l("Có quá nhiều tệp đang được kiểm tra cùng lúc."),
        _TRY_LATER,
    ),
    ErrorCode.LOGIN_FAILED: ErrorText(
        _l("Không đăng nhập được"),
        _l("Tên đăng nhập hoặc mật khẩu không đúng."),
        _l("Hãy thử lại."),
    ),
    ErrorCode.LOGIN_THROTTLED: ErrorText(
        _l("Tạm khóa đăng nhập"),
        _l("Đã nhập sai quá nhiều lần."),
        _l("Hãy chờ ít phút rồi thử lại."),
    ),
    ErrorCode.LOGIN_REQUIRED: ErrorText(
        _l("Cần đăng nhập"), _l("Trang này chỉ dành cho người đã đăng nhập."), _l("Hãy đăng nhập.")
    ),
    ErrorCode.SESSION_EXPIRED: ErrorText(
        _l("Phiên làm việc đã hết hạn"),
        _l("Bạn đã rời máy quá lâu hoặc trang này được mở từ phiên trước."),
        _l("Hãy đăng nhập rồi làm lại; dự thảo đã tự lưu vẫn còn."),
    ),
    ErrorCode.PIN_REJECTED: ErrorText(
        _l("Mã PIN không đúng"),
        _l("Mã PIN không mở được khóa ký. Chưa có gì được ký."),
        _l("Hãy nhập lại mã PIN."),
    ),
    ErrorCode.CERTIFICATE_MISSING: ErrorText(
        _l("Chưa có chứng thư số"),
        _l("Người ký hoặc cơ quan chưa được cấp chứng thư số."),
        _ASK_CLERK,
    ),
    ErrorCode.CERTIFICATE_EXPIRED: ErrorText(
        _l("Chứng thư số đã hết hạn"),
        _l("Chứng thư dùng để ký đã hết hạn. Chưa có gì được ký."),
        _ASK_CLERK,
    ),
    ErrorCode.CERTIFICATE_REVOKED: ErrorText(
        _l("Chứng thư số đã bị thu hồi"),
        _l("Chứng thư dùng để ký đã bị thu hồi. Chưa có gì được ký."),
        _ASK_CLERK,
    ),
    ErrorCode.CERTIFICATE_REJECTED: ErrorText(
        _l("Chứng thư số không dùng được"),
        _l("Chứng thư không dùng được cho chữ ký này. Chưa có gì được ký."),
        _ASK_CLERK,
    ),
    ErrorCode.SIGNER_UNAVAILABLE: ErrorText(
        _l("Thiết bị ký không trả lời"),
        _l("Khóa ký hoặc dịch vụ dấu thời gian không trả lời. Chưa có gì được ký."),
        _TRY_LATER,
    ),
    ErrorCode.VERIFIER_BUSY: ErrorText(
        _l("Đang kiểm tra nhiều tệp"),
        _l("Có quá nhiều tệp chờ kiểm tra cùng lúc nên tệp này chưa được kiểm tra."),
        _TRY_LATER,
    ),
    ErrorCode.SIGNING_FAILED: ErrorText(
        _l("Ký không thành"),
        _l("Chữ ký vừa tạo không đạt kiểm tra nên không được ghi nhận."),
        _TELL_ADMINISTRATOR,
    ),
    ErrorCode.SIGNING_UNDERWAY: ErrorText(
        _l("Đang có người ký"),
        _l("Văn bản này đang được ký ngay lúc này."),
        _l("Hãy chờ ít phút rồi mở lại văn bản."),
    ),
    ErrorCode.REGISTER_NUMBER_TAKEN: ErrorText(
        _l("Số đã được dùng"), _l("Số này trong sổ đã thuộc văn bản khác."), _l("Hãy thử lại.")
    ),
    ErrorCode.REGISTER_ENTRY_CLOSED: ErrorText(
        _l("Số không đổi được nữa"),
        _l("Số đã phát hành hoặc đã hủy nên không đổi được."),
        _RELOAD,
    ),
    ErrorCode.AGENCY_NOT_FOUND: ErrorText(
        _l("Không có cơ quan này"),
        _l("Không tìm thấy cơ quan “%(agency)s”."),
        _l("Hãy kiểm tra lại mã hoặc tên cơ quan."),
    ),
    ErrorCode.STORE_UNAVAILABLE: ErrorText(
        _l("Kho dữ liệu không trả lời"), _l("Chưa ghi được gì. Không mất dữ liệu cũ."), _TRY_LATER
    ),
    ErrorCode.STORE_BUSY: ErrorText(
        _l("Hệ thống đang bận"), _l("Đang có quá nhiều người ghi cùng lúc."), _TRY_LATER
    ),
    ErrorCode.DIGEST_MISMATCH: ErrorText(
        _l("Bản lưu không còn nguyên vẹn"),
        _l("Tệp trong kho không khớp mã băm đã ghi, nên hệ thống từ chối hiển thị."),
        _TELL_ADMINISTRATOR,
    ),
    ErrorCode.INSTALLATION_MISSING: ErrorText(
        _l("Chưa cài đặt"),
        _l("Không có hệ thống nào ở thư mục %(path)s."),
        _l("Hãy chạy lệnh init hoặc demo trước."),
    ),
    ErrorCode.INSTALLATION_EXISTS: ErrorText(
        _l("Đã cài đặt rồi"),
        _l("Thư mục đã có một hệ thống đang dùng; không ghi đè."),
        _l("Hãy chọn thư mục khác."),
    ),
    ErrorCode.PORT_TAKEN: ErrorText(
        _l("Cổng đang bận"),
        _l("Cổng %(port)s đã có chương trình khác dùng."),
        _l("Hãy chọn cổng khác bằng tùy chọn --port."),
    ),
    ErrorCode.ASSETS_MISSING: ErrorText(
        _l("Thiếu tệp giao diện"),
        _l("Các tệp giao diện hoặc phông chữ chưa được dựng."),
        _l("Hãy chạy lệnh setup."),
    ),
    ErrorCode.RATE_LIMITED: ErrorText(
        _l("Quá nhiều lần"),
        _l("Bạn vừa gửi quá nhiều yêu cầu liên tiếp."),
        _l("Hãy chờ một phút rồi thử lại."),
    ),
    ErrorCode.REQUEST_INVALID: ErrorText(
        _l("Yêu cầu không hợp lệ"),
        _l("Hệ thống không nhận yêu cầu này."),
        _l("Hãy mở lại trang rồi thao tác lại."),
    ),
    ErrorCode.PAGE_NOT_FOUND: ErrorText(
        _l("Không có trang này"),
        _l("Đường dẫn không đúng hoặc trang đã chuyển đi."),
        _l("Hãy quay lại danh sách công việc."),
    ),
    ErrorCode.UNEXPECTED: ErrorText(
        _l("Có lỗi ngoài dự kiến"),
        _l("Hệ thống gặp lỗi khi xử lý yêu cầu này."),
        _TELL_ADMINISTRATOR,
    ),
}

PROBLEMS: Mapping[Problem, str] = {
    Problem.COLUMNS: _l("các cột không đúng mẫu"),
    Problem.NOT_UTF8: _l("không phải mã UTF-8"),
    Problem.NOT_NFC: _l("chữ không ở dạng Unicode dựng sẵn (NFC)"),
    Problem.EMPTY: _l("để trống"),
    Problem.DUPLICATE: _l("bị trùng"),
    Problem.UNKNOWN_PARENT: _l("cơ quan cấp trên chưa có ở các dòng trước"),
    Problem.UNKNOWN_REFERENCE: _l("không có trong bảng được nhắc đến"),
    Problem.BAD_VALUE: _l("giá trị không hợp lệ"),
    Problem.BAD_PERIOD: _l("ngày bắt đầu sau ngày kết thúc"),
}

#: What the check of form objects to; the rules that only advise are here too.
FINDINGS: Mapping[FindingCode, str] = {
    FindingCode.CLASSIFIED: _l("văn bản mang dấu độ mật"),
    FindingCode.SUBJECT_MISSING: _l("thiếu trích yếu"),
    FindingCode.SUBJECT_TOO_LONG: _l("trích yếu quá dài"),
    FindingCode.SUBJECT_LONG: _l("trích yếu nên ngắn gọn hơn"),
    FindingCode.SUBJECT_PREFIX: _l("trích yếu không ghi sẵn chữ V/v"),
    FindingCode.BODY_MISSING: _l("thiếu nội dung"),
    FindingCode.END_MARK_MISSING: _l("thiếu dấu kết thúc ./."),
    FindingCode.ADDRESSEES_MISSING: _l("thiếu mục Kính gửi"),
    FindingCode.RECIPIENTS_MISSING: _l("thiếu nơi nhận"),
    FindingCode.ENTRY_REPEATED: _l("có dòng bị lặp lại"),
    FindingCode.INVITATION_MISSING: _l("thiếu các mục của giấy mời"),
    FindingCode.INVITATION_DETAIL_MISSING: _l("giấy mời còn mục để trống"),
    FindingCode.LETTERHEAD_MISSING: _l("thiếu tên cơ quan ban hành"),
    FindingCode.LETTERHEAD_NOT_CAPITALS: _l("tên cơ quan ban hành không viết hoa"),
    FindingCode.SYMBOL_MISSING: _l("thiếu ký hiệu"),
    FindingCode.PLACE_MISSING: _l("thiếu địa danh"),
    FindingCode.SIGNATORY_MISSING: _l("thiếu người ký"),
    FindingCode.SIGNATORY_TITLE: _l("không ghi học hàm, học vị trước tên người ký"),
    FindingCode.SIGNATURE_NOT_CAPITALS: _l("chức vụ người ký không viết hoa"),
}

#: Why a person or a unit cannot be given a task, or be asked.
UNSUITABLE: Mapping[Unsuitable, str] = {
    Unsuitable.ONESELF: _l("không tự hỏi chính mình"),
    Unsuitable.ASKED_ALREADY: _l("đã được hỏi và còn đang trả lời"),
    Unsuitable.NO_POST: _l("không thuộc cơ quan này vào hôm nay"),
    Unsuitable.NO_HEAD: _l("đơn vị chưa có lãnh đạo để trả lời"),
    Unsuitable.HAS_IT_ALREADY: _l("đang giữ việc này"),
    Unsuitable.OTHER_ROLE: _l("không cùng vai trò hoặc không cùng đơn vị"),
}

#: How a question ended, inside a sentence.
OPINION_ENDS: Mapping[OpinionState, str] = {
    OpinionState.OPEN: _l("còn đang chờ"),
    OpinionState.ANSWERED: _l("đã có ý kiến"),
    OpinionState.EXPIRED: _l("đã hết hạn"),
    OpinionState.WITHDRAWN: _l("đã được rút lại"),
    OpinionState.LAPSED: _l("không còn cần nữa vì việc đã được xử lý"),
}

FIELDS: Mapping[str, str] = {
    "subject": _l("Trích yếu"),
    "body": _l("Nội dung"),
    "paragraphs": _l("Nội dung"),
    "invitees": _l("Thành phần mời"),
    "chair": _l("Chủ trì"),
    "time": _l("Thời gian"),
    "place": _l("Địa điểm"),
    "reply_by": _l("Xác nhận tham dự"),
    "signatory_id": _l("Người ký"),
    "comment": _l("Ý kiến"),
    "reason": _l("Lý do"),
    "direction": _l("Ý kiến chỉ đạo"),
    "handler_id": _l("Người xử lý"),
    "leader_id": _l("Lãnh đạo"),
    "due_on": _l("Hạn xử lý"),
    "result": _l("Kết quả xử lý"),
    "file": _l("Tệp PDF"),
    "question": _l("Câu hỏi"),
    "people": _l("Người được hỏi"),
    "units": _l("Đơn vị được hỏi"),
    "working_days": _l("Số ngày làm việc"),
    "view": _l("Ý kiến"),
    "text": _l("Nội dung ý kiến"),
    "person_id": _l("Người nhận việc"),
    "to": _l("Trả về bước"),
    "note": _l("Ghi chú phiên bản"),
    "cursor": _l("Trang"),
}
