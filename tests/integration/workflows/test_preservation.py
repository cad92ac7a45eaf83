"""Originals on their way to long-term storage, by the jobs and by hand, as time passes."""

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.errors import ConflictError, ErrorCode, NotFoundError, NotPermittedError
from engine.model.document import DocumentId
from engine.model.organisation import AgencyId
from engine.model.outage import Service
from engine.model.preservation import Preservation, PreservationLevel, PreservationState
from engine.model.verification import Verdict
from signing.authority import AuthorityFiles
from tests.factories.silent_stamper import SilentStamper
from tests.houses import Stage, standing_clock
from webui.bootstrap import open_house
from webui.settings import Settings

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Archive:
    """A house whose nights are told by the test."""

    stage: Stage
    stamper: SilentStamper
    clock: FixedClock

    def pass_time(self, by: timedelta) -> None:
        """Let time pass and do what a night and a sweep do at its end."""
        self.clock.move(by)
        for job in ("refresh_revocations", "plan_preservation"):
            self.run(job)

    def run(self, job: str) -> None:
        with self.stage.house.start_work() as work:
            work.jobs.enqueue(job, f"{job}:{uuid.uuid4()}", {})
            work.commit()
        self.stage.run_jobs()

    def renew_authority(self) -> None:
        """Let the nightly job give the time-stamp authority its next certificate."""
        pki_dir = self.stage.house.settings.pki_dir
        before = AuthorityFiles(directory=pki_dir).certificate("tsa")
        self.run("refresh_revocations")
        assert AuthorityFiles(directory=pki_dir).certificate("tsa") != before
        self.stamper.__init__(pki_dir, self.clock)  # type: ignore[misc]

    def row(self, document_id: DocumentId) -> Preservation:
        with self.stage.house.start_reading() as work:
            return work.preservations.get(document_id)

    def issued(self, **changes: object) -> DocumentId:
        document_id = self.stage.issue(**changes)
        self.stage.run_jobs()
        self.run("plan_preservation")
        return document_id

    def copy(self, document_id: DocumentId, login: str = "snv.vanthu") -> bytes:
        read = self.stage.house.use_cases.read_archival_copy
        return read(document_id, self.stage.actor(login))[1]

    def archive_now(self, document_id: DocumentId, login: str = "snv.vanthu") -> None:
        self.stage.house.use_cases.archive_now(document_id, self.stage.actor(login))
        self.stage.run_jobs()

    def audited(self, document_id: DocumentId) -> list[str]:
        with self.stage.house.start_reading() as work:
            return [leaf.event.value for leaf in work.audit.list_group(document_id)]


@pytest.fixture
def archive(installation: Path, tmp_path: Path) -> Iterator[Archive]:
    data_dir = tmp_path / "archive"
    shutil.copytree(installation, data_dir)
    settings = Settings(data_dir=data_dir)
    clock = standing_clock()
    stamper = SilentStamper(settings.pki_dir, clock)
    house = open_house(settings, clock=clock, timestamper=stamper)
    yield Archive(Stage(house), stamper, clock)
    house.close()


def test_plan_preservation_plans_each_original_once(archive: Archive) -> None:
    document_id = archive.issued()
    first = archive.row(document_id)
    archive.run("plan_preservation")

    assert archive.row(document_id) == first
    assert first.level is PreservationLevel.STAMPED
    assert first.original == archive.stage.document(document_id).original_digest()
    assert first.due_at == first.sealed_at + DAY
    with pytest.raises(NotFoundError) as caught:
        archive.copy(document_id)
    assert caught.value.code is ErrorCode.PRESERVATION_NOT_FOUND


def test_preserve_makes_b_lt_after_the_grace_and_leaves_the_original_alone(
    archive: Archive,
) -> None:
    document_id = archive.issued()
    archive.pass_time(25 * HOUR)

    row = archive.row(document_id)
    _digest, original = archive.stage.house.use_cases.read_pdf(
        document_id, archive.stage.actor("snv.vanthu")
    )
    copy = archive.copy(document_id)
    assert (row.level, row.state) == (PreservationLevel.EVIDENCED, PreservationState.DUE_LATER)
    assert row.evidence_at == archive.clock.now()
    assert copy.startswith(original)
    assert len(copy) > len(original)
    assert archive.stage.document(document_id).original_digest() == row.original
    report = archive.stage.house.judge.verify(copy)
    assert (report.verdict, report.reason) == (Verdict.PASSED, None)
    assert [entry.level for entry in report.signatures] == ["B-LT", "B-LT"]


def test_preserve_archives_when_its_time_has_come(archive: Archive) -> None:
    document_id = archive.issued()
    archive.pass_time(25 * HOUR)
    before = archive.copy(document_id)
    archive.pass_time(29 * DAY)

    row = archive.row(document_id)
    assert row.level is PreservationLevel.ARCHIVED
    assert row.renew_by is not None
    assert row.due_at == row.renew_by - timedelta(days=365)
    assert archive.copy(document_id).startswith(before)
    assert archive.audited(document_id).count("archive.evidence.complete") == 1
    assert archive.audited(document_id).count("archive.stamp.complete") == 1


def test_preserve_does_nothing_when_it_runs_again(archive: Archive) -> None:
    document_id = archive.issued()
    archive.pass_time(25 * HOUR)
    row = archive.row(document_id)
    with archive.stage.house.start_work() as work:
        work.jobs.enqueue("preserve", "again", {"document_id": document_id, "goal": "due"})
        work.commit()
    archive.stage.run_jobs()

    assert archive.row(document_id) == row


def test_preserve_waits_in_sight_when_the_revocation_lists_are_too_old(archive: Archive) -> None:
    document_id = archive.issued()
    archive.archive_now(document_id)

    row = archive.row(document_id)
    assert (row.state, row.reason) == (
        PreservationState.TRY_LATER,
        ErrorCode.EVIDENCE_TOO_OLD,
    )
    assert row.level is PreservationLevel.STAMPED
    with archive.stage.house.start_reading() as work:
        shown = work.preservations.list_rows(states=[PreservationState.TRY_LATER])
    assert [each.preservation.document_id for each in shown] == [document_id]


def test_archive_now_goes_straight_to_b_lta(archive: Archive) -> None:
    document_id = archive.issued()
    archive.clock.move(HOUR)
    archive.run("refresh_revocations")
    archive.archive_now(document_id)

    row = archive.row(document_id)
    report = archive.stage.house.judge.verify(archive.copy(document_id))
    assert row.level is PreservationLevel.ARCHIVED, row.reason
    assert report.verdict is Verdict.PASSED


def test_archive_now_is_refused_when_a_stranger_asks(archive: Archive) -> None:
    document_id = archive.issued()
    for login in ("snv.lanhdao", "stc.vanthu"):
        with pytest.raises(NotPermittedError):
            archive.archive_now(document_id, login)


def test_archive_now_is_refused_when_there_is_no_original(archive: Archive) -> None:
    document_id = archive.stage.to_signature()
    with pytest.raises(ConflictError):
        archive.archive_now(document_id)


def test_recipients_may_read_the_archival_copy_and_strangers_may_not(archive: Archive) -> None:
    document_id = archive.issued(recipients=(AgencyId("stc"),))
    archive.pass_time(25 * HOUR)

    assert archive.copy(document_id, "stc.vanthu") == archive.copy(document_id)
    with pytest.raises(NotPermittedError):
        archive.copy(document_id, "syt.vanthu")


def test_preserve_waits_when_the_authority_is_silent_and_archives_when_it_is_back(
    archive: Archive,
) -> None:
    document_id = archive.issued()
    archive.pass_time(25 * HOUR)
    archive.stamper.is_silent = True
    archive.pass_time(29 * DAY)
    row = archive.row(document_id)
    assert (row.state, row.reason) == (
        PreservationState.TRY_LATER,
        ErrorCode.TIMESTAMP_UNAVAILABLE,
    )
    with archive.stage.house.start_reading() as work:
        assert work.outages.find(Service.TIMESTAMP) is not None
    archive.stamper.is_silent = False

    archive.pass_time(2 * HOUR)

    assert archive.row(document_id).level is PreservationLevel.ARCHIVED


def test_preserve_lists_the_renewal_when_the_authority_still_has_its_old_certificate(
    archive: Archive,
) -> None:
    document_id = archive.issued()
    archive.pass_time(31 * DAY)
    archive.pass_time(HOUR)
    row = archive.row(document_id)
    assert row.level is PreservationLevel.ARCHIVED
    assert row.renew_by is not None
    archive.pass_time(row.renew_by - timedelta(days=364) - archive.clock.now())

    after = archive.row(document_id)
    assert (after.state, after.reason) == (PreservationState.FAILED, ErrorCode.TIMESTAMP_ENDING)
    assert after.copy == row.copy
    assert "archive.step.fail" in archive.audited(document_id)
    with archive.stage.house.start_reading() as work:
        ending = work.preservations.list_rows(ends_before=archive.clock.now() + 730 * DAY)
    assert [each.preservation.document_id for each in ending] == [document_id]


def test_preserve_renews_the_archive_time_stamp_before_its_certificate_ends(
    archive: Archive,
) -> None:
    document_id = archive.issued()
    archive.pass_time(31 * DAY)
    archive.pass_time(HOUR)
    first = archive.row(document_id)
    before = archive.copy(document_id)
    assert first.renew_by is not None
    archive.clock.move(first.renew_by - 300 * DAY - archive.clock.now())
    archive.renew_authority()
    archive.pass_time(HOUR)

    row = archive.row(document_id)
    assert (row.state, row.level) == (PreservationState.DUE_LATER, PreservationLevel.ARCHIVED)
    assert row.renew_by is not None
    assert row.renew_by > first.renew_by + 365 * DAY
    assert archive.copy(document_id).startswith(before)
    assert "archive.renewal.complete" in archive.audited(document_id)
    archive.pass_time(330 * DAY)
    judge = archive.stage.house.judge
    assert judge.verify(archive.copy(document_id)).verdict is Verdict.PASSED
    assert judge.verify(before).verdict is Verdict.INDETERMINATE


def test_preserve_lists_the_original_when_its_bytes_were_changed(archive: Archive) -> None:
    document_id = archive.issued()
    digest = archive.row(document_id).original
    (stored,) = archive.stage.house.settings.originals_dir.rglob(f"*{digest}*")
    stored.chmod(0o600)
    stored.write_bytes(stored.read_bytes() + b" ")
    archive.pass_time(25 * HOUR)

    row = archive.row(document_id)
    assert (row.state, row.reason) == (PreservationState.FAILED, ErrorCode.DIGEST_MISMATCH)
    assert row.copy is None


def test_preserve_lists_the_original_when_its_bytes_are_gone(archive: Archive) -> None:
    document_id = archive.issued()
    digest = archive.row(document_id).original
    (stored,) = archive.stage.house.settings.originals_dir.rglob(f"*{digest}*")
    stored.rename(stored.with_suffix(".away"))
    archive.pass_time(25 * HOUR)

    row = archive.row(document_id)
    assert (row.state, row.reason) == (PreservationState.FAILED, ErrorCode.OBJECT_MISSING)
    with archive.stage.house.start_reading() as work:
        [listed] = work.preservations.list_rows(states=[PreservationState.FAILED])
    assert listed.preservation == row
    assert "archive.step.fail" in archive.audited(document_id)
    stored.with_suffix(".away").rename(stored)
    archive.pass_time(2 * HOUR)
    assert archive.row(document_id).level is PreservationLevel.EVIDENCED


def test_plan_preservation_says_when_the_revocation_lists_are_out_of_date(
    archive: Archive,
) -> None:
    archive.clock.move(8 * DAY)
    archive.run("plan_preservation")
    with archive.stage.house.start_reading() as work:
        assert work.outages.find(Service.REVOCATION) is not None
    archive.run("refresh_revocations")
    archive.run("plan_preservation")
    with archive.stage.house.start_reading() as work:
        assert work.outages.find(Service.REVOCATION) is None


def test_planned_times_are_those_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRINHKY_EVIDENCE_GRACE_HOURS", "2")
    monkeypatch.setenv("TRINHKY_ARCHIVE_AFTER_DAYS", "3")
    monkeypatch.setenv("TRINHKY_TIMESTAMP_GRACE_HOURS", "1")
    settings = Settings(data_dir=Path("nowhere"))
    at = datetime(2026, 1, 1, tzinfo=UTC)

    row = Preservation.planned(DocumentId("d"), "0" * 64, at, settings.preservation)  # type: ignore[arg-type]

    assert settings.timestamp_grace == HOUR
    assert row.due_at == at + 2 * HOUR
    assert row.evidenced(row.original, at, settings.preservation).due_at == at + 3 * DAY
