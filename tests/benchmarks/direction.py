"""Measure the boards, the day's page and the indicators in a city with years of assignments.

Every page goes through the whole application, signed in: cookie, permission, queries, template.
The same pages of a city a hundredth as large are asked for in turn with them, so that whatever
else the machine does hits both; a ratio is that of their 95th percentiles. First turns do not
count. The cities stand still at one moment and are kept between runs in `TRINHKY_BENCH_DATA`,
else in `var/bench`; loading them takes a few minutes (`direction_loader`).
"""

import os
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from engine.clock import local
from engine.model.indicators import Period
from tests.benchmarks.direction_loader import (
    BIG,
    NOW,
    PASSWORD,
    SMALL,
    Size,
    load_city,
    open_city,
)
from webui.app import create_app
from webui.bootstrap import House
from webui.limits import limiter

REPETITIONS = 100
WARM_UP = 5
INDICATOR_TURNS = 5
#: What must hold, at the size of the contract.
MAX_P95_MS = 200
MAX_RATIO = 1.3
MAX_INDICATORS_SECONDS = 2

CITY_LEADER, LEADER, HEAD, OFFICER = (
    "ubnd-tp.lanhdao",
    "snv.lanhdao",
    "snv.truongphong",
    "snv.chuyenvien",
)
#: Name of each page: who asks for it, and where it is.
BOARDS: Mapping[str, tuple[str, str]] = {
    "today_city_leader": (CITY_LEADER, "/hom-nay"),
    "today_leader": (LEADER, "/hom-nay"),
    "today_unit_head": (HEAD, "/hom-nay"),
    "city": (CITY_LEADER, "/bang-theo-doi/thanh-pho"),
    "city_16_months": (CITY_LEADER, "/bang-theo-doi/thanh-pho?tu=2025-03&den=2026-06"),
    "city_urgent": (CITY_LEADER, "/bang-theo-doi/thanh-pho?khan=khan"),
    "city_one_assigner": (CITY_LEADER, "/bang-theo-doi/thanh-pho?nguoi_giao={city_leader}"),
    "agency": (LEADER, "/bang-theo-doi/co-quan"),
    "unit": (HEAD, "/bang-theo-doi/don-vi"),
    "given_by_city_leader": (CITY_LEADER, "/bang-theo-doi/toi-giao"),
    "given_by_leader": (LEADER, "/bang-theo-doi/toi-giao"),
    "own": (OFFICER, "/bang-theo-doi/cua-toi"),
}
#: Lists behind a number are as long as the page of a list, which few assignments do not fill.
LISTS: Mapping[str, tuple[str, str]] = {
    "list_city_overdue": (CITY_LEADER, "/bang-theo-doi/thanh-pho/danh-sach?the=running_overdue"),
    "list_city_in_time": (CITY_LEADER, "/bang-theo-doi/thanh-pho/danh-sach?the=running_in_time"),
    "list_city_done_late": (CITY_LEADER, "/bang-theo-doi/thanh-pho/danh-sach?the=done_late"),
    "list_agency_done": (LEADER, "/bang-theo-doi/co-quan/danh-sach?the=done_in_time"),
}


@dataclass
class Visitors:
    """Hold one city and the people signed in to its pages."""

    house: House
    clients: dict[str, FlaskClient]

    def ask(self, login: str, url: str) -> float:
        """Return how many milliseconds a page took."""
        client = self.clients[login]
        started = time.perf_counter()
        answer = client.get(url)
        spent = time.perf_counter() - started
        assert answer.status_code == 200, (url, answer.status_code)
        return spent * 1e3

    def person_id(self, login: str) -> str:
        """Return the id of who signs in as `login`."""
        actor = self.house.use_cases.identify.by_login(login)
        assert actor is not None
        return actor.person_id


def measure() -> dict[str, Any]:
    """Return milliseconds of every page in both cities, and seconds of a year's indicators."""
    return measure_cities(_folder(), BIG, SMALL, repetitions=REPETITIONS)


def measure_cities(folder: Path, big: Size, small: Size, *, repetitions: int) -> dict[str, Any]:
    """Return what `measure` does, for cities of other sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    with _visit(load_city(folder, small)) as few, _visit(load_city(folder, big)) as many:
        boards = _pages(BOARDS, many, few, repetitions)
        lists = _pages(LISTS, many, few, repetitions)
        indicators = [_indicators(many.house) for _ in range(INDICATOR_TURNS)]
    worst = max(board["p95_ms"] for board in boards.values())
    ratio = max(board["ratio"] for board in boards.values())
    seconds = round(statistics.median(indicators), 2)
    return {
        "boards": boards,
        "lists": lists,
        "indicators_year_s": seconds,
        "tasks": big.assignments,
        "documents": big.documents,
        "small_tasks": small.assignments,
        "repetitions": {"pages": repetitions, "indicators": INDICATOR_TURNS},
        "bars": {
            "board_p95_ms": _bar(worst, MAX_P95_MS),
            "board_ratio": _bar(ratio, MAX_RATIO),
            "indicators_year_s": _bar(seconds, MAX_INDICATORS_SECONDS),
        },
    }


def _bar(measured: float, limit: float) -> dict[str, Any]:
    return {"measured": measured, "at_most": limit, "met": measured <= limit}


def _folder() -> Path:
    return Path(os.environ.get("TRINHKY_BENCH_DATA") or "var/bench")


@contextmanager
def _visit(data_dir: Path) -> Iterator[Visitors]:
    house = open_city(data_dir)
    try:
        app = create_app(house)
        limiter.enabled = False
        clients = {}
        for login in (CITY_LEADER, LEADER, HEAD, OFFICER):
            clients[login] = app.test_client()
            _sign_in(clients[login], login)
        yield Visitors(house, clients)
    finally:
        limiter.enabled = True
        house.close()


def _sign_in(client: FlaskClient, login: str) -> None:
    page = client.get("/dang-nhap").text
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    fields = {"csrf_token": token, "login": login, "password": PASSWORD, "next": "/"}
    answer = client.post("/dang-nhap", data=fields)
    assert answer.status_code == 303, login


def _pages(
    pages: Mapping[str, tuple[str, str]], many: Visitors, few: Visitors, repetitions: int
) -> dict[str, dict[str, float]]:
    urls = {
        name: (login, url.format(city_leader=many.person_id(CITY_LEADER)))
        for name, (login, url) in pages.items()
    }
    samples: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in pages}
    for turn in range(WARM_UP + repetitions):
        for name, (login, url) in urls.items():
            spent = many.ask(login, url), few.ask(login, url)
            if turn >= WARM_UP:
                samples[name][0].append(spent[0])
                samples[name][1].append(spent[1])
    return {name: _figures(*both) for name, both in samples.items()}


def _figures(many: Sequence[float], few: Sequence[float]) -> dict[str, float]:
    return {
        "p50_ms": round(statistics.median(many), 1),
        "p95_ms": round(_p95(many), 1),
        "small_p50_ms": round(statistics.median(few), 1),
        "small_p95_ms": round(_p95(few), 1),
        "ratio": round(_p95(many) / _p95(few), 2),
    }


def _p95(samples: Sequence[float]) -> float:
    return statistics.quantiles(samples, n=20)[-1]


def _indicators(house: House) -> float:
    """Return how many seconds all indicators of the whole city over a year take."""
    actor = house.use_cases.identify.by_login(CITY_LEADER)
    assert actor is not None
    today = local(NOW).date()
    year = Period(since=today - timedelta(days=364), until=today)
    started = time.perf_counter()
    view = house.use_cases.reports.view_indicators(actor, year, None)
    spent = time.perf_counter() - started
    assert view.values
    return spent
