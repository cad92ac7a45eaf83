"""Keep the English texts complete: `python -m webui.assets.translations check|update|compile`.

The source texts (msgid) are Vietnamese; `en` must translate each of them. A catalogue for `vi`
may exist to improve wording, but is never required.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from webui.assets.plan import WEBUI

TRANSLATIONS = WEBUI / "translations"
REQUIRED_LOCALE = "en"
_METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
_OPTIONS = {"templates/**.html": {"trimmed": "true", "encoding": "utf-8"}}
_KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
_SKIPPED_FOLDERS = {"node_modules", "static", "translations", "assets", "__pycache__"}


def extract(webui: Path = WEBUI) -> Catalog:
    """Return every text that templates and Python code ask to translate."""
    catalog = Catalog(project="trinhky", charset="utf-8")
    found = extract_from_dir(
        webui,
        method_map=_METHODS,
        options_map=_OPTIONS,
        keywords=_KEYWORDS,
        directory_filter=lambda folder: Path(folder).name not in _SKIPPED_FOLDERS,
    )
    for filename, _line, message, comments, context in found:
        # No line numbers: they would change the catalogue with every edit elsewhere.
        catalog.add(message, None, [(filename, 0)], auto_comments=comments, context=context)
    return catalog


def read_catalog(locale: str, folder: Path = TRANSLATIONS) -> Catalog:
    """Return the catalogue of `locale`; an empty one if there is none yet."""
    source = folder / locale / "LC_MESSAGES" / "messages.po"
    if not source.is_file():
        return Catalog(locale=locale, project="trinhky", charset="utf-8")
    with source.open("rb") as stream:
        return read_po(stream, locale=locale)


def list_missing(wanted: Catalog, have: Catalog) -> Iterator[str]:
    """Yield the Vietnamese texts of `wanted` that `have` leaves empty or marks as fuzzy."""
    for message in wanted:
        if not message.id:
            continue
        translation = have.get(message.id, message.context)
        if translation is None or translation.fuzzy or not _is_filled(translation):
            yield message.id if isinstance(message.id, str) else message.id[0]


def compile_catalogs(folder: Path = TRANSLATIONS) -> None:
    """Write the `.mo` file of every catalogue below `folder`; fuzzy texts are left out."""
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        locale = source.parent.parent.name
        with source.open("rb") as stream:
            catalog = read_po(stream, locale=locale)
        with source.with_suffix(".mo").open("wb") as stream:
            write_mo(stream, catalog)


def update_catalog(locale: str, folder: Path = TRANSLATIONS) -> int:
    """Add new texts to the catalogue of `locale`, drop unused ones; return how many are empty."""
    wanted = extract()
    catalog = read_catalog(locale, folder)
    catalog.update(wanted, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    catalog.header_comment = f"# Trình Ký: texts in {locale}; the sources are Vietnamese."
    target = folder / locale / "LC_MESSAGES" / "messages.po"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as stream:
        write_po(stream, catalog, width=99, sort_output=True, include_lineno=False)
    return sum(1 for _ in list_missing(wanted, catalog))


def _is_filled(message: Message) -> bool:
    texts = (message.string,) if isinstance(message.string, str) else message.string or ()
    return bool(texts) and all(texts)


def main(arguments: list[str]) -> int:
    """Run one command; 0 if the required catalogue is complete."""
    command = arguments[0] if arguments else "check"
    if command == "compile":
        compile_catalogs()
    elif command == "update":
        empty = update_catalog(REQUIRED_LOCALE)
        sys.stderr.write(f"{REQUIRED_LOCALE}: {empty} to translate\n")
    elif command == "check":
        missing = list(list_missing(extract(), read_catalog(REQUIRED_LOCALE)))
        for text in missing:
            sys.stderr.write(f"{REQUIRED_LOCALE}: not translated: {text}\n")
        return 1 if missing else 0
    else:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
