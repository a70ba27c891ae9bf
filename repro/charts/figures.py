"""Figure files joined with tables and records: what is drawn, and what cannot be drawn yet. Never imports torch."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from repro.charts import page
from repro.charts.panels import AS_REPORTED, Bars, Blocks, Curve, Line, Point, Scatter
from repro.charts.panels import Panel as Drawn
from repro.errors import MissingError, SpecError
from repro.files import write_together
from repro.measure import count
from repro.measure.accuracy import find_profile
from repro.measure.cells import Cell, cells
from repro.record.found import Records
from repro.record.record import Record
from repro.spec import catalog
from repro.spec.ablation import Ablation
from repro.spec.figure import (
    BarPanel,
    BlockPanel,
    Figure,
    LearningPanel,
    Panel,
    Quote,
    ScatterPanel,
    SchedulePanel,
    Stage,
)
from repro.spec.profiles import PAPER, PROFILES
from repro.spec.table import Field, PaperTable
from repro.train.schedules import recipe_at
from repro.train.schedules import schedule as planned

COMPARED = "compared methods"
STEPS_PER_EPOCH = 20  # of a drawn schedule
Lines = dict[str, dict[str, Cell]]


def chart(figure: Figure, records: Records) -> page.Chart:
    """A figure's picture; raises MissingError where it waits for something."""
    if figure.waits:
        hint = f"repro show {figure.id}; repro list names the others"
        raise MissingError(f"{figure.id} ({figure.number}) is not drawn: it waits for {figure.waits}", hint)
    panels = tuple(drawn(panel, records) for panel in figure.panels)
    if len(panels) > 1:
        panels = tuple(_lettered(panel, index) for index, panel in enumerate(panels))
    return page.Chart(figure.title, panels, figure.columns, figure.caption)


def _lettered(panel: Drawn, index: int) -> Drawn:
    return replace(panel, title=f"{chr(ord('a') + index)}) {panel.title}".rstrip())


def drawn(panel: Panel, records: Records) -> Drawn:
    """One panel with its numbers."""
    match panel:
        case ScatterPanel():
            return scatter(panel, records)
        case BarPanel():
            return bars(panel, records)
        case SchedulePanel():
            return schedule(panel)
        case BlockPanel():
            return blocks(panel)
        case LearningPanel():
            return learning(panel, records)


def feeding_table(name: str) -> PaperTable:
    """The table, or the ablation read as a table."""
    spec = catalog.find(name)
    if isinstance(spec, Ablation):
        return spec.table
    if not isinstance(spec, PaperTable):
        raise SpecError(f"'{name}' is neither a table nor an ablation, so no figure can be drawn from it")
    return spec


def _lines(table: PaperTable, rows: tuple[str, ...], records: Records) -> Lines:
    """Cells by row and field, in the order of `rows` or else of the table."""
    found = {line[0].row: {one.field.name: one for one in line} for line in cells(table, records)}
    strays = set(rows) - set(found)
    if strays:
        raise SpecError(f"{table.id} has no row '{sorted(strays)[0]}' for a figure")
    return {row: found[row] for row in rows or found}


def _field(table: PaperTable, name: str) -> Field:
    for item in (*table.columns, *table.also):
        if item.name == name:
            return item
    raise SpecError(f"{table.id} has no column '{name}' for a figure")


def in_unit_of(axis: Field, item: Field, value: float) -> float:
    """`value` of a field in the unit of another, e.g. a count in units of 2^30 on an axis in G."""
    if axis.definition.kind != "count" or axis.definition.value != item.definition.value:
        return value
    return value / item.definition.scale * axis.definition.scale


def _reported(axis: Field, one: Cell) -> float | None:
    return in_unit_of(axis, one.field, float(one.reported)) if one.reported else None


def _measured(axis: Field, one: Cell) -> float | None:
    """A measured number in the unit of the axis; a stale one is not drawn, as nothing beside a mark could say so."""
    return None if one.measured is None or one.status == "stale" else in_unit_of(axis, one.field, one.measured)


def quoted_count(quote: Quote, item: Field, axis: Field, records: Records) -> float | None:
    """The measured count of a quoted model, in the axis' unit, where a record holds it."""
    found = count.find(quote.run, item.rule or "true", records) if quote.run else None
    value = found.record.values.get(item.definition.value) if found and found.state == "" else None
    return None if value is None else float(value) * axis.definition.scale


# --- points -------------------------------------------------------------------------------------------------------


def scatter(panel: ScatterPanel, records: Records) -> Scatter:
    """The points of a panel: as reported, and at our count where a record exists."""
    table = feeding_table(panel.table)
    names = [*dict.fromkeys(group.name for group in panel.groups), COMPARED]
    x_field, y_field = _field(table, panel.x), _field(table, panel.y)
    points = [*_table_points(table, panel, names, records), *_quoted_points(table, panel, names, records)]
    also = _also_label(_field(table, panel.x_also)) if panel.x_also else ""
    return Scatter(
        _axis(x_field), _axis(y_field), tuple(points), tuple(names),
        joined=tuple(names.index(group.name) for group in panel.groups if group.joined),
        fronts=(tuple(range(len(names))),) if panel.front else (),
        also_label=also, log_x=panel.log_x,
        x_ticks=tuple(sorted({one.x for one in points})) if x_field.definition.kind == "config" else (),
    )  # fmt: skip


def _axis(item: Field) -> str:
    return item.title if item.definition.kind == "config" else f"{item.title}, as reported"


def _also_label(item: Field) -> str:
    return f"open: {item.definition.label} measured, rule {item.rule}"


def _table_points(table: PaperTable, panel: ScatterPanel, names: list[str], records: Records) -> Iterator[Point]:
    owner = {row: names.index(group.name) for group in panel.groups for row in group.rows}
    x_field, y_field = _field(table, panel.x), _field(table, panel.y)
    for row, line in _lines(table, panel.rows, records).items():
        x, y = _reported(x_field, line[panel.x]), _reported(y_field, line[panel.y])
        if x is not None and y is not None:
            there = _measured(x_field, line[panel.x_also]) if panel.x_also else None
            label = line[panel.label].reported if panel.label else row
            yield Point(label, x, y, there, owner.get(row, len(names) - 1))


def _quoted_points(table: PaperTable, panel: ScatterPanel, names: list[str], records: Records) -> Iterator[Point]:
    x_field = _field(table, panel.x)
    for quote in panel.quotes:
        if quote.values.get(panel.x) and quote.values.get(panel.y):
            x, y = float(quote.values[panel.x]), float(quote.values[panel.y])
            there = quoted_count(quote, _field(table, panel.x_also), x_field, records) if panel.x_also else None
            group = names.index(quote.group or COMPARED)
            yield Point(quote.label, x, y, there, group, quoted=True)


# --- bars, schedules, blocks --------------------------------------------------------------------------------------


def bars(panel: BarPanel, records: Records) -> Bars:
    """Reported, measured by the paper's rule and measured truly; series without any number are left out."""
    table = feeding_table(panel.table)
    lines, axis = _lines(table, panel.rows, records), _field(table, panel.y)
    also = _field(table, panel.y_also) if panel.y_also else None
    columns = [(AS_REPORTED, "reported", [_reported(axis, line[panel.y]) for line in lines.values()])]
    if axis.definition.kind == "count":
        measured = [_measured(axis, line[panel.y]) for line in lines.values()]
        columns.append(("hatched: measured, same rule", "measured", measured))
    if also:
        truly = [_measured(axis, line[also.name]) for line in lines.values()]
        columns.append((f"open: measured, rule {also.rule}", "true", truly))
    for quote in panel.quotes:
        printed = quote.values.get(panel.y)
        columns[0][2].append(float(printed) if printed else None)
        for (_, kind, values), item in zip(columns[1:], (axis, also), strict=False):
            values.append(quoted_count(quote, item, axis, records) if item and kind != "reported" else None)
    kept = [column for column in columns if any(value is not None for value in column[2])]
    texts = tuple(tuple(_bar_text(axis, kind, value) for value in values) for _, kind, values in kept)
    quoted = tuple(range(len(lines), len(lines) + len(panel.quotes)))
    return Bars(
        axis.title + (f" (open: rule {also.rule})" if also else ""), (*lines, *(quote.label for quote in panel.quotes)),
        tuple((name, kind, tuple(values)) for name, kind, values in kept), texts, quoted,
    )  # fmt: skip


def _bar_text(axis: Field, kind: str, value: float | None) -> str:
    if value is None:
        return "not printed" if kind == "reported" else "not counted"
    return f"{value:.{0 if axis.definition.kind == 'time' else 1}f}"


def schedule(panel: SchedulePanel) -> Curve:
    """A recipe's learning rate or sigma over its epochs, as the training takes them."""
    recipe = panel.recipe
    plan = planned(recipe, PAPER, images=recipe.batch * STEPS_PER_EPOCH, seed=0)
    epochs = tuple(step / STEPS_PER_EPOCH for step in range(plan.steps + 1))
    if panel.what == "rate":
        rates = Line(epochs, tuple(map(plan.rate_at, range(plan.steps + 1))))
        return Curve("epoch", "learning rate", (rates,))
    if not recipe.three_pass.sigmas:
        raise SpecError(f"recipe {recipe.name} has one sigma throughout: nothing to draw")
    widths = tuple(recipe_at(recipe, step / plan.steps).sigma for step in range(plan.steps + 1))
    return Curve("epoch", "sigma (map's side = 1)", (Line(epochs, widths),))


def learning(panel: LearningPanel, records: Records) -> Curve:
    """Scores while a row's network learned, one line per seed; raises MissingError without a record."""
    table = feeding_table(panel.table)
    row = next((one for one in table.rows if one.key == panel.row), None)
    if row is None or row.run is None:
        raise SpecError(f"{panel.table} has no row '{panel.row}' that runs")
    found = find_profile(row.run, PROFILES[panel.profile], records)
    lines = [line for record in (found.seeds.values() if found else ()) for line in _curve(record, panel.value)]
    if not lines:
        hint = f"repro table {panel.table} --run --profile {panel.profile}"
        raise MissingError(f"no record of {panel.row} in {panel.table} by profile {panel.profile} has a curve", hint)
    stale = " (stale)" if found and found.state == "stale" else ""
    return Curve("thousand training images", panel.label, tuple(lines), f"{panel.title}{stale}")


def _curve(record: Record, value: str) -> Iterator[Line]:
    points = [one for one in record.provenance.get("curve", ()) if value in one and "images" in one]
    if points:
        xs, ys = [one["images"] / 1000 for one in points], [one[value] for one in points]
        yield Line(tuple(xs), tuple(ys), f"seed {record.key.rpartition('=')[2]}")


def blocks(panel: BlockPanel) -> Blocks:
    """Rows of blocks; the text of a row gives width and output size."""
    side, rows = panel.size, []
    for stage in panel.stages:
        side //= stage.stride
        rows.append((f"{stage.name}\n{stage.width} wide, {side}x{side} px", tuple(map(_block, _pairs(stage)))))
    return Blocks(panel.title, tuple(rows))


def _pairs(stage: Stage) -> list[str]:
    for block in stage.blocks.split():
        if block != "-" and not (len(block) == 2 and block[0] in "357" and block[1] in "136"):
            raise SpecError(f"{stage.name}: block '{block}' is neither kernel and expansion nor '-'")
    return stage.blocks.split()


def _block(pair: str) -> tuple[int, int] | None:
    return None if pair == "-" else (int(pair[0]), int(pair[1]))


# --- files --------------------------------------------------------------------------------------------------------


def write(name: str, picture: page.Chart, out: Path) -> list[Path]:
    """Draw into a folder as NAME.svg and NAME.png; returns the paths. Raises ReproError where it cannot be written."""
    paths = [out / f"{name}.svg", out / f"{name}.png"]
    write_together(dict(zip(paths, page.draw(picture), strict=True)))
    return paths
