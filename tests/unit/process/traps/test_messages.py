"""T15: a message before anybody waits for it, after, and twice; and two who wait for one name."""

import pytest
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.exceptions import WorkflowException

from engine.errors import ErrorCode, InvalidInputError
from engine.process.model import InstanceStatus, Plain
from tests.unit.process.office import NOW, Office, draw
from tests.unit.process.traps.drawings import MESSAGE, OURS, row, with_inside, with_message
from tests.unit.process.traps.ours import CLERK, OurRun, a_procedure, settle
from tests.unit.process.traps.stock import StockRun

ABOUT = f'{OURS} trinhky:correlation="letter" trinhky:payload="number"'
CATCHING = with_message(row("intermediateCatchEvent", MESSAGE), "answer")
THROWING = with_message(row("intermediateThrowEvent", MESSAGE), "answer")
TWO_WAIT = draw(
    ["startEvent s", "parallelGateway f", "intermediateCatchEvent v", "intermediateCatchEvent w",
     "userTask a", "userTask b", "endEvent d", "endEvent e"],
    ["s f", "f v", "f w", "v a", "w b", "a d", "b e"],
)  # fmt: skip
STOCK_TWO_WAIT = with_message(
    with_inside(with_inside(TWO_WAIT, "v", MESSAGE), "w", MESSAGE), "answer"
)
OUR_CATCHING = with_message(row("intermediateCatchEvent", MESSAGE, attributes=ABOUT), "answer")
OUR_THROWING = with_message(row("intermediateThrowEvent", MESSAGE, attributes=ABOUT), "answer")


def send_stock(run: StockRun, **payload: object) -> None:
    run.workflow.send_event(BpmnEvent(MessageEventDefinition("answer"), payload))
    run.workflow.do_engine_steps()


def send(office: Office, message_id: str, about: str = "letter", **payload: Plain) -> bool:
    """Send an answer about a letter, d1, and let the scheduler deliver what it can."""
    sent = office.processes().send_message(
        "answer",
        message_id=message_id,
        correlation={about: "d1"},
        payload={"number": 7, **payload},
        now=NOW,
    )
    settle(office)
    return sent


def test_stock_message_is_lost_when_it_comes_before_anybody_waits() -> None:
    run = StockRun(CATCHING)
    with pytest.raises(WorkflowException, match="not waiting"):
        send_stock(run, number=1)
    run.do("a")
    assert run.ready() == []  # it waits for a message that has come and gone


def test_our_message_is_kept_when_it_comes_before_anybody_waits() -> None:
    run = OurRun(OUR_CATCHING, letter="d1")
    assert send(run.office, "m1")
    assert run.ready() == ["a"]
    run.do("a")
    settle(run.office)
    assert run.ready() == ["z"]
    assert run.data()["number"] == 7


def test_stock_message_is_an_error_when_it_comes_late_or_twice() -> None:
    run = StockRun(CATCHING)
    run.do("a")
    send_stock(run, number=1)
    for number in (1, 2):
        with pytest.raises(WorkflowException, match="not waiting"):
            send_stock(run, number=number)


def test_our_message_does_its_work_once_when_it_comes_twice() -> None:
    run = OurRun(OUR_CATCHING, letter="d1")
    run.do("a")
    assert run.ready() == []
    assert send(run.office, "m1", number=1)
    assert not send(run.office, "m1", number=2)
    assert run.ready() == ["z"]
    assert run.data()["number"] == 1


def test_our_message_changes_nothing_when_it_comes_after() -> None:
    run = OurRun(OUR_CATCHING, letter="d1")
    run.do("a")
    send(run.office, "m1", number=1)
    before = run.office.store.get_instance(run.id)
    assert send(run.office, "m2", number=2)
    assert run.office.store.get_instance(run.id) == before
    run.do("z")
    assert run.status is InstanceStatus.COMPLETED
    assert send(run.office, "m3", number=3)
    assert run.data()["number"] == 1


def test_our_message_reaches_nobody_when_its_instance_was_cancelled() -> None:
    run = OurRun(OUR_CATCHING, letter="d1")
    run.do("a")
    run.office.processes().cancel(run.id, actor=CLERK, now=NOW, reason="Trùng")
    assert send(run.office, "m1")
    assert run.status is InstanceStatus.CANCELLED


def test_stock_message_carries_all_data_of_the_sender() -> None:
    run = StockRun(THROWING, number=1, note="of the agency")
    run.do("a")
    assert run.workflow.get_events()[0].payload == {"number": 1, "note": "of the agency"}


def test_our_message_carries_what_its_event_declares() -> None:
    run = OurRun(OUR_THROWING, letter="d1", number=1, note="of the agency")
    run.do("a")
    (message,) = run.office.store.messages.values()
    assert (message.name, message.payload) == ("answer", {"number": 1})


def test_stock_message_overwrites_any_data_of_the_receiver() -> None:
    run = StockRun(CATCHING, agency_id="ours")
    run.do("a")
    send_stock(run, agency_id="theirs")
    assert run.task("z").data["agency_id"] == "theirs"


def test_our_message_writes_what_the_receiver_declares() -> None:
    run = OurRun(OUR_CATCHING, letter="d1")
    before = run.data()
    run.do("a")
    send(run.office, "m1", agency_id="theirs", letter="d2")
    assert run.data() == {**before, "number": 7}


def test_our_message_waits_when_it_lacks_what_the_receiver_declares() -> None:
    run = OurRun(OUR_CATCHING, letter="d1")
    run.do("a")
    run.office.processes().send_message(
        "answer", message_id="m1", correlation={"letter": "d1"}, payload={}, now=NOW
    )
    (entry,) = run.office.processes().schedule.list_due(NOW)
    with pytest.raises(InvalidInputError) as caught:
        run.office.processes().schedule.perform(entry, NOW)
    assert (caught.value.code, caught.value.params["key"]) == (ErrorCode.PROCESS_DATA, "number")
    assert [token.node for token in run.tokens()] == ["w"]


def test_stock_message_is_taken_by_everybody_who_waits_for_its_name() -> None:
    run = StockRun(STOCK_TWO_WAIT)
    send_stock(run)
    assert run.ready() == ["a", "b"]


def two_wait(v: str, w: str) -> bytes:
    """Return the file in which `v` and `w` wait for answers about what these keys hold."""
    xml = with_inside(TWO_WAIT, "v", MESSAGE, f'{OURS} trinhky:correlation="{v}"')
    return with_message(
        with_inside(xml, "w", MESSAGE, f'{OURS} trinhky:correlation="{w}"'), "answer"
    )


@pytest.mark.parametrize(("about", "reached"), [("first", ["a"]), ("second", ["b"]), ("v", [])])
def test_our_message_is_taken_by_who_waits_for_what_it_is_about(
    about: str, reached: list[str]
) -> None:
    run = OurRun(two_wait("first", "second"), first="d1", second="d1")
    send(run.office, "m1", about)
    assert run.ready() == reached


def test_our_message_is_left_alone_when_it_is_about_something_else() -> None:
    run = OurRun(OUR_CATCHING, letter="d2")
    run.do("a")
    send(run.office, "m1")
    assert run.ready() == []


def test_our_messages_are_taken_one_by_one_when_two_wait_for_the_same() -> None:
    run = OurRun(two_wait("letter", "letter"), letter="d1")
    send(run.office, "m1")
    assert len(run.ready()) == 1
    send(run.office, "m2")
    assert run.ready() == ["a", "b"]


def test_our_messages_are_both_taken_when_two_come_before_two_wait_for_the_same() -> None:
    office = Office(a_procedure(two_wait("letter", "letter"), starts_with=["letter"]))
    send(office, "m1")
    send(office, "m2")
    run = OurRun(two_wait("letter", "letter"), office=office, letter="d1")
    settle(office)
    assert run.ready() == ["a", "b"]


def test_our_message_is_taken_by_one_instance_when_two_wait_for_the_same() -> None:
    office = Office(a_procedure(OUR_CATCHING, starts_with=["letter"]))
    runs = [OurRun(OUR_CATCHING, office=office, key=key, letter="d1") for key in ("i1", "i2")]
    for run in runs:
        run.do("a")
    send(office, "m1")
    assert sorted(run.ready() for run in runs) == [[], ["z"]]
    send(office, "m2")
    assert [run.ready() for run in runs] == [["z"], ["z"]]


def test_our_message_is_delivered_once_when_two_workers_look_at_the_same_time() -> None:
    run = OurRun(OUR_CATCHING, letter="d1")
    run.do("a")
    run.office.processes().send_message(
        "answer", message_id="m1", correlation={"letter": "d1"}, payload={"number": 7}, now=NOW
    )
    first, second = (run.office.processes().schedule for _ in range(2))
    (entry,), (same,) = first.list_due(NOW), second.list_due(NOW)
    assert first.perform(entry, NOW)
    assert not second.perform(same, NOW)
    assert run.ready() == ["z"]
