"""Cells as text: a table for people and for machines, an ablation as signed differences."""

import json
from itertools import groupby

from repro.grid import WRITERS, Grid, to_csv
from repro.measure.cells import Cell, paired
from repro.measure.kinds import KINDS
from repro.spec.ablation import Ablation
from repro.spec.table import Field, PaperTable


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


TITLES = {kind.column: kind.title for kind in KINDS} | {"derived": "Derived", "time": "Latency"}


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


def _step(arm: Cell, base: Cell) -> str:
    """The paper's change, with as many decimals as it prints."""
    if not arm.reported or not base.reported:
        return arm.reported
    places = max(len(text.partition(".")[2]) for text in (arm.reported, base.reported))
    return f"{float(arm.reported) - float(base.reported):+.{places}f}"


def _measured_step(arm: Cell, base: Cell) -> str:
    """Our change, over the seeds that both have; where there is none, our number or its state."""
    pair = paired(arm, base) if arm.field == base.field else None
    if pair is None:
        return arm.measured_text or arm.status
    text = f"{pair.arm - pair.base:+.{arm.field.definition.decimals}f}"
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
