"""Make an installation: database, city, certificates."""

import json
import shutil
from collections.abc import Mapping

from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode
from webui.bootstrap import House, open_house
from webui.progress import progress_bar
from webui.settings import Settings


def install(
    settings: Settings,
    tables: Mapping[str, bytes],
    *,
    password: str,
    pin: str,
    clock: Clock | None = None,
) -> House:
    """Fill an empty data directory and return the open house.

    Args:
        tables: of the city, see `workflows.organisation.city_tables`.
        password: first password of everybody in the tables.
        pin: first PIN of every software key.
        clock: of the house; the machine's own when it is not told.

    Raises:
        InvalidInputError: a table cannot be true; nothing was stored.
        ConflictError: the directory holds an installation already.
    """
    _check_free(settings)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.unfinished_path.touch()
    house = open_house(settings, clock=clock, create=True)
    city = house.use_cases.import_city(tables, first_password=password)
    with progress_bar("Tạo chứng thư số / certificates") as progress:
        house.use_cases.issue_certificates(
            city, pin=pin, key_type=settings.key_type, progress=progress
        )
    settings.unfinished_path.write_text(
        json.dumps(
            {"installed_at": house.clock.now().isoformat(), "agencies": len(city.agencies)}
        ),
        encoding="utf-8",
    )
    settings.unfinished_path.replace(settings.marker_path)
    return house


def _check_free(settings: Settings) -> None:
    """Check that nothing lives here; clear what an installation cut short by a crash left.

    Only a run that left its own mark is cleared: a lost marker never costs an archive.
    """
    if settings.unfinished_path.exists() and not settings.is_installed():
        for path in settings.data_dir.glob(f"{settings.database_path.name}*"):
            path.unlink()
        if settings.pki_dir.exists():
            shutil.rmtree(settings.pki_dir)
    elif any(p.exists() for p in (settings.marker_path, settings.database_path, settings.pki_dir)):
        raise ConflictError(
            f"{settings.data_dir} is in use",
            code=ErrorCode.INSTALLATION_EXISTS,
            path=str(settings.data_dir),
        )
