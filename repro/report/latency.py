"""Do the papers' orders by latency, and the orders by compute, hold on the device of our own
records? Never imports torch."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations

from repro.charts import pareto_latency
from repro.charts.pareto import TASKS
from repro.errors import MissingError
from repro.grid import Grid
from repro.measure import count
from repro.measure.cells import Cell, cells
from repro.measure.latencies import KIND, WAYS, measured_ms
from repro.models.zoo import MODELS
from repro.record.found import Records
from repro.report.markdown import heading, table, wrapped
from repro.spec import catalog
from repro.spec.run import Run
from repro.timing.ratios import Ratio, ratio

FEW = 4  # pairs; of fewer a rank correlation says nothing
RULE = (
    "Spearman's rank correlation; 1 where both put the networks in the same order. A sentence is "
    f"given from {FEW} networks on."
)


@dataclass(frozen=True)
class Order:
    """What two quantities say of the same networks: pairs of their values."""

    where: str
    first: str
    second: str
    pairs: tuple[tuple[float, float], ...]

    @property
    def correlation(self) -> float:
        """Spearman's, of the ranks of both."""
        from scipy.stats import spearmanr  # slow to load

        return float(spearmanr(*zip(*self.pairs, strict=True)).statistic)


def orders(records: Records) -> list[Order]:
    """Reported latencies of every table against ours, and compute of all models against ours."""
    found = [*_reported(records), *_computed(records)]
    return [order for order in found if len({*order.pairs}) >= FEW]


def _reported(records: Records) -> Iterator[Order]:
    for spec in catalog.tables():
        lines = cells(spec, records)
        printed = [item for item in spec.columns if item.definition.kind == "time"]
        for item in printed:
            for how in WAYS:
                pairs = _pairs(lines, item.name, how)
                yield Order(spec.id, item.definition.title, f"here, {how} (ms)", pairs)


def _pairs(lines: Iterable[list[Cell]], name: str, how: str) -> tuple[tuple[float, float], ...]:
    """Printed and our milliseconds of the rows that have both."""
    pairs = []
    for line in lines:
        printed = next(cell.reported for cell in line if cell.field.name == name)
        ours = [cell.measured for cell in line if cell.rule == how and cell.status != "stale"]
        if printed and ours and ours[0] is not None:
            pairs.append((float(printed), ours[0]))
    return tuple(pairs)


def _computed(records: Records) -> Iterator[Order]:
    runs = [Run(name, info.size) for name, info in MODELS.items()]
    for rule in ("true", "ptflops"):
        for how in WAYS:
            pairs = [(_macs(run, rule, records), measured_ms(run, how, records)) for run in runs]
            both = tuple((macs, ms) for macs, ms in pairs if macs is not None and ms is not None)
            yield Order("all models", f"MACs, rule {rule}", f"here, {how} (ms)", both)


def _macs(run: Run, rule: str, records: Records) -> float | None:
    found = count.find(run, rule, records)
    return None if found is None or found.state else float(found.record.values["macs"])


def grid(records: Records) -> Grid:
    """One line per order that can be compared."""
    rows = [
        (one.where, one.first, one.second, str(len(one.pairs)), f"{one.correlation:+.2f}")
        for one in orders(records)
    ]
    headings = ("networks of", "order by", "against", "networks", "rank correlation")
    return Grid(headings, tuple(rows), notes=(RULE,))


# --- two claims -----------------------------------------------------------------------------------


def single_branch(records: Records) -> str:
    """LitePose, section 3.5: one branch is faster than four at about the same MACs."""
    told = [
        f"{how}: {_words(seen)}"
        for how in WAYS
        if (seen := _ratio("litepose_l", "higherhrnet_w16", how, records))
    ]
    if not told:
        return ""
    claim = "LitePose-L, of one branch, against HigherHRNet-W16, of four, both at 512 px"
    return f"{claim}: {'; '.join(told)}."


def _words(seen: Ratio) -> str:
    state = "supported" if seen.high < 1 else "contradicted" if seen.low > 1 else "not resolved"
    return f"{seen.value:.2f} of its time ({seen.low:.2f} to {seen.high:.2f}), {state}"


def _ratio(first: str, second: str, how: str, records: Records) -> Ratio | None:
    """Of the medians of two networks' records."""
    found = [KIND.find(Run(name, MODELS[name].size), how, records) for name in (first, second)]
    if any(one is None or one.state for one in found):
        return None
    over, under = (one.record.samples for one in found if one)
    rounds = min(len(over), len(under))
    return ratio(over[:rounds], under[:rounds])


def fewer_is_not_faster(records: Records) -> str:
    """EfficientPose-NAS, section 4.1: fewer GFLOPs do not mean less time."""
    told = []
    for how in WAYS:
        known = [
            (macs, ms)
            for name, info in MODELS.items()
            if (macs := _macs(Run(name, info.size), "true", records)) is not None
            and (ms := measured_ms(Run(name, info.size), how, records)) is not None
        ]
        pairs = [pair for pair in combinations(known, 2) if pair[0][0] != pair[1][0]]
        slower = sum((one[0] < other[0]) != (one[1] < other[1]) for one, other in pairs)
        if pairs:
            share = 100 * slower / len(pairs)
            told.append(f"{how}: in {slower} of {len(pairs)} pairs ({share:.0f} %)")
    if not told:
        return ""
    return f"The network of fewer MACs (rule true) is the slower one, {'; '.join(told)}."


def section(records: Records) -> Iterator[str]:
    """The heading, table and sentences of the report; nothing without records of latency."""
    found = grid(records)
    if not found.rows:
        return
    yield heading(2, "Latency", "latency")
    yield "`repro time --of all-models --backend eager --backend openvino --record`"
    yield table(found)
    yield from map(wrapped, found.notes)
    told = single_branch(records), fewer_is_not_faster(records)
    yield from (wrapped(text) for text in told if text)
    for task, title in TASKS.items():
        with suppress(MissingError):
            pareto_latency.chart(records, task=task)
            yield f"`repro figure pareto --x latency --task {task}`"
            yield f"![{title}: accuracy against latency](results/figures/pareto-latency-{task}.svg)"
