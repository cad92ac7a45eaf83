import pytest

from engine.process.deployment import lint_files
from engine.process.findings import Finding, LintRule
from webui.assets.translations import extract, list_missing, read_catalog
from webui.bootstrap import PROCEDURES
from webui.lint_texts import TEXTS, lint_remedy, lint_sentence
from workflows.outgoing.procedure import PROCEDURE as OUTGOING

#: What is done to the shipped drawing, and the rule that objects.
BROKEN = [
    (b"<?xml", b"<!DOCTYPE x><?xml", LintRule.XML_DOCTYPE),
    (b"</bpmn:definitions>", b"", LintRule.XML_BROKEN),
    (b"approved == True", b"approved = True", LintRule.CONDITION_REFUSED),
    (b"approved == True", b"agreed == True", LintRule.NAME_UNWRITTEN),
    (b'default="to_rework_after_sign"', b"", LintRule.CONDITION_MISSING),
    (b'default="to_rework_after_sign"', b'default="to_draft"', LintRule.DEFAULT_UNKNOWN),
    (b"step_hours working hours", b"tomorrow", LintRule.TIMER_REFUSED),
    (b'returnsTo="draft"', b'returnsTo="dispatch"', LintRule.RETURN_WRONG),
    (b'trinhky:decision="step_deadline"', b"", LintRule.DECISION_UNKNOWN),
    (b'id="dispatch"', b'id="post"', LintRule.REFERENCE_UNKNOWN),
    (b"bpmn:serviceTask", b"bpmn:scriptTask", LintRule.UNSUPPORTED),
    (b'id="van_thu"', b'id="thu_ky"', LintRule.LANE_WITHOUT_ROLE),
    (b'id="he_thong"', b'id="may_tinh"', LintRule.LANE_NOT_SYSTEM),
    (b'<bpmn:process id="outgoing"', b'<bpmn:process id="other"', LintRule.WRONG_PROCESS),
    (b'isExecutable="true"', b'isExecutable="false"', LintRule.NOT_EXECUTABLE),
    ('name="Trưởng phòng duyệt"'.encode(), b"", LintRule.NAME_MISSING),
]


def test_every_rule_has_a_sentence_and_a_way_to_mend_it():
    assert set(TEXTS) == set(LintRule)
    assert all(each.text and each.mend for each in TEXTS.values())


def test_every_sentence_about_a_rule_is_complete_in_english():
    wanted = {text for each in TEXTS.values() for text in (each.text, each.mend)}

    assert wanted.isdisjoint(list_missing(extract(), read_catalog("en")))


@pytest.mark.parametrize(
    ("was", "now", "rule"), BROKEN, ids=[f"{rule}-{n}" for n, (_, _, rule) in enumerate(BROKEN)]
)
def test_sentence_names_what_it_is_about_when_a_drawing_is_refused(was, now, rule):
    assert was in OUTGOING.bpmn

    findings = lint_files(OUTGOING.bpmn.replace(was, now), OUTGOING.dmn, PROCEDURES)

    assert rule in {finding.rule for finding in findings}
    for finding in findings:
        for locale in ("vi", "en"):
            # Dots stand where a sentence asks for something the finding does not tell.
            assert "…" not in lint_sentence(finding, locale), finding
            assert "…" not in lint_remedy(finding, locale), finding


def test_sentence_quotes_a_text_that_is_not_translated():
    detail = {"text": "a = b", "reason": "unheard of"}
    finding = Finding(rule=LintRule.CONDITION_REFUSED, element_id="f", detail=detail)

    assert "“a = b”" in lint_sentence(finding, "vi")
    assert "“a = b”" in lint_sentence(finding, "en")
