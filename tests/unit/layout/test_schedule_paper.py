"""The paper of a week: what it shows, what it leaves out, what is red."""

import shutil
import subprocess
from dataclasses import replace
from datetime import date, time, timedelta
from io import BytesIO

import pikepdf
import pytest

from engine.errors import ErrorCode, InvalidInputError
from engine.layout.schedule import TypstSchedules, clock_text, week_lines
from engine.model.organisation import Agency, AgencyId, AgencyKind, Profile, Validity
from engine.model.schedule import (
    Week,
)
from engine.model.schedule_entries import (
    ChangeKind,
    ScheduleId,
)
from engine.ports_schedules import SchedulePaper
from tests.factories.weeks import DEPUTY, HEAD, MONDAY, NOW, a_schedule, a_text, an_entry

AGENCY = Agency(
    id=AgencyId("snv"),
    code="H13.02",
    name="Sở Nội vụ",
    symbol="SNV",
    kind=AgencyKind.DEPARTMENT,
    parent_id=None,
    place="Cần Thơ",
    letterhead_parent=("UBND THÀNH PHỐ CẦN THƠ",),
    letterhead_name=("SỞ NỘI VỤ",),
    profile=Profile.STATE,
    seal_diameter_mm=34,
    validity=Validity(since=date(2015, 1, 1)),
)
_PDFTOTEXT = shutil.which("pdftotext") or "pdftotext"
NAMES = {HEAD: "Giám đốc Trần Văn Tám", DEPUTY: "Phó Giám đốc Lê Thị Chín"}


def a_paper(week: Week, **changes) -> SchedulePaper:
    paper = SchedulePaper(
        agency=AGENCY,
        week=week,
        leaders=[(HEAD, "Giám đốc")],
        names=NAMES,
        approver="Giám đốc Trần Văn Tám",
        at=NOW,
    )
    return replace(paper, **changes)


def shown(pdf: bytes) -> str:
    done = subprocess.run(  # noqa: S603 our own file
        [_PDFTOTEXT, "-layout", "-", "-"], input=pdf, capture_output=True, check=True, timeout=60
    )
    return done.stdout.decode()


def a_week(*entries, **changes) -> Week:
    return Week(schedule=a_schedule(**changes), entries=entries or [an_entry("a")])


def test_paper_is_a4_landscape_with_every_fact_of_an_entry() -> None:
    entry = an_entry(
        "a",
        ends_at=time(9),
        chair="Giám đốc",
        participants="Trưởng các phòng",
        preparing="Văn phòng",
        vehicle="65A-001.23",
    )

    rendered = TypstSchedules().render(a_paper(a_week(entry)))

    with pikepdf.open(BytesIO(rendered.pdf)) as pdf:
        assert [round(float(each)) for each in pdf.pages[0].MediaBox] == [0, 0, 842, 595]
        assert len(pdf.pages) == rendered.page_count == 1
        metadata = pdf.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
    text = shown(rendered.pdf)
    for said in (
        "LỊCH LÀM VIỆC",
        "của Lãnh đạo Sở Nội vụ",
        "(Từ ngày 15/6/2015 đến ngày 21/6/2015)",
        "THỨ HAI",
        "CHỦ NHẬT",
        "07 giờ 30",
        "Họp giao ban",
        "Giám đốc Trần Văn Tám",
        "Trưởng các phòng",
        "Phòng họp 1",
        "65A-001.23",
        "NGƯỜI DUYỆT LỊCH",
    ):
        assert said in text, said
    assert "Số:" not in text


def test_paper_is_the_same_bytes_when_nothing_changed() -> None:
    layout, paper = TypstSchedules(), a_paper(a_week())

    assert layout.render(paper) == layout.render(paper)


def test_paper_leaves_private_entries_out() -> None:
    week = a_week(an_entry("a"), an_entry("b", content="Khám sức khỏe", is_private=True))

    text = shown(TypstSchedules().render(a_paper(week)).pdf)

    assert "Họp giao ban" in text
    assert "Khám" not in text


def test_paper_of_a_change_tells_what_became_of_each_entry() -> None:
    base = [
        an_entry("moved"),
        an_entry("removed", content="Làm việc với Sở Y tế", starts_at=time(9)),
        an_entry("edited", starts_at=time(10), content="Tiếp dân"),
    ]
    new = ScheduleId("tuan-2")
    week = Week(
        schedule=a_schedule(id=new, number=2, base_id=ScheduleId("tuan-1")),
        entries=[
            an_entry("moved", schedule=new, day=MONDAY + timedelta(days=1)),
            an_entry("edited", schedule=new, starts_at=time(10), content="Tiếp công dân"),
            an_entry("added", schedule=new, starts_at=time(14), content="Họp thi đua"),
        ],
        base=base,
    )

    text = shown(TypstSchedules().render(a_paper(week)).pdf)

    for said in (
        "Bản điều chỉnh lần 1",
        "Đổi thời gian.",
        "Lịch cũ: 07 giờ 30, thứ hai 15/06",
        "Hủy. Làm việc với Sở Y tế",
        "Sửa. Tiếp công dân",
        "Bổ sung. Họp thi đua",
    ):
        assert said in text, said
    assert [change.kind for _, change in week_lines(week) if change] == [
        ChangeKind.REMOVED,
        ChangeKind.EDITED,
        ChangeKind.ADDED,
        ChangeKind.MOVED,
    ]


def test_paper_runs_over_pages_with_their_numbers() -> None:
    many = [an_entry(f"{n:03}", content="Họp chuyên đề " * 12) for n in range(40)]

    rendered = TypstSchedules().render(a_paper(a_week(*many)))

    assert rendered.page_count > 1
    said = shown(rendered.pdf).replace(" ", "")
    assert f"{rendered.page_count}/{rendered.page_count}" in said
    # The heads of the columns stand on every page.
    assert said.count("Thờigian") == rendered.page_count


def test_paper_shows_typst_markup_as_plain_text() -> None:
    week = a_week(an_entry("a", content='#read("/etc/passwd") *đậm* $x$'))

    assert '#read("/etc/passwd") *đậm* $x$' in shown(TypstSchedules().render(a_paper(week)).pdf)


def test_paper_is_refused_when_the_font_lacks_a_character() -> None:
    with pytest.raises(InvalidInputError) as refused:
        TypstSchedules().render(a_paper(a_week(an_entry("a", content="Họp 会議"))))

    assert refused.value.code is ErrorCode.TEXT_FORBIDDEN


def test_paper_of_the_youth_union_has_its_own_head() -> None:
    agency = replace(AGENCY, profile=Profile.YOUTH_UNION)

    text = shown(TypstSchedules().render(a_paper(a_week(), agency=agency, approver="")).pdf)

    assert "ĐOÀN TNCS HỒ CHÍ MINH" in text
    assert "CỘNG HÒA" not in text
    assert "NGƯỜI DUYỆT" not in text


def test_clock_text_is_what_is_known_of_the_time() -> None:
    assert clock_text(a_text(starts_at=None)) == ""
    assert clock_text(a_text()) == "07 giờ 30"
    assert clock_text(a_text(ends_at=time(9))) == "07 giờ 30 – 09 giờ 00"
