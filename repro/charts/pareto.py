"""Accuracy against compute over all tables: once as the papers count and once as counted truly.
Never imports torch.

Counted truly, an accuracy stands at the compute of the network and the input size that it was
tested with, or not at all. MACs and float operations never share an axis, and different splits of a
data set never share a front.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from repro.charts.page import Chart
from repro.charts.scatter import Point, Scatter, pareto
from repro.data.datasets import PLOTTED
from repro.errors import MissingError, unknown
from repro.measure import count
from repro.measure.accuracy import tested
from repro.measure.cells import Cell, cells
from repro.record.found import Records
from repro.spec import catalog
from repro.spec.columns import column
from repro.spec.papers import PAPERS
from repro.spec.run import Run
from repro.spec.table import Field, PaperTable, Row

COMPUTE = {"macs": ("macs", "flops"), "params": ("params",)}  # values of the columns that print it
NAMES = {"macs": ("MACs", "G", 1e-9), "params": ("parameters", "M", 1e-6)}
ACCURACY = {column(dataset.column).value for dataset in PLOTTED.values()}
GROUPS = {
    "bottom-up": "bottom-up: compute of the whole picture",
    "three-pass": "one person, on Groos et al.'s own split",
}
PERSON = "one person: compute of the crop"
PAD = 1.35  # of the logarithmic axis beyond its points
OWN_SPLIT = (
    " EfficientPose (Groos) draws a random split of its own and says that it tests at several "
    "scales, without naming them: its compute is of one pass, and its scores do not compare with "
    "the others."
)

ROUNDED = (
    " A bottom-up test rounds the short side up to a multiple of 64 px, as the released code does; "
    "it is counted as a square of that side."
)


@dataclass(frozen=True)
class Entry:
    """A row with an accuracy and a compute.

    at: the network and the size that the accuracy was tested with, None where the counted one is
    another. printed: as the paper counts, in the unit of the axis; true: of `at`, by rule `true`;
    None where there is none. floats: printed in float operations. remark: what is printed of
    another size or network than `at`. table: id of its table. rule: of what is printed.
    """

    label: str
    mark: str
    y: float
    printed: float | None
    true: float | None
    task: str
    floats: bool
    at: Run | None = None
    remark: str = ""
    table: str = ""
    rule: str = ""

    @property
    def name(self) -> str:
        """Row and table, e.g. `H-1 [E3]`."""
        return f"{self.label} [{self.mark}]"


def entries(what: str, data: str, records: Records) -> list[Entry]:
    """Every row of every table that carries an accuracy on `data` at one scale and `what`, "macs"
    or "params"."""
    return [entry for table in catalog.tables() for entry in _entries(table, what, data, records)]


def _run(row: Row, item: Field) -> Run | None:
    return row.runs.get(item.run) if item.run else row.run


def _accuracy_of(table: PaperTable, data: str) -> Field | None:
    """The column with the accuracy on `data`: the one whose runs name no other data set."""
    for item in table.columns:
        if item.definition.value in ACCURACY and item.definition.kind == "evaluate":
            runs = [run for row in table.rows if (run := _run(row, item)) and run.dataset]
            one_scale = any(run.protocol and len(run.protocol.scales) == 1 for run in runs)
            if {run.dataset for run in runs} == {data} and one_scale:
                return item
    return None


def _compute_of(table: PaperTable, what: str) -> Field | None:
    fields = [item for item in table.columns if item.definition.kind == "count" and not item.part]
    return next((item for item in fields if item.definition.value in COMPUTE[what]), None)


def _several_scales(row: Row, item: Field, line: dict[str, Cell]) -> bool:
    run, said = _run(row, item), line.get("multi_scale")
    return bool(run and run.protocol and len(run.protocol.scales) > 1) or bool(
        said and said.reported == "yes"
    )


def _entries(table: PaperTable, what: str, data: str, records: Records) -> Iterator[Entry]:
    accuracy, compute = _accuracy_of(table, data), _compute_of(table, what)
    if accuracy is None or compute is None:
        return
    usual = next(
        run.protocol.task for row in table.rows if (run := _run(row, accuracy)) and run.protocol
    )
    for row, texts in zip(table.rows, cells(table, records), strict=True):
        line = {cell.field.name: cell for cell in texts}
        y, x = line[accuracy.name].reported, line[compute.name]
        if not y or _several_scales(row, accuracy, line):
            continue
        at, (_, _, scale) = _tested(row, accuracy, compute), NAMES[what]
        printed = float(x.reported) / x.field.definition.scale * scale if x.reported else None
        true = _count(at, "true", what, records)
        if printed is not None or true is not None:
            yield Entry(
                row.key,
                _mark(table),
                float(y),
                printed,
                true,
                at.protocol.task if at and at.protocol else usual,
                what == "macs" and x.rule == "flop2",
                at,
                _remark(row, accuracy, compute, at, records)
                if what == "macs"
                else row.notes.get(accuracy.name, ""),
                table=table.id,
                rule=row.rules.get(compute.name, compute.rule),
            )


def _tested(row: Row, accuracy: Field, compute: Field) -> Run | None:
    """What an accuracy was tested with: its own run, else the counted one; none where a note says
    it was another."""
    run = _run(row, accuracy)
    if accuracy.name in row.notes:
        return None
    return tested(run) if run and run.dataset else row.run_for(compute)


def _remark(row: Row, accuracy: Field, compute: Field, at: Run | None, records: Records) -> str:
    """What a row's printed compute is of, where that is not what was tested, and what its rule
    gives for that."""
    counted = row.run_for(compute)
    if at is None or counted is None or at.shape == counted.shape:
        return row.notes.get(accuracy.name, "")
    own = _count(at, row.rules.get(compute.name, compute.rule), "macs", records)
    there = "" if own is None else f" ({own:.1f} G there by its rule)"
    return f"at {counted.shape[0]} px, tested at {at.shape[0]}{there}"


def _mark(table: PaperTable) -> str:
    paper, _, number = table.id.rpartition("-")
    return (PAPERS[paper].letter if paper in PAPERS else "?") + number


def _count(run: Run | None, rule: str, what: str, records: Records) -> float | None:
    """A valid count of a run in the unit of the axis."""
    found = count.find(run, rule, records) if run else None
    value = None if found is None or found.state else found.record.values.get(what)
    return None if value is None else float(value) * NAMES[what][2]


def chart(what: str, data: str, records: Records) -> Chart:
    """Panels as the papers count, one per unit, and one as counted truly, on the same axis of
    accuracy.

    Raises UsageError for unknown names, MissingError where no table has such rows.
    """
    if what not in COMPUTE:
        raise unknown("axis of the pareto figure", what, COMPUTE)
    if data not in PLOTTED:
        raise unknown("data set of the pareto figure", data, PLOTTED)
    every = entries(what, data, records)
    if not every:
        raise MissingError(f"no table has accuracies on {data} beside {what}", "repro list")
    # neither its unit nor its network fits
    left_out = [entry for entry in every if entry.floats and entry.at is None]
    shown = [entry for entry in every if entry not in left_out]
    metric, name = column(PLOTTED[data].column).value, NAMES[what][0]
    groups = sorted({_group(entry) for entry in shown})
    reported = [
        _reported(shown, what, groups, floats=floats)
        for floats in sorted({entry.floats for entry in shown})
    ]
    panels = [*reported, _truly(shown, what, groups)]
    rim = _rim([entry.y for entry in shown])
    return Chart(
        f"{metric} on {PLOTTED[data].title} against {name}, all tables",
        tuple(
            replace(
                panel,
                y_label=f"{metric} (%), as reported",
                y_range=rim,
                title=f"{letter}) {panel.title}",
            )
            for letter, panel in zip("abc", panels, strict=False)
        ),
        note=_note(shown, left_out),
    )


def _reported(shown: list[Entry], what: str, groups: list[str], *, floats: bool) -> Scatter:
    """As the papers count: what they print in MACs, or what they print in float operations."""
    kept = [entry for entry in shown if entry.floats == floats]
    name, unit, _ = NAMES[what]
    title = "as the papers count, in float operations" if floats else "as the papers count"
    axis = (
        f"float operations ({unit}), as reported"
        if floats
        else f"{name} ({unit}), as reported, each paper by its own rule"
    )
    xs = [entry.printed for entry in kept] + ([] if floats else [entry.true for entry in shown])
    return Scatter(
        axis,
        "",
        _points(kept, groups, measured=False),
        tuple(groups),
        fronts=_fronts(groups),
        title=f"{title}: filled marks are reported",
        log_x=True,
        x_range=_limits(xs),
    )


def _truly(shown: list[Entry], what: str, groups: list[str]) -> Scatter:
    """By rule `true`, each accuracy at the size that it was tested at."""
    name, unit, _ = NAMES[what]
    xs = [entry.true for entry in shown] + [entry.printed for entry in shown if not entry.floats]
    return Scatter(
        f"{name} ({unit}), rule true, measured",
        "",
        _points(shown, groups, measured=True),
        tuple(groups),
        fronts=_fronts(groups),
        also_label="small grey: where the paper's count puts it",
        title="counted truly, at the tested size: open marks are measured",
        log_x=True,
        measured=True,
        x_range=_limits(xs),
    )


def _group(entry: Entry) -> str:
    return GROUPS.get(entry.task, PERSON)


def _fronts(groups: list[str]) -> tuple[tuple[int, ...], ...]:
    """One front per task and split."""
    return tuple((index,) for index in range(len(groups)))


def _limits(xs: Iterable[float | None]) -> tuple[float, float]:
    known = [x for x in xs if x is not None]
    return min(known) / PAD, max(known) * PAD


def _rim(ys: list[float]) -> tuple[float, float]:
    rim = (max(ys) - min(ys) or 1.0) * 0.09
    return min(ys) - rim, max(ys) + rim


def _points(shown: list[Entry], groups: list[str], *, measured: bool) -> tuple[Point, ...]:
    """One point per place: rows of several tables that fall together share it. Only names on a
    front must be shown."""
    places: dict[tuple[float, float, int], list[Entry]] = {}
    for entry in shown:
        x = entry.true if measured else entry.printed
        if x is not None:
            places.setdefault((round(x, 6), entry.y, groups.index(_group(entry))), []).append(entry)
    bare = [Point("", x, y, group=group) for x, y, group in places]
    best = {
        id(point)
        for index in range(len(groups))
        for point in pareto([other for other in bare if other.group == index])
    }
    return tuple(
        Point(
            _label(shared, starred=not measured),
            point.x,
            point.y,
            shared[0].printed if measured and not shared[0].floats else None,
            point.group,
            stays=id(point) in best,
        )
        for point, shared in zip(bare, places.values(), strict=True)
    )


def _label(shared: list[Entry], *, starred: bool) -> str:
    marks = dict.fromkeys(entry.mark for entry in shared)
    star = "*" if starred and any(entry.remark for entry in shared) else ""
    return f"{shared[0].label} [{', '.join(marks)}]{star}"


def _note(shown: list[Entry], left_out: list[Entry]) -> str:
    used = {entry.mark[0] for entry in shown}
    letters = ", ".join(
        f"{paper.letter} {paper.short}" for paper in PAPERS.values() if paper.letter in used
    )
    remarks = "; ".join(f"{entry.name} {entry.remark}" for entry in shown if entry.remark)
    return (
        f"In brackets the tables: {letters}, with the table's number. One front per task and "
        f"split: the compute of a "
        "picture and of one person's crop do not compare. Rows tested at several scales are left "
        "out. The last panel "
        "holds what can be built and is counted; units of 2^30 are converted. A name off the "
        "fronts is left out where "
        "it finds no free place."
        + (OWN_SPLIT if any(entry.task == "three-pass" for entry in shown) else "")
        + (ROUNDED if any(entry.remark and entry.at for entry in shown) else "")
        + (
            f" Starred: printed for another input or network than was tested, {remarks}."
            if remarks
            else ""
        )
        + "".join(f" Left out: {entry.name}, {entry.remark}." for entry in left_out)
    )
