"""The named tensors of an exported network: one input, and one output per map that the network
returns."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from repro.models.maps import Maps

INPUT = "images"
CLASSES = "classes"  # the one output of a classifier


def output_names(answer: Any) -> tuple[str, ...]:
    """Names of the tensors in a network's answer, in order: `heatmaps_0`, ..., `tags_0`, ...;
    `classes` of a tensor."""
    if not isinstance(answer, Maps):
        return (CLASSES,)
    return tuple(
        f"{part}_{index}" for part in Maps._fields for index in range(len(getattr(answer, part)))
    )


def tensors(answer: Any) -> tuple[Tensor, ...]:
    """The tensors of a network's answer in the order of `output_names`."""
    return (
        tuple(tensor for part in answer for tensor in part)
        if isinstance(answer, Maps)
        else (answer,)
    )


def answer_of(found: Mapping[str, Tensor]) -> Maps | Tensor:
    """The inverse of `tensors`: an answer from its tensors by name."""
    if CLASSES in found:
        return found[CLASSES]
    parts = {
        part: [name for name in found if name.rpartition("_")[0] == part] for part in Maps._fields
    }
    return Maps(
        **{
            part: tuple(found[f"{part}_{i}"] for i in range(len(names)))
            for part, names in parts.items()
        }
    )


class Flat(nn.Module):
    """A network whose answer is a plain tuple of tensors, which is all that exported files know."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.train(network.training)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """(B, 3, H, W) -> the tensors of the network's answer."""
        return tensors(self.network(images))


def named(names: Sequence[str], found: Sequence[Tensor]) -> Maps | Tensor:
    """The answer whose tensors, in order, have these names."""
    return answer_of(dict(zip(names, found, strict=True)))
