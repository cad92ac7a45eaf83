"""Build small installations for tests: real rows, real keys, real PDFs, few people."""

import csv
import io
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.clock import Clock, FixedClock
from engine.model.document import Document, DocumentId, DraftContent
from engine.model.kinds import CONG_VAN
from engine.model.organisation import Actor, AgencyId
from engine.process.model import TaskId
from webui.bootstrap import House, open_house
from webui.city import shipped_tables
from webui.install import install
from webui.settings import Settings

PASSWORD = "mat-khau-thu"  # noqa: S105 of the tests' own small city
PIN = "135790"
#: The sender, three recipients, and the city's own committee with its office.
SMALL_CITY = frozenset({"ubnd-tp", "vpub", "snv", "stc", "syt"})
RECIPIENTS = (AgencyId("stc"), AgencyId("syt"), AgencyId("vpub"))


def small_tables(agencies: frozenset[str] = SMALL_CITY) -> Mapping[str, bytes]:
    """Return the demo city cut down to some agencies and the people who hold posts there."""
    tables = shipped_tables(people=True)
    rows = {name: _rows(content) for name, content in tables.items()}
    rows["agencies"] = [row for row in rows["agencies"] if row["id"] in agencies]
    for name in ("units", "posts", "fields", "authority"):
        rows[name] = [row for row in rows[name] if row["agency"] in agencies]
    rows["posts"] = _few(rows["posts"])
    posts = {row["id"] for row in rows["posts"]}
    holders = {row["person"] for row in rows["posts"]}
    rows["authority"] = [row for row in rows["authority"] if row["post"] in posts]
    rows["people"] = [row for row in rows["people"] if row["id"] in holders]
    return {name: _csv(content) for name, content in rows.items()}


def person_id(login: str) -> str:
    """Return the id of the demo city's person who signs in as `login`."""
    people = _rows(shipped_tables(people=True)["people"])
    return next(row["id"] for row in people if row["login"] == login)


def _few(posts: list[dict[str, str]]) -> list[dict[str, str]]:
    """Keep at most two holders of each role in a unit."""
    seen: dict[tuple[str, str, str], int] = {}
    kept = []
    for post in posts:
        key = (post["agency"], post["unit"], post["role"])
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= 2:
            kept.append(post)
    return kept


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def _csv(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def install_small(data_dir: Path, clock: Clock | None = None) -> None:
    """Install the small city in `data_dir`."""
    settings = Settings(data_dir=data_dir)
    house = install(settings, small_tables(), password=PASSWORD, pin=PIN, clock=clock)
    house.close()


def copy_house(template: Path, data_dir: Path, clock: Clock | None = None) -> House:
    """Open a copy of an installation."""
    shutil.copytree(template, data_dir)
    return open_house(Settings(data_dir=data_dir), clock=clock)


def standing_clock() -> FixedClock:
    """Return a clock that stands at the present time."""
    return FixedClock(datetime.now(UTC))  # noqa: TID251 certificates are made today


@dataclass
class Stage:
    """Act on a house by login, the way pages do."""

    house: House

    def actor(self, login: str) -> Actor:
        actor = self.house.use_cases.identify.by_login(login)
        assert actor is not None, login
        return actor

    def task(self, login: str, subject_id: str) -> TaskId:
        with self.house.start_reading() as work:
            tasks = work.queries.list_tasks_on(self.actor(login), subject_id)
        assert len(tasks) == 1, [task.node_id for task in tasks]
        return tasks[0].task_id

    def document(self, document_id: DocumentId) -> Document:
        with self.house.start_reading() as work:
            return work.documents.get(document_id)

    def content(self, **changes: object) -> DraftContent:
        values: dict[str, object] = {
            "kind": CONG_VAN,
            "subject": "báo cáo tình hình sử dụng chữ ký số",
            "body": "Sở Nội vụ đề nghị quý cơ quan báo cáo.\nXin trân trọng cảm ơn./.",
            "recipients": RECIPIENTS,
            "signatory_id": self.actor("snv.lanhdao").person_id,
        }
        return DraftContent(**(values | changes))  # type: ignore[arg-type]

    def draft(self, agency: str = "snv", **changes: object) -> DocumentId:
        content = self.content(**changes)
        drafter = self.actor(f"{agency}.chuyenvien")
        document_id = self.house.use_cases.create_draft(drafter, AgencyId(agency), content.kind)
        self.house.use_cases.save_draft(
            document_id, content, drafter, seen_version=self.document(document_id).version
        )
        return document_id

    def submit(self, document_id: DocumentId, agency: str = "snv") -> None:
        document = self.document(document_id)
        login = f"{agency}.chuyenvien"
        self.house.use_cases.submit_draft(
            self.task(login, document_id),
            document.content,
            self.actor(login),
            seen_version=document.version,
        )

    def review(self, document_id: DocumentId, agency: str = "snv") -> None:
        login = f"{agency}.truongphong"
        self.house.use_cases.review_draft(self.task(login, document_id), self.actor(login))

    def check(self, document_id: DocumentId, agency: str = "snv") -> None:
        login = f"{agency}.vanthu"
        self.house.use_cases.check_form(self.task(login, document_id), self.actor(login))

    def to_signature(self, **changes: object) -> DocumentId:
        document_id = self.draft(**changes)
        self.submit(document_id)
        self.review(document_id)
        self.check(document_id)
        return document_id

    def sign(self, document_id: DocumentId, login: str = "snv.lanhdao", pin: str = PIN) -> None:
        self.house.use_cases.sign_document(self.task(login, document_id), self.actor(login), pin)

    def number(self, document_id: DocumentId, login: str = "snv.vanthu") -> str:
        return self.house.use_cases.number_document(
            self.task(login, document_id), self.actor(login)
        )

    def seal(self, document_id: DocumentId, login: str = "snv.vanthu", pin: str = PIN) -> None:
        self.house.use_cases.seal_document(self.task(login, document_id), self.actor(login), pin)

    def issue(self, **changes: object) -> DocumentId:
        document_id = self.to_signature(**changes)
        self.sign(document_id)
        self.number(document_id)
        self.seal(document_id)
        return document_id

    def run_jobs(self) -> None:
        self.house.jobs.start()
        try:
            assert self.house.jobs.wait_until_idle(120)
        finally:
            self.house.jobs.stop()
