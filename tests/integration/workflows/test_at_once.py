"""Two people, or one person in two windows, act at the same moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from engine.errors import ConflictError, ErrorCode, TrinhKyError
from engine.model.document import DocumentStatus
from engine.model.organisation import AgencyId
from engine.model.register import RegisterBook
from tests.houses import PIN, Stage


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts together and return what each gave or raised."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        gate.wait()
        try:
            return act()
        except TrinhKyError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def errors(results: Sequence[object]) -> list[TrinhKyError]:
    return [result for result in results if isinstance(result, TrinhKyError)]


def test_one_of_two_clerks_wins_and_the_other_is_told_by_whom(stage: Stage) -> None:
    document_id = stage.draft()
    stage.submit(document_id)
    stage.review(document_id)
    task = stage.task("snv.vanthu", document_id)
    clerks = [stage.actor("snv.vanthu"), stage.actor("snv.vanthu2")]

    results = at_once(*(lambda c=c: stage.house.use_cases.check_form(task, c) for c in clerks))

    (error,) = errors(results)
    assert isinstance(error, ConflictError)
    assert error.code is ErrorCode.TASK_CLOSED
    winner = clerks[1 - results.index(error)]
    assert error.params["by"] == winner.full_name


def test_a_leader_in_two_windows_signs_once(stage: Stage) -> None:
    document_id = stage.to_signature()
    task = stage.task("snv.lanhdao", document_id)
    leader = stage.actor("snv.lanhdao")

    results = at_once(
        *(lambda: stage.house.use_cases.sign_document(task, leader, PIN) for _ in range(2))
    )

    (error,) = errors(results)
    assert error.code in {ErrorCode.SIGNING_UNDERWAY, ErrorCode.TASK_CLOSED}
    document = stage.document(document_id)
    assert document.status is DocumentStatus.SIGNED
    assert len(document.revisions) == 2


def test_two_clerks_number_one_document_once(stage: Stage) -> None:
    document_id = stage.to_signature()
    stage.sign(document_id)
    task = stage.task("snv.vanthu", document_id)
    clerks = [stage.actor("snv.vanthu"), stage.actor("snv.vanthu2")]

    results = at_once(
        *(lambda c=c: stage.house.use_cases.number_document(task, c) for c in clerks)
    )

    assert len(errors(results)) == 1
    with stage.house.start_reading() as work:
        entries = work.registers.list_entries(
            AgencyId("snv"), RegisterBook.OUTGOING, stage.house.clock.now().year
        )
    assert [entry.number for entry in entries] == [1]


def test_a_return_while_the_leader_signs_is_refused_or_wins_whole(stage: Stage) -> None:
    document_id = stage.to_signature()
    task = stage.task("snv.lanhdao", document_id)
    leader = stage.actor("snv.lanhdao")
    cases = stage.house.use_cases

    results = at_once(
        lambda: cases.sign_document(task, leader, PIN),
        lambda: cases.return_document(task, leader, "Xem lại."),
    )

    assert len(errors(results)) == 1
    status = stage.document(document_id).status
    signed = not isinstance(results[0], TrinhKyError)
    assert status is (DocumentStatus.SIGNED if signed else DocumentStatus.DRAFT)


def test_clerks_of_many_documents_get_dense_numbers(stage: Stage) -> None:
    documents = [stage.to_signature() for _ in range(4)]
    for document_id in documents:
        stage.sign(document_id)
    tasks = [stage.task("snv.vanthu", document_id) for document_id in documents]
    clerk = stage.actor("snv.vanthu")

    results = at_once(
        *(lambda t=t: stage.house.use_cases.number_document(t, clerk) for t in tasks)
    )

    assert sorted(map(str, results)) == [f"0{n}/SNV-CCHC" for n in range(1, 5)]


def test_one_of_two_clerks_registers_and_the_other_is_told_by_whom(stage: Stage) -> None:
    document_id = stage.issue()
    stage.run_jobs()
    with stage.house.start_reading() as work:
        delivery = work.deliveries.find(document_id, AgencyId("stc"))
    assert delivery is not None
    task = stage.task("stc.vanthu", delivery.id)
    clerks = [stage.actor("stc.vanthu"), stage.actor("stc.vanthu2")]

    results = at_once(
        *(lambda c=c: stage.house.use_cases.register_delivery(task, c) for c in clerks)
    )

    (error,) = errors(results)
    assert error.code is ErrorCode.TASK_CLOSED
    assert error.params["by"] == clerks[1 - results.index(error)].full_name
