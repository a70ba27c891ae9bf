"""Joined cells as text: a table for people and for machines, an ablation as signed differences."""

import json
from itertools import groupby

from repro.grid import WRITERS, Grid, to_csv
from repro.measure.cells import Cell
from repro.measure.kinds import KINDS
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
    # else the first column already names the rows
    if any(line[0].row != line[0].reported for line in lines):
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
