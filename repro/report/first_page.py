"""What RESULTS.md and README.md begin with: which network, which claims hold, what is measured."""

from collections.abc import Iterable, Iterator

from repro.claims import judge
from repro.grid import Grid
from repro.record.found import Records
from repro.report import choices, headlines, states
from repro.report.ablations import Answered
from repro.report.markdown import Links, table

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
ABOUT_EVIDENCE = "**What is measured?** A paper's number is *reported*, ours *measured*."


def section(records: Records, answered: Answered) -> Iterator[str]:
    """The three tables with what they mean, as paragraphs; links are seen from the checkout's
    root."""
    links, judged = Links(), judge.judge_claims(records)
    yield ABOUT_CHOICES
    yield table(choices.grid(records, links))
    yield ABOUT_HEADLINES
    yield table(headlines_grid(headlines.told(judged, answered), links))
    yield ABOUT_EVIDENCE
    yield table(evidence_grid(records, judged, answered, links))
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


def evidence_grid(
    records: Records, judged: list[judge.Judged], answered: Answered, links: Links
) -> Grid:
    """How many numbers are measured and how many of them agree."""
    printed = states.printed(records)
    accuracies = states.accuracies(printed)
    grounds = [states.REAL, states.PART, states.DRAWN, states.BROKEN, states.ONLY]
    told = [
        f"{accuracies[ground]} {ground}"
        for ground in grounds
        if accuracies[ground] or ground in (states.REAL, states.DRAWN, states.ONLY)
    ]
    counts, agreeing = states.agreeing(printed, "count")
    built, as_built = states.agreeing(printed, "config")
    return Grid(
        ("numbers of the papers", "how many", "of these", "where"),
        (
            (
                "accuracies",
                str(accuracies.total()),
                "; ".join(told),
                links.to("results/reduced.md", "drawn people"),
            ),
            (
                "parameters, MACs and FLOPs that we count",
                str(counts),
                f"{agreeing} agree with the papers, {counts - agreeing} do not",
                links.to("results/counts.md", "counts"),
            ),
            (
                "widths, blocks and sides of maps",
                str(built),
                f"{as_built} are as we build them, {built - as_built} are not",
                links.to("RESULTS.md#states", "states"),
            ),
            (
                "claims about compute",
                *_claims(judged),
                links.to("RESULTS.md#claims", "claims"),
            ),
            (
                "differences of accuracy in ablations",
                *_ablations(answered),
                links.to("RESULTS.md#ablations", "ablations"),
            ),
        ),
    )


def _claims(judged: list[judge.Judged]) -> tuple[str, str]:
    counts = judge.outcomes(judged)
    told = ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
    return str(counts.total()), f"counted truly: {told}"


def _ablations(answered: Answered) -> tuple[str, str]:
    verdicts = [one.verdict for answers in answered.values() for one in answers]
    told = ", ".join(f"{verdicts.count(name)} {name}" for name in dict.fromkeys(verdicts))
    return str(len(verdicts)), f"on drawn people: {told}"
