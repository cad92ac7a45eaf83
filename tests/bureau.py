"""Act on certificates in tests the way pages do: ask, approve, allow, collect, stop, leave."""

import csv
import io
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from engine.audit import AuditEvent
from engine.clock import local
from engine.errors import (
    PinRejectedError,
)
from engine.model.certification import (
    Application,
    ApplicationId,
    ApplicationKind,
    CertificateState,
    KeyPlan,
    RevocationReason,
)
from engine.model.keys import KeyHome
from engine.model.organisation import (
    Actor,
    AgencyId,
    Authority,
    AuthorityForm,
    Person,
    PersonId,
    Post,
    PostId,
    Role,
    Validity,
)
from engine.model.verification import Verdict
from engine.ports_certification import CertificateFilter
from engine.ports_signing import HolderKind, IssuedCertificate
from engine.process.model import TaskId
from tests.houses import Stage
from webui.city import shipped_tables
from workflows.certificates.collect_certificate import Collection

NEW_PIN = "804215"
GIVEN = Collection(pin=NEW_PIN, pin_again=NEW_PIN)
LEADER = "snv.lanhdao"
CLERK = "snv.vanthu"
OFFICER = "snv.chuyenvien"
ADMINISTRATOR = "vpub.quantri"
SNV = AgencyId("snv")
WHY = "Chứng thư sắp hết hạn."
LOST = "Mất thiết bị giữ khóa."


@dataclass
class Bureau:
    """Act on certificates by login, the way pages do."""

    stage: Stage

    @property
    def cases(self):
        return self.stage.house.use_cases.certificates

    def who(self, login: str | Actor) -> Actor:
        return login if isinstance(login, Actor) else self.stage.actor(login)

    def application(self, application_id: ApplicationId) -> Application:
        with self.stage.house.start_reading() as work:
            return work.certification.get(application_id)

    def task(self, login: str | Actor, application_id: ApplicationId) -> TaskId:
        with self.stage.house.start_reading() as work:
            tasks = work.queries.list_tasks_on(self.who(login), application_id)
        assert len(tasks) == 1, [task.node_id for task in tasks]
        return tasks[0].task_id

    def any_task(self, application_id: ApplicationId) -> TaskId:
        """Return the open task, whoever has it."""
        with self.stage.house.start_reading() as work:
            row = work.queries.list_steps(
                self.application(application_id).procedure_id, application_id
            )[-1]
            agency = AgencyId("vpub") if row.node_id in ("allow", "settle") else SNV
            day = local(self.stage.house.clock.now()).date()
            for post in work.organisation.list_posts(agency, day):
                actor = self.stage.house.use_cases.identify.by_person(post.person_id)
                for task in work.queries.list_tasks_on(actor, application_id):
                    return task.task_id
        raise AssertionError("nobody has it")

    def other_leader(self, login: str | Actor) -> Actor:
        asker = self.who(login)
        day = local(self.stage.house.clock.now()).date()
        with self.stage.house.start_reading() as work:
            leaders = work.organisation.list_posts(SNV, day, role=Role.LEADER)
        person = next(p.person_id for p in leaders if p.person_id != asker.person_id)
        return self.stage.house.use_cases.identify.by_person(person)

    def ask(self, login: str | Actor, *, seal_of: AgencyId | None = None) -> ApplicationId:
        return self.cases.request(self.who(login), WHY, seal_of=seal_of)

    def approve(self, application_id: ApplicationId, login: str | Actor | None = None) -> None:
        asked_by = self.application(application_id).asked_by
        asker = self.stage.house.use_cases.identify.by_person(asked_by)
        leader = self.who(login) if login else self.other_leader(asker)
        self.cases.approve(self.task(leader, application_id), leader)

    def allow(self, application_id: ApplicationId, plan: KeyPlan | None = None) -> None:
        task = self.task(ADMINISTRATOR, application_id)
        # The small installation has no token and no service of its own.
        allow = replace(self.cases.allow, homes=frozenset(KeyHome))
        allow(task, self.who(ADMINISTRATOR), plan or KeyPlan())

    def collect(self, application_id: ApplicationId, login: str | Actor) -> IssuedCertificate:
        task = self.task(login, application_id)
        certificate_id = self.cases.collect(task, self.who(login), GIVEN)
        with self.stage.house.start_reading() as work:
            return work.certificates.get(certificate_id)

    def renew(self, login: str | Actor, *, seal_of: AgencyId | None = None) -> IssuedCertificate:
        application_id = self.ask(login, seal_of=seal_of)
        self.approve(application_id)
        self.allow(application_id)
        return self.collect(application_id, login)

    def current(self, login: str | Actor) -> IssuedCertificate:
        return self.find(HolderKind.PERSON, self.who(login).person_id)

    def find(self, kind: HolderKind, holder_id: str) -> IssuedCertificate:
        with self.stage.house.start_reading() as work:
            found = work.certificates.find_current(kind, holder_id, self.stage.house.clock.now())
        assert found is not None
        return found

    def state(self, certificate: IssuedCertificate) -> CertificateState:
        now = self.stage.house.clock.now()
        wanted = CertificateFilter(text=certificate.id)
        with self.stage.house.start_reading() as work:
            rows = work.certification.list_certificates(wanted, now).rows
        return rows[0].state

    def suspend(
        self, certificate: IssuedCertificate, login: str, **options: ApplicationKind
    ) -> ApplicationId:
        return self.cases.suspend(certificate.id, self.who(login), LOST, **options)

    def settle(
        self, application_id: ApplicationId, revoke_for: RevocationReason | None = None
    ) -> None:
        task = self.task(ADMINISTRATOR, application_id)
        self.cases.settle(task, self.who(ADMINISTRATOR), revoke_for=revoke_for)

    def events(self, group: str) -> list[AuditEvent]:
        with self.stage.house.start_reading() as work:
            return [leaf.event for leaf in work.audit.list_group(group)]

    def post_of(self, login: str) -> Post:
        return self.who(login).posts[0]

    def yesterday(self) -> date:
        return local(self.stage.house.clock.now()).date() - timedelta(days=1)

    def leave(self, login: str, *, suspend: bool = False) -> tuple[ApplicationId, ...]:
        """End the post of `login` with the day before."""
        return tuple(
            self.cases.end_post(
                self.post_of(login).id,
                self.yesterday(),
                self.who(ADMINISTRATOR),
                reason="Chuyển công tác.",
                suspend=suspend,
            )
        )


def a_new_leader(bureau: Bureau) -> Actor:
    """Appoint somebody of the demo city, who has no certificate, deputy head of the bureau."""
    people = csv.DictReader(io.StringIO(shipped_tables(people=True)["people"].decode()))
    since = Validity(since=date(2020, 1, 1))
    with bureau.stage.house.start_work() as work:
        known = {person.id for person in work.organisation.list_people()}
        row = next(each for each in people if each["id"] not in known)
        person = Person(id=PersonId(row["id"]), login=row["login"], full_name=row["full_name"])
        work.organisation.add_person(person)
        post = Post(
            id=PostId("snv.moi"),
            agency_id=SNV,
            unit_id=None,
            person_id=person.id,
            title="Phó Giám đốc",
            role=Role.LEADER,
            validity=since,
        )
        work.organisation.add_post(post)
        work.organisation.add_authority(
            Authority(
                id="snv.moi",
                agency_id=SNV,
                post_id=post.id,
                form=AuthorityForm.DEPUTY,
                lines=("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"),
                kinds=frozenset(),
                basis="",
                validity=since,
            )
        )
        work.commit()
    return bureau.stage.house.use_cases.identify.by_person(person.id)


def verdict_of(bureau: Bureau, document_id) -> Verdict:
    digest = bureau.stage.document(document_id).original_digest()
    assert digest is not None
    content = bureau.stage.house.use_cases.read_pdf(document_id, bureau.who(LEADER))[1]
    return bureau.stage.house.judge.verify(content).verdict


def lock(bureau: Bureau, document_id) -> None:
    for _ in range(5):
        with pytest.raises(PinRejectedError):
            bureau.stage.sign(document_id, pin="000000")
