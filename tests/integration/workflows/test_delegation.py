"""Work that waits for somebody who is away: who sees it, who may do it, what is on record."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from engine.audit import AuditEvent
from engine.clock import FixedClock, local
from engine.errors import (
    ConflictError,
    ErrorCode,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from engine.model.assignment import Party, SourceKind
from engine.model.document import DocumentId, DocumentStatus
from engine.model.kinds import CONG_VAN, GIAY_MOI
from engine.model.notice import NoticeKind
from engine.model.organisation import (
    Actor,
    Authority,
    AuthorityForm,
    DelegationId,
    Person,
    PersonId,
    Post,
    PostId,
    Power,
    Role,
    Validity,
)
from engine.model.verification import Verdict
from engine.queries import Basket
from tests.bureau import ADMINISTRATOR, CLERK, LEADER, OFFICER, SNV
from tests.houses import PIN, Stage
from workflows.authority.delegate import DelegationTerms

HEAD_OF_DIVISION = "snv.truongphong"
EVERYTHING = frozenset({Power.REVIEW, Power.DIRECT, Power.HANDLE, Power.SIGN, Power.SCHEDULE})


@dataclass
class Absence:
    """Leave work to others and act for them, the way pages do."""

    stage: Stage

    @property
    def cases(self):
        return self.stage.house.use_cases.authority

    @property
    def today(self) -> date:
        return local(self.stage.house.clock.now()).date()

    def who(self, login: str | Actor) -> Actor:
        """Return the person as they are now; an actor is read again, as each request does."""
        if isinstance(login, Actor):
            return self.stage.house.use_cases.identify.by_person(login.person_id)
        return self.stage.actor(login)

    def deputy(self) -> Actor:
        """Return the deputy head, who signs as KT."""
        return self._other(LEADER, Role.LEADER)

    def other_head(self) -> Actor:
        """Return the head of another division."""
        return self._other(HEAD_OF_DIVISION, Role.DIVISION_HEAD)

    def _other(self, login: str, role: Role) -> Actor:
        me = self.stage.actor(login)
        with self.stage.house.start_reading() as work:
            posts = work.organisation.list_posts(SNV, self.today, role=role)
        return self.who(
            self.stage.house.use_cases.identify.by_person(
                next(post.person_id for post in posts if post.person_id != me.person_id)
            )
        )

    def terms(self, giver: str | Actor, delegate: str | Actor, *powers: Power, **changes: object):
        values: dict[str, object] = {
            "post_id": self.who(giver).posts[0].id,
            "delegate_id": self.who(delegate).person_id,
            "powers": frozenset(powers),
            "since": self.today,
            "until": self.today + timedelta(days=2),
        }
        return DelegationTerms(**(values | changes))  # type: ignore[arg-type]

    def give(
        self, giver: str | Actor, delegate: str | Actor, *powers: Power, **changes: object
    ) -> DelegationId:
        terms = self.terms(giver, delegate, *powers, **changes)
        return self.cases.delegate(terms, self.who(giver))

    def refused(self, giver: str | Actor, delegate: str | Actor, *powers: Power, **changes):
        with pytest.raises((InvalidInputError, ConflictError, NotPermittedError)) as refusal:
            self.give(giver, delegate, *powers, **changes)
        with self.stage.house.start_reading() as work:
            rows = work.delegations.list_of_agency(SNV).rows
        return refusal.value.code, len(rows)

    def tasks(self, login: str | Actor, subject_id: str):
        with self.stage.house.start_reading() as work:
            return work.queries.list_tasks_on(self.who(login), subject_id)

    def task(self, login: str | Actor, subject_id: str):
        (row,) = self.tasks(login, subject_id)
        return row

    def leaves(self, group: str):
        with self.stage.house.start_reading() as work:
            return list(work.audit.list_group(group))

    def steps(self, document_id: DocumentId):
        with self.stage.house.start_reading() as work:
            return list(work.queries.list_steps("outgoing", document_id))

    def review(self, login: str | Actor, document_id: DocumentId) -> None:
        task_id = self.task(login, document_id).task_id
        self.stage.house.use_cases.review_draft(task_id, self.who(login))

    def in_review(self) -> DocumentId:
        document_id = self.stage.draft()
        self.stage.submit(document_id)
        return document_id


@pytest.fixture
def absence(stage: Stage) -> Absence:
    return Absence(stage)


def test_delegate_sees_and_completes_the_givers_task_in_both_names(absence: Absence) -> None:
    document_id = absence.in_review()
    other = absence.other_head()
    assert absence.tasks(other, document_id) == []

    delegation_id = absence.give(HEAD_OF_DIVISION, other, Power.REVIEW)

    giver = absence.who(HEAD_OF_DIVISION)
    assert absence.task(other, document_id).on_behalf_of == giver.full_name
    assert absence.task(giver, document_id).on_behalf_of == ""
    absence.review(other, document_id)
    done = absence.steps(document_id)[-2]
    assert (done.person_name, done.on_behalf_of) == (other.full_name, giver.full_name)
    leaf = absence.leaves(document_id)[-1]
    assert leaf.event is AuditEvent.DOCUMENT_APPROVE
    assert leaf.actor_id == other.person_id
    assert leaf.details["on_behalf_of"] == giver.person_id
    assert leaf.details["on_behalf_of_name"] == giver.full_name
    assert leaf.details["delegation"] == delegation_id


def test_giver_goes_on_with_their_own_task_in_their_own_name(absence: Absence) -> None:
    document_id = absence.in_review()
    absence.give(HEAD_OF_DIVISION, absence.other_head(), Power.REVIEW)

    absence.review(HEAD_OF_DIVISION, document_id)

    assert absence.steps(document_id)[-2].on_behalf_of == ""
    assert "on_behalf_of" not in absence.leaves(document_id)[-1].details


def test_baskets_count_a_delegated_task_once_for_whoever_has_it_twice(absence: Absence) -> None:
    document_id = absence.in_review()
    other = absence.other_head()
    absence.give(HEAD_OF_DIVISION, other, Power.REVIEW)
    absence.give(HEAD_OF_DIVISION, other, Power.HANDLE)
    absence.give(
        HEAD_OF_DIVISION, other, Power.REVIEW, since=absence.today + timedelta(days=9),
        until=absence.today + timedelta(days=9),
    )  # fmt: skip

    with absence.stage.house.start_reading() as work:
        rows = work.queries.list_work(absence.who(other), Basket.TO_REVIEW).rows
        count = work.queries.count_baskets(absence.who(other))[Basket.TO_REVIEW]

    assert [row.subject_id for row in rows] == [document_id]
    assert count == 1


@pytest.mark.parametrize("power", [Power.HANDLE, None])
def test_task_stays_the_givers_alone_when_the_power_was_not_left(
    absence: Absence, power: Power | None
) -> None:
    document_id = absence.in_review()
    other = absence.other_head()
    if power is not None:
        absence.give(HEAD_OF_DIVISION, other, power)
    task_id = absence.task(HEAD_OF_DIVISION, document_id).task_id

    with pytest.raises(NotPermittedError) as refused:
        absence.stage.house.use_cases.review_draft(task_id, absence.who(other))

    assert refused.value.code is ErrorCode.TASK_NOT_YOURS
    assert absence.tasks(other, document_id) == []


def test_clerks_form_check_is_nobody_elses_when_a_leader_leaves_everything(
    absence: Absence,
) -> None:
    document_id = absence.in_review()
    absence.give(LEADER, absence.deputy(), *EVERYTHING)
    absence.review(HEAD_OF_DIVISION, document_id)

    assert absence.tasks(absence.deputy(), document_id) == []
    assert absence.stage.document(document_id).status is DocumentStatus.IN_CHECK


def test_delegation_reaches_only_its_kinds_when_it_names_some(absence: Absence) -> None:
    document_id = absence.in_review()
    other = absence.other_head()
    absence.give(HEAD_OF_DIVISION, other, Power.REVIEW, kinds=frozenset({GIAY_MOI}))
    task_id = absence.task(HEAD_OF_DIVISION, document_id).task_id

    assert absence.tasks(other, document_id) == []
    with pytest.raises(NotPermittedError):
        absence.stage.house.use_cases.review_draft(task_id, absence.who(other))

    absence.give(HEAD_OF_DIVISION, other, Power.REVIEW, kinds=frozenset({CONG_VAN}))
    absence.review(other, document_id)
    assert absence.stage.document(document_id).status is DocumentStatus.IN_CHECK


def test_delegation_ends_at_midnight_in_viet_nam(absence: Absence, clock: FixedClock) -> None:
    document_id = absence.in_review()
    other = absence.other_head()
    absence.give(HEAD_OF_DIVISION, other, Power.REVIEW, until=absence.today)
    task_id = absence.task(other, document_id).task_id
    midnight = datetime.combine(absence.today, datetime.min.time(), UTC) + timedelta(hours=17)
    clock.move(midnight - clock.now() - timedelta(seconds=1))
    late = absence.who(other)
    assert absence.tasks(late, document_id)

    clock.move(timedelta(seconds=1))

    assert absence.who(other).stands_in == ()
    assert absence.tasks(other, document_id) == []
    # A page that was opened before midnight is not taken any more either.
    with pytest.raises(NotPermittedError):
        absence.stage.house.use_cases.review_draft(task_id, late)
    absence.review(HEAD_OF_DIVISION, document_id)


def test_delegation_gives_nothing_before_its_first_day(absence: Absence) -> None:
    document_id = absence.in_review()
    other = absence.other_head()
    tomorrow = absence.today + timedelta(days=1)

    absence.give(HEAD_OF_DIVISION, other, Power.REVIEW, since=tomorrow, until=tomorrow)

    assert absence.tasks(other, document_id) == []


def test_open_task_is_the_givers_alone_when_the_delegation_is_ended_in_the_middle(
    absence: Absence,
) -> None:
    first, second = absence.in_review(), absence.in_review()
    other = absence.other_head()
    delegation_id = absence.give(HEAD_OF_DIVISION, other, Power.REVIEW)
    absence.review(other, first)
    stale = absence.who(other)
    task_id = absence.task(other, second).task_id

    absence.cases.end_delegation(delegation_id, absence.who(HEAD_OF_DIVISION), "Đã về.")

    assert absence.tasks(other, second) == []
    with pytest.raises(NotPermittedError):
        absence.stage.house.use_cases.review_draft(task_id, stale)
    assert absence.stage.document(second).status is DocumentStatus.IN_REVIEW
    # What was done stays, with both names.
    assert absence.steps(first)[-2].on_behalf_of == absence.who(HEAD_OF_DIVISION).full_name
    absence.review(HEAD_OF_DIVISION, second)


def test_delegation_lapses_when_the_giver_leaves_the_post(absence: Absence) -> None:
    document_id = absence.in_review()
    other = absence.other_head()
    absence.give(HEAD_OF_DIVISION, other, Power.REVIEW)
    stale = absence.who(other)
    task_id = absence.task(other, document_id).task_id

    with absence.stage.house.start_work() as work:
        work.organisation.end_post(
            absence.who(HEAD_OF_DIVISION).posts[0].id, absence.today - timedelta(days=1)
        )
        work.commit()

    assert absence.who(other).stands_in == ()
    with pytest.raises(NotPermittedError):
        absence.stage.house.use_cases.review_draft(task_id, stale)


def test_delegate_acts_for_nobody_when_they_left_the_agency(absence: Absence) -> None:
    document_id = absence.in_review()
    other = absence.other_head()
    absence.give(HEAD_OF_DIVISION, other, Power.REVIEW)
    gone = replace(absence.who(other), posts=())
    task_id = absence.task(HEAD_OF_DIVISION, document_id).task_id

    with pytest.raises(NotPermittedError):
        absence.stage.house.use_cases.review_draft(task_id, gone)


def test_delegate_does_not_approve_what_they_drafted(absence: Absence) -> None:
    document_id = absence.in_review()
    absence.give(HEAD_OF_DIVISION, OFFICER, Power.REVIEW)
    task_id = absence.task(HEAD_OF_DIVISION, document_id).task_id

    with pytest.raises(NotPermittedError) as refused:
        absence.stage.house.use_cases.review_draft(task_id, absence.who(OFFICER))

    assert refused.value.code is ErrorCode.DELEGATION_OWN_DRAFT
    assert absence.stage.document(document_id).status is DocumentStatus.IN_REVIEW


def test_delegated_task_is_not_handed_on(absence: Absence) -> None:
    document_id = absence.in_review()
    other = absence.other_head()
    absence.give(HEAD_OF_DIVISION, other, Power.REVIEW)
    task_id = absence.task(other, document_id).task_id

    with pytest.raises(NotPermittedError):
        absence.stage.house.use_cases.hand_over(
            task_id, absence.who(HEAD_OF_DIVISION).person_id, absence.who(other), reason="Bận."
        )


def test_delegate_returns_and_asks_in_both_names(absence: Absence) -> None:
    document_id = absence.in_review()
    other, giver = absence.other_head(), absence.who(HEAD_OF_DIVISION)
    absence.give(giver, other, Power.REVIEW)
    task_id = absence.task(other, document_id).task_id
    absence.stage.house.use_cases.ask_opinion(
        task_id,
        absence.who(other),
        question="Có trùng không?",
        people=[absence.who(OFFICER).person_id],
        working_days=1,
    )

    absence.stage.house.use_cases.return_document(task_id, absence.who(other), "Thiếu căn cứ.")

    asked, returned = [s for s in absence.steps(document_id) if s.outcome in ("asked", "returned")]
    assert asked.on_behalf_of == returned.on_behalf_of == giver.full_name
    assert absence.leaves(document_id)[-1].details["on_behalf_of"] == giver.person_id


def test_delegate_directs_an_arrival_for_the_leader(absence: Absence) -> None:
    use_cases = absence.stage.house.use_cases
    absence.stage.issue()
    absence.stage.run_jobs()
    with absence.stage.house.start_reading() as work:
        (row,) = work.queries.list_work(absence.who("stc.vanthu"), Basket.ARRIVALS).rows
        leader = absence.who("stc.lanhdao")
        today = absence.today
        posts = work.organisation.list_posts(leader.posts[0].agency_id, today, role=Role.LEADER)
    delivery_id = row.subject_id
    deputy = use_cases.identify.by_person(
        next(post.person_id for post in posts if post.person_id != leader.person_id)
    )
    clerk = absence.who("stc.vanthu")
    use_cases.register_delivery(absence.task(clerk, delivery_id).task_id, clerk)
    use_cases.present_delivery(
        absence.task(clerk, delivery_id).task_id, clerk, leader_id=leader.person_id
    )
    absence.give(leader, deputy, Power.DIRECT)

    task = absence.task(deputy, delivery_id)

    assert task.on_behalf_of == leader.full_name
    with absence.stage.house.start_reading() as work:
        assert work.queries.count_baskets(absence.who(deputy))[Basket.TO_DIRECT] == 1
        heads = work.organisation.list_posts(
            leader.posts[0].agency_id, today, role=Role.DIVISION_HEAD
        )
    lead = Party(agency_id=heads[0].agency_id, unit_id=heads[0].unit_id)
    use_cases.direct_delivery(
        task.task_id, absence.who(deputy), direction="Giao phòng xử lý.", lead=lead, due_on=None
    )

    # What is given is the leader's, whom the deputy could give it for as well as of their own.
    with absence.stage.house.start_reading() as work:
        (given,) = work.assignments.list_on_source(SourceKind.DELIVERY, delivery_id)
    assert given.assigner_id == leader.person_id
    leaf = absence.leaves(given.id)[-1]
    assert (leaf.actor_id, leaf.details["on_behalf_of"]) == (deputy.person_id, leader.person_id)
    head = use_cases.identify.by_person(heads[0].person_id)
    use_cases.accept_assignment(given.id, head)
    use_cases.report_completion(given.id, head, "Đã xong.")
    assert absence.task(leader, given.id).on_behalf_of == ""
    assert absence.task(deputy, given.id).on_behalf_of == leader.full_name


def test_delegate_never_signs_in_the_givers_block(absence: Absence) -> None:
    document_id = absence.stage.to_signature()
    deputy = absence.deputy()
    absence.give(LEADER, deputy, Power.SIGN)
    task_id = absence.task(deputy, document_id).task_id

    with pytest.raises(NotPermittedError) as refused:
        absence.stage.house.use_cases.sign_document(task_id, absence.who(deputy), PIN)

    assert refused.value.code is ErrorCode.DEPUTY_SIGNS_AS_SELF
    assert absence.stage.document(document_id).status is DocumentStatus.AWAITING_SIGNATURE


def test_batch_leaves_out_what_waits_for_the_giver(absence: Absence) -> None:
    document_id = absence.stage.to_signature()
    deputy = absence.deputy()
    absence.give(LEADER, deputy, Power.SIGN)
    task_id = absence.task(deputy, document_id).task_id

    batch_id = absence.stage.house.use_cases.begin_batch([task_id], absence.who(deputy))

    with absence.stage.house.start_reading() as work:
        (item,) = work.batches.list_items(batch_id)
    assert item.reason == ErrorCode.DEPUTY_SIGNS_AS_SELF


def test_delegate_signs_in_their_own_block_and_name_after_changing_the_signatory(
    absence: Absence,
) -> None:
    use_cases = absence.stage.house.use_cases
    document_id = absence.stage.to_signature()
    giver, deputy = absence.who(LEADER), absence.deputy()
    absence.give(LEADER, deputy, Power.SIGN)
    before = absence.stage.document(document_id)
    task_id = absence.task(deputy, document_id).task_id

    digest = use_cases.change_signatory(task_id, absence.who(deputy))

    changed = absence.stage.document(document_id)
    assert changed.content == replace(before.content, signatory_id=deputy.person_id)
    assert changed.current_revision().digest == digest != before.current_revision().digest
    assert absence.tasks(giver, document_id) == []
    assert absence.task(deputy, document_id).on_behalf_of == ""
    with absence.stage.house.start_reading() as work:
        authority = work.organisation.get_authority(changed.authority_id or "")
    assert authority.form is AuthorityForm.DEPUTY
    leaf = absence.leaves(document_id)[-1]
    assert leaf.event is AuditEvent.SIGNATORY_CHANGE
    assert leaf.details["signatory"] == leaf.details["on_behalf_of"] == giver.person_id
    use_cases.sign_document(task_id, absence.who(deputy), PIN)
    absence.stage.number(document_id)
    absence.stage.seal(document_id)
    content = use_cases.read_pdf(document_id, giver)[1]
    report = absence.stage.house.judge.verify(content)
    assert report.verdict is Verdict.PASSED
    assert report.signatures[0].signer == deputy.full_name


def test_leader_returns_what_was_to_be_signed_by_somebody_who_left(absence: Absence) -> None:
    use_cases = absence.stage.house.use_cases
    document_id = absence.stage.to_signature()
    deputy = absence.deputy()
    absence.give(LEADER, deputy, Power.SIGN)
    task_id = absence.task(deputy, document_id).task_id
    use_cases.change_signatory(task_id, absence.who(deputy))
    with pytest.raises(NotPermittedError):
        use_cases.return_document(task_id, absence.who(LEADER), "Để tôi ký.")
    _leave(absence, deputy)

    assert absence.task(LEADER, document_id).on_behalf_of == deputy.full_name
    with pytest.raises(NotPermittedError) as refused:
        use_cases.sign_document(task_id, absence.who(LEADER), PIN)
    use_cases.return_document(task_id, absence.who(LEADER), "Người ký đã chuyển công tác.")

    assert refused.value.code is ErrorCode.DEPUTY_SIGNS_AS_SELF
    assert absence.stage.document(document_id).status is DocumentStatus.DRAFT
    leaf = absence.leaves(document_id)[-1]
    assert leaf.details["on_behalf_of"] == deputy.person_id


def test_leader_signs_in_their_own_name_when_the_signatory_left(absence: Absence) -> None:
    use_cases = absence.stage.house.use_cases
    deputy = absence.deputy()
    document_id = absence.stage.draft(signatory_id=deputy.person_id)
    absence.stage.submit(document_id)
    absence.review(HEAD_OF_DIVISION, document_id)
    clerk = absence.who(CLERK)
    use_cases.check_form(absence.task(clerk, document_id).task_id, clerk)
    _leave(absence, deputy)
    leader = absence.who(LEADER)
    task_id = absence.task(leader, document_id).task_id

    use_cases.change_signatory(task_id, leader)
    use_cases.sign_document(task_id, absence.who(LEADER), PIN)

    document = absence.stage.document(document_id)
    assert document.status is DocumentStatus.SIGNED
    assert document.content.signatory_id == leader.person_id


def test_ky_thay_is_refused_when_the_delegate_may_not_sign_the_kind(absence: Absence) -> None:
    document_id = absence.stage.to_signature()
    absence.give(LEADER, HEAD_OF_DIVISION, Power.SIGN)
    before = absence.stage.document(document_id)
    task_id = absence.task(HEAD_OF_DIVISION, document_id).task_id

    with pytest.raises(NotPermittedError) as refused:
        absence.stage.house.use_cases.change_signatory(task_id, absence.who(HEAD_OF_DIVISION))

    assert refused.value.code is ErrorCode.AUTHORITY_MISSING
    assert absence.stage.document(document_id) == before


def test_ky_thay_is_refused_when_the_task_is_ones_own(absence: Absence) -> None:
    document_id = absence.stage.to_signature()
    task_id = absence.task(LEADER, document_id).task_id

    with pytest.raises(NotPermittedError) as refused:
        absence.stage.house.use_cases.change_signatory(task_id, absence.who(LEADER))

    assert refused.value.code is ErrorCode.DELEGATION_MISSING


def test_ky_thay_is_refused_when_the_giver_has_signed_meanwhile(absence: Absence) -> None:
    document_id = absence.stage.to_signature()
    deputy = absence.deputy()
    absence.give(LEADER, deputy, Power.SIGN)
    task_id = absence.task(deputy, document_id).task_id
    absence.stage.sign(document_id)

    with pytest.raises(ConflictError):
        absence.stage.house.use_cases.change_signatory(task_id, absence.who(deputy))

    assert absence.stage.document(document_id).status is DocumentStatus.SIGNED


def test_delegation_is_told_and_on_record_when_given_and_when_ended(absence: Absence) -> None:
    giver, other = absence.who(HEAD_OF_DIVISION), absence.other_head()

    delegation_id = absence.give(giver, other, Power.REVIEW, basis="Đi công tác")
    absence.cases.end_delegation(delegation_id, absence.who(other), "Không kịp.")

    with absence.stage.house.start_reading() as work:
        told = [n.kind for n in work.notices.list_of(other.person_id).rows]
        answered = [n.kind for n in work.notices.list_of(giver.person_id).rows]
        kept = work.delegations.get(delegation_id)
    assert told == [NoticeKind.DELEGATION_GIVEN]
    assert answered == [NoticeKind.DELEGATION_ENDED]
    assert (kept.ended_by, kept.end_reason) == (other.person_id, "Không kịp.")


@pytest.mark.parametrize("login", [LEADER, ADMINISTRATOR])
def test_leader_and_administrator_end_what_others_gave(absence: Absence, login: str) -> None:
    delegation_id = absence.give(HEAD_OF_DIVISION, absence.other_head(), Power.REVIEW)

    absence.cases.end_delegation(delegation_id, absence.who(login), "Đã điều động.")

    with absence.stage.house.start_reading() as work:
        assert work.delegations.list_open(SNV, absence.today) == []


@pytest.mark.parametrize("login", [OFFICER, CLERK, "stc.lanhdao"])
def test_end_is_refused_when_it_is_nobody_concerned(absence: Absence, login: str) -> None:
    delegation_id = absence.give(HEAD_OF_DIVISION, absence.other_head(), Power.REVIEW)

    with pytest.raises(NotPermittedError):
        absence.cases.end_delegation(delegation_id, absence.who(login))
    with pytest.raises(NotPermittedError):
        absence.cases.view_delegations(delegation_id, absence.who(login))


def test_end_is_refused_when_it_is_over(absence: Absence, clock: FixedClock) -> None:
    delegation_id = absence.give(HEAD_OF_DIVISION, absence.other_head(), Power.REVIEW)
    clock.move(timedelta(days=3))

    with pytest.raises(ConflictError) as refused:
        absence.cases.end_delegation(delegation_id, absence.who(HEAD_OF_DIVISION))

    assert refused.value.code is ErrorCode.DELEGATION_CLOSED
    with pytest.raises(NotFoundError) as unknown:
        absence.cases.end_delegation(DelegationId("x"), absence.who(HEAD_OF_DIVISION))
    assert unknown.value.code is ErrorCode.DELEGATION_NOT_FOUND


@pytest.mark.parametrize(
    ("delegate", "powers", "changes", "code"),
    [
        (HEAD_OF_DIVISION, [Power.REVIEW], {}, ErrorCode.DELEGATION_SELF),
        ("stc.truongphong", [Power.REVIEW], {}, ErrorCode.DELEGATION_UNSUITABLE),
        (OFFICER, [Power.DIRECT], {}, ErrorCode.DELEGATION_BEYOND),
        (OFFICER, [Power.SIGN], {}, ErrorCode.DELEGATION_BEYOND),
        (OFFICER, [Power.REVIEW], {"post_id": PostId("snv.head")}, ErrorCode.DELEGATION_BEYOND),
        (OFFICER, [], {}, ErrorCode.INPUT_MISSING),
        (OFFICER, [Power.REVIEW], {"kinds": frozenset({"thu_tay"})}, None),
        (OFFICER, [Power.REVIEW], {"since": date(2020, 1, 1)}, ErrorCode.DELEGATION_PAST),
        (OFFICER, [Power.REVIEW], {"until": date(2020, 1, 1)}, ErrorCode.DELEGATION_REVERSED),
        (OFFICER, [Power.REVIEW], {"until": date(2999, 1, 1)}, ErrorCode.DELEGATION_TOO_LONG),
    ],
)
def test_delegate_refuses_when_the_terms_cannot_be(
    absence: Absence, delegate: str, powers: list[Power], changes: dict, code: ErrorCode | None
) -> None:
    refusal, rows = absence.refused(HEAD_OF_DIVISION, delegate, *powers, **changes)

    assert refusal is (code or ErrorCode.DOCUMENT_KIND_UNKNOWN)
    assert rows == 0


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_delegate_refuses_who_only_inspects_or_administers(absence: Absence, role: Role) -> None:
    watching = Person(id=PersonId("snv.x"), full_name="Người giám sát", login="snv.x")
    post = replace(
        absence.who(OFFICER).posts[0], id=PostId("snv.x"), person_id=watching.id, role=role
    )
    with absence.stage.house.start_work() as work:
        work.organisation.add_person(watching)
        work.organisation.add_post(post)
        work.commit()
    actor = absence.stage.house.use_cases.identify.by_person(watching.id)

    assert absence.refused(HEAD_OF_DIVISION, actor, Power.REVIEW) == (
        ErrorCode.DELEGATION_UNSUITABLE,
        0,
    )


def test_delegate_refuses_when_it_would_come_back_or_is_there_already(absence: Absence) -> None:
    giver, other = absence.who(HEAD_OF_DIVISION), absence.other_head()
    absence.give(giver, other, Power.REVIEW)

    assert absence.refused(other, giver, Power.REVIEW) == (ErrorCode.DELEGATION_LOOP, 1)
    assert absence.refused(giver, other, Power.REVIEW) == (ErrorCode.DELEGATION_OVERLAP, 1)


def test_delegate_refuses_to_pass_on_what_one_only_does_for_another(absence: Absence) -> None:
    giver, other = absence.who(LEADER), absence.deputy()
    absence.give(giver, other, Power.DIRECT)

    refusal = absence.refused(other, HEAD_OF_DIVISION, Power.DIRECT, post_id=giver.posts[0].id)

    assert refusal == (ErrorCode.DELEGATION_PASSED_ON, 1)
    # What reached the deputy does not reach the deputy's own delegate.
    absence.give(other, HEAD_OF_DIVISION, Power.DIRECT)
    (stand_in,) = absence.who(HEAD_OF_DIVISION).stands_in
    assert stand_in.giver_id == other.person_id


def test_delegate_refuses_to_authorise_further_what_is_signed_by_tuq(absence: Absence) -> None:
    post = absence.who(HEAD_OF_DIVISION).posts[0]
    with absence.stage.house.start_work() as work:
        work.organisation.add_authority(_tuq(post, absence.today))
        work.commit()

    refusal = absence.refused(HEAD_OF_DIVISION, absence.other_head(), Power.SIGN)

    assert refusal == (ErrorCode.DELEGATION_TUQ, 0)


def test_delegate_refuses_who_holds_no_post(absence: Absence) -> None:
    giver = absence.who(HEAD_OF_DIVISION)
    terms = absence.terms(giver, OFFICER, Power.REVIEW)

    with pytest.raises(NotPermittedError):
        absence.cases.delegate(terms, replace(giver, posts=()))


def test_own_delegations_show_what_a_person_gave_and_has_to_give(absence: Absence) -> None:
    other = absence.other_head()
    delegation_id = absence.give(HEAD_OF_DIVISION, other, Power.REVIEW)

    given = absence.cases.view_delegations.own(absence.who(HEAD_OF_DIVISION))
    received = absence.cases.view_delegations.own(absence.who(other))
    clerk = absence.cases.view_delegations.own(absence.who(CLERK))

    assert [each.id for each in given.given] == [delegation_id]
    assert [each.id for each in received.received] == [delegation_id]
    assert given.overseen == clerk.overseen == []
    assert clerk.posts == []
    leader = absence.cases.view_delegations.own(absence.who(LEADER))
    assert leader.overseen == [SNV]
    assert leader.posts[0][1] == EVERYTHING
    page = absence.cases.view_delegations.of_agency(SNV, absence.who(LEADER))
    assert [each.id for each in page.rows] == [delegation_id]
    with pytest.raises(NotPermittedError):
        absence.cases.view_delegations.of_agency(SNV, absence.who("stc.lanhdao"))


def _leave(absence: Absence, actor: Actor) -> None:
    with absence.stage.house.start_work() as work:
        work.organisation.end_post(actor.posts[0].id, absence.today - timedelta(days=1))
        work.commit()


def _tuq(post: Post, today: date) -> Authority:
    return Authority(
        id="snv.tuq",
        agency_id=SNV,
        post_id=post.id,
        form=AuthorityForm.BY_AUTHORISATION,
        lines=("TUQ. GIÁM ĐỐC", "TRƯỞNG PHÒNG"),
        kinds=frozenset({CONG_VAN}),
        basis="Giấy ủy quyền số 3/GUQ-SNV",
        validity=Validity(since=today, until=today + timedelta(days=30)),
    )
