"""Note which statements the calling thread sends to databases."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

_here = threading.local()


@contextmanager
def own_statements() -> Iterator[list[str]]:
    """Give the list to which each statement of this thread is added.

    Schedulers of other houses are at work in threads of their own; what they ask is theirs.
    """
    _here.asked = asked = list[str]()
    try:
        yield asked
    finally:
        _here.asked = None


# Once and for good: who comes and goes meets those threads in the middle of their statements.
@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def _note(connection: object, cursor: object, statement: str, *rest: object) -> None:
    asked = getattr(_here, "asked", None)
    if asked is not None:
        asked.append(statement)
