"""Write small DMN files for tests, the way drawing tools save them."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

DMN13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def a_table(
    inputs: Sequence[str],
    outputs: Sequence[str],
    rules: Sequence[str],
    *,
    policy: str = "",
    types: Sequence[str] = (),
    values: Sequence[str] = (),
    output_values: Sequence[str] = (),
    defaults: Sequence[str] = (),
    decision_id: str = "choose",
) -> str:
    """Return one decision element.

    Args:
        rules: `input cell | input cell -> output cell | output cell`, one a rule.
        types: `typeRef` of the inputs and then of the outputs, "" for none.
        values: allowed values of the inputs.
    """
    types = [*types, *[""] * (len(inputs) + len(outputs) - len(types))]
    parts = [f"<decision id={quoteattr(decision_id)} name='Chọn'>"]
    parts.append(f"<decisionTable {f'hitPolicy={quoteattr(policy)}' if policy else ''}>")
    for index, text in enumerate(inputs):
        head = f"typeRef={quoteattr(types[index])}" if types[index] else ""
        allowed = _texts("inputValues", values[index : index + 1])
        parts.append(f"<input label={quoteattr(text)}>")
        parts.append(f"<inputExpression {head}>{_text(text)}</inputExpression>{allowed}</input>")
    for index, name in enumerate(outputs):
        output_type = types[len(inputs) + index]
        head = f"typeRef={quoteattr(output_type)}" if output_type else ""
        more = _texts("outputValues", output_values[index : index + 1])
        more += _texts("defaultOutputEntry", defaults[index : index + 1])
        parts.append(f"<output name={quoteattr(name)} {head}>{more}</output>")
    parts += [_rule(rule) for rule in rules]
    return "".join([*parts, "</decisionTable></decision>"])


def a_file(*decisions: str, namespace: str = DMN13, head: str = "") -> bytes:
    """Return a whole DMN file."""
    body = "".join(decisions)
    return f"<definitions xmlns='{namespace}' id='d' name='n' {head}>{body}</definitions>".encode()


def _rule(rule: str) -> str:
    cells, _arrow, answers = rule.partition("->")
    entries = "".join(_texts("inputEntry", [c.strip()]) for c in cells.split("|"))
    entries += "".join(_texts("outputEntry", [c.strip()]) for c in answers.split("|"))
    return f"<rule>{entries}<annotationEntry><text>vì sao</text></annotationEntry></rule>"


def _texts(name: str, texts: Sequence[str]) -> str:
    return "".join(f"<{name}>{_text(text)}</{name}>" for text in texts if text or "Entry" in name)


def _text(text: str) -> str:
    return f"<text>{escape(text)}</text>"
