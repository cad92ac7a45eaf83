"""Race for numbers: some processes of some threads each, one transaction in ten undone."""

import multiprocessing
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engine.audit import AuditEvent
from engine.model.organisation import SYSTEM
from engine.model.register import RegisterBook
from storage.database import Database
from tests.integration.storage.town import HOME_AFFAIRS, NOW, an_entry, make_processes

PROCESSES, THREADS, EACH = 4, 4, 25


class UndoneError(Exception):
    """End a transaction that is meant to be undone."""


def take_number(database: Database, key: str, *, undone: bool) -> int:
    with database.start_work() as work:
        number = work.registers.take_next(HOME_AFFAIRS, RegisterBook.OUTGOING, "chung", 2026)
        work.registers.add(an_entry(number, key))
        work.audit.record(
            AuditEvent.DOCUMENT_NUMBER_BIND, subject="register:snv", actor=SYSTEM, at=NOW
        )
        if undone:
            raise UndoneError
        work.commit()
    return number


def take_many(path: Path, seed: int) -> int:
    """Return how many numbers were taken for good."""
    database = Database(path, make_processes)
    chance = random.Random(seed)  # noqa: S311 a fair coin is enough
    plans = [[chance.random() < 0.1 for _ in range(EACH)] for _ in range(THREADS)]

    def work(thread: int) -> int:
        taken = 0
        for turn, undone in enumerate(plans[thread]):
            try:
                take_number(database, f"{seed}-{thread}-{turn}", undone=undone)
                taken += 1
            except UndoneError:
                continue
        return taken

    with ThreadPoolExecutor(THREADS) as pool:
        total = sum(pool.map(work, range(THREADS)))
    database.close()
    return total


def test_numbers_are_dense_when_processes_race(path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        taken = sum(pool.starmap(take_many, [(path, seed) for seed in range(PROCESSES)]))
    database = Database(path, make_processes)
    with database.start_reading() as work:
        book = work.registers.list_entries(HOME_AFFAIRS, RegisterBook.OUTGOING, 2026)
        leaves = work.audit.list_group("")
    database.close()
    assert 0 < taken < PROCESSES * THREADS * EACH
    assert [entry.number for entry in book] == list(range(1, taken + 1))
    assert [leaf.previous for leaf in leaves] == ["", *(leaf.digest for leaf in leaves[:-1])]
