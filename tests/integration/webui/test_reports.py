"""Visit the pages of registers and indicators."""

import io
from datetime import date, timedelta

import openpyxl
import pypdfium2
import pytest

from engine.clock import local
from engine.model.indicators import IndicatorId
from engine.model.organisation import AgencyId
from engine.model.register import EntryState, RegisterBook
from tests.integration.webui.conftest import Town
from tests.integration.workflows.test_incoming import delivery_to, direct, present, register
from webui.periods import read_period

CITY_LEADER = "ubnd-tp.lanhdao"


@pytest.fixture(scope="module")
def issued(town: Town):
    document_id = town.stage.issue()
    town.stage.run_jobs()
    return document_id


@pytest.fixture(scope="module")
def today(town: Town) -> date:
    return local(town.house.clock.now()).date()


def symbol_of(town, document_id) -> str:
    return town.stage.document(document_id).number.symbol


def test_register_shows_the_eight_columns_of_the_law(town, issued):
    page = town.visitor("snv.vanthu").get("/so-van-ban/di").text

    for heading in ("Số, ký hiệu", "Người ký", "Nơi nhận", "Đơn vị, người nhận bản lưu"):
        assert heading in page
    assert symbol_of(town, issued) in page
    assert f"/van-ban/{issued}" in page


def test_register_is_empty_when_the_period_is_another(town, issued, today):
    long_ago = today - timedelta(days=800)
    url = f"/so-van-ban/di?ky=tuan&tu={long_ago.isoformat()}"

    page = town.visitor("snv.vanthu").get(url).text

    assert symbol_of(town, issued) not in page
    assert "Kỳ này chưa có số nào" in page


def test_register_says_so_when_the_period_is_reversed(town):
    answer = town.visitor("snv.vanthu").get(
        "/so-van-ban/di?ky=khoang&tu=2026-02-01&den=2026-01-01"
    )

    assert answer.status_code == 422
    assert "01/02/2026" in answer.text


@pytest.mark.parametrize("asked", ["ky=thang&tu=xx", "ky=nam&tu=1999-01-01", "ky=ngay"])
def test_register_refuses_what_is_no_period(town, asked):
    assert town.visitor("snv.vanthu").get(f"/so-van-ban/di?{asked}").status_code == 422


def test_register_downloads_as_xlsx_with_real_dates(town, issued, today):
    answer = town.visitor("snv.vanthu").get("/so-van-ban/di/tai-ve?dang=xlsx")

    assert answer.status_code == 200
    assert 'attachment; filename="so-di-snv-' in answer.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    rows = list(sheet.iter_rows(values_only=True))
    heading = next(place for place, row in enumerate(rows) if row[0] == "Số, ký hiệu")
    assert sheet.freeze_panes == f"A{heading + 2}"
    line = next(row for row in rows if row[0] == symbol_of(town, issued))
    assert line[1].date() == today
    assert line[6] == 3


def test_register_downloads_as_pdf_with_a_heading_on_each_page(town, issued):
    answer = town.visitor("snv.vanthu").get("/so-van-ban/di/tai-ve?dang=pdf")

    assert answer.content_type == "application/pdf"
    page = pypdfium2.PdfDocument(answer.data)[0]
    width, height = page.get_size()
    text = page.get_textpage().get_text_bounded()
    assert width > height
    assert "SỔ ĐĂNG KÝ VĂN BẢN ĐI" in text
    assert "SỞ NỘI VỤ" in text
    assert "1 / 1" in text


def test_register_keeps_a_void_number_with_its_reason(town):
    document_id = town.stage.to_signature()
    town.stage.sign(document_id)
    town.stage.number(document_id)
    with town.house.start_work() as work:
        entry = work.registers.find_for(RegisterBook.OUTGOING, document_id)
        work.registers.save(entry.voided("Ghi nhầm ngày"))
        work.commit()

    answer = town.visitor("snv.vanthu").get("/so-van-ban/di/tai-ve?dang=csv")

    assert "Hủy số: Ghi nhầm ngày" in answer.text
    assert entry.state is EntryState.BOUND


def test_register_leaves_a_leaf_when_it_is_taken_out(town, issued):
    town.visitor("snv.vanthu").get("/so-van-ban/di/tai-ve?dang=xlsx")

    with town.house.start_reading() as work:
        leaves = [leaf for leaf in work.audit.list_group("") if leaf.subject == "register:snv"]
    assert leaves[-1].details["form"] == "xlsx"


def test_arrivals_name_who_handles_and_when_it_was_forwarded(town, issued):
    delivery = delivery_to(town.stage, issued, "stc")
    register(town.stage, delivery.id)
    present(town.stage, delivery.id)
    direct(town.stage, delivery.id)
    clerk = town.visitor("stc.vanthu")
    page = clerk.get("/so-van-ban/den").text

    assert "Ngày chuyển" in page
    assert town.stage.actor("stc.chuyenvien").full_name in page
    assert symbol_of(town, issued) in page
    assert "Tiến độ giải quyết" in clerk.get("/so-van-ban/theo-doi").text


@pytest.mark.parametrize("indicator", list(IndicatorId))
def test_indicator_shows_its_definition_and_a_table(town, issued, indicator):
    leader = town.visitor(CITY_LEADER)

    page = leader.get(f"/bao-cao/{indicator}?ky=nam")

    assert page.status_code == 200
    assert "Cách tính" in page.text
    assert 'style="' not in page.text
    assert leader.get(f"/bao-cao/{indicator}/chi-tiet?ky=nam").status_code == 200


def test_overview_shows_every_indicator_with_target_and_2015(town, issued):
    page = town.visitor(CITY_LEADER).get("/bao-cao").text

    assert "28/32 cơ quan" in page
    assert "94,0 %" in page
    assert "77,0 %" in page
    assert "60,0 %" in page
    assert "Toàn thành phố" in page


def test_overview_speaks_english_when_asked(town, issued):
    visitor = town.visitor(CITY_LEADER)
    visitor.client.set_cookie("trinhky_lang", "en")
    try:
        assert visitor.get("/bao-cao").status_code == 200
    finally:
        visitor.client.delete_cookie("trinhky_lang")


def test_indicator_counts_what_was_just_issued(town, issued):
    before = document_count(town)
    town.stage.issue(subject="đếm ngay")
    town.stage.run_jobs()

    assert document_count(town) == before + 1


def document_count(town) -> int:
    actor = town.stage.actor("snv.lanhdao")
    period = read_period({}, local(town.house.clock.now()).date()).period
    view = town.house.use_cases.reports.view_indicators(
        actor, period, AgencyId("snv"), wanted=[IndicatorId.DOCUMENTS]
    )
    return view.values[0].counted


def test_drill_down_lists_the_documents_behind_the_number(town, issued):
    page = town.visitor("snv.lanhdao").get("/bao-cao/documents/chi-tiet?ky=nam&phia=dat").text

    assert f"/van-ban/{issued}" in page


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_indicator_downloads(town, form):
    answer = town.visitor(CITY_LEADER).get(f"/bao-cao/between?dang={form}")

    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]


def test_indicators_of_another_agency_are_not_found(town):
    reader = town.visitor("stc.chuyenvien")

    assert reader.get("/bao-cao?co_quan=snv").status_code == 404
    assert reader.get("/bao-cao/documents/chi-tiet?co_quan=snv").status_code == 404
    assert reader.get("/bao-cao?co_quan=stc").status_code == 200


def test_indicators_of_the_city_are_refused_to_others(town):
    assert town.visitor("snv.lanhdao").get("/bao-cao?co_quan=thanh-pho").status_code == 403
    assert "Toàn thành phố" not in town.visitor("snv.lanhdao").get("/bao-cao").text


def test_unknown_indicator_is_not_found(town):
    assert town.visitor(CITY_LEADER).get("/bao-cao/khong-co").status_code == 404
    assert town.visitor(CITY_LEADER).get("/bao-cao/between?dang=exe").status_code == 404


ASSUMED = {
    "pages_per_document": "4,5",
    "dong_per_page": "500",
    "dong_postage": "9000",
    "regular_documents": "1",
    "regular_weeks": "1",
}


def test_assumptions_change_the_estimate_and_name_who_did_it(town, issued):
    administrator = town.visitor("vpub.quantri")

    answer = administrator.post("/bao-cao/gia-dinh", ASSUMED)

    assert answer.status_code == 303
    page = administrator.get("/bao-cao").text
    assert "4,5 trang" in page
    assert "sửa lúc" in page


def test_assumptions_are_refused_when_out_of_range(town):
    administrator = town.visitor("vpub.quantri")

    answer = administrator.post("/bao-cao/gia-dinh", ASSUMED | {"dong_postage": "-1"})

    assert answer.status_code == 422
    assert "từ 0 đến" in answer.text
    assert (
        administrator.post("/bao-cao/gia-dinh", ASSUMED | {"dong_per_page": "x"}).status_code
        == 422
    )


def test_assumptions_are_refused_when_not_an_administrator(town):
    assert town.visitor("snv.lanhdao").post("/bao-cao/gia-dinh", ASSUMED).status_code == 403
