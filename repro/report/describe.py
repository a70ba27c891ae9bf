"""In words: what a table, figure or model is, and where a cell comes from. Never imports torch."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from repro import places
from repro.errors import unknown
from repro.measure import accuracy, count
from repro.measure.cells import Cell, cells
from repro.models.zoo import MODELS
from repro.record.found import Records
from repro.record.record import Record
from repro.report import all_models
from repro.spec import catalog
from repro.spec.ablation import Ablation
from repro.spec.claim import Claims
from repro.spec.figure import Figure
from repro.spec.profiles import PAPER
from repro.spec.run import Run
from repro.spec.table import Field, PaperTable, Row


def describe(name: str) -> str:
    """A table, a figure or a model in words; raises UsageError with near names."""
    if name in MODELS:
        return _model(name)
    known = {**catalog.specs(), all_models.ID: all_models.table()}
    if name not in known:
        raise unknown("table, figure or model", name, [*known, *MODELS], "repro list")
    spec = known[name]
    if isinstance(spec, Figure):
        return _figure(spec)
    if isinstance(spec, Claims):
        return (
            f"{spec.id}: {len(spec.claims)} claims, {spec.title}\n  next: repro claims {spec.paper}"
        )
    if isinstance(spec, Ablation):
        return f"{spec.question}\n{_table(spec.table)}\n  a view of the table {spec.table_id}, with its remarks"
    return _table(spec)


def _model(name: str) -> str:
    info = MODELS[name]
    switches = ", ".join(f"{key}={value}" for key, value in builder_switches(info.module).items())
    lines = [
        f"{name}: {info.source}",
        f"  task {info.task}, nominal input {info.size[0]}x{info.size[1]}, code "
        f"repro/models/{info.module}.py",
        f"  switches: {switches}",
        f"  next: repro count {name} --explain",
    ]
    return "\n".join(lines)


def builder_switches(module: str) -> dict[str, str]:
    """Keywords of a family's `build` and their defaults as written, read from the source: torch
    stays unloaded."""
    source = places.PACKAGE / "models" / f"{module}.py"
    tree = ast.parse(source.read_text(encoding="utf-8"))
    build = next(
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "build"
    )
    names = [argument.arg for argument in build.args.kwonlyargs]
    defaults = [
        "required" if node is None else ast.unparse(node) for node in build.args.kw_defaults
    ]
    return dict(zip(names, defaults, strict=True))


def _table(table: PaperTable) -> str:
    columns = [f"  {item.name}: {item.title}" for item in (*table.columns, *table.also)]
    rows = [line for row in table.rows for line in _row(row)]
    remarks = [f"  {number}. {text}" for number, text in enumerate(table.differences, start=1)]
    head = f"{table.id}: {table.paper}, {table.number}, {table.title}"
    return "\n".join(
        [head, "columns:", *columns, "rows:", *rows, "differences from the paper:", *remarks]
    )


def _row(row: Row) -> list[str]:
    if row.run is None and not row.runs:
        return [f"  {row.key}: quoted, {row.quoted}"]
    runs = {"": row.run, **row.runs}
    return [
        f"  {row.key}{label and f' ({label})'}: {_wanted(run)}"
        for label, run in runs.items()
        if run is not None
    ]


def _wanted(run: Run) -> str:
    return accuracy.key(run, PAPER) if run.dataset else count.key(run, "true")


def _figure(figure: Figure) -> str:
    head = f"{figure.id}: {figure.paper}, {figure.number}, {figure.title}"
    if figure.waits:
        return f"{head}\n  not drawn: it waits for {figure.waits}"
    return "\n".join(
        [
            head,
            *(f"  {panel.words}" for panel in figure.panels),
            f"  next: repro figure {figure.id}",
        ]
    )


def provenance(name: str, row: str, column: str, records: Records) -> str:
    """Where one cell of a table comes from; raises UsageError for unknown tables, rows and
    columns."""
    ablations = {ablation.id: ablation.table for ablation in catalog.ablations()}
    table = ablations[name] if name in ablations else all_models.find(name)
    rows = {table_row.key: table_row for table_row in table.rows}
    if row not in rows:
        raise unknown(f"row of {name}", row, rows, f"repro show {name}")
    names = [item.name for item in (*table.columns, *table.also)]
    if column not in names:
        raise unknown(f"column of {name}", column, names, f"repro show {name}")
    lines = {
        line[0].row: {cell.field.name: cell for cell in line} for line in cells(table, records)
    }
    return origin(table, lines, row, column, records).text


Lines = Mapping[str, Mapping[str, Cell]]
"""Cells by row and field."""


@dataclass(frozen=True)
class Origin:
    """Where a cell comes from.

    title: table, row and column. facts: name and text, in the order of print. proof: how the
    record was made, () without one.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    proof: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """All of it as `repro why` prints it."""
        lines = [self.title, *(f"  {name + ':':<9} {text}" for name, text in self.facts)]
        proof = [f"    {name}: {text}" for name, text in self.proof]
        return "\n".join([*lines, *(["  provenance:", *proof] if proof else [])])


def origin(table: PaperTable, lines: Lines, row: str, column: str, records: Records) -> Origin:
    """Where the cell in a row and a column of a table comes from; `lines` are the table's cells."""
    cell = lines[row][column]
    record = records.get(cell.key)
    facts = [*_cell(table, cell), *_record(table, cell, record)]
    facts += _sources(next(line for line in table.rows if line.key == row), cell.field, lines)
    proof = tuple((name, str(value)) for name, value in record.provenance.items()) if record else ()
    return Origin(f"{table.id}, row {row}, {cell.field.title}", tuple(facts), proof)


def _cell(table: PaperTable, cell: Cell) -> Iterator[tuple[str, str]]:
    """What a cell holds, and why it holds nothing."""
    difference = "" if cell.difference is None else f", difference {cell.difference_text}"
    yield "reported", f"{cell.reported or 'nothing'} ({table.paper}, {table.number})"
    yield "measured", cell.measured_text or "nothing"
    yield "status", f"{cell.status}{difference}"
    if cell.why:
        yield "why", cell.why
    if cell.key:
        yield "record", cell.key


def _record(table: PaperTable, cell: Cell, record: Record | None) -> Iterator[tuple[str, str]]:
    """What the record of a cell holds, or the command that makes one."""
    if record is None:
        if cell.key:
            yield "next", _next(table, cell)
        return
    if len(cell.seeds) > 1:
        definition = cell.field.definition
        yield from ((f"seed {seed}", definition.text(value)) for seed, value in cell.seeds.items())
    yield "values", ", ".join(f"{name} {value}" for name, value in record.values.items())
    yield "digest", record.digest


def _sources(row: Row, item: Field, lines: Lines) -> Iterator[tuple[str, str]]:
    """The formula of a derived cell and the two cells that it is computed from."""
    name = item.ratio or item.gain
    if not name or not row.against:
        return
    arm, base = lines[row.key][name], lines[row.against][name]
    formula = f"'{row.against}' / '{row.key}'" if item.ratio else f"'{row.key}' - '{row.against}'"
    yield "formula", f"{arm.field.title}, {formula}"
    for cell in (arm, base):
        text = cell.measured_text or cell.status
        yield "source", f"'{cell.row}': {text}; record {cell.key or 'none'}"


def _next(table: PaperTable, cell: Cell) -> str:
    """The command that fills a cell."""
    ablations = [ablation.id for ablation in catalog.ablations()]
    command = "ablation" if table.id in ablations else "table"
    trained = " --profile paper --data DIR" if cell.field.definition.kind == "evaluate" else ""
    return f"repro {command} {table.id} --run --row '{cell.row}'{trained}"
