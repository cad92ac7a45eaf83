"""Sign five documents with one PIN in a browser, by keyboard."""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import waitress
from playwright.sync_api import expect

from engine.model.batch import BatchItem
from tests.browser.conftest import Person, fill_the_lists
from tests.houses import PIN, Stage, copy_house
from webui.app import create_app
from workflows.batch.running import BatchRun

SignIn = Callable[[str], Person]


@pytest.fixture(scope="module")
def address(installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a town of this module's own: its lists are empty afterwards."""
    house = copy_house(installation, tmp_path_factory.mktemp("batches") / "data")
    fill_the_lists(Stage(house))
    server = waitress.create_server(create_app(house), host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)
    house.close()


def check_silence_is_told(leader: Person) -> None:
    """Check that the page says when the server is silent, and only while it is."""
    page = leader.page
    silence = page.get_by_text("Mất kết nối với máy chủ; việc ký có thể đang tiếp tục.")
    expect(silence).to_be_hidden()
    page.route("**/tien-do", lambda route: route.abort())
    expect(silence).to_be_visible()
    page.unroute("**/tien-do")
    expect(silence).to_be_hidden()
    leader.complaints.clear()  # the browser notes the failed polls on its console


def test_leader_signs_five_documents_when_one_pin_is_given(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader = sign_in("snv.lanhdao")
    leader.page.get_by_role("link", name=re.compile("^Chờ tôi ký")).first.click()
    page = leader.page
    boxes = page.locator("[data-row] input[type=checkbox]")
    expect(boxes).to_have_count(5)
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(boxes.first).to_be_checked()
    leader.check_page()
    page.get_by_label("Chọn tất cả").check()
    for box in boxes.all():
        expect(box).to_be_checked()

    # The keys rest while a box has the focus only if one types in it: s still signs.
    page.keyboard.press("s")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đợt ký")
    expect(page.locator("[data-row]")).to_have_count(5)
    digest = page.locator("[data-row] .tk-digest").first
    expect(digest.locator("summary")).to_have_text(re.compile("^[0-9a-f]{16}…$"))
    digest.locator("summary").click()
    expect(digest).to_have_text(re.compile("[0-9a-f]{64}$"))
    leader.check_page()

    page.get_by_label("Mã PIN khóa ký cá nhân").fill("000000")
    page.get_by_role("button", name="Ký 5 văn bản").click()
    expect(page.locator(".tk-note.tk-bad")).to_be_visible()
    assert not page.url.endswith("/ky")
    leader.check_page()

    may_go_on = threading.Event()
    sign = BatchRun._sign

    def sign_when_told(run: BatchRun, item: BatchItem) -> None:
        may_go_on.wait(300)
        sign(run, item)

    monkeypatch.setattr(BatchRun, "_sign", sign_when_told)
    page.get_by_label("Mã PIN khóa ký cá nhân").fill(PIN)
    page.get_by_role("button", name="Ký 5 văn bản").click()
    expect(page.get_by_role("button", name="Dừng sau văn bản đang ký")).to_be_visible()
    check_silence_is_told(leader)
    leader.check_page()
    may_go_on.set()
    expect(page.get_by_text("Đã ký 5/5 văn bản")).to_be_visible()
    # The page is loaded anew at the end: the menu counts nothing to sign.
    expect(page.get_by_role("button", name="Dừng sau văn bản đang ký")).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("^Chờ tôi ký")).first).not_to_contain_text("5")
    expect(page.locator(".tk-pill", has_text="Đã kết thúc")).to_be_visible()
    expect(page.locator("[data-row] .tk-pill", has_text="Đã ký")).to_have_count(5)
    leader.check_page()

    with page.expect_download() as download:
        page.evaluate(
            "url => { const a = document.createElement('a'); a.href = url; a.download = '';"
            " document.body.append(a); a.click(); }",
            page.get_by_role("link", name="Bảng kê đã ký (PDF)").get_attribute("href"),
        )
    assert download.value.path().read_bytes().startswith(b"%PDF")
    page.goto("/dot-ky")
    expect(page.locator("[data-row]")).to_have_count(1)
    leader.check_page()
    page.goto("/viec/cho-ky")
    expect(page.get_by_text("Không có văn bản nào ở đây")).to_be_visible()
