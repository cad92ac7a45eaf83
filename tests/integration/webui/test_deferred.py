"""The pages and addresses that sign with a token at the official's own computer."""

import base64
import json
import re
from dataclasses import dataclass

import pytest

from engine.errors import ErrorCode, NotFoundError
from engine.model.document import DocumentStatus
from engine.model.signing_intent import INTENT_LIFETIME
from engine.ports_signing import HolderKind
from tests.factories.client_key import ClientKey, certify_client
from tests.integration.webui.conftest import Town, find_token
from webui.agent.codes import AgentCode
from webui.limits import limiter

LEADER = "snv.lanhdao"
CLERK = "snv.vanthu"
JSON_TYPE = {"Accept": "application/json"}


@dataclass
class Page:
    """Act as the script of the document's page does."""

    town: Town
    document_id: str

    def url(self, act: str, login: str = LEADER) -> str:
        task = self.town.stage.task(login, self.document_id)
        return f"/van-ban/{self.document_id}/viec/{task}/{act}"

    def send(self, url: str, body: object = None, login: str = LEADER, **headers: str):
        visitor = self.town.visitor(login)
        if not visitor.token:
            visitor.token = find_token(visitor.get("/cai-dat").text)
        sent = JSON_TYPE | {"X-CSRFToken": visitor.token} | headers
        content = body if isinstance(body, bytes) else json.dumps(body or {})
        return visitor.client.post(
            url, data=content, headers=sent, content_type="application/json"
        )

    def begin(self, act: str = "ky-tai-may", login: str = LEADER) -> dict:
        answer = self.send(self.url(act, login), login=login)
        assert answer.status_code == 200, answer.text
        return answer.json


@pytest.fixture(scope="module")
def keys(town) -> dict[str, ClientKey]:
    """Put the leader's key and the agency's on tokens."""
    made = {LEADER: ClientKey(), CLERK: ClientKey()}
    leader = town.stage.actor(LEADER)
    for login, kind, holder_id in (
        (LEADER, HolderKind.PERSON, leader.person_id),
        (CLERK, HolderKind.AGENCY, "snv"),
    ):
        certify_client(
            town.house,
            made[login].public_der,
            holder_kind=kind,
            holder_id=holder_id,
            name=leader.full_name if kind is HolderKind.PERSON else "Sở Nội vụ",
        )
    return made


@pytest.fixture
def page(town, keys) -> Page:
    limiter.reset()
    return Page(town, town.stage.to_signature())


def answers(begun: dict, key: ClientKey) -> dict[str, object]:
    values = [key.sign(base64.b64decode(item["attributes"])) for item in begun["items"]]
    return {"nonce": begun["nonce"], "values": [base64.b64encode(v).decode() for v in values]}


def test_leader_and_clerk_sign_with_tokens_through_the_pages(town, page, keys):
    begun = page.begin()
    assert [item["title"] for item in begun["items"]] == ["báo cáo tình hình sử dụng chữ ký số"]
    assert re.fullmatch(r"[0-9a-f]{64}", begun["items"][0]["digest"])

    done = page.send(begun["complete_url"], answers(begun, keys[LEADER]))

    assert (done.status_code, done.json) == (200, {"url": f"/van-ban/{page.document_id}"})
    assert "Đã ký bằng token ở máy của bạn." in town.visitor(LEADER).get(done.json["url"]).text
    town.visitor(CLERK).post(page.url("cap-so", CLERK))
    begun = page.begin("dong-dau-tai-may", CLERK)
    done = page.send(begun["complete_url"], answers(begun, keys[CLERK]), CLERK)
    assert done.status_code == 200
    assert town.stage.document(page.document_id).status is DocumentStatus.SEALED


def test_page_offers_the_token_and_may_ask_the_agent_alone(town, page):
    answer = town.visitor(LEADER).get(f"/van-ban/{page.document_id}")

    assert "Ký bằng token trên máy này" in answer.text
    assert "Mã PIN khóa ký cá nhân" not in answer.text
    assert 'data-agent="http://127.0.0.1:8987"' in answer.text
    assert "<noscript>" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "connect-src 'self' http://127.0.0.1:8987;" in policy
    other = town.visitor(LEADER).get("/van-ban").headers["Content-Security-Policy"]
    assert "8987" not in other


def test_page_gives_the_words_of_every_refusal_of_the_agent(town, page):
    text = town.visitor(LEADER).get(f"/van-ban/{page.document_id}").text
    said = json.loads(re.search(r'<script type="application/json">(.*?)</script>', text).group(1))
    assert {code.value for code in AgentCode} <= set(said)


def test_page_asks_for_the_pin_when_the_key_is_at_the_server(town, keys):
    leader = town.stage.actor("stc.lanhdao").person_id
    document_id = town.stage.draft("stc", signatory_id=leader, recipients=("snv",))
    town.stage.submit(document_id, "stc")
    town.stage.review(document_id, "stc")
    town.stage.check(document_id, "stc")

    answer = town.visitor("stc.lanhdao").get(f"/van-ban/{document_id}")

    assert "Mã PIN khóa ký cá nhân" in answer.text
    assert "Khóa mềm, chỉ để dùng thử." in answer.text
    assert "8987" not in answer.headers["Content-Security-Policy"]
    refused = Page(town, document_id).send(
        Page(town, document_id).url("ky-tai-may", "stc.lanhdao"), login="stc.lanhdao"
    )
    assert refused.status_code == 422
    assert refused.json["code"] == ErrorCode.SIGNER_NOT_AT_CLIENT


def test_complete_is_refused_with_code_and_reference_when_the_value_is_garbage(town, page):
    begun = page.begin()
    body = {"nonce": begun["nonce"], "values": [base64.b64encode(b"x" * 70).decode()]}

    answer = page.send(begun["complete_url"], body)

    assert answer.status_code == 422
    assert answer.json["code"] == ErrorCode.SIGNATURE_VALUE_WRONG
    assert "không phải do khóa của chứng thư" in answer.json["text"]
    assert re.fullmatch(r"[0-9A-F]{8}", answer.json["reference"])
    assert town.stage.document(page.document_id).status is DocumentStatus.AWAITING_SIGNATURE
    again = page.send(begun["complete_url"], body)
    assert (again.status_code, again.json["code"]) == (409, ErrorCode.PARKED_USED)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"nonce": 5, "values": []}',
        b'{"nonce": "x", "values": "y"}',
        b'{"nonce": "x", "values": ["kh\xc3\xb4ng"]}',
        json.dumps({"nonce": "x", "values": ["A" * 4096]}).encode(),
        json.dumps({"nonce": "x", "values": [""] * 65}).encode(),
        json.dumps({"nonce": "\ud800" * 64, "values": []}).encode(),
        json.dumps({"nonce": "x" * 64, "values": []}).encode(),
        json.dumps({"nonce": "0" * 64, "values": [5]}).encode(),
        b"[" * 100_000,
        b"x" * 300_000,
    ],
)
def test_complete_keeps_what_is_parked_when_the_body_is_no_answer(page, keys, body):
    begun = page.begin()

    answer = page.send(begun["complete_url"], body)

    assert (answer.status_code, answer.json["code"]) == (422, ErrorCode.INPUT_INVALID)
    assert page.send(begun["complete_url"], answers(begun, keys[LEADER])).status_code == 200


def test_complete_and_cancel_are_not_found_for_anybody_else(town, page, keys):
    begun = page.begin()
    for login in ("snv.chuyenvien", "stc.lanhdao"):
        for url in (begun["complete_url"], begun["cancel_url"]):
            answer = page.send(url, answers(begun, keys[LEADER]), login)
            assert (answer.status_code, answer.json["code"]) == (404, ErrorCode.PARKED_NOT_YOURS)
    assert page.send(begun["complete_url"], answers(begun, keys[LEADER])).status_code == 200


def test_complete_is_refused_when_it_is_sent_to_another_document(town, page, keys):
    other = town.stage.to_signature()
    begun = page.begin()

    answer = page.send(
        begun["complete_url"].replace(page.document_id, other), answers(begun, keys[LEADER])
    )

    assert (answer.status_code, answer.json["code"]) == (409, ErrorCode.PARKED_MISMATCH)
    assert town.stage.document(other).status is DocumentStatus.AWAITING_SIGNATURE


def test_cancel_frees_the_task_at_once(town, page):
    begun = page.begin()

    assert page.send(begun["cancel_url"]).status_code == 200

    assert page.begin()["id"] != begun["id"]
    trail = town.visitor(LEADER).get(f"/van-ban/{page.document_id}/nhat-ky").text
    assert "Ký số không thành" in trail


def test_begin_says_how_long_it_waits_when_the_clocks_differ(page):
    begun = page.begin()

    lifetime = INTENT_LIFETIME.total_seconds()
    assert lifetime - 60 < begun["expires_in"] <= lifetime
    assert "expires_at" not in begun


def test_begin_is_refused_in_json_when_it_is_asked_too_often(town, page, monkeypatch):
    monkeypatch.setattr(type(town.house.use_cases.begin_deferred), "__call__", _refuse)
    seen = {page.send(page.url("ky-tai-may")).status_code for _ in range(120)}
    assert seen == {404}

    answer = page.send(page.url("ky-tai-may"))

    assert answer.status_code == 429
    assert answer.json["text"]
    limiter.reset()


def _refuse(*_words: object) -> None:
    raise NotFoundError("nothing here", code=ErrorCode.DOCUMENT_NOT_FOUND)


def test_nothing_is_begun_without_the_token_of_the_form(town, page):
    for headers in ({"X-CSRFToken": "wrong"}, {"X-CSRFToken": ""}):
        answer = page.send(page.url("ky-tai-may"), **headers)
        assert answer.status_code == 400
    signed_out = town.anyone().post(page.url("ky-tai-may"), headers=JSON_TYPE)
    assert signed_out.status_code == 400
