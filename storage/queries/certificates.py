"""Read certificates with what can be said of them today, and what needs looking at.

A city has about a thousand: they are read whole, without their bytes, and told apart here. A name
is found with or without its tone marks, which no database of ours can do alike.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.clock import local
from engine.model.certification import EXPIRY_DAYS, CertificateState, warning_of
from engine.model.keys import serial_number
from engine.model.pin import MAX_PIN_TRIES
from engine.paging import Page
from engine.ports_certification import (
    Attention,
    CertificateFilter,
    CertificateRow,
    ExpiringRow,
    LockedPin,
)
from engine.ports_signing import CertificateId, HolderKind
from engine.text import fold
from storage.queries.cursors import cursor_of, read_cursor
from storage.tables.certification import certificate_succession as _succession
from storage.tables.certification import expiry_threshold as _threshold
from storage.tables.keys import pin_counter as _counter
from storage.tables.organisation import agency as _agency
from storage.tables.organisation import issued_certificate as _certificate
from storage.tables.organisation import person as _person
from storage.tables.organisation import post as _post
from storage.tables.organisation import revocation as _revocation
from storage.tables.trust import certificate_hold as _hold

_KEY = (datetime, str)
_SHOWN = (
    "id",
    "holder_kind",
    "holder_id",
    "common_name",
    "issuer",
    "not_before",
    "not_after",
    "key_home",
)


def is_one_of(
    table: sa.Table, holders: frozenset[tuple[HolderKind, str]]
) -> sa.ColumnElement[bool]:
    """Return the condition that a row is about one of the holders."""
    return sa.or_(
        *(
            sa.and_(table.c.holder_kind == kind, table.c.holder_id == holder_id)
            for kind, holder_id in sorted(holders)
        ),
        sa.false(),
    )


def list_certificates(
    connection: sa.Connection,
    wanted: CertificateFilter,
    now: datetime,
    cursor: str,
    limit: int,
) -> Page[CertificateRow]:
    """Return one page of certificates, those that end first before the others."""
    after = tuple(read_cursor(cursor, _KEY)) if cursor else None
    found = [
        row
        for row in _read(connection, now, wanted.holders)
        if _is_wanted(row, wanted) and (after is None or _place(row) > after)
    ]
    page = found[:limit]
    next_cursor = cursor_of(*_place(page[-1])) if len(found) > limit else ""
    return Page(rows=page, next_cursor=next_cursor)


def list_locked(connection: sa.Connection) -> Sequence[LockedPin]:
    """Return the PINs that are locked, oldest first."""
    first_post = (
        sa.select(_post.c.agency_id)
        .where(_post.c.person_id == _counter.c.person_id)
        .order_by(_post.c.since.desc(), _post.c.id)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        sa.select(
            _counter.c.certificate_id,
            _counter.c.person_id,
            _counter.c.locked_at,
            _certificate.c.common_name,
            _person.c.full_name.label("person_name"),
            sa.func.coalesce(first_post, "").label("agency_id"),
        )
        .join(_certificate, _certificate.c.id == _counter.c.certificate_id)
        .join(_person, _person.c.id == _counter.c.person_id)
        .where(_counter.c.tries >= MAX_PIN_TRIES)
        .order_by(_counter.c.locked_at, _counter.c.certificate_id, _counter.c.person_id)
    )
    return [LockedPin(**row) for row in connection.execute(query).mappings()]


def count_attention(
    connection: sa.Connection, now: datetime, thresholds: Sequence[int]
) -> Attention:
    """Return what an administrator of certificates should look at."""
    expiring = dict.fromkeys(thresholds, 0)
    leavers = suspended = 0
    for row in _read(connection, now, None):
        suspended += row.state is CertificateState.SUSPENDED
        if row.state is not CertificateState.IN_USE:
            continue
        leavers += not row.is_serving
        days = warning_of(row.not_after, now, thresholds)
        if days is not None:
            expiring[days] += 1
    return Attention(
        expiring=expiring,
        leavers=leavers,
        suspended=suspended,
        locked=len(list_locked(connection)),
    )


def list_expiring(
    connection: sa.Connection, holders: frozenset[tuple[HolderKind, str]], now: datetime
) -> list[ExpiringRow]:
    """Return the holders' certificates in use that end soon; asked for on every first page."""
    # One statement: each certificate comes once for each threshold, or once where none is kept.
    query = _query(now, holders).add_columns(_threshold.c.days).outerjoin(_threshold, sa.true())
    found: dict[str, tuple[CertificateRow, list[int]]] = {}
    for each in connection.execute(query).mappings():
        _row_of, days = found.setdefault(each["id"], (_row(each, now), []))
        days += [] if each["days"] is None else [each["days"]]
    warned = (
        (row, warning_of(row.not_after, now, days or EXPIRY_DAYS))
        for row, days in found.values()
        if row.state is CertificateState.IN_USE
    )
    return [ExpiringRow(row=row, days=days) for row, days in warned if days is not None]


def _read(
    connection: sa.Connection,
    now: datetime,
    holders: frozenset[tuple[HolderKind, str]] | None,
) -> Iterator[CertificateRow]:
    for row in connection.execute(_query(now, holders)).mappings():
        yield _row(row, now)


def _query(now: datetime, holders: frozenset[tuple[HolderKind, str]] | None) -> sa.Select[Any]:
    day = local(now).date()
    open_hold = sa.and_(_hold.c.certificate_id == _certificate.c.id, _hold.c.released_at.is_(None))
    # Of several posts, the one that lasts longest: the row of the newest is as good as any.
    serving = (
        sa.select(_post.c.person_id, sa.func.min(_post.c.agency_id).label("agency_id"))
        .where(_post.c.since <= day, sa.or_(_post.c.until.is_(None), _post.c.until >= day))
        .group_by(_post.c.person_id)
        .subquery()
    )
    home = _agency.alias("home")
    query = (
        sa.select(
            *(_certificate.c[name] for name in _SHOWN),
            _person.c.full_name,
            serving.c.agency_id.label("served_id"),
            home.c.id.label("agency_id"),
            home.c.name.label("agency_name"),
            home.c.since,
            home.c.until,
            _revocation.c.revoked_at,
            _hold.c.reason.label("held_reason"),
            _succession.c.at.label("superseded_at"),
        )
        .outerjoin(
            _person,
            sa.and_(
                _certificate.c.holder_kind == HolderKind.PERSON,
                _person.c.id == _certificate.c.holder_id,
            ),
        )
        .outerjoin(serving, serving.c.person_id == _person.c.id)
        .outerjoin(
            home,
            home.c.id
            == sa.case(
                (_certificate.c.holder_kind == HolderKind.AGENCY, _certificate.c.holder_id),
                else_=serving.c.agency_id,
            ),
        )
        .outerjoin(_revocation, _revocation.c.certificate_id == _certificate.c.id)
        .outerjoin(_hold, open_hold)
        .outerjoin(_succession, _succession.c.certificate_id == _certificate.c.id)
        .order_by(_certificate.c.not_after, _certificate.c.id)
    )
    return query if holders is None else query.where(is_one_of(_certificate, holders))


def _row(row: sa.RowMapping, now: datetime) -> CertificateRow:
    is_person = row["holder_kind"] is HolderKind.PERSON
    day = local(now).date()
    agency_lasts = row["since"] is not None and (
        row["since"] <= day and (row["until"] is None or day <= row["until"])
    )
    return CertificateRow(
        certificate_id=CertificateId(row["id"]),
        holder_kind=row["holder_kind"],
        holder_id=row["holder_id"],
        holder_name=(row["full_name"] if is_person else row["agency_name"]) or row["common_name"],
        common_name=row["common_name"],
        issuer=row["issuer"],
        agency_id=row["agency_id"] or "",
        agency_name=row["agency_name"] or "",
        not_before=row["not_before"],
        not_after=row["not_after"],
        key_home=row["key_home"],
        state=_state(row, now),
        is_serving=row["served_id"] is not None if is_person else agency_lasts,
        held_reason=row["held_reason"] or "",
    )


def _state(row: sa.RowMapping, now: datetime) -> CertificateState:
    checks: tuple[tuple[Any, CertificateState], ...] = (
        (row["revoked_at"], CertificateState.REVOKED),
        (row["held_reason"] is not None, CertificateState.SUSPENDED),
        (row["superseded_at"], CertificateState.SUPERSEDED),
        (row["not_after"] < now, CertificateState.EXPIRED),
        (row["not_before"] > now, CertificateState.FUTURE),
    )
    return next((state for holds, state in checks if holds), CertificateState.IN_USE)


def _place(row: CertificateRow) -> tuple[datetime, str]:
    return row.not_after, row.certificate_id


def _is_wanted(row: CertificateRow, wanted: CertificateFilter) -> bool:
    in_use = row.state is CertificateState.IN_USE
    if wanted.state is not None and row.state is not wanted.state:
        return False
    if wanted.expires_before is not None and not (
        in_use and row.not_after <= wanted.expires_before
    ):
        return False
    if wanted.is_leaver and not _is_left(row):
        return False
    text = fold(wanted.text)
    told = fold(f"{row.holder_name} {row.agency_name}")
    number = serial_number(row.certificate_id)
    return text in told or (bool(text) and wanted.text.strip().lower() in number)


def _is_left(row: CertificateRow) -> bool:
    """Tell whether its holder serves no more and somebody has yet to settle it for good."""
    open_states = (CertificateState.IN_USE, CertificateState.SUSPENDED)
    return not row.is_serving and row.state in open_states
