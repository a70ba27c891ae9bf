"""The papers' tasks by name, and the first of them: all people of a picture at once, told apart by tags.

The tasks differ in examples, loss, decoding and score, and in nothing else of training and testing.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from repro.data.transforms import Augmentation, bottom_up
from repro.models.maps import Maps
from repro.people.sample import Sample
from repro.people.skeletons import Skeleton
from repro.pose import crops
from repro.pose.decode import Frame, image_maps, people_to_image
from repro.pose.grouping import group
from repro.pose.losses import bottom_up_loss
from repro.pose.targets import dropped_people, heatmaps, tag_joints
from repro.spec.settings import Protocol, Recipe
from repro.tasks.classification import CLASSIFICATION
from repro.tasks.crop import SINGLE_PERSON, TOP_DOWN
from repro.tasks.task import Floats, Samples, Shares, Size, Task, map_sizes, pair
from repro.tasks.three_pass import THREE_PASS

__all__ = ["TASKS", "Observation", "Samples", "Task", "map_sizes"]


class Observation(NamedTuple):
    """A network's answer to one picture: heatmaps (K, h, w), tags (K, h, w, T), and where they lie in the picture.

    finest: cells of the network's own finest map per px of its input; both maps here are at the input's size.
    """

    heatmaps: Floats
    tags: Floats
    frame: Frame
    finest: float = 1.0

    @property
    def size(self) -> Size:
        """Input (height, width) at scale 1."""
        return self.frame.size

    @property
    def cells(self) -> float:
        """Map cells per px of the picture."""
        return self.finest * float(self.frame.matrix()[0, 0])


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
    first, most = {"size": outputs[0]}, {"max_people": recipe.bottom_up.max_people}
    tags = tag_joints(moved.joints[0], **first, **most)
    return moved.image, BottomUpTargets(maps, moved.masks, tags, dropped_people(moved.joints[0], **first, **most))


def _bottom_up_loss(maps: Any, targets: Any, recipe: Recipe) -> dict[str, Tensor]:
    heatmap, pull, push = recipe.loss_weights
    terms = bottom_up_loss(
        maps, targets.heatmaps, targets.masks, joints=targets.joints, pull_weight=pull, push_weight=push,
        heat=recipe.heat,
    )  # fmt: skip
    total = heatmap * terms["heatmap"] + terms["pull"] + terms["push"]
    return {**terms, "total": total, "dropped": targets.dropped.sum()}


def _bottom_up_maps(
    model: nn.Module, sample: Sample, *, skeleton: Skeleton, protocol: Protocol, nominal: int | Size
) -> Observation:
    finest: list[float] = []

    def watched(images: Tensor) -> Maps:
        maps: Maps = model(images)
        finest.append(maps.heatmaps[-1].shape[-1] / images.shape[-1])
        return maps

    heatmaps, tags, frame = image_maps(
        watched,
        sample.image,
        skeleton=skeleton,
        nominal=min(pair(nominal)),
        scales=protocol.scales,
        flip=protocol.flip,
        aggregate=protocol.aggregate,
        multiple=protocol.multiple,
        device=next(model.parameters()).device,
    )
    # on the processor from here on: the copy also waits for the device, so that times are honest
    return Observation(heatmaps[0].float().cpu().numpy(), tags[0].float().cpu().numpy(), frame, finest[0])


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


def _tags(seen: Observation, sample: Sample, *, protocol: Protocol) -> Shares:
    """Of the tags at the true places of the joints of several people.

    `pairs apart`: pairs of people whose mean tags are farther from each other than the grouping allows within a person.
    `tags right`: joints whose tag is nearer to the mean of their own person than to any other's. `pull` and `push`: as
    in the loss, by joints and by pairs.
    """
    points = np.rint(crops.moved(sample.joints[..., :2], seen.frame.matrix())).astype(np.int64)
    inside = ((points >= 0) & (points < seen.size[::-1])).all(-1) & (sample.joints[..., 2] > 0)
    people = inside.any(1)
    points, inside = points[people], inside[people]
    x, y = np.where(inside, points[..., 0], 0), np.where(inside, points[..., 1], 0)
    tags = seen.tags[np.arange(inside.shape[1]), y, x]  # (people, joints, T)
    means = (tags * inside[..., None]).sum(1) / inside.sum(1)[:, None]
    first, second = np.triu_indices(len(means), 1)
    if not len(first):
        return {}
    gaps = np.linalg.norm(means[first] - means[second], axis=-1)
    off = np.linalg.norm(tags[:, :, None] - means, axis=-1)  # (people, joints, people)
    own = np.diagonal(off, axis1=0, axis2=2).T[inside]
    joints, right = len(own), int((own <= off.min(axis=-1)[inside]).sum())
    return {
        "pairs apart": (int((gaps > protocol.tag_threshold).sum()), len(gaps)),
        "tags right": (right, joints),
        "pull": (float(np.square(own).sum()), joints),
        "push": (float(np.exp(-np.square(gaps)).sum()), len(gaps)),
    }


BOTTOM_UP = Task(
    name="bottom-up",
    outputs=map_sizes,
    prepare=_bottom_up_example,
    loss=_bottom_up_loss,
    observe=_bottom_up_maps,
    people=_bottom_up_people,
    probe=_tags,
)
"""All people of a picture at once: heatmaps say where the joints are, tags whose they are."""

TASKS: dict[str, Task] = {task.name: task for task in (BOTTOM_UP, SINGLE_PERSON, THREE_PASS, TOP_DOWN, CLASSIFICATION)}
