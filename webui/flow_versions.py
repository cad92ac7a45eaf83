"""Find a version of a procedure by what a person types."""

import re

import click

from engine.ports import UnitOfWork
from engine.process.definitions import Definition, DefinitionCache
from engine.process_queries import VersionRow
from webui.bootstrap import PROCEDURES
from webui.terminal import visible

_NUMBERED = re.compile(r"([^/]+)/([0-9]{1,9})", re.ASCII)
#: Shorter ones are easily those of several versions.
_DIGEST = re.compile(r"[0-9a-f]{6,64}", re.ASCII)


def list_all_versions(work: UnitOfWork) -> list[VersionRow]:
    """Return the versions of all procedures, the newest of each first."""
    return [
        version
        for procedure_id in sorted(PROCEDURES)
        for version in work.queries.list_versions(procedure_id)
    ]


def find_version(work: UnitOfWork, text: str) -> VersionRow:
    """Return the version a person means.

    Args:
        text: id of a procedure for the version in force, `outgoing/2` for its second version, or
            the first characters of a digest, six at least.

    Raises:
        click.UsageError: there is none, or several begin so.
    """
    numbered = _NUMBERED.fullmatch(text)
    found = [
        version
        for version in list_all_versions(work)
        if (version.procedure_id == text and version.in_force)
        or (numbered and _named(version) == (numbered[1], int(numbered[2])))
        or (_DIGEST.fullmatch(text) and version.digest.startswith(text))
    ]
    if not found:
        raise _unknown(text)
    if len(found) > 1:
        raise click.UsageError(f"nhiều phiên bản / several versions: {text}")
    return found[0]


def load_version(work: UnitOfWork, version: VersionRow) -> Definition:
    """Return the files of a version as they were deployed, read.

    Raises:
        DigestMismatchError: they were changed in the store.
    """
    stored = work.processes.store.find_definition(version.digest)
    if stored is None:
        raise _unknown(version.digest)
    return DefinitionCache().load(stored.xml, stored.dmn, expected_digest=version.digest)


def _named(version: VersionRow) -> tuple[str, int]:
    return version.procedure_id, version.number


def _unknown(text: str) -> click.UsageError:
    return click.UsageError(f"không có phiên bản / no version: {visible(text)}; trinhky flow list")
