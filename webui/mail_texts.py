"""Put notices into the words of a mail: what happened, its title, a link. Nothing else.

The mail is Vietnamese; who chose English gets the English line under each Vietnamese one.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from engine.model.notice import Mail, MailKind, MailPreference, Notice
from engine.ports_notices import Letter
from webui.i18n import mark as _l
from webui.i18n import show_time, translate
from webui.notice_words import KINDS, may_be_mailed, notice_sentence

#: A digest names no more; the list in the house has them all.
MOST_TOLD = 50

_GREETING = _l("Kính gửi %(name)s,")
_PROOF_SUBJECT = _l("Xác nhận địa chỉ nhận thông báo")
_PROOF = _l(
    "Để nhận thông báo của Hệ thống Trình ký tại địa chỉ này, hãy đăng nhập rồi mở liên kết dưới "
    "đây trong vòng 24 giờ. Nếu bạn không yêu cầu, hãy bỏ qua thư này."
)
_DIGEST_SUBJECT = _l("%(count)s thông báo chưa đọc")
_DIGEST = _l("Bạn có %(count)s thông báo chưa đọc.")
_MORE = _l("Và %(count)s thông báo nữa trong danh sách.")
_RESTRICTED = _l("Văn bản lưu hành nội bộ: xem nội dung trong hệ thống.")
_SETTINGS = _l("Đổi cách nhận thư hoặc thôi nhận:")


@dataclass(frozen=True)
class _Line:
    """Hold one paragraph: words, or an address to open."""

    text: str
    is_link: bool = False
    is_second: bool = False


@dataclass(frozen=True, kw_only=True)
class HouseMailWriter:
    """Write mails that lead back to one installation.

    Args:
        base_url: where its pages are, without a slash at the end.
    """

    base_url: str

    def tell(
        self, mail: Mail, preference: MailPreference, full_name: str, notices: Sequence[Notice]
    ) -> Letter:
        """Return the mail that carries the notices, at least one."""
        lines = self._both(preference, _GREETING, name=full_name)
        if mail.kind is MailKind.DIGEST:
            lines += self._both(preference, _DIGEST, count=str(len(notices)))
        for notice in notices[:MOST_TOLD]:
            lines += self._told(preference, notice)
        if len(notices) > MOST_TOLD:
            lines += self._both(preference, _MORE, count=str(len(notices) - MOST_TOLD))
            lines.append(_Line(f"{self.base_url}/thong-bao", is_link=True))
        return self._letter(
            mail, preference, preference.address, self._subject(mail, preference, notices), lines
        )

    def prove(self, mail: Mail, preference: MailPreference, full_name: str, token: str) -> Letter:
        """Return the mail with the link that proves the pending address."""
        lines = [
            *self._both(preference, _GREETING, name=full_name),
            *self._both(preference, _PROOF),
            _Line(f"{self.base_url}/thong-bao/thu/xac-nhan/{token}", is_link=True),
        ]
        subject = _said(_PROOF_SUBJECT, preference)
        return self._letter(mail, preference, preference.pending_address, subject, lines)

    def _told(self, preference: MailPreference, notice: Notice) -> list[_Line]:
        words = self._both(preference, KINDS[notice.kind][1])
        if notice.restricted:
            words += self._both(preference, _RESTRICTED)
        else:
            words.append(_Line(notice.title))
            words += _sentences(preference, notice)
        words[0] = _Line(f"● {words[0].text} – {show_time(notice.made_at)}")
        return [*words, _Line(f"{self.base_url}/thong-bao/{notice.id}", is_link=True)]

    def _both(self, preference: MailPreference, text: str, /, **params: str) -> list[_Line]:
        lines = [_Line(translate(text, "vi", **params))]
        if preference.language != "vi":
            lines.append(_Line(translate(text, preference.language, **params), is_second=True))
        return lines

    def _subject(self, mail: Mail, preference: MailPreference, notices: Sequence[Notice]) -> str:
        first = notices[0]
        if mail.kind is MailKind.DIGEST:
            return _said(_DIGEST_SUBJECT, preference, count=str(len(notices)))
        name = _said(KINDS[first.kind][1], preference)
        return f"{name}: {first.title}" if first.title else name

    def _letter(
        self,
        mail: Mail,
        preference: MailPreference,
        to: str,
        subject: str,
        lines: Sequence[_Line],
    ) -> Letter:
        foot = [
            *self._both(preference, _SETTINGS),
            _Line(f"{self.base_url}/thong-bao/thu", is_link=True),
        ]
        every = [*lines, *foot]
        return Letter(
            mail_id=mail.id,
            to=to,
            subject=f"[Trình ký] {subject}",
            text="\n\n".join(line.text for line in every) + "\n",
            html=_page(every),
            made_at=mail.made_at,
        )


def _sentences(preference: MailPreference, notice: Notice) -> list[_Line]:
    if not may_be_mailed(notice.kind):
        return []
    lines = [_Line(notice_sentence(notice, "vi"))]
    if preference.language != "vi":
        lines.append(_Line(notice_sentence(notice, preference.language), is_second=True))
    return lines


def _said(text: str, preference: MailPreference, /, **params: str) -> str:
    said = translate(text, "vi", **params)
    if preference.language == "vi":
        return said
    return f"{said} / {translate(text, preference.language, **params)}"


def _page(lines: Sequence[_Line]) -> str:
    """Return the same words as plain HTML: no pictures, no styles, nothing fetched."""
    return "<!doctype html><html><body>" + "".join(map(_paragraph, lines)) + "</body></html>"


def _paragraph(line: _Line) -> str:
    text = html.escape(line.text)
    if line.is_link:
        return f'<p><a href="{text}">{text}</a></p>'
    return f"<p><i>{text}</i></p>" if line.is_second else f"<p>{text}</p>"
