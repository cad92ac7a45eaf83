"""Read what an administrator gives for a version of a procedure."""

from wtforms import FileField, Form

from webui.forms import ProseField
from webui.i18n import lazy_gettext


class FilesForm(Form):
    """Ask for a drawing, and for the decision tables it uses."""

    bpmn = FileField(lazy_gettext("Tệp sơ đồ (BPMN)"), description=lazy_gettext("Không quá 2 MB."))
    dmn = FileField(
        lazy_gettext("Tệp bảng quyết định (DMN)"),
        description=lazy_gettext("Chỉ cần khi sơ đồ có bước tra bảng quyết định."),
    )


class DeployForm(Form):
    """Ask why a version is put into force."""

    note = ProseField(
        lazy_gettext("Ghi chú phiên bản"),
        description=lazy_gettext("Thay đổi gì, vì sao; người sau sẽ đọc."),
        default="",
    )
