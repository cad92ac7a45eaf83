from datetime import timedelta

import pytest

from engine.errors import ErrorCode, InvalidInputError
from engine.model.outage import Service
from engine.model.preservation import PreservationLevel, PreservationPlan, PreservationState
from engine.model.signing_intent import TIMESTAMP_GRACE
from webui.archive_settings import read_grace, read_plan
from webui.archive_words import LEVELS, OUTAGES, STATES, code_title


def test_every_level_state_and_service_has_words() -> None:
    assert set(LEVELS) == set(PreservationLevel)
    assert set(STATES) == set(PreservationState)
    assert set(OUTAGES) == set(Service)


def test_code_title_names_codes_and_leaves_other_reasons_alone() -> None:
    assert code_title(ErrorCode.EVIDENCE_TOO_OLD) == "Chờ dữ liệu thu hồi mới"
    assert code_title("expired") == "expired"
    assert code_title("") == ""


def test_settings_are_the_usual_ones_when_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TIMESTAMP_GRACE_HOURS", "EVIDENCE_GRACE_HOURS", "ARCHIVE_AFTER_DAYS"):
        monkeypatch.delenv(f"TRINHKY_{name}", raising=False)
    assert read_grace() == TIMESTAMP_GRACE
    assert read_plan() == PreservationPlan()


@pytest.mark.parametrize("text", ["5", "-1", "một", "1.5", "٣"])
def test_grace_is_refused_when_it_is_no_number_or_more_than_the_rules_allow(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("TRINHKY_TIMESTAMP_GRACE_HOURS", text)
    with pytest.raises(InvalidInputError) as caught:
        read_grace()
    assert caught.value.params["field"] == "TRINHKY_TIMESTAMP_GRACE_HOURS"


def test_grace_may_be_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRINHKY_TIMESTAMP_GRACE_HOURS", "0")
    assert read_grace() == timedelta(0)
