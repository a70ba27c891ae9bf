"""`repro render --html DIR`: the report as a folder of pages that open from disk and ask for
nothing outside it."""

import json
import re
from collections.abc import Iterable
from functools import partial
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from repro.data.datasets import DATA_SETS
from repro.errors import ReproError, UsageError
from repro.export.packages import package
from repro.files import write_together
from repro.record.found import Records
from repro.record.verdict import STATUSES
from repro.report.html import pictures
from repro.report.html.pictures import Picture
from repro.report.html.sections import LONG, Page, Section, pages
from repro.report.html.view import Line, View
from repro.spec.papers import PAPERS

MANIFEST = "made-by-repro.txt"
"""Lists the files of the folder; a folder that holds others and not this one is left alone."""
FIRST = "Written by `repro render --html`, which replaces these files; do not edit them."
STATIC = ("report.css", "report.js")
PACKAGES = ("jinja2", "markdown_it", "markupsafe")


def write(out: Path, records: Records) -> list[str]:
    """Write the report into a folder, which is new, empty or an earlier report; returns the names
    of its files.

    Files of an earlier report that are no longer made are removed. Raises UsageError for a file or
    a folder of other things, and ReproError where a package of the extra `html` is missing.
    """
    earlier = _earlier(out)
    made = files(records)
    made[MANIFEST] = "\n".join([FIRST, *sorted(made)]) + "\n"
    write_together({out / name: content for name, content in made.items()})
    for name in earlier - set(made):
        (out / name).unlink(missing_ok=True)
    return sorted(made)


def _earlier(out: Path) -> set[str]:
    """The files of the report that a folder holds. Raises UsageError where it holds something
    else."""
    if not out.exists():
        return set()
    hint = "name a new or empty folder, or one that this command wrote"
    if not out.is_dir():
        raise UsageError(
            f"'{out}' is a file, and the report is a folder: nothing was written", hint
        )
    try:
        first, *names = (out / MANIFEST).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        first, names = "", []
    if first != FIRST and any(out.iterdir()):
        raise UsageError(
            f"'{out}' holds other files than a report of repro: nothing was written", hint
        )
    return {name for name in names if _inside(name)}


def _inside(name: str) -> bool:
    """Whether a name of the manifest can be one of ours: at most one folder deep, none above."""
    return re.fullmatch(r"(figures/)?[\w-]+(\.[\w-]+)+", name) is not None


def files(records: Records) -> dict[str, str | bytes]:
    """All files by name, from specs and records alone: the same bytes for the same input."""
    shown = pictures.drawn(records)
    made = pages(records, shown)
    template = environment().get_template("page.html")
    written: dict[str, str | bytes] = {page.name: html(template, page, made) for page in made}
    written |= {name: _resource("static", name) for name in STATIC}
    written["search.js"] = _script("SEARCH", [entry for page in made for entry in _entries(page)])
    plots = {plot.name: plot.figures for page in made for plot in page.plots}
    written["plots.js"] = _script("PLOTS", plots)
    written |= {"plotly.min.js": _plotly(), "plotly-licence.txt": _licence("plotly")}
    drawn = [picture for picture in shown.values() if isinstance(picture, Picture)]
    return written | {f"figures/{picture.name}": picture.content for picture in drawn}


def _script(name: str, value: object) -> str:
    """Values as a script, because a page from disk may load scripts but no data."""
    return f"window.{name} = {json.dumps(value, ensure_ascii=True, separators=(',', ':'))};\n"


def _resource(folder: str, name: str) -> str:
    return (resources.files(__package__) / folder / name).read_text(encoding="utf-8")


def _plotly() -> bytes:
    module = package("plotly", "the HTML report", extra="html")
    return (Path(str(module.__file__)).parent / "package_data" / "plotly.min.js").read_bytes()


def _licence(name: str) -> str:
    """The licence file that a package came with."""
    held = [path for path in metadata.files(name) or [] if path.stem.upper().startswith("LICEN")]
    if not held:
        raise ReproError(
            f"the package {name} came without its licence", "pip install 'repro[html]'"
        )
    return held[0].read_text(encoding="utf-8")


def _entries(page: Page) -> list[tuple[str, str, str]]:
    """What a search finds in a page: the words it looks at, where they stand, and the link."""
    sections = [
        (section.title, page.title, f"{page.name}#{section.anchor}") for section in page.sections
    ]
    rows = [
        (_words(line), f"{page.title}, {section.title}", f"{page.name}#{_anchor(line, section)}")
        for section in page.sections
        if not section.plot and page.name != LONG
        for view in section.views
        for line in view.lines
    ]
    return [*dict.fromkeys([*sections, *rows])]


def _words(line: Line) -> str:
    """The names that a row begins with; numbers are left out."""
    texts = [box.text for box in line.boxes[:4] if any(map(str.isalpha, box.text))]
    return " · ".join(dict.fromkeys(texts))[:160]


def _anchor(line: Line, section: Section) -> str:
    """The id nearest to a row: that of its first cell that has one."""
    return next((box.anchor for box in line.boxes if box.anchor), section.anchor)


def html(template: Any, page: Page, made: list[Page]) -> str:
    """A page with links to all that were made."""
    return str(template.render(page=page, pages=made, filters=_filters)) + "\n"


def environment() -> Any:
    """The templates of pages; what comes from files is escaped, in Markdown too."""
    needed = [package(name, "the HTML report", extra="html") for name in PACKAGES]
    jinja2, markdown_it, markupsafe = needed
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(partial(_resource, "templates")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    markdown = markdown_it.MarkdownIt("commonmark", {"html": False})
    environment.filters["markdown"] = lambda text: markupsafe.Markup(markdown.render(text))
    return environment


def _filters(views: Iterable[View]) -> dict[str, dict[str, str]]:
    """What the rows of some tables can be chosen by: papers, statuses and data sets, by the name in
    the row."""
    lines = [line for view in views for line in view.lines]
    papers = {line.paper for line in lines}
    statuses = {status for line in lines for status in line.statuses or ()}
    sets = {name for line in lines for name in line.datasets or ()}
    order = [*DATA_SETS, *sorted(sets - set(DATA_SETS))]
    return {
        "paper": {slug: paper.alone for slug, paper in PAPERS.items() if slug in papers},
        "status": {status: status for status in STATUSES if status in statuses},
        "data": {name: name for name in order if name in sets},
    }
