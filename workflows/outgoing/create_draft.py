"""Open a draft: the first task of the procedure lands on the drafter's list."""

from dataclasses import dataclass

from engine.clock import Clock
from engine.drafting import open_draft
from engine.model.document import DocumentId, DraftContent
from engine.model.kinds import DocumentKind
from engine.model.organisation import Actor, AgencyId
from engine.ports import StartWork


@dataclass(frozen=True, kw_only=True)
class CreateDraft:
    """Use case: a desk officer opens a draft for an agency they serve."""

    start_work: StartWork
    clock: Clock

    def __call__(self, actor: Actor, agency_id: AgencyId, kind: DocumentKind) -> DocumentId:
        """Open an empty draft of `kind` and return its id.

        Raises:
            NotPermittedError: the actor does not draft for the agency.
            InvalidInputError: a kind that has no form.
        """
        now = self.clock.now()
        with self.start_work() as work:
            document = open_draft(work, actor, agency_id, DraftContent(kind=kind), now)
            work.commit()
        return document.id
