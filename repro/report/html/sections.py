"""The pages of the report and their sections: the words and tables of RESULTS.md, with more in each
cell."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from repro.claims import judge
from repro.grid import Grid
from repro.measure.cells import cells
from repro.record.found import Records
from repro.report import (
    all_models,
    choices,
    counts,
    counts_page,
    findings,
    first_page,
    gate,
    headlines,
    latency,
    paper_page,
    reduced,
    results,
    states,
)
from repro.report.ablations import (
    RULE,
    Answered,
    ablation_blocks,
    answered,
    tally_grid,
    verdicts,
)
from repro.report.describe import Origin
from repro.report.html import plots
from repro.report.html.pictures import Picture, Pictures
from repro.report.html.plots import Plot
from repro.report.html.view import View, every_cell, linked, of_grid, of_table
from repro.report.markdown import Links
from repro.spec import catalog
from repro.spec.ablation import Ablation
from repro.spec.counting_rules import RULES
from repro.spec.figure import Figure
from repro.spec.papers import PAPERS
from repro.spec.profiles import MINI
from repro.spec.table import PaperTable


@dataclass(frozen=True)
class Section:
    """A part of a page.

    anchor: its id. command: what prints the same in a terminal. text, remarks: Markdown, above and
    below the tables. picture: name of its file, `caption` what stands below it, `missing` why there
    is none. folded: tables that are shown on demand. filtered: its rows can be chosen.
    """

    title: str
    anchor: str
    level: int = 2
    command: str = ""
    text: str = ""
    plot: Plot | None = None
    picture: str = ""
    caption: str = ""
    missing: str = ""
    views: tuple[View, ...] = ()
    folded: tuple[View, ...] = ()
    remarks: str = ""
    filtered: bool = False


@dataclass(frozen=True)
class Page:
    """A file of the report. label: its name in links. filtered: all its rows can be chosen by
    paper, status and data set."""

    name: str
    label: str
    title: str
    sections: tuple[Section, ...]
    lead: str = ""
    filtered: bool = False

    @property
    def views(self) -> list[View]:
        """All its tables."""
        return [view for section in self.sections for view in (*section.views, *section.folded)]

    @cached_property
    def origins(self) -> list[tuple[Origin, str]]:
        """Where its numbers come from, each with the id of its cell."""
        boxes = (box for view in self.views for line in view.lines for box in line.boxes)
        return [(box.origin, box.anchor) for box in boxes if box.origin]

    @cached_property
    def cards(self) -> dict[str, str]:
        """The id of what a cell opens, by the id of the cell; short, as there are thousands."""
        return {anchor: f"why-{number}" for number, (_, anchor) in enumerate(self.origins, start=1)}

    @cached_property
    def proofs(self) -> dict[tuple[tuple[str, str], ...], str]:
        """An id for each way in which a record was made: cells share them."""
        made = dict.fromkeys(origin.proof for origin, _ in self.origins if origin.proof)
        return {proof: f"made-{number}" for number, proof in enumerate(made, start=1)}

    @property
    def plots(self) -> list[Plot]:
        """All its plots."""
        return [section.plot for section in self.sections if section.plot]


LEAD = """\
Five papers on efficient human-pose estimation, measured again. A number of a paper is *reported*, a number of ours
*measured*, and the two never share a place: in a cell the paper's stands above, ours below it, then the status. Choose
a cell to see where its numbers come from. A compute number names its counting rule; multiply-adds (MACs) and float
operations (FLOPs) are never mixed."""
PLOT_TEXT = """\
An accuracy stands as its paper reports it. Counted truly, it stands at the compute of the network and the input size
that it was tested with (open marks); as the papers count, at what its table prints (filled marks), each paper by its
own rule, so those places do not compare. Dotted lines join the networks that no other of the same task and split beats
in both. The table below holds the same points."""

LONG = "cells.html"
"""The page that repeats the cells of all others."""
LEARNING = """\
Each line is one training: the network was tested on some pictures a few times while it learned. Colours are networks,
lines of one colour are seeds."""


def pages(records: Records, drawn: Pictures) -> list[Page]:
    """All pages, the first page first; a paper without tables has none. drawn: what `drawn` gives."""
    papers = [_paper(slug, records, drawn) for slug in PAPERS if _tables(slug)]
    return [
        _first(records),
        *papers,
        _ground(records),
        _reduced(records, drawn),
        _claims(records),
        _cells(records),
    ]


def _tables(paper: str) -> list[PaperTable]:
    return [table for table in catalog.tables() if table.paper == paper]


# --- the first page -------------------------------------------------------------------------------


def _first(records: Records) -> Page:
    answers = answered(records)
    sections = [
        *_beginning(records, answers),
        _pareto_section(records),
        _ablations(answers),
        _statuses(records),
        _rules(),
        *_findings(records),
    ]
    return Page(
        "index.html", "At a glance", "Results at a glance", tuple(filter(None, sections)), LEAD
    )


def _beginning(records: Records, answers: Answered) -> Iterator[Section]:
    """What RESULTS.md begins with: which network, which claims hold, what is measured."""
    links, judged, printed = Links(), judge.judge_claims(records), states.printed(records)
    for title, anchor, about, grid in (
        ("Which network?", "choices", first_page.ABOUT_CHOICES, choices.grid(records, links)),
        (
            "Which claims hold?",
            "headlines",
            first_page.ABOUT_HEADLINES,
            first_page.headlines_grid(headlines.told(judged, answers), links),
        ),
        (
            "What is measured?",
            "evidence",
            first_page.about_evidence(printed),
            first_page.evidence_grid(printed, judged, answers, links),
        ),
    ):
        text = about.removeprefix(f"**{title}**").replace("RESULTS.md#", "#")
        yield Section(title, anchor, text=text, views=(linked(grid, links, title),))


def _ablations(answers: Answered) -> Section:
    links = Links()
    view = linked(tally_grid(answers, links), links, "Verdicts on the arms of ablations")
    text = f"How many differences between an arm and its base got which verdict. {RULE}"
    return Section("Ablations", "ablations", text=text, views=(view,))


def _pareto_section(records: Records) -> Section | None:
    plot = plots.accuracy_against_compute(records)
    if not plot.figures:
        return None
    points = plots.points(records)
    view = of_grid(plots.grid_of_points([texts for _, _, texts in points]))
    lines = [
        replace(line, paper=catalog_paper(entry.table), datasets=(data,))
        for line, (entry, data, _) in zip(view.lines, points, strict=True)
    ]
    return Section(
        plot.title,
        "accuracy-against-compute",
        command="repro figure pareto --x macs --data DATA",
        text=PLOT_TEXT,
        plot=plot,
        views=(replace(view, lines=tuple(lines)),),
        filtered=True,
    )


def catalog_paper(table_id: str) -> str:
    """The paper of a table."""
    return next(table.paper for table in catalog.tables() if table.id == table_id)


def _statuses(records: Records) -> Section:
    view = of_grid(states.summary_grid(records), "Cells per paper and status")
    return Section("Cells by status", "states", text=results.STATES, views=(view,))


def _rules() -> Section:
    rows = tuple((name, results.words(rule)) for name, rule in RULES.items())
    rules = of_grid(Grid(("rule", "what it counts"), rows), "Counting rules")
    return Section("How to read this", "how-to-read-this", text=results.HOW_TO_READ, views=(rules,))


def _findings(records: Records) -> Iterator[Section]:
    yield Section(
        "Findings",
        "findings",
        text=findings.INTRO,
        views=(
            of_grid(
                findings.inflation(records), "How far each paper's rule lies above the true count"
            ),
        ),
    )
    yield Section(
        "Printed parameters that hold some of the network twice",
        "doubled-parameters",
        level=3,
        views=(of_grid(findings.doubled(records), "Networks counted twice"),),
    )


# --- a paper --------------------------------------------------------------------------------------


def _paper(slug: str, records: Records, drawn: Pictures) -> Page:
    sections = [
        *(_table(table, records) for table in _tables(slug)),
        *(_ablation(one, records, drawn) for one in catalog.ablations() if one.paper == slug),
        *(_figure(one, drawn) for one in catalog.figures() if one.paper == slug),
        *_claims_of(slug, records),
    ]
    return Page(
        f"{slug}.html", PAPERS[slug].alone, PAPERS[slug].title, tuple(sections), filtered=True
    )


def _remarks(table: PaperTable) -> str:
    """What differs from the paper, by the names that remarks have on all pages, and why rows are
    quoted."""
    names = paper_page.remarks(table.paper)
    told = [f"- {names[text]}: {text}" for text in table.differences]
    reasons: dict[str, list[str]] = {}
    for item in table.columns:
        if item.quoted:
            reasons.setdefault(item.quoted, []).append(item.label or item.definition.title)
    for row in table.rows:
        if row.quoted:
            reasons.setdefault(row.quoted, []).append(row.key)
    quoted = [f"- {', '.join(whose)}: {why}" for why, whose in reasons.items()]
    parts = (("Differences from the paper:", told), ("Quoted, not measured:", quoted))
    return "\n\n".join(f"{title}\n\n" + "\n".join(lines) for title, lines in parts if lines)


def _table(table: PaperTable, records: Records) -> Section:
    view = of_table(table, cells(table, records), records)
    return Section(
        f"{table.number}: {table.title}",
        table.id,
        command=f"repro table {table.id}",
        views=(view,),
        remarks=_remarks(table),
    )


def _ablation(ablation: Ablation, records: Records, drawn: Pictures) -> Section:
    lines = cells(ablation.table, records)
    waits = f"\n\nNot measured yet: {ablation.waits}" if ablation.waits else ""
    grids = [*ablation_blocks(ablation, lines), *verdicts(ablation, records)]
    behind, name = of_table(ablation.table, lines, records), f"ablation-{ablation.id}"
    return Section(
        f"Ablation {ablation.id}: {ablation.title} ({ablation.number})",
        ablation.id,
        command=f"repro ablation {ablation.id}",
        text=f"{ablation.question}{waits}",
        picture=_file(drawn.get(name, "")),
        views=tuple(map(of_grid, grids)),
        folded=(replace(behind, caption=f"The cells behind ablation {ablation.id}"),),
        remarks=_remarks(ablation.table),
    )


def _figure(figure: Figure, drawn: Pictures) -> Section:
    picture = drawn[figure.id]
    missing = picture if isinstance(picture, str) else ""
    return Section(
        f"{figure.number}: {figure.title}",
        figure.id,
        command="" if missing else f"repro figure {figure.id}",
        picture=_file(picture),
        missing=missing,
        caption=figure.caption,
    )


def _file(picture: Picture | str) -> str:
    return picture.name if isinstance(picture, Picture) else ""


def _claims_of(slug: str, records: Records) -> Iterator[Section]:
    if any(group.paper == slug for group in catalog.claims()):
        grid = judge.claims_grid(judge.judge_claims(records, slug))
        title = f"Claims of {PAPERS[slug].alone}"
        view = of_grid(replace(grid, title=title))
        yield Section(title, "claims", command=f"repro claims {slug}", views=(view,))


# --- all papers -----------------------------------------------------------------------------------


def _ground(records: Records) -> Page:
    models = of_table(all_models.table(), all_models.lines(records), records)
    lines = tuple(replace(line, paper=None) for line in models.lines)
    found = (
        (one.table.id, one.row, one.printed, one.off, one.remark or "not explained")
        for one in counts.outside(records)
    )
    off = Grid(("table", "row", "printed", "ours is off by", "why"), tuple(found))
    sections = (
        Section(
            "All models under one rule",
            "all-models",
            command="repro table all-models",
            views=(replace(models, caption="All models", lines=lines),),
            remarks="\n\n".join(all_models.NOTES),
        ),
        Section(
            "What does not come out",
            "off",
            text=counts_page.ABOUT,
            views=(of_grid(off, "Counts that do not come out"),),
        ),
        Section(
            "Parameters: every printed number beside ours",
            "params",
            command="repro verify",
            views=(of_grid(counts.params_grid(records), "Parameters"),),
        ),
        Section(
            "Multiply-adds and float operations: every printed number beside ours",
            "macs",
            command="repro verify",
            views=(of_grid(counts.macs_grid(records), "Operations"),),
        ),
        *_latency(records),
    )
    return Page("ground.html", "One ground", "One ground", sections, filtered=True)


def _latency(records: Records) -> Iterator[Section]:
    found = latency.grid(records)
    if found.rows:
        told = latency.single_branch(records), latency.fewer_is_not_faster(records)
        yield Section(
            "Latency",
            "latency",
            command="repro time --of all-models --backend eager --backend openvino --record",
            views=(of_grid(found, "Orders by latency and by compute"),),
            remarks="\n\n".join(filter(None, told)),
        )


def _reduced(records: Records, drawn: Pictures) -> Page:
    rows = [reduced.line(run, found) for run, found in reduced.scores(records)]
    headings = (
        "network",
        "tested as",
        "training images",
        *(name for name, _ in reduced.VALUES.values()),
        "last doubling",
        "s",
    )
    known, plot = gate.grid(MINI, records), plots.learning(records)
    sections = [
        Section(
            "What the profiles change",
            "profiles",
            text=reduced.TEXT,
            views=tuple(
                of_grid(reduced.profile_grid(one), f"Profile {one.name}") for one in reduced.REDUCED
            ),
        ),
        Section(
            "Scores",
            "measured",
            text=reduced.NOTE,
            views=(of_grid(Grid(headings, tuple(rows), title="Scores of reduced runs")),),
        ),
        Section(
            "Does this ground order networks whose order is known?",
            "gate",
            command="repro gate",
            views=(of_grid(replace(known, notes=())),),
            remarks="\n\n".join(known.notes),
        ),
        *([Section(plot.title, "learning", text=LEARNING, plot=plot)] if plot.figures else []),
        *(_figure(one, drawn) for one in catalog.figures() if one.paper == reduced.PAPER),
    ]
    return Page("reduced.html", "Reduced runs", "The reduced benchmark", tuple(sections))


def _claims(records: Records) -> Page:
    judged = judge.judge_claims(records)
    sections = (
        Section(
            "How claims are judged",
            "about-claims",
            text=f"{judge.ABOUT}\n\n{judge.totals(judged)}",
            views=(of_grid(judge.summary_grid(judged), "Claims per paper"),),
        ),
        Section(
            "Every claim",
            "claims",
            command="repro claims",
            views=(
                _with_papers(of_grid(judge.claims_grid(judged)), [case.paper for case in judged]),
            ),
        ),
    )
    return Page("claims.html", "Claims", "Claims", sections, filtered=True)


def _with_papers(view: View, papers: list[str]) -> View:
    lines = [replace(line, paper=paper) for line, paper in zip(view.lines, papers, strict=True)]
    return replace(view, lines=tuple(lines))


def _cells(records: Records) -> Page:
    view = every_cell([(table, cells(table, records)) for table in catalog.tables()])
    section = Section("Cells", "cells", command="repro table ID --format csv", views=(view,))
    return Page(LONG, "Every cell", "Every cell", (section,), filtered=True)
