"""Join everything: the only module that knows the adapters."""

import functools
import logging
import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from engine.assignment_flow import FollowUp
from engine.calendar.working_time import load_calendar
from engine.clock import Clock, SystemClock
from engine.errors import ErrorCode, NotFoundError
from engine.layout.manifest import TypstManifests
from engine.layout.marks import TypstMarks
from engine.layout.render import TypstLayout
from engine.layout.stamps import render_seal, render_signature
from engine.layout.typesetter import FONT_FOLDER
from engine.markable import MarkTrial
from engine.model.keys import KeyHome
from engine.model.organisation import Agency
from engine.model.trust import ImportedTrust
from engine.originals import OriginalReader
from engine.pin_guard import PinGuard
from engine.ports import FileJudge, JobRunner, ObjectStore, StartWork
from engine.ports_pdf import PdfSigner
from engine.ports_services import PublicServices
from engine.ports_signing import Verifier
from engine.ports_trust import ReadTrust
from engine.process.definitions import DefinitionCache
from engine.process.deployment import lint_files
from engine.process.model import DefinitionSource, Procedure
from engine.process.runtime import Processes
from engine.process.steps import EnqueueJob
from engine.process.store import ProcessStore
from signing import ocsp_client, tsa_client
from signing.authority import AuthorityFiles, LocalCertificateAuthority
from signing.certificates import PublicAddresses
from signing.fields import FormStyle
from signing.foreign import ForeignFiles
from signing.keys.client import ClientKeys
from signing.keys.maker import HouseKeyMaker
from signing.keys.remote import RemoteKeys, RemoteService
from signing.keys.router import HouseKeys
from signing.keys.software import SoftwareKeys
from signing.keys.store import KeyStore
from signing.keys.token import TokenKeys, TokenModule
from signing.marking import PyHankoPageReader
from signing.normalising.sandbox import SandboxedIntake
from signing.ocsp import OcspResponder
from signing.outbound import Outbound
from signing.policy import SigningGate
from signing.preservation import PyHankoPreserver, house_timestamper
from signing.signer import PyHankoPdfSigner
from signing.timestamps import LocalTimeStamper
from signing.tsa import Rfc3161Service
from signing.verification.sandbox import Limits, SandboxedVerifier
from signing.verification.verifier import PyHankoVerifier
from storage.database import Database
from storage.jobs import DbosJobRunner, RunnerSettings
from storage.objects import LocalObjectStore
from storage.schema import upgrade
from webui.authority_cases import AuthorityCases, authority_cases
from webui.background import Background
from webui.batch_runner import BatchRunner
from webui.certificate_cases import CertificateCases, certificate_cases
from webui.mail_texts import HouseMailWriter
from webui.mailing import mailer_of
from webui.meeting_cases import MeetingCases, meeting_cases, meeting_jobs
from webui.notice_cases import NoticeCases, notice_cases
from webui.passwords import Argon2PasswordHasher
from webui.report_cases import ReportCases, report_cases
from webui.schedule_cases import ScheduleCases, schedule_cases
from webui.settings import Settings
from workflows.access.identify import Identify
from workflows.access.sign_in import SignIn
from workflows.access.sign_out import SignOut
from workflows.administration.deploy_definition import DeployDefinition
from workflows.administration.migrate_instances import MigrateInstances
from workflows.administration.note_incident import NoteIncident
from workflows.administration.retry_incident import RetryIncident
from workflows.administration.run_due import RunDue
from workflows.archive.archive_now import ArchiveNow
from workflows.archive.complete_stamps import CompleteStamps
from workflows.archive.plan_preservation import PlanPreservation
from workflows.archive.preserve_original import PreserveOriginal
from workflows.batch.begin_batch import BeginBatch
from workflows.batch.end_batch import EndBatch
from workflows.batch.manifest import ManifestWriter
from workflows.batch.run_batch import RunBatch
from workflows.batch.settle_batches import SettleBatches
from workflows.batch.view_batch import ViewBatch
from workflows.boards.sight import Sight
from workflows.boards.view_board import ViewBoard
from workflows.boards.view_today import ViewToday
from workflows.certificates.leavers import StopLeavers
from workflows.certificates.procedure import CERTIFICATE, SUSPENSION
from workflows.copying.amend_copy import AmendCopy, WithdrawCopy
from workflows.copying.certify_copy import CertifyCopy
from workflows.copying.decide_copy import ApproveCopy, ReturnCopy
from workflows.copying.procedure import PROCEDURE as COPYING
from workflows.copying.request_copy import RequestCopy
from workflows.copying.view_copies import ViewCopies
from workflows.direction.accept_assignment import AcceptAssignment
from workflows.direction.ask_extension import AskExtension
from workflows.direction.cancel_assignment import CancelAssignment
from workflows.direction.confirm_completion import ConfirmCompletion
from workflows.direction.contribute import Contribute
from workflows.direction.decide_extension import DecideExtension
from workflows.direction.draft_urging import DraftUrging
from workflows.direction.follow_up import RemindOfAssignment
from workflows.direction.give_assignment import GiveAssignment
from workflows.direction.procedure import COOPERATION, DIRECTION, EXTENSION, FOLLOW_UP
from workflows.direction.reassign import Reassign
from workflows.direction.reopen_assignment import ReopenAssignment
from workflows.direction.report_completion import ReportCompletion
from workflows.direction.report_progress import ReportProgress
from workflows.direction.return_assignment import ReturnAssignment
from workflows.direction.view_assignment import ViewAssignment
from workflows.direction.view_chain import ViewChain
from workflows.incoming.begin_handling import BeginHandling
from workflows.incoming.direct_delivery import DirectDelivery
from workflows.incoming.enclosures import EnclosureJudge
from workflows.incoming.handle_delivery import HandleDelivery
from workflows.incoming.present_delivery import PresentDelivery
from workflows.incoming.procedure import PROCEDURE as INCOMING
from workflows.incoming.receive_document import ReceiveDocument
from workflows.incoming.refuse_delivery import RefuseDelivery
from workflows.incoming.register_delivery import RegisterDelivery
from workflows.incoming.return_delivery import ReturnDelivery
from workflows.meeting.procedure import INVITATION
from workflows.meeting.procedure import PROCEDURE as MEETING
from workflows.notices.forget_notices import ForgetNotices
from workflows.notices.send_mails import SendMails
from workflows.notices.tell_expiring import TellExpiring
from workflows.opinion.procedure import PROCEDURE as OPINION
from workflows.organisation.import_certificate import ImportCertificate
from workflows.organisation.import_city import ImportCity
from workflows.organisation.import_crl import ImportCrl, RefreshImportedLists
from workflows.organisation.import_trust_anchor import EndTrust, ImportTrustAnchor
from workflows.organisation.issue_certificates import IssueCertificates
from workflows.organisation.publish_revocations import RefreshRevocations, publish_revocations
from workflows.organisation.retry_job import RetryJob
from workflows.organisation.revoke_certificate import RevokeCertificate
from workflows.outgoing.add_attachment import AddAttachment
from workflows.outgoing.arrange_attachments import MoveAttachment, RemoveAttachment
from workflows.outgoing.begin_deferred import BeginDeferred
from workflows.outgoing.cancel_document import CancelDocument
from workflows.outgoing.ceremonies import Ceremonies
from workflows.outgoing.change_signatory import ChangeSignatory
from workflows.outgoing.check_form import CheckForm
from workflows.outgoing.complete_deferred import CancelDeferred, CompleteDeferred
from workflows.outgoing.create_draft import CreateDraft
from workflows.outgoing.dispatch_document import DispatchDocument
from workflows.outgoing.enclosures import Enclosures
from workflows.outgoing.number_document import NumberDocument
from workflows.outgoing.preview_draft import PreviewDraft
from workflows.outgoing.procedure import PROCEDURE as OUTGOING
from workflows.outgoing.return_document import ReturnDocument
from workflows.outgoing.review_draft import ReviewDraft
from workflows.outgoing.save_draft import SaveDraft
from workflows.outgoing.seal_document import SealDocument
from workflows.outgoing.sign_document import SignDocument
from workflows.outgoing.submit_draft import SubmitDraft
from workflows.outgoing.void_number import VoidNumber
from workflows.outgoing.void_stale_signings import VoidStaleSignings
from workflows.reading.read_archival_copy import ReadArchivalCopy
from workflows.reading.read_attachment import ReadAttachment
from workflows.reading.read_pdf import ReadPdf
from workflows.reading.view_ad_hoc import ViewAdHoc
from workflows.reading.view_document import ViewDelivery, ViewDocument
from workflows.reading.view_hand_over import ViewHandOver
from workflows.schedule.procedure import PROCEDURE as SCHEDULE
from workflows.schedule.remind_units import RemindUnits
from workflows.tasks.ask_opinion import AskOpinion
from workflows.tasks.give_opinion import GiveOpinion
from workflows.tasks.hand_over import HandOver
from workflows.tasks.take_back import TakeBack
from workflows.tasks.withdraw_opinion import WithdrawOpinion
from workflows.verification.verify_file import VerifyFile

_log = logging.getLogger(__name__)

#: A sweep of the command line keeps one child for many files; a web upload gets its own.
_SWEEP_LIMITS = Limits(files_per_child=64)

PROCEDURES: dict[str, Procedure] = {
    each.id: each
    for each in (
        OUTGOING,
        INCOMING,
        OPINION,
        CERTIFICATE,
        SUSPENSION,
        COPYING,
        DIRECTION,
        EXTENSION,
        COOPERATION,
        FOLLOW_UP,
        SCHEDULE,
        MEETING,
        INVITATION,
    )
}


class EvaluationStamps:
    """Draw invented signatures and specimen seals; each is drawn once."""

    @functools.lru_cache(maxsize=2048)  # noqa: B019 the house lives as long as the process
    def signature(self, full_name: str) -> bytes:
        """Return the blue signature of a person."""
        return render_signature(full_name)

    @functools.lru_cache(maxsize=256)  # noqa: B019 the house lives as long as the process
    def seal(self, agency: Agency) -> bytes:
        """Return the red seal of an agency."""
        return render_seal(
            agency.letterhead_parent,
            agency.letterhead_name,
            diameter_mm=agency.seal_diameter_mm,
        )


@dataclass(frozen=True, kw_only=True)
class UseCases:
    """Hold every use case, ready to call."""

    sign_in: SignIn
    sign_out: SignOut
    identify: Identify
    import_city: ImportCity
    issue_certificates: IssueCertificates
    revoke_certificate: RevokeCertificate
    import_trust_anchor: ImportTrustAnchor
    end_trust: EndTrust
    import_crl: ImportCrl
    import_certificate: ImportCertificate
    authority: AuthorityCases
    certificates: CertificateCases
    notices: NoticeCases
    retry_job: RetryJob
    deploy_definition: DeployDefinition
    migrate_instances: MigrateInstances
    retry_incident: RetryIncident
    note_incident: NoteIncident
    create_draft: CreateDraft
    save_draft: SaveDraft
    add_attachment: AddAttachment
    move_attachment: MoveAttachment
    remove_attachment: RemoveAttachment
    read_attachment: ReadAttachment
    request_copy: RequestCopy
    approve_copy: ApproveCopy
    return_copy: ReturnCopy
    amend_copy: AmendCopy
    withdraw_copy: WithdrawCopy
    certify_copy: CertifyCopy
    view_copies: ViewCopies
    schedules: ScheduleCases
    meetings: MeetingCases
    preview_draft: PreviewDraft
    submit_draft: SubmitDraft
    review_draft: ReviewDraft
    check_form: CheckForm
    return_document: ReturnDocument
    sign_document: SignDocument
    change_signatory: ChangeSignatory
    begin_batch: BeginBatch
    run_batch: RunBatch
    end_batch: EndBatch
    view_batch: ViewBatch
    number_document: NumberDocument
    seal_document: SealDocument
    begin_deferred: BeginDeferred
    complete_deferred: CompleteDeferred
    cancel_deferred: CancelDeferred
    void_number: VoidNumber
    cancel_document: CancelDocument
    register_delivery: RegisterDelivery
    refuse_delivery: RefuseDelivery
    present_delivery: PresentDelivery
    direct_delivery: DirectDelivery
    begin_handling: BeginHandling
    handle_delivery: HandleDelivery
    return_delivery: ReturnDelivery
    give_assignment: GiveAssignment
    accept_assignment: AcceptAssignment
    return_assignment: ReturnAssignment
    report_progress: ReportProgress
    report_completion: ReportCompletion
    confirm_completion: ConfirmCompletion
    reopen_assignment: ReopenAssignment
    cancel_assignment: CancelAssignment
    reassign: Reassign
    ask_extension: AskExtension
    decide_extension: DecideExtension
    contribute: Contribute
    draft_urging: DraftUrging
    view_assignment: ViewAssignment
    view_chain: ViewChain
    ask_opinion: AskOpinion
    give_opinion: GiveOpinion
    withdraw_opinion: WithdrawOpinion
    hand_over: HandOver
    take_back: TakeBack
    view_ad_hoc: ViewAdHoc
    view_hand_over: ViewHandOver
    view_document: ViewDocument
    reports: ReportCases
    view_delivery: ViewDelivery
    read_pdf: ReadPdf
    read_archival_copy: ReadArchivalCopy
    archive_now: ArchiveNow
    view_board: ViewBoard
    view_today: ViewToday
    verify_file: VerifyFile


@dataclass(frozen=True, kw_only=True)
class House:
    """Hold one running installation.

    Args:
        judge: verifies files nobody trusts, in a limited child process.
        jobs: runs background work in this process once started.
        batches: signs batches in threads of this process.
        web_secret: signs cookies; random, kept in the data directory.
    """

    settings: Settings
    clock: Clock
    use_cases: UseCases
    start_work: StartWork
    start_reading: StartWork
    judge: FileJudge
    jobs: JobRunner
    batches: BatchRunner
    services: PublicServices
    trust_root_path: Path
    web_secret: str = field(repr=False)
    close: Callable[[], None] = field(repr=False)


def open_house(
    settings: Settings,
    *,
    clock: Clock | None = None,
    create: bool = False,
    timestamper: LocalTimeStamper | None = None,
) -> House:
    """Open the installation in `settings.data_dir`.

    Args:
        create: make an empty database and a certificate authority first.
        timestamper: asked instead of the authority of the settings.

    Raises:
        NotFoundError: code INSTALLATION_MISSING; nothing lives here.
        InvalidInputError: a shipped procedure breaks the rules.
    """
    if not create:
        _check_installed(settings)
    # Password hashes, drafts and keys live here: nobody else on the machine may look.
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    clock = clock or SystemClock()
    definitions = DefinitionCache()
    calendar = load_calendar(*settings.calendar_paths())

    def processes(store: ProcessStore, enqueue: EnqueueJob) -> Processes:
        return Processes(
            store=store,
            procedures=PROCEDURES,
            definitions=definitions,
            calendar=calendar,
            enqueue=enqueue,
        )

    authority = LocalCertificateAuthority(
        settings.pki_dir, clock, PublicAddresses(base=settings.public_url)
    )
    if create:
        authority.create(name=settings.name)
    database = Database(settings.database_path, processes)
    upgrade(database.writing)
    _release_procedures(database, clock)
    # An installation that was switched off for a week must sign and verify again at once.
    if authority.is_crl_stale(clock.now()):
        publish_revocations(database.start_work, authority, clock)
    authority.renew_services(clock.now())
    return _joined(settings, clock, database, authority, timestamper)


def _release_procedures(database: Database, clock: Clock) -> None:
    """Add what this release ships; a file that has changed is a new version."""
    now = clock.now()
    with database.start_work() as work:
        for procedure_id in PROCEDURES:
            work.processes.deployment.release(procedure_id, now)
            _check_in_force(work.processes, procedure_id)
        work.commit()


def _check_in_force(processes: Processes, procedure_id: str) -> None:
    """Hold somebody's own version against this release, which may demand what it lacks.

    It stays in force: documents are running on it. Its page shows the same findings.
    """
    digest = processes.store.find_current_digest(procedure_id)
    stored = processes.store.find_definition(digest) if digest else None
    if stored is None or stored.source is DefinitionSource.RELEASE:
        return
    for finding in lint_files(stored.xml, stored.dmn, PROCEDURES):
        _log.error("%s version %d no longer fits: %s", procedure_id, stored.number, finding)


def _joined(
    settings: Settings,
    clock: Clock,
    database: Database,
    authority: LocalCertificateAuthority,
    timestamper: LocalTimeStamper | None = None,
) -> House:
    start_work, start_reading = database.start_work, database.start_reading
    originals = LocalObjectStore(settings.originals_dir)
    read_trust = _trust_reader(start_reading)
    asked = timestamper or _timestamper(settings, clock, read_trust)
    signer = PyHankoPdfSigner(
        directory=settings.pki_dir,
        clock=clock,
        timestamper=asked,
        gate=_gate(settings, read_trust, clock),
        style=FormStyle(
            regular=FONT_FOLDER / "Tinos_400Regular.ttf",
            italic=FONT_FOLDER / "Tinos_400Regular_Italic.ttf",
        ),
    )
    trust = _own_trust(settings, clock, read_trust)
    foreign = ForeignFiles(AuthorityFiles(directory=settings.pki_dir), settings.pki_hosts)
    verifier = PyHankoVerifier(**trust)
    judge = SandboxedVerifier(**trust)
    layout = TypstLayout()
    stamps = EvaluationStamps()
    hasher = Argon2PasswordHasher()
    writing: _Writing = {"start_work": start_work, "clock": clock}
    reader = OriginalReader(**writing, originals=originals)
    sealing: _Sealing = {
        "read_original": reader,
        "originals": originals,
        "signer": signer,
        "verifier": verifier,
    }
    marks, pages, intake = TypstMarks(), PyHankoPageReader(), SandboxedIntake()
    try_mark = MarkTrial(pages=pages, marks=marks, signer=signer)
    keys = _keys(settings)
    ceremony: _Ceremony = {
        "ceremonies": Ceremonies(
            **writing,
            **sealing,
            stamps=stamps,
            stamp_grace=settings.timestamp_grace,
            enclosures=Enclosures(
                **sealing,
                start_reading=start_reading,
                clock=clock,
                marks=marks,
                pages=pages,
            ),
        ),
        "pins": PinGuard(**writing, keys=keys),
        "signer": signer,
    }
    manifests = ManifestWriter(
        layout=TypstManifests(),
        stamps=stamps,
        signer=signer,
        verifier=verifier,
        originals=originals,
    )
    mailer = mailer_of(settings.mail_server)
    use_cases = UseCases(
        sign_in=SignIn(**writing, start_reading=start_reading, hasher=hasher),
        sign_out=SignOut(**writing),
        identify=Identify(**writing, start_reading=start_reading),
        import_city=ImportCity(**writing, hasher=hasher),
        issue_certificates=IssueCertificates(**writing, authority=authority),
        revoke_certificate=RevokeCertificate(**writing, authority=authority),
        import_trust_anchor=ImportTrustAnchor(**writing, files=foreign),
        end_trust=EndTrust(**writing),
        import_crl=ImportCrl(**writing, files=foreign),
        import_certificate=ImportCertificate(**writing, files=foreign),
        authority=authority_cases(**writing, start_reading=start_reading),
        certificates=certificate_cases(
            **writing,
            start_reading=start_reading,
            authority=authority,
            keys=_key_maker(settings),
            homes=_key_homes(settings),
        ),
        notices=notice_cases(**writing, start_reading=start_reading, mailer=mailer),
        retry_job=RetryJob(**writing),
        deploy_definition=DeployDefinition(**writing),
        migrate_instances=MigrateInstances(**writing, start_reading=start_reading),
        retry_incident=RetryIncident(**writing),
        note_incident=NoteIncident(**writing),
        create_draft=CreateDraft(**writing),
        save_draft=SaveDraft(**writing),
        add_attachment=AddAttachment(
            **writing,
            start_reading=start_reading,
            intake=intake,
            judge=judge,
            try_mark=try_mark,
            originals=originals,
        ),
        move_attachment=MoveAttachment(**writing),
        remove_attachment=RemoveAttachment(**writing),
        read_attachment=ReadAttachment(start_reading=start_reading, read_original=reader),
        request_copy=RequestCopy(
            **writing,
            start_reading=start_reading,
            intake=intake,
            try_mark=try_mark,
            originals=originals,
        ),
        approve_copy=ApproveCopy(**writing),
        return_copy=ReturnCopy(**writing),
        amend_copy=AmendCopy(
            **writing,
            intake=intake,
            try_mark=try_mark,
            originals=originals,
        ),
        withdraw_copy=WithdrawCopy(**writing),
        certify_copy=CertifyCopy(
            **writing,
            **sealing,
            pins=ceremony["pins"],
            marks=marks,
            pages=pages,
            stamp_grace=settings.timestamp_grace,
        ),
        view_copies=ViewCopies(start_reading=start_reading, read_original=reader, clock=clock),
        meetings=meeting_cases(
            **writing,
            start_reading=start_reading,
            read_original=reader,
            originals=originals,
            intake=intake,
        ),
        schedules=schedule_cases(
            **writing,
            **sealing,
            start_reading=start_reading,
            judge=judge,
            pins=ceremony["pins"],
            marks=marks,
            pages=pages,
            stamp_grace=settings.timestamp_grace,
        ),
        preview_draft=PreviewDraft(start_reading=start_reading, layout=layout, clock=clock),
        submit_draft=SubmitDraft(
            **writing,
            start_reading=start_reading,
            layout=layout,
            signer=signer,
            originals=originals,
        ),
        review_draft=ReviewDraft(**writing),
        check_form=CheckForm(**writing),
        return_document=ReturnDocument(**writing),
        sign_document=SignDocument(**ceremony),
        change_signatory=ChangeSignatory(
            **writing,
            start_reading=start_reading,
            layout=layout,
            signer=signer,
            originals=originals,
        ),
        begin_batch=BeginBatch(**writing, keys=keys),
        run_batch=RunBatch(**writing, **ceremony, manifests=manifests),
        end_batch=EndBatch(**writing),
        view_batch=ViewBatch(start_reading=start_reading, originals=originals, clock=clock),
        number_document=NumberDocument(**writing, **sealing),
        seal_document=SealDocument(**ceremony),
        begin_deferred=BeginDeferred(
            **writing, ceremonies=ceremony["ceremonies"], signer=signer, originals=originals
        ),
        complete_deferred=CompleteDeferred(
            **writing, ceremonies=ceremony["ceremonies"], signer=signer, read_original=reader
        ),
        cancel_deferred=CancelDeferred(**writing),
        void_number=VoidNumber(**writing),
        cancel_document=CancelDocument(**writing),
        register_delivery=RegisterDelivery(
            **writing, start_reading=start_reading, read_original=reader
        ),
        refuse_delivery=RefuseDelivery(**writing),
        present_delivery=PresentDelivery(**writing),
        direct_delivery=DirectDelivery(**writing),
        begin_handling=BeginHandling(**writing),
        handle_delivery=HandleDelivery(**writing),
        return_delivery=ReturnDelivery(**writing),
        give_assignment=GiveAssignment(**writing),
        accept_assignment=AcceptAssignment(**writing),
        return_assignment=ReturnAssignment(**writing),
        report_progress=ReportProgress(**writing),
        report_completion=ReportCompletion(**writing),
        confirm_completion=ConfirmCompletion(**writing),
        reopen_assignment=ReopenAssignment(**writing),
        cancel_assignment=CancelAssignment(**writing),
        reassign=Reassign(**writing),
        ask_extension=AskExtension(**writing),
        decide_extension=DecideExtension(**writing),
        contribute=Contribute(**writing),
        draft_urging=DraftUrging(**writing),
        view_assignment=ViewAssignment(start_reading=start_reading, clock=clock),
        view_chain=ViewChain(start_reading=start_reading, clock=clock),
        ask_opinion=AskOpinion(**writing),
        give_opinion=GiveOpinion(**writing),
        withdraw_opinion=WithdrawOpinion(**writing),
        hand_over=HandOver(**writing),
        take_back=TakeBack(**writing),
        view_ad_hoc=ViewAdHoc(start_reading=start_reading, clock=clock),
        view_hand_over=ViewHandOver(start_reading=start_reading, clock=clock),
        view_document=ViewDocument(start_reading=start_reading, clock=clock),
        reports=report_cases(start_work, start_reading, clock, settings.city_agencies),
        view_delivery=ViewDelivery(start_reading=start_reading),
        read_pdf=ReadPdf(start_reading=start_reading, read_original=reader),
        read_archival_copy=ReadArchivalCopy(start_reading=start_reading, read_original=reader),
        archive_now=ArchiveNow(**writing, plan=settings.preservation),
        view_board=ViewBoard(
            start_reading=start_reading,
            clock=clock,
            sight=Sight(city_agencies=settings.city_agencies),
        ),
        view_today=ViewToday(start_reading=start_reading, clock=clock),
        verify_file=VerifyFile(**writing, judge=judge),
    )
    preserver = PyHankoPreserver(
        trust_roots=trust["trust_roots"],
        crls=trust["crls"],
        read_trust=read_trust,
        timestamper=(lambda: asked)
        if asked
        else house_timestamper(
            AuthorityFiles(directory=settings.pki_dir), KeyStore(settings.pki_dir), clock
        ),
    )
    refresh = RefreshRevocations(**writing, authority=authority)
    void_stale = VoidStaleSignings(**writing)
    jobs = DbosJobRunner(
        database,
        {
            "dispatch": DispatchDocument(**writing),
            **meeting_jobs(start_work, clock),
            "receive": ReceiveDocument(
                **writing,
                start_reading=start_reading,
                read_original=reader,
                verifier=verifier,
                judge_enclosures=EnclosureJudge(
                    **writing,
                    start_reading=start_reading,
                    read_original=reader,
                    verifier=verifier,
                    judge=judge,
                ),
            ),
            "send_mails": SendMails(
                **writing, mailer=mailer, writer=HouseMailWriter(base_url=settings.pages_url)
            ),
            "forget_notices": ForgetNotices(**writing, kept=settings.notice_life),
            "remind_units": RemindUnits(**writing),
            **{each.value: RemindOfAssignment(**writing, step=each) for each in FollowUp},
            "tell_expiring": TellExpiring(**writing),
            "refresh_revocations": refresh,
            "stop_leavers": StopLeavers(**writing, authority=authority),
            "refresh_imported_lists": RefreshImportedLists(
                **writing, start_reading=start_reading, files=foreign
            ),
            "void_stale_signings": void_stale,
            "settle_batches": SettleBatches(**writing),
            "complete_stamps": CompleteStamps(
                **writing, ceremonies=ceremony["ceremonies"], preserver=preserver
            ),
            "plan_preservation": PlanPreservation(
                **writing, preserver=preserver, plan=settings.preservation
            ),
            "preserve": PreserveOriginal(
                **writing,
                originals=originals,
                preserver=preserver,
                verifier=verifier,
                plan=settings.preservation,
            ),
        },
        clock,
        RunnerSettings(executor_id=settings.job_executor),
    )
    batches = BatchRunner(use_cases.run_batch)

    def close() -> None:
        batches.stop()
        database.close()

    return House(
        settings=settings,
        clock=clock,
        use_cases=use_cases,
        start_work=start_work,
        start_reading=start_reading,
        judge=judge,
        jobs=Background(jobs, RunDue(**writing, start_reading=start_reading)),
        batches=batches,
        services=_services(settings, clock),
        trust_root_path=authority.trust_root_path,
        web_secret=_web_secret(settings.secret_path),
        close=close,
    )


def judge_for(settings: Settings, trust_roots: Iterable[Path]) -> FileJudge:
    """Return a judge that trusts the given roots, or the installation's own when none is given.

    Revocation lists (`*.crl`) that lie beside a root are used too.

    Raises:
        NotFoundError: code INSTALLATION_MISSING; no root was given and nothing is installed.
        InvalidInputError: a root file holds no certificate.
    """
    clock = SystemClock()
    roots = tuple(trust_roots)
    if not roots:
        # Opening renews a revocation list that has grown stale.
        house = open_house(settings)
        with house.start_reading() as work:
            imported = work.trust.read()
        house.close()
        trust = _own_trust(settings, clock, lambda: imported)
        return SandboxedVerifier(**trust, limits=_SWEEP_LIMITS)
    neighbours = [path for root in roots for path in sorted(root.parent.glob("*.crl"))]
    return SandboxedVerifier(
        trust_roots=[root.read_bytes() for root in roots],
        crls=lambda: [path.read_bytes() for path in neighbours],
        clock=clock,
        limits=_SWEEP_LIMITS,
    )


def _check_installed(settings: Settings) -> None:
    if not settings.is_installed():
        raise NotFoundError(
            f"nothing in {settings.data_dir}",
            code=ErrorCode.INSTALLATION_MISSING,
            path=str(settings.data_dir),
        )


class _Writing(TypedDict):
    start_work: StartWork
    clock: Clock


class _Sealing(TypedDict):
    read_original: OriginalReader
    originals: ObjectStore
    signer: PdfSigner
    verifier: Verifier


class _Ceremony(TypedDict):
    ceremonies: Ceremonies
    pins: PinGuard
    signer: PdfSigner


def _services(settings: Settings, clock: Clock) -> PublicServices:
    files = AuthorityFiles(directory=settings.pki_dir)
    return PublicServices(
        files=files,
        status=OcspResponder(files, KeyStore(settings.pki_dir), clock),
        stamps=Rfc3161Service(settings.pki_dir, clock),
    )


def _keys(settings: Settings) -> HouseKeys:
    remote = None
    if settings.csc_url:
        token_file = settings.csc_token_file or settings.data_dir / "csc-token"
        remote = RemoteService.at(settings.csc_url, token_file)
    return HouseKeys(
        {
            KeyHome.SOFTWARE: SoftwareKeys(KeyStore(settings.pki_dir)),
            KeyHome.TOKEN: TokenKeys(_token_module(settings)),
            KeyHome.CLIENT: ClientKeys(),
            KeyHome.REMOTE: RemoteKeys(remote),
        }
    )


def _key_maker(settings: Settings) -> HouseKeyMaker:
    store, module = KeyStore(settings.pki_dir), _token_module(settings)
    return HouseKeyMaker(store, module, token=settings.pkcs11_token)


def _key_homes(settings: Settings) -> frozenset[KeyHome]:
    """Return where keys can live: on tokens and at a service only where those are configured."""
    homes = {KeyHome.SOFTWARE, KeyHome.CLIENT}
    if settings.pkcs11_module is not None:
        homes.add(KeyHome.TOKEN)
    if settings.csc_url:
        homes.add(KeyHome.REMOTE)
    return frozenset(homes)


def _token_module(settings: Settings) -> TokenModule | None:
    if settings.pkcs11_module is None:
        return None
    return TokenModule(path=settings.pkcs11_module, audit_path=settings.token_audit_path)


class _Trust(TypedDict):
    trust_roots: Sequence[bytes]
    crls: Callable[[], Sequence[bytes]]
    read_trust: ReadTrust
    clock: Clock


def _own_trust(settings: Settings, clock: Clock, read_trust: ReadTrust) -> _Trust:
    files = AuthorityFiles(directory=settings.pki_dir)
    return {
        "trust_roots": ((settings.pki_dir / "root.pem").read_bytes(),),
        "crls": files.crls,
        "read_trust": read_trust,
        "clock": clock,
    }


def _trust_reader(start_reading: StartWork) -> ReadTrust:
    def read() -> ImportedTrust:
        with start_reading() as work:
            return work.trust.read()

    return read


def _gate(settings: Settings, read_trust: ReadTrust, clock: Clock) -> SigningGate:
    outbound = Outbound(
        settings.pki_hosts,
        max_bytes=ocsp_client.MAX_ANSWER_BYTES,
        timeout_seconds=ocsp_client.TIMEOUT_SECONDS,
    )
    return SigningGate(
        AuthorityFiles(directory=settings.pki_dir),
        read_trust=read_trust,
        status=ocsp_client.OcspClient(outbound) if settings.pki_hosts else None,
        clock=clock,
    )


def _timestamper(
    settings: Settings, clock: Clock, read_trust: ReadTrust
) -> tsa_client.HttpTimeStamper | None:
    if not settings.tsa_url:
        return None
    files = AuthorityFiles(directory=settings.pki_dir)
    return tsa_client.HttpTimeStamper.at(
        settings.tsa_url,
        read_trust=lambda: tsa_client.stamp_trust(files, read_trust()),
        clock=clock,
    )


def _web_secret(path: Path) -> str:
    if not path.exists():
        # O_EXCL: of two processes that start at once one writes, the other reads.
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="ascii")
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii")
