"""Sign in: a password opens a server-side session."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ErrorCode, NotPermittedError
from engine.model.organisation import SYSTEM
from engine.ports import Account, PasswordHasher, Session, StartWork
from engine.text import nfc
from workflows.access.identify import get_actor, token_digest

#: NIST SP 800-63B-4, AAL3: at most twelve hours.
SESSION_LENGTH = timedelta(hours=12)
FREE_FAILURES = 5
LONGEST_WAIT = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """Use case: a person signs in."""

    start_work: StartWork
    start_reading: StartWork
    hasher: PasswordHasher
    clock: Clock

    def __call__(self, login: str, password: str) -> str:
        """Open a session and return its token, 256 random bits.

        Raises:
            NotPermittedError: code LOGIN_FAILED with the same words and the same time whether
                the name or the password is wrong; LOGIN_THROTTLED after five failures.
        """
        name = nfc(login).strip().lower()
        now = self.clock.now()
        with self.start_reading() as work:
            account = work.accounts.find(name)
        if account is not None and account.locked_until and now < account.locked_until:
            raise NotPermittedError("locked", code=ErrorCode.LOGIN_THROTTLED)
        # The hash is checked outside any transaction: it takes a tenth of a second on purpose.
        matches = self.hasher.matches(account.password_hash if account else "", nfc(password))
        if account is None or not matches:
            self._note_failure(account)
            raise NotPermittedError("wrong name or password", code=ErrorCode.LOGIN_FAILED)
        token = secrets.token_urlsafe(32)
        with self.start_work() as work:
            work.accounts.save(replace(account, failures=0, locked_until=None))
            work.accounts.add_session(
                Session(
                    token_digest=token_digest(token),
                    person_id=account.person_id,
                    opened_at=now,
                    seen_at=now,
                    expires_at=now + SESSION_LENGTH,
                )
            )
            work.audit.record(
                AuditEvent.SESSION_OPEN,
                subject=f"person:{account.person_id}",
                actor=get_actor(work, account.person_id, self.clock),
                at=now,
            )
            work.commit()
        return token

    def _note_failure(self, account: Account | None) -> None:
        if account is None:
            return
        now = self.clock.now()
        with self.start_work() as work:
            # Read again: two failures at once must both count.
            current = work.accounts.find(account.login) or account
            failures = current.failures + 1
            over = failures - FREE_FAILURES
            wait = min(timedelta(seconds=30) * 2 ** min(over, 10), LONGEST_WAIT)
            work.accounts.save(
                replace(
                    current,
                    failures=failures,
                    locked_until=now + wait if over >= 0 else None,
                )
            )
            work.audit.record(
                AuditEvent.SESSION_REFUSE,
                subject=f"person:{account.person_id}",
                actor=SYSTEM,
                at=now,
                details={"failures": str(failures)},
            )
            work.commit()
