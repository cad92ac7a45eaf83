import pytest

from webui.filenames import inline_name
from webui.pasting import clean_paste, list_unusable, name_characters


@pytest.mark.parametrize(
    ("pasted", "cleaned"),
    [
        ("báo\u00adcáo", "báocáo"),
        ("\ufeffchữ\u200b ký\u2060 số\u200e", "chữ ký số"),
        ("dòng một\u000bdòng hai\u2028dòng ba", "dòng một\ndòng hai\ndòng ba"),
        ("\uf0b7 một\n\uf0a7 hai", "• một\n▪ hai"),
        ("“Quy chế” – 07\u20112026… • 5\u00a0%", "“Quy chế” – 07\u20112026… • 5\u00a0%"),
        ("❤\ufe0f", "❤"),
    ],
)
def test_clean_paste_keeps_every_sign_that_is_seen(pasted, cleaned):
    assert clean_paste(pasted) == cleaned


def test_clean_paste_leaves_what_reorders_text_for_the_refusal():
    assert clean_paste("a\u202eb") == "a\u202eb"
    assert list_unusable("a\u202eb\n\tc\u0000\ufffd") == ["\u202e", "\u0000", "\ufffd"]


def test_name_characters_shows_only_those_that_can_be_seen():
    assert name_characters("😀 \u202e") == "“😀” (U+1F600), U+202E"


def test_inline_name_is_plain_for_old_programs_and_whole_for_others():
    assert inline_name("05/SGDĐT-GDTrH.pdf") == (
        "inline; filename=\"05-SGDDT-GDTrH.pdf\"; filename*=UTF-8''05-SGD%C4%90T-GDTrH.pdf"
    )


def test_inline_name_cannot_leave_its_header_when_the_subject_is_hostile():
    header = inline_name('a"\r\nX: y/../ữ.pdf')

    assert header.startswith('inline; filename="a-X- y-..-u.pdf"; ')
    assert header.isascii()
    assert header.isprintable()
