"""Run typst: fonts from one folder, compilers kept warm, library errors translated."""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import typst

from engine.errors import ErrorCode, InvalidInputError, TrinhKyError

FONT_FAMILY = "Tinos"
#: PDF profiles in use.
Standard = Literal["a-2b"]
FONT_FOLDER = Path(__file__).parent / "fonts"
_TEMPLATE_FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True, kw_only=True)
class Typesetter:
    """Compile templates to PDF.

    A compiler remembers what it laid out last, so a query is cheap but the object must not be
    shared while in use: each call borrows one and gives it back.

    Args:
        font_folder: holds the four styles of Tinos as TTF files.
    """

    font_folder: Path = FONT_FOLDER
    _idle: dict[str, deque[typst.Compiler]] = field(default_factory=dict, init=False, repr=False)

    def compile(
        self,
        template: str,
        inputs: Mapping[str, Any],
        *,
        at: datetime | None,
        standards: tuple[Standard, ...] = (),
    ) -> bytes:
        """Return the PDF of a template; the same inputs give the same bytes.

        Raises:
            InvalidInputError: the font lacks a character, or the text cannot be laid out.
            TrinhKyError: `ASSETS_MISSING`, there are no fonts.
        """
        return self.compile_with_marks(template, inputs, at=at, standards=standards)[0]

    def compile_with_marks(
        self,
        template: str,
        inputs: Mapping[str, Any],
        *,
        at: datetime | None,
        standards: tuple[Standard, ...] = (),
        selector: str = "",
    ) -> tuple[bytes, list[dict[str, Any]]]:
        """Return the PDF and the values of the metadata that `selector` finds.

        Raises:
            InvalidInputError: as `compile`.
            TrinhKyError: as `compile`.
        """
        data = json.dumps(inputs, ensure_ascii=False)
        idle = self._idle.setdefault(template, deque())
        try:
            compiler = idle.pop()
        except IndexError:
            compiler = self._new_compiler(template)
        try:
            pdf, warnings = compiler.compile_with_warnings(
                format="pdf",
                sys_inputs={"form": data},
                pdf_standards=list(standards),
                timestamp=int(at.timestamp()) if at else 0,
                pdf_tags=bool(selector),
            )
            marks = json.loads(compiler.query(selector, field="value")) if selector else []
        except typst.TypstError as error:
            raise _refusal(error, data, self.font_folder) from error
        finally:
            idle.append(compiler)
        if warnings:
            raise InvalidInputError(
                "; ".join(warning.message for warning in warnings), code=ErrorCode.LAYOUT_REFUSED
            )
        return cast("bytes", pdf), marks  # one document and no output path: always bytes

    def _new_compiler(self, template: str) -> typst.Compiler:
        return typst.Compiler(
            str(_TEMPLATE_FOLDER / f"{template}.typ"),
            root=str(_TEMPLATE_FOLDER),
            font_paths=_fonts(self.font_folder),
        )


@cache
def _fonts(folder: Path) -> typst.Fonts:
    # Only these files: with the machine's own fonts the bytes would depend on the machine.
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
    )
    if FONT_FAMILY not in fonts.families():
        raise TrinhKyError(
            f"no {FONT_FAMILY} TTF in {folder}: install the assets first",
            code=ErrorCode.ASSETS_MISSING,
            asset=FONT_FAMILY,
        )
    return fonts


def _refusal(error: typst.TypstError, data: str, folder: Path) -> InvalidInputError:
    """Return what to say of a failed compilation: mostly characters the font does not have."""
    missing = sorted(set(data) - _covered(folder))
    if missing and "could not be displayed" in error.message:
        return InvalidInputError(
            f"{FONT_FAMILY} has no glyph for {' '.join(map(ascii, missing))}",
            code=ErrorCode.TEXT_FORBIDDEN,
            characters=" ".join(missing),
        )
    return InvalidInputError(error.message, code=ErrorCode.LAYOUT_REFUSED)


@cache
def _covered(folder: Path) -> frozenset[str]:
    """Return the characters that every style of the font can show."""
    # Only a refusal needs it, so the library is not loaded before.
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # noqa: PLC0415

    def covered(path: Path) -> set[int]:
        with TTFont(path, lazy=True) as font:
            return set(font.getBestCmap())

    shared = set.intersection(*(covered(path) for path in sorted(folder.glob("*.ttf"))))
    return frozenset(map(chr, shared))
