"""Send tables as files: written to disk first, so that no reader holds the database open."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from typing import IO

from flask import Response, abort

from webui.filenames import inline_name
from webui.sheets import CSV_TYPE, XLSX_TYPE, Table, csv_chunks, save_xlsx

FORMS = ("csv", "xlsx")
_MAX_MEMORY_BYTES = 1024 * 1024
_CHUNK_BYTES = 64 * 1024


def attachment_name(name: str) -> str:
    """Return a Content-Disposition that saves a file under a name."""
    return inline_name(name).replace("inline;", "attachment;", 1)


def send_table(table: Table, form: str, name: str) -> Response:
    """Return a table as CSV or XLSX; its rows are all read before this returns.

    Args:
        form: `csv` or `xlsx`; anything else is not found.
        name: of the file, without its ending.
    """
    if form not in FORMS:
        abort(404)
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_MAX_MEMORY_BYTES)  # noqa: SIM115 closed by the answer
    if form == "csv":
        file.writelines(csv_chunks(table))
    else:
        save_xlsx(table, file)
    size_bytes = file.tell()
    file.seek(0)
    return Response(
        _chunks(file),
        content_type=CSV_TYPE if form == "csv" else XLSX_TYPE,
        headers={
            "Content-Disposition": attachment_name(f"{name}.{form}"),
            "Content-Length": str(size_bytes),
        },
    )


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with closing(file):
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
