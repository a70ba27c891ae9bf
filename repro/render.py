"""Specs joined with records: cells, blocks of a table, and RESULTS.md. Never imports torch."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from repro.grid import WRITERS, Grid, to_csv
from repro.recipes import PAPER, PROFILES
from repro.record import Record
from repro.spec import Field, PaperTable, Profile, Row, Run
from repro.verdict import judge

Records = Mapping[str, Record]


@dataclass(frozen=True)
class Cell:
    """One cell, joined: the paper's printed text, our number with its labels, and the verdict on the two.

    key: the record the number comes from, or the one that would fill it. labels: what a reader must see beside the
    number (data set, profile, tested size). why: why there is no number.
    """

    row: str
    field: Field
    rule: str
    reported: str
    measured: float | None
    labels: str
    difference: float | None
    status: str
    key: str = ""
    why: str = ""
    family: str = ""

    @property
    def measured_text(self) -> str:
        """The measured number with its decimals and its labels, or an empty text."""
        if self.measured is None:
            return ""
        text = self.field.definition.text(self.measured)
        return f"{text} ({self.labels})" if self.labels else text

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
    """A record that fills a cell, with what a reader must be told about it."""

    record: Record
    state: str = ""
    labels: str = ""


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
            yield Found(record, _state(record, run.weights_digest(weights, record.family)), f"weights {weights[:8]}")


def _with_profile(run: Run, profile: Profile, records: Records) -> Found | None:
    data = profile.dataset or run.dataset
    record = records.get(run.evaluate_key(f"profile={profile.name}", dataset=data))
    if record is None:
        return None
    labels = f"{data}, {profile.name}" if profile.reduced else ""
    state = _state(record, run.evaluate_digest(profile, 0, record.family), "reduced" if profile.reduced else "")
    return Found(record, state, labels)


def find_score(run: Run, records: Records) -> Found | None:
    """The best record of a run's accuracy: the paper's recipe, then given weights, then reduced profiles."""
    paper = _with_profile(run, PAPER, records)
    if paper:
        return paper
    reduced = (_with_profile(run, profile, records) for profile in reversed(PROFILES.values()) if profile.reduced)
    return next(_with_weights(run, records), None) or next((found for found in reduced if found), None)


def cell(table: PaperTable, row: Row, item: Field, records: Records) -> Cell:
    """Join one printed cell with its record."""
    definition, reported, run = item.definition, table.reported(row, item.name), row.run_for(item)
    rule = row.rules.get(item.name, item.rule) if definition.kind == "count" else ""
    if run is None or definition.kind not in ("count", "evaluate"):
        return Cell(row.key, item, rule, reported, None, "", None, "quoted" if reported else "", why=row.quoted)
    if definition.kind == "count":
        key, found = run.count_key(rule), find_count(run, rule, records)
    elif run.dataset:
        key, found = run.evaluate_key("profile=paper"), find_score(run, records)
    else:
        return Cell(row.key, item, rule, reported, None, "", None, "quoted" if reported else "", why=row.quoted)
    if found is None:
        return Cell(row.key, item, rule, reported, None, "", None, "not run", key)
    value = found.record.values.get(definition.value)
    measured = None if value is None or found.state == "failed" else value * definition.scale
    verdict = judge(reported, measured, definition, state=found.state)
    return Cell(
        row.key, item, rule, reported, measured, found.labels, verdict.difference, verdict.status, found.record.key,
        found.record.error, found.record.family,
    )  # fmt: skip


def cells(table: PaperTable, records: Records, *, rows: tuple[str, ...] = ()) -> list[list[Cell]]:
    """All cells, one list per row; `rows` keeps only these row keys."""
    items = (*table.columns, *table.also)
    chosen = [row for row in table.rows if not rows or row.key in rows]
    return [[cell(table, row, item, records) for item in items] for row in chosen]


def long_grid(table: PaperTable, lines: list[list[Cell]]) -> Grid:
    """One line per cell that holds or could hold a number: the form for CSV, JSON and machines."""
    headings = ("table", "row", "column", "rule", "reported", "measured", "labels", "difference", "status", "record")
    rows = tuple(
        (
            table.id, one.row, one.field.name, one.rule, one.reported,
            "" if one.measured is None else repr(round(one.measured, 9)), one.labels,
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
    """The table as JSON: numbers are numbers, absent ones null."""
    body = [
        {
            "row": one.row, "column": one.field.name, "unit": one.field.definition.unit, "rule": one.rule or None,
            "reported": _number(one.reported), "measured": one.measured, "labels": one.labels or None,
            "difference": one.difference, "status": one.status, "record": one.key or None,
        }
        for line in lines for one in line if one.reported or one.measured is not None or one.key
    ]  # fmt: skip
    return json.dumps({"id": table.id, "title": table.title, "cells": body}, indent=1, ensure_ascii=False) + "\n"


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
    return any(one.status not in ("quoted", "not run", "") for line in lines for one in line if one.field == item)


def row_status(line: list[Cell]) -> str:
    """The states of one row in words, e.g. `2 match, 6 not run`."""
    states = [one.status for one in line if one.status and one.reported]
    counts = {state: states.count(state) for state in dict.fromkeys(states)}
    if set(counts) == {"quoted"}:
        return "quoted"
    return ", ".join(f"{number} {state}" for state, number in counts.items() if state != "quoted")


def printed_grid(table: PaperTable, lines: list[list[Cell]]) -> Grid:
    """What the paper prints, with one word per row on what became of it."""
    headings = tuple(item.label or item.definition.title for item in table.columns)
    rows = [(*(one.reported for one in line[: len(table.columns)]), row_status(line)) for line in lines]
    if any(line[0].row != line[0].reported for line in lines):  # else the first column already names the rows
        headings = ("row", *headings)
        rows = [(line[0].row, *row) for line, row in zip(lines, rows, strict=True)]
    return Grid((*headings, "status"), tuple(rows), title=f"{table.id}: {table.title} (as printed)")


TITLES = {"count": "Compute", "evaluate": "Accuracy", "time": "Latency"}


def measured_grid(kind: str, items: list[Field], lines: list[list[Cell]]) -> Grid:
    """Reported, measured, difference and status of each column, for the rows that have a run."""
    headings, rows = ["row"], []
    for item in items:
        title = item.title
        headings += (
            [f"{title} reported", f"{title} measured", "difference", "status"] if _printed(item, lines) else [title]
        )
    for line in lines:
        chosen = [one for one in line if one.field in items]
        if all(one.status in ("quoted", "") for one in chosen):
            continue
        row = [line[0].row]
        for one in chosen:
            texts = [one.reported, one.measured_text, one.difference_text, one.status]
            row += texts if _printed(one.field, lines) else [one.measured_text]
        rows.append(tuple(row))
    return Grid(tuple(headings), tuple(rows), title=TITLES.get(kind, kind))


def _printed(item: Field, lines: list[list[Cell]]) -> bool:
    return any(one.reported for line in lines for one in line if one.field == item)


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
