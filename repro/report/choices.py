"""Which network for which task and budget: the best reported accuracy up to so many true MACs."""

from collections.abc import Iterable
from dataclasses import dataclass

from repro.charts import pareto
from repro.charts.pareto import Entry
from repro.grid import Grid
from repro.measure.latencies import WAYS, measured_ms
from repro.models.zoo import MODELS
from repro.record.found import Records
from repro.report.markdown import Links
from repro.spec.papers import PAPERS

BUDGETS = (1, 2, 5, 10, 25, 50)  # G of true MACs


@dataclass(frozen=True)
class Choice:
    """One line: tests that compare. data: name of the data set; tasks: of the protocols."""

    title: str
    data: str
    tasks: tuple[str, ...]


CHOICES = (
    Choice("several people: AP on COCO val2017", "coco-val", ("bottom-up",)),
    Choice("several people: AP on CrowdPose test", "crowdpose-test", ("bottom-up",)),
    Choice("one person in a box: AP on COCO val2017", "coco-val", ("top-down",)),
    Choice("one person: PCKh@50 on MPII val", "mpii-val", ("single-person",)),
    Choice("one person: PCKh@50, split of Groos et al.", "mpii-val", ("three-pass",)),
)


def best(entries: Iterable[Entry], choice: Choice, budget: float) -> Entry | None:
    """The named network with the best reported accuracy within a budget, None where there is
    none; of equal ones the cheapest. entries: of the choice's data set."""
    fitting = [
        entry
        for entry in entries
        if entry.task in choice.tasks
        and entry.true is not None
        and entry.true <= budget
        and entry.at is not None
        and set(entry.at.changes) <= {"joints"}
    ]
    return max(fitting, key=lambda entry: (entry.y, -(entry.true or 0.0)), default=None)


def grid(records: Records, links: Links) -> Grid:
    """One line per task and data set, one column per budget; each cell names the network, links to
    its table and gives the accuracy as printed."""
    sets = dict.fromkeys(choice.data for choice in CHOICES)
    entries = {data: pareto.entries("macs", data, records) for data in sets}
    rows = tuple(_line(choice, entries[choice.data], records, links) for choice in CHOICES)
    headings = (f"up to {BUDGETS[0]} G", *(f"{budget} G" for budget in BUDGETS[1:]))
    return Grid(("task and score", *headings), rows)


def _line(choice: Choice, entries: list[Entry], records: Records, links: Links) -> tuple[str, ...]:
    """Where all networks of a line were tested at one size, its title says which."""
    chosen = [best(entries, choice, budget) for budget in BUDGETS]
    sizes = {"{}x{}".format(*entry.at.shape) for entry in chosen if entry and entry.at}
    alike = f" ({', '.join(sizes)})" if len(sizes) == 1 else ""
    cells = (_cell(entry, records, links, sized=not alike) for entry in chosen)
    return f"{choice.title}{alike}", *cells


def _cell(entry: Entry | None, records: Records, links: Links, *, sized: bool) -> str:
    if entry is None or entry.at is None:
        return "none"
    name, shape = entry.at.model, entry.at.shape
    at = " at {}x{}".format(*shape) if sized and shape != MODELS[name].size else ""
    page = f"results/{_paper(entry)}.md#{_paper(entry)}-{entry.mark[1:]}"
    return f"{links.to(page, name + at, entry.mark)} {entry.y:g}{_latency(entry, records)}"


def _paper(entry: Entry) -> str:
    """The paper of the table that an entry's mark, such as `L2`, stands for."""
    return next(paper.slug for paper in PAPERS.values() if paper.letter == entry.mark[0])


def _latency(entry: Entry, records: Records) -> str:
    """Our median latency, plainly computed on one thread, where it is recorded."""
    taken = measured_ms(entry.at, WAYS[0], records) if entry.at else None
    return "" if taken is None else f", {taken:.1f} ms"
