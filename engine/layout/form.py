"""Describe a document as the layout sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.boxes import FormBoxes
from engine.model.document import Circulation
from engine.model.kinds import DocumentKind
from engine.model.organisation import Profile
from engine.model.urgency import Urgency


@dataclass(frozen=True, kw_only=True)
class Letterhead:
    """Hold the top left of page 1.

    Args:
        parent: lines of the superior body in capitals; empty for a People's Committee.
        agency: lines of the issuing agency in capitals, bold.
        profile: family of letterhead.
    """

    parent: tuple[str, ...]
    agency: tuple[str, ...]
    profile: Profile = Profile.STATE


@dataclass(frozen=True, kw_only=True)
class InvitationDetails:
    """Hold what a giấy mời must say; every value is shown as given.

    Args:
        invitees: one line, or one line for each when there are several.
        host: name of the inviting agency as it is written within a sentence.
    """

    invitees: str
    chair: str
    time: str
    place: str
    reply_by: str = ""
    host: str = ""


@dataclass(frozen=True, kw_only=True)
class SignatureBlock:
    """Hold the lines above the signature (`TM. …`, `KT. …`, title) and the signatory's name."""

    lines: tuple[str, ...]
    name: str


@dataclass(frozen=True, kw_only=True)
class DocumentForm:
    """Hold one document as structured data; text is NFC and is never markup.

    Args:
        symbol: what stands after the number and the slash: `SNV-VP`, `GM-STTTT`, `TB-UBND`.
        subject: one line, at most 300 characters; without `V/v`.
        addressees: entries of "Kính gửi"; empty for kinds that have none.
        paragraphs: body, one entry a paragraph.
        recipients: entries of "Nơi nhận" without dash and punctuation.
        archive_unit: drafting unit of the line "Lưu: VT, …".
        language_tag: BCP 47.
    """

    kind: DocumentKind
    letterhead: Letterhead
    symbol: str
    place: str
    subject: str
    paragraphs: tuple[str, ...]
    signature: SignatureBlock
    addressees: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    archive_unit: str = ""
    urgency: Urgency = Urgency.NORMAL
    circulation: Circulation = Circulation.OPEN
    invitation: InvitationDetails | None = None
    seal_diameter_mm: float = 36.0
    language_tag: str = "vi"
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RenderedDocument:
    """Hold the PDF/A-2b made from a form, its number of pages and the boxes to fill."""

    pdf: bytes
    page_count: int
    boxes: FormBoxes
