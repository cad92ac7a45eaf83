"""Try a mail again that kept failing."""

from dataclasses import dataclass, replace

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode
from engine.model.notice import MAIL_TRIES_UNSEEN, MailId, MailState
from engine.model.organisation import Actor
from engine.notifying import SEND_JOB
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork


@dataclass(frozen=True, kw_only=True)
class RetryMail:
    """Use case: an administrator lets a mail go out again at once."""

    start_work: StartWork
    clock: Clock

    def __call__(self, mail_id: MailId, actor: Actor) -> None:
        """Begin its tries anew.

        Raises:
            NotPermittedError: not an administrator.
            NotFoundError: there is no such mail.
            ConflictError: code MAIL_NOT_STUCK; it was sent, or is on its way.
        """
        check_permitted(Permission.INSTALLATION_VIEW, actor)
        now = self.clock.now()
        with self.start_work() as work:
            mail = work.mails.get(mail_id)
            is_late = mail.state is MailState.WAITING and mail.tries >= MAIL_TRIES_UNSEEN
            if mail.state is not MailState.FAILED and not is_late:
                raise ConflictError(f"mail {mail_id}", code=ErrorCode.MAIL_NOT_STUCK)
            again = replace(mail, state=MailState.WAITING, tries=0, due_at=now, next_try_at=now)
            work.mails.save(again, seen=mail)
            work.jobs.enqueue(SEND_JOB, f"{SEND_JOB}:{mail_id}:{now.isoformat()}", {})
            work.audit.record(
                AuditEvent.MAIL_RETRY, subject=f"mail:{mail_id}", actor=actor, at=now
            )
            work.commit()
