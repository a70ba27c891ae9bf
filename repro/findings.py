"""The findings that matter most, made from the records: what the counting rules do, and what does not come out."""

from collections.abc import Iterator

from repro import catalog, ground
from repro.grid import Grid, to_markdown
from repro.render import Records, cells, find_count
from repro.spec import Run
from repro.zoo import MODELS

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
    """How far each paper's rule lies above the true count, largest first; at most so many lines."""
    found = [row for name, one in MODELS.items() for row in _rows(Run(name, one.size), records)]
    found = [row for row in found if float(row[-1]) >= NOTICEABLE]
    rows = sorted(found, key=lambda row: -float(row[-1]))
    return Grid(
        ("network", "rule of its paper", "MACs (G) by that rule", "MACs (G), rule true", "times too high"),
        tuple(rows[:most]),
    )


def doubled(records: Records) -> Grid:
    """Networks whose printed parameters hold some twice: a module named like a convolution, and its layers again."""
    rows: dict[str, tuple[str, ...]] = {}
    for table in catalog.tables():
        for row, line in zip(table.rows, cells(table, records), strict=True):
            for one in (one for one in line if one.rule == "hrnet" and one.field.definition.value == "params"):
                run = row.run_for(one.field)
                true = find_count(run, "true", records) if run else None
                if run and true and one.measured and one.measured * 1e6 > float(true.record.values["params"]) * 1.001:
                    params = f"{float(true.record.values['params']) / 1e6:.3f}"
                    rows[run.model] = (run.model, one.reported, one.shown, true.marked(params))
    headings = ("network", "params (M) printed", "params (M), rule hrnet, measured", "params (M), rule true, measured")
    return Grid(headings, tuple(rows.values()))


def own_rules(model: str) -> list[str]:
    """The rules by which a network's own paper counts its multiply-adds, as its tables declare them."""
    source, papers = MODELS[model].source.lower(), {table.paper for table in catalog.tables()}
    paper = max((name for name in papers if source.startswith(name)), key=len)
    found = [
        row.rules.get(item.name, item.rule)
        for table in catalog.tables() if table.paper == paper
        for row in table.rows for item in table.columns
        if item.definition.value == "macs" and (run := row.run_for(item)) and run.model == model and not run.part
    ]  # fmt: skip
    return [*dict.fromkeys(found)]


def _rows(run: Run, records: Records) -> Iterator[tuple[str, ...]]:
    true = find_count(run, "true", records)
    for rule in own_rules(run.model):
        theirs = find_count(run, rule, records)
        if true and theirs and not {true.state, theirs.state} & {"failed"}:
            high, low = (float(one.record.values["macs"]) / 1e9 for one in (theirs, true))
            yield run.model, rule, theirs.marked(f"{high:.3f}"), true.marked(f"{low:.3f}"), f"{high / low:.2f}"


def section(records: Records) -> Iterator[str]:
    """The findings as parts of RESULTS.md."""
    yield "## Findings"
    yield INTRO
    yield to_markdown(inflation(records))
    yield "Printed parameters that hold some of the network twice:"
    yield to_markdown(doubled(records))
    yield "Printed parameters and compute that do not come out: off by more than 0.5 %, and other digits than printed:"
    yield "\n".join(ground.counts(records).notes)
