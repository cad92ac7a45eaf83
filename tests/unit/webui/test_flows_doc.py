"""Keep the commands and tables of `docs/flows.md` true.

`python -m tests.unit.webui.test_flows_doc` writes the tables anew.
"""

import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

import click
import pytest

from engine.model.organisation import Role
from engine.process.diagram import EXTENSION_NAMESPACE
from engine.process.findings import LintRule
from engine.process.model import Procedure, TaskRule
from engine.process.nodes import SYSTEM_LANE, NodeKind
from webui.bootstrap import PROCEDURES
from webui.cli import cli
from webui.i18n import translate
from webui.lint_texts import TEXTS
from webui.words import ROLES

PATH = Path(__file__).parents[3] / "docs" / "flows.md"
DOCUMENT = PATH.read_text(encoding="utf-8")


def both(text: str) -> str:
    """Return a text in both languages as a cell; what depends on the file is shown as dots."""
    cell = f"{translate(text, 'vi')}<br>*{translate(text, 'en')}*"
    return cell.replace("|", "\\|")


def code(*names: str) -> str:
    return " ".join(f"`{name}`" for name in names)


def table(*rows: tuple[str, ...]) -> str:
    head, *body = rows
    lines = [head, ("---",) * len(head), *body]
    return (
        "".join(f"| {' | '.join(row)} |\n" for row in lines)
        .replace("| --- ", "|---")
        .replace("--- |", "---|")
    )


def rules_table() -> str:
    rows = [(code(rule), both(TEXTS[rule].text), both(TEXTS[rule].mend)) for rule in LintRule]
    return table(("quy tắc · rule", "nghĩa · meaning", "cách sửa · how to mend"), *rows)


def lanes_table() -> str:
    rows = [(code(role), both(ROLES[role])) for role in Role]
    return table(
        ("mã làn · id of the lane", "ai · who"), *rows, (code(SYSTEM_LANE), both("Hệ thống"))
    )


def procedure_table(procedure: Procedure) -> str:
    steps = [*procedure.tasks, *procedure.operations]
    rows = [
        (
            code(step),
            "việc của người · task" if step in procedure.tasks else "việc hệ thống · operation",
            code(*_writes(procedure, step)),
            "✓" if step in procedure.required else "",
            code(*(before for before, after in procedure.order if after == step)),
            code(*(before for before, after in procedure.never_after if after == step)),
            *_refusal(procedure.tasks.get(step)),
        )
        for step in steps
    ]
    head = (
        "quy tắc · rule",
        "loại · kind",
        "ghi · writes",
        "bắt buộc · required",
        "sau · after",
        "không sau · never after",
        "đồng ý khi · consents by",
        "không đồng ý thì không tới · a refusal bars",
        "trả lại về · back to",
    )
    start = code(*sorted(procedure.starts_with))
    first = code(*sorted(procedure.opens_with))
    return (
        f"**`{procedure.id}`** – có từ đầu · *from the start*: {start}; "
        f"mở đầu · *opens with*: {first}\n\n{table(head, *rows)}"
    )


def _refusal(rule: TaskRule | None) -> tuple[str, str, str]:
    if rule is None:
        return "", "", ""
    return (
        code(f"{rule.decides} == True") if rule.decides else "",
        code(*sorted(rule.refusal_bars)),
        code(*sorted(rule.returns_to)),
    )


def _writes(procedure: Procedure, step: str) -> list[str]:
    rule = procedure.tasks.get(step)
    return sorted(rule.writes if rule else procedure.operation_writes)


PARTS: Mapping[str, Callable[[], str]] = {
    "lanes": lanes_table,
    "procedures": lambda: "\n".join(map(procedure_table, PROCEDURES.values())),
    "rules": rules_table,
}


def rewritten(text: str) -> str:
    """Return the document with its tables as the house says."""
    for name, make in PARTS.items():
        before, begin, rest = text.partition(f"<!-- {name} -->\n")
        _old, end, after = rest.partition(f"<!-- /{name} -->")
        assert begin, name
        assert end, name
        text = f"{before}{begin}{make()}{end}{after}"
    return text


def test_tables_of_the_document_are_what_the_house_says() -> None:
    assert rewritten(DOCUMENT).splitlines() == DOCUMENT.splitlines()


def test_document_names_every_element_and_attribute_that_can_be_drawn() -> None:
    assert EXTENSION_NAMESPACE in DOCUMENT
    for kind in NodeKind:
        assert f"`{kind}`" in DOCUMENT
    for name in (
        "rule", "due", "returnsTo", "decision", "correlation", "payload", "passes", "takes"
    ):  # fmt: skip
        assert f"`trinhky:{name}`" in DOCUMENT


def commands() -> list[str]:
    blocks = re.findall(r"^```console\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("line", commands())
def test_command_of_the_document_can_be_called(line: str, tmp_path: Path) -> None:
    words = shlex.split(line.partition(">")[0])
    assert words.pop(0) == "trinhky"
    for position, word in enumerate(words):
        if word.endswith((".bpmn", ".dmn")):
            file = tmp_path / word
            file.touch()
            words[position] = str(file)
    command: click.Command = cli
    context = click.Context(cli)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words.pop(0))
        assert found is not None
        command = found
    command.make_context("trinhky", words)


if __name__ == "__main__":
    PATH.write_text(rewritten(DOCUMENT), encoding="utf-8")
