"""Build `webui/static/vendor/` from the installed packages and the own files.

Every copy is named by its content (`htmx.min.1a2b3c4d5e.js`) and listed in `manifest.json`, so
that browsers may keep it for ever. Only files named in `webui.assets.plan` are copied. Run it as
`python -m webui.assets.build`; `./run` does so whenever an input has changed.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine.errors import ErrorCode, TrinhKyError
from webui.assets import plan, translations
from webui.assets.licences import collect_licences, write_licences
from webui.assets.manifest import MANIFEST_FILE
from webui.assets.sprite import build_sprite

_DIGEST_CHARS = 10
_PURGE_TIMEOUT_SECONDS = 120
_KEPT_FILES = {"manifest.json", "third-party.json"}
# A server started before this build may still be handing out the files it knows.
_OLD_FILES_KEPT_SECONDS = 3600
_FONT_URL = re.compile(
    r"url\(\./files/([\w-]+\.woff2)\) format\(.woff2.\)(?:, url\([^)]*\) format\([^)]*\))?"
)
#: Every `src` of one @font-face, from the first to the semicolon after the last.
_FONT_SOURCES = re.compile(rb"src:[^;}]*;(?:\s*src:[^;}]*;)*")


class Builder:
    """Put files below `vendor` under content-hashed names and remember them."""

    def __init__(self, vendor: Path) -> None:
        self.vendor = vendor
        self.files: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> str:
        """Store `content` for the logical `name`; return its hashed file name."""
        digest = hashlib.sha256(content).hexdigest()[:_DIGEST_CHARS]
        stem, dot, suffix = name.rpartition(".")
        hashed = f"{stem}.{digest}{dot}{suffix}"
        _write_whole(self.vendor / hashed, content)
        self.files[name] = f"vendor/{hashed}"
        return hashed

    def add_folder(self, name: str, sources: list[Path]) -> None:
        """Store files that are asked for by fixed names in one folder with a hashed name."""
        whole = hashlib.sha256(b"".join(source.read_bytes() for source in sources))
        folder = f"{name}-{whole.hexdigest()[:_DIGEST_CHARS]}"
        for source in sources:
            _write_whole(self.vendor / folder / source.name, source.read_bytes())
        self.files[name] = f"vendor/{folder}"

    def finish(self) -> None:
        """Write the manifest last, then drop files of earlier builds."""
        listing = json.dumps(dict(sorted(self.files.items())), indent=1).encode() + b"\n"
        _write_whole(self.vendor.parent / MANIFEST_FILE, listing)
        wanted = {self.vendor.parent / path for path in self.files.values()}
        oldest = time.time() - _OLD_FILES_KEPT_SECONDS
        for path in sorted(self.vendor.rglob("*")):
            if path.is_dir() or path.name in _KEPT_FILES:
                continue
            if path not in wanted and path.parent not in wanted and path.stat().st_mtime < oldest:
                path.unlink()


def build(packages: Path = plan.PACKAGES, vendor: Path = plan.VENDOR) -> int:
    """Build everything that pages and the layout need; return the number of files listed.

    Raises:
        TrinhKyError: ASSETS_MISSING; a package or a listed file is not installed.
    """
    vendor.mkdir(parents=True, exist_ok=True)
    builder = Builder(vendor)
    for shipped in plan.FILES:
        builder.add(shipped.name, _read(packages, shipped))
    wasm = packages / "pdfjs-dist" / "wasm"
    builder.add_folder(plan.WASM_FOLDER, [wasm / name for name in plan.WASM_FILES])
    builder.add(plan.TABLER_CSS.name, _purged_tabler(packages))
    _add_web_fonts(builder, packages)
    _add_icon_font(builder, packages)
    builder.add("icons.svg", build_sprite(packages / "bootstrap-icons" / "icons"))
    for pattern in plan.OWN_FILES:
        for path in sorted(plan.STATIC.glob(pattern)):
            builder.add(path.relative_to(plan.STATIC).as_posix(), path.read_bytes())
    _copy_layout_fonts(packages, plan.LAYOUT_FONTS)
    write_licences(collect_licences(packages), vendor)
    translations.compile_catalogs()
    builder.finish()
    return len(builder.files)


def _read(packages: Path, shipped: plan.Shipped) -> bytes:
    source = packages / shipped.package / shipped.path
    if not source.is_file():
        raise TrinhKyError(
            f"{shipped.package} has no {shipped.path}: ./run setup", code=ErrorCode.ASSETS_MISSING
        )
    return source.read_bytes()


def _purged_tabler(packages: Path) -> bytes:
    """Return Tabler's style sheet without the selectors that no template or script uses."""
    command = [
        os.environ.get("TRINHKY_NODE") or shutil.which("node") or "node",
        str(packages / "purgecss" / "bin" / "purgecss.js"),
        *("--css", str(packages / plan.TABLER_CSS.package / plan.TABLER_CSS.path)),
        *("--content", f"{plan.TEMPLATES}/**/*.html", f"{plan.STATIC}/js/*.mjs"),
        *("--safelist", *plan.PURGE_SAFELIST),
        *("--variables", "--keyframes", "--font-face"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(  # noqa: S603 - every word of the command is ours
            [*command, "--output", folder],
            check=True,
            capture_output=True,
            timeout=_PURGE_TIMEOUT_SECONDS,
        )
        purged = (Path(folder) / Path(plan.TABLER_CSS.path).name).read_bytes()
    # The source map stays behind, so the line that names it would only make a 404.
    return re.sub(rb"/\*# sourceMappingURL=.*?\*/", b"", purged)


def _add_web_fonts(builder: Builder, packages: Path) -> None:
    folder = packages / plan.WEB_FONT_PACKAGE
    sheet = ""
    for weight in plan.WEB_FONT_WEIGHTS:
        # This sheet of the package carries the unicode ranges; those per subset do not.
        faces = (folder / f"{weight}.css").read_text(encoding="utf-8")
        sheet += _faces_with_hashed_files(builder, folder, faces)
    builder.add("fonts.css", sheet.encode())


def _faces_with_hashed_files(builder: Builder, folder: Path, faces: str) -> str:
    def renamed(match: re.Match[str]) -> str:
        font = match.group(1)
        hashed = builder.add(font, (folder / "files" / font).read_bytes())
        return f"url({hashed}) format('woff2')"

    return _FONT_URL.sub(renamed, faces)


def _add_icon_font(builder: Builder, packages: Path) -> None:
    """Store the sheet of the editor's icons with its font in one format, by its hashed name."""
    hashed = builder.add(plan.ICON_FONT.name, _read(packages, plan.ICON_FONT))
    sheet = re.sub(rb"/\*.*?\*/", b"", _read(packages, plan.ICON_FONT_CSS), flags=re.DOTALL)
    source = f"src: url({hashed}) format('woff2');".encode()
    shortened, count = _FONT_SOURCES.subn(source, sheet)
    if count != 1:
        raise TrinhKyError(
            f"{plan.ICON_FONT_CSS.path} names its font in another way: mend the build",
            code=ErrorCode.ASSETS_MISSING,
        )
    builder.add(plan.ICON_FONT_CSS.name, shortened)


def _copy_layout_fonts(packages: Path, target: Path) -> None:
    folder = packages / plan.LAYOUT_FONT_PACKAGE
    for path in plan.LAYOUT_FONT_FILES:
        _write_whole(target / Path(path).name, (folder / path).read_bytes())
    _write_whole(target / "LICENSE_FONT.txt", (folder / "LICENSE_FONT").read_bytes())


def _write_whole(path: Path, content: bytes) -> None:
    """Write `content` so that no reader ever sees half of it; leave equal files alone."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)


def main() -> int:
    """Build and say what went wrong in one line."""
    try:
        count = build()
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"purgecss: {error.stderr.decode(errors='replace')}\n")
        return 1
    except (TrinhKyError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"webui/static/vendor: {count} files\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
