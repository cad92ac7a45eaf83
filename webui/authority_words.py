"""Hold the words of authority to sign and of delegation."""

from collections.abc import Mapping

from engine.model.delegation import DelegationState
from engine.model.organisation import AuthorityForm, Power
from webui.i18n import mark as _l

POWERS: Mapping[Power, str] = {
    Power.REVIEW: _l("Duyệt dự thảo"),
    Power.DIRECT: _l("Bút phê, giao và xác nhận nhiệm vụ"),
    Power.HANDLE: _l("Xử lý văn bản, nhiệm vụ được giao"),
    Power.SIGN: _l("Ký thay theo thẩm quyền ký của người nhận"),
    Power.SCHEDULE: _l("Duyệt lịch làm việc"),
}

FORMS: Mapping[AuthorityForm, str] = {
    AuthorityForm.HEAD: _l("Người đứng đầu"),
    AuthorityForm.COLLECTIVE: _l("TM. (thay mặt tập thể)"),
    AuthorityForm.DEPUTY: _l("KT. (ký thay người đứng đầu)"),
    AuthorityForm.BY_ORDER: _l("TL. (thừa lệnh)"),
    AuthorityForm.BY_AUTHORISATION: _l("TUQ. (thừa ủy quyền)"),
    AuthorityForm.ACTING: _l("Q. (quyền)"),
}

#: Word and colour of how a delegation stands.
STATES: Mapping[DelegationState, tuple[str, str]] = {
    DelegationState.COMING: (_l("Chưa bắt đầu"), "info"),
    DelegationState.RUNNING: (_l("Đang hiệu lực"), "good"),
    DelegationState.OVER: (_l("Đã hết hạn"), ""),
    DelegationState.ENDED: (_l("Đã chấm dứt"), "wait"),
}
