"""Describe registers: dense numbers per agency, series and year, never reused.

Source: Decree 30/2020/NĐ-CP, Art. 15 and 22, Appendix IV.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from engine.errors import ConflictError, ErrorCode
from engine.model.organisation import AgencyId, PersonId

#: One series for all kinds is what most agencies choose; a series is data, not a type.
COMMON_SERIES = "chung"


class RegisterBook(StrEnum):
    """Name the books of an agency."""

    OUTGOING = "di"
    ARRIVALS = "den"
    COPIES = "sao"


class EntryState(StrEnum):
    """Name what a number stands for: bound to a document, issued, or void with a reason."""

    BOUND = "bound"
    ISSUED = "issued"
    VOID = "void"


@dataclass(frozen=True, kw_only=True)
class RegisterEntry:
    """Hold one line of a register.

    Args:
        subject_id: the document (outgoing) or delivery (arrivals) the number belongs to.
        symbol: number and symbol as printed; for arrivals those of the sender.
        title: kind and subject.
        counterpart: recipients in short (outgoing) or the author (arrivals).
    """

    agency_id: AgencyId
    book: RegisterBook
    series: str
    year: int
    number: int
    suffix: str
    state: EntryState
    subject_id: str
    symbol: str
    dated_on: date
    title: str
    signatory: str
    counterpart: str
    entered_at: datetime
    entered_by: PersonId
    reason: str = ""

    def issued(self) -> "RegisterEntry":
        """Return the entry as issued.

        Raises:
            ConflictError: the number is void.
        """
        if self.state is EntryState.VOID:
            raise ConflictError(f"{self.symbol} is void", code=ErrorCode.REGISTER_ENTRY_CLOSED)
        return replace(self, state=EntryState.ISSUED)

    def voided(self, reason: str) -> "RegisterEntry":
        """Return the entry as void; the number stays in the book and is never given again.

        Raises:
            ConflictError: the number is issued, or void already.
        """
        if self.state is not EntryState.BOUND:
            raise ConflictError(
                f"{self.symbol} is {self.state}", code=ErrorCode.REGISTER_ENTRY_CLOSED
            )
        return replace(self, state=EntryState.VOID, reason=reason)
