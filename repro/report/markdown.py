"""Markdown of the pages: prose in short lines, tables of nine columns at most, anchors that links
can rely on."""

import re
import textwrap
from collections.abc import Iterator

from repro.grid import Grid, to_markdown

LINE = 120  # characters of a line of prose
MOST = 9  # columns of a table
# at the start of a line these would begin a list, a quotation or a heading
_MARK = re.compile(r" (?=(?:[-+*#>=|]+|\d+[.)])(?: |$))")


def wrapped(text: str, first: str = "", rest: str = "") -> str:
    """One paragraph in lines of at most `LINE` characters, but for a link that is longer itself.

    first, rest: what the first line and all others begin with.
    """
    lines = textwrap.wrap(
        _MARK.sub("\0", text),
        LINE,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace("\0", " ")


def bullet(text: str) -> str:
    """One item of a list."""
    return wrapped(text, "- ", "  ")


def heading(level: int, title: str, name: str = "") -> str:
    """A heading; `name` is what links to it end in."""
    anchor = f'<a id="{name}"></a>\n\n' if name else ""
    return f"{anchor}{'#' * level} {title}"


class Links:
    """Links by reference, which are short enough for a table and which a `Grid` lets through."""

    def __init__(self) -> None:
        self.targets: dict[str, str] = {}

    def to(self, target: str, text: str, name: str = "") -> str:
        """A link to `target`, a path with its anchor. name: of the reference; default: the text."""
        self.targets[name or text] = target
        return f"[{text}][{name}]" if name else f"[{text}]"

    def definitions(self) -> str:
        """Where each leads, for the end of what was written with them."""
        return "\n".join(f"[{name}]: {target}" for name, target in self.targets.items())


def table(grid: Grid) -> str:
    """A grid as tables of at most `MOST` columns, each with the first column; notes are left
    out."""
    written = (to_markdown(Grid(part.headings, part.rows)) for part in narrow(grid))
    return "\n".join(written).rstrip("\n")


def narrow(grid: Grid, most: int = MOST) -> Iterator[Grid]:
    """The same in grids of at most `most` columns, the first column in each; what belongs together
    stays together. A row that has nothing in some of several grids is left out there."""
    groups, headings = _groups(grid.headings, most - 1), _short(grid.headings)
    for columns in groups:
        shown = [row for row in grid.rows if len(groups) == 1 or any(row[one] for one in columns)]
        yield Grid(
            tuple(headings[one] for one in (0, *columns)),
            tuple(tuple(row[one] for one in (0, *columns)) for row in shown),
            title=grid.title,
        )


def _groups(headings: tuple[str, ...], most: int) -> list[list[int]]:
    """Numbers of the columns after the first, in groups of at most `most`."""
    together: list[list[int]] = []
    for index, text in enumerate(headings[1:], start=1):
        if together and _belongs(text, headings[index - 1]):
            together[-1].append(index)
        else:
            together.append([index])
    groups: list[list[int]] = [[]]
    for columns in together:
        if groups[-1] and len(groups[-1]) + len(columns) > most:
            groups.append([])
        groups[-1] += columns
    return groups


def _belongs(text: str, before: str) -> bool:
    """Whether a column speaks of the same quantity as the one before it."""
    if text in ("difference", "status") and before.endswith(("measured", "difference")):
        return True
    return text.endswith("measured") and before.endswith(("reported", ", paper"))


def _short(headings: tuple[str, ...]) -> tuple[str, ...]:
    """`measured` in place of a heading that repeats the one before it and ends so."""
    pairs = zip(("", *headings), headings, strict=False)
    return tuple(
        "measured" if text.endswith("measured") and _belongs(text, before) else text
        for before, text in pairs
    )
