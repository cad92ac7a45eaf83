"""Say where and how one wants mail; an address is used once its owner has proved it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.errors import ConflictError, ErrorCode, InvalidInputError
from engine.model.notice import (
    DigestDays,
    Mail,
    MailId,
    MailKind,
    MailMode,
    MailPreference,
    MailState,
)
from engine.model.organisation import Actor, PersonId
from engine.notifying import digest_time, enqueue_sending
from engine.permissions import Permission, check_permitted
from engine.ports import StartWork, UnitOfWork
from engine.ports_notices import Mailer
from workflows.notices.tokens import token_digest

#: Where a stranger's mailbox is named, it gets no more than so many letters a day.
PROOFS_A_DAY = 5
_DAY = timedelta(days=1)
#: RFC 5321 bounds the parts; the letters are those every server takes without SMTPUTF8.
_MAX_ADDRESS_CHARS = 254
_ADDRESS = re.compile(
    r"[a-z0-9][a-z0-9._+-]{0,63}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]",
    re.IGNORECASE,
)
LANGUAGES = ("vi", "en")


@dataclass(frozen=True, kw_only=True)
class AskAddress:
    """Use case: a person names the address that mail shall go to; a link is sent there."""

    start_work: StartWork
    clock: Clock
    mailer: Mailer

    def __call__(self, address: str, actor: Actor) -> None:
        """Have a link sent to the address; until it is followed nothing else goes there.

        Args:
            address: `name@host.domain`, ASCII; at most 254 characters.

        Raises:
            NotPermittedError: the person holds no post.
            ConflictError: code MAIL_UNAVAILABLE; this installation sends no mail. Code
                MAIL_TOO_OFTEN; five links were sent in a day.
            InvalidInputError: code MAIL_ADDRESS_INVALID.
        """
        check_permitted(Permission.SIGNED_IN, actor)
        wanted = clean_address(address)
        if not self.mailer.is_configured():
            raise ConflictError("no mail server is set", code=ErrorCode.MAIL_UNAVAILABLE)
        now = self.clock.now()
        with self.start_work() as work:
            made = work.mails.count_made(actor.person_id, MailKind.PROOF, now - _DAY)
            if made >= PROOFS_A_DAY:
                raise ConflictError("too many links", code=ErrorCode.MAIL_TOO_OFTEN)
            preference = work.notices.get_preference(actor.person_id)
            work.notices.save_preference(
                replace(preference, pending_address=wanted, token_digest="", token_expires_at=None)
            )
            _skip(work, actor.person_id, now, lambda mail: mail.kind is MailKind.PROOF)
            proof = _proof(actor.person_id, now)
            work.mails.add([proof])
            enqueue_sending(work, proof.id)
            _record(work, AuditEvent.MAIL_ADDRESS_ASK, actor, now)
            work.commit()


@dataclass(frozen=True, kw_only=True)
class ProveAddress:
    """Use case: the person who named an address follows the link that was sent there."""

    start_work: StartWork
    clock: Clock

    def __call__(self, token: str, actor: Actor) -> MailPreference:
        """Use the address from now on, and return the preference.

        Raises:
            NotPermittedError: the person holds no post.
            InvalidInputError: code MAIL_LINK_INVALID; not this person's newest link, or older
                than a day.
        """
        check_permitted(Permission.SIGNED_IN, actor)
        now = self.clock.now()
        with self.start_work() as work:
            preference = work.notices.get_preference(actor.person_id)
            proved = preference.proved(token_digest(token), now)
            if proved.mode is MailMode.OFF:
                proved = replace(proved, mode=MailMode.DIGEST)
            work.notices.save_preference(proved)
            _record(work, AuditEvent.MAIL_ADDRESS_PROVE, actor, now)
            work.commit()
        return proved


@dataclass(frozen=True, kw_only=True)
class DropAddress:
    """Use case: a person wants no mail any more, and no address on record."""

    start_work: StartWork
    clock: Clock

    def __call__(self, actor: Actor) -> None:
        """Forget both addresses; what has not been sent is not.

        Raises:
            NotPermittedError: the person holds no post.
        """
        check_permitted(Permission.SIGNED_IN, actor)
        now = self.clock.now()
        with self.start_work() as work:
            known = work.notices.get_preference(actor.person_id)
            work.notices.save_preference(
                replace(
                    known,
                    address="",
                    pending_address="",
                    token_digest="",
                    token_expires_at=None,
                    mode=MailMode.OFF,
                )
            )
            _skip(work, actor.person_id, now, lambda _mail: True)
            _record(work, AuditEvent.MAIL_ADDRESS_DROP, actor, now)
            work.commit()


@dataclass(frozen=True, kw_only=True)
class ChooseMail:
    """Use case: a person chooses no mail, one for each notice, or a digest at an hour."""

    start_work: StartWork
    clock: Clock

    def __call__(
        self,
        actor: Actor,
        *,
        mode: MailMode,
        digest_hour: int,
        digest_days: DigestDays,
        language: str,
    ) -> MailPreference:
        """Keep the choice; what waits already follows it.

        Args:
            digest_hour: 0 to 23, in Việt Nam's zone.
            language: `vi`, or `en` for the English line under the Vietnamese one.

        Raises:
            NotPermittedError: the person holds no post.
            InvalidInputError: no such hour or language; code MAIL_ADDRESS_MISSING, mail is
                wanted and no address is proved.
        """
        check_permitted(Permission.SIGNED_IN, actor)
        if not 0 <= digest_hour <= 23:
            raise InvalidInputError(f"hour {digest_hour}", field="digest_hour")
        if language not in LANGUAGES:
            raise InvalidInputError(f"language {language!r}", field="language")
        now = self.clock.now()
        with self.start_work() as work:
            known = work.notices.get_preference(actor.person_id)
            chosen = replace(
                known,
                mode=mode,
                digest_hour=digest_hour,
                digest_days=digest_days,
                language=language,
            )
            if mode is not MailMode.OFF and not known.address:
                raise InvalidInputError(
                    "no address is proved", code=ErrorCode.MAIL_ADDRESS_MISSING, field="mode"
                )
            work.notices.save_preference(chosen)
            _follow(work, chosen, now)
            _record(work, AuditEvent.MAIL_PREFERENCE_SET, actor, now, mode=mode.value)
            work.commit()
        return chosen


def clean_address(address: str) -> str:
    """Return an address that can be written into a mail as it is.

    Raises:
        InvalidInputError: code MAIL_ADDRESS_INVALID.
    """
    wanted = address.strip()
    local_part = wanted.rpartition("@")[0]
    is_plain = len(wanted) <= _MAX_ADDRESS_CHARS and _ADDRESS.fullmatch(wanted) is not None
    if not is_plain or ".." in local_part or local_part.endswith("."):
        raise InvalidInputError(
            "not an address", code=ErrorCode.MAIL_ADDRESS_INVALID, field="address"
        )
    return wanted


def _proof(person_id: PersonId, now: datetime) -> Mail:
    return Mail(
        id=MailId(str(uuid4())),
        person_id=person_id,
        kind=MailKind.PROOF,
        made_at=now,
        due_at=now,
        next_try_at=now,
    )


def _skip(
    work: UnitOfWork, person_id: PersonId, now: datetime, concerns: Callable[[Mail], bool]
) -> None:
    for mail in work.mails.list_waiting(person_id):
        if concerns(mail):
            work.mails.save(mail.ended(MailState.SKIPPED, now), seen=mail)


def _follow(work: UnitOfWork, chosen: MailPreference, now: datetime) -> None:
    """Let the mails that wait follow a new choice: dropped, sent now, or at the new hour."""
    if not chosen.wants_mail():
        _skip(work, chosen.person_id, now, lambda mail: mail.kind is not MailKind.PROOF)
        return
    is_digest = chosen.mode is MailMode.DIGEST
    at = digest_time(chosen, work.processes.calendar, now) if is_digest else now
    waiting = work.mails.find_next_digests([chosen.person_id]).get(chosen.person_id)
    if waiting is not None:
        work.mails.save(replace(waiting, due_at=at, next_try_at=at), seen=waiting)
        if not is_digest:
            enqueue_sending(work, waiting.id)


def _record(
    work: UnitOfWork, event: AuditEvent, actor: Actor, now: datetime, **details: str
) -> None:
    # The address is the person's own affair: no leaf names it.
    work.audit.record(
        event, subject=f"person:{actor.person_id}", actor=actor, at=now, details=details
    )
