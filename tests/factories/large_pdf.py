"""Write a PDF of any size to a file, in pieces: one page with a grey scan."""

import os
from pathlib import Path

_PIECE = 1 << 20
_PAGE = (
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R"
    b"/Resources<</XObject<</Scan 4 0 R>>>>>>"
)
_DRAWING = b"q 595 0 0 842 0 0 cm/Scan Do Q"
_CONTENT = b"<</Length %d>>\nstream\n%s\nendstream" % (len(_DRAWING), _DRAWING)


def write_large_pdf(path: Path, megabytes: int) -> None:
    """Write a PDF whose scan has so many mebibytes of noise."""
    scan = b"<</Type/XObject/Subtype/Image/Width 1024/Height %d" % (megabytes * 1024)
    scan += b"/ColorSpace/DeviceGray/BitsPerComponent 8"
    scan += b"/Length %d>>\nstream\n" % (megabytes * _PIECE)
    noise = os.urandom(_PIECE)
    offsets = []
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        for number, body in enumerate(
            (
                b"<</Type/Catalog/Pages 2 0 R>>",
                b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
                _PAGE,
                scan,
                _CONTENT,
            ),
            1,
        ):
            offsets.append(file.tell())
            file.write(b"%d 0 obj\n" % number + body)
            if body is scan:
                for _ in range(megabytes):
                    file.write(noise)
                file.write(b"\nendstream")
            file.write(b"\nendobj\n")
        table = file.tell()
        entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        file.write(b"xref\n0 6\n0000000000 65535 f \n" + entries)
        file.write(b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % table)
