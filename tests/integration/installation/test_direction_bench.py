"""The benchmark of leadership direction works at a small size, and its city is a true one."""

from pathlib import Path

import pytest

from engine.clock import local
from engine.model.assignment import Standing
from engine.ports_boards import SIX_WAYS, BoardKind, BoardQuery
from storage.schema import check
from tests.benchmarks.direction import BOARDS, LISTS, measure_cities
from tests.benchmarks.direction_loader import NOW, Size, load_city, open_city

FEW, MORE = Size(assignments=150, documents=60), Size(assignments=1200, documents=300)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cities")


def test_loaded_city_holds_what_was_asked_for_and_its_tallies_are_right(folder: Path) -> None:
    data_dir = load_city(folder, MORE)
    house = open_city(data_dir)
    with house.start_reading() as work:
        assert work.boards.check_tally() == []
        board = work.boards.read_board(BoardQuery(kind=BoardKind.CITY), local(NOW).date())
    house.close()
    assert 0.9 * MORE.assignments < board.sum.total <= MORE.assignments
    assert all(board.sum.counts[way] for way in SIX_WAYS if way is not Standing.EXTENSION_ASKED)
    assert len(board.rows) > 30


def test_loaded_city_is_kept_between_runs_with_every_index_and_trigger(folder: Path) -> None:
    data_dir = load_city(folder, FEW)
    made = (data_dir / "trinhky.db").stat().st_mtime_ns
    assert load_city(folder, FEW) == data_dir
    assert (data_dir / "trinhky.db").stat().st_mtime_ns == made
    house, fresh = open_city(data_dir), open_city(folder / "empty")
    with house.start_reading() as one, fresh.start_reading() as other:
        check(one.boards._connection.engine)
        objects = "SELECT type, name FROM sqlite_master ORDER BY 1, 2"
        found = [w.boards._connection.exec_driver_sql(objects).fetchall() for w in (one, other)]
    assert found[0] == found[1]
    for each in (house, fresh):
        each.close()


def test_bench_measures_every_page_in_both_cities(folder: Path) -> None:
    results = measure_cities(folder, MORE, FEW, repetitions=2)
    assert results["boards"].keys() == BOARDS.keys()
    assert results["lists"].keys() == LISTS.keys()
    for figures in results["boards"].values():
        assert figures["p95_ms"] >= figures["p50_ms"] > 0
        assert figures["ratio"] > 0
    assert results["indicators_year_s"] >= 0
    assert (results["tasks"], results["documents"]) == (MORE.assignments, MORE.documents)
