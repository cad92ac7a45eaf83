"""Find what acts by itself, hides a file, or shows one thing now and another later.

Every object of the file is walked, with all it holds: arrays, dictionaries, and the dictionaries
of streams, which a reader takes as readily as plain ones. What another object holds by reference
is walked as that object, so no cycle can arise.

Source: threat U1; ISO 32000-1, clauses 7.3.8.2 (external streams), 7.11.4 (embedded files), 8.10.4
(reference XObjects), 8.11 (optional content), 12.6 (actions), 12.7.8 (XFA), 13 (multimedia); ISO
32000-2, clause 14.13 (associated files).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf

from engine.errors import ErrorCode, InvalidInputError

#: Values of all objects together; the text of 2,000 pages with its structure stays far below.
MAX_VALUES = 1_500_000
MAX_OBJECTS = 100_000
MAX_DEPTH = 100
#: Actions that only turn pages or name an address.
_HARMLESS_ACTIONS = frozenset({"/GoTo", "/URI", "/Named", "/Thread"})
#: Other values of `/S` are kinds of structure, of transitions, of colour groups.
_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/ResetForm",
        "/GoToR",
        "/GoToE",
        "/RichMediaExecute",
        "/Movie",
        "/Sound",
        "/Rendition",
        "/SetOCGState",
        "/Hide",
        "/Trans",
        "/GoTo3DView",
    }
)
_HOLDERS_OF_ACTIONS = frozenset({"/A", "/PA", "/Next", "/OpenAction"})
#: Kinds of annotations, which have a `/Rect`, and of other objects.
_ACTIVE_KINDS = {
    "/EmbeddedFile": "EmbeddedFiles",
    "/FileAttachment": "EmbeddedFiles",
    "/RichMedia": "RichMedia",
    "/Movie": "Movie",
    "/Sound": "Sound",
    "/Screen": "Screen",
    "/3D": "3D",
}
#: Keys that are refused wherever they stand, by the rule that refuses them.
_KEYS = {
    "/XFA": "XFA",
    "/JS": "JavaScript",
    "/JavaScript": "JavaScript",
    "/EmbeddedFiles": "EmbeddedFiles",
    "/OCProperties": "OCProperties",
}
#: As these, but a glyph may bear the name: then the value is a stream.
_PLAIN_KEYS = {"/EF": "EmbeddedFiles", "/AF": "EmbeddedFiles", "/AA": "AA"}
_DICTIONARIES = (pikepdf.Dictionary, pikepdf.Stream)
_CONTAINERS = (pikepdf.Array, *_DICTIONARIES)
_STREAM_KEYS = {"/F": "ExternalStream", "/Ref": "ReferenceXObject"}


@dataclass(frozen=True, kw_only=True)
class ActivePart:
    """Name a part that is refused.

    Args:
        what: rule, such as `JavaScript`.
        where: object and keys, such as `12 0 R /A /Next`.
    """

    what: str
    where: str


def list_active(pdf: pikepdf.Pdf) -> Iterator[ActivePart]:
    """Yield every part of the file that acts, or hides something.

    Raises:
        InvalidInputError: code UPLOAD_UNREADABLE; more objects or values, or deeper ones, than
            are walked.
    """
    if len(pdf.objects) > MAX_OBJECTS:
        raise _too_much(f"{len(pdf.objects)} objects")
    yield from _opening_parts(pdf)
    values = 0
    for entry in (pdf.trailer, *pdf.objects):
        for where, holder in _walk(entry):
            values += len(holder)
            if values > MAX_VALUES:
                raise _too_much(f"more than {MAX_VALUES} values")
            if isinstance(holder, dict):
                yield from _parts(where, holder)


#: Values of an array, or of a dictionary; of a stream, with this entry besides.
_Held = list[object] | dict[str, object]
_IS_STREAM = "is a stream"


def _walk(entry: object) -> Iterator[tuple[str, _Held]]:
    """Yield what one object holds, and where; what it holds by reference is walked by itself."""
    if not isinstance(entry, pikepdf.Object):
        return
    number, generation = entry.objgen
    waiting: list[tuple[str, object, int]] = [
        (f"{number} {generation} R" if number else "trailer", entry, 0)
    ]
    while waiting:
        where, value, depth = waiting.pop()
        held = _held(value)
        if held is None:
            continue
        if depth > MAX_DEPTH:
            raise _too_much(f"deeper than {MAX_DEPTH}")
        yield where, held
        entries = held.items() if isinstance(held, dict) else enumerate(held)
        for key, inner in entries:
            if isinstance(inner, _CONTAINERS) and not inner.is_indirect:
                waiting.append((f"{where} {key}", inner, depth + 1))


def _held(value: object) -> _Held | None:
    if isinstance(value, pikepdf.Array):
        return list(value)
    if isinstance(value, pikepdf.Dictionary):
        return dict(value.items())
    if isinstance(value, pikepdf.Stream):
        return {**dict(value.stream_dict.items()), _IS_STREAM: True}
    return None


def _opening_parts(pdf: pikepdf.Pdf) -> Iterator[ActivePart]:
    """Yield an opening that does more than say where a reader opens the file."""
    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, _DICTIONARIES) and opening.get("/S") != "/GoTo":
        yield ActivePart(what="OpenAction", where="Root /OpenAction")


def _parts(where: str, holder: dict[str, object]) -> Iterator[ActivePart]:
    for what in _named_parts(holder):
        yield ActivePart(what=what, where=where)
    for key in sorted(_HOLDERS_OF_ACTIONS & holder.keys()):
        for kind in _kinds_of(holder[key]):
            yield ActivePart(what=kind[1:], where=f"{where} {key}")


def _named_parts(holder: dict[str, object]) -> Iterator[str]:
    """Yield the rules that what stands in one dictionary itself breaks."""
    kind = holder.get("/S")
    if isinstance(kind, pikepdf.Name) and str(kind) in _ACTIONS:
        yield str(kind)[1:]
    for key in sorted(_KEYS.keys() & holder.keys()):
        yield _KEYS[key]
    for key in sorted(_PLAIN_KEYS.keys() & holder.keys()):
        if isinstance(holder[key], pikepdf.Array | pikepdf.Dictionary):
            yield _PLAIN_KEYS[key]
    if _IS_STREAM in holder:
        for key in sorted(_STREAM_KEYS.keys() & holder.keys()):
            yield _STREAM_KEYS[key]
    kind = str(holder.get("/Subtype")) if "/Rect" in holder else str(holder.get("/Type"))
    if kind in _ACTIVE_KINDS:
        yield _ACTIVE_KINDS[kind]


def _kinds_of(held: object) -> Iterator[str]:
    """Yield what an action, or each of several, is when it is not known to be harmless."""
    several = held if isinstance(held, pikepdf.Array) else [held]
    for action in several:
        if not isinstance(action, _DICTIONARIES):
            continue
        kind = action.get("/S")
        if isinstance(kind, pikepdf.Name) and str(kind) not in _HARMLESS_ACTIONS:
            yield str(kind)


def _too_much(detail: str) -> InvalidInputError:
    return InvalidInputError(detail, code=ErrorCode.UPLOAD_UNREADABLE)
