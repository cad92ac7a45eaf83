from pathlib import Path

import pytest

from engine.errors import ErrorCode, InvalidInputError
from engine.layout import typesetter
from engine.layout.typesetter import Typesetter


@pytest.mark.parametrize(
    "source",
    ['#set text(font: "Missing")\nxin chào', '#panic("no")', "#let = ", "#place(dx: 1)[]"],
)
def test_compile_refuses_when_typst_warns_or_fails(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd.typ").write_text(source, encoding="utf-8")
    monkeypatch.setattr(typesetter, "_TEMPLATE_FOLDER", tmp_path)
    with pytest.raises(InvalidInputError) as refused:
        Typesetter().compile("odd", {}, at=None)
    assert refused.value.code is ErrorCode.LAYOUT_REFUSED


def test_compile_works_again_when_the_last_text_was_refused() -> None:
    typist = Typesetter()
    seal = {"diameter_mm": 34, "upper": "SỞ NỘI VỤ", "centre": [], "lower": ""}
    before = typist.compile("seal", seal, at=None)
    with pytest.raises(InvalidInputError):
        typist.compile("seal", {**seal, "upper": "漢"}, at=None, standards=("a-2b",))
    assert typist.compile("seal", seal, at=None) == before
