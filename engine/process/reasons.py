"""Name why a text of a diagram or a decision table is refused.

A refusal is a stable code and the values its sentence needs. The English of each code stands
here for the log; the sentences people read belong to the pages and the command line, as those of
`engine.process.findings` do.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Reason(StrEnum):
    """Name every refusal, with the English of the log; names and parameters are stable."""

    english: str

    def __new__(cls, code: str, english: str = "") -> "Reason":
        """Return the member; `Reason(code)` looks it up."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.english = english
        return member

    # Characters and words of an expression.
    TOO_LONG = "text.too_long", "longer than {most} characters"
    TOO_DEEP = "text.too_deep", "nested too deep"
    EMPTY = "text.empty", "it is empty"
    NOT_ONE = "text.not_one", "not one expression"
    CHARACTER = "text.character", "{character} is not in the language"
    DOT = "text.dot", "{character} is not in the language"
    ARITHMETIC = "text.arithmetic", "{character} is not in the language"
    LETTER = "text.letter", "{character} is not in the language"
    SINGLE_EQUALS = "text.equals", "{character} is not in the language: write == to compare"
    OPEN_TEXT = (
        "text.open",
        "{character} is not in the language here: a text is not closed, or holds a backslash",
    )
    MISSING_BEFORE = "text.missing_before", "something is missing before {token}"
    BAD_TEXT = "text.bad", "a text is too long, or holds characters that cannot be seen"
    LARGE_NUMBER = "text.large_number", "a number is too large"
    BAD_NAME = "text.bad_name", "{name} is not allowed as a name"
    # What is made of them.
    CONDITION_EMPTY = "condition.empty", "empty or twice"
    CONDITION_KIND = "condition.kind", "a condition is true or false, not {kind}"
    NOT_TRUTH = "condition.not_truth", "the result is not true or false"
    SYNTAX = "syntax.unknown", "{syntax} is not in the language"
    CHAIN = "syntax.chain", "only an order of three is chained, as in 1 <= rounds < 3"
    LIST_ALONE = "list.alone", "a list stands only after in, or before an index"
    LIST_COMPARED = "list.compared", "a list is neither compared nor held in a list"
    LIST_NEEDED = "list.needed", 'in needs a list, as in ("a", "b") or ["a"]'
    LIST_KIND = "list.kind", "the list has no place for {kind}"
    INDEX_PLAIN = "index.plain", "an index is a plain number, counted from 0"
    INDEX_KIND = "index.kind", "{kind} has no index"
    INDEX_PAST = "index.past", "there is no index {index}"
    FUNCTION_ALONE = (
        "function.alone",
        "{function} is a function and takes values in brackets",
    )
    FUNCTION_UNKNOWN = (
        "function.unknown",
        "there is no function {function!r}, and only names are called",
    )
    FUNCTION_NAMELESS = "function.nameless", "only names are called"
    FUNCTION_VALUES = "function.values", "{function} takes {count} values"
    FUNCTION_NAME = "function.name", "{function} takes one name"
    # Values and their kinds.
    KIND_NEEDED = "kind.needed", "{kind} where {needed_kind} is needed"
    KINDS_DIFFER = "kind.differ", "{kind} is never compared with {other_kind}"
    KINDS_MIXED = "kind.mixed", "{kind} and {other_kind} do not go together"
    KINDS_UNORDERED = "kind.unordered", "{kind} and {other_kind} have no order"
    NO_ORDER = "kind.no_order", "only numbers and texts have an order"
    NOT_PLAIN = "value.not_plain", "{type} is not plain"
    NAME_NOT_PLAIN = "value.name_not_plain", "{name} is {type}, which is not plain"
    NO_VALUE = "value.none", "{name} has no value"
    # Deadlines and timers.
    DEADLINE_FORM = "deadline.form", "neither a duration, working time nor `at NAME`"
    DEADLINE_LETTERS = "deadline.letters", "letters outside ASCII"
    DEADLINE_FAR = "deadline.far", "more than ten years away"
    DEADLINE_OPENING = "deadline.opening", "the opening has no offset"
    DEADLINE_NUMBER = "deadline.number", "no whole number from 0 to {most}"
    MOMENT_FORM = "moment.form", "no ISO date-time"
    MOMENT_OFFSET = "moment.offset", "a date-time without offset"
    MOMENT_UNKNOWN = "moment.unknown", "no moment of the calendar"
    # Files of decision tables.
    NOT_DMN = "dmn.not_dmn", "the file is not DMN 1.1 to 1.5"
    LANGUAGE = "dmn.language", "expression language {language!r} is not ours, {ours}"
    ELEMENT = "dmn.element", "element {element} in {holder} is not supported"
    ELEMENT_TABLE = (
        "dmn.element_table",
        "element {element} in {holder} is not supported: a decision is one decision table here",
    )
    ELEMENT_CHAIN = (
        "dmn.element_chain",
        "element {element} in {holder} is not supported: "
        "let the flow ask one decision after the other",
    )
    ELEMENT_FUNCTION = (
        "dmn.element_function",
        "element {element} in {holder} is not supported: "
        "functions of one's own are not in the language",
    )
    ELEMENT_TYPE = (
        "dmn.element_type",
        "element {element} in {holder} is not supported: "
        "values are text, whole numbers, true or false",
    )
    ELEMENT_IMPORT = (
        "dmn.element_import",
        "element {element} in {holder} is not supported: a file stands for itself",
    )
    ELEMENT_AGAIN = "dmn.element_again", "element {holder} has {count} times {element}"
    DECISION_ID = "dmn.id", "id {id!r} is not allowed"
    DECISION_TWICE = "dmn.decision_twice", "decision {id} stands there twice"
    DECISIONS_MANY = "dmn.decisions_many", "the file has more than {most} decisions"
    DECISIONS_NONE = "dmn.decisions_none", "the file has no decision"
    # One decision table.
    TABLE_NONE = "table.none", "it has no decision table"
    TABLE_PRIORITY = (
        "table.priority",
        "PRIORITY needs the values of every output, the most important first",
    )
    TABLE_VALUE = (
        "table.value",
        "{name} stands for the column's value, and only in input cells",
    )
    POLICY_MANY = (
        "table.policy_many",
        "hit policy {policy} is not supported: "
        "it gives several answers, and process data holds one value a name",
    )
    POLICY_UNKNOWN = "table.policy_unknown", "hit policy {policy} is not known"
    TABLE_COLUMNS = (
        "table.columns",
        "it has {inputs} inputs and {outputs} outputs, 1 to {most} are needed",
    )
    TABLE_RULES = "table.rules", "it has {count} rules, 1 to {most} are needed"
    RULE_CELLS = (
        "table.cells",
        "{inputs} + {outputs} cells, not {input_columns} + {output_columns}",
    )
    TABLE_DEFAULTS = "table.defaults", "a default is needed for every output, or for none"
    OUTPUT_NAME = "table.output_name", "an output is called like process data, as in due_hours"
    NAME_TAKEN = "table.name_taken", "the name is taken"
    TYPE_UNKNOWN = (
        "table.type",
        "type {type} is not supported, only string, number and boolean",
    )
    VALUES_FORM = "table.values", "this is not a list of plain values"
    VALUE_UNLISTED = "cell.unlisted", "{value} is not among the column's values"
    CELL_FORM = "cell.form", "a cell is a value, a comparison or a condition; text is in quotes"
    CELL_LONGER = "cell.longer", "a longer condition names {name}, as in 1 <= {name} < 3"
    COLUMN_KIND = "column.kind", "{column} is {kind}, not {needed_kind}"
    COLUMN_VALUE = "column.value", "{column} may not be {value}"
    # What a table decides, or leaves open.
    NO_RULE = "rules.none", "no rule matches"
    RULES_MATCH = "rules.match", "rules {rules} match, and only one may"
    RULES_DISAGREE = "rules.disagree", "rules {rules} match and disagree"
    RULE_DEAD = "rules.dead", "rule {number} never matches, by its cell for {column}"
    RULE_HIDDEN = (
        "rules.hidden",
        "rule {number} is never reached: earlier rules match all it would",
    )
    RULES_OVERLAP = "rules.overlap", "rules {number} and {other_number} both match {case}"
    GAP = "rules.gap", "no rule matches {case}, and there is no default"
    MORE_ALIKE = "rules.more", "and more of the same"
    TOO_MANY_CASES = "rules.too_many", "the table has too many combinations to check them all"


class OtherValue(StrEnum):
    """Stand in a case for a value that no cell mentions."""

    TEXT = "another text"
    ANY = "another value"


#: Where in a DMN file something was refused, from the outside in; each is a parameter.
PLACES: Mapping[str, str] = {
    "at_decision": "decision {}",
    "at_output": "output {!r}",
    "at_default": "default of column {}",
    "at_rule": "rule {}",
    "at_column": "column {}",
    "at_cell": "{!r}",
}


@dataclass(frozen=True)
class Refusal:
    """Hold one refusal: why, and the values of its sentence by name."""

    reason: Reason
    params: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        """Return the English of the log."""
        shown = dict(self.params)
        if "case" in shown:
            pairs = read_case(shown["case"])
            shown["case"] = ", ".join(f"{label} = {value}" for label, value in pairs)
        return self.reason.english.format_map(shown)

    def told(self, before: str = "") -> dict[str, str]:
        """Return everything as parameters of an error or of a finding.

        Args:
            before: what comes before the English, such as a place.
        """
        code = self.reason.value
        return {"reason": f"{before}{self}", "reason_code": code, **self.params}


class RefusedError(Exception):
    """Carry a refusal to where the text it belongs to is known; it never leaves this room."""

    def __init__(self, reason: Reason, /, **params: str) -> None:
        self.refusal = Refusal(reason, params)
        super().__init__(reason)

    def __str__(self) -> str:
        """Return the English of the log."""
        return str(self.refusal)


def write_case(values: Iterable[tuple[str, str]]) -> str:
    """Return column labels and their values as one parameter: a JSON list of pairs."""
    return json.dumps(list(values), ensure_ascii=False)


def read_case(case: str) -> list[tuple[str, str]]:
    """Return what `write_case` was given."""
    return [(label, value) for label, value in json.loads(case)]
