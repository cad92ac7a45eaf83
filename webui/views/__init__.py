"""Answer requests: each view reads its form, calls one use case and says where to go."""

from webui.views import (
    about,
    access,
    administration,
    arrivals,
    documents,
    drafts,
    opinions,
    preferences,
    process_editing,
    process_running,
    processes,
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
    opinions.bp,
    preferences.bp,
    process_editing.bp,
    process_running.bp,
    processes.bp,
    registers.bp,
    search.bp,
    verification.bp,
    work.bp,
)
