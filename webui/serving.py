"""Serve the pages on the loopback address, with the background work in the same process."""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime

import waitress

from engine.errors import ErrorCode, TrinhKyError
from engine.model.outage import Service
from engine.model.parking import PARKED_DAYS
from engine.ports import UnitOfWork
from webui.app import create_app
from webui.bootstrap import House, open_house
from webui.progress import say
from webui.settings import Settings

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
WEB_THREADS = 8
#: Above the largest upload, so that a file a little too large still gets a page that says so.
MAX_BODY_BYTES = 64 * 1024 * 1024
#: How often stale undertakings are voided and the revocation list is published anew.
SWEEP_SECONDS = 60.0
REVOCATION_SWEEPS = 60 * 12
#: How often it is looked whether revocation data is out of date, if nothing else is due.
OUTAGE_SWEEPS = 10


def serve(settings: Settings) -> None:
    """Open the installation and answer until interrupted.

    Raises:
        NotFoundError: nothing is installed in the data directory.
        TrinhKyError: the port is taken.
    """
    house = open_house(settings)
    app = create_app(house)
    try:
        server = waitress.create_server(
            app,
            host=HOST,
            port=settings.port,
            threads=WEB_THREADS,
            ident=None,
            max_request_body_size=MAX_BODY_BYTES,
        )
    except OSError as error:
        raise TrinhKyError(
            f"port {settings.port}: {error}", code=ErrorCode.PORT_TAKEN, port=str(settings.port)
        ) from error
    house.jobs.start()
    stopped = threading.Event()
    sweeper = threading.Thread(target=_sweep, args=(house, stopped), daemon=True)
    sweeper.start()
    say(f"Trình Ký: http://{HOST}:{settings.port}/  (Ctrl+C để dừng / to stop)")
    try:
        server.run()
    finally:
        stopped.set()
        house.jobs.stop()
        house.close()


def _sweep(house: House, stopped: threading.Event) -> None:
    """Enqueue the housekeeping that is due; each job runs once a sweep, whoever enqueues it."""
    sweep = 0
    while not stopped.wait(SWEEP_SECONDS if sweep else 0):
        sweep += 1
        try:
            _enqueue_due(house, sweep)
        # The sweep outlives every error: without it revocation lists would grow stale unseen.
        except Exception:
            log.exception("sweep failed; the next one tries again")


def _list_waiting(work: UnitOfWork, now: datetime) -> Mapping[str, object]:
    """Return the jobs by name, each with what waits for it; nothing does where that is false."""
    return {
        "void_stale_signings": work.intents.list_expired(now)
        or work.parking.has_older(now - PARKED_DAYS),
        "complete_stamps": work.intents.list_awaiting() or work.outages.find(Service.TIMESTAMP),
        "plan_preservation": work.preservations.list_unplanned(1)
        or work.preservations.list_due(now, 1),
        "settle_batches": work.batches.list_dead(now) or work.batches.list_awaiting_stamp(),
        "send_mails": work.mails.has_due(now),
        "stop_leavers": work.certification.list_due_stops(now),
    }


def _enqueue_due(house: House, sweep: int) -> None:
    now = house.clock.now()
    minute = int(now.timestamp() // SWEEP_SECONDS)
    with house.start_reading() as work:
        due = [name for name, waits in _list_waiting(work, now).items() if waits]
        is_behind = house.services.files.is_behind(work.certificates.list_published())
    if sweep % OUTAGE_SWEEPS == 1 and "plan_preservation" not in due:
        due.append("plan_preservation")
    if sweep % REVOCATION_SWEEPS == 1:
        due.extend(("refresh_revocations", "refresh_imported_lists"))
        due.extend(("forget_notices", "tell_expiring"))
    elif is_behind:
        due.append("refresh_revocations")
    if due:
        with house.start_work() as work:
            for name in due:
                work.jobs.enqueue(name, f"{name}:{minute}", {})
            work.commit()
