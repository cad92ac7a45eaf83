"""Show a draft as it would be printed; nothing is stored."""

from dataclasses import dataclass, replace

from engine.clock import Clock, local
from engine.composition import compose_form
from engine.layout.form import DocumentForm
from engine.model.document import DocumentId, DraftContent
from engine.model.organisation import Actor
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import Layout, StartWork
from workflows.outgoing.form import clean_content


@dataclass(frozen=True, kw_only=True)
class PreviewDraft:
    """Use case: the drafter looks at the page while writing."""

    start_reading: StartWork
    layout: Layout
    clock: Clock

    def __call__(
        self,
        document_id: DocumentId,
        content: DraftContent,
        actor: Actor,
        *,
        classification: str = "",
    ) -> bytes:
        """Return the PDF of the content as typed; missing parts are shown as dots.

        Raises:
            InvalidInputError: classified or unprintable text.
            NotPermittedError: not the drafter, or the signatory has no authority.
        """
        cleaned = clean_content(content, classification=classification)
        now = self.clock.now()
        with self.start_reading() as work:
            document = work.documents.get(document_id)
            check_permitted(
                Permission.DOCUMENT_EDIT,
                actor,
                Subject(agency_id=document.agency_id, person_id=document.drafter_id),
            )
            composed = compose_form(
                work.organisation,
                cleaned,
                agency_id=document.agency_id,
                unit_id=document.unit_id,
                day=local(now).date(),
            )
        return self.layout.render(_with_dots(composed.form), at=now).pdf


def _with_dots(form: DocumentForm) -> DocumentForm:
    """Return the form with dots where something that must be said is still missing."""
    facts = form.invitation
    if facts is not None:
        facts = replace(
            facts,
            invitees=facts.invitees or "…",
            time=facts.time or "…",
            place=facts.place or "…",
        )
    return replace(
        form,
        subject=form.subject or "…",
        paragraphs=form.paragraphs or ("…",),
        invitation=facts,
    )
