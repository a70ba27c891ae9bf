"""EfficientPose (Groos) and its OpenPose baseline: one person, letterboxed, supervised in passes.

Sources: EfficientPose section 4.1, appendices A and B, and the authors' released networks and code. The networks'
heatmaps stand in their own joint order, people in MPII's.
"""

from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from repro.data.transforms import flip_joints
from repro.errors import UsageError
from repro.people.sample import Person, Sample
from repro.people.skeletons import MPII, Skeleton
from repro.pose import crops
from repro.pose.letterbox import LIMBS, MPII_JOINTS, Box, box_of, crop, locate, normalise, peaks, preprocess
from repro.pose.losses import squared_error
from repro.pose.targets import limb_fields, spread
from repro.spec.settings import Protocol, Recipe
from repro.tasks.task import Floats, Size, Task, map_sizes, pair


class PassTargets(NamedTuple):
    """Per output heatmaps (K, h, w), in the networks' joint order; weights (K,) of the joints, 0 for those not
    labelled; limb fields (2P, h, w) at the first output and their weights (2P,).
    """

    heatmaps: tuple[Floats, ...]
    weights: Floats
    limbs: Floats
    limb_weights: Floats


class Looked(NamedTuple):
    """Heatmaps (K, side, side) of one letterboxed square of a picture, and where it lies: `shape` is its height, width.

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
    """The picture under a matrix, smoothed before where it shrinks, as the letterbox of the test is."""
    factor = 1 / np.sqrt(abs(np.linalg.det(affine[:, :2])))
    if factor > 1:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), max((factor - 1) / 2, 0.1)), np.uint8)
    return crops.cut(image, affine, size)


def _corners(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """A matrix between pixels' corners as one between their centres, which is what OpenCV moves."""
    shifted = affine.copy()
    shifted[:, 2] += affine[:, :2] @ np.array([0.5, 0.5]) - 0.5
    return shifted


def _example(
    sample: Sample,
    rng: np.random.Generator,
    *,
    size: int | Size,
    outputs: tuple[int, ...],
    skeleton: Skeleton,
    recipe: Recipe,
) -> tuple[Floats, PassTargets]:
    crops.check_joints(sample, skeleton)
    shape = pair(size)
    scale, rotation, flip = crops.drawn(rng, recipe)
    centre, side = _square(crops.the_person(sample), recipe.crop.margin, scale)
    image = _shrunk(sample.image, _corners(crops.matrix(centre, side, size=shape, rotation=rotation)), shape)
    joints = sample.joints.copy()
    # fractions of the square's side
    joints[..., :2] = crops.moved(joints[..., :2] + 0.5, crops.matrix(centre, side, size=(1, 1), rotation=rotation))
    if flip:
        image = image[:, ::-1]
        joints = flip_joints(joints, skeleton, width=2)  # x becomes 1 - x
    own = joints[0, order(skeleton)]
    maps = tuple(spread(own, side=output, sigma=recipe.sigma, gauss=recipe.three_pass.gauss) for output in outputs)
    limbs, limb_weights = limb_fields(own, _limbs(skeleton), side=outputs[0], width=recipe.three_pass.limb_width)
    weights = (own[:, 2] > 0).astype(np.float32)
    return normalise(np.ascontiguousarray(image)), PassTargets(maps, weights, limbs, limb_weights)


def _limbs(skeleton: Skeleton) -> tuple[tuple[int, int], ...]:
    return LIMBS if skeleton.name == MPII.name else skeleton.limbs


def _error(found: Tensor, wanted: Tensor, weights: Tensor, *, kind: str = "mse") -> Tensor:
    return (squared_error(found, wanted, kind=kind) * weights[:, :, None, None]).mean()


def _loss(maps: Any, targets: Any, recipe: Recipe) -> dict[str, Tensor]:
    """Mean squared error of every output, summed: heatmaps of all passes and of the upscaling, limb fields."""
    heatmap, limb, _ = recipe.loss_weights
    pairs = zip(maps.heatmaps, targets.heatmaps, strict=True)
    terms = {"heatmap": heatmap * torch.stack([_error(*one, targets.weights, kind=recipe.heat) for one in pairs]).sum()}
    if maps.limbs:
        if maps.limbs[0].shape != targets.limbs.shape:
            raise UsageError(
                f"the network has limb fields {tuple(maps.limbs[0].shape)}, their targets are "
                f"{tuple(targets.limbs.shape)}"
            )
        fields = [_error(field, targets.limbs, targets.limb_weights) for field in maps.limbs]
        terms["limb"] = limb * torch.stack(fields).sum()
    return {"total": torch.stack(list(terms.values())).sum(), **terms}


def _observe(
    model: nn.Module, sample: Sample, *, skeleton: Skeleton, protocol: Protocol, nominal: int | Size
) -> Looked:
    height, width = sample.image.shape[:2]
    box = Box(0, 0, 0)
    if sample.person is not None and protocol.margin:
        box = box_of(sample.person.centre, max(sample.person.extent), margin=protocol.margin)
        height = width = box.side
    part = crop(sample.image, box) if box.side else sample.image
    size = pair(nominal)
    weight = next(model.parameters())
    pixels = torch.from_numpy(preprocess(part, min(size)))[None].to(weight.device, weight.dtype)
    with torch.inference_mode():
        maps = model(pixels).heatmaps[-1][0].float().cpu().numpy()
    if len(maps) != len(skeleton):
        raise UsageError(f"the network has {len(maps)} joints, skeleton '{skeleton.name}' has {len(skeleton)}")
    return Looked(maps, (box.x, box.y), (height, width), (min(size), min(size)))


def _people(seen: Looked, *, skeleton: Skeleton, protocol: Protocol) -> tuple[Floats, Floats]:
    height, width = seen.shape
    points = locate(seen.heatmaps, seen.shape, sigma=protocol.blur) * (width, height) + seen.corner
    own = np.concatenate([points, peaks(seen.heatmaps, sigma=protocol.blur)[:, None]], axis=1)
    person = np.empty_like(own)
    person[order(skeleton)] = own
    return person[None], person[None, :, 2].mean(1)


THREE_PASS = Task(
    name="three-pass", outputs=map_sizes, prepare=_example, loss=_loss, observe=_observe, people=_people,
    by_person=True,
)  # fmt: skip
"""One person, found in passes: limbs first, then joints, twice. x, y count from the picture's top-left corner."""
