"""Latency as a measurement: its key, what can change it, how it is measured, and its record."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from repro.counting.trace import check_size
from repro.errors import CheckError
from repro.export import files
from repro.export.packages import installed
from repro.export.untrained import in_range
from repro.measure import latencies
from repro.measure.deploy import described
from repro.models import zoo
from repro.record import provenance
from repro.record.record import Record
from repro.spec.run import Run
from repro.timing import backends
from repro.timing.backends import EXPORTED, Setting
from repro.timing.clock import CLOCK, Clock, Sampling, Warm, Work, in_turns, warm_up
from repro.timing.machine import Conditions, Watch
from repro.timing.stable import faults
from repro.train.precision import DTYPES

UNTRAINED = "untrained, batch norms of noise"


@dataclass(frozen=True)
class Subject:
    """What is timed: a run's network by a back end, batch pictures at a time."""

    run: Run
    setting: Setting
    batch: int = 1


@dataclass(frozen=True)
class Latency:
    """Times of one subject.

    samples: milliseconds of each pass of a whole batch, in the order taken. device: marketing name.
    apart: largest difference of its answer from the plain network's, as a share. faults: why the
    run is not stable, empty when it is. weights: their hash, or UNTRAINED.
    """

    subject: Subject
    samples: tuple[float, ...]
    warm: Warm
    conditions: Conditions
    device: str
    apart: float
    weights: str = UNTRAINED
    faults: tuple[str, ...] = ()

    @property
    def stable(self) -> bool:
        """Whether the times may be trusted (`timing.stable.RULE`)."""
        return not self.faults

    @property
    def median_ms(self) -> float:
        """Median of the samples."""
        return float(np.median(self.samples))

    @property
    def p90_ms(self) -> float:
        """What nine of ten passes stay below."""
        return float(np.quantile(self.samples, 0.9))


def key(subject: Subject, device: str) -> str:
    """Key of a latency record: `time litepose_s 448x448 backend=eager batch=1 threads=1
    precision=fp32 device=x`."""
    setting = subject.setting
    short = re.sub(r"[^a-z0-9]+", "-", device.lower()).strip("-")
    how = (
        f"backend={setting.backend} batch={subject.batch} threads={setting.threads} "
        f"precision={setting.precision}"
    )
    return f"time {subject.run.what} {how} device={short}"


def record(found: Latency) -> Record:
    """A latency as a record. One that is not stable says so in a label, which every cell shows."""
    subject, family = found.subject, zoo.info(found.subject.run.model).module
    dtype = DTYPES[subject.setting.precision]
    proof = {
        **provenance.provenance(subject.setting.device, dtype=dtype),
        **asdict(subject.setting),
        "device_name": found.device,
        **asdict(found.conditions),
        "warm_up": asdict(found.warm),
        "apart": found.apart,
        "weights": found.weights,
        "packages": _packages(subject.setting),
    }
    named = key(subject, found.device)
    return Record(
        key=named,
        digest=latencies.digest(named, family),
        family=family,
        values={"median_ms": round(found.median_ms, 4), "p90_ms": round(found.p90_ms, 4)},
        labels={
            "device": found.device,
            **({} if found.stable else {"not stable": "; ".join(found.faults)}),
        },
        samples=tuple(round(one, 4) for one in found.samples),
        provenance=proof,
    )


def _packages(setting: Setting) -> dict[str, str]:
    names = {"onnxruntime": ("onnx", "onnxruntime"), "openvino": ("onnx", "openvino")}.get(
        setting.backend, ()
    )
    return {name: installed(name) for name in names}


def refuse_unstable(found: Sequence[Latency]) -> None:
    """Raise CheckError naming the runs that must not become records."""
    shaky = [one for one in found if not one.stable]
    if shaky:
        told = [
            f"{one.subject.run.model}, {one.subject.setting.backend}: {'; '.join(one.faults)}"
            for one in shaky
        ]
        raise CheckError(
            f"not recorded, as not stable, are {len(shaky)} of {len(found)} runs: "
            f"{' | '.join(told[:3])}",
            "run it again on an idle machine, with more --rounds, or record it as it is with "
            "--anyway",
        )


# --- measuring ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prepared:
    """A subject ready to be timed: one call of `work` is one pass."""

    subject: Subject
    work: Work
    apart: float
    weights: str


def network_of(run: Run) -> nn.Module:
    """A run's network with weights that keep its numbers in range, the same each time. Raises
    UsageError."""
    torch.manual_seed(0)
    network = zoo.build(run.model, **run.changes)
    check_size(network, run.shape)
    return in_range(network, side=max(64, 2 * zoo.info(run.model).family.multiple))


def prepare(subject: Subject, network: nn.Module, weights: str = UNTRAINED) -> Prepared:
    """Have a back end compute a network, and check that it gives the same answer. Raises
    UsageError, CheckError."""
    # torch.compile writes their number into its code
    with backends.processor_threads(subject.setting.threads):
        return _prepare(subject, network, weights)


def _prepare(subject: Subject, network: nn.Module, weights: str) -> Prepared:
    setting = subject.setting
    told = described(subject.run, (network, {"sha256": weights}), free=False, batch=subject.batch)
    computed = backends.computed(network, setting, told)
    pictures = files.pictures(subject.run.shape, subject.batch)
    apart = backends.check_same(network, computed, pictures, setting)
    dtype = torch.float32 if setting.backend in EXPORTED else DTYPES[setting.precision]
    own = pictures.to(provenance.choose_device(setting.device), dtype)

    def work() -> None:
        with torch.inference_mode():
            computed(own)

    return Prepared(subject, work, apart, weights)


def measure(
    ready: Sequence[Prepared], plan: Sampling, *, watch: type[Watch] = Watch, clock: Clock = CLOCK
) -> list[Latency]:
    """Times of some subjects, whose passes take turns; all on as many threads as the first."""
    threads = ready[0].subject.setting.threads
    with backends.processor_threads(threads):
        warm = [warm_up(one.work, plan, clock) for one in ready]
        with watch() as seen:
            taken = in_turns([one.work for one in ready], plan, clock)
    return [_latency(*one, seen.conditions) for one in zip(ready, taken, warm, strict=True)]


def _latency(
    one: Prepared, seconds: Sequence[float], warm: Warm, conditions: Conditions
) -> Latency:
    device = provenance.device_name(one.subject.setting.device)
    samples = tuple(1e3 * value for value in seconds)
    told = faults(samples, warm, conditions)
    return Latency(one.subject, samples, warm, conditions, device, one.apart, one.weights, told)


def facts(found: Latency) -> Mapping[str, Any]:
    """Everything about a latency as plain values, for `--format json`."""
    return {
        **asdict(found),
        "median_ms": found.median_ms,
        "p90_ms": found.p90_ms,
        "stable": found.stable,
    }
