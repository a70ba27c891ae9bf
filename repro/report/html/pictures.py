"""The pictures of the pages: those that the checkout keeps, drawn again where they show something
else."""

from collections.abc import Iterator, Mapping

from repro import places
from repro.charts import figures, page
from repro.charts.page import Chart
from repro.errors import MissingError
from repro.record.found import Records
from repro.spec import catalog
from repro.spec.figure import Figure

Pictures = Mapping[str, bytes | str]
"""By name: a picture as SVG, or why there is none."""


def drawn(records: Records) -> dict[str, bytes | str]:
    """Every figure, and every ablation whose arms have been measured, by name."""
    made: dict[str, bytes | str] = dict(_of_figures(records))
    for ablation in catalog.ablations():
        if chart := figures.ablation_chart(ablation, records):
            made[f"ablation-{ablation.id}"] = picture(f"ablation-{ablation.id}", chart)
    return made


def _of_figures(records: Records) -> Iterator[tuple[str, bytes | str]]:
    for figure in catalog.figures():
        try:
            yield figure.id, picture(figure.id, figures.chart(figure, records))
        except MissingError as fault:
            yield figure.id, _missing(figure, fault)


def _missing(figure: Figure, fault: MissingError) -> str:
    return f"Not drawn: it waits for {figure.waits}." if figure.waits else f"{fault.message}."


def picture(name: str, chart: Chart) -> bytes:
    """The SVG of a chart: that of the checkout where it shows the same, else drawn."""
    kept = places.root() / "results" / "figures" / f"{name}.svg"
    if page.held_digest(kept) == page.digest(chart):
        return kept.read_bytes()
    return page.draw(chart)[0]
