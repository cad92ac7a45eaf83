"""Make an installation: database, city, certificates."""

import json
import shutil
from collections.abc import Mapping

from engine.errors import ConflictError, ErrorCode
from webui.bootstrap import House, open_house
from webui.progress import progress_bar
from webui.settings import Settings


def install(settings: Settings, tables: Mapping[str, bytes], *, password: str, pin: str) -> House:
    """Fill an empty data directory and return the open house.

    Args:
        tables: of the city, see `workflows.organisation.city_tables`.
        password: first password of everybody in the tables.
        pin: first PIN of every software key.

    Raises:
        InvalidInputError: a table cannot be true; nothing was stored.
        ConflictError: the directory holds an installation already.
    """
    if settings.is_installed():
        raise ConflictError(
            f"{settings.data_dir} is installed",
            code=ErrorCode.INSTALLATION_EXISTS,
            path=str(settings.data_dir),
        )
    _clear_unfinished(settings)
    house = open_house(settings, create=True)
    city = house.use_cases.import_city(tables, first_password=password)
    with progress_bar("Tạo chứng thư số / certificates") as progress:
        house.use_cases.issue_certificates(
            city, pin=pin, key_type=settings.key_type, progress=progress
        )
    settings.marker_path.write_text(
        json.dumps(
            {"installed_at": house.clock.now().isoformat(), "agencies": len(city.agencies)}
        ),
        encoding="utf-8",
    )
    return house


def _clear_unfinished(settings: Settings) -> None:
    """Remove what an interrupted installation left; without its marker nothing was ever used."""
    for path in settings.data_dir.glob(f"{settings.database_path.name}*"):
        path.unlink()
    if (settings.pki_dir / "root.pem").exists() or (settings.pki_dir / "secret").exists():
        shutil.rmtree(settings.pki_dir)
