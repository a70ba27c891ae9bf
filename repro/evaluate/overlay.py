"""Pictures: people drawn over a photograph."""

import colorsys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repro.people.skeletons import Skeleton

GOLDEN = 0.618  # steps of the colour wheel that keep neighbours apart


def overlay(
    image: NDArray[np.uint8],
    people: NDArray[np.floating[Any]],
    skeleton: Skeleton,
    *,
    threshold: float = 0.1,
    width: int = 0,
) -> NDArray[np.uint8]:
    """A copy of `image` (H, W, 3) uint8 RGB with `people` (P, K, 3: x, y, score) drawn in, a colour
    per person.

    Joints scored below `threshold`, and limbs that end in one, are left out. width: of a limb in
    px, 0 for what suits the picture.
    """
    import cv2

    canvas = np.ascontiguousarray(image).copy()
    width = width or max(1, round(min(image.shape[:2]) / 200))
    for number, person in enumerate(people):
        colour = tuple(
            round(255 * part) for part in colorsys.hsv_to_rgb(number * GOLDEN % 1, 0.85, 1.0)
        )
        points = [(round(float(x)), round(float(y))) for x, y in np.clip(person[:, :2], -1e4, 1e5)]
        shown = person[:, 2] >= threshold
        for first, second in skeleton.limbs:
            if shown[first] and shown[second]:
                cv2.line(canvas, points[first], points[second], colour, width, cv2.LINE_AA)
        for joint in np.flatnonzero(shown):
            cv2.circle(canvas, points[joint], 2 * width, colour, -1, cv2.LINE_AA)
    return canvas
