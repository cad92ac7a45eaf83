"""Draw what several traps share."""

import re

from tests.unit.process.office import draw

VISAS = draw(
    ["startEvent s", "exclusiveGateway m", "parallelGateway f", "userTask a", "userTask b",
     "parallelGateway j", "userTask check", "exclusiveGateway g g-m", "endEvent e"],
    ["s m", "m f", "f a", "f b", "a j", "b j", "j check", "check g", "g m", "g e ok == True"],
)  # fmt: skip
PARALLEL = draw(
    ["startEvent s", "parallelGateway f", "userTask a", "userTask b", "parallelGateway j",
     "userTask z", "endEvent e"],
    ["s f", "f a", "f b", "a j", "b j", "j z", "z e"],
)  # fmt: skip
REWORK = draw(
    ["startEvent s", "exclusiveGateway m", "userTask a", "exclusiveGateway g g-m", "endEvent e"],
    ["s m", "m a", "a g", "g m", "g e ok == True"],
)


OURS = 'xmlns:trinhky="urn:trinhky:bpmn:1"'
MESSAGE = '<messageEventDefinition messageRef="msg"/>'


def with_inside(xml: bytes, node: str, inside: str, attributes: str = "") -> bytes:
    """Return the file with XML and attributes put into one of its empty nodes."""
    kind = re.search(f'<(\\w+) id="{node}" name="{node}"/>', xml.decode())
    assert kind is not None
    name = kind.group(1)
    element = f'<{name} id="{node}" name="{node}" {attributes}>{inside}</{name}>'
    return xml.replace(kind.group().encode(), element.encode())


def row(kind: str, inside: str = "", process: str = "", attributes: str = "") -> bytes:
    """Return the file of a row of three: user task `a`, the node `w`, user task `z`.

    Args:
        kind: BPMN element name of `w`.
        inside: XML put into `w`.
        process: XML put into the process.
        attributes: of `w`, as XML.
    """
    xml = draw(
        ["startEvent s", "userTask a", f"{kind} w", "userTask z", "endEvent e"],
        ["s a", "a w", "w z", "z e"],
        inside=process,
    )
    return with_inside(xml, "w", inside, attributes)


def with_message(xml: bytes, name: str) -> bytes:
    """Return the file with a message `msg` of this name."""
    return xml.replace(b"<process", f'<message id="msg" name="{name}"/><process'.encode(), 1)
