"""The findings that matter most, made from the records: what the counting rules do, and what does not come out."""

from collections.abc import Iterator

from repro import catalog, ground
from repro.grid import Grid, to_markdown
from repro.record import Record
from repro.render import Records, cells
from repro.spec import Run
from repro.zoo import MODELS

PAPER_RULES = ("hrnet", "ptflops", "nas")
INTRO = """\
The five papers print "FLOPs" or "MACs" by five rules that differ from each other and, but for one, from what the
network computes. A stride-2 transposed convolution taken at its output size counts four times its cost; that favours
networks without one, and no two rules can be compared. Each line is one network at its nominal size, by the rule that
its paper uses and counted truly:"""


def inflation(records: Records, *, most: int = 100) -> Grid:
    """How far each paper's rule lies above the true count, largest first; at most so many lines."""
    found = [row for name, one in MODELS.items() for row in _rows(Run(name, one.size), records)]
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
                true = records.get(run.count_key("true")) if run else None
                if run and true and one.measured and one.measured * 1e6 > float(true.values["params"]) * 1.001:
                    params = float(true.values["params"]) / 1e6
                    rows[run.model] = (run.model, one.reported, one.measured_text, f"{params:.3f}")
    headings = ("network", "params (M) printed", "params (M), rule hrnet, measured", "params (M), rule true, measured")
    return Grid(headings, tuple(rows.values()))


def _rows(run: Run, records: Records) -> Iterator[tuple[str, ...]]:
    true = records.get(run.count_key("true"))
    for rule in PAPER_RULES:
        theirs = records.get(run.count_key(rule))
        if true and theirs:
            high, low = _macs(theirs), _macs(true)
            yield run.model, rule, f"{high:.3f}", f"{low:.3f}", f"{high / low:.2f}"


def _macs(record: Record) -> float:
    return float(record.values["macs"]) / 1e9


def section(records: Records) -> Iterator[str]:
    """The findings as parts of RESULTS.md."""
    yield "## Findings"
    yield INTRO
    yield to_markdown(inflation(records))
    yield "Printed parameters that hold some of the network twice:"
    yield to_markdown(doubled(records))
    yield "Printed compute that does not come out by more than 0.5 %, and does not give the printed digits:"
    yield "\n".join(ground.counts(records).notes)
