"""Join the use cases of notices and mail, so that the frame of the house stays readable."""

from dataclasses import dataclass

from engine.clock import Clock
from engine.ports import StartWork
from engine.ports_notices import Mailer
from workflows.notices.choose_mail import AskAddress, ChooseMail, DropAddress, ProveAddress
from workflows.notices.read_notices import OpenNotice, ReadAllNotices
from workflows.notices.retry_mail import RetryMail
from workflows.notices.view_notices import ViewNotices


@dataclass(frozen=True, kw_only=True)
class NoticeCases:
    """Hold every use case of notices, ready to call; `mailer` tells whether mail goes out."""

    view: ViewNotices
    open: OpenNotice
    read_all: ReadAllNotices
    ask_address: AskAddress
    prove_address: ProveAddress
    drop_address: DropAddress
    choose_mail: ChooseMail
    retry_mail: RetryMail
    mailer: Mailer


def notice_cases(
    *, start_work: StartWork, start_reading: StartWork, clock: Clock, mailer: Mailer
) -> NoticeCases:
    """Return the use cases on one installation."""
    return NoticeCases(
        view=ViewNotices(start_reading=start_reading),
        open=OpenNotice(start_work=start_work, clock=clock),
        read_all=ReadAllNotices(start_work=start_work, clock=clock),
        ask_address=AskAddress(start_work=start_work, clock=clock, mailer=mailer),
        prove_address=ProveAddress(start_work=start_work, clock=clock),
        drop_address=DropAddress(start_work=start_work, clock=clock),
        choose_mail=ChooseMail(start_work=start_work, clock=clock),
        retry_mail=RetryMail(start_work=start_work, clock=clock),
        mailer=mailer,
    )
