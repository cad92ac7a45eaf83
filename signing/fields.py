"""Create the form of an official document, and fill it.

All fields exist before the first signature; filling is an incremental update that only sets
values and appearances, which a certification at level 2 allows.

Source: ISO 32000-1, clauses 12.7.3, 12.7.4 and 12.8.2.2; Decree 30/2020/NĐ-CP, Appendix I,
part I, clauses II.3 and II.4 (number; date: days below 10 and months 1 and 2 take a zero).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    append_signature_field,
)

from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.boxes import Box, FormBoxes
from engine.ports_signing import SignatureField
from signing.fonts import EmbeddedFont, embed, load_subset, read_embedded
from signing.objects import as_dictionary, as_pdf, as_stream
from signing.writer import PlainWriter, check_stage, field_of, form_of

REGULAR = "/FormRegular"
ITALIC = "/FormItalic"
MIN_FONT_SIZE = 8.0
_PRINT = 4
_READ_ONLY = 1


class Alignment(Enum):
    """Say how a value lies in its box; the values are those of `/Q`."""

    LEFT = 0
    CENTRE = 1
    RIGHT = 2


@dataclass(frozen=True, kw_only=True)
class TextField:
    """Describe one text field.

    Args:
        label: what a reader's software says aloud (`/TU`).
    """

    name: str
    label: str
    font: str
    alignment: Alignment


NUMBER = TextField(name="so", label="Số văn bản", font=REGULAR, alignment=Alignment.RIGHT)
DAY = TextField(name="ngay", label="Ngày ban hành", font=ITALIC, alignment=Alignment.CENTRE)
MONTH = TextField(name="thang", label="Tháng ban hành", font=ITALIC, alignment=Alignment.CENTRE)
YEAR = TextField(name="nam", label="Năm ban hành", font=ITALIC, alignment=Alignment.CENTRE)
TEXT_FIELDS = (NUMBER, DAY, MONTH, YEAR)
_LABELS = {
    SignatureField.MARK: "Chữ ký số của cơ quan",
    SignatureField.MANIFEST: "Chữ ký của người ký",
}


@dataclass(frozen=True, kw_only=True)
class FormStyle:
    """Say how values are set.

    Args:
        regular: TrueType font of the number.
        italic: TrueType font of the date.
        font_size: points.
        baseline: height of the baseline above the bottom of a box, as a part of the box's
            height; 0.195 is right for boxes from descender to ascender of a Times-like font.
    """

    regular: Path
    italic: Path
    font_size: float = 13.0
    baseline: float = 0.195


def create_form(writer: PlainWriter, boxes: FormBoxes, style: FormStyle) -> None:
    """Add the text fields and both empty signature fields to a document that has no form.

    Raises:
        ConflictError: the document has a form already.
    """
    if "/AcroForm" in writer.root:
        raise ConflictError("the file has a form already", code=ErrorCode.DOCUMENT_STATE)
    fonts = as_dictionary(
        {
            REGULAR: embed(writer, load_subset(style.regular)),
            ITALIC: embed(writer, load_subset(style.italic)),
        }
    )
    fields = generic.ArrayObject()
    form = as_dictionary(
        {
            "/Fields": fields,
            "/DR": {"/Font": fonts},
            "/DA": _default_appearance(REGULAR, style.font_size),
        }
    )
    writer.root[pdf_name("/AcroForm")] = writer.add_object(form)
    writer.update_root()  # type: ignore[no-untyped-call]

    places = (boxes.number, boxes.day, boxes.month, boxes.year)
    for field, box in zip(TEXT_FIELDS, places, strict=True):
        fields.append(_add_text_field(writer, field, box, style))
    # The seal's widget comes last, so that it is painted over the leader's signature.
    _add_signature_field(writer, SignatureField.LEADER, "Chữ ký lãnh đạo", boxes.leader_signature)
    _add_signature_field(writer, SignatureField.SEAL, "Chữ ký số của cơ quan", boxes.agency_seal)


def place_field(writer: PlainWriter, name: SignatureField, box: Box | None) -> None:
    """Add one empty signature field to a document that has no form.

    Args:
        box: where it is seen; None for a signature nobody sees.

    Raises:
        ConflictError: the document has a form already.
    """
    if "/AcroForm" in writer.root:
        raise ConflictError("the file has a form already", code=ErrorCode.DOCUMENT_STATE)
    append_signature_field(
        writer,
        SigFieldSpec(
            name.value,
            on_page=box.page - 1 if box else 0,
            box=(box.x0, box.y0, box.x1, box.y1) if box else None,  # type: ignore[arg-type] # as above
            readable_field_name=_LABELS[name],
        ),
    )


def _add_text_field(
    writer: PlainWriter, field: TextField, box: Box, style: FormStyle
) -> generic.IndirectObject:
    page = writer.find_page_for_modification(box.page - 1)[0]  # type: ignore[no-untyped-call]
    width, height = box.x1 - box.x0, box.y1 - box.y0
    widget = as_dictionary(
        {
            "/Type": "/Annot",
            "/Subtype": "/Widget",
            "/FT": "/Tx",
            "/T": field.name,
            "/TU": field.label,
            "/F": _PRINT,
            "/Rect": (box.x0, box.y0, box.x1, box.y1),
            "/P": page,
            "/DA": _default_appearance(field.font, style.font_size),
            "/Q": field.alignment.value,
            "/AP": _appearance(writer, b"/Tx BMC EMC", width, height),
        }
    )
    reference = writer.add_object(widget)
    writer.register_annotation(page, reference)  # type: ignore[no-untyped-call]
    return reference


def _add_signature_field(writer: PlainWriter, name: SignatureField, label: str, box: Box) -> None:
    lock = name is SignatureField.SEAL
    append_signature_field(
        writer,
        SigFieldSpec(
            name.value,
            on_page=box.page - 1,
            box=(box.x0, box.y0, box.x1, box.y1),  # type: ignore[arg-type]  # floats are fine
            readable_field_name=label,
            # The seal is the last signature: it locks every field and forbids any change.
            field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL) if lock else None,
            doc_mdp_update_value=MDPPerm.NO_CHANGES if lock else None,
        ),
    )


def fill_form(writer: PlainWriter, *, number: str, issued_on: date, style: FormStyle) -> None:
    """Set number and date; the fields become read-only.

    Raises:
        ConflictError: the leader has not signed, or the fields are filled already.
        InvalidInputError: the number is empty, too wide for its box or cannot be printed.
    """
    check_stage(writer, signed=SignatureField.LEADER, empty=SignatureField.SEAL)
    if not number:
        raise InvalidInputError("no number", code=ErrorCode.INPUT_MISSING, field="number")
    for field, value in zip(TEXT_FIELDS, _values(number, issued_on), strict=True):
        check_stage(writer, signed=None, empty=field.name)
        _fill_field(writer, field, value, style)


def _values(number: str, issued_on: date) -> Iterable[str]:
    month = f"{issued_on.month:02d}" if issued_on.month < 3 else str(issued_on.month)
    return number, f"{issued_on.day:02d}", month, str(issued_on.year)


def _fill_field(writer: PlainWriter, field: TextField, value: str, style: FormStyle) -> None:
    widget = field_of(writer, field.name)
    fonts = form_of(writer)["/DR"]["/Font"]
    font = read_embedded(fonts[field.font])
    x0, y0, x1, y1 = (float(side) for side in widget["/Rect"])
    width, height = x1 - x0, y1 - y0
    content = _text_content(font, field, value, (width, height), style)
    resources = as_dictionary({"/Font": {field.font: fonts.raw_get(field.font)}})
    widget[pdf_name("/V")] = generic.pdf_string(value)
    widget[pdf_name("/Ff")] = as_pdf(_READ_ONLY)
    widget[pdf_name("/AP")] = _appearance(writer, content, width, height, resources)
    writer.update_container(widget)


def _text_content(
    font: EmbeddedFont,
    field: TextField,
    value: str,
    extent: tuple[float, float],
    style: FormStyle,
) -> bytes:
    width, height = extent
    glyphs = font.encode(value)
    size = style.font_size
    natural = font.width(value, size)
    if natural > width:
        size, natural = size * width / natural, width
    if size < MIN_FONT_SIZE:
        raise InvalidInputError(
            f"{value!r} does not fit its box", code=ErrorCode.INPUT_TOO_LONG, field=field.name
        )
    left = (width - natural) * field.alignment.value / 2
    text = (
        f"/Tx BMC q BT 0 g {field.font} {size:.3f} Tf "
        f"{left:.3f} {height * style.baseline:.3f} Td <{glyphs}> Tj ET Q EMC"
    )
    return text.encode("ascii")


def _appearance(
    writer: PlainWriter,
    content: bytes,
    width: float,
    height: float,
    resources: generic.DictionaryObject | None = None,
) -> generic.DictionaryObject:
    stream = as_stream(
        {
            "/Type": "/XObject",
            "/Subtype": "/Form",
            "/BBox": (0, 0, width, height),
            "/Resources": resources or {},
        },
        content,
    )
    return as_dictionary({"/N": writer.add_object(stream)})


def _default_appearance(font: str, size: float) -> generic.PdfObject:
    return generic.pdf_string(f"{font} {size:g} Tf 0 g")
