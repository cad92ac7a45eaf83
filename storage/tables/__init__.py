"""Describe every table once; `metadata` is what the migrations are compared with."""

from storage.tables import (
    batches,
    certification,
    copies,
    documents,
    keys,
    opinions,
    organisation,
    parking,
    preservation,
    processes,
    trust,
)
from storage.tables.base import metadata

__all__ = [
    "batches",
    "certification",
    "copies",
    "documents",
    "keys",
    "metadata",
    "opinions",
    "organisation",
    "parking",
    "preservation",
    "processes",
    "trust",
]
