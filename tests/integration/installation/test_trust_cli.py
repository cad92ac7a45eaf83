"""The commands on trusted authorities, from the file to the signature."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from engine.errors import (
    ConflictError,
    ErrorCode,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    TrinhKyError,
)
from engine.model.keys import HolderKind, KeyHome
from engine.model.trust import Refusal
from tests.factories.foreign_ca import ForeignCa
from tests.houses import Stage
from webui.bootstrap import House, open_house
from webui.cli import cli
from webui.settings import Settings

ADMINISTRATOR = "vpub.quantri"
Call = Callable[..., None]


@dataclass
class Setting:
    """Hold an installation, an authority that it may trust, and files of it."""

    data_dir: Path
    files: Path
    root: ForeignCa
    middle: ForeignCa
    key: ec.EllipticCurvePrivateKey

    def file(self, content: bytes, name: str = "file.der") -> Path:
        path = self.files / name
        path.write_bytes(content)
        return path

    def call(self, *words: object, login: str = ADMINISTRATOR) -> None:
        names = [str(word) for word in words]
        as_whom = ["--as", login] if "list" not in names else []
        cli([*names, *as_whom, "--data", str(self.data_dir)], standalone_mode=False)

    def add(self, *options: str, content: bytes | None = None, login: str = ADMINISTRATOR) -> None:
        path = self.file(self.root.der if content is None else content, "root.crt")
        words = ("trust", "add", path, "--label", "VGCA", "--basis", "Quyết định 12/QĐ-UBND")
        self.call(*words, *(options or ("--purpose", "documents")), login=login)

    def add_both(self) -> None:
        self.add()
        middle = self.middle.certificate.public_bytes(Encoding.PEM)
        path = self.file(middle, "middle.pem")
        self.call("trust", "add", path, "--label", "VGCA 2", "--basis", "như trên")

    def bring(self, ca: ForeignCa, content: bytes) -> None:
        path = self.file(content, "list.crl")
        self.call("trust", "crl", ca.trusted().id[:12], path)

    def bring_both(self) -> None:
        self.bring(self.root, self.root.crl())
        self.bring(self.middle, self.middle.crl())

    def leaf(self, **options: object) -> bytes:
        found = self.middle.leaf("Người ký", self.key, **options)  # type: ignore[arg-type]
        return found.public_bytes(Encoding.DER)

    def bind(self, content: bytes, *options: str) -> None:
        path = self.file(content, "leaf.crt")
        words = ("certificate", "import", path, "--basis", "Quyết định 15/QĐ-UBND")
        self.call(*words, *(options or ("--person", "snv.lanhdao")))

    def house(self) -> House:
        return open_house(Settings(data_dir=self.data_dir))


@pytest.fixture
def setting(installation: Path, tmp_path: Path) -> Setting:
    at = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 commands use the machine's clock
    at -= timedelta(minutes=1)
    root = ForeignCa("Foreign Root", at)
    return Setting(
        data_dir=shutil.copytree(installation, tmp_path / "data"),
        files=tmp_path,
        root=root,
        middle=ForeignCa("Foreign Issuing", at, issuer=root),
        key=ec.generate_private_key(ec.SECP256R1()),
    )


def refusal(error: TrinhKyError) -> str:
    assert error.code is ErrorCode.TRUST_REFUSED
    return error.params["why"]


def test_imported_certificate_signs_for_its_holder(
    setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    setting.add_both()
    setting.bring_both()
    setting.bind(setting.leaf())

    capsys.readouterr()
    setting.call("trust", "list", "--json")
    rows = json.loads(capsys.readouterr().out)["authorities"]
    assert {(row["label"], row["purposes"], row["state"]) for row in rows} == {
        ("VGCA", "documents", "current"),
        ("VGCA 2", "intermediate", "current"),
    }
    house = setting.house()
    person = Stage(house).actor("snv.lanhdao").person_id
    with house.start_reading() as work:
        found = work.certificates.find_current(
            HolderKind.PERSON, person, house.clock.now() + timedelta(seconds=1)
        )
        (binding,) = work.trust.read().bindings
    house.close()
    assert found is not None
    assert found.sha256 == binding.sha256
    assert found.key_home is KeyHome.CLIENT
    assert binding.holder_id == person


def test_list_says_so_when_nobody_else_is_trusted(
    setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    setting.call("trust", "list")

    assert "no other authority" in capsys.readouterr().err


def test_only_administrators_change_trust(setting: Setting) -> None:
    with pytest.raises(NotPermittedError):
        setting.add(login="snv.lanhdao")


@pytest.mark.parametrize(
    ("options", "field"),
    [(("--label", "  "), "label"), (("--basis", "  "), "basis")],
)
def test_add_refuses_when_words_are_missing(
    setting: Setting, options: tuple[str, str], field: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        setting.add("--purpose", "documents", *options)

    assert caught.value.code is ErrorCode.INPUT_MISSING
    assert caught.value.params["field"] == field


def test_add_refuses_when_file_is_no_authority(setting: Setting) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    own = (setting.data_dir / "pki" / "issuing.pem").read_bytes()
    at = setting.root.at
    cases = {
        b"nothing": Refusal.UNREADABLE,
        b"-----BEGIN CERTIFICATE-----\nxx": Refusal.UNREADABLE,
        bytes(70_000): Refusal.TOO_LARGE,
        setting.leaf(): Refusal.NOT_AN_AUTHORITY,
        own: Refusal.OWN_AUTHORITY,
        ForeignCa("Old", at - timedelta(days=9), days=3).der: Refusal.OUT_OF_TIME,
        ForeignCa("New", at + timedelta(days=9), key=key).der: Refusal.OUT_OF_TIME,
        ForeignCa("Weak", at, key=rsa.generate_private_key(65537, 1024)).der: Refusal.WEAK,  # noqa: S505
    }
    for content, why in cases.items():
        with pytest.raises(InvalidInputError) as caught:
            setting.add(content=content)
        assert refusal(caught.value) == why


@pytest.mark.parametrize("option", ["--crl-url", "--ocsp-url"])
@pytest.mark.parametrize(
    "url",
    ["http://example.vn/a.crl", "file:///etc/passwd", "http://[::1", "ldap://example.vn/"],
)
def test_add_refuses_when_host_may_not_be_called(setting: Setting, option: str, url: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        setting.add("--purpose", "documents", option, url)

    assert refusal(caught.value) == Refusal.HOST_NOT_ALLOWED


def test_add_refuses_when_authority_is_there(setting: Setting) -> None:
    setting.add()

    with pytest.raises(ConflictError) as caught:
        setting.add()

    assert caught.value.code is ErrorCode.TRUST_KNOWN


def test_crl_refuses_when_list_says_nothing(setting: Setting) -> None:
    setting.add()
    root, at = setting.root, setting.root.at
    partial = x509.IssuingDistributionPoint(
        full_name=None,
        relative_name=None,
        only_contains_user_certs=True,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
    cases = {
        b"nothing": Refusal.UNREADABLE,
        ForeignCa("Foreign Root", at).crl(): Refusal.LIST_OF_OTHERS,
        setting.middle.crl(): Refusal.LIST_OF_OTHERS,
        root.crl(at=at - timedelta(days=9)): Refusal.LIST_STALE,
        root.crl(at=at + timedelta(days=9)): Refusal.LIST_STALE,
        root.crl(extras=[(partial, True)]): Refusal.LIST_PARTIAL,
        root.crl(extras=[(x509.DeltaCRLIndicator(1), True)]): Refusal.LIST_PARTIAL,
    }
    for content, why in cases.items():
        with pytest.raises(InvalidInputError) as caught:
            setting.bring(root, content)
        assert refusal(caught.value) == why


def test_crl_refuses_when_newer_one_is_kept(setting: Setting) -> None:
    setting.add()
    root, at = setting.root, setting.root.at
    kept = root.crl(number=5)
    setting.bring(root, kept)
    setting.bring(root, kept)  # the same again is no error

    with pytest.raises(InvalidInputError) as caught:
        setting.bring(root, root.crl(at=at - timedelta(hours=1), number=4))

    assert refusal(caught.value) == Refusal.LIST_OLDER


def test_crl_refuses_when_authority_is_unknown(setting: Setting) -> None:
    setting.add()

    for name in ("00000000", setting.root.trusted().id[:7]):
        with pytest.raises(NotFoundError) as caught:
            setting.call("trust", "crl", name, setting.file(setting.root.crl()))
        assert caught.value.code is ErrorCode.TRUST_UNKNOWN


def test_import_refuses_when_certificate_is_unfit(setting: Setting) -> None:
    setting.add_both()
    day = timedelta(days=1)
    unknown = ForeignCa("Unknown", setting.root.at).leaf("x", setting.key)
    own = (setting.data_dir / "pki" / "tsa.pem").read_bytes()
    cases = {
        b"nothing": Refusal.UNREADABLE,
        unknown.public_bytes(Encoding.DER): Refusal.UNKNOWN_ISSUER,
        setting.leaf(days=1, since=-2 * day): Refusal.OUT_OF_TIME,
        setting.leaf(since=day): Refusal.OUT_OF_TIME,
        setting.leaf(signs=False): Refusal.WRONG_USAGE,
        setting.leaf(purposes=[ExtendedKeyUsageOID.SERVER_AUTH]): Refusal.WRONG_USAGE,
        own: Refusal.OWN_AUTHORITY,
    }
    for content, why in cases.items():
        with pytest.raises(InvalidInputError) as caught:
            setting.bind(content)
        assert refusal(caught.value) == why


def test_import_refuses_when_it_is_there(setting: Setting) -> None:
    setting.add_both()
    leaf = setting.leaf()
    setting.bind(leaf)

    with pytest.raises(ConflictError) as caught:
        setting.bind(leaf, "--agency", "snv")

    assert caught.value.code is ErrorCode.CERTIFICATE_KNOWN


def test_import_wants_one_holder_and_a_key_that_is_named(setting: Setting) -> None:
    setting.add_both()
    leaf = setting.leaf()

    with pytest.raises(click.UsageError):
        setting.bind(leaf, "--person", "snv.lanhdao", "--agency", "snv")
    with pytest.raises(NotFoundError):
        setting.bind(leaf, "--person", "nobody")
    with pytest.raises(InvalidInputError) as caught:
        setting.bind(leaf, "--person", "snv.lanhdao", "--key-home", "token")
    assert caught.value.params["field"] == "key_ref"


def test_remove_ends_trust_and_keeps_what_was(setting: Setting) -> None:
    setting.add()
    authority = setting.root.trusted().id

    setting.call("trust", "remove", authority[:12])

    house = setting.house()
    with house.start_reading() as work:
        (kept,) = work.trust.list_authorities()
    house.close()
    assert kept.validity.until is not None
    with pytest.raises(InvalidInputError):
        setting.call("trust", "remove", authority[:12], "--until", "2020-01-01")


def test_add_keeps_addresses_when_their_hosts_are_named(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRINHKY_PKI_HOSTS", "crl.example.vn OCSP.example.vn:8080")
    lists, answers = "http://crl.example.vn/a.crl", "http://ocsp.example.vn:8080/"

    setting.add("--purpose", "timestamps", "--crl-url", lists, "--ocsp-url", answers)

    house = setting.house()
    with house.start_reading() as work:
        (kept,) = work.trust.list_authorities()
    house.close()
    assert (kept.crl_url, kept.ocsp_url) == (lists, answers)


def test_list_shows_one_line_for_each_authority(
    setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    setting.add_both()
    capsys.readouterr()

    setting.call("trust", "list")

    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[1:4] for line in sorted(lines, key=len)] == [
        ["VGCA", "documents", "no-list"],
        ["VGCA 2", "intermediate", "no-list"],
    ]
