"""Live the life of a letter: drafted, reviewed, sometimes returned, signed, numbered, sealed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from engine.layout.symbols import date_text
from engine.model.document import Document, DocumentId, DraftContent
from engine.model.kinds import CONG_VAN
from engine.model.organisation import Actor, AgencyId, PersonId, Power
from engine.model.urgency import Urgency
from engine.queries import DeliveryRow
from webui.quarter.matters import MATTERS, REASONS_TO_RETURN, Matter
from webui.quarter.story import Life, Story
from webui.quarter.town import Team

_RETURNED_BY_HEAD = 0.10
_RETURNED_BY_LEADER = 0.05
_URGENCIES = (Urgency.NORMAL,) * 8 + (Urgency.URGENT, Urgency.EXPRESS)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Hold what is to be written, and who has a hand in it.

    Args:
        then: called with the document once it has gone out.
        is_answer: it answers another letter, so nobody answers it again.
        document_id: a draft that something else has opened; None opens one.
    """

    agency_id: AgencyId
    team: Team
    officer: PersonId
    content: DraftContent
    then: Callable[[DocumentId], None] | None = None
    is_answer: bool = False
    document_id: DocumentId | None = None


def live_some(story: Story, agency_id: AgencyId) -> Life:
    """Let an agency write a letter about something, and live it."""
    yield from live(story, some_letter(story, agency_id))


def some_letter(story: Story, agency_id: AgencyId) -> Letter:
    """Return a letter the agency might write today."""
    chance, town = story.chance, story.town
    team = chance.choice(town.teams(agency_id))
    others = [each.id for each in town.agencies() if each.id != agency_id]
    matter = chance.choice(MATTERS)
    return Letter(
        agency_id=agency_id,
        team=team,
        officer=chance.choice(team.officers),
        content=DraftContent(
            kind=CONG_VAN,
            subject=matter.subject,
            body=body_of(story, matter),
            recipients=tuple(chance.sample(others, chance.choice((1, 1, 2, 2, 3)))),
            urgency=chance.choice(_URGENCIES),
            signatory_id=town.signatory(agency_id, CONG_VAN, chance),
        ),
    )


def answer(
    story: Story,
    agency_id: AgencyId,
    team: Team,
    officer: PersonId,
    *,
    to: AgencyId,
    subject: str,
    then: Callable[[DocumentId], None],
) -> Letter:
    """Return the letter that answers one of another agency."""
    return Letter(
        agency_id=agency_id,
        team=team,
        officer=officer,
        content=DraftContent(
            kind=CONG_VAN,
            subject=f"trả lời về việc {subject}"[:290],
            body="Sau khi nghiên cứu văn bản của quý cơ quan, chúng tôi có ý kiến như sau:\n"
            "1. Thống nhất với các nội dung đã nêu; số liệu chi tiết theo biểu gửi kèm.\n"
            "2. Đề nghị quý cơ quan tổng hợp, chỉ đạo thực hiện thống nhất./.",
            recipients=(to,),
            signatory_id=story.town.signatory(agency_id, CONG_VAN, story.chance),
        ),
        then=then,
        is_answer=True,
    )


def body_of(story: Story, matter: Matter) -> str:
    """Return the text of a letter with a day by which it wants an answer."""
    until = story.day() + timedelta(days=story.chance.randint(7, 25))
    return (
        f"Thực hiện chương trình công tác năm {story.day().year} của Ủy ban nhân dân thành phố, "
        f"đề nghị quý cơ quan {matter.asks}.\n"
        f"Kết quả đề nghị gửi trước {date_text(until)} để tổng hợp./."
    )


def live(story: Story, letter: Letter) -> Life:
    """Take one letter from its draft to its recipients."""
    cases, town = story.house.use_cases, story.town
    kind = letter.content.kind
    officer = town.actor(letter.officer)
    document_id = letter.document_id or cases.create_draft(officer, letter.agency_id, kind)
    story.note("drafts")
    yield story.chance.uniform(0.5, 4)
    _submit(story, document_id, officer, letter.content)
    yield from _review(story, letter, document_id)
    yield from _sign(story, letter, document_id)
    clerk = town.clerk(letter.agency_id)
    cases.number_document(town.task(clerk, document_id), clerk)
    cases.seal_document(town.task(clerk, document_id), clerk, story.pin)
    story.note("documents")
    if letter.then is not None:
        letter.then(document_id)
    # The delivery itself is a job; it is there when the day goes on.
    yield 3.0
    while not (board := _board(story, document_id)):
        yield 1.0
    for row in board:
        story.follow(story.receive(story, row, is_answer=letter.is_answer))


def document_of(story: Story, document_id: DocumentId) -> Document:
    """Return a document as it is now."""
    with story.house.start_reading() as work:
        return work.documents.get(document_id)


def _review(story: Story, letter: Letter, document_id: DocumentId) -> Life:
    cases, town = story.house.use_cases, story.town
    yield story.chance.uniform(0.5, 5)
    head = town.actor(letter.team.head)
    if story.happens(_RETURNED_BY_HEAD):
        yield from _return(story, letter, document_id, head)
    head = town.acting(letter.team.head, Power.REVIEW)
    cases.review_draft(town.task(head, document_id), head, "Đồng ý trình.")
    yield story.chance.uniform(0.3, 3)
    clerk = town.clerk(letter.agency_id)
    cases.check_form(town.task(clerk, document_id), clerk, "Đúng thể thức.")
    yield story.chance.uniform(0.5, 6)


def _sign(story: Story, letter: Letter, document_id: DocumentId) -> Life:
    cases, town = story.house.use_cases, story.town
    if story.happens(_RETURNED_BY_LEADER):
        yield from _return(story, letter, document_id, _signatory(story, document_id))
        yield from _review(story, letter, document_id)
    leader = _signatory(story, document_id)
    cases.sign_document(town.task(leader, document_id), leader, story.pin)
    yield story.chance.uniform(0.2, 2)


def _return(story: Story, letter: Letter, document_id: DocumentId, by: Actor) -> Life:
    """Send the draft back; the officer mends it within a few hours."""
    cases, town = story.house.use_cases, story.town
    reason = story.chance.choice(REASONS_TO_RETURN)
    cases.return_document(town.task(by, document_id), by, reason)
    story.note("returned")
    yield story.chance.uniform(0.5, 5)
    officer = town.actor(letter.officer)
    content = document_of(story, document_id).content
    paragraphs: Sequence[str] = content.body.rsplit("\n", 1)
    mended = "\nĐầu mối liên hệ: Văn phòng cơ quan.\n".join(paragraphs)
    _submit(story, document_id, officer, replace(content, body=mended))
    yield story.chance.uniform(0.5, 4)


def _submit(story: Story, document_id: DocumentId, officer: Actor, content: DraftContent) -> None:
    cases = story.house.use_cases
    version = cases.save_draft(
        document_id,
        content,
        officer,
        seen_version=document_of(story, document_id).version,
    )
    task = story.town.task(officer, document_id)
    cases.submit_draft(task, content, officer, seen_version=version)


def _signatory(story: Story, document_id: DocumentId) -> Actor:
    person_id = document_of(story, document_id).content.signatory_id
    if person_id is None:
        raise ValueError(f"{document_id} has no signatory")
    return story.town.actor(person_id)


def _board(story: Story, document_id: DocumentId) -> Sequence[DeliveryRow]:
    with story.house.start_reading() as work:
        rows = work.queries.list_board(document_id)
    return [row for row in rows if row.status.value != "00"]
