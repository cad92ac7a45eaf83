"""Whoever leaves a post while a signature is under way: nothing of theirs is recorded after."""

import pytest

from engine.errors import ErrorCode, NotPermittedError
from engine.model.batch import ItemState
from engine.model.document import DocumentStatus
from engine.model.document import Stage as PdfStage
from engine.model.signing_intent import OPEN_STATES
from engine.ports_signing import HolderKind
from tests.bureau import CLERK, LEADER, SNV, Bureau
from tests.factories.client_key import ClientKey, certify_client
from tests.houses import PIN, Stage


@pytest.fixture
def bureau(stage: Stage) -> Bureau:
    return Bureau(stage)


def check_nothing_open(bureau: Bureau, document_id) -> None:
    with bureau.stage.house.start_reading() as work:
        intent = work.intents.find_open(document_id)
    assert intent is None or intent.state not in OPEN_STATES


def test_signature_from_the_leaders_token_is_refused_after_they_left(bureau: Bureau) -> None:
    key, leader = ClientKey(), bureau.who(LEADER)
    certify_client(
        bureau.stage.house,
        key.public_der,
        holder_kind=HolderKind.PERSON,
        holder_id=leader.person_id,
        name=leader.full_name,
    )
    document_id = bureau.stage.to_signature()
    cases = bureau.stage.house.use_cases
    deferred = cases.begin_deferred(
        document_id, PdfStage.SIGNED, bureau.stage.task(LEADER, document_id), leader
    )
    values = [key.sign(item.attributes) for item in deferred.items]

    bureau.leave(LEADER)

    with pytest.raises(NotPermittedError):
        cases.complete_deferred(document_id, deferred.id, deferred.nonce, values, leader)
    assert bureau.stage.document(document_id).status is DocumentStatus.AWAITING_SIGNATURE
    check_nothing_open(bureau, document_id)


def test_seal_from_the_clerks_token_is_refused_after_they_left(bureau: Bureau) -> None:
    key, clerk = ClientKey(), bureau.who(CLERK)
    certify_client(
        bureau.stage.house,
        key.public_der,
        holder_kind=HolderKind.AGENCY,
        holder_id=SNV,
        name="Sở Nội vụ",
    )
    document_id = bureau.stage.to_signature()
    bureau.stage.sign(document_id)
    bureau.stage.number(document_id)
    cases = bureau.stage.house.use_cases
    deferred = cases.begin_deferred(
        document_id, PdfStage.SEALED, bureau.stage.task(CLERK, document_id), clerk
    )
    values = [key.sign(item.attributes) for item in deferred.items]

    bureau.leave(CLERK)

    with pytest.raises(NotPermittedError):
        cases.complete_deferred(document_id, deferred.id, deferred.nonce, values, clerk)
    assert bureau.stage.document(document_id).status is DocumentStatus.NUMBERED


def test_batch_signs_nothing_more_after_the_leader_left(bureau: Bureau) -> None:
    documents = [bureau.stage.to_signature() for _ in range(3)]
    leader = bureau.who(LEADER)
    cases = bureau.stage.house.use_cases
    tasks = [bureau.stage.task(LEADER, each) for each in documents]
    batch_id = cases.begin_batch(tasks, leader)
    left: list[int] = []

    def leave_after_the_first(_what: str, done: int, _total: int) -> None:
        if done == 1 and not left:
            left.append(done)
            bureau.leave(LEADER)

    cases.run_batch(batch_id, leader, PIN, progress=leave_after_the_first)

    assert left == [1]
    states = [bureau.stage.document(each).status for each in documents]
    assert states == [DocumentStatus.SIGNED, *[DocumentStatus.AWAITING_SIGNATURE] * 2]
    with bureau.stage.house.start_reading() as work:
        items = work.batches.list_items(batch_id)
    assert [item.state for item in items] == [ItemState.SIGNED, *[ItemState.FAILED] * 2]
    assert {item.reason for item in items[1:]} == {ErrorCode.TASK_NOT_YOURS}
