"""Hold the sentences of an import's report: what was changed, what a person still has to decide.

Every table is complete for its enum; a test keeps it so. Details that a sentence does not use are
put behind it, so that nothing of the report is lost.
"""

import re
from collections.abc import Mapping

from engine.process.importing import Attention, Change, ChangeKind
from webui.i18n import mark as _l
from webui.i18n import translate

#: `%(name)s` stands for a detail that every change of the kind has.
CHANGES: Mapping[ChangeKind, str] = {
    ChangeKind.CONVERTED_ENCODING: _l("Đổi bảng mã của tệp từ %(was)s sang UTF-8."),
    ChangeKind.MADE_EXECUTABLE: _l("Đánh dấu quy trình là chạy được (isExecutable)."),
    ChangeKind.CHOSE_PROCESS: _l("Tệp có nhiều quy trình: bỏ quy trình “%(dropped)s”."),
    ChangeKind.RENAMED_ID: _l("Đổi mã “%(old)s” vì không đúng quy tắc đặt mã."),
    ChangeKind.GAVE_ID: _l("Đặt mã cho phần tử %(element)s chưa có mã."),
    ChangeKind.REMOVED_ELEMENT: _l("Bỏ phần tử không dùng."),
    ChangeKind.REMOVED_ATTRIBUTE: _l("Bỏ thuộc tính không dùng “%(what)s”."),
    ChangeKind.REMOVED_EXTENSION: _l("Bỏ phần mở rộng của phần mềm khác “%(what)s”."),
    ChangeKind.REMOVED_CONDITION: _l(
        "Bỏ điều kiện “%(condition)s”: ở đây nó không quyết định gì."
    ),
    ChangeKind.REMOVED_NOTE: _l("Bỏ ghi chú trên hình: “%(text)s”."),
    ChangeKind.REMOVED_ASSIGNMENT: _l("Bỏ phân công của phần mềm khác: làn cho biết ai làm."),
    ChangeKind.CONVERTED_TASK: _l("Đổi bước sang loại mà phần mềm này chạy được."),
    ChangeKind.CONVERTED_EVENT: _l("Đổi sự kiện “%(was)s” sang “%(now)s”."),
    ChangeKind.CONVERTED_CONDITION: _l("Viết lại điều kiện “%(was)s” thành “%(now)s”."),
    ChangeKind.CONVERTED_TIMER: _l("Viết lại hẹn giờ “%(was)s” thành “%(now)s”."),
    ChangeKind.JOINED_LINK: _l("Nối thẳng cặp liên kết, đi tiếp từ “%(to)s”."),
    ChangeKind.INLINED_SUBPROCESS: _l("Đưa %(nodes)s phần tử của quy trình con ra ngoài."),
    ChangeKind.MERGED_FLOWS: _l(
        "Gộp đường “%(merged)s” vào đây: cùng đi từ “%(source)s” đến “%(target)s”."
    ),
    ChangeKind.INSERTED_GATEWAY: _l("Thêm cổng %(gateway)s sau “%(after)s” để rẽ cho rõ."),
    ChangeKind.MARKED_DEFAULT: _l("Chọn làm đường mặc định của cổng “%(gateway)s”."),
    ChangeKind.ADDED_START: _l("Thêm điểm bắt đầu trước “%(before)s”."),
    ChangeKind.ADDED_END: _l("Thêm điểm kết thúc sau “%(after)s”."),
    ChangeKind.FLATTENED_LANES: _l("Bỏ làn “%(name)s” bao ngoài các làn khác."),
    ChangeKind.MAPPED_LANE: _l("Nhận ra vai trò của làn “%(name)s”; mã cũ “%(was)s”."),
    ChangeKind.LAID_OUT: _l("Xếp chỗ trên hình cho %(missing)s phần tử chưa có chỗ."),
    ChangeKind.NEEDS_ATTENTION: _l("Cần người xem lại."),
}

ATTENTIONS: Mapping[Attention, str] = {
    Attention.UNSUPPORTED: _l("Phần mềm không chạy loại phần tử này; hãy vẽ lại bằng loại khác."),
    Attention.EVENT_DEFINITION: _l(
        "Chỉ chạy được sự kiện hẹn giờ hoặc thông điệp; hãy vẽ lại sự kiện này."
    ),
    Attention.LOOP: _l("Bước lặp không chạy được; hãy vẽ vòng lặp bằng cổng và đường quay lại."),
    Attention.COMPENSATION: _l("Bước bù trừ không chạy được; hãy vẽ thành bước thường hoặc bỏ."),
    Attention.SUBPROCESS: _l(
        "Quy trình con này không đưa ra ngoài được; hãy vẽ các bước của nó vào quy trình chính."
    ),
    Attention.EMPTY_SUBPROCESS: _l(
        "Quy trình con không có nội dung nên đã thành một bước; hãy xem có đúng không."
    ),
    Attention.SCRIPT: _l(
        "Đoạn chương trình đã bị bỏ; hãy thay bằng bảng quyết định hoặc một việc của hệ thống."
    ),
    Attention.START_TRIGGER: _l(
        "Bỏ cách khởi động tự động; quy trình được bắt đầu khi có văn bản."
    ),
    Attention.END_RESULT: _l(
        "Bỏ kết quả ở điểm kết thúc; nếu còn việc song song thì nay chúng vẫn đi tiếp."
    ),
    Attention.QUANTITY: _l("Bỏ số lần cần hoặc tạo ra; mỗi bước nay nhận một và cho ra một."),
    Attention.CONDITION: _l("Không dịch được điều kiện “%(condition)s”; hãy viết lại."),
    Attention.NO_CONDITION: _l("Đường ra của cổng “%(gateway)s” chưa có điều kiện; hãy viết vào."),
    Attention.TIMER: _l("Không dịch được hẹn giờ; hãy viết lại, ví dụ “3 working days”."),
    Attention.MESSAGE: _l("Sự kiện chưa trỏ tới thông điệp nào; hãy chọn thông điệp."),
    Attention.MESSAGE_TASK: _l(
        "Bước gửi hoặc nhận thông điệp đã thành bước cho người làm; hãy xem có đúng không."
    ),
    Attention.DECISION: _l("Chưa biết bảng quyết định nào; hãy ghi trinhky:decision."),
    Attention.CALLED: _l("Chưa biết gọi quy trình nào; hãy ghi calledElement."),
    Attention.BOUNDARY: _l("Sự kiện ở viền phải gắn vào bước có người làm; hãy gắn lại."),
    Attention.LINK: _l("Liên kết không có đầu kia; hãy nối bằng đường thường."),
    Attention.STARTS: _l("Quy trình có %(count)s điểm bắt đầu; phải có đúng một."),
    Attention.NO_WAY_IN: _l("Không có đường đi đúng tới đây; hãy nối lại."),
    Attention.NO_NAME: _l("Bước chưa có tên; hãy đặt tên để người làm biết việc gì."),
    Attention.DANGLING: _l("Đường “%(flow)s” dẫn tới chỗ không có nên đã bỏ; hãy nối lại."),
    Attention.EMPTY: _l("Quy trình không có bước nào."),
    Attention.NO_LANES: _l("Không có làn nên chưa biết ai làm; hãy vẽ làn cho các vai trò."),
    Attention.LANE: _l("Không nhận ra vai trò của làn “%(name)s”; hãy đặt mã làn là một vai trò."),
    Attention.LANE_TWICE: _l("Vai trò “%(role)s” đã có làn khác; hãy gộp hai làn."),
    Attention.SYSTEM_LANE: _l(
        "Việc của hệ thống và bảng quyết định phải nằm trong làn he_thong; hãy chuyển vào."
    ),
}

#: Names of details, for what a sentence leaves over; a detail without one is shown by its key.
DETAILS: Mapping[str, str] = {
    "was": _l("trước"),
    "now": _l("nay"),
    "name": _l("tên"),
    "element": _l("loại"),
    "what": _l("phần"),
    "value": _l("giá trị"),
    "text": _l("nội dung"),
    "count": _l("số lần"),
    "elements": _l("ở"),
    "nodes": _l("số phần tử"),
    "condition": _l("điều kiện"),
    "decision": _l("bảng quyết định"),
    "script": _l("chương trình"),
    "event": _l("sự kiện"),
    "timer": _l("hẹn giờ"),
    "lane": _l("làn"),
    "loop": _l("kiểu lặp"),
    "refers": _l("trỏ tới"),
    "because": _l("lý do"),
    "gateway": _l("cổng"),
}

_PARAMETER = re.compile(r"%\((\w+)\)s")


def change_sentence(change: Change, locale: str) -> str:
    """Return one line of the report in `locale`, with everything that is known about it."""
    detail = dict(change.detail)
    text = CHANGES[change.kind]
    if change.kind is ChangeKind.NEEDS_ATTENTION:
        text = ATTENTIONS[Attention(detail.pop("reason"))]
    used = set(_PARAMETER.findall(text))
    left = [
        f"{translate(DETAILS.get(key, key), locale)}: {value}"
        for key, value in detail.items()
        if key not in used
    ]
    sentence = translate(text, locale, **detail)
    return f"{sentence} ({'; '.join(left)})" if left else sentence
