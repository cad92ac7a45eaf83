"""Go on with signatures that were made while the time-stamp authority was silent."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.clock import Clock
from engine.errors import (
    DigestMismatchError,
    ErrorCode,
    NotFoundError,
    NotPermittedError,
    SignerUnavailableError,
    StoreUnavailableError,
    TrinhKyError,
)
from engine.model.outage import Service
from engine.model.signing_intent import SigningIntent
from engine.outages import note_answer
from engine.ports import StartWork
from engine.ports_preservation import Preserver
from engine.telling import tell_signing_stopped
from engine.undertaking import void_undertaking
from workflows.access.identify import get_actor
from workflows.outgoing.ceremonies import Ceremonies

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class CompleteStamps:
    """Job: have parked signatures time-stamped and recorded, oldest first.

    Running it again, or twice at once, is harmless: a signature is recorded once, and one that
    waits longer than its grace is left to `VoidStaleSignings`.
    """

    start_work: StartWork
    ceremonies: Ceremonies
    preserver: Preserver
    clock: Clock

    def __call__(self, payload: Mapping[str, str]) -> None:  # noqa: ARG002 every job takes one
        """Complete what can be completed, and note whether the authority answers."""
        now = self.clock.now()
        with self.start_work() as work:
            waiting = [each for each in work.intents.list_awaiting() if now <= each.expires_at]
        for intent in waiting:
            if not self._complete(intent):
                return
        if not waiting:
            self._note(answers=self.preserver.answers())

    def _complete(self, intent: SigningIntent) -> bool:
        """Complete one signature; return False when no time-stamps can be had."""
        try:
            with self.start_work() as work:
                actor = get_actor(work, intent.actor_id, self.clock)
            self.ceremonies.stamp_parked(intent, actor)
        except SignerUnavailableError as error:
            if error.code is not ErrorCode.TIMESTAMP_UNAVAILABLE:
                raise
            self._note(answers=False)
            return False
        except StoreUnavailableError:
            raise  # the signature stands; the job is tried again
        except (NotPermittedError, NotFoundError, DigestMismatchError) as error:
            self._void(intent, error)
        except TrinhKyError as error:
            # A time-stamp that does not fit today never will: the person is asked again at once.
            if error.code is ErrorCode.TIMESTAMP_TOO_LARGE:
                self._void(intent, error)
                return True
            # Somebody moved the process meanwhile, or revocation data is out of date: it goes on
            # waiting, in sight, as long as its grace lasts.
            _log.warning("signature %s waits: %s", intent.id, error)
            self._keep_reason(intent, error)
        self._note(answers=True)
        return True

    def _void(self, intent: SigningIntent, error: TrinhKyError) -> None:
        """Void a signature that can no longer be recorded, unless somebody just recorded it."""
        _log.warning("signature %s cannot be recorded: %s", intent.id, error)
        now = self.clock.now()
        with self.start_work() as work:
            if work.intents.get(intent.id).awaits_stamp:
                tell_signing_stopped(work, intent, now)
            void_undertaking(work, intent, reason=error.code, actor=None, now=now)
            work.commit()

    def _keep_reason(self, intent: SigningIntent, error: TrinhKyError) -> None:
        """Let the list of what is stuck say why a signature still waits."""
        with self.start_work() as work:
            current = work.intents.get(intent.id)
            if current.awaits_stamp and current.reason != error.code:
                work.intents.save(replace(current, reason=error.code))
                work.commit()

    def _note(self, *, answers: bool) -> None:
        with self.start_work() as work:
            note_answer(work, Service.TIMESTAMP, self.clock.now(), answers=answers)
            work.commit()
