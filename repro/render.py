"""Specs joined with records: cells, blocks of a table, and RESULTS.md. Never imports torch."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import fmean, stdev

from repro.columns import Column
from repro.grid import WRITERS, Grid, to_csv
from repro.recipes import PAPER, PROFILES, part_of
from repro.record import Record
from repro.settings import Profile
from repro.spec import Ablation, Field, PaperTable, Row, Run
from repro.verdict import judge, judge_text

_RANKS = {"stale": 1, "failed": 2}  # what is neither comes first
Records = Mapping[str, Record]


@dataclass(frozen=True)
class Cell:
    """One cell, joined: the paper's printed text, our number with its labels, and the verdict on the two.

    key: the record the number comes from, or the one that would fill it. labels: what a reader must see beside the
    number (data set, profile, tested size). text: what is measured where it is no number. why: why there is nothing.
    ground: how an accuracy came about; only those of one ground are subtracted.
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

    @property
    def measured_text(self) -> str:
        """The measured number (or text) with its decimals and its labels, or an empty text."""
        text = self.text if self.measured is None else self.field.definition.text(self.measured)
        return f"{text} ({self.labels})" if text and self.labels else text

    @property
    def difference_text(self) -> str:
        """Signed difference; for counts also in percent."""
        if self.difference is None:
            return ""
        text = f"{self.difference:+.{self.field.definition.decimals}f}"
        relative = self.field.definition.kind in ("count", "time") and float(self.reported)
        return f"{text} ({100 * self.difference / float(self.reported):+.1f} %)" if relative else text


@dataclass(frozen=True)
class Found:
    """A record that fills a cell, with what a reader must be told about it. seeds: the records it is the mean of."""

    record: Record
    state: str = ""
    labels: str = ""
    seeds: tuple[Record, ...] = ()

    def spread(self, definition: Column) -> str:
        """Standard deviation and number of the seeds, where there are several."""
        if len(self.seeds) < 2 or definition.value not in self.record.values:
            return ""
        deviation = definition.scale * stdev(float(one.values[definition.value]) for one in self.seeds)
        return f"mean ± {deviation:.{definition.decimals}f} of {len(self.seeds)} seeds"


def _state(record: Record, digest: str, otherwise: str = "") -> str:
    if record.status == "failed":
        return "failed"
    return "stale" if record.digest != digest else otherwise


def find_count(run: Run, rule: str, records: Records) -> Found | None:
    """The count record of a run under a rule."""
    record = records.get(run.count_key(rule))
    return Found(record, _state(record, run.count_digest(rule, record.family))) if record else None


def _with_weights(run: Run, records: Records) -> Iterator[Found]:
    start = run.evaluate_key("weights=")
    for key in sorted(records):
        if key.startswith(start):
            record, weights = records[key], key[len(start) :]
            part = part_of(run.dataset, record.provenance.get("images"))
            state = _state(record, run.weights_digest(weights, record.family), "reduced" if part else "")
            yield Found(record, state, ", ".join(filter(None, [f"weights {weights[:8]}", part])))


def find_profile(run: Run, profile: Profile, records: Records) -> Found | None:
    """A run by a profile: the mean over all seeds.

    Stale ones count only where there is no other, and failed ones after those.
    """
    profile = profile.of(run.recipe)
    data = profile.dataset or run.dataset
    start = run.evaluate_key(f"profile={profile.name}", dataset=data).removesuffix("0")
    by_state: dict[str, list[Record]] = {}
    for key in sorted(key for key in records if key.startswith(start)):
        record, seed = records[key], int(key.removeprefix(start))
        part = part_of(data, record.provenance.get("images"))
        less = "reduced" if profile.reduced or part else ""
        by_state.setdefault(_state(record, run.evaluate_digest(profile, seed, record.family), less), []).append(record)
    if not by_state:
        return None
    state = min(by_state, key=lambda state: _RANKS.get(state, 0))
    seeds = tuple(by_state[state])
    names = set.intersection(*({*one.values} for one in seeds))
    means = {name: fmean(float(one.values[name]) for one in seeds) for name in seeds[0].values if name in names}
    shown = replace(seeds[0], values=means) if len(seeds) > 1 else seeds[0]
    part = part_of(data, shown.provenance.get("images"))
    return Found(
        shown, state, ", ".join(filter(None, [f"{data}, {profile.name}" if profile.reduced else "", part])), seeds
    )


def find_score(run: Run, records: Records) -> Found | None:
    """The best record of a run's accuracy: the paper's recipe, then given weights, then reduced profiles."""
    paper = find_profile(run, PAPER, records)
    if paper:
        return paper
    reduced = [find_profile(run, profile, records) for profile in reversed(PROFILES.values()) if profile.reduced]
    fresh_first = sorted(filter(None, reduced), key=lambda found: _RANKS.get(found.state, 0))
    return next(_with_weights(run, records), None) or next(iter(fresh_first), None)


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
        return run.evaluate_key("profile=paper"), find_score(run, records)
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
    labels = ", ".join(filter(None, [found.labels, found.spread(definition), *own]))
    ground = f"{found.labels} {found.state}" if definition.kind == "evaluate" else ""
    blank = replace(blank, labels=labels, key=record.key, why=record.error, family=record.family, ground=ground)
    value = None if found.state == "failed" else record.values.get(definition.value)
    if isinstance(value, str):
        verdict = judge_text(reported, value).status if reported or value else ""
        return replace(blank, text=value, status=found.state or verdict)
    measured = None if value is None else value * definition.scale
    return replace(blank, measured=measured, **judge(reported, measured, definition, state=found.state)._asdict())


def derived(table: PaperTable, row: Row, item: Field, lines: Mapping[str, Mapping[str, Cell]]) -> Cell:
    """A ratio or gain recomputed from measured cells of this row and the one it is compared with."""
    reported, name = table.reported(row, item.name), item.ratio or item.gain
    blank = Cell(row.key, item, "", reported, status="quoted" if reported else "")
    if not row.against:
        return blank
    this, other = lines[row.key][name], lines[row.against][name]
    if this.measured is None or other.measured is None or not this.measured or this.ground != other.ground:
        return replace(blank, status=this.status if reported else "", why=this.why or other.why)
    state = next((one.status for one in (this, other) if one.status in ("reduced", "stale", "failed")), "")
    measured = other.measured / this.measured if item.ratio else this.measured - other.measured
    verdict = judge(reported, measured, item.definition, state=state)
    return replace(blank, rule=this.rule, measured=measured, labels=this.labels, **verdict._asdict())


def cells(table: PaperTable, records: Records, *, rows: tuple[str, ...] = ()) -> list[list[Cell]]:
    """All cells, one list per row; `rows` keeps only these row keys."""
    items = (*table.columns, *table.also)
    lines = {row.key: {item.name: cell(table, row, item, records) for item in items} for row in table.rows}
    for row in table.rows:
        for item in items:
            if item.ratio or item.gain:
                lines[row.key][item.name] = derived(table, row, item, lines)
    return [[*lines[row.key].values()] for row in table.rows if not rows or row.key in rows]


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
    if here.measured is None or there.measured is None or (here.field, here.ground) != (there.field, there.ground):
        return here.measured_text or here.status
    text = f"{here.measured - there.measured:+.{here.field.definition.decimals}f}"
    return f"{text} ({here.labels})" if here.labels else text


def ablation_text(ablation: Ablation, lines: list[list[Cell]], form: str) -> str:
    """The ablation in one of the forms of `repro.grid`."""
    if form in ("json", "csv"):
        return text(ablation.table, lines, form)
    written = [WRITERS[form](grid) for grid in ablation_blocks(ablation, lines)]
    remarks = [f"{number}. {remark}" for number, remark in enumerate(ablation.differences, start=1)]
    notes = ["Differences from the paper:", *remarks] if remarks else []
    waits = [f"Not measured yet: {ablation.waits}"] if ablation.waits else []
    return "\n".join([*written, *([] if form == "latex" else [*waits, *notes])]) + "\n"
