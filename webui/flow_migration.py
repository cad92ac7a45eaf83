"""Answer `trinhky flow migrate`: say what would happen to each instance, then do it."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from engine.model.organisation import Actor
from engine.ports import UnitOfWork
from engine.process.migration import MigrationPlan
from engine.process.nodes import Diagram
from engine.process_queries import InstanceFilter, SubjectRow
from webui.bootstrap import House
from webui.flow_reports import plan_line, plan_report
from webui.flow_versions import find_version, load_version
from webui.progress import progress_bar, say
from webui.reports import Json
from webui.terminal import (
    EXIT_NOT_PASSED,
    actor_of,
    as_option,
    data_option,
    json_option,
    opened_house,
    show,
    show_json,
)
from workflows.administration.migrate_instances import MigrationReport

PAGE_ROWS = 500
_MAX_SUBJECT_CHARS = 60


@dataclass(frozen=True, kw_only=True)
class _Move:
    """Hold two versions, and what would become of the instances of the old one.

    Args:
        labels: what instances are about, by their id.
    """

    old_digest: str
    new_digest: str
    old: Diagram
    new: Diagram
    plans: Sequence[MigrationPlan]
    labels: Mapping[str, str]

    def label(self, plan: MigrationPlan) -> str:
        return self.labels.get(plan.instance_id, "")

    def count_possible(self) -> int:
        return sum(plan.is_possible for plan in self.plans)


@click.command()
@click.argument("old_id", metavar="OLD")
@click.argument("new_id", metavar="NEW")
@click.option("--dry-run", is_flag=True, help="Chỉ báo, không chuyển / only say what would be.")
@click.option("--yes", is_flag=True, help="Không hỏi lại / do not ask.")
@as_option
@data_option
@json_option
def migrate(
    *,
    old_id: str,
    new_id: str,
    dry_run: bool,
    yes: bool,
    login: str,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Chuyển hồ sơ đang chạy sang phiên bản khác / move running instances to another version.

    OLD, NEW: outgoing, outgoing/2, hoặc đầu mã / or the first characters of a digest.
    """
    with opened_house(data_dir) as house:
        actor = actor_of(house, login)
        move = _plan(house, old_id, new_id, actor)
        if not dry_run and not yes:
            say(_summary(move))
            click.confirm("Chuyển / move?", abort=True, err=True)
        done = None if dry_run else _migrate(house, move, actor)
    if as_json:
        show_json(_report(move, done))
    else:
        _show(move, done)
    stays = len(move.plans) > move.count_possible() if done is None else _is_left(done)
    sys.exit(EXIT_NOT_PASSED if stays else 0)


def _plan(house: House, old_id: str, new_id: str, actor: Actor) -> _Move:
    with house.start_reading() as work:
        old, new = find_version(work, old_id), find_version(work, new_id)
        if old.digest == new.digest:
            raise click.UsageError("hai phiên bản là một / it is the same version")
        diagrams = [load_version(work, version).diagram for version in (old, new)]
        labels = dict(_labels(work, old.digest, house.clock.now()))
    return _Move(
        old_digest=old.digest,
        new_digest=new.digest,
        old=diagrams[0],
        new=diagrams[1],
        plans=house.use_cases.migrate_instances.plan(old.digest, new.digest, actor),
        labels=labels,
    )


def _labels(work: UnitOfWork, digest: str, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield what each running instance of a version is about: symbol, or subject before it."""
    wanted, cursor = InstanceFilter(digest=digest), ""
    while True:
        page = work.queries.list_instances(wanted, now, cursor=cursor, limit=PAGE_ROWS)
        for row in page.rows:
            yield row.id, " ".join(filter(None, (_about(row.about), row.about.receiver_name)))
        cursor = page.next_cursor
        if not cursor:
            return


def _about(subject: SubjectRow) -> str:
    return subject.symbol or subject.subject[:_MAX_SUBJECT_CHARS]


def _migrate(house: House, move: _Move, actor: Actor) -> MigrationReport:
    with progress_bar("Đang chuyển / moving") as progress:
        return house.use_cases.migrate_instances(
            move.old_digest, move.new_digest, actor, progress=progress
        )


def _is_left(done: MigrationReport) -> bool:
    return bool(done.stayed or done.overtaken)


def _report(move: _Move, done: MigrationReport | None) -> dict[str, Json]:
    found: dict[str, Json] = {
        "from": move.old_digest,
        "to": move.new_digest,
        "dry_run": done is None,
        "instances": [plan_report(plan, move.label(plan)) for plan in move.plans],
    }
    if done is not None:
        found |= {
            "moved": list(done.moved),
            "stayed": [plan_report(plan, move.label(plan)) for plan in done.stayed],
            "overtaken": list(done.overtaken),
        }
    return found


def _show(move: _Move, done: MigrationReport | None) -> None:
    for plan in move.plans:
        show(plan_line(plan, move.label(plan), move.old, move.new))
    show(_summary(move) if done is None else _outcome(done))


def _summary(move: _Move) -> str:
    possible = move.count_possible()
    return f"chuyển được / can move: {possible}; ở lại / stay: {len(move.plans) - possible}"


def _outcome(done: MigrationReport) -> str:
    counts = f"đã chuyển / moved: {len(done.moved)}; ở lại / stayed: {len(done.stayed)}"
    if not done.overtaken:
        return counts
    # They were moved on by people meanwhile; running the command again takes them.
    return f"{counts}; làm lại / run again: {len(done.overtaken)}"
