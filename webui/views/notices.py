"""Show what one is told of, and let each choose how to be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form, RadioField, SelectField, StringField

from engine.clock import local
from engine.errors import ConflictError, InvalidInputError, TrinhKyError
from engine.model.notice import DigestDays, MailMode, MailPreference, NoticeId
from engine.permissions import Permission
from webui import notice_words
from webui.forms import note_refusal
from webui.i18n import current_locale, gettext, lazy_gettext, say
from webui.i18n import mark as _l
from webui.login import current_actor, requires, the_house, use_cases
from webui.notice_cases import NoticeCases
from webui.shell import use_frame
from workflows.notices.view_notices import NoticeRow

bp = Blueprint("notices", __name__, url_prefix="/thong-bao")

_HOURS = tuple(str(hour) for hour in range(24))
_MODES = {
    MailMode.OFF: _l("Không nhận"),
    MailMode.SINGLE: _l("Mỗi thông báo một thư, ngay khi có"),
    MailMode.DIGEST: _l("Một thư tổng hợp mỗi ngày"),
}
_DAYS = {DigestDays.WORKING: _l("Ngày làm việc"), DigestDays.ALL: _l("Mọi ngày")}
_LANGUAGES = {"vi": _l("Tiếng Việt"), "en": _l("Tiếng Việt, kèm tiếng Anh")}


class AddressForm(Form):
    """Ask where mail shall go."""

    address = StringField(
        lazy_gettext("Địa chỉ thư điện tử"),
        description=lazy_gettext("Một liên kết xác nhận sẽ được gửi đến địa chỉ này."),
    )


class MailForm(Form):
    """Ask how notices shall come by mail."""

    mode = RadioField(lazy_gettext("Nhận thông báo qua thư"), validate_choice=False)
    digest_hour = SelectField(lazy_gettext("Giờ gửi thư tổng hợp"), validate_choice=False)
    digest_days = SelectField(lazy_gettext("Ngày gửi thư tổng hợp"), validate_choice=False)
    language = SelectField(lazy_gettext("Ngôn ngữ của thư"), validate_choice=False)

    def offer(self) -> None:
        """Fill the lists of choices."""
        self.mode.choices = _said(_MODES)
        self.digest_hour.choices = [(hour, f"{int(hour):02d}:00") for hour in _HOURS]
        self.digest_days.choices = _said(_DAYS)
        self.language.choices = _said(_LANGUAGES)

    @classmethod
    def of(cls, preference: MailPreference) -> "MailForm":
        """Return the form that shows what is chosen."""
        return cls(
            data={
                "mode": preference.mode.value,
                "digest_hour": str(preference.digest_hour),
                "digest_days": preference.digest_days.value,
                "language": preference.language,
            }
        )

    def choose(self) -> None:
        """Keep what was chosen.

        Raises:
            InvalidInputError: not one of the choices, or mail without an address.
        """
        _cases().choose_mail(
            current_actor(),
            mode=_mode(self.mode.data),
            digest_hour=_hour(self.digest_hour.data),
            digest_days=_days(self.digest_days.data),
            language=self.language.data or "",
        )


@dataclass(frozen=True)
class _Line:
    """Hold one line of the list, ready to show; of what may not be seen only that it was."""

    id: str
    icon: str
    name: str
    title: str
    sentence: str
    time: str
    is_unread: bool
    is_visible: bool
    leads_on: bool


@bp.get("")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """List what the person was told, newest first."""
    use_frame(current="notices")
    unread_only = request.args.get("loc") == "chua-doc"
    shown = _cases().view(
        current_actor(), unread_only=unread_only, cursor=request.args.get("sau", "")
    )
    chosen = "chua-doc" if unread_only else None
    return render_template(
        "pages/notices.html",
        days=_by_day(shown.rows),
        unread=shown.unread,
        unread_only=unread_only,
        next_url=url_for("notices.index", sau=shown.next_cursor, loc=chosen)
        if shown.next_cursor
        else None,
    )


@bp.get("/<notice_id>")
@requires(Permission.SIGNED_IN)
def show(notice_id: str) -> ResponseReturnValue:
    """Go to what a notice is about, or back to the list; it is read from then on."""
    row = _cases().open(NoticeId(notice_id), current_actor())
    if not row.is_visible:
        flash(gettext(notice_words.NO_SIGHT), "info")
    if not row.leads_on:
        return redirect(url_for("notices.index"), 303)
    return redirect(notice_words.subject_page(row.notice), 303)


@bp.post("/da-doc")
@requires(Permission.SIGNED_IN)
def read_all() -> ResponseReturnValue:
    """Call everything read."""
    count = _cases().read_all(current_actor())
    flash(gettext("Đã đánh dấu đọc %(count)s thông báo.", count=str(count)), "good")
    return redirect(url_for("notices.index"), 303)


@bp.get("/thu")
@requires(Permission.SIGNED_IN)
def mail() -> ResponseReturnValue:
    """Show how the person gets mail."""
    return _mail_page()


@bp.post("/thu")
@requires(Permission.SIGNED_IN)
def choose() -> ResponseReturnValue:
    """Keep how the person wants mail."""
    form = MailForm(request.form)
    try:
        form.choose()
    except InvalidInputError as error:
        return _mail_page(mail_form=form, error=error)
    flash(gettext("Đã lưu cách nhận thông báo."), "good")
    return redirect(url_for("notices.mail"), 303)


@bp.post("/thu/dia-chi")
@requires(Permission.SIGNED_IN)
def ask_address() -> ResponseReturnValue:
    """Have a link sent to a new address."""
    form = AddressForm(request.form)
    try:
        _cases().ask_address(form.address.data or "", current_actor())
    except (InvalidInputError, ConflictError) as error:
        return _mail_page(address_form=form, error=error)
    flash(gettext("Đã gửi liên kết xác nhận; liên kết có hiệu lực 24 giờ."), "good")
    return redirect(url_for("notices.mail"), 303)


@bp.post("/thu/bo")
@requires(Permission.SIGNED_IN)
def drop_address() -> ResponseReturnValue:
    """Forget the person's addresses."""
    _cases().drop_address(current_actor())
    flash(gettext("Đã bỏ địa chỉ; thư không được gửi nữa."), "good")
    return redirect(url_for("notices.mail"), 303)


@bp.get("/thu/xac-nhan/<token>")
@requires(Permission.SIGNED_IN)
def ask_proof(token: str) -> ResponseReturnValue:
    """Ask for one more press: programs that look at mail follow links by themselves."""
    use_frame(current="notices")
    return render_template("pages/mail_proof.html", token=token, mail=_preference())


@bp.post("/thu/xac-nhan/<token>")
@requires(Permission.SIGNED_IN)
def prove(token: str) -> ResponseReturnValue:
    """Use the address from now on."""
    _cases().prove_address(token, current_actor())
    flash(gettext("Đã xác nhận địa chỉ; từ nay thông báo được gửi đến đó."), "good")
    return redirect(url_for("notices.mail"), 303)


def _cases() -> NoticeCases:
    return use_cases().notices


def _preference() -> MailPreference:
    return _cases().view.mail(current_actor())


def _mail_page(
    *,
    mail_form: MailForm | None = None,
    address_form: AddressForm | None = None,
    error: TrinhKyError | None = None,
) -> ResponseReturnValue:
    use_frame(current="notices")
    preference = _preference()
    shown = mail_form or MailForm.of(preference)
    shown.offer()
    messages: list[str] = []
    status = 200
    if error is not None and (wrong := mail_form or address_form) is not None:
        messages, status = note_refusal(wrong, error)
    page = render_template(
        "pages/mail.html",
        mail=preference,
        form=shown,
        address_form=address_form or AddressForm(),
        messages=messages,
        is_configured=_cases().mailer.is_configured(),
        keeps_days=the_house().settings.notice_life.days,
    )
    return page, status


def _by_day(rows: Sequence[NoticeRow]) -> list[tuple[str, list[_Line]]]:
    days: dict[str, list[_Line]] = {}
    for row in rows:
        days.setdefault(f"{local(row.notice.made_at):%d/%m/%Y}", []).append(_line(row))
    return list(days.items())


def _line(row: NoticeRow) -> _Line:
    notice, seen = row.notice, row.is_visible
    return _Line(
        id=notice.id,
        icon=notice_words.kind_icon(notice.kind),
        name=notice_words.kind_name(notice.kind),
        title=notice.title if seen else gettext(notice_words.NO_SIGHT),
        sentence=notice_words.notice_sentence(notice, current_locale()) if seen else "",
        time=f"{local(notice.made_at):%H:%M}",
        is_unread=notice.read_at is None,
        is_visible=seen,
        leads_on=row.leads_on,
    )


def _said(words: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(str(value), say(text)) for value, text in words.items()]


def _mode(text: str | None) -> MailMode:
    try:
        return MailMode(text or "")
    except ValueError as error:
        raise InvalidInputError(f"mode {text!r}", field="mode") from error


def _days(text: str | None) -> DigestDays:
    try:
        return DigestDays(text or "")
    except ValueError as error:
        raise InvalidInputError(f"days {text!r}", field="digest_days") from error


def _hour(text: str | None) -> int:
    if text not in _HOURS:
        raise InvalidInputError(f"hour {text!r}", field="digest_hour")
    return int(text)
