"""Hold the words of the page about trusted authorities."""

from collections.abc import Mapping
from enum import StrEnum

from engine.model.trust import TrustPurpose
from webui.i18n import mark as _l


class ListState(StrEnum):
    """Say whether an authority's revocation list can be used."""

    CURRENT = "current"
    STALE = "stale"
    MISSING = "missing"


PURPOSES: Mapping[TrustPurpose, str] = {
    TrustPurpose.DOCUMENTS: _l("Ký văn bản"),
    TrustPurpose.TIMESTAMPS: _l("Dấu thời gian"),
}
LIST_STATES: Mapping[ListState, str] = {
    ListState.CURRENT: _l("Còn hạn"),
    ListState.STALE: _l("Quá hạn"),
    ListState.MISSING: _l("Chưa có"),
}
#: Colours of the pills; see `macros.html`.
LIST_TONES: Mapping[ListState, str] = {
    ListState.CURRENT: "good",
    ListState.STALE: "bad",
    ListState.MISSING: "bad",
}
