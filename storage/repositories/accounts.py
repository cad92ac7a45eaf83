"""Keep sign-in data and server-side sessions."""

from datetime import datetime

import sqlalchemy as sa

from engine.ports import Account, Session
from storage.repositories.base import Repository, missing
from storage.tables.organisation import account as _account
from storage.tables.organisation import session as _session

#: More than one sign-in adds, so that no sign-in is slow and the table still shrinks.
_PRUNED_AT_ONCE = 100
_DELETE_EXPIRED = sa.delete(_session).where(
    _session.c.token_digest.in_(
        sa.select(_session.c.token_digest)
        .where(_session.c.expires_at < sa.bindparam("at", type_=_session.c.expires_at.type))
        .order_by(_session.c.expires_at)
        .limit(_PRUNED_AT_ONCE)
    )
)


class SqlAccounts(Repository):
    """Keep accounts and sessions; no password and no cookie is ever stored as it is."""

    def add(self, account: Account) -> None:
        """Add an account."""
        self._insert(_account, dict(vars(account)))

    def save(self, account: Account) -> None:
        """Write an account.

        Raises:
            NotFoundError: there is no such account.
        """
        statement = (
            sa.update(_account)
            .where(_account.c.person_id == account.person_id)
            .values(**vars(account))
        )
        if self._changed(statement) == 0:
            missing("account", account.person_id)

    def find(self, login: str) -> Account | None:
        """Return the account with this login."""
        return self._find(Account, sa.select(_account).where(_account.c.login == login))

    def add_session(self, session: Session) -> None:
        """Add a session; some that had expired when it was opened are deleted."""
        self._connection.execute(_DELETE_EXPIRED, {"at": session.opened_at})
        self._insert(_session, dict(vars(session)))

    def find_session(self, token_digest: str) -> Session | None:
        """Return the session; whether it is still good is the caller's to judge."""
        query = sa.select(_session).where(_session.c.token_digest == token_digest)
        return self._find(Session, query)

    def touch_session(self, token_digest: str, at: datetime) -> None:
        """Note that the session was used at `at`."""
        self._connection.execute(
            sa.update(_session).where(_session.c.token_digest == token_digest).values(seen_at=at)
        )

    def close_session(self, token_digest: str) -> None:
        """End the session; ending it again does nothing."""
        self._connection.execute(
            sa.delete(_session).where(_session.c.token_digest == token_digest)
        )
