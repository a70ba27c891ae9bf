"""Claims: the closed language of their formulas, and a verdict per claim. Nothing is ever evaluated
by Python.

A formula is one expression over cells of tables:

    row("efficienthrnet-3", "H0").ap      the cell of a row (its name, then the column's as in the spec)
    rows("efficienthrnet-3")              all rows of a table; `.key` is the name of a row
    + - * / % **  == != < <= > >=  and  a if b else c  [..]  x[0]  [.. for r in .. if ..]
    abs all any ceil floor max range sum

Numbers, texts, True and False mean themselves; a printed mark reads as True or False, a printed
list of numbers as a list. Anything else is refused, wherever it stands, and so are formulas too
long, too deep or too slow.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeGuard

from repro.errors import SpecError
from repro.record.verdict import decimals, readings
from repro.spec.claim import Claim
from repro.spec.table import PaperTable

UNDERSTATED, WITHIN, OVERSTATED = "understated", "within print", "overstated"
LONGEST, LARGEST, DEEPEST, SLOWEST = 4000, 1000, 20, 50_000  # characters, nodes, levels, steps
HUGE, MANY = 1e300, 100  # largest number, longest range


class RowName(NamedTuple):
    """A row of a table, as a value of the language."""

    table: str
    key: str


Value = bool | float | str | list[Any] | RowName


class Measured(float):
    """A measured number in the place of a printed cell.

    places: decimals of that cell. The number equals every number that may print the same.
    """

    places: int

    def __new__(cls, value: float, places: int) -> "Measured":
        """A float that is not rounded and remembers its decimals."""
        self = super().__new__(cls, value)
        self.places = places
        return self


class Cells(Protocol):
    """Where a formula finds its numbers."""

    def rows(self, table: str) -> list[str]:
        """The row names of a table, in order; raises SpecError for an unknown table."""

    def value(self, table: str, row: str, column: str) -> Value:
        """What a cell holds; raises SpecError naming table, row and column when it is missing."""


def read(text: str) -> Value:
    """A printed text as a value: a number, a mark, a list of numbers, or the text itself."""
    if text in ("yes", "no"):
        return text == "yes"
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    if re.fullmatch(r"[+-]?\d*\.\d+", text):
        return float(text)
    numbers = [read(number) for number in text.split(", ")] if ", " in text else []
    return numbers if numbers and all(_is_number(part) for part in numbers) else text


@dataclass(frozen=True)
class Printed:
    """The printed cells of some tables, by table id."""

    tables: Mapping[str, PaperTable]

    def rows(self, table: str) -> list[str]:
        """Row names of a table."""
        if table not in self.tables:
            raise SpecError(f"there is no table '{table}'", "repro list")
        return [row.key for row in self.tables[table].rows]

    def text(self, table: str, row: str, column: str) -> str:
        """The printed text of a cell; raises SpecError when there is none."""
        where, hint = f"table {table}, row {row}, column {column}", f"repro show {table}"
        lines = {line.key: line for line in self.tables[table].rows} if table in self.tables else {}
        if table not in self.tables:
            raise SpecError(f"{where}: there is no such table", "repro list")
        if row not in lines:
            raise SpecError(f"{where}: there is no such row", hint)
        if column not in [item.name for item in self.tables[table].columns]:
            raise SpecError(f"{where}: there is no such column", hint)
        if not (text := self.tables[table].reported(lines[row], column)):
            raise SpecError(f"{where}: the paper prints nothing there", hint)
        return text

    def value(self, table: str, row: str, column: str) -> Value:
        """The printed value of a cell; raises SpecError when there is none."""
        return read(self.text(table, row, column))


# the language
# --------------------------------------------------------------------------------------------------

ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: lambda left, right: _equal(left, right),
    ast.NotEq: lambda left, right: not _equal(left, right),
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "all": all,
    "any": any,
    "ceil": math.ceil,
    "floor": math.floor,
    "max": max,
    "sum": sum,
    "range": lambda number: _range(number),
    "row": lambda table, key: _row(table, key),
}
ALLOWED = {
    ast.Expression,
    ast.Constant,
    ast.Name,
    ast.Load,
    ast.Store,
    ast.List,
    ast.BinOp,
    ast.BoolOp,
    ast.And,
    ast.Compare,
    ast.IfExp,
    ast.Call,
    ast.Attribute,
    ast.Subscript,
    ast.ListComp,
    ast.comprehension,
    *ARITHMETIC,
    *COMPARISONS,
}


def _row(table: Value, key: Value) -> RowName:
    if not (isinstance(table, str) and isinstance(key, str)):
        raise TypeError("a table and a row are named by texts")
    return RowName(table, key)


def _range(number: object) -> list[int]:
    if not isinstance(number, int) or number > MANY:
        raise ValueError(f"a range goes to a whole number up to {MANY}")
    return list(range(number))


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _equal(left: Any, right: Any) -> bool:
    places = [operand.places for operand in (left, right) if isinstance(operand, Measured)]
    if places:
        return bool({*readings(left, min(places))} & {*readings(right, min(places))})
    return bool(left == right)


def parse(formula: str) -> ast.expr:
    """The tree of a formula; raises SpecError for anything outside the language."""
    if len(formula) > LONGEST:
        raise SpecError(f"formula of {len(formula)} characters; at most {LONGEST} are read")
    try:
        tree = ast.parse(formula, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        raise SpecError(f"not an expression: {fault}") from fault
    _check_size(tree)
    for node in ast.walk(tree):
        _check_node(node)
    return tree.body


def _check_size(tree: ast.AST) -> None:
    layer, nodes, depth = [tree], 0, 0
    while layer:
        nodes, depth = nodes + len(layer), depth + 1
        layer = [child for node in layer for child in ast.iter_child_nodes(node)]
        if nodes > LARGEST or depth > DEEPEST:
            raise SpecError(f"formula too large: more than {LARGEST} parts or {DEEPEST} levels")


def _check_node(node: ast.AST) -> None:
    signs = (
        node.ops
        if isinstance(node, ast.Compare)
        else [node.op]
        if isinstance(node, (ast.BinOp, ast.BoolOp))
        else []
    )
    for symbol in (node, *signs):
        if type(symbol) not in ALLOWED:
            raise _refused(type(symbol).__name__, node)
    if isinstance(node, ast.Constant) and type(node.value) not in (bool, int, float, str):
        raise _refused(type(node.value).__name__, node)
    if isinstance(node, ast.Call) and (
        not isinstance(node.func, ast.Name)
        or node.func.id not in {*FUNCTIONS, "rows"}
        or node.keywords
    ):
        raise _refused("call", node)
    if isinstance(node, ast.comprehension) and (
        node.is_async or not isinstance(node.target, ast.Name)
    ):
        raise _refused("loop", node)


def _refused(reason: str, node: ast.AST) -> SpecError:
    text = ast.unparse(node)
    shown = text if len(text) <= 60 else f"{text[:57]}..."
    text = f"{reason} `{shown}` is not part of the language of claims"
    return SpecError(text, "see repro/claims/language.py")


@dataclass
class Reading:
    """One evaluation of a formula: a walk of its tree, with a limit of steps."""

    cells: Cells
    steps: int = field(default=0, init=False)

    def value(self, node: ast.expr, names: Mapping[str, Value]) -> Value:
        """The value of one node; raises SpecError where it has none."""
        self.steps += 1
        if self.steps > SLOWEST:
            raise SpecError(f"formula too slow: more than {SLOWEST} steps")
        value: Value = getattr(self, f"_{type(node).__name__.lower()}")(node, names)
        return value

    def _constant(self, node: ast.Constant, names: Mapping[str, Value]) -> Value:
        assert isinstance(node.value, (bool, int, float, str))  # checked when parsed
        return node.value

    def _name(self, node: ast.Name, names: Mapping[str, Value]) -> Value:
        if node.id not in names:
            raise _refused("name", node)
        return names[node.id]

    def _list(self, node: ast.List, names: Mapping[str, Value]) -> Value:
        return [self.value(item, names) for item in node.elts]

    def _binop(self, node: ast.BinOp, names: Mapping[str, Value]) -> Value:
        left, right = self.value(node.left, names), self.value(node.right, names)
        if not (_is_number(left) and _is_number(right)):
            raise _refused("arithmetic on what is no number", node)
        if isinstance(node.op, ast.Pow) and max(abs(left), abs(right)) > MANY:
            raise _refused("power of large numbers", node)
        result = self._apply(ARITHMETIC[type(node.op)], [left, right], node)
        if not _is_number(result) or abs(result) > HUGE:
            raise _refused("number too large or complex", node)
        return result

    def _boolop(self, node: ast.BoolOp, names: Mapping[str, Value]) -> Value:
        return all(self._truth(operand, names) for operand in node.values)

    def _ifexp(self, node: ast.IfExp, names: Mapping[str, Value]) -> Value:
        return self.value(node.body if self._truth(node.test, names) else node.orelse, names)

    def _truth(self, node: ast.expr, names: Mapping[str, Value]) -> bool:
        truth = self.value(node, names)
        if not isinstance(truth, bool):
            raise _refused("condition that is neither true nor false", node)
        return truth

    def _compare(self, node: ast.Compare, names: Mapping[str, Value]) -> Value:
        values = [self.value(operand, names) for operand in (node.left, *node.comparators)]
        pairs = zip(values, node.ops, values[1:], strict=False)
        return all(
            self._apply(COMPARISONS[type(op)], [left, right], node) is True
            for left, op, right in pairs
        )

    def _subscript(self, node: ast.Subscript, names: Mapping[str, Value]) -> Value:
        return self._apply(
            _item, [self.value(node.value, names), self.value(node.slice, names)], node
        )

    def _call(self, node: ast.Call, names: Mapping[str, Value]) -> Value:
        assert isinstance(node.func, ast.Name)  # checked when parsed
        values = [self.value(argument, names) for argument in node.args]
        return self._apply(
            self._rows if node.func.id == "rows" else FUNCTIONS[node.func.id], values, node
        )

    def _rows(self, table: str) -> list[Any]:
        return [RowName(table, key) for key in self.cells.rows(table)]

    def _attribute(self, node: ast.Attribute, names: Mapping[str, Value]) -> Value:
        row = self.value(node.value, names)
        if not isinstance(row, RowName):
            raise _refused("attribute", node)
        return row.key if node.attr == "key" else self.cells.value(row.table, row.key, node.attr)

    def _listcomp(self, node: ast.ListComp, names: Mapping[str, Value]) -> Value:
        return [self.value(node.elt, inner) for inner in self._loops(node.generators, names)]

    def _loops(
        self, loops: list[ast.comprehension], names: Mapping[str, Value]
    ) -> Iterator[Mapping[str, Value]]:
        if not loops:
            yield names
            return
        items = self.value(loops[0].iter, names)
        if not isinstance(items, list):
            raise _refused("loop over what is no list", loops[0].iter)
        assert isinstance(loops[0].target, ast.Name)  # checked when parsed
        for item in items:
            inner = {**names, loops[0].target.id: item}
            if all(self._truth(test, inner) for test in loops[0].ifs):
                yield from self._loops(loops[1:], inner)

    @staticmethod
    def _apply(function: Callable[..., Any], values: list[Any], node: ast.expr) -> Value:
        try:
            result: Value = function(*values)
            return result
        except (ArithmeticError, TypeError, ValueError, IndexError) as fault:
            raise SpecError(f"`{ast.unparse(node)}`: {fault}") from fault


def _item(items: Value, index: object) -> Value:
    if not isinstance(items, list) or not isinstance(index, int):
        raise TypeError("only a list has numbered items")
    item: Value = items[index]
    return item


# verdicts
# --------------------------------------------------------------------------------------------------


def recompute(claim: Claim, cells: Cells) -> Value:
    """The value of a claim's formula on some cells; raises SpecError naming the claim and what is
    wrong with it."""
    try:
        return Reading(cells).value(parse(claim.formula), {})
    except SpecError as fault:
        raise SpecError(f"claim {claim.id}: {fault.message}", fault.hint) from fault


def agrees(claim: Claim, value: Value) -> bool:
    """Whether a recomputed value has the relation to the claimed one that the claim states."""
    return not any(deviations(claim, value))


def deviations(claim: Claim, result: Value) -> list[int]:
    """Where each recomputed number lies: 0 as claimed, 1 above, -1 below.

    A yes-or-no claim that is not as claimed lies below. A number is as claimed when it reads so,
    rounded or cut to the claimed digits, or lies within the tolerance.
    Raises SpecError where the formula gives another number of values than are claimed.
    """
    if claim.relation == "true":
        return [0 if result is claim.value else -1]
    values = result if isinstance(result, list) else [result]
    if len(values) != len(claim.numbers) or not all(_is_number(value) for value in values):
        wanted = f"{len(claim.numbers)} numbers are claimed"
        raise SpecError(f"claim {claim.id}: {wanted}, the formula gives {result}")
    pairs = zip(claim.numbers, values, strict=True)
    return [_deviation(claim, claimed, value) for claimed, value in pairs]


def _deviation(claim: Claim, claimed: float, value: float) -> int:
    if claim.relation == "lt":
        return int(value >= claimed)
    if claim.relation == "gt":
        return -int(value <= claimed)
    reads_so = claimed in readings(value, decimals(str(claimed)))
    if reads_so or abs(value - claimed) <= claim.tolerance + 1e-9:
        return 0
    return 1 if value > claimed else -1


def outcome(claim: Claim, value: Value) -> str:
    """What the truth makes of a claim: UNDERSTATED where it says more for what is argued,
    OVERSTATED where less.

    Of several numbers the one that falls shortest decides.
    """
    ways = zip(deviations(claim, value), claim.sides, strict=True)
    signs = [way if side == "higher" else -way for way, side in ways]
    return OVERSTATED if min(signs) < 0 else UNDERSTATED if max(signs) > 0 else WITHIN
