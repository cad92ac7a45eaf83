"""Say what an import changed: one record a change, with stable names and plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

_MAX_DETAIL_CHARS = 300
_MAX_LISTED_IDS = 20


class ChangeKind(StrEnum):
    """Name every kind of change an import makes; the names are stable."""

    CONVERTED_ENCODING = "converted_encoding"
    MADE_EXECUTABLE = "made_executable"
    CHOSE_PROCESS = "chose_process"
    RENAMED_ID = "renamed_id"
    GAVE_ID = "gave_id"
    REMOVED_ELEMENT = "removed_element"
    REMOVED_ATTRIBUTE = "removed_attribute"
    REMOVED_EXTENSION = "removed_extension"
    REMOVED_CONDITION = "removed_condition"
    REMOVED_NOTE = "removed_note"
    REMOVED_ASSIGNMENT = "removed_assignment"
    CONVERTED_TASK = "converted_task"
    CONVERTED_EVENT = "converted_event"
    CONVERTED_CONDITION = "converted_condition"
    CONVERTED_TIMER = "converted_timer"
    JOINED_LINK = "joined_link"
    INLINED_SUBPROCESS = "inlined_subprocess"
    MERGED_FLOWS = "merged_flows"
    INSERTED_GATEWAY = "inserted_gateway"
    MARKED_DEFAULT = "marked_default"
    ADDED_START = "added_start"
    ADDED_END = "added_end"
    FLATTENED_LANES = "flattened_lanes"
    MAPPED_LANE = "mapped_lane"
    LAID_OUT = "laid_out"
    NEEDS_ATTENTION = "needs_attention"


class Attention(StrEnum):
    """Name why an element still needs a person: `detail["reason"]` of `NEEDS_ATTENTION`."""

    UNSUPPORTED = "unsupported_element"
    EVENT_DEFINITION = "unsupported_event"
    LOOP = "loop_of_activity"
    COMPENSATION = "compensation"
    SUBPROCESS = "subprocess_not_inlined"
    EMPTY_SUBPROCESS = "subprocess_was_empty"
    SCRIPT = "script_removed"
    START_TRIGGER = "start_trigger_removed"
    END_RESULT = "end_result_removed"
    QUANTITY = "quantity_removed"
    CONDITION = "condition_not_translated"
    NO_CONDITION = "flow_without_condition"
    TIMER = "timer_not_translated"
    MESSAGE = "message_missing"
    MESSAGE_TASK = "message_task_became_user_task"
    DECISION = "decision_missing"
    CALLED = "called_procedure_missing"
    BOUNDARY = "boundary_not_on_user_task"
    LINK = "link_without_partner"
    STARTS = "not_one_start"
    NO_WAY_IN = "no_way_in"
    NO_NAME = "no_name"
    DANGLING = "flow_to_nothing"
    EMPTY = "process_is_empty"
    NO_LANES = "no_lanes"
    LANE = "unknown_lane"
    LANE_TWICE = "second_lane_of_role"
    SYSTEM_LANE = "service_task_not_in_system_lane"


@dataclass(frozen=True, kw_only=True)
class Change:
    """Hold one change, or one thing that still needs a person.

    Args:
        element_id: id in the result; the process id when it is about the file as a whole.
        detail: plain values under stable keys; foreign text is cut at 300 characters.
    """

    kind: ChangeKind
    element_id: str
    detail: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Imported:
    """Hold the result of an import.

    Args:
        xml: BPMN 2.0 in UTF-8, our subset as far as it could be brought, with its drawing.
        changes: in the order they were made; findings that need a person come last.
    """

    xml: bytes
    changes: Sequence[Change]


@dataclass
class Report:
    """Collect changes while a diagram is brought into the subset."""

    changes: list[Change] = field(default_factory=list)
    findings: list[Change] = field(default_factory=list)
    _counted: dict[tuple[ChangeKind, str, str], list[str]] = field(default_factory=dict)

    def add(self, kind: ChangeKind, element_id: str, **detail: str) -> None:
        """Add one change; empty values are left out."""
        self.changes.append(_change(kind, element_id, detail))

    def attention(self, reason: Attention, element_id: str, **detail: str) -> None:
        """Add one thing that a person has to decide."""
        told = {"reason": reason, **detail}
        self.findings.append(_change(ChangeKind.NEEDS_ATTENTION, element_id, told))

    def count(self, kind: ChangeKind, what: str, element_id: str, value: str = "") -> None:
        """Count a removal that is made on many elements; `finish` adds one change for all."""
        self._counted.setdefault((kind, what, value), []).append(element_id)

    def finish(self, process_id: str) -> list[Change]:
        """Return all changes; what is about the file as a whole is under the process."""
        counted = [
            _change(kind, process_id, _counted_detail(what, value, elements))
            for (kind, what, value), elements in self._counted.items()
        ]
        made = [replace(c, element_id=c.element_id or process_id) for c in self.changes]
        return [*made, *counted, *self.findings]


def _counted_detail(what: str, value: str, elements: list[str]) -> dict[str, str]:
    named = list(dict.fromkeys(element for element in elements if element))
    return {
        "what": what,
        "value": value,
        "count": str(len(elements)),
        "elements": " ".join(named[:_MAX_LISTED_IDS]),
    }


def _change(kind: ChangeKind, element_id: str, detail: Mapping[str, str]) -> Change:
    plain = {
        key: " ".join(value.split())[:_MAX_DETAIL_CHARS]
        for key, value in detail.items()
        if value.strip()
    }
    return Change(kind=kind, element_id=element_id, detail=plain)
