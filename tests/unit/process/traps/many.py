"""Draw multi-instance tasks, as other engines ask many for the same thing."""

from tests.unit.process.office import draw
from tests.unit.process.traps.drawings import with_inside

COLLECTION = (
    '<multiInstanceLoopCharacteristics isSequential="false">'
    "<loopDataInputRef>agencies</loopDataInputRef><loopDataOutputRef>answers</loopDataOutputRef>"
    '<inputDataItem id="agency" name="agency"/><outputDataItem id="answer" name="answer"/>'
    "</multiInstanceLoopCharacteristics>"
)
CARDINALITY = (
    '<multiInstanceLoopCharacteristics isSequential="false"><loopCardinality>2</loopCardinality>'
    "<loopDataOutputRef>answers</loopDataOutputRef>"
    '<outputDataItem id="answer" name="answer"/></multiInstanceLoopCharacteristics>'
)


def many(xml: bytes, characteristics: str = COLLECTION) -> bytes:
    """Return the file with its user task `ack` done by many."""
    return with_inside(xml, "ack", characteristics)


ROW = draw(
    ["startEvent s", "userTask draft", "userTask ack", "userTask z", "endEvent e"],
    ["s draft", "draft ack", "ack z", "z e"],
)
MANY = many(ROW)
