import unicodedata

import pytest

from engine.errors import ErrorCode, InvalidInputError
from webui.city import shipped_tables
from workflows.organisation.city_tables import Problem, read_city

HEADER = (
    "id,code,name,symbol,kind,parent,place,letterhead_parent,letterhead_name,profile,seal_mm,"
    "valid_from,valid_to\n"
)
CITY = "tp,H13,UBND thành phố,UBND,ubnd_thanh_pho,,Cần Thơ,,ỦY BAN,nd30_2020,36,2004-01-01,\n"


def row(**changes: str) -> str:
    cells = {
        "id": "snv", "code": "H13.02", "name": "Sở Nội vụ", "symbol": "SNV",
        "kind": "so_ban_nganh", "parent": "tp", "place": "Cần Thơ", "letterhead_parent": "UBND",
        "letterhead_name": "SỞ NỘI VỤ", "profile": "nd30_2020", "seal_mm": "34",
        "valid_from": "2004-01-01", "valid_to": "",
    }  # fmt: skip
    return ",".join((cells | changes).values()) + "\n"


def agencies(*rows: str) -> dict[str, bytes]:
    return {"agencies": (HEADER + "".join(rows)).encode()}


def test_read_city_reads_the_shipped_city() -> None:
    city = read_city(shipped_tables(people=True))
    assert len(city.agencies) == 33
    assert len(city.people) == 987
    assert len({agency.code for agency in city.agencies}) == 33
    assert {post.person_id for post in city.posts} == {person.id for person in city.people}


@pytest.mark.parametrize(
    ("rows", "problem", "line"),
    [
        ([CITY, row(parent="khong-co")], Problem.UNKNOWN_PARENT, 3),
        ([row()], Problem.UNKNOWN_PARENT, 2),
        ([CITY, row(code="H13")], Problem.DUPLICATE, 3),
        ([CITY, row(), row()], Problem.DUPLICATE, 4),
        ([CITY, row(name=unicodedata.normalize("NFD", "Sở Nội vụ"))], Problem.NOT_NFC, 3),
        ([CITY, row(kind="bo")], Problem.BAD_VALUE, 3),
        ([CITY, row(seal_mm="to")], Problem.BAD_VALUE, 3),
        ([CITY, row(valid_from="01/01/2004")], Problem.BAD_VALUE, 3),
        ([CITY, row(valid_to="2003-01-01")], Problem.BAD_PERIOD, 3),
        ([CITY, row(name=" ")], Problem.EMPTY, 3),
        ([CITY, "a,b\n"], Problem.COLUMNS, 3),
        ([CITY, row(valid_to=",x")], Problem.COLUMNS, 3),
    ],
)
def test_read_city_names_the_first_line_that_cannot_be_true(
    rows: list[str], problem: Problem, line: int
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_city(agencies(*rows))
    assert caught.value.code is ErrorCode.IMPORT_INVALID
    assert (caught.value.params["problem"], caught.value.params["line"]) == (problem, str(line))


def test_read_city_refuses_other_columns_and_other_encodings() -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_city({"agencies": b"id,name\n"})
    assert caught.value.params["problem"] == Problem.COLUMNS
    with pytest.raises(InvalidInputError) as caught:
        read_city({"agencies": (HEADER + CITY).encode("utf-16")})
    assert caught.value.params["problem"] == Problem.NOT_UTF8


def test_read_city_refuses_a_post_of_an_unknown_person() -> None:
    tables = dict(shipped_tables(people=True))
    tables["people"] = b"id,login,full_name\n"
    with pytest.raises(InvalidInputError) as caught:
        read_city(tables)
    assert caught.value.params["problem"] == Problem.UNKNOWN_REFERENCE
    assert caught.value.params["table"] == "posts"
