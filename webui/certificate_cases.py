"""Join the use cases of certificates, so that the frame of the house stays readable."""

from dataclasses import dataclass

from engine.clock import Clock
from engine.model.keys import KeyHome
from engine.ports import StartWork
from engine.ports_keys import KeyMaker
from engine.ports_signing import CertificateAuthority
from workflows.certificates.allow_application import AllowApplication
from workflows.certificates.approve_application import ApproveApplication
from workflows.certificates.collect_certificate import CollectCertificate
from workflows.certificates.end_post import EndPost
from workflows.certificates.refuse_application import RefuseApplication
from workflows.certificates.release_pin import ReleasePin
from workflows.certificates.request_certificate import RequestCertificate
from workflows.certificates.set_thresholds import SetThresholds
from workflows.certificates.settle_suspension import SettleSuspension
from workflows.certificates.suspend_certificate import SuspendCertificate
from workflows.certificates.view_certificates import ViewCertificates
from workflows.certificates.withdraw_application import WithdrawApplication


@dataclass(frozen=True, kw_only=True)
class CertificateCases:
    """Hold every use case of certificates, ready to call."""

    view: ViewCertificates
    request: RequestCertificate
    approve: ApproveApplication
    allow: AllowApplication
    refuse: RefuseApplication
    withdraw: WithdrawApplication
    collect: CollectCertificate
    suspend: SuspendCertificate
    settle: SettleSuspension
    release_pin: ReleasePin
    end_post: EndPost
    set_thresholds: SetThresholds


def certificate_cases(
    *,
    start_work: StartWork,
    start_reading: StartWork,
    clock: Clock,
    authority: CertificateAuthority,
    keys: KeyMaker,
    homes: frozenset[KeyHome],
) -> CertificateCases:
    """Return the use cases on one installation."""
    return CertificateCases(
        view=ViewCertificates(start_reading=start_reading, clock=clock),
        request=RequestCertificate(start_work=start_work, clock=clock),
        approve=ApproveApplication(start_work=start_work, clock=clock),
        allow=AllowApplication(start_work=start_work, clock=clock, homes=homes),
        refuse=RefuseApplication(start_work=start_work, clock=clock),
        withdraw=WithdrawApplication(start_work=start_work, clock=clock),
        collect=CollectCertificate(
            start_work=start_work, clock=clock, authority=authority, keys=keys
        ),
        suspend=SuspendCertificate(start_work=start_work, clock=clock, authority=authority),
        settle=SettleSuspension(start_work=start_work, clock=clock, authority=authority),
        release_pin=ReleasePin(start_work=start_work, clock=clock),
        end_post=EndPost(start_work=start_work, clock=clock, authority=authority),
        set_thresholds=SetThresholds(start_work=start_work, clock=clock),
    )
