"""Describe every table once; `metadata` is what the migrations are compared with."""

from storage.tables import documents, opinions, organisation, processes
from storage.tables.base import metadata

__all__ = ["documents", "metadata", "opinions", "organisation", "processes"]
