"""Put versions of procedures into force; nothing runs that has not been through the linter.

A version is named by the digest of its files and never changes. Instances keep the version they
started with; new ones start on the version in force. What a release ships is put into force by
itself only while nobody has put a version of their own there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.errors import InvalidInputError
from engine.model.organisation import SYSTEM, Actor
from engine.process.decisions import Decision, lint_decision, read_decisions
from engine.process.definitions import Definition, DefinitionCache, definition_digest
from engine.process.demands import lint_demands
from engine.process.diagram import read_diagram, read_xml
from engine.process.findings import DiagramRefusedError, Finding, LintRule
from engine.process.lint import lint_diagram
from engine.process.model import DefinitionSource, Procedure, StoredDefinition
from engine.process.nodes import Diagram
from engine.process.store import ProcessStore

#: A file that is wrong in more places than this is told of the first.
MAX_FINDINGS = 200


@dataclass(frozen=True, kw_only=True)
class CheckedFiles:
    """Hold files the linter has passed; made by `check_files`."""

    xml: bytes
    dmn: bytes


def check_files(xml: bytes, dmn: bytes, procedures: Mapping[str, Procedure]) -> CheckedFiles:
    """Check files before a transaction is begun: a drawing may take seconds.

    Raises:
        DiagramRefusedError: the linter refuses them.
    """
    findings = lint_files(xml, dmn, procedures)
    if findings:
        raise DiagramRefusedError(findings)
    return CheckedFiles(xml=xml, dmn=dmn)


def lint_files(xml: bytes, dmn: bytes, procedures: Mapping[str, Procedure]) -> list[Finding]:
    """Return everything that keeps a pair of files from being put into force; empty if nothing.

    Args:
        xml: BPMN file; hostile.
        dmn: decision tables it uses, b"" for none; hostile.
    """
    try:
        diagram = read_diagram(read_xml(xml))
        decisions = read_decisions(dmn) if dmn else {}
    except DiagramRefusedError as error:
        return list(error.findings[:MAX_FINDINGS])
    except InvalidInputError as error:
        return [Finding(rule=LintRule.DECISION_REFUSED, detail=error.params)]
    # The engine's form is not made before this: it takes the diagram to be sound.
    return _lint(diagram, decisions, procedures)[:MAX_FINDINGS]


def lint_definition(definition: Definition, procedures: Mapping[str, Procedure]) -> list[Finding]:
    """Return what keeps a definition from being put into force; empty if nothing."""
    return _lint(definition.diagram, definition.decisions, procedures)


def _lint(
    diagram: Diagram, decisions: Mapping[str, Decision], procedures: Mapping[str, Procedure]
) -> list[Finding]:
    found = lint_diagram(diagram)
    for decision in decisions.values():
        found += [
            Finding(rule=LintRule.DECISION_REFUSED, element_id=decision.id, detail=refusal.told())
            for refusal in lint_decision(decision)
        ]
    if found:
        return found
    procedure = procedures.get(diagram.process_id)
    if procedure is None:
        expected = " ".join(sorted(procedures))
        return [
            Finding(
                rule=LintRule.WRONG_PROCESS,
                element_id=diagram.process_id,
                detail={"expected": expected},
            )
        ]
    return lint_demands(procedure, diagram, decisions, procedures)


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Put versions into force over a store.

    Args:
        store: bound to the caller's transaction.
        procedures: of the house, by id.
        definitions: shared by the whole operating-system process.
    """

    store: ProcessStore
    procedures: Mapping[str, Procedure]
    definitions: DefinitionCache

    def deploy(
        self,
        files: CheckedFiles,
        *,
        actor: Actor,
        now: datetime,
        source: DefinitionSource,
        note: str = "",
    ) -> StoredDefinition:
        """Put a version into force; new instances start on it from the commit on.

        An older version is put back into force the same way: by its files.
        """
        stored = self._store(files, actor=actor, now=now, source=source, note=note)
        self.store.set_current(stored.procedure_id, stored.digest, now)
        return stored

    def release(self, procedure_id: str, now: datetime) -> StoredDefinition:
        """Add what this release ships, and put it into force unless somebody's own version is.

        Raises:
            DiagramRefusedError: a shipped procedure breaks the rules: a defect of the release.
        """
        procedure = self.procedures[procedure_id]
        digest = definition_digest(procedure.bpmn, procedure.dmn)
        current = self.store.find_current_digest(procedure_id)
        known = self.store.find_definition(digest)
        in_force = self.store.find_definition(current) if current else None
        is_replaced = known is None and in_force is not None
        if known is None:
            known = self._store(
                check_files(procedure.bpmn, procedure.dmn, self.procedures),
                actor=SYSTEM,
                now=now,
                source=DefinitionSource.RELEASE,
                note="",
            )
        # Whoever went back to an older version meant it; only a new file takes its place.
        if in_force is None or (is_replaced and in_force.source is DefinitionSource.RELEASE):
            self.store.set_current(procedure_id, digest, now)
        return known

    def _store(
        self,
        files: CheckedFiles,
        *,
        actor: Actor,
        now: datetime,
        source: DefinitionSource,
        note: str,
    ) -> StoredDefinition:
        definition = self.definitions.load(files.xml, files.dmn)
        known = self.store.find_definition(definition.digest)
        if known is not None:
            return known
        procedure_id = definition.diagram.process_id
        stored = StoredDefinition(
            digest=definition.digest,
            procedure_id=procedure_id,
            number=self.store.count_definitions(procedure_id) + 1,
            xml=files.xml,
            dmn=files.dmn,
            source=source,
            added_at=now,
            added_by=actor.person_id,
            added_by_name=actor.full_name,
            note=note,
        )
        self.store.add_definition(stored)
        return stored
