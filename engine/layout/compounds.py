"""Know which words of agency and post names belong together, so that no line breaks in them."""

import re

#: Compounds in the names of a city's agencies and posts, in capitals as letterheads write them.
COMPOUNDS = (
    "BAN CHẤP HÀNH|BAN THƯỜNG VỤ|BÌNH THỦY|CÁI RĂNG|CẦN THƠ|CHÁNH VĂN PHÒNG|CHỦ TỊCH|CÔNG NGHỆ|"
    "CÔNG THƯƠNG|CỜ ĐỎ|DÂN TỘC|DU LỊCH|ĐẠI BIỂU|ĐÀO TẠO|ĐẦU TƯ|GIÁM ĐỐC|GIAO THÔNG|GIÁO DỤC|"
    "HỒ CHÍ MINH|HỘI ĐỒNG|HỮU NGHỊ|KẾ HOẠCH|KHOA HỌC|LAO ĐỘNG|LIÊN HIỆP|MÔI TRƯỜNG|NGOẠI VỤ|"
    "NHÂN DÂN|NINH KIỀU|NỘI VỤ|NÔNG NGHIỆP|NÔNG THÔN|Ô MÔN|PHÁT TRIỂN|PHONG ĐIỀN|QUỐC HỘI|"
    "TÀI CHÍNH|TÀI NGUYÊN|THÀNH ĐOÀN|THÀNH PHỐ|THANH TRA|THÔNG TIN|THỂ THAO|THỐT NỐT|THỚI LAI|"
    "THƯƠNG BINH|THƯƠNG MẠI|TRUNG TÂM|TRUYỀN THÔNG|TƯ PHÁP|ỦY BAN|VĂN HÓA|VĂN PHÒNG|VẬN TẢI|"
    "VĨNH THẠNH|XÃ HỘI|XÂY DỰNG|XÚC TIẾN"
)
#: "VÀ" goes with what follows, a dash with what stands before.
_UNIT = re.compile(rf"(?:(?:VÀ )?(?:{COMPOUNDS})(?: -)?|\S+)(?= |$)")


def split_units(name: str) -> list[str]:
    """Return a name cut at the spaces where a line may break."""
    return [found.group() for found in _UNIT.finditer(name)]
