"""An administrator brings versions of procedures into force and sees where what waits."""

import io
import re
from datetime import timedelta

import pytest

from engine.errors import ErrorCode, InvalidInputError
from engine.process.findings import LintRule
from engine.process.model import DefinitionSource
from tests.integration.webui.conftest import Town
from tests.statements import own_statements
from workflows.incoming.procedure import PROCEDURE as INCOMING
from workflows.outgoing.procedure import PROCEDURE as OUTGOING

ADMINISTRATOR = "vpub.quantri"
HOME = "/quan-tri/quy-trinh"
PAGES = (
    HOME,
    f"{HOME}/outgoing",
    f"{HOME}/outgoing/1",
    f"{HOME}/incoming/1",
    f"{HOME}/outgoing/chuyen",
    f"{HOME}/outgoing/1/sua",
    f"{HOME}/tai-len",
    "/quan-tri/ho-so",
    "/quan-tri/ho-so?qt=outgoing&buoc=sign",
    "/quan-tri/ho-so?tt=stuck",
    "/quan-tri/ho-so?tt=completed",
    "/quan-tri/su-co",
    "/quan-tri/su-co?tt=xong",
    "/quan-tri/hen-gio",
)
JSON = {"Accept": "application/json"}
SUBJECT = "rà soát thủ tục hành chính nội bộ"


def renamed(label: str) -> bytes:
    return OUTGOING.bpmn.replace("Soạn thảo".encode(), label.encode())


def files(xml: bytes, dmn: bytes = b"") -> dict[str, object]:
    sent: dict[str, object] = {"bpmn": (io.BytesIO(xml), "quy-trinh.bpmn")}
    return sent | ({"dmn": (io.BytesIO(dmn), "bang.dmn")} if dmn else {})


def hidden(page: str) -> dict[str, str]:
    """Return what the page carries to the next."""
    return dict(re.findall(r'<input type="hidden" name="(bpmn|dmn)" value="([^"]*)">', page))


@pytest.fixture(scope="module")
def admin(town: Town):
    town.stage.to_signature(subject=SUBJECT)
    return town.visitor(ADMINISTRATOR)


@pytest.mark.parametrize("url", PAGES)
def test_page_is_for_administrators_alone(town, admin, url):
    assert admin.get(url).status_code == 200
    assert town.visitor("snv.vanthu").get(url).status_code == 403
    assert "/quan-tri/quy-trinh" not in town.visitor("snv.vanthu").get("/").text


@pytest.mark.parametrize("url", PAGES)
def test_page_holds_nothing_a_strict_policy_refuses(admin, url):
    page = admin.get(url).text

    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", page) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []


@pytest.mark.parametrize("url", PAGES)
def test_page_asks_the_database_a_constant_few_times(admin, url):
    admin.get(url)

    with own_statements() as asked:
        admin.get(url)

    # Who asks takes four, the frame two, the tabs two, the fullest page itself eight.
    assert len([each for each in asked if each.startswith(("SELECT", "WITH"))]) <= 16


def test_index_counts_what_waits(town, admin):
    page = admin.get(HOME).text

    assert "Văn bản đi" in page
    assert "Phiên bản 1" in page


def test_version_shows_heat_lint_and_tables(admin):
    page = admin.get(f"{HOME}/outgoing/1").text
    flow = admin.get(f"{HOME}/outgoing/1/so-do").json

    assert "Đạt kiểm tra quy trình" in page
    assert "Hạn xử lý mỗi bước" in page
    assert "số giờ làm việc theo “step_hours”" in page
    assert [each["id"] for each in flow["heat"]] == ["sign"]
    assert flow["heat"][0] | {"text": ""} == {"id": "sign", "level": 1, "text": ""}
    assert flow["heat"][0]["text"].startswith("1 · ")


@pytest.mark.parametrize(("kind", "content"), [("bpmn", OUTGOING.bpmn), ("dmn", OUTGOING.dmn)])
def test_download_gives_the_file_as_it_was_put_into_force(admin, kind, content):
    answer = admin.get(f"{HOME}/outgoing/1/tep/{kind}")

    assert answer.data == content
    assert f'filename="outgoing-1.{kind}"' in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "url",
    [
        f"{HOME}/nothing",
        f"{HOME}/outgoing/99",
        f"{HOME}/outgoing/x",
        f"{HOME}/outgoing/1/tep/exe",
        f"{HOME}/outgoing/99/sua",
    ],
)
def test_page_is_not_found_when_there_is_no_such_version(admin, url):
    assert admin.get(url).status_code == 404


# --- bringing a version ------------------------------------------------------------------------


def count_versions(town: Town) -> int:
    with town.house.start_reading() as work:
        return len(work.queries.list_versions("outgoing"))


def test_upload_stores_nothing_before_it_is_put_into_force(town, admin):
    before = count_versions(town)

    answer = admin.post(f"{HOME}/tai-len", files(renamed("Thảo văn bản"), OUTGOING.dmn))

    assert answer.status_code == 200
    assert "Đạt kiểm tra" in answer.text
    assert "Thảo văn bản" in answer.text
    assert count_versions(town) == before


def test_upload_is_put_into_force_byte_for_byte_with_its_note(town, admin):
    xml = renamed("Viết văn bản").replace(b"\n", b"\r\n")
    looked_at = admin.post(f"{HOME}/tai-len", files(xml, OUTGOING.dmn)).text

    answer = admin.post(f"{HOME}/dua-vao", hidden(looked_at) | {"note": "Theo góp ý"})

    assert answer.status_code == 303
    with town.house.start_reading() as work:
        newest = work.queries.list_versions("outgoing")[0]
        stored = work.processes.store.find_definition(newest.digest)
    assert (newest.note, newest.source, newest.in_force) == (
        "Theo góp ý",
        DefinitionSource.FILE,
        True,
    )
    assert (stored.xml, stored.dmn) == (xml, OUTGOING.dmn)
    assert answer.location == f"{HOME}/outgoing/{newest.number}"


def test_upload_says_what_is_wrong_and_how_to_mend_it(admin):
    xml = OUTGOING.bpmn.replace(b"approved == True", b"approved = True")

    page = admin.post(f"{HOME}/tai-len", files(xml, OUTGOING.dmn)).text

    assert "Chưa đưa vào dùng được" in page
    assert LintRule.CONDITION_REFUSED.value in page
    assert 'data-find="to_check_form"' in page
    assert "Hãy ghi theo mẫu: approved == True" in page
    assert hidden(page) == {}


def test_deploy_refuses_what_the_upload_would_have_refused(town, admin):
    sound = hidden(admin.post(f"{HOME}/tai-len", files(renamed("A"), OUTGOING.dmn)).text)
    before = count_versions(town)

    without_tables = admin.post(f"{HOME}/dua-vao", sound | {"dmn": ""})
    garbled = admin.post(f"{HOME}/dua-vao", sound | {"bpmn": "%%%"})

    assert without_tables.status_code == 422
    assert garbled.status_code == 422
    assert count_versions(town) == before


BILLION = b"".join(
    [
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">',
        b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>',
    ]
)


@pytest.mark.parametrize(
    ("xml", "rule"),
    [
        (BILLION, LintRule.XML_DOCTYPE),
        (b"\xff\xfe<", LintRule.XML_NOT_UTF8),
        (b"%PDF-1.7", LintRule.XML_BROKEN),
        (b"<a/>", LintRule.NOT_BPMN),
        (b"<a" * 1_000_001, LintRule.XML_TOO_LARGE),
        (b"<a>" * 100_000, LintRule.XML_BROKEN),
        (OUTGOING.bpmn.replace(b'id="draft"', b'id="&lt;script&gt;"'), LintRule.ID_NOT_ALLOWED),
    ],
)
def test_hostile_file_is_named_and_nothing_of_it_is_drawn_or_stored(town, admin, xml, rule):
    before = count_versions(town)

    answer = admin.post(f"{HOME}/tai-len", files(xml))
    # The client keeps a large body in a file of its own.
    answer.request.input_stream.close()

    assert answer.status_code == 200
    assert rule.value in answer.text
    assert "<script>" not in answer.text
    assert count_versions(town) == before


def test_hostile_tables_are_named_too(admin):
    page = admin.post(f"{HOME}/tai-len", files(OUTGOING.bpmn, b"<definitions/>")).text

    assert LintRule.DECISION_REFUSED.value in page


def test_upload_asks_for_a_file_when_there_is_none(admin):
    answer = admin.post(f"{HOME}/tai-len", {})

    assert answer.status_code == 422
    assert "Hãy chọn tệp sơ đồ." in answer.text


def test_note_is_refused_when_it_is_too_long_and_the_files_are_kept(admin):
    looked_at = admin.post(f"{HOME}/tai-len", files(renamed("B"), OUTGOING.dmn)).text

    answer = admin.post(f"{HOME}/dua-vao", hidden(looked_at) | {"note": "a" * 501})

    assert answer.status_code == 422
    assert "dài quá mức" in answer.text
    assert hidden(answer.text) == hidden(looked_at)


def test_older_version_is_put_back_into_force(town, admin):
    looked_at = admin.post(f"{HOME}/tai-len", files(renamed("C"), OUTGOING.dmn)).text
    admin.post(f"{HOME}/dua-vao", hidden(looked_at))

    answer = admin.post(f"{HOME}/outgoing/1/hieu-luc")

    assert answer.status_code == 303
    with town.house.start_reading() as work:
        rows = {row.number: row for row in work.queries.list_versions("outgoing")}
    assert [number for number, row in rows.items() if row.in_force] == [1]


# --- the editor ----------------------------------------------------------------------------------


def test_editor_gets_the_drawing_and_what_may_be_chosen(admin):
    given = admin.get(f"{HOME}/outgoing/1/ban-ve").json

    assert given["xml"] == OUTGOING.bpmn.decode()
    assert {"value": "review", "label": "Trưởng phòng duyệt"} in given["choices"]["rules"]
    assert [each["value"] for each in given["choices"]["operations"]] == list(OUTGOING.operations)
    assert [each["value"] for each in given["choices"]["decisions"]] == ["step_deadline"]
    assert {"value": "he_thong", "label": "Hệ thống"} in given["choices"]["roles"]
    assert "step_hours" in given["choices"]["data"]
    assert given["texts"]["panel"]["name"] == "Tên"


def test_editor_is_told_what_the_linter_finds(town, admin):
    before = count_versions(town)

    sound = admin.post(f"{HOME}/outgoing/1/kiem-tra", files(renamed("D"))).json
    broken = admin.post(
        f"{HOME}/outgoing/1/kiem-tra", files(OUTGOING.bpmn.replace(b"form_ok == True", b"(("))
    ).json

    assert sound == {"findings": []}
    assert [each["element"] for each in broken["findings"]] == ["to_sign"]
    assert broken["findings"][0]["mend"]
    assert count_versions(town) == before


def test_editor_saves_a_new_version_with_the_tables_of_the_old(town, admin):
    answer = admin.post(
        f"{HOME}/outgoing/1/luu", files(renamed("E")) | {"note": "vẽ lại"}, headers=JSON
    )

    assert answer.status_code == 201
    with town.house.start_reading() as work:
        newest = work.queries.list_versions("outgoing")[0]
        stored = work.processes.store.find_definition(newest.digest)
    assert answer.json["url"] == f"{HOME}/outgoing/{newest.number}"
    assert (newest.source, newest.note) == (DefinitionSource.EDITOR, "vẽ lại")
    assert stored.dmn == OUTGOING.dmn


def test_editor_keeps_its_drawing_when_saving_is_refused(admin):
    broken = OUTGOING.bpmn.replace(b"signed == True", b"signed = True")

    refused = admin.post(f"{HOME}/outgoing/1/luu", files(broken), headers=JSON)
    wordy = admin.post(
        f"{HOME}/outgoing/1/luu", files(renamed("F")) | {"note": "a" * 501}, headers=JSON
    )

    assert (refused.status_code, wordy.status_code) == (422, 422)
    assert [each["element"] for each in refused.json["findings"]] == ["to_number"]
    assert "dài quá mức" in wordy.json["text"]


# --- moving along --------------------------------------------------------------------------------


def test_instances_move_to_another_version_after_a_dry_run(town, admin):
    with town.house.start_reading() as work:
        digest = work.processes.store.find_current_digest("incoming")
        numbers = {row.digest: row.number for row in work.queries.list_versions("incoming")}
    old = numbers[digest]
    town.stage.issue(subject="chuyển phiên bản")
    town.stage.run_jobs()
    label = INCOMING.bpmn.replace("Trình lãnh đạo".encode(), "Trình người đứng đầu".encode())
    admin.post(f"{HOME}/incoming/{old}/luu", files(label), headers=JSON)
    with town.house.start_reading() as work:
        new = work.queries.list_versions("incoming")[0].number

    dry = admin.get(f"{HOME}/incoming/chuyen?tu={old}&den={new}")
    with town.house.start_reading() as work:
        untouched = {row.number: row.running for row in work.queries.list_versions("incoming")}
    done = admin.post(f"{HOME}/incoming/chuyen", {"tu": str(old), "den": str(new)})
    with town.house.start_reading() as work:
        after = {row.number: row.running for row in work.queries.list_versions("incoming")}

    assert "3 trong 3 hồ sơ chuyển được" in dry.text
    assert "Sở Y tế" in dry.text
    assert "Trình người đứng đầu" in dry.text
    assert untouched == {old: 3, new: 0}
    assert done.status_code == 303
    assert after == {old: 0, new: 3}


def test_migration_page_shows_nothing_but_the_choice_when_it_is_the_same_version(admin):
    page = admin.get(f"{HOME}/outgoing/chuyen?tu=1&den=1")

    assert page.status_code == 200
    assert "Khác nhau" not in page.text
    assert admin.post(f"{HOME}/outgoing/chuyen", {"tu": "1", "den": "1"}).status_code == 404


# --- what runs -----------------------------------------------------------------------------------


def test_instances_say_what_they_are_about_and_where_they_wait(admin):
    page = admin.get("/quan-tri/ho-so?qt=outgoing&buoc=sign").text

    assert SUBJECT in page
    assert "Lãnh đạo ký số" in page
    assert "Mai Kim Loan" in page
    assert SUBJECT not in admin.get("/quan-tri/ho-so?qt=outgoing&buoc=draft").text
    assert SUBJECT not in admin.get("/quan-tri/ho-so?tuoi=1").text
    assert SUBJECT not in admin.get("/quan-tri/ho-so?pb=99&qt=outgoing").text


@pytest.mark.parametrize("cursor", ["x", "WzFd", "%00"])
def test_list_is_refused_when_its_cursor_is_garbled(admin, cursor):
    for url in ("/quan-tri/ho-so", "/quan-tri/su-co", "/quan-tri/hen-gio"):
        assert admin.get(f"{url}?sau={cursor}").status_code == 422


def test_incident_is_shown_with_its_reason_and_tried_again(town, admin):
    document_id = town.stage.to_signature(subject="gặp sự cố")
    task = town.stage.task("snv.lanhdao", document_id)
    now = town.house.clock.now()
    with town.house.start_work() as work:
        item = work.processes.get_task(task)
        error = InvalidInputError("no rule matches", code=ErrorCode.PROCESS_DATA)
        [entry, *_] = work.processes.store.list_due(now + timedelta(days=60), 1)
        failed = work.processes.schedule.note_failure(entry, error, now)
        own = work.processes.schedule.note_step(item.instance_id, item.node_id, error, now)
        work.commit()

    page = admin.get("/quan-tri/su-co").text
    tried = admin.post(f"/quan-tri/su-co/{failed.id}/thu-lai")
    refused = admin.post(f"/quan-tri/su-co/{own.id}/thu-lai")
    with town.house.start_reading() as work:
        due = work.processes.store.find_due(entry.id)

    assert "gặp sự cố" in page
    assert "no rule matches" in page
    assert page.count("Thử lại ngay") == 1
    assert tried.status_code == 303
    assert refused.status_code == 422
    assert due.due_at >= now


def test_timers_name_days_off_and_years_without_a_table(town, admin):
    page = admin.get("/quan-tri/hen-gio?nam=2026").text
    far = admin.get("/quan-tri/hen-gio?nam=2150").text

    assert "Báo quá hạn" in page
    assert "Tết Nguyên đán" in page
    assert "Chưa chắc chắn" in page
    assert "Chưa có đủ ngày nghỉ của năm này" in far
    assert admin.get("/quan-tri/hen-gio?nam=99999").status_code == 200
