"""Draw the processes of the benchmark: one file for every engine.

The engines read the same elements, names, lanes and flows. Only two things differ, because
nothing else is possible: bpmn-engine has its own expression language, so each condition
`name == True` reads `${environment.variables.name}` in its copy; and the stock way to ask N
agencies is a multi-instance user task, where ours is N child processes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Plain = str | int | bool | None

_SPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
_CONDITION = re.compile(r">([a-z_]+) == True<")

LETTER_ID = "outgoing"
REWORK_ID = "rework"
PARENT_ID = "asking"
CHILD_ID = "asked"
ASK_ALL_ID = "ask_all"


@dataclass(frozen=True, kw_only=True)
class Walk:
    """Hold a process and one way through it.

    Args:
        process_id: of the one process in `xml`.
        xml: as ours and SpiffWorkflow read it.
        data: process data at the start.
        steps: what each user step writes, in order.
    """

    process_id: str
    xml: bytes
    data: Mapping[str, Plain]
    steps: Sequence[Mapping[str, Plain]]


def draw_letter() -> Walk:
    """Return a letter from draft to seal, sent back once by the division head."""
    lanes = {
        "chuyen_vien": ["start", "draft"],
        "lanh_dao_phong": ["review", "is_approved"],
        "van_thu": ["check_form", "is_form_ok", "number", "seal", "issued"],
        "lanh_dao": ["sign", "is_signed"],
    }
    nodes = [
        _node("startEvent", "start"),
        *map(_user, ("draft", "review", "check_form", "sign", "number", "seal")),
        *map(_choice, ("is_approved", "is_form_ok", "is_signed")),
        _node("endEvent", "issued"),
    ]
    flows = [
        _flow("start", "draft"),
        _flow("draft", "review"),
        *_decided("review", "is_approved", "approved", "check_form"),
        *_decided("check_form", "is_form_ok", "form_ok", "sign"),
        *_decided("sign", "is_signed", "signed", "number"),
        _flow("number", "seal"),
        _flow("seal", "issued"),
    ]
    return Walk(
        process_id=LETTER_ID,
        xml=_file(LETTER_ID, lanes, nodes, flows),
        data=_letter_data(),
        steps=(
            {},
            {"approved": False},
            {},
            {"approved": True},
            {"form_ok": True},
            {"signed": True},
            {},
            {},
        ),
    )


def draw_rework(process_id: str = REWORK_ID) -> Walk:
    """Return a draft that a choice sends back until it is finished; one round is one step."""
    nodes = [
        _node("startEvent", "start"),
        _user("draft"),
        _choice("is_finished"),
        _node("endEvent", "done"),
    ]
    flows = [_flow("start", "draft"), *_decided("draft", "is_finished", "finished", "done")]
    return Walk(
        process_id=process_id,
        xml=_file(
            process_id, {"chuyen_vien": ["start", "draft", "is_finished", "done"]}, nodes, flows
        ),
        data=_letter_data(),
        steps=({"finished": False},),
    )


def draw_parent() -> bytes:
    """Return our process that waits until the house has every answer."""
    nodes = [
        _node("startEvent", "start"),
        _node("serviceTask", "await_answers"),
        _node("endEvent", "answered"),
    ]
    flows = [_flow("start", "await_answers"), _flow("await_answers", "answered")]
    lanes = {"van_thu": ["start", "answered"], "he_thong": ["await_answers"]}
    return _file(PARENT_ID, lanes, nodes, flows)


def draw_child() -> bytes:
    """Return our process of one agency that answers."""
    return _asked(CHILD_ID, "")


def draw_ask_all() -> bytes:
    """Return the stock process: one multi-instance user task over the list `agencies`."""
    return _asked(
        ASK_ALL_ID,
        '<multiInstanceLoopCharacteristics isSequential="false">'
        "<loopDataInputRef>agencies</loopDataInputRef>"
        "<loopDataOutputRef>answers</loopDataOutputRef>"
        '<inputDataItem id="agency_id" name="agency_id"/>'
        '<outputDataItem id="answer" name="answer"/>'
        "</multiInstanceLoopCharacteristics>",
    )


def with_javascript_conditions(xml: bytes) -> str:
    """Return the same file with its conditions in the words of bpmn-engine."""
    return _CONDITION.sub(r">${environment.variables.\1}<", xml.decode())


def _letter_data() -> Mapping[str, Plain]:
    return {
        "agency_id": "snv",
        "unit_id": "snv-vp",
        "drafter_id": "snv-chuyen_vien",
        "signatory_id": "snv-lanh_dao",
    }


def _asked(process_id: str, inside: str) -> bytes:
    nodes = [
        _node("startEvent", "start"),
        _node("userTask", "acknowledge", inside=inside),
        _node("endEvent", "answered"),
    ]
    flows = [_flow("start", "acknowledge"), _flow("acknowledge", "answered")]
    return _file(process_id, {"van_thu": ["start", "acknowledge", "answered"]}, nodes, flows)


def _node(kind: str, node_id: str, extra: str = "", inside: str = "") -> str:
    return f'<{kind} id="{node_id}" name="{node_id}"{extra}>{inside}</{kind}>'


def _user(node_id: str) -> str:
    return _node("userTask", node_id)


def _choice(node_id: str) -> str:
    return _node("exclusiveGateway", node_id, f' default="{node_id}-draft"')


def _decided(source: str, choice: str, name: str, target: str) -> list[str]:
    """Return the flows of a decision: on to `target`, or back to the draft."""
    return [_flow(source, choice), _flow(choice, target, name), _flow(choice, "draft")]


def _flow(source: str, target: str, name: str = "") -> str:
    condition = (
        f'<conditionExpression xsi:type="tFormalExpression">{name} == True</conditionExpression>'
        if name
        else ""
    )
    return (
        f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">'
        f"{condition}</sequenceFlow>"
    )


def _file(
    process_id: str,
    lanes: Mapping[str, Sequence[str]],
    nodes: Sequence[str],
    flows: Sequence[str],
) -> bytes:
    drawn = "".join(
        f'<lane id="{lane}" name="{lane}">'
        f"{''.join(f'<flowNodeRef>{node}</flowNodeRef>' for node in members)}</lane>"
        for lane, members in lanes.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>'
        f'<definitions id="definitions_{process_id}" targetNamespace="urn:bench" {_SPACES}>'
        f'<process id="{process_id}" name="{process_id}" isExecutable="true">'
        f'<laneSet id="lanes_{process_id}">{drawn}</laneSet>'
        f"{''.join(nodes)}{''.join(flows)}</process></definitions>"
    ).encode()
