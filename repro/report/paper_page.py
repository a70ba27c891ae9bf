"""The page of one paper: its tables, figures, ablations and claims. Links are seen from results/."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from repro import places
from repro.charts import figures
from repro.charts.page import Chart, digest, held_digest
from repro.claims import judge
from repro.errors import MissingError
from repro.grid import Grid
from repro.measure.cells import Cell, cells
from repro.record.found import Records
from repro.record.store import file_of
from repro.report.ablations import ablation_blocks, verdicts
from repro.report.markdown import bullet, heading, table, wrapped
from repro.report.tables import TITLES, blocks
from repro.spec import catalog
from repro.spec.ablation import Ablation
from repro.spec.figure import Figure
from repro.spec.papers import PAPERS
from repro.spec.table import PaperTable

BUILT = TITLES["config"]  # what mostly echoes what a network was built from


def remarks(paper: str) -> dict[str, str]:
    """The number, such as `R3`, of every remark on a paper's tables and ablations; each remark has
    one, wherever it stands."""
    tables = [table for table in catalog.tables() if table.paper == paper]
    tables += [one.table for one in catalog.ablations() if one.paper == paper]
    every = dict.fromkeys(text for table in tables for text in table.differences)
    return {text: f"R{number}" for number, text in enumerate(every, start=1)}


@dataclass
class Remarks:
    """The remarks of a page: each is printed where it is first made, and later only named."""

    names: dict[str, str]
    made: set[str] = field(default_factory=set)

    def of(self, table: PaperTable) -> Iterator[str]:
        """The remarks on a table, as a paragraph."""
        again = [self.names[text] for text in table.differences if text in self.made]
        new = [text for text in table.differences if text not in self.made]
        self.made.update(new)
        if table.differences:
            yield "Differences from the paper:"
            yield "\n".join(
                [
                    *(
                        bullet(f'<a id="{self._anchor(text)}"></a>{self._told(text)}')
                        for text in new
                    ),
                    *([bullet(f"As above: {', '.join(map(_link, again))}.")] if again else []),
                ]
            )

    def _anchor(self, text: str) -> str:
        return self.names[text].lower()

    def _told(self, text: str) -> str:
        return f"{self.names[text]}: {text}"


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def page(paper: str, records: Records) -> Iterator[str]:
    """The whole page, in paragraphs."""
    tables = [one for one in catalog.tables() if one.paper == paper]
    drawn = [one for one in catalog.figures() if one.paper == paper]
    asked = [one for one in catalog.ablations() if one.paper == paper]
    said = Remarks(remarks(paper))
    yield heading(1, PAPERS[paper].title)
    yield "[All results](../RESULTS.md) · " + "[how to read this](../RESULTS.md#how-to-read-this)"
    yield contents(tables, drawn, asked)
    for found in tables:
        yield from table_section(found, records, said)
    for figure in drawn:
        yield from figure_section(figure, records)
    for ablation in asked:
        yield from ablation_section(ablation, records, said)
    yield from claims_section(paper, records)


def contents(
    tables: Iterable[PaperTable], drawn: Iterable[Figure], asked: Iterable[Ablation]
) -> str:
    """Links to everything on the page."""
    lines = [
        ("Tables", [(one.number, one.id) for one in tables]),
        ("Figures", [(one.number, one.id) for one in drawn]),
        ("Ablations", [(one.id, one.id) for one in asked]),
    ]
    told = [(noun, [f"[{text}](#{name})" for text, name in links]) for noun, links in lines]
    told.append(("Claims", ["[all](#claims)"]))
    return "\n".join(bullet(f"{noun}: {' · '.join(links)}") for noun, links in told if links)


# --- tables ---------------------------------------------------------------------------------------


def table_section(spec: PaperTable, records: Records, said: Remarks) -> Iterator[str]:
    """A table: heading, links, grids, remarks, and why rows are quoted."""
    lines = cells(spec, records)
    yield heading(2, f"{spec.number}: {spec.title}", spec.id)
    yield _sources(f"repro table {spec.id}", f"paper_tables/{_file(spec.id)}", lines)
    printed, *measured = blocks(spec, lines)
    yield table(printed)
    for grid in measured:
        yield from _measured(grid, lines)
    yield from said.of(spec)
    yield from _quoted(spec)


def _file(name: str) -> str:
    return f"{name.replace('-', '_')}.py"


def _sources(command: str, spec: str, lines: list[list[Cell]]) -> str:
    """The command, and links to spec and records."""
    files = {file_of(cell.key, cell.family) for line in lines for cell in line if cell.family}
    links = [f"[{name}](records/{name})" for name in sorted(files)]
    return wrapped(" · ".join([f"`{command}`", f"[spec](../{spec})", *links]))


def _measured(grid: Grid, lines: list[list[Cell]]) -> Iterator[str]:
    """One kind of measurement; of what was only built as told, only what differs."""
    if grid.title == BUILT:
        cut = _cut(grid)
        shown = [cell for line in lines for cell in line if cell.field.definition.kind == "config"]
        alike = sum(cell.status == "match" for cell in shown)
        yield wrapped(f"{BUILT}: {alike} printed values are as the networks are built.")
        if len(cut.headings) > 1:
            yield table(cut)
        return
    yield f"{grid.title}, measured:"
    yield table(grid)


def _cut(grid: Grid) -> Grid:
    """Without the columns whose status is `match` in every row."""
    names = grid.headings
    alike = {
        index
        for index, name in enumerate(names)
        if name == "status" and {row[index] for row in grid.rows} <= {"match", ""}
    }
    dropped = {index - back for index in alike for back in range(4)}
    kept = [index for index in range(len(names)) if index not in dropped]
    rows = tuple(tuple(row[index] for index in kept) for row in grid.rows)
    return replace(grid, headings=tuple(names[index] for index in kept), rows=rows)


def _quoted(spec: PaperTable) -> Iterator[str]:
    """Which columns and rows are quoted, and why: each reason once."""
    reasons: dict[str, list[str]] = {}
    for item in spec.columns:
        if item.quoted:
            reasons.setdefault(item.quoted, []).append(item.label or item.definition.title)
    for row in spec.rows:
        if row.quoted:
            reasons.setdefault(row.quoted, []).append(row.key)
    if reasons:
        yield "Quoted, not measured:"
        yield "\n".join(bullet(f"{', '.join(names)}: {why}") for why, names in reasons.items())


# --- figures, ablations, claims -------------------------------------------------------------------


def figure_section(figure: Figure, records: Records) -> Iterator[str]:
    """A figure's section: heading and picture, or what it waits for."""
    yield heading(2, f"{figure.number}: {figure.title}", figure.id)
    if figure.waits:
        yield wrapped(f"Not drawn: it waits for {figure.waits}.")
        return
    run = " --run" if figures.sights_of(figure) else ""
    yield f"`repro figure {figure.id}{run}`"
    try:
        chart = figures.chart(figure, records)
    except MissingError as fault:
        yield wrapped(f"Not drawn yet: {fault.message}; `{fault.hint}` makes it.")
        return
    if run and not is_kept(figure, chart):
        yield "Not drawn yet of the weights that the records name; the command does so."
        return
    yield f"![{figure.title}](figures/{figure.id}.svg)"
    if chart.note:
        yield wrapped(chart.note)


def is_kept(figure: Figure, chart: Chart) -> bool:
    """Whether the checkout holds a figure's picture, made from what the records name."""
    stem = places.root() / "results" / "figures" / figure.id
    files = [stem.with_suffix(".svg"), stem.with_suffix(".png")]
    return all(held_digest(file) == digest(chart) for file in files)


def ablation_section(ablation: Ablation, records: Records, said: Remarks) -> Iterator[str]:
    """An ablation's section: heading, one grid per series, what it waits for, remarks."""
    lines = cells(ablation.table, records)
    yield heading(2, f"Ablation {ablation.id}: {ablation.title} ({ablation.number})", ablation.id)
    yield _sources(f"repro ablation {ablation.id}", f"ablations/{_file(ablation.id)}", lines)
    view = (
        f" A view of [{ablation.table_id}](#{ablation.table_id}), where its rows are remarked on."
    )
    yield wrapped(ablation.question + (view if ablation.table_id else ""))
    if ablation.waits:
        yield wrapped(f"Not measured yet: {ablation.waits}")
    if figures.ablation_chart(ablation, records):
        yield f"![{ablation.title}](figures/ablation-{ablation.id}.svg)"
    for grid in (*ablation_blocks(ablation, lines), *verdicts(ablation, records)):
        yield table(grid)
    yield from said.of(ablation.table)


def claims_section(paper: str, records: Records) -> Iterator[str]:
    """Every claim of the paper with its verdicts: first those that do not hold as printed."""
    judged = judge.judge_claims(records, paper)
    moved = [case for case in judged if case.failing or case.changed]
    parts = (
        (
            "Stated by the paper, and contradicted by its printed cells or moved by true counts:",
            [case for case in moved if case.claim.origin == "paper"],
        ),
        (
            "Our checks of its numbers that do not pass, or that true counts move:",
            [case for case in moved if case.claim.origin != "paper"],
        ),
        ("All others:", [case for case in judged if case not in moved]),
    )
    yield heading(2, "Claims", "claims")
    yield f"`repro claims {paper}` · [what the verdicts mean](../RESULTS.md#claims)"
    for title, cases in parts:
        if cases:
            yield title
            grid = judge.short_grid(cases)
            yield table(grid)
            yield "\n".join(map(bullet, grid.notes))
