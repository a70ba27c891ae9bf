"""Specs joined with records: every cell of a table with the paper's number, ours, and the verdict
on the two.

Never imports torch.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import NamedTuple

from repro.measure import accuracy
from repro.measure.kinds import kind_of
from repro.record.found import Found, Records, words
from repro.record.verdict import judge, judge_text
from repro.spec.columns import Column
from repro.spec.run import Run
from repro.spec.table import Field, PaperTable, Row


@dataclass(frozen=True)
class Cell:
    """One cell, joined: the paper's printed text, our number with its labels, and the verdict on
    the two.

    key: of the record that the number comes from, or of the one that would fill the cell.
    labels: what a reader must see beside the number (data set, profile, tested size).
    text: what is measured where it is no number. why: why there is nothing.
    basis: how an accuracy came about; only accuracies on the same basis are subtracted.
    seeds: the number by seed; `measured` is their mean.
    digest: of the record; two rows that a profile made alike share it.
    """

    row: str
    field: Field
    rule: str
    reported: str
    measured: float | None = None
    text: str = ""
    labels: str = ""
    difference: float | None = None
    status: str = ""
    key: str = ""
    why: str = ""
    family: str = ""
    basis: str = ""
    seeds: Mapping[int, float] = dataclasses.field(default_factory=dict)
    digest: str = ""

    @property
    def measured_text(self) -> str:
        """The measured number (or text) with its decimals and its labels, or an empty text."""
        text = self.text if self.measured is None else self.field.definition.text(self.measured)
        labels = ", ".join(
            filter(None, [self.labels, spread([*self.seeds.values()], self.field.definition)])
        )
        return f"{text} ({labels})" if text and labels else text

    @property
    def shown(self) -> str:
        """The measured text for where no status stands beside it: a stale one says so itself."""
        return f"{self.measured_text} (stale)" if self.status == "stale" else self.measured_text

    @property
    def difference_text(self) -> str:
        """Signed difference; for counts also in percent."""
        if self.difference is None:
            return ""
        text = f"{self.difference:+.{self.field.definition.decimals}f}"
        relative = self.field.definition.kind in ("count", "time") and float(self.reported)
        return (
            f"{text} ({100 * self.difference / float(self.reported):+.1f} %)" if relative else text
        )


def spread(values: Sequence[float], definition: Column) -> str:
    """Standard deviation over the seeds and their number, "" for a single seed."""
    if len(values) < 2:
        return ""
    return f"mean ± {stdev(values):.{definition.decimals}f} of {len(values)} seeds"


def _exceptions(row: Row, item: Field) -> list[str]:
    """Quantity, unit and rule of a row's cell, where they are not those of its column."""
    definition = row.field_for(item).definition
    quantity = [f"{definition.label} {definition.unit}"] if item.name in row.columns else []
    return [*quantity, *([f"rule {row.rules[item.name]}"] if item.name in row.rules else [])]


def cell(table: PaperTable, row: Row, item: Field, records: Records) -> Cell:
    """Join one printed cell with its record."""
    item, reported, run = row.field_for(item), table.reported(row, item.name), row.run_for(item)
    kind = kind_of(item, run)
    blank = Cell(row.key, item, "", reported, why=item.quoted or row.quoted)
    if kind is None or run is None:
        names_the_row = item.definition.kind == "config" and not item.definition.value
        return replace(blank, status="quoted" if reported and not names_the_row else "")
    rule = kind.rule(row, item)
    blank = replace(blank, rule=rule, key=kind.key(run, rule))
    best = kind.find(run, rule, records)
    return replace(blank, status="not run") if best is None else _filled(blank, row, best)


def _filled(blank: Cell, row: Row, found: Found) -> Cell:
    """A cell with the number of the record that was found for it, and the verdict."""
    record, definition = found.record, blank.field.definition
    blank = replace(
        blank,
        labels=words(found.labels, *_exceptions(row, blank.field)),
        key=record.key,
        why=record.error,
        family=record.family,
        basis=found.basis,
        digest=record.digest,
    )
    value = None if found.state == "failed" else record.values.get(definition.value)
    if value is None and found.state != "failed" and found.without:
        return replace(blank, status="no case", why=found.without)
    if isinstance(value, str):
        verdict = judge_text(blank.reported, value).status if blank.reported or value else ""
        return replace(blank, text=value, status=found.state or verdict)
    measured = None if value is None else value * definition.scale
    by_seed = {} if measured is None else found.seeds
    values = {seed: float(by_seed[seed].values[definition.value]) for seed in by_seed}
    seeds = {seed: number * definition.scale for seed, number in values.items()}
    judged = judge(blank.reported, measured, definition, state=found.state)
    return replace(blank, measured=measured, seeds=seeds, **judged._asdict())


def derived(
    table: PaperTable, row: Row, item: Field, lines: Mapping[str, Mapping[str, Cell]]
) -> Cell:
    """A ratio or gain, computed from the measured cells of this row and its base."""
    reported, name = table.reported(row, item.name), item.ratio or item.gain
    blank = Cell(row.key, item, "", reported, status="quoted" if reported else "")
    if not row.against:
        return blank
    arm, base = lines[row.key][name], lines[row.against][name]
    pair = paired(arm, base)
    if pair is None or not pair.arm:
        return replace(blank, status=arm.status if reported else "", why=arm.why or base.why)
    states = [cell.status for cell in (arm, base) if cell.status in ("reduced", "stale", "failed")]
    state = states[0] if states else ""
    measured = pair.base / pair.arm if item.ratio else pair.arm - pair.base
    verdict = judge(reported, measured, item.definition, state=state)
    blank = replace(blank, rule=arm.rule, measured=measured, labels=pair.labels)
    return replace(blank, **verdict._asdict())


class Pair(NamedTuple):
    """The numbers of an arm and its base on the same basis: means over the seeds that both have.

    labels: what a reader must see beside their difference.
    """

    arm: float
    base: float
    labels: str


def paired(arm: Cell, base: Cell) -> Pair | None:
    """Two cells that may be compared.

    None where one has no number, their bases differ (`Cell.basis`), or no seed is in both.
    """
    if arm.measured is None or base.measured is None or arm.basis != base.basis:
        return None
    if not arm.seeds and not base.seeds:
        return Pair(arm.measured, base.measured, arm.labels)
    common = sorted({*arm.seeds} & {*base.seeds})
    if not common:
        return None
    steps = [arm.seeds[seed] - base.seeds[seed] for seed in common]
    seeds = spread(steps, arm.field.definition) or f"seed {common[0]}"
    arm_mean, base_mean = (fmean(cell.seeds[seed] for seed in common) for cell in (arm, base))
    return Pair(arm_mean, base_mean, words(arm.labels, seeds))


def cells(table: PaperTable, records: Records, *, rows: tuple[str, ...] = ()) -> list[list[Cell]]:
    """All cells, one list per row; `rows` keeps only these row keys."""
    items = (*table.columns, *table.also)
    lines = {
        row.key: {item.name: cell(table, row, item, records) for item in items}
        for row in table.rows
    }
    for row in table.rows:
        for item in items:
            if item.ratio or item.gain:
                lines[row.key][item.name] = derived(table, row, item, lines)
    _label_shared_runs(table, lines)
    return [[*lines[row.key].values()] for row in table.rows if not rows or row.key in rows]


def _label_shared_runs(table: PaperTable, lines: Mapping[str, dict[str, Cell]]) -> None:
    """Label cells that share a run with the first such row, and what the profile made the same."""
    first: dict[tuple[str, str], Row] = {}
    for row in table.rows:
        for name, joined in lines[row.key].items():
            before = first.setdefault((name, joined.digest), row)
            trained = joined.field.definition.kind == "evaluate"
            if trained and joined.basis and before is not row:
                alike = _made_alike(row.run_for(joined.field), before.run_for(joined.field))
                labels = words(joined.labels, f"one run with {before.key}{alike}")
                lines[row.key][name] = replace(joined, labels=labels)


def _made_alike(run: Run | None, other: Run | None) -> str:
    apart = accuracy.made_alike(run, other) if run and other else []
    return f", whose {' and '.join(apart)} this profile makes the same" if apart else ""
