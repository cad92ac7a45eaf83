"""Serve a small city and drive Chromium as its people."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import waitress
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from engine.model.urgency import Urgency
from tests.houses import PASSWORD, Stage, copy_house
from webui.app import create_app

AXE = Path(__file__).parents[2] / "webui" / "node_modules" / "axe-core" / "axe.min.js"
WIDE = {"width": 1280, "height": 860}
NARROW = {"width": 390, "height": 844}

expect.set_options(timeout=60_000)


def chromium_path() -> str | None:
    return (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = chromium_path()
    if path is None:
        message = "no Chromium: ./run test installs it with apt when it may"
        if os.environ.get("REQUIRE_BACKENDS") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return browser_type_launch_args | {
        "executable_path": path,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--font-render-hinting=none",
        ],
    }


@dataclass
class Person:
    """Hold one signed-in browser and everything it complained about."""

    page: Page
    login: str
    complaints: list[str] = field(default_factory=list)

    def check_page(self) -> None:
        """Check what a person with other eyes, fingers or a phone meets on this page."""
        self.page.wait_for_load_state("networkidle")
        for size in (WIDE, NARROW):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            assert not self._overflow(), f"{self.page.url} scrolls sideways at {size['width']}"
            assert not self._violations(), f"{self.page.url} at {size['width']}"
        self.page.set_viewport_size(WIDE)  # type: ignore[arg-type]

    def _overflow(self) -> bool:
        return bool(
            self.page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
        )

    def _violations(self) -> list[str]:
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
            .map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160)).join(' | '))"""
        )
        return [str(each) for each in found]


# Only while pages are tested: a process has one runner of jobs at a time, and others come next.
@pytest.fixture(scope="package")
def stage_served(installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Open the house that is served; a test may act in it beside the browser."""
    house = copy_house(installation, tmp_path_factory.mktemp("served") / "data")
    fill_the_lists(Stage(house))
    house.jobs.start()
    yield Stage(house)
    house.jobs.stop()
    house.close()


@pytest.fixture(scope="package")
def address(stage_served: Stage) -> Iterator[str]:
    app = create_app(stage_served.house)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)


def fill_the_lists(stage: Stage) -> None:
    """Put work of other days on the lists, so that pages look as they do in an office."""
    for subject, urgency in (
        ("triển khai ký số và gửi, nhận văn bản điện tử liên thông", Urgency.URGENT),
        ("cử cán bộ tham gia tập huấn an toàn thông tin mạng", Urgency.NORMAL),
        ("báo cáo kết quả cải cách hành chính quý III", Urgency.EXPRESS),
        ("đề nghị bổ sung kinh phí vận hành Trung tâm dữ liệu", Urgency.NORMAL),
        ("rà soát vị trí việc làm của các đơn vị sự nghiệp", Urgency.NORMAL),
    ):
        stage.to_signature(subject=subject, urgency=urgency)


@pytest.fixture
def sign_in(browser: Browser, address: str) -> Iterator[Callable[[str], Person]]:
    """Sign people in, each in a browser of their own; fail on anything they complained about."""
    people: list[tuple[Person, BrowserContext]] = []

    def enter(login: str) -> Person:
        context = browser.new_context(
            base_url=address,
            viewport=WIDE,  # type: ignore[arg-type]
            locale="vi-VN",
            reduced_motion="reduce",
        )
        person = Person(page=context.new_page(), login=login)
        people.append((person, context))
        _listen(person, address)
        person.page.goto("/")
        person.page.get_by_label("Tên đăng nhập").fill(login)
        person.page.get_by_label("Mật khẩu").fill(PASSWORD)
        person.page.get_by_role("button", name="Đăng nhập").click()
        expect(person.page.get_by_role("heading", level=1)).not_to_have_text("Đăng nhập")
        return person

    yield enter
    complaints = [f"{p.login}: {c}" for p, _ in people for c in p.complaints]
    for _, context in people:
        context.close()
    assert not complaints, complaints


def _listen(person: Person, address: str) -> None:
    host = urlsplit(address).netloc

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            person.complaints.append(f"console {message.type}: {message.text}")

    def on_request(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and parts.netloc != host:
            person.complaints.append(f"asked another host: {request.url}")

    person.page.on("console", on_console)
    person.page.on("pageerror", lambda error: person.complaints.append(f"script: {error}"))
    person.page.on("request", on_request)
