"""LitePose's super-net (arXiv 2205.01271, section 3.4): one set of weights, of which every
sub-network uses the first channels of each layer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import interpolate

from repro.models import litepose
from repro.models.litepose import LitePose
from repro.models.maps import Maps
from repro.search.space import Genes, LitePoseSpace, widths_of
from repro.spec.settings import Recipe
from repro.tasks.bottom_up import BottomUp, BottomUpTargets
from repro.train.depthwise import hasten


class SuperNet(nn.Module):
    """All sub-networks of a space in the weights of the largest.

    Pictures (B, 3, H, W) to maps as of `LitePose`. While it trains, every pass draws one
    configuration and its side from torch's generator, which the training loop seeds by the number
    of the step, and makes the pictures as small (nearest pixel, as the original); it is the
    largest otherwise. sides: the px that a nominal side stands for.
    """

    stride = LitePose.stride

    def __init__(self, space: LitePoseSpace, *, joints: int, sides: Mapping[int, int]) -> None:
        super().__init__()
        self.space, self.joints, self.sides = space, joints, dict(sides)
        self.largest = litepose.build(space.model, joints=joints)

    def forward(self, images: Tensor) -> Maps:
        """One pass, as the class says."""
        if not self.training:
            maps: Maps = self.largest(images)
            return maps
        genes = tuple(values[int(torch.randint(len(values), ()))] for values in self.space.choices)
        return self.answer(genes, resized(images, self.sides[genes[-1]]))

    def answer(self, genes: Genes, images: Tensor) -> Maps:
        """What one sub-network says by the shared weights; its batch norms' running statistics are
        part of the shared ones."""
        network = _empty(self.space.model, genes[:-1], self.joints)
        if images.device.type == "cpu":
            hasten(network)
        network.train(self.training)
        # named_parameters, not state_dict, which would cut the gradients off
        own = {**dict(self.largest.named_parameters()), **dict(self.largest.named_buffers())}
        maps: Maps = functional_call(network, first_channels(own, network), (images,))
        return maps

    def extract(self, genes: Genes) -> LitePose:
        """The sub-network as an ordinary LitePose with weights of its own."""
        network = litepose.build(self.space.model, joints=self.joints, **widths_of(genes))
        network.load_state_dict(first_channels(self.largest.state_dict(), network))
        return network.eval()


@lru_cache(maxsize=8)
def _empty(model: str, widths: Genes, joints: int) -> LitePose:
    """A sub-network without values, for the shared ones to be put in."""
    with torch.device("meta"):
        return litepose.build(model, joints=joints, **widths_of(widths))


def first_channels(tensors: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """Of every tensor of the largest network the part that a smaller one has: the first entries
    along each axis."""
    shapes = {name: value.shape for name, value in network.state_dict().items()}
    return {
        name: tensors[name][tuple(slice(side) for side in shape)] for name, shape in shapes.items()
    }


def resized(images: Tensor, side: int) -> Tensor:
    """Pictures or maps (B, C, H, W) at `side` x `side`, by the nearest pixel."""
    same = images.shape[-2:] == (side, side)
    return images if same else interpolate(images, (side, side), mode="nearest")


@dataclass(frozen=True)
class AnySize(BottomUp):
    """Bottom-up training of a network that may answer at a smaller size than the targets', which
    are then made as small.

    The original scales the flat index of a tag as if the map were 512 px wide, so that 85 % of the
    tags of its COCO configuration land in another joint's channel; here channel, row and column
    are scaled apart.
    """

    def loss(
        self, answer: Maps, targets: BottomUpTargets[Tensor], recipe: Recipe
    ) -> dict[str, Tensor]:
        """As the bottom-up task's, at the answer's size."""
        return super().loss(
            answer, shrunk(targets, [maps.shape[-1] for maps in answer.heatmaps]), recipe
        )


def shrunk(targets: BottomUpTargets[Tensor], sides: list[int]) -> BottomUpTargets[Tensor]:
    """Targets at other sides, one per resolution: maps by the nearest pixel, tags at the same place
    of the same channel."""
    coarse = targets.heatmaps[0].shape[-1]
    pairs = list(zip(targets.heatmaps, targets.masks, sides, strict=True))
    return BottomUpTargets(
        tuple(resized(maps, side) for maps, _, side in pairs),
        tuple(resized(mask[:, None], side)[:, 0] for _, mask, side in pairs),
        moved_tags(targets.joints, coarse, sides[0]),
        targets.dropped,
    )


def moved_tags(joints: Tensor, before: int, after: int) -> Tensor:
    """Tag places (B, people, K, 2) of (flat index, flag) on maps of side `after`, in place of
    `before`."""
    channel, place = joints[..., 0] // before**2, joints[..., 0] % before**2
    row, column = place // before * after // before, place % before * after // before
    return torch.stack([(channel * after + row) * after + column, joints[..., 1]], dim=-1)


def measure_norms(network: nn.Module, batches: Iterable[Tensor]) -> None:
    """Measure the running statistics of all batch norms again, as means over these pictures.

    Those of the super-net are of all sub-networks mixed, and right for none. In place; the network
    is left in evaluation mode.
    """
    norms = [part for part in network.modules() if isinstance(part, nn.BatchNorm2d)]
    momenta = [part.momentum for part in norms]
    for part in norms:
        part.reset_running_stats()
        part.momentum = None  # the plain mean over all batches
    network.train()
    with torch.no_grad():
        for images in batches:
            network(images)
    for part, momentum in zip(norms, momenta, strict=True):
        part.momentum = momentum
    network.eval()
