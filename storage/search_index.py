"""Keep what search reads, and say how a query is put to it.

Four texts a document: who may read it, its symbol, everything in it without tone marks, and the
same with them. All SQL of the full-text index is in this module and in the first migration;
another database needs its own index over the same table.
"""

import re

import sqlalchemy as sa

from engine.model.document import Document, DocumentStatus
from engine.model.kinds import list_kinds
from engine.text import fold, nfc
from storage.tables import organisation
from storage.tables.documents import document_search as _search

_NOT_WORD = re.compile(r"[\W_]+")
_MAX_WORDS = 32

#: How well a match fits; the sum decides the order.
SYMBOL_WEIGHT = 4
EXACT_WEIGHT = 2
PLAIN_WEIGHT = 1
#: How many of each sort of match are looked at, newest first.
CANDIDATES = 400

#: A recipient has a document only once the original is fixed.
_ISSUED = frozenset({DocumentStatus.SEALED, DocumentStatus.DISPATCHED})

FTS_TABLE = "document_fts"

#: The index holds no text of its own; triggers keep it equal to `document_search`.
SQLITE_DDL = (
    "CREATE VIRTUAL TABLE document_fts USING fts5(readers, symbol, text, exact, "
    "content='document_search', content_rowid='id', tokenize='unicode61 remove_diacritics 0')",
    """
    CREATE TRIGGER document_search_added AFTER INSERT ON document_search BEGIN
        INSERT INTO document_fts(rowid, readers, symbol, text, exact)
        VALUES (new.id, new.readers, new.symbol, new.text, new.exact);
    END
    """,
    """
    CREATE TRIGGER document_search_removed AFTER DELETE ON document_search BEGIN
        INSERT INTO document_fts(document_fts, rowid, readers, symbol, text, exact)
        VALUES ('delete', old.id, old.readers, old.symbol, old.text, old.exact);
    END
    """,
    """
    CREATE TRIGGER document_search_changed AFTER UPDATE ON document_search BEGIN
        INSERT INTO document_fts(document_fts, rowid, readers, symbol, text, exact)
        VALUES ('delete', old.id, old.readers, old.symbol, old.text, old.exact);
        INSERT INTO document_fts(rowid, readers, symbol, text, exact)
        VALUES (new.id, new.readers, new.symbol, new.text, new.exact);
    END
    """,
)


_TEXTS = ("readers", "symbol", "text", "exact")
_ADD = sa.insert(_search)
_NEW: dict[str, sa.BindParameter[str]] = {
    name: sa.bindparam(f"new_{name}", type_=sa.Text()) for name in _TEXTS
}
_REPLACE = (
    sa.update(_search)
    .where(
        _search.c.document_id == sa.bindparam("key"),
        sa.or_(*(_search.c[name].is_distinct_from(text) for name, text in _NEW.items())),
    )
    .values(_NEW)
)
_LIST_NAMES = sa.select(organisation.agency.c.name).where(
    organisation.agency.c.id.in_(sa.bindparam("agency_ids", expanding=True))
)


class SearchIndex:
    """Write what search reads about documents, in the transaction that writes the document."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, document: Document) -> None:
        """Add a new document."""
        self._connection.execute(_ADD, {"document_id": document.id, **self._texts(document)})

    def replace(self, document: Document) -> None:
        """Write the document's texts again; an unchanged row costs no indexing."""
        texts = {f"new_{name}": text for name, text in self._texts(document).items()}
        self._connection.execute(_REPLACE, {"key": document.id, **texts})

    def _texts(self, document: Document) -> dict[str, str]:
        content = document.content
        agencies = (document.agency_id, *content.recipients)
        names = self._connection.execute(_LIST_NAMES, {"agency_ids": agencies}).scalars()
        readers = agencies if document.status in _ISSUED else agencies[:1]
        symbol = document.number.symbol if document.number else ""
        said = " ".join(
            [symbol, list_kinds()[content.kind].name, content.subject, *names, content.body]
        )
        return {
            "readers": " ".join(reader_token(agency_id) for agency_id in dict.fromkeys(readers)),
            "symbol": " ".join(_folded_words(symbol)),
            "text": " ".join(_folded_words(said)),
            "exact": " ".join(_exact_words(said)),
        }


def search_hits(agency_ids: frozenset[str], text: str) -> sa.Subquery | None:
    """Return the matches of `text`: columns `id` of `document_search` and `weight`.

    Every word has to be found. Words are quoted, so none is read as query syntax.

    Returns:
        None when nothing can match: no word in `text`, or no agency.
    """
    folded = _folded_words(text)[:_MAX_WORDS]
    if not folded or not agency_ids:
        return None
    readers = _any_of("readers", [reader_token(agency_id) for agency_id in agency_ids])
    sorts = [
        (PLAIN_WEIGHT, _all_of("text", folded)),
        (EXACT_WEIGHT, _all_of("exact", _exact_words(text)[:_MAX_WORDS])),
    ]
    if any(word.isdigit() for word in folded):
        sorts.append((SYMBOL_WEIGHT, _all_of("symbol", folded)))
    hits = sa.union_all(
        *(_newest(f"{readers} AND {condition}", weight) for weight, condition in sorts)
    ).subquery("hits")
    return (
        sa.select(hits.c.id, sa.func.sum(hits.c.weight).label("weight"))
        .group_by(hits.c.id)
        .subquery("ranked")
    )


def reader_token(agency_id: str) -> str:
    """Return the one word that stands for an agency; no text of a document can contain it."""
    return f"a{agency_id.encode().hex()}"


def _newest(condition: str, weight: int) -> sa.Select[tuple[int, int]]:
    # The index hands out matches in the order of its rows, so the limit ends the reading.
    index = sa.table(FTS_TABLE, sa.column("rowid", sa.Integer))
    newest = (
        sa.select(index.c.rowid.label("id"), sa.literal(weight).label("weight"))
        .where(sa.literal_column(FTS_TABLE).op("MATCH")(condition))
        .order_by(index.c.rowid.desc())
        .limit(CANDIDATES)
        .subquery()
    )
    return sa.select(newest.c.id, newest.c.weight)


def _folded_words(text: str) -> list[str]:
    return [_number(word) for word in fold(text).split()]


def _exact_words(text: str) -> list[str]:
    return [_number(word) for word in _NOT_WORD.split(nfc(text).casefold()) if word]


def _number(word: str) -> str:
    """Return a number without leading zeros, so that 7 and 07 are the same."""
    return (word.lstrip("0") or "0") if word.isdigit() else word


def _all_of(column: str, words: list[str]) -> str:
    return f"({column} : ({' AND '.join(map(_quoted, words))}))"


def _any_of(column: str, words: list[str]) -> str:
    return f"({column} : ({' OR '.join(map(_quoted, words))}))"


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
