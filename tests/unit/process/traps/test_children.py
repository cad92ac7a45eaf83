"""T9: ask many by child instances; whatever becomes of each, the parent goes on exactly once."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest

from engine.errors import ConflictError
from engine.process.model import InstanceId, InstanceStatus, TaskId
from tests.unit.process.office import AGENCY, NOW, Office, draw
from tests.unit.process.traps.drawings import row
from tests.unit.process.traps.ours import CLERK, OurRun, a_procedure, settle

EACH = '<multiInstanceLoopCharacteristics isSequential="false"/>'
PARENT = row("callActivity", EACH, attributes='calledElement="child"')
CHILD = draw(
    ["startEvent s", "userTask answer", "endEvent e"],
    ["s answer", "answer e"],
    process_id="child",
)
AGENCIES = ("one", "two", "three")


def of_the_house(xml: bytes) -> bytes:
    """Return the file with the call `w` in the lane of the system."""
    reference = b"<flowNodeRef>w</flowNodeRef>"
    system = b'<lane id="he_thong" name="System">'
    return xml.replace(reference, b"").replace(system, system + reference)


class Asked:
    """A parent that has asked three agencies."""

    def __init__(self) -> None:
        parent = of_the_house(PARENT)
        child = replace(a_procedure(CHILD), id="child", may_be_called=True)
        self.office = Office(a_procedure(parent), child)
        self.parent = OurRun(parent, office=self.office)
        self.parent.do("a")
        (token,) = self.parent.tokens()
        self.task_id: TaskId = token.id
        started = self.ask()
        self.children = dict(zip(AGENCIES, started, strict=True))

    def ask(self) -> Sequence[InstanceId]:
        results = self.office.processes().start_children(
            self.task_id,
            self.parent.id,
            "w",
            {agency: {"agency_id": AGENCY} for agency in AGENCIES},
            actor=CLERK,
            now=NOW,
        )
        return [result.instance_id for result in results]

    def answer(self, agency: str) -> None:
        (item,) = self.office.store.list_open_work_items(self.children[agency])
        self.office.processes().complete(
            item.id, CLERK, use_case="act", now=NOW, outcome="answered"
        )
        settle(self.office)

    def cancel(self, agency: str) -> None:
        self.office.processes().cancel(
            self.children[agency], actor=CLERK, now=NOW, reason="Thu hồi"
        )
        settle(self.office)


@pytest.mark.parametrize("order", list(permutations(AGENCIES)))
@pytest.mark.parametrize("cancelled", [0, 1, 2, 3])
def test_our_parent_goes_on_when_the_last_child_has_answered_or_was_cancelled(
    order: tuple[str, ...], cancelled: int
) -> None:
    asked = Asked()
    for number, agency in enumerate(order):
        assert asked.parent.ready() == []
        asked.cancel(agency) if number < cancelled else asked.answer(agency)
    assert asked.parent.ready() == ["z"]
    asked.parent.do("z")
    assert asked.parent.status is InstanceStatus.COMPLETED


def test_our_parent_takes_its_children_along_when_it_is_cancelled() -> None:
    asked = Asked()
    asked.answer("one")
    asked.office.processes().cancel(asked.parent.id, actor=CLERK, now=NOW, reason="Thu hồi")
    settle(asked.office)
    statuses = [asked.office.store.get_instance(child).status for child in asked.children.values()]
    assert statuses == [
        InstanceStatus.COMPLETED,
        InstanceStatus.CANCELLED,
        InstanceStatus.CANCELLED,
    ]
    assert asked.parent.status is InstanceStatus.CANCELLED


def test_our_children_are_started_once() -> None:
    asked = Asked()
    with pytest.raises(ConflictError):
        asked.ask()
    asked.answer("one")
    with pytest.raises(ConflictError):
        asked.ask()


def test_our_parent_is_not_resumed_again_when_its_round_is_over() -> None:
    asked = Asked()
    for agency in AGENCIES:
        asked.answer(agency)
    before = asked.office.store.get_instance(asked.parent.id)
    with pytest.raises(ConflictError):
        asked.cancel("one")
    settle(asked.office)
    assert asked.office.store.get_instance(asked.parent.id) == before
