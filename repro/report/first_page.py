"""What RESULTS.md and README.md begin with: which network, which claims hold, what is measured."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from repro.claims import judge
from repro.grid import Grid
from repro.measure.cells import Cell
from repro.record.found import Records
from repro.report import choices, headlines, states
from repro.report.ablations import Answered
from repro.report.markdown import Links, table, wrapped

ABOUT_CHOICES = """\
**Which network?** The best accuracy that a paper reports for a network within a budget of true multiply-adds (1 G is
1e9 MACs, rule `true`, [explained here](RESULTS.md#how-to-read-this)), counted by us at the size it was tested at: of
the whole picture for several people, of one person's crop else. Compare along a line, not between lines. Names are
those of `repro count NAME`; links lead to the table of the paper."""
ABOUT_HEADLINES = """\
**Which claims hold?** Compute is judged by our counts: *supported* as printed, *understated* or *overstated* where the
true number says more or less for the paper. Accuracy is judged by trainings on drawn people over at least 3 seeds,
which can show that a change helps or harms, not by how much on photographs: else *not resolved*, and *needs real data*
where drawn people were not asked. *Contradicted*: by the paper's own cells, by true counts, or on drawn people."""


def section(records: Records, answered: Answered) -> Iterator[str]:
    """The three tables with what they mean, as paragraphs; links are seen from the checkout's
    root."""
    links, judged = Links(), judge.judge_claims(records)
    yield ABOUT_CHOICES
    yield table(choices.grid(records, links))
    yield ABOUT_HEADLINES
    yield table(headlines_grid(headlines.told(judged, answered), links))
    printed = states.printed(records)
    yield wrapped(about_evidence(printed))
    yield table(evidence_grid(printed, judged, answered, links))
    yield links.definitions()


def headlines_grid(told: Iterable[headlines.Told], links: Links) -> Grid:
    """One line per headline: statement, verdict, what was found, and where."""
    rows = tuple(
        (
            one.statement,
            one.verdict,
            one.found,
            links.to(f"results/{one.page}.md#{one.anchor}", one.anchor, one.name),
        )
        for one in told
    )
    return Grid(("what the papers say", "verdict", "what was found", "where"), rows)


def about_evidence(printed: list[Cell]) -> str:
    """How many of the printed cells are measured, in two sentences."""
    states_of = Counter(cell.status for cell in printed if cell.status)
    compared = [states_of[state] for state in states.COMPARED]
    reduced, total = states_of["reduced"], states_of.total()
    return (
        f"**What is measured?** Of {total} cells that the papers print, {sum(compared) + reduced} "
        f"are measured: {sum(compared[:2])} agree, {compared[2]} differ, {reduced} come from reduced "
        "runs and are compared with nothing. The others are only *reported*."
    )


def evidence_grid(
    printed: list[Cell], judged: list[judge.Judged], answered: Answered, links: Links
) -> Grid:
    """The measured cells by kind, and what the claims and the ablations came to."""
    accuracies = states.accuracies(printed)
    shown = (states.REAL, states.PART, states.DRAWN, states.BROKEN, states.ONLY)
    always = (states.REAL, states.DRAWN, states.ONLY)
    told = [f"{accuracies[one]} {one}" for one in shown if accuracies[one] or one in always]
    verdicts = headlines.outcomes(judged)
    answers = Counter(one.verdict for answers in answered.values() for one in answers)
    rows = (
        (
            "accuracies",
            str(accuracies.total()),
            "; ".join(told),
            links.to("results/reduced.md", "drawn people"),
        ),
        (
            "parameters, MACs and FLOPs, counted",
            *_agreeing(printed, "count"),
            links.to("results/counts.md", "counts"),
        ),
        (
            "ratios and gains, computed from them",
            *_agreeing(printed, "derived"),
            links.to("RESULTS.md#states", "states"),
        ),
        (
            "widths, blocks and sides of maps, as built",
            *_agreeing(printed, "config"),
            links.to("RESULTS.md#states", "states"),
        ),
        (
            "claims about compute",
            str(verdicts.total()),
            f"counted truly: {_counted(verdicts)}",
            links.to("RESULTS.md#claims", "claims"),
        ),
        (
            "differences of accuracy in ablations",
            str(answers.total()),
            f"on drawn people: {_counted(answers)}",
            links.to("RESULTS.md#ablations", "ablations"),
        ),
    )
    return Grid(("what", "how many", "of these", "where"), rows)


def _agreeing(printed: list[Cell], kind: str) -> tuple[str, str]:
    compared, agreeing = states.agreeing(printed, kind)
    return str(compared), f"{agreeing} agree with the papers, {compared - agreeing} do not"


def _counted(verdicts: Counter[Any]) -> str:
    return ", ".join(f"{number} {verdict}" for verdict, number in verdicts.items())
