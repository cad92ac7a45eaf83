"""Show progress on standard error, never on standard output."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from engine.ports import Progress as ProgressPort

console = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """Print one line for the person at the terminal."""
    console.print(text, markup=False, soft_wrap=True)


@contextmanager
def progress_bar(title: str) -> Iterator[ProgressPort]:
    """Draw a bar while the block runs; plain lines when nobody is at a terminal."""
    if not sys.stderr.isatty():
        say(f"{title} …")
        yield lambda _what, done, total: say(f"{title}: {total}") if done == total else None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task(title, total=None)
        yield lambda _what, done, total: bar.update(task, completed=done, total=total)
