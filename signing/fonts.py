"""Embed a Vietnamese subset of a font once, and set text in it later.

The subset goes into the file before the first signature; a later filling refers to it, so the
update stays small and the signed bytes already hold every glyph that may appear.

Source: ISO 32000-1, clauses 9.6.2, 9.7.4 and 9.10.3; ISO 19005-2, clause 6.2.11.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from pyhanko.pdf_utils import generic

from engine.errors import ConflictError, ErrorCode, InvalidInputError
from signing.objects import as_dictionary, as_stream
from signing.writer import PlainWriter

_LETTERS = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯư"
    + "".join(map(chr, range(0x1EA0, 0x1EFA)))
    + "–—‘’“”…\u00a0"
)
_BFCHAR = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4})>")
_GRAPHICS_PER_BLOCK = 100  # a CMap block may hold no more
_SYMBOLIC = 4
_ITALIC = 64


@dataclass(frozen=True)
class FontSubset:
    """Hold a subset font and what a PDF must say of it; lengths in 1/1000 em."""

    name: str
    program: bytes
    glyphs: dict[str, int]
    widths: tuple[int, ...]
    ascent: int
    descent: int
    cap_height: int
    box: tuple[int, int, int, int]
    italic_angle: float


@dataclass(frozen=True)
class EmbeddedFont:
    """Hold what is needed to set text in a font that is in the file."""

    glyphs: dict[str, int]
    widths: tuple[int, ...]

    def encode(self, text: str) -> str:
        """Return `text` as hexadecimal glyph numbers.

        Raises:
            InvalidInputError: the font lacks a letter.
        """
        missing = sorted({letter for letter in text if letter not in self.glyphs})
        if missing:
            raise InvalidInputError(
                f"no glyph for {missing}", code=ErrorCode.TEXT_FORBIDDEN, field="number"
            )
        return "".join(f"{self.glyphs[letter]:04X}" for letter in text)

    def width(self, text: str, size: float) -> float:
        """Return the width of `text` in points."""
        return sum(self.widths[self.glyphs[letter]] for letter in text) * size / 1000


@cache
def load_subset(path: Path) -> FontSubset:
    """Return the Vietnamese subset of the TrueType font at `path`; made once per process."""
    options = subset.Options(
        layout_features=[],
        hinting=False,
        name_IDs=[1, 2, 6],
        notdef_outline=True,
        glyph_names=False,
    )
    font = subset.load_font(str(path), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=_LETTERS)
    subsetter.subset(font)
    buffer = BytesIO()
    font.save(buffer)
    font.close()
    return _described(buffer.getvalue())


def _described(program: bytes) -> FontSubset:
    font = TTFont(BytesIO(program))
    scale = 1000 / font["head"].unitsPerEm
    order = {name: index for index, name in enumerate(font.getGlyphOrder())}
    tag = "".join(chr(65 + byte % 26) for byte in hashlib.sha256(program).digest()[:6])
    metrics, head, wide = font["hmtx"], font["head"], font["OS/2"]
    result = FontSubset(
        name=f"{tag}+{font['name'].getDebugName(6)}",
        program=program,
        glyphs={chr(code): order[name] for code, name in font.getBestCmap().items()},
        widths=tuple(round(metrics[name][0] * scale) for name in font.getGlyphOrder()),
        ascent=round(font["hhea"].ascent * scale),
        descent=round(font["hhea"].descent * scale),
        cap_height=round(wide.sCapHeight * scale),
        box=tuple(round(side * scale) for side in (head.xMin, head.yMin, head.xMax, head.yMax)),
        italic_angle=font["post"].italicAngle,
    )
    font.close()
    return result


def embed(writer: PlainWriter, font: FontSubset) -> generic.IndirectObject:
    """Add `font` to the document as a composite font and return its reference."""
    descendant = as_dictionary(
        {
            "/Type": "/Font",
            "/Subtype": "/CIDFontType2",
            "/BaseFont": f"/{font.name}",
            "/CIDSystemInfo": {"/Registry": "Adobe", "/Ordering": "Identity", "/Supplement": 0},
            "/FontDescriptor": writer.add_object(_descriptor(writer, font)),
            "/CIDToGIDMap": "/Identity",
            "/W": [0, font.widths],
        }
    )
    composite = as_dictionary(
        {
            "/Type": "/Font",
            "/Subtype": "/Type0",
            "/BaseFont": f"/{font.name}",
            "/Encoding": "/Identity-H",
            "/DescendantFonts": [writer.add_object(descendant)],
            "/ToUnicode": writer.add_object(_to_unicode(font)),
        }
    )
    return writer.add_object(composite)


def _descriptor(writer: PlainWriter, font: FontSubset) -> generic.DictionaryObject:
    program = as_stream({"/Length1": len(font.program)}, font.program, compressed=True)
    return as_dictionary(
        {
            "/Type": "/FontDescriptor",
            "/FontName": f"/{font.name}",
            "/Flags": _SYMBOLIC | (_ITALIC if font.italic_angle else 0),
            "/FontBBox": font.box,
            "/ItalicAngle": font.italic_angle,
            "/Ascent": font.ascent,
            "/Descent": font.descent,
            "/CapHeight": font.cap_height,
            "/StemV": 80,
            "/FontFile2": writer.add_object(program),
        }
    )


def _to_unicode(font: FontSubset) -> generic.StreamObject:
    # Two letters may share a glyph (space, no-break space): the first one names it.
    letters: dict[int, str] = {}
    for letter, glyph in font.glyphs.items():
        letters.setdefault(glyph, letter)
    lines = [f"<{glyph:04X}> <{ord(letter):04X}>" for glyph, letter in sorted(letters.items())]
    blocks = [
        lines[start : start + _GRAPHICS_PER_BLOCK]
        for start in range(0, len(lines), _GRAPHICS_PER_BLOCK)
    ]
    body = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
    )
    text = (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    )
    return as_stream({}, text.encode("ascii"), compressed=True)


def read_embedded(font: generic.DictionaryObject) -> EmbeddedFont:
    """Return the letters and widths of a font that `embed` put into a file.

    Raises:
        ConflictError: the font was not put there by `embed`.
    """
    try:
        mapping = font["/ToUnicode"].data
        first, widths = font["/DescendantFonts"][0]["/W"]
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise ConflictError("unknown form font", code=ErrorCode.DOCUMENT_STATE) from error
    glyphs = {chr(int(letter, 16)): int(glyph, 16) for glyph, letter in _BFCHAR.findall(mapping)}
    glyphs = {letter: glyph for letter, glyph in glyphs.items() if glyph < len(widths)}
    if int(first) != 0 or not glyphs:
        raise ConflictError("unknown form font", code=ErrorCode.DOCUMENT_STATE)
    return EmbeddedFont(glyphs=glyphs, widths=tuple(int(width) for width in widths))
