"""Run the processes as the house does: rights, work items, history, one transaction a step.

Everything goes through `Processes` over a database file as shipped (SQLite, write-ahead log,
synchronous FULL). No peer has a database behind it, so this figure stands beside theirs and is
not compared with them.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from engine.model.organisation import Role
from engine.ports import UnitOfWork
from engine.process.definitions import DefinitionCache
from engine.process.model import (
    InstanceId,
    InstanceStatus,
    Procedure,
    StepResult,
    TaskRule,
    WorkItem,
)
from engine.process.runtime import Processes
from storage.database import Database
from tests.benchmarks.process_peers.drawings import (
    CHILD_ID,
    LETTER_ID,
    PARENT_ID,
    REWORK_ID,
    Plain,
    Walk,
    draw_child,
    draw_letter,
    draw_parent,
    draw_rework,
)
from tests.integration.storage.town import (
    AGENCIES,
    HOME_AFFAIRS,
    NOW,
    an_actor,
    found_town,
    make_processes,
    open_database,
)

LETTER = Procedure(
    id=LETTER_ID,
    bpmn=draw_letter().xml,
    tasks={
        "draft": TaskRule(use_case="draft", person_key="drafter_id"),
        "review": TaskRule(use_case="review", unit_key="unit_id", writes=frozenset({"approved"})),
        "check_form": TaskRule(use_case="check_form", writes=frozenset({"form_ok"})),
        "sign": TaskRule(use_case="sign", person_key="signatory_id", writes=frozenset({"signed"})),
        "number": TaskRule(use_case="number"),
        "seal": TaskRule(use_case="seal"),
    },
)
REWORK = Procedure(
    id=REWORK_ID,
    bpmn=draw_rework().xml,
    tasks={"draft": TaskRule(use_case="draft", writes=frozenset({"finished"}))},
)
PARENT = Procedure(id=PARENT_ID, bpmn=draw_parent(), tasks={}, operations={"await_answers": ""})
CHILD = Procedure(
    id=CHILD_ID,
    bpmn=draw_child(),
    tasks={"acknowledge": TaskRule(use_case="acknowledge")},
    may_be_called=True,
)

_STARTER = an_actor(HOME_AFFAIRS, Role.DESK_OFFICER)


@dataclass(frozen=True, kw_only=True)
class OurHouse:
    """A house in a small town; every use case of its tasks is named after the task."""

    database: Database
    keys: Iterator[int] = field(default_factory=count)

    def start_letter(self, walk: Walk) -> WorkItem:
        with self.database.start_work() as work:
            started = self.start(work, LETTER_ID, walk.data)
            work.commit()
        return started.opened[0]

    def finish_letter(self, item: WorkItem, walk: Walk) -> None:
        """Take a letter from its first task to its end, one transaction a step."""
        for writes in walk.steps:
            with self.database.start_work() as work:
                result = self.complete(work, item, writes)
                work.commit()
            item = result.opened[0] if result.opened else item
        assert result.status is InstanceStatus.COMPLETED

    def ask_all(self, agencies: Sequence[str]) -> None:
        """Start all, let one after another answer, resume the parent; each act is committed."""
        with self.database.start_work() as work:
            parent = self.start(work, PARENT_ID, {}).instance_id
            work.processes.await_answers(parent, "await_answers", len(agencies))
            work.commit()
        items = [self._ask(agency, parent) for agency in agencies]
        for item in items:
            with self.database.start_work() as work:
                self.complete(work, item, {})
                work.processes.count_answer(parent, "await_answers", NOW)
                work.commit()
        with self.database.start_work() as work:
            (entry,) = work.processes.schedule.list_due(NOW)
            assert work.processes.schedule.perform(entry, NOW)
            assert work.processes.store.get_instance(parent).status is InstanceStatus.COMPLETED
            work.commit()

    def start(
        self,
        work: UnitOfWork,
        procedure_id: str,
        data: Mapping[str, Plain],
        parent_id: InstanceId | None = None,
    ) -> StepResult:
        return work.processes.start(
            procedure_id,
            business_key=f"{procedure_id}-{next(self.keys)}",
            data=data,
            actor=_STARTER,
            now=NOW,
            parent_id=parent_id,
        )

    def complete(
        self, work: UnitOfWork, item: WorkItem, writes: Mapping[str, Plain]
    ) -> StepResult:
        """Complete a task as the person it waits for."""
        return work.processes.complete(
            item.id,
            an_actor(item.agency_id, item.role),
            use_case=item.node_id,
            now=NOW,
            outcome="done",
            writes=writes,
        )

    def _ask(self, agency_id: str, parent_id: InstanceId) -> WorkItem:
        with self.database.start_work() as work:
            started = self.start(work, CHILD_ID, {"agency_id": agency_id}, parent_id)
            work.commit()
        return started.opened[0]


@contextmanager
def open_our_house(
    folder: Path, procedures: Sequence[Procedure] = (LETTER, PARENT, CHILD)
) -> Iterator[OurHouse]:
    """Open a house on a new database file in `folder`."""
    definitions = DefinitionCache()
    by_id = {procedure.id: procedure for procedure in procedures}

    def processes(*parts: Any) -> Processes:
        return replace(make_processes(*parts), procedures=by_id, definitions=definitions)

    database = open_database(folder / "bench.db", processes)
    try:
        with database.start_work() as work:
            found_town(work)
            work.commit()
        yield OurHouse(database=database)
    finally:
        database.close()


def list_agencies(number: int) -> list[str]:
    """Return `number` agencies of the town; the few there are come again and again."""
    town = list(AGENCIES)
    return [town[n % len(town)] for n in range(number)]
