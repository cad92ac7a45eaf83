"""Clean what people write beside a document: comments, reasons, directions, results."""

from engine.errors import ErrorCode, InvalidInputError
from engine.model.classified import find_classification
from engine.text import clean_text


def clean_remark(text: str, *, field: str, max_chars: int, required: bool = True) -> str:
    """Return a remark as it may be stored.

    Raises:
        InvalidInputError: empty while required, too long, unprintable, or marked as classified;
            nothing classified is stored anywhere, remarks included.
    """
    remark = clean_text(text, field=field, max_chars=max_chars, required=required)
    check_unclassified(remark)
    return remark


def check_unclassified(*texts: str) -> None:
    """Check that none of the texts carries a mark of secrecy.

    Raises:
        InvalidInputError: code DOCUMENT_CLASSIFIED; names the degree.
    """
    found = next(filter(None, map(find_classification, texts)), None)
    if found:
        raise InvalidInputError(
            "classified text", code=ErrorCode.DOCUMENT_CLASSIFIED, classification=found
        )
