"""Answer requests: each view reads its form, calls one use case and says where to go."""

from webui.views import (
    about,
    access,
    administration,
    arrivals,
    documents,
    drafts,
    preferences,
    registers,
    search,
    verification,
    work,
)

BLUEPRINTS = (
    about.bp,
    access.bp,
    administration.bp,
    arrivals.bp,
    documents.bp,
    drafts.bp,
    preferences.bp,
    registers.bp,
    search.bp,
    verification.bp,
    work.bp,
)
