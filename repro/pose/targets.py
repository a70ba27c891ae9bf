"""Key points to training targets of bottom-up networks: Gaussian heatmaps and indices into the tag maps.

Source: HigherHRNet (Cheng et al. 2020, section 3.2) and the associative embedding of Newell et al. 2017; the rounding
rules are those of the released code (truncation, not rounding, so -0.5 falls on pixel 0).
"""

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

    Every labelled joint inside the map adds a Gaussian with peak 1 in a window of 6 sigma + 3 pixels; people merge by
    maximum. Joints with visibility 0 or outside the map add nothing.
    """
    if not sigma > 0:
        raise UsageError(f"sigma must be positive, got {sigma}")
    pixels, usable = _pixels(joints, size)
    maps = np.zeros((joints.shape[1], size, size), np.float32)
    reach = int(3 * sigma + 1)
    window = _window(sigma, reach)
    for person, joint in np.argwhere(usable):
        x, y = pixels[person, joint]
        left, top = max(0, x - reach), max(0, y - reach)
        right, bottom = min(size, x + reach + 1), min(size, y + reach + 1)
        patch = maps[joint, top:bottom, left:right]
        part = window[top - y + reach : bottom - y + reach, left - x + reach : right - x + reach]
        np.maximum(patch, part, out=patch)
    return maps


def _kept(usable: NDArray[np.bool_], max_people: int) -> NDArray[np.int64]:
    """The people that get a slot: all of them, or the first `max_people` that have a usable joint."""
    if len(usable) <= max_people:
        return np.arange(len(usable))
    return np.flatnonzero(usable.any(1))[:max_people]


def tag_joints(joints: NDArray[np.floating], *, size: int, max_people: int = 30) -> NDArray[np.int64]:
    """Where the tag loss reads: (max_people, K, 2) of (flat index into the (K, size, size) tag maps, 1).

    The usable joints of a person are packed from slot 0 in joint order; the other slots are (0, 0). Of more than
    `max_people` people (the released code fails there) the first with a usable joint are kept, see `dropped_people`.
    """
    pixels, usable = _pixels(joints, size)
    keep = _kept(usable, max_people)
    pixels, usable = pixels[keep], usable[keep]
    result = np.zeros((max_people, joints.shape[1], 2), np.int64)
    people, parts = np.nonzero(usable)
    slots = (usable.cumsum(1) - 1)[people, parts]
    x, y = pixels[people, parts].T
    result[people, slots, 0] = (parts * size + y) * size + x
    result[people, slots, 1] = 1
    return result


def dropped_people(joints: NDArray[np.floating], *, size: int, max_people: int = 30) -> int:
    """How many people with a usable joint `tag_joints` has no slot for."""
    _, usable = _pixels(joints, size)
    return max(0, int(usable.any(1).sum()) - max_people)
