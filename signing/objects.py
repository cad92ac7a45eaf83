"""Write PDF objects as plain Python values.

`/Name` strings become names, other strings text, numbers numbers; mappings and sequences
become dictionaries and arrays; PDF objects stay what they are.
"""

from collections.abc import Mapping, Sequence

from pyhanko.pdf_utils import generic

PdfValue = generic.PdfObject | Mapping[str, "PdfValue"] | Sequence["PdfValue"] | str | int | float


def as_pdf(value: PdfValue) -> generic.PdfObject:
    """Return `value` as a PDF object; floats keep three decimals, a 25,000th of an inch."""
    if isinstance(value, generic.PdfObject):
        return value
    if isinstance(value, str):
        return generic.NameObject(value) if value[:1] == "/" else generic.pdf_string(value)
    if isinstance(value, int):
        return generic.NumberObject(value)  # type: ignore[no-untyped-call]
    if isinstance(value, float):
        return generic.FloatObject(f"{value:.3f}")  # type: ignore[no-untyped-call]
    if isinstance(value, Mapping):
        return as_dictionary(value)
    return generic.ArrayObject([as_pdf(entry) for entry in value])


def as_dictionary(values: Mapping[str, PdfValue]) -> generic.DictionaryObject:
    """Return a dictionary; its keys are names with their slash."""
    entries = {generic.NameObject(key): as_pdf(value) for key, value in values.items()}
    return generic.DictionaryObject(entries)  # type: ignore[no-untyped-call]


def as_stream(
    values: Mapping[str, PdfValue], content: bytes, *, compressed: bool = False
) -> generic.StreamObject:
    """Return a stream with the dictionary `values`."""
    stream = generic.StreamObject(as_dictionary(values), stream_data=content)
    if compressed:
        stream.compress()  # type: ignore[no-untyped-call]
    return stream
