"""Read what people give on the pages about certificates."""

from collections.abc import Collection

from wtforms import (
    BooleanField,
    FileField,
    Form,
    RadioField,
    SelectField,
    StringField,
)

from engine.errors import InvalidInputError
from engine.model.certification import (
    DEFAULT_DAYS,
    EXPIRY_DAYS,
    KeyPlan,
    RevocationReason,
    no_thresholds,
)
from engine.model.keys import KeyHome, KeyType
from webui.forms import DayField, LineField, PinField, ProseField
from webui.i18n import lazy_gettext, say
from webui.i18n import mark as _l
from webui.words import KEY_HOMES, REVOCATION_REASONS

KEY_TYPES = {KeyType.P256: "ECDSA P-256", KeyType.RSA2048: "RSA-2048"}
#: Of a PKCS#10 request; a real one has about 1 kB.
MAX_CSR_BYTES = 16_384
#: What an administrator does with a suspended certificate.
RESUME = "resume"
_RESUME = _l("Mở lại để dùng tiếp")


class ApplyForm(Form):
    """Ask why a certificate is needed."""

    reason = ProseField(
        lazy_gettext("Lý do"),
        description=lazy_gettext("Ví dụ: mới nhận chức vụ; chứng thư sắp hết hạn."),
        default="",
    )


class StopForm(Form):
    """Ask why a certificate is stopped, and whether for good."""

    reason = ProseField(lazy_gettext("Lý do"), default="")
    for_good = BooleanField(lazy_gettext("Đề nghị thu hồi hẳn"))


class PlanForm(Form):
    """Ask where a key shall live and how long its certificate lasts."""

    home = SelectField(lazy_gettext("Nơi giữ khóa"), validate_choice=False)
    key_type = SelectField(lazy_gettext("Loại khóa"), validate_choice=False)
    days = StringField(lazy_gettext("Số ngày hiệu lực"), default=str(DEFAULT_DAYS))
    key_name = LineField(
        lazy_gettext("Tên khóa, mã chứng thư từ xa"),
        description=lazy_gettext("Chỉ bắt buộc với dịch vụ ký từ xa."),
        default="",
    )

    def offer(self, homes: Collection[KeyHome]) -> None:
        """Fill the lists of choices; of the homes, those that the installation has."""
        self.home.choices = [
            (home.value, say(word)) for home, word in KEY_HOMES.items() if home in homes
        ]
        self.key_type.choices = [(kind.value, name) for kind, name in KEY_TYPES.items()]

    def plan(self) -> KeyPlan:
        """Return what was chosen.

        Raises:
            InvalidInputError: not one of the choices, or no number of days.
        """
        home, key_type = self.home.data or "", self.key_type.data or ""
        if home not in list(KeyHome):
            raise InvalidInputError(f"home {home!r}", field="home")
        if key_type not in list(KeyType):
            raise InvalidInputError(f"key {key_type!r}", field="key_type")
        return KeyPlan(
            home=KeyHome(home),
            key_type=KeyType(key_type),
            days=_number(self.days.data or "", "days"),
            key_name=self.key_name.data or "",
        )


class CollectForm(Form):
    """Ask the holder for a PIN, or for the request of a key of their own."""

    pin = PinField(lazy_gettext("Mã PIN"))
    pin_again = PinField(lazy_gettext("Nhập lại mã PIN"))
    csr = FileField(lazy_gettext("Tệp yêu cầu chứng thư (CSR)"))
    csr_text = ProseField(lazy_gettext("… hoặc dán nội dung CSR"), default="")


class SettleForm(Form):
    """Ask what becomes of a suspended certificate."""

    decision = RadioField(lazy_gettext("Kết luận"), validate_choice=False)
    comment = ProseField(
        lazy_gettext("Ý kiến"), description=lazy_gettext("Không bắt buộc."), default=""
    )

    def offer(self) -> None:
        """Fill the list of choices."""
        self.decision.choices = [
            (RESUME, say(_RESUME)),
            *((reason.value, say(word)) for reason, word in REVOCATION_REASONS.items()),
        ]

    def revoke_for(self) -> RevocationReason | None:
        """Return why it is revoked, None to let it be used again.

        Raises:
            InvalidInputError: nothing was chosen.
        """
        chosen = self.decision.data or ""
        if chosen == RESUME:
            return None
        return read_reason(chosen, "decision")


class RevokeForm(Form):
    """Ask why a certificate is revoked."""

    reason = SelectField(lazy_gettext("Lý do thu hồi"), validate_choice=False)

    def offer(self) -> None:
        """Fill the list of choices."""
        self.reason.choices = [
            (each.value, say(word)) for each, word in REVOCATION_REASONS.items()
        ]


class LeaveForm(Form):
    """Ask when a post ends."""

    until = DayField(lazy_gettext("Ngày cuối của chức vụ"))
    reason = LineField(lazy_gettext("Lý do"), default="")
    suspend = BooleanField(lazy_gettext("Tạm dừng các chứng thư khi không còn chức vụ nào"))


class ThresholdForm(Form):
    """Ask how many days before the end people are told."""

    thresholds = StringField(
        lazy_gettext("Nhắc trước khi hết hạn (ngày)"),
        description=lazy_gettext("Các số cách nhau bằng dấu cách."),
        default=" ".join(map(str, EXPIRY_DAYS)),
    )

    def days(self) -> list[int]:
        """Return the numbers that were typed.

        Raises:
            InvalidInputError: something else than numbers.
        """
        words = (self.thresholds.data or "").replace(",", " ").split()
        try:
            return [_number(each, "thresholds") for each in words]
        except InvalidInputError as error:
            raise no_thresholds(str(words)) from error


def read_reason(text: str, field: str) -> RevocationReason:
    """Return the reason that was chosen.

    Raises:
        InvalidInputError: none of them.
    """
    if text not in list(RevocationReason):
        raise InvalidInputError(f"reason {text!r}", field=field)
    return RevocationReason(text)


def _number(text: str, field: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5):
        raise InvalidInputError(f"{text!r} is no number", field=field)
    return int(text)
