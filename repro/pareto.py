"""Accuracy against compute over all tables: once as the papers count and once as counted truly. Never imports torch."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from repro import catalog
from repro.chart_panels import Point, Scatter, pareto
from repro.charts import Chart
from repro.errors import MissingError, unknown
from repro.render import Cell, Records, cells, find_count
from repro.spec import Field, PaperTable, Row, Run

DATA = {
    "coco-val": "COCO val2017",
    "coco-test-dev": "COCO test-dev",
    "mpii-val": "MPII validation",
    "crowdpose-test": "CrowdPose test",
}
COMPUTE = {"macs": ("macs", "flops"), "params": ("params",)}  # values of the columns that print it
NAMES = {"macs": ("MACs", "G", 1e-9), "params": ("parameters", "M", 1e-6)}
ACCURACY = ("AP", "PCKh@0.5")
PICTURE, PERSON = "bottom-up: compute of the whole picture", "one person: compute of the crop"
FLOATS = ", printed as float operations"
LETTERS = {"efficienthrnet": "E", "efficientpose": "G", "efficientpose-nas": "N", "higherhrnet": "H", "litepose": "L"}
PAD = 1.35  # of the logarithmic axis beyond its points


@dataclass(frozen=True)
class Entry:
    """A row with an accuracy and a compute.

    printed: as the paper counts, in the unit of the axis; true: by rule `true`; None where there is none. floats:
    printed in float operations.
    """

    label: str
    mark: str
    y: float
    printed: float | None
    true: float | None
    task: str
    floats: bool


def entries(what: str, data: str, records: Records) -> list[Entry]:
    """Every row of every table that carries an accuracy on `data` at one scale and `what`, "macs" or "params"."""
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
    return bool(run and run.protocol and len(run.protocol.scales) > 1) or bool(said and said.reported == "yes")


def _entries(table: PaperTable, what: str, data: str, records: Records) -> Iterator[Entry]:
    accuracy, compute = _accuracy_of(table, data), _compute_of(table, what)
    if accuracy is None or compute is None:
        return
    usual = next(run.protocol.task for row in table.rows if (run := _run(row, accuracy)) and run.protocol)
    for row, texts in zip(table.rows, cells(table, records), strict=True):
        line = {one.field.name: one for one in texts}
        y, x = line[accuracy.name].reported, line[compute.name]
        if not y or _several_scales(row, accuracy, line):
            continue
        run, (_, _, scale) = _run(row, accuracy), NAMES[what]
        task = run.protocol.task if run and run.protocol else usual
        printed = float(x.reported) / x.field.definition.scale * scale if x.reported else None
        true = _true(row.run_for(compute), what, records)
        if printed is not None or true is not None:
            yield Entry(
                row.key, _mark(table), float(y), printed, None if true is None else true * scale, task,
                what == "macs" and x.rule == "flop2",
            )  # fmt: skip


def _mark(table: PaperTable) -> str:
    paper, _, number = table.id.rpartition("-")
    return LETTERS.get(paper, "?") + number


def _true(run: Run | None, what: str, records: Records) -> float | None:
    found = find_count(run, "true", records) if run else None
    value = found.record.values.get(what) if found and not found.state else None
    return None if value is None else float(value)


def chart(what: str, data: str, records: Records) -> Chart:
    """Both panels on the same axes. Raises UsageError for unknown names, MissingError where no table has such rows."""
    if what not in COMPUTE:
        raise unknown("axis of the pareto figure", what, COMPUTE)
    if data not in DATA:
        raise unknown("data set of the pareto figure", data, DATA)
    found = entries(what, data, records)
    if not found:
        raise MissingError(f"no table has accuracies on {data} beside {what}", "repro list")
    metric = "PCKh@0.5" if data == "mpii-val" else "AP"
    (name, unit, _), y_label = NAMES[what], f"{metric} (%), as reported"
    groups = sorted({_group(one) for one in found})
    limits = _limits(found)
    printed = Scatter(
        f"{name} ({unit}), as reported, each paper by its own rule", y_label,
        _points(found, groups, measured=False), tuple(groups), fronts=_fronts(groups, apart=True),
        title="a) as the papers count: filled marks are reported", log_x=True, x_range=limits[0], y_range=limits[1],
    )  # fmt: skip
    truly = Scatter(
        f"{name} ({unit}), rule true, measured", y_label,
        _points(found, groups, measured=True), tuple(groups), fronts=_fronts(groups, apart=False),
        also_label="small grey: where the paper's count puts it", title="b) counted truly: open marks are measured",
        log_x=True, measured=True, x_range=limits[0], y_range=limits[1],
    )  # fmt: skip
    return Chart(f"{metric} on {DATA[data]} against {name}, all tables", (printed, truly), note=_note(found))


def _group(one: Entry) -> str:
    return (PICTURE if one.task == "bottom-up" else PERSON) + (FLOATS if one.floats else "")


def _fronts(groups: list[str], *, apart: bool) -> tuple[tuple[int, ...], ...]:
    """One front per task; float operations apart where they are what is drawn."""
    sets: dict[str, list[int]] = {}
    for index, group in enumerate(groups):
        sets.setdefault(group if apart else group.removesuffix(FLOATS), []).append(index)
    return tuple(tuple(members) for members in sets.values())


def _limits(found: list[Entry]) -> tuple[tuple[float, float], tuple[float, float]]:
    xs = [x for one in found for x in (one.printed, one.true) if x is not None]
    ys = [one.y for one in found]
    rim = (max(ys) - min(ys) or 1.0) * 0.09
    return (min(xs) / PAD, max(xs) * PAD), (min(ys) - rim, max(ys) + rim)


def _points(found: list[Entry], groups: list[str], *, measured: bool) -> tuple[Point, ...]:
    """One point per place: rows of several tables that fall together share it. Only names on a front must be shown."""
    places: dict[tuple[float, float, int], list[Entry]] = {}
    for one in found:
        x = one.true if measured else one.printed
        if x is not None:
            places.setdefault((round(x, 6), one.y, groups.index(_group(one))), []).append(one)
    bare = [Point("", x, y, group=group) for x, y, group in places]
    sets = _fronts(groups, apart=not measured)
    best = {id(one) for members in sets for one in pareto([point for point in bare if point.group in members])}
    return tuple(
        Point(
            _label(shared), point.x, point.y, shared[0].printed if measured else None, point.group,
            stays=id(point) in best,
        )
        for point, shared in zip(bare, places.values(), strict=True)
    )  # fmt: skip


def _label(shared: list[Entry]) -> str:
    marks = dict.fromkeys(one.mark for one in shared)
    return f"{shared[0].label} [{', '.join(marks)}]"


def _note(found: Iterable[Entry]) -> str:
    used = sorted({one.mark for one in found})
    papers = {
        "E": "EfficientHRNet",
        "G": "EfficientPose (Groos)",
        "N": "EfficientPose-NAS",
        "H": "HigherHRNet",
        "L": "LitePose",
    }
    letters = ", ".join(
        f"{letter} {name}" for letter, name in papers.items() if any(mark[0] == letter for mark in used)
    )
    return (
        f"In brackets the tables: {letters}, with the table's number. One front per task: the compute of a picture and "
        "of one person's crop do not compare. Rows tested at several scales are left out. b) holds what can be built "
        "and is counted; units of 2^30 are converted. A name off the fronts is left out where it finds no free place."
    )
