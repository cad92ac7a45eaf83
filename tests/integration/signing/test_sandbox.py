import zlib
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from engine.errors import ErrorCode
from engine.model.verification import Integrity, Verdict
from engine.ports_signing import ExpectedSignatures
from signing.authority import AuthorityFiles
from signing.verification import sandbox
from signing.verification.child import serve
from signing.verification.sandbox import Limits, SandboxedVerifier
from signing.verification.wire import (
    Question,
    Settings,
    dump_question,
    dump_settings,
    load_report,
    read_message,
    write_message,
)
from tests.factories.pki_documents import a_letter
from tests.factories.pki_world import PkiWorld, a_world

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> PkiWorld:
    return a_world(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def sealed(world: PkiWorld) -> bytes:
    return world.sealed()


def a_sandbox(world: PkiWorld, limits: Limits | None = None) -> SandboxedVerifier:
    return SandboxedVerifier(
        trust_roots=[(world.directory / "root.pem").read_bytes()],
        clock=world.clock,
        crls=AuthorityFiles(directory=world.directory).crls,
        limits=limits,
    )


def test_sandbox_says_the_same_as_the_verifier_inside(world: PkiWorld, sealed: bytes) -> None:
    with a_sandbox(world) as verifier:
        assert verifier.policy_version == world.verifier.policy_version
        assert verifier.verify(sealed) == world.verifier.verify(sealed)


def test_sandbox_passes_on_what_is_expected(world: PkiWorld, sealed: bytes) -> None:
    expected = ExpectedSignatures(fields=("lanh_dao", "khac"))

    with a_sandbox(world) as verifier:
        report = verifier.verify(sealed, at=world.clock.now(), expected=expected)

    assert report.reason == "SIGNATURE_MISSING"


def test_sandbox_uses_one_child_when_told_so(world: PkiWorld, sealed: bytes) -> None:
    with a_sandbox(world, Limits(files_per_child=2)) as verifier:
        verifier.verify(sealed)
        first = verifier._child
        assert first is not None
        verifier.verify(a_letter())
        assert verifier._child is None
        assert first._process.poll() is not None


@pytest.mark.parametrize("content", [b"", b"nothing", b"%PDF-1.7" + b" " * 26 * MIB])
def test_sandbox_refuses_at_the_door_when_upload_is_unfit(world: PkiWorld, content: bytes) -> None:
    with a_sandbox(world) as verifier:
        report = verifier.verify(content)
        assert verifier._child is None

    assert (report.verdict, report.reason) == (Verdict.FAILED, "FORMAT_FAILURE")
    assert report.integrity is Integrity.UNREADABLE
    assert report.message.startswith("InvalidInputError")
    assert ErrorCode.UPLOAD_NOT_PDF in report.message or "too_large" in report.message


def test_sandbox_fails_file_when_child_is_out_of_time(world: PkiWorld, sealed: bytes) -> None:
    with a_sandbox(world, Limits(wall_seconds=0.01)) as verifier:
        report = verifier.verify(sealed)

    assert (report.verdict, report.reason) == (Verdict.FAILED, "FORMAT_FAILURE")
    assert "out of time" in report.message


def test_sandbox_fails_file_when_child_has_too_little_memory(
    world: PkiWorld, sealed: bytes
) -> None:
    with a_sandbox(world, Limits(memory_bytes=40 * MIB)) as verifier:
        report = verifier.verify(sealed)

    assert (report.verdict, report.reason) == (Verdict.FAILED, "FORMAT_FAILURE")


def test_sandbox_survives_a_bomb(world: PkiWorld) -> None:
    with a_sandbox(world) as verifier:
        report = verifier.verify(a_bomb())
        assert report.verdict is Verdict.FAILED
        assert verifier.verify(world.certified()).verdict is Verdict.PASSED


def a_bomb() -> bytes:
    """Return a file whose cross-reference stream unpacks to 1 GiB."""
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(bytes(MIB)) for _ in range(1024)) + packer.flush()
    head = b"%PDF-1.7\n"
    stream = (
        b"1 0 obj\n<</Type/XRef/W[1 4 2]/Size 2/Root 2 0 R/Filter/FlateDecode/Length %d>>\n"
        b"stream\n%s\nendstream\nendobj\n"
    ) % (len(packed), packed)
    return head + stream + b"startxref\n%d\n%%%%EOF\n" % len(head)


def test_sandbox_fails_file_when_answer_is_about_another(
    world: PkiWorld, sealed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sandbox.load_report
    with a_sandbox(world) as verifier:
        monkeypatch.setattr(
            sandbox,
            "load_report",
            lambda content: other(content.replace(b'"sha256": "', b'"sha256": "0')),
        )
        report = verifier.verify(sealed)

    assert (report.verdict, report.reason) == (Verdict.FAILED, "FORMAT_FAILURE")


def test_sandbox_fails_file_when_child_cannot_start(
    world: PkiWorld, sealed: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sandbox.sys, "executable", str(tmp_path / "python"))

    with a_sandbox(world) as verifier:
        report = verifier.verify(sealed)

    assert report.verdict is Verdict.FAILED


def test_child_answers_every_question_until_the_end(world: PkiWorld, sealed: bytes) -> None:
    settings = Settings(
        trust_roots=((world.directory / "root.pem").read_bytes(),),
        other_certs=(),
        crls=AuthorityFiles(directory=world.directory).crls(),
    )
    questions, answers = BytesIO(), BytesIO()
    write_message(questions, dump_settings(settings))
    for pdf in (sealed, sealed[:-99]):
        write_message(questions, dump_question(Question(at=world.clock.now(), expected=None)))
        write_message(questions, pdf)
    questions.seek(0)

    serve(questions, answers)

    answers.seek(0)
    reports = [load_report(read_message(answers, max_bytes=9999)) for _ in range(2)]
    assert [report.verdict for report in reports] == [Verdict.PASSED, Verdict.FAILED]


def test_epoch_and_child_change_when_lists_do(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    sealed = world.sealed()

    with a_sandbox(world, Limits(files_per_child=9)) as verifier:
        before = verifier.revocation_epoch()
        assert before == world.verifier.revocation_epoch() == verifier.revocation_epoch()
        assert verifier.verify(sealed).verdict is Verdict.PASSED
        first = verifier._child
        world.revoke(world.leader, at=world.clock.now() - timedelta(minutes=1))
        assert verifier.revocation_epoch() != before
        assert verifier.verify(sealed).reason == "REVOKED"
        assert verifier._child is not first
