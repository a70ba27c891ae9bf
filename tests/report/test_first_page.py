"""The first page: which network for which budget, a verdict on each headline."""

from dataclasses import replace
from functools import cache
from typing import get_args

import pytest

from repro import places
from repro.charts import pareto
from repro.charts.pareto import Entry
from repro.claims import judge
from repro.claims.judge import Finding, Judged
from repro.measure.answers import Answer
from repro.record.found import Records
from repro.record.paired import Interval
from repro.record.store import Store
from repro.report import choices, headlines
from repro.report.ablations import answered
from repro.report.markdown import Links
from repro.spec import catalog
from repro.spec.ablation import Ablation
from repro.spec.claim import Claim
from repro.spec.headlines import HEADLINES
from repro.spec.run import Run
from repro.spec.table import Field, Row

RECORDS = Store(places.committed()).load()
COCO, CROWD = choices.CHOICES[:2]


@cache
def entries(data: str) -> list[Entry]:
    return pareto.entries("macs", data, RECORDS)


def best(choice: choices.Choice, budget: float) -> Entry | None:
    return choices.best(entries(choice.data), choice, budget)


@pytest.mark.parametrize(
    ("choice", "budget", "model", "accuracy"),
    [
        (CROWD, 1, "litepose_xs", 49.5),
        (COCO, 5, "litepose_s", 56.8),
        (COCO, 0.5, None, None),
        (COCO, 24, "efficienthrnet_h0", 64.8),
        (COCO, 23.9, "efficienthrnet_h_1", 59.2),  # H0 has 23.958 G
    ],
)
def test_the_best_network_within_a_budget(
    choice: choices.Choice, budget: float, model: str | None, accuracy: float | None
) -> None:
    found = best(choice, budget)
    at = found.at.model if found and found.at else None
    assert (at, found.y if found else None) == (model, accuracy)


def test_a_changed_network_has_no_name_to_choose() -> None:
    # 0.5 LitePose with kernel 7 has 56.1 at 3.49 G, but is no model of the list
    for budget in choices.BUDGETS:
        found = best(CROWD, budget)
        assert found and found.at and found.at.model != "litepose_super"


def test_a_larger_budget_is_never_worse() -> None:
    for choice in choices.CHOICES:
        found = [best(choice, budget) for budget in choices.BUDGETS]
        accuracies = [entry.y if entry else 0.0 for entry in found]
        assert accuracies == sorted(accuracies)


def test_latency_stands_beside_the_accuracy_where_it_is_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def taken(run: Run, how: str, records: Records) -> float | None:
        return 12.34 if run.model == "litepose_xs" else None

    monkeypatch.setattr(choices, "measured_ms", taken)
    timed = choices.grid(RECORDS, Links()).rows[1]
    assert timed[1] == "[litepose_xs][L1] 49.5, 12.3 ms"
    assert timed[3] == "[litepose_s][L1] 58.3"


# --- headlines ------------------------------------------------------------------------------------


def test_every_headline_names_what_is_there() -> None:
    claims = {claim.id for group in catalog.claims() for claim in group.claims}
    for headline in HEADLINES:
        assert {*headline.claims} <= claims
        if headline.ablation:
            spec = catalog.find(headline.ablation, Ablation)
            assert isinstance(spec, Ablation)
            assert {*headline.arms} <= {row.key for row in spec.table.rows if row.against}
            names = {field.name for field in (*spec.table.columns, *spec.table.also)}
            assert headline.column in ("", *names)


def test_every_headline_has_one_of_the_verdicts() -> None:
    told = headlines.told(judge.judge_claims(RECORDS), answered(RECORDS))
    assert len(told) == len(HEADLINES) >= 12
    assert {one.verdict for one in told} <= {*get_args(headlines.Verdict)}
    by_statement = {one.statement: one for one in told}
    kernels = by_statement["LitePose: kernels of 7 in place of 3 cost about 25 % more MACs"]
    assert (kernels.verdict, kernels.anchor) == ("overstated", "claims")
    assert kernels.found == (
        "claimed about 25 percent; its printed cells give 23.684; true counts 35.653"
    )
    small = by_statement["LitePose-XS is better than HigherHRNet-W16 at 10.4 times fewer MACs"]
    assert small.found.startswith("its printed cells say no: 49.5 against 50.4")


def case(printed: str, true: str = "", *, relation: str = "eq") -> Judged:
    claim = Claim("t-c1", "", "", 1, "1", relation, holds=True)
    return Judged(claim, "t", Finding(printed), Finding(), Finding(true))


@pytest.mark.parametrize(
    ("judged", "verdict"),
    [
        (case(judge.HOLDS, judge.WITHIN), "supported"),
        (case(judge.FAILS, judge.WITHIN), "supported"),
        (case(judge.FAILS, judge.UNDERSTATED), "understated"),
        (case(judge.HOLDS, judge.OVERSTATED), "overstated"),
        (case(judge.HOLDS, judge.OVERSTATED, relation="true"), "contradicted"),
        (case(judge.HOLDS, judge.UNSAID), "not resolved"),
        (case(judge.FAILS, judge.UNSAID), "contradicted"),
        (case(judge.FAILS), "contradicted"),
        (case(judge.HOLDS), "needs real data"),
        (case(judge.UNDERIVABLE), "needs real data"),
    ],
)
def test_the_verdict_on_a_claim(judged: Judged, verdict: str) -> None:
    assert headlines.of_claim(judged) == verdict


ASKED = Answer(Row("base", ()), Row("arm", ()), Field("ap"), 13.0)
SEEN = replace(ASKED, difference=Interval(2.0, 1.0, 3.0, 3))


@pytest.mark.parametrize(
    ("asked", "verdict", "found"),
    [
        ([], "needs real data", "nothing measured yet, not on drawn people either"),
        ([ASKED], "needs real data", "nothing measured yet, not on drawn people either"),
        (
            [SEEN.judged("not asked here", "this ground did not order known networks")],
            "needs real data",
            "drawn people do not decide it: this ground did not order known networks",
        ),
        (
            [SEEN.judged("supported")],
            "supported",
            "drawn people: +2.0 (+1.0 to +3.0, n = 3)",
        ),
        ([SEEN.judged("contradicted")], "contradicted", "drawn people: +2.0 (+1.0 to +3.0, n = 3)"),
        ([SEEN.judged("not resolved")], "not resolved", "drawn people: +2.0 (+1.0 to +3.0, n = 3)"),
        (
            [SEEN.judged("supported"), ASKED],
            "not resolved",
            "drawn people, 2 arms: 1 supported, 1 not run",
        ),
        (
            [SEEN.judged("supported"), SEEN.judged("contradicted")],
            "contradicted",
            "drawn people, 2 arms: 1 supported, 1 contradicted",
        ),
    ],
)
def test_the_verdict_of_an_ablation(asked: list[Answer], verdict: str, found: str) -> None:
    assert headlines.of_answers(asked) == (verdict, found)
