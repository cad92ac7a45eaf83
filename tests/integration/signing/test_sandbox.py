import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from unittest.mock import Mock

import pytest

from engine.errors import ErrorCode, InvalidInputError, SignerUnavailableError
from engine.model.verification import Integrity, Verdict
from engine.ports_signing import DocumentStage, ExpectedSignatures
from signing import loop
from signing.authority import AuthorityFiles
from signing.verification import child, process, sandbox
from signing.verification.child import serve
from signing.verification.sandbox import Limits, SandboxedVerifier
from signing.verification.wire import (
    READY,
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


def test_sandbox_passes_on_who_is_expected_and_the_stage(world: PkiWorld, sealed: bytes) -> None:
    fields = ("lanh_dao", "co_quan")
    right = ExpectedSignatures(fields=fields, certificate_ids=(world.leader.id, world.agency.id))
    wrong = ExpectedSignatures(fields=fields, certificate_ids=(world.leader.id, world.leader.id))

    with a_sandbox(world, Limits(files_per_child=3)) as verifier:
        assert verifier.verify(sealed, expected=right).verdict is Verdict.PASSED
        assert verifier.verify(sealed, expected=wrong).reason == "SIGNER_UNEXPECTED"
        early = verifier.verify(sealed, stage=DocumentStage.SIGNED)

    assert early.reason == "WRONG_STAGE"


def test_sandbox_uses_one_child_when_told_so(world: PkiWorld, sealed: bytes) -> None:
    with a_sandbox(world, Limits(files_per_child=2)) as verifier:
        verifier.verify(sealed)
        first = verifier._pool._idle[0].child
        verifier.verify(a_letter())
        assert verifier._pool._idle == []
        assert first._process.poll() is not None


def test_sandbox_ends_idle_children_when_closed(world: PkiWorld, sealed: bytes) -> None:
    verifier = a_sandbox(world, Limits(files_per_child=2))
    verifier.verify(sealed)
    child = verifier._pool._idle[0].child

    verifier.close()

    assert child._process.poll() is not None


@pytest.mark.parametrize("content", [b"", b"nothing", b"%PDF-1.7" + b" " * 26 * MIB])
def test_sandbox_refuses_at_the_door_when_upload_is_unfit(world: PkiWorld, content: bytes) -> None:
    with a_sandbox(world) as verifier:
        report = verifier.verify(content)

    assert (report.verdict, report.reason) == (Verdict.FAILED, "FORMAT_FAILURE")
    assert report.integrity is Integrity.UNREADABLE
    assert report.message.startswith("InvalidInputError")
    assert ErrorCode.UPLOAD_NOT_PDF in report.message or "too_large" in report.message


def test_sandbox_fails_file_when_child_is_out_of_time(world: PkiWorld, sealed: bytes) -> None:
    with a_sandbox(world, Limits(wall_seconds=0.01)) as verifier:
        report = verifier.verify(sealed)

    assert (report.verdict, report.reason) == (Verdict.FAILED, "FORMAT_FAILURE")
    assert "out of time" in report.message


@pytest.mark.parametrize("mib", [40, 150, 250])
def test_sandbox_blames_itself_when_child_has_too_little_memory(
    world: PkiWorld, sealed: bytes, mib: int
) -> None:
    with (
        a_sandbox(world, Limits(memory_bytes=mib * MIB)) as verifier,
        pytest.raises(SignerUnavailableError) as caught,
    ):
        verifier.verify(sealed)

    assert caught.value.retryable


def test_sandbox_blames_itself_when_child_is_not_ready_in_time(
    world: PkiWorld, sealed: bytes
) -> None:
    with (
        a_sandbox(world, Limits(start_seconds=0.01)) as verifier,
        pytest.raises(SignerUnavailableError, match="out of time"),
    ):
        verifier.verify(sealed)


def test_sandbox_blames_itself_when_child_is_killed_by_others(
    world: PkiWorld, sealed: bytes
) -> None:
    with a_sandbox(world, Limits(files_per_child=2)) as verifier:
        verifier.verify(sealed)
        verifier._pool._idle[0].child._process.kill()
        with pytest.raises(SignerUnavailableError, match="killed"):
            verifier.verify(sealed)
        assert verifier.verify(sealed).verdict is Verdict.PASSED


def test_sandbox_says_busy_when_every_child_is_at_work(world: PkiWorld, sealed: bytes) -> None:
    with a_sandbox(world, Limits(children=1, queue_seconds=0.05)) as verifier:
        with (
            verifier._pool.child(verifier._settings()),
            pytest.raises(SignerUnavailableError) as caught,
        ):
            verifier.verify(sealed)
        assert verifier.verify(sealed).verdict is Verdict.PASSED

    assert caught.value.code is ErrorCode.VERIFIER_BUSY
    assert caught.value.retryable


def test_sandbox_judges_two_files_at_a_time(world: PkiWorld, sealed: bytes) -> None:
    with a_sandbox(world, Limits(files_per_child=9)) as verifier:
        settings = verifier._settings()
        with verifier._pool.child(settings) as one, verifier._pool.child(settings) as other:
            assert one is not other
        with ThreadPoolExecutor(6) as pool:
            reports = list(pool.map(verifier.verify, [sealed] * 6))
        assert len(verifier._pool._idle) == 2

    assert {report.verdict for report in reports} == {Verdict.PASSED}


def test_sandbox_drops_child_that_comes_back_after_closing(world: PkiWorld) -> None:
    verifier = a_sandbox(world, Limits(files_per_child=9))

    with verifier._pool.child(verifier._settings()) as lent:
        verifier.close()

    assert lent._process.poll() is not None


def test_sandbox_fails_file_when_answer_is_nonsense(
    world: PkiWorld, sealed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process.ChildProcess, "ask", lambda *_: b"nonsense")

    with a_sandbox(world) as verifier:
        report = verifier.verify(sealed)

    assert (report.verdict, report.reason) == (Verdict.FAILED, "FORMAT_FAILURE")
    assert "still running" in report.message


def test_sandbox_refuses_when_root_file_holds_no_certificate(world: PkiWorld) -> None:
    root = (world.directory / "root.pem").read_bytes()

    with pytest.raises(InvalidInputError):
        SandboxedVerifier(trust_roots=[root, b"nothing"], clock=world.clock)


def test_sandbox_blames_the_installation_when_list_is_broken(
    world: PkiWorld, sealed: bytes
) -> None:
    root = (world.directory / "root.pem").read_bytes()
    verifier = SandboxedVerifier(trust_roots=[root], clock=world.clock, crls=lambda: [b"nothing"])

    with pytest.raises(SignerUnavailableError):
        verifier.verify(sealed)


def test_sandbox_survives_a_bomb(world: PkiWorld) -> None:
    with a_sandbox(world) as verifier:
        report = verifier.verify(a_bomb())
        assert report.verdict is Verdict.FAILED
        assert verifier.verify(world.sealed()).verdict is Verdict.PASSED


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


@pytest.mark.parametrize("error", [BlockingIOError(11, "no"), FileNotFoundError(), MemoryError()])
def test_sandbox_blames_itself_when_child_cannot_start(
    world: PkiWorld, sealed: bytes, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr(process.subprocess, "Popen", Mock(side_effect=error))

    with a_sandbox(world) as verifier, pytest.raises(SignerUnavailableError):
        verifier.verify(sealed)


def test_sandbox_blames_itself_when_there_is_no_room_for_a_clock(
    world: PkiWorld, sealed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        process.threading.Timer, "start", Mock(side_effect=RuntimeError("no thread"))
    )

    with a_sandbox(world) as verifier, pytest.raises(SignerUnavailableError):
        verifier.verify(sealed)


def test_verifier_blames_the_machine_when_memory_or_threads_are_short(
    world: PkiWorld, sealed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as short:
        short.setattr(world.verifier._trust, "spec", Mock(side_effect=MemoryError))
        with pytest.raises(SignerUnavailableError):
            world.verifier.verify(sealed)
    with monkeypatch.context() as short:
        short.setattr(loop, "_shared", loop._Shared())
        short.setattr(loop.threading.Thread, "start", Mock(side_effect=RuntimeError))
        with pytest.raises(SignerUnavailableError):
            world.verifier.verify(sealed)

    assert world.verifier.verify(sealed).verdict is Verdict.PASSED


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
    assert read_message(answers, max_bytes=9) == READY
    reports = [load_report(read_message(answers, max_bytes=9999)) for _ in range(2)]
    assert [report.verdict for report in reports] == [Verdict.PASSED, Verdict.FAILED]


def test_child_holds_it_against_the_file_when_memory_ends(world: PkiWorld, sealed: bytes) -> None:
    verifier = Mock()
    verifier.verify.side_effect = SignerUnavailableError("out of memory")

    report = child._report(verifier, sealed, Question(at=world.clock.now()))

    assert (report.verdict, report.reason) == (Verdict.FAILED, "FORMAT_FAILURE")


def test_epoch_and_child_change_when_lists_do(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    sealed = world.sealed()

    with a_sandbox(world, Limits(files_per_child=9)) as verifier:
        before = verifier.revocation_epoch()
        assert before == world.verifier.revocation_epoch() == verifier.revocation_epoch()
        assert verifier.verify(sealed).verdict is Verdict.PASSED
        first = verifier._pool._idle[0].child
        world.revoke(world.leader, at=world.clock.now() - timedelta(minutes=1))
        assert verifier.revocation_epoch() != before
        assert verifier.verify(sealed).reason == "REVOKED"
        assert verifier._pool._idle[0].child is not first
