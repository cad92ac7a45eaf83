"""The lines above a signature, by the form of the authority."""

from datetime import date

import pytest

from engine.model.organisation import (
    Agency,
    AgencyId,
    AgencyKind,
    AuthorityForm,
    Profile,
    Validity,
)
from workflows.authority.lines import signature_lines


def an_agency(kind):
    return Agency(
        id=AgencyId("a"),
        code="H13",
        name="Cơ quan",
        symbol="CQ",
        kind=kind,
        parent_id=None,
        place="Cần Thơ",
        letterhead_parent=(),
        letterhead_name=("CƠ QUAN",),
        profile=Profile.STATE,
        seal_diameter_mm=34.0,
        validity=Validity(since=date(2020, 1, 1)),
    )


@pytest.mark.parametrize(
    ("form", "kind", "titles", "lines"),
    [
        (AuthorityForm.HEAD, AgencyKind.DEPARTMENT, ("Giám đốc", "Giám đốc"), ("GIÁM ĐỐC",)),
        (
            AuthorityForm.COLLECTIVE,
            AgencyKind.PEOPLES_COMMITTEE,
            ("Chủ tịch", "Chủ tịch"),
            ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"),
        ),
        (
            AuthorityForm.DEPUTY,
            AgencyKind.DEPARTMENT,
            ("Phó Giám đốc", "Giám đốc"),
            ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"),
        ),
        (
            AuthorityForm.DEPUTY,
            AgencyKind.PEOPLES_COMMITTEE,
            ("Phó Chủ tịch", "Chủ tịch"),
            ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
        ),
        (
            AuthorityForm.BY_ORDER,
            AgencyKind.PEOPLES_COMMITTEE,
            ("Chánh Văn phòng", "Chủ tịch"),
            ("TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"),
        ),
        (
            AuthorityForm.BY_AUTHORISATION,
            AgencyKind.DEPARTMENT,
            ("Trưởng phòng", "Giám đốc"),
            ("TUQ. GIÁM ĐỐC", "TRƯỞNG PHÒNG"),
        ),
        (
            AuthorityForm.ACTING,
            AgencyKind.DEPARTMENT,
            ("Phó Giám đốc", "Giám đốc"),
            ("Q. GIÁM ĐỐC",),
        ),
    ],
)
def test_lines_follow_the_form(form, kind, titles, lines):
    title, head = titles

    assert signature_lines(form, an_agency(kind), title=title, head_title=head) == lines
