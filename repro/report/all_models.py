"""All models in one table, `repro table all-models`.

It is made from the list of models, the spec tables and the records: no paper prints it, and no
number is typed here. No torch.
"""

from dataclasses import replace
from functools import cache

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
ACCURACIES = {
    f"{dataset.column}_{name.replace('-', '_')}": name for name, dataset in PLOTTED.items()
}
"""The data set of each accuracy, by the name of its field."""
NOTES = (
    "Parameters and MACs by rule `true`. Activations: peak at batch 1, float32, evaluation mode, "
    "unfused, from the lifetimes of all tensors of one forward pass; weights and workspaces apart "
    "(repro/counting/memory.py).",
    "Every accuracy is the paper's, at one test scale, from the table named behind it; a size there "
    "is the tested one where it is not that of the row.",
)


@cache
def table() -> PaperTable:
    """All models as a table: reported accuracy in its columns, counts and memory as measured-only
    ones."""
    fields = [_accuracy(name, PLOTTED[data]) for name, data in ACCURACIES.items()]
    return PaperTable(
        id=ID,
        paper="all",
        number="Ground",
        title="All models on one ground",
        columns=(Field("model"), Field("task"), Field("input_size"), *fields),
        also=(
            Field("params_m", rule="true"),
            Field("macs_g", rule="true"),
            Field("memory_mb"),
            Field("latency_eager_ms"),
            Field("latency_best_ms"),
        ),
        rows=tuple(_row(name, info) for name, info in MODELS.items()),
        differences=NOTES,
    )


def _accuracy(name: str, dataset: DataSet) -> Field:
    """A column of accuracies on one data set."""
    score = column(dataset.column)
    return Field(
        name,
        dataset.column,
        label=f"{score.label}, {dataset.heading or dataset.title} ({score.unit})",
    )


def _row(name: str, info: ModelInfo) -> Row:
    accuracies = {
        field: reported(name, data, PLOTTED[data].column) for field, data in ACCURACIES.items()
    }
    size = "{}x{}".format(*info.size)
    return Row(
        name,
        (name, info.task, size, *(text for text, _ in accuracies.values())),
        run=Run(name, info.size),
        notes={item: source for item, (_, source) in accuracies.items() if source},
    )


def reported(name: str, data: str, metric: str) -> tuple[str, str]:
    """A model's printed accuracy on a data set and the table it stands in, or two empty texts.

    metric: name in COLUMNS. Only unchanged models count, with any number of joints, at one test
    scale. Of several numbers one at the nominal size is taken, else one in the model's own paper,
    else the first in the order of the tables; the size is named with the table where it is another.
    """
    info, value = MODELS[name], column(metric).value
    source = info.source.lower()
    matches = [
        (tested(run).shape != info.size, not source.startswith(spec.paper), place, spec, run, text)
        for place, (spec, run, item, text) in enumerate(_printed_runs())
        if item.definition.value == value and run.model == name and run.dataset == data
    ]
    if not matches:
        return "", ""
    elsewhere, _, _, spec, run, text = min(matches, key=lambda entry: entry[:3])
    return text, f"{spec.id}, at {'{}x{}'.format(*tested(run).shape)}" if elsewhere else spec.id


@cache
def _printed_runs() -> tuple[tuple[PaperTable, Run, Field, str], ...]:
    """Every printed accuracy of an unchanged model at one scale, quoted columns among them."""
    return tuple(
        (spec, run, item, text)
        for spec in catalog.tables()
        for row in spec.rows
        for item in spec.columns
        if (run := row.runs.get(item.run) if item.run else row.run) and _plain(run)
        if (text := spec.reported(row, item.name))
    )


def _plain(run: Run) -> bool:
    return (
        set(run.changes) <= {"joints"}
        and run.protocol is not None
        and run.protocol.scales == (1.0,)
    )


def lines(records: Records, *, rows: tuple[str, ...] = ()) -> list[list[Cell]]:
    """The cells of `table()`; an accuracy is labelled with the table it comes from."""
    notes = {row.key: row.notes for row in table().rows}
    return [
        [replace(cell, labels=notes[cell.row].get(cell.field.name, cell.labels)) for cell in line]
        for line in cells(table(), records, rows=rows)
    ]


def grid(records: Records, *, rows: tuple[str, ...] = ()) -> Grid:
    """One line per model: task, input, parameters, MACs, memory, reported accuracies with their
    tables."""
    names = ("model", "task", "input_size", "params_m", "macs_g", "memory_mb", *ACCURACIES)
    fields = {item.name: item for item in (*table().columns, *table().also)}
    body = []
    for line in lines(records, rows=rows):
        by_name = {cell.field.name: cell for cell in line}
        body.append(tuple(_text(by_name[name]) for name in names))
    return Grid(
        tuple(fields[name].title for name in names), tuple(body), title=table().title, notes=NOTES
    )


def _text(cell: Cell) -> str:
    if cell.reported:
        return f"{cell.reported} ({cell.labels})" if cell.labels else cell.reported
    if cell.measured is None:
        return cell.status
    return cell.shown


def text(records: Records, form: str, *, rows: tuple[str, ...] = ()) -> str:
    """The table in one form of `repro.grid`: machines get a line per cell, people one per model."""
    if form in ("json", "csv"):
        return tables.text(table(), lines(records, rows=rows), form)
    return WRITERS[form](grid(records, rows=rows))


def find(name: str) -> PaperTable:
    """A paper's table, or the table of all models; raises UsageError with the nearest names."""
    if name == ID:
        return table()
    spec = catalog.find(name, PaperTable)
    assert isinstance(spec, PaperTable)
    return spec


def quoted() -> PaperTable:
    """Networks that only figures quote (LitePose's README), as rows without printed cells."""
    panels = [panel for figure in catalog.figures() for panel in figure.panels]
    runs = [quote.run for panel in panels for quote in getattr(panel, "quotes", ()) if quote.run]
    rows = {count.key(run, "true"): Row(count.key(run, "true"), (), run) for run in runs}
    also = (Field("macs_true_g", "macs_g", rule="true"), Field("macs_g", rule="ptflops"))
    return PaperTable(
        "quoted-in-figures", "", "", "Networks that figures quote", (), tuple(rows.values()), also
    )


def larger() -> PaperTable:
    """Networks at the size they were tested at, where their paper prints the compute of another; no
    printed cells."""
    rows: dict[str, Row] = {}
    for spec, run, _, _ in _printed_runs():
        rule = next((item.rule for item in spec.columns if item.definition.value == "macs"), "")
        at = tested(run)
        if rule and at.shape != run.shape:
            rows[count.key(at, rule)] = Row(count.key(at, rule), (), at, rules={"macs_g": rule})
    also = (Field("macs_true_g", "macs_g", rule="true"), Field("macs_g"))
    return PaperTable(
        "at-tested-size",
        "",
        "",
        "Networks at the size of their test",
        (),
        tuple(rows.values()),
        also,
    )


def every_table() -> list[PaperTable]:
    """All that is counted: the papers' tables, the ablations as tables, all models, and what only
    figures show."""
    ablations = [ablation.table for ablation in catalog.ablations()]
    return [*catalog.tables(), *ablations, table(), quoted(), larger()]
