"""The pages beside the drawn way: asking, answering, handing over, taking back, returning."""

import re
from datetime import timedelta

import pytest

from engine.clock import local
from engine.model.document import DocumentStatus
from engine.model.opinion import OpinionState, OpinionView
from engine.queries import Basket
from tests.integration.workflows.test_ad_hoc import (
    CLERK,
    DRAFTER,
    HEAD,
    LEADER,
    OTHER_DRAFTER,
    ask,
    opinions_on,
    other_unit,
    states,
)
from tests.integration.workflows.test_incoming import delivery_to, direct, present, register
from tests.orders import let_officers_handle

QUESTION = "Đề nghị cho ý kiến về kinh phí."


@pytest.fixture
def in_review(town):
    document_id = town.stage.draft()
    town.stage.submit(document_id)
    return document_id


@pytest.fixture
def handled(town):
    # Opinions are asked on a task of the arrival itself, which only such a drawing has.
    let_officers_handle(town.stage)
    document_id = town.stage.issue()
    town.stage.run_jobs()
    delivery = delivery_to(town.stage, document_id, "stc")
    register(town.stage, delivery.id)
    present(town.stage, delivery.id)
    direct(town.stage, delivery.id)
    return delivery.id


def person(town, login):
    return town.stage.actor(login).person_id


def post_task(town, login, subject_id, act, data, *, part="van-ban", holder=None):
    task = town.stage.task(holder or login, subject_id)
    return town.visitor(login).post(f"/{part}/{subject_id}/viec/{task}/{act}", data)


def ask_form(town, **changes):
    return {
        "question": QUESTION,
        "people": [person(town, CLERK)],
        "working_days": "2",
    } | changes


def test_asked_person_finds_the_document_in_a_list_and_answers(town, in_review):
    answer = post_task(town, HEAD, in_review, "xin-y-kien", ask_form(town))
    assert answer.status_code == 303
    asker = town.visitor(HEAD)
    page = asker.get(f"/van-ban/{in_review}").text
    assert "Còn thiếu 1 ý kiến" in page
    assert "0/1 đã trả lời" in page
    assert 'hx-trigger="every 15s"' in page

    clerk = town.visitor(CLERK)
    listed = clerk.get(f"/viec/{Basket.TO_ADVISE.value}").text
    assert f'href="/van-ban/{in_review}"' in listed
    assert "Chờ tôi cho ý kiến" in listed
    asked = clerk.get(f"/van-ban/{in_review}").text
    assert QUESTION in asked
    assert "Gửi ý kiến" in asked
    given = post_task(
        town,
        CLERK,
        in_review,
        "cho-y-kien",
        {"view": OpinionView.REMARKS.value, "text": "Thêm <b>nơi nhận</b>."},
    )
    assert given.status_code == 303

    fragment = asker.get(f"/van-ban/{in_review}/y-kien").text
    assert "Đồng ý, có góp ý" in fragment
    assert "Thêm &lt;b&gt;nơi nhận&lt;/b&gt;." in fragment
    assert town.stage.actor(CLERK).posts[0].title in fragment
    assert "hx-get" not in fragment
    steps = asker.get(f"/van-ban/{in_review}").text
    assert "Đồng ý, có góp ý: Thêm" in steps
    assert "Còn thiếu" not in steps
    trail = asker.get(f"/van-ban/{in_review}/nhat-ky").text
    assert "Xin ý kiến" in trail
    assert "Cho ý kiến" in trail


def test_ask_form_keeps_what_was_typed_when_something_is_wrong(town, in_review):
    unit_id, _head = other_unit(town.stage)
    form = ask_form(town, people=[], units=[unit_id], working_days="hai")

    answer = post_task(town, HEAD, in_review, "xin-y-kien", form)

    assert answer.status_code == 422
    assert QUESTION in answer.text
    assert 'value="hai"' in answer.text
    assert re.search(f'value="{unit_id}" checked', answer.text)
    assert 'href="#working_days"' in answer.text
    assert not opinions_on(town.stage, in_review)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"question": "Theo văn bản số 01.\nTỐI MẬT"}, "Tài liệu mật"),
        ({"people": []}, "Mục “Người được hỏi” còn để trống."),
        ({"due_on": "31/02/2026"}, "Hãy ghi ngày như"),
    ],
)
def test_ask_form_says_what_is_wrong(town, in_review, changes, text):
    answer = post_task(town, HEAD, in_review, "xin-y-kien", ask_form(town, **changes))

    assert answer.status_code == 422
    assert text in answer.text
    assert not opinions_on(town.stage, in_review)


def test_ask_form_names_who_was_asked_already(town, in_review):
    post_task(town, HEAD, in_review, "xin-y-kien", ask_form(town))

    answer = post_task(town, HEAD, in_review, "xin-y-kien", ask_form(town))

    assert answer.status_code == 422
    name = town.stage.actor(CLERK).full_name
    assert f"Không chọn được {name}: đã được hỏi và còn đang trả lời." in answer.text


def test_ask_takes_a_day_and_warns_when_it_is_after_the_task(town, in_review):
    day = local(town.house.clock.now()).date() + timedelta(days=60)

    answer = post_task(
        town, HEAD, in_review, "xin-y-kien", ask_form(town, due_on=day.strftime("%d/%m/%Y"))
    )

    assert answer.status_code == 303
    assert "Hạn trả lời sau hạn của chính bước này." in town.visitor(HEAD).get("/cai-dat").text
    (opinion,) = opinions_on(town.stage, in_review)
    assert local(opinion.due_at).date() == day


def test_answer_names_the_field_when_it_says_nothing(town, in_review):
    ask(town.stage, HEAD, in_review)

    for data, field in (
        ({"text": "Ý của tôi."}, "view"),
        ({"view": OpinionView.DISAGREE.value, "text": ""}, "text"),
    ):
        answer = post_task(town, CLERK, in_review, "cho-y-kien", data)
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
        assert data["text"] in answer.text


def test_answer_that_comes_too_late_is_shown_to_be_copied(town, in_review):
    (opinion_id,) = ask(town.stage, HEAD, in_review).opinion_ids
    task = town.stage.task(CLERK, in_review)
    town.stage.house.use_cases.withdraw_opinion(
        opinion_id, town.stage.actor(HEAD), "Đã có ý kiến."
    )

    answer = town.visitor(CLERK).post(
        f"/van-ban/{in_review}/viec/{task}/cho-y-kien",
        {"view": OpinionView.AGREE.value, "text": "Công trình cả buổi."},
    )

    assert answer.status_code == 409
    assert "Câu hỏi này đã được rút lại" in answer.text
    assert "Công trình cả buổi." in answer.text


def test_question_is_withdrawn_with_a_reason(town, in_review):
    (opinion_id,) = ask(town.stage, HEAD, in_review).opinion_ids
    asker, url = town.visitor(HEAD), f"/van-ban/{in_review}/y-kien/{opinion_id}/rut"
    assert url in asker.get(f"/van-ban/{in_review}").text
    assert url not in town.visitor(CLERK).get(f"/van-ban/{in_review}").text
    assert asker.get(url).status_code == 200

    refused = asker.post(url, {"reason": " "})
    done = asker.post(url, {"reason": "Không cần nữa."})

    assert refused.status_code == 422
    assert done.status_code == 303
    assert states(town.stage, in_review) == [OpinionState.WITHDRAWN]
    assert "Không cần nữa." in asker.get(f"/van-ban/{in_review}").text
    assert asker.get(url).status_code == 409
    assert town.visitor(CLERK).get(url).status_code == 409


def test_unit_head_may_ask_in_turn_and_hand_over(town, in_review):
    unit_id, head = other_unit(town.stage)
    ask(town.stage, HEAD, in_review, people=[], units=[unit_id])
    with town.house.start_reading() as work:
        login = work.organisation.get_person(head.person_id).login
        (row,) = work.queries.list_tasks_on(head, in_review)

    page = town.visitor(login).get(f"/van-ban/{in_review}").text

    assert "Bạn trả lời thay mặt" in page
    assert f"/viec/{row.task_id}/xin-y-kien" in page
    assert f"/viec/{row.task_id}/chuyen" in page


def test_draft_is_read_by_whoever_is_asked_about_it(town):
    document_id = town.stage.draft(body="Nội dung còn đang soạn.\nĐoạn hai./.")
    ask(town.stage, DRAFTER, document_id)

    page = town.visitor(CLERK).get(f"/van-ban/{document_id}").text

    assert "Nội dung còn đang soạn." in page


def test_pages_tell_nothing_to_a_stranger(town, in_review):
    (opinion_id,) = ask(town.stage, HEAD, in_review).opinion_ids
    task = town.stage.task(HEAD, in_review)
    stranger = town.visitor("stc.chuyenvien")

    codes = [
        stranger.get(f"/van-ban/{in_review}/y-kien").status_code,
        stranger.get(f"/van-ban/{in_review}/y-kien/{opinion_id}/rut").status_code,
        stranger.post(
            f"/van-ban/{in_review}/y-kien/{opinion_id}/rut", {"reason": "x"}
        ).status_code,
        stranger.get(f"/viec/{task}/chuyen").status_code,
        stranger.post(f"/van-ban/{in_review}/viec/{task}/rut-lai").status_code,
    ]

    assert codes == [404, 404, 404, 403, 404]


# --- hand over, take back, return --------------------------------------------------------------


def test_task_is_handed_over_by_its_holder(town):
    document_id = town.stage.draft()
    task = town.stage.task(DRAFTER, document_id)
    drafter, url = town.visitor(DRAFTER), f"/viec/{task}/chuyen"
    assert url in drafter.get(f"/van-ban/{document_id}").text
    page = drafter.get(url).text
    other = town.stage.actor(OTHER_DRAFTER)
    assert other.full_name in page
    assert town.stage.actor(CLERK).full_name not in page

    refused = drafter.post(url, {"person_id": other.person_id, "reason": ""})
    done = drafter.post(url, {"person_id": other.person_id, "reason": "Đi học."})

    assert refused.status_code == 422
    assert done.location == f"/van-ban/{document_id}"
    assert town.stage.document(document_id).drafter_id == other.person_id
    history = town.visitor(OTHER_DRAFTER).get(f"/van-ban/{document_id}").text
    assert f"Chuyển người xử lý: {other.full_name}. Đi học." in history


def test_task_is_handed_over_by_a_leader_and_by_an_administrator(town):
    for login in (LEADER, "vpub.quantri"):
        document_id = town.stage.draft(subject="nội dung riêng của sở")
        task = town.stage.task(DRAFTER, document_id)
        visitor = town.visitor(login)
        page = visitor.get(f"/viec/{task}/chuyen").text
        assert "với tư cách cấp trên" in page
        assert "nội dung riêng của sở" not in page
        data = {"person_id": person(town, OTHER_DRAFTER), "reason": "Đã chuyển công tác."}

        answer = visitor.post(f"/viec/{task}/chuyen", data)

        assert answer.status_code == 303
        assert town.stage.task(OTHER_DRAFTER, document_id) == task


def test_hand_over_of_the_signature_says_why_not(town):
    document_id = town.stage.to_signature()
    task = town.stage.task(LEADER, document_id)
    leader = town.visitor(LEADER)

    answer = leader.get(f"/viec/{task}/chuyen")

    assert f"/viec/{task}/chuyen" not in leader.get(f"/van-ban/{document_id}").text
    assert answer.status_code == 403
    assert "Bước này gắn với đúng người đã được nêu tên" in answer.text


def test_step_is_taken_back_by_a_button_while_nobody_has_acted(town, in_review):
    drafter = town.visitor(DRAFTER)
    assert "/rut-lai" in drafter.get(f"/van-ban/{in_review}").text
    assert "/rut-lai" not in town.visitor(HEAD).get(f"/van-ban/{in_review}").text

    answer = post_task(town, DRAFTER, in_review, "rut-lai", {"comment": "Gửi nhầm."}, holder=HEAD)

    assert answer.status_code == 303
    assert town.stage.document(in_review).status is DocumentStatus.DRAFT
    page = drafter.get(f"/van-ban/{in_review}").text
    assert "Rút lại: Gửi nhầm." in page
    assert "/rut-lai" not in page


def test_document_is_returned_to_the_step_that_is_chosen(town):
    document_id = town.stage.to_signature()
    page = town.visitor(LEADER).get(f"/van-ban/{document_id}").text
    options = re.findall(r'<option value="(draft|review|check_form)">([^<]+)', page)
    assert [value for value, _ in options] == ["draft", "review", "check_form"]

    answer = post_task(
        town, LEADER, document_id, "tra-lai", {"reason": "Xem lại căn cứ.", "to": "review"}
    )

    assert answer.status_code == 303
    assert town.stage.document(document_id).status is DocumentStatus.IN_REVIEW
    assert "Bị trả lại: Xem lại căn cứ." in town.visitor(HEAD).get(f"/van-ban/{document_id}").text
    assert "Lý do trả lại: Xem lại căn cứ." in town.visitor(HEAD).get("/viec/cho-duyet").text


def test_return_says_so_when_it_does_not_go_there(town):
    document_id = town.stage.to_signature()

    answer = post_task(town, LEADER, document_id, "tra-lai", {"reason": "Lại.", "to": "seal"})

    assert answer.status_code == 422
    assert "Quy trình không cho lùi về bước này" in answer.text
    assert "Lại." in answer.text


def test_arrival_is_asked_about_returned_and_taken_back(town, handled):
    officer = "stc.chuyenvien"
    asked = post_task(
        town,
        officer,
        handled,
        "xin-y-kien",
        ask_form(town, people=[person(town, "stc.truongphong")]),
        part="van-ban-den",
    )
    assert asked.location == f"/van-ban-den/{handled}"
    listed = town.visitor("stc.truongphong").get(f"/viec/{Basket.TO_ADVISE.value}").text
    assert f'href="/van-ban-den/{handled}"' in listed
    given = post_task(
        town,
        "stc.truongphong",
        handled,
        "cho-y-kien",
        {"view": OpinionView.AGREE.value},
        part="van-ban-den",
    )
    assert given.status_code == 303
    assert "1/1 đã trả lời" in town.visitor(officer).get(f"/van-ban-den/{handled}/y-kien").text

    refused = post_task(town, officer, handled, "tra-lai", {"reason": ""}, part="van-ban-den")
    returned = post_task(
        town, officer, handled, "tra-lai", {"reason": "Không đúng phòng."}, part="van-ban-den"
    )

    assert refused.status_code == 422
    assert returned.status_code == 303
    leader = town.visitor("stc.lanhdao").get(f"/van-ban-den/{handled}").text
    assert "Bị trả lại: Không đúng phòng." in leader
    direct(town.stage, handled)
    back = post_task(
        town, "stc.lanhdao", handled, "rut-lai", {}, part="van-ban-den", holder=officer
    )
    assert back.status_code == 303
    assert town.stage.task("stc.lanhdao", handled)
