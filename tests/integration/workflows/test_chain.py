"""The chain of a matter: what leads to what, for whom, and where it is cut off."""

import pytest

from engine.errors import NotPermittedError
from engine.model.assignment import Source, SourceKind
from tests.houses import Stage
from tests.integration.workflows.test_incoming import delivery_to, direct, present, register
from tests.orders import CITY, HEAD, LEADER, OFFICER, Desk
from workflows.direction import view_chain
from workflows.direction.view_chain import Chain


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def kinds(chain: Chain) -> list[str]:
    return [node.kind.value for node in chain.nodes]


def test_the_chain_goes_from_the_letter_to_its_answer(stage: Stage, desk: Desk) -> None:
    letter = stage.issue()
    stage.run_jobs()
    delivery = delivery_to(stage, letter, "stc")
    register(stage, delivery.id)
    present(stage, delivery.id)
    unit = desk.unit("stc.truongphong")
    direct(stage, delivery.id, handler_id=None, lead=unit, due_on=desk.day(5))
    with stage.house.start_reading() as work:
        (given,) = work.assignments.list_on_source(SourceKind.DELIVERY, delivery.id)
    head, officer = "stc.truongphong", "stc.chuyenvien"
    desk.accept(given.id, head)
    part = desk.accepted(
        head, by=officer, lead=desk.person(officer), due_on=desk.day(3), parent_id=given.id
    )
    desk.finish(part, officer)
    desk.confirm(part, head)
    desk.finish(given.id, head)

    chain = stage.house.use_cases.view_chain.of_document(letter, stage.actor("stc.lanhdao"))
    assert kinds(chain) == [
        "document",
        "direction",
        "assignment",
        "assignment",
        "report",
        "report",
    ]
    names = [node.id for node in chain.nodes]
    assert (names[0], names[1]) == (f"document:{letter}", f"direction:{given.id}")
    assert set(chain.edges) == {
        (names[0], names[1]),
        (names[1], f"assignment:{given.id}"),
        (f"assignment:{given.id}", f"assignment:{part}"),
        (f"assignment:{given.id}", f"report:{given.id}"),
        (f"assignment:{part}", f"report:{part}"),
    }
    from_part = stage.house.use_cases.view_chain.of_assignment(part, stage.actor("stc.lanhdao"))
    assert [node.id for node in from_part.nodes] == names
    assert [node.id for node in from_part.nodes if node.is_here] == [f"assignment:{part}"]


def test_the_answer_closes_the_chain(stage: Stage, desk: Desk) -> None:
    letter, answer = stage.issue(), stage.issue(subject="trả lời về chữ ký số")
    stage.run_jobs()
    source = Source(kind=SourceKind.DOCUMENT, id=letter, document_id=letter)
    assignment_id = desk.accepted(LEADER, by=HEAD, lead=desk.unit(), source=source)
    number = stage.document(answer).number
    assert number is not None
    desk.finish(assignment_id, HEAD, evidence=number.symbol)
    assert desk.get(assignment_id).closing_document_id == answer
    chain = stage.house.use_cases.view_chain.of_document(letter, stage.actor(OFFICER))
    assert kinds(chain) == ["document", "assignment", "report", "document"]
    assert chain.edges[-1] == (f"report:{assignment_id}", f"document:{answer}")
    both = stage.house.use_cases.view_assignment.on_document(answer, stage.actor(OFFICER))
    assert [each.id for each, _lead in both] == [assignment_id]


def test_a_document_that_is_its_own_answer_does_not_go_round(stage: Stage, desk: Desk) -> None:
    letter = stage.issue()
    stage.run_jobs()
    source = Source(kind=SourceKind.DOCUMENT, id=letter, document_id=letter)
    assignment_id = desk.accepted(LEADER, by=HEAD, lead=desk.unit(), source=source)
    desk.finish(assignment_id, HEAD, evidence=letter)
    chain = stage.house.use_cases.view_chain.of_assignment(assignment_id, stage.actor(HEAD))
    assert kinds(chain) == ["document", "assignment", "report"]


def test_a_recipient_sees_its_own_part_of_the_chain(stage: Stage, desk: Desk) -> None:
    letter = stage.issue()
    stage.run_jobs()
    source = Source(kind=SourceKind.DOCUMENT, id=letter, document_id=letter)
    desk.give(LEADER, lead=desk.unit(), source=source)
    chain = stage.house.use_cases.view_chain.of_document(letter, stage.actor("stc.lanhdao"))
    assert kinds(chain) == ["document"]
    with pytest.raises(NotPermittedError):
        stage.house.use_cases.view_chain.of_document(stage.draft(), stage.actor("stc.lanhdao"))


def test_a_chain_that_is_too_long_is_cut_and_says_so(
    stage: Stage, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_chain, "MAX_NODES", 3)
    whole = desk.accepted()
    for _ in range(4):
        desk.give(LEADER, lead=desk.unit(), parent_id=whole)
    chain = stage.house.use_cases.view_chain.of_assignment(whole, stage.actor(CITY))
    assert (len(chain.nodes), chain.is_cut) == (3, True)
