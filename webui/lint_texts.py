"""Hold the words of every rule a diagram is held against: what is wrong, and how to mend it.

`%(name)s` stands for a value of the finding's detail. Why a text in the expression language is
refused (`reason`) is said in the reader's language too, by `webui.reason_texts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.process.findings import Finding, LintRule
from webui.i18n import mark as _l
from webui.i18n import translate
from webui.reason_texts import reason_sentence


@dataclass(frozen=True)
class LintText:
    """Hold the two sentences of one rule."""

    text: str
    mend: str


_SAVE_AS_UTF8 = _l("Hãy xuất lại tệp từ trình vẽ BPMN, mã UTF-8.")
_SPLIT = _l("Hãy chia thành quy trình con, gọi bằng “Gọi quy trình con”.")

TEXTS: Mapping[LintRule, LintText] = {
    LintRule.XML_TOO_LARGE: LintText(_l("Tệp quá lớn: %(bytes)s byte, tối đa 2.000.000."), _SPLIT),
    LintRule.XML_NOT_UTF8: LintText(_l("Tệp không phải mã UTF-8."), _SAVE_AS_UTF8),
    LintRule.XML_DOCTYPE: LintText(
        _l("Tệp có khai báo DOCTYPE hoặc ENTITY nên bị từ chối, chưa đọc gì bên trong."),
        _l("Hãy xóa các khai báo đó; tệp BPMN không cần đến chúng."),
    ),
    LintRule.XML_BROKEN: LintText(_l("Tệp không phải XML đúng: %(reason)s."), _SAVE_AS_UTF8),
    LintRule.NOT_BPMN: LintText(
        _l("Tệp là XML nhưng không phải BPMN 2.0."), _l("Hãy chọn tệp .bpmn.")
    ),
    LintRule.ONE_PROCESS: LintText(
        _l("Tệp có %(count)s quy trình, phải có đúng một."),
        _l("Hãy tách mỗi quy trình thành một tệp."),
    ),
    LintRule.NOT_EXECUTABLE: LintText(
        _l("Quy trình chưa được đánh dấu là chạy được."),
        _l('Hãy đặt isExecutable="true" cho quy trình.'),
    ),
    LintRule.WRONG_PROCESS: LintText(
        _l("Mã quy trình không phải của một quy trình mà hệ thống có (%(expected)s)."),
        _l("Hãy đặt mã (id) của quy trình là một trong các mã đó."),
    ),
    LintRule.TOO_MANY_NODES: LintText(_l("Sơ đồ có %(count)s phần tử, tối đa 500."), _SPLIT),
    LintRule.UNSUPPORTED: LintText(
        _l("Loại phần tử “%(element)s” không được hỗ trợ."),
        _l("Hãy xóa, hoặc thay bằng một loại có trong bảng công cụ của trang sửa quy trình."),
    ),
    LintRule.ID_MISSING: LintText(
        _l("Một phần tử “%(element)s” không có mã (id)."),
        _l("Hãy đặt cho phần tử một mã riêng."),
    ),
    LintRule.ID_NOT_ALLOWED: LintText(
        _l("Mã của phần tử có ký tự không được dùng."),
        _l("Hãy đặt mã không quá 63 ký tự, chỉ gồm chữ không dấu, số, dấu _ và -."),
    ),
    LintRule.ID_TWICE: LintText(
        _l("Có hai phần tử mang cùng một mã."), _l("Hãy đổi mã của một trong hai.")
    ),
    LintRule.NAME_MISSING: LintText(
        _l("Bước chưa có tên."), _l("Hãy đặt tên để mọi người biết phải làm gì.")
    ),
    LintRule.REFERENCE_UNKNOWN: LintText(
        _l("Phần tử nhắc đến “%(reference)s”, nhưng không có phần tử nào như vậy."),
        _l("Hãy nối lại đường đi, hoặc xóa phần tử."),
    ),
    LintRule.ATTRIBUTE_WRONG: LintText(
        _l("Thuộc tính “%(attribute)s” không dùng được ở phần tử này, hoặc giá trị sai."),
        _l("Tên dữ liệu chỉ gồm chữ thường không dấu, số và dấu _, cách nhau bằng dấu cách."),
    ),
    LintRule.FLOW_TWICE: LintText(
        _l("Có hai đường nối cùng một cặp phần tử."), _l("Hãy xóa một đường.")
    ),
    LintRule.LANE_TWICE: LintText(
        _l("Phần tử nằm ở hai làn."), _l("Hãy để phần tử nằm gọn trong một làn.")
    ),
    LintRule.LANE_WITHOUT_ROLE: LintText(
        _l("Việc nằm ở làn “%(lane)s”, làn này không phải của một vai trò."),
        _l("Hãy chọn vai trò cho làn, hoặc chuyển việc sang làn của một vai trò."),
    ),
    LintRule.LANE_NOT_SYSTEM: LintText(
        _l("Việc của hệ thống nằm ở làn “%(lane)s”."), _l("Hãy chuyển sang làn Hệ thống.")
    ),
    LintRule.ONE_START: LintText(
        _l("Quy trình có %(count)s điểm bắt đầu, phải có đúng một."),
        _l("Hãy giữ lại một điểm bắt đầu."),
    ),
    LintRule.FLOWS_ENTERING: LintText(
        _l("Số đường đi vào phần tử này là %(count)s, không đúng với loại của nó."),
        _l("Điểm bắt đầu và sự kiện ở mép không có đường vào; mọi phần tử khác phải có."),
    ),
    LintRule.FLOWS_LEAVING: LintText(
        _l("Số đường đi ra khỏi phần tử này là %(count)s, không đúng với loại của nó."),
        _l("Điểm kết thúc không có đường ra; mọi phần tử khác phải có."),
    ),
    LintRule.IMPLICIT_FORK: LintText(
        _l("Có %(count)s đường cùng đi ra từ một bước, không rõ là chọn một hay đi tất cả."),
        _l("Hãy đặt sau bước này một cổng: rẽ nhánh theo điều kiện, hoặc song song."),
    ),
    LintRule.DEFAULT_UNKNOWN: LintText(
        _l("Nhánh mặc định “%(reference)s” không phải là đường đi ra từ cổng này."),
        _l("Hãy chọn lại nhánh mặc định của cổng."),
    ),
    LintRule.CONDITION_MISSING: LintText(
        _l("Đường đi ra từ cổng “%(gateway)s” chưa có điều kiện."),
        _l("Hãy ghi điều kiện cho đường này, hoặc chọn nó làm nhánh mặc định."),
    ),
    LintRule.CONDITION_MISPLACED: LintText(
        _l("Điều kiện “%(text)s” đặt ở nơi không có gì để chọn."),
        _l("Hãy xóa điều kiện: chỉ các nhánh không mặc định của cổng rẽ nhánh mới cần."),
    ),
    LintRule.CONDITION_REFUSED: LintText(
        _l("Không hiểu điều kiện “%(text)s” (%(reason)s)."),
        _l('Hãy ghi theo mẫu: approved == True, hoặc urgency in ("khan", "hoa_toc").'),
    ),
    LintRule.NAME_UNWRITTEN: LintText(
        _l("Ở đây đọc dữ liệu “%(name)s”, nhưng không bước nào ghi dữ liệu đó."),
        _l("Hãy kiểm tra lại tên, hoặc thêm bước ghi dữ liệu này (ví dụ một bảng quyết định)."),
    ),
    LintRule.NAME_TOO_EARLY: LintText(
        _l("Có đường đi đến đây mà dữ liệu “%(name)s” chưa được bước nào ghi."),
        _l("Hãy đặt bước ghi dữ liệu này trước phần tử này trên mọi đường đi."),
    ),
    LintRule.NAME_RESERVED: LintText(
        _l("Phần tử này ghi dữ liệu “%(name)s”, dữ liệu chỉ do nghiệp vụ của hệ thống ghi."),
        _l("Hãy dùng một tên dữ liệu khác."),
    ),
    LintRule.NEVER_REACHED: LintText(
        _l("Không có đường nào từ điểm bắt đầu đến phần tử này."),
        _l("Hãy nối phần tử vào đường đi, hoặc xóa."),
    ),
    LintRule.NO_WAY_OUT: LintText(
        _l("Từ phần tử này không có đường nào đến điểm kết thúc."),
        _l("Hãy nối tiếp cho đến một điểm kết thúc."),
    ),
    LintRule.LOOP_WITHOUT_WAIT: LintText(
        _l("Có một vòng lặp không chờ ai và không chờ gì, nên sẽ chạy mãi."),
        _l("Hãy đặt trong vòng lặp một việc của người, hoặc một bước chờ."),
    ),
    LintRule.LOOP_WITHOUT_CHOICE: LintText(
        _l("Có một vòng lặp không có chỗ nào để ra."),
        _l("Hãy đặt trong vòng lặp một cổng rẽ nhánh theo điều kiện."),
    ),
    LintRule.JOIN_WAITS: LintText(
        _l("Cổng song song này có thể chờ mãi một nhánh không bao giờ đến."),
        _l("Chỉ gộp bằng cổng song song những nhánh đã tách từ một cổng song song."),
    ),
    LintRule.TOKENS_MEET: LintText(
        _l("Hai nhánh song song cùng đến phần tử này, nên nó có thể bị làm hai lần."),
        _l("Hãy gộp các nhánh bằng cổng song song trước phần tử này."),
    ),
    LintRule.TOO_MANY_STATES: LintText(
        _l("Sơ đồ có quá nhiều nhánh song song nên không kiểm tra hết được."), _SPLIT
    ),
    LintRule.EVENT_WRONG: LintText(
        _l("Sự kiện phải có đúng một hẹn giờ hoặc một thông điệp."),
        _l("Hãy ghi thời hạn (ví dụ P3D), hoặc tên thông điệp của sự kiện."),
    ),
    LintRule.TIMER_REFUSED: LintText(
        _l("Không hiểu thời hạn “%(text)s” (%(reason)s)."),
        _l("Hãy ghi theo mẫu: 3 working days, 4 working hours, P3D, PT4H."),
    ),
    LintRule.BOUNDARY_WRONG: LintText(
        _l("Sự kiện ở mép phải gắn vào một việc của người, nay gắn vào “%(host)s”."),
        _l("Hãy kéo sự kiện vào mép của một việc của người."),
    ),
    LintRule.TIMER_MISSING: LintText(
        _l("Việc này chưa có hẹn giờ ngắt, nên khi hết hạn không có gì kết thúc nó."),
        _l("Hãy gắn vào mép của việc một hẹn giờ ngắt (ví dụ at due_at)."),
    ),
    LintRule.RETURN_WRONG: LintText(
        _l("Không trả lại được về “%(target)s”."),
        _l("Chỉ trả lại được về một việc khác của người trong cùng quy trình."),
    ),
    LintRule.RETURN_NOT_ALLOWED: LintText(
        _l("Nghiệp vụ của bước này không trả lại được về “%(target)s”."),
        _l("Hãy bỏ bước đó khỏi danh sách trả lại (nghiệp vụ trả lại được: %(allowed)s)."),
    ),
    LintRule.USE_CASE_MISSING: LintText(
        _l("Hệ thống không có nghiệp vụ “%(named)s” để làm việc này (có: %(known)s)."),
        _l("Hãy chọn nghiệp vụ cho bước này."),
    ),
    LintRule.OPERATION_UNKNOWN: LintText(
        _l("Hệ thống không có việc nào mang mã này (có: %(known)s)."),
        _l("Hãy chọn việc của hệ thống cho bước này."),
    ),
    LintRule.DECISION_REFUSED: LintText(
        _l("Bảng quyết định không dùng được: %(reason)s."),
        _l("Hãy sửa bảng quyết định rồi tải lên lại."),
    ),
    LintRule.DECISION_UNKNOWN: LintText(
        _l("Không có bảng quyết định “%(reference)s” trong tệp DMN đi kèm."),
        _l("Hãy tải lên cả tệp DMN, hoặc chọn một bảng có trong tệp đó."),
    ),
    LintRule.CALL_UNKNOWN: LintText(
        _l("Không có quy trình con “%(reference)s”, hoặc quy trình đó không gọi được."),
        _l("Hãy chọn một quy trình con của hệ thống."),
    ),
    LintRule.CALL_INCOMPLETE: LintText(
        _l("Quy trình con cần dữ liệu “%(missing)s” mà bước này không trao cho."),
        _l("Hãy ghi tên các dữ liệu đó ở mục “Dữ liệu trao cho quy trình con”."),
    ),
    LintRule.STEP_MISSING: LintText(
        _l("Có đường đi đến điểm kết thúc mà không qua bước bắt buộc “%(step)s”."),
        _l("Hãy đặt bước này trên mọi đường đi."),
    ),
    LintRule.STEP_ORDER: LintText(
        _l("Có đường đi đến đây mà chưa qua bước “%(before)s”."),
        _l("Hãy đặt bước đó trước phần tử này trên mọi đường đi."),
    ),
    LintRule.STEP_AFTER_REFUSAL: LintText(
        _l("Bước “%(before)s” không đồng ý mà vẫn có đường đi đến đây."),
        _l("Hãy đặt sau bước đó một cổng rẽ nhánh, chỉ đi tiếp khi %(condition)s."),
    ),
    LintRule.STEP_AGAIN: LintText(
        _l("Bước “%(before)s” đã xong mà vẫn có đường đi đến đây."),
        _l("Hãy đặt phần tử này trước bước đó, hoặc bỏ đường đi này."),
    ),
    LintRule.OPENING_WAITS: LintText(
        _l("Quy trình đã chờ hoặc kết thúc ở đây mà chưa qua bước mở đầu (%(expected)s)."),
        _l("Hãy đặt bước mở đầu ngay sau điểm bắt đầu."),
    ),
}


def lint_sentence(finding: Finding, locale: str) -> str:
    """Return what is wrong."""
    told = {**finding.detail, "reason": reason_sentence(finding.detail, locale)}
    return translate(TEXTS[finding.rule].text, locale, **told)


def lint_remedy(finding: Finding, locale: str) -> str:
    """Return how to mend it."""
    return translate(TEXTS[finding.rule].mend, locale, **finding.detail)
