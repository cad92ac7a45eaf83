"""Measure the main job: a letter to 31 agencies, the sign step, the work list, the demo.

Each figure stands beside the floor or peer measured in the same run: a durable commit of one
row, pyHanko's stock signer, and a page that shows nothing.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.model.document import DocumentId
from tests.benchmarks.stock_signer import StockSigner
from webui.app import create_app
from webui.bootstrap import House, open_house
from webui.demo import DEMO_PASSWORD, DEMO_PIN, Cast
from webui.scenes import DEMO_SCENES, Scene
from webui.settings import Settings

LETTERS = 5
SIGNATURES = 30
PAGES = 100
COMMITS = 50


def measure() -> dict[str, object]:
    """Return seconds, milliseconds and ratios; medians unless the name says p95."""
    with tempfile.TemporaryDirectory(prefix="trinhky-bench-") as folder:
        data_dir = Path(folder) / "city"
        demo_seconds = _demo_once(data_dir)
        with _house(data_dir) as house:
            cast = Cast(house=house)
            wall, machine = _letters(cast)
            sign_ms, peer_ms = _signatures(cast)
            commit_ms = _samples(COMMITS, lambda: _commit(house))
            pages_ms, floor_ms = _pages(house)
    return {
        "demo_once_seconds": round(demo_seconds, 1),
        "letter_to_31_wall_seconds": round(statistics.median(wall), 2),
        "letter_to_31_machine_seconds": round(statistics.median(machine), 2),
        "letter_over_commit": round(statistics.median(wall) * 1e3 / statistics.median(commit_ms)),
        "commit_ms": _ms(statistics.median(commit_ms)),
        "sign_step_ms_p50": _ms(statistics.median(sign_ms)),
        "sign_step_ms_p95": _ms(_p95(sign_ms)),
        "stock_sign_ms_p50": _ms(statistics.median(peer_ms)),
        "sign_step_over_stock_sign": _ratio(sign_ms, peer_ms),
        "work_list_ms_p50": _ms(statistics.median(pages_ms)),
        "work_list_ms_p95": _ms(_p95(pages_ms)),
        "work_list_over_empty_page": _ratio(pages_ms, floor_ms),
        "repetitions": {
            "letters": LETTERS,
            "signatures": SIGNATURES,
            "pages": PAGES,
            "commits": COMMITS,
        },
    }


def _demo_once(data_dir: Path) -> float:
    started = time.perf_counter()
    subprocess.run(  # noqa: S603 our own command line
        [sys.executable, "-m", "webui", "demo", "--once", "--data", str(data_dir)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - started


@contextmanager
def _house(data_dir: Path) -> Iterator[House]:
    house = open_house(Settings(data_dir=data_dir))
    house.jobs.start()
    try:
        yield house
    finally:
        house.jobs.stop()
        house.close()


def _letters(cast: Cast) -> tuple[list[float], list[float]]:
    """Time a letter from its draft to the last of 31 registers; wall and processor seconds."""
    wall, machine = [], []
    scene = DEMO_SCENES[0]
    for _ in range(LETTERS):
        started, started_cpu = time.perf_counter(), time.process_time()
        document_id = cast.issue(scene)
        cast.house.jobs.wait_until_idle(60)
        _register_all(cast, document_id)
        wall.append(time.perf_counter() - started)
        machine.append(time.process_time() - started_cpu)
    return wall, machine


def _register_all(cast: Cast, document_id: DocumentId) -> None:
    with cast.house.start_reading() as work:
        board = work.queries.list_board(document_id)
    for row in board:
        clerk = cast.actor(f"{row.recipient_id}.vanthu")
        cast.house.use_cases.register_delivery(cast.task(clerk, row.delivery_id), clerk)


def _signatures(cast: Cast) -> tuple[list[float], list[float]]:
    """Time the whole sign step beside pyHanko's own signer on the same PDF."""
    scene = DEMO_SCENES[0]
    leader = cast.actor(scene.signatory)
    stock = StockSigner()
    ours, peer = [], []
    for document_id in _awaiting_signature(cast, scene, SIGNATURES):
        task = cast.task(leader, document_id)
        pdf = cast.house.use_cases.read_pdf(document_id, leader)[1]
        ours += _samples(
            1, lambda task=task: cast.house.use_cases.sign_document(task, leader, DEMO_PIN)
        )
        peer += _samples(1, lambda pdf=pdf: stock.sign(pdf))
    return ours, peer


def _awaiting_signature(cast: Cast, scene: Scene, count: int) -> Iterator[DocumentId]:
    for _ in range(count):
        yield cast.prepare(scene)


def _pages(house: House) -> tuple[list[float], list[float]]:
    """Time the leader's work list beside a page without rows, through the whole application."""
    app = create_app(house)
    client = app.test_client()
    form = client.get("/dang-nhap").get_data(as_text=True)
    token = form.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = client.post(
        "/dang-nhap",
        data={
            "login": DEMO_SCENES[0].signatory,
            "password": DEMO_PASSWORD,
            "csrf_token": token,
        },
    )
    assert answer.status_code == 303, answer.status_code
    for _ in range(5):
        assert client.get("/", follow_redirects=True).status_code == 200
    rows = _samples(PAGES, lambda: client.get("/", follow_redirects=True))
    empty = _samples(PAGES, lambda: client.get("/healthz"))
    return rows, empty


def _commit(house: House) -> None:
    with house.start_work() as work:
        work.jobs.enqueue("void_stale_signings", f"bench:{time.perf_counter_ns()}", {})
        work.commit()


def _samples(count: int, act: Callable[[], object]) -> list[float]:
    found = []
    for _ in range(count):
        started = time.perf_counter()
        act()
        found.append((time.perf_counter() - started) * 1e3)
    return found


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[18]


def _ms(value: float) -> float:
    return round(value, 1)


def _ratio(ours: list[float], other: list[float]) -> float:
    return round(statistics.median(ours) / statistics.median(other), 2)
