"""Say of documents, arrivals and tasks what `notify` needs: a title, a limit, and whom to tell."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from engine.clock import local
from engine.model.delivery import Delivery
from engine.model.document import Circulation, Document
from engine.model.kinds import get_kind
from engine.model.notice import NoticeKind, SubjectKind
from engine.model.organisation import Actor, AgencyId, PersonId, Role, UnitId
from engine.model.signing_intent import SigningIntent
from engine.notifying import notify
from engine.ports import UnitOfWork
from engine.process.model import WorkItem


def document_title(document: Document) -> str:
    """Return kind, symbol once there is one, and subject."""
    kind = get_kind(document.content.kind).name
    symbol = f" {document.number.symbol}" if document.number else ""
    return f"{kind}{symbol}: {document.content.subject}"


def is_restricted(document: Document) -> bool:
    """Tell whether no mail may name the document."""
    return document.content.circulation is Circulation.INTERNAL


def tell_of_document(
    work: UnitOfWork,
    kind: NoticeKind,
    people: Iterable[PersonId],
    document: Document,
    *,
    now: datetime,
    actor: Actor | None = None,
    **details: str,
) -> None:
    """Tell people of the agency's own document."""
    notify(
        work,
        kind,
        people,
        subject_kind=SubjectKind.DOCUMENT,
        subject_id=document.id,
        title=document_title(document),
        now=now,
        actor=actor,
        restricted=is_restricted(document),
        **details,
    )


def tell_of_delivery(
    work: UnitOfWork,
    kind: NoticeKind,
    people: Iterable[PersonId],
    delivery: Delivery,
    *,
    now: datetime,
    actor: Actor | None = None,
    **details: str,
) -> None:
    """Tell people of the recipient of an arrival."""
    document = work.documents.get(delivery.document_id)
    notify(
        work,
        kind,
        people,
        subject_kind=SubjectKind.DELIVERY,
        subject_id=delivery.id,
        title=document_title(document),
        now=now,
        actor=actor,
        restricted=is_restricted(document),
        **details,
    )


def tell_signing_stopped(work: UnitOfWork, intent: SigningIntent, now: datetime) -> None:
    """Tell who was signing that nothing came of it."""
    document = work.documents.get(intent.document_id)
    tell_of_document(work, NoticeKind.SIGNING_STOPPED, [intent.actor_id], document, now=now)


def list_holders(
    work: UnitOfWork, role: Role, agency_id: AgencyId, unit_id: UnitId | None, now: datetime
) -> Sequence[PersonId]:
    """Return who holds a role today, in a unit if one is named."""
    posts = work.organisation.list_posts(agency_id, local(now).date(), role=role)
    return [post.person_id for post in posts if unit_id is None or post.unit_id == unit_id]


def list_doers(work: UnitOfWork, item: WorkItem, now: datetime) -> Sequence[PersonId]:
    """Return who may do a task: the person it names, else those of its role."""
    if item.person_id is not None:
        return [item.person_id]
    return list_holders(work, item.role, item.agency_id, item.unit_id, now)


def show_due(at: datetime | None) -> str:
    """Return a deadline as a sentence shows it, "" for none."""
    return f"{local(at):%d/%m/%Y %H:%M}" if at else ""
