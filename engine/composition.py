"""Compose the form of a document from its content and the organisation of its day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.errors import ConflictError, ErrorCode, InvalidInputError, NotPermittedError
from engine.layout.form import DocumentForm, InvitationDetails, Letterhead, SignatureBlock
from engine.layout.symbols import symbol_tail
from engine.model.document import (
    Document,
    DraftContent,
    group_recipients,
)
from engine.model.kinds import CONG_VAN, GIAY_MOI, get_kind
from engine.model.organisation import (
    Agency,
    AgencyId,
    AgencyKind,
    Authority,
    PersonId,
    PostId,
    UnitId,
    find_authority,
)
from engine.ports import Organisation

_GROUPS = (
    (AgencyKind.DEPARTMENT, "Các sở, ban, ngành thành phố"),
    (AgencyKind.DISTRICT, "Ủy ban nhân dân các quận, huyện"),
)


@dataclass(frozen=True, kw_only=True)
class ComposedForm:
    """Hold a form together with the authority it will be signed under."""

    form: DocumentForm
    authority: Authority


def list_recipients(
    organisation: Organisation, content: DraftContent, sender_id: AgencyId, day: date
) -> Sequence[Agency]:
    """Return the recipient agencies in the order chosen.

    Raises:
        InvalidInputError: one does not exist on `day`, or is the sender.
    """
    known = {agency.id: agency for agency in organisation.list_agencies(day)}
    for recipient in content.recipients:
        if recipient not in known or recipient == sender_id:
            raise InvalidInputError(
                f"no recipient {recipient}", code=ErrorCode.RECIPIENT_UNKNOWN, recipient=recipient
            )
    return [known[recipient] for recipient in content.recipients]


def check_field(
    organisation: Organisation, content: DraftContent, agency_id: AgencyId, day: date
) -> None:
    """Check that the field of work a document names is one of the agency's on `day`.

    Raises:
        InvalidInputError: code FIELD_UNKNOWN.
    """
    if content.field_id is None:
        return
    found = organisation.find_field(content.field_id)
    if found is None or found.agency_id != agency_id or not found.validity.covers(day):
        raise InvalidInputError(
            f"no field {content.field_id}", code=ErrorCode.FIELD_UNKNOWN, field="field_id"
        )


def get_authority(
    organisation: Organisation,
    *,
    agency_id: AgencyId,
    person_id: PersonId | None,
    content: DraftContent,
    day: date,
) -> Authority:
    """Return the right under which the person signs this kind in its field on `day`.

    It names the form of the signature block: TM., KT., TL., TUQ., Q., or none for a head.

    Raises:
        NotPermittedError: the person has none for this kind (AUTHORITY_MISSING) or not for this
            field (AUTHORITY_FIELD); or nobody of the agency has (AUTHORITY_NOBODY).
    """
    posts = organisation.list_posts_of(person_id, day) if person_id else ()
    known = organisation.list_authorities(agency_id, day)
    authority = find_authority(
        known,
        post_ids=frozenset(post.id for post in posts),
        kind=content.kind,
        day=day,
        field_id=content.field_id,
    )
    if authority is None:
        held = frozenset(post.id for post in posts)
        raise _no_authority(organisation, known, held, content, day)
    return authority


def _no_authority(
    organisation: Organisation,
    known: Sequence[Authority],
    held: frozenset[PostId],
    content: DraftContent,
    day: date,
) -> NotPermittedError:
    """Return the error that says why nobody, or not this person, signs a document."""
    able = [each for each in known if each.allows(content.kind, day)]
    if not any(each.covers_field(content.field_id) for each in able):
        code = ErrorCode.AUTHORITY_NOBODY
    elif any(each.post_id in held for each in able):
        code = ErrorCode.AUTHORITY_FIELD
    else:
        code = ErrorCode.AUTHORITY_MISSING
    field = organisation.find_field(content.field_id) if content.field_id else None
    return NotPermittedError(
        f"nobody of {sorted(held)} signs {content.kind} in {content.field_id}",
        code=code,
        predicate="may_sign_kind_for_agency",
        kind=get_kind(content.kind).name,
        work_field=field.name if field else "–",
    )


def get_printed_authority(organisation: Organisation, document: Document, day: date) -> Authority:
    """Return the authority the page was laid out with, while the signatory still has it.

    Another right they have besides, such as one that renews it, changes nothing.

    Raises:
        NotPermittedError: the signatory has none any more.
        ConflictError: only another one; the page would show lines nobody signs under.
    """
    content = document.content
    posts = organisation.list_posts_of(content.signatory_id, day) if content.signatory_id else ()
    known = organisation.list_authorities(document.agency_id, day)
    printed = find_authority(
        [each for each in known if each.id == document.authority_id],
        post_ids=frozenset(post.id for post in posts),
        kind=content.kind,
        day=day,
        field_id=content.field_id,
    )
    if printed is not None:
        return printed
    authority = get_authority(
        organisation,
        agency_id=document.agency_id,
        person_id=content.signatory_id,
        content=content,
        day=day,
    )
    raise ConflictError(
        f"page says {document.authority_id}, now {authority.id}",
        code=ErrorCode.AUTHORITY_CHANGED,
    )


def compose_form(
    organisation: Organisation,
    content: DraftContent,
    *,
    agency_id: AgencyId,
    unit_id: UnitId,
    day: date,
) -> ComposedForm:
    """Return the form of a complete document.

    Raises:
        InvalidInputError: an unknown recipient or field of work.
        NotPermittedError: the signatory may not sign this kind in this field for the agency.
    """
    agency = organisation.get_agency(agency_id)
    unit = organisation.get_unit(unit_id)
    check_field(organisation, content, agency_id, day)
    authority = get_authority(
        organisation,
        agency_id=agency_id,
        person_id=content.signatory_id,
        content=content,
        day=day,
    )
    names = _recipient_lines(
        list_recipients(organisation, content, agency_id, day),
        organisation.list_agencies(day),
        sender_id=agency_id,
    )
    addressed = content.kind == CONG_VAN
    signatory = organisation.get_person(content.signatory_id) if content.signatory_id else None
    form = DocumentForm(
        kind=content.kind,
        letterhead=Letterhead(
            parent=agency.letterhead_parent,
            agency=agency.letterhead_name,
            profile=agency.profile,
        ),
        symbol=symbol_tail(content.kind, agency.symbol, unit.symbol, profile=agency.profile),
        place=agency.place,
        subject=content.subject,
        paragraphs=content.paragraphs() or _closing(content),
        signature=SignatureBlock(
            lines=authority.lines, name=signatory.full_name if signatory else ""
        ),
        addressees=tuple(names) if addressed else (),
        recipients=("Như trên",) if addressed else tuple(names),
        archive_unit=unit.symbol,
        urgency=content.urgency,
        circulation=content.circulation,
        invitation=_invitation(content, agency) if content.kind == GIAY_MOI else None,
        seal_diameter_mm=agency.seal_diameter_mm,
    )
    return ComposedForm(form=form, authority=authority)


def _recipient_lines(
    chosen: Sequence[Agency], agencies: Sequence[Agency], *, sender_id: AgencyId
) -> list[str]:
    groups = [
        (label, frozenset(a.id for a in agencies if a.kind is kind and a.id != sender_id))
        for kind, label in _GROUPS
    ]
    labels, left = group_recipients([agency.id for agency in chosen], groups)
    names = {agency.id: agency.name for agency in chosen}
    return labels + [names[agency_id] for agency_id in left]


def _closing(content: DraftContent) -> tuple[str, ...]:
    """Return how an invitation ends when the drafter adds nothing and asks for no reply."""
    if content.kind == GIAY_MOI and not content.invitation.reply_by:
        return ("Kính mời quý cơ quan, đại biểu đến dự đúng thời gian, thành phần./.",)
    return ()


def _invitation(content: DraftContent, agency: Agency) -> InvitationDetails:
    facts = content.invitation
    return InvitationDetails(
        host=agency.name,
        invitees=facts.invitees,
        chair=facts.chair or f"Lãnh đạo {agency.name}",
        time=facts.time,
        place=facts.place,
        reply_by=facts.reply_by,
    )
