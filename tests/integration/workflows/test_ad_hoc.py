"""Opinions, hand over, take back and return, in both shipped flows on a real installation."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.clock import FixedClock, local
from engine.errors import ConflictError, ErrorCode, InvalidInputError, NotPermittedError
from engine.model.delivery import DeliveryId, DeliveryStatus
from engine.model.document import DocumentId, DocumentStatus
from engine.model.document import Stage as PdfStage
from engine.model.opinion import Opinion, OpinionState, OpinionView
from engine.model.organisation import Actor, PersonId, Role, UnitId
from engine.process.model import InstanceStatus, TaskId, WorkItem
from engine.queries import Basket
from tests.houses import Stage
from tests.integration.workflows.test_incoming import delivery_to, direct, present, register
from tests.orders import let_officers_handle
from workflows.tasks.ask_opinion import MAX_ASKED, Asked

DRAFTER, OTHER_DRAFTER = "snv.chuyenvien", "snv.thaodth"
OTHER_OFFICER = "stc.datda"
HEAD, CLERK, LEADER = "snv.truongphong", "snv.vanthu", "snv.lanhdao"
QUESTION = "Đề nghị cho ý kiến về kinh phí và thời hạn."


def unit_of(stage: Stage, login: str) -> UnitId:
    unit_id = stage.actor(login).posts[0].unit_id
    assert unit_id is not None
    return unit_id


def other_unit(stage: Stage, login: str = HEAD) -> tuple[UnitId, Actor]:
    """Return a unit of the agency that the person does not serve, and a head of it."""
    own = stage.actor(login).posts[0]
    with stage.house.start_reading() as work:
        posts = work.organisation.list_posts(
            own.agency_id, local(stage.house.clock.now()).date(), role=Role.DIVISION_HEAD
        )
        post = next(each for each in posts if each.unit_id not in {None, own.unit_id})
        person = work.organisation.get_person(post.person_id)
    assert post.unit_id is not None
    return post.unit_id, stage.actor(person.login)


def ask(stage: Stage, login: str, subject_id: str, **changes: object) -> Asked:
    values: dict[str, object] = {
        "question": QUESTION,
        "people": [stage.actor(CLERK).person_id],
        "working_days": 2,
    }
    return stage.house.use_cases.ask_opinion(
        stage.task(login, subject_id),
        stage.actor(login),
        **(values | changes),  # type: ignore[arg-type]
    )


def answer(
    stage: Stage,
    login: str,
    subject_id: str,
    view: OpinionView = OpinionView.AGREE,
    text: str = "",
) -> None:
    stage.house.use_cases.give_opinion(
        stage.task(login, subject_id), stage.actor(login), view=view, text=text
    )


def opinions_on(stage: Stage, subject_id: str) -> Sequence[Opinion]:
    with stage.house.start_reading() as work:
        return work.opinions.list_on(subject_id)


def states(stage: Stage, subject_id: str) -> list[OpinionState]:
    return [each.state(stage.house.clock.now()) for each in opinions_on(stage, subject_id)]


def let_due_things_happen(stage: Stage) -> None:
    now = stage.house.clock.now()
    with stage.house.start_work() as work:
        for entry in work.processes.schedule.list_due(now):
            work.processes.schedule.perform(entry, now)
        work.commit()


def events(stage: Stage, group: str) -> list[str]:
    with stage.house.start_reading() as work:
        return [leaf.event.value for leaf in work.audit.list_group(group)]


def outcomes(stage: Stage, procedure_id: str, subject_id: str) -> list[str]:
    with stage.house.start_reading() as work:
        return [step.outcome for step in work.queries.list_steps(procedure_id, subject_id)]


def item_of(stage: Stage, task_id: TaskId) -> WorkItem:
    with stage.house.start_reading() as work:
        return work.processes.get_task(task_id)


@pytest.fixture
def in_review(stage: Stage) -> DocumentId:
    document_id = stage.draft()
    stage.submit(document_id)
    return document_id


@pytest.fixture
def handled(stage: Stage) -> DeliveryId:
    """Return an arrival that waits for its officer, in a flow that makes no assignment of it."""
    let_officers_handle(stage)
    document_id = stage.issue()
    stage.run_jobs()
    delivery = delivery_to(stage, document_id, "stc")
    register(stage, delivery.id)
    present(stage, delivery.id)
    direct(stage, delivery.id)
    return delivery.id


# --- opinions ----------------------------------------------------------------------------------


def test_ask_opinion_puts_the_question_on_every_list_when_several_are_asked(
    stage: Stage, in_review: DocumentId
) -> None:
    unit_id, head = other_unit(stage)
    leader = stage.actor(LEADER)

    asked = ask(
        stage,
        HEAD,
        in_review,
        people=[stage.actor(CLERK).person_id, leader.person_id],
        units=[unit_id],
    )

    assert len(asked.opinion_ids) == 3
    with stage.house.start_reading() as work:
        for actor in (stage.actor(CLERK), leader, head):
            (row,) = work.queries.list_work(actor, Basket.TO_ADVISE).rows
            assert row.subject_id == in_review
            assert row.subject == stage.document(in_review).content.subject
            assert not row.is_arrival
            assert row.due_at == asked.due_at
            assert work.queries.count_baskets(actor)[Basket.TO_ADVISE] == 1
    assert item_of(stage, stage.task(HEAD, in_review)).asked == 3
    assert events(stage, in_review).count("opinion.ask.complete") == 3
    assert "asked" in outcomes(stage, "outgoing", in_review)


def test_give_opinion_is_on_record_with_name_post_and_time(
    stage: Stage, in_review: DocumentId, clock: FixedClock
) -> None:
    ask(stage, HEAD, in_review)
    clock.move(timedelta(hours=1))

    answer(stage, CLERK, in_review, OpinionView.REMARKS, "Bổ sung nơi nhận.")

    (opinion,) = opinions_on(stage, in_review)
    clerk = stage.actor(CLERK)
    assert opinion.state(clock.now()) is OpinionState.ANSWERED
    assert (opinion.view, opinion.text) == (OpinionView.REMARKS, "Bổ sung nơi nhận.")
    assert (opinion.given_by, opinion.given_by_name) == (clerk.person_id, clerk.full_name)
    assert opinion.given_by_post == clerk.posts[0].title
    assert opinion.given_at == clock.now()
    with stage.house.start_reading() as work:
        assert not work.queries.list_work(clerk, Basket.TO_ADVISE).rows
        (leaf,) = [
            leaf
            for leaf in work.audit.list_group(in_review)
            if leaf.event.value == "opinion.give.complete"
        ]
    assert leaf.details["view"] == "agree_with_remarks"
    assert "Bổ sung" not in str(leaf.details)


def test_give_opinion_answers_for_the_unit_once_when_it_has_two_heads(
    stage: Stage, in_review: DocumentId
) -> None:
    unit_id, head = other_unit(stage)
    ask(stage, HEAD, in_review, people=[], units=[unit_id])
    with stage.house.start_reading() as work:
        (row,) = work.queries.list_tasks_on(head, in_review)
    second = replace(head, person_id=PersonId("somebody-else"))
    give = stage.house.use_cases.give_opinion

    give(row.task_id, head, view=OpinionView.AGREE)
    with pytest.raises(ConflictError) as caught:
        give(row.task_id, second, view=OpinionView.AGREE)

    assert caught.value.code is ErrorCode.TASK_CLOSED
    assert caught.value.params["by"] == head.full_name


def test_give_opinion_needs_words_unless_it_agrees(stage: Stage, in_review: DocumentId) -> None:
    ask(stage, HEAD, in_review)
    for view in (OpinionView.REMARKS, OpinionView.DISAGREE):
        with pytest.raises(InvalidInputError) as caught:
            answer(stage, CLERK, in_review, view, " ")
        assert caught.value.params["field"] == "text"
    answer(stage, CLERK, in_review, OpinionView.AGREE)


def test_give_opinion_is_refused_when_somebody_else_is_asked(
    stage: Stage, in_review: DocumentId
) -> None:
    ask(stage, HEAD, in_review)
    task = stage.task(CLERK, in_review)
    for login in (DRAFTER, "stc.vanthu"):
        with pytest.raises(NotPermittedError):
            stage.house.use_cases.give_opinion(task, stage.actor(login), view=OpinionView.AGREE)
    assert states(stage, in_review) == [OpinionState.OPEN]


@pytest.mark.parametrize("has_timer_run", [False, True])
def test_give_opinion_is_refused_with_the_deadline_when_it_is_late(
    stage: Stage, in_review: DocumentId, clock: FixedClock, has_timer_run: bool
) -> None:
    asked = ask(stage, HEAD, in_review)
    task = stage.task(CLERK, in_review)
    clock.at = asked.due_at
    if has_timer_run:
        let_due_things_happen(stage)

    with pytest.raises(ConflictError) as caught:
        stage.house.use_cases.give_opinion(task, stage.actor(CLERK), view=OpinionView.AGREE)

    assert caught.value.code is ErrorCode.OPINION_CLOSED
    assert caught.value.params["state"] == "expired"
    assert states(stage, in_review) == [OpinionState.EXPIRED]


def test_question_leaves_the_list_and_ends_when_its_time_is_up(
    stage: Stage, in_review: DocumentId, clock: FixedClock
) -> None:
    asked = ask(stage, HEAD, in_review)
    clock.at = asked.due_at

    let_due_things_happen(stage)

    with stage.house.start_reading() as work:
        assert not work.queries.list_work(stage.actor(CLERK), Basket.TO_ADVISE).rows
        child = work.processes.store.find_instance("opinion", asked.opinion_ids[0])
        host = work.processes.store.find_instance("outgoing", in_review)
    assert child is not None
    assert child.status is InstanceStatus.COMPLETED
    assert host is not None
    assert host.status is InstanceStatus.RUNNING
    stage.review(in_review)
    assert states(stage, in_review) == [OpinionState.EXPIRED]


def test_open_questions_lapse_when_the_task_is_completed(
    stage: Stage, in_review: DocumentId, clock: FixedClock
) -> None:
    leader = stage.actor(LEADER)
    ask(stage, HEAD, in_review, people=[stage.actor(CLERK).person_id, leader.person_id])
    answer(stage, LEADER, in_review)
    late = stage.task(CLERK, in_review)

    stage.review(in_review)

    assert sorted(states(stage, in_review)) == [OpinionState.ANSWERED, OpinionState.LAPSED]
    clock.move(timedelta(days=30))
    let_due_things_happen(stage)
    assert sorted(states(stage, in_review)) == [OpinionState.ANSWERED, OpinionState.LAPSED]
    with pytest.raises(ConflictError) as caught:
        stage.house.use_cases.give_opinion(late, stage.actor(CLERK), view=OpinionView.AGREE)
    assert caught.value.params["state"] == "lapsed"


def test_answers_are_all_kept_when_they_come_at_once(stage: Stage, in_review: DocumentId) -> None:
    logins = (CLERK, "snv.vanthu2", LEADER, "snv.photruong1", OTHER_DRAFTER, DRAFTER)
    ask(stage, HEAD, in_review, people=[stage.actor(each).person_id for each in logins])

    with ThreadPoolExecutor(len(logins)) as people:
        for done in [people.submit(answer, stage, each, in_review) for each in logins]:
            done.result()

    assert states(stage, in_review) == [OpinionState.ANSWERED] * len(logins)
    assert {each.given_by for each in opinions_on(stage, in_review)} == {
        stage.actor(each).person_id for each in logins
    }


def test_withdraw_opinion_takes_the_question_off_the_list(
    stage: Stage, in_review: DocumentId
) -> None:
    (opinion_id,) = ask(stage, HEAD, in_review).opinion_ids
    withdraw = stage.house.use_cases.withdraw_opinion
    with pytest.raises(InvalidInputError):
        withdraw(opinion_id, stage.actor(HEAD), " ")
    with pytest.raises(NotPermittedError):
        withdraw(opinion_id, stage.actor(CLERK), "Không trả lời.")
    with pytest.raises(NotPermittedError):
        withdraw(opinion_id, stage.actor("stc.lanhdao"), "Không trả lời.")

    withdraw(opinion_id, stage.actor(HEAD), "Đã rõ.")

    (opinion,) = opinions_on(stage, in_review)
    assert states(stage, in_review) == [OpinionState.WITHDRAWN]
    assert opinion.withdrawn_reason == "Đã rõ."
    with stage.house.start_reading() as work:
        assert not work.queries.list_tasks_on(stage.actor(CLERK), in_review)
    with pytest.raises(ConflictError):
        withdraw(opinion_id, stage.actor(HEAD), "Lần nữa.")
    assert "opinion.ask.withdraw" in events(stage, in_review)
    # Whoever was asked before may be asked again.
    ask(stage, HEAD, in_review)


def test_withdraw_opinion_is_refused_when_it_is_answered(
    stage: Stage, in_review: DocumentId
) -> None:
    (opinion_id,) = ask(stage, HEAD, in_review).opinion_ids
    answer(stage, CLERK, in_review)
    with pytest.raises(ConflictError) as caught:
        stage.house.use_cases.withdraw_opinion(opinion_id, stage.actor(HEAD), "Thôi.")
    assert caught.value.params["state"] == "answered"


@pytest.mark.parametrize(
    ("login", "why"),
    [(HEAD, "oneself"), ("stc.chuyenvien", "no_post")],
)
def test_ask_opinion_is_refused_when_the_person_cannot_be_asked(
    stage: Stage, in_review: DocumentId, login: str, why: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        ask(stage, HEAD, in_review, people=[stage.actor(login).person_id])
    assert caught.value.code is ErrorCode.PERSON_UNSUITABLE
    assert caught.value.params["why"] == why
    assert caught.value.params["name"] == stage.actor(login).full_name
    assert not opinions_on(stage, in_review)


def test_ask_opinion_is_refused_when_the_unit_cannot_be_asked(
    stage: Stage, in_review: DocumentId
) -> None:
    for unit_id, why in (
        (unit_of(stage, HEAD), "oneself"),
        (unit_of(stage, "stc.truongphong"), "no_post"),
    ):
        with pytest.raises(InvalidInputError) as caught:
            ask(stage, HEAD, in_review, people=[], units=[unit_id])
        assert caught.value.params["why"] == why


def test_ask_opinion_is_refused_when_nobody_heads_the_unit(
    stage: Stage, in_review: DocumentId
) -> None:
    unit_id, head = other_unit(stage)
    day = local(stage.house.clock.now()).date()
    with stage.house.start_work() as work:
        table = "UPDATE post SET until = :day WHERE unit_id = :unit AND role = 'lanh_dao_phong'"
        connection = work._connection  # type: ignore[attr-defined]
        connection.exec_driver_sql(
            table, {"day": (day - timedelta(days=1)).isoformat(), "unit": unit_id}
        )
        work.commit()
    with pytest.raises(InvalidInputError) as caught:
        ask(stage, HEAD, in_review, people=[], units=[unit_id])
    assert caught.value.params["why"] == "no_head", head.full_name


def test_ask_opinion_is_refused_when_the_same_question_is_open(
    stage: Stage, in_review: DocumentId
) -> None:
    ask(stage, HEAD, in_review)
    with pytest.raises(InvalidInputError) as caught:
        ask(stage, HEAD, in_review)
    assert caught.value.params["why"] == "asked_already"
    answer(stage, CLERK, in_review)
    ask(stage, HEAD, in_review)
    assert len(opinions_on(stage, in_review)) == 2


def test_ask_opinion_asks_once_when_a_person_is_named_twice(
    stage: Stage, in_review: DocumentId
) -> None:
    clerk = stage.actor(CLERK).person_id
    assert len(ask(stage, HEAD, in_review, people=[clerk, clerk]).opinion_ids) == 1


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"question": " "}, ErrorCode.INPUT_MISSING, "question"),
        ({"question": "a" * 2001}, ErrorCode.INPUT_TOO_LONG, "question"),
        ({"question": "Nội dung.\nMẬT"}, ErrorCode.DOCUMENT_CLASSIFIED, None),
        ({"people": []}, ErrorCode.INPUT_MISSING, "people"),
        (
            {"people": [PersonId(str(n)) for n in range(MAX_ASKED + 1)]},
            ErrorCode.INPUT_INVALID,
            "people",
        ),
        ({"working_days": None}, ErrorCode.INPUT_MISSING, "due_on"),
        ({"working_days": 0}, ErrorCode.INPUT_INVALID, "working_days"),
        ({"working_days": 61}, ErrorCode.INPUT_INVALID, "working_days"),
        ({"due_on": date(2020, 1, 1), "working_days": None}, ErrorCode.INPUT_INVALID, "due_on"),
        ({"due_on": date(2200, 1, 1), "working_days": None}, ErrorCode.INPUT_INVALID, "due_on"),
        ({"due_on": date(2200, 1, 1)}, ErrorCode.INPUT_MISSING, "due_on"),
    ],
)
def test_ask_opinion_names_the_field_when_something_is_wrong(
    stage: Stage,
    in_review: DocumentId,
    changes: dict[str, object],
    code: ErrorCode,
    field: str | None,
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        ask(stage, HEAD, in_review, **changes)
    assert caught.value.code is code
    assert caught.value.params.get("field") == field
    assert not opinions_on(stage, in_review)


def test_ask_opinion_ends_with_the_day_when_a_day_is_given(
    stage: Stage, in_review: DocumentId, clock: FixedClock
) -> None:
    day = local(clock.now()).date() + timedelta(days=40)

    asked = ask(stage, HEAD, in_review, due_on=day, working_days=None)

    assert local(asked.due_at).date() == day
    # The step itself is due before that: told, not refused.
    assert asked.is_after_task


def test_ask_opinion_is_refused_when_the_task_is_somebody_else_s(
    stage: Stage, in_review: DocumentId
) -> None:
    task = stage.task(HEAD, in_review)
    with pytest.raises(NotPermittedError) as caught:
        stage.house.use_cases.ask_opinion(
            task,
            stage.actor(DRAFTER),
            question=QUESTION,
            people=[stage.actor(CLERK).person_id],
            working_days=1,
        )
    assert caught.value.code is ErrorCode.TASK_NOT_YOURS


def test_ask_opinion_works_at_every_task_of_the_outgoing_flow(stage: Stage) -> None:
    document_id = stage.draft()
    other = stage.actor("snv.photruong1").person_id
    for login, act in (
        (DRAFTER, stage.submit),
        (HEAD, stage.review),
        (CLERK, stage.check),
        (LEADER, stage.sign),
        (CLERK, stage.number),
        (CLERK, stage.seal),
    ):
        asked = ask(stage, login, document_id, people=[other])
        assert len(asked.opinion_ids) == 1
        act(document_id)
    assert states(stage, document_id) == [OpinionState.LAPSED] * 6


def test_opinion_may_be_asked_on_a_question_and_ends_with_it(
    stage: Stage, in_review: DocumentId
) -> None:
    unit_id, head = other_unit(stage)
    ask(stage, HEAD, in_review, people=[], units=[unit_id])
    with stage.house.start_reading() as work:
        (row,) = work.queries.list_tasks_on(head, in_review)

    stage.house.use_cases.ask_opinion(
        row.task_id,
        head,
        question="Chuyên viên thấy sao?",
        people=[stage.actor(OTHER_DRAFTER).person_id],
        working_days=1,
    )
    with stage.house.start_reading() as work:
        (nested,) = work.queries.list_work(stage.actor(OTHER_DRAFTER), Basket.TO_ADVISE).rows
    assert nested.subject_id == in_review

    stage.review(in_review)
    assert states(stage, in_review) == [OpinionState.LAPSED, OpinionState.LAPSED]


def test_opinion_on_an_arrival_leads_to_the_arrival(stage: Stage, handled: DeliveryId) -> None:
    asked = ask(
        stage,
        "stc.chuyenvien",
        handled,
        people=[stage.actor("stc.truongphong").person_id],
    )

    with stage.house.start_reading() as work:
        (row,) = work.queries.list_work(stage.actor("stc.truongphong"), Basket.TO_ADVISE).rows
        delivery = work.deliveries.get(handled)
    assert row.is_arrival
    assert row.subject_id == handled
    answer(stage, "stc.truongphong", handled, OpinionView.DISAGREE, "Không thuộc thẩm quyền.")
    (opinion,) = opinions_on(stage, handled)
    assert opinion.id == asked.opinion_ids[0]
    assert not opinions_on(stage, delivery.document_id)
    # The sender reads the trail of the document: what the recipient asks inside is not in it.
    with stage.house.start_reading() as work:
        trail = work.audit.list_group(delivery.document_id)
        own = work.audit.list_group(handled)
    assert not any(leaf.subject.startswith("opinion:") for leaf in trail)
    assert [leaf.event.value for leaf in own] == ["opinion.ask.complete", "opinion.give.complete"]
    assert not any("kinh phí" in str(leaf.details) for leaf in (*trail, *own))


# --- hand over ---------------------------------------------------------------------------------


def test_hand_over_lets_the_draft_follow_its_new_drafter(stage: Stage) -> None:
    document_id = stage.draft()
    other = stage.actor(OTHER_DRAFTER)

    stage.house.use_cases.hand_over(
        stage.task(DRAFTER, document_id), other.person_id, stage.actor(DRAFTER), reason="Đi học."
    )

    document = stage.document(document_id)
    assert document.drafter_id == other.person_id
    stage.house.use_cases.save_draft(
        document_id,
        stage.content(subject="bản của người mới"),
        other,
        seen_version=document.version,
    )
    with pytest.raises(NotPermittedError):
        stage.house.use_cases.save_draft(
            document_id, stage.content(), stage.actor(DRAFTER), seen_version=document.version
        )
    stage.house.use_cases.submit_draft(
        stage.task(OTHER_DRAFTER, document_id),
        stage.document(document_id).content,
        other,
        seen_version=stage.document(document_id).version,
    )
    # A return comes to the new drafter.
    stage.house.use_cases.return_document(
        stage.task(HEAD, document_id), stage.actor(HEAD), "Sửa lại."
    )
    assert stage.task(OTHER_DRAFTER, document_id)
    assert "task.hand_over.complete" in events(stage, document_id)
    assert "handed_over" in outcomes(stage, "outgoing", document_id)


def test_hand_over_lets_the_arrival_follow_its_new_officer(
    stage: Stage, handled: DeliveryId
) -> None:
    officer, other = stage.actor("stc.chuyenvien"), stage.actor(OTHER_OFFICER)

    stage.house.use_cases.hand_over(
        stage.task("stc.chuyenvien", handled), other.person_id, officer, reason="Nghỉ phép."
    )

    with stage.house.start_reading() as work:
        assert work.deliveries.get(handled).handler_id == other.person_id
        told = [str(leaf.details) for leaf in work.audit.list_group(
            work.deliveries.get(handled).document_id
        )]  # fmt: skip
    assert not any("Nghỉ phép" in text for text in told)
    stage.house.use_cases.handle_delivery(stage.task(OTHER_OFFICER, handled), other, "Đã xong.")


def test_hand_over_lets_the_arrival_follow_its_new_leader(stage: Stage) -> None:
    document_id = stage.issue()
    stage.run_jobs()
    delivery_id = delivery_to(stage, document_id, "stc").id
    register(stage, delivery_id)
    present(stage, delivery_id)
    deputy = stage.actor("stc.photruong1")

    stage.house.use_cases.hand_over(
        stage.task("stc.lanhdao", delivery_id),
        deputy.person_id,
        stage.actor("stc.lanhdao"),
        reason="Phụ trách lĩnh vực.",
    )

    assert delivery_to(stage, document_id, "stc").leader_id == deputy.person_id
    assert stage.task("stc.photruong1", delivery_id)


@pytest.mark.parametrize("login", [HEAD, LEADER, "vpub.quantri"])
def test_hand_over_is_done_by_a_superior_when_the_holder_cannot(stage: Stage, login: str) -> None:
    document_id = stage.draft()
    task = stage.task(DRAFTER, document_id)
    other = stage.actor(OTHER_DRAFTER).person_id
    hand_over = stage.house.use_cases.hand_over
    superior = stage.actor(login)
    with pytest.raises(NotPermittedError):
        hand_over(task, other, superior, reason="Người soạn đã chuyển công tác.")

    hand_over(task, other, superior, reason="Người soạn đã chuyển công tác.", as_superior=True)

    assert stage.document(document_id).drafter_id == other


@pytest.mark.parametrize("login", [OTHER_DRAFTER, CLERK, "stc.lanhdao"])
def test_hand_over_as_superior_is_refused_when_the_person_is_none(
    stage: Stage, login: str
) -> None:
    document_id = stage.draft()
    with pytest.raises(NotPermittedError) as caught:
        stage.house.use_cases.hand_over(
            stage.task(DRAFTER, document_id),
            stage.actor(OTHER_DRAFTER).person_id,
            stage.actor(login),
            reason="Tự nhận.",
            as_superior=True,
        )
    assert caught.value.params["predicate"] == "oversees_the_work"


@pytest.mark.parametrize(
    ("login", "why"),
    [(DRAFTER, "has_it_already"), (CLERK, "other_role"), ("stc.chuyenvien", "other_role")],
)
def test_hand_over_is_refused_when_the_person_is_not_of_the_role(
    stage: Stage, login: str, why: str
) -> None:
    document_id = stage.draft()
    with pytest.raises(InvalidInputError) as caught:
        stage.house.use_cases.hand_over(
            stage.task(DRAFTER, document_id),
            stage.actor(login).person_id,
            stage.actor(DRAFTER),
            reason="Bận.",
        )
    assert caught.value.code is ErrorCode.PERSON_UNSUITABLE
    assert caught.value.params["why"] == why
    assert stage.document(document_id).drafter_id == stage.actor(DRAFTER).person_id


def test_hand_over_of_the_signature_is_refused_with_the_reason(stage: Stage) -> None:
    document_id = stage.to_signature()
    deputy = stage.actor("snv.photruong1").person_id
    for login, as_superior in ((LEADER, False), ("vpub.quantri", True)):
        with pytest.raises(NotPermittedError) as caught:
            stage.house.use_cases.hand_over(
                stage.task(LEADER, document_id),
                deputy,
                stage.actor(login),
                reason="Đi công tác.",
                as_superior=as_superior,
            )
        assert caught.value.code is ErrorCode.TASK_STAYS


def test_hand_over_of_an_opinion_is_refused_when_a_person_was_asked(
    stage: Stage, in_review: DocumentId
) -> None:
    ask(stage, HEAD, in_review)
    with pytest.raises(NotPermittedError) as caught:
        stage.house.use_cases.hand_over(
            stage.task(CLERK, in_review),
            stage.actor(OTHER_DRAFTER).person_id,
            stage.actor(CLERK),
            reason="Bận.",
        )
    assert caught.value.code is ErrorCode.TASK_STAYS


def test_questions_stay_when_the_task_is_handed_over(stage: Stage) -> None:
    document_id = stage.draft()
    (opinion_id,) = ask(stage, DRAFTER, document_id).opinion_ids
    other = stage.actor(OTHER_DRAFTER)
    stage.house.use_cases.hand_over(
        stage.task(DRAFTER, document_id), other.person_id, stage.actor(DRAFTER), reason="Đi học."
    )

    assert states(stage, document_id) == [OpinionState.OPEN]
    # Who has the task now may withdraw what another asked at it.
    stage.house.use_cases.withdraw_opinion(opinion_id, other, "Không cần nữa.")


# --- take back ---------------------------------------------------------------------------------


def take_back(stage: Stage, login: str, holder: str, subject_id: str) -> None:
    stage.house.use_cases.take_back(
        stage.task(holder, subject_id), stage.actor(login), "Gửi nhầm."
    )


@pytest.mark.parametrize(
    ("steps", "login", "holder", "status"),
    [
        (1, DRAFTER, HEAD, DocumentStatus.DRAFT),
        (2, HEAD, CLERK, DocumentStatus.IN_REVIEW),
        (3, CLERK, LEADER, DocumentStatus.IN_CHECK),
    ],
)
def test_take_back_puts_the_document_back_to_one_s_own_task(
    stage: Stage, steps: int, login: str, holder: str, status: DocumentStatus
) -> None:
    document_id = stage.draft()
    for act in (stage.submit, stage.review, stage.check)[:steps]:
        act(document_id)

    take_back(stage, login, holder, document_id)

    assert stage.document(document_id).status is status
    assert stage.task(login, document_id)
    assert "task.take_back.complete" in events(stage, document_id)
    assert outcomes(stage, "outgoing", document_id)[-2] == "taken_back"
    # The way goes on from there.
    for act in (stage.submit, stage.review, stage.check)[steps - 1 :]:
        act(document_id)
    stage.sign(document_id)


def test_take_back_is_refused_when_it_is_not_one_s_own_step(
    stage: Stage, in_review: DocumentId
) -> None:
    for login in (HEAD, OTHER_DRAFTER, LEADER):
        with pytest.raises(ConflictError) as caught:
            take_back(stage, login, HEAD, in_review)
        assert caught.value.code is ErrorCode.PROCESS_RETURN
    with pytest.raises(NotPermittedError):
        take_back(stage, "stc.lanhdao", HEAD, in_review)


def test_take_back_is_refused_when_somebody_has_acted(
    stage: Stage, in_review: DocumentId, clock: FixedClock
) -> None:
    task = stage.task(HEAD, in_review)
    clock.move(timedelta(minutes=1))
    ask(stage, HEAD, in_review)
    with pytest.raises(ConflictError):
        take_back(stage, DRAFTER, HEAD, in_review)
    stage.house.use_cases.review_draft(task, stage.actor(HEAD))
    with pytest.raises(ConflictError) as caught:
        stage.house.use_cases.take_back(task, stage.actor(DRAFTER))
    assert caught.value.code is ErrorCode.TASK_CLOSED


def test_take_back_is_refused_while_a_signature_is_being_made(stage: Stage) -> None:
    document_id = stage.to_signature()
    begun = stage.house.use_cases.sign_document.ceremonies.begin(
        PdfStage.SIGNED, stage.task(LEADER, document_id), stage.actor(LEADER)
    )
    assert begun.intent
    with pytest.raises(ConflictError) as caught:
        take_back(stage, CLERK, LEADER, document_id)
    assert caught.value.code is ErrorCode.SIGNING_UNDERWAY


def test_take_back_of_an_arrival_clears_what_the_step_wrote(
    stage: Stage, handled: DeliveryId
) -> None:
    take_back(stage, "stc.lanhdao", "stc.chuyenvien", handled)

    with stage.house.start_reading() as work:
        delivery = work.deliveries.get(handled)
    assert (delivery.direction, delivery.handler_id, delivery.unit_id) == ("", None, None)
    assert delivery.leader_id == stage.actor("stc.lanhdao").person_id
    # The code the sender has seen never goes back, and the next direction repeats none.
    direct(stage, handled)
    with stage.house.start_reading() as work:
        codes = [message.status for message in work.deliveries.get(handled).messages]
    assert codes.count(DeliveryStatus.ASSIGNED) == 1


def test_take_back_of_a_presentation_clears_the_leader(stage: Stage) -> None:
    document_id = stage.issue()
    stage.run_jobs()
    delivery_id = delivery_to(stage, document_id, "stc").id
    register(stage, delivery_id)
    present(stage, delivery_id)

    take_back(stage, "stc.vanthu", "stc.lanhdao", delivery_id)

    assert delivery_to(stage, document_id, "stc").leader_id is None
    present(stage, delivery_id)


def test_take_back_is_refused_when_handling_has_begun(stage: Stage, handled: DeliveryId) -> None:
    officer = stage.actor("stc.chuyenvien")
    stage.house.use_cases.begin_handling(stage.task("stc.chuyenvien", handled), officer)
    with pytest.raises(ConflictError) as caught:
        take_back(stage, "stc.lanhdao", "stc.chuyenvien", handled)
    assert caught.value.code is ErrorCode.DOCUMENT_STATE


# --- return ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "holder", "status"),
    [
        ("", DRAFTER, DocumentStatus.DRAFT),
        ("draft", DRAFTER, DocumentStatus.DRAFT),
        ("review", HEAD, DocumentStatus.IN_REVIEW),
        ("check_form", CLERK, DocumentStatus.IN_CHECK),
    ],
)
def test_return_document_goes_to_the_step_that_is_named(
    stage: Stage, to: str, holder: str, status: DocumentStatus
) -> None:
    document_id = stage.to_signature()

    stage.house.use_cases.return_document(
        stage.task(LEADER, document_id), stage.actor(LEADER), "Xem lại căn cứ.", to=to
    )

    assert stage.document(document_id).status is status
    with stage.house.start_reading() as work:
        (row,) = work.queries.list_tasks_on(stage.actor(holder), document_id)
    assert row.returned_reason == "Xem lại căn cứ."


@pytest.mark.parametrize("to", ["number", "nowhere", "sign"])
def test_return_document_is_refused_when_it_does_not_go_there(stage: Stage, to: str) -> None:
    document_id = stage.to_signature()
    with pytest.raises(InvalidInputError) as caught:
        stage.house.use_cases.return_document(
            stage.task(LEADER, document_id), stage.actor(LEADER), "Xem lại.", to=to
        )
    assert caught.value.code is ErrorCode.PROCESS_RETURN
    assert stage.document(document_id).status is DocumentStatus.AWAITING_SIGNATURE


def test_return_delivery_goes_back_step_by_step(stage: Stage, handled: DeliveryId) -> None:
    return_delivery = stage.house.use_cases.return_delivery
    with pytest.raises(InvalidInputError):
        return_delivery(stage.task("stc.chuyenvien", handled), stage.actor("stc.chuyenvien"), " ")

    return_delivery(
        stage.task("stc.chuyenvien", handled), stage.actor("stc.chuyenvien"), "Không đúng phòng."
    )
    with stage.house.start_reading() as work:
        (row,) = work.queries.list_tasks_on(stage.actor("stc.lanhdao"), handled)
        delivery = work.deliveries.get(handled)
    assert (row.rule, row.returned_reason) == ("direct", "Không đúng phòng.")
    assert (delivery.handler_id, delivery.direction) == (None, "")

    return_delivery(
        stage.task("stc.lanhdao", handled), stage.actor("stc.lanhdao"), "Trình phó phụ trách."
    )
    assert item_of(stage, stage.task("stc.vanthu", handled)).rule == "present"
    with stage.house.start_reading() as work:
        document_id = work.deliveries.get(handled).document_id
    assert events(stage, document_id).count("delivery.task.return") == 2
    with pytest.raises(NotPermittedError):
        return_delivery(stage.task("stc.vanthu", handled), stage.actor("stc.vanthu"), "Trả.")
    present(stage, handled)
    direct(stage, handled)


def test_direct_delivery_keeps_the_code_when_a_begun_handling_was_returned(
    stage: Stage, handled: DeliveryId
) -> None:
    officer = stage.actor("stc.chuyenvien")
    stage.house.use_cases.begin_handling(stage.task("stc.chuyenvien", handled), officer)
    stage.house.use_cases.return_delivery(
        stage.task("stc.chuyenvien", handled), officer, "Vượt thẩm quyền."
    )

    direct(stage, handled, handler_id=stage.actor(OTHER_OFFICER).person_id)

    other = stage.actor(OTHER_OFFICER)
    stage.house.use_cases.handle_delivery(stage.task(OTHER_OFFICER, handled), other, "Xong.")
    with stage.house.start_reading() as work:
        codes = [message.status.value for message in work.deliveries.get(handled).messages]
    assert codes == ["01", "03", "04", "05", "06"]
