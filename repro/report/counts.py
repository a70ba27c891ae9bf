"""Every printed count of parameters and of operations beside ours: by the paper's rule and by rule
`true`. Made from specs and records; no torch."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from repro.grid import Grid
from repro.measure import count
from repro.measure.cells import Cell, cells
from repro.record.found import Records
from repro.spec import catalog
from repro.spec.table import PaperTable, Row

EXACT = 0.005  # relative: within this of the printed value needs no explanation
HEADINGS = ("printed", "measured", "rule", "difference (%)")


@dataclass(frozen=True)
class Outside:
    """A printed count that is off by more than `EXACT` and does not give the printed digits.

    remark: what its table says about it, "" where it says nothing.
    """

    table: PaperTable
    row: str
    printed: str
    off: str
    remark: str


def params_grid(records: Records) -> Grid:
    """Every printed number of parameters, in millions; one line per network and printed number."""
    return _grid("params", "params (M), rule true", records)


def macs_grid(records: Records) -> Grid:
    """Every printed number of operations in its paper's unit; one line per network and number."""
    return _grid("macs", "MACs (G), rule true", records)


def _grid(kind: str, true: str, records: Records) -> Grid:
    lines: dict[tuple[str, ...], list[str]] = {}
    for spec, row, cell in _count_cells(records):
        if (cell.field.definition.value == "params") == (kind == "params"):
            lines.setdefault(_texts(row, cell, records), []).append(spec.id)
    rows = tuple((*texts, ", ".join(dict.fromkeys(tables))) for texts, tables in lines.items())
    return Grid(("network", *HEADINGS, true, "tables"), rows, title="Counts")


def _count_cells(records: Records) -> Iterator[tuple[PaperTable, Row, Cell]]:
    for spec in catalog.tables():
        for row, line in zip(spec.rows, cells(spec, records), strict=True):
            for cell in line:
                if cell.field.definition.kind == "count" and cell.reported and cell.key:
                    yield spec, row, cell


def _texts(row: Row, cell: Cell, records: Records) -> tuple[str, ...]:
    """The network of a printed count, then: printed, measured, rule, difference, by `true`.

    The last is in millions of parameters or in 1e9 MACs.
    """
    definition, run = cell.field.definition, row.run_for(cell.field)
    assert run is not None
    network = count.key(run, "").removeprefix("count ").removesuffix(" rule=")
    stale = " (stale)" if cell.status == "stale" else ""
    measured = cell.status if cell.measured is None else f"{definition.text(cell.measured)}{stale}"
    off = "" if cell.difference is None else f"{100 * _off(cell):+.2f}"
    value, scale = ("params", 1e-6) if definition.value == "params" else ("macs", 1e-9)
    found = count.find(run, "true", records)
    true = "not run"
    if found and found.state != "failed":
        true = found.marked(f"{float(found.record.values[value]) * scale:.3f}")
    return network, _with_unit(cell), measured, cell.rule, off, true


def _with_unit(cell: Cell) -> str:
    """A printed count; operations with their unit, because the papers' differ."""
    definition = cell.field.definition
    if definition.value == "params":
        return cell.reported
    times = "x " if definition.unit.startswith("2^") else ""
    operations = " FLOPs" if definition.value == "flops" else ""
    return f"{cell.reported} {times}{definition.unit}{operations}"


def _off(cell: Cell) -> float:
    return (cell.difference or 0.0) / float(cell.reported)


def outside(records: Records) -> list[Outside]:
    """Every printed count that does not come out, with the remark that explains it."""
    return [
        Outside(
            spec,
            row.key,
            f"{cell.field.definition.label} {cell.reported}",
            f"{100 * _off(cell):+.1f} %",
            _remark(spec.differences, row.key, cell.reported),
        )
        for spec, row, cell in _count_cells(records)
        if cell.difference is not None and cell.status != "match" and abs(_off(cell)) > EXACT
    ]


def _remark(remarks: Iterable[str], row: str, printed: str) -> str:
    """The remark that names the printed value, or else the row; a name inside a longer one does not
    count."""
    for name in (printed, row):
        pattern = re.compile(rf"(?<![\w.]){re.escape(name)}(?![\w]|\.\d)")
        for remark in remarks:
            if pattern.search(remark):
                return remark
    return ""
