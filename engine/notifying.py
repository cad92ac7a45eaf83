"""Tell people what happened, in the transaction in which it happened; mail follows by a job.

Whoever does something for others calls `notify`. It costs the same few statements for one person
as for all: the notices, the preferences of who is told, and a mail for each who wants one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from engine.calendar.working_time import WorkingCalendar
from engine.clock import local
from engine.model.notice import (
    MAX_TITLE_CHARS,
    DigestDays,
    Mail,
    MailId,
    MailKind,
    MailMode,
    MailPreference,
    Notice,
    NoticeId,
    NoticeKind,
    SubjectKind,
    next_hour,
)
from engine.model.organisation import SYSTEM_PERSON, Actor, PersonId
from engine.ports import UnitOfWork

#: Job that sends what is due; see `workflows.notices.send_mails`.
SEND_JOB = "send_mails"
#: A year without a working day in two weeks does not exist; a table of days off might say so.
_MOST_DAYS_OFF = 14


def notify(
    work: UnitOfWork,
    kind: NoticeKind,
    people: Iterable[PersonId],
    *,
    subject_kind: SubjectKind,
    subject_id: str,
    title: str,
    now: datetime,
    actor: Actor | None = None,
    restricted: bool = False,
    **details: str,
) -> None:
    """Put a notice on each person's list in this transaction; mail follows by a job.

    Args:
        people: who is told, each once; not `actor`, who knows.
        title: symbol and subject, or a name; cut off where it is too long.
        restricted: no mail may carry the title.
        details: short values for the words of the kind, ready to show.
    """
    known = {SYSTEM_PERSON} | ({actor.person_id} if actor else set())
    told = [person for person in dict.fromkeys(people) if person not in known]
    if not told:
        return
    notices = [
        Notice(
            id=NoticeId(str(uuid4())),
            person_id=person,
            kind=kind,
            subject_kind=subject_kind,
            subject_id=subject_id,
            title=_cut(title),
            made_at=now,
            details=details,
            actor_name=actor.full_name if actor else "",
            restricted=restricted,
        )
        for person in told
    ]
    work.notices.add(_mailed(work, notices, now))


def digest_time(preference: MailPreference, calendar: WorkingCalendar, now: datetime) -> datetime:
    """Return when the person's next digest goes out, later than `now`."""
    at = next_hour(now, preference.digest_hour)
    if preference.digest_days is DigestDays.ALL:
        return at
    days = (at + timedelta(days=ahead) for ahead in range(_MOST_DAYS_OFF))
    return next((day for day in days if calendar.is_working_day(local(day).date())), at)


def _mailed(work: UnitOfWork, notices: Sequence[Notice], now: datetime) -> list[Notice]:
    """Return the notices, each with the mail that will carry it, and keep the new mails."""
    preferences = work.notices.list_preferences([notice.person_id for notice in notices])
    wanting = {who: each for who, each in preferences.items() if each.wants_mail()}
    if not wanting:
        return list(notices)
    digests = [who for who, each in wanting.items() if each.mode is MailMode.DIGEST]
    known = work.mails.find_next_digests(digests) if digests else {}
    mails = {
        who: known.get(who) or new_mail(each, work.processes.calendar, now)
        for who, each in wanting.items()
    }
    added = [mail for who, mail in mails.items() if who not in known]
    if added:
        work.mails.add(added)
    if any(mail.kind is MailKind.SINGLE for mail in added):
        enqueue_sending(work, added[0].id)
    return [_carried(notice, mails) for notice in notices]


def _carried(notice: Notice, mails: Mapping[PersonId, Mail]) -> Notice:
    mail = mails.get(notice.person_id)
    return notice if mail is None else replace(notice, mail_id=mail.id)


def new_mail(preference: MailPreference, calendar: WorkingCalendar, now: datetime) -> Mail:
    """Return the mail that carries a notice made now: one of its own, or the next digest."""
    is_digest = preference.mode is MailMode.DIGEST
    due_at = digest_time(preference, calendar, now) if is_digest else now
    return Mail(
        id=MailId(str(uuid4())),
        person_id=preference.person_id,
        kind=MailKind.DIGEST if is_digest else MailKind.SINGLE,
        made_at=now,
        due_at=due_at,
        next_try_at=due_at,
    )


def enqueue_sending(work: UnitOfWork, mail_id: MailId) -> None:
    """Have what is due sent soon after the commit."""
    work.jobs.enqueue(SEND_JOB, f"{SEND_JOB}:{mail_id}", {"soon": "yes"})


def _cut(title: str) -> str:
    return title if len(title) <= MAX_TITLE_CHARS else title[: MAX_TITLE_CHARS - 1] + "…"
