"""EfficientPose (Groos) and its OpenPose baseline: one person, letterboxed, supervised in passes.

Sources: EfficientPose section 4.1, appendices A and B, and the authors' released networks and code.
The networks' heatmaps stand in their own joint order, people in MPII's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from repro.data.transforms import flip_joints
from repro.errors import UsageError
from repro.models.maps import Maps
from repro.people.sample import Person, Sample
from repro.people.skeletons import MPII, Skeleton
from repro.pose import crops
from repro.pose.letterbox import (
    LIMBS,
    MPII_JOINTS,
    Square,
    box_of,
    crop,
    locate,
    normalise,
    peaks,
    preprocess,
)
from repro.pose.losses import heights, squared_error
from repro.pose.targets import limb_fields, spread
from repro.spec.settings import Protocol, Recipe
from repro.tasks.keypoints import KeypointTask, People, check_channels
from repro.tasks.task import Example, Floats, Size, pair

Values = TypeVar("Values")


class PassTargets(NamedTuple, Generic[Values]):
    """Per output heatmaps (K, h, w), in the networks' joint order; weights (K,) of the joints, 0
    for those not labelled; limb fields (2P, h, w) at the first output and their weights (2P,).
    """

    heatmaps: Sequence[Values]
    weights: Values
    limbs: Values
    limb_weights: Values


class SquareMaps(NamedTuple):
    """Heatmaps (K, side, side) of one letterboxed square of a picture, and where it lies: `shape`
    is its height, width.

    size: (height, width) of the network's input.
    """

    heatmaps: NDArray[np.float32]
    corner: tuple[int, int]
    shape: Size
    size: Size

    @property
    def cells(self) -> float:
        """Map cells per px of the picture."""
        return float(self.heatmaps.shape[-1] / max(self.shape))


def order(skeleton: Skeleton) -> list[int]:
    """Which of the skeleton's joints every heatmap is of."""
    return list(MPII_JOINTS) if skeleton.name == MPII.name else list(range(len(skeleton)))


def _square(person: Person, margin: float, scale: float) -> tuple[tuple[float, float], float]:
    """Centre and side of the training crop, on a grid that counts pixels' corners."""
    x, y = person.centre
    return (x + 0.5, y + 0.5), max(person.extent) * margin * scale


def _shrunk(image: NDArray[np.uint8], affine: NDArray[np.float64], size: Size) -> NDArray[np.uint8]:
    """The picture under a matrix, smoothed before where it shrinks, as the letterbox of the test
    is."""
    factor = 1 / np.sqrt(abs(np.linalg.det(affine[:, :2])))
    if factor > 1:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), max((factor - 1) / 2, 0.1)), np.uint8)
    return crops.cut(image, affine, size)


def _corners(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """A matrix between pixels' corners as one between their centres, which is what OpenCV moves."""
    shifted = affine.copy()
    shifted[:, 2] += affine[:, :2] @ np.array([0.5, 0.5]) - 0.5
    return shifted


def _limbs(skeleton: Skeleton) -> tuple[tuple[int, int], ...]:
    return LIMBS if skeleton.name == MPII.name else skeleton.limbs


def _error(found: Tensor, wanted: Tensor, weights: Tensor, *, kind: str = "mse") -> Tensor:
    return (squared_error(found, wanted, kind=kind) * weights[:, :, None, None]).mean()


def _limb_error(answer: Maps, targets: PassTargets[Tensor]) -> Tensor:
    """Summed over the passes that give limb fields."""
    if answer.limbs[0].shape != targets.limbs.shape:
        raise UsageError(
            f"the network has limb fields {tuple(answer.limbs[0].shape)}, their targets are "
            f"{tuple(targets.limbs.shape)}"
        )
    return torch.stack(
        [_error(field, targets.limbs, targets.limb_weights) for field in answer.limbs]
    ).sum()


@dataclass(frozen=True)
class ThreePass(KeypointTask[PassTargets[Floats], PassTargets[Tensor], SquareMaps]):
    """Finds one person in passes: limbs first, then joints, twice. x, y count from the picture's
    top-left corner."""

    name = "three-pass"
    by_person = True

    def prepare(
        self,
        sample: Sample,
        rng: np.random.Generator,
        *,
        size: int | Size,
        outputs: tuple[Size, ...],
        skeleton: Skeleton,
        recipe: Recipe,
    ) -> Example[PassTargets[Floats]]:
        """A square around the person, and maps of its joints and limbs."""
        crops.check_joints(sample, skeleton)
        shape, sides = pair(size), [width for _, width in outputs]
        scale, rotation, flip = crops.drawn(rng, recipe)
        centre, side = _square(crops.the_person(sample), recipe.crop.margin, scale)
        image = _shrunk(
            sample.image, _corners(crops.matrix(centre, side, size=shape, rotation=rotation)), shape
        )
        joints = sample.joints.copy()
        # fractions of the square's side
        joints[..., :2] = crops.moved(
            joints[..., :2] + 0.5, crops.matrix(centre, side, size=(1, 1), rotation=rotation)
        )
        if flip:
            image = image[:, ::-1]
            joints = flip_joints(joints, skeleton, width=2)  # x becomes 1 - x
        own, passes = joints[0, order(skeleton)], recipe.three_pass
        maps = tuple(
            spread(own, side=output, sigma=recipe.sigma, gauss=passes.gauss) for output in sides
        )
        limbs, limb_weights = limb_fields(
            own, _limbs(skeleton), side=sides[0], width=passes.limb_width
        )
        weights = (own[:, 2] > 0).astype(np.float32)
        return Example(
            normalise(np.ascontiguousarray(image)), PassTargets(maps, weights, limbs, limb_weights)
        )

    def loss(self, answer: Maps, targets: PassTargets[Tensor], recipe: Recipe) -> dict[str, Tensor]:
        """Mean squared error of every output, summed: heatmaps of all passes and of the upscaling,
        limb fields."""
        heatmap, limb, _ = recipe.loss_weights
        pairs = zip(answer.heatmaps, targets.heatmaps, strict=True)
        errors = [_error(maps, wanted, targets.weights, kind=recipe.heat) for maps, wanted in pairs]
        terms = {"heatmap": heatmap * torch.stack(errors).sum()}
        if answer.limbs:
            terms["limb"] = limb * _limb_error(answer, targets)
        return {"total": torch.stack(list(terms.values())).sum(), **terms}

    def observe(
        self,
        model: nn.Module,
        sample: Sample,
        *,
        skeleton: Skeleton,
        protocol: Protocol,
        nominal: int | Size,
    ) -> SquareMaps:
        """Heatmaps of the square around the person, or of the whole picture where nobody is
        named."""
        height, width = sample.image.shape[:2]
        box = Square(0, 0, 0)
        if sample.person is not None and protocol.margin:
            box = box_of(sample.person.centre, max(sample.person.extent), margin=protocol.margin)
            height = width = box.side
        part = crop(sample.image, box) if box.side else sample.image
        side, weight = min(pair(nominal)), next(model.parameters())
        pixels = torch.from_numpy(preprocess(part, side))[None].to(weight.device, weight.dtype)
        with torch.inference_mode():
            maps = model(pixels).heatmaps[-1][0].float()
        check_channels(maps, skeleton)
        maps = heights(maps, protocol.softmax * maps[0].numel())
        return SquareMaps(maps.cpu().numpy(), (box.x, box.y), (height, width), (side, side))

    def people(self, seen: SquareMaps, *, skeleton: Skeleton, protocol: Protocol) -> People:
        """The one person: the highest place of every map."""
        height, width = seen.shape
        points = (
            locate(seen.heatmaps, seen.shape, sigma=protocol.blur) * (width, height) + seen.corner
        )
        own = np.concatenate([points, peaks(seen.heatmaps, sigma=protocol.blur)[:, None]], axis=1)
        person = np.empty_like(own)
        person[order(skeleton)] = own
        return People(person[None], person[None, :, 2].mean(1))
