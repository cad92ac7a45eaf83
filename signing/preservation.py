"""Extend signed files by what proves them later: evidence, then archive time-stamps.

Each step is an incremental update: what was there before stays the first bytes of the result.

Source: ETSI EN 319 142-1, clauses 5.4 (DSS, document time-stamp) and 6 (B-LT, B-LTA).
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO

from asn1crypto import cms, crl, x509  # type: ignore[import-untyped]
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import DocumentSecurityStore, EmbeddedPdfSignature
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

from engine.clock import Clock, FixedClock
from engine.errors import ErrorCode, SignerUnavailableError, SigningError
from engine.model.verification import Verdict
from engine.ports_preservation import ArchivedPdf
from engine.ports_signing import DocumentStage
from engine.ports_trust import ReadTrust, nothing_imported
from signing import loop
from signing.authority import AuthorityFiles
from signing.cms import DIGEST
from signing.house_stamps import HouseStamps
from signing.keys.store import KeyStore
from signing.verification.trust import CrlProvider
from signing.verification.verifier import PyHankoVerifier, no_crls
from signing.writer import open_for_update, translated, written

#: Hexadecimal digits set aside for one archive time-stamp: ours need 4,000. What does not fit is
#: asked for again with room for the largest token that is accepted.
RESERVED_DIGITS = (16_384, 131_072)

_TOO_LARGE = "larger than"  # in pyHanko's words

GetTimeStamper = Callable[[], TimeStamper]


def house_timestamper(files: AuthorityFiles, keys: KeyStore, clock: Clock) -> GetTimeStamper:
    """Return what gives the installation's own authority, with its certificate of the day."""
    return HouseStamps(files, keys, clock).current


@dataclass(frozen=True, kw_only=True)
class _Signer:
    """Hold a certificate that signed something in a file.

    Args:
        last_at: the newest time at which it did.
    """

    certificate: x509.Certificate
    last_at: datetime


class PyHankoPreserver:
    """Adapter of `Preserver` that fetches nothing.

    Args:
        trust_roots: PEM bundles of trusted roots.
        crls: gives the house's own current revocation lists in DER.
        read_trust: gives what is imported besides: authorities and their lists.
        timestamper: gives the authority that is asked for archive time-stamps.
    """

    def __init__(
        self,
        *,
        trust_roots: Sequence[bytes],
        crls: CrlProvider,
        timestamper: GetTimeStamper,
        read_trust: ReadTrust = nothing_imported,
    ) -> None:
        self._roots = tuple(trust_roots)
        self._crls = crls
        self._read_trust = read_trust
        self._timestamper = timestamper

    def add_evidence(self, pdf: bytes, *, at: datetime) -> bytes:
        """Return `pdf` with certificates and revocation lists for what proves it.

        That is every signature in it, or once it is archived its newest time-stamp alone: the
        evidence of all others is below that, complete when it was made, and whoever issued
        their certificates need not publish lists for ever.

        Raises:
            SignerUnavailableError: code EVIDENCE_TOO_OLD; a list is from before a signature, or
                out of date at `at`: newer ones must be waited for.
            SigningError: code EVIDENCE_MISSING; there is no list at all for some certificate.
        """
        with translated("evidence"):
            signatures = _to_prove(_signatures(pdf))
            signers = [signer for entry in signatures for signer in _signers(entry)]
            imported = self._read_trust()
            found = _with_issuers(
                [each for entry in signatures for each in _certificates_of(entry)],
                [x509.Certificate.load(each.der) for each in imported.authorities],
            )
            known = [*self._crls(), *(each.der for each in imported.crls)]
            lists = _lists_for(found, [crl.CertificateList.load(der) for der in known], at)
            for signer in signers:
                _check_newer(lists[signer.certificate.issuer.hashable], signer)
            writer = open_for_update(pdf)
            DocumentSecurityStore.supply_dss_in_writer(
                writer, None, certs=found, crls=list(lists.values())
            )
            return written(writer)

    def check_lasts(self, pdf: bytes, *, at: datetime) -> None:
        """Check that `pdf`, time-stamped at `at`, needs nothing from outside ever after.

        A stamp proves signatures and evidence as of its time, so what passes now on its own
        evidence alone passes as long as the stamps are renewed.

        Raises:
            SigningError: code EVIDENCE_INSUFFICIENT.
        """
        without_lists = replace(self._read_trust(), crls=())
        alone = PyHankoVerifier(
            trust_roots=self._roots,
            crls=no_crls,
            read_trust=lambda: without_lists,
            clock=FixedClock(at),
        )
        report = alone.verify(pdf, at=at, stage=DocumentStage.SEALED)
        if report.verdict is not Verdict.PASSED:
            raise SigningError(
                f"alone it is {report.verdict} {report.reason}: {report.message}",
                code=ErrorCode.EVIDENCE_INSUFFICIENT,
            )

    def stamp(self, pdf: bytes) -> ArchivedPdf:
        """Return `pdf` under a new archive time-stamp.

        Raises:
            SignerUnavailableError: code TIMESTAMP_UNAVAILABLE.
        """
        content = self._stamped(pdf, RESERVED_DIGITS[0]) or self._stamped(pdf, RESERVED_DIGITS[1])
        if content is None:
            raise SigningError("an archive time-stamp of more than 64 kB")
        newest = _signatures(content)[-1]
        ends = [each.not_valid_after for each in _certificates_of(newest)]
        return ArchivedPdf(content=content, renew_by=min(ends).astimezone(UTC))

    def _stamped(self, pdf: bytes, digits: int) -> bytes | None:
        """Return `pdf` under a time-stamp, None when that needs more than `digits`.

        Raises:
            SignerUnavailableError: code TIMESTAMP_UNAVAILABLE.
            SigningError: the file cannot be updated.
        """
        output = BytesIO()
        stamper = PdfTimeStamper(self._timestamper_now())
        try:
            with translated("archive time-stamp"):
                loop.run(
                    stamper.async_timestamp_pdf(
                        open_for_update(pdf), DIGEST, bytes_reserved=digits, output=output
                    )
                )
        except SignerUnavailableError as error:
            raise _unavailable(error) from error
        except SigningError as error:
            if _TOO_LARGE not in error.detail:
                raise
            return None
        return output.getvalue()

    def _timestamper_now(self) -> TimeStamper:
        try:
            return self._timestamper()
        except SignerUnavailableError as error:
            raise _unavailable(error) from error

    def answers(self) -> bool:
        """Tell whether the time-stamp authority gives time-stamps now."""
        digest = secrets.token_bytes(32)
        try:
            with translated("probe"):
                loop.run(self._timestamper().async_timestamp(digest, DIGEST))
        except SigningError:
            return False
        return True

    def has_current_lists(self, at: datetime) -> bool:
        """Tell whether every revocation list of the house's own is in its time at `at`."""
        try:
            lists = [crl.CertificateList.load(der) for der in self._crls()]
            return all(_is_current(each, at) for each in lists)
        except (SignerUnavailableError, ValueError):
            return False


def _unavailable(error: SignerUnavailableError) -> SignerUnavailableError:
    return SignerUnavailableError(error.detail, code=ErrorCode.TIMESTAMP_UNAVAILABLE)


def _signatures(pdf: bytes) -> list[EmbeddedPdfSignature]:
    return list(PdfFileReader(BytesIO(pdf), strict=True).embedded_signatures)


def _to_prove(signatures: Sequence[EmbeddedPdfSignature]) -> Sequence[EmbeddedPdfSignature]:
    """Return the signatures that lack evidence: all, or the archive time-stamp above them.

    Source: ETSI EN 319 142-1, clause 5.4.3.
    """
    is_archived = signatures[-1:] and signatures[-1].sig_object_type == "/DocTimeStamp"
    return signatures[-1:] if is_archived else signatures


def _tokens(entry: EmbeddedPdfSignature) -> list[cms.SignedData]:
    """Return the time-stamp tokens of a signature, or the one that a document stamp is."""
    if entry.sig_object_type == "/DocTimeStamp":
        return [entry.signed_data]
    return list(extract_tst_data_iter(entry.signer_info, signed=False))


def _signers(entry: EmbeddedPdfSignature) -> list[_Signer]:
    """Return who made a signature and its time-stamps, and when."""
    tokens = _tokens(entry)
    times = [_token_time(token) for token in tokens]
    signers = [
        _Signer(certificate=_signing_certificate(token), last_at=at)
        for token, at in zip(tokens, times, strict=True)
    ]
    if entry.sig_object_type != "/DocTimeStamp":
        if not times:
            raise SigningError("a signature without time-stamp", code=ErrorCode.EVIDENCE_MISSING)
        signers.append(_Signer(certificate=entry.signer_cert, last_at=max(times)))
    return signers


def _token_time(token: cms.SignedData) -> datetime:
    at: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    return at


def _signing_certificate(signed: cms.SignedData) -> x509.Certificate:
    identifier = signed["signer_infos"][0]["sid"].chosen
    for each in _bag(signed):
        if each.issuer == identifier["issuer"] and (
            each.serial_number == identifier["serial_number"].native
        ):
            return each
    raise SigningError("a time-stamp without its certificate", code=ErrorCode.EVIDENCE_MISSING)


def _bag(signed: cms.SignedData) -> list[x509.Certificate]:
    return [each.chosen for each in signed["certificates"]]


def _certificates_of(entry: EmbeddedPdfSignature) -> list[x509.Certificate]:
    return [each for signed in (entry.signed_data, *_tokens(entry)) for each in _bag(signed)]


def _with_issuers(
    found: Sequence[x509.Certificate], known: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    """Return the certificates found in a file, each once, with the known ones above them."""
    collected = {each.dump(): each for each in found}
    waiting = list(collected.values())
    while waiting:
        name = waiting.pop().issuer
        for each in known:
            if each.subject == name and each.dump() not in collected:
                collected[each.dump()] = each
                waiting.append(each)
    return list(collected.values())


def _lists_for(
    certificates: Iterable[x509.Certificate], lists: Sequence[crl.CertificateList], at: datetime
) -> dict[str, crl.CertificateList]:
    """Return the newest list of the issuer of each certificate, by the issuer's name.

    Raises:
        SigningError: there is none for some issuer.
        SignerUnavailableError: the newest one is out of date.
    """
    chosen: dict[str, crl.CertificateList] = {}
    for certificate in certificates:
        # Nobody revokes a root; that is taken out of the roots that are trusted.
        if certificate.self_issued or certificate.issuer.hashable in chosen:
            continue
        issuer = certificate.issuer
        newest = max(
            (each for each in lists if each.issuer == issuer), key=_this_update, default=None
        )
        if newest is None:
            raise SigningError(
                f"no revocation list of {issuer.human_friendly}", code=ErrorCode.EVIDENCE_MISSING
            )
        if not _is_current(newest, at):
            raise SignerUnavailableError(
                f"the list of {issuer.human_friendly} is out of date",
                code=ErrorCode.EVIDENCE_TOO_OLD,
            )
        chosen[issuer.hashable] = newest
    return chosen


def _check_newer(found: crl.CertificateList, signer: _Signer) -> None:
    """Check that a list knows what was revoked when `signer` signed.

    Raises:
        SignerUnavailableError: it is from before.
    """
    if _this_update(found) <= signer.last_at:
        raise SignerUnavailableError(
            f"the list is of {_this_update(found).isoformat()}, from before a signature",
            code=ErrorCode.EVIDENCE_TOO_OLD,
        )


def _this_update(found: crl.CertificateList) -> datetime:
    at: datetime = found["tbs_cert_list"]["this_update"].native
    return at


def _is_current(found: crl.CertificateList, at: datetime) -> bool:
    due: datetime | None = found["tbs_cert_list"]["next_update"].native
    return due is not None and _this_update(found) <= at <= due
