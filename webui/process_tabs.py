"""Lead from one of the administrator's pages of the processes to the others."""

from collections.abc import Sequence
from datetime import datetime

from flask import url_for

from engine.ports import UnitOfWork
from webui.i18n import mark as _l
from webui.i18n import say
from webui.shell import NavItem


def process_tabs(work: UnitOfWork, now: datetime, current: str) -> Sequence[NavItem]:
    """Return the entries, with the number of incidents and of timers that are late."""
    return [
        NavItem(
            url_for("processes.index"),
            say(_l("Quy trình")),
            "diagram-3",
            current=current == "processes",
        ),
        NavItem(
            url_for("process_running.instances"),
            say(_l("Hồ sơ")),
            "folder2-open",
            current=current == "instances",
        ),
        NavItem(
            url_for("process_running.incidents"),
            say(_l("Sự cố")),
            "exclamation-triangle-fill",
            count=work.queries.count_incidents(),
            current=current == "incidents",
        ),
        NavItem(
            url_for("process_running.timers"),
            say(_l("Hẹn giờ")),
            "alarm",
            count=work.queries.count_overdue(now),
            current=current == "timers",
        ),
    ]
