"""The main findings, made from the records: what the counting rules do, what does not come out."""

from collections.abc import Iterator

from repro.grid import Grid
from repro.measure import count
from repro.measure.cells import cells
from repro.models.zoo import MODELS
from repro.record.found import Records
from repro.report import counts
from repro.report.markdown import heading, table, wrapped
from repro.spec import catalog
from repro.spec.run import Run

NOTICEABLE = 1.02  # times the true count; less says nothing
INTRO = """\
- The papers count by different rules: HigherHRNet and EfficientHRNet by `hrnet`, LitePose by `ptflops`, EfficientPose
  (Groos) by `flop2`, EfficientPose (Zhang) by `hrnet` in units of 2^30 and, in some rows, by `nas`. What they call
  FLOPs are multiply-adds (MACs), but for Groos, whose FLOPs are float operations, about two per MAC.
- Rules `hrnet`, `ptflops` and `nas` take a transposed convolution at its output size: at stride 2 four times its cost.
  Networks with such a head look heavier than they are, most of all those with a light backbone.
- EfficientHRNet's printed parameters hold every MBConv block twice, the associative-embedding hourglass's hold
  everything twice. Nothing else in the papers' parameters is off by more than a few percent, but what is listed below.
- The rows of other papers were copied with their rule: one table mixes MACs, FLOPs, 1e9 and 2^30.

Each line is one network at its nominal size, by the rule of the paper it is of (baselines: of the first paper that
prints them; how others count it stands in their tables) and by rule `true`, in 1e9 MACs; a paper that prints in 2^30
shows less. Rules are explained under [How to read this](#how-to-read-this)."""


def inflation(records: Records, *, most: int = 100) -> Grid:
    """How far each paper's rule lies above the true count, largest first; at most `most` lines."""
    runs = [Run(name, info.size) for name, info in MODELS.items()]
    rows = [row for run in runs for row in _rows(run, records) if float(row[-1]) >= NOTICEABLE]
    rows = sorted(rows, key=lambda row: -float(row[-1]))
    return Grid(
        (
            "network",
            "rule of its paper",
            "MACs (G) by that rule",
            "MACs (G), rule true",
            "times too high",
        ),
        tuple(rows[:most]),
    )


def doubled(records: Records) -> Grid:
    """Networks whose printed parameters count some twice: of a module and of its layers again."""
    rows: dict[str, tuple[str, ...]] = {}
    for spec in catalog.tables():
        for row, line in zip(spec.rows, cells(spec, records), strict=True):
            for cell in line:
                run, value = row.run_for(cell.field), cell.field.definition.value
                if run is None or value != "params" or cell.rule != "hrnet" or not cell.measured:
                    continue
                true = count.find(run, "true", records)
                params = float(true.record.values["params"]) if true else 0.0
                if true and cell.measured * 1e6 > params * 1.001:
                    text = true.marked(f"{params / 1e6:.3f}")
                    rows[run.model] = (run.model, cell.reported, cell.shown, text)
    headings = (
        "network",
        "params (M) printed",
        "params (M), rule hrnet, measured",
        "params (M), rule true, measured",
    )
    return Grid(headings, tuple(rows.values()))


def own_rules(model: str) -> list[str]:
    """The rules by which a network's own paper counts its multiply-adds, as its tables declare
    them."""
    source, papers = MODELS[model].source.lower(), {table.paper for table in catalog.tables()}
    paper = max((name for name in papers if source.startswith(name)), key=len)
    rules = [
        row.rules.get(item.name, item.rule)
        for table in catalog.tables()
        if table.paper == paper
        for row in table.rows
        for item in table.columns
        if item.definition.value == "macs"
        and (run := row.run_for(item))
        and run.model == model
        and not run.part
    ]
    return [*dict.fromkeys(rules)]


def _rows(run: Run, records: Records) -> Iterator[tuple[str, ...]]:
    true = count.find(run, "true", records)
    for rule in own_rules(run.model):
        by_rule = count.find(run, rule, records)
        if true and by_rule and "failed" not in (true.state, by_rule.state):
            high, low = (float(found.record.values["macs"]) / 1e9 for found in (by_rule, true))
            texts = by_rule.marked(f"{high:.3f}"), true.marked(f"{low:.3f}")
            yield run.model, rule, *texts, f"{high / low:.2f}"


def section(records: Records) -> Iterator[str]:
    """The findings as parts of RESULTS.md."""
    yield heading(2, "Findings", "findings")
    yield INTRO
    yield table(inflation(records))
    yield "Printed parameters that hold some of the network twice:"
    yield table(doubled(records))
    yield wrapped(
        f"{len(counts.outside(records))} printed parameters and operations do not come out: off by "
        f"more than {100 * counts.EXACT:g} %, and other digits than printed. Which, and why: "
        "[counts](results/counts.md#off)."
    )
