"""What a network is trained for, as plain functions: examples, loss, decoding, score. The loops know nothing else.

The papers' tasks differ in all of these and in nothing else of training and testing.
"""

import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import default_collate

from repro.data.transforms import Augmentation, Sample, bottom_up
from repro.pose.decode import Frame, image_maps, people_to_image
from repro.pose.grouping import group
from repro.pose.losses import bottom_up_loss
from repro.pose.metrics import score
from repro.pose.skeletons import Skeleton
from repro.pose.targets import dropped_people, heatmaps, tag_joints
from repro.spec import Protocol, Recipe

Floats = NDArray[np.floating]
Example = tuple[Any, Any]


class Samples(typing.Protocol):
    """A data set: `len()` pictures, picture `index` by `[index]`."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Sample: ...


class Observation(NamedTuple):
    """A network's answer to one picture: heatmaps (K, h, w), tags (K, h, w, T), and where they lie in the picture."""

    heatmaps: Floats
    tags: Floats
    frame: Frame


@dataclass(frozen=True)
class Task:
    """A task's part in training and testing.

    outputs(model, size): side of every map the network gives for a `size` x `size` picture, coarse to fine.
    prepare(sample, rng, *, size, outputs, skeleton, recipe): one example, its picture (3, size, size) float32 first
        and its targets, nested tuples of arrays, second.
    collate(examples): the same as tensors with a leading batch dimension.
    loss(output, targets, recipe): scalars by name; "total" is minimised, all are logged.
    observe(model, image, *, skeleton, protocol, nominal): what the network says of a (H, W, 3) uint8 RGB picture.
    people(observation, *, skeleton, protocol): the people in it, (P, K, 3) as x, y in pixels of the picture and a score
        per joint, and a score per person (P,). Apart from `observe` so that each is timed.
    score(annotations, predictions): values by column name, fractions.
    """

    name: str
    outputs: Callable[[nn.Module, int], tuple[int, ...]]
    prepare: Callable[..., Example]
    collate: Callable[[Sequence[Example]], Any]
    loss: Callable[[Any, Any, Recipe], dict[str, Tensor]]
    observe: Callable[..., "Observation"]
    people: Callable[..., tuple[Floats, Floats]]
    score: Callable[[Any, Any], dict[str, float]]


def map_sizes(model: nn.Module, size: int) -> tuple[int, ...]:
    """Side of every heatmap the network gives for a `size` x `size` picture, found by running it once."""
    training, weight = model.training, next(model.parameters())
    model.eval()
    with torch.no_grad():
        maps = model(torch.zeros(1, 3, size, size, device=weight.device, dtype=weight.dtype))
    model.train(training)
    return tuple(int(heatmap.shape[-1]) for heatmap in maps.heatmaps)


class BottomUpTargets(NamedTuple):
    """Per output resolution heatmaps (K, h, w) and masks (h, w); tag positions (people, K, 2) at the first of them.

    dropped: people beyond the recipe's `max_people`, whose tags are not trained.
    """

    heatmaps: tuple[Floats, ...]
    masks: tuple[Floats, ...]
    joints: NDArray[np.int64]
    dropped: int


def _bottom_up_example(
    sample: Sample, rng: np.random.Generator, *, size: int, outputs: tuple[int, ...], skeleton: Skeleton, recipe: Recipe
) -> tuple[Floats, BottomUpTargets]:
    augmentation = Augmentation(recipe.scale, recipe.rotation, recipe.shift, recipe.flip)
    moved = bottom_up(sample, rng, size=size, outputs=outputs, skeleton=skeleton, augmentation=augmentation)
    maps = tuple(
        heatmaps(joints, size=side, sigma=recipe.sigma) for joints, side in zip(moved.joints, outputs, strict=True)
    )
    first, most = {"size": outputs[0]}, {"max_people": recipe.max_people}
    tags = tag_joints(moved.joints[0], **first, **most)
    return moved.image, BottomUpTargets(maps, moved.masks, tags, dropped_people(moved.joints[0], **first, **most))


def _collate(examples: Sequence[Example]) -> Any:
    return default_collate(list(examples))


def _bottom_up_loss(maps: Any, targets: Any, recipe: Recipe) -> dict[str, Tensor]:
    heatmap, pull, push = recipe.loss_weights
    terms = bottom_up_loss(
        maps, targets.heatmaps, targets.masks, joints=targets.joints, pull_weight=pull, push_weight=push
    )
    total = heatmap * terms["heatmap"] + terms["pull"] + terms["push"]
    return {**terms, "total": total, "dropped": targets.dropped.sum()}


def _bottom_up_maps(
    model: nn.Module, image: NDArray[np.uint8], *, skeleton: Skeleton, protocol: Protocol, nominal: int
) -> Observation:
    heatmaps, tags, frame = image_maps(
        model,
        image,
        skeleton=skeleton,
        nominal=nominal,
        scales=protocol.scales,
        flip=protocol.flip,
        device=next(model.parameters()).device,
    )
    # on the processor from here on: the copy also waits for the device, so that times are honest
    return Observation(heatmaps[0].float().cpu().numpy(), tags[0].float().cpu().numpy(), frame)


def _bottom_up_people(seen: Observation, *, skeleton: Skeleton, protocol: Protocol) -> tuple[Floats, Floats]:
    people, scores = group(
        seen.heatmaps,
        seen.tags,
        skeleton,
        max_people=protocol.max_people,
        threshold=protocol.threshold,
        tag_threshold=protocol.tag_threshold,
        nms=protocol.nms,
        adjust=protocol.adjust,
        refine=protocol.refine,
        assignment=protocol.assignment,
    )
    return people_to_image(people, seen.frame)[..., :3], scores


def _coco(annotations: Any, predictions: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    return score("coco", annotations, predictions)


BOTTOM_UP = Task(
    name="bottom-up",
    outputs=map_sizes,
    prepare=_bottom_up_example,
    collate=_collate,
    loss=_bottom_up_loss,
    observe=_bottom_up_maps,
    people=_bottom_up_people,
    score=_coco,
)
"""All people of a picture at once: heatmaps say where the joints are, tags whose they are."""

TASKS: dict[str, Task] = {task.name: task for task in (BOTTOM_UP,)}
