"""Two sets of records as a table of signed differences."""

from collections.abc import Sequence

from repro.grid import Grid
from repro.record.compare import Difference


def grid(found: Sequence[Difference], first: str, second: str) -> Grid:
    """One line per value that differs: record, value, both sides, the step and its share."""
    headings = ("record", "value", first, second, "difference", "percent")
    return Grid(headings, tuple(map(_row, found)), title=f"{second} against {first}")


def _row(one: Difference) -> tuple[str, ...]:
    step = "" if one.step is None else f"{one.step:+.6g}"
    percent = "" if one.percent is None else f"{one.percent:+.3g}"
    return one.key, one.name, _text(one.first), _text(one.second), step, percent


def _text(value: float | str | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.10g}"


def told(found: Sequence[Difference]) -> str:
    """How many values differ, and how many records only one side has."""
    values = [one for one in found if one.name]
    lost = sum(one.second is None for one in found if not one.name)
    new = len(found) - len(values) - lost
    return (
        f"{len(values)} values differ; {lost} records only in the first, {new} only in the second"
    )
