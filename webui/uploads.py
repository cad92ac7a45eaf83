"""Read the files that forms carry."""

from flask import request

from engine.errors import ErrorCode, InvalidInputError


def read_upload(*, required: bool = True) -> bytes:
    """Return the file of the form's field `file`; nothing when none was chosen.

    Raises:
        InvalidInputError: none was chosen while one is required.
    """
    file = request.files.get("file")
    if file is None or not file.filename:
        if required:
            raise InvalidInputError("no file", code=ErrorCode.INPUT_MISSING, field="file")
        return b""
    return bytes(file.read())
