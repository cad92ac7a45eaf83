"""Hold a DMN file against the elements we read, before anything in it is looked at.

Source: DMN 1.3, clause 13 (XML schema).
"""

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from engine.errors import ErrorCode, InvalidInputError
from engine.process.reasons import Reason, Refusal

MAX_LABEL_CHARS = 80

#: The one expression language a file may say it is written in.
LANGUAGE = "urn:trinhky:expression:1"

_MODEL = re.compile(
    r"http://www\.omg\.org/spec/DMN/(20151101/dmn\.xsd|20180521/MODEL/)"
    r"|https://www\.omg\.org/spec/DMN/(20191111|20211108|20230324)/MODEL/"
)
_DRAWING = re.compile(r"\{https?://www\.omg\.org/spec/DMN/[0-9]{8}/DMNDI/\}DMNDI")
_TEXT = frozenset({"description", "text"})
_PARTS: Mapping[str, frozenset[str]] = {
    "definitions": frozenset(
        {"description", "decision", "inputData", "textAnnotation", "association"}
    ),
    "inputData": frozenset({"description", "variable"}),
    "textAnnotation": frozenset({"text"}),
    "association": frozenset({"sourceRef", "targetRef"}),
    "decision": frozenset(
        {"description", "question", "allowedAnswers", "variable"}
        | {"informationRequirement", "decisionTable"}
    ),
    "informationRequirement": frozenset({"requiredInput"}),
    "decisionTable": frozenset({"description", "input", "output", "annotation", "rule"}),
    "input": frozenset({"description", "inputExpression", "inputValues"}),
    "output": frozenset({"description", "outputValues", "defaultOutputEntry"}),
    "rule": frozenset({"description", "inputEntry", "outputEntry", "annotationEntry"}),
    **dict.fromkeys(("inputExpression", "inputValues", "inputEntry"), _TEXT),
    **dict.fromkeys(("outputValues", "defaultOutputEntry", "outputEntry"), _TEXT),
    "annotationEntry": frozenset({"text"}),
}
_WHY: Mapping[str, Reason] = {
    "requiredDecision": Reason.ELEMENT_CHAIN,
    "requiredKnowledge": Reason.ELEMENT_FUNCTION,
    "businessKnowledgeModel": Reason.ELEMENT_FUNCTION,
    "itemDefinition": Reason.ELEMENT_TYPE,
    "import": Reason.ELEMENT_IMPORT,
    "literalExpression": Reason.ELEMENT_TABLE,
    "invocation": Reason.ELEMENT_TABLE,
    "context": Reason.ELEMENT_TABLE,
    "relation": Reason.ELEMENT_TABLE,
    "list": Reason.ELEMENT_TABLE,
    "functionDefinition": Reason.ELEMENT_TABLE,
}


def invalid(reason: Reason, /, **params: str) -> InvalidInputError:
    """Return the error that refuses a DMN file for `reason`."""
    refusal = Refusal(reason, params)
    return InvalidInputError(str(refusal), code=ErrorCode.PROCESS_INVALID, **refusal.told())


def check_elements(root: etree._Element) -> None:
    """Check that a file holds only elements we read, and is not written in FEEL.

    Raises:
        InvalidInputError: it is no DMN file, or it holds more; names the element and why.
    """
    namespace = etree.QName(root).namespace or ""
    if local_name(root) != "definitions" or not _MODEL.fullmatch(namespace):
        raise invalid(Reason.NOT_DMN)
    waiting = [root]
    while waiting:
        element = waiting.pop()
        language = element.get("expressionLanguage", LANGUAGE)
        if language != LANGUAGE:
            raise invalid(Reason.LANGUAGE, language=language[:80], ours=LANGUAGE)
        allowed = _PARTS.get(local_name(element), frozenset())
        for part in element:
            if element is root and _DRAWING.fullmatch(str(part.tag)):
                continue
            name = local_name(part)
            if part.tag != f"{{{namespace}}}{name}" or name not in allowed:
                why = _WHY.get(name, Reason.ELEMENT)
                raise invalid(why, element=name, holder=local_name(element))
            waiting.append(part)


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the parts of an element with one name, in order; the file is checked."""
    return (part for part in element if local_name(part) == name)


def text_of(element: etree._Element | None) -> str:
    """Return what the `text` of an element says, "" for none."""
    texts = [] if element is None else list(children(element, "text"))
    return ("".join(part.text or "" for part in texts)).strip()


def only(element: etree._Element, name: str) -> etree._Element | None:
    """Return the only part with one name, None for none.

    Raises:
        InvalidInputError: there are several.
    """
    found = list(children(element, name))
    if len(found) > 1:
        holder, count = local_name(element), str(len(found))
        raise invalid(Reason.ELEMENT_AGAIN, holder=holder, count=count, element=name)
    return found[0] if found else None


def label_of(*names: str | None) -> str:
    """Return the first name that says something, as one short line."""
    lines = (" ".join((name or "").split()) for name in names)
    return next((line[:MAX_LABEL_CHARS] for line in lines if line), "")


def local_name(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2][:64]
