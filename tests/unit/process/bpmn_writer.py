"""Write trees of nested blocks as BPMN files; nothing here knows the engine."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import count, product

from tests.unit.process.token_model import Table, Value

_DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
_XMLNS = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:trinhky="urn:trinhky:bpmn:1" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
_SYSTEM = frozenset({"serviceTask", "businessRuleTask", "callActivity"})
_TIMERS = [
    "<timeDuration>P3D</timeDuration>",
    "<timeDuration>PT4H30M</timeDuration>",
    "<timeDuration>2 working days</timeDuration>",
    "<timeDuration>at moment</timeDuration>",
    "<timeDate>2026-01-05T09:00:00+07:00</timeDate>",
]

#: Forms of a condition on the keys of one gateway: whichever is taken, both answers happen.
_FORMS = [
    "go_{n} == True",
    "go_{n}",
    "not go_{n}",
    "count_{n} < 3",
    "1 <= count_{n} <= 3",
    'kind_{n} in ("a", "b")',
    'kind_{n} not in ["c"]',
    'kind_{n} != "a" and go_{n}',
    'go_{n} or (count_{n} >= 4 and not kind_{n} == "b")',
    "note_{n} == None",
]
#: One row of a decision table: the text of each cell, and the values it accepts.
_Cells = Sequence[tuple[str, Sequence[Value] | None]]
_CELLS: Mapping[str, _Cells] = {
    "go": [("True", [True]), ("False", [False]), ("-", None), ("not value", [False])],
    "count": [
        ("< 3", [0, 1, 2]),
        (">= 4", [4, 5]),
        ("1, 5", [1, 5]),
        ("2", [2]),
        ("1 <= value < 4", [1, 2, 3]),
        ("", None),
    ],
    "kind": [
        ('"a"', ["a"]),
        ('"a", "c"', ["a", "c"]),
        ('not "b"', ["a", "c"]),
        ('in ("b", "c")', ["b", "c"]),
        ("-", None),
    ],
}
_TYPES = {"go": "boolean", "count": "number", "kind": "string"}
_VALUES: Mapping[str, Sequence[Value]] = {
    "go": [True, False],
    "count": [0, 1, 2, 3, 4, 5],
    "kind": ["a", "b", "c"],
    "note": [None, "x"],
}


@dataclass(frozen=True)
class Boundary:
    """Hold an event on a user task: `then` goes on to what follows the task, or stops."""

    interrupts: bool
    stops: bool
    then: "Block | None"


@dataclass(frozen=True)
class Step:
    """Hold one node at which a token waits, or one that acts and passes it on."""

    kind: str
    boundaries: tuple[Boundary, ...] = ()


@dataclass(frozen=True)
class Row:
    """Hold blocks one after another; `returns` lets a task be sent back to an earlier one."""

    blocks: tuple["Block", ...]
    returns: bool = False


@dataclass(frozen=True)
class Way:
    """Hold one way out of a choice; an empty one leads straight on, a stopping one to an end."""

    block: "Block | None"
    stops: bool = False


@dataclass(frozen=True)
class Choice:
    """Hold ways of which one is taken; the last is the default, or has the opposite condition.

    `merges` asks for a gateway where the ways meet; without one they all lead to what follows.
    `decided` puts a decision table before it, and its answer into the conditions.
    """

    ways: tuple[Way, ...]
    merges: bool
    defaults: bool
    decided: bool


@dataclass(frozen=True)
class Fork:
    """Hold ways that are all taken; unless `joined` each has its own end."""

    ways: tuple["Block | None", ...]
    joined: bool


@dataclass(frozen=True)
class Loop:
    """Hold a body that is done again until a condition says otherwise."""

    body: "Block"
    back_by_default: bool


Block = Step | Row | Choice | Fork | Loop


@dataclass(frozen=True)
class _Loose:
    """Hold the end of a flow that leads nowhere yet."""

    source: str
    condition: str = ""
    is_default: bool = False


@dataclass
class _Node:
    kind: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: str = ""


class Writer:
    """Write one process."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.nodes: dict[str, _Node] = {}
        self.flows: list[str] = []
        self.keys: dict[str, Sequence[Value]] = {}
        self.tables: dict[str, Table] = {}
        self._messages: list[str] = []
        self._decisions: list[str] = []
        self._numbers = count(1)

    def write_process(self, tree: Block) -> bytes:
        loose = self.block(tree, [_Loose(self.node("startEvent"))])
        shared = self.chance.random() < 0.5
        groups = [loose] if shared and loose else [[end] for end in loose]
        for group in groups:
            self.connect(group, self.node("endEvent"))
        parts = [self._element(node_id, node) for node_id, node in self.nodes.items()]
        parts += self.flows
        # What a file means does not depend on the order of its nodes.
        self.chance.shuffle(parts)
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><definitions {_XMLNS}>'
            f'{"".join(self._messages)}<process id="flow" isExecutable="true">{self._lanes()}'
            f"{''.join(parts)}</process></definitions>"
        ).encode()

    def write_decisions(self) -> bytes:
        """Return the DMN file of the tables; b"" when there is none."""
        if not self._decisions:
            return b""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<definitions xmlns="{_DMN}" id="tables" name="tables" namespace="urn:test">'
            f"{''.join(self._decisions)}</definitions>"
        ).encode()

    def node(self, kind: str, inside: str = "", **attributes: str) -> str:
        node_id = f"{kind[0]}{next(self._numbers)}"
        self.nodes[node_id] = _Node(kind, attributes, inside)
        return node_id

    def connect(self, loose: Sequence[_Loose], target: str) -> None:
        for end in loose:
            flow_id = f"f{next(self._numbers)}"
            if end.is_default:
                self.nodes[end.source].attributes["default"] = flow_id
            condition = (
                f"<conditionExpression>{escape(end.condition)}</conditionExpression>"
                if end.condition
                else ""
            )
            self.flows.append(
                f'<sequenceFlow id="{flow_id}" sourceRef="{end.source}" targetRef="{target}">'
                f"{condition}</sequenceFlow>"
            )

    def block(self, block: Block | None, loose: list[_Loose]) -> list[_Loose]:
        """Write one block after loose ends; return the loose ends it leaves."""
        match block:
            case None:
                return loose
            case Step():
                return self.step(block, loose)
            case Row():
                return self.row(block, loose)
            case Choice():
                return self.choice(block, loose)
            case Fork():
                return self.fork(block, loose)
            case Loop():
                return self.loop(block, loose)

    def row(self, row: Row, loose: list[_Loose]) -> list[_Loose]:
        earlier: list[str] = []
        for part in row.blocks:
            loose = self.block(part, loose)
            if isinstance(part, Step) and part.kind == "userTask":
                node_id = loose[0].source
                if row.returns and earlier:
                    self.nodes[node_id].attributes["trinhky:returnsTo"] = " ".join(earlier)
                earlier.append(node_id)
        return loose

    def step(self, step: Step, loose: list[_Loose]) -> list[_Loose]:
        node_id = self.node(step.kind)
        self._describe(node_id)
        self.connect(loose, node_id)
        left = [_Loose(node_id)]
        for boundary in step.boundaries:
            event = self.node(
                "boundaryEvent",
                attachedToRef=node_id,
                cancelActivity="true" if boundary.interrupts else "false",
            )
            self._describe(event)
            after = self.block(boundary.then, [_Loose(event)])
            if boundary.stops:
                self.stop(after)
            else:
                left += after
        return left

    def choice(self, choice: Choice, loose: list[_Loose]) -> list[_Loose]:
        if choice.decided:
            loose, answer = self.decision(loose)
        split = self.node("exclusiveGateway")
        self.connect(loose, split)
        *asked, last = choice.ways
        conditions = [self.condition(split) for _ in asked]
        if choice.decided:
            conditions[0] = f'{answer} == "{self.chance.choice("xy")}"'
        opposite = " and ".join(f"not ({text})" for text in conditions)
        left: list[_Loose] = []
        ends = [_Loose(split, text) for text in conditions]
        ends.append(_Loose(split, "", True) if choice.defaults else _Loose(split, opposite))
        for way, end in zip((*asked, last), ends, strict=True):
            after = self.block(way.block, [end])
            if way.stops:
                self.stop(after)
            else:
                left += after
        return self.merged(left) if choice.merges else left

    def fork(self, fork: Fork, loose: list[_Loose]) -> list[_Loose]:
        split = self.split(loose)
        ways = [self.block(way, [_Loose(split)]) for way in fork.ways]
        if not fork.joined:
            return [end for way in ways for end in way]
        join = self.node("parallelGateway")
        for way in ways:
            self.connect(self.merged(way), join)
        return [_Loose(join)]

    def split(self, loose: list[_Loose]) -> str:
        """Return a parallel gateway after loose ends; one that joins may fork as well."""
        only = loose[0].source if len(loose) == 1 else ""
        if only and self.nodes[only].kind == "parallelGateway" and self.chance.random() < 0.5:
            return only
        split = self.node("parallelGateway")
        self.connect(self.merged(loose), split)
        return split

    def loop(self, loop: Loop, loose: list[_Loose]) -> list[_Loose]:
        merge = self.node("exclusiveGateway")
        self.connect(loose, merge)
        after = self.block(loop.body, [_Loose(merge)])
        split = self.node("exclusiveGateway")
        self.connect(after, split)
        asked = _Loose(split, self.condition(split))
        default = _Loose(split, "", True)
        back, out = (default, asked) if loop.back_by_default else (asked, default)
        self.connect([back], merge)
        return [out]

    def merged(self, loose: list[_Loose]) -> list[_Loose]:
        """Return one loose end for many."""
        if len(loose) == 1:
            return loose
        merge = self.node("exclusiveGateway")
        self.connect(loose, merge)
        return [_Loose(merge)]

    def stop(self, loose: list[_Loose]) -> None:
        self.connect(loose, self.node("endEvent"))

    def condition(self, split: str) -> str:
        form = self.chance.choice(_FORMS)
        for name, values in _VALUES.items():
            if f"{name}_{{n}}" in form:
                self.keys[f"{name}_{split}"] = values
        return form.format(n=split)

    def decision(self, loose: list[_Loose]) -> tuple[list[_Loose], str]:
        """Write a rule task and its table; return the name of the data it writes as well."""
        node_id = self.node("businessRuleTask")
        decision, output = f"table_{node_id}", f"answer_{node_id}"
        self.nodes[node_id].attributes["trinhky:decision"] = decision
        self.connect(loose, node_id)
        kinds = self.chance.sample(sorted(_CELLS), self.chance.choice([1, 2, 3]))
        rows = [[self.chance.choice(_CELLS[kind]) for kind in kinds] for _ in range(3)]
        rows = _reached([*rows, [("-", None) for _ in kinds]], [_VALUES[kind] for kind in kinds])
        answers = [self.chance.choice("xyz") for _ in rows]
        inputs = [f"{kind}_{node_id}" for kind in kinds]
        self.keys.update({f"{kind}_{node_id}": _VALUES[kind] for kind in kinds})
        rules = [
            ([accepted for _text, accepted in row], answer)
            for row, answer in zip(rows, answers, strict=True)
        ]
        self.tables[decision] = Table(inputs, output, rules)
        columns = [
            f'<input id="{name}"><inputExpression id="{name}_e" typeRef="{_TYPES[kind]}">'
            f"<text>{name}</text></inputExpression></input>"
            for kind, name in zip(kinds, inputs, strict=True)
        ]
        columns.append(f'<output id="{output}" name="{output}" typeRef="string"/>')
        columns += [
            f'<rule id="{node_id}_{number}">'
            + "".join(f"<inputEntry><text>{escape(t)}</text></inputEntry>" for t, _values in row)
            + f'<outputEntry><text>"{answer}"</text></outputEntry></rule>'
            for number, (row, answer) in enumerate(zip(rows, answers, strict=True))
        ]
        self._decisions.append(
            f'<decision id="{decision}" name="{decision}">'
            f'<decisionTable id="{decision}_t" hitPolicy="FIRST">{"".join(columns)}'
            "</decisionTable></decision>"
        )
        return [_Loose(node_id)], output

    def _describe(self, node_id: str) -> None:
        """Say what an event waits for or sends, and what a call starts."""
        node = self.nodes[node_id]
        if node.kind == "callActivity":
            node.attributes |= {"calledElement": "child", "trinhky:passes": "agency_id"}
        if not node.kind.endswith("Event"):
            return
        if node.kind != "intermediateThrowEvent" and self.chance.random() < 0.5:
            timer = self.chance.choice(_TIMERS)
            node.inside = f"<timerEventDefinition>{timer}</timerEventDefinition>"
            return
        message = f"m{next(self._numbers)}"
        self._messages.append(f'<message id="{message}" name="name_{message}"/>')
        node.inside = f'<messageEventDefinition messageRef="{message}"/>'
        keys = [f"{kind}_{node_id}" for kind in ("kind", "count")]
        self.keys.update(zip(keys, (_VALUES["kind"], _VALUES["count"]), strict=True))
        node.attributes["trinhky:correlation"] = keys[0]
        node.attributes["trinhky:payload"] = " ".join(keys)

    def _element(self, node_id: str, node: _Node) -> str:
        named = {"id": node_id, "name": f"Bước {node_id}", **node.attributes}
        text = " ".join(f'{key}="{escape(value)}"' for key, value in named.items())
        return f"<{node.kind} {text}>{node.inside}</{node.kind}>"

    def _lanes(self) -> str:
        ours = [n for n, node in self.nodes.items() if node.kind in _SYSTEM]
        theirs = [n for n in self.nodes if n not in ours]
        lanes = [("chuyen_vien", theirs), ("he_thong", ours)]
        return "".join(
            [
                '<laneSet id="lanes">',
                *(
                    f'<lane id="{lane}" name="{lane}">'
                    + "".join(f"<flowNodeRef>{n}</flowNodeRef>" for n in nodes)
                    + "</lane>"
                    for lane, nodes in lanes
                ),
                "</laneSet>",
            ]
        )


def _reached(rows: list[_Cells], columns: Sequence[Sequence[Value]]) -> list[_Cells]:
    """Return the rows of a table that decide something; others may not be put into force."""
    # Text and numbers have more values than a test plays with.
    domains = [values if True in values else [*values, "other"] for values in columns]
    first: set[int] = set()
    for values in product(*domains):
        first.add(next(n for n, row in enumerate(rows) if _accepts(row, values)))
    return [row for number, row in enumerate(rows) if number in first]


def _accepts(row: _Cells, values: Sequence[Value]) -> bool:
    pairs = zip(row, values, strict=True)
    return all(accepted is None or value in accepted for (_text, accepted), value in pairs)
