"""The panel kind of points: accuracy against compute, with lines through groups, Pareto fronts and
names."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from repro.charts.labels import Box, Name, Segment, Surroundings, leader, place
from repro.charts.looks import (
    AS_REPORTED,
    COMPARED,
    GREY,
    INK,
    PALE,
    SMALL,
    Legend,
    Look,
    look_of,
)
from repro.charts.numbers import (
    cells_by_row,
    feeding_table,
    field_of,
    measured,
    quoted_count,
    reported,
)
from repro.record.found import Records
from repro.spec.figure import ScatterPanel
from repro.spec.table import Field, PaperTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARK = 34.0  # area of a mark in points^2
TICK_LETTERS = 32  # as many as fit along an axis
QUOTED = "half filled: from the source named below"
FRONT = "Pareto front"
DOTTED = (0, (1.5, 2))
HEIGHTS = {1: 3.7, 2: 3.0, 3: 2.5}  # inches, by panels side by side


@dataclass(frozen=True)
class Point:
    """x, y in the axes' units. also: the same point's x under another rule, None where unknown.

    label: "" for a point that is not named. group: index of its group. quoted: from another place
    than the paper. stays: its name must be shown.
    """

    label: str
    x: float
    y: float
    also: float | None = None
    group: int = 0
    quoted: bool = False
    stays: bool = True


@dataclass(frozen=True)
class Scatter:
    """Axis labels carry unit and counting rule. groups: their names, in the order of the markers.

    joined: groups with a line through their points. fronts: sets of groups that share a front.
    measured: `x` is measured and `also` reported, not the other way round.
    x_range, y_range: limits, x_ticks: places of the ticks, () for the usual ones.
    """

    x_label: str
    y_label: str
    points: tuple[Point, ...]
    groups: tuple[str, ...] = ("",)
    joined: tuple[int, ...] = ()
    fronts: tuple[tuple[int, ...], ...] = ()
    also_label: str = ""
    title: str = ""
    log_x: bool = False
    measured: bool = False
    x_range: tuple[float, ...] = ()
    y_range: tuple[float, ...] = ()
    x_ticks: tuple[float, ...] = ()

    @classmethod
    def of(cls, spec: ScatterPanel, records: Records) -> "Scatter":
        """The points of a spec: as reported, and at our count where a record exists."""
        table = feeding_table(spec.table)
        names = [*dict.fromkeys(group.name for group in spec.groups), COMPARED]
        x_field = field_of(table, spec.x, told=bool(spec.told))
        y_field = field_of(table, spec.y)
        points = [
            *_table_points(table, spec, names, records),
            *_quoted_points(table, spec, names, records),
        ]
        return cls(
            _axis(x_field),
            _axis(y_field),
            tuple(points),
            tuple(names),
            joined=tuple(names.index(group.name) for group in spec.groups if group.joined),
            fronts=(tuple(range(len(names))),) if spec.front else (),
            also_label=_also_label(field_of(table, spec.x_also)) if spec.x_also else "",
            log_x=spec.log_x,
            x_ticks=tuple(sorted({point.x for point in points}))
            if x_field.definition.kind == "config"
            else (),
        )

    def look(self, group: int) -> Look:
        """Of a group, by its name: a family looks the same in every figure."""
        return look_of(self.groups[group])

    def height(self, columns: int) -> float:
        """What the panel takes with its labels, in inches."""
        return HEIGHTS[min(columns, 3)]

    def paint(self, axes: "Axes") -> Callable[[Any], None]:
        """Draw the points; returns what writes their names once the axes have their place."""
        lines = _lines(axes, self)
        for point in self.points:
            _mark(axes, self.look(point.group), point, filled=not self.measured)
            if point.also is not None:
                _mark_also(axes, self, point, point.also)
        _scale(axes, self)
        return lambda renderer: write_names(axes, self, lines, renderer)

    def legend(self) -> Legend:
        """Groups by shape; then what filled, open and half filled mean."""
        from matplotlib.lines import Line2D

        def mark(look: Look, face: str, **more: Any) -> Line2D:
            style = {"marker": look.marker, "linestyle": "none", "markersize": MARK**0.5}
            return Line2D(
                [],
                [],
                markerfacecolor=face or look.colour,
                markeredgecolor=look.colour,
                **style,
                **more,
            )

        used = sorted({point.group for point in self.points})
        entries: Legend = [
            (mark(self.look(group), ""), self.groups[group]) for group in used if self.groups[group]
        ]
        any_family = Look(INK, "o")
        if self.also_label and self.measured:
            small = Line2D(
                [], [], marker="o", linestyle="none", markersize=MARK**0.5 / 2, color=GREY
            )
            entries.append((small, self.also_label))
        elif self.also_label:
            entries += [
                (mark(any_family, ""), AS_REPORTED),
                (mark(any_family, "white"), self.also_label),
            ]
        if any(point.quoted for point in self.points):
            half = mark(any_family, "", fillstyle="left", markerfacecoloralt="white")
            entries.append((half, QUOTED))
        if self.fronts:
            entries.append((Line2D([], [], color=INK, linestyle=DOTTED, linewidth=1.0), FRONT))
        return entries


def pareto(points: Sequence[Point]) -> list[Point]:
    """Points that no other beats in both compute and accuracy, by rising x."""
    best, front = float("-inf"), list[Point]()
    for point in sorted(points, key=lambda point: (point.x, -point.y)):
        if point.y > best:
            best, front = point.y, [*front, point]
    return front


# --- points from tables ---------------------------------------------------------------------------


def _axis(item: Field) -> str:
    return item.title if item.definition.kind == "config" else f"{item.title}, as reported"


def _also_label(item: Field) -> str:
    return f"open: {item.definition.label} measured, rule {item.rule}"


def _table_points(
    table: PaperTable, spec: ScatterPanel, names: list[str], records: Records
) -> Iterator[Point]:
    owner = {row: names.index(group.name) for group in spec.groups for row in group.rows}
    x_field = field_of(table, spec.x, told=bool(spec.told))
    y_field = field_of(table, spec.y)
    for row, line in cells_by_row(table, spec.rows or tuple(spec.told), records).items():
        x = float(spec.told[row]) if spec.told else reported(x_field, line[spec.x])
        y = reported(y_field, line[spec.y])
        if x is not None and y is not None:
            also = measured(x_field, line[spec.x_also]) if spec.x_also else None
            label = line[spec.label].reported if spec.label else row
            yield Point(label, x, y, also, owner.get(row, len(names) - 1))


def _quoted_points(
    table: PaperTable, spec: ScatterPanel, names: list[str], records: Records
) -> Iterator[Point]:
    x_field = field_of(table, spec.x, told=bool(spec.told))
    for quote in spec.quotes:
        if quote.values.get(spec.x) and quote.values.get(spec.y):
            x, y = float(quote.values[spec.x]), float(quote.values[spec.y])
            also = (
                quoted_count(quote, field_of(table, spec.x_also), x_field, records)
                if spec.x_also
                else None
            )
            group = names.index(quote.group or COMPARED)
            yield Point(quote.label, x, y, also, group, quoted=True)


# --- painting -------------------------------------------------------------------------------------


def _mark(axes: "Axes", look: Look, point: Point, *, filled: bool) -> None:
    """One mark: filled, open or (quoted) half filled."""
    half: dict[str, Any] = (
        {"fillstyle": "left", "markerfacecoloralt": "white"} if point.quoted else {}
    )
    axes.plot(
        [point.x],
        [point.y],
        marker=look.marker,
        markersize=MARK**0.5,
        linestyle="none",
        markerfacecolor=look.colour if filled else "white",
        markeredgecolor=look.colour,
        markeredgewidth=1.1,
        zorder=4,
        **half,
    )


def _mark_also(axes: "Axes", panel: Scatter, point: Point, also: float) -> None:
    """The same point under the other rule, smaller, tied by a line: open beside a filled mark, grey
    beside open."""
    axes.plot(
        [point.x, also],
        [point.y] * 2,
        color=PALE if panel.measured else GREY,
        linewidth=0.9,
        zorder=1,
    )
    axes.plot(
        [also],
        [point.y],
        marker=panel.look(point.group).marker,
        markersize=MARK**0.5 * (0.5 if panel.measured else 0.8),
        linestyle="none",
        markerfacecolor=GREY if panel.measured else "white",
        markeredgecolor=GREY if panel.measured else panel.look(point.group).colour,
        markeredgewidth=0.9,
        zorder=2 if panel.measured else 4.5,  # seen even where both counts agree
    )


def _lines(axes: "Axes", panel: Scatter) -> list[list[Point]]:
    """Draw lines through joined groups and along the fronts; returns the points of each."""
    chains = [
        sorted((point for point in panel.points if point.group == group), key=lambda point: point.x)
        for group in panel.joined
    ]
    for group, chain in zip(panel.joined, chains, strict=True):
        colour = panel.look(group).colour
        axes.plot(*_places(chain), color=colour, linewidth=1.0, alpha=0.55, zorder=0)
    fronts = [
        pareto([point for point in panel.points if point.group in members])
        for members in panel.fronts
    ]
    for front in fronts:
        axes.plot(*_places(front), color=INK, linestyle=DOTTED, linewidth=1.0, zorder=1)
    return [*chains, *fronts]


def _places(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    return [point.x for point in points], [point.y for point in points]


def nice_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten within the limits of a logarithmic axis; 1 and 3 times where
    those are many."""
    for steps in ((1, 2, 5), (1, 3)):
        every = [step * 10.0**power for power in range(-9, 10) for step in steps]
        ticks = [tick for tick in every if low <= tick <= high]
        if sum(len(f"{tick:g} ") for tick in ticks) <= TICK_LETTERS:
            break
    return ticks


def _scale(axes: "Axes", panel: Scatter) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axes.set(xlabel=panel.x_label, ylabel=panel.y_label)
    axes.margins(x=0.09, y=0.09)
    if panel.log_x:
        axes.set_xscale("log")
    if panel.x_range:
        axes.set_xlim(*panel.x_range)
    if panel.y_range:
        axes.set_ylim(*panel.y_range)
    if panel.log_x or panel.x_ticks:
        axes.xaxis.set_major_locator(FixedLocator(panel.x_ticks or nice_ticks(*axes.get_xlim())))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.grid(color="#ececec", linewidth=0.6, zorder=-5)
    axes.set_axisbelow(True)


# --- names ----------------------------------------------------------------------------------------


def write_names(axes: "Axes", panel: Scatter, lines: list[list[Point]], renderer: Any) -> None:
    """Names beside their points, none over another, over a mark or outside; far ones get a thin
    line."""
    scale = axes.figure.dpi / 72
    radius = MARK**0.5 / 2 * scale + 1

    def pixel(x: float, y: float) -> tuple[float, float]:
        column, row = axes.transData.transform((x, y))
        return float(column), float(row)

    centres = [
        pixel(x, point.y) for point in panel.points for x in (point.x, point.also) if x is not None
    ]
    marks = [Box(x, y, x, y).grown(radius) for x, y in centres]
    tracks: list[Segment] = [
        (*pixel(a.x, a.y), *pixel(b.x, b.y)) for line in lines for a, b in pairwise(line)
    ]
    tracks += [
        (*pixel(point.x, point.y), *pixel(point.also, point.y))
        for point in panel.points
        if point.also is not None
    ]
    named = [point for point in panel.points if point.label]
    names = [_name(axes, point, pixel(point.x, point.y), radius, renderer) for point in named]
    edge = Box(*axes.bbox.extents).grown(-2)
    boxes = place(names, Surroundings(edge, marks, tracks))
    for point, name, box in zip(named, names, boxes, strict=True):
        if box is not None:
            _write(axes, point.label, name, box)


def _write(axes: "Axes", label: str, name: Name, box: Box) -> None:
    """A name in its box, with the thin line to its point where it needs one."""
    back = axes.transAxes.inverted()
    left, low = back.transform((box.x0, box.y0))
    style: dict[str, Any] = {"ha": "left", "va": "bottom", "zorder": 5, "gid": "name"}
    axes.text(left, low, label, fontsize=SMALL, transform=axes.transAxes, **style)
    tie = leader(name, box)
    if tie:
        (x0, y0), (x1, y1) = back.transform([tie[:2], tie[2:]])
        axes.plot([x0, x1], [y0, y1], transform=axes.transAxes, color=GREY, linewidth=0.5, zorder=1)


def _name(
    axes: "Axes", point: Point, at: tuple[float, float], radius: float, renderer: Any
) -> Name:
    """The text of a point measured by drawing it and taking it away again."""
    text = axes.text(0, 0, point.label, fontsize=SMALL)
    extent = text.get_window_extent(renderer)
    text.remove()
    return Name(*at, extent.width + 1, extent.height + 1, radius, point.stays)
