"""What an architecture costs, and the limit that a search keeps.

Multiply-adds (by any counting rule) and parameters are exact. Latency is the sum of the entries of a
table that `repro layer-costs` has measured on this device.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from math import prod
from pathlib import Path
from typing import TypedDict

from repro.counting import trace
from repro.errors import UsageError, unknown
from repro.files import Finite, read_json
from repro.models import efficientpose_nas as nas
from repro.models import litepose, zoo
from repro.search.space import BlockSpace, Genes, LitePoseSpace
from repro.spec.counting_rules import RULES
from repro.timing import spaces
from repro.timing.spaces import Operation

Cost = Callable[[Genes], float]
KINDS = ("macs", "params", "latency")
UNITS = {"K": 1e3, "M": 1e6, "G": 1e9, "ms": 1.0, "": 1.0}
SIDE = 64  # px; the multiply-adds of convolutional networks grow with the area, by every rule
TABLE_HINT = "repro layer-costs SPACE --out FILE measures one on this device"


@dataclass(frozen=True)
class Limit:
    """What an architecture may cost at most. kind: of `KINDS`; most: multiply-adds, parameters or
    milliseconds."""

    kind: str
    most: float

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """From "macs=1.2G", "params=1.7M" or "latency=30ms". Raises UsageError."""
        found = re.fullmatch(r"([a-z]+)=(\d+(?:\.\d+)?)(K|M|G|ms|)", text)
        if not found:
            raise UsageError(f"'{text}' is no limit", "for example --limit macs=1.2G")
        kind, number, unit = found.groups()
        if kind not in KINDS:
            raise unknown("limit", kind, KINDS)
        if (unit == "ms") != (kind == "latency"):
            raise UsageError(f"a limit of {kind} is not in '{unit}'", "for example latency=30ms")
        return cls(kind, float(number) * UNITS[unit])

    def text(self, cost: float) -> str:
        """A cost of this kind with its unit."""
        if self.kind == "latency":
            return f"{cost:.2f} ms"
        return (
            f"{cost / 1e9:.3f} G MACs" if self.kind == "macs" else f"{cost / 1e6:.3f} M parameters"
        )


# --- LitePose: counts -----------------------------------------------------------------------------

# Widths that no other number in the network's shapes equals, nor six times another: in the shapes of
# one trace they say which width stands where, and any architecture's put in their place gives its
# own shapes.
MARKS = (104, 136, 152, 184, 232, 248, 296, 328)


def count_of(space: LitePoseSpace, kind: str, rule: str, joints: int) -> Cost:
    """Multiply-adds (by a rule) or parameters of LitePose's sub-networks, exactly, from one trace.

    Raises UsageError for an unknown rule.
    """
    check_rule(rule)
    run = space.run((*MARKS, SIDE), joints)
    network = zoo.build_empty(run.model, **run.changes)
    # most blocks of a stage are alike
    ran = Counter(replace(op, module="") for op in trace.trace(network, run.shape).operators)
    weights = [tuple(one.shape) for one in network.parameters()]

    @cache
    def counted(widths: Genes) -> int:
        own = dict(zip(MARKS, widths, strict=True))
        own |= {litepose.EXPANSION * mark: litepose.EXPANSION * own[mark] for mark in MARKS}

        def put(shape: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(own.get(side, side) for side in shape)

        if kind == "params":
            return sum(prod(put(shape)) for shape in weights)
        moved = (
            (replace(op, inputs=tuple(map(put, op.inputs)), output=put(op.output)), times)
            for op, times in ran.items()
        )
        return sum(times * RULES[rule](op) for op, times in moved)

    def cost(genes: Genes) -> float:
        area = int(genes[-1]) ** 2 / SIDE**2 if kind == "macs" else 1.0
        return counted(genes[:-1]) * area

    return cost


def check_rule(rule: str) -> None:
    """Raise UsageError for an unknown counting rule."""
    if rule not in RULES:
        raise unknown("counting rule", rule, RULES)


# --- EfficientPose-NAS: one cost per place and operation ------------------------------------------


@dataclass(frozen=True)
class Places:
    """Costs that add up: of what every architecture has, and of every value at every place."""

    fixed: float
    values: tuple[Mapping[str, float], ...]

    def __call__(self, genes: Genes) -> float:
        """The cost of an architecture."""
        return self.fixed + sum(
            values[gene] for values, gene in zip(self.values, genes, strict=True)
        )


def operations(space: BlockSpace) -> Iterator[dict[str, Operation]]:
    """The operation behind every code, place by place."""
    plan = nas.VARIANTS[space.model]
    w_in, side = plan.stem, space.side // 2
    for depth, width, stride in zip(space.depths, plan.widths, nas.STRIDES, strict=True):
        for place in range(depth):
            step = 1 if place else stride
            yield {
                code: Operation(w_in, width, int(code[0]), int(code[1]), step, (side, side))
                for code in nas.OPERATIONS
                if code != nas.SKIP
            } | ({nas.SKIP: Operation(width, width, 0, 0, 1, (side, side))} if place else {})
            w_in, side = width, side // step


def counts_of(space: BlockSpace, kind: str, rule: str, joints: int) -> Places:
    """Multiply-adds (by a rule) or parameters of every operation at every place, exactly: read off
    networks that have one operation everywhere."""
    check_rule(rule)
    found: dict[str, Counter[str]] = {}
    for code in nas.OPERATIONS[:-1]:
        run = space.run((code,) * sum(space.depths), joints)
        network = zoo.build_empty(run.model, **run.changes)
        costs: Iterator[tuple[str, int]] = (
            ((op.module, RULES[rule](op)) for op in trace.trace(network, run.shape).operators)
            if kind == "macs"
            else ((name, one.numel()) for name, one in network.named_parameters())
        )
        found[code] = Counter()
        for path, cost in costs:
            block = re.match(r"backbone\.stages\.\d+\.\d+", path)
            found[code][block[0] if block else ""] += cost
    paths = [
        f"backbone.stages.{i}.{j}" for i, depth in enumerate(space.depths) for j in range(depth)
    ]
    values = (
        {code: float(found[code][path]) if code != nas.SKIP else 0.0 for code in codes}
        for path, codes in zip(paths, space.choices, strict=True)
    )
    return Places(float(found[nas.OPERATIONS[0]][""]), tuple(values))


# --- latency --------------------------------------------------------------------------------------


class _Entry(TypedDict, total=False):
    """An operation, or a part of a network, and its time."""

    w_in: int
    width: int
    kernel: int
    expansion: int
    stride: int
    size: tuple[int, int]
    network: str
    part: str
    median_ms: Finite


class _Body(TypedDict):
    """What is read of a table's file."""

    space: str
    device: str
    operations: list[_Entry]
    fixed: list[_Entry]


@dataclass(frozen=True)
class LatencyTable:
    """Milliseconds of operations on this device, and of stem and head of the space's networks."""

    path: Path
    times: Mapping[Operation, float]
    fixed: Mapping[str, float]

    @classmethod
    def read(cls, path: Path, space: str, devices: Sequence[str]) -> "LatencyTable":
        """A file of `repro layer-costs`. Raises MissingError for a damaged one, UsageError for one
        of another space or device. devices: marketing names of this machine's."""
        body: _Body = read_json(path, "cost table", hint=TABLE_HINT, kind=_Body)
        for what, found, wanted in (
            ("space", body["space"], [space]),
            ("device", body["device"], devices),
        ):
            if found not in wanted:
                raise UsageError(
                    f"the cost table '{path}' is of {what} '{found}', the search of '{wanted[0]}'",
                    TABLE_HINT,
                )
        fixed: dict[str, float] = {}
        for one in body["fixed"]:
            if one["part"] != "whole":
                fixed[one["network"]] = fixed.get(one["network"], 0.0) + one["median_ms"]
        return cls(path, {_operation(one): one["median_ms"] for one in body["operations"]}, fixed)

    def of(self, operation: Operation) -> float:
        """Milliseconds of an operation; raises UsageError for one that the table lacks."""
        if operation not in self.times:
            raise UsageError(f"the cost table '{self.path}' has no {operation}", TABLE_HINT)
        return self.times[operation]


def _operation(one: _Entry) -> Operation:
    height, width = one["size"]
    block = (one["w_in"], one["width"], one["kernel"], one["expansion"], one["stride"])
    return Operation(*block, (height, width))


def latencies_of(space: BlockSpace, table: LatencyTable) -> Places:
    """Milliseconds of every operation at every place; stem and head are the same everywhere."""
    values = tuple(
        {code: table.of(one) for code, one in codes.items()} for codes in operations(space)
    )
    return Places(table.fixed[space.model], values)


REFERENCE = "litepose_s"


def latency_of(space: LitePoseSpace, table: LatencyTable, joints: int) -> Cost:
    """Milliseconds of LitePose's sub-networks at the table's own size.

    Blocks are as the table has them. Its stem and head are those of LitePose-S: for other widths
    they are taken to cost in proportion to their multiply-adds, which is an estimate.
    """
    macs, plan = count_of(space, "macs", "true", joints), litepose.VARIANTS[REFERENCE]
    size = spaces.SPACES["litepose"].size
    blocks_macs = lru_cache(maxsize=None)(_macs_of_block)

    def rest(genes: Genes) -> float:
        blocks = _blocks(genes, size)
        return macs((*genes[:-1], size[0])) - sum(blocks_macs(one) for one in blocks)

    own = table.fixed[REFERENCE] / rest((plan.stem, *plan.stages, *plan.deconvs, size[0]))
    return lambda genes: own * rest(genes) + sum(table.of(one) for one in _blocks(genes, size))


def _blocks(genes: Genes, size: tuple[int, int]) -> list[Operation]:
    found, w_in, side = [], int(genes[0]), size[0] // 2
    for width, blocks, stride in zip(genes[1:5], litepose.BLOCKS, litepose.STRIDES, strict=True):
        for block in range(blocks):
            step = 1 if block else stride
            found.append(Operation(w_in, width, 7, litepose.EXPANSION, step, (side, side)))
            w_in, side = width, side // step
    return found


def _macs_of_block(one: Operation) -> int:
    """1x1 to the inner width, depthwise, 1x1 back, by rule true."""
    height, width = one.size
    inner, area = one.w_in * one.expansion, height * width
    return one.w_in * inner * area + inner * (one.kernel**2 + one.width) * area // one.stride**2


# --- the smallest ---------------------------------------------------------------------------------


def smallest(choices: Sequence[Sequence[object]], cost: Cost) -> Genes:
    """The cheapest architecture: of counts and sums of entries each place's cheapest value, looked
    for place by place until none gets cheaper."""
    best = tuple(values[-1] for values in choices)
    while True:
        before = best
        for place, values in enumerate(choices):
            best = min(((*best[:place], one, *best[place + 1 :]) for one in values), key=cost)
        if cost(best) >= cost(before):
            return best


def check_limit(choices: Sequence[Sequence[object]], cost: Cost, limit: Limit) -> Genes:
    """The smallest architecture. Raises UsageError, which names it, where even that is above the
    limit."""
    least = smallest(choices, cost)
    if cost(least) > limit.most:
        raise UsageError(
            f"no architecture of the space costs {limit.text(limit.most)} or less; the smallest, "
            f"{' '.join(map(str, least))}, costs {limit.text(cost(least))}",
            "a higher --limit",
        )
    return least
