"""Who signs what: the dated table behind the signature block, and who keeps it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta

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
from engine.model.document import DocumentStatus
from engine.model.kinds import CONG_VAN, GIAY_MOI
from engine.model.organisation import AuthorityForm, FieldId, PostId
from tests.bureau import ADMINISTRATOR, LEADER, OFFICER, SNV
from tests.houses import Stage, small_tables
from workflows.authority.keep_authority import SigningTerms
from workflows.organisation.city_tables import Problem, read_city

HEAD_OF_DIVISION = "snv.truongphong"
STAFF = FieldId("snv.to-chuc")
MONEY = FieldId("snv.tai-chinh")
BASIS = "Giấy ủy quyền số 3/GUQ-SNV"


@pytest.fixture
def today(stage: Stage) -> date:
    return local(stage.house.clock.now()).date()


@pytest.fixture
def add(stage: Stage, today: date) -> Callable[..., str]:
    """Record a right of the head of a division, as the administrator does."""

    def add_right(login: str = HEAD_OF_DIVISION, **changes: object) -> str:
        values: dict[str, object] = {
            "post_id": stage.actor(login).posts[0].id,
            "form": AuthorityForm.BY_AUTHORISATION,
            "since": today,
            "until": today + timedelta(days=30),
            "basis": BASIS,
        }
        terms = SigningTerms(**(values | changes))  # type: ignore[arg-type]
        return stage.house.use_cases.authority.add_authority(terms, stage.actor(ADMINISTRATOR))

    return add_right


def rights(stage: Stage):
    with stage.house.start_reading() as work:
        return {each.id: each for each in work.organisation.list_every_authority(SNV)}


def submit(stage: Stage, login: str, field: FieldId | None = None):
    document_id = stage.draft(signatory_id=stage.actor(login).person_id, field_id=field)
    stage.submit(document_id)
    return stage.document(document_id)


def test_block_is_chosen_from_the_table_by_kind_field_and_day(stage, add, today):
    authority_id = add(kinds=frozenset({CONG_VAN}), fields=frozenset({STAFF}))

    document = submit(stage, HEAD_OF_DIVISION, STAFF)

    assert document.authority_id == authority_id
    assert document.content.field_id == STAFF
    right = rights(stage)[authority_id]
    assert right.lines == ("TUQ. GIÁM ĐỐC", stage.actor(HEAD_OF_DIVISION).posts[0].title.upper())
    assert right.validity.until == today + timedelta(days=30)


@pytest.mark.parametrize("field", [MONEY, None])
def test_submit_is_refused_when_the_signatory_has_not_the_field(stage, add, field):
    add(fields=frozenset({STAFF}))
    document_id = stage.draft(signatory_id=stage.actor(HEAD_OF_DIVISION).person_id, field_id=field)

    with pytest.raises(NotPermittedError) as refused:
        stage.submit(document_id)

    assert refused.value.code is ErrorCode.AUTHORITY_FIELD
    assert stage.document(document_id).status is DocumentStatus.DRAFT


def test_submit_is_refused_when_nobody_signs_the_field_that_day(stage, today):
    cases, admin = stage.house.use_cases.authority, stage.actor(ADMINISTRATOR)
    for each in list(rights(stage).values()):
        cases.end_authority(each.id, today - timedelta(days=1), admin)
    document_id = stage.draft(field_id=MONEY)

    with pytest.raises(NotPermittedError) as refused:
        stage.submit(document_id)

    assert refused.value.code is ErrorCode.AUTHORITY_NOBODY
    assert refused.value.params["work_field"] == "Tài chính, ngân sách"


def test_submit_is_refused_when_the_right_is_over_that_day(stage, add, today, clock: FixedClock):
    add(until=today)
    document_id = stage.draft(signatory_id=stage.actor(HEAD_OF_DIVISION).person_id)
    clock.move(timedelta(days=1))

    with pytest.raises(NotPermittedError) as refused:
        stage.submit(document_id)

    assert refused.value.code is ErrorCode.AUTHORITY_MISSING


@pytest.mark.parametrize("field", [FieldId("stc.tai-chinh"), FieldId("không-có")])
def test_draft_is_refused_when_the_field_is_not_the_agencys(stage, field):
    with pytest.raises(InvalidInputError) as refused:
        stage.draft(field_id=field)

    assert refused.value.code is ErrorCode.FIELD_UNKNOWN


def test_field_is_remembered_in_the_versions_of_the_draft(stage):
    document_id = stage.draft(field_id=STAFF)
    drafter, document = stage.actor(OFFICER), stage.document(document_id)

    stage.house.use_cases.save_draft(
        document_id,
        stage.content(field_id=MONEY),
        drafter,
        seen_version=document.version,
    )

    assert stage.document(document_id).content.field_id == MONEY
    with stage.house.start_reading() as work:
        saves = [
            leaf.details["draft_version"]
            for leaf in work.audit.list_group(document_id)
            if leaf.event is AuditEvent.DOCUMENT_SAVE
        ]
    assert saves == ["1", "2"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"until": None}, ErrorCode.AUTHORITY_TERMS),
        ({"basis": " "}, ErrorCode.AUTHORITY_TERMS),
        ({"form": AuthorityForm.DEPUTY, "basis": ""}, ErrorCode.INPUT_MISSING),
        ({"until": date(2020, 1, 1)}, ErrorCode.INPUT_INVALID),
        # The post lasted that day, but what was in force then is on record.
        ({"since": date(2026, 1, 1)}, ErrorCode.AUTHORITY_PAST),
        ({"since": date(2000, 1, 1)}, ErrorCode.AUTHORITY_PAST),
        ({"fields": frozenset({FieldId("stc.tai-chinh")})}, ErrorCode.FIELD_UNKNOWN),
        ({"kinds": frozenset({"thu_tay"})}, ErrorCode.DOCUMENT_KIND_UNKNOWN),
        ({"lines": ["a"] * 5}, ErrorCode.INPUT_INVALID),
        ({"lines": ["a" * 121]}, ErrorCode.INPUT_TOO_LONG),
    ],
)
def test_right_is_refused_when_its_terms_cannot_be(stage, add, changes, code):
    before = rights(stage)

    with pytest.raises(InvalidInputError) as refused:
        add(**changes)

    assert refused.value.code is code
    assert rights(stage) == before


def test_document_in_flight_is_signed_when_its_right_was_renewed_meanwhile(stage, add, today):
    document_id = stage.to_signature()
    printed = stage.document(document_id).authority_id
    renewed = add(LEADER, form=AuthorityForm.HEAD, until=None, basis="Quy chế mới")

    stage.sign(document_id)

    assert stage.document(document_id).status is DocumentStatus.SIGNED
    assert stage.document(document_id).authority_id == printed
    # What is laid out from now on has the older one too, as long as it lasts.
    assert submit(stage, LEADER).authority_id == printed
    stage.house.use_cases.authority.end_authority(printed, today, stage.actor(ADMINISTRATOR))
    assert rights(stage)[renewed].validity.until is None


def test_document_in_flight_is_refused_when_its_right_has_ended(stage, add, today):
    document_id = stage.to_signature()
    printed = stage.document(document_id).authority_id
    add(LEADER, form=AuthorityForm.HEAD, until=None, basis="Quy chế mới")
    cases, admin = stage.house.use_cases.authority, stage.actor(ADMINISTRATOR)
    cases.end_authority(printed, today - timedelta(days=1), admin)

    with pytest.raises(ConflictError) as refused:
        stage.sign(document_id)

    assert refused.value.code is ErrorCode.AUTHORITY_CHANGED


def test_right_is_refused_when_the_post_does_not_last_as_long(stage, add, today):
    post = stage.actor(HEAD_OF_DIVISION).posts[0]
    with stage.house.start_work() as work:
        work.organisation.end_post(post.id, today + timedelta(days=5))
        work.commit()

    with pytest.raises(InvalidInputError) as refused:
        add()

    assert refused.value.params["field"] == "until"
    with pytest.raises(NotFoundError):
        add(post_id=PostId("không-có"))


@pytest.mark.parametrize("login", [LEADER, OFFICER])
def test_table_is_kept_by_administrators_only(stage, today, login):
    cases, actor = stage.house.use_cases.authority, stage.actor(login)
    terms = SigningTerms(
        post_id=actor.posts[0].id, form=AuthorityForm.ACTING, since=today, basis=BASIS
    )

    for act in (
        lambda: cases.add_authority(terms, actor),
        lambda: cases.end_authority("snv.head.head", today, actor),
        lambda: cases.add_field(SNV, "Thi đua", actor),
        lambda: cases.view_authority(SNV, actor),
    ):
        with pytest.raises(NotPermittedError):
            act()


def test_right_ends_with_its_day_and_never_grows_longer(stage, add, today):
    cases, admin = stage.house.use_cases.authority, stage.actor(ADMINISTRATOR)
    authority_id = add(lines=["TUQ. GIÁM ĐỐC", "TRƯỞNG PHÒNG"])

    cases.end_authority(authority_id, today + timedelta(days=3), admin)

    assert rights(stage)[authority_id].validity.until == today + timedelta(days=3)
    for later in (3, 9):
        with pytest.raises(ConflictError) as refused:
            cases.end_authority(authority_id, today + timedelta(days=later), admin)
        assert refused.value.code is ErrorCode.AUTHORITY_CHANGED
    with pytest.raises(InvalidInputError):
        cases.end_authority(authority_id, today - timedelta(days=2), admin)
    with pytest.raises(NotFoundError) as unknown:
        cases.end_authority("không-có", today, admin)
    assert unknown.value.code is ErrorCode.AUTHORITY_NOT_FOUND


def test_document_is_not_signed_when_the_right_was_ended_after_it_was_laid_out(stage, today):
    document_id = stage.to_signature()
    authority_id = stage.document(document_id).authority_id
    stage.house.use_cases.authority.end_authority(
        authority_id, today - timedelta(days=1), stage.actor(ADMINISTRATOR)
    )

    with pytest.raises(NotPermittedError) as refused:
        stage.sign(document_id)

    assert refused.value.code is ErrorCode.AUTHORITY_MISSING


def test_table_shows_every_right_with_person_and_fields(stage, add):
    authority_id = add(fields=frozenset({MONEY, STAFF}), kinds=frozenset({GIAY_MOI}))

    table = stage.house.use_cases.authority.view_authority(SNV, stage.actor(ADMINISTRATOR))

    row = next(each for each in table.rows if each.authority.id == authority_id)
    assert row.person_name == stage.actor(HEAD_OF_DIVISION).full_name
    assert row.field_names == ["Tài chính, ngân sách", "Tổ chức, cán bộ"]
    assert row.is_in_force
    own = stage.house.use_cases.authority.view_authority(None, stage.actor(ADMINISTRATOR))
    assert own.agency.id == "vpub"


def test_field_is_added_once(stage):
    cases, admin = stage.house.use_cases.authority, stage.actor(ADMINISTRATOR)

    field_id = cases.add_field(SNV, "Thi đua, khen thưởng", admin)

    with stage.house.start_reading() as work:
        field = work.organisation.find_field(field_id)
    assert field is not None
    assert field.agency_id == SNV
    with pytest.raises(InvalidInputError):
        cases.add_field(SNV, "thi đua, khen thưởng", admin)


def test_city_is_refused_when_a_tuq_has_no_last_day():
    tables = dict(small_tables())
    lines = tables["authority"].decode().splitlines()
    cells = lines[1].split(",")
    cells[3] = "TUQ"
    tables["authority"] = "\n".join([lines[0], ",".join(cells)]).encode()

    with pytest.raises(InvalidInputError) as refused:
        read_city(tables)

    assert refused.value.params["problem"] == Problem.EMPTY
    assert refused.value.params["column"] == "valid_to"


def test_city_is_read_when_its_authority_has_no_column_of_fields():
    tables = dict(small_tables())
    rows = [line.split(",") for line in tables["authority"].decode().splitlines()]
    place = rows[0].index("fields")
    tables["authority"] = "\n".join(
        ",".join(cell for number, cell in enumerate(row) if number != place) for row in rows
    ).encode()
    del tables["fields"]

    city = read_city(tables)

    assert city.fields == ()
    assert all(not authority.fields for authority in city.authorities)


def test_city_is_refused_when_a_right_names_a_field_there_is_not():
    tables = dict(small_tables())
    lines = tables["authority"].decode().splitlines()
    cells = lines[1].split(",")
    cells[6] = "không-có"
    tables["authority"] = "\n".join([lines[0], ",".join(cells)]).encode()

    with pytest.raises(InvalidInputError) as refused:
        read_city(tables)

    assert refused.value.params["problem"] == Problem.UNKNOWN_REFERENCE


def test_every_change_of_the_table_leaves_a_leaf(stage, add, today):
    cases, admin = stage.house.use_cases.authority, stage.actor(ADMINISTRATOR)
    authority_id = add()
    cases.end_authority(authority_id, today, admin)
    field_id = cases.add_field(SNV, "Thi đua", admin)

    with closing(sqlite3.connect(stage.house.settings.database_path)) as rows:
        found = rows.execute(
            "SELECT event, subject, actor_id FROM audit_leaf ORDER BY sequence DESC LIMIT 3"
        ).fetchall()

    right = f"signing-right:{authority_id}"
    assert found == [
        (AuditEvent.FIELD_ADD, f"field:{field_id}", admin.person_id),
        (AuditEvent.AUTHORITY_END, right, admin.person_id),
        (AuditEvent.AUTHORITY_ADD, right, admin.person_id),
    ]
