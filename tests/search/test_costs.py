"""Costs of architectures: exact where they are counted, refused where they cannot be kept."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repro.counting import trace
from repro.errors import UsageError
from repro.models import zoo
from repro.search import costs
from repro.search.costs import LatencyTable, Limit, check_limit
from repro.search.evolution import Within, evolve, random_search
from repro.search.space import SPACES, BlockSpace, Genes, LitePoseSpace, drawn
from repro.spec.run import Run
from repro.spec.searches import Evolution
from repro.timing.spaces import SPACES as SPACES_TIMED

XS, SMALL = SPACES["litepose-xs"], SPACES["nas-small"]
assert isinstance(XS, LitePoseSpace) and isinstance(SMALL, BlockSpace)
TINY = BlockSpace("efficientpose_nas_a", (1, 2, 1, 2))


def whole(space: Any, genes: Genes, rule: str) -> trace.Count:
    run = space.run(genes, 14)
    return trace.count(zoo.build_empty(run.model, **run.changes), run.shape, rule)


@pytest.mark.parametrize(("kind", "rule"), [("macs", "ptflops"), ("params", "true")])
def test_costs_of_sampled_networks_equal_the_built_ones(kind: str, rule: str) -> None:
    cost = costs.count_of(XS, kind, rule, 14)
    genes = drawn(XS, np.random.default_rng(0))
    counted = whole(XS, genes, rule)
    assert cost(genes) == (counted.macs if kind == "macs" else counted.params)


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["true", "hrnet", "ptflops", "flop2"])
def test_costs_are_exact_by_every_rule(rule: str) -> None:
    for space in (XS, SPACES["litepose-lms"]):
        assert isinstance(space, LitePoseSpace)
        cost = costs.count_of(space, "macs", rule, 14)
        for seed in range(1, 11):
            genes = drawn(space, np.random.default_rng(seed))
            assert cost(genes) == whole(space, genes, rule).macs


@pytest.mark.parametrize("rule", ["true", "hrnet"])
def test_costs_of_blocks_add_up_to_the_network(rule: str) -> None:
    table = costs.counts_of(TINY, "macs", rule, 14)
    for seed in range(2):
        genes = drawn(TINY, np.random.default_rng(seed))
        assert table(genes) == whole(TINY, genes, rule).macs
    assert costs.counts_of(TINY, "params", rule, 14)(genes) == whole(TINY, genes, "true").params


def test_limits_are_read() -> None:
    assert Limit.parse("macs=1.2G") == Limit("macs", 1.2e9)
    assert Limit.parse("params=900K") == Limit("params", 9e5)
    assert Limit.parse("latency=30ms") == Limit("latency", 30.0)
    for text, message in {
        "macs": "is no limit",
        "flops=1G": "unknown limit 'flops'",
        "latency=3G": "a limit of latency is not in 'G'",
        "macs=-1G": "is no limit",
    }.items():
        with pytest.raises(UsageError, match=message):
            Limit.parse(text)


def by_hand(genes: Genes) -> float:
    return float(sum(genes))


def test_a_limit_below_the_smallest_names_it() -> None:
    choices = ((9, 5), (3, 4), (8,))
    assert check_limit(choices, by_hand, Limit("macs", 16)) == (5, 3, 8)
    with pytest.raises(UsageError, match=r"the smallest, 5 3 8, costs 0\.000 G MACs"):
        check_limit(choices, by_hand, Limit("macs", 15))


# --- evolution ------------------------------------------------------------------------------------

DIGITS = tuple(tuple(range(10)) for _ in range(8))


def hidden(genes: Genes) -> float:
    """Best where the digits rise; no place is good by itself alone."""
    return -float(sum(abs(gene - place) for place, gene in enumerate(genes)))


def test_evolution_keeps_the_limit_and_beats_chance() -> None:
    within, plan = Within(DIGITS, by_hand, Limit("macs", 28)), Evolution(20, 20)
    seen: list[Genes] = []

    def score(genes: Genes) -> float:
        seen.append(genes)
        return hidden(genes)

    better = 0
    for seed in range(3):
        found = evolve(within, plan, score, seed=seed)
        chance = random_search(within, plan.candidates, hidden, seed=seed)
        better += hidden(found) > hidden(chance)
        assert found == evolve(within, plan, hidden, seed=seed)
    assert better == 3 and all(by_hand(genes) <= 28 for genes in seen)


def test_a_tight_limit_still_has_a_population() -> None:
    within = Within(DIGITS, by_hand, Limit("macs", 2))
    assert by_hand(evolve(within, Evolution(4, 2), hidden, seed=0)) <= 2


# --- latency tables -------------------------------------------------------------------------------


def written(path: Path, **other: Any) -> Path:
    """A table by which every block takes 2 ms, stem and head 3 ms together."""
    blocks = {one for codes in costs.operations(SMALL) for one in codes.values()}
    body = {
        "space": "nas-small",
        "device": "here",
        "operations": [{**vars(one), "median_ms": 2.0 if one.expansion else 0.0} for one in blocks],
        "fixed": [
            {"network": "efficientpose_nas_a", "part": part, "median_ms": time}
            for part, time in (("stem", 1.0), ("head", 2.0), ("whole", 50.0))
        ],
        **other,
    }
    path.write_text(json.dumps(body))
    return path


def test_latency_is_the_sum_of_the_table(tmp_path: Path) -> None:
    table = LatencyTable.read(written(tmp_path / "t.json"), "nas-small", ["here"])
    cost = costs.latencies_of(SMALL, table)
    blocks = zoo.family("efficientpose_nas_a").VARIANTS["efficientpose_nas_a"].blocks
    genes = tuple(
        " ".join(stage + " - -" * (number == 2) for number, stage in enumerate(blocks)).split()
    )
    assert cost(genes) == 3 + 2 * 26  # A has 26 blocks; its third stage leaves two out


def test_latency_of_litepose_is_its_blocks_and_a_share_for_stem_and_head(tmp_path: Path) -> None:
    """By a table whose times are a billionth of the multiply-adds, the latency is as well."""
    blocks = SPACES_TIMED["litepose"].operations()
    published = ("litepose_s", 448, {"joints": 14})
    run = Run(*published)
    macs = trace.count(zoo.build_empty(run.model, **run.changes), run.shape).macs
    plan = zoo.family("litepose_s").VARIANTS["litepose_s"]
    genes = (plan.stem, *plan.stages, *plan.deconvs, 448)
    own = sum(costs._macs_of_block(one) for one in costs._blocks(genes, (448, 448)))
    path = written(
        tmp_path / "t.json",
        space="litepose",
        operations=[{**vars(one), "median_ms": costs._macs_of_block(one) / 1e9} for one in blocks],
        fixed=[{"network": "litepose_s", "part": "stem", "median_ms": (macs - own) / 1e9}],
    )
    cost = costs.latency_of(XS, LatencyTable.read(path, "litepose", ["here"]), 14)
    exact = costs.count_of(XS, "macs", "true", 14)
    assert cost(genes) == pytest.approx(macs / 1e9, rel=1e-9)
    for seed in range(5):
        drawn_genes = (*drawn(XS, np.random.default_rng(seed))[:-1], 448)
        assert cost(drawn_genes) == pytest.approx(exact(drawn_genes) / 1e9, rel=1e-9)


@pytest.mark.parametrize("other", [{"space": "nas-large"}, {"device": "another"}])
def test_a_table_of_something_else_is_refused(tmp_path: Path, other: dict[str, str]) -> None:
    path = written(tmp_path / "t.json", **other)
    what = next(iter(other))
    with pytest.raises(UsageError, match=f"is of {what} '{other[what]}', the search of"):
        LatencyTable.read(path, "nas-small", ["here"])


def test_a_table_without_an_operation_is_refused(tmp_path: Path) -> None:
    table = LatencyTable.read(written(tmp_path / "t.json", operations=[]), "nas-small", ["here"])
    with pytest.raises(UsageError, match="has no Operation"):
        costs.latencies_of(SMALL, table)
