"""Act the main job through the use cases, as the people of the demo city would.

Everything here goes the same way a page goes: a person, a task of theirs, a use case.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.clock import local
from engine.errors import ErrorCode, NotFoundError, StoreUnavailableError
from engine.model.assignment import SourceKind
from engine.model.delivery import ANSWERED, DeliveryStatus
from engine.model.document import Document, DocumentId, DraftContent
from engine.model.organisation import Actor, AgencyId, Role
from engine.model.verification import FileReport, Verdict
from engine.process.model import TaskId
from engine.queries import DeliveryRow
from engine.text import fold
from webui.bootstrap import House, open_house
from webui.city import shipped_tables
from webui.install import install
from webui.progress import progress_bar, say
from webui.scenes import DEMO_SCENES, Scene
from webui.settings import Settings

#: Published on purpose: the demo is for evaluation on one's own machine.
DEMO_PASSWORD = "trinhky-2015"  # noqa: S105 printed by the demo itself
DEMO_PIN = "246810"
JOBS_TIMEOUT_SECONDS = 60.0
#: Recipients whose leader directs and whose officer handles the document to the end.
THOROUGH_RECIPIENTS = 3


@dataclass(frozen=True, kw_only=True)
class ActedDocument:
    """Hold what became of one document of the demo."""

    kind: str
    symbol: str
    subject: str
    pdf: Path
    report: FileReport
    board: Sequence[DeliveryRow]

    def count(self, *statuses: DeliveryStatus) -> int:
        """Return how many recipients stand at one of the statuses."""
        return sum(row.status in statuses for row in self.board)

    def is_complete(self) -> bool:
        """Tell whether it verifies and every recipient has registered or refused it."""
        return (
            self.report.verdict is Verdict.PASSED and self.count(*ANSWERED) == len(self.board) > 0
        )


@dataclass(frozen=True, kw_only=True)
class DemoOutcome:
    """Hold what the demo did."""

    settings: Settings
    documents: Sequence[ActedDocument]
    certificates: int
    trust_root: Path
    seconds: float

    def is_complete(self) -> bool:
        """Tell whether every document went all the way."""
        return bool(self.documents) and all(d.is_complete() for d in self.documents)

    def summary(self) -> Mapping[str, object]:
        """Return the object `--json` prints."""
        return {
            "data_dir": str(self.settings.data_dir.resolve()),
            "documents": [
                {
                    "kind": document.kind,
                    "symbol": document.symbol,
                    "subject": document.subject,
                    "pdf": str(document.pdf.resolve()),
                    "sha256": document.report.sha256,
                    "recipients": len(document.board),
                    "registered": document.count(*ANSWERED - {DeliveryStatus.REFUSED}),
                    "refused": document.count(DeliveryStatus.REFUSED),
                    "verdict": document.report.verdict,
                }
                for document in self.documents
            ],
            "certificates": self.certificates,
            "trust_root": str(self.trust_root.resolve()),
            "seconds": round(self.seconds, 2),
        }

    def say_accounts(self) -> None:
        """Print who can sign in."""
        say("")
        say("Tài khoản dùng thử / evaluation accounts (khóa mềm chỉ để dùng thử / software keys):")
        for login, part in (
            ("snv.chuyenvien", "soạn thảo / drafts"),
            ("snv.truongphong", "duyệt / reviews"),
            ("snv.vanthu", "kiểm tra, cấp số, đóng dấu / checks, numbers, seals"),
            ("snv.lanhdao", "ký số / signs"),
            ("stc.vanthu, syt.vanthu, …", "tiếp nhận, đăng ký / receive and register"),
        ):
            say(f"  {login:<26} {part}")
        say(f"  Mật khẩu / password: {DEMO_PASSWORD}    PIN: {DEMO_PIN}")
        say("")


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Act for the demo's people: find their task, call the use case."""

    house: House
    actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, login: str) -> Actor:
        """Return the person who signs in as `login`.

        Raises:
            NotFoundError: the data directory holds another city.
        """
        if login not in self.actors:
            actor = self.house.use_cases.identify.by_login(login)
            if actor is None:
                raise NotFoundError(f"no account {login}", code=ErrorCode.INSTALLATION_MISSING)
            self.actors[login] = actor
        return self.actors[login]

    def task(self, actor: Actor, subject_id: str) -> TaskId:
        """Return the task on the subject that waits for the actor.

        Raises:
            NotFoundError: nothing waits for them.
        """
        with self.house.start_reading() as work:
            tasks = work.queries.list_tasks_on(actor, subject_id)
        if not tasks:
            raise NotFoundError(
                f"nothing on {subject_id} waits for {actor.person_id}",
                code=ErrorCode.TASK_NOT_FOUND,
            )
        return tasks[0].task_id

    def prepare(self, scene: Scene) -> DocumentId:
        """Take one document from its draft to the leader's list."""
        drafter = self.actor(scene.drafter)
        content = self._content(scene)
        document_id = self.house.use_cases.create_draft(drafter, scene.agency, content.kind)
        self._submit(document_id, drafter, content)
        self._approve(scene, document_id)
        return document_id

    def issue(self, scene: Scene) -> DocumentId:
        """Take one document from its draft to its seal."""
        cases = self.house.use_cases
        document_id = self.prepare(scene)
        if scene.returned_with:
            leader = self.actor(scene.signatory)
            cases.return_document(self.task(leader, document_id), leader, scene.returned_with)
            content = self._document(document_id).content
            mended = replace(content, body=content.body + scene.mended_by)
            self._submit(document_id, self.actor(scene.drafter), mended)
            self._approve(scene, document_id)
        leader, clerk = self.actor(scene.signatory), self.actor(scene.clerk)
        cases.sign_document(self.task(leader, document_id), leader, DEMO_PIN)
        cases.number_document(self.task(clerk, document_id), clerk)
        cases.seal_document(self.task(clerk, document_id), clerk, DEMO_PIN)
        return document_id

    def receive(self, scene: Scene, document_id: DocumentId) -> None:
        """Let every recipient register the document, or refuse it where the scene says so."""
        with self.house.start_reading() as work:
            board = work.queries.list_board(document_id)
        registered = 0
        for row in board:
            clerk = self._clerk(row.recipient_id)
            task = self.task(clerk, row.delivery_id)
            if row.recipient_id == scene.refused_by:
                self.house.use_cases.refuse_delivery(task, clerk, scene.refused_with)
                continue
            self.house.use_cases.register_delivery(task, clerk)
            registered += 1
            if registered <= THOROUGH_RECIPIENTS:
                self._handle(row, clerk, finish=registered < THOROUGH_RECIPIENTS)

    def _content(self, scene: Scene) -> DraftContent:
        today = local(self.house.clock.now()).date()
        with self.house.start_reading() as work:
            agencies = work.organisation.list_agencies(today)
        others = tuple(
            a.id for a in agencies if a.id != scene.agency and a.parent_id is not None
        ) + tuple(a.id for a in agencies if a.id != scene.agency and a.parent_id is None)
        return scene.content(
            everyone=tuple(sorted(others, key=[a.id for a in agencies].index)),
            signatory_id=self.actor(scene.signatory).person_id,
            today=today,
        )

    def _submit(self, document_id: DocumentId, drafter: Actor, content: DraftContent) -> None:
        document = self._document(document_id)
        version = self.house.use_cases.save_draft(
            document_id, content, drafter, seen_version=document.version
        )
        self.house.use_cases.submit_draft(
            self.task(drafter, document_id), content, drafter, seen_version=version
        )

    def _approve(self, scene: Scene, document_id: DocumentId) -> None:
        head, clerk = self.actor(scene.reviewer), self.actor(scene.clerk)
        self.house.use_cases.review_draft(self.task(head, document_id), head, "Đồng ý trình.")
        self.house.use_cases.check_form(self.task(clerk, document_id), clerk, "Đúng thể thức.")

    def _document(self, document_id: DocumentId) -> Document:
        with self.house.start_reading() as work:
            return work.documents.get(document_id)

    def _handle(self, row: DeliveryRow, clerk: Actor, *, finish: bool) -> None:
        cases = self.house.use_cases
        leader = self._holder(row.recipient_id, Role.LEADER)
        officer = self._holder(row.recipient_id, Role.DESK_OFFICER)
        cases.present_delivery(self.task(clerk, row.delivery_id), clerk, leader.person_id)
        cases.direct_delivery(
            self.task(leader, row.delivery_id),
            leader,
            direction="Giao phòng chuyên môn chủ trì, tham mưu thực hiện đúng nội dung, thời hạn.",
            handler_id=officer.person_id,
        )
        with self.house.start_reading() as work:
            (given,) = work.assignments.list_on_source(SourceKind.DELIVERY, row.delivery_id)
        cases.accept_assignment(given.id, officer)
        if finish:
            said = "Đã triển khai thực hiện và báo cáo lãnh đạo."
            cases.report_completion(given.id, officer, said)
            cases.confirm_completion(given.id, leader)

    def _clerk(self, agency_id: AgencyId) -> Actor:
        return self._holder(agency_id, Role.CLERK)

    def _holder(self, agency_id: AgencyId, role: Role) -> Actor:
        key = f"{agency_id}:{role}"
        if key not in self.actors:
            today = local(self.house.clock.now()).date()
            with self.house.start_reading() as work:
                post = work.organisation.list_posts(agency_id, today, role=role)[0]
            self.actors[key] = self.house.use_cases.identify.by_person(post.person_id)
        return self.actors[key]


def run_demo(settings: Settings, scenes: Sequence[Scene] = DEMO_SCENES) -> DemoOutcome:
    """Create the city on an empty directory, then act every scene to its end.

    A second run on the same directory goes on with the same registers.

    Raises:
        StoreUnavailableError: background work did not finish in time.
    """
    started = time.monotonic()
    house = _demo_house(settings)
    house.jobs.start()
    try:
        cast = Cast(house=house)
        with progress_bar("Diễn các văn bản / acting the documents") as progress:
            acted = list(_act(cast, scenes, progress))
        with house.start_reading() as work:
            certificates = work.certificates.count()
        documents = [_outcome(house, document_id) for document_id in acted]
    finally:
        house.jobs.stop()
        house.close()
    return DemoOutcome(
        settings=settings,
        documents=documents,
        certificates=certificates,
        trust_root=house.trust_root_path,
        seconds=time.monotonic() - started,
    )


def _demo_house(settings: Settings) -> House:
    if settings.is_installed():
        return open_house(settings)
    return install(settings, shipped_tables(people=True), password=DEMO_PASSWORD, pin=DEMO_PIN)


def _act(cast: Cast, scenes: Sequence[Scene], progress: object) -> Iterator[DocumentId]:
    for done, scene in enumerate(scenes, start=1):
        document_id = cast.issue(scene)
        if not cast.house.jobs.wait_until_idle(JOBS_TIMEOUT_SECONDS):
            raise StoreUnavailableError(f"jobs of {document_id} did not finish")
        cast.receive(scene, document_id)
        if callable(progress):
            progress(scene.agency, done, len(scenes))
        yield document_id


def _outcome(house: House, document_id: DocumentId) -> ActedDocument:
    with house.start_reading() as work:
        document = work.documents.get(document_id)
        board = work.queries.list_board(document_id)
        agency = work.organisation.get_agency(document.agency_id)
    symbol = document.number.symbol if document.number else ""
    content = _read_original(house, document)
    year = document.number.year if document.number else ""
    name = "-".join(re.findall(r"[0-9a-z]+", fold(f"{agency.id} {year} {symbol}")))
    path = house.settings.data_dir / "issued" / f"{name}.pdf"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return ActedDocument(
        kind=document.content.kind,
        symbol=symbol,
        subject=document.content.subject,
        pdf=path,
        report=house.judge.verify(content),
        board=board,
    )


def _read_original(house: House, document: Document) -> bytes:
    drafter = house.use_cases.identify.by_person(document.drafter_id)
    return house.use_cases.read_pdf(document.id, drafter)[1]
