"""One person at a time as the HRNet code base crops, reads and scores it.

Sizes are (height, width), points x, y; the centre of the top-left pixel is (0, 0).
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from repro.data.transforms import warped
from repro.errors import UsageError
from repro.people.sample import Person, Sample
from repro.people.skeletons import Skeleton
from repro.spec.settings import Recipe

Size = tuple[int, int]
Floats = NDArray[np.floating]


def whole(size: Size) -> Person:
    """All of a picture as one person."""
    height, width = size
    return Person((width / 2, height / 2), (width, height))


def drawn(rng: np.random.Generator, recipe: Recipe) -> tuple[float, float, bool]:
    """Factor on the crop's side, degrees of rotation, whether to mirror, by the recipe."""
    low, high = recipe.scale
    if recipe.crop.spread == "normal":
        scale = float(np.clip(1 + rng.standard_normal() * (high - 1), low, high))
        turn = float(np.clip(rng.standard_normal(), -2, 2))
    else:
        scale, turn = float(rng.uniform(low, high)), float(rng.uniform(-1, 1))
    rotation = turn * recipe.rotation if rng.random() < recipe.crop.turned else 0.0
    return scale, rotation, bool(rng.random() < recipe.flip)


def the_person(sample: Sample) -> Person:
    """Who is meant in a sample; all of the picture when nobody is named."""
    return sample.person or whole((sample.image.shape[0], sample.image.shape[1]))


def check_joints(sample: Sample, skeleton: Skeleton) -> None:
    """Raise UsageError unless the sample is one person with the skeleton's joints."""
    if sample.joints.shape != (1, len(skeleton), 3):
        raise UsageError(
            f"'{sample.file}' has joints of shape {sample.joints.shape}, one person of skeleton "
            f"'{skeleton.name}' has "
            f"(1, {len(skeleton)}, 3)"
        )


def width_of(person: Person, size: Size, margin: float) -> float:
    """Width in the picture of the crop of shape `size`: the box widened to its aspect ratio, times
    the margin."""
    height, width = size
    return max(person.extent[0], person.extent[1] * width / height) * margin


def matrix(
    centre: tuple[float, float], extent: float, *, size: Size, rotation: float = 0.0
) -> NDArray[np.float64]:
    """(2, 3) from the picture to a crop or map of `size`: `extent` pixels around `centre` fill its
    width.

    rotation in degrees.
    """
    height, width = size
    ratio, angle = width / extent, math.radians(rotation)
    linear = ratio * np.array(
        [[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]
    )
    moved = np.array([width / 2, height / 2]) - linear @ np.asarray(centre, np.float64)
    return np.concatenate([linear, moved[:, None]], axis=1)


def cut(image: NDArray[np.uint8], affine: NDArray[np.float64], size: Size) -> NDArray[np.uint8]:
    """The (H, W, 3) picture under a (2, 3) matrix: bilinear, black outside."""
    return warped(image, affine, (size[1], size[0]))[..., :3]


def moved(points: Floats, affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 2) points under a (2, 3) matrix."""
    return np.asarray(points @ affine[:, :2].T + affine[:, 2])


def unmoved(points: Floats, affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of `moved`."""
    return np.asarray((points - affine[:, 2]) @ np.linalg.inv(affine[:, :2]).T)


def averaged(maps: Floats, mirrored: Floats, flip: Sequence[int], *, shift: bool) -> Floats:
    """Mean of (K, h, w) maps and those of the mirrored crop, as the network gave them.

    shift: the latter move one pixel to the right once turned back, for the strides left them one
    pixel off; their first column stays.
    """
    back = mirrored[list(flip)][..., ::-1].copy()
    if shift:
        back[..., 1:] = back[..., :-1].copy()
    return (maps + back) / 2


def peaks(maps: Floats, *, quarter: bool) -> NDArray[np.float64]:
    """(K, 3) x, y in pixels of the map and height of every map's first maximum; (0, 0) where none
    is above 0.

    quarter: a quarter pixel toward the higher neighbour on each axis, for peaks with 1 < x < w - 1
    and 1 < y < h - 1.
    """
    joints, height, width = maps.shape
    place = maps.reshape(joints, -1).argmax(1)
    rows, columns = np.divmod(place, width)
    values = maps.reshape(joints, -1)[np.arange(joints), place]
    peaks = np.stack([columns, rows, values], axis=1).astype(np.float64)
    peaks[values <= 0, :2] = 0
    if quarter:
        for joint in range(joints):
            x, y = int(peaks[joint, 0]), int(peaks[joint, 1])
            if 1 < x < width - 1 and 1 < y < height - 1:
                heatmap = maps[joint]
                peaks[joint, 0] += 0.25 * np.sign(heatmap[y, x + 1] - heatmap[y, x - 1])
                peaks[joint, 1] += 0.25 * np.sign(heatmap[y + 1, x] - heatmap[y - 1, x])
    return peaks


def person_score(joints: Floats, box: float, *, threshold: float) -> float:
    """Score of the box times the mean of the joints' scores (K,) above `threshold`, 0 when none
    is."""
    above = joints[joints > threshold]
    return float(box * above.mean()) if above.size else 0.0


def similarity(
    person: Floats, others: Floats, *, areas: tuple[float, Floats], sigmas: Sequence[float]
) -> Floats:
    """(P,) object key-point similarity of one person (K, 2) with others (P, K, 2), on the mean of
    their areas."""
    squares = ((others - person) ** 2).sum(-1)
    spread = (2 * np.asarray(sigmas)) ** 2
    area = (areas[0] + areas[1]) / 2 + np.spacing(1)
    return np.asarray(np.exp(-squares / spread / area[:, None] / 2).mean(1))


def distinct(
    people: Floats, scores: Floats, areas: Floats, *, sigmas: Sequence[float], threshold: float
) -> list[int]:
    """Indices of the people (P, K, 2) to keep, best first: none is more than `threshold` similar to
    a better one."""
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size:
        best, rest = int(order[0]), order[1:]
        kept.append(best)
        same = similarity(
            people[best], people[rest], areas=(areas[best], areas[rest]), sigmas=sigmas
        )
        order = rest[same <= threshold]
    return kept
