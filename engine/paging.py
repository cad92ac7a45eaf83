"""Hold one page of a long list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Row]):
    """Hold one page of rows; `next_cursor` is "" on the last."""

    rows: Sequence[Row]
    next_cursor: str = ""
