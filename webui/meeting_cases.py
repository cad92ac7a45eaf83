"""Join the use cases of meetings, so that the frame of the house stays readable."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.clock import Clock
from engine.originals import OriginalReader
from engine.ports import ObjectStore, StartWork
from engine.ports_copies import PdfIntake
from workflows.meeting.calendar_feed import MakeFeed, ReadFeed, RevokeFeed
from workflows.meeting.cancel_meeting import CancelMeeting
from workflows.meeting.change_meeting import ChangeMeeting
from workflows.meeting.conclude_meeting import ConcludeMeeting, GiveOrders
from workflows.meeting.draft_documents import DraftConclusion, DraftInvitation
from workflows.meeting.invite_to_meeting import InviteToMeeting
from workflows.meeting.papers import AddPaper, ReadPaper, RemovePaper
from workflows.meeting.plan_meeting import PlanMeeting
from workflows.meeting.procedure import REMIND_MEETING, REMIND_REPLY
from workflows.meeting.record_minutes import RecordMinutes
from workflows.meeting.remind import Remind
from workflows.meeting.reply_to_invitation import ReplyToInvitation
from workflows.meeting.view_meetings import ViewMeetings


@dataclass(frozen=True, kw_only=True)
class MeetingCases:
    """Hold every use case of meetings, ready to call."""

    view: ViewMeetings
    plan: PlanMeeting
    change: ChangeMeeting
    invite: InviteToMeeting
    reply: ReplyToInvitation
    cancel: CancelMeeting
    add_paper: AddPaper
    remove_paper: RemovePaper
    read_paper: ReadPaper
    draft_invitation: DraftInvitation
    record_minutes: RecordMinutes
    draft_conclusion: DraftConclusion
    conclude: ConcludeMeeting
    give_orders: GiveOrders
    make_feed: MakeFeed
    revoke_feed: RevokeFeed
    read_feed: ReadFeed


def meeting_cases(
    *,
    start_work: StartWork,
    start_reading: StartWork,
    clock: Clock,
    read_original: OriginalReader,
    originals: ObjectStore,
    intake: PdfIntake,
) -> MeetingCases:
    """Return the use cases on one installation."""
    return MeetingCases(
        view=ViewMeetings(start_reading=start_reading, clock=clock),
        plan=PlanMeeting(start_work=start_work, clock=clock),
        change=ChangeMeeting(start_work=start_work, clock=clock),
        invite=InviteToMeeting(start_work=start_work, clock=clock),
        reply=ReplyToInvitation(start_work=start_work, clock=clock),
        cancel=CancelMeeting(start_work=start_work, clock=clock),
        add_paper=AddPaper(start_work=start_work, intake=intake, originals=originals, clock=clock),
        remove_paper=RemovePaper(start_work=start_work, clock=clock),
        read_paper=ReadPaper(start_reading=start_reading, read_original=read_original),
        draft_invitation=DraftInvitation(start_work=start_work, clock=clock),
        record_minutes=RecordMinutes(start_work=start_work, clock=clock),
        draft_conclusion=DraftConclusion(start_work=start_work, clock=clock),
        conclude=ConcludeMeeting(start_work=start_work, clock=clock),
        give_orders=GiveOrders(start_work=start_work, clock=clock),
        make_feed=MakeFeed(start_work=start_work, clock=clock),
        revoke_feed=RevokeFeed(start_work=start_work, clock=clock),
        read_feed=ReadFeed(start_reading=start_reading, clock=clock),
    )


def meeting_jobs(
    start_work: StartWork, clock: Clock
) -> Mapping[str, Callable[[Mapping[str, str]], None]]:
    """Return the jobs that remind people of answers and of meetings."""
    return {
        name: Remind(start_work=start_work, clock=clock, operation=name)
        for name in (REMIND_REPLY, REMIND_MEETING)
    }
