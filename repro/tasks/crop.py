"""Networks that see one person's crop, trained and tested as the HRNet code base does: MPII people, top-down COCO.

Sources: EfficientPose-NAS sections 4.1 and 4.2, which follow SimpleBaseline and the HRNet code base.
"""

from collections import defaultdict
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from repro.data.transforms import flip_joints, normalise
from repro.errors import UsageError
from repro.people.sample import Person, Sample
from repro.people.skeletons import Skeleton
from repro.pose import crops
from repro.pose.losses import squared_error
from repro.pose.targets import one_person
from repro.spec.settings import Protocol, Recipe
from repro.tasks.task import Entry, Floats, Size, Task, map_shapes, pair

HALF_BODY_JOINTS = 8  # a half-body crop needs more labelled joints than this (HRNet's configuration)
HALF_BODY_MARGIN = 1.5
LEGS = ("hip", "knee", "ankle", "pelvis")


class CropTargets(NamedTuple):
    """Heatmaps (K, h, w) and weights (K,), 0 for joints that are not labelled or outside."""

    heatmaps: Floats
    weights: Floats


class Seen(NamedTuple):
    """Heatmaps (K, h, w) of one crop, mirrored pass included, the matrix from the picture to them, whose they are."""

    heatmaps: Floats
    matrix: NDArray[np.float64]
    person: Person
    size: Size

    @property
    def cells(self) -> float:
        """Map cells per px of the picture."""
        return float(np.hypot(*self.matrix[0, :2]))


def half_body(sample: Sample, rng: np.random.Generator, *, skeleton: Skeleton) -> Person | None:
    """A box around the upper or the lower body, None when too few of its joints are labelled.

    The upper body is drawn where a *normal* number is below 0.5, that is 69 times in 100: as HRNet's code does.
    """
    labelled = sample.joints[0, :, 2] > 0
    legs = np.array([any(part in name for part in LEGS) for name in skeleton.joints])
    upper, lower = np.flatnonzero(labelled & ~legs), np.flatnonzero(labelled & legs)
    fallback = lower if len(lower) > 2 else upper
    chosen = upper if rng.standard_normal() < 0.5 and len(upper) > 2 else fallback
    if len(chosen) < 2:
        return None
    points = sample.joints[0, chosen, :2]
    width, height = (float(value) for value in points.max(0) - points.min(0))
    x, y = (float(value) for value in points.mean(0))
    return Person((x, y), (max(width, 1.0), max(height, 1.0)))


def _chosen(
    sample: Sample, person: Person, rng: np.random.Generator, *, skeleton: Skeleton, recipe: Recipe
) -> tuple[Person, float]:
    """The person's box or half of the body, and its margin."""
    many = int((sample.joints[0, :, 2] > 0).sum()) > HALF_BODY_JOINTS
    if many and rng.random() < recipe.crop.half_body:
        half = half_body(sample, rng, skeleton=skeleton)
        if half is not None:
            return half, HALF_BODY_MARGIN
    return person, recipe.crop.margin


def _example(
    sample: Sample,
    rng: np.random.Generator,
    *,
    size: int | Size,
    outputs: tuple[Size, ...],
    skeleton: Skeleton,
    recipe: Recipe,
) -> tuple[Floats, CropTargets]:
    crops.check_joints(sample, skeleton)
    shape = pair(size)
    person, margin = _chosen(sample, crops.the_person(sample), rng, skeleton=skeleton, recipe=recipe)
    scale, rotation, flip = crops.drawn(rng, recipe)
    extent = crops.width_of(person, shape, margin) * scale
    image = crops.cut(sample.image, crops.matrix(person.centre, extent, size=shape, rotation=rotation), shape)
    joints = sample.joints.copy()
    affine = crops.matrix(person.centre, extent, size=outputs[-1], rotation=rotation)
    joints[..., :2] = crops.moved(joints[..., :2], affine)
    if flip:
        image = image[:, ::-1]
        # the input's x becomes its width - x - 1, so a map's, x / stride, becomes width - x - 1 / stride
        joints = flip_joints(joints, skeleton, width=outputs[-1][1])
        joints[..., 0] += 1 - outputs[-1][1] / shape[1]
    return normalise(image), CropTargets(*one_person(joints[0], size=outputs[-1], sigma=recipe.sigma))


def _loss(maps: Any, targets: Any, recipe: Recipe) -> dict[str, Tensor]:
    """Half the mean squared error of the labelled joints' maps, summed over the network's stages."""
    weights = targets.weights[:, :, None, None]
    errors = [squared_error(found, targets.heatmaps, kind=recipe.heat) for found in _stages(maps, targets)]
    parts = [(error * weights).mean() / 2 for error in errors]
    heatmap = recipe.loss_weights[0] * torch.stack(parts).sum()
    return {"total": heatmap, "heatmap": heatmap}


def _stages(maps: Any, targets: Any) -> list[Tensor]:
    """All maps of the final size: stacked networks are supervised at every stage."""
    wanted = targets.heatmaps.shape[-2:]
    return [found for found in maps.heatmaps if found.shape[-2:] == wanted]


def _observe(model: nn.Module, sample: Sample, *, skeleton: Skeleton, protocol: Protocol, nominal: int | Size) -> Seen:
    size, person = pair(nominal), crops.the_person(sample)
    margin = protocol.margin if sample.person and protocol.margin else 1.0
    extent = crops.width_of(person, size, margin)
    image = normalise(crops.cut(sample.image, crops.matrix(person.centre, extent, size=size), size))
    maps = _final(model, image, skeleton)
    if protocol.flip:
        mirrored = _final(model, np.ascontiguousarray(image[:, :, ::-1]), skeleton)
        maps = crops.averaged(maps, mirrored, skeleton.flip, shift=protocol.shift)
    affine = crops.matrix(person.centre, extent, size=(maps.shape[1], maps.shape[2]))
    return Seen(maps, affine, person, size)


def _final(model: nn.Module, image: Floats, skeleton: Skeleton) -> Floats:
    weight = next(model.parameters())
    with torch.inference_mode():
        maps = model(torch.from_numpy(image)[None].to(weight.device, weight.dtype)).heatmaps[-1][0]
    if len(maps) != len(skeleton):
        raise UsageError(f"the network has {len(maps)} joints, skeleton '{skeleton.name}' has {len(skeleton)}")
    return np.asarray(maps.float().cpu().numpy())


def _people(seen: Seen, *, skeleton: Skeleton, protocol: Protocol) -> tuple[Floats, Floats]:
    found = crops.peaks(seen.heatmaps, quarter=protocol.adjust)
    found[:, :2] = crops.unmoved(found[:, :2], seen.matrix)
    score = crops.person_score(found[:, 2], seen.person.score, threshold=protocol.joint_threshold)
    return found[None], np.array([score])


def _entries(found: tuple[Floats, Floats], sample: Sample) -> list[Entry]:
    person = crops.the_person(sample)
    more = {"person": person.number, "area": _area(person)}
    (people, scores), keypoints = found, [float(value) for value in found[0].reshape(-1)]
    assert len(people) == 1
    return [{"image_id": sample.image_id, "category_id": 1, "keypoints": keypoints, "score": float(scores[0]), **more}]


def _area(person: Person) -> float:
    """Of the box at COCO's aspect ratio with its margin, as HRNet's code compares people."""
    width = crops.width_of(person, (4, 3), 1.25)
    return width * width * 4 / 3


def _distinct(predictions: list[Entry], *, skeleton: Skeleton, protocol: Protocol) -> list[Entry]:
    """Per picture the people that are not nearly the same as a better one."""
    pictures: dict[int, list[Entry]] = defaultdict(list)
    for one in predictions:
        pictures[one["image_id"]].append(one)
    kept: list[Entry] = []
    for group in pictures.values():
        points = np.array([one["keypoints"] for one in group]).reshape(len(group), -1, 3)[..., :2]
        scores, areas = (np.array([one[name] for one in group]) for name in ("score", "area"))
        chosen = crops.distinct(points, scores, areas, sigmas=skeleton.sigmas, threshold=protocol.oks_nms or 1.0)
        kept += [{name: value for name, value in group[place].items() if name != "area"} for place in chosen]
    return kept


SINGLE_PERSON = Task(
    name="single-person", outputs=map_shapes, prepare=_example, loss=_loss, observe=_observe, people=_people,
    by_person=True,
)  # fmt: skip
"""One person of MPII in a square around it."""

TOP_DOWN = replace(SINGLE_PERSON, name="top-down", results=_entries, finish=_distinct)
"""One person of COCO in its box; people that are nearly the same are one."""
