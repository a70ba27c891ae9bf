"""How many cells are in which state: per paper, per table, and as evidence."""

from collections import Counter
from collections.abc import Iterable

from repro.data.datasets import PUBLIC
from repro.grid import Grid
from repro.measure.cells import Cell, cells
from repro.record.found import Records
from repro.record.verdict import STATUSES
from repro.spec import catalog
from repro.spec.papers import PAPERS
from repro.spec.table import PaperTable

COMPARED, OTHERS = STATUSES[:3], STATUSES[3:]
STATES = (
    *COMPARED,
    "distinct values",
    "configuration: match",
    "configuration: differs",
    *OTHERS,
)
REAL, PART, DRAWN, BROKEN, ONLY = (
    "measured on the whole of a real test set",
    "measured on a part of a real test set",
    "measured on drawn people or pictures",
    "stale or failed",
    "reported only",
)


def summary_grid(records: Records) -> Grid:
    """One line per state, one column per paper and one for all; configuration apart, and how many
    measurements stand behind the numbers."""
    by_paper: dict[str, list[Cell]] = {paper: [] for paper in PAPERS}
    for table in catalog.tables():
        by_paper[table.paper] += [cell for cell in _all(table, records) if cell.status]
    shown = {PAPERS[paper].alone: found for paper, found in by_paper.items() if found}
    every = [cell for found in by_paper.values() for cell in found]
    counts = [_tally(found) for found in (*shown.values(), every)]
    return Grid(("state", *shown, "all"), tuple(zip(STATES, *counts, strict=True)))


def _all(table: PaperTable, records: Records) -> list[Cell]:
    return [cell for line in cells(table, records) for cell in line]


def _tally(shown: list[Cell]) -> tuple[str, ...]:
    """The numbers of `STATES` for some cells."""
    numbers = [cell for cell in shown if cell.field.definition.kind != "config"]
    distinct = {
        (cell.key, cell.field.definition.value)
        for cell in numbers
        if cell.status in COMPARED and cell.key
    }
    every, counts = Counter(cell.status for cell in shown), Counter(cell.status for cell in numbers)
    texts = [every[state] - counts[state] for state in ("match", "differs")]
    states = (
        *(counts[state] for state in COMPARED),
        len(distinct),
        *texts,
        *(every[state] for state in OTHERS),
    )
    return tuple(map(str, states))


def printed(records: Records) -> list[Cell]:
    """Every cell of the papers' tables that prints something."""
    every = (cell for table in catalog.tables() for cell in _all(table, records))
    return [cell for cell in every if cell.reported]


def accuracies(shown: Iterable[Cell]) -> Counter[str]:
    """How many of the printed accuracies are measured, by what they were measured on."""
    return Counter(_ground(cell) for cell in shown if cell.field.definition.kind == "evaluate")


def _ground(cell: Cell) -> str:
    if cell.status in ("stale", "failed"):
        return BROKEN
    if cell.measured is None:
        return ONLY
    names = [word[5:] for word in cell.key.split() if word.startswith("data=")]
    if not names or names[0] not in PUBLIC:
        return DRAWN
    return PART if cell.status == "reduced" else REAL


def agreeing(shown: Iterable[Cell], kind: str) -> tuple[int, int]:
    """How many cells of a kind are compared with ours, and how many of them match or are close."""
    states = [cell.status for cell in shown if cell.field.definition.kind == kind]
    compared = [state for state in states if state in COMPARED]
    return len(compared), sum(state != "differs" for state in compared)


def status_grid(records: Records) -> Grid:
    """Cells per table and state, and the command that fills what is missing."""
    rows = []
    for table in catalog.tables():
        found = _all(table, records)
        states = Counter(cell.status for cell in found if cell.status)
        missing = states["not run"] + states["stale"] + states["failed"]
        more = " --profile paper --data DIR" if _waits_for_training(found) else ""
        command = f"repro table {table.id} --run{more}" if missing else ""
        rows.append((table.id, *(str(states[status]) for status in STATUSES), command))
    return Grid(("table", *STATUSES, "next"), tuple(rows))


def _waits_for_training(found: list[Cell]) -> bool:
    missing = [cell for cell in found if cell.status == "not run"]
    return any(cell.field.definition.kind == "evaluate" for cell in missing)
