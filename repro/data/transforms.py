"""Image, joints and loss mask moved together: random affine, mirror, ImageNet normalisation.

Pixels: the centre of the top-left pixel is (0, 0). Pictures are RGB, uint8 before and float32 after
`normalise`. Orientation tags in the files are ignored, as in the papers' code.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from repro.errors import UsageError
from repro.people.sample import Sample
from repro.people.skeletons import Skeleton

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
UNIT = (
    200.0  # source pixels in a scale of 1, the convention of MPII kept by the bottom-up code base
)


@dataclass(frozen=True)
class TrainSample:
    """What a bottom-up network is trained on.

    image: (3, S, S) float32, ImageNet-normalised.
    joints: per output resolution (P, K, 3) float64 in that output's pixels; joints may lie outside.
    masks: per output resolution (h, w) float32 of 0 and 1.
    """

    image: NDArray[np.float32]
    joints: tuple[NDArray[np.float64], ...]
    masks: tuple[NDArray[np.float32], ...]


@dataclass(frozen=True)
class Augmentation:
    """The numbers of HigherHRNet's training, inherited by EfficientHRNet and LitePose.

    scale: factor on the short side of the image, which is the side of the square crop. rotation:
    degrees either way; shift: source pixels either way, times the scale in units of 200 pixels;
    flip: probability.
    """

    scale: tuple[float, float] = (0.75, 1.5)
    rotation: float = 30.0
    shift: float = 40.0
    flip: float = 0.5


PAPER = Augmentation()


# (3, 256) each channel's 256 possible values; looking them up is faster than computing every pixel
_NORMALISED = ((np.arange(256, dtype=np.float32)[:, None] / np.float32(255) - MEAN) / STD).T.copy()
_KEPT = (np.arange(256) > 127.5).astype(np.float32)


def normalise(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W, 3) uint8 RGB to (3, H, W) float32 with ImageNet's mean and standard deviation; a
    fourth is left out."""
    planes = np.empty((3, *image.shape[:2]), np.float32)
    for channel, table, plane in zip(cv2.split(image)[:3], _NORMALISED, planes, strict=True):
        cv2.LUT(channel, table, plane)
    return planes


def affine_matrix(
    centre: tuple[float, float], scale: float, rotation: float, *, size: int
) -> NDArray[np.float64]:
    """(2, 3) matrix from source pixels to a `size` x `size` picture.

    The square of side `scale` * 200 around `centre` (x, y), turned by `rotation` degrees, fills the
    picture.
    """
    ratio = size / (UNIT * scale)
    cos, sin = ratio * math.cos(math.radians(rotation)), ratio * math.sin(math.radians(rotation))
    linear = np.array([[cos, sin], [-sin, cos]])
    moved = size / 2 - linear @ np.asarray(centre, np.float64)
    return np.concatenate([linear, moved[:, None]], axis=1)


def move_joints(joints: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """(P, K, 3) joints under a (2, 3) matrix; visibility is kept."""
    moved = joints.copy()
    moved[..., :2] = joints[..., :2] @ matrix[:, :2].T + matrix[:, 2]
    return moved


def flip_joints(
    joints: NDArray[np.float64], skeleton: Skeleton, *, width: int
) -> NDArray[np.float64]:
    """(P, K, 3) joints in the mirrored picture: x becomes width - x - 1 and left joints become
    right ones."""
    mirrored = joints[:, list(skeleton.flip)].copy()
    mirrored[..., 0] = width - mirrored[..., 0] - 1
    return mirrored


@dataclass(frozen=True)
class _Draw:
    """One random choice: the crop's centre (x, y) and scale, the turn in degrees, whether to
    mirror."""

    centre: tuple[float, float]
    scale: float
    rotation: float
    flip: bool

    def matrix(self, size: int) -> NDArray[np.float64]:
        return affine_matrix(self.centre, self.scale, self.rotation, size=size)


def _shift(rng: np.random.Generator, reach: float) -> int:
    """A whole number of pixels in [-reach, reach), cut toward zero as the original does."""
    limit = int(reach)
    return int(rng.integers(-limit, limit)) if limit else 0


def _choose(size: tuple[int, ...], augmentation: Augmentation, rng: np.random.Generator) -> _Draw:
    height, width = size
    scale = min(height, width) / UNIT * float(rng.uniform(*augmentation.scale))
    rotation = float(rng.uniform(-1, 1)) * augmentation.rotation
    right, down = (_shift(rng, augmentation.shift * scale) for _ in range(2))
    flip = bool(rng.random() < augmentation.flip)
    return _Draw((width / 2 + right, height / 2 + down), scale, rotation, flip)


def warped(
    image: NDArray[np.uint8], matrix: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """(H, W, 3) under a (2, 3) matrix, at `size` (width, height): bilinear, black outside; four
    channels come out.

    To the bit the warp of three channels, and more than twice as fast.
    """
    return np.asarray(
        cv2.warpAffine(cv2.cvtColor(image, cv2.COLOR_RGB2RGBA), matrix, size), np.uint8
    )


def _masks(
    mask: NDArray[np.bool_],
    matrices: Sequence[NDArray[np.float64]],
    sizes: Sequence[int],
    *,
    flip: bool,
) -> tuple[NDArray[np.float32], ...]:
    source = mask.view(np.uint8) * np.uint8(255)
    warped = [
        cv2.warpAffine(source, matrix, (size, size))
        for matrix, size in zip(matrices, sizes, strict=True)
    ]
    return tuple(
        np.asarray(cv2.LUT(cv2.flip(one, 1) if flip else one, _KEPT), np.float32) for one in warped
    )


def bottom_up(
    sample: Sample,
    rng: np.random.Generator,
    *,
    size: int,
    outputs: tuple[int, ...],
    skeleton: Skeleton,
    augmentation: Augmentation = PAPER,
) -> TrainSample:
    """One training example: a `size` x `size` picture, joints and masks at each of the `outputs`
    (pixels per side).

    Outside the source the picture is black and the loss does not count. Raises UsageError when the
    sample has another number of joints than the skeleton.
    """
    if sample.joints.shape[1:] != (len(skeleton), 3):
        raise UsageError(
            f"'{sample.file}' has joints of shape {sample.joints.shape}, skeleton "
            f"'{skeleton.name}' has {len(skeleton)}"
        )
    draw = _choose(sample.image.shape[:2], augmentation, rng)
    image = warped(sample.image, draw.matrix(size), (size, size))
    matrices = [draw.matrix(output) for output in outputs]
    joints = tuple(move_joints(sample.joints, matrix) for matrix in matrices)
    masks = _masks(sample.mask, matrices, outputs, flip=draw.flip)
    if draw.flip:
        image = np.asarray(cv2.flip(image, 1), np.uint8)
        joints = tuple(
            flip_joints(moved, skeleton, width=output)
            for moved, output in zip(joints, outputs, strict=True)
        )
    return TrainSample(normalise(image), joints, masks)
