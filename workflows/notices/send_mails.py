"""Send the mails that are due, each once; what cannot be sent is tried again, and seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.clock import Clock, local
from engine.errors import MailRefusedError, MailUnavailableError
from engine.model.notice import Mail, MailKind, MailPreference, MailState, Notice
from engine.model.organisation import Actor
from engine.model.outage import Service
from engine.outages import note_answer
from engine.ports import StartWork, UnitOfWork
from engine.ports_notices import Letter, Mailer, MailWriter
from workflows.notices.tokens import new_token, token_digest

#: Longer than a try can take: until then nobody else takes the mail up.
LEASE = timedelta(minutes=5)
#: In one run; the next sweep takes the next ones.
BATCH = 200
#: A run that has lasted so long ends with the mail in hand: a slow server must not hold one of
#: the few threads that do jobs.
LONGEST_RUN = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True)
class SendMails:
    """Job: after each commit that owes somebody a mail, and every minute while one is due.

    A mail is claimed, given to the server with no transaction open, and recorded. A crash
    between server and record may send one mail twice, under the same Message-ID.
    """

    start_work: StartWork
    clock: Clock
    mailer: Mailer
    writer: MailWriter

    def __call__(self, payload: Mapping[str, str]) -> None:
        """Send what is due, the longest due first, for some minutes at most.

        Args:
            payload: `soon` for a run right after a commit, which leaves a server alone that is
                known to be silent: the sweep asks it again.
        """
        until = self.clock.now() + LONGEST_RUN
        for _ in range(BATCH):
            if self.clock.now() >= until:
                return
            found = self._claim(is_soon="soon" in payload)
            if found is None:
                return
            mail, letter = found
            if letter is not None and not self._send(mail, letter):
                return

    def _claim(self, *, is_soon: bool) -> tuple[Mail, Letter | None] | None:
        """Return the next mail and what it says, None when there is nothing to do."""
        now = self.clock.now()
        with self.start_work() as work:
            if is_soon and work.outages.find(Service.MAIL) is not None:
                return None
            due = work.mails.find_due(now)
            if due is None:
                return None
            claimed = replace(due, next_try_at=now + LEASE)
            work.mails.save(claimed, seen=due)
            letter = self._compose(work, claimed, now)
            if letter is None:
                work.mails.save(claimed.ended(MailState.SKIPPED, now), seen=claimed)
            work.commit()
        return claimed, letter

    def _send(self, mail: Mail, letter: Letter) -> bool:
        """Give one mail to the server and record what it said; False when it says nothing."""
        try:
            self.mailer.send(letter)
        except MailRefusedError as error:
            now = self.clock.now()
            outcome = mail.failed(error.detail, now, for_good=error.for_good)
        except MailUnavailableError as error:
            self._put_off(mail, error.detail)
            return False
        else:
            outcome = mail.ended(MailState.SENT, self.clock.now())
        with self.start_work() as work:
            note_answer(work, Service.MAIL, self.clock.now(), answers=True)
            work.mails.save(outcome, seen=mail)
            work.commit()
        return True

    def _put_off(self, mail: Mail, reason: str) -> None:
        now = self.clock.now()
        with self.start_work() as work:
            note_answer(work, Service.MAIL, now, answers=False)
            work.mails.save(mail.failed(reason, now, for_good=False), seen=mail)
            # The others would only wait for the same silence.
            work.mails.put_off(now, reason)
            work.commit()

    def _compose(self, work: UnitOfWork, mail: Mail, now: datetime) -> Letter | None:
        """Return what the mail says, None when there is nothing to say or nobody to say it to."""
        preference = work.notices.get_preference(mail.person_id)
        posts = work.organisation.list_posts_of(mail.person_id, local(now).date())
        if not posts:
            return None
        person = work.organisation.get_person(mail.person_id)
        if mail.kind is MailKind.PROOF:
            return self._proof(work, mail, preference, person.full_name, now)
        if not preference.wants_mail():
            return None
        reader = Actor(person_id=person.id, full_name=person.full_name, posts=tuple(posts))
        shown = _shown(work, reader, work.notices.list_in_mail(mail.id))
        if not shown:
            return None
        return self.writer.tell(mail, preference, person.full_name, shown)

    def _proof(
        self,
        work: UnitOfWork,
        mail: Mail,
        preference: MailPreference,
        full_name: str,
        now: datetime,
    ) -> Letter | None:
        if not preference.pending_address:
            return None
        # The word is made as the mail is: it is never at rest, here or in a job.
        token = new_token()
        work.notices.save_preference(preference.with_token(token_digest(token), now))
        return self.writer.prove(mail, preference, full_name, token)


def _shown(work: UnitOfWork, reader: Actor, notices: Sequence[Notice]) -> list[Notice]:
    """Return what the reader may still read, and of restricted things the kind alone."""
    visible = work.notices.find_visible(reader, notices)
    restricted = work.notices.find_restricted(notices)
    return [
        replace(each, title="", details={}, actor_name="", restricted=True)
        if each.restricted or each.id in restricted
        else each
        for each in notices
        if each.id in visible or each.is_goodbye
    ]
