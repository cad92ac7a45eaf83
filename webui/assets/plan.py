"""List which files of which browser packages are shipped; nothing else leaves `node_modules`."""

from dataclasses import dataclass
from pathlib import Path

WEBUI = Path(__file__).resolve().parent.parent
TEMPLATES = WEBUI / "templates"
STATIC = WEBUI / "static"
VENDOR = STATIC / "vendor"
PACKAGES = WEBUI / "node_modules"
LAYOUT_FONTS = WEBUI.parent / "engine" / "layout" / "fonts"

#: Own files that pages may load; each is served as a copy whose name holds its digest.
OWN_FILES = ("css/*.css", "js/*.mjs", "img/*.svg", "img/*.png")


@dataclass(frozen=True)
class Shipped:
    """Name one file of a package and the logical name the templates ask for."""

    package: str
    path: str
    name: str


FILES = (
    Shipped("htmx.org", "dist/htmx.min.js", "htmx.min.js"),
    Shipped(
        "bpmn-js", "dist/bpmn-navigated-viewer.production.min.js", "bpmn-navigated-viewer.min.js"
    ),
    # For the administrator's editor alone: five times the size of the viewer.
    Shipped("bpmn-js", "dist/bpmn-modeler.production.min.js", "bpmn-modeler.min.js"),
    Shipped("bpmn-js", "dist/assets/diagram-js.css", "diagram-js.css"),
    Shipped("bpmn-js", "dist/assets/bpmn-js.css", "bpmn-js.css"),
    Shipped("pdfjs-dist", "build/pdf.min.mjs", "pdf.min.mjs"),
    Shipped("pdfjs-dist", "build/pdf.worker.min.mjs", "pdf.worker.min.mjs"),
)

#: The editor's icons: a sheet whose font is named in five formats, and the one that is shipped.
ICON_FONT_CSS = Shipped("bpmn-js", "dist/assets/bpmn-font/css/bpmn.css", "bpmn-font.css")
ICON_FONT = Shipped("bpmn-js", "dist/assets/bpmn-font/font/bpmn.woff2", "bpmn.woff2")

#: pdf.js asks for these by fixed names below one address: scans use JBIG2, CCITT or JPEG 2000.
WASM_FOLDER = "pdfjs-wasm"
WASM_FILES = ("jbig2.wasm", "openjpeg.wasm", "openjpeg_nowasm_fallback.js", "qcms_bg.wasm")

TABLER_CSS = Shipped("@tabler/core", "dist/css/tabler.min.css", "tabler.css")

#: Classes that templates build from values, and those of form controls made in Python.
PURGE_SAFELIST = ("form-control", "form-select", "form-check-input", "is-invalid", "htmx-request")

WEB_FONT_PACKAGE = "@fontsource/be-vietnam-pro"
WEB_FONT_WEIGHTS = ("400", "600")

LAYOUT_FONT_PACKAGE = "@expo-google-fonts/tinos"
LAYOUT_FONT_FILES = (
    "400Regular/Tinos_400Regular.ttf",
    "400Regular_Italic/Tinos_400Regular_Italic.ttf",
    "700Bold/Tinos_700Bold.ttf",
    "700Bold_Italic/Tinos_700Bold_Italic.ttf",
)

#: Icons that Python code names; those written in templates as `icon("name")` are found there.
ICONS = (
    "123",
    "alarm",
    "archive",
    "arrow-return-left",
    "award",
    "bar-chart",
    "bell",
    "building",
    "calendar-check",
    "calendar3",
    "card-list",
    "check-circle-fill",
    "check2-square",
    "circle",
    "clock",
    "clock-history",
    "diagram-3",
    "envelope",
    "envelope-open",
    "exclamation-triangle-fill",
    "file-earmark-text",
    "folder2-open",
    "funnel",
    "gear",
    "hourglass-split",
    "inbox",
    "info-circle-fill",
    "journal-check",
    "journal-text",
    "key",
    "list-task",
    "megaphone",
    "paperclip",
    "patch-check",
    "pen",
    "people",
    "people-fill",
    "person-badge",
    "person-check",
    "plus-lg",
    "printer",
    "question-circle",
    "question-circle-fill",
    "reply",
    "safe",
    "search",
    "send",
    "shield-check",
    "translate",
    "upload",
    "x-circle-fill",
)

#: Packages whose code or fonts travel with ours; their dependencies are followed.
LICENSED_PACKAGES = (
    "@tabler/core",
    "bootstrap-icons",
    "bpmn-js",
    "htmx.org",
    "pdfjs-dist",
    "@fontsource/be-vietnam-pro",
    "@expo-google-fonts/tinos",
)
#: Only the style sheet of Tabler is shipped, so its JavaScript dependencies are not.
DEPENDENCIES_NOT_SHIPPED = ("@tabler/core", "pdfjs-dist")
