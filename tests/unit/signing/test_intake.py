from io import BytesIO

import pikepdf
import pytest

from engine.errors import ErrorCode, InvalidInputError
from signing.intake import MAX_UPLOAD_BYTES, check_upload
from tests.factories.pki_documents import a_letter


def encrypted() -> bytes:
    output = BytesIO()
    with pikepdf.open(BytesIO(a_letter())) as pdf:
        pdf.save(output, encryption=pikepdf.Encryption(owner="a", user="b"))
    return output.getvalue()


def test_check_upload_accepts_when_file_is_a_pdf() -> None:
    check_upload(a_letter())


@pytest.mark.parametrize(
    ("pdf", "code"),
    [
        (b"", ErrorCode.UPLOAD_NOT_PDF),
        (b"PK\x03\x04 docx", ErrorCode.UPLOAD_NOT_PDF),
        (b" " * 2000 + b"%PDF-1.7", ErrorCode.UPLOAD_NOT_PDF),
        (b"%PDF-1.7" + b" " * MAX_UPLOAD_BYTES, ErrorCode.UPLOAD_TOO_LARGE),
        (a_letter()[:-400], ErrorCode.UPLOAD_UNREADABLE),
        (encrypted(), ErrorCode.UPLOAD_ENCRYPTED),
    ],
    ids=["empty", "docx", "late header", "large", "cut off", "encrypted"],
)
def test_check_upload_refuses_when_file_is_not_fit(pdf: bytes, code: ErrorCode) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_upload(pdf)

    assert caught.value.code is code
