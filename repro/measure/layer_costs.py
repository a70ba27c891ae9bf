"""Layer costs for a search: every candidate operation by multiply-adds and by the latency of this
device.

The table is checked as a search would use it: the sum over the blocks of a network, its stem and
its head, against the latency of the whole network, all taken in turns.
"""

import copy
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from repro.counting import trace
from repro.errors import CheckError, UsageError, unknown
from repro.files import check_writable, write_atomically
from repro.grid import Grid
from repro.measure import latency
from repro.models.mobile_blocks import MobileTrunk
from repro.record import provenance
from repro.spec.run import Run
from repro.timing import backends, ratios, stable
from repro.timing.backends import Setting
from repro.timing.clock import CLOCK, RULE_WARM, Clock, Sampling, Warm, in_turns, warm_up
from repro.timing.machine import Conditions, Watch
from repro.timing.ratios import Ratio
from repro.timing.spaces import SPACES, Operation, Space, blocks_of

STEM, HEAD, WHOLE = "stem", "head", "whole"
NEAR = 0.15  # the sum of a network's entries and its latency


@dataclass(frozen=True)
class Part:
    """STEM, HEAD or WHOLE of a network."""

    network: str
    part: str


@dataclass(frozen=True)
class Piece:
    """Something that is timed: an operation of the space, or a part of a network."""

    what: Operation | Part
    module: nn.Module
    given: Tensor
    macs: int


@dataclass(frozen=True)
class Timed:
    """A piece and its times. samples: milliseconds of each pass; faults: why they are not
    stable."""

    piece: Piece
    samples: tuple[float, ...]
    faults: tuple[str, ...]

    @property
    def entry(self) -> dict[str, Any]:
        """As it stands in the file."""
        seconds = {
            "median_ms": _quantile(self.samples, 0.5),
            "p90_ms": _quantile(self.samples, 0.9),
        }
        return {
            **asdict(self.piece.what),
            "macs": self.piece.macs,
            **seconds,
            "samples": self.samples,
            "stable": not self.faults,
        }


def _quantile(samples: Sequence[float], share: float) -> float:
    return round(float(torch.tensor(samples, dtype=torch.float64).quantile(share)), 5)


class _Kept(nn.Module):
    """Stands for a trunk whose answer is kept."""

    def __init__(self, features: list[Tensor]) -> None:
        super().__init__()
        self.features = features

    def forward(self, _: Tensor) -> list[Tensor]:
        """The kept answer."""
        return list(self.features)


class _Widened(nn.Module):
    """A block as a network of pictures, for counting."""

    def __init__(self, block: nn.Module, channels: int) -> None:
        super().__init__()
        self.block, self.channels = block, channels

    def forward(self, images: Tensor) -> Any:
        """(B, 3, H, W) -> what the block answers to so many channels."""
        return self.block(images[:, :1].expand(-1, self.channels, -1, -1))


def macs_of(operation: Operation, space: Space) -> int:
    """Multiply-adds of an operation by rule true."""
    if not operation.expansion:
        return 0
    return trace.count(_Widened(operation.build(space.act), operation.w_in), operation.size).macs


def _noise(channels: int, size: tuple[int, int], batch: int) -> Tensor:
    return torch.randn(batch, channels, *size, generator=torch.Generator().manual_seed(0))


def pieces(space: Space, batch: int) -> list[Piece]:
    """All operations of a space, then stem, head and whole of each of its networks."""
    torch.manual_seed(0)
    found = [
        Piece(
            one, one.build(space.act).eval(), _noise(one.w_in, one.size, batch), macs_of(one, space)
        )
        for one in space.operations()
    ]
    return found + [piece for model in space.networks for piece in _parts(model, space, batch)]


def _trunk(network: nn.Module) -> MobileTrunk:
    trunk = network.backbone
    assert isinstance(trunk, MobileTrunk)
    return trunk


def _parts(model: str, space: Space, batch: int) -> list[Piece]:
    network, images = latency.network_of(Run(model, space.size)), _noise(3, space.size, batch)
    whole = trace.count(network, space.size).macs
    backbone = trace.count(network, space.size, part="backbone").macs
    stem = trace.count(network, space.size, part="backbone.stem").macs
    with torch.inference_mode():
        kept = _Kept(_trunk(network)(images))
    head = copy.deepcopy(network)
    head.backbone = kept
    return [
        Piece(Part(model, STEM), _trunk(network).stem, images, stem),
        Piece(Part(model, HEAD), head, images, whole - backbone),
        Piece(Part(model, WHOLE), network, images, whole),
    ]


@dataclass(frozen=True)
class Table:
    """Costs of a space's operations on this device, and how far their sums lie from whole
    networks."""

    name: str
    setting: Setting
    batch: int
    timed: tuple[Timed, ...]
    sums: dict[str, Ratio]
    conditions: Conditions

    def whole(self, model: str) -> Timed:
        """The times of a whole network."""
        return next(one for one in self.timed if one.piece.what == Part(model, WHOLE))

    @property
    def faults(self) -> list[str]:
        """Why the table must not be trusted: the whole networks' own times, which the machine's
        load is part of."""
        seen = {model: self.whole(model).faults for model in self.sums}
        return [f"{model}: {'; '.join(faults)}" for model, faults in seen.items() if faults]

    def to_json(self) -> str:
        """The file: device, versions, conditions, operations, fixed parts, and the check against
        whole networks."""
        entries = [one.entry for one in self.timed]
        proof = provenance.provenance(self.setting.device, dtype=torch.float32)
        body = {
            "space": self.name,
            "input": SPACES[self.name].size,
            "mac_rule": "true",
            "batch": self.batch,
            "device": provenance.device_name(self.setting.device),
            "setting": asdict(self.setting),
            "conditions": asdict(self.conditions),
            "not_stable": self.faults,
            "provenance": proof,
            "operations": [one for one in entries if "network" not in one],
            "fixed": [one for one in entries if "network" in one],
            "sum_over_whole": {model: asdict(one) for model, one in self.sums.items()},
        }
        return json.dumps(body, indent=1) + "\n"


def measure(
    name: str,
    setting: Setting,
    plan: Sampling,
    *,
    batch: int = 1,
    watch: type[Watch] = Watch,
    clock: Clock = CLOCK,
) -> Table:
    """The cost table of a space by the eager back end. Raises UsageError for an unknown space or
    another back end."""
    if name not in SPACES:
        raise unknown("search space", name, SPACES)
    setting.check()
    if (setting.backend, setting.precision) != ("eager", "fp32"):
        raise UsageError(
            "layers are timed by back end eager and in fp32", "leave out --backend and --precision"
        )
    device = provenance.choose_device(setting.device)
    found = [_moved(one, device) for one in pieces(SPACES[name], batch)]
    works = [_Pass(one) for one in found]
    with backends.processor_threads(setting.threads):
        warm = [warm_up(work, plan, clock) for work in works]
        with watch() as seen:
            taken = in_turns(works, plan, clock)
    timed = tuple(_timed(*one, seen.conditions) for one in zip(found, taken, warm, strict=True))
    return Table(name, setting, batch, timed, sums(SPACES[name], timed), seen.conditions)


def _moved(piece: Piece, device: torch.device) -> Piece:
    return Piece(piece.what, piece.module.to(device), piece.given.to(device), piece.macs)


class _Pass:
    """One pass of a piece, as a work."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece

    def __call__(self) -> None:
        with torch.inference_mode():
            self.piece.module(self.piece.given)


def _timed(piece: Piece, seconds: Sequence[float], warm: Warm, conditions: Conditions) -> Timed:
    samples = tuple(round(1e3 * one, 5) for one in seconds)
    return Timed(piece, samples, stable.faults(samples, warm, conditions))


def sums(space: Space, timed: Sequence[Timed]) -> dict[str, Ratio]:
    """By network: the sum of its entries over its own latency, with the interval that the rounds
    allow."""
    by_what = {one.piece.what: one for one in timed}
    found = {}
    for model in space.networks:
        whole = by_what[Part(model, WHOLE)]
        names: list[Operation | Part] = [
            Part(model, STEM),
            *_blocks(whole.piece),
            Part(model, HEAD),
        ]
        rounds = zip(*(by_what[what].samples for what in names), strict=True)
        found[model] = ratios.ratio([sum(one) for one in rounds], whole.samples)
    return found


def _blocks(whole: Piece) -> list[Operation]:
    with torch.inference_mode():
        return blocks_of(_trunk(whole.module), whole.given)


def write(table: Table, path: Path, *, anyway: bool = False) -> None:
    """Write a table. Raises CheckError for one that is not stable, unless `anyway`; the file then
    says so."""
    if table.faults and not anyway:
        told = " | ".join(table.faults[:2])
        raise CheckError(
            f"not written, as the run is not stable: {told}", "an idle machine, or --anyway"
        )
    write_atomically(path, table.to_json())


def command(
    name: str, setting: Setting, plan: Sampling, *, batch: int, out: Path, anyway: bool
) -> Grid:
    """The `layer-costs` command. Raises what `measure` and `write` raise, and ReproError where it
    cannot be written."""
    check_writable(out)
    table = measure(name, setting, plan, batch=batch)
    write(table, out, anyway=anyway)
    operations = sum(isinstance(one.piece.what, Operation) for one in table.timed)
    rows = tuple(_row(table, model, one) for model, one in table.sums.items())
    seen = table.conditions
    others = "unknown" if seen.others is None else f"{seen.others:.2f}"
    notes = (
        f"{operations} operations in {out}; load before {seen.load:.1f}, other processes took "
        f"{others} processors",
        f"{RULE_WARM}; {stable.RULE}; {ratios.RULE}",
        *(f"not stable, {one}" for one in table.faults),
    )
    headings = (
        "network",
        "latency (ms)",
        "sum of its layers",
        "95 % interval",
        f"within {NEAR:.0%}",
    )
    return Grid(headings, rows, title=f"layer costs of space {name}", notes=notes)


def _row(table: Table, model: str, one: Ratio) -> tuple[str, ...]:
    latency_ms = _quantile(table.whole(model).samples, 0.5)
    interval = f"{one.low - 1:+.1%} to {one.high - 1:+.1%}"
    return (
        model,
        f"{latency_ms:.2f}",
        f"{one.value - 1:+.1%}",
        interval,
        "yes" if abs(one.value - 1) <= NEAR else "no",
    )
