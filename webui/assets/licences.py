"""Gather the licence texts of the shipped browser packages for `/about/licences`."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.errors import ErrorCode, NotFoundError
from webui.assets.plan import DEPENDENCIES_NOT_SHIPPED, LICENSED_PACKAGES, VENDOR

THIRD_PARTY_FILE = "third-party.json"
_TEXT_PATTERNS = ("LICEN[SC]E*", "NOTICE*", "wasm/LICENSE*")
_BANNER_LINES = 8
#: What packages hold of others without saying so in a file of theirs.
_PARTS = {
    "bpmn-js": (
        "The icon font inside (bpmn-font) is Copyright (c) 2014-present, Camunda Services GmbH, "
        "under the SIL Open Font License, Version 1.1, whose text stands with Be Vietnam Pro."
    )
}


@dataclass(frozen=True)
class Licence:
    """Hold the name, version, licence id and full text of one package."""

    name: str
    version: str
    licence: str
    text: str


def collect_licences(packages: Path) -> list[Licence]:
    """Return the licences of every shipped package below `packages`, sorted by name."""
    found = {name: _read(packages, name) for name in _shipped_names(packages)}
    return [found[name] for name in sorted(found)]


def write_licences(licences: list[Licence], folder: Path) -> None:
    """Write `licences` into `folder` as data for the page."""
    rows = [asdict(licence) for licence in licences]
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    (folder / THIRD_PARTY_FILE).write_text(text + "\n", encoding="utf-8")


def read_licences(folder: Path = VENDOR) -> list[Licence]:
    """Return the licences that set-up gathered.

    Raises:
        NotFoundError: set-up has not run.
    """
    source = folder / THIRD_PARTY_FILE
    if not source.is_file():
        raise NotFoundError(f"{source} is absent: ./run setup", code=ErrorCode.ASSETS_MISSING)
    return [Licence(**row) for row in json.loads(source.read_text(encoding="utf-8"))]


def _shipped_names(packages: Path) -> set[str]:
    waiting = list(LICENSED_PACKAGES)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen or not (packages / name).is_dir():
            continue
        seen.add(name)
        if name not in DEPENDENCIES_NOT_SHIPPED:
            waiting.extend(_description(packages, name).get("dependencies", {}))
    return seen


def _description(packages: Path, name: str) -> dict[str, dict[str, str]]:
    content: dict[str, dict[str, str]] = json.loads(
        (packages / name / "package.json").read_text(encoding="utf-8")
    )
    return content


def _read(packages: Path, name: str) -> Licence:
    description = _description(packages, name)
    texts = list(_own_texts(packages / name)) or [_text_for_silent_package(packages, name)]
    licence_id = str(description.get("license", ""))
    if licence_id.startswith("SEE LICENSE"):
        licence_id = "MIT + logo clause" if name == "bpmn-js" else licence_id
    if name in _PARTS:
        texts.append(_PARTS[name])
    return Licence(name, str(description["version"]), licence_id, "\n\n".join(texts))


def _own_texts(folder: Path) -> Iterator[str]:
    for pattern in _TEXT_PATTERNS:
        for path in sorted(folder.glob(pattern)):
            if path.is_file():
                yield path.read_text(encoding="utf-8").strip()


def _text_for_silent_package(packages: Path, name: str) -> str:
    """Return the MIT text with the copyright lines of the package's own banner.

    Tabler names its licence in `package.json` and in its style sheet but has no licence file;
    it contains Bootstrap, whose icons package carries the same MIT text.
    """
    copyrights: list[str] = []
    for sheet in sorted((packages / name).glob("dist/css/tabler.css")):
        banner = sheet.read_text(encoding="utf-8").splitlines()[:_BANNER_LINES]
        copyrights += [line.strip(" *") for line in banner if "Copyright" in line]
    mit = "\n".join(_own_texts(packages / "bootstrap-icons"))
    return "\n".join([*copyrights, "", mit]).strip()
