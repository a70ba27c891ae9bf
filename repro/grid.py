"""A table of finished text and its five written forms."""

import csv
import io
import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from repro.console import plain

if TYPE_CHECKING:
    from rich.table import Table

PIPE = 10_000  # columns where no terminal limits the width
PAGE = 110  # columns of what is read rather than searched, in a pipe too
FOLD = 44  # longer texts are folded within their column
HEADING = 12  # longer headings are folded
GAP = 3  # between two columns
EDGE = 2  # left and right of all
NUMBER = re.compile(r"[+-]?[\d.]+( ?[%x])?( \(.*\))?")


@dataclass(frozen=True)
class Grid:
    """`rows` hold one text per heading; `title` is printed above, `notes` below where the form has
    room for them.

    Texts may come from anywhere: control characters are spelt out here, once for all forms.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        clean = {name: tuple(map(plain, getattr(self, name))) for name in ("headings", "notes")}
        rows = tuple(tuple(map(plain, row)) for row in self.rows)
        for name, value in {**clean, "rows": rows, "title": plain(self.title)}.items():
            object.__setattr__(self, name, value)

    def numeric(self, index: int) -> bool:
        """True when every filled text of a column starts with a number: such columns are
        right-aligned."""
        texts = [row[index] for row in self.rows if row[index] not in ("", "-")]
        return bool(texts) and all(NUMBER.fullmatch(text) for text in texts)


_TAG_OR_LINK = re.compile(r"<(?=[A-Za-z/!?])|](?=\()")


def _inert(text: str) -> str:
    """The text with HTML and links made harmless: names in it come from files."""
    return _TAG_OR_LINK.sub(lambda match: "&lt;" if match[0] == "<" else "\\]", text)


def _cell(text: str) -> str:
    return _inert(text).replace("|", "\\|").replace("\n", " ")


def to_markdown(grid: Grid) -> str:
    """A GitHub table; the title is left to the caller's heading."""
    rule = ["---:" if grid.numeric(index) else "---" for index in range(len(grid.headings))]
    lines = [grid.headings, rule, *grid.rows]
    table = ["| " + " | ".join(map(_cell, line)) + " |" for line in lines]
    return "\n".join([*table, *(["", *map(_inert, grid.notes)] if grid.notes else [])]) + "\n"


def to_csv(grid: Grid) -> str:
    """Comma-separated, headings first."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([grid.headings, *grid.rows])
    return out.getvalue()


def to_json(grid: Grid) -> str:
    """A list of objects keyed by heading."""
    return (
        json.dumps(
            [dict(zip(grid.headings, row, strict=True)) for row in grid.rows],
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
    )


_LATEX = str.maketrans(
    {
        "&": r"\&",
        "%": r"\%",
        "_": r"\_",
        "#": r"\#",
        "$": r"\$",
        "{": r"\{",
        "}": r"\}",
        "^": r"\^{}",
        "~": r"\~{}",
        "\\": r"\textbackslash{}",
        "\n": " ",
    }
)


def to_latex(grid: Grid) -> str:
    """A `tabular`, to be put into the reader's own table environment."""
    align = "".join("r" if grid.numeric(index) else "l" for index in range(len(grid.headings)))
    head, *body = [
        " & ".join(text.translate(_LATEX) for text in line) + r" \\"
        for line in (grid.headings, *grid.rows)
    ]
    lines = [
        rf"\begin{{tabular}}{{{align}}}",
        r"\hline",
        head,
        r"\hline",
        *body,
        r"\hline",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def to_rich(grid: Grid, width: int | None = None, *, fit: bool = False) -> str:
    """A terminal table as text; `width` in characters: the terminal's by default, unbounded in a
    pipe.

    Columns that do not fit follow below in groups, each of which begins with the first column. fit:
    all columns but the first are folded first, as far as that makes them fit.
    """
    from rich.console import Console

    terminal, out = bool(sys.stdout and sys.stdout.isatty()), io.StringIO()
    limit = width or (shutil.get_terminal_size().columns if terminal else PIPE)
    console = Console(
        file=out,
        force_terminal=terminal,
        width=limit,
        highlight=False,
        markup=False,
        emoji=False,
        no_color="NO_COLOR" in os.environ,
    )
    if grid.title:
        console.print(grid.title, soft_wrap=True)
    widths = [_width(grid, index, limit) for index in range(len(grid.headings))]
    if fit:
        _fold(grid, widths, limit)
    for columns in _column_groups(widths, limit):
        console.print(_rich_table(grid, columns, widths))
    for note in grid.notes:
        console.print(note, soft_wrap=width is None)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def to_page(grid: Grid, *, fit: bool = False) -> str:
    """`to_rich`, but never wider than a page: for sentences."""
    return to_rich(grid, None if sys.stdout and sys.stdout.isatty() else PAGE, fit=fit)


def _rich_table(grid: Grid, columns: list[int], widths: list[int]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index in columns:
        side: Literal["left", "right"] = "right" if grid.numeric(index) else "left"
        # rich would crop what does not fit
        heading = textwrap.fill(grid.headings[index], widths[index])
        table.add_column(heading, justify=side, overflow="fold", width=widths[index])
    for row in grid.rows:
        table.add_row(*(row[index] for index in columns))
    return table


def _column_groups(widths: list[int], limit: int) -> list[list[int]]:
    """Column numbers of each group: as many as fit, the first column always among them."""
    groups, used = [[0]], widths[0] + EDGE
    for index, width in enumerate(widths[1:], start=1):
        if used + width + GAP > limit and len(groups[-1]) > 1:
            groups, used = [*groups, [0]], widths[0] + EDGE
        groups[-1].append(index)
        used += width + GAP
    return groups


def _width(grid: Grid, index: int, limit: int) -> int:
    """Characters of a column: its longest text or line of its heading, less where very long or the
    terminal narrow."""
    longest = PIPE if limit == PIPE else min(FOLD, max(1, (limit - GAP - EDGE) // 2))
    heading = textwrap.wrap(grid.headings[index], HEADING) or [""]
    return min(longest, max([1, *map(len, heading), *(len(row[index]) for row in grid.rows)]))


def _fold(grid: Grid, widths: list[int], limit: int) -> None:
    """Narrow columns, each time the one that makes the table longer by the fewest lines, until all
    fit or none is wider than a heading."""
    while sum(widths) + GAP * (len(widths) - 1) + EDGE > limit:
        wide = [index for index in range(1, len(widths)) if widths[index] > HEADING]
        if not wide:
            return
        lines = {index: _lines(grid, index, widths[index] - 1) for index in wide}
        widths[min(wide, key=lambda index: (lines[index], -widths[index]))] -= 1


def _lines(grid: Grid, index: int, width: int) -> int:
    """Lines that the texts of a column take beyond one each, about."""
    return sum(len(row[index]) // width for row in grid.rows)


WRITERS: dict[str, Callable[[Grid], str]] = {
    "rich": to_rich,
    "json": to_json,
    "csv": to_csv,
    "md": to_markdown,
    "latex": to_latex,
}
FORMATS: Sequence[str] = tuple(WRITERS)
