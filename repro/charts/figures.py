"""Figure files joined with tables and records: what is drawn, and what cannot be drawn yet. Never
imports torch."""

from dataclasses import replace
from pathlib import Path

from repro.charts import page
from repro.charts.panels import Panel, drawn
from repro.charts.steps import Steps
from repro.errors import MissingError
from repro.files import write_together
from repro.record.found import Records
from repro.spec.ablation import Ablation
from repro.spec.figure import Figure
from repro.spec.profiles import MINI


def chart(figure: Figure, records: Records) -> page.Chart:
    """A figure's picture; raises MissingError where it waits for something."""
    if figure.waits:
        hint = f"repro show {figure.id}; repro list names the others"
        raise MissingError(
            f"{figure.id} ({figure.number}) is not drawn: it waits for {figure.waits}", hint
        )
    panels = tuple(drawn(spec, records) for spec in figure.panels)
    if len(panels) > 1:
        panels = tuple(_lettered(panel, index) for index, panel in enumerate(panels))
    return page.Chart(figure.title, panels, figure.columns, figure.caption)


def _lettered(panel: Panel, index: int) -> Panel:
    return replace(panel, title=f"{chr(ord('a') + index)}) {panel.title}".rstrip())


def ablation_chart(ablation: Ablation, records: Records) -> page.Chart | None:
    """An ablation's arms as differences; None where no arm has been measured beside its base."""
    panels = Steps.of(ablation, records)
    note = f"Against the base of each series; ours under profile {MINI.name}. {ablation.question}"
    return page.Chart(f"{ablation.id}: {ablation.title}", panels, 1, note) if panels else None


def write(name: str, picture: page.Chart, out: Path) -> list[Path]:
    """Draw into a folder as NAME.svg and NAME.png; returns the paths. Raises ReproError where it
    cannot be written."""
    paths = [out / f"{name}.svg", out / f"{name}.png"]
    write_together(dict(zip(paths, page.draw(picture), strict=True)))
    return paths
