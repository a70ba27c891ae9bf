"""A verdict on each of the papers' headlines, from the claims and from the ablations' answers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from repro.claims import judge
from repro.claims.language import OVERSTATED, UNDERSTATED, WITHIN
from repro.measure.answers import Answer
from repro.spec import catalog
from repro.spec.ablation import Ablation
from repro.spec.headlines import HEADLINES, Headline
from repro.spec.papers import PAPERS

Verdict = Literal[
    "supported",
    "understated",
    "overstated",
    "contradicted",
    "not resolved",
    "needs real data",
]
UNMEASURED = ("not run", "not asked here")


@dataclass(frozen=True)
class Told:
    """A headline with its verdict. found: what the verdict rests on. page: the paper whose page
    shows it, and anchor: the place there."""

    statement: str
    verdict: Verdict
    found: str
    page: str
    anchor: str

    @property
    def name(self) -> str:
        """The anchor with the page, for a reference."""
        return f"{PAPERS[self.page].letter} {self.anchor}"


def told(judged: Sequence[judge.Judged], answered: Mapping[str, Sequence[Answer]]) -> list[Told]:
    """Every headline judged, in the order of `HEADLINES`. answered: the answers by ablation."""
    cases = {case.claim.id: case for case in judged}
    return [_told(headline, cases, answered) for headline in HEADLINES]


def _told(
    headline: Headline,
    cases: Mapping[str, judge.Judged],
    answered: Mapping[str, Sequence[Answer]],
) -> Told:
    claims = [cases[name] for name in headline.claims]
    verdict, found = of_claims(claims)
    if not headline.ablation:
        return Told(headline.statement, verdict, found, claims[0].paper, "claims")
    spec = catalog.find(headline.ablation, Ablation)
    if verdict != "contradicted":
        verdict, found = of_answers(_asked(headline, answered[spec.id]))
    return Told(headline.statement, verdict, found, spec.paper, spec.id)


def of_claims(claims: Sequence[judge.Judged]) -> tuple[Verdict, str]:
    """The worst verdict on some claims and what was found for it."""
    judged = [(of_claim(case), case) for case in claims]
    order = ("contradicted", "overstated", "not resolved", "needs real data", "understated")
    for verdict, case in sorted(judged, key=lambda one: [*order, "supported"].index(one[0])):
        return verdict, _numbers(case)
    return "needs real data", ""


def of_claim(case: judge.Judged) -> Verdict:
    """One claim: by the true counts where it is about compute, else by the paper's own cells, which
    can contradict an accuracy and not support it."""
    true, printed = case.true.verdict, case.printed.verdict
    if true == OVERSTATED:
        return "contradicted" if case.claim.relation == "true" else "overstated"
    if true == UNDERSTATED:
        return "understated"
    if true == WITHIN:
        return "supported"
    if printed == judge.FAILS:
        return "contradicted"
    return "not resolved" if true == judge.UNSAID else "needs real data"


def _numbers(case: judge.Judged) -> str:
    """What a claim says, what its printed cells give and what true counts give; of a claim without
    a number its remark."""
    claim, printed, true = case.claim, case.printed.value, case.true.value
    if isinstance(claim.value, bool):
        said = "its printed cells say " + judge.show(bool(printed))
        return f"{said}: {claim.note}" if claim.note else said
    texts = [f"claimed {_listed(judge.claimed(claim))}"]
    if printed is not None:
        texts.append(f"its printed cells give {_listed(judge.show(printed))}")
    if true is not None:
        texts.append(f"true counts {_listed(judge.show(true))}")
    return "; ".join(texts)


def _listed(text: str) -> str:
    """`1, 2, 3` as `1, 2 and 3`."""
    return " and ".join(text.rsplit(", ", 1))


def outcomes(judged: Sequence[judge.Judged]) -> Counter[Verdict]:
    """The verdicts on what the papers themselves claim about compute."""
    stated = [case for case in judged if case.claim.origin == "paper" and case.true.verdict]
    return Counter(map(of_claim, stated))


def _asked(headline: Headline, every: Sequence[Answer]) -> list[Answer]:
    """The answers that decide: of the named arms, by the named accuracy."""
    arms = [one for one in every if not headline.arms or one.arm.key in headline.arms]
    column = headline.column or (arms[0].field.name if arms else "")
    return [one for one in arms if one.field.name == column]


def of_answers(asked: Sequence[Answer]) -> tuple[Verdict, str]:
    """One verdict on several arms: contradicted where one is, supported where all are."""
    verdicts = [one.verdict for one in asked]
    if all(verdict in UNMEASURED for verdict in verdicts):
        return "needs real data", _why(asked)
    if "contradicted" in verdicts:
        return "contradicted", _differences(asked)
    supported = all(verdict == "supported" for verdict in verdicts)
    return ("supported" if supported else "not resolved"), _differences(asked)


def _why(asked: Sequence[Answer]) -> str:
    """Why no arm has a verdict."""
    measured = sum(one.difference is not None for one in asked)
    if measured:
        return f"drawn people do not decide it: {asked[0].why}"
    return "nothing measured yet, not on drawn people either"


def _differences(asked: Sequence[Answer]) -> str:
    """What was measured on drawn people: of one arm its difference, of several their verdicts."""
    if len(asked) == 1 and asked[0].difference:
        text = asked[0].difference.text(asked[0].field.definition.decimals)
        return f"drawn people: {text}"
    tally = Counter(one.verdict for one in asked)
    counts = ", ".join(f"{number} {verdict}" for verdict, number in tally.items())
    return f"drawn people, {len(asked)} arms: {counts}"
