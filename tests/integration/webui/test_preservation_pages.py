"""What people see while a time-stamp is awaited, and of long-term storage."""

import re
import shutil
from datetime import timedelta

import pytest

from engine.model.document import DocumentStatus
from tests.factories.silent_stamper import SilentStamper
from tests.houses import PIN, Stage, standing_clock
from tests.integration.webui.conftest import Town
from webui.app import create_app
from webui.bootstrap import open_house
from webui.limits import limiter
from webui.settings import Settings

WAITS = "Chờ dấu thời gian"
SILENT = "Máy chủ dấu thời gian không trả lời từ"


@pytest.fixture
def late_town(installation, tmp_path):
    """Return a town, its clock and its time-stamp authority."""
    data_dir = tmp_path / "late"
    shutil.copytree(installation, data_dir)
    settings = Settings(data_dir=data_dir)
    clock = standing_clock()
    stamper = SilentStamper(settings.pki_dir, clock)
    house = open_house(settings, clock=clock, timestamper=stamper)
    app = create_app(house)
    limiter.reset()
    yield Town(house=house, app=app, stage=Stage(house)), clock, stamper
    house.close()


def enqueue(town, job, key):
    with town.house.start_work() as work:
        work.jobs.enqueue(job, key, {})
        work.commit()
    town.stage.run_jobs()


def pass_time(town, clock, by):
    """Let time pass; everybody has to sign in again afterwards."""
    clock.move(by)
    town.visitors.clear()
    for job in ("refresh_revocations", "plan_preservation"):
        enqueue(town, job, f"{job}:{clock.now()}")


def sign(town, document_id, pin=PIN):
    task = town.stage.task("snv.lanhdao", document_id)
    leader = town.visitor("snv.lanhdao")
    return leader.post(f"/van-ban/{document_id}/viec/{task}/ky", {"pin": pin})


def test_pages_show_what_waits_when_the_authority_is_silent(late_town):
    town, _clock, stamper = late_town
    document_id = town.stage.to_signature()
    stamper.is_silent = True

    answer = sign(town, document_id)

    assert answer.status_code == 303
    leader = town.visitor("snv.lanhdao")
    page = leader.get(f"/van-ban/{document_id}").text
    assert WAITS in page
    assert "Đã ký; văn bản đang chờ dấu thời gian." in page
    assert 'name="pin"' not in page
    assert SILENT in page
    listed = leader.get("/viec/cho-ky").text
    assert WAITS in listed
    # What is signed already is in no batch.
    assert f'href="/van-ban/{document_id}"' in listed
    assert 'name="id"' not in listed
    stuck = town.visitor("vpub.quantri").get("/quan-tri").text
    assert WAITS in stuck
    assert "Chờ đến" in stuck
    assert "Chưa có dấu thời gian" in stuck
    assert SILENT not in town.visitor("snv.chuyenvien").get("/").text


def test_page_says_sealed_when_the_seal_waits_for_its_time_stamp(late_town):
    town, _clock, stamper = late_town
    document_id = town.stage.to_signature()
    town.stage.sign(document_id)
    town.stage.number(document_id)
    stamper.is_silent = True
    clerk = town.visitor("snv.vanthu")
    task = town.stage.task("snv.vanthu", document_id)

    answer = clerk.post(f"/van-ban/{document_id}/viec/{task}/dong-dau", {"pin": PIN})

    assert answer.status_code == 303
    assert (
        "Đã đóng dấu; văn bản đang chờ dấu thời gian." in clerk.get(f"/van-ban/{document_id}").text
    )


def test_counts_lead_to_the_documents_behind_them(late_town):
    town, clock, _stamper = late_town
    document_id = town.stage.issue()
    pass_time(town, clock, timedelta(hours=1))
    page = town.visitor("vpub.quantri").get("/quan-tri/luu-tru").text
    links = re.findall(r'href="(/quan-tri/luu-tru\?muc=[^"#]+)#muc">1 văn bản', page)
    assert len(links) == 1, page

    listed = town.visitor("vpub.quantri").get(links[0]).text

    assert f'href="/van-ban/{document_id}"' in listed.split('id="muc"')[1]
    nothing = town.visitor("vpub.quantri").get("/quan-tri/luu-tru?muc=garbled").text
    assert 'id="muc"' not in nothing


def test_document_goes_on_when_the_authority_is_back(late_town):
    town, _clock, stamper = late_town
    document_id = town.stage.to_signature()
    stamper.is_silent = True
    sign(town, document_id)
    stamper.is_silent = False

    enqueue(town, "complete_stamps", "now")

    assert town.stage.document(document_id).status is DocumentStatus.SIGNED
    page = town.visitor("snv.lanhdao").get(f"/van-ban/{document_id}").text
    assert WAITS not in page.replace("Đã ký; văn bản đang chờ dấu thời gian.", "")
    assert SILENT not in page


def test_sign_says_that_it_has_stopped_when_the_grace_is_over(late_town):
    town, clock, stamper = late_town
    first, second = town.stage.to_signature(), town.stage.to_signature()
    stamper.is_silent = True
    sign(town, first)
    pass_time(town, clock, timedelta(hours=5))

    answer = sign(town, second)

    assert answer.status_code == 503
    assert "không trả lời từ" in answer.text
    assert town.stage.document(second).status is DocumentStatus.AWAITING_SIGNATURE


def test_archive_is_shown_made_and_downloaded_by_the_clerk(late_town):
    town, clock, _stamper = late_town
    document_id = town.stage.issue()
    town.stage.run_jobs()
    pass_time(town, clock, timedelta(hours=2))
    clerk = town.visitor("snv.vanthu")
    assert "Lưu trữ ngay" in clerk.get(f"/van-ban/{document_id}").text

    answer = clerk.post(f"/van-ban/{document_id}/luu-tru")
    town.stage.run_jobs()

    assert answer.status_code == 303
    page = clerk.get(f"/van-ban/{document_id}").text
    assert "Lưu trữ lâu dài (B-LTA)" in page
    copy = clerk.get(f"/van-ban/{document_id}/ban-luu-tru.pdf")
    original = clerk.get(f"/van-ban/{document_id}/tep.pdf").data
    assert copy.mimetype == "application/pdf"
    assert copy.data.startswith(original)
    assert len(copy.data) > len(original)
    for login in ("snv.vanthu", "vpub.quantri"):
        assert "Lưu trữ lâu dài (B-LTA)" in town.visitor(login).get("/quan-tri/luu-tru").text


def test_archive_lists_what_fails_and_lets_it_be_tried_again(late_town):
    town, clock, stamper = late_town
    document_id = town.stage.issue()
    town.stage.run_jobs()
    stamper.is_silent = True
    pass_time(town, clock, timedelta(hours=2))
    clerk = town.visitor("snv.vanthu")
    clerk.post(f"/van-ban/{document_id}/luu-tru")
    town.stage.run_jobs()

    page = clerk.get("/quan-tri/luu-tru").text
    assert "Chưa có dấu thời gian" in page
    assert "Làm lại" in page
    # The clerk of another agency sees nothing of it.
    assert (
        f"/van-ban/{document_id}" not in town.visitor("stc.vanthu").get("/quan-tri/luu-tru").text
    )


@pytest.mark.parametrize(
    ("login", "status"), [("snv.chuyenvien", 403), ("snv.lanhdao", 403), ("snv.vanthu", 200)]
)
def test_archive_page_is_for_clerks_and_administrators(late_town, login, status):
    town, _clock, _stamper = late_town
    assert town.visitor(login).get("/quan-tri/luu-tru").status_code == status


def test_download_is_refused_when_there_is_no_copy_or_no_right(late_town):
    town, _clock, _stamper = late_town
    document_id = town.stage.to_signature()
    url = f"/van-ban/{document_id}/ban-luu-tru.pdf"
    assert town.visitor("snv.vanthu").get(url).status_code == 404
    assert town.visitor("stc.vanthu").get(url).status_code == 404
