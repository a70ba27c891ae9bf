"""The panel kind of lying bars: rows of a table, as reported and as measured."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from repro.charts.looks import AS_REPORTED, COLOURS, GREY, INK, SMALL, Legend
from repro.charts.numbers import (
    Lines,
    cells_by_row,
    feeding_table,
    field_of,
    measured,
    quoted_count,
    reported,
)
from repro.errors import MissingError
from repro.record.found import Records
from repro.spec.figure import BarPanel
from repro.spec.table import Field

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FILLINGS: dict[str, dict[str, Any]] = {
    "reported": {"facecolor": COLOURS[0], "edgecolor": INK},
    "measured": {"facecolor": "white", "edgecolor": INK, "hatch": "////"},
    "true": {"facecolor": "white", "edgecolor": INK},
}
QUOTED_BAR: dict[str, Any] = {"facecolor": "#9dbfda", "edgecolor": INK, "linestyle": "--"}
BAR_HEIGHT = 0.17  # inches
Values = tuple[float | None, ...]


@dataclass(frozen=True)
class Bars:
    """One cluster per name; a series is (legend, filling, values), with None where there is no
    number.

    filling: one of FILLINGS. texts: what is printed at the bars, in the order of the series'
    values. quoted: names from another source.
    """

    x_label: str
    names: tuple[str, ...]
    series: tuple[tuple[str, str, Values], ...]
    texts: tuple[tuple[str, ...], ...]
    quoted: tuple[int, ...] = ()
    title: str = ""

    @classmethod
    def of(cls, spec: BarPanel, records: Records) -> "Bars":
        """Reported, measured by the paper's rule and measured truly; series without any number are
        left out.

        Raises MissingError for a panel of what is measured where nothing is.
        """
        table = feeding_table(spec.table)
        lines, axis = cells_by_row(table, spec.rows, records), field_of(table, spec.y)
        if spec.measured:
            return cls._of_scores(spec, axis, lines)
        also = field_of(table, spec.y_also) if spec.y_also else None
        series = [(AS_REPORTED, "reported", _printed(spec, axis, lines))]
        if axis.definition.kind == "count":
            values = _counted(spec, axis, axis, lines, records)
            series.append(("hatched: measured, same rule", "measured", values))
        if also:
            values = _counted(spec, axis, also, lines, records)
            series.append((f"open: measured, rule {also.rule}", "true", values))
        series = [
            (name, filling, values) for name, filling, values in series if set(values) != {None}
        ]
        return cls(
            axis.title + (f" (open: rule {also.rule})" if also else ""),
            (*lines, *(quote.label for quote in spec.quotes)),
            tuple(series),
            tuple(
                tuple(_bar_text(axis, filling, value) for value in values)
                for _, filling, values in series
            ),
            tuple(range(len(lines), len(lines) + len(spec.quotes))),
        )

    @classmethod
    def _of_scores(cls, spec: BarPanel, axis: Field, lines: Lines) -> "Bars":
        """What is measured of an accuracy, with how it came about."""
        scored = {row: line[spec.y] for row, line in lines.items()}
        values = tuple(measured(axis, cell) for cell in scored.values())
        if set(values) == {None}:
            raise MissingError(
                f"{axis.title} of {spec.table} is not measured yet",
                f"repro table {spec.table} --run --profile mini",
            )
        told = sorted({cell.basis for cell in scored.values() if cell.basis})
        texts = tuple(
            "not run" if value is None else axis.definition.text(value) for value in values
        )
        return cls(
            f"{axis.title}, measured",
            tuple(scored),
            ((f"hatched: measured, {' and '.join(told)}", "measured", values),),
            (texts,),
        )

    def height(self, columns: int) -> float:
        """What the panel takes with its labels, in inches."""
        return BAR_HEIGHT * len(self.names) * max(2, len(self.series)) + 0.7

    def paint(self, axes: "Axes") -> None:
        """Clusters of lying bars, the first on top, the number at the end of each."""
        thick = 0.82 / len(self.series)
        longest = max(
            value for _, _, values in self.series for value in values if value is not None
        )
        for rank, ((_, filling, values), texts) in enumerate(
            zip(self.series, self.texts, strict=True)
        ):
            for index, (value, text) in enumerate(zip(values, texts, strict=True)):
                y = index + (rank - (len(self.series) - 1) / 2) * thick
                style = (
                    QUOTED_BAR
                    if filling == "reported" and index in self.quoted
                    else FILLINGS[filling]
                )
                axes.barh(y, value or 0, thick * 0.86, linewidth=0.8 if value else 0, **style)
                end, colour = (value or 0) + longest * 0.008, INK if value is not None else GREY
                axes.text(end, y, text, va="center", fontsize=SMALL, gid="name", color=colour)
        axes.set(xlabel=self.x_label, xlim=(0, longest * 1.1), ylim=(len(self.names) - 0.5, -0.5))
        axes.set_yticks(range(len(self.names)), self.names)
        axes.tick_params(axis="y", length=0)

    def legend(self) -> Legend:
        """What the fillings mean."""
        from matplotlib.patches import Patch

        entries: Legend = [
            (Patch(linewidth=0.8, **FILLINGS[filling]), name)
            for name, filling, values in self.series
            if set(values) != {None}
        ]
        if self.quoted:
            entries.append(
                (Patch(linewidth=0.8, **QUOTED_BAR), "pale: from the source named below")
            )
        return entries


def _printed(spec: BarPanel, axis: Field, lines: Lines) -> Values:
    """What rows and quotes print of the axis' field."""
    texts = [quote.values.get(spec.y) for quote in spec.quotes]
    return (
        *(reported(axis, line[spec.y]) for line in lines.values()),
        *(float(text) if text else None for text in texts),
    )


def _counted(spec: BarPanel, axis: Field, item: Field, lines: Lines, records: Records) -> Values:
    """What rows and quoted models measure in a field, in the unit of the axis."""
    return (
        *(measured(axis, line[item.name]) for line in lines.values()),
        *(quoted_count(quote, item, axis, records) for quote in spec.quotes),
    )


def _bar_text(axis: Field, filling: str, value: float | None) -> str:
    if value is None:
        return "not printed" if filling == "reported" else "not counted"
    return f"{value:.{0 if axis.definition.kind == 'time' else 1}f}"
