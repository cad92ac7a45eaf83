"""Run the same BPMN files through the house, each step by a worker that has just started."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from engine.model.organisation import Role
from engine.process.codec import Token, decode
from engine.process.deployment import lint_files
from engine.process.model import InstanceId, InstanceStatus, Plain, Procedure, TaskRule, WorkItem
from tests.unit.process.office import AGENCY, NOW, Office, an_actor

CLERK = an_actor("clerk-of-traps", Role.DESK_OFFICER)


def a_procedure(
    xml: bytes, writes: Mapping[str, str] | None = None, starts_with: Iterable[str] = ()
) -> Procedure:
    """Return the procedure `flow`.

    Args:
        xml: its BPMN file.
        writes: by user task, the space-separated keys it sets.
        starts_with: keys the start sets, besides the agency.
    """
    users = re.findall(r'<userTask id="(\w+)"', xml.decode())
    services = re.findall(r'<(?:serviceTask|callActivity) id="(\w+)"', xml.decode())
    return Procedure(
        id="flow",
        bpmn=xml,
        tasks={
            node: TaskRule(
                use_case="act",
                writes=frozenset((writes or {}).get(node, "").split()),
                returns_to=frozenset(users),
            )
            for node in users
        },
        operations=dict.fromkeys(services, ""),
        starts_with=frozenset({"agency_id", *starts_with}),
    )


def refusal(xml: bytes, starts_with: Iterable[str] = ()) -> str:
    """Return why a file may not be put into force; "" when it may."""
    procedure = a_procedure(xml, starts_with=starts_with)
    return "; ".join(map(str, lint_files(xml, b"", {procedure.id: procedure})))


def settle(office: Office, now: datetime = NOW) -> None:
    """Do all that is due, and what becomes due by it."""
    while due := office.processes().schedule.list_due(now):
        for entry in due:
            office.processes().schedule.perform(entry, now)


class OurRun:
    """One instance of `flow`; `office` holds the rows of several."""

    def __init__(
        self,
        xml: bytes,
        *,
        writes: Mapping[str, str] | None = None,
        office: Office | None = None,
        key: str = "document-1",
        **data: Plain,
    ) -> None:
        self.office = office or Office(a_procedure(xml, writes, data))
        started = self.office.processes().start(
            "flow", business_key=key, data={"agency_id": AGENCY, **data}, actor=CLERK, now=NOW
        )
        self.id: InstanceId = started.instance_id

    @property
    def status(self) -> InstanceStatus:
        return self.office.store.get_instance(self.id).status

    @property
    def state(self) -> bytes:
        return self.office.store.get_instance(self.id).state

    def ready(self) -> list[str]:
        """Return the tasks that wait for people."""
        items = self.office.store.list_open_work_items(self.id)
        return sorted(item.node_id for item in items)

    def item(self, node: str) -> WorkItem:
        items = self.office.store.list_open_work_items(self.id)
        return next(item for item in items if item.node_id == node)

    def do(self, node: str, **writes: Plain) -> None:
        self.complete(self.item(node), **writes)

    def complete(self, item: WorkItem, **writes: Plain) -> None:
        self.office.processes().complete(
            item.id, CLERK, use_case="act", now=NOW, outcome="done", writes=writes
        )

    def data(self) -> Mapping[str, Plain]:
        return decode(self.state).data

    def tokens(self) -> Sequence[Token]:
        return decode(self.state).tokens
