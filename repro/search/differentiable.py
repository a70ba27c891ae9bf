"""EfficientPose-NAS's search (arXiv 2012.07086, sections 3.1 to 3.3): every block is a weighted sum of
all operations, whose weights are learnt beside the operations' own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from repro.models import efficientpose_nas as nas
from repro.models.convs import init_convs, init_fan_out, relu
from repro.models.maps import Maps
from repro.models.mobile_blocks import InvertedBottleneck, MobileTrunk
from repro.models.slim_head import SlimHead, SlimPose
from repro.search.costs import Limit, Places
from repro.search.space import BlockSpace, Genes
from repro.spec.settings import Recipe
from repro.tasks.crop import CropTargets, SinglePerson
from repro.train.optimizers import optimizer_of
from repro.train.schedules import Schedule, Step
from repro.train.training import Training

WEIGHTS, ARCHITECTURE = "weights", "architecture"


class Weighed(NamedTuple):
    """Maps of the mixed network, its expected cost, and the mean of the places' largest
    probabilities."""

    heatmaps: tuple[Tensor, ...]
    cost: Tensor
    sure: Tensor


class Mixture(nn.Module):
    """One place: the sum of its operations' outputs by their probabilities (equations 2 and 3)."""

    def __init__(self, w_in: int, width: int, stride: int, codes: Sequence[str]) -> None:
        super().__init__()
        self.codes = tuple(codes)
        self.operations = nn.ModuleList(
            nn.Identity()
            if code == nas.SKIP
            else InvertedBottleneck(w_in, (width, int(code[1]), int(code[0]), stride), act=relu)
            for code in codes
        )
        self.alpha = nn.Parameter(torch.zeros(len(codes)))

    def forward(self, x: Tensor, paths: int) -> Tensor:
        """paths: so many operations, drawn by their probabilities from torch's generator, stand for
        all (the dropping of paths); 0: all."""
        chosen = torch.arange(len(self.codes))
        if 0 < paths < len(self.codes):
            likely = self.alpha.detach().float().softmax(0).cpu()
            chosen = torch.multinomial(likely, paths)
        shares = self.alpha[chosen.to(self.alpha.device)].softmax(0)
        outputs: list[Tensor] = [self.operations[index](x) for index in chosen.tolist()]
        if len(outputs) == 1:
            return outputs[0]
        mixed = [share * output for share, output in zip(shares, outputs, strict=True)]
        return torch.stack(mixed).sum(0)


class MixedPose(nn.Module):
    """The network of a space with a mixture at every place: (B, 3, H, W) to `Weighed`.

    costs: of every operation at every place. phase: whose step it is; `paths` says how many
    operations a place then has. In evaluation mode all of them count.
    """

    stride = SlimPose.stride

    def __init__(
        self, space: BlockSpace, costs: Places, *, joints: int, paths: Mapping[str, int]
    ) -> None:
        super().__init__()
        plan = nas.VARIANTS[space.model]
        self.costs, self.paths, self.phase = costs, dict(paths), WEIGHTS
        self.stem = MobileTrunk((nas.FIRST_WIDTH, plan.stem), [], act=relu).stem
        self.places, w_in = nn.ModuleList(), plan.stem
        codes = iter(space.choices)
        for depth, width, stride in zip(space.depths, plan.widths, nas.STRIDES, strict=True):
            for place in range(depth):
                self.places.append(Mixture(w_in, width, 1 if place else stride, next(codes)))
                w_in = width
        for part in (self.stem, self.places):
            init_convs(part, init_fan_out)
        self.head = SlimHead(w_in, joints)
        table = [[values[code] for code in place.codes] for place, values in self._tables()]
        self.prices = [torch.tensor(row) for row in table]

    def _tables(self) -> Iterator[tuple[Mixture, Mapping[str, float]]]:
        return zip(self.mixtures, self.costs.values, strict=True)

    @property
    def mixtures(self) -> list[Mixture]:
        """The places in their order."""
        return [place for place in self.places if isinstance(place, Mixture)]

    @property
    def alphas(self) -> list[nn.Parameter]:
        """The architecture's parameters."""
        return [place.alpha for place in self.mixtures]

    @property
    def weights(self) -> list[nn.Parameter]:
        """All other parameters."""
        own = {id(alpha) for alpha in self.alphas}
        return [one for one in self.parameters() if id(one) not in own]

    def forward(self, images: Tensor) -> Weighed:
        """One pass, as the class says."""
        x = self.stem(images)
        for place in self.mixtures:
            x = place(x, self.paths[self.phase] if self.training else 0)
        chances = [alpha.float().softmax(0) for alpha in self.alphas]
        sure = torch.stack([one.detach().max() for one in chances]).mean()
        return Weighed((self.head(x),), self._cost(chances), sure)

    def _cost(self, chances: Sequence[Tensor]) -> Tensor:
        """The expected cost (equations 4 and 5)."""
        parts = [
            (chance * price.to(chance.device)).sum()
            for chance, price in zip(chances, self.prices, strict=True)
        ]
        return torch.stack(parts).sum() + self.costs.fixed

    def chances(self) -> list[dict[str, float]]:
        """The probability of every operation, place by place."""
        return [
            dict(zip(place.codes, place.alpha.detach().softmax(0).tolist(), strict=True))
            for place in self.mixtures
        ]

    def choose(self, genes: Genes) -> None:
        """Give one operation of every place the whole weight."""
        with torch.no_grad():
            for place, gene in zip(self.mixtures, genes, strict=True):
                place.alpha.fill_(-1e4)[place.codes.index(gene)] = 0.0

    def extract(self, space: BlockSpace, genes: Genes) -> SlimPose:
        """The derived network with the operations' weights."""
        run = space.run(genes, self.head.final.out_channels)
        network = nas.build(run.model, **run.changes)
        trunk = network.backbone
        assert isinstance(trunk, MobileTrunk)
        trunk.stem.load_state_dict(self.stem.state_dict())
        network.head.load_state_dict(self.head.state_dict())
        blocks = [block for stage in trunk.stages for block in stage]  # type: ignore[attr-defined]
        for block, place, gene in zip(blocks, self.mixtures, genes, strict=True):
            block.load_state_dict(place.operations[place.codes.index(gene)].state_dict())
        return network.eval()


def derive(chances: Sequence[Mapping[str, float]], costs: Places, limit: Limit | None) -> Genes:
    """The likeliest architecture, and within a limit the likeliest that a price on its cost gives.

    The price is the lowest of a halving search at which the limit is kept; at a high enough one
    every place has its cheapest operation.
    """

    def at(price: float) -> Genes:
        return tuple(
            max(place, key=lambda code: float(np.log(max(place[code], 1e-12))) - price * cost[code])
            for place, cost in zip(chances, costs.values, strict=True)
        )

    if limit is None or costs(at(0.0)) <= limit.most:
        return at(0.0)
    spread = max(max(cost.values()) for cost in costs.values)
    low, high = 0.0, 1e6 / spread
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if costs(at(middle)) <= limit.most else (middle, high)
    return at(high)


# --- training -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CostAware(SinglePerson):
    """The single-person task with the cost in its loss (equation 6): error + weight x log(cost) to
    the power tau."""

    weight: float = 0.0
    tau: float = 1.0

    def loss(self, answer: Any, targets: CropTargets[Tensor], recipe: Recipe) -> dict[str, Tensor]:
        """The task's terms, the cost in units of its table, and how sure the choice is."""
        terms = super().loss(Maps(answer.heatmaps), targets, recipe)
        total = terms["total"] + self.weight * answer.cost.log() ** self.tau
        return {**terms, "total": total, "cost": answer.cost, "sure": answer.sure}


@dataclass(frozen=True)
class Turns(Schedule):
    """Steps of the weights alone, then turns of weights and architecture, each on pictures of its
    own.

    shares: how many of the pictures are the weights' and the architecture's. warm: steps before the
    first turn. turn: steps of both in one turn.
    """

    shares: tuple[int, int] = (0, 0)
    warm: int = 0
    turn: tuple[int, int] = (1, 1)

    def phase(self, number: int) -> tuple[str, int]:
        """Whose step it is, and which of that phase's own."""
        if number < self.warm:
            return WEIGHTS, number
        (ours, theirs), done = self.turn, number - self.warm
        turn, place = divmod(done, ours + theirs)
        if place < ours:
            return WEIGHTS, self.warm + turn * ours + place
        return ARCHITECTURE, turn * theirs + place - ours

    def from_step(self, start: int) -> Iterator[Step]:
        """The steps from `start` on; every pass over a phase's pictures has its own order."""
        all_images = np.random.default_rng((self.seed, 1)).permutation(self.images)
        parts = dict(
            zip((WEIGHTS, ARCHITECTURE), np.split(all_images, self.shares[:1]), strict=True)
        )

        @cache
        def order(phase: str, epoch: int) -> list[int]:
            key = (self.seed, 2 + (phase == ARCHITECTURE), epoch)
            return [int(one) for one in np.random.default_rng(key).permutation(parts[phase])]

        for number in range(start, self.steps):
            phase, own = self.phase(number)
            epoch, place = divmod(own, -(-len(parts[phase]) // self.batch))
            images = order(phase, epoch)[place * self.batch : (place + 1) * self.batch]
            yield Step(number, epoch, tuple(images))


class Alternating(torch.optim.Optimizer):
    """Steps the weights or the architecture, whichever phase the network is in. The schedule's rate
    is the weights'."""

    def __init__(self, network: MixedPose, weights: torch.optim.Optimizer, rate: float) -> None:
        self.network, self.inner = network, weights
        self.outer = torch.optim.Adam(network.alphas, lr=rate)
        self.param_groups = weights.param_groups

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Of all parameters: a step of either leaves gradients of both."""
        self.inner.zero_grad(set_to_none)
        self.outer.zero_grad(set_to_none)

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Of the network's phase."""
        (self.outer if self.network.phase == ARCHITECTURE else self.inner).step()

    def state_dict(self) -> dict[str, Any]:
        """Both states, the architecture's numbered after the weights'."""
        inner, outer = self.inner.state_dict(), self.outer.state_dict()
        first = len(self.network.weights)
        moved = {first + index: state for index, state in outer["state"].items()}
        return {"state": {**inner["state"], **moved}, "param_groups": inner["param_groups"]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """The inverse of `state_dict`."""
        first = len(self.network.weights)
        states = state_dict["state"].items()
        inner = {index: state for index, state in states if index < first}
        outer = {index - first: state for index, state in states if index >= first}
        self.inner.load_state_dict({**state_dict, "state": inner})
        groups = self.outer.state_dict()["param_groups"]
        self.outer.load_state_dict({"state": outer, "param_groups": groups})
        self.param_groups = self.inner.param_groups


@dataclass(frozen=True)
class Alternation(Training[Any, Any]):
    """The training of a mixed network. rate: of the architecture; turns: as of `Turns`, whose other
    fields follow from the recipe."""

    rate: float = 3e-4
    warm: int = 0
    turn: tuple[int, int] = (1, 1)
    shares: tuple[int, int] = field(default=(0, 0))

    @property
    def network(self) -> MixedPose:
        """The mixed network."""
        assert isinstance(self.model, MixedPose)
        return self.model

    def plan(self, images: int) -> Turns:
        """The recipe's rates over the steps of both."""
        plain = super().plan(images)
        return Turns(**vars(plain), shares=self.shares, warm=self.warm, turn=self.turn)

    def optimizer(self) -> Alternating:
        """The recipe's for the weights, Adam for the architecture."""
        inner = optimizer_of(self.recipe, self.network.weights)
        return Alternating(self.network, inner, self.rate)

    def begin_step(self, step: Step) -> None:
        """Tell the network whose step it is."""
        plan = Turns(0, 1, 0, 0.0, 0.0, (), 0, warm=self.warm, turn=self.turn)
        self.network.phase = plan.phase(step.number)[0]
