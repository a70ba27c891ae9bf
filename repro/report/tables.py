"""Joined cells as text: a table for people and for machines, an ablation as signed differences."""

import json
from itertools import groupby

from repro.grid import WRITERS, Grid, to_csv
from repro.measure.cells import Cell, paired
from repro.measure.kinds import KINDS
from repro.spec.ablation import Ablation
from repro.spec.table import Field, PaperTable


def long_grid(table: PaperTable, lines: list[list[Cell]]) -> Grid:
    """One line per cell that holds or could hold a number: the form for CSV, JSON and machines."""
    headings = (
        "table",
        "row",
        "column",
        "rule",
        "reported",
        "measured",
        "labels",
        "difference",
        "status",
        "record",
    )
    shown = [cell for line in lines for cell in line]
    shown = [cell for cell in shown if cell.reported or cell.measured is not None or cell.key]
    rows = tuple((table.id, *_long_row(cell)) for cell in shown)
    return Grid(headings, rows, title=table.title)


def _long_row(cell: Cell) -> tuple[str, ...]:
    measured = cell.text if cell.measured is None else repr(round(cell.measured, 9))
    difference = "" if cell.difference is None else repr(round(cell.difference, 9))
    number = (cell.reported, measured, cell.labels, difference, cell.status)
    return (cell.row, cell.field.name, cell.rule, *number, cell.key)


def _number(text: str) -> float | str | None:
    try:
        return float(text) if text else None
    except ValueError:
        return text


def json_text(table: PaperTable, lines: list[list[Cell]]) -> str:
    """The table as JSON: `reported` is the printed text, numbers are numbers, what is absent is
    null."""
    shown = [cell for line in lines for cell in line]
    body = [_json_cell(cell) for cell in shown if cell.reported or cell.measured_text or cell.key]
    return (
        json.dumps(
            {"id": table.id, "title": table.title, "cells": body}, indent=1, ensure_ascii=False
        )
        + "\n"
    )


def _json_cell(cell: Cell) -> dict[str, float | str | None]:
    return {
        "row": cell.row,
        "column": cell.field.name,
        "unit": cell.field.definition.unit or None,
        "rule": cell.rule or None,
        "reported": cell.reported or None,
        "reported_value": _number(cell.reported),
        "measured": _number(cell.text) if cell.measured is None else cell.measured,
        "labels": cell.labels or None,
        "difference": cell.difference,
        "status": cell.status,
        "record": cell.key or None,
        "why": cell.why or None,
    }


def blocks(table: PaperTable, lines: list[list[Cell]]) -> list[Grid]:
    """The table for people: one grid as printed, then one per group of measured columns.

    A measured column takes four places (reported, measured, difference, status), so compute and
    accuracy go apart.
    """
    printed = printed_grid(table, lines)
    measured = [item for item in (*table.columns, *table.also) if _any_measured(item, lines)]
    kinds = groupby(measured, key=lambda item: item.definition.kind)
    grouped: dict[str, list[Field]] = {}
    for kind, items in kinds:
        grouped.setdefault(kind, []).extend(items)
    return [printed, *(measured_grid(kind, items, lines) for kind, items in grouped.items())]


def _any_measured(item: Field, lines: list[list[Cell]]) -> bool:
    states = {cell.status for line in lines for cell in line if cell.field.name == item.name}
    return bool(states - {"quoted", "not run", ""})


def row_status(line: list[Cell]) -> str:
    """The states of one row's printed cells in words, e.g. `2 match, 6 not run`; of all where none
    is printed."""
    stated = [cell for cell in line if cell.status]
    states = [cell.status for cell in [cell for cell in stated if cell.reported] or stated]
    counts = {state: states.count(state) for state in dict.fromkeys(states)}
    if set(counts) == {"quoted"}:
        return "quoted"
    return ", ".join(f"{number} {state}" for state, number in counts.items())


def printed_grid(table: PaperTable, lines: list[list[Cell]]) -> Grid:
    """What the paper prints, with one word per row on what became of it."""
    headings = tuple(item.label or item.definition.title for item in table.columns)
    width = len(table.columns)
    rows = [(*(cell.reported for cell in line[:width]), row_status(line)) for line in lines]
    if any(
        line[0].row != line[0].reported for line in lines
    ):  # else the first column already names the rows
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
            [f"{title} reported", f"{title} measured", "difference", "status"]
            if _printed(item, lines)
            else [title]
        )
    for line in lines:
        chosen = [cell for cell in line if cell.field.name in names]
        if all(cell.status in ("quoted", "not run", "") for cell in chosen):
            continue
        row = [line[0].row]
        for cell in chosen:
            texts = [cell.reported, cell.measured_text, cell.difference_text, cell.status]
            row += texts if _printed(cell.field, lines) else [cell.measured_text]
        rows.append(tuple(row))
    return Grid(tuple(headings), tuple(rows), title=TITLES.get(kind, kind))


def _printed(item: Field, lines: list[list[Cell]]) -> bool:
    return any(cell.reported for line in lines for cell in line if cell.field.name == item.name)


def text(table: PaperTable, lines: list[list[Cell]], form: str) -> str:
    """The table in one of the forms of `repro.grid`; machines get one line per cell, people get
    blocks."""
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
        arms = [
            row.key for row in ablation.table.rows if row.against == base.key and row.key in by_row
        ]
        if base.key in by_row and arms:
            grids.append(_series_grid(ablation, by_row[base.key], [by_row[arm] for arm in arms]))
    return grids


def _series_grid(ablation: Ablation, base: list[Cell], arms: list[list[Cell]]) -> Grid:
    lines = [base, *arms]
    numbers = [index for index, cell in enumerate(base) if cell.field.definition.kind != "config"]
    printed = {index for index in numbers if any(line[index].reported for line in lines)}
    shown = [
        index
        for index in numbers
        if index in printed or any(line[index].measured_text for line in arms)
    ]
    headings = ["arm"]
    for index in shown:
        title = base[index].field.title
        headings += (
            [f"{title}, paper", f"{title}, measured"]
            if index in printed
            else [f"{title}, measured"]
        )
    rows = [[f"{base[0].row} (base)"], *([arm[0].row] for arm in arms)]
    for line, row in zip(lines, rows, strict=True):
        for index in shown:
            texts = (
                _base_texts(base[index]) if line is base else _arm_texts(line[index], base[index])
            )
            row += texts if index in printed else texts[1:]
    return Grid(tuple(headings), tuple(map(tuple, rows)), title=f"{ablation.id}: {ablation.title}")


def _base_texts(cell: Cell) -> list[str]:
    return [cell.reported, cell.measured_text or cell.status]


def _arm_texts(arm: Cell, base: Cell) -> list[str]:
    """The paper's and our difference to the base; a gain or ratio is one already."""
    if arm.field.definition.kind == "derived":
        return _base_texts(arm)
    return [_step(arm, base), _measured_step(arm, base)]


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
