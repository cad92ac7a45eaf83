"""Find versions of procedures and the rules of their tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.errors import ErrorCode, InvalidInputError
from engine.process.definitions import Definition, DefinitionCache
from engine.process.deployment import Deployment
from engine.process.model import Procedure, StoredInstance, TaskRule
from engine.process.store import ProcessStore


@dataclass(frozen=True, kw_only=True)
class Library:
    """Look things up in memory first, then in the store of one transaction.

    Args:
        store: bound to the caller's transaction.
        procedures: by procedure id.
        definitions: shared by the whole operating-system process.
    """

    store: ProcessStore
    procedures: Mapping[str, Procedure]
    definitions: DefinitionCache

    def definition_of(self, instance: StoredInstance) -> Definition:
        """Return the version an instance keeps, from memory or from the store."""
        return self.definition(instance.definition_digest)

    def definition(self, digest: str) -> Definition:
        """Return a version, from memory or from the store.

        Raises:
            InvalidInputError: there is none; code `PROCESS_INVALID`.
            DigestMismatchError: its files were changed in the store.
        """
        found = self.definitions.find(digest)
        if found is not None:
            return found
        stored = self.store.find_definition(digest)
        if stored is None:
            raise InvalidInputError(f"no definition {digest}", code=ErrorCode.PROCESS_INVALID)
        return self.definitions.load(stored.xml, stored.dmn, expected_digest=digest)

    def procedure(self, procedure_id: str) -> Procedure:
        """Return a procedure of the house.

        Raises:
            InvalidInputError: there is none with this id.
        """
        procedure = self.procedures.get(procedure_id)
        if procedure is None:
            raise InvalidInputError(f"no procedure {procedure_id!r}")
        return procedure

    def rule(self, procedure_id: str, rule_id: str) -> TaskRule:
        """Return the rule of a user task.

        Raises:
            InvalidInputError: no use case of this release completes it; code `PROCESS_INVALID`.
        """
        rule = self.procedure(procedure_id).tasks.get(rule_id)
        if rule is None:
            raise InvalidInputError(
                f"{procedure_id} has no rule {rule_id}", code=ErrorCode.PROCESS_INVALID
            )
        return rule

    def current(self, procedure_id: str, now: datetime) -> Definition:
        """Return the version new instances start on; the first is what the release ships.

        Raises:
            InvalidInputError: there is no such procedure, or what is shipped breaks the rules.
        """
        self.procedure(procedure_id)
        digest = self.store.find_current_digest(procedure_id)
        if digest is None:
            deployment = Deployment(
                store=self.store, procedures=self.procedures, definitions=self.definitions
            )
            digest = deployment.release(procedure_id, now).digest
        return self.definition(digest)
