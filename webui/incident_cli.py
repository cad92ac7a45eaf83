"""Answer `trinhky incidents`: list the steps that failed, and try one again."""

from collections.abc import Iterator
from pathlib import Path

import click

from engine.ports import UnitOfWork
from engine.process_queries import IncidentRow
from webui.progress import say
from webui.reports import Json, time_text
from webui.terminal import (
    actor_of,
    as_option,
    data_option,
    json_option,
    opened_house,
    show,
    show_json,
)

_PAGE_ROWS = 500


@click.group(name="incidents", invoke_without_command=True)
@data_option
@json_option
@click.pass_context
def incidents(context: click.Context, *, data_dir: Path, as_json: bool) -> None:
    """Liệt kê các bước bị lỗi còn mở / list the open incidents."""
    if context.invoked_subcommand is not None:
        return
    with opened_house(data_dir) as house, house.start_reading() as work:
        rows = list(_open_incidents(work))
    if as_json:
        show_json({"incidents": [_report(row) for row in rows]})
        return
    if not rows:
        say("Không có sự cố nào đang mở / no open incidents")
    for row in rows:
        show(_line(row))


@incidents.command()
@click.argument("incident_id", metavar="ID")
@as_option
@data_option
def retry(*, incident_id: str, login: str, data_dir: Path) -> None:
    """Thử lại ngay một bước bị lỗi / try a failed step again at once."""
    with opened_house(data_dir) as house:
        house.use_cases.retry_incident(incident_id, actor_of(house, login))
    say(f"Sẽ thử lại ngay / due now: {incident_id}")


def _open_incidents(work: UnitOfWork) -> Iterator[IncidentRow]:
    cursor = ""
    while True:
        page = work.queries.list_incidents(is_over=False, cursor=cursor, limit=_PAGE_ROWS)
        yield from page.rows
        cursor = page.next_cursor
        if not cursor:
            return


def _report(row: IncidentRow) -> dict[str, Json]:
    return {
        "id": row.id,
        "kind": row.kind,
        "procedure": row.procedure_id,
        "node": row.node_id,
        "business_key": row.about.key,
        "label": row.about.symbol or row.about.subject,
        "code": row.code,
        "reason": row.reason,
        "tries": row.tries,
        "opened_at": time_text(row.opened_at),
        "next_try_at": time_text(row.next_try_at),
        "can_retry": row.can_retry,
    }


def _line(row: IncidentRow) -> str:
    parts = (
        row.id,
        time_text(row.opened_at) or "",
        f"{row.procedure_id}.{row.node_id}",
        row.about.symbol or row.about.subject[:60] or row.about.key,
        f"{row.code}: {row.reason}",
        f"× {row.tries}",
    )
    return "  ".join(part for part in parts if part)
