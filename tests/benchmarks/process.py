"""Measure the process engine beside stock SpiffWorkflow and npm's bpmn-engine, in one run.

A step restores a saved state, completes one user task and saves the state again:

- `ours`: decode, restore, complete, encode; in memory, as the peers do.
- `ours_with_sqlite`: the whole committed transaction through `Processes`; no peer has this part.
- `stock`: SpiffWorkflow with its default parser and serializer, the specs in the state, gzip.
- `bpmn_engine`: `recover`, `resume`, signal, `getState` as JSON text, in a warm Node process.

All walk the same way through the same BPMN file with the same data. Only the text of a condition
is translated for bpmn-engine. To ask N agencies, ours starts N children under a parent that a
counter resumes, and stock runs N instances of one user task in one workflow; both save N user
steps. Files are parsed before a start is timed.

Contestants take turns, first turns do not count, times are medians, ratios are medians of the
ratios within a turn (`process_peers.timing`). `…_ms` is time of the processor, all threads
together, and `…_wall_ms` of the wall. Where a bar compares, the worse of both ratios counts.
"""

import platform
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks.process_peers.bpmn_engine import BpmnEngine
from tests.benchmarks.process_peers.drawings import Plain, Walk, draw_letter, draw_rework
from tests.benchmarks.process_peers.memory import DEFINITIONS, LAST_MARK, measure_worker
from tests.benchmarks.process_peers.our_house import OurHouse, list_agencies, open_our_house
from tests.benchmarks.process_peers.ours import OurEngine, OurFanout
from tests.benchmarks.process_peers.stock_engine import StockEngine
from tests.benchmarks.process_peers.timing import (
    Contest,
    Spent,
    Turn,
    repeat,
    take_turns,
    timed,
)

EARLY, LATE = 10, 400

#: Turns that count, and the acts of each contestant in one turn.
TURNS = 15
LETTERS = {"ours": 6, "stock": 3, "bpmn_engine": 4, "ours_with_sqlite": 3}
STARTS = {"ours": 20, "stock": 10, "bpmn_engine": 10, "ours_with_sqlite": 5}
PARSES = {"ours": 5, "stock": 5, "bpmn_engine": 5}
ROUNDS = {"ours": (20, 20), "stock": (5, 2), "bpmn_engine": (10, 10)}
FANOUT_TURNS = {32: 15, 128: 5}
#: Letters Node runs before any turn, so that its compiler has done its work.
NODE_WARM_UP = 20

InMemory = OurEngine | StockEngine


def measure() -> dict[str, Any]:
    """Return milliseconds, bytes and ratios, and which bars are met."""
    letter, rework = draw_letter(), draw_rework()
    rss = measure_worker()
    with (
        tempfile.TemporaryDirectory(prefix="trinhky-bench-") as folder,
        open_our_house(Path(folder)) as house,
        BpmnEngine({"letter": letter, "rework": rework}) as node,
    ):
        node.walk("letter", NODE_WARM_UP)
        steps = _steps(letter, house, node)
        starts = _starts(letter, house, node)
        parses = _parses(letter, node)
        rounds, sizes = _rework(rework, node)
        fanouts = {number: _fanout(number, house) for number in FANOUT_TURNS}
        versions = _versions() | node.versions()
    parse_ms = _figures("parse", parses)["parse_ms"]
    results: dict[str, Any] = {
        **_figures("step", steps),
        **_growth(rounds, sizes),
        **_figures("fanout32", fanouts[32]),
        **_figures("fanout128", fanouts[128]),
        **_figures("start", starts),
        "parse_ms": parse_ms.pop("ours"),
        "parse_peers_ms": parse_ms,
        "rss_mb": rss,
        "ratios": {
            "step_stock_over_ours": _ratio(steps, "stock"),
            "step_bpmn_engine_over_ours": _ratio(steps, "bpmn_engine"),
            "start_stock_over_ours": _ratio(starts, "stock"),
            "start_bpmn_engine_over_ours": _ratio(starts, "bpmn_engine"),
            "fanout32_stock_over_ours": _ratio(fanouts[32], "stock"),
            "fanout128_stock_over_ours": _ratio(fanouts[128], "stock"),
        },
    }
    return results | {
        "bars": _bars(results),
        "repetitions": _repetitions(),
        "versions": versions,
    }


# --- contests ----------------------------------------------------------------------------------


def _steps(letter: Walk, house: OurHouse, node: BpmnEngine) -> Contest:
    """Time the mean step of whole letters, from the first draft to the seal."""
    ours, stock = OurEngine(), StockEngine.make()
    return take_turns(
        TURNS,
        {
            "ours": lambda: _letters(ours, letter, LETTERS["ours"]),
            "stock": lambda: _letters(stock, letter, LETTERS["stock"]),
            "bpmn_engine": lambda: node.walk("letter", LETTERS["bpmn_engine"]),
            "ours_with_sqlite": lambda: _committed(house, letter, LETTERS["ours_with_sqlite"]),
        },
    )


def _letters(engine: InMemory, letter: Walk, number: int) -> list[Spent]:
    definition = engine.parse(letter.xml, letter.process_id)
    state = engine.start(definition, letter.data)
    assert engine.is_completed(definition, _walk(engine, definition, state, letter.steps))
    return [
        timed(lambda: _walk(engine, definition, state, letter.steps), len(letter.steps))
        for _ in range(number)
    ]


def _walk(
    engine: InMemory, definition: Any, state: bytes, steps: Sequence[Mapping[str, Plain]]
) -> bytes:
    for writes in steps:
        state = engine.step(definition, state, writes)
    return state


def _committed(house: OurHouse, letter: Walk, number: int) -> list[Spent]:
    items = [house.start_letter(letter) for _ in range(number)]
    return [
        timed(lambda item=item: house.finish_letter(item, letter), len(letter.steps))
        for item in items
    ]


def _starts(letter: Walk, house: OurHouse, node: BpmnEngine) -> Contest:
    """Time the start of a letter, up to its saved state with the first task in it."""
    ours, stock = OurEngine(), StockEngine.make()
    our_definition = ours.parse(letter.xml, letter.process_id)
    stock_definition = stock.parse(letter.xml, letter.process_id)
    return take_turns(
        TURNS,
        {
            "ours": lambda: repeat(
                STARTS["ours"], lambda: ours.start(our_definition, letter.data)
            ),
            "stock": lambda: repeat(
                STARTS["stock"], lambda: stock.start(stock_definition, letter.data)
            ),
            "bpmn_engine": lambda: node.start("letter", STARTS["bpmn_engine"]),
            "ours_with_sqlite": lambda: repeat(
                STARTS["ours_with_sqlite"], lambda: house.start_letter(letter)
            ),
        },
    )


def _parses(letter: Walk, node: BpmnEngine) -> Contest:
    """Time the way from the file to what a start needs."""
    ours, stock = OurEngine(), StockEngine.make()
    return take_turns(
        TURNS,
        {
            "ours": lambda: repeat(
                PARSES["ours"], lambda: ours.parse(letter.xml, letter.process_id)
            ),
            "stock": lambda: repeat(
                PARSES["stock"], lambda: stock.parse(letter.xml, letter.process_id)
            ),
            "bpmn_engine": lambda: node.parse("letter", PARSES["bpmn_engine"]),
        },
    )


def _rework(rework: Walk, node: BpmnEngine) -> tuple[Contest, dict[str, int]]:
    """Time one more round, and weigh the state, after few and after many rounds of rework."""
    turns: dict[str, Turn] = {}
    sizes: dict[str, int] = {}
    for name, engine in (("ours", OurEngine()), ("stock", StockEngine.make())):
        definition = engine.parse(rework.xml, rework.process_id)
        states = _go_round(engine, definition, rework)
        for after, state, number in zip((EARLY, LATE), states, ROUNDS[name], strict=True):
            again = partial(engine.step, definition, state, rework.steps[0])
            turns[f"{name}_{after}"] = partial(repeat, number, again)
            sizes[f"{name}_{after}"] = len(state)
    bytes_kept = node.rework("rework", (EARLY, LATE))
    for after, size, number in zip((EARLY, LATE), bytes_kept, ROUNDS["bpmn_engine"], strict=True):
        turns[f"bpmn_engine_{after}"] = partial(node.round, after, number)
        sizes[f"bpmn_engine_{after}"] = size
    return take_turns(TURNS, turns), sizes


def _go_round(engine: InMemory, definition: Any, rework: Walk) -> tuple[bytes, bytes]:
    """Return the states after few and after many rounds."""
    start = engine.start(definition, rework.data)
    early = _walk(engine, definition, start, rework.steps * EARLY)
    return early, _walk(engine, definition, early, rework.steps * (LATE - EARLY))


def _fanout(number: int, house: OurHouse) -> Contest:
    """Time one letter to `number` agencies that answer one after another, all of it."""
    ours, stock = OurFanout.make(), StockEngine.make()
    definition, agencies = stock.parse_ask_all(), list_agencies(number)
    assert stock.is_completed(definition, stock.ask_all(definition, agencies))
    return take_turns(
        FANOUT_TURNS[number],
        {
            "ours": lambda: repeat(2, lambda: ours.ask_all(agencies)),
            "stock": lambda: repeat(1, lambda: stock.ask_all(definition, agencies)),
            "ours_with_sqlite": lambda: repeat(1, lambda: house.ask_all(agencies)),
        },
        warm_up=0,
    )


# --- results -----------------------------------------------------------------------------------


def _figures(name: str, contest: Contest) -> dict[str, dict[str, float]]:
    medians = contest.medians()
    return {
        f"{name}_ms": {contestant: _round(spent.cpu) for contestant, spent in medians.items()},
        f"{name}_wall_ms": {
            contestant: _round(spent.wall) for contestant, spent in medians.items()
        },
    }


def _growth(contest: Contest, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Return what a round costs after 400 and after 10; the bare figures are ours."""
    medians = contest.medians()

    def grown(name: str) -> dict[str, Any]:
        early, late = f"{name}_{EARLY}", f"{name}_{LATE}"
        return {
            f"step_{EARLY}_ms": _round(medians[early].cpu),
            f"step_{LATE}_ms": _round(medians[late].cpu),
            f"growth_{LATE}_over_{EARLY}": round(max(contest.ratio(late, early)), 2),
            f"bytes_{EARLY}": sizes[early],
            f"bytes_{LATE}": sizes[late],
            f"bytes_{LATE}_over_{EARLY}": round(sizes[late] / sizes[early], 2),
        }

    return grown("ours") | {"rework_peers": {n: grown(n) for n in ("stock", "bpmn_engine")}}


def _ratio(contest: Contest, peer: str) -> float:
    return round(min(contest.ratio(peer, "ours")), 2)


def _bars(results: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return each bar with its limit, what was measured, and whether it is met."""
    ratios = results["ratios"]
    at_least = {
        "step_stock_over_ours": (ratios["step_stock_over_ours"], 5),
        "step_bpmn_engine_over_ours": (ratios["step_bpmn_engine_over_ours"], 15),
        "fanout32_stock_over_ours": (ratios["fanout32_stock_over_ours"], 8),
        "fanout128_stock_over_ours": (ratios["fanout128_stock_over_ours"], 20),
    }
    at_most = {
        "growth_400_over_10": (results["growth_400_over_10"], 1.3),
        "bytes_400_over_10": (results["bytes_400_over_10"], 1.3),
        "rss_10000_over_1000": (results["rss_mb"]["ratio"], 1.1),
    }
    return {
        name: {"measured": measured, "at_least": limit, "met": measured >= limit}
        for name, (measured, limit) in at_least.items()
    } | {
        name: {"measured": measured, "at_most": limit, "met": measured <= limit}
        for name, (measured, limit) in at_most.items()
    }


def _repetitions() -> dict[str, Any]:
    return {
        "letters_of_8_steps": {name: TURNS * number for name, number in LETTERS.items()},
        "starts": {name: TURNS * number for name, number in STARTS.items()},
        "parses": {name: TURNS * number for name, number in PARSES.items()},
        "rework": {name: [TURNS * n for n in numbers] for name, numbers in ROUNDS.items()},
        "fanout32": {"ours": 2 * FANOUT_TURNS[32], "others": FANOUT_TURNS[32]},
        "fanout128": {"ours": 2 * FANOUT_TURNS[128], "others": FANOUT_TURNS[128]},
        "memory": {"definitions": DEFINITIONS, "instances": LAST_MARK},
    }


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "spiffworkflow": version("SpiffWorkflow"),
    }


def _round(milliseconds: float) -> float:
    return round(milliseconds, 3)
