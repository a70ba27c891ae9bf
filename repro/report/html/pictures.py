"""The pictures of the pages: those that the checkout keeps, drawn again where they show something
else."""

import io
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from repro import places
from repro.charts import figures, page
from repro.charts.page import Chart
from repro.errors import MissingError
from repro.record.found import Records
from repro.spec import catalog
from repro.spec.figure import Figure

LARGE = 300_000  # bytes of an SVG; one that holds pixels is smaller as WebP
QUALITY = 85  # of WebP, in percent


class Picture(NamedTuple):
    """A picture file."""

    name: str
    content: bytes


Pictures = Mapping[str, Picture | str]
"""By the id of a figure, or `ablation-ID`: a picture, or why there is none."""


def drawn(records: Records) -> dict[str, Picture | str]:
    """Every figure, and every ablation whose arms have been measured, by name."""
    made: dict[str, Picture | str] = dict(_of_figures(records))
    for ablation in catalog.ablations():
        if chart := figures.ablation_chart(ablation, records):
            made[f"ablation-{ablation.id}"] = picture(f"ablation-{ablation.id}", chart)
    return made


def _of_figures(records: Records) -> Iterator[tuple[str, Picture | str]]:
    for figure in catalog.figures():
        try:
            chart = figures.chart(figure, records)
        except MissingError as fault:
            yield figure.id, _missing(figure, fault)
            continue
        if figures.sights_of(figure) and not _kept(figure.id, chart):
            yield figure.id, f"Not drawn: `repro figure {figure.id} --run` trains what it shows."
        else:
            yield figure.id, picture(figure.id, chart)


def _missing(figure: Figure, fault: MissingError) -> str:
    return f"Not drawn: it waits for {figure.waits}." if figure.waits else f"{fault.message}."


def picture(name: str, chart: Chart) -> Picture:
    """A chart as a file: as the checkout keeps it where that shows the same, else drawn."""
    svg, png = _kept(name, chart) or page.draw(chart)
    if len(svg) <= LARGE:
        return Picture(f"{name}.svg", svg)
    return Picture(f"{name}.webp", _as_webp(png))


def _kept(name: str, chart: Chart) -> tuple[bytes, bytes] | None:
    """SVG and PNG of the checkout, None where one is absent or shows something else."""
    stem = places.root() / "results" / "figures" / name
    svg, png = stem.with_suffix(".svg"), stem.with_suffix(".png")
    if any(page.held_digest(path) != page.digest(chart) for path in (svg, png)):
        return None
    return svg.read_bytes(), png.read_bytes()


def _as_webp(png: bytes) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").save(out, "WEBP", quality=QUALITY)
    return out.getvalue()
