"""Read orders out of conclusion notices as they are really written."""

import unicodedata
from collections.abc import Sequence
from datetime import date

import pytest

from engine.assignments_in_text import ProposedOrder, find_orders
from engine.calendar.working_time import vietnam_calendar
from engine.model.organisation import AgencyKind
from webui.city import shipped_tables
from workflows.organisation.city_tables import read_city

CITY = read_city(shipped_tables(people=True))
DISTRICTS = {a.id for a in CITY.agencies if a.kind is AgencyKind.DISTRICT}
UNITS = [unit for unit in CITY.units if unit.agency_id == "snv"]
DAY = date(2015, 6, 10)


def orders(body: str) -> Sequence[ProposedOrder]:
    return find_orders(body, CITY.agencies, UNITS, day=DAY, calendar=vietnam_calendar())


def lead(order: ProposedOrder) -> str | None:
    return None if order.lead is None else order.lead.unit_id or order.lead.agency_id


def others(order: ProposedOrder) -> list[str]:
    return [party.unit_id or party.agency_id for party in order.cooperators]


def test_find_orders_reads_both_orders_when_the_notice_is_that_of_the_practice() -> None:
    found = orders(
        "1. Giao Sở Nội vụ chủ trì, phối hợp với Sở Thông tin và Truyền thông tổng hợp báo cáo, "
        "trình Ủy ban nhân dân thành phố trước ngày 30 tháng 6 năm 2015. "
        "2. Giao Ủy ban nhân dân các quận, huyện rà soát thủ tục hành chính./."
    )
    assert lead(found[0]) == "snv"
    assert others(found[0]) == ["stttt"]
    assert found[0].due_on == date(2015, 6, 30)
    assert found[0].content.startswith("Tổng hợp báo cáo, trình Ủy ban nhân dân thành phố")
    assert {lead(order) for order in found[1:]} == DISTRICTS
    assert all(order.due_on is None and not order.no_deadline for order in found[1:])


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("Giao Sở Nội vụ báo cáo kết quả.", "snv"),
        ("Giao cho Sở Nội vụ tổng hợp, báo cáo.", "snv"),
        ("Giao nhiệm vụ cho Sở Tài chính thẩm định kinh phí.", "stc"),
        ("- Giao Giám đốc Sở Y tế kiểm tra các bệnh viện.", "syt"),
        ("a) Giao Sở TT&TT vận hành hệ thống.", "stttt"),
        ("b) Giao Sở KH&ĐT chủ trì xây dựng kế hoạch.", "skhdt"),
        ("+ Giao Sở NN&PTNT chỉ đạo phòng chống hạn.", "snnptnt"),
        ("Giao Sở LĐ-TB&XH rà soát hộ nghèo.", "sldtbxh"),
        ("Giao Sở VH,TT&DL tổ chức lễ hội.", "svhttdl"),
        ("Giao UBND quận Ninh Kiều giải tỏa vỉa hè.", "ubnd-ninh-kieu"),
        ("Giao Uỷ ban nhân dân huyện Cờ Đỏ báo cáo.", "ubnd-co-do"),
        ("Giao Chủ tịch UBND quận Bình Thuỷ chỉ đạo khắc phục.", "ubnd-binh-thuy"),
        ("Giao Văn phòng UBND Tp. Cần Thơ theo dõi, đôn đốc.", "vpub"),
        ("Giao Chánh Văn phòng Ủy ban nhân dân thành phố theo dõi.", "vpub"),
        ("Giao Thanh tra thành phố kết luận vụ việc.", "tttp"),
        ("Giao Sở Giao thông vận tải sửa chữa đường Mậu Thân.", "sgtvt"),
        ("GIAO SỞ NỘI VỤ BÁO CÁO.", "snv"),
        ("Giao Phòng Cải cách hành chính tham mưu kế hoạch.", "snv.cchc"),
        ("Giao STTTT hướng dẫn các cơ quan.", "stttt"),
    ],
)
def test_find_orders_knows_the_lead_when_it_is_written_another_way(text: str, agency: str) -> None:
    assert [lead(order) for order in orders(text)] == [agency]


@pytest.mark.parametrize(
    ("text", "agencies"),
    [
        ("với Sở Tài chính, Sở Y tế và Sở Nội vụ xây dựng đề án", ["stc", "syt", "snv"]),
        ("với các Sở: Tài chính, Y tế, Nội vụ xây dựng đề án", ["stc", "syt", "snv"]),
        ("với các sở Tài chính, Xây dựng xây dựng kế hoạch", ["stc", "sxd"]),
        ("với UBND các quận Ninh Kiều, Ô Môn rà soát", ["ubnd-ninh-kieu", "ubnd-o-mon"]),
        ("với Sở Tài chính và các đơn vị liên quan rà soát", ["stc"]),
        ("chặt chẽ với UBND quận Cái Răng, huyện Phong Điền triển khai",
         ["ubnd-cai-rang", "ubnd-phong-dien"]),
    ],
)  # fmt: skip
def test_find_orders_lists_co_operators_when_names_are_cut_short(
    text: str, agencies: list[str]
) -> None:
    (order,) = orders(f"Giao Sở Thông tin và Truyền thông chủ trì, phối hợp {text}.")
    assert (lead(order), others(order), order.unknown) == ("stttt", agencies, ())


@pytest.mark.parametrize(
    ("words", "due_on"),
    [
        ("trước ngày 30 tháng 6 năm 2015", date(2015, 6, 30)),
        ("trước ngày 30/6/2015", date(2015, 6, 30)),
        ("chậm nhất là ngày 05-7-2015", date(2015, 7, 5)),
        ("hoàn thành trước 15/7", date(2015, 7, 15)),
        ("trước 16 giờ 00 ngày 12 tháng 6 năm 2015", date(2015, 6, 12)),
        ("hoàn thành trước ngày 15 tháng 01", date(2016, 1, 15)),
        ("trong tháng 6 năm 2015", date(2015, 6, 30)),
        ("trong tháng 02/2016", date(2016, 2, 29)),
        ("trong quý III năm 2015", date(2015, 9, 30)),
        ("trong năm 2015", date(2015, 12, 31)),
        ("trong vòng 05 ngày làm việc", date(2015, 6, 17)),
        ("trong thời hạn 10 ngày", date(2015, 6, 20)),
        ("báo cáo bước đầu trước ngày 15/6/2015, xong trước ngày 30/6/2015", date(2015, 6, 30)),
    ],
)
def test_find_orders_reads_the_deadline_when_the_text_names_one(words: str, due_on: date) -> None:
    (order,) = orders(f"Giao Sở Nội vụ tổng hợp, báo cáo {words}.")
    assert order.due_on == due_on


def test_find_orders_takes_no_deadline_when_a_day_belongs_to_a_reference() -> None:
    (order,) = orders(
        "Giao Sở Nội vụ thực hiện Kế hoạch số 56/KH-UBND ngày 03 tháng 6 năm 2014 của thành phố."
    )
    assert order.due_on is None


def test_find_orders_takes_no_deadline_when_the_day_does_not_exist() -> None:
    (order,) = orders("Giao Sở Nội vụ báo cáo trước ngày 31 tháng 6 năm 2015.")
    assert order.due_on is None


def test_find_orders_proposes_no_deadline_when_the_work_never_ends() -> None:
    (order,) = orders("Giao Sở Nội vụ thường xuyên kiểm tra, đôn đốc các đơn vị.")
    assert order.no_deadline


def test_find_orders_leaves_the_lead_open_when_nobody_goes_by_that_name() -> None:
    (order,) = orders("Giao Công an thành phố chủ trì, phối hợp với Sở Nội vụ kiểm tra an ninh.")
    assert (order.lead, order.lead_text, others(order)) == (None, "Công an thành phố", ["snv"])


def test_find_orders_leaves_the_lead_open_when_two_are_to_lead_together() -> None:
    (order,) = orders("Giao Sở Nội vụ và Sở Tài chính chủ trì, phối hợp với Sở Y tế lập đề án.")
    assert order.lead is None
    assert [party.agency_id for party in order.candidates] == ["snv", "stc"]
    assert others(order) == ["syt"]


def test_find_orders_makes_one_each_when_several_do_the_same() -> None:
    found = orders("Giao Sở Nội vụ, Sở Tài chính báo cáo kết quả trước ngày 20/6/2015.")
    assert [lead(order) for order in found] == ["snv", "stc"]


def test_find_orders_names_the_co_operator_when_nobody_goes_by_that_name() -> None:
    (order,) = orders(
        "Giao Sở Nội vụ chủ trì, phối hợp với Công an thành phố, Sở Y tế tổ chức kiểm tra."
    )
    assert (others(order), order.unknown) == (["syt"], ("Công an thành phố",))


def test_find_orders_gives_each_item_to_the_lead_when_the_line_ends_with_a_colon() -> None:
    found = orders(
        "1. Giao Sở Nội vụ:\n- Rà soát biên chế;\n- Báo cáo trước ngày 20/6/2015.\nHết."
    )
    assert [lead(order) for order in found] == ["snv", "snv"]
    assert [order.due_on for order in found] == [None, date(2015, 6, 20)]


def test_find_orders_reads_each_item_when_the_line_gives_to_the_units_below() -> None:
    found = orders("Giao các đơn vị:\n- Sở Nội vụ rà soát biên chế;\n- Sở Y tế báo cáo dịch bệnh.")
    assert [lead(order) for order in found] == ["snv", "syt"]


@pytest.mark.parametrize(
    "text",
    [
        "Giao thông trên địa bàn còn ùn tắc.",
        "Giao ban tuần được tổ chức đều.",
        "Sở Giao thông vận tải báo cáo tình hình.",
        "Các đơn vị thực hiện nhiệm vụ được giao.",
        "Chủ tịch ghi nhận kết quả các đơn vị.",
        "",
    ],
)
def test_find_orders_finds_none_when_nothing_is_given(text: str) -> None:
    assert orders(text) == []


def test_find_orders_never_has_a_lead_among_its_own_co_operators() -> None:
    found = orders("Giao Ủy ban nhân dân các quận, huyện phối hợp với các quận, huyện rà soát.")
    assert len(found) == len(DISTRICTS)
    assert all(order.lead not in order.cooperators for order in found)


def test_find_orders_stops_at_a_hundred_when_a_text_gives_more() -> None:
    assert len(orders("Giao Sở Nội vụ báo cáo.\n" * 150)) == 100


def test_find_orders_reads_decomposed_letters_when_text_comes_from_elsewhere() -> None:
    text = unicodedata.normalize("NFD", "Giao Sở Nội vụ báo cáo trước ngày 30/6/2015.")
    (order,) = orders(text)
    assert (lead(order), order.due_on) == ("snv", date(2015, 6, 30))


@pytest.mark.parametrize(
    "body",
    [
        # Each has many readings for a matcher that goes back: exponential or quadratic time, so
        # that a run which ends at all is the proof.
        "1." * 50_000 + " Nội dung",
        "1.1.1. " * 14_000 + "Nội dung",
        "- a) 1. " * 12_500,
        "(1) " * 25_000 + "x",
        "Giao Sở Tài chính báo cáo " + "đến " * 25_000,
        "Giao Sở Tài chính báo cáo " + "trước 17 giờ " * 8_000,
        "Giao Sở Tài chính báo cáo" + "." * 100_000 + "x",
        "Giao Sở Tài chính, " + ", " * 50_000 + "x",
        "Thống nhất " * 9_000 + "x",
    ],
)
def test_find_orders_comes_to_an_end_when_a_long_text_has_many_readings(body: str) -> None:
    assert len(orders(body)) <= 1


def test_find_orders_shows_the_whole_sentence_when_it_is_very_long() -> None:
    (order,) = orders("Giao Sở Nội vụ báo cáo trước ngày 20/6/2015 " + "chi tiết " * 500 + "hết.")
    assert (lead(order), order.due_on) == ("snv", date(2015, 6, 20))
    assert order.text.endswith("hết")
    assert order.content.endswith("hết")


@pytest.mark.parametrize("number", ["1.", "1.1.", "2.10.3)", "(a)", "IV.", "- 1.2.", "a) -"])
def test_find_orders_finds_the_order_when_a_number_stands_before_it(number: str) -> None:
    (order,) = orders(f"{number} Giao Sở Nội vụ báo cáo.")
    assert lead(order) == "snv"


@pytest.mark.parametrize(
    "giver",
    [
        "Thống nhất",
        "UBND thành phố",
        "Ủy ban nhân dân thành phố",
        "1. Chủ tịch UBND thành phố",
        "Đồng chí Phó Chủ tịch",
        "Chủ tịch Uỷ ban nhân dân thành phố thống nhất",
    ],
)
def test_find_orders_finds_the_order_when_who_gives_it_is_named_first(giver: str) -> None:
    (order,) = orders(f"{giver} giao Sở Tài chính lập dự toán trước ngày 30/6/2015.")
    assert (lead(order), order.due_on) == ("stc", date(2015, 6, 30))


def test_find_orders_tells_every_day_when_a_sentence_names_several() -> None:
    (order,) = orders(
        "Giao Sở Tài chính báo cáo trước 30/6/2015; Sở Nội vụ tổng hợp trước 15/7/2015."
    )
    assert order.days == (date(2015, 6, 30), date(2015, 7, 15))
    assert order.due_on == date(2015, 7, 15)
