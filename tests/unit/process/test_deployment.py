"""Put versions into force: releases, an administrator's own, and going back."""

from collections.abc import Iterable, Set
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import InvalidInputError
from engine.model.organisation import SYSTEM, Role
from engine.process import lint
from engine.process.definitions import DefinitionCache, definition_digest
from engine.process.deployment import (
    MAX_FINDINGS,
    Deployment,
    check_files,
    lint_definition,
    lint_files,
)
from engine.process.findings import DiagramRefusedError, LintRule
from engine.process.graph import Graph, reach
from engine.process.model import DefinitionSource, StoredDefinition, TaskRule
from tests.unit.process.dmn_writer import a_file, a_table
from tests.unit.process.office import NOW, Office, Running, a_flow, an_actor, draw, shape

ADMINISTRATOR = an_actor("quan-tri", Role.ADMINISTRATOR)
LATER = NOW + timedelta(days=1)
ANY = TaskRule(use_case="any")
FIRST = draw(["startEvent s", "userTask a", "endEvent e"], ["s a", "a e"])
SECOND = draw(["startEvent s", "userTask a", "userTask b", "endEvent e"], ["s a", "a b", "b e"])
THIRD = draw(["startEvent s", "userTask b", "endEvent e"], ["s b", "b e"])
BAD = draw(["startEvent s", "userTask a", "userTask b", "endEvent e"], ["s a", "a e"])


def an_office(xml: bytes = FIRST) -> Office:
    return Office(replace(a_flow(xml, a=ANY, b=ANY), starts_with=frozenset({"agency_id"})))


def ship(office: Office, xml: bytes) -> StoredDefinition:
    """Start another release that ships `xml`."""
    office.procedures["flow"] = replace(office.procedures["flow"], bpmn=xml)
    return office.processes().deployment.release("flow", LATER)


def deploy(office: Office, xml: bytes, dmn: bytes = b"", note: str = "") -> StoredDefinition:
    files = check_files(xml, dmn, office.procedures)
    return office.processes().deployment.deploy(
        files, actor=ADMINISTRATOR, now=LATER, source=DefinitionSource.EDITOR, note=note
    )


def in_force(office: Office) -> bytes:
    digest = office.store.find_current_digest("flow")
    assert digest is not None
    return office.store.definitions[digest].xml


def test_first_start_puts_what_is_shipped_into_force() -> None:
    office = an_office()
    run = Running(office)
    (stored,) = office.store.definitions.values()
    assert stored == StoredDefinition(
        digest=definition_digest(FIRST),
        procedure_id="flow",
        number=1,
        xml=FIRST,
        dmn=b"",
        source=DefinitionSource.RELEASE,
        added_at=NOW,
        added_by=SYSTEM.person_id,
        added_by_name=SYSTEM.full_name,
    )
    assert run.row.definition_digest == stored.digest == office.store.current["flow"]


def test_release_with_the_same_file_changes_nothing() -> None:
    office = an_office()
    first = ship(office, FIRST)
    assert ship(office, FIRST) == first
    assert len(office.store.definitions) == 1


def test_release_with_another_file_is_a_new_version_for_new_instances() -> None:
    office = an_office()
    old = Running(office, key="old")
    second = ship(office, SECOND)
    new = Running(office, key="new")
    assert (second.number, second.source) == (2, DefinitionSource.RELEASE)
    assert (old.do("a").opened, new.do("a").opened[0].node_id) == ([], "b")
    assert office.processes().get_diagram(old.id) == FIRST
    assert office.processes().get_diagram(new.id) == SECOND


def test_own_version_is_in_force_with_who_made_it_and_why() -> None:
    office = an_office()
    ship(office, FIRST)
    stored = deploy(office, SECOND, note="thêm một bước")
    assert (stored.number, stored.source, stored.note) == (
        2,
        DefinitionSource.EDITOR,
        "thêm một bước",
    )
    assert (stored.added_by, stored.added_by_name, stored.added_at) == (
        ADMINISTRATOR.person_id,
        ADMINISTRATOR.full_name,
        LATER,
    )
    assert in_force(office) == SECOND


def test_release_does_not_take_the_place_of_somebodys_own_version() -> None:
    office = an_office()
    ship(office, FIRST)
    deploy(office, SECOND)
    third = ship(office, THIRD)
    assert third.number == 3
    assert in_force(office) == SECOND
    assert ship(office, THIRD) == third
    assert in_force(office) == SECOND


def test_going_back_to_an_older_version_stays_until_a_new_file_ships() -> None:
    office = an_office()
    ship(office, FIRST)
    ship(office, SECOND)
    back = deploy(office, FIRST)
    assert back.number == 1
    assert in_force(office) == FIRST
    ship(office, SECOND)
    assert in_force(office) == FIRST
    assert len(office.store.definitions) == 2
    ship(office, THIRD)
    assert in_force(office) == THIRD


def test_own_version_with_the_shipped_bytes_is_the_shipped_version() -> None:
    office = an_office()
    shipped = ship(office, FIRST)
    assert deploy(office, FIRST, note="again") == shipped
    assert len(office.store.definitions) == 1


def test_same_diagram_with_other_tables_is_another_version() -> None:
    office = an_office()
    tables = a_file(a_table(["agency_id"], ["way"], ["- -> 1"], policy="FIRST"))
    ship(office, FIRST)
    stored = deploy(office, FIRST, tables)
    assert (stored.number, stored.dmn) == (2, tables)
    assert stored.digest == definition_digest(FIRST, tables) != definition_digest(FIRST)
    run = Running(office)
    assert run.row.definition_digest == stored.digest


@pytest.mark.parametrize(
    ("xml", "dmn", "rule"),
    [
        (BAD, b"", LintRule.FLOWS_ENTERING),
        (FIRST.replace(b'"flow"', b'"other"'), b"", LintRule.WRONG_PROCESS),
        (FIRST, b"not xml", None),
        (b"<html/>", b"", LintRule.NOT_BPMN),
    ],
)
def test_version_that_breaks_the_rules_is_not_written(
    xml: bytes, dmn: bytes, rule: LintRule | None
) -> None:
    office = an_office()
    ship(office, FIRST)
    with pytest.raises(DiagramRefusedError) as caught:
        deploy(office, xml, dmn)
    assert rule is None or rule in {finding.rule for finding in caught.value.findings}
    assert len(office.store.definitions) == 1
    assert in_force(office) == FIRST


def test_release_with_a_broken_file_fails_at_once() -> None:
    office = an_office()
    with pytest.raises(DiagramRefusedError):
        ship(office, BAD)
    assert office.store.definitions == {}


def test_procedure_of_no_release_cannot_be_started() -> None:
    office = an_office()
    with pytest.raises(InvalidInputError):
        office.processes().start("recall", business_key="x", data={}, actor=ADMINISTRATOR, now=NOW)


def test_what_is_only_looked_at_does_not_stay_in_memory() -> None:
    office, cache = an_office(), DefinitionCache()
    deployment = Deployment(store=office.store, procedures=office.procedures, definitions=cache)
    with pytest.raises(DiagramRefusedError):
        check_files(BAD, b"", office.procedures)
    assert cache.find(definition_digest(BAD)) is None
    files = check_files(FIRST, b"", office.procedures)
    deployment.deploy(files, actor=ADMINISTRATOR, now=NOW, source=DefinitionSource.FILE)
    assert cache.find(definition_digest(FIRST)) is not None


def test_loaded_definition_is_judged_as_its_files_are() -> None:
    office = an_office()
    procedures = office.procedures
    assert lint_definition(DefinitionCache().load(FIRST), procedures) == []
    assert lint_definition(DefinitionCache().load(BAD), procedures) == lint_files(
        BAD, b"", procedures
    )


def test_version_of_another_procedure_is_found_whatever_it_is_filed_under() -> None:
    procedure = replace(a_flow(FIRST, a=ANY), id="other")
    (finding,) = lint_files(FIRST, b"", {"flow": procedure})
    assert (finding.rule, finding.detail["expected"]) == (LintRule.WRONG_PROCESS, "other")


def returning(words: str) -> bytes:
    """Return a row of tasks, the last of which goes back to some."""
    tasks = [f"userTask a{n}" for n in range(100)]
    flows = [f"a{n} a{n + 1}" for n in range(99)]
    last = shape("userTask", "z", returnsTo=words)
    return draw(["startEvent s", *tasks, last, "endEvent e"], ["s a0", *flows, "a99 z", "z e"])


def test_way_back_named_twice_is_one() -> None:
    diagram = DefinitionCache().load(returning("a1 a0 a1 " * 5000)).diagram
    work = diagram.nodes["z"].work
    assert work is not None
    assert work.returns_to == ("a1", "a0")


def test_linter_stops_telling_when_a_file_is_wrong_in_very_many_places() -> None:
    xml = returning(" ".join(f"x{n}" for n in range(5000)))
    assert len(lint_files(xml, b"", {})) == MAX_FINDINGS


def test_ways_back_are_looked_at_once_for_each_target(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def counted(graph: Graph, sources: Iterable[str], **how: Set[str]) -> set[str]:
        seen.append(sources)
        return reach(graph, sources, **how)

    monkeypatch.setattr(lint, "reach", counted)
    names = " ".join(f"a{n}" for n in range(100))
    tasks = [shape("userTask", f"a{n}", returnsTo=names) for n in range(100)]
    flows = [f"a{n} a{n + 1}" for n in range(99)]
    xml = draw(["startEvent s", *tasks, "endEvent e"], ["s a0", *flows, "a99 e"])
    lint_files(xml, b"", {})
    # And twice for the ways from the start and to the end.
    assert len(seen) <= 102
