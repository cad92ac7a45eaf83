"""Count what is left out of a foreign file, for the report."""

from lxml import etree

from engine.process.importing.report import ChangeKind, Report
from engine.process.importing.tags import (
    BPMN,
    TRINHKY,
    XSI,
    attributes_of,
    label_of,
    local_of,
    text_of,
)

#: Attributes of other engines' extension elements that are worth a line in the report.
_TELLING = (
    "correlationKey",
    "type",
    "topic",
    "formKey",
    "formId",
    "class",
    "processId",
    "decisionId",
)


def count_part(report: Report, element: etree._Element, element_id: str) -> None:
    """Count one element that is left out; extensions are counted by what is in them."""
    if local_of(element) == "extensionElements":
        for extension in element:
            count_extension(report, extension, element_id)
        return
    kind = ChangeKind.REMOVED_ELEMENT if local_of(element) else ChangeKind.REMOVED_EXTENSION
    report.count(kind, label_of(element), element_id, element.get("name", ""))


def count_extension(report: Report, extension: etree._Element, element_id: str) -> None:
    """Count one extension element, with the little of it that says what it was for."""
    told = next((extension.get(name, "") for name in _TELLING if extension.get(name)), "")
    value = told or (text_of(extension) if len(extension) == 0 else "")
    report.count(ChangeKind.REMOVED_EXTENSION, label_of(extension), element_id, value)


def count_attributes(
    report: Report, element: etree._Element, element_id: str, kept: frozenset[str]
) -> None:
    """Count the attributes of an element that are left out: all but those in `kept`."""
    for name, value in attributes_of(element):
        if name in kept or name.startswith(f"{{{TRINHKY}}}"):
            continue
        foreign = name.startswith("{") and not name.startswith((f"{{{BPMN}}}", f"{{{XSI}}}"))
        kind = ChangeKind.REMOVED_EXTENSION if foreign else ChangeKind.REMOVED_ATTRIBUTE
        report.count(kind, label_of(element, name), element_id, value)
