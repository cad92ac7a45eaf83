import pytest

from engine.errors import DigestMismatchError, InvalidInputError
from engine.process.definitions import DefinitionCache, definition_digest
from engine.process.deployment import lint_files
from engine.process.model import Procedure
from engine.process.nodes import NodeKind
from tests.unit.process.dmn_writer import a_file, a_table
from tests.unit.process.office import a_flow, draw
from workflows.incoming.procedure import PROCEDURE as INCOMING
from workflows.opinion.procedure import PROCEDURE as OPINION
from workflows.outgoing.procedure import PROCEDURE as OUTGOING

SIMPLE = draw(["startEvent s", "userTask a", "endEvent e"], ["s a", "a e"])
TABLES = a_file(a_table(["kind"], ["way"], ['"a" -> 1', "- -> 2"], policy="FIRST"))


@pytest.mark.parametrize("procedure", [OUTGOING, INCOMING, OPINION], ids=lambda p: p.id)
def test_shipped_procedures_may_be_deployed(procedure: Procedure) -> None:
    assert lint_files(procedure.bpmn, procedure.dmn, {procedure.id: procedure}) == []


def test_definition_lists_nodes_with_vietnamese_names_and_lanes() -> None:
    definition = DefinitionCache().load(OUTGOING.bpmn, OUTGOING.dmn)
    nodes = definition.diagram.nodes
    assert nodes["review"].name == "Trưởng phòng duyệt"
    assert nodes["review"].lane == "lanh_dao_phong"
    assert nodes["dispatch"].kind is NodeKind.SERVICE_TASK
    assert nodes["dispatch"].lane == "he_thong"
    assert definition.start_node().id == "start"


def test_cache_returns_the_same_definition_when_the_files_are_the_same() -> None:
    cache = DefinitionCache()
    loaded = cache.load(OUTGOING.bpmn, OUTGOING.dmn)
    assert cache.load(OUTGOING.bpmn, OUTGOING.dmn) is loaded
    assert cache.find(definition_digest(OUTGOING.bpmn, OUTGOING.dmn)) is loaded
    assert cache.find(definition_digest(OUTGOING.bpmn)) is None


def test_cache_refuses_files_when_their_digest_is_another() -> None:
    with pytest.raises(DigestMismatchError):
        DefinitionCache().load(SIMPLE, expected_digest="0" * 64)
    with pytest.raises(DigestMismatchError):
        DefinitionCache().load(SIMPLE, TABLES, expected_digest=definition_digest(SIMPLE))


def test_digest_names_both_files_when_their_bytes_are_split_elsewhere() -> None:
    assert definition_digest(b"ab", b"c") != definition_digest(b"a", b"bc")
    assert definition_digest(b"abc") != definition_digest(b"ab", b"c")


def test_definition_is_refused_when_its_tables_cannot_be_read() -> None:
    for dmn in (b"not xml", TABLES[:-20], b"<definitions/>"):
        with pytest.raises(InvalidInputError):
            DefinitionCache().load(SIMPLE, dmn)


def test_file_may_have_documentation() -> None:
    inside = "<documentation>Đọc kỹ</documentation>"
    documented = SIMPLE.replace(b"</process>", f"{inside}</process>".encode())
    for task in ('name="a"></userTask>', f'name="a">{inside}</userTask>'):
        xml = documented.replace(b'name="a"/>', task.encode())
        assert lint_files(xml, b"", {"flow": a_flow(xml)}) == []


def test_cache_forgets_what_was_used_longest_ago() -> None:
    cache = DefinitionCache(size=2)
    first, second, third = (SIMPLE + b" " * n for n in (1, 2, 3))
    kept = cache.load(first)
    cache.load(second)
    assert cache.find(kept.digest) is kept
    cache.load(third)
    assert cache.find(definition_digest(second)) is None
    assert cache.load(first) is kept
    assert cache.load(second).diagram == kept.diagram
