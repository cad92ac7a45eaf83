"""Lay out a register of an agency for a period, as it is printed and bound.

Source: Decree 30/2020/NĐ-CP, Appendix IV.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.layout.typesetter import Typesetter


@dataclass(frozen=True, kw_only=True)
class RegisterColumn:
    """Hold one column of the printed register; a width of 0 takes what the others leave."""

    title: str
    width_mm: int = 0


@dataclass(frozen=True, kw_only=True)
class RegisterSheet:
    """Hold a register ready to print.

    Args:
        period: the days it covers, in words.
        footer: who printed it and when.
        empty: what stands there when there is no line.
        rows: each has a text for each column.
    """

    agency: str
    title: str
    period: str
    footer: str
    empty: str
    columns: Sequence[RegisterColumn]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class TypstRegisters:
    """Lay out registers with typst. Safe to share between threads."""

    typesetter: Typesetter = field(default_factory=Typesetter)

    def render(self, sheet: RegisterSheet, *, at: datetime) -> bytes:
        """Return the register as PDF/A-2b, A4 landscape; the same sheet gives the same bytes.

        Raises:
            InvalidInputError: a text has characters the font lacks.
            TrinhKyError: `ASSETS_MISSING`, there are no fonts.
        """
        form = {
            "agency": sheet.agency,
            "title": sheet.title,
            "period": sheet.period,
            "footer": sheet.footer,
            "empty": sheet.empty,
            "columns": [
                {"title": column.title, "width": column.width_mm} for column in sheet.columns
            ],
            "rows": [list(row) for row in sheet.rows],
        }
        return self.typesetter.compile("register", form, at=at, standards=("a-2b",))
