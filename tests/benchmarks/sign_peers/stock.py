"""Sign with pyHanko as its documentation shows, with nothing of ours but the time-stamps.

Source: pyHanko 0.38.0, library user's guide, "Signing functionality".
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner

_FIELD = "lanh_dao"
_KEYS = {"p256": "p256", "rsa2048": "rsa2048"}


@contextmanager
def contestant(name: str, folder: Path) -> Iterator[Any]:
    """Yield the act of `stock_KEY_LEVEL`."""
    _, key, level = name.split("_")
    signer = SimpleSigner.load(
        str(folder / f"{key}.key.pem"),
        str(folder / f"{key}.crt.pem"),
        ca_chain_files=[str(folder / f"{key}.issuing.pem")],
    )
    assert signer is not None
    stamper = _our_stamper(folder / key) if level == "bt" else None
    pdf = (folder / "letter.pdf").read_bytes()

    def act() -> None:
        metadata = PdfSignatureMetadata(
            field_name=_FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.FILL_FORMS,
            reason="Ký duyệt",
        )
        PdfSigner(metadata, signer, timestamper=stamper).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)), existing_fields_only=True
        )

    yield act, lambda: 0


def _our_stamper(directory: Path) -> Any:
    """Return our time-stamp authority: the library's own is slower and does RSA only."""
    from tests.benchmarks.sign_peers.ours import local_stamper  # noqa: PLC0415 B-B loads none

    return local_stamper(directory)
