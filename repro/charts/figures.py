"""Figure files joined with tables and records: what is drawn, and what cannot be drawn yet. Never
imports torch."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from repro.charts import page, tiles
from repro.charts.panels import Panel, drawn
from repro.charts.steps import Steps
from repro.charts.tiles import Tiles
from repro.errors import MissingError
from repro.files import write_together
from repro.record.found import Records
from repro.spec.ablation import Ablation
from repro.spec.figure import BarPanel, Figure, Sights
from repro.spec.profiles import MINI

Sight = tuple[Tiles, str]
"""A panel of trained networks, and what a reader must know of it."""


def sights_of(figure: Figure) -> list[Sights]:
    """The panels that trained networks are needed for."""
    return [panel for panel in figure.panels if isinstance(panel, Sights)]


def chart(figure: Figure, records: Records, sights: Sequence[Sight] = ()) -> page.Chart:
    """A figure's picture; raises MissingError where it waits for something.

    sights: its panels of trained networks. Without them the chart has the digest that a picture
    made from the weights of the records has, but cannot be drawn.
    """
    if figure.waits:
        hint = f"repro show {figure.id}; repro list names the others"
        raise MissingError(
            f"{figure.id} ({figure.number}) is not drawn: it waits for {figure.waits}", hint
        )
    made = list(_panels(figure, records, sights))
    panels = tuple(panel for panel, _ in made if panel)
    if len(panels) > 1:
        panels = tuple(_lettered(panel, index) for index, panel in enumerate(panels))
    note = " ".join(filter(None, (figure.caption, *(words for _, words in made))))
    return page.Chart(figure.title, panels, figure.columns, note)


def _panels(
    figure: Figure, records: Records, sights: Sequence[Sight]
) -> Iterator[tuple[Panel | None, str]]:
    """Every panel, and what is to be said of it below the picture; None for one left out."""
    ready = iter(sights)
    for spec in figure.panels:
        if isinstance(spec, Sights):
            yield next(ready, None) or _expected(spec, records)
            continue
        try:
            yield drawn(spec, records), ""
        except MissingError as fault:
            if not (isinstance(spec, BarPanel) and spec.measured):
                raise
            yield None, f"Not shown: {fault.message}; `{fault.hint}` measures it."


def _expected(spec: Sights, records: Records) -> Sight:
    weights = tiles.recorded(spec, records)
    return tiles.of_networks(spec, weights), tiles.told(spec, weights)


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
