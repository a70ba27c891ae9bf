"""Which measurements come first, and how many fit into a time; the gate of known pairs."""

from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner

from repro.cli.main import main
from repro.errors import UsageError
from repro.measure import accuracy, budget, gate, sweep
from repro.measure.budget import Item
from repro.measure.sweep import Job
from repro.record.paired import interval
from repro.record.record import Record
from repro.record.store import Store
from repro.spec import catalog
from repro.spec.gate import KNOWN, Known
from repro.spec.profiles import MINI, SMOKE
from repro.spec.protocols import TOP_DOWN
from repro.spec.run import Run
from repro.spec.table import PaperTable


def item(name: str, seconds: float, *names: str, seed: int = 0, size: int = 64) -> Item:
    return Item(Job(Run(name, size), SMOKE, seed, (name,)), names, seconds)


def test_the_order_is_seed_then_gate_then_readme_then_the_cheapest() -> None:
    items = [
        item("litepose_l", 1, "gate", seed=1),
        item("litepose_m", 1, "litepose-1"),
        item("lpn_101", 9, "sic"),
        item("lpn_50", 2, "litepose-1", "slim-deconv"),
        item("litepose_s", 99, "litepose-1", "gate"),
    ]
    ordered = [one.job.run.model for one in sorted(items, key=lambda one: one.order)]
    assert ordered == ["litepose_s", "lpn_50", "lpn_101", "litepose_m", "litepose_l"]


def test_only_what_fits_is_begun_and_the_order_stays() -> None:
    now = [0.0]
    begun = []
    for one in budget.fitting(
        [item("lpn_50", 50), item("lpn_101", 60), item("lpn_152", 30)],
        100,
        clock=lambda: now[0],
    ):
        begun.append(one.job.run.model)
        now[0] += one.seconds
    assert begun == ["lpn_50", "lpn_152"]  # 50 are left for the second, which takes 60


def test_nothing_left_is_said_in_words() -> None:
    assert budget.left_grid([]).notes == ("nothing is missing",)


def test_two_tests_of_one_training_cost_it_once() -> None:
    run = replace(Run("lpn_50", 64), protocol=TOP_DOWN)
    twice = [item("lpn_50", 600), Item(Job(run, SMOKE, 0, ("other test",)), (), 600)]
    assert twice[0].training == twice[1].training
    assert len([*budget.fitting(twice, 700, clock=lambda: 0.0)]) == 2
    assert budget.left_grid(twice).notes == ("2 measurements, about 11 min on one core",)


def test_a_budget_too_small_names_the_cheapest() -> None:
    with pytest.raises(
        UsageError, match="the cheapest of 2 missing measurements takes about 5 min"
    ) as fault:
        next(budget.fitting([item("lpn_50", 300), item("lpn_101", 900)], 60))
    assert fault.value.hint == "--budget 5m or more"


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("20m", 1200), ("2h", 7200), ("1h30m", 5400)]
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    assert budget.seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "2", "h", "1.5h", "-1h", "1m2h"])
def test_no_length_of_time(text: str) -> None:
    with pytest.raises(UsageError, match="no length of time"):
        budget.seconds_of(text)


def test_what_two_tables_want_is_one_item_and_what_is_held_is_none() -> None:
    tables = {name: catalog.find(name) for name in ("sic", "efficientpose-nas-6")}
    plain = {
        name: spec if isinstance(spec, PaperTable) else spec.table for name, spec in tables.items()
    }
    every = budget.missing(plain, held={}, profile=SMOKE, seeds=(0,), rate=lambda _: 1e12)
    assert len(every) == 8 and all({"sic", "efficientpose-nas-6"} <= {*one.names} for one in every)
    assert [one.tier for one in every] == ["gate"] * 4 + ["README"] * 4
    job = every[0].job
    held = {
        key: Record(key, job.digest, "efficientpose_nas", {"PCKh@0.5": 1.0}) for key in job.keys
    }
    left = budget.missing(plain, held=held, profile=SMOKE, seeds=(0,), rate=lambda _: 1e12)
    assert [one.job for one in left] == [one.job for one in every[1:]]


def test_the_second_call_goes_on_where_the_first_one_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some of the trainings fit into the first budget; the second call begins with the others."""
    begun: list[str] = []

    def measured(job: Job, place: object) -> Record:
        begun.append(job.digest)
        return Record(job.key, job.digest, "slim_backbones", {"PCKh@0.5": 1.0})

    monkeypatch.setattr(sweep, "measure_score", measured)
    monkeypatch.setattr(sweep, "seconds_of", lambda job, rate: 1000.0)
    ticks = count(0, 400)
    monkeypatch.setattr(
        budget, "fitting", partial(budget.fitting, clock=lambda: float(next(ticks)))
    )
    command = [
        "measure",
        "slim-deconv",
        "--profile",
        "smoke",
        "--seeds",
        "0",
        "--budget",
        "25m",
        "--device",
        "cpu",
    ]
    where = ["--results", str(tmp_path / "results"), "--runs", str(tmp_path / "runs")]
    first = CliRunner().invoke(main, [*command, *where])
    assert first.exit_code == 0, first.stderr
    some = [*begun]
    assert some and "still missing" in first.stdout
    second = CliRunner().invoke(main, [*command, *where])
    assert second.exit_code == 0, second.stderr
    assert begun[: len(some)] == some and len(begun) > len(some) and len({*begun}) == len(begun)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["measure"], "name some tables or ablations"),
        (["measure", "--all", "sic"], "name some tables or ablations"),
        (["measure", "efficienthrnet-f1"], "is no table and no ablation"),
        (["measure", "sic", "--budget", "soon"], "no length of time"),
        (["measure", "sic", "--seeds", "0,1,1"], "seed 1 is named twice"),
        (["measure", "sic", "--profile", "tiny"], "unknown profile 'tiny'"),
        (["gate", "--profile", "tiny"], "unknown profile 'tiny'"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], says: str) -> None:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2 and says in done.stderr and done.stdout == ""


# --- the gate -------------------------------------------------------------------------------------


def test_the_interval_is_that_of_student() -> None:
    """n = 3: t is 4.303 at 97.5 %; deviation 1, so the half width is 4.303 / sqrt(3) = 2.484."""
    found = interval([1.0, 2.0, 3.0])
    assert (found.mean, found.n) == (2.0, 3)
    assert found.high == pytest.approx(2 + 2.4842, abs=1e-3)
    assert (
        not found.above and interval([2.9, 3.0, 3.1]).above and interval([-3.1, -3.0, -2.9]).below
    )
    assert interval([5.0]).text(1) == "+5.0 (1 seed)" and not interval([5.0]).above


def held(known: Known, steps: dict[int, float], value: str = "PCKh@0.5") -> dict[str, Record]:
    """Records of a pair by mini, whose seeds are so far apart."""
    records = []
    for place, sign in ((known.better, 1), (known.other, 0)):
        run = gate.run_at(place)
        profile = MINI.of(run.recipe)
        for seed, step in steps.items():
            key, digest = accuracy.key(run, profile, seed), accuracy.digest(run, profile, seed)
            records.append(Record(key, digest, "x", {value: 50.0 + 10 * seed + sign * step}))
    return {record.key: record for record in records}


@pytest.mark.parametrize(
    ("steps", "state", "verdict"),
    [
        ({0: 2.0, 1: 2.1, 2: 1.9}, "in order", "not run"),  # the other pairs are not there
        ({0: -2.0, 1: -2.1, 2: -1.9}, "reversed", "failed"),
        ({0: 2.0, 1: -2.1, 2: 1.9}, "not resolved", "failed"),
        ({0: 2.0, 1: 2.1}, "too few seeds", "not run"),
        ({}, "not run", "not run"),
    ],
)
def test_a_pair_is_judged_over_its_seeds(steps: dict[int, float], state: str, verdict: str) -> None:
    judged = gate.judge(MINI, held(KNOWN[0], steps))
    assert judged[0].state == state
    assert gate.tasks(judged)["single-person"] == verdict


def test_one_measure_in_order_is_enough() -> None:
    steps = {0: 0.5, 1: -0.4, 2: 0.1}
    records = held(KNOWN[0], steps)
    finer = {
        key: replace(one, values={**one.values, "PCKh@0.1": 2.0 * one.values["PCKh@0.5"]})
        for key, one in records.items()
    }
    assert gate.judge(MINI, finer)[0].state == "not resolved"
    clear = held(KNOWN[0], {0: 2.0, 1: 2.1, 2: 1.9}, "PCKh@0.1")
    both = {
        key: replace(one, values={**records[key].values, **one.values})
        for key, one in clear.items()
    }
    found = gate.judge(MINI, both)[0]
    assert (found.state, found.by) == ("in order", "PCKh@0.1")


def test_a_measure_may_be_the_difference_of_two() -> None:
    known = next(one for one in KNOWN if " - " in one.measures[0])
    records = held(known, {0: 0.2, 1: 0.21, 2: 0.19}, "joints@0.1 short")
    whole = {
        key: replace(one, values={**one.values, "joints@0.1 tall": 0.5})
        for key, one in records.items()
    }
    found = next(one for one in gate.judge(MINI, whole) if one.known is known)
    assert found.state == "in order" and found.difference is not None
    assert found.difference.mean == pytest.approx(0.2)


def test_every_pair_of_the_gate_names_rows_that_can_be_run() -> None:
    assert all(
        gate.run_at(place).recipe for known in KNOWN for place in (known.better, known.other)
    )


@pytest.mark.parametrize(("step", "code"), [(-2.0, 3), (2.0, 0)])
def test_the_gate_command_ends_with_3_where_ground_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: float, code: int
) -> None:
    """One pair reversed over three seeds fails its task; in order it does not."""
    monkeypatch.setattr(gate, "KNOWN", KNOWN[:1])
    steps = {0: step, 1: 1.05 * step, 2: 0.95 * step}
    for record in held(KNOWN[0], steps).values():
        Store(tmp_path / "records").merge([replace(record, family="efficientpose_nas")])
    done = CliRunner().invoke(main, ["gate", "--results", str(tmp_path)])
    assert done.exit_code == code
    assert ("reversed" in done.stdout) is (code == 3)
