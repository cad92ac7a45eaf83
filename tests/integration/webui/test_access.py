import re

import pytest
from flask import Flask

from engine.errors import TrinhKyError
from engine.permissions import Permission
from tests.integration.webui.conftest import find_token, sign_in
from webui.app import CONTENT_SECURITY_POLICY
from webui.limits import limiter
from webui.login import check_every_view, find_permission, safe_target

#: What other programs ask, by protocols that know no form and no session.
SERVICES = {"pki.ask_status", "pki.published", "pki.read_status", "pki.stamp"}
OPEN = SERVICES | {
    "about.favicon",
    "about.healthz",
    "about.licences",
    "access.sign_in",
    "access.sign_in_form",
    "calendars.feed",
    "preferences.language",
    "schedules.feed",
}


def example_url(rule):
    url = rule.rule
    for name, value in {"basket": "cho-ky", "book": "di", "locale": "en"}.items():
        url = url.replace(f"<{name}>", value)
    return re.sub(r"<[^>]+>", "x", url)


def test_every_view_declares_a_permission(town):
    views = town.app.view_functions

    assert [name for name, view in views.items() if find_permission(view) is None] == []
    assert {n for n, v in views.items() if find_permission(v) is Permission.PUBLIC} == OPEN


def test_app_refuses_to_start_when_a_view_declares_no_permission():
    app = Flask("bare")
    app.add_url_rule("/", "forgotten", lambda: "")

    with pytest.raises(TrinhKyError, match="forgotten"):
        check_every_view(app)


def test_every_closed_page_asks_to_sign_in_when_nobody_has(town):
    for rule in town.app.url_map.iter_rules():
        if rule.endpoint in OPEN or "GET" not in rule.methods:
            continue
        answer = town.anyone().get(example_url(rule))
        assert answer.status_code == 303, rule
        assert answer.location.startswith("/dang-nhap"), rule


def test_every_post_is_refused_when_the_token_is_missing(town):
    client = town.visitor("snv.chuyenvien").client
    for rule in town.app.url_map.iter_rules():
        if "POST" in rule.methods and rule.endpoint not in SERVICES:
            assert client.post(example_url(rule)).status_code == 400, rule


def test_post_is_refused_when_another_site_sends_it(town):
    answer = town.visitor("snv.chuyenvien").post(
        "/cai-dat", {"theme": "dark"}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert answer.status_code == 400


def test_sign_in_opens_a_session_with_a_new_token(town):
    client = town.anyone()
    before = find_token(client.get("/dang-nhap").text)

    answer = sign_in(client, "snv.chuyenvien")

    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "trinhky_session" in c)
    assert answer.status_code == 303
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.post("/cai-dat", data={"csrf_token": before}).status_code == 400
    assert client.get("/").status_code == 200


def test_sign_in_says_the_same_when_name_or_password_is_wrong(town):
    wrong = sign_in(town.anyone(), "snv.chuyenvien", "sai")
    nobody = sign_in(town.anyone(), "khong.co.ai", "sai")

    assert wrong.status_code == nobody.status_code == 403
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in wrong.text
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in nobody.text
    assert "sai" not in nobody.text.split("<form")[1]


def test_sign_in_goes_on_to_the_page_asked_for(town):
    client = town.anyone()
    asked = client.get("/so-van-ban/di?nam=2026")
    assert asked.location == "/dang-nhap?next=/so-van-ban/di?nam%3D2026"

    answer = sign_in(client, "snv.chuyenvien", next="/so-van-ban/di?nam=2026")

    assert answer.location == "/so-van-ban/di?nam=2026"


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "/a\nb", ""],
)
def test_safe_target_is_home_when_the_target_leaves_the_site(target):
    assert safe_target(target) == "/"


def test_sign_out_ends_the_session_on_the_server(town):
    client = town.anyone()
    answer = sign_in(client, "snv.truongphong")
    cookie = client.get_cookie("trinhky_session")
    token = find_token(client.get("/cai-dat").text)

    answer = client.post("/dang-xuat", data={"csrf_token": token})

    assert answer.status_code == 303
    client.set_cookie("trinhky_session", cookie.value)
    assert client.get("/").status_code == 303


def test_sign_in_is_slowed_down_when_one_address_floods(town):
    limiter.reset()
    client = town.anyone()
    token = find_token(client.get("/dang-nhap").text)

    answers = [
        client.post("/dang-nhap", data={"csrf_token": token, "login": f"nobody{n}"}).status_code
        for n in range(61)
    ]

    limiter.reset()
    assert answers[-1] == 429
    assert set(answers[:-1]) == {403}


def test_every_answer_carries_the_security_headers(town):
    for url in ("/dang-nhap", "/khong-co-trang-nay", "/healthz"):
        headers = town.anyone().get(url).headers
        assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert "unsafe" not in CONTENT_SECURITY_POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_request_is_refused_when_the_host_is_not_ours(town):
    answer = town.anyone().get("/dang-nhap", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert "evil.example" not in answer.text


def test_only_an_administrator_sees_what_is_stuck(town):
    seen = town.visitor("vpub.quantri").get("/quan-tri")

    assert seen.status_code == 200
    assert "Không có việc nào bị kẹt" in seen.text
    assert town.visitor("snv.vanthu").get("/quan-tri").status_code == 403
    assert 'href="/quan-tri"' not in town.visitor("snv.vanthu").get("/").text


def test_polling_is_led_to_sign_in_when_the_session_has_ended(town):
    answer = town.anyone().get("/van-ban/x/tinh-trang-gui", headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/dang-nhap"


def test_asset_is_kept_for_ever_when_it_is_asked_for_by_its_hashed_name(town):
    url = town.app.jinja_env.globals["asset"]("tabler.css")

    with town.anyone().get(url) as answer:
        assert answer.status_code == 200
        assert len(answer.data) > 10_000
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert town.anyone().get("/static/vendor/../../app.py").status_code == 404


def test_page_learns_who_is_signed_in_and_the_token_of_now(town):
    visitor = town.visitor("snv.chuyenvien")

    state = visitor.get("/phien", headers={"Accept": "application/json"}).json
    ended = town.anyone().get("/phien", headers={"Accept": "application/json"})
    answer = visitor.client.post("/dang-xuat", data={"csrf_token": state["token"]})
    town.visitors.pop("snv.chuyenvien")

    assert answer.status_code == 303
    assert state["person"] == town.stage.actor("snv.chuyenvien").person_id
    assert ended.status_code == 401
