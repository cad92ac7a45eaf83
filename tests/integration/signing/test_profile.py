from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from asn1crypto import algos, cms, core

from engine.model.keys import KeyType
from engine.model.verification import Integrity, SignatureRole, Verdict
from engine.ports_signing import (
    DocumentStage,
    ExpectedSignatures,
    HolderKind,
    IssuedCertificate,
    SignatureField,
)
from signing import certificates
from signing.certificates import AGENCY_POLICY, PERSON_POLICY
from signing.verification.encoding import NotPlainError, Proved, _algorithm, is_plain
from signing.verification.roles import role_finding, role_of
from tests.factories.pki_attacks import set_value, updated
from tests.factories.pki_documents import a_letter
from tests.factories.pki_world import LEADER, PIN, PkiWorld, a_world, signed_with

FIELDS = ("lanh_dao", "co_quan")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> PkiWorld:
    return a_world(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def certified(world: PkiWorld) -> bytes:
    return world.certified()


@pytest.fixture(scope="module")
def filled(world: PkiWorld, certified: bytes) -> bytes:
    return world.filled(certified)


@pytest.fixture(scope="module")
def sealed(world: PkiWorld, filled: bytes) -> bytes:
    return world.sealed(filled)


@pytest.fixture(scope="module")
def other(world: PkiWorld) -> IssuedCertificate:
    (issued,) = world.authority.issue([LEADER], pin=PIN, key_type=KeyType.P256)
    return issued


def said(world: PkiWorld, pdf: bytes, **more: Any) -> tuple[Verdict, str | None]:
    report = world.verifier.verify(pdf, **more)
    return report.verdict, report.reason


@pytest.mark.parametrize("state", ["certified", "filled"])
def test_verify_is_undecided_when_document_is_not_sealed(
    world: PkiWorld, request: pytest.FixtureRequest, state: str
) -> None:
    report = world.verifier.verify(request.getfixturevalue(state))

    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "NOT_SEALED")
    assert report.integrity is Integrity.INTACT
    assert report.signatures[0].verdict is Verdict.PASSED


def test_verify_is_undecided_when_sealed_file_is_cut_back_and_filled_by_anybody(
    world: PkiWorld, certified: bytes, sealed: bytes
) -> None:
    assert sealed.startswith(certified)
    forged = world.filled(sealed[: len(certified)], number="999")

    assert said(world, forged) == (Verdict.INDETERMINATE, "NOT_SEALED")


@pytest.mark.parametrize(
    ("state", "stage", "expected"),
    [
        ("certified", DocumentStage.SIGNED, None),
        ("certified", DocumentStage.NUMBERED, "NUMBER_MISSING"),
        ("filled", DocumentStage.SIGNED, "WRONG_STAGE"),
        ("filled", DocumentStage.NUMBERED, None),
        ("sealed", DocumentStage.SIGNED, "WRONG_STAGE"),
        ("sealed", DocumentStage.NUMBERED, "WRONG_STAGE"),
        ("sealed", DocumentStage.SEALED, None),
    ],
)
def test_verify_passes_at_exactly_the_stage_asked_for(
    world: PkiWorld,
    request: pytest.FixtureRequest,
    state: str,
    stage: DocumentStage,
    expected: str | None,
) -> None:
    verdict = Verdict.FAILED if expected else Verdict.PASSED

    assert said(world, request.getfixturevalue(state), stage=stage) == (verdict, expected)


def test_verify_fails_numbered_stage_when_only_the_number_is_filled(
    world: PkiWorld, certified: bytes
) -> None:
    half = updated_plainly(certified, "so", "12")

    assert said(world, half, stage=DocumentStage.NUMBERED)[0] is Verdict.FAILED
    assert said(world, half)[0] is not Verdict.PASSED


def updated_plainly(pdf: bytes, name: str, text: str) -> bytes:
    return updated(pdf, set_value(name, text))


@pytest.mark.parametrize("text", [None, "  "])
def test_verify_fails_when_document_was_sealed_without_number(
    world: PkiWorld, certified: bytes, text: str | None
) -> None:
    bare = certified if text is None else updated_plainly(certified, "so", text)

    report = world.verifier.verify(signed_with(world, bare, "co_quan", certificate=world.agency))

    assert report.verdict is Verdict.FAILED
    assert text is not None or report.reason == "NUMBER_MISSING"
    assert report.signatures[-1].role is SignatureRole.SEAL


def test_verify_fails_when_sealed_document_never_had_a_number(world: PkiWorld) -> None:
    leader = signed_with(world, a_letter(), "lanh_dao", certify=True)
    both = signed_with(world, leader, "co_quan", certificate=world.agency)

    assert said(world, both) == (Verdict.FAILED, "NUMBER_MISSING")


def test_verify_fails_when_leader_has_not_signed(world: PkiWorld) -> None:
    pdf = signed_with(world, a_letter(), "co_quan", certify=True, certificate=world.agency)

    assert said(world, pdf) == (Verdict.FAILED, "LEADER_MISSING")
    assert said(world, pdf, stage=DocumentStage.SIGNED)[1] == "LEADER_MISSING"


def test_verify_fails_when_somebody_else_than_the_leader_certifies(world: PkiWorld) -> None:
    seal = signed_with(world, a_letter(), "co_quan", certify=True, certificate=world.agency)
    pdf = signed_with(world, seal, "lanh_dao")

    assert said(world, pdf) == (Verdict.FAILED, "LATE_CERTIFICATION")


def test_verify_knows_no_stages_when_file_is_foreign(world: PkiWorld) -> None:
    pdf = signed_with(world, a_letter(), "Chuky", certify=True)

    report = world.verifier.verify(pdf)

    assert report.verdict is Verdict.PASSED
    assert report.signatures[0].role is SignatureRole.OTHER
    assert said(world, pdf, stage=DocumentStage.SIGNED) == (Verdict.FAILED, "WRONG_STAGE")


def test_verify_passes_leader_without_time_stamp(world: PkiWorld) -> None:
    pdf = signed_with(world, world.prepared(), "lanh_dao", certify=True)

    report = world.verifier.verify(pdf, stage=DocumentStage.SIGNED)

    assert report.verdict is Verdict.PASSED, report.message
    assert report.signatures[0].level == "B-B"


def test_verify_fails_when_officer_signs_in_both_fields(world: PkiWorld, filled: bytes) -> None:
    report = world.verifier.verify(signed_with(world, filled, "co_quan"))

    assert (report.verdict, report.reason) == (Verdict.FAILED, "SIGNER_ROLE")
    leader, seal = report.signatures
    assert (leader.role, leader.verdict) == (SignatureRole.LEADER, Verdict.PASSED)
    assert (seal.role, seal.sub_indication) == (SignatureRole.OTHER, "SIGNER_ROLE")


def test_verify_fails_when_agency_signs_for_the_leader(world: PkiWorld) -> None:
    pdf = signed_with(world, world.prepared(), "lanh_dao", certify=True, certificate=world.agency)

    for stage in DocumentStage:
        assert said(world, pdf, stage=stage) == (Verdict.FAILED, "SIGNER_ROLE")


def test_verify_is_undecided_when_certificate_says_nothing_of_its_holder(
    world: PkiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(certificates, "POLICIES", {})
        (bare,) = world.authority.issue([LEADER], pin=PIN, key_type=KeyType.P256)
    pdf = signed_with(world, world.prepared(), "lanh_dao", certify=True, certificate=bare)

    report = world.verifier.verify(pdf, stage=DocumentStage.SIGNED)

    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "ROLE_UNKNOWN")
    assert report.signatures[0].role is SignatureRole.OTHER


def holding(*policies: str) -> Any:
    entries = [{"policy_identifier": SimpleNamespace(dotted=policy)} for policy in policies]
    return SimpleNamespace(certificate_policies_value=entries or None)


PERSON, AGENCY = PERSON_POLICY.dotted_string, AGENCY_POLICY.dotted_string


@pytest.mark.parametrize(
    ("field", "policies", "role", "reason"),
    [
        ("lanh_dao", (PERSON,), SignatureRole.LEADER, None),
        ("lanh_dao", (AGENCY,), SignatureRole.OTHER, "SIGNER_ROLE"),
        ("lanh_dao", (PERSON, AGENCY), SignatureRole.OTHER, "SIGNER_ROLE"),
        ("lanh_dao", ("1.2.3",), SignatureRole.OTHER, "ROLE_UNKNOWN"),
        ("co_quan", (AGENCY, "1.2.3"), SignatureRole.SEAL, None),
        ("co_quan", (PERSON,), SignatureRole.OTHER, "SIGNER_ROLE"),
        ("co_quan", (), SignatureRole.OTHER, "ROLE_UNKNOWN"),
        ("khac", (PERSON,), SignatureRole.OTHER, None),
    ],
)
def test_role_is_told_by_the_policy(
    field: str, policies: tuple[str, ...], role: SignatureRole, reason: str | None
) -> None:
    finding = role_finding(field, holding(*policies))

    assert role_of(field, holding(*policies)) is role
    assert (finding.reason if finding else None) == reason


def test_role_is_refused_when_time_stamp_stands_for_a_signature() -> None:
    for certificate in (holding(), holding(AGENCY)):
        finding = role_finding("co_quan", certificate, is_stamp=True)
        assert finding is not None
        assert finding.reason == "SIGNER_ROLE"


def test_verify_fails_when_others_signed_than_expected(
    world: PkiWorld, sealed: bytes, other: IssuedCertificate
) -> None:
    right = ExpectedSignatures(fields=FIELDS, certificate_ids=(world.leader.id, world.agency.id))
    wrong = ExpectedSignatures(fields=FIELDS, certificate_ids=(other.id, world.agency.id))

    assert said(world, sealed, expected=right) == (Verdict.PASSED, None)
    assert said(world, sealed, expected=wrong) == (Verdict.FAILED, "SIGNER_UNEXPECTED")


@pytest.mark.parametrize(
    ("drift", "expected"),
    [
        (timedelta(minutes=-251), "CLAIMED_TIME"),
        (timedelta(minutes=-250), None),
        (timedelta(minutes=250), None),
        (timedelta(minutes=251), "CLAIMED_TIME"),
        (timedelta(days=-300), "CLAIMED_TIME"),
    ],
)
def test_verify_is_undecided_when_claimed_time_is_far_from_the_time_stamp(
    tmp_path: Path, drift: timedelta, expected: str | None
) -> None:
    world = a_world(tmp_path)
    world.clock.move(timedelta(hours=5))
    pdf = world.signed(
        world.prepared(),
        SignatureField.LEADER,
        world.leader,
        signer=world.without_gate(),
        at=world.clock.now() + drift,
    )

    report = world.verifier.verify(pdf, stage=DocumentStage.SIGNED)

    assert report.verdict is (Verdict.INDETERMINATE if expected else Verdict.PASSED)
    assert report.reason == report.signatures[0].sub_indication == expected


def value_of(pdf: bytes) -> bytes:
    start = pdf.rindex(b"/Contents <") + len(b"/Contents <")
    return bytes.fromhex(pdf[start : pdf.index(b">", start)].decode("ascii"))


def proved_by(content: bytes) -> Proved:
    """Return everything in `content` as if a validation had proved it."""
    found = cms.ContentInfo.load(content)["content"]
    (signer,) = found["signer_infos"]
    (stamp,) = signer["unsigned_attrs"]
    token = stamp["values"][0]["content"]

    def holders(data: cms.SignedData) -> dict[int, Any]:
        return {entry.chosen.serial_number: entry.chosen for entry in data["certificates"]}

    def holder(data: cms.SignedData) -> Any:
        number = data["signer_infos"][0]["sid"].chosen["serial_number"].native
        return holders(data)[number]

    paths = [entry.dump() for data in (found, token) for entry in holders(data).values()]
    return Proved(signer=holder(found), stamper=holder(token), paths=paths)


def test_value_is_plain_when_our_signer_wrote_it(certified: bytes, sealed: bytes) -> None:
    for content in (value_of(certified), value_of(sealed)):
        assert is_plain(content, proved_by(content))


def test_value_is_not_plain_when_anything_is_added(sealed: bytes) -> None:
    content = value_of(sealed)
    proved = proved_by(content)
    found = cms.ContentInfo.load(content)
    note = cms.CMSAttribute({"type": "1.2.3.4", "values": [core.Integer(7)]})
    found["content"]["signer_infos"][0]["unsigned_attrs"].append(note)
    assert not is_plain(found.dump(), proved)

    nobody = Proved(signer=proved.signer, stamper=None, paths=proved.paths)
    assert not is_plain(content, nobody)
    assert not is_plain(content, Proved(signer=proved.signer, stamper=proved.stamper, paths=()))
    assert not is_plain(content[:-1] + b"\1", proved)


def test_algorithm_is_not_plain_when_it_has_parameters() -> None:
    der = "300f 0609 608648016503040201 0402 abcd"
    with_parameters = algos.DigestAlgorithm.load(bytes.fromhex(der))

    with pytest.raises(NotPlainError):
        _algorithm(with_parameters)


def test_certificate_kinds_are_those_of_the_register(world: PkiWorld) -> None:
    assert world.leader.holder_kind is HolderKind.PERSON
    assert set(certificates.POLICIES) == {HolderKind.PERSON, HolderKind.AGENCY}
