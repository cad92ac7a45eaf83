"""What becomes of a question is told from what happened, never from a copy of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from engine.errors import ConflictError, ErrorCode
from engine.model.delivery import DeliveryId
from engine.model.document import DocumentId
from engine.model.opinion import Opinion, OpinionId, OpinionState, OpinionView
from engine.model.organisation import (
    Actor,
    AgencyId,
    PersonId,
    Post,
    PostId,
    Role,
    UnitId,
    Validity,
)

ASKED_AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DUE_AT = ASKED_AT + timedelta(days=2)
BEFORE, AFTER = DUE_AT - timedelta(minutes=1), DUE_AT + timedelta(minutes=1)


def an_opinion(**changes: object) -> Opinion:
    opinion = Opinion(
        id=OpinionId("o1"),
        task_id="t1",
        document_id=DocumentId("d1"),
        delivery_id=None,
        agency_id=AgencyId("snv"),
        unit_id=UnitId("vp"),
        person_id=None,
        asked_name="Văn phòng",
        question="Ý kiến về kinh phí?",
        asked_by=PersonId("p1"),
        asked_by_name="Mai Kim Loan",
        asked_at=ASKED_AT,
        due_at=DUE_AT,
    )
    return replace(opinion, **changes)  # type: ignore[arg-type]


def a_post(agency: str, unit: str | None, title: str) -> Post:
    return Post(
        id=PostId(title),
        agency_id=AgencyId(agency),
        unit_id=UnitId(unit) if unit else None,
        person_id=PersonId("p2"),
        title=title,
        role=Role.DIVISION_HEAD,
        validity=Validity(since=date(2020, 1, 1)),
    )


def an_actor(*posts: Post) -> Actor:
    return Actor(person_id=PersonId("p2"), full_name="Lê Minh Tâm", posts=posts)


@pytest.mark.parametrize(
    ("changes", "at", "state"),
    [
        ({}, BEFORE, OpinionState.OPEN),
        ({}, DUE_AT, OpinionState.EXPIRED),
        ({}, AFTER, OpinionState.EXPIRED),
        ({"given_at": BEFORE}, AFTER, OpinionState.ANSWERED),
        ({"given_at": BEFORE, "ended_at": BEFORE}, BEFORE, OpinionState.ANSWERED),
        ({"withdrawn_at": BEFORE, "ended_at": BEFORE}, AFTER, OpinionState.WITHDRAWN),
        ({"ended_at": BEFORE}, AFTER, OpinionState.LAPSED),
        ({"ended_at": AFTER}, AFTER, OpinionState.EXPIRED),
    ],
)
def test_state_is_told_from_what_happened(
    changes: dict[str, object], at: datetime, state: OpinionState
) -> None:
    assert an_opinion(**changes).state(at) is state


def test_check_open_names_the_state_and_the_deadline_when_it_is_too_late() -> None:
    opinion = an_opinion()
    opinion.check_open(BEFORE)

    with pytest.raises(ConflictError) as caught:
        opinion.check_open(DUE_AT)

    assert caught.value.code is ErrorCode.OPINION_CLOSED
    assert caught.value.params == {"state": "expired", "due": "25/11/2026 09:00"}


def test_answer_names_the_post_in_the_unit_asked_when_the_person_has_several() -> None:
    actor = an_actor(
        a_post("stc", "vp", "Kế toán trưởng"),
        a_post("snv", None, "Phó Giám đốc"),
        a_post("snv", "vp", "Chánh Văn phòng"),
    )

    given = an_opinion().answered(OpinionView.AGREE, "", actor=actor, now=BEFORE)

    assert given.given_by_post == "Chánh Văn phòng"
    assert given.given_by_name == "Lê Minh Tâm"
    assert given.state(AFTER) is OpinionState.ANSWERED


def test_answer_names_a_post_of_the_agency_when_a_person_is_asked() -> None:
    asked = an_opinion(unit_id=None, person_id=PersonId("p2"))
    posts = (a_post("stc", "vp", "Kế toán trưởng"), a_post("snv", None, "Phó Giám đốc"))

    given = asked.answered(OpinionView.DISAGREE, "Không.", actor=an_actor(*posts), now=BEFORE)

    assert given.given_by_post == "Phó Giám đốc"


def test_subject_is_the_arrival_when_there_is_one() -> None:
    assert an_opinion().subject_id == "d1"
    assert an_opinion(delivery_id=DeliveryId("a1")).subject_id == "a1"


def test_withdrawn_keeps_who_and_why() -> None:
    gone = an_opinion().withdrawn("Đã có ý kiến.", actor=an_actor(), now=BEFORE)

    assert gone.state(BEFORE) is OpinionState.WITHDRAWN
    assert (gone.withdrawn_by_name, gone.withdrawn_reason) == ("Lê Minh Tâm", "Đã có ý kiến.")
