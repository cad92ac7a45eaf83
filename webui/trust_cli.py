"""Answer `trinhky trust` and `trinhky certificate import`: whom else the installation trusts."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import click

from engine.clock import VIETNAM, local
from engine.errors import ErrorCode, NotFoundError
from engine.model.keys import KeyHome
from engine.model.organisation import Validity
from engine.model.trust import AuthorityCrl, TrustedAuthority, TrustPurpose
from engine.ports import UnitOfWork
from engine.ports_signing import HolderKind
from engine.ports_trust import AuthorityTerms, CertificateHolder
from webui.bootstrap import House
from webui.progress import say
from webui.reports import Json, time_text
from webui.terminal import (
    actor_of,
    as_option,
    data_option,
    json_option,
    opened_house,
    read_limited,
    show,
    show_json,
)

MAX_CERTIFICATE_BYTES = 64 * 1024
MAX_CRL_BYTES = 16 << 20
ID_DIGITS = 16

file_argument = click.argument(
    "path", metavar="TỆP", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
basis_option = click.option("--basis", required=True, help="Căn cứ: quyết định, hợp đồng.")
_day = click.DateTime(["%Y-%m-%d"])


@click.group()
def trust() -> None:
    """Các tổ chức chứng thực được tin cậy / authorities that are trusted."""


@trust.command()
@file_argument
@click.option("--label", required=True, help="Tên gọi, như VGCA.")
@basis_option
@click.option(
    "--purpose",
    "purposes",
    multiple=True,
    type=click.Choice([purpose.value for purpose in TrustPurpose]),
    help="Mục đích; không có thì chỉ là chứng thư trung gian / none: an intermediate.",
)
@click.option("--since", type=_day, help="Tin cậy từ ngày / trusted from.")
@click.option("--until", type=_day, help="Tin cậy đến hết ngày / trusted until.")
@click.option("--crl-url", default="", help="Nơi lấy danh sách thu hồi mỗi đêm.")
@click.option("--ocsp-url", default="", help="Nơi hỏi trạng thái chứng thư.")
@as_option
@data_option
def add(
    *,
    path: Path,
    label: str,
    basis: str,
    purposes: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    crl_url: str,
    ocsp_url: str,
    login: str,
    data_dir: Path,
) -> None:
    """Tin cậy một tổ chức chứng thực / trust an authority."""
    content = read_limited(path, MAX_CERTIFICATE_BYTES)
    with opened_house(data_dir) as house:
        terms = AuthorityTerms(
            label=label,
            basis=basis,
            validity=Validity(
                since=since.date() if since else _today(house),
                until=until.date() if until else None,
            ),
            purposes=tuple(TrustPurpose(purpose) for purpose in purposes),
            is_anchor=bool(purposes),
            crl_url=crl_url,
            ocsp_url=ocsp_url,
        )
        added = house.use_cases.import_trust_anchor(content, terms, actor_of(house, login))
    say(f"Đã thêm / added: {added.id[:ID_DIGITS]}  {added.subject}")


@trust.command(name="list")
@data_option
@json_option
def list_command(*, data_dir: Path, as_json: bool) -> None:
    """Liệt kê / list them."""
    with opened_house(data_dir) as house, house.start_reading() as work:
        rows = [
            _report(entry, work.trust.find_crl(entry.id), house.clock.now())
            for entry in work.trust.list_authorities()
        ]
    if as_json:
        show_json({"authorities": [dict(row) for row in rows]})
        return
    if not rows:
        say("Chưa tin cậy tổ chức nào khác / no other authority is trusted")
    for row in rows:
        parts = (str(row[name] or "") for name in ("short_id", "label", "purposes", "state"))
        show("  ".join((*parts, str(row["subject"]))))


@trust.command()
@click.argument("authority_id", metavar="MÃ")
@click.option("--until", type=_day, help="Ngày tin cậy cuối cùng; không có thì hôm nay.")
@as_option
@data_option
def remove(*, authority_id: str, until: datetime | None, login: str, data_dir: Path) -> None:
    """Thôi tin cậy; chữ ký đã có trước đó vẫn giữ giá trị / stop trusting from a day on."""
    with opened_house(data_dir) as house:
        day = until.date() if until else _today(house)
        ended = house.use_cases.end_trust(authority_id, day, actor_of(house, login))
    say(f"Tin cậy đến hết / trusted until {day.isoformat()}: {ended.label}")


@trust.command()
@click.argument("authority_id", metavar="MÃ")
@file_argument
@as_option
@data_option
def crl(*, authority_id: str, path: Path, login: str, data_dir: Path) -> None:
    """Nhập danh sách thu hồi của tổ chức / bring an authority's revocation list."""
    content = read_limited(path, MAX_CRL_BYTES)
    with opened_house(data_dir) as house:
        kept = house.use_cases.import_crl(authority_id, content, actor_of(house, login))
    say(f"Đã nhập; dùng đến / kept until {time_text(kept.next_update)}")


@click.group()
def certificate() -> None:
    """Chứng thư số của người và cơ quan / certificates of people and agencies."""


@certificate.command(name="import")
@file_argument
@click.option("--person", default="", help="Tên đăng nhập của người giữ / a person's login.")
@click.option("--agency", default="", help="Mã hoặc tên cơ quan / an agency.")
@click.option(
    "--key-home",
    type=click.Choice([home.value for home in KeyHome if home is not KeyHome.SOFTWARE]),
    default=KeyHome.CLIENT.value,
    show_default=True,
    help="Nơi giữ khóa / where the key is.",
)
@click.option("--key-ref", default="", help="Tên khóa ở nơi giữ / the key's name there.")
@click.option("--since", type=_day, help="Là của người giữ từ ngày / the holder's from this day.")
@basis_option
@as_option
@data_option
def import_command(
    *,
    path: Path,
    person: str,
    agency: str,
    key_home: str,
    key_ref: str,
    since: datetime | None,
    basis: str,
    login: str,
    data_dir: Path,
) -> None:
    """Nhập chứng thư số do nơi khác cấp / import a certificate of another authority."""
    if bool(person) is bool(agency):
        raise click.UsageError("chọn một: --person hoặc --agency / one of both")
    content = read_limited(path, MAX_CERTIFICATE_BYTES)
    with opened_house(data_dir) as house:
        with house.start_reading() as work:
            kind, holder_id = _holder(work, person, agency)
        holder = CertificateHolder(
            kind=kind,
            id=holder_id,
            key_home=KeyHome(key_home),
            key_ref=key_ref,
            bound_from=_begin(since.date()) if since else house.clock.now(),
            basis=basis,
        )
        found = house.use_cases.import_certificate(content, holder, actor_of(house, login))
    say(f"Đã nhập / imported: {found.id}  {found.common_name}")


def _holder(work: UnitOfWork, person: str, agency: str) -> tuple[HolderKind, str]:
    if person:
        account = work.accounts.find(person)
        if account is None:
            raise NotFoundError(person, code=ErrorCode.LOGIN_FAILED)
        return HolderKind.PERSON, account.person_id
    found = work.organisation.find_agency(agency)
    if found is None:
        raise NotFoundError(agency, code=ErrorCode.AGENCY_NOT_FOUND, agency=agency)
    return HolderKind.AGENCY, found.id


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM).astimezone(UTC)


def _today(house: House) -> date:
    return local(house.clock.now()).date()


def _report(
    authority: TrustedAuthority, crl_kept: AuthorityCrl | None, now: datetime
) -> dict[str, Json]:
    return {
        "id": authority.id,
        "short_id": authority.id[:ID_DIGITS],
        "label": authority.label,
        "subject": authority.subject,
        "purposes": " ".join(authority.purposes) or "intermediate",
        "since": authority.validity.since.isoformat(),
        "until": authority.validity.until.isoformat() if authority.validity.until else None,
        "basis": authority.basis,
        "crl_due": time_text(crl_kept.next_update) if crl_kept else None,
        "state": _state(crl_kept, now),
    }


def _state(crl_kept: AuthorityCrl | None, now: datetime) -> str:
    if crl_kept is None:
        return "no-list"
    return "stale" if crl_kept.is_stale(now) else "current"
