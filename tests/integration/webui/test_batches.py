"""The pages of a batch: tick, look, give the PIN once, see what became of each document."""

import re
import threading
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from engine.errors import ConflictError, ErrorCode, PinRejectedError, SigningError
from engine.model.batch import LEASE, BatchId, BatchItem, BatchState, ItemState, short_name
from engine.model.document import DocumentId, DocumentStatus
from engine.process.model import TaskId
from tests.houses import PIN
from tests.integration.webui.conftest import Town
from webui.batch_runner import BatchRunner
from webui.limits import limiter
from webui.serving import _enqueue_due
from workflows.batch.run_batch import RunBatch
from workflows.batch.running import BatchRun

LEADER = "snv.lanhdao"


def ticked(town: Town, *tasks: TaskId) -> str:
    answer = town.visitor(LEADER).post("/dot-ky", data={"id": list(tasks)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def letter(town: Town, subject: str) -> tuple[DocumentId, TaskId]:
    document_id = town.stage.to_signature(subject=subject)
    return document_id, town.stage.task(LEADER, document_id)


def test_basket_offers_a_box_for_each_document_when_a_leader_signs(town: Town) -> None:
    _, task_id = letter(town, "ký theo đợt")

    page = town.visitor(LEADER).get("/viec/cho-ky").text

    assert f'name="id" value="{task_id}" form="batch"' in page
    assert 'data-key="s"' in page
    assert 'form="batch"' not in town.visitor("snv.vanthu").get("/viec/cap-so").text


def test_batch_page_signs_all_when_the_pin_is_right(town: Town) -> None:
    made = [letter(town, f"nội dung {place}") for place in range(3)]
    page = ticked(town, *(task for _, task in made))
    shown = town.visitor(LEADER).get(page).text
    for document_id, _ in made:
        assert town.stage.document(document_id).current_revision().digest in shown

    answer = town.visitor(LEADER).post(f"{page}/ky", data={"pin": PIN})

    assert answer.status_code == 303
    assert town.house.batches.wait(60)
    for document_id, _ in made:
        assert town.stage.document(document_id).status is DocumentStatus.SIGNED
    done = unescape(town.visitor(LEADER).get(page).text)
    assert "Đã ký 3/3 văn bản" in done
    assert "hx-get" not in done.split('id="batch"')[1].split(">")[0]
    # The page that polls is loaded anew at the end, and the counts of its menu with it.
    assert town.visitor(LEADER).get(f"{page}/tien-do").headers["HX-Refresh"] == "true"
    assert re.search(r"<summary[^>]*>[0-9a-f]{16}…</summary>", done)
    pdf = town.visitor(LEADER).get(f"{page}/bang-ke.pdf")
    assert pdf.data.startswith(b"%PDF")
    assert re.search(r"[0-9A-F]{8}\.pdf", pdf.headers["Content-Disposition"])


def test_batch_page_comes_back_with_the_reason_when_the_pin_is_wrong(town: Town) -> None:
    document_id, task_id = letter(town, "PIN sai")
    page = ticked(town, task_id)
    visitor = town.visitor(LEADER)

    answer = visitor.post(f"{page}/ky", data={"pin": "000000"})

    # Loading the page again sends nothing again.
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    shown = unescape(visitor.get(page).text)
    assert "tk-note tk-bad" in shown
    assert "000000" not in shown
    assert "tk-note tk-bad" not in visitor.get(page).text
    assert town.stage.document(document_id).status is DocumentStatus.AWAITING_SIGNATURE


def test_wrong_pins_are_slowed_down_when_they_are_many(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, task_id = letter(town, "PIN sai nhiều lần")
    page = ticked(town, task_id)

    def refuse(*_words: object, **_named: object) -> None:
        raise PinRejectedError("wrong")

    monkeypatch.setattr(town.house.batches, "start", refuse)
    limiter.reset()
    visitor = town.visitor(LEADER)
    codes = [visitor.post(f"{page}/ky", data={"pin": "000000"}).status_code for _ in range(11)]
    limiter.reset()

    assert codes == [303] * 10 + [429]


def test_batch_signs_when_the_pin_was_pasted_with_spaces(town: Town) -> None:
    document_id, task_id = letter(town, "PIN dán")
    page = ticked(town, task_id)

    town.visitor(LEADER).post(f"{page}/ky", data={"pin": f" {PIN}\t"})

    assert town.house.batches.wait(60)
    assert town.stage.document(document_id).status is DocumentStatus.SIGNED


def test_ended_batch_is_no_success_when_nothing_was_left_to_sign(town: Town) -> None:
    document_id, task_id = letter(town, "hai đợt")
    first, second = ticked(town, task_id), ticked(town, task_id)
    visitor = town.visitor(LEADER)
    visitor.post(f"{first}/ky", data={"pin": PIN})
    assert town.house.batches.wait(60)
    assert 'class="tk-pill tk-pill-good">Đã kết thúc' in visitor.get(first).text

    answer = visitor.post(f"{second}/ky", data={"pin": PIN}, follow_redirects=True)

    shown = unescape(answer.text)
    assert "đợt ký đã kết thúc" in shown
    assert 'class="tk-pill tk-pill-wait">Đã kết thúc' in shown
    assert "Thử lại các mục lỗi" not in shown
    assert "bang-ke.pdf" not in shown
    assert town.stage.document(document_id).status is DocumentStatus.SIGNED


def test_basket_names_a_batch_when_it_was_never_signed(town: Town) -> None:
    _, task_id = letter(town, "lập rồi để đó")
    page = ticked(town, task_id)
    name = f"Đợt ký {short_name(BatchId(page.rsplit('/', 1)[1]))} đã lập, chưa ký"
    visitor = town.visitor(LEADER)
    assert name in unescape(visitor.get("/viec/cho-ky").text)

    answer = visitor.post(f"{page}/ket-thuc", data={"from": "list"})

    assert answer.headers["Location"] == "/viec/cho-ky"
    assert name not in unescape(visitor.get("/viec/cho-ky").text)


def test_batch_stops_after_the_document_in_work_when_the_signer_says_so(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [letter(town, f"tạm dừng {place}") for place in range(3)]
    page = ticked(town, *(task for _, task in made))
    visitor = town.visitor(LEADER)
    begun, may_go_on = threading.Event(), threading.Event()
    sign = BatchRun._sign

    def sign_slowly(run: BatchRun, item: BatchItem) -> None:
        begun.set()
        may_go_on.wait(30)
        sign(run, item)

    monkeypatch.setattr(BatchRun, "_sign", sign_slowly)
    visitor.post(f"{page}/ky", data={"pin": PIN})
    assert begun.wait(30)
    assert f'action="{page}/dung"' in visitor.get(page).text

    answer = visitor.post(f"{page}/dung")
    may_go_on.set()

    assert answer.status_code == 303
    assert town.house.batches.wait(60)
    with town.house.start_reading() as work:
        batch_id = BatchId(page.rsplit("/", 1)[1])
        batch, items = work.batches.get(batch_id), work.batches.list_items(batch_id)
    assert (batch.state, batch.reason) == (BatchState.PAUSED, ErrorCode.BATCH_STOPPED)
    assert [item.state for item in items] == [ItemState.SIGNED, *[ItemState.WAITING] * 2]
    assert "Người ký đã tạm dừng" in unescape(visitor.get(page).text)
    visitor.post(f"{page}/ket-thuc")


def test_batch_page_lists_what_cannot_be_signed_when_it_is_ticked(town: Town) -> None:
    _, good = letter(town, "ký được")
    document_id, signed = letter(town, "đã ký rồi")
    town.stage.sign(document_id)

    shown = unescape(town.visitor(LEADER).get(ticked(town, good, signed)).text)

    assert "1 văn bản không ký trong đợt này" in shown


def test_basket_is_shown_again_with_a_note_when_nothing_is_ticked(town: Town) -> None:
    _, task_id = letter(town, "chưa chọn")

    answer = town.visitor(LEADER).post("/dot-ky", follow_redirects=True)

    assert answer.request.path == "/viec/cho-ky"
    assert f'value="{task_id}"' in answer.text
    assert "Phải chọn ít nhất một văn bản để ký" in unescape(answer.text)


def test_batch_is_not_found_when_somebody_else_asks(town: Town) -> None:
    _, task_id = letter(town, "của người khác")
    page = ticked(town, task_id)
    clerk = town.visitor("snv.vanthu")

    assert clerk.get(page).status_code == 404
    assert clerk.get(f"{page}/tien-do").status_code == 404
    assert clerk.get(f"{page}/bang-ke.pdf").status_code == 404
    assert clerk.post(f"{page}/ky", data={"pin": PIN}).status_code == 404
    assert clerk.post(f"{page}/ket-thuc").status_code == 404
    assert clerk.post(f"{page}/dung").status_code == 404


def test_runner_pauses_the_batch_when_the_server_stops(town: Town) -> None:
    made = [letter(town, f"dừng {place}") for place in range(3)]
    page = ticked(town, *(task for _, task in made))
    runner = BatchRunner(town.house.use_cases.run_batch)
    batch_id = BatchId(page.rsplit("/", 1)[1])

    runner.start(batch_id, town.stage.actor(LEADER), PIN)
    runner.stop()

    assert runner.wait(0)
    with town.house.start_reading() as work:
        batch = work.batches.get(batch_id)
        left = [item.state for item in work.batches.list_items(batch_id)]
    assert (batch.state, batch.reason) == (BatchState.PAUSED, ErrorCode.BATCH_INTERRUPTED)
    assert ItemState.SIGNING not in left
    basket = unescape(town.visitor(LEADER).get("/viec/cho-ky").text)
    assert f"Đợt ký {short_name(batch_id)} chưa xong" in basket
    administrator = unescape(town.visitor("vpub.quantri").get("/quan-tri").text)
    assert "Đợt ký dở dang" in administrator
    town.visitor(LEADER).post(f"{page}/ky", data={"pin": PIN})
    assert town.house.batches.wait(60)
    assert "Đã ký 3/3 văn bản" in unescape(town.visitor(LEADER).get(page).text)


def test_runner_begins_nothing_when_the_server_has_stopped(town: Town) -> None:
    document_id, task_id = letter(town, "sau khi dừng")
    batch_id = BatchId(ticked(town, task_id).rsplit("/", 1)[1])
    runner = BatchRunner(town.house.use_cases.run_batch)
    runner.stop()

    with pytest.raises(ConflictError) as refused:
        runner.start(batch_id, town.stage.actor(LEADER), PIN)

    assert refused.value.code is ErrorCode.BATCH_INTERRUPTED
    assert town.stage.document(document_id).status is DocumentStatus.AWAITING_SIGNATURE
    with town.house.start_reading() as work:
        assert work.batches.get(batch_id).state is BatchState.PREPARED


def test_runner_closes_the_key_when_no_thread_can_be_had(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, task_id = letter(town, "hết luồng")
    page = ticked(town, task_id)
    batch_id = BatchId(page.rsplit("/", 1)[1])
    runner = BatchRunner(town.house.use_cases.run_batch)
    begin = RunBatch.start
    runs: list[BatchRun] = []

    def begin_and_tell(*words: Any, **named: Any) -> BatchRun:
        runs.append(begin(*words, **named))
        return runs[-1]

    monkeypatch.setattr(RunBatch, "start", begin_and_tell)
    begin_thread = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == f"batch-{batch_id[:8]}":
            raise RuntimeError("can't start new thread")
        begin_thread(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)

    with pytest.raises(RuntimeError):
        runner.start(batch_id, town.stage.actor(LEADER), PIN)

    monkeypatch.undo()
    with pytest.raises(SigningError):
        runs[0].key.sign(b"x")
    with town.house.start_reading() as work:
        assert work.batches.get(batch_id).state is BatchState.PAUSED
    runner.stop()
    assert runner.wait(0)
    town.visitor(LEADER).post(f"{page}/ky", data={"pin": PIN})
    assert town.house.batches.wait(60)


def test_runner_notes_why_when_a_defect_stops_it(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    _, task_id = letter(town, "lỗi chương trình")
    page = ticked(town, task_id)
    run_batch = town.house.use_cases.run_batch
    broken = replace(run_batch.ceremonies, originals=None)  # type: ignore[arg-type] # the defect
    runner = BatchRunner(replace(run_batch, ceremonies=broken))

    runner.start(BatchId(page.rsplit("/", 1)[1]), town.stage.actor(LEADER), PIN)

    assert runner.wait(60)
    assert "AttributeError" in caplog.text
    assert PIN not in caplog.text
    shown = unescape(town.visitor(LEADER).get(page).text)
    assert "Tạm dừng" in shown
    assert "Ký tiếp, thử lại cả mục lỗi" in shown
    town.visitor(LEADER).post(f"{page}/ky", data={"pin": PIN, "retry": "1"})
    assert town.house.batches.wait(60)


def test_sweep_asks_for_the_job_when_a_batch_was_cut_off(town: Town) -> None:
    _, task_id = letter(town, "bị ngắt")
    page = ticked(town, task_id)
    batch_id = BatchId(page.rsplit("/", 1)[1])
    now = town.house.clock.now()
    with town.house.start_work() as work:
        batch = work.batches.get(batch_id)
        work.batches.save(batch.held("dead", now - 2 * LEASE))
        [item] = work.batches.list_items(batch_id)
        signing = item.moved(ItemState.SIGNING, now)
        work.batches.save_item(batch_id, signing, was=ItemState.WAITING)
        work.commit()
    shown = unescape(town.visitor(LEADER).get(page).text)
    assert shown.count("Bị gián đoạn") == 2  # the batch, and the document it was at
    assert "Đang ký" not in shown.split('id="batch"')[1]
    with town.house.start_work() as work:
        work.batches.save_item(batch_id, item, was=ItemState.SIGNING)
        work.commit()
    assert "Bị gián đoạn" in unescape(town.visitor(LEADER).get("/dot-ky").text)

    _enqueue_due(town.house, 2)
    town.stage.run_jobs()

    with town.house.start_reading() as work:
        assert work.batches.get(batch_id).state is BatchState.PREPARED
    assert "Chưa ký" in unescape(town.visitor(LEADER).get(page).text)


def test_batch_page_frees_what_is_unsigned_when_the_signer_ends_it(town: Town) -> None:
    _, task_id = letter(town, "thôi không ký")
    page = ticked(town, task_id)

    answer = town.visitor(LEADER).post(f"{page}/ket-thuc", follow_redirects=True)

    assert "Người ký đã kết thúc đợt ký" in unescape(answer.text)
    assert f'value="{task_id}"' in town.visitor(LEADER).get("/viec/cho-ky").text
    assert town.visitor(LEADER).get("/dot-ky").status_code == 200
