"""The sentences of an import's report."""

import re

import pytest

from engine.process.importing import Attention, Change, ChangeKind
from webui.import_texts import ATTENTIONS, CHANGES, change_sentence


def test_every_change_and_every_reason_has_a_sentence() -> None:
    assert set(CHANGES) == set(ChangeKind)
    assert set(ATTENTIONS) == set(Attention)


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("kind", [each for each in ChangeKind if each != "needs_attention"])
def test_change_sentence_loses_no_detail_when_it_is_put_into_words(
    kind: ChangeKind, locale: str
) -> None:
    names = re.findall(r"%\((\w+)\)s", CHANGES[kind])
    detail = {name: f"<{name}>" for name in [*names, "text", "unheard_of"]}
    sentence = change_sentence(Change(kind=kind, element_id="a", detail=detail), locale)
    for value in detail.values():
        assert sentence.count(value) == 1
    assert "unheard_of: <unheard_of>" in sentence


@pytest.mark.parametrize("reason", list(Attention))
def test_attention_sentence_differs_by_language(reason: Attention) -> None:
    change = Change(
        kind=ChangeKind.NEEDS_ATTENTION, element_id="a", detail={"reason": reason, "name": "x"}
    )
    sentences = {change_sentence(change, locale) for locale in ("vi", "en")}
    assert len(sentences) == 2
    assert not any(reason in sentence for sentence in sentences)
