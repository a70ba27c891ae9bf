"""Key points to training targets: Gaussian heatmaps, indices into the tag maps, limb fields.

Sources: for bottom-up networks HigherHRNet (Cheng et al. 2020, section 3.2) and the associative
embedding of Newell et al. 2017; the rounding rules are those of the released code (truncation, not
rounding, so -0.5 falls on pixel 0). For one person: the HRNet code base, and EfficientPose (Groos)
appendix B.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from repro.errors import UsageError

Floats = NDArray[np.float32]


def _pixels(joints: NDArray[np.floating], size: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Truncated x, y (P, K, 2) and whether the joint is labelled and inside the map (P, K)."""
    if joints.ndim != 3 or joints.shape[-1] != 3:
        raise UsageError(f"joints must be (people, joints, 3), got {tuple(joints.shape)}")
    if size <= 0:
        raise UsageError(f"the size of a target map must be positive, got {size}")
    pixels = joints[..., :2].astype(np.int64)
    inside = ((pixels >= 0) & (pixels < size)).all(-1)
    return pixels, inside & (joints[..., 2] > 0)


def _window(sigma: float, reach: int) -> Floats:
    """A Gaussian with peak 1 on a square of 2 reach + 1 pixels."""
    squares = np.arange(-reach, reach + 1) ** 2
    return np.exp(-(squares[:, None] + squares[None, :]) / (2 * sigma**2)).astype(np.float32)


def heatmaps(joints: NDArray[np.floating], *, size: int, sigma: float = 2.0) -> Floats:
    """Heatmaps (K, size, size) of people (P, K, 3: x, y in pixels of the map, visibility).

    Every labelled joint inside the map adds a Gaussian with peak 1 in a window of 6 sigma + 3
    pixels; people merge by maximum. Joints with visibility 0 or outside the map add nothing.
    """
    if not sigma > 0:
        raise UsageError(f"sigma must be positive, got {sigma}")
    pixels, usable = _pixels(joints, size)
    maps = np.zeros((joints.shape[1], size, size), np.float32)
    reach = int(3 * sigma + 1)
    window = _window(sigma, reach)
    spots = np.concatenate([np.nonzero(usable)[1][:, None], pixels[usable]], axis=1)
    for (
        joint,
        x,
        y,
    ) in spots.tolist():  # Python's integers are several times faster here than NumPy's
        left, top = max(0, x - reach), max(0, y - reach)
        right, bottom = min(size, x + reach + 1), min(size, y + reach + 1)
        patch = maps[joint, top:bottom, left:right]
        cut = window[top - y + reach : bottom - y + reach, left - x + reach : right - x + reach]
        np.maximum(patch, cut, out=patch)
    return maps


def _kept(usable: NDArray[np.bool_], max_people: int) -> NDArray[np.int64]:
    """The people that get a slot: all of them, or the first `max_people` that have a usable
    joint."""
    if len(usable) <= max_people:
        return np.arange(len(usable))
    return np.flatnonzero(usable.any(1))[:max_people]


def tag_joints(
    joints: NDArray[np.floating], *, size: int, max_people: int = 30
) -> NDArray[np.int64]:
    """Where the tag loss reads: (max_people, K, 2) of (flat index into the (K, size, size) tag
    maps, 1).

    The usable joints of a person are packed from slot 0 in joint order; the other slots are (0, 0).
    Of more than `max_people` people (the released code fails there) the first with a usable joint
    are kept, see `dropped_people`.
    """
    pixels, usable = _pixels(joints, size)
    keep = _kept(usable, max_people)
    pixels, usable = pixels[keep], usable[keep]
    result = np.zeros((max_people, joints.shape[1], 2), np.int64)
    people, joint_indices = np.nonzero(usable)
    slots = (usable.cumsum(1) - 1)[people, joint_indices]
    x, y = pixels[people, joint_indices].T
    result[people, slots, 0] = (joint_indices * size + y) * size + x
    result[people, slots, 1] = 1
    return result


def dropped_people(joints: NDArray[np.floating], *, size: int, max_people: int = 30) -> int:
    """How many people with a usable joint `tag_joints` has no slot for."""
    _, usable = _pixels(joints, size)
    return max(0, int(usable.any(1).sum()) - max_people)


# --- one person -----------------------------------------------------------------------------------


def one_person(
    joints: NDArray[np.floating], *, size: tuple[int, int], sigma: float = 2.0
) -> tuple[Floats, Floats]:
    """Heatmaps (K, h, w) and weights (K,) of one person (K, 3: x, y in pixels of the map,
    visibility).

    The rule of the HRNet code base for crops: the joint is rounded to a pixel, its window has 6
    sigma + 1 pixels; a joint that is not labelled, or whose whole window is outside, has weight 0.
    """
    height, width = size
    reach = int(3 * sigma)
    window = _window(sigma, reach)
    maps, weights = (
        np.zeros((len(joints), height, width), np.float32),
        np.zeros(len(joints), np.float32),
    )
    for joint in np.flatnonzero(joints[:, 2] > 0):
        x, y = (int(value) for value in joints[joint, :2] + 0.5)
        left, top, right, bottom = x - reach, y - reach, x + reach + 1, y + reach + 1
        if left >= width or top >= height or right <= 0 or bottom <= 0:
            continue
        weights[joint] = 1
        rows, columns = (
            slice(max(0, top), min(height, bottom)),
            slice(max(0, left), min(width, right)),
        )
        cut = window[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        maps[joint, rows, columns] = cut
    return maps, weights


def spread(joints: NDArray[np.floating], *, side: int, sigma: float, gauss: float = 1.0) -> Floats:
    """Heatmaps (K, side, side) of one person (K, 3: x, y as fractions of the side, visibility).

    exp(-d^2 / (gauss x sigma^2)) everywhere, with the distance d and `sigma` in fractions of the
    side; not rounded. EfficientPose (Groos) appendix B divides by sigma squared, not by twice that.
    """
    places = (np.arange(side) + 0.5) / side
    squares = (places[None, None, :] - joints[:, 0, None, None]) ** 2
    squares = squares + (places[None, :, None] - joints[:, 1, None, None]) ** 2
    maps = np.exp(-squares / (gauss * sigma**2)) * (joints[:, 2, None, None] > 0)
    return np.asarray(maps, np.float32)


def limb_fields(
    joints: NDArray[np.floating], limbs: Sequence[tuple[int, int]], *, side: int, width: float = 1.0
) -> tuple[Floats, Floats]:
    """Fields (2P, side, side) and weights (2P,) of one person's limbs (joints as `spread`).

    Within `width` pixels of the line from a limb's first to its second joint stands the unit vector
    between them, x in channel 2k and y in 2k + 1; elsewhere 0. Weight 0 where a joint is not
    labelled, or both are at one place.
    """
    fields, weights = (
        np.zeros((2 * len(limbs), side, side), np.float32),
        np.zeros(2 * len(limbs), np.float32),
    )
    points = joints[:, :2] * side - 0.5
    rows, columns = np.mgrid[:side, :side]
    for number, (first, second) in enumerate(limbs):
        along = points[second] - points[first]
        length = float(np.hypot(*along))
        if length == 0 or min(joints[first, 2], joints[second, 2]) <= 0:
            continue
        unit = along / length
        x, y = columns - points[first, 0], rows - points[first, 1]
        ahead, aside = x * unit[0] + y * unit[1], x * unit[1] - y * unit[0]
        near = (ahead >= 0) & (ahead <= length) & (np.abs(aside) <= width)
        fields[2 * number : 2 * number + 2] = unit[:, None, None] * near
        weights[2 * number : 2 * number + 2] = 1
    return fields, weights
