"""List the 29 kinds of administrative document with their abbreviations.

Source: Decree 30/2020/NĐ-CP, Art. 7 and Appendix III. The list is data (`kinds.csv`).
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NewType

from engine.errors import ErrorCode, InvalidInputError

DocumentKind = NewType("DocumentKind", str)

CONG_VAN = DocumentKind("cong_van")
GIAY_MOI = DocumentKind("giay_moi")
THONG_BAO = DocumentKind("thong_bao")

#: Kinds that have a form, a template and a flow today.
COMPOSABLE_KINDS = (CONG_VAN, GIAY_MOI, THONG_BAO)


@dataclass(frozen=True, kw_only=True)
class KindSpec:
    """Hold one kind: name, abbreviation (None for công văn and thư công) and title rule."""

    id: DocumentKind
    name: str
    abbreviation: str | None
    has_title: bool


@cache
def list_kinds() -> Mapping[DocumentKind, KindSpec]:
    """Return every kind by id, in the order of the decree."""
    table = files("engine.model").joinpath("kinds.csv").read_text(encoding="utf-8")
    return {
        DocumentKind(row["id"]): KindSpec(
            id=DocumentKind(row["id"]),
            name=row["name"],
            # Case is part of the abbreviation (CTr, QyĐ): it is kept as written.
            abbreviation=row["abbreviation"] or None,
            has_title=row["has_title"] == "yes",
        )
        for row in csv.DictReader(table.splitlines())
    }


def get_kind(kind: str) -> KindSpec:
    """Return the kind named `kind`.

    Raises:
        InvalidInputError: there is no such kind.
    """
    spec = list_kinds().get(DocumentKind(kind))
    if spec is None:
        raise InvalidInputError(
            f"no kind {kind!r}", code=ErrorCode.DOCUMENT_KIND_UNKNOWN, kind=kind
        )
    return spec
