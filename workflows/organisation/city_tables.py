"""Read a city from its tables, with a clear error for the first line that cannot be true."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from engine.errors import ErrorCode, InvalidInputError
from engine.model.kinds import DocumentKind, list_kinds
from engine.model.organisation import (
    Agency,
    AgencyId,
    AgencyKind,
    Authority,
    AuthorityForm,
    Field,
    FieldId,
    Person,
    PersonId,
    Post,
    PostId,
    Profile,
    Role,
    Unit,
    UnitId,
    Validity,
)
from engine.text import is_nfc

T = TypeVar("T")

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "agencies": (
        "id", "code", "name", "symbol", "kind", "parent", "place", "letterhead_parent",
        "letterhead_name", "profile", "seal_mm", "valid_from", "valid_to",
    ),
    "units": ("id", "agency", "name", "symbol", "valid_from", "valid_to"),
    "people": ("id", "login", "full_name"),
    "posts": ("id", "agency", "unit", "person", "title", "role", "valid_from", "valid_to"),
    "fields": ("id", "agency", "name", "valid_from", "valid_to"),
    "authority": (
        "id", "agency", "post", "form", "lines", "kinds", "fields", "basis", "valid_from",
        "valid_to",
    ),
}  # fmt: skip
#: Columns a table may lack; every cell of one is then empty.
_OPTIONAL = {"authority": "fields"}


class Problem(StrEnum):
    """Name what is wrong with a line; the words are the page's."""

    COLUMNS = "columns"
    NOT_UTF8 = "not_utf8"
    NOT_NFC = "not_nfc"
    EMPTY = "empty"
    DUPLICATE = "duplicate"
    UNKNOWN_PARENT = "unknown_parent"
    UNKNOWN_REFERENCE = "unknown_reference"
    BAD_VALUE = "bad_value"
    BAD_PERIOD = "bad_period"


@dataclass(frozen=True, kw_only=True)
class City:
    """Hold a whole city as read from its tables."""

    agencies: tuple[Agency, ...]
    units: tuple[Unit, ...] = ()
    people: tuple[Person, ...] = ()
    posts: tuple[Post, ...] = ()
    fields: tuple[Field, ...] = ()
    authorities: tuple[Authority, ...] = ()


@dataclass
class _Row:
    """Hold one line with its place, so that every error can name it."""

    table: str
    line: int
    cells: Mapping[str, str]

    def fail(self, problem: Problem, column: str) -> InvalidInputError:
        value = self.cells.get(column) or ""
        return InvalidInputError(
            f"{self.table} line {self.line}: {problem} in {column}: {value!r}",
            code=ErrorCode.IMPORT_INVALID,
            table=self.table,
            line=str(self.line),
            problem=problem,
            column=column,
            value=value[:80],
        )

    def text(self, column: str) -> str:
        value = self.cells[column].strip()
        if not value:
            raise self.fail(Problem.EMPTY, column)
        return value

    def lines(self, column: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.cells[column].split("|") if part.strip())

    def parse(self, column: str, convert: Callable[[str], T]) -> T:
        try:
            return convert(self.text(column))
        except ValueError as error:
            raise self.fail(Problem.BAD_VALUE, column) from error

    def validity(self) -> Validity:
        since = self.parse("valid_from", date.fromisoformat)
        until = (
            self.parse("valid_to", date.fromisoformat) if self.cells["valid_to"].strip() else None
        )
        if until is not None and until < since:
            raise self.fail(Problem.BAD_PERIOD, "valid_to")
        return Validity(since=since, until=until)


class _Known:
    """Remember the ids of each table, so that references and duplicates are found."""

    def __init__(self) -> None:
        self._ids: dict[str, set[str]] = {}

    def add(self, row: _Row, column: str = "id") -> str:
        value = row.text(column)
        ids = self._ids.setdefault(f"{row.table}.{column}", set())
        if value in ids:
            raise row.fail(Problem.DUPLICATE, column)
        ids.add(value)
        return value

    def get(self, row: _Row, column: str, table: str) -> str:
        return self.check(row, column, table, row.text(column))

    def check(self, row: _Row, column: str, table: str, value: str) -> str:
        if value not in self._ids.get(f"{table}.id", set()):
            raise row.fail(Problem.UNKNOWN_REFERENCE, column)
        return value


def read_city(tables: Mapping[str, bytes]) -> City:
    """Return the city described by CSV tables (UTF-8, comma, one header line).

    Args:
        tables: content by name: `agencies` at least, then `units`, `people`, `posts`, `fields`
            and `authority`. `|` separates printed lines, a space separates kinds and fields.

    Raises:
        InvalidInputError: code IMPORT_INVALID; names table, line, column and problem. A parent
            must stand before its children; codes and logins are unique; text is NFC.
    """
    known = _Known()
    return City(
        agencies=tuple(_agencies(tables, known)),
        units=tuple(_units(tables, known)),
        people=tuple(_people(tables, known)),
        posts=tuple(_posts(tables, known)),
        fields=tuple(_fields(tables, known)),
        authorities=tuple(_authorities(tables, known)),
    )


def _rows(tables: Mapping[str, bytes], table: str) -> Iterator[_Row]:
    if table not in tables:
        return
    head = _Row(table, 1, {})
    try:
        text = tables[table].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise head.fail(Problem.NOT_UTF8, "") from error
    reader = csv.DictReader(io.StringIO(text), strict=True)
    missing = _OPTIONAL.get(table, "")
    known = (COLUMNS[table], tuple(name for name in COLUMNS[table] if name != missing))
    if tuple(reader.fieldnames or ()) not in known:
        raise head.fail(Problem.COLUMNS, ",".join(COLUMNS[table]))
    for cells in reader:
        row = _Row(table, reader.line_num, cells)
        for column, value in cells.items():
            # DictReader keeps surplus cells under None and gives None for missing ones.
            if not isinstance(column, str) or not isinstance(value, str):
                raise row.fail(Problem.COLUMNS, ",".join(COLUMNS[table]))
            if not is_nfc(value):
                raise row.fail(Problem.NOT_NFC, column)
        yield row


def _agencies(tables: Mapping[str, bytes], known: _Known) -> Iterator[Agency]:
    parents: set[str] = set()
    for row in _rows(tables, "agencies"):
        agency_id = known.add(row)
        known.add(row, "code")
        parent = row.cells["parent"].strip()
        if parent and parent not in parents:
            raise row.fail(Problem.UNKNOWN_PARENT, "parent")
        parents.add(agency_id)
        yield Agency(
            id=AgencyId(agency_id),
            code=row.text("code"),
            name=row.text("name"),
            symbol=row.text("symbol"),
            kind=row.parse("kind", AgencyKind),
            parent_id=AgencyId(parent) if parent else None,
            place=row.text("place"),
            letterhead_parent=row.lines("letterhead_parent"),
            letterhead_name=row.lines("letterhead_name") or (row.text("name").upper(),),
            profile=row.parse("profile", Profile),
            seal_diameter_mm=row.parse("seal_mm", float),
            validity=row.validity(),
        )


def _units(tables: Mapping[str, bytes], known: _Known) -> Iterator[Unit]:
    for row in _rows(tables, "units"):
        yield Unit(
            id=UnitId(known.add(row)),
            agency_id=AgencyId(known.get(row, "agency", "agencies")),
            name=row.text("name"),
            symbol=row.text("symbol"),
            validity=row.validity(),
        )


def _people(tables: Mapping[str, bytes], known: _Known) -> Iterator[Person]:
    for row in _rows(tables, "people"):
        login = known.add(row, "login")
        if not _LOGIN.fullmatch(login):
            raise row.fail(Problem.BAD_VALUE, "login")
        yield Person(id=PersonId(known.add(row)), login=login, full_name=row.text("full_name"))


def _posts(tables: Mapping[str, bytes], known: _Known) -> Iterator[Post]:
    for row in _rows(tables, "posts"):
        unit = row.cells["unit"].strip()
        yield Post(
            id=PostId(known.add(row)),
            agency_id=AgencyId(known.get(row, "agency", "agencies")),
            unit_id=UnitId(known.get(row, "unit", "units")) if unit else None,
            person_id=PersonId(known.get(row, "person", "people")),
            title=row.text("title"),
            role=row.parse("role", Role),
            validity=row.validity(),
        )


def _fields(tables: Mapping[str, bytes], known: _Known) -> Iterator[Field]:
    for row in _rows(tables, "fields"):
        yield Field(
            id=FieldId(known.add(row)),
            agency_id=AgencyId(known.get(row, "agency", "agencies")),
            name=row.text("name"),
            validity=row.validity(),
        )


def _authorities(tables: Mapping[str, bytes], known: _Known) -> Iterator[Authority]:
    for row in _rows(tables, "authority"):
        kinds = frozenset(DocumentKind(kind) for kind in row.cells["kinds"].split())
        if not kinds <= set(list_kinds()):
            raise row.fail(Problem.BAD_VALUE, "kinds")
        form = row.parse("form", AuthorityForm)
        if form is AuthorityForm.BY_AUTHORISATION:
            # Written, limited in time, and never for good.
            row.text("valid_to")
        yield Authority(
            id=known.add(row),
            agency_id=AgencyId(known.get(row, "agency", "agencies")),
            post_id=PostId(known.get(row, "post", "posts")),
            form=form,
            lines=row.lines("lines") or (row.text("lines"),),
            kinds=kinds,
            basis=row.text("basis"),
            validity=row.validity(),
            fields=frozenset(
                FieldId(known.check(row, "fields", "fields", each))
                for each in row.cells.get("fields", "").split()
            ),
        )
