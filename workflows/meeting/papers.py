"""Keep the papers of a meeting: issued documents of the agency, and files of its own."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, InvalidInputError, NotFoundError
from engine.model.meeting import (
    MAX_LINE_CHARS,
    MAX_PAPERS,
    Meeting,
    MeetingId,
    MeetingState,
    Paper,
    PaperId,
)
from engine.model.organisation import Actor
from engine.model.remarks import check_unclassified
from engine.originals import OriginalReader
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import ObjectStore, StartWork, UnitOfWork
from engine.ports_copies import PdfIntake, Purpose
from engine.text import clean_line
from workflows.meeting.records import ISSUED, check_may_view, is_inside, record_meeting

_BEFORE = (MeetingState.PLANNED, MeetingState.INVITED, MeetingState.HELD)


@dataclass(frozen=True, kw_only=True)
class AddPaper:
    """Use case: somebody of the organiser puts a paper beside the invitation."""

    start_work: StartWork
    intake: PdfIntake
    originals: ObjectStore
    clock: Clock

    def upload(self, meeting_id: MeetingId, title: str, pdf: bytes, actor: Actor) -> PaperId:
        """Take a PDF in; everybody invited reads it.

        Raises:
            InvalidInputError: no title, classified, 30 papers already, or a file that may not
                enter; nothing is stored.
            NotPermittedError: not of the organiser.
            ConflictError: the meeting is concluded or cancelled.
            SignerUnavailableError: the file could not be looked at now.
        """
        named = clean_line(title, field="title", max_chars=MAX_LINE_CHARS)
        check_unclassified(named)
        with self.start_work() as work:
            # Looked at twice: nobody may have the house take in what they may not add.
            _find(work, meeting_id, actor)
        taken = self.intake.take_in(pdf, Purpose.ATTACHMENT)
        digest = self.originals.add(taken.pdf)
        return self._add(
            Paper(
                id=PaperId(uuid.uuid4().hex),
                meeting_id=meeting_id,
                title=named,
                digest=digest,
                size_bytes=len(taken.pdf),
                added_at=self.clock.now(),
                added_by=actor.person_id,
            ),
            actor,
        )

    def link(self, meeting_id: MeetingId, text: str, actor: Actor) -> PaperId:
        """Add an issued document of the organiser, by its symbol or id.

        Raises:
            InvalidInputError: code DOCUMENT_NOT_FOUND; none of the agency goes by it, or it is
                not issued. Code MEETING_PAPER_INSIDE; it circulates inside, and another agency
                is invited.
            NotPermittedError, ConflictError: as `upload`.
        """
        with self.start_work() as work:
            meeting = _find(work, meeting_id, actor)
            symbol_or_id = clean_line(text, field="symbol", max_chars=100)
            found = work.queries.find_document(symbol_or_id, meeting.plan.agency_id)
            document = work.documents.get(found) if found else None
            is_fit = document is not None and document.agency_id == meeting.plan.agency_id
            if document is None or not is_fit or document.status not in ISSUED:
                raise InvalidInputError(
                    "no such document", code=ErrorCode.DOCUMENT_NOT_FOUND, field="symbol"
                )
            own = meeting.plan.agency_id
            guests = work.meetings.list_invitees(meeting_id)
            if is_inside(document) and any(each.agency_id != own for each in guests):
                raise InvalidInputError(
                    "stays inside",
                    code=ErrorCode.MEETING_PAPER_INSIDE,
                    field="symbol",
                    title=document.content.subject,
                )
            revision = document.current_revision()
            symbol = document.number.symbol if document.number else ""
        return self._add(
            Paper(
                id=PaperId(uuid.uuid4().hex),
                meeting_id=meeting_id,
                title=f"{symbol} {document.content.subject}".strip(),
                digest=revision.digest,
                size_bytes=revision.size_bytes,
                added_at=self.clock.now(),
                added_by=actor.person_id,
                document_id=document.id,
            ),
            actor,
        )

    def _add(self, paper: Paper, actor: Actor) -> PaperId:
        with self.start_work() as work:
            meeting = _find(work, paper.meeting_id, actor)
            if len(meeting.papers) >= MAX_PAPERS:
                raise InvalidInputError("30 papers", code=ErrorCode.ATTACHMENT_LIMIT)
            work.meetings.add_paper(paper)
            _record(work, meeting, paper, act="add", actor=actor, now=paper.added_at)
            work.commit()
        return paper.id


@dataclass(frozen=True, kw_only=True)
class RemovePaper:
    """Use case: somebody of the organiser takes a paper off."""

    start_work: StartWork
    clock: Clock

    def __call__(self, paper_id: PaperId, actor: Actor) -> None:
        """Take the paper off; the trail keeps its name and digest.

        Raises:
            NotPermittedError: not of the organiser.
            ConflictError: the meeting is concluded or cancelled.
        """
        with self.start_work() as work:
            paper = work.meetings.get_paper(paper_id)
            meeting = _find(work, paper.meeting_id, actor)
            work.meetings.remove_paper(paper_id)
            _record(work, meeting, paper, act="remove", actor=actor, now=self.clock.now())
            work.commit()


@dataclass(frozen=True, kw_only=True)
class ReadPaper:
    """Use case: who has part in the meeting reads a paper."""

    start_reading: StartWork
    read_original: OriginalReader

    def __call__(
        self, meeting_id: MeetingId, paper_id: PaperId, actor: Actor
    ) -> tuple[Paper, bytes]:
        """Return a paper and its bytes.

        Raises:
            NotFoundError: no such paper of this meeting.
            NotPermittedError: no part in the meeting; or the paper circulates inside the
                organiser only.
            DigestMismatchError: the stored bytes were changed; refused and put on record.
        """
        with self.start_reading() as work:
            meeting = work.meetings.get(meeting_id)
            check_may_view(meeting, work.meetings.list_invitees(meeting_id), actor)
            paper = work.meetings.get_paper(paper_id)
            if paper.meeting_id != meeting_id:
                raise NotFoundError("of another meeting", code=ErrorCode.MEETING_NOT_FOUND)
            document_id = paper.document_id
            if document_id is not None and is_inside(work.documents.get(document_id)):
                own = Subject(agency_id=meeting.plan.agency_id)
                check_permitted(Permission.REGISTER_VIEW, actor, own)
        return paper, self.read_original(paper.digest, meeting_id, actor, kind="meeting")


def _find(work: UnitOfWork, meeting_id: MeetingId, actor: Actor) -> Meeting:
    meeting = work.meetings.get(meeting_id)
    check_may_view(meeting, work.meetings.list_invitees(meeting_id), actor)
    check_permitted(Permission.MEETING_PLAN, actor, Subject(agency_id=meeting.plan.agency_id))
    meeting.check_state(*_BEFORE)
    return meeting


def _record(
    work: UnitOfWork, meeting: Meeting, paper: Paper, *, act: str, actor: Actor, now: datetime
) -> None:
    record_meeting(
        work,
        AuditEvent.MEETING_PAPER,
        meeting,
        actor=actor,
        now=now,
        act=act,
        title=paper.title,
        digest=paper.digest,
        document=paper.document_id or "",
    )
