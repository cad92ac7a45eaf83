"""A leader signs in Chromium with the token in the same computer, through the agent."""

import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import waitress
from playwright.sync_api import Browser, Page, expect

from engine.model.document import DocumentStatus
from engine.ports_signing import HolderKind
from tests.browser.conftest import NARROW, WIDE, Person
from tests.browser.pictures import keep_picture
from tests.factories.agents import RunningAgent, an_agent
from tests.factories.client_hsm import make_key
from tests.factories.client_key import certify_client
from tests.factories.softhsm import TOKEN_PIN, SoftHsm, a_softhsm
from tests.houses import PASSWORD, Stage
from webui.app import create_app
from webui.bootstrap import open_house
from webui.settings import Settings

pytestmark = pytest.mark.browser

BUTTON = "Ký bằng token trên máy này"
PROMPT = "Mã PIN (để trống"


@dataclass
class Office:
    """Hold one official's computer: a browser, an agent with its token, and the server."""

    stage: Stage
    person: Person
    agent: RunningAgent
    softhsm: SoftHsm
    document_id: str

    @property
    def page(self) -> Page:
        return self.person.page

    def open(self) -> Page:
        self.page.goto(f"/van-ban/{self.document_id}")
        expect(self.page.get_by_role("button", name=BUTTON)).to_be_visible()
        return self.page

    def status(self) -> DocumentStatus:
        return self.stage.document(self.document_id).status  # type: ignore[arg-type]

    def is_asked_for(self) -> bool:
        """Tell whether a signature is under way."""
        with self.stage.house.start_reading() as work:
            return work.intents.find_open(self.document_id) is not None  # type: ignore[arg-type]


@pytest.fixture
def softhsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    return a_softhsm(tmp_path / "hsm", monkeypatch)


@pytest.fixture
def office(
    installation: Path, tmp_path: Path, softhsm: SoftHsm, browser: Browser
) -> Iterator[Office]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    shutil.copytree(installation, tmp_path / "data")
    with an_agent(softhsm.module_path, tmp_path / "folder", allowed=address) as agent:
        house = open_house(Settings(data_dir=tmp_path / "data", agent_port=agent.port))
        stage = Stage(house)
        leader = stage.actor("snv.lanhdao")
        certify_client(
            house,
            make_key(softhsm.module_path),
            holder_kind=HolderKind.PERSON,
            holder_id=leader.person_id,
            name=leader.full_name,
        )
        document_id = stage.to_signature()
        server = waitress.create_server(create_app(house), sockets=[listening], threads=4)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        context = browser.new_context(base_url=address, locale="vi-VN", reduced_motion="reduce")
        person = Person(page=context.new_page(), login="snv.lanhdao")
        _sign_in(person)
        yield Office(stage, person, agent, softhsm, document_id)
        context.close()
        server.close()
        thread.join(5)
        house.close()


def _sign_in(person: Person) -> None:
    page = person.page
    page.on("pageerror", lambda error: person.complaints.append(f"script: {error}"))
    page.on(
        "console",
        lambda said: (
            person.complaints.append(said.text) if "Content Security Policy" in said.text else None
        ),
    )
    page.goto("/")
    page.get_by_label("Tên đăng nhập").fill(person.login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Đăng nhập")


def test_leader_signs_with_the_token_in_this_computer(office: Office, tmp_path: Path) -> None:
    page = office.open()
    office.person.check_page()
    # The key of the page's main work, as with a PIN.
    page.keyboard.press("s")
    screen = office.agent.wait_for(PROMPT)
    digest = page.locator("[data-items] .tk-digest")
    expect(digest).to_be_visible()
    assert f"SHA-256 {digest.inner_text()}" in screen
    keep_picture(page, "client-signing")
    office.person.check_page()

    office.agent.type(TOKEN_PIN)

    expect(page.get_by_text("Đã ký bằng token ở máy của bạn.")).to_be_visible()
    assert office.status() is DocumentStatus.SIGNED
    assert TOKEN_PIN not in page.content()
    assert not office.person.complaints
    _check_with_poppler(office, tmp_path)


def _check_with_poppler(office: Office, tmp_path: Path) -> None:
    tool = shutil.which("pdfsig")
    if tool is None:
        assert os.environ.get("REQUIRE_BACKENDS") != "1", "no pdfsig: install poppler-utils"
        return
    _, pdf = office.stage.house.use_cases.read_pdf(
        office.document_id,  # type: ignore[arg-type]
        office.stage.actor("snv.vanthu"),
    )
    (tmp_path / "signed.pdf").write_bytes(pdf)
    said = subprocess.run(  # noqa: S603 our own words
        [tool, "-nocert", str(tmp_path / "signed.pdf")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    ).stdout
    assert said.count("Signature is Valid.") == 1, said


def test_page_says_what_happened_when_the_leader_declines(office: Office) -> None:
    page = office.open()
    page.get_by_role("button", name=BUTTON).click()
    office.agent.wait_for(PROMPT)
    office.agent.type("")

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Bạn đã từ chối ký. Chưa có gì được ký.")
    office.person.check_page()
    assert office.status() is DocumentStatus.AWAITING_SIGNATURE

    # The task is free at once, on the same page.
    office.agent.screen = ""
    page.get_by_role("button", name=BUTTON).click()
    office.agent.wait_for(PROMPT)
    office.agent.type(TOKEN_PIN)
    expect(page.get_by_text("Đã ký bằng token ở máy của bạn.")).to_be_visible()


def test_page_says_so_when_the_token_is_not_plugged_in(office: Office) -> None:
    office.softhsm.remove()
    page = office.open()

    page.get_by_role("button", name=BUTTON).click()

    expect(page.get_by_role("alert")).to_contain_text("Không thấy token. Hãy cắm token")
    assert not office.is_asked_for()


def test_page_says_how_to_start_the_agent_when_nothing_answers(
    office: Office, browser: Browser
) -> None:
    page = office.open()
    office.agent.type("\x03")
    office.agent.wait_for("^C")
    office.agent.wait_until_gone()

    page.get_by_role("button", name=BUTTON).click()

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(re.compile(r"trinhky agent --allow http://127\.0\.0\.1:\d+"))
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        expect(alert).to_be_in_viewport(ratio=0.1)
    assert office.status() is DocumentStatus.AWAITING_SIGNATURE


def test_task_is_free_when_the_page_is_left_at_the_question(office: Office) -> None:
    page = office.open()
    page.get_by_role("button", name=BUTTON).click()
    office.agent.wait_for(PROMPT)

    page.goto("/")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    # The page that was left says so while the next is already here.
    for _ in range(600):
        if not office.is_asked_for():
            break
        page.wait_for_timeout(100)
    assert not office.is_asked_for()


#: The computer's clock is an hour ahead; how long the page waits is kept.
FAST_CLOCK = """
const now = Date.now;
Date.now = () => now() + 3600000;
globalThis.waits = [];
const after = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (milliseconds) => {
  globalThis.waits.push(milliseconds);
  return after(milliseconds);
};
"""


def test_page_waits_its_five_minutes_when_the_computers_clock_is_wrong(office: Office) -> None:
    office.page.add_init_script(FAST_CLOCK)
    page = office.open()

    page.get_by_role("button", name=BUTTON).click()
    office.agent.wait_for(PROMPT)

    assert 280_000 < page.evaluate("waits.at(-1)") <= 300_000
    office.agent.type(TOKEN_PIN)
    expect(page.get_by_text("Đã ký bằng token ở máy của bạn.")).to_be_visible()
