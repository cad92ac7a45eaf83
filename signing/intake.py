"""Refuse uploads that are not worth parsing; cheap, and never parses itself.

Source: threat U1: 25 MiB at most, encrypted files refused.
"""

import re

from engine.errors import ErrorCode, InvalidInputError

MAX_UPLOAD_BYTES = 25 * 1024 * 1024
_HEADER_WITHIN = 1024
_TRAILER_WITHIN = 2048
# Trailers and cross-reference streams keep their dictionary in plain text, so encryption can be
# seen without parsing.
_ENCRYPT = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")


def check_upload(pdf: bytes) -> None:
    """Check what can be told without parsing.

    Raises:
        InvalidInputError: empty or no PDF, larger than 25 MiB, encrypted, or cut off.
    """
    if len(pdf) > MAX_UPLOAD_BYTES:
        raise InvalidInputError(
            f"{len(pdf)} bytes",
            code=ErrorCode.UPLOAD_TOO_LARGE,
            max_mib=str(MAX_UPLOAD_BYTES // 1024 // 1024),
        )
    if b"%PDF-" not in pdf[:_HEADER_WITHIN]:
        raise InvalidInputError("no PDF header", code=ErrorCode.UPLOAD_NOT_PDF)
    if _ENCRYPT.search(pdf):
        raise InvalidInputError("encrypted", code=ErrorCode.UPLOAD_ENCRYPTED)
    end = pdf[-_TRAILER_WITHIN:]
    if b"startxref" not in end or b"%%EOF" not in end:
        raise InvalidInputError("no end of file", code=ErrorCode.UPLOAD_UNREADABLE)
