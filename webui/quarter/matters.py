"""Hold what the demo city writes about: fictional subjects and the sentence that asks for it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Matter:
    """Hold one thing agencies write to one another about.

    Args:
        subject: trích yếu, without its first `V/v`.
        asks: what the sender asks for; a deadline is added.
    """

    subject: str
    asks: str


MATTERS: tuple[Matter, ...] = (
    Matter(
        "báo cáo kết quả thực hiện nhiệm vụ cải cách hành chính",
        "báo cáo kết quả thực hiện nhiệm vụ, nêu rõ việc chưa làm, nguyên nhân và kiến nghị",
    ),
    Matter(
        "rà soát, cắt giảm thủ tục hành chính",
        "rà soát thủ tục hành chính, đề xuất phương án cắt giảm thời gian giải quyết",
    ),
    Matter(
        "cung cấp số liệu phục vụ xây dựng kế hoạch phát triển kinh tế - xã hội",
        "cung cấp số liệu thực hiện 9 tháng và ước thực hiện cả năm theo biểu mẫu gửi kèm",
    ),
    Matter(
        "góp ý dự thảo quy chế phối hợp quản lý nhà nước về đất đai",
        "có ý kiến góp ý bằng văn bản đối với dự thảo Quy chế",
    ),
    Matter(
        "phòng, chống dịch bệnh truyền nhiễm mùa mưa",
        "chủ động triển khai các biện pháp phòng, chống dịch và báo cáo tình hình trên địa bàn",
    ),
    Matter(
        "tăng cường bảo đảm an toàn giao thông dịp cao điểm",
        "tăng cường tuần tra, kiểm soát và báo cáo kết quả thực hiện",
    ),
    Matter(
        "giải ngân vốn đầu tư công",
        "báo cáo tiến độ giải ngân vốn đầu tư công, nêu rõ khó khăn, vướng mắc của từng dự án",
    ),
    Matter(
        "kiểm tra việc chấp hành kỷ luật, kỷ cương hành chính",
        "tự kiểm tra và gửi kết quả kiểm tra việc chấp hành kỷ luật, kỷ cương hành chính",
    ),
    Matter(
        "khắc phục sạt lở bờ sông, kênh, rạch",
        "thống kê các điểm sạt lở, đề xuất phương án xử lý và nhu cầu kinh phí",
    ),
    Matter(
        "chuyển đổi số trong cơ quan nhà nước",
        "báo cáo kết quả thực hiện các chỉ tiêu chuyển đổi số và kế hoạch quý tiếp theo",
    ),
    Matter(
        "đề nghị bổ sung kinh phí sửa chữa trụ sở làm việc",
        "xem xét, bố trí kinh phí sửa chữa trụ sở làm việc theo dự toán gửi kèm",
    ),
    Matter(
        "trả lời kiến nghị của cử tri",
        "nghiên cứu, trả lời kiến nghị của cử tri thuộc lĩnh vực phụ trách",
    ),
    Matter(
        "phối hợp tổ chức Ngày hội việc làm",
        "cử cán bộ phối hợp và đăng ký số lượng vị trí tuyển dụng",
    ),
    Matter(
        "thống kê cơ sở dữ liệu hộ nghèo, hộ cận nghèo",
        "cập nhật, gửi kết quả rà soát hộ nghèo, hộ cận nghèo trên địa bàn",
    ),
    Matter(
        "đôn đốc thực hiện kết luận thanh tra",
        "báo cáo kết quả thực hiện các kiến nghị tại kết luận thanh tra",
    ),
    Matter(
        "quản lý chất thải rắn sinh hoạt",
        "đánh giá thực trạng thu gom, xử lý chất thải rắn sinh hoạt và đề xuất giải pháp",
    ),
    Matter(
        "bảo đảm an toàn thông tin mạng",
        "rà soát, khắc phục điểm yếu an toàn thông tin của các hệ thống đang vận hành",
    ),
    Matter(
        "xây dựng nông thôn mới nâng cao",
        "báo cáo kết quả thực hiện các tiêu chí và nhu cầu hỗ trợ quý tiếp theo",
    ),
    Matter(
        "tuyển sinh đầu cấp",
        "phối hợp tuyên truyền, bảo đảm điều kiện tuyển sinh đầu cấp đúng quy định",
    ),
    Matter(
        "xúc tiến đầu tư, thương mại và du lịch",
        "đề xuất danh mục dự án kêu gọi đầu tư và nội dung tham gia hội nghị xúc tiến",
    ),
)

REASONS_TO_RETURN: tuple[str, ...] = (
    "Bổ sung thời hạn gửi báo cáo.",
    "Nơi nhận chưa đủ, đề nghị rà soát lại.",
    "Diễn đạt lại cho gọn, nêu rõ đầu mối liên hệ.",
    "Cập nhật số liệu đến thời điểm trình ký.",
)

REASONS_TO_REFUSE: tuple[str, ...] = (
    "Không đúng chức năng, nhiệm vụ. Đề nghị gửi đúng cơ quan.",
    "Văn bản gửi trùng với văn bản đã tiếp nhận.",
)

DIRECTIONS: tuple[str, ...] = (
    "Giao phòng chủ trì tham mưu văn bản trả lời, trình lãnh đạo ký đúng hạn.",
    "Chủ trì, phối hợp các phòng liên quan tổng hợp, báo cáo kết quả.",
    "Nghiên cứu, đề xuất hướng xử lý; lưu ý thời hạn của cơ quan gửi.",
    "Triển khai thực hiện, báo cáo lãnh đạo khi có vướng mắc.",
)
