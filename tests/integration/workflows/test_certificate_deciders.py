"""Who may ask for a certificate, and who decides: never one person alone."""

from datetime import date

import pytest

from engine.errors import (
    ConflictError,
    ErrorCode,
    InvalidInputError,
    NotPermittedError,
)
from engine.model.certification import (
    ApplicationState,
    CertificateState,
    KeyPlan,
)
from engine.model.keys import KeyHome
from engine.model.organisation import (
    Post,
    PostId,
    Role,
    Validity,
)
from tests.bureau import ADMINISTRATOR, CLERK, GIVEN, LEADER, OFFICER, SNV, Bureau
from tests.houses import Stage


@pytest.fixture
def bureau(stage: Stage) -> Bureau:
    return Bureau(stage)


def test_leader_may_not_approve_what_they_asked_themselves(bureau: Bureau) -> None:
    application_id = bureau.ask(LEADER)

    with pytest.raises(NotPermittedError) as caught:
        bureau.cases.approve(bureau.task(LEADER, application_id), bureau.who(LEADER))

    assert caught.value.code is ErrorCode.SECOND_PERSON_NEEDED
    assert bureau.application(application_id).state is ApplicationState.ASKED


def test_page_names_who_decides_when_a_leader_asked_themselves(bureau: Bureau) -> None:
    application_id = bureau.ask(LEADER)
    other = bureau.other_leader(LEADER)

    own = bureau.cases.view.application(application_id, bureau.who(LEADER))
    others = bureau.cases.view.application(application_id, other)

    assert own.tasks == []
    assert other.full_name in own.deciders
    assert bureau.who(LEADER).full_name not in own.deciders
    assert own.may_withdraw
    assert [task.rule for task in others.tasks] == ["approve"]
    assert not others.deciders


@pytest.mark.parametrize("home", [KeyHome.TOKEN, KeyHome.REMOTE])
def test_plan_is_refused_when_the_server_has_no_such_home(bureau: Bureau, home: KeyHome) -> None:
    application_id = bureau.ask(OFFICER)
    bureau.approve(application_id)
    plan = KeyPlan(home=home, key_name="cred-17")

    with pytest.raises(InvalidInputError) as caught:
        bureau.cases.allow(
            bureau.task(ADMINISTRATOR, application_id), bureau.who(ADMINISTRATOR), plan
        )

    assert caught.value.code is ErrorCode.KEY_HOME_MISSING
    assert bureau.application(application_id).state is ApplicationState.APPROVED


def test_superior_body_decides_when_nobody_else_leads_the_agency(bureau: Bureau) -> None:
    other = bureau.other_leader(LEADER)
    bureau.cases.end_post(
        other.posts[0].id, bureau.yesterday(), bureau.who(ADMINISTRATOR), reason="Nghỉ hưu."
    )
    application_id = bureau.ask(LEADER)

    above = bureau.who("ubnd-tp.lanhdao")
    bureau.approve(application_id, above)

    assert bureau.application(application_id).approved_by == above.person_id


def test_asking_is_refused_when_no_other_administrator_could_allow_it(bureau: Bureau) -> None:
    with pytest.raises(ConflictError) as caught:
        bureau.ask(ADMINISTRATOR)

    assert caught.value.code is ErrorCode.APPLICATION_NOBODY
    own = bureau.cases.view(bureau.who(ADMINISTRATOR))
    assert list(own.applications) == []


def test_administrator_may_not_allow_what_they_approved(bureau: Bureau) -> None:
    application_id = bureau.ask(OFFICER)
    administrator = bureau.who(ADMINISTRATOR)
    with bureau.stage.house.start_work() as work:
        work.organisation.add_post(
            Post(
                id=PostId("snv.kiem-nhiem"),
                agency_id=SNV,
                unit_id=None,
                person_id=administrator.person_id,
                title="Phó Giám đốc",
                role=Role.LEADER,
                validity=Validity(since=date(2020, 1, 1)),
            )
        )
        work.commit()
    both = bureau.who(ADMINISTRATOR)
    bureau.approve(application_id, both)

    with pytest.raises(NotPermittedError) as caught:
        bureau.cases.allow(bureau.task(both, application_id), both, KeyPlan())

    assert caught.value.code is ErrorCode.SECOND_PERSON_NEEDED


@pytest.mark.parametrize("login", [OFFICER, CLERK, ADMINISTRATOR, "stc.lanhdao"])
def test_approval_is_refused_when_the_task_is_somebody_elses(bureau: Bureau, login: str) -> None:
    application_id = bureau.ask(OFFICER)

    with pytest.raises(NotPermittedError):
        bureau.cases.approve(bureau.any_task(application_id), bureau.who(login))


def test_seal_is_refused_to_everybody_but_the_agencys_clerk(bureau: Bureau) -> None:
    for login in (OFFICER, LEADER, "stc.vanthu", ADMINISTRATOR):
        with pytest.raises(NotPermittedError):
            bureau.ask(login, seal_of=SNV)


def test_second_application_is_refused_while_one_is_open(bureau: Bureau) -> None:
    bureau.ask(OFFICER)

    with pytest.raises(ConflictError) as caught:
        bureau.ask(OFFICER)

    assert caught.value.code is ErrorCode.APPLICATION_OPEN


def test_reason_is_required(bureau: Bureau) -> None:
    with pytest.raises(InvalidInputError):
        bureau.cases.request(bureau.who(OFFICER), "  ")
    with pytest.raises(InvalidInputError):
        bureau.cases.suspend(bureau.current(OFFICER).id, bureau.who(OFFICER), "")


def test_leader_refuses_with_a_reason_and_the_present_certificate_stays(bureau: Bureau) -> None:
    before = bureau.current(OFFICER)
    application_id = bureau.ask(OFFICER)

    bureau.cases.refuse(bureau.task(LEADER, application_id), bureau.who(LEADER), "Chưa cần.")

    assert bureau.application(application_id).state is ApplicationState.REFUSED
    assert bureau.current(OFFICER).id == before.id
    assert bureau.state(before) is CertificateState.IN_USE
    bureau.ask(OFFICER)


def test_administrator_refuses_and_the_process_ends(bureau: Bureau) -> None:
    application_id = bureau.ask(OFFICER)
    bureau.approve(application_id)

    task = bureau.task(ADMINISTRATOR, application_id)
    bureau.cases.refuse(task, bureau.who(ADMINISTRATOR), "Chưa có thiết bị.")

    assert bureau.application(application_id).closed_at is not None
    view = bureau.cases.view.application(application_id, bureau.who(OFFICER))
    assert view.tasks == []
    assert view.steps[-1].comment == "Chưa có thiết bị."


def test_applicant_withdraws_and_may_ask_again(bureau: Bureau) -> None:
    application_id = bureau.ask(OFFICER)
    with pytest.raises(NotPermittedError):
        bureau.cases.withdraw(application_id, bureau.who(LEADER), "Nhầm.")

    bureau.cases.withdraw(application_id, bureau.who(OFFICER), "Nhầm.")

    assert bureau.application(application_id).state is ApplicationState.WITHDRAWN
    with pytest.raises(ConflictError):
        bureau.cases.withdraw(application_id, bureau.who(OFFICER), "Nhầm.")
    bureau.ask(OFFICER)


def test_administrator_withdraws_when_the_applicant_has_left(bureau: Bureau) -> None:
    application_id = bureau.ask(OFFICER)
    bureau.approve(application_id)
    bureau.allow(application_id)
    stale = bureau.who(OFFICER)
    task = bureau.task(OFFICER, application_id)
    bureau.leave(OFFICER)

    with pytest.raises(NotPermittedError):
        bureau.cases.collect(task, stale, GIVEN)
    bureau.cases.withdraw(application_id, bureau.who(ADMINISTRATOR), "Đã chuyển công tác.")

    assert not bureau.application(application_id).is_open


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        (KeyPlan(days=0), "days"),
        (KeyPlan(days=1826), "days"),
        (KeyPlan(home=KeyHome.REMOTE), "key_name"),
    ],
)
def test_plan_that_cannot_be_carried_out_is_refused(
    bureau: Bureau, plan: KeyPlan, field: str
) -> None:
    application_id = bureau.ask(OFFICER)
    bureau.approve(application_id)

    with pytest.raises(InvalidInputError) as caught:
        bureau.allow(application_id, plan)

    assert caught.value.params["field"] == field
    assert bureau.application(application_id).state is ApplicationState.APPROVED
