"""Change signed files the way an attacker, or a careless program, would."""

from collections.abc import Callable
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.objects import as_dictionary, as_stream

_OTHER_XMP = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>'
    b'<?xpacket end="w"?>'
)


def updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """Return `pdf` with an incremental update made by `change`."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=True)
    change(writer)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def flipped(pdf: bytes, place: int, *, bit: int = 0) -> bytes:
    return pdf[:place] + bytes([pdf[place] ^ 1 << bit]) + pdf[place + 1 :]


def replace_page(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    stream = generic.StreamObject(stream_data=b"0 0 1 rg 50 50 400 400 re f")
    page[pdf_name("/Contents")] = writer.add_object(stream)
    writer.update_container(page)


def add_note(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    note = as_dictionary(
        {
            "/Type": "/Annot",
            "/Subtype": "/FreeText",
            "/Rect": (50, 50, 400, 400),
            "/Contents": "đã sửa",
        }
    )
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page["/Annots"])


def add_script(writer: IncrementalPdfFileWriter) -> None:
    writer.root[pdf_name("/OpenAction")] = generic.DictionaryObject(
        {
            pdf_name("/S"): pdf_name("/JavaScript"),
            pdf_name("/JS"): generic.pdf_string("app.beep()"),
        }
    )
    writer.update_root()


def replace_metadata(writer: IncrementalPdfFileWriter) -> None:
    reference = writer.root.raw_get("/Metadata").reference
    stream = as_stream({"/Type": "/Metadata", "/Subtype": "/XML"}, _OTHER_XMP)
    writer._update_meta = lambda: None
    writer.objects[(reference.generation, reference.idnum)] = stream


def remove_fields(*names: str) -> Callable[[IncrementalPdfFileWriter], None]:
    def change(writer: IncrementalPdfFileWriter) -> None:
        form = writer.root["/AcroForm"]
        kept = [ref for ref in form["/Fields"] if ref.get_object()["/T"] not in names]
        form[pdf_name("/Fields")] = generic.ArrayObject(kept)
        writer.update_container(form)

    return change


def set_value(name: str, text: str) -> Callable[[IncrementalPdfFileWriter], None]:
    def change(writer: IncrementalPdfFileWriter) -> None:
        for reference in writer.root["/AcroForm"]["/Fields"]:
            field = reference.get_object()
            if field["/T"] == name:
                field[pdf_name("/V")] = generic.pdf_string(text)
                writer.update_container(field)

    return change


def remove_values(writer: IncrementalPdfFileWriter) -> None:
    for reference in writer.root["/AcroForm"]["/Fields"]:
        field = reference.get_object()
        if field["/FT"] == "/Sig" and "/V" in field:
            del field["/V"]
            writer.update_container(field)


def with_unlisted_object(pdf: bytes) -> bytes:
    """Append an object that no cross-reference names, and repeat the end of the file (ISA-3)."""
    start = pdf.rpartition(b"startxref")[2]
    return pdf + b"\n900 0 obj\n<< /Type /Catalog >>\nendobj\nstartxref" + start
