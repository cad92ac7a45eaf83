"""Evidence, archive time-stamps and their renewal, judged as the years go by."""

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.generic import StreamObject

from engine.errors import ErrorCode, SignerUnavailableError, SigningError
from engine.model.verification import FileReport, Verdict
from engine.ports_signing import DocumentStage, SignatureField
from signing.authority import AuthorityFiles
from signing.keys.store import KeyStore
from signing.preservation import PyHankoPreserver, house_timestamper
from signing.timestamps import LocalTimeStamper
from signing.verification.verifier import PyHankoVerifier, no_crls
from signing.writer import field_of, open_for_update, written
from tests.factories.pki_world import PkiWorld, a_world
from tests.factories.tsa_renewal import renew_tsa
from tests.integration.signing.test_imported_trust import a_foreign_world

#: Every time of these tests has passed, so that what the libraries call now is later.
SEALED_AT = datetime(2018, 2, 5, 8, 30, tzinfo=UTC)
GRACE, MONTH, YEAR = timedelta(hours=25), timedelta(days=30), timedelta(days=365)


@pytest.fixture
def world(tmp_path: Path) -> PkiWorld:
    return a_world(tmp_path / "pki", at=SEALED_AT)


def a_preserver(world: PkiWorld) -> PyHankoPreserver:
    files = AuthorityFiles(directory=world.directory)
    return PyHankoPreserver(
        trust_roots=[(world.directory / "root.pem").read_bytes()],
        crls=files.crls,
        timestamper=house_timestamper(files, KeyStore(world.directory), world.clock),
    )


def pass_time(world: PkiWorld, by: timedelta, *, revoking: bool = False) -> None:
    """Let time pass; the lists are published anew at its end, as every night."""
    world.clock.move(by)
    if revoking:
        world.revoke(world.leader)
    else:
        world.authority.publish_crl([], world.clock.now())


def evidenced(world: PkiWorld, sealed: bytes) -> bytes:
    return a_preserver(world).add_evidence(sealed, at=world.clock.now())


def archived(world: PkiWorld, pdf: bytes) -> bytes:
    preserver = a_preserver(world)
    ready = preserver.add_evidence(pdf, at=world.clock.now())
    preserver.check_lasts(ready, at=world.clock.now())
    return preserver.stamp(ready).content


def levels(report: FileReport) -> list[str]:
    return [entry.level for entry in report.signatures]


def said(world: PkiWorld, pdf: bytes) -> tuple[Verdict, str | None]:
    report = world.verifier.verify(pdf)
    return report.verdict, report.reason


def test_add_evidence_makes_b_lt_that_begins_with_the_original(world: PkiWorld) -> None:
    sealed = world.sealed()
    pass_time(world, GRACE)

    copy = evidenced(world, sealed)

    report = world.verifier.verify(copy)
    assert copy.startswith(sealed)
    assert report.verdict is Verdict.PASSED, report.message
    assert levels(report) == ["B-LT", "B-LT"]


def test_add_evidence_suffices_when_nothing_else_is_at_hand(world: PkiWorld) -> None:
    sealed = world.sealed()
    pass_time(world, GRACE)
    copy = evidenced(world, sealed)
    root = (world.directory / "root.pem").read_bytes()
    alone = PyHankoVerifier(trust_roots=[root], clock=world.clock, crls=no_crls)

    assert alone.verify(sealed).verdict is Verdict.INDETERMINATE
    assert alone.verify(copy).verdict is Verdict.PASSED


def test_add_evidence_waits_when_the_lists_are_from_before_the_signature(
    world: PkiWorld,
) -> None:
    sealed = world.sealed()

    with pytest.raises(SignerUnavailableError) as caught:
        evidenced(world, sealed)

    assert caught.value.code is ErrorCode.EVIDENCE_TOO_OLD


def test_add_evidence_waits_when_the_lists_are_out_of_date(world: PkiWorld) -> None:
    sealed = world.sealed()
    pass_time(world, GRACE)
    world.clock.move(timedelta(days=8))

    with pytest.raises(SignerUnavailableError) as caught:
        evidenced(world, sealed)

    assert caught.value.code is ErrorCode.EVIDENCE_TOO_OLD
    assert not a_preserver(world).has_current_lists(world.clock.now())


def test_add_evidence_is_refused_when_a_list_is_missing(world: PkiWorld) -> None:
    sealed = world.sealed()
    pass_time(world, GRACE)
    preserver = a_preserver(world)
    preserver._crls = lambda: AuthorityFiles(directory=world.directory).crls()[:1]

    with pytest.raises(SigningError) as caught:
        preserver.add_evidence(sealed, at=world.clock.now())

    assert caught.value.code is ErrorCode.EVIDENCE_MISSING


def test_check_lasts_is_refused_when_the_evidence_says_revoked_before(world: PkiWorld) -> None:
    revoked_at = world.clock.now()
    world.revoke(world.leader)
    world.clock.move(timedelta(hours=1))
    thief = world.without_gate()
    certified = world.signed(world.prepared(), SignatureField.LEADER, world.leader, signer=thief)
    pdf = world.sealed(world.filled(certified))
    world.clock.move(GRACE)
    world.revoke(world.leader, at=revoked_at)
    preserver = a_preserver(world)
    ready = preserver.add_evidence(pdf, at=world.clock.now())

    with pytest.raises(SigningError) as caught:
        preserver.check_lasts(ready, at=world.clock.now())

    assert caught.value.code is ErrorCode.EVIDENCE_INSUFFICIENT


def test_check_lasts_is_refused_when_there_is_no_evidence(world: PkiWorld) -> None:
    with pytest.raises(SigningError) as caught:
        a_preserver(world).check_lasts(world.sealed(), at=world.clock.now())

    assert caught.value.code is ErrorCode.EVIDENCE_INSUFFICIENT


def test_stamp_makes_b_lta_until_the_end_of_the_authoritys_certificate(world: PkiWorld) -> None:
    sealed = world.sealed()
    pass_time(world, MONTH)
    preserver = a_preserver(world)
    ready = preserver.add_evidence(sealed, at=world.clock.now())

    copy = preserver.stamp(ready)

    report = world.verifier.verify(copy.content)
    assert copy.content.startswith(sealed)
    assert (report.verdict, levels(report)) == (Verdict.PASSED, ["B-LTA", "B-LTA", ""])
    tsa = AuthorityFiles(directory=world.directory).certificate("tsa")
    assert copy.renew_by == tsa.not_valid_after_utc


@pytest.mark.parametrize("revoking", [False, True])
def test_verify_passes_when_the_signers_certificate_ended_or_was_revoked_later(
    world: PkiWorld, revoking: bool
) -> None:
    sealed = world.sealed()
    pass_time(world, GRACE)
    copy = archived(world, evidenced(world, sealed))
    pass_time(world, 3 * YEAR, revoking=revoking)

    assert world.leader.not_after < world.clock.now()
    assert said(world, copy) == (Verdict.PASSED, None)


def test_verify_passes_when_it_was_renewed_before_the_authoritys_certificate_ended(
    world: PkiWorld,
) -> None:
    sealed = world.sealed()
    pass_time(world, MONTH)
    copy = archived(world, sealed)
    pass_time(world, 4 * YEAR)
    renew_tsa(world.directory, world.clock)
    renewed = archived(world, copy)
    pass_time(world, 2 * YEAR)

    assert renewed.startswith(copy)
    assert said(world, renewed) == (Verdict.PASSED, None)
    assert levels(world.verifier.verify(renewed)) == ["B-LTA", "B-LTA", "", ""]
    assert said(world, copy) == (Verdict.INDETERMINATE, "OUT_OF_BOUNDS_NO_POE")


def test_renewal_wants_no_list_of_authorities_below_the_newest_stamp(tmp_path: Path) -> None:
    foreign = a_foreign_world(tmp_path / "foreign")
    world = foreign.world
    preserver = PyHankoPreserver(
        trust_roots=[(world.directory / "root.pem").read_bytes()],
        crls=AuthorityFiles(directory=world.directory).crls,
        read_trust=foreign.read,
        timestamper=house_timestamper(
            AuthorityFiles(directory=world.directory), KeyStore(world.directory), world.clock
        ),
    )
    signed = foreign.signed(foreign.bind(foreign.leaf()), SignatureField.LEADER)
    pass_time(world, GRACE)
    now = world.clock.now()
    lists = tuple(each.kept(each.crl(at=now)) for each in (foreign.root, foreign.middle))
    foreign.change(crls=lists)
    copy = preserver.stamp(preserver.add_evidence(signed, at=now)).content
    # The foreign authority publishes no more; the house itself goes on.
    pass_time(world, 3 * YEAR)
    renew_tsa(world.directory, world.clock)

    renewed = preserver.stamp(preserver.add_evidence(copy, at=world.clock.now())).content
    pass_time(world, 3 * YEAR)

    reports = [
        foreign.verifier().verify(each, stage=DocumentStage.SIGNED) for each in (copy, renewed)
    ]
    assert [each.verdict for each in reports] == [Verdict.INDETERMINATE, Verdict.PASSED]


def test_verify_is_undecided_when_the_newest_stamp_was_not_renewed(world: PkiWorld) -> None:
    sealed = world.sealed()
    pass_time(world, MONTH)
    copy = archived(world, sealed)
    pass_time(world, 4 * YEAR)
    renew_tsa(world.directory, world.clock)
    renewed = archived(world, copy)
    pass_time(world, 6 * YEAR)

    assert said(world, renewed)[0] is Verdict.INDETERMINATE


def test_verify_fails_when_a_bit_below_the_archive_stamp_is_flipped(world: PkiWorld) -> None:
    sealed = world.sealed()
    pass_time(world, MONTH)
    copy = archived(world, sealed)
    place = copy.index(b"stream") + 40
    changed = copy[:place] + bytes([copy[place] ^ 1]) + copy[place + 1 :]

    assert said(world, changed)[0] is Verdict.FAILED


def test_verify_is_undecided_when_the_authority_of_the_lower_stamp_was_revoked_before_the_upper(
    world: PkiWorld,
) -> None:
    sealed = world.sealed()
    pass_time(world, MONTH)
    copy = archived(world, sealed)
    pass_time(world, YEAR)
    old = AuthorityFiles(directory=world.directory).certificate("tsa")
    renew_tsa(world.directory, world.clock)
    stolen = replace(world.leader, id=f"{old.serial_number:x}")  # type: ignore[arg-type]
    world.revoke(stolen)
    world.clock.move(timedelta(hours=1))
    upper = a_preserver(world).stamp(copy).content

    assert said(world, upper)[0] is not Verdict.PASSED


def test_verify_does_not_pass_when_a_thief_claims_an_earlier_time_below_a_stamp(
    world: PkiWorld,
) -> None:
    claimed = world.clock.now()
    world.clock.move(timedelta(hours=1))
    revoked_at = world.clock.now()
    world.revoke(world.leader)
    world.clock.move(timedelta(hours=1))
    thief = world.without_gate()
    stolen = world.signed(
        world.prepared(), SignatureField.LEADER, world.leader, signer=thief, at=claimed
    )
    pdf = world.sealed(world.filled(stolen))
    world.clock.move(GRACE)
    world.revoke(world.leader, at=revoked_at)
    preserver = a_preserver(world)
    upper = preserver.stamp(preserver.add_evidence(pdf, at=world.clock.now())).content

    assert said(world, upper) == (Verdict.INDETERMINATE, "REVOKED_NO_POE")


@pytest.mark.parametrize("stage", ["sealed", "archived"])
def test_verify_fails_when_the_look_of_the_number_is_rewritten_after_the_seal(
    world: PkiWorld, stage: str
) -> None:
    pdf = world.sealed()
    pass_time(world, MONTH)
    if stage == "archived":
        pdf = archived(world, pdf)
    writer = open_for_update(pdf)
    look = field_of(writer, "so")["/AP"]["/N"]
    assert isinstance(look, StreamObject)
    look._data = look.data.replace(b" Tj", b" Tj ") + b" "
    look._encoded_data = None
    writer.mark_update(field_of(writer, "so")["/AP"].raw_get("/N").reference)

    assert said(world, written(writer))[0] is Verdict.FAILED


def test_stamp_makes_more_room_when_the_token_is_large(world: PkiWorld) -> None:
    sealed = world.sealed()
    pass_time(world, MONTH)
    files = AuthorityFiles(directory=world.directory)
    issuing = files.certificate("issuing").public_bytes(Encoding.DER)
    key = KeyStore(world.directory).load_unattended("tsa")
    preserver = a_preserver(world)
    preserver._timestamper = lambda: LocalTimeStamper(
        certificate=files.certificate("tsa").public_bytes(Encoding.DER),
        key=key,
        chain=(issuing,) * 16,
        clock=world.clock,
    )
    ready = preserver.add_evidence(sealed, at=world.clock.now())

    copy = preserver.stamp(ready).content

    assert len(copy) - len(ready) > 131_072
    assert said(world, copy) == (Verdict.PASSED, None)


def test_stamp_is_refused_when_the_authority_is_silent(world: PkiWorld) -> None:
    sealed = world.sealed()
    preserver = a_preserver(world)
    (world.directory / "tsa.pem").unlink()

    with pytest.raises(SignerUnavailableError) as caught:
        preserver.stamp(sealed)

    assert caught.value.code is ErrorCode.TIMESTAMP_UNAVAILABLE
    assert not preserver.answers()


def test_other_programs_accept_the_archival_copy(world: PkiWorld, tmp_path: Path) -> None:
    sealed = world.sealed()
    pass_time(world, MONTH)
    path = tmp_path / "copy.pdf"
    path.write_bytes(archived(world, sealed))

    for tool in ("pdfsig", "qpdf"):
        assert shutil.which(tool), f"{tool} is needed for this test"
    shown = subprocess.run(  # noqa: S603 on a file of the test
        ["pdfsig", "-nocert", str(path)],  # noqa: S607 of the machine
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    # poppler lists the archive time-stamp, which covers the whole file, and judges it not.
    assert shown.count("Signature is Valid") == 2
    assert shown.count("Total document signed") == 1
    checked = subprocess.run(  # noqa: S603 on a file of the test
        ["qpdf", "--check", str(path)],  # noqa: S607 of the machine
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_archival_copy_passes_as_a_sealed_document_only(world: PkiWorld) -> None:
    sealed = world.sealed()
    pass_time(world, MONTH)
    copy = archived(world, sealed)

    early = world.verifier.verify(copy, stage=DocumentStage.SIGNED)

    assert (early.verdict, early.reason) == (Verdict.FAILED, "WRONG_STAGE")
