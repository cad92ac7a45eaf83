"""Compare the engine with the reference model on random processes in random orders.

`--differential=20000` plays more of them than every run does. A seed that fails ends its message
with the case as one line of JSON; with the reason put in, the line belongs in
`failing_seeds.jsonl` for ever, whatever the generator makes of the seed later.
"""

import ast
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from SpiffWorkflow.bpmn.specs.defaults import ParallelGateway

from engine.process import specs
from engine.process.codec import Snapshot, Token, TokenState
from engine.process.diagram import read_diagram, read_xml
from engine.process.execution import ConditionEngine, Execution
from engine.process.findings import LintRule
from engine.process.lint import lint_diagram
from engine.process.model import Plain, TaskId
from engine.process.nodes import Node
from engine.process.specs import Join
from tests.unit.process import bpmn_writer, random_processes, token_model
from tests.unit.process.differential import DisagreementError, play_case, play_random
from tests.unit.process.random_processes import make_process

SEEDS_A_TEST = 20
ORDERS = 2
SEEDS_FOR_A_FAULT = 60
KEPT = Path(__file__).with_name("failing_seeds.jsonl")
KEPT_CASES = [json.loads(line) for line in KEPT.read_text("utf-8").splitlines()]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "first_seed" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("differential")
        metafunc.parametrize("first_seed", range(0, wanted, SEEDS_A_TEST))


def test_engine_agrees_with_the_model(first_seed: int) -> None:
    for seed in range(first_seed, first_seed + SEEDS_A_TEST):
        play_random(make_process(seed), seed, orders=ORDERS)


@pytest.mark.parametrize("case", KEPT_CASES, ids=lambda case: str(case["seed"]))
def test_engine_agrees_with_the_model_on_a_case_that_failed_once(case: Mapping[str, Any]) -> None:
    assert play_case(case) == len(case["moves"]), case["why"]


@pytest.mark.parametrize("seed", range(40))
def test_random_process_may_be_deployed(seed: int) -> None:
    """The model is asked about nothing that the house would refuse to run."""
    process = make_process(seed)
    found = {f.rule for f in lint_diagram(read_diagram(read_xml(process.xml)))}
    # Properly nested blocks are sound; the largest are more than the check may look at.
    allowed = {LintRule.TOO_MANY_STATES}
    if b'cancelActivity="false"' in process.xml:
        # What an event adds in one round may meet what it adds in the next.
        allowed.add(LintRule.TOKENS_MEET)
    assert found <= allowed


@pytest.mark.parametrize("module", [token_model, bpmn_writer, random_processes])
def test_model_shares_no_code_with_the_engine(module: Any) -> None:
    own = {"tests.unit.process.token_model", "tests.unit.process.bpmn_writer"}
    imported: set[str] = set()
    for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
    standard = {"collections", "collections.abc", "dataclasses", "enum", "html", "itertools",
                "json", "random", "xml.etree"}  # fmt: skip
    assert imported <= own | standard


def play_until_wrong(*, restarts: bool = True, seeds: int = SEEDS_FOR_A_FAULT) -> bool:
    """Tell whether one of the first seeds finds a fault."""
    for seed in range(seeds):
        try:
            play_random(make_process(seed), seed, restarts=restarts)
        except DisagreementError:
            return True
    return False


def saved_otherwise(change: Callable[[Snapshot], Snapshot]) -> Callable[[Execution], Snapshot]:
    original = Execution.snapshot
    return lambda execution: change(original(execution))


def without_arrivals(snapshot: Snapshot) -> Snapshot:
    kept = tuple(t for t in snapshot.tokens if t.state is not TokenState.ARRIVED)
    return replace(snapshot, tokens=kept)


def with_new_ids(snapshot: Snapshot) -> Snapshot:
    def renamed(token: Token) -> Token:
        return replace(token, id=TaskId(str(uuid4())))

    return replace(snapshot, tokens=tuple(map(renamed, snapshot.tokens)))


def without_ends(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, ends=())


def with_old_data(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, data=dict.fromkeys(snapshot.data, True))


@pytest.mark.parametrize("change", [without_arrivals, with_new_ids, without_ends, with_old_data])
def test_comparison_finds_a_state_that_is_saved_wrong(
    change: Callable[[Snapshot], Snapshot], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Execution, "snapshot", saved_otherwise(change))
    assert play_until_wrong()


def test_comparison_finds_a_choice_that_is_made_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    decide = ConditionEngine.evaluate
    monkeypatch.setattr(ConditionEngine, "evaluate", lambda *args: not decide(*args))
    assert play_until_wrong()


def test_comparison_finds_an_event_that_interrupts_or_stays_wrongly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fire = Execution.fire

    def fire_otherwise(
        execution: Execution, host_id: TaskId, node: Node, writes: Mapping[str, Plain]
    ) -> None:
        assert node.event is not None
        turned = replace(node.event, interrupts=not node.event.interrupts)
        fire(execution, host_id, replace(node, event=turned), writes)

    monkeypatch.setattr(Execution, "fire", fire_otherwise)
    assert play_until_wrong()


def test_comparison_finds_a_message_that_is_sent_with_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(specs, "pick", lambda data, _names: dict(data))
    assert play_until_wrong()


@pytest.fixture
def stock_join(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the rules of SpiffWorkflow 3.2.0 into our join: they look at the whole history."""
    for name in ("_check_threshold_unstructured", "_run_hook"):
        monkeypatch.setattr(Join, name, getattr(ParallelGateway, name))


@pytest.mark.usefixtures("stock_join")
def test_comparison_finds_the_stock_join() -> None:
    """It fires early in loops: in memory, without any restart."""
    assert play_until_wrong(restarts=False)


@pytest.mark.usefixtures("stock_join")
@pytest.mark.parametrize("case", KEPT_CASES, ids=lambda case: str(case["seed"]))
def test_kept_case_finds_what_it_was_kept_for(case: Mapping[str, Any]) -> None:
    assert case["why"].startswith("the stock join")
    with pytest.raises(DisagreementError):
        play_case(case, restarts=False)
