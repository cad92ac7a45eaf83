"""Say what the things behind a number are: symbol, title, agency, and what is kept from whom."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from engine.assignment_flow import COOPERATION_PROCEDURE, assignment_of
from engine.model.organisation import Actor
from engine.ports_reports import BehindKind
from storage.queries.kept_back import assignment_kept_back, document_kept_back
from storage.tables import organisation
from storage.tables.direction import assignment, extension
from storage.tables.documents import delivery, document
from storage.tables.meetings import invitee, meeting
from storage.tables.organisation import issued_certificate
from storage.tables.processes import work_item
from storage.tables.schedules import work_schedule

_About = dict[str, Any]


def describe(
    connection: sa.Connection, reader: Actor | None, kind: BehindKind | None, ids: Sequence[str]
) -> Mapping[str, _About]:
    """Return what each of the things is, by its id; those of any kind are looked up in all."""
    found: dict[str, _About] = {}
    if not ids:
        return found
    for each in _COUNTED if kind is None else (kind,):
        found |= _read(connection, reader, each, ids)
    if kind is None:
        steps = [each for each in ids if each not in found]
        found |= _describe_steps(connection, reader, steps)
    return {each: found.get(each) or _nothing_known(each) for each in ids}


def _describe_steps(
    connection: sa.Connection, reader: Actor | None, item_ids: Sequence[str]
) -> dict[str, _About]:
    """Return what steps are about: what stands behind their process."""
    if not item_ids:
        return {}
    item, agency = work_item.c, organisation.agency.c
    query = (
        sa.select(item.id, item.procedure_id, item.business_key, item.name, agency.name)
        .join(organisation.agency, agency.id == item.agency_id)
        .where(item.id.in_(item_ids))
    )
    rows = connection.execute(query).all()
    subject_of = _subjects_of(connection, {row.business_key: row.procedure_id for row in rows})
    wanted = sorted(set(subject_of.values()))
    subjects: dict[str, _About] = {}
    for kind in _BEHIND_STEPS:
        subjects |= _read(connection, reader, kind, wanted)
    found = {}
    for item_id, _, key, name, agency_name in rows:
        about = subjects.get(subject_of[key]) or _nothing_known(key)
        title = f"{name}: {about['title']}" if about["title"] else name
        found[item_id] = about | {"title": title, "agency_name": agency_name}
    return found


def _subjects_of(connection: sa.Connection, procedures: Mapping[str, str]) -> dict[str, str]:
    """Return what each business key leads to: a request to its assignment, a call to its meeting.

    Args:
        procedures: id of the procedure by business key.
    """
    found = {
        key: str(assignment_of(key)) if procedure_id == COOPERATION_PROCEDURE else key
        for key, procedure_id in procedures.items()
    }
    keys = sorted(procedures)
    asked = sa.select(extension.c.id, extension.c.assignment_id).where(extension.c.id.in_(keys))
    called = sa.select(invitee.c.call_id, invitee.c.meeting_id).where(invitee.c.call_id.in_(keys))
    for query in (asked, called):
        found |= {row[0]: row[1] for row in connection.execute(query)}
    return found


def _read(
    connection: sa.Connection, reader: Actor | None, kind: BehindKind, ids: Sequence[str]
) -> dict[str, _About]:
    rows = connection.execute(_DESCRIPTIONS[kind](reader), {"ids": list(ids)}).mappings()
    return {row["id"]: _about(row, kind) for row in rows}


def _about(row: sa.RowMapping, kind: BehindKind) -> _About:
    is_kept_back = bool(row["kept_back"])
    return {
        "kind": kind,
        "subject_id": row["id"],
        "symbol": row["symbol"] or "",
        "title": "" if is_kept_back else row["title"],
        "agency_name": row["agency_name"],
        "restricted": is_kept_back,
    }


def _nothing_known(subject_id: str) -> _About:
    return {
        "kind": BehindKind.OTHER,
        "subject_id": subject_id,
        "symbol": "",
        "title": "",
        "agency_name": "",
    }


_IDS: sa.BindParameter[str] = sa.bindparam("ids", type_=sa.String(), expanding=True)
_AGENCY = organisation.agency
_AGENCY_NAME = _AGENCY.c.name.label("agency_name")
_NO_SYMBOL = sa.literal("").label("symbol")
_SHOWN = sa.false().label("kept_back")


def _document(reader: Actor | None) -> sa.Select[Any]:
    title = document.c.subject.label("title")
    kept_back = document_kept_back(reader).label("kept_back")
    return (
        sa.select(document.c.id, document.c.symbol, title, _AGENCY_NAME, kept_back)
        .join(_AGENCY, _AGENCY.c.id == document.c.agency_id)
        .where(document.c.id.in_(_IDS))
    )


def _delivery(reader: Actor | None) -> sa.Select[Any]:
    title = document.c.subject.label("title")
    kept_back = document_kept_back(reader).label("kept_back")
    return (
        sa.select(delivery.c.id, document.c.symbol, title, _AGENCY_NAME, kept_back)
        .join(document, document.c.id == delivery.c.document_id)
        .join(_AGENCY, _AGENCY.c.id == delivery.c.recipient_id)
        .where(delivery.c.id.in_(_IDS))
    )


def _assignment(reader: Actor | None) -> sa.Select[Any]:
    kept_back = assignment_kept_back(reader)
    # Its document is named where that is all there is to show.
    symbol = sa.case((kept_back, document.c.symbol), else_="").label("symbol")
    title = assignment.c.content.label("title")
    return (
        sa.select(assignment.c.id, symbol, title, _AGENCY_NAME, kept_back.label("kept_back"))
        .join(_AGENCY, _AGENCY.c.id == assignment.c.lead_agency_id)
        .outerjoin(document, document.c.id == assignment.c.document_id)
        .where(assignment.c.id.in_(_IDS))
    )


def _certificate(_: Actor | None) -> sa.Select[Any]:
    title = issued_certificate.c.common_name.label("title")
    issuer = issued_certificate.c.issuer.label("agency_name")
    return sa.select(issued_certificate.c.id, _NO_SYMBOL, title, issuer, _SHOWN).where(
        issued_certificate.c.id.in_(_IDS)
    )


def _meeting(reader: Actor | None) -> sa.Select[Any]:
    kept_back = document_kept_back(reader).label("kept_back")
    return (
        sa.select(meeting.c.id, document.c.symbol, meeting.c.title, _AGENCY_NAME, kept_back)
        .join(_AGENCY, _AGENCY.c.id == meeting.c.agency_id)
        .outerjoin(document, document.c.id == meeting.c.invitation_id)
        .where(meeting.c.id.in_(_IDS))
    )


def _schedule(_: Actor | None) -> sa.Select[Any]:
    """Return the week alone: what its entries say, private ones among them, stays there."""
    week = work_schedule.c
    return (
        sa.select(week.id, _NO_SYMBOL, week.title, _AGENCY_NAME, _SHOWN)
        .join(_AGENCY, _AGENCY.c.id == week.agency_id)
        .where(week.id.in_(_IDS))
    )


_DESCRIPTIONS: Mapping[BehindKind, Callable[[Actor | None], sa.Select[Any]]] = {
    BehindKind.DOCUMENT: _document,
    BehindKind.DELIVERY: _delivery,
    BehindKind.ASSIGNMENT: _assignment,
    BehindKind.CERTIFICATE: _certificate,
    BehindKind.MEETING: _meeting,
    BehindKind.SCHEDULE: _schedule,
}
#: What is counted itself, and is not a step.
_COUNTED = (
    BehindKind.DOCUMENT,
    BehindKind.DELIVERY,
    BehindKind.ASSIGNMENT,
    BehindKind.CERTIFICATE,
)
_BEHIND_STEPS = (
    BehindKind.DOCUMENT,
    BehindKind.DELIVERY,
    BehindKind.ASSIGNMENT,
    BehindKind.MEETING,
    BehindKind.SCHEDULE,
)
