"""The panels of a picture. Each kind is one class: made from its spec, it paints itself and knows
legend and height.

A new kind is a class in `repro/spec/figure.py` and one here, with its line in `drawn`. The fields
of a class, in their order, are what a picture's digest is made of.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from repro.charts.bars import Bars
from repro.charts.looks import COLOURS, GREY, INK, SMALL, Legend
from repro.charts.numbers import feeding_table
from repro.charts.scatter import Scatter
from repro.charts.steps import Steps
from repro.charts.tiles import Tiles, of_drawn
from repro.errors import MissingError, SpecError
from repro.measure.accuracy import find_profile
from repro.record.found import Records
from repro.record.record import Record
from repro.spec.figure import (
    BarPanel,
    BlockPanel,
    DrawnPanel,
    LearningPanel,
    MapsPanel,
    PeoplePanel,
    ScatterPanel,
    SchedulePanel,
    Stage,
)
from repro.spec.figure import Panel as Spec
from repro.spec.profiles import PAPER, PROFILES
from repro.train.schedules import recipe_at, schedule

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# --- curves ---------------------------------------------------------------------------------------

CURVE_HEIGHT = 2.0  # inches
FEW = 20  # points that are marked
STEPS_PER_EPOCH = 20  # of a drawn schedule


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

    @classmethod
    def of_schedule(cls, spec: SchedulePanel) -> "Curve":
        """A recipe's learning rate or sigma over its epochs, as the training takes them.

        Raises SpecError for the sigma of a recipe that has one throughout.
        """
        recipe = spec.recipe
        plan = schedule(recipe, PAPER, images=recipe.batch * STEPS_PER_EPOCH, seed=0)
        epochs = tuple(step / STEPS_PER_EPOCH for step in range(plan.steps + 1))
        if spec.what == "rate":
            rates = Line(epochs, tuple(map(plan.rate_at, range(plan.steps + 1))))
            return cls("epoch", "learning rate", (rates,))
        if not recipe.three_pass.sigmas:
            raise SpecError(f"recipe {recipe.name} has one sigma throughout: nothing to draw")
        widths = tuple(recipe_at(recipe, step / plan.steps).sigma for step in range(plan.steps + 1))
        return cls("epoch", "sigma (map's side = 1)", (Line(epochs, widths),))

    @classmethod
    def of_learning(cls, spec: LearningPanel, records: Records) -> "Curve":
        """Scores while a row's network learned, one line per seed.

        Raises SpecError for a row that does not run, MissingError without a record of its learning.
        """
        table = feeding_table(spec.table)
        row = next((row for row in table.rows if row.key == spec.row), None)
        if row is None or row.run is None:
            raise SpecError(f"{spec.table} has no row '{spec.row}' that runs")
        found = find_profile(row.run, PROFILES[spec.profile], records)
        lines = [
            line
            for record in (found.seeds.values() if found else ())
            for line in _learned(record, spec.value, spec.scale)
        ]
        if not lines:
            hint = f"repro table {spec.table} --run --profile {spec.profile}"
            raise MissingError(
                f"no record of {spec.row} in {spec.table} by profile {spec.profile} has a curve",
                hint,
            )
        stale = " (stale)" if found and found.state == "stale" else ""
        return cls("thousand training images", spec.label, tuple(lines), f"{spec.title}{stale}")

    def height(self, columns: int) -> float:
        """What the panel takes with its labels, in inches."""
        return CURVE_HEIGHT

    def paint(self, axes: "Axes") -> None:
        """Lines from the left edge on."""
        for colour, line in zip(COLOURS, self.lines, strict=False):
            mark = "o" if len(line.xs) <= FEW else ""
            axes.plot(line.xs, line.ys, color=colour, linewidth=1.1, marker=mark, markersize=3.5)
        axes.set(xlabel=self.x_label, ylabel=self.y_label)
        axes.set_xlim(0, max(line.xs[-1] for line in self.lines))
        axes.set_ylim(0, max(max(line.ys) for line in self.lines) * 1.08)
        axes.grid(color="#ececec", linewidth=0.6)
        axes.set_axisbelow(True)

    def legend(self) -> Legend:
        """The named lines."""
        from matplotlib.lines import Line2D

        return [
            (Line2D([], [], color=colour, linewidth=1.1), line.name)
            for colour, line in zip(COLOURS, self.lines, strict=False)
            if line.name
        ]


def _learned(record: Record, value: str, scale: float) -> Iterator[Line]:
    """The line of one seed, where its record has one; its values are multiplied by `scale`."""
    points = [
        point
        for point in record.provenance.get("curve", ())
        if value in point and "images" in point
    ]
    if points:
        xs, ys = (
            [point["images"] / 1000 for point in points],
            [scale * point[value] for point in points],
        )
        yield Line(tuple(xs), tuple(ys), f"seed {record.key.rpartition('=')[2]}")


# --- blocks ---------------------------------------------------------------------------------------

ROW_HEIGHT = 0.31  # inches
BLOCK_LEFT = 3.2  # width of the text on the left, in blocks
SHADES = {3: "white", 5: "#d5e3ef", 7: "#8fb6d6"}  # by kernel
TALL = {1: 0.38, 3: 0.5, 6: 0.86}  # by expansion
Block = tuple[int, int] | None


@dataclass(frozen=True)
class Blocks:
    """Rows of (text on the left, blocks); a block is (kernel, expansion), or None where it is
    skipped."""

    title: str
    rows: tuple[tuple[str, tuple[Block, ...]], ...]

    @classmethod
    def of(cls, spec: BlockPanel) -> "Blocks":
        """Rows of blocks; the text of a row gives width and output size."""
        side, rows = spec.size, []
        for stage in spec.stages:
            side //= stage.stride
            rows.append(
                (f"{stage.name}\n{stage.width} wide, {side}x{side} px", tuple(_blocks(stage)))
            )
        return cls(spec.title, tuple(rows))

    def height(self, columns: int) -> float:
        """What the panel takes with its labels, in inches."""
        return ROW_HEIGHT * len(self.rows) + 0.25

    def paint(self, axes: "Axes") -> None:
        """A row per stage: a block is as high as its expansion and as dark as its kernel, and says
        both."""
        for row, (text, blocks) in enumerate(self.rows):
            axes.text(-0.15, -row, text, ha="right", va="center", fontsize=SMALL, gid="name")
            axes.plot([0, len(blocks)], [-row, -row], color=GREY, linewidth=0.8, zorder=0)
            for index, block in enumerate(blocks):
                _paint_block(axes, block, index, row)
        widest = max(len(blocks) for _, blocks in self.rows)
        axes.set(xlim=(-BLOCK_LEFT, max(widest, 10)), ylim=(-len(self.rows) + 0.45, 0.55))
        axes.set_axis_off()

    def legend(self) -> Legend:
        """What height and shade mean."""
        from matplotlib.patches import Patch

        kernels: Legend = [
            (Patch(facecolor=shade, edgecolor=INK, linewidth=0.8), f"kernel {size}x{size}")
            for size, shade in SHADES.items()
        ]
        return [
            *kernels,
            (Patch(facecolor="none", edgecolor="none"), "height: expansion e (1, 3 or 6)"),
        ]


def _paint_block(axes: "Axes", block: Block, index: int, row: int) -> None:
    from matplotlib.patches import Rectangle

    kernel, expansion = block or (3, 3)
    height, words = TALL[expansion], f"{kernel}x{kernel}, e{expansion}" if block else "skipped"
    style: dict[str, Any] = {"facecolor": SHADES[kernel], "edgecolor": INK}
    if block is None:
        style = {"facecolor": "white", "edgecolor": GREY, "linestyle": ":"}
    axes.add_patch(
        Rectangle((index + 0.06, -row - height / 2), 0.88, height, linewidth=0.8, zorder=1, **style)
    )
    axes.text(
        index + 0.5,
        -row - 0.02,
        words,
        ha="center",
        va="center",
        fontsize=6.5,
        gid="name",
        zorder=2,
    )


def _blocks(stage: Stage) -> Iterator[Block]:
    for block in stage.blocks.split():
        if block != "-" and not (len(block) == 2 and block[0] in "357" and block[1] in "136"):
            raise SpecError(
                f"{stage.name}: block '{block}' is neither kernel and expansion nor '-'"
            )
        yield None if block == "-" else (int(block[0]), int(block[1]))


# --- any panel ------------------------------------------------------------------------------------

Panel = Scatter | Bars | Curve | Blocks | Tiles | Steps


def drawn(spec: Spec, records: Records) -> Panel:
    """A panel with its numbers. Raises SpecError where its spec does not fit, MissingError where a
    record is needed."""
    match spec:
        case ScatterPanel():
            return Scatter.of(spec, records)
        case BarPanel():
            return Bars.of(spec, records)
        case SchedulePanel():
            return Curve.of_schedule(spec)
        case LearningPanel():
            return Curve.of_learning(spec, records)
        case BlockPanel():
            return Blocks.of(spec)
        case DrawnPanel():
            return of_drawn(spec)
        case PeoplePanel() | MapsPanel():
            raise SpecError("a panel of trained networks is made by charts.sights")
