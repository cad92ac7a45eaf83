"""Let a register leave the house as a file, on record."""

from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, InvalidInputError
from engine.model.organisation import Actor
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import StartWork
from engine.ports_reports import RegisterQuery

#: Lines of one PDF: laying out more takes longer than a page may.
MAX_PDF_LINES = 3000
PDF = "pdf"


@dataclass(frozen=True, kw_only=True)
class ExportRegister:
    """Use case: somebody of an agency takes its register out as PDF, CSV or XLSX."""

    start_work: StartWork
    clock: Clock

    def __call__(self, query: RegisterQuery, actor: Actor, form: str) -> int:
        """Record that the register goes out and return how many lines it has.

        A register names people and business of many documents; who took it is worth knowing.

        Args:
            form: `pdf`, `csv` or `xlsx`.

        Raises:
            NotPermittedError: of another agency.
            InvalidInputError: code REPORT_TOO_LONG; too many lines for a PDF.
        """
        check_permitted(Permission.REGISTER_VIEW, actor, Subject(agency_id=query.agency_id))
        with self.start_work() as work:
            lines = work.reports.count_lines(query)
            if form == PDF and lines > MAX_PDF_LINES:
                raise InvalidInputError(
                    f"{lines} lines",
                    code=ErrorCode.REPORT_TOO_LONG,
                    lines=str(lines),
                    most=str(MAX_PDF_LINES),
                )
            work.audit.record(
                AuditEvent.REGISTER_EXPORT,
                subject=f"register:{query.agency_id}",
                actor=actor,
                at=self.clock.now(),
                details={
                    "register": query.register,
                    "since": query.period.since.isoformat(),
                    "until": query.period.until.isoformat(),
                    "form": form,
                    "lines": str(lines),
                },
            )
            work.commit()
        return lines
