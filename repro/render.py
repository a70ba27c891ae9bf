"""Specs joined with records: cells, blocks of a table, and RESULTS.md. Never imports torch."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from statistics import fmean, stdev
from typing import NamedTuple

from repro import accuracy
from repro.accuracy import Weights
from repro.columns import Column
from repro.grid import WRITERS, Grid, to_csv
from repro.recipes import PAPER, PROFILES, part_of
from repro.record import Record
from repro.settings import Profile
from repro.spec import Ablation, Field, PaperTable, Row, Run
from repro.verdict import judge, judge_text

_RANKS = {"": 0, "reduced": 1, "stale": 2, "failed": 3}  # what is shown where there are several records
Records = Mapping[str, Record]


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


@dataclass(frozen=True)
class Found:
    """A record that fills a cell, with what a reader must be told about it. seeds: the records it is the mean of."""

    record: Record
    state: str = ""
    labels: str = ""
    seeds: Mapping[int, Record] = dataclasses.field(default_factory=dict)

    def marked(self, text: str) -> str:
        """A number of the record as text; where it is stale, it says so."""
        return f"{text} (stale)" if self.state == "stale" else text


def _state(record: Record, digest: str, otherwise: str = "") -> str:
    if record.status == "failed":
        return "failed"
    return "stale" if record.digest != digest else otherwise


def find_count(run: Run, rule: str, records: Records) -> Found | None:
    """The count record of a run under a rule."""
    record = records.get(run.count_key(rule))
    return Found(record, _state(record, run.count_digest(rule, record.family))) if record else None


def _words(*parts: str) -> str:
    return ", ".join(filter(None, parts))


def _with_weights(run: Run, records: Records) -> list[Found]:
    """Every record of given weights, in the order of their hashes."""
    start = accuracy.weights_start(run)
    held = [(records[key], key.removeprefix(start)) for key in sorted(records) if key.startswith(start)]
    found = []
    for record, weights in held:
        part = part_of(run.dataset, record.provenance.get("images"))
        digest = accuracy.digest(run, Weights(Path(), weights))
        several = f"one of {len(held)} weights" if len(held) > 1 else ""
        labels = _words(f"weights {weights[:8]}", several, part)
        found.append(Found(record, _state(record, digest, "reduced" if part else ""), labels))
    return found


def find_profile(run: Run, profile: Profile, records: Records) -> Found | None:
    """A run by a profile: the mean over all seeds that are as good as the best.

    Those tested on the whole set come before those of a part, fresh ones before stale and failed ones.
    """
    profile = profile.of(run.recipe)
    data, start = accuracy.data_of(run, profile), accuracy.profile_start(run, profile)
    groups: dict[tuple[int, str, str], dict[int, Record]] = {}
    for key in sorted(key for key in records if key.startswith(start)):
        record, seed = records[key], int(key.removeprefix(start))
        part = part_of(data, record.provenance.get("images"))
        state = _state(record, accuracy.digest(run, profile, seed), "reduced" if profile.reduced or part else "")
        groups.setdefault((_RANKS[state], part, state), {})[seed] = record
    if not groups:
        return None
    _, part, state = best = min(groups)
    seeds = groups[best]
    labels = _words(f"{data}, {profile.name}" if profile.reduced else "", _sides(run, profile), part)
    return Found(_mean(seeds), state, labels, seeds)


def _sides(run: Run, profile: Profile) -> str:
    """The size, where a profile's is none that the network takes."""
    height, width = accuracy.shape_of(run, profile)
    wanted = min(run.shape) * profile.scale or profile.size
    return f"at {height}x{width} px" if wanted and min(height, width) != wanted else ""


def _mean(seeds: Mapping[int, Record]) -> Record:
    """The record of the first seed with the means of what all of them hold."""
    records = [*seeds.values()]
    names = [name for name in records[0].values if all(name in one.values for one in records)]
    means = {name: fmean(float(one.values[name]) for one in records) for name in names}
    return replace(records[0], values=means) if len(records) > 1 else records[0]


def find_score(run: Run, records: Records) -> Found | None:
    """The best record of a run's accuracy: fresh before stale and whole before part; then the paper's recipe before
    given weights before reduced profiles."""
    reduced = [find_profile(run, profile, records) for profile in reversed(PROFILES.values()) if profile.reduced]
    ordered = [find_profile(run, PAPER, records), *_with_weights(run, records), *reduced]
    return min(filter(None, ordered), key=lambda found: _RANKS[found.state], default=None)


def find_facts(run: Run, records: Records) -> Found | None:
    """The record of what a run's network is."""
    record = records.get(run.facts_key)
    return Found(record, _state(record, run.facts_digest(record.family))) if record else None


def find_memory(run: Run, records: Records) -> Found | None:
    """The record of what a run's network needs for its activations."""
    record = records.get(run.memory_key)
    return Found(record, _state(record, run.memory_digest(record.family))) if record else None


def _sought(run: Run, item: Field, rule: str, records: Records) -> tuple[str, Found | None]:
    """Key of the record that fills a cell, "" when no run can, and the best record there is."""
    kind = item.definition.kind
    if kind == "count":
        return run.count_key(rule), find_count(run, rule, records)
    if kind == "evaluate" and run.dataset:
        return accuracy.key(run, PAPER), find_score(run, records)
    if kind == "config" and item.definition.value:
        return run.facts_key, find_facts(run, records)
    if kind == "memory":
        return run.memory_key, find_memory(run, records)
    return "", None


def _own(row: Row, item: Field) -> list[str]:
    """What a row counts otherwise than its table: its quantity and unit, its rule."""
    definition = row.field_for(item).definition
    quantity = [f"{definition.label} {definition.unit}"] if item.name in row.columns else []
    return [*quantity, *([f"rule {row.rules[item.name]}"] if item.name in row.rules else [])]


def cell(table: PaperTable, row: Row, item: Field, records: Records) -> Cell:
    """Join one printed cell with its record."""
    own, item = _own(row, item), row.field_for(item)
    definition, reported, run = item.definition, table.reported(row, item.name), row.run_for(item)
    rule = (row.rules.get(item.name, item.rule) or "true") if definition.kind == "count" else ""
    key, found = _sought(run, item, rule, records) if run else ("", None)
    blank = Cell(row.key, item, rule, reported, key=key, why=item.quoted or row.quoted)
    if not key:
        blank = replace(blank, rule="")  # nobody here counted it
        says_what_it_is = definition.kind == "config" and not definition.value
        return replace(blank, status="quoted" if reported and not says_what_it_is else "")
    if found is None:
        return replace(blank, status="not run")
    record = found.record
    ground = f"{found.labels} {found.state}" if definition.kind == "evaluate" else ""
    blank = replace(
        blank, labels=_words(found.labels, *own), key=record.key, why=record.error, family=record.family, ground=ground,
        digest=record.digest,
    )  # fmt: skip
    value = None if found.state == "failed" else record.values.get(definition.value)
    if value is None and found.state != "failed" and definition.kind == "evaluate":
        return replace(blank, status="no case", why="the test set has nobody whom this measure is about")
    if isinstance(value, str):
        verdict = judge_text(reported, value).status if reported or value else ""
        return replace(blank, text=value, status=found.state or verdict)
    measured = None if value is None else value * definition.scale
    held = found.seeds.items() if measured is not None else ()
    seeds = {seed: float(one.values[definition.value]) * definition.scale for seed, one in held}
    judged = judge(reported, measured, definition, state=found.state)
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
    words = spread(steps, here.field.definition) or f"seed {common[0]}"
    mean, other = (fmean(one.seeds[seed] for seed in common) for one in (here, there))
    return Pair(mean, other, _words(here.labels, words))


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
                words = f"one run with {before.key}" + _made_alike(row.run_for(one.field), before.run_for(one.field))
                lines[row.key][name] = replace(one, labels=_words(one.labels, words))


def _made_alike(run: Run | None, other: Run | None) -> str:
    apart = accuracy.made_alike(run, other) if run and other else []
    return f", whose {' and '.join(apart)} this profile makes the same" if apart else ""


def long_grid(table: PaperTable, lines: list[list[Cell]]) -> Grid:
    """One line per cell that holds or could hold a number: the form for CSV, JSON and machines."""
    headings = ("table", "row", "column", "rule", "reported", "measured", "labels", "difference", "status", "record")
    rows = tuple(
        (
            table.id, one.row, one.field.name, one.rule, one.reported,
            one.text if one.measured is None else repr(round(one.measured, 9)), one.labels,
            "" if one.difference is None else repr(round(one.difference, 9)), one.status, one.key,
        )
        for line in lines for one in line if one.reported or one.measured is not None or one.key
    )  # fmt: skip
    return Grid(headings, rows, title=table.title)


def _number(text: str) -> float | str | None:
    try:
        return float(text) if text else None
    except ValueError:
        return text


def json_text(table: PaperTable, lines: list[list[Cell]]) -> str:
    """The table as JSON: `reported` is the printed text, numbers are numbers, what is absent is null."""
    body = [_json_cell(one) for line in lines for one in line if one.reported or one.measured_text or one.key]
    return json.dumps({"id": table.id, "title": table.title, "cells": body}, indent=1, ensure_ascii=False) + "\n"


def _json_cell(one: Cell) -> dict[str, float | str | None]:
    return {
        "row": one.row, "column": one.field.name, "unit": one.field.definition.unit or None, "rule": one.rule or None,
        "reported": one.reported or None, "reported_value": _number(one.reported),
        "measured": _number(one.text) if one.measured is None else one.measured, "labels": one.labels or None,
        "difference": one.difference, "status": one.status, "record": one.key or None, "why": one.why or None,
    }  # fmt: skip


def blocks(table: PaperTable, lines: list[list[Cell]]) -> list[Grid]:
    """The table for people: one grid as printed, then one per group of measured columns.

    A measured column takes four places (reported, measured, difference, status), so compute and accuracy go apart.
    """
    printed = printed_grid(table, lines)
    measured = [item for item in (*table.columns, *table.also) if _any_measured(item, lines)]
    kinds = groupby(measured, key=lambda item: item.definition.kind)
    grouped: dict[str, list[Field]] = {}
    for kind, items in kinds:
        grouped.setdefault(kind, []).extend(items)
    return [printed, *(measured_grid(kind, items, lines) for kind, items in grouped.items())]


def _any_measured(item: Field, lines: list[list[Cell]]) -> bool:
    return any(
        one.status not in ("quoted", "not run", "") for line in lines for one in line if one.field.name == item.name
    )


def row_status(line: list[Cell]) -> str:
    """The states of one row's printed cells in words, e.g. `2 match, 6 not run`; of all where none is printed."""
    states = [one.status for one in line if one.status and one.reported] or [one.status for one in line if one.status]
    counts = {state: states.count(state) for state in dict.fromkeys(states)}
    if set(counts) == {"quoted"}:
        return "quoted"
    return ", ".join(f"{number} {state}" for state, number in counts.items())


def printed_grid(table: PaperTable, lines: list[list[Cell]]) -> Grid:
    """What the paper prints, with one word per row on what became of it."""
    headings = tuple(item.label or item.definition.title for item in table.columns)
    rows = [(*(one.reported for one in line[: len(table.columns)]), row_status(line)) for line in lines]
    if any(line[0].row != line[0].reported for line in lines):  # else the first column already names the rows
        headings = ("row", *headings)
        rows = [(line[0].row, *row) for line, row in zip(lines, rows, strict=True)]
    return Grid((*headings, "status"), tuple(rows), title=f"{table.id}: {table.title} (as printed)")


TITLES = {
    "config": "Configuration", "count": "Compute", "derived": "Derived", "evaluate": "Accuracy", "memory": "Memory",
    "time": "Latency",
}  # fmt: skip


def measured_grid(kind: str, items: list[Field], lines: list[list[Cell]]) -> Grid:
    """Reported, measured, difference and status of each column, for the rows that have a run."""
    headings, rows, names = ["row"], [], {item.name for item in items}
    for item in items:
        title = item.title
        headings += (
            [f"{title} reported", f"{title} measured", "difference", "status"] if _printed(item, lines) else [title]
        )
    for line in lines:
        chosen = [one for one in line if one.field.name in names]
        if all(one.status in ("quoted", "not run", "") for one in chosen):
            continue
        row = [line[0].row]
        for one in chosen:
            texts = [one.reported, one.measured_text, one.difference_text, one.status]
            row += texts if _printed(one.field, lines) else [one.measured_text]
        rows.append(tuple(row))
    return Grid(tuple(headings), tuple(rows), title=TITLES.get(kind, kind))


def _printed(item: Field, lines: list[list[Cell]]) -> bool:
    return any(one.reported for line in lines for one in line if one.field.name == item.name)


def text(table: PaperTable, lines: list[list[Cell]], form: str) -> str:
    """The table in one of the forms of `repro.grid`; machines get one line per cell, people get blocks."""
    if form == "json":
        return json_text(table, lines)
    if form == "csv":
        return to_csv(long_grid(table, lines))
    remarks = [f"{number}. {remark}" for number, remark in enumerate(table.differences, start=1)]
    written = [WRITERS[form](grid) for grid in blocks(table, lines)]
    notes = ["Differences from the paper:", *remarks] if remarks and form != "latex" else []
    return "\n".join([*written, *notes]) + "\n"


def ablation_blocks(ablation: Ablation, lines: list[list[Cell]]) -> list[Grid]:
    """One grid per series: the base in full, every arm as its signed difference to the base."""
    by_row = {line[0].row: line for line in lines}
    grids = []
    for base in (row for row in ablation.table.rows if not row.against):
        arms = [row.key for row in ablation.table.rows if row.against == base.key and row.key in by_row]
        if base.key in by_row and arms:
            grids.append(_series_grid(ablation, by_row[base.key], [by_row[arm] for arm in arms]))
    return grids


def _series_grid(ablation: Ablation, base: list[Cell], arms: list[list[Cell]]) -> Grid:
    lines = [base, *arms]
    numbers = [index for index, one in enumerate(base) if one.field.definition.kind != "config"]
    printed = {index for index in numbers if any(line[index].reported for line in lines)}
    shown = [index for index in numbers if index in printed or any(line[index].measured_text for line in arms)]
    headings = ["arm"]
    for index in shown:
        title = base[index].field.title
        headings += [f"{title}, paper", f"{title}, measured"] if index in printed else [f"{title}, measured"]
    rows = [[f"{base[0].row} (base)"], *([arm[0].row] for arm in arms)]
    for line, row in zip(lines, rows, strict=True):
        for index in shown:
            texts = _base_texts(base[index]) if line is base else _arm_texts(line[index], base[index])
            row += texts if index in printed else texts[1:]
    return Grid(tuple(headings), tuple(map(tuple, rows)), title=f"{ablation.id}: {ablation.title}")


def _base_texts(one: Cell) -> list[str]:
    return [one.reported, one.measured_text or one.status]


def _arm_texts(here: Cell, there: Cell) -> list[str]:
    """The paper's and our difference to the base; a gain or ratio is one already."""
    if here.field.definition.kind == "derived":
        return _base_texts(here)
    return [_step(here, there), _measured_step(here, there)]


def _step(here: Cell, there: Cell) -> str:
    """The paper's change, with as many decimals as it prints."""
    if not here.reported or not there.reported:
        return here.reported
    places = max(len(text.partition(".")[2]) for text in (here.reported, there.reported))
    return f"{float(here.reported) - float(there.reported):+.{places}f}"


def _measured_step(here: Cell, there: Cell) -> str:
    pair = paired(here, there) if here.field == there.field else None
    if pair is None:
        return here.measured_text or here.status
    text = f"{pair.here - pair.there:+.{here.field.definition.decimals}f}"
    return f"{text} ({pair.labels})" if pair.labels else text


def ablation_text(ablation: Ablation, lines: list[list[Cell]], form: str) -> str:
    """The ablation in one of the forms of `repro.grid`."""
    if form in ("json", "csv"):
        return text(ablation.table, lines, form)
    written = [WRITERS[form](grid) for grid in ablation_blocks(ablation, lines)]
    remarks = [f"{number}. {remark}" for number, remark in enumerate(ablation.differences, start=1)]
    notes = ["Differences from the paper:", *remarks] if remarks else []
    notes.append(f"Remarks on the rows: repro table {ablation.table_id}")
    waits = [f"Not measured yet: {ablation.waits}"] if ablation.waits else []
    talk = [] if form == "latex" else [ablation.question, *waits, *notes]
    return "\n".join([*written, *talk]) + "\n"
