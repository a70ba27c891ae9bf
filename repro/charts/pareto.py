"""Accuracy against compute over all tables, a row of panels per task and test split: on the left as
the papers count, on the right as counted truly. Never imports torch.

Counted truly, an accuracy stands at the compute of the network and the input size that it was
tested with, or not at all. MACs and float operations never share an axis, and different tasks or
splits never share a panel.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from repro.charts.looks import LOOKS, family_of
from repro.charts.page import Chart
from repro.charts.scatter import Point, Scatter, pareto
from repro.data.datasets import PLOTTED
from repro.errors import MissingError, unknown
from repro.measure import count
from repro.measure.accuracy import tested
from repro.measure.cells import Cell, cells
from repro.models import zoo
from repro.record.found import Records
from repro.spec import catalog
from repro.spec.columns import column
from repro.spec.papers import PAPERS
from repro.spec.run import Run
from repro.spec.table import Field, PaperTable, Row

COMPUTE = {"macs": ("macs", "flops"), "params": ("params",)}  # values of the columns that print it
NAMES = {"macs": ("MACs", "G", 1e-9), "params": ("parameters", "M", 1e-6)}
ACCURACY = {column(dataset.column).value for dataset in PLOTTED.values()}
TASKS = {
    "bottom-up": "Networks that see the whole picture (bottom-up)",
    "one-person": "Networks that see one person",
}
"""What a figure of one task is called; every task but bottom-up sees one person."""
OWN = "three-pass"  # the task of EfficientPose (Groos), which tests on a split of its own
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
    another size or network than `at`. table: id of its table. rule: of what is printed. family: of
    the network, as `looks` names it.
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
    family: str = ""

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
                family=_family(row),
            )


def _family(row: Row) -> str:
    run = row.run or next(iter(row.runs.values()), None)
    return family_of(run, row.key, zoo.info(run.model).module if run else "")


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


# --- panels ---------------------------------------------------------------------------------------


class Ground(NamedTuple):
    """Where accuracies compare: one task on one test split; rows of panels are grounds."""

    task: str
    data: str
    entries: tuple[Entry, ...]

    @property
    def name(self) -> str:
        """The split, and whose it is where it is one paper's own."""
        title = PLOTTED[self.data].title
        return f"{title} (Groos)" if self.task == OWN else title

    @property
    def seen(self) -> str:
        """What the networks see of a picture, for where the split is said elsewhere."""
        if self.task in TASKS:
            return "whole picture"
        return "one person (Groos)" if self.task == OWN else "one person"


def grounds(what: str, data: str, task: str, records: Records) -> list[Ground]:
    """The grounds of a task, of a data set, or of both where both are named; bottom-up first.

    An entry in float operations whose network is not counted fits no axis and is left out.
    """
    found = []
    for name in [data] if data else PLOTTED:
        every = entries(what, name, records)
        for own in sorted({entry.task for entry in every}):
            kept = tuple(entry for entry in every if entry.task == own)
            if not task or task == _task(own):
                found.append(Ground(own, name, kept))
    return sorted(found, key=lambda ground: ground.task != "bottom-up")


def _task(own: str) -> str:
    return own if own in TASKS else "one-person"


def file_name(what: str, *, data: str = "", task: str = "") -> str:
    """What the picture's files are called, e.g. `pareto-macs-bottom-up`."""
    return "-".join(filter(None, ("pareto", what, task, data)))


def chart(what: str, records: Records, *, data: str = "", task: str = "") -> Chart:
    """Two panels a ground, of a task, a data set or both: as the papers count, and counted truly.

    Raises UsageError for unknown names, MissingError where no table has such rows.
    """
    for name, known, noun in (
        (what, COMPUTE, "axis"),
        (data or next(iter(PLOTTED)), PLOTTED, "data set"),
        (task or next(iter(TASKS)), TASKS, "task"),
    ):
        if name not in known:
            raise unknown(f"{noun} of the pareto figure", name, known)
    rows = grounds(what, data, task, records)
    if not rows:
        wanted = " and ".join(filter(None, (data, task)))
        raise MissingError(f"no table has accuracies on {wanted} beside {what}", "repro list")
    panels = [
        panel
        for ground in rows
        for panel in _panels(ground, what, ground.name if task else ground.seen)
    ]
    whose = TASKS[task] if task else PLOTTED[data].title if data else "All tables"
    return Chart(
        f"{whose}: accuracy against {NAMES[what][0]}",
        tuple(
            replace(panel, title=f"{chr(ord('a') + index)}) {panel.title}")
            for index, panel in enumerate(panels)
        ),
        columns=2,
        note=_note(rows),
    )


def _panels(ground: Ground, what: str, name: str) -> tuple[Scatter, Scatter]:
    """As the papers count, with filled marks, and counted truly, with open ones, at one scale.

    name: of the ground, for the titles.
    """
    floats = all(entry.floats for entry in ground.entries)
    shown = [entry for entry in ground.entries if not (entry.floats and entry.at is None)]
    printed = [entry for entry in shown if entry.floats == floats]
    quantity, unit, _ = NAMES[what]
    axis = "float operations" if floats else quantity
    own_rule = "" if floats else ", each paper's rule"
    metric = column(PLOTTED[ground.data].column).value
    groups = tuple(family for family in LOOKS if family in {entry.family for entry in shown})
    ys = [entry.y for entry in shown]
    there = [entry.printed for entry in printed]
    here = [entry.true for entry in shown]
    # MACs by two rules compare; float operations are another unit
    both = [] if floats else [*there, *here]
    blank = Scatter(
        f"{axis} ({unit}), reported{own_rule}",
        f"{metric} (%), as reported",
        points(printed, groups, measured=False),
        groups,
        fronts=(tuple(range(len(groups))),),
        title=f"{name}: as printed",
        log_x=True,
        x_range=limits(both or there),
        y_range=rim(ys),
    )
    truly = replace(
        blank,
        x_label=f"{quantity} ({unit}), measured, rule true",
        points=points(shown, groups, measured=True),
        also_label="small grey: where the paper's count puts it",
        title=f"{name}: counted truly",
        measured=True,
        x_range=limits(both or here),
    )
    return blank, truly


def limits(xs: Iterable[float | None]) -> tuple[float, float]:
    """Ends of a logarithmic axis that holds these."""
    known = [x for x in xs if x is not None]
    return min(known) / PAD, max(known) * PAD


def rim(ys: list[float]) -> tuple[float, float]:
    """Ends of an axis that holds these."""
    free = (max(ys) - min(ys) or 1.0) * 0.09
    return min(ys) - free, max(ys) + free


def points(shown: list[Entry], groups: tuple[str, ...], *, measured: bool) -> tuple[Point, ...]:
    """One point per place: rows of several tables that fall together share it."""
    places: dict[tuple[float, float, int], Entry] = {}
    for entry in shown:
        x = entry.true if measured else entry.printed
        if x is not None:
            places.setdefault((round(x, 6), entry.y, groups.index(entry.family)), entry)
    bare = [Point("", x, y, group=group) for x, y, group in places]
    best = {id(point) for point in pareto(bare)}
    first: dict[str, Entry] = {}  # by network: tables call one by several names
    for entry in places.values():
        first.setdefault(entry.at.network if entry.at else entry.name, entry)
    named = [
        (_label(entry, first, starred=not measured), id(point) in best)
        for point, entry in zip(bare, places.values(), strict=True)
    ]
    fronted = {label for label, front in named if front}
    points = []
    for point, entry, (label, front) in zip(bare, places.values(), named, strict=True):
        told = label if front or (_own(entry) and label not in fronted) else ""
        fronted.add(told)  # a network that two tables print is named once
        also = entry.printed if measured and not entry.floats else None
        points.append(replace(point, label=told, also=also, stays=front and bool(told)))
    return tuple(points)


def _own(entry: Entry) -> bool:
    """Whether it is a network of one of the five papers."""
    return entry.family in {paper.short for paper in PAPERS.values()}


def _label(entry: Entry, first: dict[str, Entry], *, starred: bool) -> str:
    """The network's name without its family, which the mark tells; "" for an arm of an ablation.

    first: of every network the entry that names it.
    """
    changes = set(entry.at.changes) - {"joints"} if entry.at else set()
    if _own(entry) and ("/" in entry.label or changes):
        return ""
    star = "*" if starred and entry.remark else ""
    return f"{_short(first[entry.at.network] if entry.at else entry)}{star}"


def _short(entry: Entry) -> str:
    """A row's name without its family's, or its backbone's: HigherHRNet-W48 and HRNet-W48 are
    W48."""
    short = entry.label.removeprefix("Higher").removeprefix("HRNet-")
    short = short.removeprefix(f"{entry.family}-")
    if short == "HRNet" and entry.family == "HigherHRNet" and entry.at:
        short = entry.at.model.removeprefix("higherhrnet_").upper()
    return short


def _remarks(entries: list[Entry]) -> Iterator[str]:
    """What is said of several tables' rows is said once."""
    marks: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        marks.setdefault((_short(entry), entry.remark), []).append(entry.mark)
    for (name, remark), where in marks.items():
        yield f"{name} [{', '.join(where)}] {remark}"


def _note(rows: list[Ground]) -> str:
    every = [entry for ground in rows for entry in ground.entries]
    left_out = [entry for entry in every if entry.floats and entry.at is None]
    remarked = [entry for entry in every if entry.remark and entry not in left_out]
    remarks = "; ".join(_remarks(remarked))
    letters = ", ".join(
        f"{paper.letter} {paper.short}"
        for paper in PAPERS.values()
        if any(entry.mark.startswith(paper.letter) for entry in [*remarked, *left_out])
    )
    return (
        "Left: filled marks, as reported. Right: open marks, measured, what can be built and is "
        "counted, at the tested size. Named are the fronts and, where there is room, the five "
        "papers' own networks; arms of ablations are not. Rows tested at several scales are left "
        "out; units of 2^30 are converted."
        + (OWN_SPLIT if any(ground.task == OWN for ground in rows) else "")
        + (ROUNDED if any(entry.at for entry in remarked) else "")
        + (
            f" Starred: printed for another input or network than was tested, {remarks}."
            if remarks
            else ""
        )
        + "".join(f" Left out: {entry.name}, {entry.remark}." for entry in left_out)
        + (f" In brackets the tables: {letters}, with the number." if letters else "")
    )
