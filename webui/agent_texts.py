"""Give the page that speaks with the agent its words."""

from collections.abc import Mapping

from webui.agent.codes import AgentCode
from webui.i18n import mark as _l
from webui.i18n import say

#: Words of `client_signing.mjs`, by the name it knows them by; `{…}` it fills in itself.
STEPS: Mapping[str, str] = {
    "ask": _l("Đang hỏi chương trình ký trên máy này…"),
    "begin": _l("Đang chuẩn bị tệp để ký…"),
    "approve": _l(
        "Hãy xem cửa sổ của chương trình ký trên máy này, đối chiếu SHA-256 rồi nhập mã PIN ở đó."
    ),
    "complete": _l("Đang kiểm tra chữ ký và hoàn tất…"),
    "absent": _l(
        "Không thấy chương trình ký trên máy này, hoặc trang này chưa được phép. Hãy cắm token, "
        "chạy “trinhky agent --allow {origin}” rồi bấm lại. Chưa có gì được ký."
    ),
    "silent": _l("Máy chủ không trả lời. Hãy mở lại văn bản để xem tình trạng mới nhất."),
    "ended": _l("Phiên làm việc đã hết hạn; chưa có gì được ký. Hãy đăng nhập lại."),
    "reference": _l("Số tham chiếu: {reference}"),
}

#: What the agent refused, by its code.
REFUSALS: Mapping[AgentCode, str] = {
    AgentCode.HOST_REFUSED: _l("Chương trình ký từ chối địa chỉ này. Chưa có gì được ký."),
    AgentCode.ORIGIN_REFUSED: _l(
        "Trang này chưa được phép xin ký. Hãy chạy “trinhky agent --allow {origin}” rồi bấm lại."
    ),
    AgentCode.REQUEST_INVALID: _l("Chương trình ký không hiểu yêu cầu. Chưa có gì được ký."),
    AgentCode.REQUEST_TOO_LARGE: _l("Yêu cầu ký quá lớn. Chưa có gì được ký."),
    AgentCode.ADDRESS_UNKNOWN: _l(
        "Chương trình ký trên máy này thuộc phiên bản khác. Hãy cài lại rồi bấm lại."
    ),
    AgentCode.ATTRIBUTES_REFUSED: _l(
        "Chương trình ký từ chối vì không đọc được mình ký gì. Chưa có gì được ký."
    ),
    AgentCode.TOKEN_ABSENT: _l("Không thấy token. Hãy cắm token rồi bấm lại. Chưa có gì được ký."),
    AgentCode.KEY_ABSENT: _l(
        "Token đang cắm không giữ khóa của chứng thư {name}. Hãy cắm đúng token rồi bấm lại."
    ),
    AgentCode.PIN_LOCKED: _l(
        "Mã PIN sai quá 3 lần. Hãy khởi động lại chương trình ký; nếu token đã khóa, hãy nhờ nơi "
        "cấp token mở khóa. Chưa có gì được ký."
    ),
    AgentCode.DECLINED: _l("Bạn đã từ chối ký. Chưa có gì được ký."),
    AgentCode.BUSY: _l("Chương trình ký đang hỏi một lần ký khác. Hãy trả lời ở đó rồi bấm lại."),
    AgentCode.TOO_SLOW: _l("Đã quá 5 phút. Chưa có gì được ký; hãy bấm lại."),
    AgentCode.UNEXPECTED: _l("Chương trình ký gặp lỗi. Chưa có gì được ký."),
}


def agent_texts() -> dict[str, str]:
    """Return every word in the language of the request, by name or code."""
    words: dict[str, str] = {**STEPS, **{code.value: text for code, text in REFUSALS.items()}}
    return {name: say(text) for name, text in words.items()}
