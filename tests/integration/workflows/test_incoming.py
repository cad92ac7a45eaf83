"""The incoming procedure on a real installation."""

from datetime import timedelta

import pytest

from engine.clock import FixedClock
from engine.errors import ConflictError, ErrorCode, InvalidInputError, NotPermittedError
from engine.model.assignment import Assignment, AssignmentState, SourceKind
from engine.model.delivery import Delivery, DeliveryId, DeliveryStatus
from engine.model.document import DocumentId
from engine.model.organisation import AgencyId, PersonId
from engine.process.model import InstanceStatus
from tests.houses import Stage
from tests.orders import Desk, let_officers_handle


@pytest.fixture
def sent(stage: Stage) -> DocumentId:
    document_id = stage.issue()
    stage.run_jobs()
    return document_id


def delivery_to(stage: Stage, document_id: DocumentId, agency: str) -> Delivery:
    with stage.house.start_reading() as work:
        found = work.deliveries.find(document_id, AgencyId(agency))
    assert found is not None
    return found


def register(stage: Stage, delivery_id: DeliveryId, agency: str = "stc") -> int:
    login = f"{agency}.vanthu"
    return stage.house.use_cases.register_delivery(
        stage.task(login, delivery_id), stage.actor(login)
    )


def present(stage: Stage, delivery_id: DeliveryId, agency: str = "stc") -> None:
    login = f"{agency}.vanthu"
    stage.house.use_cases.present_delivery(
        stage.task(login, delivery_id),
        stage.actor(login),
        stage.actor(f"{agency}.lanhdao").person_id,
    )


def direct(stage: Stage, delivery_id: DeliveryId, **changes: object) -> None:
    values: dict[str, object] = {
        "direction": "Giao phòng chuyên môn tham mưu.",
        "handler_id": stage.actor("stc.chuyenvien").person_id,
    }
    stage.house.use_cases.direct_delivery(
        stage.task("stc.lanhdao", delivery_id),
        stage.actor("stc.lanhdao"),
        **(values | changes),  # type: ignore[arg-type]
    )


def directed(stage: Stage, sent: DocumentId, **changes: object) -> Delivery:
    delivery = delivery_to(stage, sent, "stc")
    register(stage, delivery.id)
    present(stage, delivery.id)
    direct(stage, delivery.id, **changes)
    return delivery_to(stage, sent, "stc")


def assignment_on(stage: Stage, delivery_id: DeliveryId) -> Assignment:
    with stage.house.start_reading() as work:
        found = work.assignments.list_on_source(SourceKind.DELIVERY, delivery_id)
    (given,) = (each for each in found if each.state is not AssignmentState.CANCELLED)
    return given


def codes(stage: Stage, sent: DocumentId) -> list[str]:
    return [message.status.value for message in delivery_to(stage, sent, "stc").messages]


def test_a_delivery_goes_from_arrival_to_completion(stage: Stage, sent: DocumentId) -> None:
    delivery = directed(stage, sent)
    given = assignment_on(stage, delivery.id)
    assert (given.content, given.source.document_id) == ("Giao phòng chuyên môn tham mưu.", sent)
    desk = Desk(stage)
    desk.accept(given.id, "stc.chuyenvien")
    assert delivery_to(stage, sent, "stc").status is DeliveryStatus.IN_PROGRESS
    desk.finish(given.id, "stc.chuyenvien")
    assert delivery_to(stage, sent, "stc").status is DeliveryStatus.IN_PROGRESS
    desk.confirm(given.id, "stc.lanhdao")

    done = delivery_to(stage, sent, "stc")
    assert codes(stage, sent) == ["01", "03", "04", "05", "06"]
    assert done.result == "Đã hoàn thành."
    assert desk.instance("incoming", delivery.id).status is InstanceStatus.COMPLETED


def test_a_delivery_is_handled_by_an_officer_in_the_flow_of_an_earlier_release(
    stage: Stage, sent: DocumentId
) -> None:
    let_officers_handle(stage)
    # What has arrived runs on the version it began with, so another letter is sent.
    later = stage.issue()
    stage.run_jobs()
    delivery = directed(stage, later)
    with stage.house.start_reading() as work:
        assert work.assignments.list_on_source(SourceKind.DELIVERY, delivery.id) == []
    officer = stage.actor("stc.chuyenvien")
    task = stage.task("stc.chuyenvien", delivery.id)
    stage.house.use_cases.begin_handling(task, officer)
    stage.house.use_cases.handle_delivery(task, officer, "Đã báo cáo.")
    assert codes(stage, later) == ["01", "03", "04", "05", "06"]
    assert delivery_to(stage, later, "stc").result == "Đã báo cáo."


def test_the_flow_of_an_earlier_release_takes_one_officer_and_nobody_else(
    stage: Stage, sent: DocumentId
) -> None:
    let_officers_handle(stage)
    later = stage.issue()
    stage.run_jobs()
    delivery = delivery_to(stage, later, "stc")
    register(stage, delivery.id)
    present(stage, delivery.id)
    unit = Desk(stage).unit("stc.truongphong")
    for changes, field in (
        ({"lead": unit, "handler_id": None}, "handler_id"),
        ({"cooperators": (unit,)}, "cooperators"),
    ):
        with pytest.raises(InvalidInputError) as caught:
            direct(stage, delivery.id, **changes)
        assert caught.value.params["field"] == field
    assert delivery_to(stage, later, "stc").status is DeliveryStatus.REGISTERED


def test_direct_delivery_names_a_unit_and_who_co_operates(stage: Stage, sent: DocumentId) -> None:
    desk = Desk(stage)
    unit, officer = desk.unit("stc.truongphong"), desk.person("stc.chuyenvien")
    due_on = desk.day(5)
    delivery = directed(
        stage, sent, handler_id=None, lead=unit, cooperators=(officer,), due_on=due_on
    )
    given = assignment_on(stage, delivery.id)
    assert (given.lead, given.due_on) == (unit, due_on)
    assert [party.person_id for party in given.cooperators] == [officer.person_id]
    assert (delivery.unit_id, delivery.handler_id) == (unit.unit_id, None)
    assert desk.rules("stc.truongphong", given.id) == ["handle_as_unit"]


def test_an_arrival_is_directed_again_when_its_assignment_is_cancelled(
    stage: Stage, sent: DocumentId
) -> None:
    delivery = directed(stage, sent)
    desk = Desk(stage)
    given = assignment_on(stage, delivery.id)
    desk.accept(given.id, "stc.chuyenvien")
    stage.house.use_cases.cancel_assignment(given.id, stage.actor("stc.lanhdao"), "Giao lại.")
    again = delivery_to(stage, sent, "stc")
    assert (again.direction, again.handler_id) == ("", None)

    direct(stage, delivery.id, direction="Phòng khác chủ trì.")
    second = assignment_on(stage, delivery.id)
    desk.accept(second.id, "stc.chuyenvien")
    desk.finish(second.id, "stc.chuyenvien")
    desk.confirm(second.id, "stc.lanhdao")
    assert codes(stage, sent) == ["01", "03", "04", "05", "06"]


def test_an_arrival_names_the_lead_its_assignment_has_now(stage: Stage, sent: DocumentId) -> None:
    delivery = directed(stage, sent)
    given, unit = assignment_on(stage, delivery.id), Desk(stage).unit("stc.truongphong")
    stage.house.use_cases.reassign(given.id, stage.actor("stc.lanhdao"), unit, "Cả phòng.")
    moved = delivery_to(stage, sent, "stc")
    assert (moved.unit_id, moved.handler_id) == (unit.unit_id, None)


def test_direct_delivery_refuses_no_lead_and_a_day_off_and_changes_nothing(
    stage: Stage, sent: DocumentId
) -> None:
    delivery = delivery_to(stage, sent, "stc")
    register(stage, delivery.id)
    present(stage, delivery.id)
    day = Desk(stage).today()
    while day.weekday() != 6:
        day += timedelta(days=1)
    for changes, code in (
        ({"handler_id": None}, ErrorCode.ASSIGNMENT_LEAD_MISSING),
        ({"due_on": day}, ErrorCode.ASSIGNMENT_DEADLINE_OFF),
    ):
        with pytest.raises(InvalidInputError) as caught:
            direct(stage, delivery.id, **changes)
        assert caught.value.code is code
    assert delivery_to(stage, sent, "stc").status is DeliveryStatus.REGISTERED
    assert stage.task("stc.lanhdao", delivery.id)


def test_refuse_delivery_tells_the_sender_why(stage: Stage, sent: DocumentId) -> None:
    delivery = delivery_to(stage, sent, "syt")
    task = stage.task("syt.vanthu", delivery.id)
    with pytest.raises(InvalidInputError) as caught:
        stage.house.use_cases.refuse_delivery(task, stage.actor("syt.vanthu"), " ")
    assert caught.value.code is ErrorCode.INPUT_MISSING
    stage.house.use_cases.refuse_delivery(task, stage.actor("syt.vanthu"), "Không đúng chức năng.")
    with stage.house.start_reading() as work:
        light = {row.recipient_id: row for row in work.queries.list_board(sent)}[AgencyId("syt")]
    assert light.status is DeliveryStatus.REFUSED
    assert light.refusal_reason == "Không đúng chức năng."


def test_the_sender_s_procedure_ends_with_the_last_answer(stage: Stage, sent: DocumentId) -> None:
    for agency in ("stc", "vpub"):
        register(stage, delivery_to(stage, sent, agency).id, agency)
        with stage.house.start_reading() as work:
            assert "document.receipts.complete" not in {
                leaf.event for leaf in work.audit.list_group(sent)
            }
    stage.house.use_cases.refuse_delivery(
        stage.task("syt.vanthu", delivery_to(stage, sent, "syt").id),
        stage.actor("syt.vanthu"),
        "Trùng văn bản.",
    )
    with stage.house.start_reading() as work:
        assert [leaf.event for leaf in work.audit.list_group(sent)].count(
            "document.receipts.complete"
        ) == 1


def test_running_the_jobs_again_delivers_nothing_twice(stage: Stage, sent: DocumentId) -> None:
    before = {a: delivery_to(stage, sent, a) for a in ("stc", "syt", "vpub")}
    with stage.house.start_work() as work:
        work.jobs.enqueue("dispatch", f"again:{sent}", {"document_id": sent})
        for delivery in before.values():
            work.jobs.enqueue("receive", f"again:{delivery.id}", {"delivery_id": delivery.id})
        work.commit()
    stage.run_jobs()
    assert {a: delivery_to(stage, sent, a) for a in before} == before
    with stage.house.start_reading() as work:
        assert not work.queries.list_stuck(stage.house.clock.now())


def test_a_clerk_of_another_agency_may_not_register(stage: Stage, sent: DocumentId) -> None:
    delivery = delivery_to(stage, sent, "stc")
    task = stage.task("stc.vanthu", delivery.id)
    with pytest.raises(NotPermittedError) as caught:
        stage.house.use_cases.register_delivery(task, stage.actor("syt.vanthu"))
    assert caught.value.code is ErrorCode.TASK_NOT_YOURS
    with pytest.raises(NotPermittedError):
        stage.house.use_cases.view_delivery(delivery.id, stage.actor("syt.vanthu"))


def test_register_delivery_twice_gives_one_number(stage: Stage, sent: DocumentId) -> None:
    delivery = delivery_to(stage, sent, "stc")
    task = stage.task("stc.vanthu", delivery.id)
    register(stage, delivery.id)
    with pytest.raises(ConflictError) as caught:
        stage.house.use_cases.register_delivery(task, stage.actor("stc.vanthu2"))
    assert caught.value.params["by"] == stage.actor("stc.vanthu").full_name
    second = stage.issue()
    stage.run_jobs()
    assert register(stage, delivery_to(stage, second, "stc").id) == 2


def test_register_delivery_is_refused_when_the_signatures_failed(
    stage: Stage, sent: DocumentId
) -> None:
    delivery = delivery_to(stage, sent, "stc")
    with stage.house.start_work() as work:
        delivery.verdict = "FAILED"
        work.deliveries.save(delivery)
        work.commit()
    with pytest.raises(ConflictError) as caught:
        register(stage, delivery.id)
    assert caught.value.code is ErrorCode.DELIVERY_NOT_VALID


def test_direct_delivery_refuses_a_stranger_and_a_day_in_the_past(
    stage: Stage, sent: DocumentId, clock: FixedClock
) -> None:
    delivery = delivery_to(stage, sent, "stc")
    register(stage, delivery.id)
    present(stage, delivery.id)
    with pytest.raises(InvalidInputError):
        direct(stage, delivery.id, handler_id=stage.actor("syt.chuyenvien").person_id)
    with pytest.raises(InvalidInputError):
        direct(stage, delivery.id, due_on=(clock.now() - timedelta(days=2)).date())
    with pytest.raises(InvalidInputError):
        direct(stage, delivery.id, direction="  ")
    direct(stage, delivery.id, due_on=Desk(stage).day(2))
    assert delivery_to(stage, sent, "stc").status is DeliveryStatus.ASSIGNED


def test_present_delivery_refuses_somebody_who_does_not_lead(
    stage: Stage, sent: DocumentId
) -> None:
    delivery = delivery_to(stage, sent, "stc")
    register(stage, delivery.id)
    with pytest.raises(InvalidInputError):
        stage.house.use_cases.present_delivery(
            stage.task("stc.vanthu", delivery.id),
            stage.actor("stc.vanthu"),
            PersonId(stage.actor("stc.chuyenvien").person_id),
        )
