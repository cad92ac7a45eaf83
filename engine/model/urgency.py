"""Name the degrees of urgency."""

from enum import StrEnum


class Urgency(StrEnum):
    """Name the degrees of urgency of Decree 30/2020, Appendix I."""

    NORMAL = "thuong"
    URGENT = "khan"
    VERY_URGENT = "thuong_khan"
    EXPRESS = "hoa_toc"
