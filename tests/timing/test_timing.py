"""Times: warm-up, rounds, the rule of stability and ratios, by clocks and loads that stand in for
the machine's."""

import json
import statistics
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from torch import nn

from repro.cli.main import main
from repro.errors import CheckError, ReproError, UsageError
from repro.export import packages
from repro.measure import latency, timings
from repro.measure.latency import Latency, Subject
from repro.models.maps import Maps
from repro.record.record import from_json, to_json
from repro.record.store import Store
from repro.spec.run import Run
from repro.timing import backends, machine, parts, ratios, stable
from repro.timing.backends import Setting
from repro.timing.clock import LEAST_ROUNDS, Sampling, Warm, in_turns, seconds_of, warm_up
from repro.timing.machine import Conditions, Watch

IDLE = Conditions(0.0, 0.0, "performance", 2)
READY = Warm(6, 0.0)


class Machine:
    """A clock that only its works move, and a list of who ran."""

    def __init__(self) -> None:
        self.now = 0.0
        self.ran: list[str] = []

    def clock(self) -> float:
        return self.now

    def work(self, name: str, seconds: Callable[[int], float]) -> Callable[[], None]:
        def run() -> None:
            self.now += seconds(self.ran.count(name))
            self.ran.append(name)

        return run


# --- warm-up and rounds ---------------------------------------------------------------------------


def test_the_warm_up_ends_when_two_windows_of_passes_agree() -> None:
    box = Machine()
    warm = warm_up(
        box.work("slow start", lambda done: 5.0 if done < 4 else 1.0),
        Sampling(warm_seconds=1e9),
        box.clock,
    )
    # medians of passes 2-4 and 5-7 differ, so do 3-5 and 6-8 where the first still holds two slow
    # ones
    assert (warm.passes, warm.gap, warm.reached) == (9, 0.0, True)
    assert warm_up(box.work("even", lambda _: 1.0), Sampling(), box.clock).passes == 6


@pytest.mark.parametrize(
    ("plan", "passes"),
    [(Sampling(warm_passes=20, warm_seconds=1e9), 20), (Sampling(warm_seconds=9), 6)],
)
def test_a_work_that_never_becomes_stable_is_left_at_the_limit(plan: Sampling, passes: int) -> None:
    box = Machine()
    warm = warm_up(box.work("grows", lambda done: 2.0**done), plan, box.clock)
    assert (warm.passes, warm.reached) == (passes, False)


def test_works_take_turns_and_every_second_round_goes_backwards() -> None:
    box = Machine()
    works = [box.work(name, lambda _, own=own: own) for name, own in (("a", 1.0), ("b", 2.0))]
    assert in_turns(works, Sampling(rounds=2), box.clock) == [(1.0, 1.0), (2.0, 2.0)]
    # the first of each pair is not measured
    assert box.ran == [
        "a",
        "a",
        "b",
        "b",
        "b",
        "b",
        "a",
        "a",
    ]


def test_one_work_alone_is_measured_at_every_pass() -> None:
    box = Machine()
    assert in_turns([box.work("a", lambda done: done + 1.0)], Sampling(rounds=4), box.clock) == [
        (1.0, 2.0, 3.0, 4.0)
    ]


def test_a_slow_work_ends_by_the_clock_but_not_before_the_least_rounds() -> None:
    box = Machine()
    (samples,) = in_turns(
        [box.work("a", lambda _: 100.0)], Sampling(rounds=30, seconds=10.0), box.clock
    )
    assert len(samples) == LEAST_ROUNDS


def test_the_default_clock_measures_time() -> None:
    assert 0 <= seconds_of(lambda: None) < 1


# --- stability ------------------------------------------------------------------------------------


def test_even_samples_on_an_idle_machine_are_stable() -> None:
    assert stable.faults([1.0, 1.02, 0.99, 1.01] * 5, READY, IDLE) == ()


@pytest.mark.parametrize(
    ("samples", "warm", "conditions", "fault"),
    [
        (
            [1.0] * 10,
            Warm(60, 0.3),
            IDLE,
            "after 60 passes the last 3 were 30% off those before (at most 5%)",
        ),
        ([1.0] * 6, READY, IDLE, "6 samples, at least 7 are needed"),
        (
            [1.0, 1.3] * 10,
            READY,
            IDLE,
            "the middle half of the samples spans 26% of the median (at most 10%)",
        ),
        (
            [1.0] * 10 + [1.06] * 10,
            READY,
            IDLE,
            "the second half of the run is 6% off the first (at most 5%)",
        ),
        (
            [1.0] * 10,
            READY,
            Conditions(0.5, 1.25, "unknown", 2),
            "the machine is under load: other processes took 1.25 of 2 processors (at most 0.1)",
        ),
        (
            [1.0] * 10,
            READY,
            Conditions(3.0, None, "unknown", 2),
            "the machine's load was 3.0 and it does not tell whose",
        ),
    ],
)
def test_a_run_that_is_not_stable_says_why(
    samples: list[float], warm: Warm, conditions: Conditions, fault: str
) -> None:
    assert stable.faults(samples, warm, conditions) == (fault,)


def test_what_others_take_is_what_the_machine_did_less_our_own() -> None:
    busy, own, now = iter([100.0, 118.0]), iter([10.0, 20.0]), iter([0.0, 10.0])
    with Watch(
        busy=lambda: next(busy), own=lambda: next(own), clock=lambda: next(now), load=lambda: 0.7
    ) as seen:
        pass
    assert (seen.conditions.others, seen.conditions.load) == (0.8, 0.7)


def test_a_system_that_does_not_tell_is_not_guessed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(machine, "STAT", tmp_path / "absent")
    monkeypatch.setattr(machine, "GOVERNOR", tmp_path / "absent")
    with Watch() as seen:
        pass
    assert (seen.conditions.others, seen.conditions.governor) == (None, "unknown")


def test_the_systems_line_is_read_without_idle_time_and_with_steal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "stat").write_text("cpu  100 20 30 9999 8888 4 5 6 0 0\ncpu0 1 1\n")
    monkeypatch.setattr(machine, "STAT", tmp_path / "stat")
    assert machine.busy_seconds() == pytest.approx((100 + 20 + 30 + 4 + 5 + 6) / machine.TICKS)


# --- ratios ---------------------------------------------------------------------------------------


def test_a_ratio_holds_where_both_slow_down_together() -> None:
    """A machine that grows three times slower leaves the ratio of works that take turns as it
    is."""
    slower, noise = np.linspace(1, 3, 40), np.random.default_rng(0).normal(1, 0.02, (2, 40))
    found = ratios.ratio(4.0 * slower * noise[0], 2.0 * slower * noise[1])
    assert found.value == pytest.approx(2.0, rel=0.05)  # noise of 2 %
    assert found.low <= 2.0 <= found.high
    assert found.high - found.low < 0.2


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    pairs = [(rng.normal(3, 0.3, 25), rng.normal(2, 0.2, 25)) for _ in range(100)]
    held = sum(one.low <= 1.5 <= one.high for one in (ratios.ratio(*pair) for pair in pairs))
    assert held >= 88  # of 100, at 95 %: less has a chance below 1 in 200


def test_two_runs_agree_where_their_intervals_meet() -> None:
    one, other = ratios.Ratio(2.0, 1.9, 2.1), ratios.Ratio(2.15, 2.05, 2.3)
    assert one.meets(other) and other.meets(one)
    assert not one.meets(ratios.Ratio(2.5, 2.4, 2.6))


def test_samples_of_other_rounds_have_no_ratio() -> None:
    with pytest.raises(ValueError, match="3 and 2 samples"):
        ratios.ratio([1, 2, 3], [1, 2])


# --- back ends ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (Setting("onnxruntim"), "unknown back end 'onnxruntim'; did you mean onnxruntime"),
        (Setting("eager", precision="fp8"), "unknown precision 'fp8'"),
        (Setting("eager", precision="fp16"), "eager on 'cpu' does not compute in fp16"),
        (Setting("onnxruntime", precision="bf16"), "onnxruntime on 'cpu' does not compute in bf16"),
        (Setting("openvino", device="cuda"), "openvino runs on the processor here, not on 'cuda'"),
    ],
)
def test_what_a_back_end_cannot_do_is_refused_first(setting: Setting, message: str) -> None:
    with pytest.raises(UsageError) as fault:
        setting.check()
    assert message in fault.value.message


def test_a_package_that_is_not_installed_names_the_extra() -> None:
    with pytest.raises(
        ReproError, match="an ONNX file needs the package onnxx, which is not installed"
    ) as fault:
        packages.package("onnxx", "an ONNX file")
    assert fault.value.hint == "pip install 'repro[export]'"


class Doubled(nn.Module):
    """A back end with a fault."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> Maps:
        return Maps(tuple(2 * one for one in self.network(images).heatmaps))


def test_a_back_end_with_another_answer_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "computed", lambda network, setting, told: Doubled(network))
    subject = Subject(Run("efficientpose_rt", 64), Setting())
    with pytest.raises(
        CheckError, match="eager in fp32 gives another answer: 1 of the largest value apart"
    ):
        latency.prepare(subject, latency.network_of(subject.run))


@pytest.mark.parametrize(
    "setting", [Setting("eager"), Setting("channels-last"), Setting("eager", precision="bf16")]
)
def test_back_ends_of_torch_give_the_same_answer_and_threads_are_put_back(setting: Setting) -> None:
    before = torch.get_num_threads()
    subject = Subject(Run("efficientpose_rt", 64), setting)
    ready = latency.prepare(subject, latency.network_of(subject.run))
    (found,) = latency.measure([ready], Sampling(rounds=7, seconds=1, warm_passes=6))
    assert found.apart <= backends.AGREE[setting.precision]
    assert len(found.samples) == 7 and found.median_ms <= found.p90_ms
    assert torch.get_num_threads() == before


def test_an_untrained_networks_numbers_stay_in_range() -> None:
    """Without it HigherHRNet answers 1e-10, at which processors are slow and back ends cannot be
    compared."""
    network = latency.network_of(Run("shrink_c4", 64))
    with torch.inference_mode():
        heat = network(torch.randn(1, 3, 64, 64)).heatmaps[-1]
    assert 1e-5 < heat.abs().max() < 1e3


# --- parts ----------------------------------------------------------------------------------------


def test_the_parts_add_up_to_the_whole() -> None:
    found = parts.split(10.0, [(11.0, 14.0), (15.0, 18.0)], 20.0, 26.0)
    assert found == {
        "read and resize": 1.0,
        "network": 3.0,
        "flip": 4.0,
        "merge": 2.0,
        "grouping or decoding": 6.0,
    }
    alone = parts.split(10.0, [(11.0, 14.0)], 20.0, 26.0)
    assert alone["flip"] == 0.0 and sum(alone.values()) == 16.0


def test_perfect_maps_of_drawn_people_are_grouped_into_them() -> None:
    wish = timings.Wish(timings.runs_of(["litepose_xs"], (128, 128)), [Setting()])
    (found,) = timings.time_parts(
        wish, Sampling(rounds=7, seconds=1, warm_passes=6), image=None, people=3
    )
    assert set(found.samples) == set(parts.PARTS)
    assert found.note == "grouping of 3 drawn people in perfect maps"
    assert min(map(statistics.median, found.samples.values())) > 0


def test_the_maps_that_grouping_is_timed_on_hold_the_drawn_people() -> None:
    from repro.evaluate import evaluate
    from repro.measure.usual import protocol_for
    from repro.people.skeletons import COCO

    model = latency.network_of(Run("litepose_xs", 256))
    protocol = protocol_for("litepose_xs", COCO)
    ready = evaluate.tester(model, skeleton=COCO, protocol=protocol, nominal=256, device="cpu")
    with parts.drawn_picture(3, COCO) as (path, sample):
        assert path.stat().st_size > 0
        seen = parts.maps_of(sample, ready.observe(sample))
    (people, _), _ = ready.decode()(seen)
    labelled = [one for one in sample.joints if one[:, 2].sum() > 0]
    assert len(people) == len(labelled)


# --- records --------------------------------------------------------------------------------------


def timed(*, faults: tuple[str, ...] = (), first: int = 10) -> Latency:
    subject = Subject(
        Run("litepose_s", 448, {"joints": 14}), Setting("onnxruntime", threads=2), batch=1
    )
    samples = tuple(float(value) for value in range(first, first + 10))
    return Latency(subject, samples, READY, IDLE, "AMD EPYC 9755", 1e-6, faults=faults)


def test_a_latency_becomes_a_record_with_all_it_depends_on() -> None:
    record = latency.record(timed())
    assert record.key == (
        "time litepose_s joints=14 448x448 backend=onnxruntime batch=1 threads=2 precision=fp32 "
        "device=amd-epyc-9755"
    )
    assert record.values == {"median_ms": 14.5, "p90_ms": 18.1}
    assert record.samples == tuple(float(value) for value in range(10, 20))
    assert record.labels == {"device": "AMD EPYC 9755"}
    assert record.provenance["governor"] == "performance" and record.provenance["others"] == 0.0
    assert record.provenance["threads"] == 2 and {"onnx", "onnxruntime"} == set(
        record.provenance["packages"]
    )
    assert from_json(json.loads(json.dumps(to_json(record))), "here") == record


def test_only_stable_runs_become_records_unless_the_user_insists(tmp_path: Path) -> None:
    store = Store(tmp_path / "records")
    shaky = timed(faults=("the machine is under load",))
    with pytest.raises(
        CheckError, match="not recorded, as not stable, are 1 of 1 runs: litepose_s"
    ) as fault:
        timings.keep([shaky], store)
    assert "--anyway" in fault.value.hint and fault.value.exit_code == 3
    assert store.load() == {}
    assert timings.keep([shaky], store, anyway=True) == 1
    (kept,) = store.load().values()
    assert kept.labels["not stable"] == "the machine is under load"
    assert timings.keep([timed(first=20)], store) == 1
    assert "not stable" not in next(iter(store.load().values())).labels
    assert (tmp_path / "records" / "time-litepose.json").is_file()


# --- the command ----------------------------------------------------------------------------------


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


QUICK = ("--size", "64", "64", "--rounds", "7", "--seconds", "1")


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing else goes on, whose samples are all alike."""
    monkeypatch.setattr(stable, "faults", lambda samples, warm, conditions: ())
    monkeypatch.setattr(latency, "faults", stable.faults)


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which other processes take a processor and a half."""
    told = Conditions(2.5, 1.5, "powersave", 2)
    monkeypatch.setattr(
        latency, "faults", lambda samples, warm, _: stable.faults([1.0] * 7, READY, told)
    )


def test_time_prints_and_records_on_an_idle_machine(idle: None, tmp_path: Path) -> None:
    done = run(
        "time",
        "efficientpose_rt",
        *QUICK,
        "--record",
        "--results",
        str(tmp_path),
        "--format",
        "json",
    )
    assert done.exit_code == 0, done.output
    (found,) = json.loads(done.stdout)
    assert found["stable"] is True and len(found["samples"]) == 7
    assert found["median_ms"] == pytest.approx(statistics.median(found["samples"]))
    (record,) = Store(tmp_path / "records").load().values()
    assert record.key.startswith(
        "time efficientpose_rt 64x64 backend=eager batch=1 threads=1 precision=fp32 device="
    )
    assert "1 records written" in done.stderr


def test_a_machine_under_load_says_so_and_gives_no_record(loaded: None, tmp_path: Path) -> None:
    asked = ("time", "efficientpose_rt", *QUICK, "--results", str(tmp_path))
    done = run(*asked, "--record")
    assert done.exit_code == 3
    assert "the machine is under load: other processes took 1.50 of 2 processors" in done.stdout
    assert "error: not recorded" in done.stderr and "--anyway" in done.stderr
    assert not list(tmp_path.rglob("*.json"))
    assert run(*asked).exit_code == 0
    assert run(*asked, "--record", "--anyway").exit_code == 0
    (record,) = Store(tmp_path / "records").load().values()
    assert "under load" in record.labels["not stable"]


def test_several_models_take_turns_and_have_ratios(idle: None) -> None:
    done = run(
        "time", "efficientpose_rt", "litepose_xs", *QUICK, "--interleave", "--format", "json"
    )
    assert done.exit_code == 0, done.output
    first, second = json.loads(done.stdout)
    assert first["ratio"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    ratio = second["ratio"]
    assert ratio["low"] <= ratio["value"] <= ratio["high"]
    assert ratio["value"] == pytest.approx(second["median_ms"] / first["median_ms"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("time", "litepose_xxs"), "unknown model 'litepose_xxs'; did you mean"),
        (("time", "litepose_xs", "--size", "100", "100"), "multiples of 16"),
        (("time", "litepose_xs", "--backend", "tvm"), "unknown back end 'tvm'"),
        (
            ("time", "litepose_xs", "litepose_s", "--weights", "w.npz"),
            "one file of weights for 2 models",
        ),
        (
            ("time", "litepose_xs", "--parts", "--batch", "2"),
            "parts are timed one picture at a time",
        ),
        (("time", "efficientnet_b_4", "--parts"), "efficientnet_b_4 has 0 joints and finds nobody"),
    ],
)
def test_bad_input_is_refused_in_one_line(arguments: tuple[str, ...], message: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr and done.stdout == ""
