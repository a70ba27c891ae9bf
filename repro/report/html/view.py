"""Tables as a page shows them: each place with its status, and where its number comes from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from repro.grid import Grid
from repro.measure.cells import Cell
from repro.record.found import Records
from repro.report import describe
from repro.report.describe import Origin
from repro.report.markdown import Links
from repro.spec.table import Field, PaperTable, Row

OFF = ("close", "differs")  # statuses beside which the difference stands


@dataclass(frozen=True)
class Box:
    """One place of a table.

    text: the paper's number, or any text. source: where that is from, where nothing is measured.
    measured: ours with its labels. off: the difference, where it is none of rounding. anchor: id in
    the page, "" where nothing leads to it. origin: where the numbers come from, None for plain
    text. link: where a click leads.
    """

    text: str
    measured: str = ""
    status: str = ""
    off: str = ""
    anchor: str = ""
    origin: Origin | None = None
    link: str = ""
    source: str = ""


@dataclass(frozen=True)
class Line:
    """A row of a table, with what it is filtered by; None: the row is not filtered by that."""

    boxes: tuple[Box, ...]
    paper: str | None = None
    statuses: tuple[str, ...] | None = None
    datasets: tuple[str, ...] | None = None


@dataclass(frozen=True)
class View:
    """A table. numeric: by column, whether it is right-aligned. caption: its name for readers who
    hear the page."""

    caption: str
    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    numeric: tuple[bool, ...]
    notes: tuple[str, ...] = ()


def of_grid(grid: Grid, caption: str = "") -> View:
    """A table of finished text."""
    lines = tuple(Line(tuple(map(Box, row))) for row in grid.rows)
    numeric = tuple(grid.numeric(index) for index in range(len(grid.headings)))
    return View(caption or grid.title, grid.headings, lines, numeric, grid.notes)


_REFERENCE = re.compile(r"\[([^\]]+)\](?:\[([^\]]+)\])?")


def linked(grid: Grid, links: Links, caption: str = "") -> View:
    """A table of finished text with references of `links`; a place with one leads there."""
    shown = of_grid(grid, caption)
    lines = (
        replace(line, boxes=tuple(_led(box, links) for box in line.boxes)) for line in shown.lines
    )
    return replace(shown, lines=tuple(lines))


def _led(box: Box, links: Links) -> Box:
    found = _REFERENCE.search(box.text)
    target = links.targets.get(found[2] or found[1], "") if found else ""
    return Box(_REFERENCE.sub(r"\1", box.text), link=page_of(target)) if target else box


ELSEWHERE = {"RESULTS.md#claims": "claims.html", "RESULTS.md#one-ground": "ground.html"}
"""Sections of RESULTS.md that have a page of their own here."""
NAMES = {"RESULTS": "index", "counts": "ground"}


def page_of(target: str) -> str:
    """The place in these pages of a link to a Markdown page, seen from the checkout or from
    results/."""
    target = target.rpartition("/")[2]
    name, sign, anchor = target.partition("#")
    name = name.removesuffix(".md")
    return ELSEWHERE.get(target, f"{NAMES.get(name, name)}.html{sign}{anchor}")


def of_table(table: PaperTable, lines: list[list[Cell]], records: Records) -> View:
    """A paper's table: what it prints, ours beside it, and the origin of each number."""
    items = (*table.columns, *table.also)
    named = any(line[0].row != line[0].reported for line in lines)
    headings = (*(["row"] if named else []), *(item.title for item in items))
    boxes = _boxes(table, lines, records)
    rows = tuple(
        Line(
            (*([Box(line[0].row)] if named else []), *boxes[line[0].row]),
            table.paper,
            tuple(dict.fromkeys(cell.status for cell in line if cell.status)),
            tuple(dict.fromkeys(name for cell in line for name in datasets(table, cell))),
        )
        for line in lines
    )
    numeric = (*([False] if named else []), *(item.definition.kind != "config" for item in items))
    return View(f"{table.number}: {table.title}", headings, rows, numeric)


def _boxes(
    table: PaperTable, lines: list[list[Cell]], records: Records
) -> dict[str, tuple[Box, ...]]:
    by_row = {line[0].row: {cell.field.name: cell for cell in line} for line in lines}
    return {
        row: tuple(_box(table, by_row, cell, records) for cell in by_field.values())
        for row, by_field in by_row.items()
    }


def _box(table: PaperTable, lines: describe.Lines, cell: Cell, records: Records) -> Box:
    if not cell.status:
        return Box(cell.reported)
    return Box(
        cell.reported,
        cell.measured_text,
        cell.status,
        cell.difference_text if cell.status in OFF else "",
        anchor(table, cell),
        describe.origin(table, lines, cell.row, cell.field.name, records),
        source="" if cell.measured_text else cell.labels,
    )


def anchor(table: PaperTable, cell: Cell) -> str:
    """The id of a cell in its page: letters, digits, - and _, whatever its row is called."""
    row = next(index for index, row in enumerate(table.rows) if row.key == cell.row)
    return f"{table.id}-r{row + 1}-{cell.field.name}"


def datasets(table: PaperTable, cell: Cell) -> Iterator[str]:
    """The data sets of an accuracy: that of the paper, and the drawn one where ours was measured
    on it."""
    if cell.field.definition.kind != "evaluate":
        return
    row = next(row for row in table.rows if row.key == cell.row)
    yield from _asked(table, row, cell.field)
    if cell.measured is not None:
        yield from (word[5:] for word in cell.key.split() if word.startswith("data="))


def _asked(table: PaperTable, row: Row, item: Field) -> list[str]:
    """The data set that a row's run is tested on; for a quoted row the one of its column."""
    run = row.run_for(item)
    if run and run.dataset:
        return [run.dataset]
    runs = [other.run_for(item) for other in table.rows]
    column = {run.dataset for run in runs if run and run.dataset}
    return [*column] if len(column) == 1 else []


EVERY = ("table", "row", "column", "reported", "measured", "difference", "status", "data set")


def every_cell(tables: list[tuple[PaperTable, list[list[Cell]]]]) -> View:
    """All cells of all tables, one a row; each leads to its place in the table."""
    lines = tuple(
        _long(table, cell)
        for table, joined in tables
        for line in joined
        for cell in line
        if cell.status
    )
    numeric = tuple(name in ("reported", "measured", "difference") for name in EVERY)
    return View("Every cell of every table", EVERY, lines, numeric)


def _long(table: PaperTable, cell: Cell) -> Line:
    names = tuple(dict.fromkeys(datasets(table, cell)))
    boxes = (
        Box(table.id, link=f"{table.paper}.html#{anchor(table, cell)}"),
        Box(cell.row),
        Box(cell.field.title),
        Box(cell.reported),
        Box(cell.measured_text),
        Box(cell.difference_text),
        Box("", status=cell.status),
        Box(", ".join(names)),
    )
    return Line(boxes, table.paper, (cell.status,), names)
