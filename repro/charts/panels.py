"""The panels of a picture: points, bars, curves and blocks, each drawn onto one pair of axes.

Reported numbers are filled, measured ones open or hatched, quoted ones half filled; groups differ in shape.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from repro.charts.labels import Box, Ground, Name, Segment, leader, place

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, GREY, PALE = "#222222", "#8c8c8c", "#d9d9d9"
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
COLOURS = (
    "#0b5fa5",
    "#4d4d4d",
    "#c2571a",
    "#1b7f5c",
    "#8a4f9e",
    "#7a6a00",
    "#a0314f",
)  # readable on white, and in grey
MARK = 34.0  # area of a mark in points^2
SMALL = 7.5  # size of names in points
TICK_LETTERS = 32  # room along an axis
AS_REPORTED = "filled: as reported"
QUOTED = "half filled: from the source named below"
FRONT = "Pareto front"


@dataclass(frozen=True)
class Point:
    """x, y in the axes' units. also: the same point's x under another rule, None where unknown.

    group: index of its group. quoted: from another place than the paper. stays: its name must be shown.
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


@dataclass(frozen=True)
class Bars:
    """One cluster per name; a series is (legend, kind, values), kind one of KINDS, None where there is no number.

    texts: what is printed at the bars, in the order of the series' values. quoted: names from another source.
    """

    x_label: str
    names: tuple[str, ...]
    series: tuple[tuple[str, str, tuple[float | None, ...]], ...]
    texts: tuple[tuple[str, ...], ...]
    quoted: tuple[int, ...] = ()
    title: str = ""


@dataclass(frozen=True)
class Line:
    """A line through (xs, ys), with a mark at each where there are few."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    name: str = ""


@dataclass(frozen=True)
class Curve:
    """Lines over the same axes, which begin at 0; names of lines are told in the legend."""

    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    title: str = ""


@dataclass(frozen=True)
class Blocks:
    """Rows of (text on the left, blocks); a block is (kernel, expansion), or None where it is skipped."""

    title: str
    rows: tuple[tuple[str, tuple[tuple[int, int] | None, ...]], ...]


Panel = Scatter | Bars | Curve | Blocks
KINDS: dict[str, dict[str, Any]] = {
    "reported": {"facecolor": COLOURS[0], "edgecolor": INK},
    "measured": {"facecolor": "white", "edgecolor": INK, "hatch": "////"},
    "true": {"facecolor": "white", "edgecolor": INK},
}
QUOTED_BAR: dict[str, Any] = {"facecolor": "#9dbfda", "edgecolor": INK, "linestyle": "--"}
FEW = 20  # points that are marked
Legend = list[tuple[Any, str]]


def pareto(points: Sequence[Point]) -> list[Point]:
    """Points that no other beats in both compute and accuracy, by rising x."""
    best, front = float("-inf"), list[Point]()
    for point in sorted(points, key=lambda one: (one.x, -one.y)):
        if point.y > best:
            best, front = point.y, [*front, point]
    return front


# --- points -------------------------------------------------------------------------------------------------------


def _mark(axes: "Axes", point: Point, *, filled: bool) -> None:
    """One mark: filled, open or (quoted) half filled."""
    colour = COLOURS[point.group % len(COLOURS)]
    half: dict[str, Any] = {"fillstyle": "left", "markerfacecoloralt": "white"} if point.quoted else {}
    axes.plot(
        [point.x], [point.y], marker=MARKERS[point.group % len(MARKERS)], markersize=MARK**0.5, linestyle="none",
        markerfacecolor=colour if filled else "white", markeredgecolor=colour, markeredgewidth=1.1, zorder=4, **half,
    )  # fmt: skip


def _also(axes: "Axes", panel: Scatter, point: Point, also: float) -> None:
    """The same point under the other rule, smaller, tied by a line: open beside a filled mark, grey beside open."""
    colour = GREY if panel.measured else COLOURS[point.group % len(COLOURS)]
    size = MARK**0.5 * (0.5 if panel.measured else 0.8)
    axes.plot([point.x, also], [point.y] * 2, color=PALE if panel.measured else GREY, linewidth=0.9, zorder=1)
    axes.plot(
        [also], [point.y], marker=MARKERS[point.group % len(MARKERS)], markersize=size,
        linestyle="none", markerfacecolor=GREY if panel.measured else "white", markeredgecolor=colour,
        markeredgewidth=0.9, zorder=2 if panel.measured else 4.5,  # seen even where both counts agree
    )  # fmt: skip


def _steps(axes: "Axes", panel: Scatter) -> list[list[Point]]:
    """Lines through joined groups and along the fronts; returns the points of each."""
    lines = []
    for group in panel.joined:
        chain = sorted((one for one in panel.points if one.group == group), key=lambda one: one.x)
        axes.plot([p.x for p in chain], [p.y for p in chain], color=COLOURS[group], linewidth=1.0, alpha=0.55, zorder=0)
        lines.append(chain)
    for members in panel.fronts:
        front = pareto([one for one in panel.points if one.group in members])
        axes.plot(
            [p.x for p in front], [p.y for p in front], color=INK, linestyle=(0, (1.5, 2)), linewidth=1.0, zorder=1
        )
        lines.append(front)
    return lines


def nice_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten within the limits of a logarithmic axis; 1 and 3 times where those are many."""
    for steps in ((1, 2, 5), (1, 3)):
        found = [step * 10.0**power for power in range(-9, 10) for step in steps]
        ticks = [tick for tick in found if low <= tick <= high]
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


def paint_scatter(axes: "Axes", panel: Scatter) -> Callable[[Any], None]:
    """Draw the points; returns what writes their names once the axes have their place."""
    lines = _steps(axes, panel)
    for point in panel.points:
        _mark(axes, point, filled=not panel.measured)
        if point.also is not None:
            _also(axes, panel, point, point.also)
    _scale(axes, panel)
    return lambda renderer: write_names(axes, panel, lines, renderer)


def write_names(axes: "Axes", panel: Scatter, lines: list[list[Point]], renderer: Any) -> None:
    """Names beside their points, none over another, over a mark or outside; far ones get a thin line."""
    scale = axes.figure.dpi / 72
    radius = MARK**0.5 / 2 * scale + 1

    def pixel(x: float, y: float) -> tuple[float, float]:
        column, row = axes.transData.transform((x, y))
        return float(column), float(row)

    centres = [pixel(x, one.y) for one in panel.points for x in (one.x, one.also) if x is not None]
    marks = [Box(x, y, x, y).grown(radius) for x, y in centres]
    tracks: list[Segment] = [(*pixel(a.x, a.y), *pixel(b.x, b.y)) for line in lines for a, b in pairwise(line)] + [
        (*pixel(one.x, one.y), *pixel(one.also, one.y)) for one in panel.points if one.also is not None
    ]
    names = [_name(axes, one, pixel(one.x, one.y), radius, renderer) for one in panel.points]
    edge = Box(*axes.bbox.extents).grown(-2)
    back = axes.transAxes.inverted()
    for point, name, box in zip(panel.points, names, place(names, Ground(edge, marks, tracks)), strict=True):
        if box is None:
            continue
        left, low = back.transform((box.x0, box.y0))
        axes.text(left, low, point.label, fontsize=SMALL, transform=axes.transAxes,
                  ha="left", va="bottom", zorder=5, gid="name")  # fmt: skip
        tie = leader(name, box)
        if tie:
            (x0, y0), (x1, y1) = back.transform([tie[:2], tie[2:]])
            axes.plot([x0, x1], [y0, y1], transform=axes.transAxes, color=GREY, linewidth=0.5, zorder=1)


def _name(axes: "Axes", point: Point, at: tuple[float, float], radius: float, renderer: Any) -> Name:
    """The text of a point measured by drawing it and taking it away again."""
    text = axes.text(0, 0, point.label, fontsize=SMALL)
    extent = text.get_window_extent(renderer)
    text.remove()
    return Name(*at, extent.width + 1, extent.height + 1, radius, point.stays)


def scatter_legend(panel: Scatter) -> Legend:
    """Groups by shape; then what filled, open and half filled mean."""
    from matplotlib.lines import Line2D

    def mark(group: int, face: str, **more: Any) -> Line2D:
        colour = COLOURS[group % len(COLOURS)]
        style = {"marker": MARKERS[group % len(MARKERS)], "linestyle": "none", "markersize": MARK**0.5}
        return Line2D([], [], markerfacecolor=face or colour, markeredgecolor=colour, **style, **more)

    used = sorted({one.group for one in panel.points})
    found: Legend = [(mark(group, ""), panel.groups[group]) for group in used if panel.groups[group]]
    if panel.also_label and panel.measured:
        found.append(
            (Line2D([], [], marker="o", linestyle="none", markersize=MARK**0.5 / 2, color=GREY), panel.also_label)
        )
    elif panel.also_label:
        found.append((mark(0, ""), AS_REPORTED))
        found.append((mark(0, "white"), panel.also_label))
    if any(one.quoted for one in panel.points):
        found.append((mark(0, "", fillstyle="left", markerfacecoloralt="white"), QUOTED))
    if panel.fronts:
        found.append((Line2D([], [], color=INK, linestyle=(0, (1.5, 2)), linewidth=1.0), FRONT))
    return found


# --- bars, curves, blocks -----------------------------------------------------------------------------------------


def paint_bars(axes: "Axes", panel: Bars) -> None:
    """Clusters of lying bars, the first on top, the number at the end of each."""
    thick = 0.82 / len(panel.series)
    longest = max(value for _, _, values in panel.series for value in values if value is not None)
    for rank, ((_, kind, values), texts) in enumerate(zip(panel.series, panel.texts, strict=True)):
        for index, (value, text) in enumerate(zip(values, texts, strict=True)):
            y = index + (rank - (len(panel.series) - 1) / 2) * thick
            style = QUOTED_BAR if kind == "reported" and index in panel.quoted else KINDS[kind]
            axes.barh(y, value or 0, thick * 0.86, linewidth=0.8 if value else 0, **style)
            axes.text((value or 0) + longest * 0.008, y, text, va="center", fontsize=SMALL, gid="name",
                      color=INK if value is not None else GREY)  # fmt: skip
    axes.set(xlabel=panel.x_label, xlim=(0, longest * 1.1), ylim=(len(panel.names) - 0.5, -0.5))
    axes.set_yticks(range(len(panel.names)), panel.names)
    axes.tick_params(axis="y", length=0)


def bar_legend(panel: Bars) -> Legend:
    """What the fillings mean."""
    from matplotlib.patches import Patch

    found: Legend = [
        (Patch(linewidth=0.8, **KINDS[kind]), name)
        for name, kind, values in panel.series
        if any(value is not None for value in values)
    ]
    return found + ([(Patch(linewidth=0.8, **QUOTED_BAR), "pale: from the source named below")] if panel.quoted else [])


def paint_curve(axes: "Axes", panel: Curve) -> None:
    """Lines from the left edge on."""
    for colour, line in zip(COLOURS, panel.lines, strict=False):
        mark = "o" if len(line.xs) <= FEW else ""
        axes.plot(line.xs, line.ys, color=colour, linewidth=1.1, marker=mark, markersize=3.5)
    axes.set(xlabel=panel.x_label, ylabel=panel.y_label)
    axes.set_xlim(0, max(line.xs[-1] for line in panel.lines))
    axes.set_ylim(0, max(max(line.ys) for line in panel.lines) * 1.08)
    axes.grid(color="#ececec", linewidth=0.6)
    axes.set_axisbelow(True)


def curve_legend(panel: Curve) -> Legend:
    """The named lines."""
    from matplotlib.lines import Line2D

    return [(Line2D([], [], color=colour, linewidth=1.1), line.name)
            for colour, line in zip(COLOURS, panel.lines, strict=False) if line.name]  # fmt: skip


BLOCK_LEFT = 3.2  # width of the text on the left, in blocks
SHADES = {3: "white", 5: "#d5e3ef", 7: "#8fb6d6"}
TALL = {1: 0.38, 3: 0.5, 6: 0.86}


def paint_blocks(axes: "Axes", panel: Blocks) -> None:
    """A row per stage: a block is as high as its expansion and as dark as its kernel, and says both."""
    from matplotlib.patches import Rectangle

    wide = max(len(blocks) for _, blocks in panel.rows)
    for row, (text, blocks) in enumerate(panel.rows):
        axes.text(-0.15, -row, text, ha="right", va="center", fontsize=SMALL, gid="name")
        axes.plot([0, len(blocks)], [-row, -row], color=GREY, linewidth=0.8, zorder=0)
        for index, block in enumerate(blocks):
            kernel, expansion = block or (3, 3)
            style: dict[str, Any] = (
                {"facecolor": SHADES[kernel], "edgecolor": INK}
                if block
                else {"facecolor": "white", "edgecolor": GREY, "linestyle": ":"}
            )
            height = TALL[expansion]
            axes.add_patch(Rectangle((index + 0.06, -row - height / 2), 0.88, height, linewidth=0.8, zorder=1, **style))
            words = f"{kernel}x{kernel}, e{expansion}" if block else "skipped"
            axes.text(index + 0.5, -row - 0.02, words, ha="center", va="center", fontsize=6.5, gid="name", zorder=2)
    axes.set(xlim=(-BLOCK_LEFT, max(wide, 10)), ylim=(-len(panel.rows) + 0.45, 0.55))
    axes.set_axis_off()


def block_legend(_: Blocks) -> Legend:
    """What height and shade mean."""
    from matplotlib.patches import Patch

    kernels: Legend = [
        (Patch(facecolor=shade, edgecolor=INK, linewidth=0.8), f"kernel {size}x{size}")
        for size, shade in SHADES.items()
    ]
    return [*kernels, (Patch(facecolor="none", edgecolor="none"), "height: expansion e (1, 3 or 6)")]
