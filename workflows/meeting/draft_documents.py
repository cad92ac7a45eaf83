"""Draft what goes out for a meeting: giấy mời before it, the notice of conclusions after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.audit import AuditEvent
from engine.clock import Clock, local
from engine.drafting import open_draft
from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.document import (
    MAX_SUBJECT_CHARS,
    DocumentId,
    DocumentStatus,
    DraftContent,
    InvitationContent,
)
from engine.model.kinds import GIAY_MOI, THONG_BAO
from engine.model.meeting import Invitee, Meeting, MeetingId, MeetingState
from engine.model.organisation import Actor, Agency, AgencyId
from engine.ports import StartWork, UnitOfWork
from workflows.meeting.records import ISSUED, check_may_view, record_meeting

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_LINE_CHARS = 500
_GUEST_CHARS = 2000
#: Kept free for the line that says how many more are invited.
_MORE_CHARS = 60


@dataclass(frozen=True, kw_only=True)
class DraftInvitation:
    """Use case: a desk officer of the organiser drafts the giấy mời from the plan."""

    start_work: StartWork
    clock: Clock

    def __call__(self, meeting_id: MeetingId, actor: Actor) -> DocumentId:
        """Open a draft with everything the plan says; it goes the way of every document.

        After a change another one is drafted, which says what it replaces.

        Raises:
            InvalidInputError: code RECIPIENT_MISSING, no other agency is invited.
            NotPermittedError: not a desk officer of the organiser.
            ConflictError: code MEETING_DOCUMENTED, one is on its way already; or the meeting is
                over.
        """
        now = self.clock.now()
        with self.start_work() as work:
            meeting = work.meetings.get(meeting_id)
            invitees = work.meetings.list_invitees(meeting_id)
            check_may_view(meeting, invitees, actor)
            meeting.check_state(MeetingState.PLANNED, MeetingState.INVITED)
            replaced = _find_replaced(work, meeting.invitation_id)
            content = _invitation(meeting, invitees, replaced)
            document = open_draft(work, actor, meeting.plan.agency_id, content, now)
            meeting.invitation_id, meeting.updated_at = document.id, now
            work.meetings.save(meeting)
            record_meeting(
                work,
                AuditEvent.MEETING_DRAFT,
                meeting,
                actor=actor,
                now=now,
                document=document.id,
                kind=content.kind,
            )
            work.commit()
        return document.id


@dataclass(frozen=True, kw_only=True)
class DraftConclusion:
    """Use case: a desk officer of the organiser drafts the notice of what was concluded."""

    start_work: StartWork
    clock: Clock

    def __call__(self, meeting_id: MeetingId, actor: Actor) -> DocumentId:
        """Open a draft thông báo with the conclusions of the minutes.

        Raises:
            InvalidInputError: the minutes hold no conclusions.
            NotPermittedError: not a desk officer of the organiser.
            ConflictError: code MEETING_DOCUMENTED, there is one already; code MEETING_STATE, it
                has no minutes yet, or is concluded.
        """
        now = self.clock.now()
        with self.start_work() as work:
            meeting = work.meetings.get(meeting_id)
            invitees = work.meetings.list_invitees(meeting_id)
            check_may_view(meeting, invitees, actor)
            meeting.check_state(MeetingState.HELD)
            if not meeting.conclusions:
                raise InvalidInputError(
                    "nothing concluded", code=ErrorCode.INPUT_MISSING, field="conclusions"
                )
            _check_none(work, meeting.conclusion_id)
            agency = work.organisation.get_agency(meeting.plan.agency_id)
            content = _conclusion(meeting, invitees, agency)
            document = open_draft(work, actor, agency.id, content, now)
            meeting.conclusion_id, meeting.updated_at = document.id, now
            work.meetings.save(meeting)
            record_meeting(
                work,
                AuditEvent.MEETING_DRAFT,
                meeting,
                actor=actor,
                now=now,
                document=document.id,
                kind=content.kind,
            )
            work.commit()
        return document.id


def _check_none(work: UnitOfWork, document_id: DocumentId | None) -> None:
    if document_id is None:
        return
    if work.documents.get(document_id).status is not DocumentStatus.CANCELLED:
        raise ConflictError(f"{document_id} exists", code=ErrorCode.MEETING_DOCUMENTED)


def _find_replaced(work: UnitOfWork, document_id: DocumentId | None) -> str:
    """Return the symbol of the giấy mời a new one replaces, "" when there is none.

    Raises:
        ConflictError: code MEETING_DOCUMENTED; the last one is not out yet.
    """
    if document_id is None:
        return ""
    document = work.documents.get(document_id)
    if document.status in ISSUED and document.number is not None:
        return document.number.symbol
    _check_none(work, document_id)
    return ""


def _recipients(meeting: Meeting, invitees: Sequence[Invitee]) -> tuple[AgencyId, ...]:
    own = meeting.plan.agency_id
    return tuple(dict.fromkeys(each.agency_id for each in invitees if each.agency_id != own))


def _invitation(meeting: Meeting, invitees: Sequence[Invitee], replaced: str) -> DraftContent:
    plan, recipients = meeting.plan, _recipients(meeting, invitees)
    if not recipients:
        raise InvalidInputError("nobody outside", code=ErrorCode.RECIPIENT_MISSING)
    agenda = [_agenda_line(item.time, item.content, item.presenter) for item in plan.agenda]
    lines = [f"Giấy mời này thay thế Giấy mời số {replaced}."] if replaced else []
    lines += ["Nội dung cuộc họp:", *agenda] if agenda else []
    lines += [f"Họp trực tuyến tại địa chỉ: {plan.link}"] if plan.link else []
    lines.append("Kính mời quý cơ quan, đại biểu đến dự đúng thời gian, thành phần.")
    return DraftContent(
        kind=GIAY_MOI,
        subject=plan.title[:MAX_SUBJECT_CHARS],
        body="\n".join(lines),
        recipients=recipients,
        invitation=InvitationContent(
            invitees=_guest_lines(invitees),
            chair=f"{meeting.chair_title} {meeting.chair_name}"[:_LINE_CHARS],
            time=said_time(plan.starts_at),
            place=_place(plan.room, plan.place),
            # The letter itself says "trước" before it.
            reply_by=said_time(plan.reply_by),
        ),
    )


def _guest_lines(invitees: Sequence[Invitee]) -> str:
    """Return whom it invites, a line each; a last line says how many more than it holds."""
    lines: list[str] = []
    for place, invitee in enumerate(invitees):
        prefix = "" if invitee.person_id else "Đại diện lãnh đạo "
        line = f"{prefix}{invitee.name}"
        if sum(map(len, lines)) + len(lines) + len(line) > _GUEST_CHARS - _MORE_CHARS:
            lines.append(f"và {len(invitees) - place} thành phần khác theo danh sách mời họp")
            break
        lines.append(line)
    return "\n".join(lines)


def _agenda_line(time: str, content: str, presenter: str) -> str:
    start = f"{time}: " if time else ""
    end = f" ({presenter})" if presenter else ""
    return f"- {start}{content}{end}."


def _place(room: str, place: str) -> str:
    return ", ".join(dict.fromkeys(filter(None, (room, place))))[:_LINE_CHARS]


def _conclusion(meeting: Meeting, invitees: Sequence[Invitee], agency: Agency) -> DraftContent:
    plan = meeting.plan
    who = f"{meeting.chair_title} {agency.name}"
    where = _place(plan.room, plan.place)
    intro = (
        f"Ngày {said_day(plan.starts_at)}, tại {where}, {meeting.chair_title} "
        f"{meeting.chair_name} đã chủ trì {said_title(plan.title)}. Sau khi nghe báo cáo và ý "
        "kiến của các đại biểu dự họp, người chủ trì kết luận như sau:"
    )
    closing = f"Trên đây là kết luận của {who}, đề nghị các cơ quan, đơn vị liên quan thực hiện./."
    return DraftContent(
        kind=THONG_BAO,
        subject=f"Kết luận của {who} tại {said_title(plan.title)}"[:MAX_SUBJECT_CHARS],
        body="\n".join((intro, meeting.conclusions, closing)),
        recipients=_recipients(meeting, invitees),
    )


def said_title(title: str) -> str:
    """Return the title inside a sentence, which says `cuộc họp` once."""
    start, _, rest = title.partition(" ")
    if start.casefold() == "họp" and rest:
        return f"cuộc họp {rest}"
    return f"cuộc {rest}" if title.casefold().startswith("cuộc họp ") else f"cuộc họp: {title}"


def said_day(at: datetime) -> str:
    """Return a day as letters write it: `05 tháng 6 năm 2015`.

    Source: Decree 30/2020/NĐ-CP, Appendix I, part II, 4: a zero before days under 10 and the
    months 1 and 2.
    """
    day = local(at)
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"{day.day:02d} tháng {month} năm {day.year}"


def said_time(at: datetime) -> str:
    """Return a time as letters write it: `08 giờ 00, thứ Hai, ngày 05 tháng 6 năm 2015`."""
    shown = local(at)
    return f"{shown:%H} giờ {shown:%M}, {_WEEKDAYS[shown.weekday()]}, ngày {said_day(at)}"
