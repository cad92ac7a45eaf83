"""The window of the agent, on a toolkit that the test presses the buttons of."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from webui.agent.orders import Order, OrderItem
from webui.agent.prompts import WindowPrompt, open_window

ORDER = Order(
    origin="https://trinhky.example.vn",
    certificate=b"",
    items=(OrderItem(title="Công văn", digest="ab" * 32, attributes=b""),),
)


class FakeWidget:
    """Hold what a widget was made with."""

    def __init__(self, kit: "FakeKit", **shown: Any) -> None:
        self.kit = kit
        self.shown = shown
        self.bound: dict[str, Callable[..., None]] = {}
        self.is_gone = False

    def pack(self, **_: Any) -> None: ...
    def configure(self, **shown: Any) -> None:
        self.shown |= shown

    def insert(self, _: str, text: str) -> None:
        self.kit.texts.append(text)

    def yview(self, *_: Any) -> None: ...
    def set(self, *_: Any) -> None: ...
    def title(self, _: str) -> None: ...
    def attributes(self, *_: Any) -> None: ...
    def focus_force(self) -> None: ...

    def bind(self, key: str, act: Callable[..., None]) -> None:
        self.bound[key] = act

    def get(self) -> str:
        return self.kit.typed

    def destroy(self) -> None:
        self.is_gone = True

    def mainloop(self) -> None:
        self.kit.person(self.kit)
        assert self.is_gone


class FakeKit:
    """Make widgets, and let the test's person use them once the window is open."""

    def __init__(self, person: Callable[["FakeKit"], None], typed: str = "") -> None:
        self.person = person
        self.typed = typed
        self.root = FakeWidget(self)
        self.texts: list[str] = []
        self.entry: dict[str, Any] = {}
        self.buttons: dict[str, Callable[[], None]] = {}

    def Tk(self) -> FakeWidget:  # noqa: N802 the toolkit's name
        return self.root

    def Label(self, _: FakeWidget, **shown: Any) -> FakeWidget:  # noqa: N802
        self.texts.append(shown["text"])
        return FakeWidget(self, **shown)

    def Entry(self, _: FakeWidget, **shown: Any) -> FakeWidget:  # noqa: N802
        self.entry = shown
        return FakeWidget(self, **shown)

    def Text(self, _: FakeWidget, **shown: Any) -> FakeWidget:  # noqa: N802
        self.scrolled = FakeWidget(self, **shown)
        return self.scrolled

    def Scrollbar(self, _: FakeWidget, **shown: Any) -> FakeWidget:  # noqa: N802
        return FakeWidget(self, **shown)

    def Frame(self, _: FakeWidget, **shown: Any) -> FakeWidget:  # noqa: N802
        return FakeWidget(self, **shown)

    def Button(self, _: FakeWidget, **shown: Any) -> FakeWidget:  # noqa: N802
        self.buttons[shown["text"]] = shown["command"]
        return FakeWidget(self, **shown)


def test_ask_pin_shows_the_order_and_returns_what_was_typed() -> None:
    kit = FakeKit(lambda kit: kit.buttons["Ký / Sign"](), typed="482913")

    assert WindowPrompt(kit).ask_pin(ORDER, note="(1/3)") == "482913"

    assert ORDER.origin in kit.texts[0]
    assert "ab" * 32 in kit.texts[1]
    assert kit.texts[2].endswith("(1/3)")
    assert kit.entry["show"] == "•"


def test_ask_pin_shows_many_files_in_a_part_that_scrolls() -> None:
    items = tuple(
        OrderItem(title=f"Văn bản {n}", digest=f"{n:064x}", attributes=b"") for n in range(64)
    )
    kit = FakeKit(lambda kit: kit.buttons["Từ chối / Decline"]())

    WindowPrompt(kit).ask_pin(replace(ORDER, items=items), note="")

    assert kit.texts[1].count("SHA-256") == 64
    assert kit.scrolled.shown["height"] == 16
    assert kit.scrolled.shown["state"] == "disabled"
    assert callable(kit.scrolled.shown["yscrollcommand"])


def test_ask_pin_takes_enter_for_yes() -> None:
    kit = FakeKit(lambda kit: kit.root.bound["<Return>"](object()), typed="482913")

    assert WindowPrompt(kit).ask_pin(ORDER, note="") == "482913"


@pytest.mark.parametrize(
    ("person", "typed"),
    [
        (lambda kit: kit.buttons["Từ chối / Decline"](), "482913"),
        (lambda kit: kit.root.bound["<Escape>"](object()), "482913"),
        (lambda kit: kit.buttons["Ký / Sign"](), ""),
    ],
    ids=["decline", "escape", "nothing typed"],
)
def test_ask_pin_returns_nothing_when_the_person_declines(
    person: Callable[[FakeKit], None], typed: str
) -> None:
    assert WindowPrompt(FakeKit(person, typed)).ask_pin(ORDER, note="") is None


def test_open_window_opens_none_where_there_is_no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert open_window() is None
