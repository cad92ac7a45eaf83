"""Lay out the list of documents that one person signs in one ceremony."""

from dataclasses import dataclass, field
from typing import Any

from engine.clock import local
from engine.layout.render import box_of
from engine.layout.typesetter import Typesetter
from engine.ports_batch import Manifest, ManifestRow, RenderedManifest

TITLE = "Bảng kê ký số"


@dataclass(frozen=True, kw_only=True)
class TypstManifests:
    """Lay out lists with typst. Safe to share between threads."""

    typesetter: Typesetter = field(default_factory=Typesetter)

    def render(self, manifest: Manifest) -> RenderedManifest:
        """Render a list, with an empty place for the signature after its last row.

        Returns:
            PDF/A-2b, A4; the same list gives the same bytes.

        Raises:
            InvalidInputError: a text has characters the font lacks.
            TrinhKyError: `ASSETS_MISSING`, there are no fonts.
        """
        pdf, [layout] = self.typesetter.compile_with_marks(
            "batch_manifest",
            _payload(manifest),
            at=manifest.at,
            standards=("a-2b",),
            selector="<layout>",
        )
        return RenderedManifest(
            pdf=pdf, page_count=int(layout["pages"]), signature=box_of(layout["place"])
        )


def _payload(manifest: Manifest) -> dict[str, Any]:
    at = local(manifest.at)
    signer = " – ".join(part for part in (manifest.signer_name, manifest.signer_title) if part)
    facts = [
        ("Người ký", signer),
        ("Số chứng thư", manifest.serial),
        ("Thời điểm", f"{at:%H:%M:%S, %d/%m/%Y} (+07:00)"),
        ("Số văn bản", str(len(manifest.rows))),
        ("Tổng số trang", str(sum(row.page_count for row in manifest.rows))),
    ]
    return {
        "title": f"{TITLE} {manifest.number}",
        "number": manifest.number,
        "agency": manifest.agency_name,
        "signer": manifest.signer_name,
        "facts": facts,
        "root": manifest.merkle_root,
        "moment": f"Ngày {at.day:02d} tháng {at.month:02d} năm {at.year}",
        "rows": [_row(row) for row in manifest.rows],
    }


def _row(row: ManifestRow) -> dict[str, Any]:
    return {
        "position": row.position,
        "kind": row.kind,
        "subject": row.subject,
        "drafter": row.drafter_name,
        "unit": row.unit_name,
        "pages": row.page_count,
        "digest": row.digest,
    }
