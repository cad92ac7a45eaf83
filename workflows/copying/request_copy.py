"""Ask for a certified copy of paper: the scan and what the paper is."""

import uuid
from dataclasses import dataclass

from engine.audit import AuditEvent
from engine.clock import Clock
from engine.markable import MarkTrial
from engine.model.copy import (
    COPY_PROCEDURE,
    CertifiedCopy,
    CopyForm,
    CopyId,
    CopyStatus,
    PaperOriginal,
)
from engine.model.organisation import Actor, AgencyId, Role, UnitId
from engine.permissions import Permission, Subject, check_permitted
from engine.ports import ObjectStore, StartWork
from engine.ports_copies import PdfIntake
from workflows.copying.requests import (
    clean_original,
    clean_pages,
    mark_lines,
    record_copy,
    take_in_scan,
)


@dataclass(frozen=True, kw_only=True)
class RequestCopy:
    """Use case: a desk officer or a clerk asks the head to certify a copy."""

    start_work: StartWork
    start_reading: StartWork
    intake: PdfIntake
    try_mark: MarkTrial
    originals: ObjectStore
    clock: Clock

    def __call__(
        self,
        agency_id: AgencyId,
        form: CopyForm,
        original: PaperOriginal,
        scan: bytes,
        actor: Actor,
        *,
        pages: str = "",
    ) -> CopyId:
        """Keep the scan and put the request before the leaders of the agency.

        Args:
            scan: PDF of the paper, at most 25 MiB.
            pages: which pages of the original an extract holds, such as `1-2, 5`.

        Raises:
            NotPermittedError: the actor is neither desk officer nor clerk of the agency.
            InvalidInputError: a fact is missing or classified, or the file may not enter or
                cannot be marked; nothing is stored.
            SignerUnavailableError: the file could not be looked at now.

        Source: Decree 30/2020/NĐ-CP, Art. 25 and 26.
        """
        check_permitted(Permission.COPY_REQUEST, actor, Subject(agency_id=agency_id))
        now = self.clock.now()
        with self.start_reading() as work:
            agency = work.organisation.get_agency(agency_id)
        lines = mark_lines(form, agency, now)
        copy = CertifiedCopy(
            id=CopyId(uuid.uuid4().hex),
            agency_id=agency_id,
            unit_id=_unit(actor, agency_id),
            requester_id=actor.person_id,
            form=form,
            original=clean_original(original, now),
            pages=clean_pages(form, pages),
            scan=take_in_scan(self.intake, self.originals, scan, lines, self.try_mark),
            status=CopyStatus.AWAITING_APPROVAL,
            created_at=now,
            updated_at=now,
        )
        with self.start_work() as work:
            work.copies.add(copy)
            work.processes.start(
                COPY_PROCEDURE,
                business_key=copy.id,
                data={"agency_id": agency_id, "requester_id": actor.person_id},
                actor=actor,
                now=now,
            )
            record_copy(
                work,
                AuditEvent.COPY_REQUEST,
                copy,
                actor=actor,
                now=now,
                original=copy.original.symbol,
                issuer=copy.original.issuer,
            )
            work.commit()
        return copy.id


def _unit(actor: Actor, agency_id: AgencyId) -> UnitId | None:
    roles = {Role.DESK_OFFICER, Role.CLERK}
    posts = [post for post in actor.posts if post.agency_id == agency_id and post.role in roles]
    return next((post.unit_id for post in posts if post.unit_id), None)
