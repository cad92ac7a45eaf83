"""Read the cells of a decision table; they are written in the expression language.

An input cell is empty or `-` (anything goes), values (`"khan"`, or several with commas), a test
that begins with its operator (`< 5`, `in ("a", "b")`, `not "a"`), or a whole condition in which
`value` stands for what the column reads.
"""

import ast
import re
from dataclasses import dataclass

from engine.process.expression_tokens import parse_expression, refused
from engine.process.expression_values import Kind, kind_of
from engine.process.expressions import Expression, build_expression
from engine.process.model import Plain
from engine.process.reasons import Reason

#: Name of the column's value inside an input cell.
VALUE = "value"

_TEST = re.compile(r"[=!<>]|in\b|not\s+in\b")


@dataclass(frozen=True)
class InputCell:
    """Hold one input cell; without `test`, anything goes.

    Args:
        members: the values it accepts, if it is nothing but a list of them.
    """

    text: str
    test: Expression | None = None
    members: tuple[Plain, ...] | None = None


def parse_cell(text: str) -> ast.expr | None:
    """Return an input cell as a condition on `value`; None when anything goes.

    Raises:
        InvalidInputError: it is not in the language.
    """
    text = text.strip()
    if text in {"", "-"}:
        return None
    if _TEST.match(text):
        return _parse_test(text)
    tree = parse_expression(text)
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not) and _is_list(tree.operand):
        return _membership(ast.NotIn(), tree.operand)
    return _membership(ast.In(), tree) if _is_list(tree) else tree


def compared_kinds(tree: ast.expr) -> frozenset[Kind]:
    """Return the kinds of the constants that a cell compares with `value`."""
    found: set[Kind] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
            if any(_is_value(operand) for operand in operands):
                found.update(kind for operand in operands for kind in _constant_kinds(operand))
    return frozenset(found - {Kind.NOTHING})


def build_cell(text: str, tree: ast.expr | None, kind: Kind) -> InputCell:
    """Return a checked input cell.

    Args:
        tree: from `parse_cell`.
        kind: of what the column reads.

    Raises:
        InvalidInputError: it can be neither true nor false.
    """
    if tree is None:
        return InputCell(text)
    test = build_expression(text, tree, {VALUE: kind})
    if test.kind is not Kind.TRUTH:
        raise refused(text, Reason.CELL_FORM)
    return InputCell(text, test, test.constants if _is_plain_membership(tree) else None)


def read_values(text: str) -> tuple[Plain, ...]:
    """Return the values of a list such as `"thuong", "khan"`; empty for no text.

    Raises:
        InvalidInputError: it is not a list of plain values.
    """
    if not text.strip():
        return ()
    tree = parse_expression(text)
    if not _is_list(tree):
        raise refused(text, Reason.VALUES_FORM)
    return build_expression(text, _membership(ast.In(), tree)).constants


def _parse_test(text: str) -> ast.expr:
    tree = parse_expression(f"{VALUE} {text}")
    if not (isinstance(tree, ast.Compare) and len(tree.ops) == 1):
        raise refused(text, Reason.CELL_LONGER, name=VALUE)
    (right,) = tree.comparators
    # Brackets round one value make no list in Python, but that is what a reader takes them for.
    if isinstance(tree.ops[0], ast.In | ast.NotIn) and isinstance(right, ast.Constant):
        return _membership(tree.ops[0], right)
    return tree


def _membership(op: ast.cmpop, members: ast.expr) -> ast.Compare:
    if isinstance(members, ast.Constant):
        members = ast.Tuple(elts=[members], ctx=ast.Load())
    value = ast.Name(id=VALUE, ctx=ast.Load())
    return ast.Compare(left=value, ops=[op], comparators=[members])


def _is_plain_membership(tree: ast.expr) -> bool:
    if not (isinstance(tree, ast.Compare) and len(tree.ops) == 1 and _is_value(tree.left)):
        return False
    return isinstance(tree.ops[0], ast.In | ast.Eq) and _is_list(tree.comparators[0])


def _is_list(node: ast.expr) -> bool:
    """Tell whether a node is one constant or a list of constants."""
    if isinstance(node, ast.Tuple | ast.List):
        return all(isinstance(element, ast.Constant) for element in node.elts)
    return isinstance(node, ast.Constant)


def _is_value(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == VALUE


def _constant_kinds(node: ast.expr) -> list[Kind]:
    elements = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
    return [kind_of(e.value) for e in elements if isinstance(e, ast.Constant)]
