"""Apply our own rules to the whole file; each closes a hole that was measured.

1. Every byte is accounted for: a signature's range is the file but for its own value, that
   value is written in one way only, nothing stands after the newest revision, and no object was
   appended beside the cross-references.
2. The newest revision is signed, or holds nothing but long-term evidence, or, before the
   agency's seal, the number and date that the certification allows.
3. There is exactly one certification and it is the oldest signature.
4. What the register expects is there, and signed by whom it expects.

How far an official document must have come is told by `signing.verification.profile`.
"""

import re
from collections.abc import Iterator, Sequence

from asn1crypto import parser  # type: ignore[import-untyped]
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.validation import EmbeddedPdfSignature

from engine.model.verification import Verdict
from engine.ports_signing import ExpectedSignatures, SignatureField
from signing.cms import cms_sha256
from signing.fields import TEXT_FIELDS
from signing.verification.differences import UNSIGNED_POLICY
from signing.verification.findings import Finding, OwnRule
from signing.verification.judgement import NOT_PERMITTED, Judged
from signing.verification.roles import is_ours

_FILLABLE = frozenset(field.name for field in TEXT_FIELDS)
_LINE_END = 2  # a file may end in CR LF after its last marker
_UPPER = re.compile(rb"<((?:[0-9A-F]{2})+)>")  # as our signer writes
_LOWER = re.compile(rb"<((?:[0-9a-f]{2})+)>")


def file_findings(
    pdf: bytes,
    reader: PdfFileReader,
    judged: Sequence[Judged],
    expected: ExpectedSignatures | None,
) -> Iterator[Finding]:
    """Yield what rules 1 to 4 find; `judged` is oldest first and not empty."""
    for entry in judged:
        if not _range_is_plain(pdf, entry.signature):
            yield _changed(OwnRule.BYTE_RANGE, f"{entry.report.field}: range of signed bytes")
        elif not _value_is_plain(pdf, entry):
            yield _changed(OwnRule.UNACCOUNTED_BYTES, f"{entry.report.field}: bytes in the value")
    yield from _tail_findings(pdf, reader, judged[-1])
    yield from _newest_findings(reader, judged)
    yield from _certification_findings([entry for entry in judged if not entry.is_stamp])
    if expected is not None:
        yield from expected_findings(judged, expected)


def _range_is_plain(pdf: bytes, signature: EmbeddedPdfSignature) -> bool:
    """Tell whether the gap in the signed bytes is the signature's value and nothing else."""
    numbers = [int(number) for number in signature.byte_range]
    if len(numbers) != 4:
        return False
    start, first, second, rest = numbers
    if start != 0 or not 0 < first < second or second + rest > len(pdf):
        return False
    return pdf[first : first + 1] == b"<" and pdf[second - 1 : second] == b">"


def _value_is_plain(pdf: bytes, entry: Judged) -> bool:
    """Tell whether the gap is the CMS in digits of one case, then zeros, and nothing else.

    The gap is the only part of a file that no signature covers.
    """
    _, first, second, _ = (int(number) for number in entry.signature.byte_range)
    gap = pdf[first:second]
    digits = _UPPER.fullmatch(gap)
    if digits is None and not is_ours(entry.report.field):
        digits = _LOWER.fullmatch(gap)
    if digits is None:
        return False
    content = bytes.fromhex(digits[1].decode("ascii"))
    return content == bytes(entry.signature.pkcs7_content) and not any(
        content[parser.peek(content) :]
    )


def _covered_end(signature: EmbeddedPdfSignature) -> int:
    _, _, second, rest = (int(number) for number in signature.byte_range)
    return second + rest


def _tail_findings(pdf: bytes, reader: PdfFileReader, newest: Judged) -> Iterator[Finding]:
    if newest.signature.signed_revision == _newest_revision(reader):
        tail = pdf[_covered_end(newest.signature) :]
    else:
        # An unsigned update: its cross-references are the last thing but one in the file.
        after = pdf[reader.last_startxref :]
        tail = after.rpartition(b"%%EOF")[2]
        if after.count(b"startxref") != 1:
            yield _changed(OwnRule.UNACCOUNTED_BYTES, "objects beside the cross-references")
    if len(tail) > _LINE_END or tail.strip(b"\r\n"):
        yield _changed(OwnRule.UNACCOUNTED_BYTES, f"{len(tail)} bytes after the end")


def _newest_revision(reader: PdfFileReader) -> int:
    return int(reader.xrefs.total_revisions) - 1


def _newest_findings(reader: PdfFileReader, judged: Sequence[Judged]) -> Iterator[Finding]:
    newest = judged[-1]
    signature = newest.signature
    if signature.signed_revision == _newest_revision(reader):
        return
    if newest.report.changes == NOT_PERMITTED:
        return  # said already, and in more detail
    difference = UNSIGNED_POLICY.review_file(
        reader,
        signature.signed_revision,
        field_mdp_spec=signature.fieldmdp,
        doc_mdp=signature.docmdp_level,
    )
    if isinstance(difference, DiffResult):
        if difference.modification_level <= ModificationLevel.LTA_UPDATES:
            return
        sealed = any(entry.report.field == SignatureField.SEAL for entry in judged)
        allowed = difference.modification_level is ModificationLevel.FORM_FILLING
        if allowed and not sealed and difference.changed_form_fields <= _FILLABLE:
            return
    yield _changed(OwnRule.UNSIGNED_CHANGES, "the newest revision is not signed")


def _certification_findings(signatures: Sequence[Judged]) -> Iterator[Finding]:
    places = [place for place, entry in enumerate(signatures) if entry.certifies]
    if not places:
        yield Finding(
            verdict=Verdict.INDETERMINATE,
            reason=OwnRule.NO_CERTIFICATION,
            message="no signature certifies the document",
        )
        return
    if places[0] != 0:
        yield _failed(OwnRule.LATE_CERTIFICATION, "the oldest signature does not certify")
    if len(places) > 1:
        yield _failed(OwnRule.SECOND_CERTIFICATION, f"{len(places)} certifications")


def expected_findings(judged: Sequence[Judged], expected: ExpectedSignatures) -> Iterator[Finding]:
    """Yield what the register expects and the file lacks, or has from others (rule 4)."""
    fields = {entry.report.field for entry in judged}
    digests = {cms_sha256(entry.signature.pkcs7_content) for entry in judged}
    missing = [field for field in expected.fields if field not in fields]
    unknown = [digest for digest in expected.cms_sha256 if digest not in digests]
    if missing or unknown:
        names = ", ".join([*missing, *(digest[:12] for digest in unknown)])
        yield _changed(OwnRule.SIGNATURE_MISSING, f"not found: {names}")
        return
    signers = [
        (entry.report.field, entry.report.certificate_serial)
        for entry in judged
        if not entry.is_stamp
    ]
    wanted = list(zip(expected.fields, expected.certificate_ids, strict=False))
    if wanted and signers != wanted:
        found = ", ".join(f"{field} by {serial}" for field, serial in signers)
        yield _failed(OwnRule.SIGNER_UNEXPECTED, f"found: {found}")


def _changed(reason: OwnRule, message: str) -> Finding:
    return Finding(verdict=Verdict.FAILED, reason=reason, message=message, changed=True)


def _failed(reason: OwnRule, message: str) -> Finding:
    return Finding(verdict=Verdict.FAILED, reason=reason, message=message)
