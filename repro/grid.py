"""A table of finished text and its five written forms."""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

NUMBER = re.compile(r"[+-]?[\d.,]+( ?[%x])?")


@dataclass(frozen=True)
class Grid:
    """`rows` hold one text per heading; `title` is printed above, `notes` below where the form has room for them."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    notes: tuple[str, ...] = ()

    def numeric(self, index: int) -> bool:
        """True when every filled text of a column starts with a number: such columns are right-aligned."""
        texts = [row[index] for row in self.rows if row[index] not in ("", "-")]
        return bool(texts) and all(NUMBER.match(text) for text in texts)


def _escape(text: str) -> str:
    return text.replace("|", "\\|")


def to_markdown(grid: Grid) -> str:
    """A GitHub table; the title is left to the caller's heading."""
    rule = ["---:" if grid.numeric(index) else "---" for index in range(len(grid.headings))]
    lines = [grid.headings, rule, *grid.rows]
    table = ["| " + " | ".join(_escape(text) for text in line) + " |" for line in lines]
    return "\n".join([*table, *(["", *grid.notes] if grid.notes else [])]) + "\n"


def to_csv(grid: Grid) -> str:
    """Comma-separated, headings first."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([grid.headings, *grid.rows])
    return out.getvalue()


def to_json(grid: Grid) -> str:
    """A list of objects keyed by heading."""
    return (
        json.dumps([dict(zip(grid.headings, row, strict=True)) for row in grid.rows], indent=1, ensure_ascii=False)
        + "\n"
    )


_LATEX = str.maketrans({"&": r"\&", "%": r"\%", "_": r"\_", "#": r"\#", "$": r"\$", "^": r"\^{}"})


def to_latex(grid: Grid) -> str:
    """A `tabular`, to be put into the reader's own table environment."""
    align = "".join("r" if grid.numeric(index) else "l" for index in range(len(grid.headings)))
    head, *body = [" & ".join(text.translate(_LATEX) for text in line) + r" \\" for line in (grid.headings, *grid.rows)]
    lines = [rf"\begin{{tabular}}{{{align}}}", r"\hline", head, r"\hline", *body, r"\hline", r"\end{tabular}"]
    return "\n".join(lines) + "\n"


def to_rich(grid: Grid, width: int | None = None) -> str:
    """A terminal table as text; `width` in characters (default: the terminal's)."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(title=grid.title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for index, heading in enumerate(grid.headings):
        table.add_column(heading, justify="right" if grid.numeric(index) else "left", overflow="fold")
    for row in grid.rows:
        table.add_row(*row)
    console = Console(width=width, highlight=False, markup=False)
    with console.capture() as capture:
        console.print(table)
        for note in grid.notes:
            console.print(note)
    return capture.get()


WRITERS: dict[str, Callable[[Grid], str]] = {
    "rich": to_rich,
    "json": to_json,
    "csv": to_csv,
    "md": to_markdown,
    "latex": to_latex,
}
FORMATS: Sequence[str] = tuple(WRITERS)
