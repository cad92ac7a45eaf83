"""Check what a drafter writes before any of it is stored or laid out."""

from dataclasses import astuple
from datetime import date

from engine.composition import check_field, list_recipients
from engine.errors import ErrorCode, InvalidInputError
from engine.layout.form import DocumentForm
from engine.layout.lint import Severity, check_form
from engine.model.document import (
    MAX_BODY_CHARS,
    MAX_SUBJECT_CHARS,
    DraftContent,
    InvitationContent,
)
from engine.model.kinds import COMPOSABLE_KINDS, GIAY_MOI, get_kind
from engine.model.organisation import (
    AgencyId,
)
from engine.model.remarks import check_unclassified
from engine.ports import Organisation
from engine.text import clean_line, clean_text


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
    if classification:
        raise InvalidInputError(
            "classified by choice",
            code=ErrorCode.DOCUMENT_CLASSIFIED,
            classification=classification,
        )
    check_unclassified(subject, body, *astuple(invitation))
    return DraftContent(
        kind=content.kind,
        subject=subject,
        body=body,
        recipients=tuple(dict.fromkeys(content.recipients)),
        urgency=content.urgency,
        signatory_id=content.signatory_id,
        field_id=content.field_id,
        invitation=invitation,
        circulation=content.circulation,
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


def check_law(form: DocumentForm) -> None:
    """Check that nothing in the form breaks the decree; advice does not stop a document.

    Raises:
        InvalidInputError: code FORM_REFUSED; `params["finding"]` names the rule.

    Source: Decree 30/2020/NĐ-CP, Art. 8 and Appendix I.
    """
    for finding in check_form(form):
        if finding.severity is Severity.REFUSE:
            raise InvalidInputError(
                f"{finding.code} {dict(finding.params)}",
                code=ErrorCode.FORM_REFUSED,
                finding=finding.code,
            )


def check_names(
    organisation: Organisation, content: DraftContent, sender_id: AgencyId, day: date
) -> None:
    """Check that everybody an unfinished draft names exists, and its field of work.

    Raises:
        InvalidInputError: an unknown recipient, or a field the agency has not.
        NotFoundError: an unknown signatory.
    """
    list_recipients(organisation, content, sender_id, day)
    check_field(organisation, content, sender_id, day)
    if content.signatory_id is not None:
        organisation.get_person(content.signatory_id)
