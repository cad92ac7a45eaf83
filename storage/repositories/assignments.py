"""Keep assignments, what was reported on them and requests for more time."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from engine.errors import ConflictError, ErrorCode
from engine.model.assignment import (
    CLOSED_STATES,
    Assignment,
    AssignmentId,
    Extension,
    ExtensionId,
    Party,
    ProgressReport,
    Source,
    SourceKind,
    Standing,
)
from engine.model.document import DocumentId
from engine.model.organisation import Actor, AgencyId, PersonId
from engine.paging import Page
from engine.ports_direction import AssignmentRow, Part
from storage.queries.assignments import list_rows
from storage.repositories.base import Repository, by_key, missing
from storage.tables import direction as tables
from storage.tally import read_fact, recount

_assignment = tables.assignment
_party = tables.assignment_party
_counter = tables.assignment_counter
_report = tables.progress_report
_extension = tables.extension

_PLAIN = (
    "agency_id",
    "year",
    "number",
    "assigner_id",
    "assigner_name",
    "content",
    "quoted",
    "product",
    "urgency",
    "due_on",
    "first_due_on",
    "given_at",
    "updated_at",
    "parent_id",
    "tracker_id",
    "state",
    "accepted_at",
    "reported_at",
    "completed_at",
    "closing_document_id",
    "extension_open",
    "extensions_asked",
    "version",
)
_OPEN = _assignment.c.state.not_in(CLOSED_STATES)
_GET = sa.select(_assignment).where(by_key(_assignment.c.id))
_LIST_PARTIES = (
    sa.select(_party.c.assignment_id, _party.c.agency_id, _party.c.unit_id, _party.c.person_id)
    .where(_party.c.assignment_id.in_(sa.bindparam("keys", expanding=True)))
    .order_by(_party.c.assignment_id, _party.c.position)
)
_SAVE = sa.update(_assignment).where(
    by_key(_assignment.c.id), _assignment.c.version == sa.bindparam("seen_version")
)
_TAKE_NUMBER = (
    sa.update(_counter)
    .where(
        _counter.c.agency_id == sa.bindparam("key_agency"),
        _counter.c.year == sa.bindparam("key_year"),
    )
    .values(last=_counter.c.last + 1)
    .returning(_counter.c.last)
)


class SqlAssignments(Repository):
    """Keep assignments; who co-operates is written with them."""

    def take_number(self, agency_id: AgencyId, year: int) -> int:
        """Return the next number; call it late, a rollback gives the number back."""
        values = {"key_agency": agency_id, "key_year": year}
        taken = self._connection.execute(_TAKE_NUMBER, values).scalar_one_or_none()
        if taken is None:
            self._insert_once(_counter, {"agency_id": agency_id, "year": year, "last": 0})
            taken = self._connection.execute(_TAKE_NUMBER, values).scalar_one()
        return int(taken)

    def add(self, assignment: Assignment) -> None:
        """Add a new assignment."""
        self._insert(_assignment, {"id": assignment.id, "percent": 0, **_values(assignment)})
        self._add_cooperators(assignment)
        recount(self._connection, assignment.id, None)

    def get(self, assignment_id: AssignmentId) -> Assignment:
        """Return the assignment.

        Raises:
            NotFoundError: code ASSIGNMENT_NOT_FOUND.
        """
        found = self._read(_GET, key=assignment_id)
        return found[0] if found else missing_assignment(assignment_id)

    def save(self, assignment: Assignment) -> None:
        """Write the assignment if nobody wrote it since it was read; `version` grows by one.

        Raises:
            ConflictError: code DOCUMENT_CHANGED.
        """
        before = read_fact(self._connection, assignment.id)
        written = {**_values(assignment), "version": assignment.version + 1}
        seen = {"key": assignment.id, "seen_version": assignment.version}
        # What a former lead reported says nothing of what the new one has done.
        percent = sa.case(
            (_leads(assignment.lead), _assignment.c.percent), else_=_reported(assignment)
        )
        if self._changed(_SAVE.values(percent=percent), {**written, **seen}) == 0:
            raise ConflictError(
                f"assignment {assignment.id}: {assignment.version} is not the newest",
                code=ErrorCode.DOCUMENT_CHANGED,
            )
        assignment.version += 1
        recount(self._connection, assignment.id, before)
        if self._list_parties([assignment.id]).get(assignment.id, ()) != assignment.cooperators:
            self._connection.execute(
                sa.delete(_party).where(_party.c.assignment_id == assignment.id)
            )
            self._add_cooperators(assignment)

    def list_children(self, assignment_id: AssignmentId) -> Sequence[Assignment]:
        """Return the assignments given on behalf of one, oldest first."""
        return self._list_where(_assignment.c.parent_id == assignment_id)

    def count_open_children(self, assignment_id: AssignmentId) -> int:
        """Return how many assignments given on behalf of one are open."""
        query = (
            sa.select(sa.func.count())
            .select_from(_assignment)
            .where(_assignment.c.parent_id == assignment_id, _OPEN)
        )
        return int(self._connection.execute(query).scalar_one())

    def list_on_source(self, kind: SourceKind, source_id: str) -> Sequence[Assignment]:
        """Return the assignments that come from a delivery, a document or a meeting."""
        return self._list_where(
            _assignment.c.source_kind == kind, _assignment.c.source_id == source_id
        )

    def list_on_document(self, document_id: DocumentId) -> Sequence[Assignment]:
        """Return the assignments that a document stands behind or closes, oldest first."""
        return self._list_where(
            sa.or_(
                _assignment.c.document_id == document_id,
                _assignment.c.closing_document_id == document_id,
            )
        )

    def list_open_of(self, person_id: PersonId) -> Sequence[Assignment]:
        """Return the open assignments a person gave, the nearest deadline first."""
        found = self._list_where(_assignment.c.assigner_id == person_id, _OPEN)
        return sorted(found, key=lambda each: (each.due_on or date.max, each.given_at))

    def list_rows(
        self,
        actor: Actor,
        part: Part,
        today: date,
        *,
        standing: Standing | None = None,
        cursor: str = "",
        limit: int = 50,
    ) -> Page[AssignmentRow]:
        """Return assignments the actor has a part in, the newest first."""
        return list_rows(
            self._connection, actor, part, today, standing=standing, cursor=cursor, limit=limit
        )

    def add_report(self, report: ProgressReport) -> None:
        """Add what was reported, and how far it says the assignment is."""
        self._insert(
            _report, {**_without(report, "party"), **_party_values(report.party, prefix="")}
        )
        self._connection.execute(
            sa.update(_assignment)
            .where(_assignment.c.id == report.assignment_id)
            .where(_leads(report.party))
            .values(percent=report.percent)
        )

    def list_reports(self, assignment_id: AssignmentId) -> Sequence[ProgressReport]:
        """Return what was reported, oldest first."""
        query = (
            sa.select(_report)
            .where(_report.c.assignment_id == assignment_id)
            .order_by(_report.c.sequence)
        )
        return self._list(_make_report, query)

    def add_extension(self, extension: Extension) -> None:
        """Add a request for more time."""
        self._insert(_extension, dict(vars(extension)))

    def get_extension(self, extension_id: ExtensionId) -> Extension:
        """Return a request for more time.

        Raises:
            NotFoundError: code ASSIGNMENT_NOT_FOUND.
        """
        query = sa.select(_extension).where(_extension.c.id == extension_id)
        return self._find(Extension, query) or missing(
            "extension", extension_id, ErrorCode.ASSIGNMENT_NOT_FOUND
        )

    def save_extension(self, extension: Extension) -> None:
        """Write the decision, once.

        Raises:
            ConflictError: code EXTENSION_CLOSED; it is decided already.
        """
        values = {name: getattr(extension, name) for name in tables.DECISION_COLUMNS}
        statement = (
            sa.update(_extension)
            .where(_extension.c.id == extension.id, _extension.c.granted.is_(None))
            .values(values)
        )
        if self._changed(statement) == 0:
            raise ConflictError(f"extension {extension.id}", code=ErrorCode.EXTENSION_CLOSED)

    def list_extensions(self, assignment_id: AssignmentId) -> Sequence[Extension]:
        """Return the requests for more time, oldest first."""
        query = (
            sa.select(_extension)
            .where(_extension.c.assignment_id == assignment_id)
            .order_by(_extension.c.asked_at, _extension.c.id)
        )
        return self._list(Extension, query)

    def _list_where(self, *conditions: sa.ColumnElement[bool]) -> list[Assignment]:
        return self._read(
            sa.select(_assignment)
            .where(*conditions)
            .order_by(_assignment.c.given_at, _assignment.c.number, _assignment.c.id)
        )

    def _read(self, query: sa.Select[Any], **values: Any) -> list[Assignment]:
        rows = self._connection.execute(query, values).mappings().all()
        parties = self._list_parties([row["id"] for row in rows])
        return [_make(row, parties.get(row["id"], ())) for row in rows]

    def _list_parties(
        self, assignment_ids: list[AssignmentId]
    ) -> dict[AssignmentId, tuple[Party, ...]]:
        found: dict[AssignmentId, tuple[Party, ...]] = {}
        for row in self._connection.execute(_LIST_PARTIES, {"keys": assignment_ids}).mappings():
            named = Party(
                agency_id=row["agency_id"], unit_id=row["unit_id"], person_id=row["person_id"]
            )
            key = row["assignment_id"]
            found[key] = (*found.get(key, ()), named)
        return found

    def _add_cooperators(self, assignment: Assignment) -> None:
        rows = [
            {
                "assignment_id": assignment.id,
                "position": position,
                "given_at": assignment.given_at,
                **_party_values(party, prefix=""),
            }
            for position, party in enumerate(assignment.cooperators)
        ]
        if rows:
            self._insert(_party, rows)


def missing_assignment(assignment_id: AssignmentId) -> Assignment:
    """Say that there is no such assignment.

    Raises:
        NotFoundError: code ASSIGNMENT_NOT_FOUND.
    """
    missing("assignment", assignment_id, ErrorCode.ASSIGNMENT_NOT_FOUND)


def _values(assignment: Assignment) -> dict[str, Any]:
    values = {name: getattr(assignment, name) for name in _PLAIN}
    source = assignment.source
    return {
        **values,
        **_party_values(assignment.lead, prefix="lead_"),
        "source_kind": source.kind,
        "source_id": source.id,
        "document_id": source.document_id,
        "done_on": assignment.done_on(),
    }


def _party_values(party: Party, *, prefix: str) -> dict[str, Any]:
    return {f"{prefix}{name}": value for name, value in vars(party).items()}


def _without(record: object, *names: str) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in names}


def _leads(party: Party) -> sa.ColumnElement[bool]:
    """Return the condition that the party is the lead; a co-operator may be one of its people."""
    return sa.and_(
        _assignment.c.lead_agency_id == party.agency_id,
        _assignment.c.lead_unit_id.is_not_distinct_from(party.unit_id),
        _assignment.c.lead_person_id.is_not_distinct_from(party.person_id),
    )


def _reported(assignment: Assignment) -> sa.ColumnElement[int]:
    """Return how far the lead has last said it is; 0 when they have not."""
    lead = assignment.lead
    query = (
        sa.select(_report.c.percent)
        .where(
            _report.c.assignment_id == assignment.id,
            _report.c.agency_id == lead.agency_id,
            _report.c.unit_id.is_not_distinct_from(lead.unit_id),
            _report.c.person_id.is_not_distinct_from(lead.person_id),
        )
        .order_by(_report.c.sequence.desc())
        .limit(1)
    )
    return sa.func.coalesce(query.scalar_subquery(), 0)


def _make(row: sa.RowMapping, cooperators: tuple[Party, ...]) -> Assignment:
    return Assignment(
        id=row["id"],
        **{name: row[name] for name in _PLAIN},
        lead=Party(
            agency_id=row["lead_agency_id"],
            unit_id=row["lead_unit_id"],
            person_id=row["lead_person_id"],
        ),
        cooperators=cooperators,
        source=Source(
            kind=row["source_kind"], id=row["source_id"], document_id=row["document_id"]
        ),
    )


def _make_report(**row: Any) -> ProgressReport:
    party = Party(**{name: row.pop(name) for name in ("agency_id", "unit_id", "person_id")})
    return ProgressReport(party=party, **row)
