"""The claims of the papers, each judged from the printed cells, from our counts, and counted truly.

The printed cells say whether a paper agrees with itself. For a claim that touches parameters or
multiply-adds, our own counts of the same networks take the place of those cells, once by the
paper's rule and once by rule `true`; its other cells stay as printed. Printed cells and the paper's
rule say whether the claim holds; true counts say whether it understates, stays within print or
overstates. Where a single cell cannot be counted, nothing can be said. Never imports torch.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from repro.claims.language import (
    OVERSTATED,
    UNDERSTATED,
    WITHIN,
    Cells,
    Measured,
    Printed,
    Value,
    agrees,
    outcome,
    recompute,
)
from repro.errors import unknown
from repro.grid import Grid
from repro.measure import count
from repro.record.record import Record
from repro.record.verdict import decimals
from repro.spec import catalog
from repro.spec.claim import Claim
from repro.spec.table import Field, Row

HOLDS, FAILS, UNDERIVABLE, UNSAID = "holds", "fails", "not derivable", "cannot say"


class NotCountedError(Exception):
    """A cell that a claim needs and that no valid count fills; the text says which and why."""


@dataclass(frozen=True)
class Finding:
    """One verdict: `holds`, `fails`, `not derivable`, `cannot say`, or "" where the question does
    not arise.

    Counted truly it is `understated`, `within print` or `overstated` in the place of the first two.
    """

    verdict: str = ""
    value: Value | None = None
    why: str = ""

    @property
    def text(self) -> str:
        """The verdict with its number, e.g. `fails, 14.444` or `understated, 41.253`."""
        return self.verdict if self.value is None else f"{self.verdict}, {show(self.value)}"


@dataclass(frozen=True)
class Judged:
    """A claim with its three findings.

    printed: from printed cells. ruled: from counts by the paper's rule. true: from true counts.
    """

    claim: Claim
    paper: str
    printed: Finding
    ruled: Finding
    true: Finding

    @property
    def failing(self) -> bool:
        """True when the claim fails from printed cells or by the paper's rule, or is overstated."""
        return (
            FAILS in (self.printed.verdict, self.ruled.verdict) or self.true.verdict == OVERSTATED
        )

    @property
    def changed(self) -> bool:
        """True when true counts contradict the verdict from the printed cells."""
        contradicting = {HOLDS: (UNDERSTATED, OVERSTATED), FAILS: (WITHIN,)}
        return self.true.verdict in contradicting.get(self.printed.verdict, ())


@dataclass
class Counted:
    """The printed cells, with our counts in place of parameters and multiply-adds.

    rule: "" for the rules that the tables declare, else one rule for all cells.
    touched: whether a formula has asked for a count.
    """

    printed: Printed
    records: Mapping[str, Record]
    rule: str = ""
    touched: bool = field(default=False, init=False)

    def rows(self, table: str) -> list[str]:
        """Row names of a table."""
        return self.printed.rows(table)

    def value(self, table: str, row: str, column: str) -> Value:
        """The count that fills a cell, else its printed value; raises NotCountedError where a count
        is missing."""
        text = self.printed.text(table, row, column)
        spec = self.printed.tables[table]
        line = next(line for line in spec.rows if line.key == row)
        item = next(item for item in spec.columns if item.name == column)
        if item.definition.kind != "count":
            return self.printed.value(table, row, column)
        self.touched = True
        record = self._record(line, item, f"{table}, {row}, {column}")
        return Measured(
            self._number(record, item if self.rule else line.field_for(item)), decimals(text)
        )

    def _record(self, row: Row, item: Field, where: str) -> Record:
        run = row.run_for(item)
        if run is None:
            raise NotCountedError(f"{where}: {item.quoted or row.quoted or 'no run is declared'}")
        rule = self.rule or row.rules.get(item.name, item.rule) or "true"
        record = self.records.get(count.key(run, rule))
        if record is None:
            raise NotCountedError(f"{where}: not counted yet")
        if record.status == "failed" or record.digest != count.digest(run, rule):
            raise NotCountedError(
                f"{where}: "
                f"{'its count failed' if record.status == 'failed' else 'its count is stale'}"
            )
        return record

    def _number(self, record: Record, item: Field) -> float:
        """The record's value in the column's unit.

        Counted truly, units of 2^30 become 1e9, and a multiply-add is two FLOPs.
        """
        name, scale = item.definition.value, item.definition.scale
        if self.rule == "true":
            number = record.values["params" if name == "params" else "macs"]
            return float(number) * 10.0 ** round(math.log10(scale)) * (2 if name == "flops" else 1)
        return float(record.values[name]) * scale


def show(value: object) -> str:
    """A value in few digits: numbers with five, a list with commas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(show, value))
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def find(claim: Claim, cells: Cells) -> Finding:
    """The finding on a claim from some cells; raises SpecError for a broken formula."""
    if not claim.formula:
        return Finding(UNDERIVABLE)
    value = recompute(claim, cells)
    return Finding(HOLDS if agrees(claim, value) else FAILS, value)


def find_counted(claim: Claim, cells: Counted) -> Finding:
    """The finding from our counts, empty for a claim that needs none; by rule `true` an outcome."""
    try:
        finding = find(claim, cells)
    except NotCountedError as fault:
        return Finding(UNSAID, why=str(fault))
    if not cells.touched:
        return Finding()
    if cells.rule != "true" or finding.value is None:
        return finding
    if claim.print_only:
        return Finding(UNSAID, why=claim.print_only)
    return Finding(outcome(claim, finding.value), finding.value)


def judge_claims(records: Mapping[str, Record], paper: str = "") -> list[Judged]:
    """Every claim of a paper, or of all; raises UsageError for an unknown paper and SpecError for a
    broken claim."""
    groups = {group.paper: group for group in catalog.claims()}
    if paper and paper not in groups:
        raise unknown("paper", paper, groups, "repro claims")
    printed = Printed({table.id: table for table in catalog.tables()})
    return [
        Judged(
            claim,
            name,
            find(claim, printed),
            find_counted(claim, Counted(printed, records)),
            find_counted(claim, Counted(printed, records, "true")),
        )
        for name, group in groups.items()
        if paper in ("", name)
        for claim in group.claims
    ]


# tables
# --------------------------------------------------------------------------------------------------


def stated_by(claim: Claim) -> str:
    """Who states the claim: the paper, or we in a check of its numbers."""
    return "paper" if claim.origin == "paper" else "our check"


def claimed(claim: Claim) -> str:
    """The claimed value with its relation and unit, e.g. `> 10 AP`."""
    sign = {"lt": "< ", "gt": "> ", "approx": "about "}.get(claim.relation, "")
    return f"{sign}{show(claim.value)} {claim.unit}".rstrip()


def remark(case: Judged) -> str:
    """The claim's note, and why nothing can be said of it where that is so."""
    why = next((found.why for found in (case.ruled, case.true) if found.why), "")
    return " ".join(filter(None, (case.claim.note, why and f"({why})")))


def claims_grid(judged: list[Judged], *, failing: bool = False) -> Grid:
    """Every claim with its three verdicts; `failing` keeps those that fail or are overstated."""
    headings = (
        "claim",
        "stated by",
        "where",
        "statement",
        "claimed",
        "printed cells",
        "counted, paper's rule",
        "counted truly",
        "remark",
    )
    rows = tuple(
        (
            case.claim.id,
            stated_by(case.claim),
            case.claim.where,
            case.claim.statement,
            claimed(case.claim),
            case.printed.text,
            case.ruled.text,
            case.true.text,
            remark(case),
        )
        for case in judged
        if case.failing or not failing
    )
    return Grid(headings, rows, title="Claims")


def summary_grid(judged: list[Judged]) -> Grid:
    """Claims per paper and origin: from printed cells, then those about compute counted truly."""
    headings = (
        "paper",
        "stated by",
        "claims",
        HOLDS,
        FAILS,
        UNDERIVABLE,
        "about compute",
        UNDERSTATED,
        WITHIN,
        OVERSTATED,
        UNSAID,
    )
    papers = [*dict.fromkeys(case.paper for case in judged)]
    groups = [(paper, origin) for paper in papers for origin in ("paper", "check")]
    by_paper = {paper: [case for case in judged if case.paper == paper] for paper in papers}
    rows = [_tally(paper, origin, by_paper[paper]) for paper, origin in groups]
    both = [_tally("all", origin, judged) for origin in ("paper", "check")]
    return Grid(headings, (*rows, *both))


def _tally(paper: str, origin: str, judged: list[Judged]) -> tuple[str, ...]:
    """One line of `summary_grid`: the claims of one origin among those given."""
    cases = [case for case in judged if case.claim.origin == origin]
    printed = Counter(case.printed.verdict for case in cases)
    true = Counter(case.true.verdict for case in cases)
    numbers = (
        len(cases),
        *(printed[verdict] for verdict in (HOLDS, FAILS, UNDERIVABLE)),
        len(cases) - true[""],
        *(true[verdict] for verdict in (UNDERSTATED, WITHIN, OVERSTATED, UNSAID)),
    )
    return (paper, "paper" if origin == "paper" else "our check", *map(str, numbers))


def short_grid(judged: list[Judged]) -> Grid:
    """Claims with their three verdicts in few columns, and their remarks as notes. A count that
    gives the numbers of the printed cells does not repeat them."""
    headings = ("claim", "statement", "claimed", "printed cells", "paper's rule", "counted truly")
    rows = tuple(
        (
            case.claim.id,
            f"{case.claim.statement} ({_source(case.claim)})",
            claimed(case.claim),
            case.printed.text,
            _unlike(case.ruled, case.printed),
            _unlike(case.true, case.printed),
        )
        for case in judged
    )
    told = ((case.claim.id, remark(case)) for case in judged)
    notes = tuple(f"{name}: {text}" for name, text in told if text)
    return Grid(headings, rows, title="Claims", notes=notes)


def _source(claim: Claim) -> str:
    return claim.where if claim.origin == "paper" else f"{claim.where}; our check"


def _unlike(finding: Finding, printed: Finding) -> str:
    """A finding with its number, where that reads otherwise than the printed one."""
    alike = finding.value is not None and show(finding.value) == show(printed.value)
    return finding.verdict if alike else finding.text


ABOUT = """\
Each claim is a formula over printed cells. *Printed cells*: does the paper agree with itself? A number holds when it
reads as claimed, rounded or cut, as for cells. *Counted truly*: what becomes of it when the parameters and
multiply-adds in it are our counts of the networks by rule `true`, all other cells as printed? Where a network of the
formula is not built, nothing can be said. Else there are three outcomes:

- *within print*: the true number reads as claimed, or a yes-or-no claim is true;
- *understated*: the truth says more for what is argued: a larger saving or ratio, a smaller share, a cheaper network of
  the paper's own, a dearer one of others;
- *overstated*: the truth falls short of what is argued; of several numbers the worst decides.

Amounts that argue for neither side (two cells agree, parts add up) are understated where the network needs more than
claimed, and overstated where it needs less."""


def totals(judged: list[Judged]) -> str:
    """The outcomes of what the papers themselves claim about compute, in one sentence."""
    stated = [case for case in judged if case.claim.origin == "paper" and case.true.verdict]
    true = Counter(case.true.verdict for case in stated)
    return (
        f"Of the {len(stated)} claims of the papers about compute, counted truly, "
        f"{true[UNDERSTATED]} are understated, "
        f"{true[WITHIN]} within print and {true[OVERSTATED]} overstated; of {true[UNSAID]} nothing "
        f"can be said."
    )
