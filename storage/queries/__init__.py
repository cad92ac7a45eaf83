"""Answer the questions of the pages."""

from storage.queries.pages import SqlQueries

__all__ = ["SqlQueries"]
