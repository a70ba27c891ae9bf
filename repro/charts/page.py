"""A picture as SVG and PNG: title, legend, panels and a note, none over another.

Both files carry the digest of what they were drawn from. The same numbers give the same bytes on
one machine (no date, fixed ids, letters drawn as paths), but the last digits of lengths, and ids
made from them, differ between processors: whether a picture is current is asked of the digest,
never of the bytes.
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from repro.charts.looks import GAP, LOOKS, RIM, WIDTH, Legend
from repro.charts.panels import Panel
from repro.console import talk
from repro.errors import ReproError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

VERSION = 2  # of the drawing: raise it when the same numbers give another picture
DIGITS = 9  # of a number in a digest: what is left out may differ between processors
FONT = "DejaVu Sans"  # ships with matplotlib
STYLE: dict[str, Any] = {
    "svg.hashsalt": "repro",  # ids in the file do not change from run to run
    "svg.fonttype": "path",  # the picture does not depend on the reader's fonts
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": False,
    "hatch.linewidth": 0.6,
}
RESOLUTION = 150  # dots per inch
# XML name spaces
SVG, DUBLIN_CORE = (
    "{http://www.w3.org/2000/svg}",
    "{http://purl.org/dc/elements/1.1/}",
)


@dataclass(frozen=True)
class Chart:
    """columns: panels side by side. note: printed below."""

    title: str
    panels: tuple[Panel, ...]
    columns: int = 1
    note: str = ""


def find_font() -> str:
    """DejaVu Sans, or another font with a remark where it is missing; raises ReproError where there
    is none at all."""
    from matplotlib import font_manager

    try:
        font_manager.findfont(FONT, fallback_to_default=False)
    except ValueError:
        known = sorted({entry.name for entry in font_manager.fontManager.ttflist})
        plain = [
            name
            for name in known
            if any(word in name for word in ("Sans", "Serif", "Arial", "Helvetica"))
        ]
        if not known:
            raise ReproError(
                "no font is installed to draw with", "pip install --force-reinstall matplotlib"
            ) from None
        font = (plain or known)[0]
        talk(
            f"the font {FONT} is missing: drawn with {font}, so the picture differs from the "
            f"committed one"
        )
        return font
    return FONT


@contextmanager
def _style() -> Iterator[None]:
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # whatever the user's own style says
        matplotlib.rcParams.update({**STYLE, "font.family": find_font()})
        yield


def wrapped(text: str, width: float, measure: Callable[[str], float]) -> str:
    """`text` broken into lines no wider than `width` by `measure`."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


class Page:
    """A page that is filled from the top; all lengths in inches."""

    def __init__(self) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.figure = Figure(figsize=(WIDTH, 8), dpi=RESOLUTION)
        self.renderer = FigureCanvasAgg(self.figure).get_renderer()
        self.parts: list[tuple[float, Callable[[float], None]]] = []
        self.used = RIM

    def reserve(self, height: float, put: Callable[[float], None] | None = None) -> None:
        """Take `height` from the page; `put` gets its upper edge as a distance from the page's
        top."""
        if put:
            self.parts.append((self.used, put))
        self.used += height + GAP

    def size_of(self, artist: Any) -> tuple[float, float]:
        """Width and height of something drawn."""
        extent = artist.get_window_extent(self.renderer)
        return extent.width / RESOLUTION, extent.height / RESOLUTION

    def text(self, words: str, **style: Any) -> None:
        """A paragraph over the whole width."""
        if not words:
            return

        def measure(line: str) -> float:
            trial = self.figure.text(0, 0, line, **style)
            width, _ = self.size_of(trial)
            trial.remove()
            return width

        text = self.figure.text(0, 0, wrapped(words, WIDTH - 2 * RIM, measure), va="top", **style)
        self.reserve(
            self.size_of(text)[1], lambda top: text.set_position((RIM / WIDTH, self.up(top)))
        )

    def up(self, top: float) -> float:
        """A distance from the top as matplotlib's fraction of the height."""
        return float(1 - top / self.figure.get_figheight())

    def legend(self, entries: Legend) -> None:
        """All entries in as many columns as fit."""
        if not entries:
            return
        for columns in range(min(4, len(entries)), 0, -1):
            legend = self._legend(entries, columns)
            if self.size_of(legend)[0] <= WIDTH - 2 * RIM or columns == 1:
                break
            legend.remove()
        height = self.size_of(legend)[1] + 0.04
        self.reserve(height, lambda top: legend.set_bbox_to_anchor((RIM / WIDTH, self.up(top))))

    def _legend(self, entries: Legend, columns: int) -> Any:
        handles, names = zip(*entries, strict=True)
        return self.figure.legend(
            handles,
            names,
            loc="upper left",
            ncols=columns,
            frameon=False,
            fontsize=7.5,
            borderpad=0,
            borderaxespad=0,
            handletextpad=0.5,
            columnspacing=1.6,
            labelspacing=0.35,
        )

    def finish(self) -> None:
        """Give the page its height and everything its place."""
        self.figure.set_size_inches(WIDTH, self.used + RIM - GAP)
        for top, put in self.parts:
            put(top)


def _legend(panels: tuple[Panel, ...]) -> Legend:
    """The entries of all panels, each name once, families first."""
    by_name: dict[str, Any] = {}
    for panel in panels:
        for mark, name in panel.legend():
            by_name.setdefault(name, mark)
    order = [*LOOKS, *(name for name in by_name if name not in LOOKS)]
    return [(by_name[name], name) for name in order if name in by_name]


def _overhang(axes: "Axes", renderer: Any) -> list[float]:
    """What labels and ticks need around the axes: left, bottom, right, top."""
    outer: Any = axes.get_tightbbox(renderer)
    inner = axes.bbox
    gaps = inner.x0 - outer.x0, inner.y0 - outer.y0, outer.x1 - inner.x1, outer.y1 - inner.y1
    return [max(0.0, gap / RESOLUTION) for gap in gaps]


def _seat(
    page: Page, all_axes: list["Axes"], rows: list[tuple[float, float]], chart: Chart
) -> None:
    """Give every panel its cell of the grid, less what its labels need; the same for all, so that
    axes line up."""
    wide, tall = page.figure.get_size_inches()
    cell = (wide - 2 * RIM - (chart.columns - 1) * 2 * GAP) / chart.columns
    need = [0.5, 0.4, 0.1, 0.2]
    for _ in range(3):  # ticks change with the room, and the room with the ticks
        for index, axes in enumerate(all_axes):
            left, bottom, right, top = need
            x = RIM + (index % chart.columns) * (cell + 2 * GAP) + left
            top_edge, height = rows[index // chart.columns]
            y = tall - top_edge - height + bottom
            axes.set_position(
                (x / wide, y / tall, (cell - left - right) / wide, (height - top - bottom) / tall)
            )
        around = [_overhang(axes, page.renderer) for axes in all_axes]
        need = [max(side) for side in zip(*around, strict=True)]


def build(chart: Chart) -> "Figure":
    """The laid-out picture; call it within the style of `draw`."""
    page = Page()
    page.text(chart.title, fontsize=10.5, fontweight="bold", linespacing=1.25)
    page.legend(_legend(chart.panels))
    rows: list[tuple[float, float]] = []  # upper edge and height
    for start in range(0, len(chart.panels), chart.columns):
        height = max(
            panel.height(chart.columns) for panel in chart.panels[start : start + chart.columns]
        )
        rows.append((page.used, height))
        page.reserve(height)
    page.text(chart.note, fontsize=7.5, color="#444444", linespacing=1.3)
    page.finish()
    all_axes = [page.figure.add_axes((0.1, 0.1, 0.8, 0.8)) for _ in chart.panels]
    write_names = []
    for axes, panel in zip(all_axes, chart.panels, strict=True):
        if panel.title:
            axes.set_title(panel.title)
        write_names.append(panel.paint(axes))
    _seat(page, all_axes, rows, chart)
    for write in filter(None, write_names):
        write(page.renderer)
    return page.figure


def digest(chart: Chart) -> str:
    """Sixteen letters for what a picture shows and how it is drawn."""
    return hashlib.sha256(json.dumps([VERSION, _plain(chart)]).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """Values as JSON has them, with the names of their classes."""
    if is_dataclass(value):
        values = {
            field.name: _plain(getattr(value, field.name))
            for field in fields(value)
            if field.metadata.get("digest", True)
        }
        return {"class": type(value).__name__, **values}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else value


def draw(chart: Chart) -> tuple[bytes, bytes]:
    """The chart as (SVG, PNG) bytes, each with its digest."""
    made_from = digest(chart)
    with _style():
        figure = build(chart)
        svg, png = io.BytesIO(), io.BytesIO()
        figure.savefig(
            svg, format="svg", metadata={"Date": None, "Creator": None, "Identifier": made_from}
        )
        figure.savefig(
            png, format="png", dpi=RESOLUTION, metadata={"Software": None, "Digest": made_from}
        )
    return svg.getvalue(), png.getvalue()


def held_digest(path: Path) -> str:
    """The digest that a picture carries, "" for a file that is absent, damaged or shows nothing."""
    try:
        return _of_svg(path) if path.suffix == ".svg" else _of_png(path)
    # SyntaxError: what ElementTree and Pillow raise for damage
    except (
        OSError,
        SyntaxError,
        ValueError,
    ):
        return ""


def _of_svg(path: Path) -> str:
    tree = ElementTree.parse(path)
    drawn = tree.getroot().tag == f"{SVG}svg" and tree.find(f".//{SVG}path") is not None
    return (tree.findtext(f".//{DUBLIN_CORE}identifier") or "") if drawn else ""


def _of_png(path: Path) -> str:
    from PIL import Image

    with Image.open(path) as picture:
        picture.load()
        return str(picture.info.get("Digest", ""))
