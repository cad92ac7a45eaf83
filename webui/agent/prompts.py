"""Show a person what would be signed, and ask for the PIN: in a terminal or in a window."""

import getpass
import importlib
import os
import sys
from typing import Any

import click

from webui.agent.orders import Order

_ASKS = "Trang web xin ký / a site asks for signatures"
_CHECK = (
    "Đối chiếu SHA-256 với trang web trước khi ký. / Compare SHA-256 with the page before signing."
)
_PIN = "Mã PIN (để trống: từ chối) / PIN (empty: decline)"

_MAX_LINES = 16


def describe(order: Order) -> str:
    """Return what is shown: who asks, for what, by digest."""
    return "\n".join([_who(order), "", _files(order), "", _CHECK])


def _who(order: Order) -> str:
    return f"{_ASKS} ({len(order.items)}):\n  {order.origin}"


def _files(order: Order) -> str:
    lines = []
    for number, item in enumerate(order.items, start=1):
        lines += [f"  {number}. {item.title}", f"     SHA-256 {item.digest}"]
    return "\n".join(lines)


class TerminalPrompt:
    """Ask in the terminal that the agent was started in; what is typed is not shown."""

    def ask_pin(self, order: Order, *, note: str) -> str | None:
        """Show `order` and return the PIN, or None when the person declines."""
        click.echo(f"\n{'─' * 72}\n{describe(order)}")
        if note:
            click.echo(note)
        try:
            return getpass.getpass(f"{_PIN}: ") or None
        except (EOFError, KeyboardInterrupt):
            click.echo("")
            return None


class WindowPrompt:
    """Ask in a window of its own, above the others.

    Args:
        toolkit: the module `tkinter`.
    """

    def __init__(self, toolkit: Any) -> None:
        self._toolkit = toolkit

    def ask_pin(self, order: Order, *, note: str) -> str | None:
        """Show `order` and return the PIN, or None when the person declines."""
        root = self._toolkit.Tk()
        root.title("Trình Ký")
        root.attributes("-topmost", True)
        typed: list[str] = []
        self._show(root, order, note)
        self._fill(root, typed)
        root.mainloop()
        return typed[0] if typed and typed[0] else None

    def _show(self, root: Any, order: Order, note: str) -> None:
        kit = self._toolkit
        looks = {"justify": "left", "wraplength": 640, "padx": 16, "pady": 8}
        kit.Label(root, text=_who(order), **looks).pack(anchor="w")
        # However many files there are, the buttons below stay on the screen.
        frame = kit.Frame(root, padx=16)
        text = _files(order)
        lines = min(text.count("\n") + 1, _MAX_LINES)
        shown = kit.Text(frame, width=80, height=lines, wrap="word")
        bar = kit.Scrollbar(frame, command=shown.yview)
        shown.configure(yscrollcommand=bar.set)
        shown.insert("1.0", text)
        shown.configure(state="disabled")
        bar.pack(side="right", fill="y")
        shown.pack(side="left", fill="both", expand=True)
        frame.pack(fill="both", expand=True)
        kit.Label(root, text=f"{_CHECK}\n{note}".rstrip(), **looks).pack(anchor="w")

    def _fill(self, root: Any, typed: list[str]) -> None:
        kit = self._toolkit
        kit.Label(root, text=_PIN, padx=16).pack(anchor="w")
        entry = kit.Entry(root, show="•", width=32)
        entry.pack(padx=16, pady=4, anchor="w")

        def agree(_event: object = None) -> None:
            typed.append(entry.get())
            root.destroy()

        buttons = kit.Frame(root, padx=16, pady=12)
        kit.Button(buttons, text="Ký / Sign", command=agree).pack(side="left")
        kit.Button(buttons, text="Từ chối / Decline", command=root.destroy).pack(side="left")
        buttons.pack(anchor="w")
        root.bind("<Return>", agree)
        root.bind("<Escape>", lambda _event: root.destroy())
        entry.focus_force()


def open_window() -> WindowPrompt | None:
    """Return what asks in a window, or None where this computer has no place for one."""
    has_display = sys.platform in {"win32", "darwin"} or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if not has_display:
        return None
    try:
        return WindowPrompt(importlib.import_module("tkinter"))
    except ImportError:
        return None
