from datetime import UTC, datetime, timedelta

import pytest

from engine.calendar.holidays import DayKind
from engine.model.kinds import CONG_VAN
from engine.process.deadlines import DeadlineKind
from engine.process.decision_tables import HitPolicy
from engine.process.migration import MigrationProblem
from engine.process.model import Alert, DefinitionSource, DueKind, IncidentKind, InstanceStatus
from engine.process.nodes import Node, NodeKind
from engine.process_queries import InstanceState, SubjectRow
from webui import process_words

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("table", "names"),
    [
        (process_words.STATUSES, InstanceStatus),
        (process_words.STATES, InstanceState),
        (process_words.ALERTS, Alert),
        (process_words.SOURCES, DefinitionSource),
        (process_words.TIMERS, DueKind),
        (process_words.INCIDENTS, IncidentKind),
        (process_words.PROBLEMS, MigrationProblem),
        (process_words.NODES, NodeKind),
        (process_words.DAYS, DayKind),
        (process_words.DEADLINES, DeadlineKind),
        (process_words.POLICIES, HitPolicy),
    ],
)
def test_every_name_has_a_word(table, names):
    assert set(table) == set(names)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (timedelta(seconds=-5), "dưới 1 phút"),
        (timedelta(seconds=59), "dưới 1 phút"),
        (timedelta(minutes=119), "119 phút"),
        (timedelta(hours=2), "2 giờ"),
        (timedelta(hours=47, minutes=59), "47 giờ"),
        (timedelta(days=2), "2 ngày"),
    ],
)
def test_span_is_told_in_its_largest_whole_unit(amount, text):
    assert process_words.span(amount) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("3 working days", "3 ngày làm việc"),
        ("step_hours working hours", "số giờ làm việc theo “step_hours”"),
        ("P3D", "3 ngày"),
        ("at due_at", "lúc ghi ở “due_at”"),
        ("ngày mai", "ngày mai"),
    ],
)
def test_deadline_is_told_in_words_where_it_can_be_read(text, shown):
    assert process_words.deadline_text(text) == shown


@pytest.mark.parametrize(
    ("age", "overdue", "level"),
    [
        (timedelta(hours=23), 0, 1),
        (timedelta(days=1), 0, 2),
        (timedelta(days=3), 0, 3),
        (timedelta(days=7), 0, 4),
        (timedelta(hours=1), 1, 4),
    ],
)
def test_node_is_hotter_when_its_oldest_waits_longer(age, overdue, level):
    assert process_words.age_level(NOW - age, overdue, NOW) == level
    assert level in process_words.HEAT


def test_node_is_called_as_it_is_drawn():
    drawn = Node(id="draft", name="Dự thảo", kind=NodeKind.USER_TASK)
    nameless = Node(id="x", name="", kind=NodeKind.EXCLUSIVE)

    assert process_words.node_name("outgoing", drawn) == "Dự thảo"
    assert process_words.node_name("outgoing", nameless) == "Rẽ nhánh theo điều kiện"


def test_subject_names_the_receiver_when_it_is_a_delivery():
    row = SubjectRow(key="d1", kind=CONG_VAN, subject="báo cáo", receiver_name="Sở Y tế")

    assert process_words.subject_title(row) == "V/v báo cáo → Sở Y tế"
    assert process_words.subject_title(SubjectRow(key="d1")) == "d1"


def test_reason_is_its_code_when_the_code_is_of_another_release():
    assert process_words.reason_title("something.new") == "something.new"
