"""Networks that see one person's crop, trained and tested as the HRNet code base does: MPII people,
top-down COCO.

Sources: EfficientPose-NAS sections 4.1 and 4.2, which follow SimpleBaseline and the HRNet code
base.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from repro.data.transforms import flip_joints, normalise
from repro.models.maps import Maps
from repro.people.sample import Person, Sample
from repro.people.skeletons import Skeleton
from repro.pose import crops
from repro.pose.losses import heights, squared_error
from repro.pose.targets import one_person
from repro.spec.settings import Protocol, Recipe
from repro.tasks.keypoints import KeypointTask, People, check_channels
from repro.tasks.task import Entry, Example, Floats, Size, pair

HALF_BODY_JOINTS = (
    8  # a half-body crop needs more labelled joints than this (HRNet's configuration)
)
HALF_BODY_MARGIN = 1.5
LEGS = ("hip", "knee", "ankle", "pelvis")

Values = TypeVar("Values")


class CropTargets(NamedTuple, Generic[Values]):
    """Heatmaps (K, h, w) and weights (K,), 0 for joints that are not labelled or outside."""

    heatmaps: Values
    weights: Values


class CropMaps(NamedTuple):
    """Heatmaps (K, h, w) of one crop, mirrored pass included, the matrix from the picture to them,
    whose they are."""

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

    The upper body is drawn where a *normal* number is below 0.5, that is 69 times in 100: as
    HRNet's code does.
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


def _stages(answer: Maps, targets: CropTargets[Tensor]) -> list[Tensor]:
    """All maps of the final size: stacked networks are supervised at every stage."""
    final = targets.heatmaps.shape[-2:]
    return [heatmaps for heatmaps in answer.heatmaps if heatmaps.shape[-2:] == final]


def _final(model: nn.Module, image: Floats, skeleton: Skeleton, protocol: Protocol) -> Floats:
    weight = next(model.parameters())
    with torch.inference_mode():
        maps = model(torch.from_numpy(image)[None].to(weight.device, weight.dtype)).heatmaps[-1][0]
    check_channels(maps, skeleton)
    return np.asarray(heights(maps.float(), protocol.softmax).cpu().numpy())


@dataclass(frozen=True)
class SinglePerson(KeypointTask[CropTargets[Floats], CropTargets[Tensor], CropMaps]):
    """Finds one person of MPII in a square around it."""

    name = "single-person"
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
    ) -> Example[CropTargets[Floats]]:
        """A crop around the person or half of it, and maps of its joints at the network's last
        output."""
        crops.check_joints(sample, skeleton)
        shape, final = pair(size), outputs[-1]
        person, margin = _chosen(
            sample, crops.the_person(sample), rng, skeleton=skeleton, recipe=recipe
        )
        scale, rotation, flip = crops.drawn(rng, recipe)
        extent = crops.width_of(person, shape, margin) * scale
        image = crops.cut(
            sample.image, crops.matrix(person.centre, extent, size=shape, rotation=rotation), shape
        )
        joints = sample.joints.copy()
        affine = crops.matrix(person.centre, extent, size=final, rotation=rotation)
        joints[..., :2] = crops.moved(joints[..., :2], affine)
        if flip:
            image = image[:, ::-1]
            # the input's x becomes its width - x - 1, so a map's, x / stride, becomes width - x - 1
            # / stride
            joints = flip_joints(joints, skeleton, width=final[1])
            joints[..., 0] += 1 - final[1] / shape[1]
        return Example(
            normalise(image), CropTargets(*one_person(joints[0], size=final, sigma=recipe.sigma))
        )

    def loss(self, answer: Maps, targets: CropTargets[Tensor], recipe: Recipe) -> dict[str, Tensor]:
        """Half the mean squared error of the labelled joints' maps, summed over the network's
        stages."""
        weights = targets.weights[:, :, None, None]
        errors = [
            squared_error(maps, targets.heatmaps, kind=recipe.heat)
            for maps in _stages(answer, targets)
        ]
        halves = [(error * weights).mean() / 2 for error in errors]
        heatmap = recipe.loss_weights[0] * torch.stack(halves).sum()
        return {"total": heatmap, "heatmap": heatmap}

    def observe(
        self,
        model: nn.Module,
        sample: Sample,
        *,
        skeleton: Skeleton,
        protocol: Protocol,
        nominal: int | Size,
    ) -> CropMaps:
        """Heatmaps of the crop around the person, averaged with those of the mirrored crop."""
        size, person = pair(nominal), crops.the_person(sample)
        margin = protocol.margin if sample.person and protocol.margin else 1.0
        extent = crops.width_of(person, size, margin)
        image = normalise(
            crops.cut(sample.image, crops.matrix(person.centre, extent, size=size), size)
        )
        maps = _final(model, image, skeleton, protocol)
        if protocol.flip:
            mirrored = _final(model, np.ascontiguousarray(image[:, :, ::-1]), skeleton, protocol)
            maps = crops.averaged(maps, mirrored, skeleton.flip, shift=protocol.shift)
        affine = crops.matrix(person.centre, extent, size=(maps.shape[1], maps.shape[2]))
        return CropMaps(maps, affine, person, size)

    def people(self, seen: CropMaps, *, skeleton: Skeleton, protocol: Protocol) -> People:
        """The one person: the highest place of every map."""
        joints = crops.peaks(seen.heatmaps, quarter=protocol.adjust)
        joints[:, :2] = crops.unmoved(joints[:, :2], seen.matrix)
        score = crops.person_score(
            joints[:, 2], seen.person.score, threshold=protocol.joint_threshold
        )
        return People(joints[None], np.array([score]))


@dataclass(frozen=True)
class TopDown(SinglePerson):
    """Finds one person of COCO in its box; people that are nearly the same are one."""

    name = "top-down"

    def results(self, found: People, sample: Sample) -> list[Entry]:
        """One entry, with the area that `finish` compares people by."""
        person, entries = crops.the_person(sample), super().results(found, sample)
        return [{**entry, "person": person.number, "area": _area(person)} for entry in entries]

    def finish(
        self, predictions: list[Entry], *, skeleton: Skeleton, protocol: Protocol
    ) -> list[Entry]:
        """Per picture the people that are not nearly the same as a better one."""
        pictures: dict[int, list[Entry]] = defaultdict(list)
        for entry in predictions:
            pictures[entry["image_id"]].append(entry)
        kept: list[Entry] = []
        for entries in pictures.values():
            points = np.array([entry["keypoints"] for entry in entries]).reshape(
                len(entries), -1, 3
            )[..., :2]
            scores = np.array([entry["score"] for entry in entries])
            areas = np.array([entry["area"] for entry in entries])
            threshold = protocol.oks_nms or 1.0
            places = crops.distinct(
                points, scores, areas, sigmas=skeleton.sigmas, threshold=threshold
            )
            kept += [_without_area(entries[place]) for place in places]
        return kept


def _area(person: Person) -> float:
    """Of the box at COCO's aspect ratio with its margin, as HRNet's code compares people."""
    width = crops.width_of(person, (4, 3), 1.25)
    return width * width * 4 / 3


def _without_area(entry: Entry) -> Entry:
    kept: Entry = {**entry}
    del kept["area"]
    return kept
