"""Verdicts on the arms of ablations: from records alone, over common seeds."""

import json

import pytest
from click.testing import CliRunner

from repro.cli.main import main
from repro.measure import accuracy, gate
from repro.measure.answers import Answer, answers
from repro.record.record import Record
from repro.spec import catalog
from repro.spec.ablation import Ablation
from repro.spec.gate import KNOWN
from repro.spec.profiles import MINI
from repro.spec.run import Run


def view(name: str) -> Ablation:
    ablation = catalog.find(name, Ablation)
    assert isinstance(ablation, Ablation)
    return ablation


SIC = view("sic")


def records(run: Run, scores: dict[int, float], value: str = "PCKh@0.5") -> list[Record]:
    profile = MINI.of(run.recipe)
    return [
        Record(
            accuracy.key(run, profile, seed),
            accuracy.digest(run, profile, seed),
            "x",
            {value: score},
        )
        for seed, score in scores.items()
    ]


def mobilenet(base: dict[int, float], arm: dict[int, float]) -> Answer:
    """The first answer of `sic`: MobileNetV2 without the correction against with it; paper: -0.6."""
    rows = {row.key: row for row in SIC.table.rows}
    first = next(row for row in SIC.table.rows if row.against)
    with_it, without = rows[first.against].run, first.run
    assert with_it and without
    held = {one.key: one for one in [*records(with_it, base), *records(without, arm)]}
    return answers(SIC, held)[0]


BASE = {0: 80.0, 1: 82.0, 2: 81.0}


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every task's ground has put the known pairs in order."""
    tasks = {known.task: "passed" for known in KNOWN}
    monkeypatch.setattr(gate, "tasks", lambda judged: tasks)


@pytest.mark.usefixtures("sound")
@pytest.mark.parametrize(
    ("steps", "verdict", "why"),
    [
        ((-1.0, -1.1, -0.9), "supported", ""),
        ((1.0, 1.1, 0.9), "contradicted", ""),
        ((-1.0, 1.1, 0.9), "not resolved", "3 seeds, the interval includes zero"),
    ],
)
def test_a_verdict_needs_an_interval_without_zero(
    steps: tuple[float, ...], verdict: str, why: str
) -> None:
    found = mobilenet(BASE, {seed: score + steps[seed] for seed, score in BASE.items()})
    assert found.paper is not None and found.paper < 0
    assert (found.verdict, found.why) == (verdict, why)
    assert found.difference is not None
    assert found.difference.mean == pytest.approx(sum(steps) / 3)


def test_no_verdict_before_every_known_pair_has_been_run() -> None:
    found = mobilenet(BASE, {seed: score - 1 for seed, score in BASE.items()})
    assert found.verdict == "not resolved"
    assert found.why == "not every known pair has been run on this ground"


@pytest.mark.usefixtures("sound")
def test_less_is_better_of_swapped_sides() -> None:
    """Kernel 7 gains AP in the paper; by what is swapped it is better where less is."""
    rows = {row.key: row for row in view("kernel-size").table.rows}
    small, large = rows["kernel 3"].run, rows["kernel 7"].run
    assert small and large
    scores = [records(small, {0: 0.2, 1: 0.21, 2: 0.2}, "swapped")]
    scores.append(records(large, {0: 0.1, 1: 0.11, 2: 0.11}, "swapped"))
    held = {one.key: one for each in scores for one in each}
    found = {
        one.field.name: one.verdict
        for one in answers(view("kernel-size"), held)
        if one.arm.key == "kernel 7"
    }
    assert found == {"ap": "not run", "joints10": "not run", "swapped": "supported"}


@pytest.mark.usefixtures("sound")
def test_what_a_paper_says_in_words_is_judged_too() -> None:
    rows = {row.key: row for row in view("gradual-shrinking").table.rows}
    whole, shrunk = rows["C1"].run, rows["C4"].run
    assert whole and shrunk
    scores = [records(whole, {0: 0.2, 1: 0.21, 2: 0.2}, "AP")]
    scores.append(records(shrunk, {0: 0.1, 1: 0.11, 2: 0.11}, "AP"))
    held = {one.key: one for each in scores for one in each}
    found = next(one for one in answers(view("gradual-shrinking"), held) if one.difference)
    assert (found.arm.key, found.paper, found.verdict) == ("C4", None, "contradicted")


@pytest.mark.usefixtures("sound")
def test_only_seeds_of_both_sides_count_and_two_are_too_few() -> None:
    found = mobilenet(BASE, {0: 79.0, 1: 81.0, 7: 10.0})
    assert found.difference is not None and found.difference.n == 2
    assert (found.verdict, found.why) == ("not resolved", "2 of 3 seeds")


def test_without_a_common_seed_it_is_not_run() -> None:
    assert mobilenet(BASE, {7: 10.0}).verdict == "not run"
    assert mobilenet({}, {}).verdict == "not run"


def test_ground_that_fails_gives_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "tasks", lambda judged: {"single-person": "failed"})
    found = mobilenet(BASE, {seed: score - 1 for seed, score in BASE.items()})
    assert found.verdict == "not asked here" and "did not order" in found.why
    assert found.difference is not None  # it stays visible


def test_what_waits_is_not_asked() -> None:
    found = answers(view("random-search"), {})
    assert {(one.verdict, one.why) for one in found} == {
        ("not asked here", f"it waits for {view('random-search').waits}")
    }


@pytest.mark.parametrize("ablation", catalog.ablations(), ids=lambda one: one.id)
def test_every_arm_of_every_ablation_has_a_verdict(ablation: Ablation) -> None:
    asked = answers(ablation, {})
    arms = [row.key for row in ablation.table.rows if row.against]
    arms = [arm for arm in arms if not arm.startswith("rounding of")]  # which are counted alone
    accuracies = [
        field
        for field in (*ablation.table.columns, *ablation.table.also)
        if field.definition.kind == "evaluate"
    ]
    rows = {row.key: row for row in ablation.table.rows}
    wanted = [
        (arm, field.name)
        for arm in arms
        for field in accuracies
        if not (run := rows[arm].run_for(field)) or accuracy.scored(run, field)
    ]
    assert [(one.arm.key, one.field.name) for one in asked] == wanted
    assert {one.verdict for one in asked} <= {"not asked here", "not run"}  # there are no records


def test_json_holds_the_answers() -> None:
    done = CliRunner().invoke(main, ["ablation", "sic", "--format", "json"])
    found = json.loads(done.stdout)["answers"]
    assert {"arm", "against", "paper", "mean", "low", "high", "seeds", "verdict"} <= {*found[0]}


def test_arms_are_trained_alike_but_for_the_change() -> None:
    """Same recipe, data, protocol and seed; a size or a schedule differs only where it is asked."""
    apart = {
        (ablation.id, answer.arm.key)
        for ablation in catalog.ablations()
        if not ablation.waits
        for answer in answers(ablation, {})
        if (runs := (answer.base.run_for(answer.field), answer.arm.run_for(answer.field)))
        and runs[0]
        and runs[1]
        and runs[1].recipe
        and (runs[0].recipe, runs[0].dataset, runs[0].protocol)
        != (runs[1].recipe, runs[1].dataset, runs[1].protocol)
    }
    assert {name for name, _ in apart} <= {
        "training-epochs",
        "single-branch",
        "higherhrnet-components",
        "supernet",
        "distillation",
    }
