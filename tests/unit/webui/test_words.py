from datetime import UTC, date, datetime
from typing import get_args

import pytest

from engine.audit import AuditEvent
from engine.model.delivery import DeliveryStatus
from engine.model.document import DocumentStatus, Stage
from engine.model.kinds import COMPOSABLE_KINDS, CONG_VAN, THONG_BAO
from engine.model.organisation import AgencyKind, Role
from engine.model.register import EntryState, RegisterBook
from engine.model.urgency import Urgency
from engine.model.verification import Integrity, SignatureRole, Verdict
from engine.queries import Basket, StuckKind
from signing.verification.findings import OwnRule
from webui import words
from webui.assets.sprite import list_icons
from webui.assets.translations import extract, list_missing, read_catalog
from webui.bootstrap import PROCEDURES
from webui.i18n import show_day, show_time, show_time_with_zone, translate
from webui.shell import BASKET_ICONS, BASKETS_OF_ROLE


@pytest.mark.parametrize(
    ("table", "names"),
    [
        (words.BASKETS, Basket),
        (BASKET_ICONS, Basket),
        (BASKETS_OF_ROLE, Role),
        (words.STATUSES, DocumentStatus),
        (words.DELIVERIES, DeliveryStatus),
        (words.URGENCIES, Urgency),
        (words.STAGES, Stage),
        (words.ROLES, Role),
        (words.GROUPS, AgencyKind),
        (words.BOOKS, RegisterBook),
        (words.ENTRIES, EntryState),
        (words.VERDICTS, Verdict),
        (words.INTEGRITY, Integrity),
        (words.SIGNATURES, SignatureRole),
        (words.EVENTS, AuditEvent),
        (words.KINDS, COMPOSABLE_KINDS),
        (words.STUCK, get_args(StuckKind)),
    ],
)
def test_every_name_has_a_word(table, names):
    assert set(table) == set(names)


def test_every_own_rule_of_a_verification_has_a_sentence():
    assert {rule.value for rule in OwnRule} <= set(words.REASONS)


def test_every_task_of_the_procedures_has_a_name():
    nodes = {
        f"{procedure.id}.{node}"
        for procedure in PROCEDURES.values()
        for node in [*procedure.tasks, *procedure.operations]
    }
    assert nodes <= set(words.STEPS)


def test_only_a_passed_verdict_is_green():
    green = {verdict for verdict, (_, colour) in words.VERDICTS.items() if colour == "good"}

    assert green == {Verdict.PASSED}


def test_lights_differ_by_word_and_icon_not_by_colour_alone():
    lights = words.DELIVERIES.values()

    assert len({word for word, _, _ in lights}) == len(DeliveryStatus)
    assert len({icon for _, _, icon in lights}) == len(DeliveryStatus)


def test_every_icon_that_python_names_is_in_the_sprite():
    named = {icon for _, _, icon in words.DELIVERIES.values()} | set(BASKET_ICONS.values())

    assert named <= set(list_icons())


def test_unknown_reason_is_named_rather_than_hidden():
    assert words.reason_text("SOMETHING_NEW") == "Lý do kỹ thuật: SOMETHING_NEW."


def test_document_title_begins_with_its_kind_unless_it_is_a_letter():
    assert words.document_title(CONG_VAN, "báo cáo") == "V/v báo cáo"
    assert words.document_title(THONG_BAO, "Kết luận") == "Thông báo: Kết luận"
    assert words.document_title(THONG_BAO, "") == "Thông báo (chưa có trích yếu)"


def test_person_name_is_a_role_when_a_group_has_the_task():
    assert words.person_name("role:van_thu") == "Văn thư"
    assert words.person_name("Mai Kim Loan") == "Mai Kim Loan"


def test_times_are_shown_in_the_zone_of_viet_nam():
    moment = datetime(2026, 11, 23, 17, 5, 9, tzinfo=UTC)

    assert show_time(moment) == "24/11/2026 00:05"
    assert show_time_with_zone(moment) == "24/11/2026 00:05:09 +07:00"
    assert show_time(None) == ""
    assert show_day(date(2026, 2, 1)) == "01/02/2026"


def test_english_catalogue_is_complete():
    assert list(list_missing(extract(), read_catalog("en"))) == []


def test_translate_shows_dots_when_a_parameter_is_absent():
    assert translate("%(by)s đã làm việc này lúc %(at)s.", "vi", by="A") == (
        "A đã làm việc này lúc …."
    )
