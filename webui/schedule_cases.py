"""Join the use cases of work schedules, so that the frame of the house stays readable."""

from dataclasses import dataclass
from datetime import timedelta

from engine.clock import Clock
from engine.layout.schedule import TypstSchedules
from engine.originals import OriginalReader
from engine.pin_guard import PinGuard
from engine.ports import FileJudge, ObjectStore, StartWork
from engine.ports_copies import Marks, PageReader
from engine.ports_pdf import PdfSigner
from engine.ports_signing import Verifier
from workflows.schedule.change_entries import AddEntry, EditEntry, RemoveEntry
from workflows.schedule.decide_schedule import ApproveSchedule, ReturnSchedule
from workflows.schedule.discard_version import DiscardVersion
from workflows.schedule.feeds import CloseFeed, OpenFeed, ReadFeed
from workflows.schedule.meetings import AddMeeting
from workflows.schedule.open_week import ChangeWeek, OpenWeek
from workflows.schedule.publish_schedule import PublishSchedule
from workflows.schedule.recall_schedule import RecallSchedule
from workflows.schedule.submit_schedule import SubmitSchedule
from workflows.schedule.view_schedules import ViewSchedules


@dataclass(frozen=True, kw_only=True)
class ScheduleCases:
    """Hold every use case of work schedules, ready to call."""

    view: ViewSchedules
    open: OpenWeek
    change: ChangeWeek
    add_entry: AddEntry
    add_meeting: AddMeeting
    edit_entry: EditEntry
    remove_entry: RemoveEntry
    submit: SubmitSchedule
    approve: ApproveSchedule
    send_back: ReturnSchedule
    publish: PublishSchedule
    recall: RecallSchedule
    discard: DiscardVersion
    open_feed: OpenFeed
    close_feed: CloseFeed
    read_feed: ReadFeed


def schedule_cases(
    *,
    start_work: StartWork,
    start_reading: StartWork,
    clock: Clock,
    read_original: OriginalReader,
    originals: ObjectStore,
    signer: PdfSigner,
    verifier: Verifier,
    judge: FileJudge,
    pins: PinGuard,
    marks: Marks,
    pages: PageReader,
    stamp_grace: timedelta,
) -> ScheduleCases:
    """Return the use cases on one installation."""
    layout = TypstSchedules()
    return ScheduleCases(
        view=ViewSchedules(
            start_reading=start_reading,
            read_original=read_original,
            layout=layout,
            judge=judge,
            clock=clock,
        ),
        open=OpenWeek(start_work=start_work, clock=clock),
        change=ChangeWeek(start_work=start_work, clock=clock),
        add_entry=AddEntry(start_work=start_work, clock=clock),
        add_meeting=AddMeeting(start_work=start_work, clock=clock),
        edit_entry=EditEntry(start_work=start_work, clock=clock),
        remove_entry=RemoveEntry(start_work=start_work, clock=clock),
        submit=SubmitSchedule(
            start_work=start_work, start_reading=start_reading, layout=layout, clock=clock
        ),
        approve=ApproveSchedule(
            start_work=start_work,
            start_reading=start_reading,
            layout=layout,
            originals=originals,
            clock=clock,
        ),
        send_back=ReturnSchedule(start_work=start_work, clock=clock),
        publish=PublishSchedule(
            start_work=start_work,
            read_original=read_original,
            originals=originals,
            signer=signer,
            verifier=verifier,
            pins=pins,
            marks=marks,
            pages=pages,
            clock=clock,
            stamp_grace=stamp_grace,
        ),
        recall=RecallSchedule(start_work=start_work, clock=clock),
        discard=DiscardVersion(start_work=start_work, clock=clock),
        open_feed=OpenFeed(start_work=start_work, clock=clock),
        close_feed=CloseFeed(start_work=start_work, clock=clock),
        read_feed=ReadFeed(start_reading=start_reading, clock=clock),
    )
