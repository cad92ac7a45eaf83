from dataclasses import replace
from itertools import pairwise

import pytest

from engine.errors import ErrorCode, InvalidInputError, StorageError
from engine.process.codec import Token
from engine.process.definitions import Definition, DefinitionCache
from engine.process.execution import Execution
from engine.process.model import TaskId
from tests.unit.process.office import draw

NO_DEFAULT = draw(
    ["startEvent s", "userTask a", "exclusiveGateway g", "endEvent e", "endEvent f"],
    ["s a", "a g", "g e way == 1", "g f way == 2"],
)
STUCK = draw(
    [
        "startEvent s",
        "userTask a",
        "exclusiveGateway x x-b",
        "userTask b",
        "userTask c",
        "parallelGateway j",
        "endEvent e",
    ],
    ["s a", "a x", "x b", "x c way == 2", "b j", "c j", "j e"],
)


def load(xml: bytes) -> Definition:
    return DefinitionCache().load(xml)


def test_step_is_refused_when_no_condition_holds() -> None:
    execution = Execution.begin(load(NO_DEFAULT), {})
    task_id = next(iter(execution.list_ready()))
    with pytest.raises(InvalidInputError) as caught:
        execution.complete(task_id, {"way": 3})
    assert caught.value.code is ErrorCode.PROCESS_DATA


def test_step_is_refused_when_the_process_would_be_stuck() -> None:
    execution = Execution.begin(load(STUCK), {})
    execution.complete(next(iter(execution.list_ready())), {"way": 1})
    with pytest.raises(InvalidInputError) as caught:
        execution.complete(next(iter(execution.list_ready())), {})
    assert caught.value.code is ErrorCode.PROCESS_INVALID


@pytest.mark.parametrize("change", [{"node": "z"}, {"source": "z"}, {"id": TaskId("not a uuid")}])
def test_state_is_refused_when_it_does_not_fit_the_definition(change: dict[str, str]) -> None:
    definition = load(NO_DEFAULT)
    snapshot = Execution.begin(definition, {}).snapshot()
    token: Token = replace(snapshot.tokens[0], **change)  # type: ignore[arg-type]
    with pytest.raises(StorageError):
        Execution.restore(definition, replace(snapshot, tokens=(token,)))


def test_task_keeps_its_id_when_saved_and_restored() -> None:
    definition = load(NO_DEFAULT)
    execution = Execution.begin(definition, {})
    for _ in range(3):
        restored = Execution.restore(definition, execution.snapshot())
        assert restored.list_ready() == execution.list_ready()
        execution = restored


def test_process_runs_when_it_is_a_row_of_490_tasks() -> None:
    tasks = [f"t{number}" for number in range(490)]
    row = ["s", *tasks, "e"]
    flows = [f"{source} {target}" for source, target in pairwise(row)]
    definition = load(
        draw(["startEvent s", *(f"userTask {task}" for task in tasks), "endEvent e"], flows)
    )
    execution = Execution.begin(definition, {})
    for task in tasks[:3]:
        execution = Execution.restore(definition, execution.snapshot())
        assert list(execution.list_ready().values()) == [task]
        execution.complete(next(iter(execution.list_ready())), {})
