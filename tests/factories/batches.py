"""Count what signing many documents leaves, wherever a signature could be lost or doubled."""

from collections.abc import Sequence

import sqlalchemy as sa

from engine.audit import AuditEvent
from engine.model.document import DocumentId, Stage
from engine.model.signing_intent import IntentState
from signing.cms import cms_digests
from storage.objects import LocalObjectStore
from webui.bootstrap import House

Census = dict[DocumentId, tuple[int, int, int]]


def census(house: House, documents: Sequence[DocumentId]) -> Census:
    """Return for each document: signatures in its PDF, kept undertakings, leaves of signing."""
    originals = LocalObjectStore(house.settings.originals_dir)
    return {each: _count(house, originals, each) for each in documents}


def _count(
    house: House, originals: LocalObjectStore, document_id: DocumentId
) -> tuple[int, int, int]:
    with house.start_reading() as work:
        document = work.documents.get(document_id)
        leaves = work.audit.list_group(document_id)
        kept = work._connection.execute(  # type: ignore[attr-defined] # a count of the test's own
            sa.text(
                "SELECT count(*) FROM signing_intent"
                " WHERE document_id = :id AND stage = :stage AND state = :state"
            ),
            {"id": document_id, "stage": Stage.SIGNED, "state": IntentState.COMPLETED},
        ).scalar_one()
    pdf = originals.read(document.current_revision().digest)
    signed = [leaf for leaf in leaves if leaf.event is AuditEvent.DOCUMENT_SIGN]
    assert len(document.signatures) == len(cms_digests(pdf))
    return len(cms_digests(pdf)), int(kept), len(signed)
