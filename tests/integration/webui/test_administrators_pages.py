"""What administrators are offered, and what somebody sees who holds no post any more."""

import os
import re
import shutil

import pytest

from engine.errors import InvalidInputError
from engine.model.certification import check_new_pin
from engine.model.keys import KeyHome
from engine.model.trust import Refusal
from signing.foreign import refused
from tests.bureau import ADMINISTRATOR, LEADER, OFFICER, WHY, Bureau, lock
from tests.houses import PASSWORD
from tests.integration.webui.conftest import find_token, sign_in
from webui.bootstrap import open_house
from webui.cli import main
from webui.errors import describe_error
from webui.settings import Settings

HOME = "/chung-thu-so"
REGISTRY = "/quan-tri/chung-thu-so"
STRANGER = "stc.vanthu"


@pytest.fixture
def bureau(town):
    return Bureau(town.stage)


def test_plan_offers_only_the_homes_that_the_server_has(town, bureau):
    application_id = bureau.ask(OFFICER)
    bureau.approve(application_id)

    page = town.visitor(ADMINISTRATOR).get(f"{HOME}/de-nghi/{application_id}").text
    bureau.cases.withdraw(application_id, bureau.who(OFFICER), WHY)

    homes = re.search(r'<select[^>]*name="home".*?</select>', page, re.DOTALL)
    assert homes is not None
    assert re.findall(r'value="([a-z]+)"', homes[0]) == ["software", "client"]


def test_homes_are_those_that_are_configured(installation, tmp_path):
    shutil.copytree(installation, tmp_path / "data")
    settings = Settings(
        data_dir=tmp_path / "data",
        pkcs11_module=tmp_path / "module.so",
        csc_url="https://ky.example.vn",
    )
    house = open_house(settings)

    assert house.use_cases.certificates.allow.homes == frozenset(KeyHome)
    house.close()


def test_administrator_finds_the_trusted_authorities_and_every_icon(town):
    page = town.visitor(ADMINISTRATOR).get(REGISTRY).text

    assert page.count('href="/quan-tri/tin-cay"') >= 2
    shown = re.findall(r'<use href="([^"#]+)#([a-z0-9-]+)"', page)
    with town.anyone().get(shown[0][0]) as sprite:
        assert [name for _, name in shown if f'id="{name}"' not in sprite.text] == []


def test_administrator_without_tasks_reads_that_nothing_waits(town):
    page = town.visitor(ADMINISTRATOR).get("/").text

    assert "Vai trò của bạn không có bước nào" not in page


def test_certificate_in_use_stands_before_the_one_it_took_the_place_of(town, bureau):
    new = bureau.renew(OFFICER)

    page = town.visitor(OFFICER).get(HOME).text

    numbers = re.findall(r'tk-digest">([0-9a-f]+)<', page)
    assert int(numbers[0], 16) == int(new.id, 16)
    assert {len(each) % 2 for each in numbers} == {0}


def test_page_of_a_suspension_does_not_call_the_certificate_old(town, bureau):
    application_id = bureau.suspend(bureau.current("snv.truongphong"), "snv.truongphong")

    page = town.visitor(ADMINISTRATOR).get(f"{HOME}/de-nghi/{application_id}").text

    assert "Chứng thư cũ" not in page


def test_locked_pin_names_its_person_once(town, bureau):
    lock(bureau, town.stage.to_signature())

    page = town.visitor(ADMINISTRATOR).get(REGISTRY).text

    name = bureau.who(LEADER).full_name
    assert f"<b>{name}</b>" in page
    assert f"</b> · {name}" not in page


def test_leader_is_not_offered_to_approve_their_own_application(town, bureau):
    answer = town.visitor(LEADER).post(f"{HOME}/xin-cap", {"reason": WHY})
    page = town.visitor(LEADER).get(answer.headers["Location"]).text

    assert "/duyet" not in page
    assert bureau.other_leader(LEADER).full_name in page


@pytest.mark.parametrize("days", ["0", "99999", "abc", "1000000"])
def test_warning_days_are_refused_with_their_range(town, days):
    answer = town.visitor(ADMINISTRATOR).post(f"{REGISTRY}/nhac", {"thresholds": days})

    assert answer.status_code == 422
    assert "từ 1 đến 366 ngày" in answer.text


def test_refused_host_names_the_setting_that_allows_it():
    assert "TRINHKY_PKI_HOSTS" in describe_error(refused(Refusal.HOST_NOT_ALLOWED), "vi")


@pytest.mark.parametrize("pin", ["      ", "112112"])
def test_plain_pin_is_refused_with_what_is_wanted(pin):
    with pytest.raises(InvalidInputError) as caught:
        check_new_pin(pin, pin)

    assert "ít nhất 3 ký tự khác nhau" in describe_error(caught.value, "vi")


def test_serial_number_is_found_as_it_is_shown(town, bureau):
    certificate = bureau.current("stc.lanhdao")
    shown = f"{int(certificate.id, 16):x}".zfill(len(certificate.id) + len(certificate.id) % 2)

    page = town.visitor(ADMINISTRATOR).get(REGISTRY, query_string={"q": shown}).text

    assert re.findall(r'tk-digest">([0-9a-f]+)<', page) == [shown]


def test_agent_says_in_a_sentence_that_the_token_cannot_be_used(monkeypatch, tmp_path, capsys):
    module = tmp_path / "module.so"
    module.write_bytes(b"no library")
    words = ["trinhky", "agent", "--module", str(module), "--request", str(tmp_path / "x.csr")]
    monkeypatch.setattr("sys.argv", words)
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _text: "000000")
    umask = os.umask(0o077)
    try:
        with pytest.raises(SystemExit) as caught:
            main()
    finally:
        os.umask(umask)

    assert caught.value.code == 1
    assert "không dùng được token" in capsys.readouterr().err
    assert not (tmp_path / "x.csr").exists()


def test_home_shows_the_way_out_when_the_last_post_is_over(town, bureau):
    bureau.leave(STRANGER)
    client = town.anyone()
    assert sign_in(client, STRANGER).status_code == 303

    page = client.get("/")

    assert page.status_code == 200
    assert "Bạn không giữ chức vụ nào hôm nay" in page.text
    assert f"{bureau.yesterday():%d/%m/%Y}" in page.text
    assert client.get("/tim").status_code == 403
    answer = client.post("/dang-xuat", data={"csrf_token": find_token(page.text)})
    assert answer.headers["Location"] == "/dang-nhap"
    assert client.get("/").status_code == 303
    assert PASSWORD not in page.text
