"""Scatter plots of tables as SVG and PNG, byte-stable: reported points filled, the same at our true count open."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STYLE: dict[str, Any] = {
    "svg.hashsalt": "repro",  # ids in the file do not change from run to run
    "svg.fonttype": "path",  # the picture does not depend on the reader's fonts
    "font.family": "DejaVu Sans",  # ships with matplotlib: no font can be missing
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


@dataclass(frozen=True)
class Point:
    """x, y in the axes' units. also: the same point's x under another rule, or None. own: a model of the paper."""

    label: str
    x: float
    y: float
    also: float | None = None
    own: bool = False


@dataclass(frozen=True)
class Scatter:
    """Axis labels carry unit and counting rule."""

    title: str
    x_label: str
    y_label: str
    points: tuple[Point, ...]
    log_x: bool = False
    also_label: str = ""


@contextmanager
def _quiet_style() -> Iterator[None]:
    import matplotlib

    matplotlib.use("Agg")
    with matplotlib.rc_context(STYLE):
        yield


def pareto(points: tuple[Point, ...]) -> list[Point]:
    """Points that no other beats in both compute and accuracy, by rising x."""
    best, front = float("-inf"), list[Point]()
    for point in sorted(points, key=lambda one: (one.x, -one.y)):
        if point.y > best:
            best, front = point.y, [*front, point]
    return front


def _marks(axes: "Axes", chart: Scatter) -> None:
    for own, marker, name in ((True, "o", "models of the paper"), (False, "s", "compared methods")):
        chosen = [point for point in chart.points if point.own is own]
        if chosen:
            xs, ys = [point.x for point in chosen], [point.y for point in chosen]
            axes.scatter(xs, ys, marker=marker, color="black", s=26, label=f"{name}, as reported", zorder=3)
    moved = [point for point in chart.points if point.also is not None]
    for point in moved:
        axes.plot([point.x, point.also or point.x], [point.y, point.y], color="grey", linewidth=0.8, zorder=1)
    if moved:
        xs = [point.also or point.x for point in moved]
        axes.scatter(
            xs, [one.y for one in moved], marker="D", facecolor="white", edgecolor="black", s=22,
            label=chart.also_label, zorder=2,
        )  # fmt: skip


def _labels(axes: "Axes", points: tuple[Point, ...]) -> None:
    """Names beside their points, moved up where two would overlap."""
    height = (max(one.y for one in points) - min(one.y for one in points)) or 1.0
    last: dict[bool, float] = {}
    for index, point in enumerate(sorted(points, key=lambda one: one.y)):
        left = index % 2 == 0
        y = max(point.y, last.get(left, float("-inf")) + height * 0.055)
        last[left] = y
        offset = (y - point.y) / height * 220
        axes.annotate(
            point.label, (point.x, point.y), xytext=(-7 if left else 7, offset - 3), textcoords="offset points",
            ha="right" if left else "left",
        )  # fmt: skip


def draw(chart: Scatter) -> tuple[bytes, bytes]:
    """The chart as (SVG, PNG) bytes; the same bytes for the same points and matplotlib."""
    with _quiet_style():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7.2, 4.6), layout="constrained")
        axes = figure.add_subplot()
        _marks(axes, chart)
        front = pareto(chart.points)
        axes.plot(
            [one.x for one in front], [one.y for one in front], color="black", linestyle=":", linewidth=0.9,
            label="Pareto front, as reported", zorder=0,
        )  # fmt: skip
        _labels(axes, chart.points)
        axes.margins(x=0.16, y=0.1)
        axes.set(title=chart.title, xlabel=chart.x_label, ylabel=chart.y_label)
        axes.set_xscale("log" if chart.log_x else "linear")
        axes.legend(frameon=False, loc="lower right", fontsize=8)
        svg, png = io.BytesIO(), io.BytesIO()
        figure.savefig(svg, format="svg", metadata={"Date": None})
        figure.savefig(png, format="png", dpi=150, metadata={"Software": None})
    return svg.getvalue(), png.getvalue()
