"""Hold the words of every error: what happened, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import ErrorCode
from engine.layout.lint import FindingCode
from engine.model.opinion import OpinionState
from engine.model.trust import Refusal
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
    ErrorCode.UPLOAD_ACTIVE: ErrorText(
        _l("Tệp có nội dung tự hoạt động"),
        _l("Tệp chứa thành phần không được phép: %(what)s (%(where)s). Không có gì được lưu."),
        _l("Hãy in lại tệp ra PDF rồi gửi bản đó."),
    ),
    ErrorCode.UPLOAD_SIGNED: ErrorText(
        _l("Tệp đã có chữ ký số"),
        _l(
            "Tệp đã có chữ ký số nên là bản gốc điện tử. Không có hình thức sao y từ điện tử sang "
            "điện tử; không có gì được lưu."
        ),
        _l("Hãy gửi chính bản gốc điện tử đó, kèm theo văn bản nếu cần."),
    ),
    ErrorCode.UPLOAD_SIGNATURE_BROKEN: ErrorText(
        _l("Chữ ký trong tệp không đúng"),
        _l(
            "Tệp mang chữ ký số nhưng không có chữ ký nào còn nguyên vẹn cho cả tệp. %(reason)s "
            "Không có gì được lưu."
        ),
        _l("Hãy gửi đúng bản gốc điện tử, hoặc in lại tệp ra PDF rồi gửi bản đó."),
    ),
    ErrorCode.UPLOAD_UNMARKABLE: ErrorText(
        _l("Không ghi được dấu chữ lên tệp"),
        _l("Khổ, hướng hoặc cấu trúc trang của tệp không ghi và ký được. Không có gì được lưu."),
        _l("Hãy in lại tệp ra PDF rồi gửi bản đó."),
    ),
    ErrorCode.ATTACHMENT_ROOM: ErrorText(
        _l("Tệp đính kèm quá lớn"),
        _l("Các tệp đính kèm của một văn bản có tổng dung lượng nhiều nhất %(max_mib)s MB."),
        _l("Hãy giảm dung lượng hoặc bỏ bớt tệp rồi gửi lại."),
    ),
    ErrorCode.ATTACHMENT_UNSEALABLE: ErrorText(
        _l("Không ký được tệp đính kèm"),
        _l("Tệp đính kèm “%(title)s” không ghi dấu, ký số được; văn bản chưa đóng dấu được."),
        _l("Hãy hủy văn bản này (số đã cấp được ghi là hủy) rồi soạn lại với tệp khác."),
    ),
    ErrorCode.ATTACHMENT_LIMIT: ErrorText(
        _l("Đã đủ tệp đính kèm"),
        _l("Một văn bản có nhiều nhất %(max_files)s tệp đính kèm."),
        _l("Hãy gộp các tệp rồi gửi lại."),
    ),
    ErrorCode.ATTACHMENT_NOT_FOUND: ErrorText(
        _l("Không tìm thấy tệp đính kèm"),
        _l("Văn bản không có tệp này; có thể nó vừa được bỏ đi."),
        _RELOAD,
    ),
    ErrorCode.COPY_NOT_FOUND: ErrorText(
        _l("Không tìm thấy bản sao"),
        _l("Không có bản sao này, hoặc bạn không có quyền biết."),
        _l("Hãy kiểm tra lại đường dẫn."),
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
    ErrorCode.SIGNER_AT_CLIENT: ErrorText(
        _l("Khóa ký ở máy của bạn"),
        _l("Khóa của chứng thư này nằm trong token tại máy của người ký. Chưa có gì được ký."),
        _l("Hãy cắm token và dùng nút “Ký bằng token trên máy này”."),
    ),
    ErrorCode.SIGNATURE_VALUE_WRONG: ErrorText(
        _l("Giá trị chữ ký không đúng"),
        _l("Giá trị nhận được không phải do khóa của chứng thư tạo ra. Chưa có gì được ký."),
        _l("Hãy kiểm tra đúng token rồi ký lại."),
    ),
    ErrorCode.TIMESTAMP_UNAVAILABLE: ErrorText(
        _l("Chưa có dấu thời gian"),
        _l("Dịch vụ dấu thời gian không trả lời."),
        _TRY_LATER,
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
    ErrorCode.PIN_WEAK: ErrorText(
        _l("Mã PIN quá dễ đoán"),
        _l(
            "Mã PIN phải có ít nhất %(min_chars)s ký tự, trong đó ít nhất 3 ký tự khác nhau, và "
            "không phải một dãy số liền nhau."
        ),
        _l("Hãy chọn mã PIN khác."),
    ),
    ErrorCode.KEY_HOME_MISSING: ErrorText(
        _l("Máy chủ chưa có nơi giữ khóa này"),
        _l("Máy chủ chưa được cài đặt thiết bị PKCS#11 hoặc dịch vụ ký từ xa đã chọn."),
        _l("Hãy chọn nơi giữ khóa khác, hoặc cài đặt rồi làm lại."),
    ),
    ErrorCode.WARNING_DAYS: ErrorText(
        _l("Số ngày nhắc chưa đúng"),
        _l(
            "Mỗi số phải từ 1 đến %(most)s ngày; ghi từ 1 đến %(numbers)s số, cách nhau bằng "
            "dấu cách."
        ),
        _l("Ví dụ: 60 30 7."),
    ),
    ErrorCode.PIN_DIFFERENT: ErrorText(
        _l("Hai lần nhập mã PIN khác nhau"),
        _l("Mã PIN nhập lại không giống lần đầu."),
        _l("Hãy nhập lại cả hai ô."),
    ),
    ErrorCode.PIN_NOT_LOCKED: ErrorText(
        _l("Mã PIN không bị khóa"),
        _l("Có thể người khác đã mở khóa rồi."),
        _l("Hãy tải lại danh sách."),
    ),
    ErrorCode.APPLICATION_NOT_FOUND: ErrorText(
        _l("Không có đề nghị này"),
        _l("Không tìm thấy đề nghị, hoặc bạn không có quyền xem."),
        _l("Hãy mở lại trang Chứng thư số."),
    ),
    ErrorCode.APPLICATION_OPEN: ErrorText(
        _l("Đã có đề nghị đang xử lý"),
        _l("Chủ chứng thư này đã có một đề nghị cấp chứng thư chưa xong."),
        _l("Hãy theo dõi đề nghị đó, hoặc rút lại rồi đề nghị lại."),
    ),
    ErrorCode.APPLICATION_STATE: ErrorText(
        _l("Đề nghị đã sang bước khác"),
        _l("Có người vừa xử lý đề nghị này."),
        _l("Hãy mở lại đề nghị để xem tình trạng mới nhất."),
    ),
    ErrorCode.APPLICATION_BUSY: ErrorText(
        _l("Chứng thư đang được nhận"),
        _l("Chứng thư này đang được nhận ở một cửa sổ khác."),
        _TRY_LATER,
    ),
    ErrorCode.APPLICATION_NOBODY: ErrorText(
        _l("Chưa có người quyết định"),
        _l("Ngoài người đề nghị, hiện không có ai khác có thẩm quyền quyết định việc này."),
        _ASK_CLERK,
    ),
    ErrorCode.SECOND_PERSON_NEEDED: ErrorText(
        _l("Việc này cần người thứ hai"),
        _l("Bạn đã tham gia đề nghị này nên không được quyết định."),
        _l("Hãy để người khác có thẩm quyền quyết định."),
    ),
    ErrorCode.RESUME_BY_ANOTHER: ErrorText(
        _l("Cần một quản trị viên khác"),
        _l("Người đã yêu cầu tạm dừng chứng thư không được tự cho dùng lại."),
        _l(
            "Một quản trị viên khác được cho dùng lại; nếu không còn ai khác, hãy thu hồi hẳn và "
            "đề nghị cấp chứng thư mới."
        ),
    ),
    ErrorCode.CERTIFICATE_STATE: ErrorText(
        _l("Chứng thư không ở trạng thái đó"),
        _l("Chứng thư đã bị tạm dừng hoặc thu hồi, hoặc chủ chứng thư không còn chức vụ."),
        _l("Hãy tải lại danh sách chứng thư để xem tình trạng mới nhất."),
    ),
    ErrorCode.POST_NOT_FOUND: ErrorText(
        _l("Không có chức vụ này"), _l("Không tìm thấy chức vụ."), _l("Hãy tải lại trang.")
    ),
    ErrorCode.PIN_REJECTED: ErrorText(
        _l("Mã PIN không mở được khóa"),
        _l("Mã PIN không đúng, hoặc khóa đã bị khóa sau 5 lần sai. Chưa có gì được ký."),
        _l("Hãy nhập lại; nếu đã sai nhiều lần, hãy nhờ quản trị viên mở khóa."),
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
    ErrorCode.CERTIFICATE_NOT_YET_VALID: ErrorText(
        _l("Chứng thư số chưa có hiệu lực"),
        _l("Chứng thư dùng để ký chưa đến ngày có hiệu lực. Chưa có gì được ký."),
        _ASK_CLERK,
    ),
    ErrorCode.CERTIFICATE_USAGE: ErrorText(
        _l("Chứng thư số không dùng để ký văn bản"),
        _l("Chứng thư được cấp cho mục đích khác, không phải để ký văn bản. Chưa có gì được ký."),
        _ASK_CLERK,
    ),
    ErrorCode.CERTIFICATE_WEAK: ErrorText(
        _l("Chứng thư số dùng thuật toán yếu"),
        _l(
            "Khóa hoặc thuật toán của chứng thư, hay của nơi cấp, không còn đủ mạnh (SHA-1, RSA "
            "dưới 2048 bit). Chưa có gì được ký."
        ),
        _ASK_CLERK,
    ),
    ErrorCode.CERTIFICATE_UNTRUSTED: ErrorText(
        _l("Chứng thư số không do nơi tin cậy cấp"),
        _l(
            "Nơi cấp chứng thư không có trong danh sách tin cậy để ký văn bản. Chưa có gì được ký."
        ),
        _ASK_CLERK,
    ),
    ErrorCode.CERTIFICATE_HOLDER: ErrorText(
        _l("Chứng thư số không phải của người ký này"),
        _l("Chứng thư không phải của đúng người hoặc đúng cơ quan phải ký. Chưa có gì được ký."),
        _ASK_CLERK,
    ),
    ErrorCode.REVOCATION_STALE: ErrorText(
        _l("Chưa biết chứng thư còn hiệu lực hay không"),
        _l("Danh sách thu hồi của nơi cấp đã quá hạn hoặc không đọc được. Chưa có gì được ký."),
        _l("Hãy báo quản trị viên cập nhật danh sách thu hồi rồi ký lại."),
    ),
    ErrorCode.CERTIFICATE_KNOWN: ErrorText(
        _l("Chứng thư số này đã có"),
        _l("Chứng thư đã có trong hệ thống, hoặc trùng số với một chứng thư khác."),
        _l("Hãy kiểm tra lại tệp chứng thư."),
    ),
    ErrorCode.CSR_REFUSED: ErrorText(
        _l("Không nhận được yêu cầu cấp chứng thư"),
        _l("Yêu cầu cấp chứng thư hoặc khóa trong đó không dùng được: %(why)s."),
        _l("Hãy tạo lại yêu cầu từ token rồi gửi lại."),
    ),
    ErrorCode.TRUST_REFUSED: ErrorText(
        _l("Không nhập được"),
        _l("Tệp chứng thư hoặc danh sách thu hồi không dùng được: %(why)s."),
        _l("Hãy lấy lại tệp từ nơi cấp rồi nhập lại."),
    ),
    ErrorCode.TRUST_KNOWN: ErrorText(
        _l("Tổ chức này đã có trong danh sách"),
        _l("Chứng thư của tổ chức này đã được nhập trước đó."),
        _l("Hãy xem danh sách tin cậy."),
    ),
    ErrorCode.TRUST_UNKNOWN: ErrorText(
        _l("Không có tổ chức này trong danh sách tin cậy"),
        _l("Không tìm thấy đúng một tổ chức có mã băm bắt đầu như vậy (ít nhất 8 ký tự)."),
        _l("Hãy xem mã băm trong danh sách tin cậy."),
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
    ErrorCode.SIGNER_TOKEN_MISSING: ErrorText(
        _l("Không thấy thiết bị ký"),
        _l("Thiết bị giữ khóa (token) không cắm, đã bị rút ra hoặc không có khóa này."),
        _l("Hãy cắm lại thiết bị rồi làm lại; nếu vẫn không được, hãy báo quản trị viên."),
    ),
    ErrorCode.SIGNER_KEY_OTHER: ErrorText(
        _l("Khóa không thuộc chứng thư này"),
        _l("Khóa tìm thấy không phải là khóa của chứng thư. Chưa có gì được ký."),
        _l("Hãy kiểm tra đúng thiết bị, rồi báo quản trị viên."),
    ),
    ErrorCode.SIGNER_KEY_EXPOSED: ErrorText(
        _l("Khóa không được bảo vệ"),
        _l("Khóa trong thiết bị có thể bị sao chép ra ngoài nên không được dùng để ký."),
        _l("Hãy báo quản trị viên để cấp khóa mới."),
    ),
    ErrorCode.SIGNER_APPROVAL_LAPSED: ErrorText(
        _l("Lượt cho phép ký đã hết"),
        _l("Dịch vụ ký từ xa không nhận lượt cho phép này nữa: đã dùng hoặc đã hết hạn."),
        _l("Hãy nhập lại mã PIN hoặc mã một lần rồi ký lại."),
    ),
    ErrorCode.SIGNER_SIGNS_ONCE: ErrorText(
        _l("Mỗi mã một lần chỉ ký được một tệp"),
        _l("Dịch vụ ký từ xa đòi mã một lần cho mỗi chữ ký, nên khóa này không ký nhiều tệp."),
        _l("Hãy mở từng văn bản để ký; văn bản có nhiều tệp cần ký bằng khóa khác."),
    ),
    ErrorCode.SIGNING_FAILED: ErrorText(
        _l("Ký không thành"),
        _l("Chữ ký vừa tạo không đạt kiểm tra nên không được ghi nhận."),
        _TELL_ADMINISTRATOR,
    ),
    ErrorCode.TIMESTAMP_AWAITED: ErrorText(
        _l("Đã ký, đang chờ dấu thời gian"),
        _l("%(by)s đã ký văn bản này lúc %(at)s; chữ ký chỉ còn chờ dấu thời gian."),
        _l("Không phải ký lại: hệ thống tự hoàn tất khi máy chủ dấu thời gian trả lời."),
    ),
    ErrorCode.TIMESTAMP_GRACE_OVER: ErrorText(
        _l("Ngừng ký mới vì không có dấu thời gian"),
        _l("Máy chủ dấu thời gian không trả lời từ %(at)s, đã quá thời gian chờ cho phép."),
        _l("Hãy ký lại khi máy chủ dấu thời gian hoạt động trở lại."),
    ),
    ErrorCode.TIMESTAMP_TOO_LARGE: ErrorText(
        _l("Dấu thời gian lớn hơn chỗ đã dành"),
        _l("Dấu thời gian nhận được không vừa chỗ đã dành trong chữ ký; chữ ký này bị bỏ."),
        _l("Hãy ký lại; nếu vẫn gặp lỗi, hãy báo quản trị viên."),
    ),
    ErrorCode.TIMESTAMP_ENDING: ErrorText(
        _l("Chứng thư của máy chủ dấu thời gian sắp hết hạn"),
        _l("Máy chủ vẫn dùng chứng thư cũ nên dấu mới không kéo dài được thời hạn."),
        _l("Hãy gia hạn chứng thư của máy chủ dấu thời gian rồi làm lại."),
    ),
    ErrorCode.EVIDENCE_TOO_OLD: ErrorText(
        _l("Chờ dữ liệu thu hồi mới"),
        _l("Danh sách thu hồi đang có được lập trước khi ký hoặc đã hết hạn."),
        _l("Hệ thống tự thử lại khi có danh sách mới."),
    ),
    ErrorCode.EVIDENCE_MISSING: ErrorText(
        _l("Thiếu dữ liệu thu hồi"),
        _l("Không có danh sách thu hồi của một cơ quan cấp chứng thư trong tệp."),
        _l("Hãy nhập danh sách thu hồi của cơ quan đó rồi làm lại."),
    ),
    ErrorCode.EVIDENCE_INSUFFICIENT: ErrorText(
        _l("Bằng chứng trong tệp chưa đủ để lưu trữ"),
        _l("Chỉ với những gì có trong tệp, chữ ký chưa được chứng minh là có hiệu lực."),
        _l("Hãy xem lý do ở trang kiểm tra chữ ký, bổ sung dữ liệu rồi làm lại."),
    ),
    ErrorCode.OBJECT_MISSING: ErrorText(
        _l("Thiếu tệp trong kho bản gốc"),
        _l("Bản gốc hoặc bản lưu trữ của văn bản không còn trong kho tệp."),
        _l("Hãy khôi phục kho tệp từ bản sao lưu rồi làm lại."),
    ),
    ErrorCode.PRESERVATION_REFUSED: ErrorText(
        _l("Bản lưu trữ không đạt"),
        _l("Bản vừa lập không qua được kiểm tra nên không được ghi nhận."),
        _TELL_ADMINISTRATOR,
    ),
    ErrorCode.PRESERVATION_NOT_FOUND: ErrorText(
        _l("Chưa có bản lưu trữ"),
        _l("Văn bản này chưa có bản lưu trữ lâu dài."),
        _l("Hãy quay lại sau khi hệ thống lập bản lưu trữ."),
    ),
    ErrorCode.SIGNING_UNDERWAY: ErrorText(
        _l("Đang có người ký"),
        _l("Văn bản này đang được ký ngay lúc này."),
        _l("Hãy chờ ít phút rồi mở lại văn bản."),
    ),
    ErrorCode.SIGNER_NOT_AT_CLIENT: ErrorText(
        _l("Khóa ký không ở máy của bạn"),
        _l("Khóa của chứng thư này không nằm trong token ở máy của người ký."),
        _l("Hãy mở lại văn bản và ký bằng mã PIN."),
    ),
    ErrorCode.PARKED_USED: ErrorText(
        _l("Lần ký này đã dùng"),
        _l("Mỗi lần ký bằng token chỉ hoàn tất được một lần; lần này đã hoàn tất hoặc đã bỏ."),
        _RELOAD,
    ),
    ErrorCode.PARKED_EXPIRED: ErrorText(
        _l("Lần ký này đã hết hạn"),
        _l("Token trả lời quá 5 phút sau khi bắt đầu. Chưa có gì được ký."),
        _l("Hãy mở lại văn bản rồi ký lại."),
    ),
    ErrorCode.PARKED_NOT_YOURS: ErrorText(
        _l("Không có lần ký này"),
        _l("Không có lần ký bằng token nào của bạn mang mã này."),
        _RELOAD,
    ),
    ErrorCode.PARKED_MISMATCH: ErrorText(
        _l("Giá trị ký không thuộc lần ký này"),
        _l(
            "Chữ ký gửi về không khớp với văn bản, trang hoặc số tệp đã bắt đầu ký. "
            "Lần ký đã bị hủy, chưa có gì được ký."
        ),
        _l("Hãy mở lại văn bản rồi ký lại."),
    ),
    ErrorCode.PARKED_CANCELLED: ErrorText(
        _l("Đã bỏ lần ký"), _l("Người ký đã bỏ lần ký bằng token."), _RELOAD
    ),
    ErrorCode.PARKED_RESTARTED: ErrorText(
        _l("Đã bắt đầu lại"),
        _l("Người ký đã bắt đầu một lần ký khác cho văn bản này."),
        _RELOAD,
    ),
    ErrorCode.BATCH_NOT_FOUND: ErrorText(
        _l("Không có đợt ký này"),
        _l("Không tìm thấy đợt ký, hoặc đợt ký không phải của bạn."),
        _l("Hãy mở danh sách các đợt ký của bạn."),
    ),
    ErrorCode.BATCH_EMPTY: ErrorText(
        _l("Chưa chọn văn bản nào"),
        _l("Phải chọn ít nhất một văn bản để ký."),
        _l("Hãy chọn văn bản trong danh sách chờ ký rồi bấm ký lại."),
    ),
    ErrorCode.BATCH_TOO_LARGE: ErrorText(
        _l("Chọn quá nhiều văn bản"),
        _l("Đã chọn %(count)s văn bản; một đợt ký có nhiều nhất %(most)s."),
        _l("Hãy chia thành nhiều đợt."),
    ),
    ErrorCode.BATCH_KEY_AT_CLIENT: ErrorText(
        _l("Khóa ký nằm ở máy của bạn"),
        _l(
            "Ký theo đợt cần khóa mà máy chủ mở được. Khóa của bạn nằm trên token cắm ở máy tính "
            "của bạn nên mỗi văn bản phải ký riêng."
        ),
        _l("Hãy mở từng văn bản để ký bằng token."),
    ),
    ErrorCode.BATCH_RUNNING: ErrorText(
        _l("Đợt ký đang chạy"),
        _l("Một đợt ký của bạn đang chạy; mỗi người chỉ chạy một đợt một lúc."),
        _l("Hãy chờ đợt ký đó kết thúc."),
    ),
    ErrorCode.BATCH_FINISHED: ErrorText(
        _l("Đợt ký đã kết thúc"),
        _l("Đợt ký này không còn văn bản nào để ký."),
        _l("Hãy chọn văn bản cho một đợt ký mới."),
    ),
    ErrorCode.BATCH_NOTHING_LEFT: ErrorText(
        _l("Không còn văn bản nào để ký"),
        _l("Văn bản trong danh sách đã được ký ở nơi khác hoặc đã thay đổi; đợt ký đã kết thúc."),
        _l("Xem lý do ở từng dòng, rồi chọn văn bản cho một đợt ký mới nếu cần."),
    ),
    ErrorCode.BATCH_LOST: ErrorText(
        _l("Đợt ký đã được tiếp tục ở nơi khác"),
        _l("Lần chạy này im lặng quá lâu nên đợt ký đã được giao cho lần chạy khác."),
        _l("Hãy mở lại đợt ký để xem tình trạng mới nhất."),
    ),
    ErrorCode.BATCH_INTERRUPTED: ErrorText(
        _l("Bị gián đoạn giữa chừng"),
        _l("Máy chủ dừng khi đợt ký chưa xong. Văn bản đã ký vẫn còn nguyên, không ký lại."),
        _l("Hãy nhập lại PIN để ký tiếp."),
    ),
    ErrorCode.BATCH_STOPPED: ErrorText(
        _l("Người ký đã tạm dừng"),
        _l("Người ký đã cho dừng đợt ký. Văn bản đã ký vẫn còn nguyên, không ký lại."),
        _l("Hãy nhập lại PIN để ký tiếp."),
    ),
    ErrorCode.BATCH_ENDED: ErrorText(
        _l("Người ký đã kết thúc đợt ký"),
        _l("Đợt ký được kết thúc trước khi tới văn bản này."),
        _l("Văn bản vẫn ở danh sách chờ ký."),
    ),
    ErrorCode.BATCH_ELSEWHERE: ErrorText(
        _l("Đang ở một đợt ký khác"),
        _l("Văn bản này nằm trong một đợt ký khác chưa xong."),
        _l("Hãy ký tiếp hoặc kết thúc đợt ký đó trước."),
    ),
    ErrorCode.BATCH_CERTIFICATE_CHANGED: ErrorText(
        _l("Chứng thư số đã đổi"),
        _l("Chứng thư của người ký không còn là chứng thư ghi trên bảng kê của đợt ký."),
        _l("Hãy kết thúc đợt ký này rồi lập đợt ký mới cho các văn bản còn lại."),
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
    "title": _l("Tên tệp đính kèm"),
    "kind": _l("Tên loại văn bản"),
    "symbol": _l("Số, ký hiệu"),
    "dated_on": _l("Ngày văn bản"),
    "issuer": _l("Cơ quan ban hành"),
    "pages": _l("Trang được trích"),
    "form": _l("Hình thức sao"),
    "body": _l("Nội dung"),
    "paragraphs": _l("Nội dung"),
    "invitees": _l("Thành phần mời"),
    "chair": _l("Chủ trì"),
    "time": _l("Thời gian"),
    "place": _l("Địa điểm"),
    "reply_by": _l("Xác nhận tham dự"),
    "signatory_id": _l("Người ký"),
    "comment": _l("Ý kiến"),
    "values": _l("Giá trị chữ ký"),
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
    "label": _l("Tên gọi"),
    "basis": _l("Căn cứ"),
    "key_home": _l("Nơi giữ khóa"),
    "key_ref": _l("Tên khóa ở nơi giữ"),
    "holder": _l("Người hoặc cơ quan"),
    "cursor": _l("Trang"),
    "pin": _l("Mã PIN"),
    "pin_again": _l("Nhập lại mã PIN"),
    "csr": _l("Yêu cầu chứng thư (CSR)"),
    "key_name": _l("Tên khóa, mã chứng thư từ xa"),
    "days": _l("Số ngày hiệu lực"),
    "until": _l("Ngày cuối của chức vụ"),
    "thresholds": _l("Số ngày nhắc trước"),
}

#: Why a certificate, a request or a list from outside was refused, as part of a sentence.
REFUSALS: Mapping[Refusal, str] = {
    Refusal.UNREADABLE: _l("không đọc được"),
    Refusal.TOO_LARGE: _l("tệp quá lớn"),
    Refusal.NOT_PROVED: _l("không được ký bằng chính khóa đó"),
    Refusal.WEAK: _l("khóa hoặc thuật toán không đủ mạnh"),
    Refusal.KEY_KIND: _l("khóa không thuộc loại đã được cho cấp"),
    Refusal.KEY_KNOWN: _l("khóa này đã có chứng thư; mỗi chứng thư phải có khóa mới"),
    Refusal.NOT_AN_AUTHORITY: _l("không phải chứng thư của tổ chức chứng thực"),
    Refusal.NO_PURPOSE: _l("chưa chọn mục đích tin cậy"),
    Refusal.UNKNOWN_ISSUER: _l("nơi cấp không có trong danh sách tin cậy"),
    Refusal.OUT_OF_TIME: _l("ngoài thời gian hiệu lực"),
    Refusal.WRONG_USAGE: _l("không dùng để ký văn bản"),
    Refusal.LIST_STALE: _l("danh sách thu hồi đã quá hạn"),
    Refusal.LIST_OLDER: _l("danh sách thu hồi cũ hơn danh sách đang có"),
    Refusal.LIST_OF_OTHERS: _l("danh sách thu hồi không do tổ chức này ký"),
    Refusal.LIST_PARTIAL: _l("danh sách thu hồi không đầy đủ"),
    Refusal.HOST_NOT_ALLOWED: _l(
        "máy chủ không có trong danh sách được gọi (biến TRINHKY_PKI_HOSTS)"
    ),
    Refusal.HOLDER_UNKNOWN: _l("không có người hoặc cơ quan này"),
    Refusal.OWN_AUTHORITY: _l("đây là chứng thư do chính hệ thống cấp"),
}
