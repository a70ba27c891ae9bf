"""All people of a picture at once: heatmaps say where the joints are, tags whose they are.

Sources: HigherHRNet, EfficientHRNet and LitePose, which share training and test.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

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
from repro.tasks.keypoints import KeypointTask, People
from repro.tasks.task import Example, Shares, Size, pair

Values = TypeVar("Values")


class BottomUpTargets(NamedTuple, Generic[Values]):
    """Per output resolution heatmaps (K, h, w) and masks (h, w); tag positions (people, K, 2) at
    the first of them.

    dropped: how many people beyond the recipe's `max_people` there are, whose tags are not trained.
    """

    heatmaps: Sequence[Values]
    masks: Sequence[Values]
    joints: Values
    dropped: Values


class PictureMaps(NamedTuple):
    """A network's answer to one picture: heatmaps (K, h, w), tags (K, h, w, T), and where they lie
    in the picture.

    finest: cells of the network's own finest map per px of its input; both maps here are at the
    input's size.
    """

    heatmaps: NDArray[np.float32]
    tags: NDArray[np.float32]
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


@dataclass(frozen=True)
class BottomUp(
    KeypointTask[BottomUpTargets[NDArray[np.generic]], BottomUpTargets[Tensor], PictureMaps]
):
    """Finds all people of a picture at once."""

    name = "bottom-up"

    def prepare(
        self,
        sample: Sample,
        rng: np.random.Generator,
        *,
        size: int | Size,
        outputs: tuple[Size, ...],
        skeleton: Skeleton,
        recipe: Recipe,
    ) -> Example[BottomUpTargets[NDArray[np.generic]]]:
        """A square of the picture, moved at random, and the targets of everybody in it."""
        augmentation = Augmentation(recipe.scale, recipe.rotation, recipe.shift, recipe.flip)
        sides = tuple(width for _, width in outputs)
        moved = bottom_up(
            sample,
            rng,
            size=min(pair(size)),
            outputs=sides,
            skeleton=skeleton,
            augmentation=augmentation,
        )
        pairs = zip(moved.joints, sides, strict=True)
        maps = tuple(heatmaps(joints, size=side, sigma=recipe.sigma) for joints, side in pairs)
        coarse, most = moved.joints[0], recipe.bottom_up.max_people
        tags = tag_joints(coarse, size=sides[0], max_people=most)
        dropped = np.array(dropped_people(coarse, size=sides[0], max_people=most), np.int64)
        return Example(moved.image, BottomUpTargets(maps, moved.masks, tags, dropped))

    def loss(
        self, answer: Maps, targets: BottomUpTargets[Tensor], recipe: Recipe
    ) -> dict[str, Tensor]:
        """Errors of the heatmaps at all resolutions, pull and push of the tags, and how many people
        were dropped."""
        heatmap, pull, push = recipe.loss_weights
        terms = bottom_up_loss(
            answer,
            targets.heatmaps,
            targets.masks,
            joints=targets.joints,
            pull_weight=pull,
            push_weight=push,
            heat=recipe.heat,
        )
        total = heatmap * terms["heatmap"] + terms["pull"] + terms["push"]
        return {**terms, "total": total, "dropped": targets.dropped.sum()}

    def observe(
        self,
        model: nn.Module,
        sample: Sample,
        *,
        skeleton: Skeleton,
        protocol: Protocol,
        nominal: int | Size,
    ) -> PictureMaps:
        """Heatmaps and tags of the whole picture, over all test scales; on the processor."""
        finest: list[float] = []

        def watched(images: Tensor) -> Maps:
            maps: Maps = model(images)
            finest.append(maps.heatmaps[-1].shape[-1] / images.shape[-1])
            return maps

        maps, tags, frame = image_maps(
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
        # on the processor from here on: the copy also waits for the device, so that times are
        # honest
        return PictureMaps(
            maps[0].float().cpu().numpy(), tags[0].float().cpu().numpy(), frame, finest[0]
        )

    def people(self, seen: PictureMaps, *, skeleton: Skeleton, protocol: Protocol) -> People:
        """The joints grouped into people by their tags."""
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
        return People(people_to_image(people, seen.frame)[..., :3], scores)

    def probe(self, seen: PictureMaps, sample: Sample, *, protocol: Protocol) -> Shares:
        """Of the tags at the true places of the joints of several people.

        `pairs apart`: pairs of people whose mean tags are farther from each other than the grouping
        allows within a person. `tags right`: joints whose tag is nearer to the mean of their own
        person than to any other's. `pull` and `push`: as in the loss, by joints and by pairs.
        """
        tags, inside = _true_tags(seen, sample)
        means = (tags * inside[..., None]).sum(1) / inside.sum(1)[:, None]
        first, second = np.triu_indices(len(means), 1)
        if not len(first):
            return {}
        gaps = np.linalg.norm(means[first] - means[second], axis=-1)
        distances = np.linalg.norm(tags[:, :, None] - means, axis=-1)  # (people, joints, people)
        own = np.diagonal(distances, axis1=0, axis2=2).T[inside]
        right = int((own <= distances.min(axis=-1)[inside]).sum())
        return {
            "pairs apart": (int((gaps > protocol.tag_threshold).sum()), len(gaps)),
            "tags right": (right, len(own)),
            "pull": (float(np.square(own).sum()), len(own)),
            "push": (float(np.exp(-np.square(gaps)).sum()), len(gaps)),
        }


def _true_tags(seen: PictureMaps, sample: Sample) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Tags (people, K, T) where the joints truly are, and which of the joints (people, K) lie
    inside the input.

    People without such a joint are left out.
    """
    points = np.rint(crops.moved(sample.joints[..., :2], seen.frame.matrix())).astype(np.int64)
    inside = ((points >= 0) & (points < seen.size[::-1])).all(-1) & (sample.joints[..., 2] > 0)
    people = inside.any(1)
    points, inside = points[people], inside[people]
    x, y = np.where(inside, points[..., 0], 0), np.where(inside, points[..., 1], 0)
    return seen.tags[np.arange(inside.shape[1]), y, x], inside
