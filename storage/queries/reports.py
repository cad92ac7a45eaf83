"""Answer what reports ask."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

import sqlalchemy as sa

from engine.model.indicators import Assumptions, Period
from engine.model.organisation import PersonId
from engine.paging import Page
from engine.ports_reports import (
    Agencies,
    AgencyCount,
    BehindQuery,
    BehindRow,
    EntryCount,
    HolderCount,
    ProcedureCount,
    RegisterLine,
    RegisterQuery,
    StepCount,
)
from storage.queries import behind, indicators, register_rows
from storage.tables.reports import report_assumptions


class SqlReports:
    """Count and list in one transaction; each count is one walk along an index."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def count_entries(self, agencies: Agencies, weeks: Sequence[Period]) -> Sequence[EntryCount]:
        """Return how many numbers each agency gave in each week, in both books."""
        return indicators.count_entries(self._connection, agencies, weeks)

    def count_sent(self, agencies: Agencies, period: Period) -> Sequence[AgencyCount]:
        """Return per sender how many deliveries were sent, and how many were registered."""
        return indicators.count_sent(self._connection, agencies, period)

    def count_forwarded(self, agencies: Agencies, period: Period) -> Sequence[AgencyCount]:
        """Return per recipient how many arrivals were registered, and how many forwarded."""
        return indicators.count_forwarded(self._connection, agencies, period)

    def count_certificates(
        self, agencies: Agencies | None, period: Period
    ) -> Sequence[HolderCount]:
        """Return the certificates issued to agencies and people; None counts every holder."""
        return indicators.count_certificates(self._connection, agencies, period)

    def count_steps(self, agencies: Agencies, period: Period) -> Sequence[StepCount]:
        """Return the steps people ended in the period."""
        return indicators.count_steps(self._connection, agencies, period)

    def count_assignments(
        self, agencies: Agencies, period: Period, today: date
    ) -> Sequence[AgencyCount]:
        """Return per lead agency the assignments due in the period, and those done in time."""
        return indicators.count_assignments(self._connection, agencies, period, today)

    def count_procedures(self, now: datetime) -> Sequence[ProcedureCount]:
        """Return per procedure its instances, those completed, those overdue now."""
        return indicators.count_procedures(self._connection, now)

    def list_behind(
        self, query: BehindQuery, *, cursor: str = "", limit: int = 50
    ) -> Page[BehindRow]:
        """Return one page of the things behind a number, the newest first."""
        return behind.list_behind(self._connection, query, cursor, limit)

    def list_lines(
        self, query: RegisterQuery, *, cursor: str = "", limit: int = 100
    ) -> Page[RegisterLine]:
        """Return one page of a register in the order of its numbers, void ones included."""
        return register_rows.list_lines(self._connection, query, cursor, limit)

    def iter_lines(self, query: RegisterQuery) -> Iterator[RegisterLine]:
        """Yield a register line by line, so that a year is never in memory as a whole."""
        return register_rows.iter_lines(self._connection, query)

    def count_lines(self, query: RegisterQuery) -> int:
        """Return how many lines a register has in the period."""
        return register_rows.count_lines(self._connection, query)

    def count_series(self, query: RegisterQuery) -> Mapping[str, int]:
        """Return how many lines each series has in the period, whichever one is asked for."""
        return register_rows.count_series(self._connection, query)

    def get_assumptions(self) -> Assumptions:
        """Return the assumptions in force; the defaults of the house when nobody changed them."""
        table = report_assumptions
        columns = [column for column in table.c if column.name not in {"sequence", "changed_by"}]
        query = sa.select(*columns).order_by(table.c.sequence.desc()).limit(1)
        row = self._connection.execute(query).mappings().first()
        return Assumptions() if row is None else Assumptions(**row)

    def add_assumptions(self, assumptions: Assumptions, changed_by: PersonId) -> None:
        """Put changed assumptions in force; earlier ones stay on record."""
        values = dict(vars(assumptions)) | {"changed_by": changed_by}
        self._connection.execute(sa.insert(report_assumptions), values)
