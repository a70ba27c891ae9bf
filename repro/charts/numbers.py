"""The numbers that feed a panel: cells of tables and counts of quoted models, in the unit of an
axis."""

from repro.errors import SpecError
from repro.measure import count
from repro.measure.cells import Cell, cells
from repro.record.found import Records
from repro.spec import catalog
from repro.spec.ablation import Ablation
from repro.spec.figure import Quote
from repro.spec.table import Field, PaperTable

Lines = dict[str, dict[str, Cell]]
"""Cells by row and field."""


def feeding_table(name: str) -> PaperTable:
    """The table called `name`, or the ablation of that name read as a table. Raises SpecError for
    other specs."""
    spec = catalog.find(name)
    if isinstance(spec, Ablation):
        return spec.table
    if not isinstance(spec, PaperTable):
        raise SpecError(
            f"'{name}' is neither a table nor an ablation, so no figure can be drawn from it"
        )
    return spec


def cells_by_row(table: PaperTable, rows: tuple[str, ...], records: Records) -> Lines:
    """The cells of a table, in the order of `rows` or else of the table. Raises SpecError for an
    unknown row."""
    by_row = {
        line[0].row: {cell.field.name: cell for cell in line} for line in cells(table, records)
    }
    strays = set(rows) - set(by_row)
    if strays:
        raise SpecError(f"{table.id} has no row '{sorted(strays)[0]}' for a figure")
    return {row: by_row[row] for row in rows or by_row}


def field_of(table: PaperTable, name: str, *, told: bool = False) -> Field:
    """A printed or measured-only column of a table; told: any column, printed elsewhere. Raises
    SpecError for an unknown name."""
    if told:
        return Field(name)
    for item in (*table.columns, *table.also):
        if item.name == name:
            return item
    raise SpecError(f"{table.id} has no column '{name}' for a figure")


def in_unit_of(axis: Field, item: Field, value: float) -> float:
    """`value` of a field in the unit of another, e.g. a count in units of 2^30 on an axis in G."""
    if axis.definition.kind != "count" or axis.definition.value != item.definition.value:
        return value
    return value / item.definition.scale * axis.definition.scale


def reported(axis: Field, cell: Cell) -> float | None:
    """A printed number in the unit of the axis, None where nothing is printed."""
    return in_unit_of(axis, cell.field, float(cell.reported)) if cell.reported else None


def measured(axis: Field, cell: Cell) -> float | None:
    """A measured number in the unit of the axis; a stale one is not drawn, as nothing beside a mark
    could say so."""
    if cell.measured is None or cell.status == "stale":
        return None
    return in_unit_of(axis, cell.field, cell.measured)


def quoted_count(quote: Quote, item: Field, axis: Field, records: Records) -> float | None:
    """The measured count of a quoted model, in the unit of the axis, where a record holds it."""
    found = count.find(quote.run, item.rule or "true", records) if quote.run else None
    value = found.record.values.get(item.definition.value) if found and found.state == "" else None
    return None if value is None else float(value) * axis.definition.scale
