"""Carry files and reports between a verifier and its child process.

A message is a length of eight digits in hexadecimal, a line feed, and that many bytes. The
first message to a child is its configuration, and the child says `READY` to it; then for each
file come one of JSON and one of bytes, and the answer is one of JSON. Nothing is pickled: the
child may be in the hands of a hostile file.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import IO, Any

from engine.model.trust import ImportedTrust
from engine.model.verification import (
    FileReport,
    Integrity,
    SignatureReport,
    SignatureRole,
    Verdict,
)
from engine.ports_signing import CertificateId, DocumentStage, ExpectedSignatures
from signing.verification.imported import dump_imported, load_imported

_HEAD_BYTES = 9
READY = b"ready"
MAX_REPORT_BYTES = 4 * 1024 * 1024
_BUNDLES = ("trust_roots", "other_certs", "crls")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Hold what a child needs to judge files.

    Args:
        crls: revocation lists in DER as they are now.
        imported: authorities besides the roots.
    """

    trust_roots: tuple[bytes, ...]
    other_certs: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    imported: ImportedTrust = field(default_factory=ImportedTrust)


@dataclass(frozen=True, kw_only=True)
class Question:
    """Hold what is asked about one file."""

    at: datetime
    expected: ExpectedSignatures | None = None
    stage: DocumentStage = DocumentStage.SEALED


def write_message(stream: IO[bytes], content: bytes) -> None:
    """Write one message."""
    stream.write(b"%08x\n" % len(content) + content)
    stream.flush()


def read_message(stream: IO[bytes], *, max_bytes: int) -> bytes:
    """Return one message, or nothing at the end of the stream.

    Raises:
        ValueError: the stream holds something else, or too much.
    """
    head = stream.read(_HEAD_BYTES)
    if not head:
        return b""
    length = int(head, 16)
    if length > max_bytes:
        raise ValueError(f"message of {length} bytes")
    content = stream.read(length)
    if len(content) != length:
        raise ValueError("cut off message")
    return content


def dump_settings(settings: Settings) -> bytes:
    """Return `settings` as JSON."""
    values: dict[str, Any] = {
        name: [_text(entry) for entry in getattr(settings, name)] for name in _BUNDLES
    }
    return json.dumps(values | {"imported": dump_imported(settings.imported)}).encode()


def load_settings(content: bytes) -> Settings:
    """Return the settings in `content`."""
    values = json.loads(content)
    bundles = {name: tuple(base64.b64decode(e) for e in values[name]) for name in _BUNDLES}
    return Settings(**bundles, imported=load_imported(values["imported"]))


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def dump_question(question: Question) -> bytes:
    """Return `question` as JSON."""
    expected = asdict(question.expected) if question.expected else None
    values = {"at": question.at.isoformat(), "expected": expected, "stage": question.stage}
    return json.dumps(values).encode()


def load_question(content: bytes) -> Question:
    """Return the question in `content`."""
    values = json.loads(content)
    expected = values["expected"]
    return Question(
        at=datetime.fromisoformat(values["at"]),
        expected=_expected(expected) if expected else None,
        stage=DocumentStage(values["stage"]),
    )


def _expected(values: Mapping[str, Any]) -> ExpectedSignatures:
    return ExpectedSignatures(
        fields=tuple(values["fields"]),
        cms_sha256=tuple(values["cms_sha256"]),
        certificate_ids=tuple(CertificateId(entry) for entry in values["certificate_ids"]),
    )


def dump_report(report: FileReport) -> bytes:
    """Return `report` as JSON."""
    return json.dumps(asdict(report), default=datetime.isoformat).encode()


def load_report(content: bytes) -> FileReport:
    """Return the report in `content`.

    Raises:
        ValueError, TypeError, KeyError: it is no report.
    """
    values = json.loads(content)
    return FileReport(
        sha256=str(values["sha256"]),
        verdict=Verdict(values["verdict"]),
        reason=values["reason"],
        message=str(values["message"]),
        integrity=Integrity(values["integrity"]),
        signatures=tuple(_signature(entry) for entry in values["signatures"]),
    )


def _signature(values: Mapping[str, Any]) -> SignatureReport:
    return SignatureReport(
        **{
            **values,
            "role": SignatureRole(values["role"]),
            "verdict": Verdict(values["verdict"]),
            "signed_at": _time(values["signed_at"]),
            "timestamped_at": _time(values["timestamped_at"]),
        }
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
