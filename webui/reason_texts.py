"""Hold the words of why an expression, a deadline or a decision table is refused.

Each is a part of a sentence: it stands in brackets or after a colon. `%(name)s` stands for a
parameter of the refusal; those that are words themselves are put into the reader's language.
"""

from collections.abc import Mapping

from engine.process.expression_values import Kind
from engine.process.reasons import OtherValue, Reason, read_case
from webui.i18n import mark as _l
from webui.i18n import translate

REASONS: Mapping[Reason, str] = {
    Reason.TOO_LONG: _l("dài quá %(most)s ký tự"),
    Reason.TOO_DEEP: _l("lồng nhau quá nhiều tầng"),
    Reason.EMPTY: _l("chưa ghi gì"),
    Reason.NOT_ONE: _l(
        "không phải một biểu thức trọn vẹn: thừa hoặc thiếu dấu ngoặc, dấu phẩy hay phép so sánh"
    ),
    Reason.CHARACTER: _l("không dùng được ký tự %(character)s"),
    Reason.DOT: _l("không dùng được dấu chấm: chỉ có số nguyên và tên dữ liệu"),
    Reason.ARITHMETIC: _l("không có phép tính %(character)s"),
    Reason.LETTER: _l(
        "không dùng được chữ %(character)s ở đây: tên dữ liệu viết không dấu, "
        "còn chữ thì để trong dấu nháy"
    ),
    Reason.SINGLE_EQUALS: _l("muốn so sánh bằng thì viết hai dấu bằng: =="),
    Reason.OPEN_TEXT: _l("có chữ chưa đóng dấu nháy, hoặc có dấu gạch chéo ngược"),
    Reason.MISSING_BEFORE: _l("trước %(token)s còn thiếu dấu phẩy, phép so sánh, “and” hoặc “or”"),
    Reason.BAD_TEXT: _l(
        "chữ trong dấu nháy dài quá %(most)s ký tự, hoặc có ký tự không thấy được"
    ),
    Reason.LARGE_NUMBER: _l("có số lớn hơn %(most)s"),
    Reason.BAD_NAME: _l(
        "%(name)s không phải tên dữ liệu: tên chỉ gồm chữ thường không dấu, số và dấu _, "
        "không quá 63 ký tự"
    ),
    Reason.CONDITION_EMPTY: _l("điều kiện trống, hoặc ghi hai lần"),
    Reason.CONDITION_KIND: _l("điều kiện phải là đúng hoặc sai, không phải %(kind)s"),
    Reason.NOT_TRUTH: _l("kết quả không phải là đúng hoặc sai"),
    Reason.SYNTAX: _l("không dùng được %(syntax)s"),
    Reason.CHAIN: _l("chỉ viết liền được một khoảng, ví dụ 1 <= rounds < 3"),
    Reason.LIST_ALONE: _l("danh sách chỉ đứng sau “in”, hoặc trước chỉ số như [0]"),
    Reason.LIST_COMPARED: _l("danh sách không đem so sánh, cũng không nằm trong danh sách khác"),
    Reason.LIST_NEEDED: _l('sau “in” phải là một danh sách, ví dụ ("a", "b") hoặc ["a"]'),
    Reason.LIST_KIND: _l("đem %(kind)s tìm trong một danh sách khác loại"),
    Reason.INDEX_PLAIN: _l("chỉ số phải là một số nguyên, đếm từ 0, ví dụ kind[0]"),
    Reason.INDEX_KIND: _l("loại này không có chỉ số: %(kind)s"),
    Reason.INDEX_PAST: _l("không có vị trí [%(index)s]"),
    Reason.FUNCTION_ALONE: _l("%(function)s là hàm, sau đó phải có giá trị trong ngoặc"),
    Reason.FUNCTION_UNKNOWN: _l("không có hàm %(function)s"),
    Reason.FUNCTION_NAMELESS: _l("gọi hàm thì phải gọi bằng tên của hàm"),
    Reason.FUNCTION_VALUES: _l("hàm %(function)s cần đúng %(count)s giá trị"),
    Reason.FUNCTION_NAME: _l("hàm %(function)s cần đúng một tên dữ liệu"),
    Reason.KIND_NEEDED: _l("ở đây cần %(needed_kind)s, không phải %(kind)s"),
    Reason.KINDS_DIFFER: _l("không so sánh %(kind)s với %(other_kind)s được"),
    Reason.KINDS_MIXED: _l("trong một cột không để chung %(kind)s và %(other_kind)s được"),
    Reason.KINDS_UNORDERED: _l("giữa %(kind)s và %(other_kind)s không có lớn hơn, nhỏ hơn"),
    Reason.NO_ORDER: _l("chỉ giữa hai số hoặc hai chữ mới có lớn hơn, nhỏ hơn"),
    Reason.NOT_PLAIN: _l("có giá trị không phải chữ, số nguyên, đúng/sai hay None"),
    Reason.NAME_NOT_PLAIN: _l("giá trị của %(name)s không phải chữ, số nguyên, đúng/sai hay None"),
    Reason.NO_VALUE: _l("%(name)s chưa có giá trị"),
    Reason.DEADLINE_FORM: _l(
        "không phải khoảng thời gian (P3D), thời gian làm việc (3 working days) "
        "hay “at” và tên dữ liệu (at due_at)"
    ),
    Reason.DEADLINE_LETTERS: _l("có chữ có dấu, hoặc ký tự lạ"),
    Reason.DEADLINE_FAR: _l("hạn xa quá mười năm"),
    Reason.DEADLINE_OPENING: _l("lúc bắt đầu tính hạn không rõ múi giờ"),
    Reason.DEADLINE_NUMBER: _l("không phải số nguyên từ 0 đến %(most)s"),
    Reason.MOMENT_FORM: _l("không phải ngày giờ như 2026-11-10T17:00:00+07:00"),
    Reason.MOMENT_OFFSET: _l("ngày giờ thiếu múi giờ, ví dụ +07:00 ở cuối"),
    Reason.MOMENT_UNKNOWN: _l("lịch không có ngày giờ này"),
    Reason.NOT_DMN: _l("tệp không phải DMN 1.1 đến 1.5"),
    Reason.LANGUAGE: _l("không dùng được ngôn ngữ “%(language)s”, chỉ dùng được %(ours)s"),
    Reason.ELEMENT: _l("không dùng được phần tử “%(element)s” trong “%(holder)s”"),
    Reason.ELEMENT_TABLE: _l(
        "không dùng được phần tử “%(element)s” trong “%(holder)s”: mỗi quyết định là một bảng"
    ),
    Reason.ELEMENT_CHAIN: _l(
        "không dùng được phần tử “%(element)s” trong “%(holder)s”: "
        "hãy để quy trình hỏi lần lượt từng bảng"
    ),
    Reason.ELEMENT_FUNCTION: _l(
        "không dùng được phần tử “%(element)s” trong “%(holder)s”: không có hàm tự đặt"
    ),
    Reason.ELEMENT_TYPE: _l(
        "không dùng được phần tử “%(element)s” trong “%(holder)s”: "
        "giá trị chỉ có thể là chữ, số nguyên, đúng/sai"
    ),
    Reason.ELEMENT_IMPORT: _l(
        "không dùng được phần tử “%(element)s” trong “%(holder)s”: tệp không lấy gì ở tệp khác"
    ),
    Reason.ELEMENT_AGAIN: _l("“%(holder)s” có %(count)s phần tử “%(element)s”, chỉ được có một"),
    Reason.DECISION_ID: _l(
        "không dùng được mã “%(id)s”: mã gồm chữ không dấu, số, dấu _ và -, "
        "bắt đầu bằng chữ, không quá 63 ký tự"
    ),
    Reason.DECISION_TWICE: _l("có hai bảng cùng mang mã “%(id)s”"),
    Reason.DECISIONS_MANY: _l("tệp có hơn %(most)s bảng"),
    Reason.DECISIONS_NONE: _l("tệp không có bảng nào"),
    Reason.TABLE_NONE: _l("quyết định này không có bảng"),
    Reason.TABLE_PRIORITY: _l(
        "PRIORITY cần danh sách giá trị của mọi cột ra, quan trọng nhất đứng đầu"
    ),
    Reason.TABLE_VALUE: _l("%(name)s là giá trị mà cột đọc, chỉ dùng được trong ô vào"),
    Reason.POLICY_MANY: _l(
        "không dùng được cách chọn luật %(policy)s: nó cho nhiều kết quả, "
        "mà mỗi tên dữ liệu chỉ giữ một giá trị"
    ),
    Reason.POLICY_UNKNOWN: _l("không có cách chọn luật “%(policy)s”"),
    Reason.TABLE_COLUMNS: _l(
        "bảng có %(inputs)s cột vào và %(outputs)s cột ra, mỗi bên phải có từ 1 đến %(most)s"
    ),
    Reason.TABLE_RULES: _l("bảng có %(count)s luật, phải có từ 1 đến %(most)s"),
    Reason.RULE_CELLS: _l(
        "có %(inputs)s ô vào và %(outputs)s ô ra, phải có %(input_columns)s và %(output_columns)s"
    ),
    Reason.TABLE_DEFAULTS: _l("phải ghi giá trị mặc định cho mọi cột ra, hoặc không cột nào"),
    Reason.OUTPUT_NAME: _l("cột ra phải mang tên dữ liệu, ví dụ due_hours"),
    Reason.NAME_TAKEN: _l("tên này đã dùng rồi"),
    Reason.TYPE_UNKNOWN: _l("không dùng được kiểu “%(type)s”, chỉ có string, number và boolean"),
    Reason.VALUES_FORM: _l("đây không phải là danh sách giá trị"),
    Reason.VALUE_UNLISTED: _l("%(value)s không có trong danh sách giá trị của cột"),
    Reason.CELL_FORM: _l(
        "ô phải là giá trị, phép so sánh hoặc điều kiện; chữ thì để trong dấu nháy"
    ),
    Reason.CELL_LONGER: _l("điều kiện dài hơn phải ghi rõ %(name)s, ví dụ 1 <= %(name)s < 3"),
    Reason.COLUMN_KIND: _l("giá trị ở cột “%(column)s” là %(kind)s, phải là %(needed_kind)s"),
    Reason.COLUMN_VALUE: _l("cột “%(column)s” không nhận giá trị %(value)s"),
    Reason.NO_RULE: _l("không luật nào đúng"),
    Reason.RULES_MATCH: _l("các luật %(rules)s cùng đúng, mà chỉ một luật được đúng"),
    Reason.RULES_DISAGREE: _l("các luật %(rules)s cùng đúng mà cho kết quả khác nhau"),
    Reason.RULE_DEAD: _l("luật %(number)s không bao giờ đúng, do ô của cột “%(column)s”"),
    Reason.RULE_HIDDEN: _l(
        "luật %(number)s không bao giờ tới lượt: các luật đứng trước đã nhận hết"
    ),
    Reason.RULES_OVERLAP: _l("luật %(number)s và luật %(other_number)s cùng đúng khi %(case)s"),
    Reason.GAP: _l("không luật nào đúng khi %(case)s, mà cũng không có mặc định"),
    Reason.MORE_ALIKE: _l("còn những chỗ khác như vậy"),
    Reason.TOO_MANY_CASES: _l("bảng có quá nhiều tổ hợp nên không kiểm tra hết được"),
}

#: Where something was refused, from the outside in; each is a parameter a refusal may have.
PLACES: Mapping[str, str] = {
    "at_name": _l("dữ liệu “%(at_name)s”"),
    "at_decision": _l("bảng “%(at_decision)s”"),
    "at_output": _l("cột ra “%(at_output)s”"),
    "at_default": _l("mặc định của cột “%(at_default)s”"),
    "at_rule": _l("luật %(at_rule)s"),
    "at_column": _l("cột “%(at_column)s”"),
    "at_cell": _l("ghi “%(at_cell)s”"),
}

KINDS: Mapping[Kind, str] = {
    Kind.ANY: _l("giá trị bất kỳ"),
    Kind.TEXT: _l("chữ"),
    Kind.NUMBER: _l("số nguyên"),
    Kind.TRUTH: _l("đúng/sai"),
    Kind.NOTHING: _l("None (trống)"),
    Kind.LIST: _l("danh sách"),
}

OTHER_VALUES: Mapping[OtherValue, str] = {
    OtherValue.TEXT: _l("một chữ khác"),
    OtherValue.ANY: _l("một giá trị khác"),
}

_SIGN = _l("phép tính")
_REPEAT = _l("vòng lặp “for”")
_BRACES = _l("dấu ngoặc nhọn")
_IDENTITY = _l("“is” (hãy viết ==)")
_PAUSE = _l("lệnh chờ")
_TEMPLATE = _l('chữ có chèn giá trị (f"…")')

#: What a person who draws flows calls the parts of speech that the language does not have.
SYNTAX: Mapping[str, str] = {
    "BinOp": _SIGN,
    "UAdd": _SIGN,
    "USub": _SIGN,
    "Invert": _SIGN,
    "Is": _IDENTITY,
    "IsNot": _IDENTITY,
    "Attribute": _l("dấu chấm"),
    "Starred": _l("dấu sao"),
    "Slice": _l("khoảng chỉ số [a:b]"),
    "NamedExpr": _l("phép gán"),
    "Lambda": _l("hàm tự đặt"),
    "IfExp": _l("câu “if … else”"),
    "Dict": _BRACES,
    "Set": _BRACES,
    "ListComp": _REPEAT,
    "SetComp": _REPEAT,
    "DictComp": _REPEAT,
    "GeneratorExp": _REPEAT,
    "Await": _PAUSE,
    "Yield": _PAUSE,
    "YieldFrom": _PAUSE,
    "JoinedStr": _TEMPLATE,
    "FormattedValue": _TEMPLATE,
}
_OTHER_SYNTAX = _l("cách viết này")
_EQUALS = _l("%(column)s là %(value)s")
_KIND_PARAMS = ("kind", "other_kind", "needed_kind")


def reason_sentence(detail: Mapping[str, str], locale: str) -> str:
    """Return why something was refused, and where in its file.

    Args:
        detail: of a finding, or `params` of an error; without `reason_code` its `reason` is
            returned as it is.
    """
    if "reason_code" not in detail:
        return detail.get("reason", "")
    params = {**detail, **_words(detail, locale)}
    sentence = translate(REASONS[Reason(detail["reason_code"])], locale, **params)
    places = [
        translate(text, locale, **detail)
        for name, text in PLACES.items()
        # An empty cell is what the sentence itself is about.
        if name in detail and (detail[name] or name != "at_cell")
    ]
    return f"{', '.join(places)}: {sentence}" if places else sentence


def _words(detail: Mapping[str, str], locale: str) -> dict[str, str]:
    """Return the parameters that are words, in `locale`."""
    found = {
        name: translate(KINDS[Kind(detail[name])], locale)
        for name in _KIND_PARAMS
        if name in detail
    }
    if "syntax" in detail:
        found["syntax"] = translate(SYNTAX.get(detail["syntax"], _OTHER_SYNTAX), locale)
    if "case" in detail:
        pairs = [(label, _value(value, locale)) for label, value in read_case(detail["case"])]
        found["case"] = ", ".join(
            translate(_EQUALS, locale, column=label, value=value) for label, value in pairs
        )
    return found


def _value(value: str, locale: str) -> str:
    known = {str(other): text for other, text in OTHER_VALUES.items()}
    return translate(known[value], locale) if value in known else value
