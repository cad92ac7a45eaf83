"""Take the time of short acts: processor and wall, contestants in turn.

A machine that others use may run at half speed for a while. So the contestants take turns, a few
acts at a time, and ratios are taken within a turn. The garbage collector is on for all, as in
production; each starts its turn on a heap that has just been swept.
"""

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Spent(NamedTuple):
    """Milliseconds of the processor, all threads together, and of the wall."""

    cpu: float
    wall: float


Turn = Callable[[], Sequence[Spent]]


def timed(act: Callable[[], object], steps: int = 1) -> Spent:
    """Return what one of the `steps` that `act` takes costs."""
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    cpu_seconds, wall_seconds = time.process_time() - cpu, time.perf_counter() - wall
    return Spent(cpu_seconds * 1e3 / steps, wall_seconds * 1e3 / steps)


def repeat(count: int, act: Callable[[], object]) -> list[Spent]:
    """Return what each of `count` acts costs."""
    return [timed(act) for _ in range(count)]


def take_turns(rounds: int, contestants: Mapping[str, Turn], *, warm_up: int = 1) -> "Contest":
    """Return what each contestant's acts cost; the rounds of the warm-up do not count."""
    found: dict[str, list[Sequence[Spent]]] = {name: [] for name in contestants}
    for turn in range(-warm_up, rounds):
        for name, act in contestants.items():
            gc.collect()
            spent = act()
            if turn >= 0:
                found[name].append(spent)
    return Contest(found)


class Contest:
    """Hold what each contestant's acts cost, turn by turn."""

    def __init__(self, turns: Mapping[str, Sequence[Sequence[Spent]]]) -> None:
        self._turns = turns

    def medians(self) -> dict[str, Spent]:
        """Return the medians of both times over all acts of each contestant."""
        return {
            name: _median([spent for turn in turns for spent in turn])
            for name, turns in self._turns.items()
        }

    def ratio(self, above: str, below: str) -> Spent:
        """Return how many times `below` goes into `above`, of both times.

        It is the median of the ratios of the turns: in one turn the machine had one speed.
        """
        pairs = zip(self._turns[above], self._turns[below], strict=True)
        medians = [(_median(over), _median(under)) for over, under in pairs]
        return _median([Spent(o.cpu / u.cpu, o.wall / u.wall) for o, u in medians])


def _median(found: Sequence[Spent]) -> Spent:
    return Spent(
        statistics.median(spent.cpu for spent in found),
        statistics.median(spent.wall for spent in found),
    )
