import unicodedata

import pytest

from engine.model.classified import find_classification


@pytest.mark.parametrize(
    ("text", "degree"),
    [
        ("MẬT", "MẬT"),
        ("mật", "MẬT"),
        ("  Mật  ", "MẬT"),
        ("[ MẬT ]", "MẬT"),
        ("M Ậ T", "MẬT"),
        ("M\u200bẬT", "MẬT"),
        ("*** MẬT ***", "MẬT"),
        ("CỘNG HÒA\nMẬT\nSố: 05", "MẬT"),
        ("TỐI MẬT", "TỐI MẬT"),
        ("Tối mật", "TỐI MẬT"),
        ("T Ố I   M Ậ T", "TỐI MẬT"),
        ("tuyệt\u00a0mật", "TUYỆT MẬT"),
        ("TUYỆT MẬT", "TUYỆT MẬT"),
        ("ĐỘ MẬT: TỐI MẬT", "TỐI MẬT"),
        ("Độ mật: mật", "MẬT"),
        ("độ mật - Tuyệt mật.", "TUYỆT MẬT"),
        ("Văn bản TUYỆT MẬT của Bộ", "TUYỆT MẬT"),
        ("Số 05 (TỐI MẬT) ngày", "TỐI MẬT"),
        ("Công văn TỐI  MẬT", "TỐI MẬT"),
        ("MẬT\nTUYỆT MẬT", "TUYỆT MẬT"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_find_classification_returns_degree_when_text_is_marked(
    text: str, degree: str, form: str
) -> None:
    normal = unicodedata.normalize("NFC" if form == "NFC" else "NFD", text)
    assert find_classification(normal) == degree


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bí mật nhà nước",
        "BÍ MẬT NHÀ NƯỚC",
        "Bảo mật",
        "bảo mật thông tin",
        "mật độ dân số",
        "MẬT ĐỘ XÂY DỰNG",
        "mật ong",
        "mật khẩu",
        "Lưu hành nội bộ",
        "LƯU HÀNH NỘI BỘ",
        "Số: 12/QĐ-UBND",
        "trừ văn bản mật",
        "quy định về văn bản tối mật và tuyệt mật",
        "Độ mật: Thường",
        "Độ mật:",
        "MẤT",
        "Mặt",
        "MAT",
        "Trần Văn Mật",
        "1. Mật độ",
    ],
)
def test_find_classification_returns_none_when_text_is_ordinary(text: str) -> None:
    assert find_classification(text) is None
