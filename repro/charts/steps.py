"""The arms of an ablation as differences to their base: ours with intervals, the paper's beside
them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from repro.charts.looks import COLOURS, GREY, INK, SMALL, Legend
from repro.measure.answers import Answer, answers
from repro.record.found import Records
from repro.spec.ablation import Ablation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE_HEIGHT = 0.2  # inches
RIM = 0.08  # of the widest difference, free on both sides


@dataclass(frozen=True)
class Step:
    """One line: an arm, its verdict, the paper's difference, and ours with the limits of its
    interval; None where there is none."""

    name: str
    verdict: str
    paper: float | None
    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Steps:
    """All arms by one accuracy. x_label: the accuracy with its unit."""

    x_label: str
    steps: tuple[Step, ...]
    title: str = ""

    @classmethod
    def of(cls, ablation: Ablation, records: Records) -> "tuple[Steps, ...]":
        """One panel per accuracy by which an arm was measured; none where nothing was."""
        panels: dict[str, list[Answer]] = {}
        for answer in answers(ablation, records):
            panels.setdefault(answer.field.definition.label, []).append(answer)
        return tuple(
            cls(f"difference in {label} (points)", tuple(map(_step, of_one)))
            for label, of_one in panels.items()
            if any(answer.difference for answer in of_one)
        )

    def height(self, columns: int) -> float:
        """What the panel takes with its labels, in inches."""
        return LINE_HEIGHT * len(self.steps) + 0.75

    def paint(self, axes: "Axes") -> None:
        """A line per arm, the first on top, around the zero of the base."""
        axes.axvline(0, color=GREY, linewidth=0.8, zorder=0)
        for row, step in enumerate(self.steps):
            if step.paper is not None:
                axes.plot(step.paper, row, "D", color=COLOURS[0], markersize=5, zorder=2)
            if step.mean is not None:
                axes.plot(step.mean, row, "o", mfc="white", mec=INK, markersize=5, zorder=3)
            if step.low is not None and step.high is not None:
                axes.plot([step.low, step.high], [row, row], color=INK, linewidth=1.1, zorder=1)
        least, most = self._span()
        axes.set(xlabel=self.x_label, xlim=(least, most), ylim=(len(self.steps) - 0.5, -0.5))
        axes.set_yticks(range(len(self.steps)), [step.name for step in self.steps])
        axes.tick_params(axis="y", length=0)
        for row, step in enumerate(self.steps):
            axes.annotate(
                step.verdict,
                (1.01, row),
                xycoords=("axes fraction", "data"),
                va="center",
                fontsize=SMALL,
                gid="name",
                annotation_clip=False,
            )

    def _span(self) -> tuple[float, float]:
        numbers = [0.0]
        for step in self.steps:
            numbers += [
                number
                for number in (step.paper, step.mean, step.low, step.high)
                if number is not None
            ]
        rim = RIM * (max(numbers) - min(numbers) or 1.0)
        return min(numbers) - rim, max(numbers) + rim

    def legend(self) -> Legend:
        """What the marks mean."""
        from matplotlib.lines import Line2D

        paper = Line2D([], [], marker="D", color=COLOURS[0], markersize=5, linestyle="")
        ours = Line2D([], [], marker="o", mfc="white", color=INK, markersize=5, linewidth=1.1)
        return [(paper, "filled: the paper's"), (ours, "open: ours, with the 95 % interval")]


def _step(answer: Answer) -> Step:
    seen = answer.difference
    several = seen is not None and seen.n > 1
    return Step(
        answer.arm.key,
        answer.verdict,
        answer.paper,
        seen.mean if seen else None,
        seen.low if seen and several else None,
        seen.high if seen and several else None,
    )
