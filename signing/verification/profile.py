"""Judge a file as an official document of ours: how far has it come?

A file that has one of our signature fields is such a document. Somebody without any key can cut
a sealed file back to the leader's revision and fill in another number, so only a sealed one may
pass; the stages before are for the house, which asks for them by name.

Source: Decree 30/2020/NĐ-CP, Art. 12, 15, 18 and 19 (signed, then numbered and dated, sealed).
"""

from collections.abc import Iterable, Iterator, Sequence

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from engine.model.verification import Verdict
from engine.ports_signing import OFFICIAL_FIELDS, DocumentStage, SignatureField
from signing.fields import TEXT_FIELDS
from signing.verification.findings import Finding, OwnRule
from signing.verification.judgement import Judged

_NAMES = frozenset(field.name for field in TEXT_FIELDS)


def is_official(field_names: Iterable[str]) -> bool:
    """Tell whether a file with these signature fields, signed or not, is of our profile."""
    return not frozenset(field_names).isdisjoint(OFFICIAL_FIELDS)


def stage_findings(
    reader: PdfFileReader, judged: Sequence[Judged], stage: DocumentStage
) -> Iterator[Finding]:
    """Yield what an official document lacks, or has too early, for `stage`."""
    leader = _signed(judged, SignatureField.LEADER)
    seal = _signed(judged, SignatureField.SEAL)
    if leader is not None:
        if any(entry.certifies and entry is not leader for entry in judged):
            yield _failed(OwnRule.LATE_CERTIFICATION, "not the leader's signature certifies")
    elif seal is not None or stage is not DocumentStage.SEALED:
        yield _failed(OwnRule.LEADER_MISSING, "the leader has not signed")
    if stage is DocumentStage.SEALED:
        yield from _sealing_findings(reader, seal)
    else:
        yield from _early_findings(_filled(reader.root), seal, stage)


def _signed(judged: Sequence[Judged], field: SignatureField) -> Judged | None:
    found = (entry for entry in judged if entry.report.field == field and not entry.is_stamp)
    return next(found, None)


def _sealing_findings(reader: PdfFileReader, seal: Judged | None) -> Iterator[Finding]:
    if seal is None:
        yield Finding(
            verdict=Verdict.INDETERMINATE,
            reason=OwnRule.NOT_SEALED,
            message="the agency has not sealed: number and date are nobody's word",
        )
        return
    # What the seal covers counts; what is filled in later is nobody's word either.
    sealed = reader.get_historical_root(seal.signature.signed_revision)
    yield from _number_findings(_filled(sealed))


def _early_findings(
    filled: frozenset[str], seal: Judged | None, stage: DocumentStage
) -> Iterator[Finding]:
    if seal is not None:
        yield _failed(OwnRule.WRONG_STAGE, "sealed already")
    elif stage is DocumentStage.NUMBERED:
        yield from _number_findings(filled)
    elif filled:
        yield _failed(OwnRule.WRONG_STAGE, f"filled already: {', '.join(sorted(filled))}")


def _number_findings(filled: frozenset[str]) -> Iterator[Finding]:
    missing = _NAMES - filled
    if missing:
        yield _failed(OwnRule.NUMBER_MISSING, f"not filled: {', '.join(sorted(missing))}")


def _filled(root: generic.DictionaryObject) -> frozenset[str]:
    """Return which of number, day, month and year have a value."""
    fields = (reference.get_object() for reference in root["/AcroForm"]["/Fields"])
    return frozenset(
        name
        for field in fields
        if isinstance(value := field.get("/V"), str) and value.strip()
        for name in [str(field.get("/T"))]
        if name in _NAMES
    )


def _failed(reason: OwnRule, message: str) -> Finding:
    return Finding(verdict=Verdict.FAILED, reason=reason, message=message)
