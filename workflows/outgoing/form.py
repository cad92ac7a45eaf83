"""Compose the form of a document from its content and the organisation, and check it may exist."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.errors import ErrorCode, InvalidInputError, NotPermittedError
from engine.layout.form import DocumentForm, InvitationDetails, Letterhead, SignatureBlock
from engine.layout.symbols import symbol_tail
from engine.model.classified import find_classification
from engine.model.document import (
    MAX_BODY_CHARS,
    MAX_SUBJECT_CHARS,
    DraftContent,
    InvitationContent,
    group_recipients,
)
from engine.model.kinds import COMPOSABLE_KINDS, CONG_VAN, GIAY_MOI, get_kind
from engine.model.organisation import (
    Agency,
    AgencyId,
    AgencyKind,
    Authority,
    PersonId,
    UnitId,
    find_authority,
)
from engine.ports import Organisation
from engine.text import clean_line, clean_text

_GROUPS = (
    (AgencyKind.DEPARTMENT, "Các sở, ban, ngành thành phố"),
    (AgencyKind.DISTRICT, "Ủy ban nhân dân các quận, huyện"),
)


@dataclass(frozen=True, kw_only=True)
class ComposedForm:
    """Hold a form together with the authority it will be signed under."""

    form: DocumentForm
    authority: Authority


def clean_content(content: DraftContent, *, classification: str = "") -> DraftContent:
    """Return the content in the form it may be stored in: NFC, measured, unclassified.

    Args:
        classification: degree of secrecy the person chose; any refuses the document.

    Raises:
        InvalidInputError: classified, of a kind that cannot be composed, or text that cannot be
            kept. Nothing of a classified text may be stored, so this runs before every write.

    Source: Decree 30/2020/NĐ-CP; Law on State Secrets, Art. 5.
    """
    if content.kind not in COMPOSABLE_KINDS:
        get_kind(content.kind)
        raise InvalidInputError(
            f"no form for {content.kind}", code=ErrorCode.DOCUMENT_KIND_UNKNOWN, kind=content.kind
        )
    subject = clean_line(
        content.subject, field="subject", max_chars=MAX_SUBJECT_CHARS, required=False
    )
    body = clean_text(content.body, field="body", max_chars=MAX_BODY_CHARS, required=False)
    invitation = _clean_invitation(content.invitation)
    texts = (subject, body, invitation.invitees, invitation.chair, invitation.place)
    found = classification or next(filter(None, map(find_classification, texts)), "")
    if found:
        raise InvalidInputError(
            "classified text", code=ErrorCode.DOCUMENT_CLASSIFIED, classification=found
        )
    return DraftContent(
        kind=content.kind,
        subject=subject,
        body=body,
        recipients=tuple(dict.fromkeys(content.recipients)),
        urgency=content.urgency,
        signatory_id=content.signatory_id,
        invitation=invitation,
    )


def _clean_invitation(invitation: InvitationContent) -> InvitationContent:
    def line(text: str, field: str) -> str:
        return clean_line(text, field=field, max_chars=500, required=False)

    return InvitationContent(
        invitees=clean_text(invitation.invitees, field="invitees", max_chars=2000, required=False),
        chair=line(invitation.chair, "chair"),
        time=line(invitation.time, "time"),
        place=line(invitation.place, "place"),
        reply_by=line(invitation.reply_by, "reply_by"),
    )


def check_complete(content: DraftContent) -> None:
    """Check that nothing a signed document needs is missing.

    Raises:
        InvalidInputError: names the field.
    """
    required = {"subject": content.subject, "signatory_id": content.signatory_id or ""}
    if content.kind == GIAY_MOI:
        required |= {
            "invitees": content.invitation.invitees,
            "time": content.invitation.time,
            "place": content.invitation.place,
        }
    else:
        required |= {"body": content.body}
    for field, value in required.items():
        if not value:
            raise InvalidInputError(
                f"{field} is missing", code=ErrorCode.INPUT_MISSING, field=field
            )
    if not content.recipients:
        raise InvalidInputError("no recipient", code=ErrorCode.RECIPIENT_MISSING)


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


def check_names(
    organisation: Organisation, content: DraftContent, sender_id: AgencyId, day: date
) -> None:
    """Check that everybody an unfinished draft names exists.

    Raises:
        InvalidInputError: an unknown recipient.
        NotFoundError: an unknown signatory.
    """
    list_recipients(organisation, content, sender_id, day)
    if content.signatory_id is not None:
        organisation.get_person(content.signatory_id)


def get_authority(
    organisation: Organisation,
    *,
    agency_id: AgencyId,
    person_id: PersonId | None,
    content: DraftContent,
    day: date,
) -> Authority:
    """Return the right under which the person signs this kind for the agency on `day`.

    Raises:
        NotPermittedError: the person has none; code AUTHORITY_MISSING.
    """
    posts = organisation.list_posts_of(person_id, day) if person_id else ()
    authority = find_authority(
        organisation.list_authorities(agency_id, day),
        post_ids=frozenset(post.id for post in posts),
        kind=content.kind,
        day=day,
    )
    if authority is None:
        raise NotPermittedError(
            f"{person_id} may not sign {content.kind} for {agency_id}",
            code=ErrorCode.AUTHORITY_MISSING,
            predicate="may_sign_kind_for_agency",
            kind=get_kind(content.kind).name,
        )
    return authority


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
        InvalidInputError: an unknown recipient.
        NotPermittedError: the signatory may not sign this kind for the agency.
    """
    agency = organisation.get_agency(agency_id)
    unit = organisation.get_unit(unit_id)
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
        paragraphs=content.paragraphs(),
        signature=SignatureBlock(
            lines=authority.lines, name=signatory.full_name if signatory else ""
        ),
        addressees=tuple(names) if addressed else (),
        recipients=("Như trên",) if addressed else tuple(names),
        archive_unit=unit.symbol,
        urgency=content.urgency,
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
