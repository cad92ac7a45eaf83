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
_RELOAD = _l("Hãy mở lại trang để xem tình trạng mới nhất.")
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
        _l("Nội dung này đã thay đổi"),
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
    ErrorCode.SCHEDULE_NOT_FOUND: ErrorText(
        _l("Không tìm thấy lịch"),
        _l("Không có lịch làm việc này, hoặc bạn không có quyền biết."),
        _l("Hãy mở lại trang Lịch làm việc."),
    ),
    ErrorCode.SCHEDULE_EXISTS: ErrorText(
        _l("Tuần này đã có lịch"),
        _l("%(week)s đã được mở hoặc đang có bản điều chỉnh; mỗi tuần chỉ soạn một bản."),
        _l("Hãy mở trang Lịch làm việc để xem bản đang soạn."),
    ),
    ErrorCode.SCHEDULE_WEEK_PAST: ErrorText(
        _l("Tuần đã qua"),
        _l("Tuần này đã kết thúc ngày %(last)s, không lập hay điều chỉnh lịch được nữa."),
        _l("Hãy chọn tuần này hoặc một tuần sau."),
    ),
    ErrorCode.SCHEDULE_WEEK_FAR: ErrorText(
        _l("Tuần quá xa"),
        _l("Chỉ lập được lịch của tuần bắt đầu trước hoặc vào ngày %(last)s."),
        _l("Hãy chọn một tuần gần hơn."),
    ),
    ErrorCode.SCHEDULE_CLOSED: ErrorText(
        _l("Lịch đã sang bước khác"),
        _l("%(week)s đang ở bước “%(state)s” nên không làm được việc này."),
        _l("Lịch đã công bố thì chỉ thay đổi bằng bản điều chỉnh; hãy mở lại trang của lịch."),
    ),
    ErrorCode.SCHEDULE_DAY: ErrorText(
        _l("Ngày ngoài tuần"),
        _l("Ngày phải từ %(first)s đến %(last)s."),
        _FIX_AND_SEND,
    ),
    ErrorCode.SCHEDULE_TIME: ErrorText(
        _l("Giờ chưa đúng"),
        _l("Giờ kết thúc phải sau giờ bắt đầu; có giờ kết thúc thì phải có giờ bắt đầu."),
        _FIX_AND_SEND,
    ),
    ErrorCode.SCHEDULE_PERSON: ErrorText(
        _l("Người không thuộc cơ quan"),
        _l("Chỉ lập lịch cho người đang công tác tại cơ quan."),
        _l("Hãy chọn lại trong danh sách."),
    ),
    ErrorCode.SCHEDULE_EMPTY: ErrorText(
        _l("Lịch chưa có nội dung"),
        _l("Lịch chưa có nội dung nào được công bố (việc riêng không tính)."),
        _l("Hãy thêm nội dung rồi trình lại."),
    ),
    ErrorCode.SCHEDULE_FULL: ErrorText(
        _l("Lịch đã đầy"),
        _l("Một tuần có nhiều nhất %(most)s nội dung."),
        _l("Hãy gộp hoặc bỏ bớt nội dung."),
    ),
    ErrorCode.SCHEDULE_CLASH: ErrorText(
        _l("Lịch bị trùng"),
        _l("Có %(count)s chỗ trùng người hoặc trùng địa điểm chưa được xác nhận."),
        _l("Hãy sửa lịch, hoặc đánh dấu xác nhận từng chỗ trùng rồi trình lại."),
    ),
    ErrorCode.SCHEDULE_UNSIGNED: ErrorText(
        _l("Lịch chưa được ký số"),
        _l("Chỉ công bố, kiểm tra được lịch đã có chữ ký số của cơ quan."),
        _l("Hãy chờ văn thư ký số, công bố lịch."),
    ),
    ErrorCode.SCHEDULE_UNCHANGED: ErrorText(
        _l("Bản điều chỉnh chưa thay đổi gì"),
        _l("Nội dung và phạm vi công khai giống hệt bản đang có hiệu lực."),
        _l("Hãy sửa nội dung, hoặc bỏ bản điều chỉnh này."),
    ),
    ErrorCode.SCHEDULE_OWN: ErrorText(
        _l("Không tự duyệt lịch mình trình"),
        _l("Bạn là người trình lịch này nên không duyệt thay lãnh đạo được."),
        _l("Hãy để lãnh đạo hoặc người được ủy quyền khác duyệt."),
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
    ErrorCode.ASSIGNMENT_NOT_FOUND: ErrorText(
        _l("Không tìm thấy nhiệm vụ"),
        _l("Không có nhiệm vụ này, hoặc bạn không có quyền biết."),
        _l("Hãy kiểm tra lại đường dẫn."),
    ),
    ErrorCode.ASSIGNMENT_STATE: ErrorText(
        _l("Nhiệm vụ đã sang bước khác"),
        _l("Nhiệm vụ không còn ở bước làm được việc này."),
        _l("Hãy mở lại nhiệm vụ để xem tình trạng mới nhất."),
    ),
    ErrorCode.ASSIGNMENT_LEAD_MISSING: ErrorText(
        _l("Chưa chọn nơi chủ trì"),
        _l("Mỗi nhiệm vụ phải có đúng một nơi chủ trì."),
        _l("Hãy chọn một cơ quan, đơn vị hoặc cá nhân chủ trì."),
    ),
    ErrorCode.ASSIGNMENT_LEADS: ErrorText(
        _l("Có hai nơi chủ trì"),
        _l("Mỗi nhiệm vụ chỉ có một nơi chủ trì; nơi chủ trì không đồng thời phối hợp."),
        _l("Hãy giữ một nơi chủ trì, chuyển các nơi khác sang phối hợp."),
    ),
    ErrorCode.ASSIGNMENT_PARTIES: ErrorText(
        _l("Nơi thực hiện bị ghi trùng"),
        _l("Có nơi được ghi hai lần, đang chủ trì rồi, hoặc có quá 40 nơi phối hợp."),
        _FIX_AND_SEND,
    ),
    ErrorCode.ASSIGNMENT_NOBODY: ErrorText(
        _l("Chưa có người nhận việc"),
        _l("%(name)s hiện không có ai giữ chức vụ để nhận nhiệm vụ."),
        _l("Hãy chọn nơi khác, hoặc giao cho một người cụ thể."),
    ),
    ErrorCode.ASSIGNMENT_REACH: ErrorText(
        _l("Ngoài phạm vi được giao việc"),
        _l(
            "Lãnh đạo giao việc cho đơn vị, cá nhân trong cơ quan và cơ quan cấp dưới; lãnh đạo "
            "đơn vị giao việc cho người của đơn vị mình."
        ),
        _l("Hãy chọn lại nơi chủ trì, nơi phối hợp."),
    ),
    ErrorCode.ASSIGNMENT_DEADLINE_MISSING: ErrorText(
        _l("Chưa rõ hạn hoàn thành"),
        _l("Phải chọn ngày, hoặc đánh dấu “Không hạn”; không chọn cả hai."),
        _FIX_AND_SEND,
    ),
    ErrorCode.ASSIGNMENT_DEADLINE_PAST: ErrorText(
        _l("Hạn đã qua"),
        _l("Ngày %(due_on)s đã qua. Ngày làm việc gần nhất là %(next)s."),
        _l("Hãy chọn ngày đó hoặc một ngày sau."),
    ),
    ErrorCode.ASSIGNMENT_DEADLINE_OFF: ErrorText(
        _l("Hạn rơi vào ngày nghỉ"),
        _l("Ngày %(due_on)s là ngày nghỉ. Ngày làm việc tiếp theo là %(next)s."),
        _l("Hãy chọn ngày đó hoặc một ngày làm việc khác."),
    ),
    ErrorCode.ASSIGNMENT_DEADLINE_PARENT: ErrorText(
        _l("Hạn vượt quá nhiệm vụ gốc"),
        _l("Phần việc phải xong chậm nhất ngày %(latest)s, hạn của nhiệm vụ gốc."),
        _FIX_AND_SEND,
    ),
    ErrorCode.ASSIGNMENT_PARENT: ErrorText(
        _l("Không giao tiếp được nhiệm vụ này"),
        _l("Chỉ lãnh đạo của nơi chủ trì mới giao tiếp từng phần nhiệm vụ."),
        _l("Hãy giao thành nhiệm vụ riêng, nếu thuộc phạm vi của bạn."),
    ),
    ErrorCode.ASSIGNMENT_NOT_ASSIGNER: ErrorText(
        _l("Không phải người giao nhiệm vụ"),
        _l("Chỉ người giao (%(name)s) hoặc người được ủy quyền mới quyết định việc này."),
        _l("Hãy báo người giao nhiệm vụ."),
    ),
    ErrorCode.ASSIGNMENT_OWN_WORK: ErrorText(
        _l("Không tự quyết định việc của mình"),
        _l("Bạn đã làm, báo cáo hoặc xin gia hạn nhiệm vụ này nên không tự quyết định được."),
        _l("Hãy để người khác quyết định: người giao (%(name)s) hoặc người được ủy quyền."),
    ),
    ErrorCode.ASSIGNMENT_CHILDREN: ErrorText(
        _l("Còn phần việc chưa xong"),
        _l("Còn %(count)s phần việc giao tiếp từ nhiệm vụ này chưa hoàn thành."),
        _l("Hãy xác nhận hoặc hủy các phần việc đó trước."),
    ),
    ErrorCode.ASSIGNMENT_EVIDENCE: ErrorText(
        _l("Văn bản minh chứng không dùng được"),
        _l(
            "Không có văn bản “%(symbol)s” do cơ quan của bạn phát hành, hoặc văn bản đó có trước "
            "khi giao nhiệm vụ nên không thể là kết quả."
        ),
        _l("Hãy ghi đúng số, ký hiệu của văn bản đã phát hành, hoặc để trống."),
    ),
    ErrorCode.EXTENSION_CLOSED: ErrorText(
        _l("Đề nghị gia hạn đã được quyết định"),
        _l("Đề nghị gia hạn này không chờ quyết định nữa."),
        _l("Hãy mở lại nhiệm vụ để xem hạn đang áp dụng."),
    ),
    ErrorCode.EXTENSION_LATE: ErrorText(
        _l("Đã quá hạn, không xin gia hạn được"),
        _l("Hạn ngày %(due_on)s đã qua; phải xin gia hạn trước khi hết hạn."),
        _l("Hãy hoàn thành và báo cáo; người giao có thể giao lại nhiệm vụ."),
    ),
    ErrorCode.EXTENSION_OPEN: ErrorText(
        _l("Đang có đề nghị gia hạn"),
        _l("Đề nghị gia hạn trước chưa được quyết định."),
        _l("Hãy chờ người giao quyết định rồi xin tiếp nếu cần."),
    ),
    ErrorCode.EXTENSION_DATE: ErrorText(
        _l("Hạn mới chưa đúng"),
        _l("Hạn mới phải sau hạn đang áp dụng (%(due_on)s)."),
        _FIX_AND_SEND,
    ),
    ErrorCode.EXTENSION_NO_DEADLINE: ErrorText(
        _l("Nhiệm vụ không có hạn"),
        _l("Nhiệm vụ này không có hạn nên không cần gia hạn."),
        _l("Hãy báo cáo tiến độ khi có kết quả."),
    ),
    ErrorCode.OPINION_CLOSED: ErrorText(
        _l("Câu hỏi không nhận ý kiến nữa"),
        _l("Câu hỏi này %(state)s (hạn trả lời %(due)s)."),
        _l("Hãy báo trực tiếp cho người hỏi nếu vẫn cần."),
    ),
    ErrorCode.MEETING_NOT_FOUND: ErrorText(
        _l("Không tìm thấy cuộc họp"),
        _l("Không có cuộc họp hoặc tài liệu này, hoặc bạn không được mời."),
        _l("Hãy kiểm tra lại đường dẫn, hoặc hỏi nơi tổ chức họp."),
    ),
    ErrorCode.MEETING_CHANGED: ErrorText(
        _l("Cuộc họp đã thay đổi"),
        _l("Có người vừa sửa cuộc họp này sau khi bạn mở trang."),
        _l("Hãy mở lại cuộc họp để xem tình trạng mới nhất."),
    ),
    ErrorCode.MEETING_STATE: ErrorText(
        _l("Cuộc họp đang ở bước khác"),
        _l("Ở tình trạng hiện tại của cuộc họp không làm được việc này."),
        _l("Hãy mở lại cuộc họp để xem tình trạng mới nhất."),
    ),
    ErrorCode.MEETING_PAST: ErrorText(
        _l("Giờ họp đã qua"),
        _l("Giờ bắt đầu họp phải ở sau hiện tại."),
        _FIX_AND_SEND,
    ),
    ErrorCode.MEETING_FAR: ErrorText(
        _l("Ngày họp quá xa"),
        _l("Chỉ lên được kế hoạch họp đến ngày %(last)s."),
        _l("Hãy chọn một ngày gần hơn."),
    ),
    ErrorCode.MEETING_ENDS: ErrorText(
        _l("Giờ kết thúc chưa đúng"),
        _l("Giờ kết thúc phải sau giờ bắt đầu, nhiều nhất %(days)s ngày."),
        _FIX_AND_SEND,
    ),
    ErrorCode.MEETING_REPLY_BY: ErrorText(
        _l("Hạn trả lời chưa đúng"),
        _l("Hạn trả lời phải ở sau hiện tại và không muộn hơn giờ bắt đầu họp."),
        _FIX_AND_SEND,
    ),
    ErrorCode.MEETING_BEGUN: ErrorText(
        _l("Cuộc họp đã bắt đầu"),
        _l("Cuộc họp đã bắt đầu lúc %(at)s nên không nhận trả lời, không đổi được nữa."),
        _l("Hãy báo trực tiếp nơi tổ chức họp; người có mặt được ghi ở biên bản."),
    ),
    ErrorCode.MEETING_NOT_BEGUN: ErrorText(
        _l("Cuộc họp chưa bắt đầu"),
        _l("Cuộc họp bắt đầu lúc %(at)s; biên bản chỉ ghi được từ lúc đó."),
        _l("Hãy ghi biên bản sau khi họp."),
    ),
    ErrorCode.MEETING_CLASH: ErrorText(
        _l("Trùng giờ họp"),
        _l("Cùng lúc đó đã có: %(clashes)s."),
        _l("Hãy đổi giờ, hoặc đánh dấu “Vẫn giữ” để xác nhận có chủ ý; việc này được ghi lại."),
    ),
    ErrorCode.MEETING_NOBODY: ErrorText(
        _l("Chưa mời ai"),
        _l("Kế hoạch họp chưa có ai được mời."),
        _l("Hãy thêm cơ quan, đơn vị hoặc cá nhân rồi mời."),
    ),
    ErrorCode.MEETING_NOBODY_CAME: ErrorText(
        _l("Chưa đánh dấu ai có mặt"),
        _l("Biên bản chưa ghi ai có mặt."),
        _l("Hãy đánh dấu người có mặt, hoặc xác nhận không ai có mặt."),
    ),
    ErrorCode.MEETING_CHAIR: ErrorText(
        _l("Người chủ trì chưa đúng"),
        _l("Người chủ trì phải là lãnh đạo cơ quan hoặc lãnh đạo đơn vị của nơi tổ chức họp."),
        _FIX_AND_SEND,
    ),
    ErrorCode.MEETING_NOT_ISSUED: ErrorText(
        _l("Văn bản của cuộc họp chưa phát hành"),
        _l("Giấy mời hoặc thông báo kết luận đã soạn nhưng chưa được ký, đóng dấu."),
        _l("Hãy phát hành văn bản đó, hoặc hủy nó, rồi làm lại."),
    ),
    ErrorCode.MEETING_LETTER_STALE: ErrorText(
        _l("Giấy mời ghi giờ hoặc nơi khác"),
        _l("Giấy mời %(symbol)s đã phát hành ghi thời gian hoặc địa điểm khác kế hoạch họp."),
        _l("Hãy soạn và phát hành giấy mời thay thế, hoặc sửa kế hoạch cho khớp, rồi mời."),
    ),
    ErrorCode.MEETING_PAPER_INSIDE: ErrorText(
        _l("Tài liệu lưu hành nội bộ"),
        _l("“%(title)s” lưu hành nội bộ nên cơ quan khác được mời không được đọc."),
        _l("Hãy bỏ tài liệu đó, hoặc chỉ mời người trong cơ quan."),
    ),
    ErrorCode.MEETING_ORDERS_LEFT: ErrorText(
        _l("Có nhiệm vụ chưa giao"),
        _l("%(count)s câu “Giao …” trong kết luận sẽ không thành nhiệm vụ."),
        _l("Hãy soạn thông báo kết luận và giao đủ, hoặc chủ ý xác nhận; việc này được ghi."),
    ),
    ErrorCode.MEETING_DOCUMENTED: ErrorText(
        _l("Đã có văn bản của cuộc họp"),
        _l("Văn bản này đã được soạn và đang trên đường phát hành."),
        _l("Hãy mở văn bản đã có từ trang của cuộc họp."),
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
    ErrorCode.AUTHORITY_NOBODY: ErrorText(
        _l("Không ai có thẩm quyền ký"),
        _l(
            "Hôm nay không ai của cơ quan được ký loại văn bản “%(kind)s” thuộc lĩnh vực "
            "“%(work_field)s”."
        ),
        _l("Hãy chọn lĩnh vực khác, hoặc báo quản trị viên ghi thẩm quyền ký."),
    ),
    ErrorCode.AUTHORITY_FIELD: ErrorText(
        _l("Ngoài lĩnh vực được phân công ký"),
        _l(
            "Người ký được ký loại “%(kind)s”, nhưng hôm nay không được phân công ký lĩnh vực "
            "“%(work_field)s”."
        ),
        _l("Hãy chọn người ký phụ trách lĩnh vực này."),
    ),
    ErrorCode.AUTHORITY_TERMS: ErrorText(
        _l("Thừa ủy quyền còn thiếu căn cứ hoặc thời hạn"),
        _l("Thẩm quyền ký thừa ủy quyền (TUQ.) phải có văn bản ủy quyền và ngày kết thúc."),
        _FIX_AND_SEND,
    ),
    ErrorCode.AUTHORITY_PAST: ErrorText(
        _l("Ngày bắt đầu đã qua"),
        _l("Thẩm quyền ký ghi thêm có hiệu lực sớm nhất từ hôm nay, không phải từ %(since)s."),
        _FIX_AND_SEND,
    ),
    ErrorCode.AUTHORITY_NOT_FOUND: ErrorText(
        _l("Không có thẩm quyền ký này"),
        _l("Mã thẩm quyền ký không có trong bảng."),
        _RELOAD,
    ),
    ErrorCode.FIELD_UNKNOWN: ErrorText(
        _l("Không có lĩnh vực này"),
        _l("Lĩnh vực đã chọn không còn trong danh mục của cơ quan."),
        _FIX_AND_SEND,
    ),
    ErrorCode.DELEGATION_NOT_FOUND: ErrorText(
        _l("Không có ủy quyền này"),
        _l("Mã ủy quyền xử lý không có trong hệ thống."),
        _l("Hãy mở lại danh sách ủy quyền xử lý."),
    ),
    ErrorCode.DELEGATION_MISSING: ErrorText(
        _l("Không có ủy quyền cho việc này"),
        _l("Bạn không được ủy quyền làm việc này thay người khác, hoặc ủy quyền đã hết hiệu lực."),
        _l("Hãy xem các ủy quyền bạn nhận ở trang Ủy quyền xử lý."),
    ),
    ErrorCode.DELEGATION_SELF: ErrorText(
        _l("Không tự ủy quyền cho mình"),
        _l("Người nhận ủy quyền phải là người khác."),
        _FIX_AND_SEND,
    ),
    ErrorCode.DELEGATION_UNSUITABLE: ErrorText(
        _l("Không ủy quyền được cho người này"),
        _l(
            "Vào ngày bắt đầu, người nhận không giữ chức vụ phù hợp trong cơ quan: quyền chỉ đạo, "
            "ký chỉ để lại cho lãnh đạo cơ quan, lãnh đạo phòng."
        ),
        _l("Hãy chọn người khác trong cơ quan."),
    ),
    ErrorCode.DELEGATION_PAST: ErrorText(
        _l("Ngày bắt đầu đã qua"),
        _l("Ủy quyền bắt đầu sớm nhất từ hôm nay, không phải từ %(since)s."),
        _FIX_AND_SEND,
    ),
    ErrorCode.DELEGATION_REVERSED: ErrorText(
        _l("Ngày kết thúc trước ngày bắt đầu"),
        _l("Ủy quyền không thể từ %(since)s đến %(until)s."),
        _FIX_AND_SEND,
    ),
    ErrorCode.DELEGATION_TOO_LONG: ErrorText(
        _l("Thời hạn ủy quyền quá dài"),
        _l("Một lần ủy quyền dài nhất %(most)s ngày."),
        _FIX_AND_SEND,
    ),
    ErrorCode.DELEGATION_BEYOND: ErrorText(
        _l("Ủy quyền vượt quá quyền đang có"),
        _l("Chức vụ này không có quyền, loại văn bản hoặc thời hạn muốn ủy quyền."),
        _l("Hãy chỉ ủy quyền những gì chức vụ của bạn được làm."),
    ),
    ErrorCode.DELEGATION_TUQ: ErrorText(
        _l("Không ủy quyền lại việc ký thừa ủy quyền"),
        _l("Bạn ký theo thừa ủy quyền (TUQ.); người được ủy quyền không được ủy quyền lại."),
        _l("Hãy bỏ quyền ký khỏi ủy quyền này."),
    ),
    ErrorCode.DELEGATION_PASSED_ON: ErrorText(
        _l("Không ủy quyền lại"),
        _l("Đây là việc bạn chỉ làm thay người khác; việc được ủy quyền không được ủy quyền lại."),
        _l("Hãy đề nghị người ủy quyền chọn người khác."),
    ),
    ErrorCode.DELEGATION_LOOP: ErrorText(
        _l("Ủy quyền vòng"),
        _l("%(name)s đã ủy quyền đến bạn từ %(since)s đến %(until)s cho cùng loại việc."),
        _l("Hãy chọn người khác hoặc những ngày khác."),
    ),
    ErrorCode.DELEGATION_OVERLAP: ErrorText(
        _l("Đã có ủy quyền này"),
        _l("Cùng việc này đã được ủy quyền cho %(name)s từ %(since)s đến %(until)s."),
        _l("Hãy chấm dứt ủy quyền kia trước, hoặc chọn những ngày khác."),
    ),
    ErrorCode.DELEGATION_CLOSED: ErrorText(
        _l("Ủy quyền đã chấm dứt"),
        _l("Ủy quyền này đã hết hạn hoặc đã được chấm dứt."),
        _l("Hãy mở lại danh sách ủy quyền xử lý."),
    ),
    ErrorCode.DEPUTY_SIGNS_AS_SELF: ErrorText(
        _l("Người ký thay ký bằng tên của mình"),
        _l("Văn bản này mang tên người bạn đang làm thay; không ai ký vào tên người khác."),
        _l("Hãy bấm “Ký thay” để đổi người ký, rồi ký bằng khóa của bạn."),
    ),
    ErrorCode.DELEGATION_OWN_DRAFT: ErrorText(
        _l("Không tự duyệt dự thảo của mình"),
        _l("Bạn là người soạn văn bản này nên không duyệt thay người khác được."),
        _l("Hãy để người ủy quyền hoặc người duyệt khác duyệt."),
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
    ErrorCode.NOTICE_NOT_FOUND: ErrorText(
        _l("Không có thông báo này"),
        _l("Thông báo không có trong danh sách của bạn, hoặc đã quá hạn lưu và được xóa."),
        _l("Hãy mở danh sách thông báo để xem những gì còn lại."),
    ),
    ErrorCode.MAIL_ADDRESS_INVALID: ErrorText(
        _l("Địa chỉ thư điện tử không hợp lệ"),
        _l("Địa chỉ phải có dạng ten@coquan.vn, chỉ gồm chữ không dấu, số và các dấu . _ - +."),
        _l("Hãy kiểm tra và gõ lại địa chỉ."),
    ),
    ErrorCode.MAIL_ADDRESS_MISSING: ErrorText(
        _l("Chưa có địa chỉ đã xác nhận"),
        _l("Muốn nhận thư thì phải có địa chỉ thư điện tử đã xác nhận."),
        _l("Hãy khai địa chỉ và mở liên kết được gửi đến đó."),
    ),
    ErrorCode.MAIL_LINK_INVALID: ErrorText(
        _l("Liên kết xác nhận không còn hiệu lực"),
        _l("Liên kết đã quá 24 giờ, đã được thay bằng liên kết mới hoặc không phải của bạn."),
        _l("Hãy khai lại địa chỉ để nhận liên kết mới."),
    ),
    ErrorCode.MAIL_TOO_OFTEN: ErrorText(
        _l("Đã gửi quá nhiều liên kết xác nhận"),
        _l("Mỗi ngày chỉ gửi được 5 liên kết xác nhận."),
        _l("Hãy thử lại vào ngày mai."),
    ),
    ErrorCode.MAIL_REFUSED: ErrorText(
        _l("Máy chủ thư từ chối thư"),
        _l("Máy chủ thư không nhận thư này."),
        _l("Quản trị viên xem câu trả lời của máy chủ trong danh sách việc đang kẹt."),
    ),
    ErrorCode.MAIL_UNAVAILABLE: ErrorText(
        _l("Chưa gửi được thư điện tử"),
        _l("Hệ thống chưa khai máy chủ thư, hoặc máy chủ thư không trả lời."),
        _l("Thông báo vẫn hiện trong hệ thống; hãy hỏi quản trị viên về máy chủ thư."),
    ),
    ErrorCode.MAIL_NOT_STUCK: ErrorText(
        _l("Thư không bị kẹt"),
        _l("Thư đã được gửi, không cần gửi nữa, hoặc đang trên đường gửi."),
        _l("Hãy tải lại danh sách việc đang kẹt."),
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
    ErrorCode.PERIOD_REVERSED: ErrorText(
        _l("Ngày đầu kỳ sau ngày cuối kỳ"),
        _l("Kỳ báo cáo bắt đầu ngày %(since)s, sau ngày kết thúc %(until)s."),
        _l("Hãy chọn ngày bắt đầu không muộn hơn ngày kết thúc."),
    ),
    ErrorCode.PERIOD_RANGE: ErrorText(
        _l("Kỳ báo cáo ngoài khoảng cho phép"),
        _l("Kỳ báo cáo dài quá %(years)s năm, hoặc nằm ngoài khoảng từ năm 2000 đến năm 2999."),
        _l("Hãy chọn kỳ ngắn hơn."),
    ),
    ErrorCode.ASSUMPTION_RANGE: ErrorText(
        _l("Giả định ngoài khoảng cho phép"),
        _l("Giá trị của “%(field)s” phải từ %(least)s đến %(most)s."),
        _FIX_AND_SEND,
    ),
    ErrorCode.REPORT_UNKNOWN: ErrorText(
        _l("Không có báo cáo này"),
        _l("Không có báo cáo nào tên là “%(name)s”."),
        _l("Dùng “trinhky report list” để xem các báo cáo."),
    ),
    ErrorCode.REPORT_TOO_LONG: ErrorText(
        _l("Sổ quá dài cho một tệp PDF"),
        _l("Kỳ này có %(lines)s dòng; một tệp PDF chứa nhiều nhất %(most)s dòng."),
        _l("Hãy chọn kỳ ngắn hơn, hoặc tải CSV hay XLSX, không giới hạn số dòng."),
    ),
    ErrorCode.REPORT_AGENCY_MISSING: ErrorText(
        _l("Chưa nói là sổ của cơ quan nào"),
        _l("Sổ văn bản là của từng cơ quan."),
        _l("Hãy thêm --agency và mã, ký hiệu hoặc tên của cơ quan."),
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
    FindingCode.CIRCULATION_UNMARKED: _l(
        "nội dung nói lưu hành nội bộ mà chưa chọn chỉ dẫn phạm vi lưu hành"
    ),
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
    "ky": _l("Kỳ"),
    "tu": _l("Từ ngày"),
    "den": _l("Đến ngày"),
    "pages_per_document": _l("Số trang mỗi bản"),
    "dong_per_page": _l("Đồng mỗi trang"),
    "dong_postage": _l("Đồng gửi mỗi bản"),
    "regular_documents": _l("Số văn bản ít nhất"),
    "regular_weeks": _l("Số tuần ít nhất"),
    "subject": _l("Trích yếu"),
    "title": _l("Tên tệp đính kèm"),
    "meeting_title": _l("Nội dung họp"),
    "entry_content": _l("Nội dung lịch"),
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
    "chair_id": _l("Chủ trì"),
    "guests": _l("Thành phần mời"),
    "starts_on": _l("Ngày họp"),
    "ends_time": _l("Giờ kết thúc"),
    "reply_on": _l("Hạn trả lời"),
    "room": _l("Phòng họp"),
    "link": _l("Địa chỉ họp trực tuyến"),
    "agenda": _l("Chương trình"),
    "unit_id": _l("Đơn vị chuẩn bị"),
    "substitute_name": _l("Người dự thay"),
    "substitute_title": _l("Chức vụ người dự thay"),
    "substitute_phone": _l("Điện thoại người dự thay"),
    "minutes": _l("Diễn biến cuộc họp"),
    "conclusions": _l("Kết luận"),
    "replaced_by": _l("Cuộc họp thay thế"),
    "time": _l("Thời gian"),
    "place": _l("Địa điểm"),
    "reply_by": _l("Xác nhận tham dự"),
    "signatory_id": _l("Người ký"),
    "comment": _l("Ý kiến"),
    "values": _l("Giá trị chữ ký"),
    "reason": _l("Lý do"),
    "direction": _l("Ý kiến chỉ đạo"),
    "content": _l("Nội dung nhiệm vụ"),
    "quoted": _l("Trích dẫn"),
    "product": _l("Sản phẩm"),
    "lead": _l("Chủ trì"),
    "cooperators": _l("Phối hợp"),
    "report": _l("Kết quả, tiến độ"),
    "percent": _l("Tỷ lệ đã làm"),
    "evidence": _l("Văn bản minh chứng"),
    "new_due_on": _l("Hạn mới"),
    "decision": _l("Ý kiến"),
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
    "until": _l("Ngày cuối"),
    "thresholds": _l("Số ngày nhắc trước"),
    "week": _l("Tuần"),
    "day": _l("Ngày"),
    "starts_at": _l("Giờ bắt đầu"),
    "ends_at": _l("Giờ kết thúc"),
    "leader_ids": _l("Lãnh đạo"),
    "participants": _l("Thành phần"),
    "preparing": _l("Đơn vị chuẩn bị"),
    "vehicle": _l("Xe"),
    "field_id": _l("Lĩnh vực"),
    "fields": _l("Lĩnh vực"),
    "post_id": _l("Chức vụ"),
    "delegate_id": _l("Người nhận ủy quyền"),
    "powers": _l("Quyền được giao"),
    "kinds": _l("Loại văn bản"),
    "lines": _l("Dòng in trên chữ ký"),
    "signing_form": _l("Hình thức ký"),
    "since": _l("Từ ngày"),
    "name": _l("Tên lĩnh vực"),
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
