"""Tell people before their certificates end, once for each threshold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.clock import Clock, local
from engine.model.notice import NoticeKind, SubjectKind
from engine.model.organisation import AgencyId, PersonId, Role
from engine.notifying import notify
from engine.ports import StartWork, UnitOfWork
from engine.ports_certification import CertificateFilter, CertificateRow
from engine.ports_signing import HolderKind
from engine.telling import list_holders

_PAGE = 200
_KIND = NoticeKind.CERTIFICATE_EXPIRING


@dataclass(frozen=True, kw_only=True)
class TellExpiring:
    """Job of the sweep: the holder, for a seal the agency's clerks; harmless when repeated."""

    start_work: StartWork
    clock: Clock

    def __call__(self, payload: Mapping[str, str]) -> None:  # noqa: ARG002 every job takes one
        """Tell everybody whose certificate has come under a threshold since the last time."""
        now = self.clock.now()
        with self.start_work() as work:
            thresholds = sorted(work.certification.list_thresholds())
            for rows in _ending(work, now, thresholds[-1]):
                _tell(work, rows, thresholds, now)
            work.commit()


def _ending(work: UnitOfWork, now: datetime, most_days: int) -> Iterator[Sequence[CertificateRow]]:
    wanted = CertificateFilter(expires_before=now + timedelta(days=most_days + 1))
    cursor = ""
    while True:
        page = work.certification.list_certificates(wanted, now, cursor=cursor, limit=_PAGE)
        yield page.rows
        cursor = page.next_cursor
        if not cursor:
            return


def _tell(
    work: UnitOfWork, rows: Sequence[CertificateRow], thresholds: Sequence[int], now: datetime
) -> None:
    told = {
        (notice.person_id, notice.subject_id, notice.details.get("days"))
        for notice in work.notices.list_told(_KIND, [row.certificate_id for row in rows])
    }
    today = local(now).date()
    for row in rows:
        left = (local(row.not_after).date() - today).days
        days = next((str(each) for each in thresholds if left <= each), None)
        if days is None or not row.is_serving:
            continue
        people = [
            person
            for person in _holders(work, row, now)
            if (person, row.certificate_id, days) not in told
        ]
        notify(
            work,
            _KIND,
            people,
            subject_kind=SubjectKind.CERTIFICATE,
            subject_id=row.certificate_id,
            title=row.common_name,
            now=now,
            until=f"{local(row.not_after):%d/%m/%Y}",
            days=days,
        )


def _holders(work: UnitOfWork, row: CertificateRow, now: datetime) -> Sequence[PersonId]:
    if row.holder_kind is HolderKind.AGENCY:
        return list_holders(work, Role.CLERK, AgencyId(row.holder_id), None, now)
    return [PersonId(row.holder_id)] if row.holder_kind is HolderKind.PERSON else []
