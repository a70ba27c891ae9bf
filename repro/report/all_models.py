"""One ground for all models, `repro table all-models`, and every printed count beside the true one. No torch.

Both are made from the models' list, the spec tables and the records: no paper prints them and no number is typed here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import zip_longest

from repro.data.datasets import PLOTTED, DataSet
from repro.grid import WRITERS, Grid
from repro.measure import count
from repro.measure.accuracy import tested
from repro.measure.cells import Cell, cells
from repro.models.zoo import MODELS, ModelInfo
from repro.record.found import Records
from repro.report import tables
from repro.spec import catalog
from repro.spec.columns import column
from repro.spec.run import Run
from repro.spec.table import Field, PaperTable, Row

ID = "all-models"
ACCURACIES = {f"{dataset.column}_{name.replace('-', '_')}": name for name, dataset in PLOTTED.items()}
"""The data set of each accuracy, by the name of its field."""
NOTES = (
    "Parameters and MACs by rule `true`. Activations: peak at batch 1, float32, evaluation mode, unfused, from the "
    "lifetimes of all tensors of one forward pass; weights and workspaces apart (repro/counting/memory.py).",
    "Every accuracy is the paper's, at one test scale, from the table named behind it; a size there is the tested one "
    "where it is not that of the row.",
)


@cache
def table() -> PaperTable:
    """All models as a table: reported accuracy in its columns, counts and memory as measured-only ones."""
    fields = [_accuracy(name, PLOTTED[data]) for name, data in ACCURACIES.items()]
    return PaperTable(
        id=ID,
        paper="all",
        number="Ground",
        title="All models on one ground",
        columns=(Field("model"), Field("task"), Field("input_size"), *fields),
        also=(Field("params_m", rule="true"), Field("macs_g", rule="true"), Field("memory_mb")),
        rows=tuple(_row(name, one) for name, one in MODELS.items()),
        differences=NOTES,
    )


def _accuracy(name: str, dataset: DataSet) -> Field:
    """A column of accuracies on one data set."""
    score = column(dataset.column)
    return Field(name, dataset.column, label=f"{score.label}, {dataset.heading or dataset.title} ({score.unit})")


def _row(name: str, one: ModelInfo) -> Row:
    found = {item: reported(name, data, PLOTTED[data].column) for item, data in ACCURACIES.items()}
    size = "{}x{}".format(*one.size)
    return Row(
        name,
        (name, one.task, size, *(text for text, _ in found.values())),
        run=Run(name, one.size),
        notes={item: source for item, (_, source) in found.items() if source},
    )


def reported(name: str, data: str, metric: str) -> tuple[str, str]:
    """A model's printed accuracy on a data set and the table it stands in, or two empty texts.

    metric: name in COLUMNS. Only the model as it is, with any number of joints, at one test scale. The nominal size
    goes first, then the model's own paper, then the order of the tables; another tested size is told with the table.
    """
    info, value = MODELS[name], column(metric).value
    found = [
        (tested(run).shape != info.size, not info.source.lower().startswith(one.paper), place, one, run, text)
        for place, (one, run, item, text) in enumerate(_printed_runs())
        if item.definition.value == value and run.model == name and run.dataset == data
    ]
    if not found:
        return "", ""
    elsewhere, _, _, one, run, text = min(found, key=lambda entry: entry[:3])
    return text, f"{one.id}, at {'{}x{}'.format(*tested(run).shape)}" if elsewhere else one.id


@cache
def _printed_runs() -> tuple[tuple[PaperTable, Run, Field, str], ...]:
    """Every printed accuracy of an unchanged model at one scale; quoted columns too, whose run is only named."""
    return tuple(
        (one, run, item, one.reported(row, item.name))
        for one in catalog.tables()
        for row in one.rows
        for item in one.columns
        if (run := row.runs.get(item.run) if item.run else row.run) and _plain(run) and one.reported(row, item.name)
    )


def _plain(run: Run) -> bool:
    return set(run.changes) <= {"joints"} and run.protocol is not None and run.protocol.scales == (1.0,)


def lines(records: Records, *, rows: tuple[str, ...] = ()) -> list[list[Cell]]:
    """The cells of `table()`; an accuracy is labelled with the table it comes from."""
    notes = {row.key: row.notes for row in table().rows}
    return [
        [replace(one, labels=notes[one.row].get(one.field.name, one.labels)) for one in line]
        for line in cells(table(), records, rows=rows)
    ]


def grid(records: Records, *, rows: tuple[str, ...] = ()) -> Grid:
    """One line per model: task, input, parameters, MACs, memory, reported accuracies with their tables."""
    names = ("model", "task", "input_size", "params_m", "macs_g", "memory_mb", *ACCURACIES)
    fields = {item.name: item for item in (*table().columns, *table().also)}
    body = []
    for line in lines(records, rows=rows):
        by_name = {one.field.name: one for one in line}
        body.append(tuple(_text(by_name[name]) for name in names))
    return Grid(tuple(fields[name].title for name in names), tuple(body), title=table().title, notes=NOTES)


def _text(one: Cell) -> str:
    if one.reported:
        return f"{one.reported} ({one.labels})" if one.labels else one.reported
    if one.measured is None:
        return one.status
    return one.shown


def text(records: Records, form: str, *, rows: tuple[str, ...] = ()) -> str:
    """The ground in one of the forms of `repro.grid`: one line per cell for machines, one per model for people."""
    if form in ("json", "csv"):
        return tables.text(table(), lines(records, rows=rows), form)
    return WRITERS[form](grid(records, rows=rows))


def find(name: str) -> PaperTable:
    """A paper's table or this one; raises UsageError with the nearest names."""
    if name == ID:
        return table()
    found = catalog.find(name, PaperTable)
    assert isinstance(found, PaperTable)
    return found


def quoted() -> PaperTable:
    """Networks that only figures quote (LitePose's README), as rows without printed cells."""
    panels = [panel for figure in catalog.figures() for panel in figure.panels]
    runs = [quote.run for panel in panels for quote in getattr(panel, "quotes", ()) if quote.run]
    rows = {count.key(run, "true"): Row(count.key(run, "true"), (), run) for run in runs}
    also = (Field("macs_true_g", "macs_g", rule="true"), Field("macs_g", rule="ptflops"))
    return PaperTable("quoted-in-figures", "", "", "Networks that figures quote", (), tuple(rows.values()), also)


def larger() -> PaperTable:
    """Networks at the size they were tested at, where their paper prints the compute of another; no printed cells."""
    rows: dict[str, Row] = {}
    for one, run, _, _ in _printed_runs():
        rule = next((item.rule for item in one.columns if item.definition.value == "macs"), "")
        at = tested(run)
        if rule and at.shape != run.shape:
            rows[count.key(at, rule)] = Row(count.key(at, rule), (), at, rules={"macs_g": rule})
    also = (Field("macs_true_g", "macs_g", rule="true"), Field("macs_g"))
    return PaperTable("at-tested-size", "", "", "Networks at the size of their test", (), tuple(rows.values()), also)


def every_table() -> list[PaperTable]:
    """All that is counted: the papers' tables, the ablations as tables, all models, and what only figures show."""
    return [*catalog.tables(), *(one.table for one in catalog.ablations()), table(), quoted(), larger()]


# --- printed counts -----------------------------------------------------------------------------------------------

EXACT = 0.005  # relative: within this of the printed value needs no explanation
Texts = tuple[str, ...]
Lines = dict[Texts, list[str]]


def counts(records: Records) -> Grid:
    """Every printed count: by the paper's rule, the difference, and by rule `true`; one block of lines per network.

    Notes repeat the remarks of the tables on values that are off by more than `EXACT` and do not give the printed
    digits.
    """
    networks: dict[str, dict[str, Lines]] = {}
    for one, row, cell in _count_cells(records):
        network, texts = _count_texts(row, cell, records)
        kind = "params" if cell.field.definition.value == "params" else "macs"
        networks.setdefault(network, {"params": {}, "macs": {}})[kind].setdefault(texts, []).append(one.id)
    rows = [row for network, both in networks.items() for row in _count_rows(network, both["params"], both["macs"])]
    headings = ("printed", "measured", "rule", "difference (%)", "by true")
    return Grid(
        (
            "network",
            *(f"params (M) {heading}" for heading in headings),
            *(f"MACs {heading}" for heading in headings[:-1]),
            "MACs (G) by true",
            "tables",
        ),
        tuple(rows),
        title="Counts",
        notes=tuple(_explained(records)),
    )


def _count_rows(network: str, params: Lines, macs: Lines) -> Iterator[tuple[str, ...]]:
    blank: tuple[Texts, list[str]] = (("",) * 5, [])
    for (left, some), (right, others) in zip_longest(params.items(), macs.items(), fillvalue=blank):
        yield (network, *left, *right, ", ".join(dict.fromkeys([*some, *others])))


def _count_cells(records: Records) -> Iterator[tuple[PaperTable, Row, Cell]]:
    for one in catalog.tables():
        for row, line in zip(one.rows, cells(one, records), strict=True):
            for cell in line:
                if cell.field.definition.kind == "count" and cell.reported and cell.key:
                    yield one, row, cell


def _count_texts(row: Row, cell: Cell, records: Records) -> tuple[str, Texts]:
    """The network of a printed count, and the five texts on it; `true` is in millions of parameters or in G MACs."""
    definition, run = cell.field.definition, row.run_for(cell.field)
    assert run is not None
    network = count.key(run, "").removeprefix("count ").removesuffix(" rule=")
    stale = " (stale)" if cell.status == "stale" else ""
    measured = cell.status if cell.measured is None else f"{definition.text(cell.measured)}{stale}"
    off = "" if cell.difference is None else f"{100 * _off(cell):+.2f}"
    what, scale = ("params", 1e-6) if definition.value == "params" else ("macs", 1e-9)
    found = count.find(run, "true", records)
    counted = found and found.state != "failed"
    true = found.marked(f"{float(found.record.values[what]) * scale:.3f}") if found and counted else "not run"
    return network, (_with_unit(cell), measured, cell.rule, off, true)


def _with_unit(cell: Cell) -> str:
    """A printed count; operations with their unit, because the papers' differ."""
    one = cell.field.definition
    if one.value == "params":
        return cell.reported
    times = "x " if one.unit.startswith("2^") else ""
    return f"{cell.reported} {times}{one.unit}{' FLOPs' if one.value == 'flops' else ''}"


def _off(cell: Cell) -> float:
    return (cell.difference or 0.0) / float(cell.reported)


def _explained(records: Records) -> Iterator[str]:
    by_remark: dict[str, list[str]] = {}
    for where, remark in _outside(records):
        by_remark.setdefault(remark or "Not explained.", []).append(where)
    for number, (remark, places) in enumerate(by_remark.items(), start=1):
        yield f"{number}. {'; '.join(places)}: {remark}"


def _outside(records: Records) -> Iterator[tuple[str, str]]:
    """Place and remark of every count that is off and does not give the printed digits."""
    for one, row, cell in _count_cells(records):
        if cell.difference is not None and cell.status != "match" and abs(_off(cell)) > EXACT:
            where = f"{one.id}, {row.key}, {cell.field.definition.label} {cell.reported} ({100 * _off(cell):+.1f} %)"
            yield where, _remark(one.differences, row.key, cell.reported)


def _remark(remarks: Iterable[str], row: str, printed: str) -> str:
    """The remark that names the printed value, or else the row; a name inside a longer one does not count."""
    for wanted in (printed, row):
        pattern = re.compile(rf"(?<![\w.]){re.escape(wanted)}(?![\w]|\.\d)")
        found = next((remark for remark in remarks if pattern.search(remark)), "")
        if found:
            return found
    return ""
