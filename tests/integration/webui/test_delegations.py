"""The pages on which people leave their work to others, and who may sign what is kept."""

import re
from datetime import timedelta

import pytest

from engine.clock import local
from engine.model.document import DocumentStatus
from engine.model.organisation import AuthorityForm, Power, Role
from tests.bureau import ADMINISTRATOR, CLERK, LEADER, OFFICER, SNV
from tests.houses import PASSWORD
from tests.integration.webui.conftest import Visitor, sign_in
from workflows.authority.delegate import DelegationTerms

HOME = "/uy-quyen"
TABLE = "/quan-tri/tham-quyen-ky"
HEAD_OF_DIVISION = "snv.truongphong"


@pytest.fixture
def today(town):
    return local(town.house.clock.now()).date()


@pytest.fixture
def deputy(town, today) -> str:
    """Return the login of the deputy head of the department."""
    me = town.stage.actor(LEADER).person_id
    with town.house.start_reading() as work:
        posts = work.organisation.list_posts(SNV, today, role=Role.LEADER)
        other = next(post.person_id for post in posts if post.person_id != me)
        return work.organisation.get_person(other).login


@pytest.fixture
def given(town, deputy, today):
    """Leave signing and directing to the deputy for a day; end it afterwards."""
    leader = town.stage.actor(LEADER)
    terms = DelegationTerms(
        post_id=leader.posts[0].id,
        delegate_id=town.stage.actor(deputy).person_id,
        powers=frozenset({Power.SIGN, Power.DIRECT}),
        since=today,
        until=today,
    )
    delegation_id = town.house.use_cases.authority.delegate(terms, leader)
    yield delegation_id
    with town.house.start_reading() as work:
        is_open = work.delegations.get(delegation_id).is_open(today)
    if is_open:
        town.house.use_cases.authority.end_delegation(delegation_id, leader)


def fields_of(town, login: str, delegate: str, today, **changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "post_id": town.stage.actor(login).posts[0].id,
        "delegate_id": town.stage.actor(delegate).person_id,
        "since": today.isoformat(),
        "until": (today + timedelta(days=1)).isoformat(),
        "powers": ["review"],
    }
    return values | changes


def test_giver_leaves_work_and_ends_it_on_the_pages(town, today):
    visitor = town.visitor(HEAD_OF_DIVISION)
    form = visitor.get(HOME).text
    assert "Duyệt dự thảo" in form
    assert "Bút phê" not in form

    answer = visitor.post(HOME, fields_of(town, HEAD_OF_DIVISION, OFFICER, today, basis="Nghỉ"))

    assert answer.status_code == 303
    page = visitor.get(answer.location).text
    assert "Đang hiệu lực" in page
    assert "Nghỉ" in page
    assert town.stage.actor(OFFICER).full_name in visitor.get(HOME).text
    ended = visitor.post(f"{answer.location}/cham-dut", {"reason": "Đã về."})
    assert ended.status_code == 303
    assert "Đã chấm dứt" in visitor.get(answer.location).text
    assert visitor.post(f"{answer.location}/cham-dut").status_code == 409


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"powers": []}, "còn để trống"),
        ({"powers": ["fly"]}, "không dùng được"),
        ({"delegate_id": ""}, "còn để trống"),
        ({"since": ""}, "còn để trống"),
        ({"since": "2020-01-01"}, "sớm nhất từ hôm nay"),
        ({"powers": ["direct"]}, "Chức vụ này không có quyền"),
    ],
)
def test_form_says_what_is_wrong_beside_what_was_typed(town, today, changes, sentence):
    visitor = town.visitor(HEAD_OF_DIVISION)

    answer = visitor.post(
        HOME, fields_of(town, HEAD_OF_DIVISION, OFFICER, today, basis="Đi học", **changes)
    )

    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Đi học"' in answer.text


def test_form_says_that_a_loop_is_one(town, today, given, deputy):
    answer = town.visitor(deputy).post(
        HOME, fields_of(town, deputy, LEADER, today, powers=["direct"])
    )

    assert answer.status_code == 409
    assert f"{town.stage.actor(LEADER).full_name} đã ủy quyền đến bạn" in answer.text


def test_delegate_is_told_on_every_list_and_page_for_whom_they_act(town, given, deputy):
    document_id = town.stage.to_signature()
    giver = town.stage.actor(LEADER).full_name
    visitor = town.visitor(deputy)

    home = visitor.get("/viec/cho-ky").text
    page = visitor.get(f"/van-ban/{document_id}").text

    assert f"Đang thực hiện thay {giver}, Giám đốc" in home
    assert f"thay {giver}" in re.sub(r"Đang thực hiện thay [^<]*", "", home)
    assert f"Đang thực hiện thay {giver}" in page
    assert "Ký thay: đổi người ký" in page
    assert 'name="pin"' not in page
    own = town.visitor(LEADER).get(f"/van-ban/{document_id}").text
    assert "Đang thực hiện thay" not in own
    assert 'name="pin"' in own


def test_delegate_signs_in_their_own_name_on_the_pages(town, given, deputy):
    document_id = town.stage.to_signature()
    visitor = town.visitor(deputy)
    task_id = town.stage.task(deputy, document_id)

    changed = visitor.post(f"/van-ban/{document_id}/viec/{task_id}/ky-thay")

    assert changed.status_code == 303
    page = visitor.get(f"/van-ban/{document_id}").text
    assert "Đang thực hiện thay" not in page
    assert 'name="pin"' in page
    name, giver = town.stage.actor(deputy).full_name, town.stage.actor(LEADER).full_name
    assert f"{name}, thực hiện thay {giver}" in page
    assert "Đổi người ký: KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC" in page
    trail = visitor.get(f"/van-ban/{document_id}/nhat-ky").text
    assert "Đổi người ký (ký thay)" in trail
    assert "Thực hiện thay" in trail
    town.stage.sign(document_id, login=deputy)
    assert town.stage.document(document_id).status is DocumentStatus.SIGNED


def test_ended_delegation_is_refused_on_a_page_that_was_open(town, given, deputy):
    document_id = town.stage.to_signature()
    visitor = town.visitor(deputy)
    task_id = town.stage.task(deputy, document_id)

    town.house.use_cases.authority.end_delegation(given, town.stage.actor(LEADER))
    answer = visitor.post(f"/van-ban/{document_id}/viec/{task_id}/ky-thay")

    assert answer.status_code == 403
    assert "Ký thay: đổi" not in visitor.get(f"/van-ban/{document_id}").text


def test_agencys_list_is_for_its_leaders_and_administrators(town, given):
    page = f"{HOME}/co-quan/{SNV}"

    assert town.visitor(LEADER).get(page).status_code == 200
    assert town.visitor(ADMINISTRATOR).get(page).status_code == 200
    for login in (OFFICER, CLERK, "stc.lanhdao"):
        assert town.visitor(login).get(page).status_code == 403, login
        assert town.visitor(login).get(f"{HOME}/{given}").status_code == 403, login
    assert town.visitor(CLERK).get(f"{HOME}/không-có").status_code == 404


def test_who_has_nothing_to_leave_is_told_so(town):
    page = town.visitor(CLERK).get(HOME).text

    assert "Không có gì để ủy quyền" in page
    assert "<select" not in page.split("<main")[1]


def test_administrator_keeps_the_table_on_the_page(town, today):
    visitor = town.visitor(ADMINISTRATOR)
    post = town.stage.actor(HEAD_OF_DIVISION).posts[0]
    typed = {
        "post_id": post.id,
        "signing_form": "TUQ",
        "since": today.isoformat(),
        "fields": ["snv.to-chuc"],
        "kinds": ["cong_van"],
        "basis": "Giấy ủy quyền số 3/GUQ-SNV",
    }

    refused = visitor.post(f"{TABLE}/{SNV}", typed)
    added = visitor.post(f"{TABLE}/{SNV}", typed | {"until": today.isoformat()})

    assert refused.status_code == 422
    assert "phải có văn bản ủy quyền và ngày kết thúc" in refused.text
    assert added.status_code == 303
    page = visitor.get(added.location).text
    assert "TUQ. GIÁM ĐỐC" in page
    assert "Tổ chức, cán bộ" in page
    authority_id = _newest(town)
    name = f"{authority_id}-until"
    path = f"{TABLE}/{SNV}/cham-dut/{authority_id}"
    assert visitor.post(path, {name: ""}).status_code == 422
    assert visitor.post(path, {name: "2020-01-01"}).status_code == 422
    ended = visitor.post(path, {name: (today - timedelta(days=1)).isoformat()})
    assert ended.status_code == 422, "it began today: it cannot end before"
    assert visitor.post(path, {name: today.isoformat()}).status_code == 409
    assert visitor.post(f"{TABLE}/{SNV}", typed | {"signing_form": "x"}).status_code == 422


def _newest(town) -> str:
    with town.house.start_reading() as work:
        rows = work.organisation.list_every_authority(SNV)
    return next(each.id for each in rows if each.form is AuthorityForm.BY_AUTHORISATION)


def test_administrator_adds_a_field_and_drafters_choose_it(town):
    visitor = town.visitor(ADMINISTRATOR)

    added = visitor.post(f"{TABLE}/{SNV}/linh-vuc", {"name": "Thi đua, khen thưởng"})
    again = visitor.post(f"{TABLE}/{SNV}/linh-vuc", {"name": "Thi đua, khen thưởng"})

    assert (added.status_code, again.status_code) == (303, 422)
    document_id = town.stage.draft()
    page = town.visitor(OFFICER).get(f"/van-ban/{document_id}/soan").text
    assert "Thi đua, khen thưởng" in page


def test_drafters_field_is_kept_and_refused_beside_it(town):
    document_id = town.stage.draft()
    document = town.stage.document(document_id)
    typed = {
        "version": str(document.version),
        "subject": document.content.subject,
        "body": document.content.body,
        "recipients": list(document.content.recipients),
        "signatory_id": document.content.signatory_id,
        "act": "luu",
    }
    visitor = town.visitor(OFFICER)

    refused = visitor.post(f"/van-ban/{document_id}/soan", typed | {"field_id": "không-có"})
    kept = visitor.post(f"/van-ban/{document_id}/soan", typed | {"field_id": "snv.to-chuc"})

    assert refused.status_code == 422
    assert "không còn trong danh mục" in refused.text
    assert kept.status_code == 303
    assert town.stage.document(document_id).content.field_id == "snv.to-chuc"


@pytest.mark.parametrize("path", [TABLE, f"{HOME}/co-quan/{SNV}"])
def test_english_pages_hold_no_vietnamese_headings(town, path):
    client = town.app.test_client()
    sign_in(client, ADMINISTRATOR, PASSWORD)
    Visitor(client).get("/ngon-ngu/en")

    assert client.get(path).status_code == 200
