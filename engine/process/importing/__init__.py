"""Bring a foreign BPMN file as near to our subset as can be done without guessing.

Nothing is deployed: the result is a file beside the original, and a report of every change.
"""

from engine.process.importing.conditions import Translator
from engine.process.importing.drawing import Drawing, Scope
from engine.process.importing.flows import (
    add_ends,
    drop_unknown_references,
    find_ways_in,
    insert_gateways,
    join_links,
    merge_flows,
    settle_choices,
    translate_conditions,
)
from engine.process.importing.lanes import map_lanes
from engine.process.importing.names import Names
from engine.process.importing.places import complete_places
from engine.process.importing.reading import read_drawing
from engine.process.importing.report import (
    Attention,
    Change,
    ChangeKind,
    Imported,
    Report,
)
from engine.process.importing.subprocesses import inline_subprocesses, may_inline
from engine.process.importing.tasks import convert_nodes, drop_milestones, find_leftovers
from engine.process.importing.writing import write_drawing

__all__ = ["Attention", "Change", "ChangeKind", "Imported", "normalise"]


def normalise(xml: bytes) -> Imported:
    """Return a foreign file in our subset, as far as it can be brought, and what was changed.

    (1) Read one process, with legal ids. (2) Convert tasks, events and conditions; join links.
    (3) Make starts, ends, forks and choices explicit, inside subprocesses first, and inline them.
    (4) Settle defaults and lanes. (5) Name what a person has to decide. (6) Find a place for what
    is new. The same file gives the same result, and the result gives itself: importing it again
    changes nothing, it only names again what still needs a person.

    Args:
        xml: the whole file, at most 2 MB and 5,000 nodes and flows; not modified.

    Raises:
        InvalidInputError: it cannot be read at all: hostile or broken XML, not BPMN 2.0, no
            process; code `PROCESS_INVALID`.
    """
    report = Report()
    drawing, names = read_drawing(xml, report)  # (1)
    _normalise_scope(drawing.scope, _Tools(names, report))  # (2) (3)
    merge_flows(drawing.scope, report)
    drop_unknown_references(drawing.scope, report)
    settle_choices(drawing.scope, report)  # (4)
    map_lanes(drawing, report)
    _drop_unused_messages(drawing, report)
    find_ways_in(drawing.scope, report, drawing.id)  # (5)
    find_leftovers(drawing, report)
    complete_places(drawing, report)  # (6)
    changes = report.finish(drawing.id)
    return Imported(xml=write_drawing(drawing), changes=changes)


class _Tools:
    """Hold what every step needs."""

    def __init__(self, names: Names, report: Report) -> None:
        self.names = names
        self.report = report
        self.translator = Translator()


def _normalise_scope(scope: Scope, tools: _Tools) -> None:
    for node in scope.nodes.values():
        if node.inner is not None and may_inline(node):
            _normalise_scope(node.inner, tools)
    names, report = tools.names, tools.report
    translate_conditions(scope, tools.translator, report)
    convert_nodes(scope, names, report)
    join_links(scope, report)
    merge_flows(scope, report)
    add_ends(scope, names, report)
    drop_milestones(scope, report)
    insert_gateways(scope, names, report)
    inline_subprocesses(scope, report)
    join_links(scope, report)  # one of a pair may have stood inside a subprocess


def _drop_unused_messages(drawing: Drawing, report: Report) -> None:
    used = {
        event.reference
        for scope in drawing.scope.scopes()
        for node in scope.nodes.values()
        for event in node.events
    }
    for message_id, name in list(drawing.messages.items()):
        if message_id not in used:
            del drawing.messages[message_id]
            report.add(ChangeKind.REMOVED_ELEMENT, drawing.id, element="message", name=name)
