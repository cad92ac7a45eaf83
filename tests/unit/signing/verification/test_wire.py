from datetime import UTC, datetime
from io import BytesIO

import pytest
from asn1crypto import pem

from engine.errors import InvalidInputError, SignerUnavailableError
from engine.model.verification import (
    FileReport,
    Integrity,
    SignatureReport,
    SignatureRole,
    Verdict,
)
from engine.ports_signing import CertificateId, DocumentStage, ExpectedSignatures
from signing.verification import wire
from signing.verification.child import forbid_outside
from signing.verification.trust import TrustStore, _NoFetching, check_lists

AT = datetime(2026, 2, 5, 8, 30, tzinfo=UTC)


def test_report_survives_the_wire() -> None:
    report = FileReport(
        sha256="ab",
        verdict=Verdict.INDETERMINATE,
        reason="NO_POE",
        message="số",
        integrity=Integrity.INTACT,
        signatures=(
            SignatureReport(
                field="lanh_dao",
                signer="Ánh",
                role=SignatureRole.LEADER,
                verdict=Verdict.PASSED,
                sub_indication=None,
                signed_at=AT,
                timestamped_at=None,
                level="B-T",
                coverage="revision",
                changes="none",
            ),
        ),
    )

    assert wire.load_report(wire.dump_report(report)) == report


@pytest.mark.parametrize(
    "expected",
    [
        None,
        ExpectedSignatures(fields=("a",), cms_sha256=("b", "c")),
        ExpectedSignatures(fields=("a",), certificate_ids=(CertificateId("1f"),)),
    ],
)
@pytest.mark.parametrize("stage", DocumentStage)
def test_question_survives_the_wire(
    expected: ExpectedSignatures | None, stage: DocumentStage
) -> None:
    question = wire.Question(at=AT, expected=expected, stage=stage)

    assert wire.load_question(wire.dump_question(question)) == question


def test_settings_survive_the_wire() -> None:
    settings = wire.Settings(trust_roots=(b"\0a",), other_certs=(), crls=(b"b", b"c"))

    assert wire.load_settings(wire.dump_settings(settings)) == settings


def test_messages_follow_each_other_until_the_end() -> None:
    stream = BytesIO()
    wire.write_message(stream, b"one")
    wire.write_message(stream, b"hai")
    stream.seek(0)

    assert [wire.read_message(stream, max_bytes=9) for _ in range(3)] == [b"one", b"hai", b""]


@pytest.mark.parametrize("content", [b"00000009\nabc", b"000000ff\nabc", b"nonsense!"])
def test_read_message_refuses_when_stream_is_broken(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"message|invalid"):
        wire.read_message(BytesIO(content), max_bytes=9)


def test_child_may_not_reach_out() -> None:
    forbid_outside("open", ())

    with pytest.raises(PermissionError):
        forbid_outside("socket.connect", ())


def test_nothing_is_ever_fetched() -> None:
    with pytest.raises(NotImplementedError):
        _NoFetching().get_fetchers()


_NO_CERTIFICATE = pem.armor("X509 CRL", b"0")
_BROKEN = pem.armor("CERTIFICATE", b"0\x03\x02\x01\x05")


@pytest.mark.parametrize("bundle", [b"nothing", b"", _NO_CERTIFICATE, _BROKEN])
def test_trust_store_refuses_when_bundle_has_no_root(bundle: bytes) -> None:
    with pytest.raises(InvalidInputError):
        TrustStore(roots=[bundle] if bundle else [], others=(), crls=lambda: ())


@pytest.mark.parametrize("content", [b"", b"nothing", b"0\x00"])
def test_check_lists_blames_the_installation_when_list_is_broken(content: bytes) -> None:
    with pytest.raises(SignerUnavailableError):
        check_lists([content])
