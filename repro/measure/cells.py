"""Specs joined with records: every cell of a table with the paper's number, ours, and the verdict on the two.

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
    """One cell, joined: the paper's printed text, our number with its labels, and the verdict on the two.

    key: the record the number comes from, or the one that would fill it. labels: what a reader must see beside the
    number (data set, profile, tested size). text: what is measured where it is no number. why: why there is nothing.
    ground: how an accuracy came about; only those of one ground are subtracted. seeds: the number by seed, of which
    `measured` is the mean. digest: of the record; two rows that a profile made alike share it.
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
    ground: str = ""
    seeds: Mapping[int, float] = dataclasses.field(default_factory=dict)
    digest: str = ""

    @property
    def measured_text(self) -> str:
        """The measured number (or text) with its decimals and its labels, or an empty text."""
        text = self.text if self.measured is None else self.field.definition.text(self.measured)
        labels = ", ".join(filter(None, [self.labels, spread([*self.seeds.values()], self.field.definition)]))
        return f"{text} ({labels})" if text and labels else text

    @property
    def shown(self) -> str:
        """The measured text as it stands without a status beside it: one that is stale says so."""
        return f"{self.measured_text} (stale)" if self.status == "stale" else self.measured_text

    @property
    def difference_text(self) -> str:
        """Signed difference; for counts also in percent."""
        if self.difference is None:
            return ""
        text = f"{self.difference:+.{self.field.definition.decimals}f}"
        relative = self.field.definition.kind in ("count", "time") and float(self.reported)
        return f"{text} ({100 * self.difference / float(self.reported):+.1f} %)" if relative else text


def spread(values: Sequence[float], definition: Column) -> str:
    """Standard deviation and number of seeds, "" where there is one."""
    if len(values) < 2:
        return ""
    return f"mean ± {stdev(values):.{definition.decimals}f} of {len(values)} seeds"


def _own(row: Row, item: Field) -> list[str]:
    """What a row counts otherwise than its table: its quantity and unit, its rule."""
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
    found = kind.find(run, rule, records)
    return replace(blank, status="not run") if found is None else _filled(blank, row, found)


def _filled(blank: Cell, row: Row, found: Found) -> Cell:
    """A cell with what its record holds."""
    record, definition = found.record, blank.field.definition
    blank = replace(
        blank, labels=words(found.labels, *_own(row, blank.field)), key=record.key, why=record.error,
        family=record.family, ground=found.ground, digest=record.digest,
    )  # fmt: skip
    value = None if found.state == "failed" else record.values.get(definition.value)
    if value is None and found.state != "failed" and found.without:
        return replace(blank, status="no case", why=found.without)
    if isinstance(value, str):
        verdict = judge_text(blank.reported, value).status if blank.reported or value else ""
        return replace(blank, text=value, status=found.state or verdict)
    measured = None if value is None else value * definition.scale
    held = found.seeds.items() if measured is not None else ()
    seeds = {seed: float(one.values[definition.value]) * definition.scale for seed, one in held}
    judged = judge(blank.reported, measured, definition, state=found.state)
    return replace(blank, measured=measured, seeds=seeds, **judged._asdict())


def derived(table: PaperTable, row: Row, item: Field, lines: Mapping[str, Mapping[str, Cell]]) -> Cell:
    """A ratio or gain recomputed from measured cells of this row and the one it is compared with."""
    reported, name = table.reported(row, item.name), item.ratio or item.gain
    blank = Cell(row.key, item, "", reported, status="quoted" if reported else "")
    if not row.against:
        return blank
    this, other = lines[row.key][name], lines[row.against][name]
    pair = paired(this, other)
    if pair is None or not pair.here:
        return replace(blank, status=this.status if reported else "", why=this.why or other.why)
    state = next((one.status for one in (this, other) if one.status in ("reduced", "stale", "failed")), "")
    measured = pair.there / pair.here if item.ratio else pair.here - pair.there
    verdict = judge(reported, measured, item.definition, state=state)
    return replace(blank, rule=this.rule, measured=measured, labels=pair.labels, **verdict._asdict())


class Pair(NamedTuple):
    """Two measured cells of one ground, over the seeds that both have. labels: what a reader must be told."""

    here: float
    there: float
    labels: str


def paired(here: Cell, there: Cell) -> Pair | None:
    """Two cells that may be compared; None where one has no number, the grounds differ, or no seed is in both."""
    if here.measured is None or there.measured is None or here.ground != there.ground:
        return None
    if not here.seeds and not there.seeds:
        return Pair(here.measured, there.measured, here.labels)
    common = sorted({*here.seeds} & {*there.seeds})
    if not common:
        return None
    steps = [here.seeds[seed] - there.seeds[seed] for seed in common]
    told = spread(steps, here.field.definition) or f"seed {common[0]}"
    mean, other = (fmean(one.seeds[seed] for seed in common) for one in (here, there))
    return Pair(mean, other, words(here.labels, told))


def cells(table: PaperTable, records: Records, *, rows: tuple[str, ...] = ()) -> list[list[Cell]]:
    """All cells, one list per row; `rows` keeps only these row keys."""
    items = (*table.columns, *table.also)
    lines = {row.key: {item.name: cell(table, row, item, records) for item in items} for row in table.rows}
    for row in table.rows:
        for item in items:
            if item.ratio or item.gain:
                lines[row.key][item.name] = derived(table, row, item, lines)
    _tell_alike(table, lines)
    return [[*lines[row.key].values()] for row in table.rows if not rows or row.key in rows]


def _tell_alike(table: PaperTable, lines: Mapping[str, dict[str, Cell]]) -> None:
    """Name the first row with the same measurement beside every other, and what the profile made the same."""
    first: dict[tuple[str, str], Row] = {}
    for row in table.rows:
        for name, one in lines[row.key].items():
            before = first.setdefault((name, one.digest), row)
            if one.ground and before is not row:
                alike = _made_alike(row.run_for(one.field), before.run_for(one.field))
                lines[row.key][name] = replace(one, labels=words(one.labels, f"one run with {before.key}{alike}"))


def _made_alike(run: Run | None, other: Run | None) -> str:
    apart = accuracy.made_alike(run, other) if run and other else []
    return f", whose {' and '.join(apart)} this profile makes the same" if apart else ""
