"""Say what indicators count: names, definitions, headings, values as people write them."""

from collections.abc import Mapping
from dataclasses import dataclass

from babel.numbers import format_decimal, format_percent

from engine.model.indicators import INDICATORS, IndicatorId, IndicatorValue, Measure, Side, Slice
from engine.model.register import RegisterBook
from engine.ports_reports import BehindKind
from engine.ports_signing import HolderKind
from webui.i18n import mark as _l
from webui.i18n import translate


@dataclass(frozen=True)
class IndicatorWords:
    """Hold the words of one indicator.

    Args:
        part: what a slice is, as a column's heading.
        counted, total: headings of the two numbers; "" leaves the column out.
        value: heading of the value; "" leaves the column out.
        yes, no: the two sides of a drill-down; "" when there are none.
    """

    name: str
    definition: str
    part: str
    counted: str
    total: str
    value: str
    yes: str = ""
    no: str = ""


_AGENCY = _l("Cơ quan")
_STEP = _l("Bước")

WORDS: Mapping[IndicatorId, IndicatorWords] = {
    IndicatorId.REGULAR_USE: IndicatorWords(
        _l("Cơ quan sử dụng thường xuyên"),
        _l(
            "Số cơ quan trong kỳ đã phát hành hoặc vào sổ ít nhất %(documents)s văn bản, trong ít "
            "nhất %(weeks)s tuần khác nhau, trên tổng số cơ quan đang hoạt động vào ngày cuối kỳ "
            "(không kể Ủy ban nhân dân thành phố, vốn do Văn phòng phục vụ)."
        ),
        _AGENCY,
        _l("Văn bản đi và đến"),
        _l("Số tuần có văn bản"),
        _l("Thường xuyên"),
    ),
    IndicatorId.WITHIN: IndicatorWords(
        _l("Trao đổi điện tử trong nội bộ cơ quan"),
        _l(
            "Tỷ lệ văn bản đến đã vào sổ trong kỳ được chuyển ngay trên hệ thống tới người xử lý, "
            "không qua bản giấy, trên tổng số văn bản đến đã vào sổ. Hệ thống không biết văn bản "
            "giấy chưa vào sổ ở đây."
        ),
        _AGENCY,
        _l("Đã chuyển trên hệ thống"),
        _l("Đã vào sổ"),
        _l("Tỷ lệ"),
        _l("Đã chuyển"),
        _l("Chưa chuyển"),
    ),
    IndicatorId.BETWEEN: IndicatorWords(
        _l("Trao đổi điện tử giữa các cơ quan"),
        _l(
            "Tỷ lệ nơi nhận đã vào sổ bản điện tử, trên tổng số nơi nhận của các văn bản gửi "
            "trong kỳ, kể cả nơi chưa nhận, chưa vào sổ hoặc từ chối. Tính theo cơ quan gửi. Văn "
            "bản chỉ gửi bản giấy không qua hệ thống nên không có trong mẫu số."
        ),
        _AGENCY,
        _l("Đã vào sổ nơi nhận"),
        _l("Lượt gửi"),
        _l("Tỷ lệ"),
        _l("Đã vào sổ"),
        _l("Chưa vào sổ hoặc từ chối"),
    ),
    IndicatorId.CERTIFICATES: IndicatorWords(
        _l("Chứng thư số đã cấp"),
        _l(
            "Số chứng thư số đã cấp hoặc đã đăng ký cho cơ quan và cá nhân tính đến ngày cuối kỳ, "
            "kể cả chứng thư đã hết hạn hay bị thu hồi; bên cạnh là số có hiệu lực từ trong kỳ. "
            "Của một cơ quan: chứng thư của cơ quan và của người đã hoặc đang giữ vị trí ở đó."
        ),
        _l("Cấp cho"),
        _l("Trong kỳ"),
        _l("Đến cuối kỳ"),
        "",
        _l("Trong kỳ"),
        _l("Trước kỳ"),
    ),
    IndicatorId.STEPS_ON_TIME: IndicatorWords(
        _l("Bước xử lý đúng hạn"),
        _l(
            "Tỷ lệ bước do người thực hiện, có hạn, xong trong kỳ và không muộn hơn hạn, trên "
            "tổng số bước có hạn xong trong kỳ."
        ),
        _STEP,
        _l("Đúng hạn"),
        _l("Có hạn"),
        _l("Tỷ lệ"),
        _l("Đúng hạn"),
        _l("Trễ hạn"),
    ),
    IndicatorId.ASSIGNMENTS_ON_TIME: IndicatorWords(
        _l("Nhiệm vụ đúng hạn"),
        _l(
            "Tỷ lệ nhiệm vụ có hạn trong kỳ mà đơn vị chủ trì đã báo cáo hoàn thành không muộn "
            "hơn hạn, trên tổng số nhiệm vụ có hạn trong kỳ đã báo cáo hoàn thành hoặc đã quá "
            "hạn. Hạn là hạn đang có hiệu lực, sau các lần gia hạn; không kể nhiệm vụ đã hủy."
        ),
        _l("Cơ quan chủ trì"),
        _l("Đúng hạn"),
        _l("Đến hạn"),
        _l("Tỷ lệ"),
        _l("Đúng hạn"),
        _l("Trễ hoặc quá hạn"),
    ),
    IndicatorId.STEP_TIMES: IndicatorWords(
        _l("Thời gian mỗi bước"),
        _l(
            "Thời gian trung bình và trung vị từ khi một bước mở đến khi xong, tính bằng giờ theo "
            "lịch (kể cả đêm và ngày nghỉ), của các bước do người thực hiện xong trong kỳ. Trung "
            "vị dưới một giờ chính xác đến phút, dài hơn thì sai không quá 5 %%."
        ),
        _STEP,
        _l("Số lượt"),
        "",
        _l("Trung bình (giờ)"),
    ),
    IndicatorId.DOCUMENTS: IndicatorWords(
        _l("Văn bản đi và đến"),
        _l(
            "Số văn bản đi đã phát hành và số văn bản đến đã vào sổ trong kỳ, tính theo thời điểm "
            "vào sổ; không kể số đã hủy."
        ),
        _AGENCY,
        _l("Văn bản đi"),
        _l("Văn bản đến"),
        _l("Tổng số"),
        _l("Văn bản đi"),
        _l("Văn bản đến"),
    ),
    IndicatorId.RETURNS: IndicatorWords(
        _l("Trả lại, từ chối"),
        _l("Tỷ lệ bước kết thúc bằng trả lại hoặc từ chối, trên tổng số bước xong trong kỳ."),
        _STEP,
        _l("Trả lại, từ chối"),
        _l("Đã xong"),
        _l("Tỷ lệ"),
        _l("Trả lại, từ chối"),
        _l("Đi tiếp"),
    ),
    IndicatorId.SAVINGS: IndicatorWords(
        _l("Tiết kiệm (ước tính)"),
        _l(
            "Ước tính, không phải số quyết toán: số bản giấy không phải in và gửi (lượt gửi đã "
            "vào sổ nơi nhận) × (%(pages)s trang mỗi bản × %(page)s đồng mỗi trang + %(postage)s "
            "đồng gửi mỗi bản). Các giả định sửa được ở trang này."
        ),
        _AGENCY,
        _l("Bản giấy không phải gửi"),
        "",
        _l("Đồng"),
        _l("Đã vào sổ"),
        _l("Chưa vào sổ hoặc từ chối"),
    ),
}

HOLDERS: Mapping[str, str] = {
    HolderKind.AGENCY: _l("Cơ quan, tổ chức"),
    HolderKind.PERSON: _l("Cá nhân"),
}
MEDIAN = _l("Trung vị (giờ)")
PROCEDURES: Mapping[str, str] = {
    "outgoing": _l("Văn bản đi"),
    "incoming": _l("Văn bản đến"),
    "opinion": _l("Xin ý kiến"),
    "certificate": _l("Cấp chứng thư số"),
    "suspension": _l("Tạm dừng chứng thư số"),
    "copy": _l("Bản sao"),
    "direction": _l("Nhiệm vụ"),
    "extension": _l("Gia hạn nhiệm vụ"),
    "cooperation": _l("Phối hợp"),
    "meeting": _l("Cuộc họp"),
    "schedule": _l("Lịch làm việc"),
}
BEHIND: Mapping[BehindKind, str] = {
    BehindKind.DOCUMENT: _l("Văn bản đi"),
    BehindKind.DELIVERY: _l("Văn bản đến"),
    BehindKind.ASSIGNMENT: _l("Nhiệm vụ"),
    BehindKind.CERTIFICATE: _l("Chứng thư số"),
    BehindKind.MEETING: _l("Cuộc họp"),
    BehindKind.SCHEDULE: _l("Lịch làm việc"),
    BehindKind.OTHER: _l("Việc khác"),
}
_YES, _NO = _l("có"), _l("chưa")
_NOTHING = _l("chưa có số liệu")
_OF = _l("%(counted)s/%(total)s cơ quan")
_HOURS = _l("%(hours)s giờ")
_DONG = _l("%(dong)s đồng")
_MAX_DECIMALS = "#,##0.#"

#: Texts and notes that belong to the numbers of 2015.
REFERENCE_NOTES: Mapping[IndicatorId, str] = {
    IndicatorId.REGULAR_USE: _l("28/32 cơ quan"),
    IndicatorId.CERTIFICATES: _l("1.020 chứng thư, trong đó 500 của năm 2014"),
    IndicatorId.SAVINGS: _l("hơn 2 tỷ đồng"),
}


def side_word(indicator: IndicatorId, side: Side) -> str:
    """Return the word of one side of a drill-down, "" when there are no sides."""
    words = WORDS[indicator]
    return {Side.COUNTED: words.yes, Side.OTHERS: words.no}.get(side, "")


def slice_name(part: Slice, locale: str) -> str:
    """Return how a slice is called: by its own name, or by the word of its key."""
    procedure_id, dot, _ = part.key.partition(".")
    if dot:
        procedure = translate(PROCEDURES.get(procedure_id, procedure_id), locale)
        return f"{procedure}: {part.name}"
    return part.name or translate(HOLDERS.get(part.key, part.key), locale)


def value_text(value: IndicatorValue, locale: str) -> str:
    """Return the value as people write it."""
    if value.value is None:
        return translate(_NOTHING, locale)
    if INDICATORS[value.id].measure is Measure.AGENCIES:
        return translate(_OF, locale, counted=str(value.counted), total=str(value.total))
    return measured_text(value.id, value.value, locale)


def measured_text(indicator: IndicatorId, value: float | None, locale: str) -> str:
    """Return a value of an indicator's slices as people write it."""
    if value is None:
        return "–"
    measure = INDICATORS[indicator].measure
    if measure is Measure.AGENCIES:
        return translate(_YES if value else _NO, locale)
    if measure is Measure.SHARE:
        return format_percent(value, "#,##0.0 %", locale=locale)
    number = format_decimal(value, _MAX_DECIMALS, locale=locale)
    if measure is Measure.HOURS:
        return translate(_HOURS, locale, hours=number)
    return translate(_DONG, locale, dong=number) if measure is Measure.MONEY else number


def number_text(value: float, locale: str) -> str:
    """Return a number with the separators of the language."""
    return format_decimal(value, _MAX_DECIMALS, locale=locale)


def target_text(value: IndicatorValue, locale: str) -> str:
    """Return the target as people write it, "" when there is none."""
    if value.target is None:
        return ""
    if INDICATORS[value.id].measure is Measure.AGENCIES:
        total = str(round(value.target))
        return translate(_OF, locale, counted=total, total=total)
    return measured_text(value.id, value.target, locale)


def reference_text(indicator: IndicatorId, locale: str) -> str:
    """Return what the city reported in 2015, "" when it did not."""
    note = REFERENCE_NOTES.get(indicator)
    if note is not None:
        return translate(note, locale)
    reference = INDICATORS[indicator].reference
    return "" if reference is None else measured_text(indicator, reference, locale)


def book_word(book: RegisterBook) -> str:
    """Return the word of a book as a part of the indicator of documents."""
    return (
        WORDS[IndicatorId.DOCUMENTS].yes
        if book is RegisterBook.OUTGOING
        else WORDS[IndicatorId.DOCUMENTS].no
    )
