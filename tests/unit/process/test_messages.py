"""Send messages between instances: before, after, twice, and to the one that is meant."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import ErrorCode, InvalidInputError
from engine.model.organisation import SYSTEM
from engine.process.messages import correlation_of
from engine.process.model import (
    DueKind,
    IncidentKind,
    InstanceStatus,
    Plain,
    Procedure,
    TaskRule,
)
from engine.process.steps import PACE
from tests.unit.process.office import NOW, Office, Running, a_flow, boundary, draw, message, shape

ANY = TaskRule(use_case="any")
LATER = NOW + timedelta(hours=1)
NAMES = frozenset({"agency_id", "number", "hidden", "other"})
#: Waits for the answer to its own number, takes the note and nothing else.
CATCH = draw(
    ["startEvent s", "userTask a",
     shape("intermediateCatchEvent", "c", message("answer"), correlation="number",
           payload="note"),
     "userTask b", "endEvent e"],
    ["s a", "a c", "c b", "b e"],
    messages=["answer"],
)  # fmt: skip


def an_office(xml: bytes = CATCH) -> Office:
    return Office(replace(a_flow(xml, a=ANY, b=ANY, n=ANY), starts_with=NAMES))


def send(
    office: Office,
    number: Plain = 1,
    *,
    message_id: str = "m1",
    name: str = "answer",
    payload: Mapping[str, Plain] | None = None,
) -> bool:
    return office.processes().send_message(
        name,
        message_id=message_id,
        correlation={"number": number},
        payload={"note": "được"} if payload is None else payload,
        now=NOW,
    )


def waiting(office: Office, number: int = 1) -> Running:
    run = Running(office, key=f"about {number}", number=number)
    run.do("a")
    assert run.waiting() == ["c"]
    return run


def test_message_is_taken_by_the_event_that_waits_for_it() -> None:
    office = an_office()
    run = waiting(office)
    assert send(office)
    assert office.settle(NOW) == ["message"]
    assert run.waiting() == ["b"]
    assert run.data["note"] == "được"
    assert run.outcomes()[-1] == ("c", "message", SYSTEM.person_id)
    assert office.store.subscriptions == []
    assert office.store.get_message("m1").delivered_to == run.id


def test_message_that_comes_first_is_taken_as_soon_as_somebody_waits() -> None:
    office = an_office()
    assert send(office)
    assert office.store.due == {}
    run = waiting(office)
    assert office.settle(LATER) == ["message"]
    assert run.waiting() == ["b"]
    assert office.store.get_message("m1").delivered_at == LATER


def test_message_sent_twice_is_delivered_once() -> None:
    office = an_office()
    run = waiting(office)
    assert (send(office), send(office)) == (True, False)
    assert office.settle(NOW) == ["message"]
    run.do("b")
    assert not send(office)
    assert office.store.due == {}
    assert run.row.status is InstanceStatus.COMPLETED


@pytest.mark.parametrize("number", [2, "1", True, None, 10**15])
def test_message_is_not_taken_by_an_instance_that_is_not_meant(number: Plain) -> None:
    office = an_office()
    run = waiting(office, 1)
    assert send(office, number)
    assert send(office, 1, message_id="m2", name="other message")
    assert office.settle(NOW) == []
    assert run.waiting() == ["c"]


def test_each_of_many_instances_gets_its_own_message() -> None:
    office = an_office()
    runs = [waiting(office, number) for number in range(20)]
    for number in reversed(range(20)):
        send(office, number, message_id=str(number), payload={"note": f"note {number}"})
    office.settle(NOW)
    assert [run.data["note"] for run in runs] == [f"note {number}" for number in range(20)]


def test_only_what_the_receiver_declares_reaches_its_data() -> None:
    office = an_office()
    run = waiting(office)
    send(office, payload={"note": "được", "hidden": "x", "agency_id": "another", "number": 9})
    office.settle(NOW)
    assert run.data == {"agency_id": "so-noi-vu", "number": 1, "note": "được"}


def test_message_without_what_the_receiver_needs_is_an_incident() -> None:
    office = an_office()
    run = waiting(office)
    send(office, payload={"other": 1})
    (entry,) = office.store.list_due(NOW, 10)
    with pytest.raises(InvalidInputError) as caught:
        office.processes().schedule.perform(entry, NOW)
    assert (caught.value.code, caught.value.params["key"]) == (ErrorCode.PROCESS_DATA, "note")
    assert run.waiting() == ["c"]
    office.store.add_due([entry])  # the transaction was rolled back
    incident = office.processes().schedule.note_failure(entry, caught.value, NOW)
    assert incident is not None
    assert (incident.kind, incident.entry_id) == (IncidentKind.MESSAGE, entry.id)


def test_message_may_not_carry_what_is_not_plain() -> None:
    office = an_office()
    for payload in ({"note": [1]}, {"note": 1.5}, {"__class__": 1}, {"note": "a" * 5_000}):
        with pytest.raises(InvalidInputError):
            send(office, payload=payload)  # type: ignore[arg-type]
    assert office.store.messages == {}


def test_step_is_refused_when_what_the_message_is_matched_by_has_no_value() -> None:
    office = an_office()
    run = Running(office)
    with pytest.raises(InvalidInputError) as caught:
        run.do("a")
    assert caught.value.params["key"] == "number"
    assert office.store.subscriptions == []


def test_hash_tells_names_and_values_apart() -> None:
    hashes = {
        correlation_of("a", {"x": 1}),
        correlation_of("a", {"x": "1"}),
        correlation_of("a", {"x": True}),
        correlation_of("a", {"x": None}),
        correlation_of("a", {"y": 1}),
        correlation_of("b", {"x": 1}),
        correlation_of("a", {}),
        correlation_of("a", {"x": 1, "y": 1}),
    }
    assert len(hashes) == 8
    assert correlation_of("a", {"x": 1, "y": 2}) == correlation_of("a", {"y": 2, "x": 1})


def test_two_that_wait_for_the_same_take_one_message_each() -> None:
    office = an_office()
    first = waiting(office)
    second = Running(office, key="second", now=LATER, number=1)
    second.do("a", LATER)
    send(office, message_id="m1", payload={"note": "one"})
    office.settle(LATER)
    assert (first.waiting(), second.waiting()) == (["b"], ["c"])
    send(office, message_id="m2", payload={"note": "two"})
    office.settle(LATER)
    assert second.data["note"] == "two"


def test_two_kept_messages_go_to_two_that_wait_in_turn() -> None:
    office = an_office()
    send(office, message_id="m1", payload={"note": "one"})
    send(office, message_id="m2", payload={"note": "two"})
    first, second = waiting(office), Running(office, key="second", number=1)
    second.do("a")
    office.settle(NOW)
    assert {first.data["note"], second.data["note"]} == {"one", "two"}
    assert (first.waiting(), second.waiting()) == (["b"], ["b"])


def test_message_to_an_instance_that_has_ended_is_kept() -> None:
    office = an_office()
    run = waiting(office)
    office.processes().cancel(run.id, actor=SYSTEM, now=NOW, reason="Thôi")
    send(office)
    assert office.settle(NOW) == []
    assert office.store.get_message("m1").delivered_to is None


# --- on a task -------------------------------------------------------------------------------


def with_message(*, interrupts: bool) -> Office:
    event = boundary(
        "r", "a", message("answer"), interrupts=interrupts, correlation="number", payload="note"
    )
    xml = draw(
        ["startEvent s", "userTask a", event, "userTask n", "endEvent e", "endEvent d"],
        ["s a", "a e", "r n", "n d"],
        messages=["answer"],
    )
    return an_office(xml)


def test_message_ends_the_task_it_interrupts() -> None:
    office = with_message(interrupts=True)
    run = Running(office, number=1)
    item = run.open()["a"]
    send(office)
    assert office.settle(NOW) == ["message"]
    assert run.waiting() == ["n"]
    closed = office.store.get_work_item(item.id)
    assert (closed.closed_by, closed.outcome) == (SYSTEM.person_id, "message")
    assert office.store.subscriptions == []
    assert run.data["note"] == "được"


def test_message_beside_a_task_is_taken_once() -> None:
    office = with_message(interrupts=False)
    run = Running(office, number=1)
    send(office, message_id="m1")
    send(office, message_id="m2")
    office.settle(NOW)
    assert run.waiting() == ["a", "n"]
    taken = [m.delivered_to for m in office.store.messages.values()]
    assert sorted(map(str, taken)) == sorted(["None", run.id])
    assert office.store.subscriptions == []


def test_task_waits_no_longer_for_a_message_when_it_is_done() -> None:
    for interrupts in (True, False):
        office = with_message(interrupts=interrupts)
        run = Running(office, number=1)
        run.do("a")
        assert office.store.subscriptions == []
        send(office)
        assert office.settle(NOW) == []
        assert run.row.status is InstanceStatus.COMPLETED


def test_message_and_task_race_is_won_by_the_first() -> None:
    office = with_message(interrupts=False)
    run = Running(office, number=1)
    send(office)
    run.do("a")
    office.settle(NOW)
    assert run.row.status is InstanceStatus.COMPLETED
    assert office.store.get_message("m1").delivered_to is None


# --- from one instance to another ------------------------------------------------------------


def two_procedures() -> Office:
    """Return an office where `sender` tells `flow`, by the number both are about."""
    throw = shape(
        "intermediateThrowEvent", "t", message("answer"), correlation="number", payload="note"
    )
    sender = Procedure(
        id="sender",
        bpmn=draw(
            ["startEvent s", throw, "userTask a", "endEvent e"],
            ["s t", "t a", "a e"],
            messages=["answer"],
            process_id="sender",
        ),
        tasks={"a": ANY},
        starts_with=NAMES | {"note"},
    )
    receiver = replace(a_flow(CATCH, a=ANY, b=ANY), starts_with=NAMES)
    return Office(receiver, sender)


def tell(office: Office, number: int = 1, **data: Plain) -> str:
    started = office.processes().start(
        "sender",
        business_key=f"from {number}",
        data={"agency_id": "so-noi-vu", "number": number, **data},
        actor=SYSTEM,
        now=NOW,
    )
    return started.instance_id


def test_thrown_message_reaches_the_event_that_catches_it() -> None:
    office = two_procedures()
    run, other = waiting(office, 1), waiting(office, 2)
    sender = tell(office, 1, note="được", hidden="x")
    assert run.waiting() == ["c"]  # not in the sender's transaction
    assert office.settle(NOW) == ["message"]
    assert (run.waiting(), other.waiting()) == (["b"], ["c"])
    assert "hidden" not in run.data
    (sent,) = office.store.messages.values()
    assert (sent.sent_by, sent.delivered_to) == (sender, run.id)
    assert dict(sent.payload) == {"note": "được"}


def test_thrown_message_waits_for_who_catches_it_later() -> None:
    office = two_procedures()
    tell(office, 1, note="được")
    assert office.settle(NOW) == ["message"]
    run = waiting(office, 1)
    assert office.settle(NOW) == ["message"]
    assert run.waiting() == ["b"]


def test_thrown_message_is_delivered_though_its_sender_is_cancelled() -> None:
    office = two_procedures()
    run = waiting(office, 1)
    sender = tell(office, 1, note="được")
    office.processes().cancel(sender, actor=SYSTEM, now=NOW, reason="Thôi")  # type: ignore[arg-type]
    assert office.settle(NOW) == ["message"]
    assert run.waiting() == ["b"]


def test_sending_is_refused_when_what_it_sends_has_no_value() -> None:
    office = two_procedures()
    with pytest.raises(InvalidInputError) as caught:
        tell(office, 1)
    assert caught.value.params["key"] == "note"
    assert office.store.messages == {}


def test_instance_may_answer_itself() -> None:
    event = boundary("r", "a", message("answer"), correlation="number", interrupts=False)
    throw = shape("intermediateThrowEvent", "t", message("answer"), correlation="number")
    xml = draw(
        ["startEvent s", "parallelGateway f", "userTask a", event, "endEvent d", throw,
         "userTask b", "parallelGateway j", "endEvent e"],
        ["s f", "f a", "f b", "b t", "a j", "t j", "r d", "j e"],
        messages=["answer"],
    )  # fmt: skip
    office = an_office(xml)
    run = Running(office, number=1)
    run.do("b")
    assert office.settle(NOW) == ["message"]
    assert ("r", "message", SYSTEM.person_id) in run.outcomes()
    run.do("a")
    assert run.row.status is InstanceStatus.COMPLETED
    assert not [entry for entry in office.store.due.values() if entry.kind is DueKind.MESSAGE]


def test_messages_in_a_circle_pause_between_rounds() -> None:
    catch = shape("intermediateCatchEvent", "c", message("answer"), correlation="number")
    throw = shape("intermediateThrowEvent", "t", message("answer"), correlation="number")
    circle = draw(
        ["startEvent s", "exclusiveGateway m", catch, throw, "exclusiveGateway g g-m",
         "endEvent e"],
        ["s m", "m c", "c t", "t g", "g m", "g e number == 2"],
        messages=["answer"],
    )  # fmt: skip
    office = an_office(circle)
    run = Running(office, number=1)
    send(office)
    assert office.settle(LATER) == ["message"]
    for rounds in (1, 2, 3):
        assert office.settle(LATER + rounds * PACE - timedelta(seconds=1)) == []
        assert office.settle(LATER + rounds * PACE) == ["message"]
    assert run.waiting() == ["c"]
